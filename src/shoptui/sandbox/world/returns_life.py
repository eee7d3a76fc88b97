"""How requests come to be: those there are at the world's first moment, and those buyers make while it runs."""

from __future__ import annotations

from math import log
from random import Random
from typing import TypeVar

from .languages import language_of
from .model import Line, Order, OrderStatus, Role, Store
from .return_talk import NOTES
from .returns_model import MONEY_ONLY, Ask, ReturnCase, ReturnMoment, Stage, Trouble
from .world import World

T = TypeVar("T")

_HOUR = 3600
_DAY = 86_400
_FLOOD_S = 3600
_SMALL_USD_CENTS = 450
_TROUBLES = (
    (Trouble.BROKEN, 0.22),
    (Trouble.NOT_AS_SHOWN, 0.18),
    (Trouble.WRONG_ITEM, 0.14),
    (Trouble.DAMAGED_BOX, 0.14),
    (Trouble.MISSING, 0.12),
    (Trouble.WRONG_SIZE, 0.10),
    (Trouble.NO_LONGER_WANTED, 0.06),
    (Trouble.NOT_RECEIVED, 0.04),
)
#: Shares of the first requests by stage; most wait for the store.
_STAGES = (
    (Stage.ASKED, 0.60),
    (Stage.ARRIVED, 0.12),
    (Stage.ON_WAY, 0.08),
    (Stage.BUYER_SENDS, 0.06),
    (Stage.OFFERED, 0.04),
    (Stage.JUDGED, 0.03),
    (Stage.REFUNDED, 0.05),
    (Stage.WITHDRAWN, 0.02),
)
#: How long the store still has to answer the first requests: share, from, to (seconds).
_LEFT = (
    (0.15, _HOUR, 2 * _HOUR),
    (0.35, 2 * _HOUR, 12 * _HOUR),
    (0.25, 12 * _HOUR, 24 * _HOUR),
    (0.25, 24 * _HOUR, 30 * _DAY),
)
_SMALL_EVERY = 5
_TRIES = 20


class ReturnsLife:
    """Makes requests: so many at the start, and new ones at `rate` per world minute."""

    def __init__(self, world: World, rate: float = 0.0) -> None:
        self._world = world
        self._rate = rate
        self._next_at = 0.0
        world.on("return_arrival", self._arrival)

    def start(self, at: int) -> None:
        """Let the first new request come; without a rate none ever does."""
        if self._rate > 0:
            self._next_at = at + self._gap_s(0)
            self._world.schedule(int(self._next_at), "return_arrival", "1")

    def fill(self, total: int, now: int) -> None:
        """Begin with so many requests, or fewer when there are not so many delivered orders, spread over the stores."""
        if total <= 0:
            return
        rng = Random(f"{self._world.seed}/returns")
        by_store: dict[str, list[Order]] = {}
        for order in self._world.orders.values():
            if order.status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED) and not order.is_platform_fulfilled:
                by_store.setdefault(order.store.id, []).append(order)
        for orders in by_store.values():
            rng.shuffle(orders)
        made = 0
        while made < total and any(by_store.values()):
            for orders in by_store.values():
                if orders and made < total:
                    small = made % _SMALL_EVERY == 0
                    self._first(self._cheap(orders) if small else orders.pop(), rng, made, now, small=small)
                    made += 1

    def ask(
        self,
        order: Order,
        at: int,
        *,
        ask: Ask | None = None,
        trouble: Trouble | None = None,
        part_minor: int | None = None,
        lines: list[Line] | None = None,
        rng: Random | None = None,
    ) -> ReturnCase:
        """An order's buyer asks for money or a return now. What is not given is left to chance. Raises Refused."""
        rng = rng or Random(f"{self._world.seed}/asks return/{order.id}/{at}")
        trouble = trouble or _pick(rng, _TROUBLES)
        if trouble is Trouble.NOT_RECEIVED and order.status is OrderStatus.COMPLETED:
            trouble = Trouble.BROKEN
        if ask is None:
            ask = Ask.REPLACE if rng.random() < 0.06 else (Ask.RETURN if rng.random() < 0.5 else Ask.REFUND)
            if part_minor is not None or trouble in MONEY_ONLY:
                ask = Ask.REFUND
        free = self._world.returns.free_lines(order)
        chosen = lines if lines is not None else (free if rng.random() < 0.6 else free[:1])
        words = NOTES[language_of(order.store.region, rng.random())][trouble]
        shown = 0 if trouble is Trouble.NOT_RECEIVED else rng.choice((0, 1, 2, 3))
        number = len(self._world.returns)
        return self._world.returns.open_case(
            order,
            chosen,
            ask,
            trouble,
            at,
            note=rng.choice(words),
            pictures=tuple(f"https://pictures.example/returns/{number}-{n}.jpg" for n in range(1, shown + 1)),
            part_minor=part_minor,
            with_shipping=rng.random() < 0.3,
        )

    def bring_to(self, case: ReturnCase, stage: Stage, at: int, now: int, left_s: int | None = None) -> None:
        """Take a fresh request to a stage it reached at `at`; `left_s` is how long that stage lasts from `now`."""
        rules, returns = self._world.returns.rules_of(case.store), self._world.returns
        lengths = {
            Stage.ASKED: rules.answer_s,
            Stage.ARRIVED: rules.inspect_s,
            Stage.OFFERED: rules.offer_s,
            Stage.BUYER_SENDS: rules.send_s,
        }
        due_at = None if stage not in lengths else (at + lengths[stage] if left_s is None else now + left_s)
        if stage in (Stage.BUYER_SENDS, Stage.ON_WAY, Stage.ARRIVED):
            case.moments.append(ReturnMoment(at - (at - case.created_at) // 2, Role.SELLER, "agreed"))
        if stage in (Stage.ON_WAY, Stage.ARRIVED):
            case.sent_at = at - (at - case.created_at) // 3 if stage is Stage.ARRIVED else at
            case.tracking = returns.tracking_of(case)
            case.moments.append(ReturnMoment(case.sent_at, Role.BUYER, "sent", case.tracking))
        match stage:
            case Stage.ARRIVED:
                case.arrived_at = at
                case.moments.append(ReturnMoment(at, Role.SYSTEM, "arrived"))
            case Stage.OFFERED:
                case.offer_minor, case.offers = self._world.price_of(case.store, case.asked_minor // 2), 1
                case.moments.append(ReturnMoment(at, Role.SELLER, "offered", str(case.offer_minor)))
            case Stage.JUDGED:
                case.disputed = True
                case.moments.append(ReturnMoment(at, Role.BUYER, "complained"))
            case Stage.REFUNDED:
                returns.pay_now(case, at)
                return
            case Stage.WITHDRAWN:
                returns.withdraw(case, at)
                return
            case _:
                pass
        returns.place(case, stage, at, now, due_at)

    # --- the first ones -----------------------------------------------------------------------------------

    def _cheap(self, orders: list[Order]) -> Order:
        """Take out the order with the cheapest single item among the next few."""
        best = min(orders[-8:], key=lambda order: min(line.paid_minor for line in order.lines if line.paid_minor > 0))
        orders.remove(best)
        return best

    def _first(self, order: Order, rng: Random, number: int, now: int, *, small: bool) -> None:
        returns, rules = self._world.returns, self._world.returns.rules_of(order.store)
        # Steps of the golden ratio give every stage its share in small worlds too.
        stage = _pick_at((number * 0.618034) % 1.0, _STAGES)
        lines = part = None
        if small:
            stage = Stage.ASKED
            cheapest = min(returns.free_lines(order), key=lambda line: line.paid_minor, default=None)
            if cheapest is not None:
                lines, limit = [cheapest], self._world.price_of_usd(order.store, _SMALL_USD_CENTS)
                part = None if cheapest.paid_minor <= limit else limit
        if not returns.free_lines(order):
            return
        delivered_at = order.delivered_at or order.updated_at
        if stage is Stage.ASKED:
            low, high = _pick_window((number * 0.414214) % 1.0)
            left_s = rng.randint(low, max(low, min(high, rules.answer_s - 600)))
            created_at = now - rules.answer_s + left_s
            asked = self.ask(order, max(created_at, delivered_at), lines=lines, part_minor=part, rng=rng)
            if asked.ask is Ask.REPLACE:
                left_s = min(left_s, rules.replace_answer_s - 600)
            self.bring_to(asked, Stage.ASKED, asked.created_at, now, left_s)
            return
        goods = stage in (Stage.BUYER_SENDS, Stage.ON_WAY, Stage.ARRIVED)
        created_at = max(delivered_at + 60, now - rng.randint(2 * _DAY, 6 * _DAY))
        at = now - rng.randint(600, max(601, min(rules.inspect_s - _HOUR, now - created_at)))
        trouble = rng.choice((Trouble.BROKEN, Trouble.NOT_AS_SHOWN, Trouble.WRONG_SIZE)) if goods else None
        case = self.ask(order, min(created_at, at - 60), ask=Ask.RETURN if goods else None, trouble=trouble, rng=rng)
        if stage is Stage.OFFERED and not rules.offers:
            stage = Stage.JUDGED
        if stage is Stage.ARRIVED and case.platform_checks:
            stage = Stage.ON_WAY
        self.bring_to(case, stage, at, now)

    # --- while the world runs -----------------------------------------------------------------------------

    def _arrival(self, number_text: str, at: int) -> None:
        number = int(number_text)
        stores = list(self._world.stores.values())
        store = stores[self._world.between(0, len(stores) - 1, "return store", number)]
        order = self._order_for(store, number)
        if order is not None:
            self.ask(order, at)
        # After a jump of the clock only the last hour's requests come, not days of them.
        earliest = self._world.clocks.world_now() - _FLOOD_S
        self._next_at = max(self._next_at + self._gap_s(number), earliest)
        self._world.schedule(int(self._next_at), "return_arrival", str(number + 1))

    def _order_for(self, store: Store, number: int) -> Order | None:
        """One of the store's delivered orders about which something may still be asked; not every one is looked at."""
        for status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED):
            found = self._world.orders_of(store.id, status)
            for turn in range(min(_TRIES, len(found))):
                order = found[self._world.between(0, len(found) - 1, "return order", number, turn)]
                if self._world.returns.free_lines(order) and not order.is_platform_fulfilled:
                    return order
        return None

    def _gap_s(self, number: int) -> float:
        return -log(1 - self._world.chance("return gap", number)) * 60 / self._rate


def _pick(rng: Random, shares: tuple[tuple[Trouble, float], ...]) -> Trouble:
    return _pick_at(rng.random(), shares)


def _pick_at(roll: float, shares: tuple[tuple[T, float], ...]) -> T:
    for what, share in shares:
        roll -= share
        if roll < 0:
            return what
    return shares[0][0]


def _pick_window(roll: float) -> tuple[int, int]:
    for share, low, high in _LEFT:
        roll -= share
        if roll < 0:
            return low, high
    return _LEFT[0][1:]

"""The requests of buyers for money or a return: asking, the store's answers, the way back, judging, paying."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from .model import Line, Order, OrderStatus, Role, Store
from .refusal import Reason, Refused
from .returns_model import (
    MONEY_ONLY,
    Ask,
    Refund,
    ReturnCase,
    ReturnMoment,
    ReturnRules,
    ReturnUnit,
    Stage,
    Trouble,
)

if TYPE_CHECKING:
    from .world import World

PAID_AFTER_S = 3600
"""From the yes to the money."""
_COMES_BACK = frozenset({OrderStatus.DELIVERED, OrderStatus.COMPLETED})
_COMPLAINABLE = _COMES_BACK | {OrderStatus.IN_TRANSIT}
_PAID = frozenset({Stage.ACCEPTED, Stage.REFUNDED, Stage.REPLACED})
_DECIDE_S = (20 * 3600, 3 * 86_400)
_DISPATCH_S = (4 * 3600, 60 * 3600)
_TRAVEL_S = (20 * 3600, 4 * 86_400)
_BUYER_THINKS_S = (20 * 60, 20 * 3600)
_COMPLAINS = 0.35
_TAKES_OFFER = 0.6
_COUNTERS = 0.4
_NEVER_SENDS = 0.06
_BUYER_IS_RIGHT = 0.5


class Returns:
    """All requests. Every change ends in `_moved`, which records it and says what is waited for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cases: dict[tuple[str, str], ReturnCase] = {}
        self._of_store: dict[str, list[tuple[int, str]]] = {}
        self._of_order: dict[str, list[ReturnCase]] = {}
        self._numbered: list[ReturnCase] = []
        self.refunds: list[Refund] = []
        """What has been paid, in order of time."""
        self.pictures: dict[str, int] = {}
        """Addresses of pictures that stores uploaded, with their sizes in bytes."""
        world.on("return_due", self._due)
        world.on("return_paid", self._paid)
        world.on("return_step", self._step)

    # --- finding ------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._numbered)

    def of_store(self, store: Store) -> list[ReturnCase]:
        """A store's requests, the oldest first."""
        return [self._cases[store.id, key[1]] for key in self._of_store.get(store.id, [])]

    def of_order(self, order: Order) -> list[ReturnCase]:
        """An order's requests, the oldest first; one order may have several."""
        return self._of_order.get(order.id, [])

    def case_of(self, store: Store, return_id: str) -> ReturnCase | None:
        """The store's request, None when it does not exist or belongs to another store."""
        return self._cases.get((store.id, return_id))

    def every(self) -> list[ReturnCase]:
        return list(self._numbered)

    def rules_of(self, store: Store) -> ReturnRules:
        return self._world.market_of(store).returns

    def tracking_of(self, case: ReturnCase) -> str:
        """The number of the parcel the goods come back in."""
        return f"{case.carrier.prefix}R{self._world.between(10**8, 10**9 - 1, 'return parcel', case.id)}"

    def free_lines(self, order: Order) -> list[Line]:
        """Units of an order about which nothing has been asked yet, or asked in vain."""
        taken = {
            unit.line.id
            for case in self.of_order(order)
            if case.stage not in (Stage.WITHDRAWN, Stage.REFUSED)
            for unit in case.units
        }
        return [line for line in order.open_lines if line.id not in taken and line.paid_minor > 0]

    # --- the buyer ----------------------------------------------------------------------------------------

    def open_case(
        self,
        order: Order,
        lines: list[Line],
        ask: Ask,
        trouble: Trouble,
        at: int,
        *,
        note: str = "",
        pictures: tuple[str, ...] = (),
        part_minor: int | None = None,
        with_shipping: bool = False,
    ) -> ReturnCase:
        """A buyer asks for money, with or without sending goods back. `part_minor` is a part of the price, if wished.

        Raises Refused for an order or units nothing can be asked about.
        """
        if order.status not in (_COMPLAINABLE if trouble is Trouble.NOT_RECEIVED else _COMES_BACK):
            raise Refused(Reason.WRONG_STATE, f"an order that is {order.status} cannot be returned")
        free = {line.id for line in self.free_lines(order)}
        if not lines or any(line.id not in free for line in lines):
            raise Refused(Reason.REQUEST_RUNNING, "these items are part of another request")
        rules = self.rules_of(order.store)
        if trouble in MONEY_ONLY:
            ask = Ask.REFUND
        if ask is Ask.REPLACE and not rules.replaces:
            ask = Ask.RETURN
        case = self._new(order, lines, ask, trouble, at, part_minor, with_shipping)
        case.note, case.pictures = note, pictures
        case.moments.append(ReturnMoment(at, Role.BUYER, "asked", note, pictures))
        self._moved(case, Stage.ASKED, at, self._answer_by(case, at))
        return case

    def _new(
        self,
        order: Order,
        lines: list[Line],
        ask: Ask,
        trouble: Trouble,
        at: int,
        part_minor: int | None,
        with_shipping: bool,
    ) -> ReturnCase:
        store, rules, number = order.store, self.rules_of(order.store), len(self._numbered)
        return_id = rules.ids.nth(number, at)
        step = rules.unit_step
        units = [
            ReturnUnit(str(int(return_id) + at_line * step) if step else "", line, line.paid_minor)
            for at_line, line in enumerate(lines, 1)
        ]
        if part_minor is not None:
            _spread(units, part_minor)
        fee = order.shipping_fee_minor - order.shipping_discount_minor
        whole = rules.pays_shipping and with_shipping and part_minor is None and len(lines) == len(order.lines)
        case = ReturnCase(
            id=return_id,
            number=number,
            store=store,
            order=order,
            ask=ask,
            trouble=trouble,
            reason=rules.words[trouble],
            note="",
            pictures=(),
            units=units,
            shipping_minor=fee if whole else 0,
            created_at=at,
            updated_at=at,
            stage=Stage.ASKED,
            warehouse=next((one for one in store.warehouses if one.is_return), store.warehouses[0]),
            carrier=order.carrier,
            platform_checks=ask is not Ask.REFUND
            and self._world.chance("platform checks", return_id) < rules.platform_checks_share,
        )
        self._numbered.append(case)
        self._cases[store.id, case.id] = case
        insort(self._of_store.setdefault(store.id, []), (at, case.id))
        self._of_order.setdefault(order.id, []).append(case)
        return case

    def withdraw(self, case: ReturnCase, at: int, by: Role = Role.BUYER) -> None:
        """The buyer takes the request back. Raises Refused once it is over."""
        if not case.is_open:
            raise Refused(Reason.REQUEST_FINISHED, f"the request is {case.stage}")
        case.moments.append(ReturnMoment(at, by, "withdrawn"))
        self._end(case, Stage.WITHDRAWN, at)

    def send_back(self, case: ReturnCase, at: int) -> None:
        """The buyer hands the goods to the carrier. Raises Refused when none are to come back now."""
        self._need(case, Stage.BUYER_SENDS)
        case.tracking = self.tracking_of(case)
        case.sent_at = at
        case.moments.append(ReturnMoment(at, Role.BUYER, "sent", case.tracking))
        self._moved(case, Stage.ON_WAY, at, None)
        self._later(case, at, _TRAVEL_S, "travel")

    def arrive(self, case: ReturnCase, at: int) -> None:
        """The goods are back; the store looks at them, or the platform does."""
        self._need(case, Stage.ON_WAY)
        case.arrived_at = at
        case.moments.append(ReturnMoment(at, Role.SYSTEM, "arrived"))
        rules = self.rules_of(case.store)
        if case.platform_checks:
            self._moved(case, Stage.JUDGED, at, None)
            self._later(case, at, _DECIDE_S, "judge")
        else:
            self._moved(case, Stage.ARRIVED, at, at + rules.inspect_s)

    def take_offer(self, case: ReturnCase, at: int) -> None:
        self._need(case, Stage.OFFERED)
        case.moments.append(ReturnMoment(at, Role.BUYER, "took_offer"))
        self._as_offered(case, at)

    def decline_offer(self, case: ReturnCase, at: int, counter_minor: int | None = None) -> None:
        """The buyer does not want the offer; `counter_minor` is what they would take instead, if anything."""
        self._need(case, Stage.OFFERED)
        case.offer_declined = counter_minor is None
        if counter_minor is not None:
            case.offer_minor, case.offer_by = counter_minor, Role.BUYER
        case.moments.append(ReturnMoment(at, Role.BUYER, "declined_offer" if counter_minor is None else "countered"))
        if case.arrived_at is not None:
            self._moved(case, Stage.ARRIVED, at, at + self.rules_of(case.store).inspect_s)
        else:
            self._moved(case, Stage.ASKED, at, self._answer_by(case, at))

    def complain(self, case: ReturnCase, at: int) -> None:
        """The buyer does not accept the store's refusal and asks the platform."""
        if case.stage not in (Stage.REFUSED, Stage.GOODS_REFUSED):
            raise Refused(Reason.WRONG_STATE, f"the request is {case.stage}")
        case.moments.append(ReturnMoment(at, Role.BUYER, "complained"))
        self._to_judge(case, at)

    def judge(self, case: ReturnCase, for_buyer: bool, at: int) -> None:
        """The platform decides. Raises Refused when it was not asked to."""
        self._need(case, Stage.JUDGED)
        case.verdict = "buyer" if for_buyer else "seller"
        case.moments.append(ReturnMoment(at, Role.SYSTEM, f"judged_for_{case.verdict}"))
        if for_buyer:
            self._accept(case, case.asked_minor, at)
        else:
            self._end(case, Stage.GOODS_REFUSED if case.arrived_at else Stage.REFUSED, at)

    # --- the store ----------------------------------------------------------------------------------------

    def agree(self, case: ReturnCase, at: int, *, keep_goods: bool = False, by: Role = Role.SELLER) -> None:
        """Yes to the request: the goods may come back, or the money goes at once. Raises Refused."""
        self._check(case, Stage.ASKED, yes=True)
        case.keeps_goods = keep_goods and case.ask is not Ask.REFUND
        what = "agreed_refund" if keep_goods or case.ask is Ask.REFUND else "agreed"
        case.moments.append(ReturnMoment(at, by, what if by is Role.SELLER else f"auto_{what}"))
        if case.ask is Ask.REPLACE and not keep_goods:
            self._end(case, Stage.REPLACED, at)
            return
        if not case.goods_move:
            self._accept(case, case.asked_minor, at)
            return
        self._moved(case, Stage.BUYER_SENDS, at, at + self.rules_of(case.store).send_s)
        if self._world.chance("never sends", case.id) >= _NEVER_SENDS:
            self._later(case, at, _DISPATCH_S, "dispatch")

    def pay_now(self, case: ReturnCase, at: int) -> None:
        """Money for a request at any stage before its end, without waiting for goods. Raises Refused."""
        if case.stage not in (Stage.BUYER_SENDS, Stage.ON_WAY, Stage.ARRIVED):
            self._check(case, Stage.ASKED, yes=True)
        case.keeps_goods = case.arrived_at is None and case.ask is not Ask.REFUND
        case.moments.append(ReturnMoment(at, Role.SELLER, "agreed_refund"))
        self._accept(case, case.asked_minor, at)

    def refuse(
        self, case: ReturnCase, reason: str, at: int, *, comment: str = "", pictures: tuple[str, ...] = ()
    ) -> None:
        """No to the request. Raises Refused."""
        self._check(case, Stage.ASKED, yes=False)
        self._say_no(case, reason, comment, pictures, at, Stage.REFUSED)

    def offer(self, case: ReturnCase, amount_minor: int, at: int, *, with_return: bool = False) -> None:
        """A part of the money, for the buyer to take or leave. Raises Refused, AMOUNT for more than was asked.

        For goods that have come back it is what the store would pay for them as they are.
        """
        self._check(case, Stage.ARRIVED if case.arrived_at is not None else Stage.ASKED, yes=True)
        if not self.rules_of(case.store).offers:
            raise Refused(Reason.WRONG_FLOW, "there are no offers in this market")
        if not 0 < amount_minor <= case.asked_minor:
            raise Refused(Reason.AMOUNT, "the amount is above what can be refunded")
        case.offer_minor, case.offer_by, case.offer_declined = amount_minor, Role.SELLER, False
        case.offer_of_return = with_return
        case.offers += 1
        case.moments.append(ReturnMoment(at, Role.SELLER, "offered", str(amount_minor)))
        self._moved(case, Stage.OFFERED, at, at + self.rules_of(case.store).offer_s)
        self._later(case, at, _BUYER_THINKS_S, "offer")

    def take_counter(self, case: ReturnCase, at: int) -> None:
        """The store takes what the buyer named instead. Raises Refused when the buyer named nothing."""
        self._check(case, Stage.ASKED, yes=True)
        if case.offer_minor is None or case.offer_by is not Role.BUYER:
            raise Refused(Reason.NO_OFFER, "the buyer has made no offer")
        case.moments.append(ReturnMoment(at, Role.SELLER, "took_offer"))
        self._as_offered(case, at)

    def confirm_goods(self, case: ReturnCase, at: int) -> None:
        """The store says that the parcel has come. Raises Refused when it has not, or was said before."""
        self._check(case, Stage.ARRIVED, yes=True)
        if case.goods_confirmed:
            raise Refused(Reason.WRONG_STATE, "the delivery is confirmed already")
        case.goods_confirmed = True
        case.moments.append(ReturnMoment(at, Role.SELLER, "confirmed_delivery"))
        self._moved(case, Stage.ARRIVED, at, case.due_at)

    def accept_goods(self, case: ReturnCase, at: int, *, by: Role = Role.SELLER) -> None:
        """The goods are as they should be. Raises Refused."""
        self._check(case, Stage.ARRIVED, yes=True)
        case.moments.append(ReturnMoment(at, by, "goods_ok" if by is Role.SELLER else "auto_goods_ok"))
        self._accept(case, case.offer_minor if case.offer_of_return and case.offer_minor else case.asked_minor, at)

    def refuse_goods(
        self, case: ReturnCase, reason: str, at: int, *, comment: str = "", pictures: tuple[str, ...] = ()
    ) -> None:
        """The goods are not what was sent. Raises Refused."""
        self._check(case, Stage.ARRIVED, yes=False)
        if case.platform_checks:
            raise Refused(Reason.PLATFORM_DECIDES, "the platform decides about these goods")
        self._say_no(case, reason, comment, pictures, at, Stage.GOODS_REFUSED)

    def answer_units(self, case: ReturnCase, answers: dict[str, bool], at: int) -> None:
        """Remember the answers for some units while others still wait for theirs."""
        case.unit_answers = answers
        self._moved(case, case.stage, at, case.due_at)

    def drop_units(self, case: ReturnCase, units: list[ReturnUnit]) -> None:
        """The request goes on without these units."""
        case.dropped += units
        case.units = [unit for unit in case.units if unit not in units]
        case.unit_answers = {}

    # --- by themselves ------------------------------------------------------------------------------------

    def place(self, case: ReturnCase, stage: Stage, at: int, now: int, due_at: int | None) -> None:
        """Put a request into a stage it reached at `at`; what follows by itself comes some time after `now`.

        For the first filling and for tests: what a stage needs, such as a tracking number, is the caller's to set.
        """
        self._moved(case, stage, at, due_at)
        self._resume(case, now)

    def _resume(self, case: ReturnCase, at: int) -> None:
        match case.stage:
            case Stage.OFFERED:
                self._later(case, at, _BUYER_THINKS_S, "offer")
            case Stage.BUYER_SENDS:
                self._later(case, at, _DISPATCH_S, "dispatch")
            case Stage.ON_WAY:
                self._later(case, at, _TRAVEL_S, "travel")
            case Stage.JUDGED:
                self._later(case, at, _DECIDE_S, "judge")
            case _:
                return

    def _due(self, target: str, at: int) -> None:
        """A deadline passed: the platform decides for the buyer where the store kept silent."""
        case = self._numbered[int(target)]
        if case.due_at != at:
            return
        match case.stage:
            case Stage.ASKED:
                self.agree(case, at, by=Role.SYSTEM)
            case Stage.ARRIVED:
                self.accept_goods(case, at, by=Role.SYSTEM)
            case Stage.OFFERED:
                self.decline_offer(case, at)
            case Stage.BUYER_SENDS:
                self.withdraw(case, at, Role.SYSTEM)
            case _:
                return

    def _step(self, target: str, at: int) -> None:
        """Something a buyer, a carrier or the platform was about to do, if it still applies."""
        number, kind, updated_at = target.split("|")
        case = self._numbered[int(number)]
        if case.updated_at != int(updated_at):
            return
        roll = self._world.chance(kind, case.id, updated_at)
        match kind, case.stage:
            case "dispatch", Stage.BUYER_SENDS:
                self.send_back(case, at)
            case "travel", Stage.ON_WAY:
                self.arrive(case, at)
            case "judge", Stage.JUDGED:
                self.judge(case, roll < _BUYER_IS_RIGHT, at)
            case "complain", (Stage.REFUSED | Stage.GOODS_REFUSED):
                self.complain(case, at)
            case "offer", Stage.OFFERED if roll < _TAKES_OFFER:
                self.take_offer(case, at)
            case "offer", Stage.OFFERED:
                can = self.rules_of(case.store).counters and case.offers < 2 and roll < _TAKES_OFFER + _COUNTERS / 2
                middle = (case.asked_minor + (case.offer_minor or 0)) // 2
                counter = self._world.price_of(case.store, middle) if can else None
                self.decline_offer(case, at, counter)
            case _:
                return

    def _paid(self, target: str, at: int) -> None:
        case = self._numbered[int(target)]
        if case.stage is not Stage.ACCEPTED:
            return
        self.refunds.append(
            Refund(case.id, case.order, tuple(case.units), at, case.paid_minor, case.arrived_at is not None)
        )
        case.moments.append(ReturnMoment(at, Role.SYSTEM, "paid"))
        self._moved(case, Stage.REFUNDED, at, None)

    # --- inside -------------------------------------------------------------------------------------------

    def _answer_by(self, case: ReturnCase, at: int) -> int:
        rules = self.rules_of(case.store)
        return at + (rules.replace_answer_s if case.ask is Ask.REPLACE else rules.answer_s)

    def _need(self, case: ReturnCase, stage: Stage) -> None:
        if case.stage is not stage:
            raise Refused(Reason.WRONG_STATE, f"the request is {case.stage}")

    def _check(self, case: ReturnCase, stage: Stage, *, yes: bool) -> None:
        """Raises Refused unless the store may answer at this stage; `yes` is what it wants to say."""
        if case.stage is stage:
            return
        agreed = _PAID if stage is Stage.ARRIVED else _PAID | {Stage.BUYER_SENDS, Stage.ON_WAY, Stage.ARRIVED}
        if case.stage is Stage.JUDGED:
            raise Refused(Reason.PLATFORM_DECIDES, "the platform decides this request")
        if case.stage is Stage.WITHDRAWN:
            raise Refused(Reason.REQUEST_FINISHED, "the request is withdrawn")
        if case.stage in agreed:
            raise Refused(Reason.ALREADY_APPROVED if yes else Reason.CANNOT_REJECT, "the request is approved already")
        if case.stage in (Stage.REFUSED, Stage.GOODS_REFUSED):
            raise Refused(Reason.REQUEST_FINISHED if yes else Reason.ALREADY_REFUSED, "the request is refused already")
        raise Refused(Reason.WRONG_STATE, f"the request is {case.stage}")

    def _as_offered(self, case: ReturnCase, at: int) -> None:
        if case.offer_of_return:
            self._moved(case, Stage.BUYER_SENDS, at, at + self.rules_of(case.store).send_s)
            self._later(case, at, _DISPATCH_S, "dispatch")
            return
        case.keeps_goods = case.ask is not Ask.REFUND and case.arrived_at is None
        self._accept(case, case.offer_minor or 0, at)

    def _say_no(
        self, case: ReturnCase, reason: str, comment: str, pictures: tuple[str, ...], at: int, stage: Stage
    ) -> None:
        case.refusal_reason, case.refusal_comment, case.refusal_pictures = reason, comment, pictures
        case.moments.append(ReturnMoment(at, Role.SELLER, stage.value, comment or reason, pictures))
        if self.rules_of(case.store).refusal_is_judged:
            self._to_judge(case, at)
            return
        self._end(case, stage, at)
        if self._world.chance("complains", case.id, stage) < _COMPLAINS:
            self._later(case, at, _BUYER_THINKS_S, "complain")

    def _to_judge(self, case: ReturnCase, at: int) -> None:
        case.disputed, case.ended_at = True, None
        self._moved(case, Stage.JUDGED, at, None)
        self._later(case, at, _DECIDE_S, "judge")

    def _accept(self, case: ReturnCase, amount_minor: int, at: int) -> None:
        case.paid_minor, case.ended_at = amount_minor, at
        self._moved(case, Stage.ACCEPTED, at, None)
        self._world.schedule(at + PAID_AFTER_S, "return_paid", str(case.number))

    def _end(self, case: ReturnCase, stage: Stage, at: int) -> None:
        case.ended_at = at
        self._moved(case, stage, at, None)

    def _later(self, case: ReturnCase, at: int, window_s: tuple[int, int], kind: str) -> None:
        wait_s = self._world.between(*window_s, kind, case.id, case.updated_at)
        self._world.schedule(at + wait_s, "return_step", f"{case.number}|{kind}|{case.updated_at}")

    def _moved(self, case: ReturnCase, stage: Stage, at: int, due_at: int | None) -> None:
        case.stage, case.due_at = stage, due_at
        # Later than every version before, so that readers who know the last one see this one too.
        case.updated_at = max(at, case.updated_at)
        if due_at is not None:
            self._world.schedule(due_at, "return_due", str(case.number))
        order = case.order
        order.has_open_return = any(one.is_open for one in self.of_order(order))
        if order.indexed is not None:
            self._world.touch(order, at)


def _spread(units: list[ReturnUnit], total_minor: int) -> None:
    """Spread a part of the price over the units; the last one takes what does not divide."""
    share, rest = divmod(total_minor, len(units))
    for unit in units:
        unit.refund_minor = share
    units[-1].refund_minor += rest

"""Filling the world for its first moment: stores and orders in a believable mix of states and ages."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from ..clock import Clocks
from ..settings import Settings
from . import shipping
from .catalogue import add_catalogue
from .chat_history import fill_chats
from .invent import begin_handling, invent_order, invent_store, make_parcels, pack
from .life import Life
from .market import Market
from .model import (
    CancelRequest,
    CancelState,
    DeliveryOption,
    Flaw,
    FlawKind,
    Flow,
    Order,
    OrderStatus,
    Package,
    PackageStatus,
    Packing,
    Role,
    Shipping,
    Store,
)
from .regions import REGIONS
from .stock_fill import make_tight
from .world import World, pick_store

_HOUR = 3600
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Plan:
    """How a share of the first orders looks: `due` is the window (seconds from now) of the arrange deadline."""

    share: float
    status: OrderStatus
    due: tuple[int, int] | None = None


MIX = (
    Plan(0.030, OrderStatus.UNPAID),
    Plan(0.025, OrderStatus.ON_HOLD),
    Plan(0.002, OrderStatus.TO_SHIP, (-20 * _HOUR, -600)),
    Plan(0.020, OrderStatus.TO_SHIP, (120, 2 * _HOUR)),
    Plan(0.070, OrderStatus.TO_SHIP, (2 * _HOUR, 12 * _HOUR)),
    Plan(0.080, OrderStatus.TO_SHIP, (12 * _HOUR, 24 * _HOUR)),
    Plan(0.163, OrderStatus.TO_SHIP, (24 * _HOUR, 56 * _HOUR)),
    Plan(0.010, OrderStatus.PARTLY_ARRANGED, (2 * _HOUR, 24 * _HOUR)),
    Plan(0.130, OrderStatus.ARRANGED),
    Plan(0.160, OrderStatus.IN_TRANSIT),
    Plan(0.100, OrderStatus.DELIVERED),
    Plan(0.150, OrderStatus.COMPLETED),
    Plan(0.060, OrderStatus.CANCELLED),
)
_MIX_STEPS = tuple(accumulate(plan.share for plan in MIX))

_FLAW_EVERY = 45
_FLAW_LIMIT = 60
_FLAW_LASTS_S = 30 * 60


def build_world(
    *,
    clocks: Clocks,
    settings: Settings,
    markets: Sequence[Market],
    seed: int,
    stores: int,
    orders: int,
    rate: float,
    regions: tuple[str, ...] = (),
    chats: int = 0,
    chat_rate: float = 0.0,
    returns: int = 0,
    return_rate: float = 0.0,
    skus: int = 0,
    is_tight: bool = False,
) -> tuple[World, Life]:
    """A filled world and its life. Equal arguments at an equal world time make equal worlds.

    The stores are dealt to the marketplaces in turn. `regions` names the countries of the stores in turn; empty takes
    each marketplace's usual order. `chats` is how many conversations there are, `chat_rate` new questions per minute;
    `returns` and `return_rate` are the same for buyers' requests for money or a return. There are at least `skus`
    different sellers' codes, many of them in several stores; `is_tight` lets their stock run out.
    """
    world = World(clocks, seed, settings, {market.name: market for market in markets})
    life = Life(world, rate, chat_rate, return_rate)
    now = clocks.started_at
    rng = Random(f"{seed}/build")
    buyers = max(25, min(1500, orders // (max(1, stores) * 3)))
    for number in range(stores):
        turn, at = divmod(number, len(markets))
        market = markets[at]
        region = regions[number % len(regions)] if regions else market.store_regions[turn % len(market.store_regions)]
        invent_store(world, rng, market, REGIONS[region], turn, buyers)
    if skus:
        add_catalogue(world, skus)
    # The collector would walk all the objects made here again and again, for nothing: none is garbage.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        _Filler(world, life, rng, now).fill(orders)
        if is_tight:
            make_tight(world, rate)
        fill_chats(world, chats, now)
        life.returns.fill(returns, now)
    finally:
        if was_collecting:
            gc.enable()
    life.start(now)
    life.chats.start(now)
    life.returns.start(now)
    return world, life


class _Filler:
    """Invents the first orders and takes each to its state, with the times it would have passed on the way."""

    def __init__(self, world: World, life: Life, rng: Random, now: int) -> None:
        self.world = world
        self.life = life
        self.rng = rng
        self.now = now
        self.events: list[tuple[int, str, str]] = []
        self.orders: list[Order] = []
        self.waiting = 0
        self.flaws = 0

    def fill(self, total: int) -> None:
        stores = list(self.world.stores.values())
        if not stores:
            return
        holding = [store for store in stores if store.has_hold] or stores
        for number in range(total):
            # Small worlds get every state in turn; in large ones chance alone comes out right.
            plan = MIX[_first_above(_MIX_STEPS, ((number * 0.618034) % 1.0) * _MIX_STEPS[-1])]
            among = holding if plan.status is OrderStatus.ON_HOLD else stores
            store = pick_store(among, self.rng.random())
            self.orders.append(self._order(store, plan))
        self.world.load_orders(self.orders)
        self.world.schedule_many(self.events)

    def _between(self, low: int, high: int) -> int:
        return low + int(self.rng.random() * (high - low + 1))

    def _order(self, store: Store, plan: Plan) -> Order:
        match plan.status:
            case OrderStatus.UNPAID:
                return self._unpaid(store)
            case OrderStatus.ON_HOLD:
                return self._on_hold(store) if self.world.market_of(store).hold_s else self._unpaid(store)
            case OrderStatus.CANCELLED:
                return self._cancelled(store)
            case OrderStatus.TO_SHIP | OrderStatus.PARTLY_ARRANGED:
                parts = 3 if plan.status is OrderStatus.PARTLY_ARRANGED else 1
                order = self._to_ship(store, plan.due or (0, _DAY), parts)
                if plan.status is OrderStatus.PARTLY_ARRANGED:
                    self._arrange_first_part(order)
                else:
                    self._spice(order)
                return order
            case _:
                return self._on_its_way(store, plan.status)

    # --- states -------------------------------------------------------------------------------------------

    def _unpaid(self, store: Store) -> Order:
        order = invent_order(self.world, self.rng, store, self.now - self._between(60, 20 * _HOUR))
        timeout_at = order.created_at + self.world.market_of(store).unpaid_s
        order.is_cod = False
        if self.rng.random() < 0.6:
            self.events.append((self.now + self._between(300, 4 * _HOUR), "pay", order.id))
        self.events.append((timeout_at, "unpaid_timeout", order.id))
        return order

    def _on_hold(self, store: Store) -> Order:
        hold_s = self.world.market_of(store).hold_s
        paid_at = self.now - self._between(30, hold_s - 60)
        order = invent_order(self.world, self.rng, store, paid_at - self._between(20, 300))
        order.status, order.paid_at, order.hold_until = OrderStatus.ON_HOLD, paid_at, paid_at + hold_s
        if store.region == "US" and self.rng.random() < 0.6:
            # A pre-order stays on hold until a day before its release.
            order.release_at = self.now + self._between(3 * _DAY, 10 * _DAY)
            order.hold_until = order.release_at - _DAY
        order.updated_at = paid_at
        make_parcels(self.world, order, paid_at)
        self.events.append((order.hold_until, "release_hold", order.id))
        return order

    def _handled(
        self, store: Store, handling_from: int, option: DeliveryOption | None = None, min_kinds: int = 1
    ) -> Order:
        """A paid order whose handling began at the given time."""
        hold_s = self.world.market_of(store).hold_s if store.has_hold else 0
        paid_at = handling_from - hold_s
        created_at = paid_at - self._between(20, 900)
        order = invent_order(self.world, self.rng, store, created_at, option, min_kinds)
        order.paid_at = paid_at
        order.hold_until = handling_from if hold_s else None
        order.updated_at = handling_from
        begin_handling(self.world, order, handling_from)
        if len(order.lines) > 1 and self.rng.random() < 0.08:
            self._make_split_parcels(order, handling_from)
        else:
            make_parcels(self.world, order, handling_from)
        return order

    def _make_split_parcels(self, order: Order, at: int) -> None:
        market, region = self.world.market_of(order.store), self.world.region_of(order.store)
        if not market.parcel_exists_when_paid(region, order.shipping):
            return
        first_sku = order.lines[0].sku
        first = [line for line in order.lines if line.sku is first_sku]
        rest = [line for line in order.lines if line.sku is not first_sku]
        if not rest:
            make_parcels(self.world, order, at)
            return
        pack(self.world, order, first, at, Packing.SPLIT)
        pack(self.world, order, rest, at, Packing.SPLIT)

    def _to_ship(self, store: Store, due: tuple[int, int], min_kinds: int) -> Order:
        due_at = self.now + self._between(*due)
        by_hours = [option for option in store.options if option.arrange_s is not None]
        longest = max((option.arrange_s or 0) for option in by_hours)
        if due[1] <= 24 * _HOUR or longest >= due[1]:
            fitting = [option for option in by_hours if (option.arrange_s or 0) >= due_at - self.now]
            option = fitting[int(self.rng.random() * len(fitting))]
            handling_from = due_at - (option.arrange_s or 0)
        else:
            by_days = [option for option in store.options if option.arrange_s is None]
            option = by_days[0 if self.rng.random() < 0.9 else -1] if by_days else by_hours[0]
            handling_from = self.now - self._between(0, min(30 * _HOUR, longest if not by_days else 30 * _HOUR))
        order = self._handled(store, handling_from, option, min_kinds)
        packed_share = self.world.market_of(store).packed_share
        if packed_share and min_kinds == 1 and self.rng.random() < packed_share:
            pack(self.world, order, order.open_lines, self._between(min(handling_from, self.now), self.now))
        self.events.extend(self.life.expect(order, self.now))
        return order

    def _arrange_first_part(self, order: Order) -> None:
        if not order.packages and self._packs_itself(order.store):
            first = [line for line in order.lines if line.sku is order.lines[0].sku]
            if len(first) == len(order.lines):
                return
            pack(self.world, order, first, order.updated_at)
        elif len(order.packages) < 2:
            if len(order.packages) != 1 or len({line.sku.id for line in order.lines}) < 2:
                return
            order.packages.clear()
            self._make_split_parcels(order, order.updated_at)
        at = self._between(max(order.updated_at, self.now - 6 * _HOUR), self.now)
        self._mark_arranged(order, order.packages[0], at)
        self.events.append((self._later(order.packages[0], at), "collect", order.packages[0].id))
        order.status = OrderStatus.PARTLY_ARRANGED

    def _packs_itself(self, store: Store) -> bool:
        """Whether parcels are the seller's to make, out of any units, before anything is arranged."""
        market, region = self.world.market_of(store), self.world.region_of(store)
        return market.flow_for(region, Shipping.PLATFORM) is Flow.ARRANGE and not market.parcel_exists_when_paid(
            region, Shipping.PLATFORM
        )

    def _later(self, package: Package, arranged_at: int) -> int:
        """When an arranged parcel is fetched, but not before the first moment of the world."""
        at = shipping.collection_at(self.world, package, arranged_at)
        return at if at > self.now else self.now + self._between(60, 6 * _HOUR)

    def _on_its_way(self, store: Store, status: OrderStatus) -> Order:
        age_s = {
            OrderStatus.ARRANGED: self._between(600, 20 * _HOUR),
            OrderStatus.IN_TRANSIT: self._between(12 * _HOUR, 4 * _DAY),
            OrderStatus.DELIVERED: self._between(4 * _DAY, 9 * _DAY),
            OrderStatus.COMPLETED: self._between(9 * _DAY, 40 * _DAY),
        }[status]
        arranged_at = self.now - age_s
        order = self._handled(store, arranged_at - self._between(1800, 22 * _HOUR), self._unhurried(store))
        if not order.packages:
            pack(self.world, order, order.lines, arranged_at)
        for package in order.packages:
            self._mark_arranged(order, package, arranged_at)
        order.status = OrderStatus.ARRANGED
        if status is OrderStatus.ARRANGED:
            for package in order.packages:
                self.events.append((self._later(package, arranged_at), "collect", package.id))
            limit_at = order.deadlines.cancel_uncollected_at
            if limit_at is not None:
                self.events.append((limit_at, "cancel_uncollected", order.id))
            return order
        collected_at = min(arranged_at + self._between(2 * _HOUR, 12 * _HOUR), self.now - 60)
        for package in order.packages:
            package.status, package.collected_at = PackageStatus.COLLECTED, collected_at
            package.updated_at = collected_at
        order.status, order.collected_at, order.updated_at = OrderStatus.IN_TRANSIT, collected_at, collected_at
        if status is OrderStatus.IN_TRANSIT:
            for package in order.packages:
                self.events.append((self.now + self._between(600, 3 * _DAY), "deliver", package.id))
            return order
        delivered_at = min(collected_at + self._between(20 * _HOUR, 3 * _DAY), self.now - 60)
        for package in order.packages:
            package.status, package.delivered_at = PackageStatus.DELIVERED, delivered_at
            package.updated_at = delivered_at
        order.status, order.delivered_at, order.updated_at = OrderStatus.DELIVERED, delivered_at, delivered_at
        if status is OrderStatus.DELIVERED:
            self.events.append((self.now + self._between(_HOUR, 4 * _DAY), "complete", order.id))
            return order
        order.completed_at = min(delivered_at + self._between(3 * _DAY, 6 * _DAY), self.now - 60)
        order.status, order.updated_at = OrderStatus.COMPLETED, order.completed_at
        return order

    def _unhurried(self, store: Store) -> DeliveryOption | None:
        """An option by days for nearly all parcels on their way: a shop late with most of them would have no rating."""
        by_days = [option for option in store.options if option.arrange_s is None]
        return by_days[0] if by_days and self.rng.random() < 0.96 else None

    def _mark_arranged(self, order: Order, package: Package, at: int) -> None:
        package.status = PackageStatus.ARRANGED
        package.arranged_at = package.tracking_known_at = package.label_ready_at = at
        package.tracking = shipping.platform_tracking(self.world, package)
        package.self_shipped = order.shipping is Shipping.SELLER
        if package.self_shipped:
            self.world.tracking_users.setdefault(package.tracking, set()).add(order.id)
        package.updated_at = at
        order.arranged_at = at
        order.updated_at = at

    def _cancelled(self, store: Store) -> Order:
        at = self.now - self._between(600, 20 * _DAY)
        order = self._handled(store, at - self._between(600, 30 * _HOUR))
        reasons = self.world.market_of(store).cancel_reasons
        roll = self.rng.random()
        if roll < 0.2:
            order.paid_at = order.hold_until = None
            order.packages.clear()
            for line in order.lines:
                line.package = None
            order.deadlines = type(order.deadlines)()
            by, reason = Role.SYSTEM, reasons.unpaid
        elif roll < 0.65:
            by, reason = Role.BUYER, reasons.buyer[int(self.rng.random() * len(reasons.buyer))]
        elif roll < 0.85:
            by, reason = Role.SELLER, reasons.seller
        else:
            by, reason = Role.SYSTEM, reasons.late
        for line in order.lines:
            line.cancelled_at, line.cancelled_by, line.cancel_reason = at, by, reason
        for package in order.packages:
            package.status, package.updated_at = PackageStatus.CANCELLED, at
        order.status, order.cancelled_at, order.cancelled_by, order.cancel_reason = (
            OrderStatus.CANCELLED,
            at,
            by,
            reason,
        )
        order.updated_at = at
        self._record_cancel(order, by, CancelState.REFUNDED, reason, at)
        return order

    def _record_cancel(self, order: Order, by: Role, state: CancelState, reason: str, at: int) -> CancelRequest:
        request = CancelRequest(
            id=self.world.market_of(order.store).cancel_ids.nth(self.world.next_number("cancel")),
            order=order,
            by=by,
            state=state,
            reason=reason,
            lines=list(order.lines),
            created_at=at - min(_HOUR, at - order.created_at),
            updated_at=at,
            needs_consent=by is Role.BUYER,
        )
        self.world.add_cancel(request)
        return request

    # --- what makes some orders difficult -----------------------------------------------------------------

    def _spice(self, order: Order) -> None:
        """Give a few waiting orders a buyer's cancel request, a flaw, a note or another owner."""
        self.waiting += 1
        if self.waiting % 33 == 17:
            self._ask_to_cancel(order)
            return
        if self.waiting % _FLAW_EVERY == _FLAW_EVERY - 1 and self.flaws < _FLAW_LIMIT:
            self._add_flaw(order)
            return
        if self.waiting % 70 == 40 and self.world.region_of(order.store).is_sea:
            order.is_platform_fulfilled = order.shipping is Shipping.PLATFORM
        if self.waiting % 50 == 25:
            order.seller_note = "Check the colour before packing"
        if self.waiting % 90 == 60:
            order.address_changed = True

    def _ask_to_cancel(self, order: Order) -> None:
        at = self._between(max(order.updated_at, self.now - 30 * _HOUR), self.now)
        reasons = self.world.market_of(order.store).cancel_reasons.buyer
        reason = reasons[int(self.rng.random() * len(reasons))]
        request = self._record_cancel(order, Role.BUYER, CancelState.PENDING, reason, at)
        request.created_at = at
        request.answer_by = at + self.world.market_of(order.store).answer_cancel_s
        order.cancel_request, order.cancel_requested_at, order.updated_at = request, at, at
        self.events.append((request.answer_by, "answer_cancel", request.id))

    def _add_flaw(self, order: Order) -> None:
        market, region = self.world.market_of(order.store), self.world.region_of(order.store)
        if market.flow_for(region, order.shipping) is not Flow.ARRANGE or order.shipping is Shipping.SELLER:
            return
        kind = market.flaws[self.flaws % len(market.flaws)]
        self.flaws += 1
        package = order.packages[0] if order.packages else pack(self.world, order, order.open_lines, order.updated_at)
        if kind is None:
            package.weight_g = order.option.weight_limit_g + 1_700
            return
        lasts = kind not in (FlawKind.SLOT_GONE, FlawKind.BAD_POSTCODE)
        package.flaw = Flaw(kind, self.now + _FLAW_LASTS_S if lasts else None)


def _first_above(steps: tuple[float, ...], value: float) -> int:
    """Index of the first running total above the value."""
    for at, step in enumerate(steps):
        if value < step:
            return at
    return len(steps) - 1

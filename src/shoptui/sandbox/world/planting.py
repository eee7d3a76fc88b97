"""Errors made on purpose in what the simulated marketplaces settle, so that it is known what a check has to find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from .fees import FeeSchedule, share
from .finance_model import EntryKind, Fault, Piece, Planted, pieces_of_refund, pieces_of_sale
from .model import Order, OrderStatus, Shipping, Store

if TYPE_CHECKING:
    from .returns_model import Refund
    from .world import World

_DAY = 86_400
#: How old a completion is at least, so that its settlement is in a closed statement of every marketplace.
_OLD_S = 9 * _DAY
#: What was completed earlier no house has: it reads a month of orders at first, and what it has not it cannot miss.
_KNOWN_S = 28 * _DAY
_TWICE_AFTER_S = 2 * _DAY
_REFUND_AFTER_S = 30 * 3600


@dataclass(frozen=True, slots=True)
class Plan:
    """Which orders are settled wrongly, by order id.

    `refunded_twice` are ids of returns that are paid back a second time, `returned` those of their orders.
    """

    faults: Mapping[str, Planted] = field(default_factory=dict)
    refunded_twice: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()


def plan_faults(world: World, wanted: int, *, spared: str) -> Plan:
    """So many errors, dealt to the marketplaces in turn and there to all kinds in turn; fewer in a small world.

    `spared` is the id of a store that gets none.
    """
    if not wanted:
        return Plan()
    found: dict[str, Planted] = {}
    twice: dict[str, str] = {}
    rows = [_of_market(world, name, spared) for name in world.markets]
    for planted, return_id in (one for turn in zip_longest(*rows) for one in turn if one is not None):
        if len(found) == wanted:
            break
        found[planted.order.id] = planted
        if return_id:
            twice[return_id] = planted.order.id
    return Plan(found, frozenset(twice), frozenset(twice.values()))


def _of_market(world: World, marketplace: str, spared: str) -> Iterator[tuple[Planted, str]]:
    """Errors of one marketplace without end but its orders', all kinds in turn, its stores mixed."""
    stores = [store for store in world.stores_of(marketplace) if store.id != spared]
    refunds = {refund.order.id: refund for refund in _refunds(world, stores)}
    started_at = world.clocks.started_at
    cases = (case for store in stores for case in world.returns.of_store(store))
    asked = {case.order.id for case in cases if case.created_at <= started_at}
    orders = _candidates(world, stores)
    taken: set[str] = set()
    while True:
        before = len(taken)
        for fault in Fault:
            for order in orders:
                refund = refunds.get(order.id) if fault is Fault.DOUBLE_REFUND else None
                if order.id in taken or (order.id in asked and refund is None):
                    continue
                made = _planted(world, order, fault, refund)
                if made is not None:
                    taken.add(order.id)
                    yield made, refund.return_id if refund is not None else ""
                    break
        if len(taken) == before:
            return


def _refunds(world: World, stores: list[Store]) -> Iterator[Refund]:
    """What was paid back so long ago that it is settled."""
    until = world.clocks.started_at - 3 * _DAY
    return (one for one in world.returns.refunds if one.order.store in stores and one.at < until)


def _candidates(world: World, stores: list[Store]) -> list[Order]:
    """Orders completed long before the world's first moment, in an order that mixes stores and amounts."""
    until = world.clocks.started_at - _OLD_S
    found = [
        order
        for store in stores
        for order in world.orders_of(store.id, OrderStatus.COMPLETED)
        if order.completed_at is not None and order.completed_at < until and order.open_lines
    ]
    found.sort(key=lambda order: world.chance("planted", order.id))
    return found


def _planted(world: World, order: Order, fault: Fault, refund: Refund | None) -> Planted | None:
    """The error this order would be, None where it cannot be this one."""
    fees = world.market_of(order.store).fees.schedule(order.store.region)
    right = pieces_of_sale(order, fees)
    net = sum(right.values())
    match fault:
        case Fault.COMMISSION:
            amount = wrong_commission(right, fees) - right.get(Piece.COMMISSION, 0)
        case Fault.SHIPPING:
            amount = wrong_shipping(order) + order.shipping_fee_minor if order.shipping is Shipping.PLATFORM else 0
        case Fault.NEVER_SETTLED:
            # An order is forgotten only when its marketplace's patience is over.
            late_at = (order.completed_at or 0) + (fees.late_after_days + 1) * _DAY
            is_known = (order.completed_at or 0) > world.clocks.started_at - _KNOWN_S
            amount = -net if late_at < world.clocks.started_at and is_known else 0
        case Fault.SETTLED_TWICE:
            amount = net
        case Fault.REFUND_WITHOUT_RETURN:
            amount = -_baseless_refund(order)
        case Fault.DOUBLE_REFUND:
            if refund is None:
                # Nobody has been paid back yet, so the marketplace pays twice for nothing.
                amount = -2 * _baseless_refund(order)
            else:
                pieces = pieces_of_refund(order, refund.amount_minor, fees, goods_back=refund.goods_back)
                amount = sum(pieces.values())
    return Planted(order, fault, amount) if amount else None


def wrong_commission(right: Mapping[Piece, int], fees: FeeSchedule) -> int:
    """The commission at one and a half times its rate."""
    goods = right.get(Piece.ITEM, 0) + right.get(Piece.SELLER_DISCOUNT, 0)
    return -share(goods, fees.commission * 3 // 2)


def wrong_shipping(order: Order) -> int:
    """The carriage at seven tenths above its quote."""
    return -share(order.shipping_fee_minor, 17_000)


def _baseless_refund(order: Order) -> int:
    """What the buyer paid for the first unit."""
    return max((line.paid_minor for line in order.open_lines), default=0)


def planted_sale(
    order: Order, right: Mapping[Piece, int], fees: FeeSchedule, plan: Plan
) -> list[tuple[int, EntryKind, Mapping[Piece, int]]]:
    """What is settled about a completed order: seconds after the usual time, kind and pieces of each entry."""
    planted = plan.faults.get(order.id)
    usual: tuple[int, EntryKind, Mapping[Piece, int]] = (0, EntryKind.ORDER, right)
    match planted.fault if planted is not None else None:
        case Fault.COMMISSION:
            return [(0, EntryKind.ORDER, {**right, Piece.COMMISSION: wrong_commission(right, fees)})]
        case Fault.SHIPPING:
            return [(0, EntryKind.ORDER, {**right, Piece.SHIPPING: wrong_shipping(order)})]
        case Fault.NEVER_SETTLED:
            return []
        case Fault.SETTLED_TWICE:
            return [usual, (_TWICE_AFTER_S, EntryKind.ORDER, right)]
        case Fault.REFUND_WITHOUT_RETURN:
            return [usual, (_REFUND_AFTER_S, EntryKind.REFUND, {Piece.REFUND: -_baseless_refund(order)})]
        case Fault.DOUBLE_REFUND if order.id not in plan.returned:
            refund = {Piece.REFUND: -_baseless_refund(order)}
            return [usual, *((_REFUND_AFTER_S + n * _DAY, EntryKind.REFUND, refund) for n in range(2))]
        case _:
            return [usual]

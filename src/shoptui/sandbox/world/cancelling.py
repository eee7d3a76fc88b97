"""Ending orders: buyers' requests, sellers' answers, sellers' own cancellations and the platform's."""

from __future__ import annotations

from .model import CancelRequest, CancelState, Line, Order, OrderStatus, Package, PackageStatus, Role
from .refusal import Reason, Refused
from .world import World

REFUND_AFTER_S = 3600

_FREE = frozenset({OrderStatus.UNPAID, OrderStatus.ON_HOLD})
_OPEN = frozenset({OrderStatus.TO_SHIP, OrderStatus.PARTLY_ARRANGED})


def request_by_buyer(world: World, order: Order, reason: str, at: int) -> CancelRequest:
    """A buyer asks to cancel: granted at once before handling, else the seller must answer. Raises Refused."""
    if order.cancel_request is not None:
        raise Refused(Reason.REQUEST_RUNNING, "a cancellation request is open already")
    if order.status in _FREE:
        return end_order(world, order, Role.BUYER, reason, at)
    if order.status not in _OPEN:
        raise Refused(Reason.WRONG_STATE, f"an order that is {order.status} cannot be cancelled by its buyer")
    request = _new_request(world, order, Role.BUYER, CancelState.PENDING, reason, order.open_lines, at)
    request.needs_consent = True
    request.answer_by = at + world.market_of(order.store).answer_cancel_s
    order.cancel_request = request
    order.cancel_requested_at = at
    world.touch(order, at)
    world.schedule(request.answer_by, "answer_cancel", request.id)
    return request


def approve(world: World, request: CancelRequest, at: int, key: str = "") -> bool:
    """Grant a buyer's request; False when this very call (same key) was granted before. Raises Refused."""
    if request.state in (CancelState.ACCEPTED, CancelState.REFUNDED):
        if key and key == request.idempotency_key:
            return False
        raise Refused(Reason.ALREADY_APPROVED, "the cancellation has already been approved")
    if request.state is CancelState.CLOSED:
        raise Refused(Reason.REQUEST_FINISHED, "the cancellation request is closed")
    request.idempotency_key = key
    order = request.order
    order.cancel_request = None
    request.state = CancelState.ACCEPTED
    request.updated_at = at
    request.answer_by = None
    _cancel_lines(world, order, request.lines, Role.BUYER, request.reason, at)
    world.schedule(at + REFUND_AFTER_S, "refund_done", request.id)
    return True


def reject(world: World, request: CancelRequest, reason: str, at: int, key: str = "") -> bool:
    """Turn a buyer's request down; False when this very call (same key) did so before. Raises Refused."""
    if request.state is not CancelState.PENDING:
        if request.state is CancelState.CLOSED and key and key == request.idempotency_key:
            return False
        raise Refused(Reason.CANNOT_REJECT, "the cancellation request cannot be rejected any more")
    request.idempotency_key = key
    close(world, request, at)
    request.reject_reason = reason
    return True


def close(world: World, request: CancelRequest, at: int) -> None:
    """End a pending request without cancelling anything."""
    request.state = CancelState.CLOSED
    request.updated_at = at
    request.answer_by = None
    request.order.cancel_request = None
    world.touch(request.order, at)


def cancel_by_seller(world: World, order: Order, reason: str, lines: list[Line] | None, at: int) -> CancelRequest:
    """The seller cancels the order, or only some lines where the market allows it. Raises Refused."""
    market, region = world.market_of(order.store), world.region_of(order.store)
    if order.status in (OrderStatus.CANCELLED, OrderStatus.COMPLETED):
        raise Refused(Reason.ORDER_FINISHED, f"the order is {order.status}")
    if order.cancel_request is not None:
        raise Refused(Reason.REQUEST_RUNNING, "the buyer's cancellation request has to be answered first")
    allowed = _FREE | _OPEN
    if market.seller_may_cancel_arranged(region):
        allowed |= {OrderStatus.ARRANGED}
    if order.status not in allowed:
        raise Refused(Reason.WRONG_STATE, f"an order that is {order.status} cannot be cancelled by the seller")
    if lines is None or len(lines) == len(order.open_lines):
        return end_order(world, order, Role.SELLER, reason, at)
    if not market.seller_may_cancel_lines(region):
        raise Refused(Reason.NO_PARTIAL_CANCEL, "single items cannot be cancelled in this market")
    request = _new_request(world, order, Role.SELLER, CancelState.ACCEPTED, reason, lines, at)
    _cancel_lines(world, order, lines, Role.SELLER, reason, at)
    world.schedule(at + REFUND_AFTER_S, "refund_done", request.id)
    return request


def end_order(world: World, order: Order, by: Role, reason: str, at: int) -> CancelRequest:
    """Cancel everything that is left of an order and record by whom."""
    pending = order.cancel_request
    if pending is not None:
        order.cancel_request = None
        pending.state, pending.updated_at, pending.answer_by = CancelState.ACCEPTED, at, None
    lines = order.open_lines
    request = pending or _new_request(world, order, by, CancelState.ACCEPTED, reason, lines, at)
    _cancel_lines(world, order, lines, by, reason, at)
    world.schedule(at + REFUND_AFTER_S, "refund_done", request.id)
    return request


def _new_request(
    world: World, order: Order, by: Role, state: CancelState, reason: str, lines: list[Line], at: int
) -> CancelRequest:
    request = CancelRequest(
        id=world.market_of(order.store).cancel_ids.nth(world.next_number("cancel")),
        order=order,
        by=by,
        state=state,
        reason=reason,
        lines=list(lines),
        created_at=at,
        updated_at=at,
    )
    world.add_cancel(request)
    return request


def _cancel_lines(world: World, order: Order, lines: list[Line], by: Role, reason: str, at: int) -> None:
    open_lines = [line for line in lines if line.cancelled_at is None]
    for line in open_lines:
        line.cancelled_at, line.cancelled_by, line.cancel_reason = at, by, reason
    world.stock.cancelled(order, open_lines)
    if not order.open_lines:
        order.status = OrderStatus.CANCELLED
        order.cancelled_at, order.cancelled_by, order.cancel_reason = at, by, reason
    for package in list(order.packages):
        _shrink(world, package, order, at)
    world.touch(order, at)


def _shrink(world: World, package: Package, order: Order, at: int) -> None:
    """Take cancelled lines out of a parcel, which ends with its last line."""
    left = [line for line in package.lines if line.cancelled_at is None]
    if len(left) == len(package.lines) or package.status is PackageStatus.DELIVERED:
        return
    if not left:
        package.status = PackageStatus.CANCELLED
    else:
        package.lines = left
        if not any(line.package is package and line.cancelled_at is None for line in order.lines):
            package.orders = [one for one in package.orders if one is not order]
    world.touch_package(package, at)

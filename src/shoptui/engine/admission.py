"""Owns whether something may be ordered at all, by what the cache knows at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoptui.adapters.desks import why_not
from shoptui.domain.intents import NewIntent
from shoptui.domain.orders import Flag, Order, Status
from shoptui.domain.verbs import TARGETS

if TYPE_CHECKING:
    from shoptui.engine.lanes import Lane

#: Statuses in which a package waits to be arranged.
_SHIPPABLE = frozenset({Status.TO_SHIP})


def judge_target(lane: Lane | None, order: Order | None, intent: NewIntent, held_by: str) -> tuple[str, str] | None:
    """Why this intent is refused, as (reason id, sentence); None when it may be ordered."""
    if lane is None:
        return "unknown_store", f"There is no store {intent.store_id} here."
    if order is None:
        return "unknown_order", f"{intent.store_id} has no order {intent.order_no} in the cache; check the store first."
    if held_by:
        return "held", f"{intent.order_no} is on hold ({held_by}). Take it off hold first."
    if order.flags & Flag.CANCEL_REQUESTED:
        return "cancel_requested", f"The buyer of {intent.order_no} asked to cancel. Answer that first."
    if (refusal := why_not(lane.market, intent.verb, lane.store, order)) is not None:
        return refusal.id, refusal.reason
    kind = TARGETS[intent.verb]
    if intent.target_kind is not kind:
        return "bad_request", f"{intent.verb.value} acts on {kind.value}s; target_kind must be {kind.value}."
    package_ids = {package.package_id for package in order.packages} | {line.package_id for line in order.lines}
    if intent.target_id not in package_ids:
        return "unknown_package", f"Order {intent.order_no} has no package {intent.target_id}."
    package = next((each for each in order.packages if each.package_id == intent.target_id), None)
    status = package.status if package is not None else order.status
    if status not in _SHIPPABLE:
        return "status", f"Package {intent.target_id} is {status.value.replace('_', ' ')}; there is nothing to arrange."
    return None

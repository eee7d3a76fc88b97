"""What reading back says about a shipment whose answer was lost, and what an order says before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.adapters.base import Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request
from shoptui.adapters.shopee.mapping import PACKAGE_STATUS, PICKUP_RETRY, is_arranged
from shoptui.adapters.shopee.orders import OrderReader
from shoptui.adapters.shopee.wire import PackageDetail
from shoptui.adapters.singles import refused
from shoptui.domain.intents import CauseId, SettleRule, Settling
from shoptui.domain.orders import Flag, Order, Package, Status
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell

#: The state lags behind an arrangement by 15 to 20 minutes, and arranging twice counts against the app (sheet,
#: sections 4.4 and 5.8): no verdict before that, and one resend at most.
SHIP_RULE = SettleRule(Settling.READ_BACK_LATE, first_look_s=1200, give_up_s=3600, resends=1)

GONE = frozenset({Status.TO_HAND_OVER, Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED, Status.DELIVERY_FAILED})


async def orders_of(
    reader: OrderReader, store: Store, requests: Sequence[Request], *, feed: str
) -> Mapping[str, Order]:
    """The requests' orders by number, as they are now; those Shopee does not show are missing."""
    page = await reader.by_no(store, [request.order_no for request in requests], feed=feed)
    return {order.order_no: order for order in page.orders}


def package_of(request: Request, order: Order) -> Package | None:
    return next((package for package in order.packages if package.package_id == request.target_id), None)


def stands_against(request: Request, order: Order | None) -> Outcome | None:
    """What the order says before its package is shipped: why not, or that it is done already; None when it may go."""
    if order is None:
        return refused(CauseId.NOT_OURS, "Shopee does not show this order; read it again.")
    package = package_of(request, order)
    if order.status is Status.CANCELLED or (package is not None and package.status is Status.CANCELLED):
        return refused(CauseId.CANCELLED, "The order is cancelled; do not ship it.")
    if package is None:
        return refused(CauseId.NOT_OURS, "The order has no such package (any more); read it again.")
    if package.status in GONE:
        return Outcome(Verdict.ALREADY, facts=facts_of(None, order, package))
    if order.flags & Flag.CANCEL_REQUESTED:
        return refused(CauseId.CANCEL_REQUESTED, "The buyer asks to cancel; answer that first.")
    return None


def evidence_of(detail: PackageDetail | None, order: Order | None, request: Request) -> Evidence:
    """The verdict on one shipped package from its own record, with its order as the second witness."""
    package = package_of(request, order) if order is not None else None
    return Evidence(_verdict(detail, order), facts_of(detail, order, package))


def facts_of(detail: PackageDetail | None, order: Order | None, package: Package | None) -> dict[str, str]:
    """What is known, in the marketplace's own words."""
    found: dict[str, str] = {}
    if order is not None:
        found["order_status"] = order.raw_status
    if package is not None:
        found["package_status"] = package.raw_status
        found["tracking_number"] = package.tracking_number
        found["carrier"] = package.carrier_name
    if detail is not None:
        found["package_status"] = sanitise_cell(detail.fulfillment_status or "")
        found["tracking_number"] = sanitise_cell(detail.tracking_number or "") or found.get("tracking_number", "")
        if detail.update_time:
            found["package_updated_at"] = str(detail.update_time)
    return {name: value for name, value in found.items() if value}


def _verdict(detail: PackageDetail | None, order: Order | None) -> Verdict:
    if order is not None and order.status is Status.CANCELLED:
        return Verdict.NOT_DONE
    if detail is None or not detail.fulfillment_status:
        return Verdict.UNDECIDED
    word = detail.fulfillment_status
    if word == PICKUP_RETRY:
        # It has a tracking number from its first arrangement, which says nothing of this one.
        return Verdict.NOT_DONE
    status = PACKAGE_STATUS.get(word, Status.UNKNOWN)
    if status in GONE or is_arranged(detail):
        return Verdict.DONE
    if status in {Status.TO_SHIP, Status.ON_HOLD, Status.CANCELLED}:
        return Verdict.NOT_DONE
    return Verdict.UNDECIDED

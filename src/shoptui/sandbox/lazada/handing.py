"""Handing parcels over: ready to ship, and what the seller's own fleet reports (sheet, sections 7.1 and 7.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..world import shipping
from ..world.model import Package, PackageStatus, Shipping
from ..world.refusal import Reason, Refused
from ..world.shipping import SelfShipment
from . import codes
from .call import Answer, Call, result
from .packing import MOST, packages_of
from .states import tracking


def ready_to_ship(call: Call) -> Answer:
    """POST /order/package/rts: packed parcels go to the carriers' queue."""
    rows = [
        call.package_row("rts", one, lambda package: hand_over(call, package))
        for one in packages_of(call, "readyToShipReq")
    ]
    return result({"packages": rows})


def hand_over(call: Call, package: Package, own: SelfShipment | None = None) -> None:
    """Arrange one parcel; `own` names carrier and number of the seller's own shipping. Raises Refused."""
    if package.orders[0].shipping is Shipping.SELLER and own is None:
        own = SelfShipment(tracking(call.world, package), package.carrier.id)
    shipping.arrange(call.world, package, handover=package.handover, slot=None, self_shipment=own, at=call.now)


def fleet_collected(call: Call) -> Answer:
    """POST /order/package/sof/collect."""
    return _fleet(call, "dbsCollectReq", "sof_collect", lambda package: _collect(call, package))


def _collect(call: Call, package: Package) -> None:
    if package.orders[0].shipping is not Shipping.SELLER:
        raise Refused(Reason.NOT_SELLER_SHIPPED, "the operation is for parcels delivered by the seller only")
    if package.status in (PackageStatus.COLLECTED, PackageStatus.DELIVERED):
        raise Refused(Reason.ALREADY_COLLECTED, "package status not allow")
    if package.status is not PackageStatus.ARRANGED:
        raise Refused(Reason.NOT_SHIPPED, "package status not allow")
    shipping.collect(call.world, package, call.now)


def fleet_delivered(call: Call) -> Answer:
    """POST /order/package/sof/delivered."""
    return _fleet(call, "dbsDeliveryReq", "sof_delivered", lambda package: report(call, package, failure=""))


def fleet_failed(call: Call) -> Answer:
    """POST /order/package/sof/failed_delivery."""
    return _fleet(
        call, "dbsFailedDeliveryReq", "sof_failed", lambda package: report(call, package, failure="failed delivery")
    )


def report(call: Call, package: Package, *, failure: str) -> None:
    """The fleet delivered a parcel, or did not when `failure` is given. Raises Refused."""
    shipping.report_delivery(call.world, package, delivered=not failure, failure=failure, at=call.now)


def _fleet(call: Call, name: str, op: str, action: Callable[[Package], None]) -> Answer:
    return result({"packages": [call.package_row(op, one, action) for one in packages_of(call, name)]})


def digital_delivered(call: Call) -> Answer:
    """POST /order/digital/delivered: nothing in the sandbox is digital, so every unit is refused."""
    request = call.params.request("digitalDeliveryReq")
    rows: list[dict[str, Any]] = []
    for part in request.objects("orders", MOST, codes.TOO_MANY):
        order_id = part.id("order_id")
        units: list[dict[str, Any]] = []
        for line_id in part.ids("order_item_list"):
            call.record("digital_delivered", line_id, order_id, "refused", codes.NOT_DIGITAL)
            units.append(
                {
                    "order_item_id": int(line_id),
                    "item_err_code": codes.NOT_DIGITAL,
                    "msg": "item not found or not digital",
                    "retry": False,
                }
            )
        rows.append({"order_id": int(order_id), "order_item_list": units})
    return result({"orders": rows})

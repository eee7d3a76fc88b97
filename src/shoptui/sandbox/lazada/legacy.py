"""The older calls about units, announced to end in 2023 and still in use (sheet, section 7.3)."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..failing import Dialect
from ..world import cancelling
from ..world.model import Carrier, Line, Order, Package, PackageStatus, Shipping
from ..world.refusal import Reason
from ..world.shipping import SelfShipment
from . import codes
from .call import Answer, Call, data
from .cancellations import REASONS, REFUSALS, check_lines
from .codes import ROWS, ApiError
from .handing import hand_over, report
from .packing import dissolve, pack_units
from .states import NAMED, PACKABLE, PACKED, provider, tracking

_DELIVERY_TYPES = ("dropship", "pickup", "send_to_warehouse")


def units_of(call: Call) -> tuple[Order, list[Line]]:
    """The units of `order_item_ids`, all of one order. Raises ApiError."""
    ids = call.params.ids("order_item_ids")
    if ids is None:
        raise ApiError("23", "E023: Invalid Order Item IDs. Must use array format [1,2]")
    found = [call.line(one) for one in dict.fromkeys(ids)]
    known = [one for one in found if one is not None]
    if len(known) != len(found):
        raise ApiError("20", "E020: Invalid Order Item ID")
    orders = {order.id: order for order, _ in known}
    if len(orders) > 1:
        raise ApiError("29", "E029: Order items must be from the same order")
    return known[0][0], [line for _, line in known]


def _delivery_type(call: Call) -> None:
    if call.params.needed("delivery_type") not in _DELIVERY_TYPES:
        raise ApiError("24", "E024: Invalid Delivery Type")


def _provider(call: Call, order: Order, name: str) -> Carrier | None:
    """The carrier named, None for none or for the order's own. Raises ApiError for an unknown one."""
    given = call.params.text(name)
    if given in ("", order.option.name):
        return None
    found = next((one for one in order.store.carriers if given == one.name), None)
    if found is None:
        raise ApiError("25", "E025: Invalid Shipping Provider")
    return found


def _row(line: Line) -> dict[str, Any]:
    return {"order_item_id": int(line.id), "purchase_order_id": "", "purchase_order_number": ""}


def pack(call: Call) -> Answer:
    """POST /order/pack: one parcel out of units of one order, all or none."""
    _delivery_type(call)
    order, lines = units_of(call)
    carrier = _provider(call, order, "shipping_provider")
    ids = [line.id for line in lines]
    packed = [line for line in lines if call.status(order, line) not in PACKABLE]
    if packed or order.cancel_request is not None:
        done_before = any(call.status(order, line) == PACKED for line in packed)
        call.record("pack", ids[0], order.id, "already" if done_before else "refused", "82")
        raise ApiError("82", "E082: Order Item Status must be Pending")
    made = pack_units(call, order, ids, carrier if order.shipping is Shipping.SELLER else None)
    rows = []
    for line in lines:
        package = made[line.id]
        if not isinstance(package, Package):
            raise ApiError("21", f"E021: OMS Api Error Occurred, {package}")
        rows.append(
            _row(line)
            | {
                "package_id": package.id,
                "shipment_provider": provider(package),
                "tracking_number": tracking(call.world, package),
            }
        )
    return data({"order_items": rows})


def ready_to_ship(call: Call) -> Answer:
    """POST /order/rts: the parcels of the units named."""
    _delivery_type(call)
    order, lines = units_of(call)
    carrier = _provider(call, order, "shipment_provider")
    number = call.params.text("tracking_number")
    packages = list(dict.fromkeys(line.package for line in lines if line.package is not None))
    if any(line.cancelled_at is not None for line in lines):
        call.record("rts", lines[0].id, order.id, "refused", "50008")
        raise ApiError("50008", "E50008: The order item is cancelled")
    if any(line.package is None for line in lines):
        call.record("rts", lines[0].id, order.id, "refused", "73")
        raise ApiError("73", "E073: All order items must have status Pending Or Ready To Ship")
    for package in packages:
        call.act(_STEPS, "rts", package.id, order.id, partial(_ready, call, package, carrier, number))
    return data({"order_items": [_row(line) for line in lines]})


def _ready(call: Call, package: Package, carrier: Carrier | None, number: str) -> None:
    own: SelfShipment | None = None
    if package.orders[0].shipping is Shipping.SELLER:
        own = SelfShipment(number or tracking(call.world, package), (carrier or package.carrier).id)
    elif number and number != tracking(call.world, package):
        raise ApiError("26", "E026: Invalid Tracking Number")
    hand_over(call, package, own)
    if own is not None and carrier is not None:
        package.handover = NAMED


_STEPS = Dialect(
    {
        Reason.BAD_TRACKING: "31",
        Reason.TRACKING_REUSED: "63",
        Reason.TRACKING_OVERUSED: "63",
        Reason.BAD_CARRIER: "25",
        Reason.CANCELLED: "50008",
        Reason.FROZEN: "21",
        Reason.NOT_READY: "21",
        Reason.NO_SERVICE: "21",
    },
    "73",
)


def repack(call: Call) -> Answer:
    """POST /order/repack."""
    package_id = call.params.needed("package_id")
    package = call.world.package_of(call.store, package_id)
    if package is None:
        raise ApiError(codes.NO_PACKAGE, "package not found")
    call.act(ROWS, "repack", package_id, package.orders[0].id, lambda: dissolve(call, package))
    return data({"package_id": package_id})


def cancel(call: Call) -> Answer:
    """POST /order/cancel: one unit, or the whole parcel it lies in."""
    found = call.line(call.params.number("order_item_id"))
    if found is None:
        raise ApiError("20", "E020: Invalid Order Item ID")
    reason = REASONS.get(call.params.number("reason_id"))
    if reason is None:
        raise ApiError("104", "E104: Invalid reason")
    order, line = found

    def end() -> None:
        lines = check_lines(call, order, [line])
        cancelling.cancel_by_seller(call.world, order, reason, lines, call.now)

    call.act(REFUSALS, "cancel", line.id, order.id, end)
    return Answer({"success": True})


def failure_reasons(call: Call) -> Answer:
    """GET /order/failure_reason/get."""
    return data([{"reason_id": int(number), "type": "canceled", "name": name} for number, name in REASONS.items()])


def providers(call: Call) -> Answer:
    """GET /shipment/providers/get."""
    rows = [
        {
            "name": carrier.name,
            "is_default": int(at == 0),
            "cod": 1,
            "api_integration": 1,
            "tracking_code_example": f"{carrier.prefix}000123456789",
            "tracking_code_validation_regex": f"^{carrier.prefix}[0-9]+$",
            "tracking_url": "",
            "enabled_delivery_options": "standard,express",
        }
        for at, carrier in enumerate(call.store.carriers)
    ]
    return data({"shipment_providers": rows})


def fleet_delivered(call: Call) -> Answer:
    """POST /order/sof/delivered."""
    return _fleet(call, "sof_delivered", "")


def fleet_failed(call: Call) -> Answer:
    """POST /order/sof/failed_delivery."""
    return _fleet(call, "sof_failed", "failed delivery")


def _fleet(call: Call, op: str, failure: str) -> Answer:
    order, lines = units_of(call)
    for package in dict.fromkeys(line.package for line in lines):
        if package is None or package.status is PackageStatus.CANCELLED:
            raise ApiError("73", "E073: All order items must have status Pending Or Ready To Ship")
        call.act(_STEPS, op, package.id, order.id, partial(report, call, package, failure=failure))
    return data({"order_items": [_row(line) for line in lines]})

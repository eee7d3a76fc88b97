"""Sending parcels: ship one or many, mark as shipped, correct, deliver, buy labels (sheet sections 6.4, 6.7, 6.8)."""

from __future__ import annotations

from typing import Any

from ..world import shipping
from ..world.model import Line, Order, OrderStatus, Package
from ..world.refusal import Reason, Refused
from ..world.regions import REGIONS, money_text
from ..world.shipping import SelfShipment, Service
from .call import Answer, Call
from .codes import SHIPPING, UPDATING, ApiError, bad
from .params import Fields

_HANDOVERS = ("PICKUP", "DROP_OFF", "VAN_COLLECTION")
_FAIL_REASONS = (
    "BUYER_REFUSED", "DELAY_DELIVERY", "FORCE_MAJEURE", "INVALID_ADDRESS", "OTHER", "PACKAGE_DAMAGE",
    "PACKAGE_LOST", "UNABLE_CONTACT_BUYER", "UNABLE_RECEIVE",
)  # fmt: skip
_GRAMS = {"GRAM": 1.0, "KILOGRAM": 1000.0, "POUND": 453.592, "OUNCE": 28.3495}


def ship(call: Call) -> Answer:
    """POST /fulfillment/202309/packages/{package_id}/ship; an empty body ships with the store's defaults."""
    order_of = _ship_order(call.body)
    _ship_one(call, call.params["package_id"], order_of)
    return {}


def ship_batch(call: Call) -> Answer:
    """POST /fulfillment/202309/packages/ship: one line in `errors` per parcel that was refused."""
    parts = call.body.objects("packages", call.world.settings.max_batch)
    if not parts:
        raise bad("packages", "is required")
    wishes = [(part.needed("id"), _ship_order(part)) for part in parts]
    errors: list[dict[str, Any]] = []
    for package_id, wish in wishes:
        try:
            _ship_one(call, package_id, wish)
        except ApiError as error:
            detail = {"package_id": package_id}
            errors.append({"code": error.code, "message": error.message, "detail": detail})
    return {"errors": errors}


def _ship_order(fields: Fields) -> tuple[str, tuple[int, int] | None, SelfShipment | None]:
    """What a ship body asks for: handover, slot, own shipment. Raises 36009004."""
    handover = fields.text("handover_method", _HANDOVERS) or ""
    slot_fields = fields.object("pickup_slot")
    slot: tuple[int, int] | None = None
    if slot_fields is not None and (slot_fields.has("start_time") or slot_fields.has("end_time")):
        start_at, end_at = slot_fields.integer("start_time"), slot_fields.integer("end_time")
        if start_at is None or end_at is None or end_at <= start_at:
            raise bad(slot_fields.path, "needs start_time and a later end_time")
        slot = (start_at, end_at)
    own_fields = fields.object("self_shipment")
    own: SelfShipment | None = None
    if own_fields is not None and own_fields.values:
        own = SelfShipment(own_fields.needed("tracking_number"), own_fields.needed("shipping_provider_id"))
    return handover, slot, own


def _ship_one(call: Call, package_id: str, wish: tuple[str, tuple[int, int] | None, SelfShipment | None]) -> None:
    handover, slot, own = wish
    known = call.world.package_of(call.store, package_id)
    order_id = known.orders[0].id if known is not None and known.orders else ""

    def send() -> None:
        package = call.package(package_id)
        # Local sellers in SEA cannot choose: the warehouse setting decides how parcels are handed over.
        sea = REGIONS[package.store.region].is_sea
        method = "PICKUP" if sea and own is None else handover
        shipping.arrange(call.world, package, handover=method, slot=slot, self_shipment=own, at=call.now)

    call.act(SHIPPING, "ship", package_id, order_id, send)


def _shipment(fields: Fields) -> SelfShipment:
    """Tracking number and carrier in the shape of 202309 or, as a list of one, of 202610."""
    listed = fields.objects("shipping_info_list", 10)
    source = listed[0] if listed else fields
    return SelfShipment(source.needed("tracking_number"), source.needed("shipping_provider_id"))


def _named_lines(order: Order, fields: Fields) -> list[Line]:
    """The lines a body names in any version's shape; none named means all that are open. Raises 21001001."""
    ids = fields.texts("order_line_item_ids", 500)
    for listing in ("order_line_list", "order_line_item"):
        ids += [part.needed("order_line_id") for part in fields.objects(listing, 500)]
    if not ids:
        return order.open_lines
    by_id = {line.id: line for line in order.lines}
    unknown = [line_id for line_id in ids if line_id not in by_id]
    if unknown:
        raise ApiError(21001001, f"order line item {unknown[0]} is not part of this order")
    return [by_id[line_id] for line_id in dict.fromkeys(ids)]


def mark_shipped(call: Call) -> Answer:
    """POST /fulfillment/{202309,202610}/orders/{order_id}/packages."""
    shipment = _shipment(call.body)
    order_id = call.params["order_id"]

    def mark() -> Package:
        order = call.order(order_id)
        return shipping.mark_shipped(call.world, order, _named_lines(order, call.body), shipment, call.now)

    package = call.act(SHIPPING, "mark_shipped", order_id, order_id, mark)
    return {
        "order_id": order_id,
        "order_line_item_ids": [line.id for line in package.lines],
        "package_id": package.id,
        "warning": {"message": ""},
    }


def update_package_shipping(call: Call) -> Answer:
    """POST /fulfillment/{202309,202610}/packages/{package_id}/shipping_info/update."""
    shipment = _shipment(call.body)
    package_id = call.params["package_id"]
    known = call.world.package_of(call.store, package_id)

    def update() -> None:
        shipping.correct_tracking(call.world, call.package(package_id), shipment, call.now)

    call.act(UPDATING, "update_shipping", package_id, known.orders[0].id if known else "", update)
    return {}


def update_order_shipping(call: Call) -> Answer:
    """POST /fulfillment/202309/orders/{order_id}/shipping_info/update, for orders in one parcel."""
    shipment = _shipment(call.body)
    order_id = call.params["order_id"]

    def update() -> None:
        order = call.order(order_id)
        parcels = order.open_packages
        if order.status is OrderStatus.CANCELLED:
            raise Refused(Reason.CANCELLED, "the order is cancelled")
        if not parcels:
            raise Refused(Reason.NOT_SHIPPED, "the order has not been shipped yet")
        if len(parcels) > 1:
            raise Refused(Reason.WRONG_STATE, "the order is split, update its packages instead")
        shipping.correct_tracking(call.world, parcels[0], shipment, call.now)

    call.act(UPDATING, "update_shipping", order_id, order_id, update)
    return {}


def report_delivery(call: Call) -> Answer:
    """POST /fulfillment/202309/packages/deliver: what the seller's own fleet achieved, per parcel."""
    parts = call.body.objects("packages", call.world.settings.max_batch)
    if not parts:
        raise bad("packages", "is required")
    wishes = []
    for part in parts:
        kind = part.needed("delivery_type", ("DELIVERY_SUCCESS", "DELIVERY_FAILED", "UPDATE_POD"))
        reason = part.text("fail_delivery_reason", _FAIL_REASONS) or ""
        if kind == "DELIVERY_FAILED" and not reason:
            raise bad(part.name("fail_delivery_reason"), "is required for DELIVERY_FAILED")
        part.text("file_type", ("IMG", "PDF"))
        wishes.append((part.needed("id"), kind, reason))
    errors: list[dict[str, Any]] = []
    for package_id, kind, reason in wishes:
        try:
            _report_one(call, package_id, kind, reason)
        except ApiError as error:
            detail = {"package_id": package_id}
            errors.append({"code": error.code, "message": error.message, "detail": detail})
    return {"errors": errors}


def _report_one(call: Call, package_id: str, kind: str, reason: str) -> None:
    known = call.world.package_of(call.store, package_id)

    def report() -> None:
        package = call.package(package_id)
        if kind == "UPDATE_POD":
            if package.delivered_at is None:
                raise Refused(Reason.WRONG_STATE, "the package has not been delivered")
            return
        done = kind == "DELIVERY_SUCCESS"
        shipping.report_delivery(call.world, package, delivered=done, failure=reason, at=call.now)

    call.act(UPDATING, "deliver", package_id, known.orders[0].id if known else "", report)


def _weight_g(fields: Fields, lines: list[Line]) -> int:
    """The parcel's weight in grams, as given or as the goods weigh."""
    given = fields.object("weight")
    if given is None or not given.has("value"):
        return sum(line.sku.weight_g for line in lines) + 80
    unit = given.text("unit", tuple(_GRAMS)) or "GRAM"
    value = given.values["value"]
    try:
        grams = float(value) * _GRAMS[unit]
    except (TypeError, ValueError) as error:
        raise bad(given.name("value"), "must be a number") from error
    if not 0 < grams < 1e7:
        raise bad(given.name("value"), "must be a weight above 0")
    return round(grams)


def _service(service: Service, region_code: str) -> dict[str, Any]:
    region = REGIONS[region_code]
    return {
        "id": service.id,
        "name": service.name,
        "price": money_text(service.price_minor, region),
        "currency": region.currency,
        "earliest_delivery_days": service.earliest_days,
        "latest_delivery_days": service.latest_days,
        "shipping_provider_id": service.carrier.id,
        "shipping_provider_name": service.carrier.name,
    }


def query_services(call: Call) -> Answer:
    """POST /fulfillment/202309/orders/{order_id}/shipping_services/query: labels on offer (US, JP)."""
    order = call.order(call.params["order_id"])
    lines = _named_lines(order, call.body)
    weight_g = _weight_g(call.body, lines)
    try:
        offered = shipping.services(call.world, order, weight_g)
    except Refused as refused:
        raise ApiError(SHIPPING.code(refused.reason), refused.detail) from refused
    return {
        "order_id": order.id,
        "order_line_id": [line.id for line in lines],
        "weight": {"value": str(weight_g), "unit": "GRAM"},
        "dimension": {"length": "20", "width": "15", "height": "10", "unit": "CM"},
        "shipping_services": [
            {**_service(service, order.store.region), "is_default": at == 0} for at, service in enumerate(offered)
        ],
    }


def create_package(call: Call) -> Answer:
    """POST /fulfillment/{202309,202512}/packages: buys a label, costs money, knows no idempotency key."""
    order_id = call.body.needed("order_id")
    service_id = call.body.text("shipping_service_id")

    def buy() -> tuple[Package, Service]:
        order = call.order(order_id)
        lines = _named_lines(order, call.body)
        weight_g = _weight_g(call.body, lines)
        return shipping.buy_label(call.world, order, lines, weight_g, service_id, call.now)

    package, service = call.act(SHIPPING, "create_package", order_id, order_id, buy)
    return {
        "package_id": package.id,
        "create_time": package.created_at,
        "order_line_item_ids": [line.id for line in package.lines],
        "weight": {"value": str(package.weight_g), "unit": "GRAM"},
        "dimension": {"length": "20", "width": "15", "height": "10", "unit": "CM"},
        "shipping_service_info": _service(service, package.store.region),
    }

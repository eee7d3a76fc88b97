"""Arranging shipment: parameters, one parcel, many of one channel, and the older batch (sheet, section 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..world import shipping
from ..world.model import FlawKind, Package, PackageStatus
from ..world.refusal import Refused
from . import codes, methods
from .call import Answer, Call, is_split
from .codes import SHIPPING, ApiError, bad
from .methods import Wish
from .params import Fields
from .states import channel, lag_s, location_id, must_retry

MAX_PARCELS = 50
_PICKUP_FLAWS = frozenset({FlawKind.SLOT_GONE, FlawKind.NO_SLOT})
"""What stands in the way of fetching a parcel, but not of dropping it off."""


def shipping_parameter(call: Call) -> Answer:
    """GET get_shipping_parameter: the methods possible now; an arranged parcel ends in one of two generic errors."""
    package = call.package(call.query.needed("order_sn"), call.query.optional_number("package_number"))
    _check_parameters(package)
    return Answer(methods.offers(call.world, package, call.now))


def _check_parameters(package: Package) -> None:
    if must_retry(package):
        return
    if package.status is PackageStatus.ARRANGED:
        raise ApiError("error_other", "This order is not eligible for rescheduling.")
    try:
        shipping.check_can_leave(package)
    except Refused as refused:
        text = "Shipping parameters can only be obtained when package is ready to be shipped."
        raise ApiError(codes.PARAM, text) from refused


def mass_shipping_parameter(call: Call) -> Answer:
    """POST get_mass_shipping_parameter: parcels of one channel and one warehouse."""
    numbers = [part.needed("package_number") for part in call.body.objects("package_list", MAX_PARCELS)]
    packages, failed = _of_one_kind(call, numbers)
    good: list[Package] = []
    for package in packages:
        try:
            _check_parameters(package)
        except ApiError as error:
            failed.append({"package_number": package.id, "fail_reason": error.message})
        else:
            good.append(package)
    data: dict[str, Any] = {
        "success_list": [{"package_number": one.id} for one in good],
        "fail_list": failed,
    }
    if not good:
        return Answer(data, error=codes.ALL_FAILED, message="All packages failed.")
    return Answer(methods.offers(call.world, good[0], call.now) | data)


def _of_one_kind(call: Call, numbers: list[str]) -> tuple[list[Package], list[dict[str, str]]]:
    """The named parcels of one channel and place, and fail rows for the others.

    The body may name channel and place; where it does not, those of the first parcel count.
    """
    packages: list[Package] = []
    failed: list[dict[str, str]] = []
    channel_id, place_id = call.body.integer("logistics_channel_id"), call.body.text("product_location_id")
    for number in dict.fromkeys(numbers):
        package = call.world.package_of(call.store, number)
        if package is None:
            failed.append({"package_number": number, "fail_reason": "The package_number does not exist."})
            continue
        order = package.orders[0]
        own_channel, own_place = channel(order)[0], location_id(call.store, order.warehouse.id)
        channel_id, place_id = channel_id or own_channel, place_id or own_place
        if (own_channel, own_place) == (channel_id, place_id):
            packages.append(package)
        else:
            text = "The package is not under the same logistics_channel_id and product_location_id."
            failed.append({"package_number": number, "fail_reason": text})
    return packages, failed


def ship_order(call: Call) -> Answer:
    """POST ship_order: one parcel by exactly one method; success has no payload."""
    body = call.body
    order_sn, number = body.needed("order_sn"), body.optional_number("package_number")
    method = methods.chosen(body)
    inputs = body.object(method) or Fields({})
    _act(call, order_sn, number, _reader(call, method, inputs))
    return Answer()


def _act(call: Call, order_sn: str, number: str, wish_for: Callable[[Package], Wish], *, strict: bool = True) -> None:
    """Arrange one parcel and journal it. `strict` refuses a package number that the order does not need."""
    known = call.world.order_of(call.store, order_sn)
    parcels = known.open_packages or known.packages if known is not None else []
    target = number or (parcels[0].id if len(parcels) == 1 else order_sn)

    def send() -> None:
        package = call.package(order_sn, number)
        if strict and number and not is_split(package.orders[0]):
            raise ApiError(codes.NEED_NO_PACKAGE, "The order is not split, package_number must not be given.")
        shipping.check_can_leave(package)
        arrange(call, package, wish_for(package))

    call.act(SHIPPING, "ship", target, order_sn, send)


def arrange(call: Call, package: Package, wish: Wish) -> None:
    """Send a parcel off. Readers learn of it later; a seller's own parcel is on its way at once. Raises Refused."""
    if wish.method == "dropoff" and package.flaw is not None and package.flaw.kind in _PICKUP_FLAWS:
        package.flaw = None
    shipping.arrange(call.world, package, handover=wish.method, slot=wish.slot, self_shipment=wish.own, at=call.now)
    if wish.own is not None:
        shipping.collect(call.world, package, call.now)
    package.shown_at = call.now + lag_s(call.world, package)
    call.world.schedule(package.shown_at, "shopee_state_shown", package.id)


def update_shipping_order(call: Call) -> Answer:
    """POST update_shipping_order: another pickup for a parcel whose carrier came in vain."""
    body = call.body
    order_sn, number = body.needed("order_sn"), body.optional_number("package_number")
    inputs = body.object("pickup")
    if inputs is None:
        raise bad("pickup", "is required")

    def agree() -> None:
        package = call.package(order_sn, number)
        if not must_retry(package):
            raise ApiError(codes.PARAM, "The package is not waiting for another pickup.")
        slot = methods.read_pickup(call.world, package, inputs, call.now)
        shipping.agree_pickup(call.world, package, slot, call.now)

    call.act(SHIPPING, "update_shipping", number or order_sn, order_sn, agree)
    return Answer()


def mass_ship_order(call: Call) -> Answer:
    """POST mass_ship_order: parcels of one channel and one warehouse, told apart by success and failure."""
    body = call.body
    numbers = [part.needed("package_number") for part in body.objects("package_list", MAX_PARCELS)]
    method = methods.chosen(body)
    own = _own_numbers(body) if method == "non_integrated" else {}
    shared = Fields({}) if method == "non_integrated" else body.object(method) or Fields({})
    packages, failed = _of_one_kind(call, numbers)
    for row in failed:
        call.record("ship", row["package_number"], "", "refused", codes.PARAM)
    done: list[dict[str, str]] = []
    for package in packages:
        inputs = own.get(package.id, shared)
        try:
            _act(call, package.orders[0].id, package.id, _reader(call, method, inputs), strict=False)
        except ApiError as error:
            failed.append({"package_number": package.id, "fail_reason": error.message})
        else:
            done.append({"package_number": package.id})
    data = {"success_list": done, "fail_list": failed}
    return Answer(data) if done else Answer(data, error=codes.ALL_FAILED, message="All packages failed.")


def _own_numbers(body: Fields) -> dict[str, Fields]:
    """The seller's tracking numbers by parcel: a list, or an object with the list under `tracking_number`."""
    wrapped = isinstance(body.values.get("non_integrated"), dict)
    holder = body.object("non_integrated") if wrapped else None
    rows = body.objects("non_integrated") if holder is None else holder.objects("tracking_number")
    return {one.needed("package_number"): one for one in rows}


def _reader(call: Call, method: str, inputs: Fields) -> Callable[[Package], Wish]:
    return lambda package: methods.read_wish(call.world, package, method, inputs, call.now)


def batch_ship_order(call: Call) -> Answer:
    """POST batch_ship_order: orders instead of parcels, one row each; open for every channel, as it used to be."""
    body = call.body
    parts = body.objects("order_list", MAX_PARCELS)
    wanted = [(part.needed("order_sn"), part.optional_number("package_number")) for part in parts]
    method = methods.chosen(body)
    inputs = body.object(method) or Fields({})
    rows: list[dict[str, str]] = []
    warning: list[dict[str, str]] = []
    for order_sn, number in wanted:
        row = {"order_sn": order_sn, "package_number": number, "fail_error": "", "fail_message": ""}
        try:
            _act(call, order_sn, number, _reader(call, method, inputs))
        except ApiError as error:
            row["fail_error"], row["fail_message"] = error.code, error.message
            warning.append({"order_sn": order_sn, "package_number": number})
        rows.append(row)
    if len(warning) == len(rows):
        return Answer({"result_list": rows}, error=codes.ALL_FAILED, message="All orders failed.")
    return Answer({"result_list": rows}, {"warning": warning})

"""Tracking numbers and what carriers report (sheet, section 6.5)."""

from __future__ import annotations

from typing import Any

from ..world.model import Package
from . import codes
from .arranging import MAX_PARCELS
from .call import Answer, Call
from .codes import ApiError
from .params import Query
from .states import known_tracking, logistics_status

_OPTIONAL = ("plp_number", "first_mile_tracking_number", "last_mile_tracking_number")


def tracking_number(call: Call) -> Answer:
    """GET get_tracking_number: empty text until the carrier has given one."""
    package = call.package(call.query.needed("order_sn"), call.query.optional_number("package_number"))
    return Answer(_numbers(package, call.now, set(call.query.texts("response_optional_fields"))))


def _numbers(package: Package, now: int, wanted: set[str]) -> dict[str, str]:
    number = known_tracking(package, now)
    hint = "" if number else "The tracking number is not available yet, please try again later."
    data = {"tracking_number": number, "hint": hint}
    return data | {name: number if name == "last_mile_tracking_number" else "" for name in _OPTIONAL if name in wanted}


def mass_tracking_number(call: Call) -> Answer:
    """POST get_mass_tracking_number."""
    numbers = [part.needed("package_number") for part in call.body.objects("package_list", MAX_PARCELS)]
    wanted = set(Query([("names", call.body.text("response_optional_fields"))]).texts("names"))
    good: list[dict[str, str]] = []
    failed: list[dict[str, str]] = []
    for number in dict.fromkeys(numbers):
        package = call.world.package_of(call.store, number)
        if package is None:
            failed.append({"package_number": number, "fail_reason": "The package_number does not exist."})
        else:
            good.append({"package_number": number} | _numbers(package, call.now, wanted))
    data = {"success_list": good, "fail_list": failed}
    return Answer(data) if good else Answer(data, error=codes.ALL_FAILED, message="All packages failed.")


def tracking_info(call: Call) -> Answer:
    """GET get_tracking_info: what happened to a parcel, newest first."""
    order_sn, number = call.query.needed("order_sn"), call.query.optional_number("package_number")
    if call.world.order_of(call.store, order_sn) is None:
        raise ApiError(codes.NO_SUCH_TRACE, "The order is not found.")
    package = call.package(order_sn, number)
    events: list[tuple[int, str, str]] = []
    if package.arranged_at is not None:
        events.append((package.arranged_at, "The seller is preparing to ship your parcel.", "ORDER_CREATED"))
    if package.collected_at is not None:
        events.append((package.collected_at, f"{package.carrier.name} has picked up the parcel.", "PICKED_UP"))
    if package.delivered_at is not None:
        events.append((package.delivered_at, "The parcel has been delivered.", "DELIVERED"))
    rows: list[dict[str, Any]] = [
        {"update_time": at, "description": text, "logistics_status": word, "return_code": ""}
        for at, text, word in reversed(events)
    ]
    return Answer(
        {
            "order_sn": order_sn,
            "package_number": package.id,
            "logistics_status": logistics_status(package, call.now),
            "tracking_info": rows,
        }
    )

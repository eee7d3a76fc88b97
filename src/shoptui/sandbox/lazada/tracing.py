"""What carriers report about the parcels of an order (sheet, section 7.7)."""

from __future__ import annotations

from typing import Any

from ..world.model import Package
from ..world.regions import REGIONS
from .call import Answer, Call
from .render import clock
from .states import provider, tracking

_NO_DATA = "LD_INVOKE_DOWNSTREAM_RESPONSE_BLANK"
_BAD_INPUT = "INPUT_PARAM_VALID"


def trace(call: Call) -> Answer:
    """GET or POST /logistic/order/trace: newest events first; parcels appear once they are handed over."""
    order = call.world.order_of(call.store, call.params.number("order_id"))
    if order is None:
        return _answer([], _BAD_INPUT)
    handed = [one for one in order.packages if one.arranged_at is not None]
    wanted = call.params.text("ofcPackageIdList")
    if wanted:
        handed = [one for one in handed if f'"{one.id}"' in wanted]
    if not handed:
        return _answer([], _NO_DATA)
    module = {
        "ofc_order_id": order.id,
        "warehouse_detail_info": {},
        "package_detail_info_list": [_package(call, one) for one in handed],
    }
    return _answer([module])


def _answer(module: list[dict[str, Any]], error: str = "") -> Answer:
    return Answer(
        {
            "result": {
                "success": not error,
                "not_success": bool(error),
                "repeated": False,
                "retry": False,
                "error_code": {"displayMessage": error} if error else None,
                "module": module,
            }
        }
    )


def _package(call: Call, package: Package) -> dict[str, Any]:
    region = REGIONS[package.store.region]
    events = [
        (package.arranged_at, "Ready to ship", "The parcel is ready to be handed over.", "READY_TO_SHIP"),
        (package.collected_at, "Picked up", f"{provider(package)} has picked up the parcel.", "PICKUP_SUCCESS"),
        (package.delivered_at, "Delivered", "The parcel has been delivered.", "DELIVERED"),
    ]
    return {
        "tracking_number": tracking(call.world, package),
        "ofc_package_id": package.id,
        "order_line_info_list": [{"trade_order_line_id": line.id} for line in package.lines],
        "logistic_detail_info_list": [
            {
                "title": title,
                "description": text,
                "detail_type": "logistics",
                "status_code": word,
                "event_time": at * 1000,
                "event_date": clock(at, region, "%Y-%m-%d"),
                "receive_time": at * 1000,
                "package_location_name": "",
                "icon": "",
                "proof_images": [],
            }
            for at, title, text, word in reversed(events)
            if at is not None
        ],
    }

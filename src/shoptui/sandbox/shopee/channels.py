"""The seller's addresses and logistics channels (sheet, section 6.7)."""

from __future__ import annotations

from typing import Any

from ..world.model import DeliveryOption, Shipping, Warehouse
from .call import Answer, Call
from .shops import place
from .states import is_hurried


def address_list(call: Call) -> Answer:
    """GET get_address_list."""
    rows = [
        {"address_id": int(house.id), **place(call.store, house), "address_type": _types(house)}
        for house in call.store.warehouses
    ]
    return Answer({"show_pickup_address": True, "address_list": rows})


def _types(house: Warehouse) -> list[str]:
    if house.is_return:
        return ["RETURN_ADDRESS"]
    return ["DEFAULT_ADDRESS", "PICK_UP_ADDRESS"] if house.is_default else ["PICK_UP_ADDRESS"]


def channel_list(call: Call) -> Answer:
    """GET get_channel_list: what buyers choose at checkout, the carriers behind it and the seller's own fleet."""
    options = call.store.options
    parent = next(one for one in options if one.shipping is Shipping.PLATFORM)
    rows = [_channel(one.id, one.name, one.weight_limit_g, option=one) for one in options]
    rows += [
        _channel(one.id, one.name, parent.weight_limit_g, mask_channel_id=int(parent.id)) for one in call.store.carriers
    ]
    return Answer({"logistics_channel_list": rows})


def _channel(
    channel_id: str, name: str, limit_g: int, *, option: DeliveryOption | None = None, mask_channel_id: int = 0
) -> dict[str, Any]:
    own_fleet = option is not None and option.shipping is Shipping.SELLER
    service = option.kind if option is not None and is_hurried(option) else None
    return {
        "logistics_channel_id": int(channel_id),
        "logistics_channel_name": name,
        "cod_enabled": not own_fleet,
        "enabled": True,
        "fee_type": "CUSTOM_PRICE" if own_fleet else "SIZE_INPUT",
        "size_list": [],
        "weight_limit": {"item_max_weight": limit_g / 1000, "item_min_weight": 0.001},
        "item_max_dimension": {"height": 100, "width": 100, "length": 100, "unit": "cm", "dimension_sum": 0},
        "volume_limit": {"item_max_volume": 0, "item_min_volume": 0},
        "logistics_description": name,
        "force_enable": False,
        "mask_channel_id": mask_channel_id,
        "block_seller_cover_shipping_fee": False,
        "support_cross_border": False,
        "seller_logistic_has_configuration": None,
        "logistics_capability": {"seller_logistics": own_fleet},
        "preprint": False,
        "service_type_identifier": service,
    }

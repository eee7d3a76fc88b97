"""Warehouses, delivery options, carriers and the lists of shops (sheet sections 2.3, 11, 15)."""

from __future__ import annotations

from typing import Any

from ..world.model import DeliveryOption, Shipping, Warehouse
from ..world.regions import REGIONS, Region
from .call import Answer, Call
from .codes import PLATFORM_OPTION, ApiError, bad
from .render import mask_phone


def authorized_shops(call: Call) -> Answer:
    """GET /authorization/202309/shops."""
    return {
        "shops": [
            {
                "id": store.id,
                "name": store.name,
                "region": store.region,
                "seller_type": "LOCAL" if len(call.grant.stores) == 1 else "CROSS_BORDER",
                "cipher": store.cipher,
                "code": store.code,
            }
            for store in call.grant.stores
        ]
    }


def seller_shops(call: Call) -> Answer:
    """GET /seller/202309/shops."""
    return {"shops": [{"id": store.id, "region": store.region} for store in call.grant.stores]}


def seller_permissions(call: Call) -> Answer:
    """GET /seller/202309/permissions."""
    return {"permissions": []}


def warehouses(call: Call) -> Answer:
    """GET /logistics/202309/warehouses; the misspelt `distict` is part of the contract."""
    region = REGIONS[call.store.region]
    return {"warehouses": [_warehouse(one, region) for one in call.store.warehouses]}


def _warehouse(house: Warehouse, region: Region) -> dict[str, Any]:
    return {
        "id": house.id,
        "entity_id": house.id,
        "name": house.name,
        "effect_status": "ENABLED",
        "type": "RETURN_WAREHOUSE" if house.is_return else "SALES_WAREHOUSE",
        "sub_type": "DOMESTIC_WAREHOUSE",
        "is_default": house.is_default,
        "address": {
            "region": region.name,
            "region_code": region.code,
            "state": house.state,
            "city": house.city,
            "distict": house.district,
            "town": "",
            "postal_code": house.postcode,
            "full_address": ", ".join((region.name, house.state, house.city, house.district, house.street)),
            "address_line1": house.street,
            "contact_person": house.contact,
            "phone_number": mask_phone(house.phone),
        },
    }


def delivery_options(call: Call) -> Answer:
    """GET /logistics/202309/warehouses/{warehouse_id}/delivery_options."""
    if not any(one.id == call.params["warehouse_id"] for one in call.store.warehouses):
        raise bad("warehouse_id", "is not a warehouse of this shop")
    return {"delivery_options": [_option(option) for option in call.store.options]}


def _option(option: DeliveryOption) -> dict[str, Any]:
    return {
        "id": option.id,
        "name": option.name,
        "type": option.kind,
        "description": option.name,
        "dimension_limit": {"max_height": 100, "max_length": 100, "max_width": 100, "unit": "CM"},
        "weight_limit": {"max_weight": option.weight_limit_g, "min_weight": 1, "unit": "GRAM"},
        "platform": ["TIKTOK_SHOP"],
    }


def shipping_providers(call: Call) -> Answer:
    """GET /logistics/202309/delivery_options/{id}/shipping_providers; platform options answer 21008117."""
    wanted = call.params["delivery_option_id"]
    option = next((one for one in call.store.options if one.id == wanted), None)
    if option is None:
        raise bad("delivery_option_id", "is not a delivery option of this shop")
    if option.shipping is Shipping.PLATFORM:
        raise ApiError(PLATFORM_OPTION, "the delivery option is fulfilled by the platform")
    return {"shipping_providers": [{"id": one.id, "name": one.name} for one in call.store.carriers]}

"""Products and their stock: lists, one product, warehouses, and the three ways of writing stock (sheet section 10)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from ..reading import Window, is_digits, within_both
from ..world.refusal import Refused
from ..world.regions import REGIONS
from ..world.stock import check_open, faults
from ..world.stock_model import NOTHING_RESERVED, Offer, OfferState, Place
from .call import Answer, Call, data
from .codes import APP_LIMIT, LIMIT_TEXT, ApiError, invalid
from .render import HOSTS, clock, number
from .stock_payload import Wanted, read_payload

_STATUS = {OfferState.LIVE: "Active", OfferState.OFF: "InActive", OfferState.BLOCKED: "Suspended"}
_FILTERS = ("all", "live", "inactive", "deleted", "image-missing", "pending", "rejected", "sold-out")
_LIMIT_MAX, _OFFSET_MAX = 50, 10_000
_NO_SKU, _NO_ITEM, _NEGATIVE, _UPDATE_FAILED = "207", "208", "212", "501"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d")
_OP = "set_stock"

Product = Sequence[Offer]


def products(call: Call) -> Answer:
    """GET /products/get: products (not SKUs) by offset, the deleted ones only when asked for."""
    word = call.params.text("filter")
    if word not in _FILTERS:
        raise invalid("filter", f"use one of {', '.join(_FILTERS)}")
    limit = _bounded(call, "limit", 20, 1, _LIMIT_MAX, "19", "E019: Invalid Limit")
    offset = _bounded(call, "offset", 0, 0, _OFFSET_MAX, "14", "E014: Invalid Offset")
    created, updated = (_time(call, "create_after"), _time(call, "create_before")), _window(call)
    codes = _codes(call)
    found = [
        (offers[0].created_at, offers)
        for offers in call.world.stock.products_of(call.store).values()
        if _fits(word, offers)
        and within_both(offers[0].created_at, created)
        and within_both(_updated_at(offers), updated)
        and (not codes or any(offer.sku.code in codes for offer in offers))
    ]
    found.sort(key=lambda pair: (pair[0], pair[1][0].sku.product_id))
    in_full = call.params.text("options") == "1"
    page = [_product(call, offers, in_full=in_full) for _at, offers in found[offset : offset + limit]]
    return data({"total_products": len(found), "products": page})


def product(call: Call) -> Answer:
    """GET /product/item/get."""
    return data(_product(call, _item(call, call.params.number("item_id")), in_full=True))


def warehouses(call: Call) -> Answer:
    """GET /seller/warehouse/get: sellers of one place have one with a fixed word for its code."""
    modules = [
        {
            "code": warehouse_code(call, house.id),
            "name": house.name,
            "detailAddress": house.street,
            "defaultAddress": house.is_default,
            "needToUpdate": False,
            "status": "ACTIVE",
        }
        for house in call.store.warehouses
        if not house.is_return
    ]
    return Answer({"result": {"success": True, "module": modules, "error_code": None}})


def update_sellable(call: Call) -> Answer:
    """GET or POST /product/stock/sellable/update: what buyers can order, absolute."""
    return _write(call, "SellableQuantity", lambda place, held, amount: amount)


def adjust_sellable(call: Call) -> Answer:
    """POST /product/stock/sellable/adjust: by how much, up or down."""
    return _write(call, "SellableQuantity", lambda place, held, amount: place.quantity + amount)


def update_price_quantity(call: Call) -> Answer:
    """POST /product/price_quantity/update: the total, of which what orders hold is taken off."""
    return _write(call, "Quantity", lambda place, held, amount: amount - held, in_campaigns=False)


def warehouse_code(call: Call, warehouse_id: str) -> str:
    """A warehouse as Lazada names it; sellers of one place see a fixed word instead."""
    houses = [one for one in call.store.warehouses if not one.is_return]
    return "dropshipping" if len(houses) < 2 else f"WH-{warehouse_id}"


def _write(call: Call, field: str, sellable: Callable[[Place, int, int], int], *, in_campaigns: bool = True) -> Answer:
    """Set SKU by SKU; what is refused stands in the details of a summary error, whatever became of the others."""
    wanted = read_payload(call.params.needed("payload"), field)
    known = call.world.stock.offers_of(call.store)
    if not in_campaigns and any(place.held for one in wanted for place in _places(known.get(one.sku_id))):
        raise ApiError(APP_LIMIT, LIMIT_TEXT)
    failed: list[dict[str, str]] = []
    for one in wanted:
        offer = known.get(one.sku_id)
        try:
            if offer is None or offer.sku.product_id != one.item_id or offer.state is OfferState.DELETED:
                raise ApiError(_NO_SKU if offer is None else _NO_ITEM, "SKU_NOT_FOUND: the SKU is not the seller's")
            _set(call, offer, one, sellable)
        except ApiError as error:
            target = f"{one.item_id}/{one.sku_id}"
            call.record(_OP, target, "", "refused", error.code, error.message)
            code = offer.sku.code if offer is not None else one.seller_sku
            failed.append({"field": field, "seller_sku": code, "message": error.message})
    if failed:
        raise ApiError(_UPDATE_FAILED, "E501: Update product failed", failed)
    return data({})


def _set(call: Call, offer: Offer, one: Wanted, sellable: Callable[[Place, int, int], int]) -> None:
    """Raises ApiError with the SKU's own reason."""
    quantities: dict[str, int] = {}
    reserved = call.world.stock.reserved(call.store)
    by_code = {warehouse_code(call, place.warehouse.id): place for place in offer.places}
    for code, amount in one.amounts.items():
        if not code and len(offer.places) > 1:
            raise ApiError(_UPDATE_FAILED, "multi warehouse seller must use MultiWarehouseInventories")
        if code and len(offer.places) == 1:
            raise ApiError(_UPDATE_FAILED, "single warehouse seller must not use MultiWarehouseInventories")
        place = by_code.get(code) if code else offer.places[0]
        if place is None:
            raise ApiError(_UPDATE_FAILED, f"warehouse {code} is not the seller's")
        held = reserved.get((offer.sku.id, place.warehouse.id), NOTHING_RESERVED)
        quantities[place.warehouse.id] = sellable(place, held.unpaid + held.paid, amount)
        if quantities[place.warehouse.id] < 0:
            raise ApiError(_NEGATIVE, "E212: sellable quantity would be negative")
    try:
        check_open(offer)
        if faults(offer, quantities):
            raise ApiError("4170", "negative sellable on channel inventory")
        before = call.world.stock.write(offer, quantities, call.now)
    except Refused as refused:
        raise ApiError(_UPDATE_FAILED, refused.detail) from refused
    for warehouse_id, quantity in quantities.items():
        named = warehouse_code(call, warehouse_id) if len(offer.places) > 1 else ""
        target = f"{offer.sku.product_id}/{offer.sku.id}@{named}"
        call.record(_OP, target, "", "applied", "0", f"{before[warehouse_id]}>{quantity}")


def _places(offer: Offer | None) -> Sequence[Place]:
    return offer.places if offer is not None else ()


def _item(call: Call, item_id: str) -> Product:
    offers = call.world.stock.products_of(call.store).get(item_id)
    if offers is None or offers[0].state is OfferState.DELETED:
        stranger = any(item_id in call.world.stock.products_of(store) for store in call.world.stores_of(call.side.name))
        raise ApiError("EDIT_ITEM_NOT_BELONG_SELLER" if stranger and offers is None else _NO_ITEM, "ITEM_NOT_FOUND")
    return offers


def _fits(word: str, offers: Product) -> bool:
    state = offers[0].state
    match word:
        case "all":
            return state is not OfferState.DELETED
        case "live":
            return state is OfferState.LIVE
        case "inactive":
            return state is OfferState.OFF
        case "deleted":
            return state is OfferState.DELETED
        case "rejected":
            return state is OfferState.BLOCKED
        case "sold-out":
            return state is OfferState.LIVE and all(offer.shows == 0 for offer in offers)
        case _:
            return False


def _window(call: Call) -> Window:
    return _time(call, "update_after"), _time(call, "update_before")


def _time(call: Call, name: str) -> int | None:
    value = call.params.text(name)
    if not value:
        return None
    if not _TIME.fullmatch(value):
        raise ApiError("17", "E017: Invalid Date Format")
    return int(datetime.fromisoformat(value).timestamp())


def _bounded(call: Call, name: str, default: int, low: int, high: int, code: str, message: str) -> int:
    value = call.params.text(name) or str(default)
    if not is_digits(value) or not low <= int(value) <= high:
        raise ApiError(code, message)
    return int(value)


def _codes(call: Call) -> frozenset[str]:
    value = call.params.text("sku_seller_list")
    if not value:
        return frozenset()
    try:
        codes = json.loads(value)
    except ValueError:
        codes = None
    if not isinstance(codes, list) or not 1 <= len(codes) <= 100 or any(not isinstance(one, str) for one in codes):
        raise ApiError("70", "E070: You have corrupt data in your sku seller list")
    return frozenset(codes)


def _updated_at(offers: Product) -> int:
    return max(offer.updated_at for offer in offers)


def _product(call: Call, offers: Product, *, in_full: bool) -> dict[str, Any]:
    goods = offers[0].sku
    return {
        "item_id": int(goods.product_id),
        "primary_category": 9231,
        "status": _STATUS.get(offers[0].state, "Deleted"),
        "subStatus": "",
        "created_time": str(offers[0].created_at * 1000),
        "updated_time": str(_updated_at(offers) * 1000),
        "trialProduct": False,
        "images": [goods.image],
        "marketImages": [],
        "attributes": {"name": goods.product_name, "brand": "No Brand", "delivery_option_sof": "0"},
        "variation": {
            "Variation1": {
                "name": "Variation",
                "label": "Variation",
                "hasImage": False,
                "customize": True,
                "options": [offer.sku.variant for offer in offers],
            }
        },
        "suspendedSkus": [],
        "skus": [_sku(call, offer, in_full=in_full) for offer in offers],
    }


def _sku(call: Call, offer: Offer, *, in_full: bool) -> dict[str, Any]:
    """One SKU, with its stock place by place only `in_full`; warehouses with nothing in them are left out."""
    region = REGIONS[call.store.region]
    sku, now = offer.sku, call.now
    reserved = call.world.stock.reserved(call.store)
    houses: list[dict[str, Any]] = []
    for place in offer.places:
        held = reserved.get((sku.id, place.warehouse.id), NOTHING_RESERVED)
        total = place.quantity + held.unpaid + held.paid
        if total or len(offer.places) == 1:
            houses.append(
                {
                    "warehouseCode": warehouse_code(call, place.warehouse.id),
                    "quantity": place.quantity,
                    "sellableQuantity": place.quantity,
                    "occupyQuantity": held.paid,
                    "withholdQuantity": held.unpaid,
                    "totalQuantity": total,
                }
            )
    campaign = sum(place.held for place in offer.places)
    channel = {
        "channelName": "0d6f9f4c-9f2e-4d07-a3be-6f1f0f2b7c55",
        "startTime": clock(now - 86_400, region),
        "endTime": clock(now + 86_400, region),
        "sellableQuantity": campaign,
    }
    fbl = {"warehouseCode": f"FBL-{region.code}", "quantity": offer.platform, "sellableQuantity": offer.platform}
    host = HOSTS.get(region.code, "lazada.com")
    brief = {
        "SkuId": int(sku.id),
        "SellerSku": sku.code,
        "ShopSku": f"{sku.product_id}_{region.code}-{sku.id}",
        "Status": "active" if offer.state is OfferState.LIVE else "inactive",
        "Url": f"https://www.{host}/-i{sku.product_id}-s{sku.id}.html",
        "Images": [],
        "saleProp": {"Variation": sku.variant},
        "quantity": sum(house["totalQuantity"] for house in houses),
        "Available": sum(place.quantity for place in offer.places),
        "price": number(sku.price_minor, region),
        "special_price": 0,
        "package_weight": f"{sku.weight_g / 1000:.2f}",
    }
    if not in_full:
        return brief
    return brief | {
        "multiWarehouseInventories": houses,
        "fblWarehouseInventories": [fbl] if offer.platform else [],
        "channelInventories": [channel] if campaign else [],
    }

"""Items, their models and their stock: lists, details and the stock update (sheet section 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..reading import is_digits
from ..world.refusal import Reason, Refused
from ..world.regions import REGIONS
from ..world.stock import check_open, faults
from ..world.stock_model import Offer, OfferState
from . import codes
from .call import Answer, Call
from .codes import ApiError, bad
from .params import UINT32, Fields
from .render import money
from .states import location_id

_STATUS = {
    OfferState.LIVE: "NORMAL",
    OfferState.OFF: "UNLIST",
    OfferState.BLOCKED: "BANNED",
    OfferState.DELETED: "SELLER_DELETE",
}
_STATUS_WORDS = ("NORMAL", "BANNED", "UNLIST", "REVIEWING", "SELLER_DELETE", "SHOPEE_DELETE", "DELETED")
_INT32 = 2**31
_OP = "set_stock"

Item = Sequence[Offer]


def item_list(call: Call) -> Answer:
    """GET get_item_list: ids alone, from an offset on."""
    query = call.query
    offset, size = query.number("offset", 0, _INT32), query.number("page_size", 1, 100)
    wanted = query.texts("item_status")
    if not wanted or any(word not in _STATUS_WORDS for word in wanted):
        raise bad("item_status", f"must be some of {', '.join(_STATUS_WORDS)}")
    since = query.number("update_time_from", 0, UINT32, 0)
    until = query.number("update_time_to", 0, UINT32, UINT32)
    found = sorted(
        (offers[0].created_at, int(item_id), offers)
        for item_id, offers in call.world.stock.products_of(call.store).items()
        if _STATUS[offers[0].state] in wanted and since <= _updated_at(offers) <= until
    )
    page = found[offset : offset + size]
    more = offset + len(page) < len(found)
    rows = [
        {
            "item_id": item_id,
            "item_status": _STATUS[offers[0].state],
            "update_time": _updated_at(offers),
            "tag": {"kit": False},
        }
        for _at, item_id, offers in page
    ]
    next_offset = {"next_offset": offset + len(page)} if more else {}
    return Answer({"item": rows, "total_count": len(found), "has_next_page": more, **next_offset})


def base_info(call: Call) -> Answer:
    """GET get_item_base_info: up to 50 items; what is not the shop's is left out."""
    ids = call.query.listed("item_id_list", 50)
    if any(not is_digits(item_id) for item_id in ids):
        raise bad("item_id_list", "must be numbers joined by commas")
    products = call.world.stock.products_of(call.store)
    return Answer({"item_list": [_item(call, products[item_id]) for item_id in ids if item_id in products]})


def model_list(call: Call) -> Answer:
    """GET get_model_list: the variations of one item, none where it has none."""
    offers = _offers(call, call.query.number("item_id", 1, 2**63 - 1))
    if len(offers) == 1:
        return Answer({"tier_variation": [], "model": []})
    options = [
        {"option": offer.sku.variant, "image": {"image_id": "", "image_url": offer.sku.image}} for offer in offers
    ]
    models = [
        {
            "model_id": int(offer.sku.id),
            "tier_index": [at],
            "model_sku": offer.sku.code,
            "model_status": "MODEL_NORMAL",
            "promotion_id": 779_222_207_758_537 if _held(offer) else 0,
            "has_promotion": _held(offer) > 0,
            "price_info": _prices(call, offer),
            "stock_info_v2": _stock(call, [offer], is_model=True),
            "pre_order": {"is_pre_order": False, "days_to_ship": 2},
            "weight": f"{offer.sku.weight_g / 1000:.2f}",
        }
        for at, offer in enumerate(offers)
    ]
    return Answer({"tier_variation": [{"name": "Variant", "option_list": options}], "model": models})


def update_stock(call: Call) -> Answer:
    """POST update_stock: one item, its models told apart by success and failure, an error beside a failure."""
    offers = _offers(call, call.body.needed_integer("item_id", 1))
    if offers[0].state in (OfferState.BLOCKED, OfferState.DELETED):
        raise ApiError(codes.UNEDITABLE, "The item cannot be edited in its status.")
    rows = call.body.objects("stock_list", 50)
    by_model = {int(offer.sku.id): offer for offer in offers} if len(offers) > 1 else {0: offers[0]}
    wanted: list[tuple[int, Offer, dict[str, int]]] = []
    for row in rows:
        model_id = row.integer("model_id") or 0
        if model_id == 0 and len(offers) > 1:
            raise ApiError(codes.HAS_MODELS, "The item has models, their stock is to be edited.")
        if model_id not in by_model or any(model_id == known for known, _, _ in wanted):
            raise ApiError(codes.PRODUCT_PARAM, f"The model_id {model_id} is wrong or repeated.")
        offer = by_model[model_id]
        wanted.append((model_id, offer, _quantities(call, offer, row)))
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for model_id, offer, quantities in wanted:
        reason = _refusal(offer, quantities)
        if reason:
            call.record(_OP, _target(offer, model_id, ""), "", "refused", codes.UPDATE_FAILED, reason)
            failed.append({"model_id": model_id, "failed_reason": reason})
        else:
            done += _write(call, offer, model_id, quantities)
    lists = {"success_list": done, "failure_list": failed}
    if failed:
        return Answer(lists, error=codes.UPDATE_FAILED, message="Update stock failed.")
    return Answer(lists)


def _write(call: Call, offer: Offer, model_id: int, quantities: dict[str, int]) -> list[dict[str, Any]]:
    before = call.world.stock.write(offer, quantities, call.now)
    rows = []
    for warehouse_id, stock in quantities.items():
        place = location_id(call.store, warehouse_id)
        named = place if len(offer.places) > 1 else ""
        call.record(_OP, _target(offer, model_id, named), "", "applied", "", f"{before[warehouse_id]}>{stock}")
        rows.append({"model_id": model_id, "location_id": place, "stock": stock})
    return rows


def _target(offer: Offer, model_id: int, place: str) -> str:
    return f"{offer.sku.product_id}/{model_id}@{place}"


def _quantities(call: Call, offer: Offer, row: Fields) -> dict[str, int]:
    """What is to be set, by warehouse id: places are named where there are several, and nowhere else."""
    by_place = {location_id(call.store, place.warehouse.id): place.warehouse.id for place in offer.places}
    found: dict[str, int] = {}
    for entry in row.objects("seller_stock", 50):
        named, stock = entry.text("location_id"), entry.needed_integer("stock", 0, _INT32 - 1)
        if not named and len(offer.places) > 1:
            raise ApiError(codes.BUSI, "The shop is multi-warehouse, location_id is needed.")
        if named and len(offer.places) == 1:
            raise ApiError(codes.AUTH, "The shop is not multi-warehouse, location_id should not be given.")
        if named and named not in by_place:
            raise ApiError(codes.AUTH, f"The location_id {named} does not belong to the shop.")
        found[by_place[named] if named else offer.places[0].warehouse.id] = stock
    return found


def _refusal(offer: Offer, quantities: dict[str, int]) -> str:
    """Why a model's stock cannot be set, in Shopee's words; empty when it can."""
    try:
        check_open(offer)
    except Refused as refused:
        if refused.reason is Reason.STOCK_OF_BUNDLE:
            return "Cannot edit stock of virtual SKU."
        return "Cannot edit stock in promotion."
    if any(refused.reason is Reason.BELOW_FLOOR for refused in faults(offer, quantities).values()):
        return "The stock should be no less than the reserved stock."
    return ""


def _offers(call: Call, item_id: int) -> Item:
    """Raises error_item_not_found for an item the shop does not have."""
    offers = call.world.stock.products_of(call.store).get(str(item_id))
    if offers is None or offers[0].state is OfferState.DELETED:
        raise ApiError(codes.NO_SUCH_ITEM, "The item is not found.")
    return offers


def _updated_at(offers: Item) -> int:
    return max(offer.updated_at for offer in offers)


def _held(offer: Offer) -> int:
    return sum(place.held for place in offer.places)


def _item(call: Call, offers: Item) -> dict[str, Any]:
    goods, has_model = offers[0].sku, len(offers) > 1
    item: dict[str, Any] = {
        "item_id": int(goods.product_id),
        "category_id": 100_717,
        "item_name": goods.product_name,
        "item_sku": goods.code.rpartition("-")[0] if has_model else goods.code,
        "item_status": _STATUS[offers[0].state],
        "condition": "NEW",
        "has_model": has_model,
        "has_promotion": any(_held(offer) for offer in offers),
        "create_time": offers[0].created_at,
        "update_time": _updated_at(offers),
        "weight": f"{goods.weight_g / 1000:.3f}",
        "image": {"image_url_list": [goods.image], "image_id_list": [goods.image.rpartition("/")[2]]},
        "pre_order": {"is_pre_order": False, "days_to_ship": 2},
        "brand": {"brand_id": 0, "original_brand_name": "NoBrand"},
        "deboost": "false",
        "stock_info_v2": _stock(call, offers, is_model=False),
    }
    # With variations the prices are told by model.
    return item if has_model else item | {"price_info": _prices(call, offers[0])}


def _prices(call: Call, offer: Offer) -> list[dict[str, Any]]:
    region = REGIONS[call.store.region]
    price = money(offer.sku.price_minor, region)
    return [
        {
            "currency": region.currency,
            "original_price": price,
            "current_price": price,
            "inflated_price_of_original_price": price,
            "inflated_price_of_current_price": price,
        }
    ]


def _stock(call: Call, offers: Item, *, is_model: bool) -> dict[str, Any]:
    """Stock of a model, or of all models of an item together; Shopee's own comes as text at model level."""
    places: dict[str, int] = {}
    for offer in offers:
        for place in offer.places:
            named = location_id(call.store, place.warehouse.id)
            places[named] = places.get(named, 0) + place.quantity
    platform = sum(offer.platform for offer in offers)
    own = [{"location_id": named, "stock": stock, "if_saleable": True} for named, stock in places.items()]
    shopee = [{"location_id": f"{call.store.region}FBS", "stock": str(platform) if is_model else platform}]
    return {
        "summary_info": {
            "total_reserved_stock": sum(_held(offer) for offer in offers),
            "total_available_stock": sum(places.values()) + platform,
        },
        "seller_stock": own,
        "shopee_stock": shopee if platform else [],
        "advance_stock": {"sellable_advance_stock": 0, "in_transit_advance_stock": 0},
    }

"""Products and their stock: search, detail, stock search and stock update (sheet section 10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..reading import is_digits, within_both
from ..world.refusal import Refused
from ..world.regions import REGIONS, money_text
from ..world.stock import check_open, faults
from ..world.stock_model import NOTHING_RESERVED, Offer, OfferState
from . import codes
from .call import Answer, Call
from .codes import STOCKING, ApiError, bad
from .paging import Place, decode, encode
from .params import Fields

_STATUS = {
    OfferState.LIVE: "ACTIVATE",
    OfferState.OFF: "SELLER_DEACTIVATED",
    OfferState.BLOCKED: "PLATFORM_DEACTIVATED",
    OfferState.DELETED: "DELETED",
}
_STATUS_WORDS = (
    "ALL",
    "DRAFT",
    "PENDING",
    "FAILED",
    "ACTIVATE",
    "SELLER_DEACTIVATED",
    "PLATFORM_DEACTIVATED",
    "FREEZE",
    "DELETED",
)
_RESULTS_MAX = 10_000
_QUANTITY_MAX = 99_999
_ROWS_MAX = 300
_OP = "set_stock"

Product = Sequence[Offer]


def search_products(call: Call) -> Answer:
    """POST /product/{202309,202502}/products/search: without pictures, and no further than 10,000 products."""
    size = call.query.size(1, 100, None)
    tests = _tests(call)
    products = list(call.world.stock.products_of(call.store).items())
    found = sorted((offers[0].created_at, product_id) for product_id, offers in products if _fits(offers, tests))
    place = decode(call.query.text("page_token"), "products", descending=False)
    after = place.key if place is not None else (-1, "")
    seen = sum(1 for key in found if key <= after)
    if seen >= _RESULTS_MAX:
        raise ApiError(codes.TOO_MANY_RESULTS, "a search gives 10000 results at most")
    page = found[seen : seen + size]
    more = seen + len(page) < len(found)
    return {
        "total_count": len(found),
        "next_page_token": encode(Place("products", False, page[-1], len(found))) if more else "",
        "products": [_product(call, call.world.stock.products_of(call.store)[product_id]) for _at, product_id in page],
    }


def product(call: Call) -> Answer:
    """GET /product/202309/products/{product_id}."""
    offers = _offers(call, call.params["product_id"])
    goods = offers[0].sku
    parts = _product(call, offers)
    for offer, sku in zip(offers, parts["skus"], strict=True):
        sku["sales_attributes"] = [
            {"id": "100000", "name": "Variant", "value_id": offer.sku.id[-9:], "value_name": offer.sku.variant}
        ]
    image = {"uri": goods.image.rpartition("/")[2], "urls": [goods.image], "thumb_urls": [goods.image]}
    return parts | {
        "main_images": [image | {"width": 800, "height": 800}],
        "description": f"<p>{goods.product_name}</p>",
    }


def search_stock(call: Call) -> Answer:
    """POST /product/202309/inventory/search: by SKU ids, or by product ids where no SKU is named."""
    product_ids = call.body.texts("product_ids", 10**6)
    sku_ids = call.body.texts("sku_ids", 10**6)
    if len(product_ids) > 100:
        raise ApiError(codes.TOO_MANY_PRODUCTS, "product_ids may hold 100 entries at most")
    if len(sku_ids) > 600:
        raise ApiError(codes.TOO_MANY_SKUS, "sku_ids may hold 600 entries at most")
    if not product_ids and not sku_ids:
        raise bad("sku_ids", "or product_ids is required")
    if sku_ids:
        known = call.world.stock.offers_of(call.store)
        offers = [known.get(sku_id) for sku_id in dict.fromkeys(sku_ids)]
    else:
        offers = [offer for product_id in dict.fromkeys(product_ids) for offer in _offers(call, product_id)]
    by_product: dict[str, list[dict[str, Any]]] = {}
    for offer in offers:
        if offer is None or offer.state is OfferState.DELETED:
            raise ApiError(codes.NO_SUCH_SKU, "a SKU does not exist")
        by_product.setdefault(offer.sku.product_id, []).append(_stock(call, offer))
    return {"inventory": [{"product_id": product_id, "skus": skus} for product_id, skus in by_product.items()]}


def update_stock(call: Call) -> Answer:
    """POST /product/202309/products/{product_id}/inventory/update: what is refused stands in `errors`, SKU by SKU."""
    offers = {offer.sku.id: offer for offer in _offers(call, call.params["product_id"])}
    state = next(iter(offers.values())).state
    rows = call.body.objects("skus", 10**6)
    if not rows:
        raise ApiError(codes.NO_SKUS, "skus is empty")
    if len(rows) > _ROWS_MAX:
        raise ApiError(codes.TOO_MANY_ROWS, f"skus may hold {_ROWS_MAX} entries at most")
    ids = [row.text("id") for row in rows]
    if None in ids:
        raise ApiError(codes.NO_SKU_ID, "a SKU has no id")
    if len(set(ids)) != len(ids):
        raise ApiError(codes.SKU_TWICE, "a SKU is named twice")
    if state in (OfferState.BLOCKED, OfferState.DELETED):
        raise ApiError(12052901, f"a product that is {_STATUS[state]} cannot be edited")
    errors = [error for row in rows if (error := _update_sku(call, offers, row)) is not None]
    return {"errors": errors} if errors else {}


def _update_sku(call: Call, offers: dict[str, Offer], row: Fields) -> dict[str, Any] | None:
    """Set one SKU's stock, or say why not."""
    sku_id = row.needed("id")
    offer = offers.get(sku_id)
    if offer is None:
        return _error(call, sku_id, codes.NOT_THE_PRODUCTS_SKU, "the SKU does not belong to the product")
    wanted = _quantities(offer, row)
    if len(wanted) < len(offer.places) and all(offer.place(warehouse_id) for warehouse_id in wanted):
        return _error(call, sku_id, codes.ALL_WAREHOUSES, "the SKU is in several warehouses: list them all")
    try:
        check_open(offer)
    except Refused as refused:
        return _error(call, sku_id, STOCKING.of(refused), refused.detail)
    extra = [
        {"warehouse_id": warehouse_id, "code": STOCKING.of(refused), "message": refused.detail}
        for warehouse_id, refused in faults(offer, wanted).items()
    ] + [
        {"warehouse_id": warehouse_id, "code": codes.BAD_QUANTITY, "message": f"quantity must be 0 to {_QUANTITY_MAX}"}
        for warehouse_id, quantity in wanted.items()
        if not 0 <= quantity <= _QUANTITY_MAX
    ]
    if extra:
        return _error(call, sku_id, codes.CHECK_FAILED, "the stock check failed", extra)
    before = call.world.stock.write(offer, wanted, call.now)
    for warehouse_id, quantity in wanted.items():
        target = f"{offer.sku.product_id}/{sku_id}@{warehouse_id}"
        call.record(_OP, target, "", "applied", 0, f"{before[warehouse_id]}>{quantity}")
    return None


def _quantities(offer: Offer, row: Fields) -> dict[str, int]:
    """What is to be set, by warehouse id; a single warehouse need not be named."""
    wanted: dict[str, int] = {}
    for place in row.objects("inventory", 100):
        quantity = place.values.get("quantity")
        if isinstance(quantity, bool) or not isinstance(quantity, int):
            raise bad(place.name("quantity"), "must be a whole number")
        warehouse_id = place.text("warehouse_id") or (offer.places[0].warehouse.id if len(offer.places) == 1 else "")
        if not warehouse_id:
            raise bad(place.name("warehouse_id"), "is required")
        wanted[warehouse_id] = quantity
    if not wanted:
        raise bad(row.name("inventory"), "is required")
    return wanted


def _error(call: Call, sku_id: str, code: int, message: str, extra: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    call.record(_OP, f"{call.params['product_id']}/{sku_id}", "", "refused", code)
    detail: dict[str, Any] = {"sku_id": sku_id}
    return {"code": code, "message": message, "detail": detail | ({"extra_errors": list(extra)} if extra else {})}


def _offers(call: Call, product_id: str) -> Product:
    """Raises 12019008 for what is no id, 12052032 for a product the shop does not have."""
    if not is_digits(product_id):
        raise ApiError(codes.BAD_PRODUCT_ID, "product_id is invalid")
    offers = call.world.stock.products_of(call.store).get(product_id)
    if offers is None:
        raise ApiError(codes.NO_SUCH_PRODUCT, f"product {product_id} does not exist")
    return offers


def _fits(offers: Product, tests: Sequence[Callable[[Product], bool]]) -> bool:
    return all(test(offers) for test in tests)


def _tests(call: Call) -> list[Callable[[Product], bool]]:
    body = call.body
    tests: list[Callable[[Product], bool]] = []
    word = body.text("status", _STATUS_WORDS)
    if word not in (None, "ALL"):
        tests.append(lambda offers: _STATUS[offers[0].state] == word)
    seller_skus, sku_ids = frozenset(body.texts("seller_skus", 10**6)), frozenset(body.texts("sku_ids", 10**6))
    if len(seller_skus) > 10:
        raise ApiError(codes.TOO_MANY_SELLER_SKUS, "seller_skus may hold 10 entries at most")
    if len(sku_ids) > 10:
        raise ApiError(codes.TOO_MANY_SKUS, "sku_ids may hold 10 entries at most")
    if seller_skus:
        tests.append(lambda offers: any(offer.sku.code in seller_skus for offer in offers))
    if sku_ids:
        tests.append(lambda offers: any(offer.sku.id in sku_ids for offer in offers))
    # Unlike orders, products are searched with both ends of the window included.
    created = body.integer("create_time_ge"), body.integer("create_time_le")
    updated = body.integer("update_time_ge"), body.integer("update_time_le")
    tests.append(lambda offers: within_both(offers[0].created_at, created))
    tests.append(lambda offers: within_both(_updated_at(offers), updated))
    return tests


def _updated_at(offers: Product) -> int:
    return max(offer.updated_at for offer in offers)


def _product(call: Call, offers: Product) -> dict[str, Any]:
    goods, region = offers[0].sku, REGIONS[call.store.region]
    return {
        "id": goods.product_id,
        "title": goods.product_name,
        "status": _STATUS[offers[0].state],
        "sales_regions": [region.code],
        "create_time": offers[0].created_at,
        "update_time": _updated_at(offers),
        "is_not_for_sale": False,
        "has_draft": False,
        "audit": {"status": "APPROVED"},
        "skus": [
            {
                "id": offer.sku.id,
                "seller_sku": offer.sku.code,
                "price": {
                    "currency": region.currency,
                    "tax_exclusive_price": money_text(offer.sku.price_minor, region),
                    "sale_price": money_text(offer.sku.price_minor, region),
                },
                "inventory": [{"warehouse_id": one.warehouse.id, "quantity": one.quantity} for one in offer.places],
                "status_info": {"status": "NORMAL"},
            }
            for offer in offers
        ],
    }


def _stock(call: Call, offer: Offer) -> dict[str, Any]:
    """One SKU of a stock search; campaigns' shares stand beside the warehouses (section 10.4)."""
    reserved = call.world.stock.reserved(call.store)
    committed = [reserved.get((offer.sku.id, place.warehouse.id), NOTHING_RESERVED).units for place in offer.places]
    houses = [
        {"warehouse_id": place.warehouse.id, "available_quantity": place.quantity, "committed_quantity": units}
        for place, units in zip(offer.places, committed, strict=True)
    ]
    total, held = sum(place.quantity for place in offer.places), sum(place.held for place in offer.places)
    campaigns = [{"campaign_name": "Mega sale", "quantity": held}] if held else []
    return {
        "id": offer.sku.id,
        "seller_sku": offer.sku.code,
        "total_available_quantity": total,
        "total_committed_quantity": sum(committed),
        "warehouse_inventory": houses,
        "total_available_inventory_distribution": {
            "in_shop_inventory": {"quantity": total - held},
            "campaign_inventory": campaigns,
            "creator_inventory": [],
        },
    }

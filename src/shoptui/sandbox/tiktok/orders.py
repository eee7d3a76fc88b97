"""Reading orders: search, detail by ids and the price breakdown (sheet section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..reading import Window, within
from ..world.index import Key, TimeIndex
from ..world.model import Order, Shipping
from ..world.regions import REGIONS, money_text
from .call import Answer, Call
from .codes import NOT_THIS_SHOPS_ORDER, ApiError
from .paging import Place, decode, encode
from .render import ORDER_STATUS, order_tax_minor
from .render import encode as encode_json

_STATUS_OF_WORD = {word: status for status, word in ORDER_STATUS.items()}
_SORTS = {"create_time": "created", "update_time": "updated"}
_SHIPPING_TYPES = {
    "TIKTOK": Shipping.PLATFORM,
    "SELLER": Shipping.SELLER,
    "TIKTOK_DIGITAL": None,
    "IN-STORE PICKUP": None,
}
MAX_DETAIL_IDS = 50


def search(call: Call) -> Answer:
    """POST /order/202309/orders/search."""
    size = call.query.size(1, 100, None)
    sort_word = call.query.text("sort_field", "create_time", tuple(_SORTS)) or "create_time"
    descending = call.query.text("sort_order", "DESC", ("ASC", "DESC")) == "DESC"
    status_word = call.body.text("order_status", tuple(_STATUS_OF_WORD))
    created, updated = call.body.window("create_time"), call.body.window("update_time")
    tests = _tests(call)
    shelf = call.world.shelves[call.store.id].orders
    sort = _SORTS[sort_word]
    status = _STATUS_OF_WORD[status_word] if status_word else None
    lookup = shelf.lookup(sort, status)
    window, other = (created, updated) if sort == "created" else (updated, created)
    if other != (None, None):
        tests.append(_in_window(other, "updated_at" if sort == "created" else "created_at"))
    place = decode(call.query.text("page_token"), sort, descending=descending)
    orders = call.world.orders
    total = place.total if place is not None else _total(lookup, window, tests, orders)
    after = place.key if place is not None else None
    rows = _matching(lookup.walk(ge=window[0], lt=window[1], descending=descending, after=after), tests, orders)
    page: list[Order] = []
    token = ""
    last: Key = (0, "")
    for key, order in rows:
        if len(page) == size:
            token = encode(Place(sort, descending, last, total))
            break
        page.append(order)
        last = key
    found = [call.side.renderer.order_json(order, call.now) for order in page]
    found = call.side.repeats.page(call.store.id, found, follows=place is not None)
    head = f'{{"next_page_token":{encode_json(token)},"total_count":{total},"orders":['.encode()
    return head + b",".join(found) + b"]}"


def _tests(call: Call) -> list[Callable[[Order], bool]]:
    """The filters no look-up answers."""
    tests: list[Callable[[Order], bool]] = []
    shipping_word = call.body.text("shipping_type", tuple(_SHIPPING_TYPES))
    if shipping_word:
        shipping = _SHIPPING_TYPES[shipping_word]
        tests.append(lambda order: order.shipping is shipping)
    buyer_id = call.body.text("buyer_user_id")
    if buyer_id:
        tests.append(lambda order: order.buyer.id == buyer_id)
    asked = call.body.flag("is_buyer_request_cancel")
    if asked is not None:
        tests.append(lambda order: (order.cancel_request is not None) is asked)
    warehouses = frozenset(call.body.texts("warehouse_ids", 100))
    if warehouses:
        tests.append(lambda order: order.warehouse.id in warehouses)
    return tests


def _in_window(window: Window, field: str) -> Callable[[Order], bool]:
    return lambda order: within(getattr(order, field), window)


def _matching(
    keys: Iterator[Key], tests: list[Callable[[Order], bool]], orders: dict[str, Order]
) -> Iterator[tuple[Key, Order]]:
    for key in keys:
        order = orders[key[1]]
        if all(test(order) for test in tests):
            yield key, order


def _total(
    lookup: TimeIndex,
    window: Window,
    tests: list[Callable[[Order], bool]],
    orders: dict[str, Order],
) -> int:
    if not tests:
        return lookup.count(*window)
    keys = lookup.walk(ge=window[0], lt=window[1], descending=False, after=None)
    return sum(1 for _ in _matching(keys, tests, orders))


def detail(call: Call) -> Answer:
    """GET /order/{202309,202507}/orders: all asked orders, or 21008111 when one is not the shop's."""
    ids = call.query.ids("ids", MAX_DETAIL_IDS)
    orders = [call.world.order_of(call.store, order_id) for order_id in ids]
    missing = [order_id for order_id, order in zip(ids, orders, strict=True) if order is None]
    if missing:
        raise ApiError(NOT_THIS_SHOPS_ORDER, f"order {', '.join(missing)} does not belong to this shop")
    found = [call.side.renderer.order_json(order, call.now) for order in orders if order is not None]
    return b'{"orders":[' + b",".join(found) + b"]}"


def price_detail(call: Call) -> Answer:
    """GET /order/202407/orders/{order_id}/price_detail."""
    order = call.order(call.params["order_id"])
    region = REGIONS[order.store.region]
    lines = [
        {"id": line.id}
        | _prices(
            list_price=line.price_minor,
            seller=line.seller_discount_minor,
            platform=line.platform_discount_minor,
            shipping=0,
            shipping_discount=0,
            tax=0,
            currency=region.currency,
            region_code=region.code,
        )
        for line in order.lines
    ]
    total = _prices(
        list_price=sum(line.price_minor for line in order.lines),
        seller=sum(line.seller_discount_minor for line in order.lines),
        platform=sum(line.platform_discount_minor for line in order.lines),
        shipping=order.shipping_fee_minor,
        shipping_discount=order.shipping_discount_minor,
        tax=order_tax_minor(order),
        currency=region.currency,
        region_code=region.code,
    )
    return {**total, "line_items": lines}


def _prices(
    *,
    list_price: int,
    seller: int,
    platform: int,
    shipping: int,
    shipping_discount: int,
    tax: int,
    currency: str,
    region_code: str,
) -> dict[str, Any]:
    region = REGIONS[region_code]
    sale = list_price - seller - platform
    money = {
        "total": list_price + shipping,
        "payment": sale + shipping - shipping_discount + tax,
        "sku_list_price": list_price,
        "sku_sale_price": sale,
        "subtotal": sale,
        "subtotal_deduction_seller": seller,
        "subtotal_deduction_platform": platform,
        "subtotal_tax_amount": tax,
        "voucher_deduction_seller": 0,
        "voucher_deduction_platform": 0,
        "shipping_list_price": shipping,
        "shipping_sale_price": shipping - shipping_discount,
        "shipping_fee_deduction_seller": 0,
        "shipping_fee_deduction_platform": shipping_discount,
        "shipping_fee_deduction_platform_voucher": 0,
        "tax_amount": tax,
        "net_price_amount": sale,
        "cod_fee": 0,
    }
    return {"currency": currency} | {name: money_text(value, region) for name, value in money.items()}

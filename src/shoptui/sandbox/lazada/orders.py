"""Reading orders and their units (sheet, section 6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from ..reading import Window, within_both
from ..world.index import Key
from ..world.model import Order, OrderStatus
from .call import Answer, Call, data
from .codes import ApiError, missing
from .states import COARSE, FILTERS

MAX_LIMIT = 100
MAX_OFFSET = 5000
MAX_ORDERS = 50

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}")
_ID = re.compile(r"[0-9]+")
_INDEX = {"created": "created_at", "updated": "updated_at"}


def order_list(call: Call) -> Answer:
    """GET /orders/get: a page of the orders of a window, and how many there are."""
    params = call.params
    windows = {
        "created": (_time(call, "created_after"), _time(call, "created_before")),
        "updated": (_time(call, "update_after"), _time(call, "update_before")),
    }
    if windows["created"][0] is None and windows["updated"][0] is None:
        raise missing("created_after or update_after")
    limit = _bounded(call, "limit", MAX_LIMIT, 1, "19", "E019: Invalid Limit")
    offset = _bounded(call, "offset", 0, 0, "14", "E014: Invalid Offset", high=MAX_OFFSET)
    sort = params.text("sort_by") or "created_at"
    if sort not in _INDEX.values():
        raise ApiError("75", "E075: Invalid sort filter")
    direction = params.text("sort_direction") or "ASC"
    if direction.upper() not in ("ASC", "DESC"):
        raise ApiError("74", "E074: Invalid sort direction")
    status = params.text("status")
    if status and status != "all" and status not in FILTERS:
        raise ApiError("36", "E036: Invalid status filter")
    keys, total = _find(call, windows, sort, FILTERS.get(status), descending=direction.upper() == "DESC")
    page = [call.world.orders[key[1]] for key in islice(keys, offset, offset + limit)]
    rows: list[Any] = [call.side.renderer.order(order, call.now, in_list=True) for order in page]
    rows = call.side.repeats.page(call.store.id, rows, follows=offset > 0)
    return data({"count": len(rows), "countTotal": total, "orders": rows})


_Windows = dict[str, Window]


def _find(
    call: Call, windows: _Windows, sort: str, wanted: frozenset[str] | None, *, descending: bool
) -> tuple[Iterator[Key], int]:
    """The keys of the matching orders in their order, and their number."""
    by = "updated" if windows["updated"][0] is not None else "created"
    ge, before = windows[by]
    lt = None if before is None else before + 1
    shelf = call.world.shelves[call.store.id].orders
    kinds: Sequence[OrderStatus | None] = [None]
    if wanted is not None and all(word in COARSE for word in wanted):
        kinds = sorted(frozenset[OrderStatus]().union(*(COARSE[word] for word in wanted)))
    lookups = [shelf.lookup(by, kind) for kind in kinds]
    walks = [one.walk(ge=ge, lt=lt, descending=descending, after=None) for one in lookups]
    keys: Iterator[Key] = merge(*walks, reverse=descending) if len(walks) > 1 else walks[0]
    tests = _tests(call, windows, by, wanted)
    if not tests and sort == _INDEX[by]:
        return keys, sum(one.count(ge, lt) for one in lookups)
    found = [key for key in keys if all(test(call.world.orders[key[1]]) for test in tests)]
    if sort != _INDEX[by]:
        found.sort(key=lambda key: (getattr(call.world.orders[key[1]], sort), key[1]), reverse=descending)
    return iter(found), len(found)


def _tests(call: Call, windows: _Windows, by: str, wanted: frozenset[str] | None) -> list[Callable[[Order], bool]]:
    """What the look-up by one time leaves to be asked of each order."""
    tests: list[Callable[[Order], bool]] = []
    other = "created" if by == "updated" else "updated"
    window = windows[other]
    if window != (None, None):
        tests.append(lambda order: within_both(getattr(order, _INDEX[other]), window))
    if wanted is not None:
        tests.append(lambda order: not wanted.isdisjoint(call.side.renderer.statuses(order, call.now)))
    return tests


def _time(call: Call, name: str) -> int | None:
    """A moment in epoch seconds, None when it is not given. Raises ApiError for any form but the documented one."""
    text = call.params.text(name)
    if not text:
        return None
    try:
        if _TIME.fullmatch(text):
            return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        pass
    raise ApiError("17", "E017: Invalid Date Format")


def _bounded(call: Call, name: str, default: int, low: int, code: str, message: str, high: int = MAX_LIMIT) -> int:
    text = call.params.text(name)
    if not text:
        return default
    if not _ID.fullmatch(text) or not low <= int(text) <= high:
        raise ApiError(code, message)
    return int(text)


def order_detail(call: Call) -> Answer:
    """GET /order/get."""
    order = call.order(call.params.number("order_id"))
    return data(call.side.renderer.order(order, call.now, in_list=False))


def order_items(call: Call) -> Answer:
    """GET /order/items/get: the units as a bare array."""
    order = call.order(call.params.number("order_id"))
    return data(call.side.renderer.items(order, call.now, several=False))


def several_items(call: Call) -> Answer:
    """GET /orders/items/get: the units of up to 50 orders; those that are not the shop's are left out."""
    text = call.params.needed("order_ids").strip()
    if not (text.startswith("[") and text.endswith("]")):
        raise ApiError("56", "E056: Invalid OrdersIdList format. Must use array format [1,2]")
    ids = [part.strip().strip('"') for part in text[1:-1].split(",") if part.strip()]
    if not ids or any(not _ID.fullmatch(one) for one in ids):
        raise ApiError("37", "E037: One or more order id in the list are incorrect")
    if len(ids) > MAX_ORDERS:
        raise ApiError("38", "E038: Too many orders were requested")
    orders = [call.world.order_of(call.store, one) for one in dict.fromkeys(ids)]
    found = [order for order in orders if order is not None]
    if not found:
        raise ApiError("39", "E039: No orders were found")
    return data(
        [
            {
                "order_number": int(order.id),
                "order_id": int(order.id),
                "order_items": call.side.renderer.items(order, call.now, several=True),
            }
            for order in found
        ]
    )

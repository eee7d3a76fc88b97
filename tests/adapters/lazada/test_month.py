"""A month of Lazada's orders over HTTP: each once, in small pages, whatever moves meanwhile, past the last offset."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Container
from itertools import pairwise

import pytest

from shoptui.adapters.base import OrderPage, TooMany
from shoptui.adapters.lazada.orders import OPEN_FILTERS
from shoptui.domain.orders import BEFORE_CARRIER, Status
from shoptui.sandbox.world.model import Order, OrderStatus
from tests.adapters.lazada.sandboxed import House, house
from tests.adapters.sandboxed import START_AT

DAY = 86_400
SINCE = START_AT - 30 * DAY
PAGE, ORDERS = 20, 160
S = OrderStatus
BEFORE = {S.UNPAID, S.ON_HOLD, S.TO_SHIP, S.PARTLY_ARRANGED, S.ARRANGED}


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house(orders=ORDERS, page_size=PAGE) as found:
        # How often orders were listed, and items asked for.
        found.watch("/rest/orders/get", "/rest/orders/items/get")
        yield found


def month(
    at: House, since: int = SINCE, until: int = START_AT + 1, known: Container[str] = frozenset(), at_most: int = 3000
) -> AsyncIterator[OrderPage]:
    return at.shop.month(at.store, since, until, known=known, at_most=at_most)


def of_month(at: House, since: int = SINCE) -> dict[str, Order]:
    """What a month has to bring: the orders updated in it, and older ones that are open."""
    orders = at.sandbox.world.orders
    return {no: order for no, order in orders.items() if order.updated_at >= since or order.status in BEFORE}


async def test_a_month_comes_in_pages_what_is_open_first_and_each_once(at: House) -> None:
    pages = [page async for page in month(at)]
    found = [order for page in pages for order in page.orders]
    assert Counter(order.order_no for order in found) == Counter(of_month(at).keys())
    assert sum(page.total or 0 for page in pages) == len(found) > 5 * PAGE
    still_open = [order.status in BEFORE_CARRIER for order in found]
    assert still_open == sorted(still_open, reverse=True)
    closed = [order.updated_at for order in found if order.status not in BEFORE_CARRIER]
    assert closed == sorted(closed, reverse=True)
    listed, items = at.seen()
    # A page begins with the last row of the one before; older open orders cost a call for each filter.
    assert listed <= -(-len(found) // (PAGE - 2)) + len(OPEN_FILTERS)
    assert items <= len(found) // 50 + 2


async def test_older_orders_that_are_open_come_too(at: House) -> None:
    since = START_AT - DAY // 2
    found = [order async for page in month(at, since) for order in page.orders]
    assert {order.order_no for order in found} == of_month(at, since).keys()
    older = [order for order in found if order.updated_at < since]
    assert older and {order.status in BEFORE_CARRIER for order in older} == {True}


async def test_known_orders_are_counted_but_not_read_again(at: House) -> None:
    known = frozenset(sorted(of_month(at))[: ORDERS // 2])
    pages = [page async for page in month(at, known=known)]
    found = {order.order_no for page in pages for order in page.orders}
    assert found == of_month(at).keys() - known
    assert sum(page.total or 0 for page in pages) == len(of_month(at))
    assert at.seen()[1] <= len(found) // 50 + 2


async def test_too_many_are_said_before_any_is_read(at: House) -> None:
    with pytest.raises(TooMany) as caught:
        [page async for page in month(at, at_most=100)]
    assert caught.value.total == len([one for one in of_month(at).values() if one.updated_at <= START_AT])
    assert at.seen()[1] == 0


async def test_orders_that_change_while_they_are_listed_push_none_over_a_border(at: House) -> None:
    before = of_month(at)
    first_listed = sorted(before.values(), key=lambda order: (order.updated_at, order.id))[: PAGE // 2]
    gone = [order.id for order in before.values() if order.status is S.TO_SHIP][:3]
    found: dict[str, Status] = {}
    reading = month(at)
    # The first page is there, the second may be on its way.
    assert (await anext(reading)).total == len(before)
    at.sandbox.advance(5)
    for order in first_listed:
        at.sandbox.world.touch(order, START_AT + 5)
    for order_id in gone:
        at.sandbox.poke("cancel_order", order_id=order_id)
    async for page in reading:
        found |= {order.order_no: order.status for order in page.orders}
    assert before.keys() - found.keys() <= {*gone, *(order.id for order in first_listed)}
    # What left the month while it was listed is what changed since, and comes with that.
    changed = at.shop.changed_orders(at.store, START_AT, START_AT + DAY)
    found |= {order.order_no: order.status async for page in changed for order in page.orders}
    assert found.keys() == before.keys()
    assert {found[order_id] for order_id in gone} == {Status.CANCELLED}


@pytest.mark.parametrize("alike", [0, 3 * PAGE])
async def test_a_month_goes_on_where_offsets_end(at: House, alike: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only orders of one and the same second (`alike` of them) are counted through."""
    for order in list(of_month(at).values())[:alike]:
        at.sandbox.world.touch(order, START_AT)
    most = alike or PAGE // 2
    monkeypatch.setattr("shoptui.sandbox.lazada.orders.MAX_OFFSET", most)
    monkeypatch.setattr("shoptui.adapters.lazada.orders.OFFSET_MAX", most)
    found = [order.order_no async for page in month(at) for order in page.orders]
    assert Counter(found) == Counter(of_month(at).keys())


async def test_windows_of_a_month_bring_each_order_once(at: House) -> None:
    borders = [SINCE, *sorted(order.updated_at for order in of_month(at).values())[:: ORDERS // 4], START_AT + 1]
    found: Counter[str] = Counter()
    for since, until in pairwise(borders):
        async for page in at.shop.changed_orders(at.store, since, until):
            assert all(since <= order.updated_at < until for order in page.orders)
            found.update(order.order_no for order in page.orders)
    assert found == Counter(no for no, order in of_month(at).items() if order.updated_at >= SINCE)

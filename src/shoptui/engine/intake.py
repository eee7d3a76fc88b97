"""Owns the way of a page of orders into the cache: clocks filled in, blocks named, written, told to everybody."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from shoptui.adapters.base import AdapterError, Marketplace, OrderPage
from shoptui.adapters.desks import why_not
from shoptui.domain.intents import Verb
from shoptui.domain.orders import BEFORE_CARRIER, Order
from shoptui.domain.stores import Store
from shoptui.engine.house import House
from shoptui.protocol import NOTICE_ROWS_MAX, Changed
from shoptui.store.results import Upserted

#: What stands between a feed's name and a record of it that lies beside unreadable orders.
ASIDE_MARK = ":"


#: Orders written at once while a store is read for the first time: the pages of an index that a transaction touches
#: are written once, whether one order or many changed them.
_GATHERED = 300


async def gathered(pages: AsyncGenerator[OrderPage, None]) -> AsyncIterator[OrderPage]:
    """The same pages, after the first with orders several together; what came before a failure comes before it here."""
    held: list[OrderPage] = []
    enough = 1
    failure: AdapterError | None = None
    async with aclosing(pages):
        try:
            async for page in pages:
                held.append(page)
                if sum(len(each.orders) for each in held) >= enough:
                    yield _together(held)
                    held, enough = [], _GATHERED
        except AdapterError as error:
            failure = error
        if any(page.orders or page.set_aside for page in held) or (held and failure is None):
            yield _together(held)
        if failure is not None:
            raise failure


def _together(pages: Sequence[OrderPage]) -> OrderPage:
    totals = [page.total for page in pages if page.total is not None]
    return OrderPage(
        tuple(order for page in pages for order in page.orders),
        tuple(record for page in pages for record in page.set_aside),
        sum(totals) if totals else None,
    )


async def take_in(house: House, market: Marketplace, store: Store, page: OrderPage) -> Upserted:
    """Write a page; when this returns it is durable. Repeating a page changes nothing."""
    now = house.now()
    orders = [with_clocks(house, store, order) for order in page.orders]
    blocks = {}
    for order in orders:
        if (refusal := why_not(market, Verb.SHIP, store, order)) is not None:
            blocks[(order.store_id, order.order_no)] = refusal.id
    done = await house.writer.upsert_orders(orders, seen_at=now, now=now, ship_blocks=blocks)
    if page.set_aside:
        await house.writer.set_aside(page.set_aside, now)
        await tell_set_aside(house, store)
    if done.changed:
        await check_anew(house, store, [order.order_no for order in orders if order.status not in BEFORE_CARRIER])
        told = Changed(orders=shown(done.changed), returns=shown(done.returns), pools=shown(done.pools), counts=True)
        house.hub.publish(told)
    return done


async def check_anew(house: House, store: Store, order_nos: Sequence[str]) -> None:
    """Have the statements that settle these orders compared anew: they, or their returns, are others than before."""
    if order_nos and store.store_id in house.settled:
        await house.writer.money.orders_changed(store.store_id, order_nos)


def with_clocks(house: House, store: Store, order: Order) -> Order:
    """The order with the gaps in its deadlines filled by the rule book."""
    clocks = house.rules.clocks_for(order, store)
    return order if clocks == order.clocks else replace(order, clocks=clocks)


async def tell_set_aside(house: House, store: Store) -> None:
    """Keep the alert about unreadable records in step with what is set aside for the store."""
    count = sum(1 for row in await house.writer.set_aside_rows() if row[0] == store.store_id)
    if count:
        await house.alerts.put("set_aside", store.store_id, count=str(count))
    else:
        await house.alerts.clear("set_aside", store.store_id)


def shown(rows: Sequence[int]) -> Sequence[int] | None:
    """The rows for a notice, None ("many") when they are too many to name."""
    return rows if len(rows) <= NOTICE_ROWS_MAX else None

"""Errors planted in simulated settlements are all found, by their amounts, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import pytest

from shoptui.adapters.base import Unsupported
from shoptui.domain.anomalies import Terms
from shoptui.exchange import load_rates
from shoptui.fee_book import load_fee_book
from shoptui.paths import DataDir
from shoptui.sandbox.testing import running_sandbox
from shoptui.sandbox.world.finance_model import Fault
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.adapters import sandboxed
from tests.adapters.lazada.sandboxed import house as lazada
from tests.adapters.sandboxed import House
from tests.adapters.shopee.sandboxed import house as shopee
from tests.adapters.tiktok.sandboxed import house as tiktok
from tests.planted import KINDS

DAYS = 86_400
BOOK = load_fee_book()
MARKETS: dict[str, tuple[Callable[..., AbstractAsyncContextManager[Any]], str]] = {
    "tiktok": (tiktok, "TH"),
    "shopee": (shopee, "VN"),
    "lazada": (lazada, "PH"),
}


async def read_all(at: House, writer: Writer) -> None:
    """Orders, statements with their lines, and the wallet, as an engine reads them."""
    store, now = at.store, int(at.clock.now())
    since, finance = now - 60 * DAYS, at.shop.finance
    assert finance is not None
    await writer.put_store(store)
    async for orders in at.shop.changed_orders(store, now - 90 * DAYS, now + 60):
        await writer.upsert_orders(orders.orders, seen_at=now, now=now)
    async for page in finance.statements(store, since, now):
        assert page.set_aside == ()
        await writer.money.put_statements(page.statements, now)
        for statement in page.statements:
            key = (store.store_id, statement.statement_id)
            run = await writer.money.begin_lines(key)
            assert run is not None
            async for lines in finance.lines(store, statement):
                await writer.money.put_lines(key, run, lines.lines)
            await writer.money.end_lines(key, run, now)
    moves = finance.moves(store, since, now)
    if not isinstance(moves, Unsupported):
        async for told in moves:
            await writer.money.put_moves(store, told.moves)
    await writer.money.put_covered(store.store_id, since, now)


@pytest.mark.parametrize("marketplace", sorted(MARKETS))
async def test_every_planted_error_is_found_and_nothing_else(
    marketplace: str, house: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandboxed, "running_sandbox", partial(running_sandbox, money_errors=10))
    make, region = MARKETS[marketplace]
    rates = load_rates()
    # Two stores: the world keeps one of them in debt and plants nothing there.
    async with make(regions=(region, region), orders=500, seed=5) as at:
        now, terms = int(at.clock.now()), Terms(at.store, BOOK)
        async with await Writer.open(house, now) as writer:
            await read_all(at, writer)
            for key in await writer.money.to_check(BOOK.digest):
                await writer.money.check(key, terms, BOOK.digest, rates, now, returns_known=True)
            assert await writer.money.find_never_settled(terms, rates, now) is not None
        planted = {
            one.order.id: one for one in at.sandbox.world.finance.planted() if one.order.store.id == at.store.shop_id
        }
    async with await Reader.open(house) as reader:
        rows = await reader.money.anomalies((await reader.money.anomaly_index(now=now, operator="")).ids)
    assert planted
    assert {row.anomaly.order_no: row.anomaly.kind for row in rows} == {
        order_no: KINDS[one.fault] for order_no, one in planted.items()
    }
    for order_no, one in planted.items():
        found = sum(row.anomaly.difference.minor for row in rows if row.anomaly.order_no == order_no)
        # What an order never settled would have brought is an estimate: nobody tells of the marketplace's own discount.
        assert found == one.amount_minor or one.fault is Fault.NEVER_SETTLED

"""Money on a house of a million statement lines: opening it and a statement from outside, and checking a large one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.house import enrolled, finish, kept, recipe
from benchmarks.orders import bench_stores
from benchmarks.report import Figure, Report, percentile
from benchmarks.screen import Recorded, go, ms_until_drawn, settled, type_filter
from shoptui.domain import codec, finance
from shoptui.domain.anomalies import Terms
from shoptui.domain.clocks import DAY_S
from shoptui.domain.finance import Balance, FeeKind, PaidState, Part, Statement, StatementLine
from shoptui.domain.money import Money
from shoptui.domain.orders import Line, Order, Status
from shoptui.domain.stores import Store
from shoptui.exchange import load_rates
from shoptui.fee_book import load_fee_book
from shoptui.paths import DataDir
from shoptui.store import cache_schema, ledger_schema, money_lines, money_schema, upsert
from shoptui.store.writer import Writer

STORES = 20
#: Lines of the one large statement, which is checked against so many orders.
LARGE = 50_000
_PAGE = 5000
_OF_MONEY = (cache_schema, ledger_schema, money_schema, money_lines, upsert, codec, finance)
#: Every so many lines of the large statement a commission is wrong.
_WRONG_EVERY = 500
_PRICE = 4783


def measure_money(line_count: int, report: Report) -> None:
    """Build the house (or take the one of the last hour) and measure it."""
    house, checked = asyncio.run(big_money(line_count))
    if checked is not None:
        checked_s, processor_s = checked
        note = "against as many orders, once, while the house was built"
        report.add(Figure(f"check a statement of {LARGE:,} lines", checked_s, "s", 5, note=note))
        report.add(Figure("the same, processor time", processor_s, "s", 2.5))
    _measure_screen(house.root, report)


async def big_money(line_count: int) -> tuple[DataDir, tuple[float, float] | None]:
    """A house of so many lines with one large statement; how long its check took and how much processor time (s), None
    where it was there before."""
    house, made = kept(f"money-{line_count}", recipe("money.py", _OF_MONEY))
    if made:
        return house, None
    now = int(time.time())
    shops = bench_stores(STORES)
    writer = await enrolled(house, shops, now)
    book = load_fee_book()
    large = shops[0]
    orders = [_order(large, number, now) for number in range(LARGE)]
    for first in range(0, LARGE, 1000):
        await writer.upsert_orders(orders[first : first + 1000], seen_at=now, now=now, ship_blocks={})
    begun_at = time.monotonic()
    statements_each = 20
    per_statement = max(1, (line_count - LARGE) // (STORES * statements_each))
    for place, shop in enumerate(shops):
        await writer.money.put_balance(
            shop, Balance(shop.store_id, now, Money(1_000_000, shop.currency), True, "moves")
        )
        for number in range(statements_each):
            name, end_at = f"W{number:02d}", now - (2 + 7 * number) * DAY_S
            # The large one is the newest of its store, which Enter opens.
            await _put(writer, shop, name, end_at, _lines(shop, name, end_at, per_statement, f"{place}-{number}-"))
        print(f"  building the house: {place + 1} of {STORES} stores, {time.monotonic() - begun_at:.0f} s", flush=True)
    end_at = now - DAY_S
    terms = Terms(large, book)
    await _put(writer, large, "large", end_at, _settled_lines(large, terms, orders, end_at))
    began, processor_began = time.monotonic(), time.process_time()
    found = await writer.money.check(
        (large.store_id, "large"), terms, book.digest, load_rates(), now, returns_known=True
    )
    checked = time.monotonic() - began, time.process_time() - processor_began
    assert found is not None
    assert len(found.anomalies) == LARGE // _WRONG_EVERY, f"{len(found.anomalies)} differences"
    await finish(house, writer, now)
    return house, checked


def _order(store: Store, number: int, now: int) -> Order:
    price = Money(_PRICE, store.currency)
    line = Line(f"L{number}", "BAG", "S1", "Bag", "red", 1, price, Status.COMPLETED, "DONE")
    placed_at = now - 9 * DAY_S - number
    order_no = f"9{number:017d}"
    return Order(
        store.store_id,
        order_no,
        Status.COMPLETED,
        "DONE",
        placed_at,
        placed_at + DAY_S,
        price,
        (line,),
        paid_at=placed_at,
    )


def _settled_lines(store: Store, terms: Terms, orders: list[Order], at: int) -> Iterator[StatementLine]:
    """Each order as the book has it, but for a few commissions."""
    parts = _by_the_book(store, terms, at)
    for number, order in enumerate(orders):
        these = parts
        if number % _WRONG_EVERY == 0:
            these = tuple(
                replace(part, amount=part.amount * 2) if part.kind is FeeKind.COMMISSION else part for part in parts
            )
        yield _line(store, "large", f"x{number}", order.order_no, at - 1 - number % DAY_S, these)


def _by_the_book(store: Store, terms: Terms, at: int) -> tuple[Part, ...]:
    found = [Part(FeeKind.ITEM, Money(_PRICE, store.currency), "item")]
    for kind, rule in terms.fees(at).items():
        base = {"goods": _PRICE, "paid": _PRICE}.get(rule.base.value, 0)
        if not rule.varies and (fee := rule.expected(base, store.currency)):
            found.append(Part(kind, Money(-fee, store.currency), kind.value))
    return tuple(found)


def _lines(store: Store, statement_id: str, at: int, count: int, prefix: str) -> Iterator[StatementLine]:
    parts = (
        Part(FeeKind.ITEM, Money(_PRICE, store.currency), "item"),
        Part(FeeKind.COMMISSION, Money(-287, store.currency), "commission"),
        Part(FeeKind.SHIPPING, Money(-490, store.currency), "shipping"),
    )
    for number in range(count):
        yield _line(store, statement_id, f"l{number}", f"{prefix}{number:08d}", at - 1 - number % DAY_S, parts)


def _line(
    store: Store, statement_id: str, line_id: str, order_no: str, at: int, parts: tuple[Part, ...]
) -> StatementLine:
    amount = Money(sum(part.amount.minor for part in parts), store.currency)
    return StatementLine(store.store_id, statement_id, line_id, order_no, at, amount, parts, "ORDER")


async def _put(writer: Writer, store: Store, name: str, end_at: int, lines: Iterator[StatementLine]) -> None:
    key, all_lines = (store.store_id, name), list(lines)
    total = Money(sum(line.amount.minor for line in all_lines), store.currency)
    statement = Statement(store.store_id, name, end_at - 7 * DAY_S, end_at, total, PaidState.PAID, "PAID", end_at)
    now = end_at + DAY_S
    await writer.money.put_statements([statement], now)
    run = await writer.money.begin_lines(key, len(all_lines))
    assert run is not None
    for first in range(0, len(all_lines), _PAGE):
        await writer.money.put_lines(key, run, all_lines[first : first + _PAGE])
    await writer.money.end_lines(key, run, now)


# From outside.


def _measure_screen(house: Path, report: Report, starts: int = 3, times: int = 5) -> None:
    first, again, statements, lines = [], [], [], []
    for _start in range(starts):
        with settled(house) as terminal:
            first.append(_open(terminal))
            terminal.read_for(0.8)
            for _ in range(times):
                go(terminal)
                terminal.press("o")
                terminal.read_for(0.8)
                again.append(_open(terminal))
                terminal.read_for(0.8)
            # Brings one store's balance under the cursor.
            type_filter(terminal, f"store:{bench_stores(STORES)[0].store_id}")
            terminal.press("enter")
            terminal.read_for(1.0)
            statements.append(
                ms_until_drawn(terminal, "enter", lambda t: "agree to the cent" in t.text(), "a statement")
            )
            terminal.read_for(0.8)
            lines.append(
                ms_until_drawn(
                    terminal, "L", lambda t: "MADE OF" in t.text() and "goods 47.83" in t.text(), "its lines"
                )
            )
    report.add(Figure("open Money the first time: balances", percentile(first, 0.5), "ms", 100, note=f"of {starts}"))
    report.add(Figure("open Money again: balances", percentile(again, 0.5), "ms", 100, note=f"of {len(again)}"))
    report.add(Figure("open a statement of 50,000 lines: what differs", percentile(statements, 0.5), "ms", 100))
    report.add(Figure("its lines: the first ones", percentile(lines, 0.5), "ms", 100))


def _open(terminal: Recorded) -> float:
    """Milliseconds from the second key of going to Money until its balances are painted."""
    go(terminal)
    return ms_until_drawn(terminal, "m", lambda t: "balances" in t.text() and "UNVER" in t.text(), "Money")

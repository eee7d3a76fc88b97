"""Stock in the store: what orders and listings do to pools, counts and rules, clocks, and what a push would write."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoptui.adapters.stock import StockNow
from shoptui.domain.clocks import DAY_S, HOUR_S
from shoptui.domain.counting import CountLine
from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.money import Money
from shoptui.domain.orders import Order, Status
from shoptui.domain.shares import ShareRule, WhyOut, simulate
from shoptui.domain.stock import Listing, ListingState, StockAt, StockChange, listing_target
from shoptui.domain.verbs import write_args
from shoptui.paths import DataDir
from shoptui.queries.stock import PoolRow, StockFactKind
from shoptui.queries.stock_preview import only, push_preview
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, line, order

SKU = "BAG-RD-M"
KEY = "bag-rd-m"
HOUSE_RULE = ShareRule(keep_back=0)
MARKETS = {store.store_id: store.marketplace for store in STORES}


@pytest.fixture
async def reader(house: DataDir, writer: Writer) -> AsyncIterator[Reader]:
    writer.stock.follow(HOUSE_RULE, 6.0)
    async with await Reader.open(house) as opened:
        yield opened


def listing(store_id: str = "tt-th-1", shows: int = 12, sku: str = SKU, **changes: Any) -> Listing:
    made = Listing(
        store_id=store_id,
        listing_id=f"{store_id}-{sku}/1",
        product_id="1729",
        sku_id="1",
        sku=sku,
        product_name="帆布袋",
        variant_name="红 M",
        state=ListingState.LIVE,
        raw_state="ACTIVATE",
        stock=(StockAt("w1", shows, 3),),
        price=Money(35900, "THB"),
        updated_at=NOW - 500,
    )
    return replace(made, **changes)


async def sell(writer: Writer, *orders: Order, now: int = NOW) -> tuple[int, ...]:
    return (await writer.upsert_orders(orders, seen_at=now, now=now)).pools


def sale(number: int, units: int = 1, store_id: str = "tt-th-1", **changes: Any) -> Order:
    values: dict[str, Any] = {"created_at": NOW - 1800, "updated_at": NOW - 1700, **changes}
    status = values.get("status", Status.TO_SHIP)
    lines = (line(SKU, quantity=units, status=status),)
    return order(f"5764613{number:05}", store_id=store_id, lines=lines, packages=(), **values)


async def row(reader: Reader, sku: str = SKU) -> PoolRow:
    row_id = await reader.stock.row_of(sku)
    assert row_id is not None
    return (await reader.stock.rows([row_id]))[0]


# What marketplaces list


async def test_listings_of_one_code_are_one_pool(writer: Writer, reader: Reader) -> None:
    off = listing("sp-vn-1", 9, " bag-rd-m ", state=ListingState.OFF, listing_id="9/9")
    not_ours = listing(stock=(StockAt("fbt", 50, ours=False),), listing_id="8/8")
    changed = await writer.stock.put_listings([listing(), listing("tt-uk-1", 4), off, not_ours, listing(sku="")], NOW)
    found = await row(reader, "Bag-rd-m")
    assert changed == (found.row_id,)
    assert (found.sku, found.name, found.listed, found.listings) == (SKU, "帆布袋 红 M", 16, 4)
    assert (found.hand, found.free, found.oversold, found.next_at, found.seen_at) == (None, None, 0, None, NOW)
    assert await writer.stock.listing_ids("tt-th-1") == {f"tt-th-1-{SKU}/1", "8/8", "tt-th-1-/1"}
    key = ("tt-uk-1", f"tt-uk-1-{SKU}/1")
    assert await writer.stock.listings([key, ("tt-uk-1", "1/2")]) == {key: listing("tt-uk-1", 4)}
    assert (await writer.stock.listings_of([KEY]))["sp-vn-1"] == ["9/9"]


async def test_an_older_copy_of_a_listing_is_left_and_another_code_moves_it(writer: Writer, reader: Reader) -> None:
    await writer.stock.put_listings([listing()], NOW)
    assert await writer.stock.put_listings([listing(shows=99, updated_at=NOW - 900)], NOW) == ()
    assert await writer.stock.put_listings([listing()], NOW + 60) == ()
    assert (await row(reader)).seen_at == NOW + 60
    renamed = replace(listing(sku="MUG"), listing_id=f"tt-th-1-{SKU}/1", updated_at=NOW)
    assert len(await writer.stock.put_listings([renamed], NOW)) == 2
    assert await reader.stock.row_of(SKU) is None
    assert (await row(reader, "mug")).listed == 12


async def test_stock_that_is_re_read_keeps_what_that_call_does_not_tell(writer: Writer, reader: Reader) -> None:
    await writer.stock.put_listings([listing(why_locked="a live auction")], NOW)
    now_ = StockNow(f"tt-th-1-{SKU}/1", (StockAt("w1", 7, 1),))
    assert await writer.stock.put_stock("tt-th-1", [now_, StockNow("0/0", ())], NOW + 9)
    assert (await row(reader)).listed == 7
    # Read again and found the same: nothing to tell, but it is fresher.
    assert await writer.stock.put_stock("tt-th-1", [now_], NOW + 9) == ()
    assert (await row(reader)).seen_at == NOW + 9
    (kept,) = (await writer.stock.listings([("tt-th-1", f"tt-th-1-{SKU}/1")])).values()
    assert (kept.why_locked, kept.state, kept.product_name) == ("a live auction", "live", "帆布袋")
    await writer.stock.put_stock("tt-th-1", [replace(now_, state=ListingState.BLOCKED, why_locked="")], NOW + 10)
    assert (await row(reader)).listed == 0
    assert await writer.stock.drop_listings("tt-th-1", [f"tt-th-1-{SKU}/1"], NOW)
    assert await reader.stock.row_of(SKU) is None


# What orders do


async def test_a_count_minus_what_left_and_what_is_ordered(writer: Writer, reader: Reader) -> None:
    await writer.stock.put_listings([listing(shows=26)], NOW)
    assert await writer.stock.count([CountLine("bag-rd-m ", 20, 2)], NOW - 4000, "file count.csv", "an", NOW)
    pools = await sell(writer, sale(1, 6), sale(2, 5, status=Status.IN_TRANSIT, updated_at=NOW - 50))
    found = await row(reader)
    assert pools == (found.row_id,)
    assert (found.hand, found.reserved, found.free, found.oversold) == (15, 6, 9, 17)
    assert (found.sold_24h, found.sold_7d, found.sold_per_day, found.counted_at) == (11, 11, 11, NOW - 4000)


async def test_goods_that_left_before_the_count_are_in_it(writer: Writer, reader: Reader) -> None:
    await writer.stock.put_listings([listing()], NOW)
    await sell(writer, sale(1, 5, status=Status.IN_TRANSIT, updated_at=NOW - 50))
    await writer.stock.count([CountLine(SKU, 20)], NOW - 49, "typed", "an", NOW)
    assert (await row(reader)).hand == 20
    await writer.stock.count([CountLine(SKU, 20)], NOW - 51, "typed", "an", NOW)
    assert (await row(reader)).hand == 20
    await writer.stock.count([CountLine(SKU, 30)], NOW, "typed", "mei", NOW)
    detail = await reader.stock.detail((await row(reader)).row_id, NOW, HOUSE_RULE)
    assert detail is not None
    assert (detail.counts[0].counted, detail.counts[0].operator) == (30, "mei")


async def test_an_order_that_goes_its_way_counts_once_in_each_place(writer: Writer, reader: Reader) -> None:
    await writer.stock.put_listings([listing()], NOW)
    await writer.stock.count([CountLine(SKU, 10)], NOW - DAY_S, "typed", "an", NOW)
    figures = []
    for at, status in enumerate(
        (Status.UNPAID, Status.TO_SHIP, Status.TO_HAND_OVER, Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED)
    ):
        await sell(writer, sale(1, 2, status=status, updated_at=NOW - 100 + at))
        found = await row(reader)
        figures.append((found.hand, found.reserved, found.sold_24h))
    assert figures == [(10, 2, 2)] * 3 + [(8, 0, 2)] * 3
    await sell(writer, sale(2, 3))
    await sell(writer, sale(2, 3, status=Status.CANCELLED, updated_at=NOW))
    found = await row(reader)
    assert (found.hand, found.reserved, found.sold_24h) == (8, 0, 2)


async def test_a_hundred_ways_lead_to_the_same_figures(house: DataDir) -> None:
    """Whatever copies come in whatever order, figures are those of the orders as they are now."""
    statuses = [
        Status.UNPAID,
        Status.TO_SHIP,
        Status.TO_HAND_OVER,
        Status.IN_TRANSIT,
        Status.DELIVERED,
        Status.CANCELLED,
    ]
    async with await Writer.open(house, NOW) as writer, await Reader.open(house) as reader:
        for store in STORES:
            await writer.put_store(store)
        await writer.stock.put_listings([listing()], NOW)
        await writer.stock.count([CountLine(SKU, 1000)], NOW - 3 * DAY_S, "typed", "an", NOW)
        by_number: dict[int, tuple[int, Status, int]] = {}
        version = 0

        async def one(parts: list[tuple[int, int, Status]]) -> None:
            nonlocal version
            for number, units, status in parts:
                version += 1
                # Status only ever goes on, as at a marketplace; units never change.
                known = by_number.get(number)
                if known is not None and statuses.index(status) < statuses.index(known[1]):
                    continue
                gone = known is not None and known[1] in (Status.IN_TRANSIT, Status.DELIVERED)
                if gone and status is Status.CANCELLED:
                    continue
                units = units if known is None else known[0]
                by_number[number] = (units, status, version)
                await sell(writer, sale(number, units, status=status, updated_at=NOW - 10**5 + version))
            found = await row(reader)
            kept = [each for each in by_number.values() if each[1] is not Status.CANCELLED]
            left = sum(each[0] for each in kept if each[1] in (Status.IN_TRANSIT, Status.DELIVERED))
            sold = sum(each[0] for each in kept)
            assert (found.hand, found.reserved, found.sold_24h) == (1000 - left, sold - left, sold)

        import random

        dice = random.Random(11)
        for _ in range(12):
            await one([(dice.randint(1, 6), dice.randint(1, 4), dice.choice(statuses)) for _ in range(8)])


async def test_what_was_cached_before_is_counted_by_and_by_and_once(
    writer: Writer, reader: Reader, house: DataDir
) -> None:
    await writer.stock.put_listings([listing()], NOW)
    await sell(writer, *(sale(number) for number in range(6)))
    with sqlite3.connect(house.cache) as db:
        for table in ("sold_hour", "stock_reserved", "stock_left"):
            db.execute(f"DELETE FROM {table}")
        db.execute("UPDATE meta SET value = 0 WHERE name = 'stock_counted_to'")
    # Until it is their turn, orders that change are left to the counting.
    assert await sell(writer, sale(3, updated_at=NOW, status=Status.CANCELLED)) == ()
    changed = [rows async for rows in writer.stock.count_cached_orders(NOW)]
    assert changed == [((await row(reader)).row_id,)]
    assert (await row(reader)).reserved == 5
    assert [rows async for rows in writer.stock.count_cached_orders(NOW)] == []
    await sell(writer, sale(4, updated_at=NOW, status=Status.CANCELLED), sale(7))
    assert (await row(reader)).reserved == 5


# Clocks


async def test_what_sells_runs_out_and_is_worked_out_anew_when_the_time_has_come(
    writer: Writer, reader: Reader
) -> None:
    await writer.stock.put_listings([listing(shows=9)], NOW)
    await writer.stock.count([CountLine(SKU, 9 + 72)], NOW - DAY_S, "typed", "an", NOW)
    await sell(writer, sale(1, 72))
    found = await row(reader)
    due_at = NOW + 3 * HOUR_S
    assert (found.next_kind, found.next_at, found.cover_s, found.missed) == ("out", due_at, 3 * HOUR_S, 0)
    # It counts down: the same figures a little later keep the moment.
    await writer.stock.put_stock("tt-th-1", [StockNow(f"tt-th-1-{SKU}/1", (StockAt("w1", 9, 3),))], NOW + 600)
    assert (await row(reader)).next_at == due_at
    assert await writer.stock.next_clock_at(NOW) == (NOW // HOUR_S + 1) * HOUR_S
    assert await writer.stock.pass_clocks(due_at - 1) == ()
    assert await writer.stock.pass_clocks(due_at) == (found.row_id,)
    assert (await row(reader)).next_at == due_at + 3 * HOUR_S


async def test_hours_that_pass_take_sales_out_of_the_speed(writer: Writer, reader: Reader) -> None:
    await writer.stock.put_listings([listing()], NOW)
    await sell(writer, sale(1, 10))
    assert [rows async for rows in writer.stock.age(NOW)] == []
    later = NOW + 25 * HOUR_S
    assert [rows async for rows in writer.stock.age(later)] == [((await row(reader)).row_id,)]
    found = await row(reader)
    assert (found.sold_24h, found.sold_7d, found.week_units) == (0, 10, 10)
    gone = NOW + 9 * DAY_S
    assert [rows async for rows in writer.stock.age(gone)] != []
    assert (await row(reader)).next_at is None
    assert await writer.stock.next_clock_at(gone) is None


async def test_what_is_sold_beyond_what_there_is_is_missed_since_then(writer: Writer, reader: Reader) -> None:
    await writer.stock.put_listings([listing(shows=3)], NOW)
    await writer.stock.count([CountLine(SKU, 2)], NOW - DAY_S, "typed", "an", NOW)
    await sell(writer, sale(1, 4), now=NOW)
    await sell(writer, sale(2, 1), now=NOW + 60)
    found = await row(reader)
    assert (found.free, found.oversold, found.missed, found.last_missed_kind) == (-3, 6, 1, "over")
    assert found.last_missed_at == NOW
    for counts in (await writer.counts(NOW), await reader.counts(), await reader.counts(NOW)):
        assert (counts.stock_missed, counts.stock_under_2h) == (1, 0)
    await writer.stock.count([CountLine(SKU, 40)], NOW, "typed", "an", NOW)
    assert (await row(reader)).missed == 0


# Counts and rules


async def test_books_and_counts_survive_a_lost_cache(house: DataDir) -> None:
    async with await Writer.open(house, NOW) as writer:
        await writer.stock.put_listings([listing()], NOW)
        await writer.stock.count([CountLine(SKU, 15), CountLine("HAT", 2)], NOW, "typed", "an", NOW)
        assert await writer.stock.put_rule([KEY], ShareRule(keep_back=3), "an", NOW)
        assert await writer.stock.put_rule([KEY], ShareRule(keep_back=3), "an", NOW) == ()
    house.cache.unlink()
    async with await Writer.open(house, NOW) as writer, await Reader.open(house) as reader:
        # What nobody lists is on the books all the same.
        assert (await row(reader, "hat")).hand == 2
        await writer.stock.put_listings([listing()], NOW)
        found = await row(reader)
        assert (found.hand, found.own_rule) == (15, True)
        books = await reader.stock.books()
        assert (books[KEY].hand, books[KEY].listings, books["hat"].listings) == (15, 1, 0)
        assert await writer.stock.put_rule([KEY], None, "an", NOW)
        assert (await row(reader)).own_rule is False


async def test_a_ledger_that_went_back_takes_counts_with_it(house: DataDir) -> None:
    async with await Writer.open(house, NOW) as writer:
        await writer.stock.put_listings([listing()], NOW)
        await writer.stock.count([CountLine(SKU, 15)], NOW, "typed", "an", NOW)
    with sqlite3.connect(house.ledger) as db:
        db.execute("DELETE FROM stock_count")
    async with await Writer.open(house, NOW), await Reader.open(house) as reader:
        assert (await row(reader)).hand is None


async def test_step_is_what_the_rule_would_offer_and_nobody_does(writer: Writer, reader: Reader) -> None:
    await writer.stock.put_listings([listing(shows=64)], NOW)
    await writer.stock.count([CountLine(SKU, 71)], NOW, "typed", "an", NOW)
    assert (await row(reader)).step == 7
    await writer.stock.put_rule([KEY], ShareRule(keep_back=5), "an", NOW)
    assert (await row(reader)).step == 2
    writer.stock.follow(ShareRule(keep_back=6), 6.0)
    await writer.stock.put_rule([KEY], None, "an", NOW)
    assert (await row(reader)).step == 1
    writer.stock.follow(ShareRule(keep_back=0), 6.0)
    assert [rows async for rows in writer.stock.recompute_all(NOW)] == [((await row(reader)).row_id,)]
    assert (await row(reader)).step == 7


async def test_alerts_are_about_what_is_low_oversold_or_out_of_step(writer: Writer) -> None:
    other = listing(shows=50, sku="CAT")
    await writer.stock.put_listings([listing(shows=4), other, listing(shows=5, sku="HAT")], NOW)
    await writer.stock.count([CountLine("CAT", 60), CountLine("HAT", 1)], NOW, "typed", "an", NOW)
    await sell(writer, sale(1, 24))
    found = {(fact.sku, fact.kind, fact.units) for fact in await writer.stock.facts(5, 12 * HOUR_S)}
    assert found == {
        (SKU, StockFactKind.LOW_QUANTITY, 4),
        (SKU, StockFactKind.LOW_COVER, 4),
        ("CAT", StockFactKind.OUT_OF_STEP, 10),
        ("HAT", StockFactKind.OVERSOLD, 4),
        ("HAT", StockFactKind.LOW_QUANTITY, 1),
    }


# Pushing


async def pushed(writer: Writer, reader: Reader) -> PoolRow:
    """The pool of the drawing: nine free, twenty-six listed."""
    await writer.stock.put_listings(
        [listing(shows=12), listing("tt-uk-1", 8), listing("sp-vn-1", 6, stock=(StockAt("", 6),))], NOW
    )
    await writer.stock.count([CountLine(SKU, 15)], NOW, "typed", "an", NOW)
    await sell(writer, sale(1, 4), sale(2, 2, "tt-uk-1"))
    return await row(reader)


async def test_a_push_is_simulated_and_says_what_each_listing_is_told(writer: Writer, reader: Reader) -> None:
    found = await pushed(writer, reader)
    rule = ShareRule(last_units=10)
    candidates = await reader.stock.candidates([found.row_id], NOW, frozenset({"sp-vn-1"}), rule)
    preview = push_preview(candidates, 6.0, MARKETS)
    push = preview.pushes[0].found
    assert (push.free, push.buffer, push.promised, push.last_to) == (9, 1, 6, "tt-th-1")
    assert [(target.store_id, preview.args(target)) for target in preview.ready] == [
        ("tt-th-1", StockChange(2, seen=12, reserve=1, pool=KEY)),
        ("tt-uk-1", StockChange(0, seen=8, reserve=1, pool=KEY)),
    ]
    assert [group.reason_id for group in preview.left_out] == [WhyOut.SILENT]
    assert preview.ready[0].target_id == listing_target(f"tt-th-1-{SKU}/1", "w1")
    assert (preview.pools, preview.stores, preview.thin) == (1, ("tt-th-1", "tt-uk-1"), ())
    assert only(preview, found.row_id).changes == preview.changes
    assert only(preview, 999).ready == ()
    same = await writer.stock.pool(KEY, NOW, frozenset({"sp-vn-1"}))
    assert same is not None and same.stock == candidates[0].stock


async def test_what_each_store_shows_is_compared_with_what_the_rule_gives_it(writer: Writer, reader: Reader) -> None:
    off = listing("sp-vn-1", 9, state=ListingState.OFF)
    await writer.stock.put_listings([listing(shows=30), listing("tt-uk-1", 4), off], NOW)
    found = await row(reader)

    async def shows(silent: frozenset[str] = frozenset()) -> dict[str, tuple[int, int | None]]:
        rows = await reader.stock.shows([found.row_id, 999], NOW, silent, HOUSE_RULE, 6.0)
        assert set(rows) == {found.row_id}, "rows that are gone are left out"
        return {one.store_id: (one.shows, one.wanted) for one in rows[found.row_id]}

    assert await shows() == {"tt-th-1": (30, None), "tt-uk-1": (4, None)}, "without a count nothing is out of step"
    await writer.stock.count([CountLine(SKU, 20)], NOW, "typed", "mei", NOW)
    told = await shows()
    assert {store: units for store, (units, _wanted) in told.items()} == {"tt-th-1": 30, "tt-uk-1": 4}
    assert sum(shown if wanted is None else wanted for shown, wanted in told.values()) == 20
    assert (await shows(frozenset({"tt-th-1"})))["tt-th-1"] == (30, None), "what is not written is not out of step"


async def test_what_is_ordered_on_a_listing_is_shown_and_not_ordered_twice(writer: Writer, reader: Reader) -> None:
    found = await pushed(writer, reader)
    target = listing_target(f"tt-th-1-{SKU}/1", "w1")
    intent = NewIntent(
        Verb.SET_STOCK, "tt-th-1", "", TargetKind.LISTING, target, args=write_args(StockChange(8, 12, 1, KEY))
    )
    accepted = await writer.accept_batch("b1", Verb.SET_STOCK, "mei", "t", [intent], [NOW], NOW)
    assert (await row(reader)).act_state is IntentState.HELD
    candidates = await reader.stock.candidates([found.row_id], NOW, frozenset(), HOUSE_RULE)
    preview = push_preview(candidates, 6.0, MARKETS)
    assert "write_ordered" in [group.reason_id for group in preview.left_out]
    assert target not in [one.target_id for one in preview.ready]
    for state in (IntentState.QUEUED, IntentState.SENDING):
        await writer.move(accepted.intent_ids, state, now=NOW)
    facts = {"before": 12, "after": 8, "window_ms": 140}
    await writer.move(accepted.intent_ids, IntentState.DONE, now=NOW + 5, evidence=facts)
    simulation = simulate(candidates[0].stock, HOUSE_RULE, 6.0)
    assert await writer.stock.log_pushes({KEY: (simulation, HOUSE_RULE)}, "b1", "mei", NOW) == 1
    assert await writer.stock.log_pushes({KEY: (simulation, HOUSE_RULE)}, "b1", "mei", NOW) == 0
    detail = await reader.stock.detail(found.row_id, NOW, HOUSE_RULE)
    assert detail is not None
    first = next(one for one in detail.listings if one.store_id == "tt-th-1")
    assert (first.pushed, first.pushed_at, first.answer, first.before, first.after, first.window_ms) == (
        8,
        NOW + 5,
        IntentState.DONE,
        12,
        8,
        140,
    )
    assert [one.answer for one in detail.listings if one.store_id != "tt-th-1"] == [None, None]
    assert (detail.row.act_state, detail.pushes[0].batch_id) == (IntentState.DONE, "b1")
    assert {share.store_id for share in detail.pushes[0].shares} == {"tt-th-1", "tt-uk-1", "sp-vn-1"}
    assert [(one.store_id, one.shows, one.reserved, one.sold_24h) for one in detail.stores] == [
        ("sp-vn-1", 6, 0, 0),
        ("tt-th-1", 12, 4, 4),
        ("tt-uk-1", 8, 2, 2),
    ]
    assert await reader.stock.rows_of_listings([("tt-th-1", f"tt-th-1-{SKU}/1")]) == (found.row_id,)


async def test_a_store_that_goes_takes_its_part_of_the_pool(writer: Writer, reader: Reader) -> None:
    await pushed(writer, reader)
    await writer.remove_store("tt-th-1")
    found = await row(reader)
    assert (found.listed, found.reserved, found.sold_24h) == (14, 2, 2)
    await writer.rename_store("tt-uk-1", "tt-uk-9")
    assert await writer.stock.listing_ids("tt-uk-9") == {f"tt-uk-1-{SKU}/1"}


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 9)), max_size=6))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_books_are_what_was_counted_last(writer: Writer, counted: list[tuple[str, int]]) -> None:
    last: dict[str, int] = {}
    for sku, units in counted:
        await writer.stock.count([CountLine(sku, units)], NOW, "typed", "an", NOW)
        last[sku.casefold()] = units
    books = await writer.stock.books()
    assert last.items() <= {key: book.hand for key, book in books.items()}.items()

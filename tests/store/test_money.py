"""Statements, lines, marks and disputes in real databases: exact, read in pages, checked anew after a change."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoptui.domain.anomalies import Anomaly, AnomalyKind, Verified
from shoptui.domain.disputes import DisputeState, Language
from shoptui.domain.finance import Balance, FeeKind, MoveKind, Part, Unsettled, WalletMove
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.stores import REGIONS
from shoptui.paths import DataDir
from shoptui.queries.money_fields import parse_money
from shoptui.queries.money_views import AnomalySort, AnomalySortBy
from shoptui.store.money_desk import DisputedItem
from shoptui.store.money_schema import CACHE_MONEY, CACHE_MONEY_SEEN, LEDGER_MONEY
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.domain.settlement_builders import AT, BOOK, Sale, a_line, a_statement, terms_of
from tests.store.money_factories import (
    KEY,
    NOW,
    RATES,
    SHOP,
    check,
    lines_of,
    put_statement,
    statement_for,
    wrong,
)

SALES = [Sale(f"1J8C3T{number}", 4000 + number) for number in range(5)]


@pytest.fixture
async def shop(house: DataDir) -> AsyncIterator[Writer]:
    async with await Writer.open(house, NOW) as writer:
        await writer.put_store(SHOP)
        yield writer


async def put_sold(writer: Writer, sales: list[Sale]) -> None:
    await writer.upsert_orders([sale.order(SHOP) for sale in sales], seen_at=NOW, now=NOW)


async def test_lines_are_read_in_pages_and_told_as_they_arrive(shop: Writer, house: DataDir) -> None:
    lines = lines_of(SALES)
    await shop.money.put_statements([statement_for(lines)], NOW)
    run = await shop.money.begin_lines(KEY, len(lines))
    assert run is not None
    assert await shop.money.put_lines(KEY, run, lines[:3]) == (3, 5)
    async with await Reader.open(house) as reader:
        row = (await reader.money.balances(NOW, BOOK, RATES)).rows[0]
        assert row.reading == (3, 5)
        statement = await reader.money.statement(*KEY)
        assert statement is not None and (statement.lines, statement.lines_expected, statement.whole) == (3, 5, False)
    assert await shop.money.put_lines(KEY, run, lines[1:3]) == (3, 5), "a line told once more is none more"
    await shop.money.put_lines(KEY, run, lines[3:])
    ended = await shop.money.end_lines(KEY, run, NOW)
    assert ended is not None and (ended.read.lines, ended.read.changed, ended.mark_off) == (5, True, False)
    assert ended.read.total.minor == sum(line.amount.minor for line in lines)
    async with await Reader.open(house) as reader:
        statement = await reader.money.statement(*KEY)
        assert statement is not None and statement.whole and statement.lines_sum == ended.read.total
        ids = [row_id async for piece in reader.money.line_index(statement.row_id) for row_id in piece.ids]
        assert [row.line for row in await reader.money.lines(ids)] == lines


async def test_reading_the_same_lines_again_changes_nothing_and_lost_lines_go(shop: Writer) -> None:
    lines = lines_of(SALES)
    first = await put_statement(shop, statement_for(lines), lines)
    again = await put_statement(shop, statement_for(lines), lines[::-1])
    assert (again.read.changed, again.read.digest) == (False, first.read.digest)
    fewer = await put_statement(shop, statement_for(lines), lines[1:])
    assert fewer.read.changed and fewer.read.lines == 4
    assert fewer.read.total.minor == sum(line.amount.minor for line in lines[1:])


async def test_a_run_that_was_overtaken_writes_nothing(shop: Writer) -> None:
    lines = lines_of(SALES)
    await shop.money.put_statements([statement_for(lines)], NOW)
    old = await shop.money.begin_lines(KEY)
    new = await shop.money.begin_lines(KEY)
    assert old is not None and new is not None
    with pytest.raises(MoneyError, match="no longer being read"):
        await shop.money.put_lines(KEY, old, lines)
    assert await shop.money.end_lines(KEY, old, NOW) is None
    assert await shop.money.begin_lines(("sp-my-1", "none")) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"amount": Money(2**63, "MYR")}, "beyond 64 bits"),
        ({"parts": (Part(FeeKind.ITEM, Money(-(2**64), "MYR")),)}, "beyond 64 bits"),
        ({"amount": Money(1, "SGD"), "parts": ()}, "is in SGD, the statement in MYR"),
    ],
)
async def test_what_cannot_be_kept_exactly_is_refused_in_a_sentence(
    shop: Writer, change: dict[str, object], says: str
) -> None:
    lines = lines_of(SALES)
    await shop.money.put_statements([statement_for(lines)], NOW)
    run = await shop.money.begin_lines(KEY)
    assert run is not None
    with pytest.raises(MoneyError, match=says):
        await shop.money.put_lines(KEY, run, [*lines, replace(lines[0], line_id="x", **change)])  # type: ignore[arg-type]
    ended = await shop.money.end_lines(KEY, run, NOW)
    assert ended is not None and ended.read.lines == 0


AMOUNTS = st.integers(-(10**14), 10**14)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sorted({code for _, code in REGIONS.values()})), st.lists(AMOUNTS, max_size=12), st.data())
async def test_totals_are_the_sum_of_the_lines_in_every_currency(
    house: DataDir, currency: str, amounts: list[int], data: st.DataObject
) -> None:
    shop = replace(SHOP, currency=currency)
    lines = []
    for number, minor in enumerate(amounts):
        item = data.draw(AMOUNTS)
        line = a_line(shop, f"N{number}", {FeeKind.ITEM: item, FeeKind.COMMISSION: minor - item}, f"L{number}")
        lines.append(line)
    total = sum(amounts)
    async with await Writer.open(house, NOW) as writer:
        await writer.put_store(shop)
        ended = await put_statement(writer, a_statement(shop, total, f"S-{currency}"), lines, page=5)
        assert ended.read.total == Money(total, currency)
        found = await check(writer, (shop.store_id, f"S-{currency}"), shop)
        assert found is not None and found.paid == Money(total, currency)
        assert found.expected.minor == total - sum(one.difference.minor for one in found.anomalies)
    async with await Reader.open(house) as reader:
        row = await reader.money.statement(shop.store_id, f"S-{currency}")
        assert row is not None and row.lines_sum == Money(total, currency) == row.expected + row.difference


async def test_a_check_keeps_what_it_found_and_rows_keep_their_numbers(shop: Writer, house: DataDir) -> None:
    lines = lines_of(SALES)
    lines[1] = wrong(lines[1], "commission", -700)
    lines[3] = wrong(lines[3], "shipping", -900)
    await put_sold(shop, SALES)
    await put_statement(shop, statement_for(lines), lines)
    assert await shop.money.to_check(BOOK.digest) == [KEY]
    found = await check(shop)
    assert found is not None and (found.orders, found.agreeing) == (5, 3)
    assert await shop.money.to_check(BOOK.digest) == []
    assert await shop.money.to_check("another book") == [KEY]
    async with await Reader.open(house) as reader:
        chunk = await reader.money.anomaly_index(now=NOW, operator="mei")
        rows = await reader.money.anomalies(chunk.ids)
        assert [(row.anomaly.kind, row.anomaly.order_no) for row in rows] == [
            (AnomalyKind.SHIPPING_OVER_QUOTE, SALES[3].order_no),
            (AnomalyKind.FEE_RATE, SALES[1].order_no),
        ]
        assert [row.anomaly for row in rows] == sorted(found.anomalies, key=lambda one: one.difference.minor)
        assert all(row.order_row is not None and row.dispute_id is None and not row.verified for row in rows)
        statement = await reader.money.statement(*KEY, book=BOOK)
        assert statement is not None and (statement.anomalies, statement.agreeing) == (2, 3)
        assert statement.difference.minor == statement.missing.minor == sum(r.anomaly.difference.minor for r in rows)
        assert statement.verify_by == NOW + 7 * 86400 > statement.statement.end_at + 7 * 86400
    lines[3] = lines_of(SALES)[3]
    await put_statement(shop, statement_for(lines), lines)
    assert await shop.money.to_check(BOOK.digest) == [KEY]
    await check(shop)
    async with await Reader.open(house) as reader:
        assert list((await reader.money.anomaly_index(now=NOW, operator="mei")).ids) == [chunk.ids[1]]


async def test_orders_and_returns_that_change_have_their_statements_checked_anew(shop: Writer) -> None:
    lines = lines_of(SALES)
    await put_statement(shop, statement_for(lines), lines)
    await check(shop)
    await shop.money.orders_changed(SHOP.store_id, ["unknown"])
    assert await shop.money.to_check(BOOK.digest) == []
    await shop.money.orders_changed(SHOP.store_id, [SALES[2].order_no])
    assert await shop.money.to_check(BOOK.digest) == [KEY]


async def test_an_order_in_two_statements_is_found_whichever_is_read_first(shop: Writer, house: DataDir) -> None:
    first, later = lines_of(SALES), lines_of(SALES[:1], "W47")
    await put_sold(shop, SALES)
    await put_statement(shop, statement_for(later, "W47", AT + 7 * 86400), later)
    assert (found := await check(shop, (SHOP.store_id, "W47"))) is not None and found.anomalies == ()
    await put_statement(shop, statement_for(first), first)
    assert await shop.money.to_check(BOOK.digest) == [(SHOP.store_id, "W47"), KEY]
    again = await check(shop, (SHOP.store_id, "W47"))
    assert again is not None and [one.kind for one in again.anomalies] == [AnomalyKind.SETTLED_TWICE]
    assert (own := await check(shop)) is not None and own.anomalies == ()
    async with await Reader.open(house) as reader:
        of_order = await reader.money.lines_of_order(SHOP.store_id, SALES[0].order_no)
        assert [row.line.statement_id for row in of_order] == ["W46", "W47"]


async def test_a_statement_that_changes_is_read_again_whatever_comes_between(shop: Writer, house: DataDir) -> None:
    lines = lines_of(SALES)
    told = statement_for(lines)
    await put_statement(shop, told, lines)
    assert await shop.money.put_statements([told], NOW) == ()
    assert await shop.money.without_lines(SHOP.store_id) == []
    other = replace(told, payout=told.payout + Money(5, "MYR"))
    assert len(await shop.money.put_statements([other], NOW)) == 1
    # Its lines were not reached: the next look finds that they are still to be read, also in another engine.
    assert await shop.money.without_lines(SHOP.store_id) == [other]
    await shop.close()
    async with await Writer.open(house, NOW + 9) as again:
        assert await again.money.without_lines(SHOP.store_id) == [other]
        run = await again.money.begin_lines(KEY)
        assert run is not None
        await again.money.put_lines(KEY, run, [wrong(lines[0], "commission", -1)])
    # Killed among the lines: some are new, some old, and nobody takes them for the statement.
    async with await Writer.open(house, NOW + 10) as again:
        assert await again.money.without_lines(SHOP.store_id) == [other]
        assert (await again.money.mark_verified([KEY], "mei", NOW)).refused == {KEY: "not_whole"}
        await put_statement(again, other, lines)
        assert await again.money.without_lines(SHOP.store_id) == []


async def test_a_fee_that_was_missing_is_no_longer_once_a_later_statement_takes_it(shop: Writer) -> None:
    sale = SALES[0]
    fee = sale.parts(SHOP)[FeeKind.COMMISSION]
    without = [wrong(line, "commission", 0) for line in lines_of([sale])]
    await put_sold(shop, [sale])
    await put_statement(shop, statement_for(without), without)
    assert [one.kind for one in found_in(await check(shop))] == [AnomalyKind.FEE_MISSING]
    # Another order's fee changes nothing.
    other = [a_line(SHOP, SALES[1].order_no, {FeeKind.COMMISSION: -100}, statement_id="W47")]
    await put_statement(shop, statement_for(other, "W47", AT + 7 * 86400), other)
    assert KEY not in await shop.money.to_check(BOOK.digest)
    taken = [a_line(SHOP, sale.order_no, {FeeKind.COMMISSION: fee}, statement_id="W48")]
    await put_statement(shop, statement_for(taken, "W48", AT + 14 * 86400), taken)
    assert KEY in await shop.money.to_check(BOOK.digest)
    assert found_in(await check(shop)) == ()
    # The statement that took it is right as well.
    assert found_in(await check(shop, (SHOP.store_id, "W48"))) == ()
    # No longer in that line, it is missing as before.
    kept = [replace(taken[0], parts=(Part(FeeKind.ADJUSTMENT, taken[0].amount, "odd"),))]
    await put_statement(shop, statement_for(kept, "W48", AT + 14 * 86400), kept)
    assert KEY in await shop.money.to_check(BOOK.digest)
    assert [one.kind for one in found_in(await check(shop))] == [AnomalyKind.FEE_MISSING]
    await put_statement(shop, statement_for(taken, "W48", AT + 14 * 86400), taken)
    assert found_in(await check(shop)) == ()
    # Nor is the line there: the same.
    await put_statement(shop, statement_for(other, "W48", AT + 14 * 86400), other)
    assert KEY in await shop.money.to_check(BOOK.digest)
    assert [one.kind for one in found_in(await check(shop))] == [AnomalyKind.FEE_MISSING]


def found_in(checked: Verified | None) -> Sequence[Anomaly]:
    assert checked is not None
    return checked.anomalies


async def test_a_mark_says_who_and_when_and_comes_off_with_other_lines(shop: Writer, house: DataDir) -> None:
    lines = lines_of(SALES)
    nowhere = (SHOP.store_id, "none")
    await shop.money.put_statements([statement_for(lines)], NOW)
    assert (await shop.money.mark_verified([KEY, nowhere], "mei", NOW)).refused == {
        KEY: "not_whole",
        nowhere: "no_statement",
    }
    await put_statement(shop, statement_for(lines), lines)
    assert (await shop.money.mark_verified([KEY], "mei", NOW)).refused == {KEY: "not_checked"}
    await check(shop)
    assert (await shop.money.mark_verified([KEY], "mei", NOW + 5)).changed == (KEY,)
    assert (await shop.money.mark_verified([KEY], "an", NOW + 6)).changed == ()
    async with await Reader.open(house) as reader:
        statement = await reader.money.statement(*KEY, book=BOOK)
        assert statement is not None and statement.verified and statement.verify_by is None
        assert statement.mark is not None and (statement.mark.operator, statement.mark.at) == ("mei", NOW + 5)
        assert (await reader.money.balances(NOW, BOOK, RATES)).rows[0].unverified == 0
    ended = await put_statement(shop, statement_for(lines), lines)
    assert not ended.mark_off
    ended = await put_statement(shop, statement_for(lines), [*lines[1:], wrong(lines[0], "commission", -1)])
    assert ended.mark_off
    async with await Reader.open(house) as reader:
        statement = await reader.money.statement(*KEY)
        assert statement is not None and not statement.verified
        assert [mark.what for mark in await reader.money.marks(*KEY)] == ["changed", "verified"]
        row = (await reader.money.balances(NOW, BOOK, RATES)).rows[0]
        assert (row.unverified, row.came_off) == (1, 1)


async def test_a_mark_is_withdrawn_and_a_crash_before_it_came_off_is_caught_up(shop: Writer, house: DataDir) -> None:
    lines = lines_of(SALES)
    await put_statement(shop, statement_for(lines), lines)
    await check(shop)
    await shop.money.mark_verified([KEY], "mei", NOW)
    assert await shop.money.withdraw_marks([KEY], "an", NOW) == [KEY]
    assert await shop.money.withdraw_marks([KEY], "an", NOW) == []
    await shop.money.mark_verified([KEY], "mei", NOW)
    await shop.close()
    with sqlite3.connect(house.cache) as db:
        db.execute("UPDATE statement SET digest = 'other'")
    async with await Writer.open(house, NOW + 9):
        pass
    async with await Reader.open(house) as reader:
        assert [mark.what for mark in await reader.money.marks(*KEY)] == [
            "changed",
            "verified",
            "withdrawn",
            "verified",
        ]
        assert (await reader.money.balances(NOW, BOOK, RATES)).rows[0].reading is None


async def test_orders_never_settled_are_told_only_where_all_settlements_were_read(shop: Writer, house: DataDir) -> None:
    await put_sold(shop, SALES)
    lines = lines_of(SALES[1:])
    await put_statement(shop, statement_for(lines), lines)
    assert await shop.money.find_never_settled(terms_of(SHOP), RATES, NOW) is None
    await shop.money.put_covered(SHOP.store_id, AT - 30 * 86400, AT)
    await shop.money.put_covered(SHOP.store_id, AT - 3600, NOW)
    assert await shop.money.find_never_settled(terms_of(SHOP), RATES, NOW) == 1
    async with await Reader.open(house) as reader:
        chunk = await reader.money.anomaly_index(parse_money("kind:never_settled"), now=NOW, operator="")
        (row,) = await reader.money.anomalies(chunk.ids)
        assert (row.anomaly.order_no, row.anomaly.statement_id, row.statement_row) == (SALES[0].order_no, "", None)
        own = await reader.money.statement(*KEY)
        assert own is not None
        of_statement = await reader.money.anomaly_index(now=NOW, operator="", statement_row=own.row_id)
        assert list(of_statement.ids) == list(chunk.ids)
    promised = Unsettled(SHOP.store_id, SALES[0].order_no, Money(3800, "MYR"), NOW + 86400)
    await shop.money.put_unsettled(SHOP.store_id, [promised], NOW, all_of_them=True)
    assert await shop.money.find_never_settled(terms_of(SHOP), RATES, NOW) == 0
    await shop.money.put_unsettled(SHOP.store_id, [], NOW + 1, all_of_them=True)
    await shop.money.put_statements([a_statement(SHOP, 1, "W47", AT + 86400)], NOW)
    assert await shop.money.find_never_settled(terms_of(SHOP), RATES, NOW) is None


async def test_disputes_are_tracked_from_pack_to_end(shop: Writer, house: DataDir) -> None:
    lines = lines_of(SALES)
    lines[0] = wrong(lines[0], "commission", -700)
    await put_sold(shop, SALES)
    await put_statement(shop, statement_for(lines), lines)
    await check(shop)
    async with await Reader.open(house) as reader:
        chunk = await reader.money.anomaly_index(now=NOW, operator="")
        rows = await reader.money.anomalies(chunk.ids)
        items = [DisputedItem(row.anomaly, row.about) for row in rows]
        number = await shop.money.make_dispute(SHOP.store_id, items, "packs/1", Language.CHINESE, "mei", NOW)
        assert not await shop.money.set_dispute(number, DisputeState.WON, "mei", NOW + 1)
        assert await shop.money.set_dispute(number, DisputeState.SENT, "mei", NOW + 2, "ticket 4711")
        assert await shop.money.set_dispute(number, DisputeState.ANSWERED, "an", NOW + 3)
        assert await shop.money.set_dispute(number, DisputeState.WON, "an", NOW + 4)
        assert not await shop.money.set_dispute(99, DisputeState.SENT, "an", NOW)
        (dispute,) = await reader.money.disputes()
        assert (dispute.state, dispute.state_by, dispute.state_at, dispute.note) == (
            DisputeState.WON,
            "an",
            NOW + 4,
            "ticket 4711",
        )
        assert (dispute.amount, dispute.orders, dispute.language) == (Money(380, "MYR"), 1, "zh")
        assert [event[2].value for event in await reader.money.dispute_events(number)] == [
            "open",
            "sent",
            "answered",
            "won",
        ]
        assert await reader.money.dispute(number) == dispute
        assert await reader.money.dispute(99) is None
        assert await reader.money.disputes(SHOP.store_id) == [dispute]
        assert await reader.money.disputes("tt-uk-9") == []
        (row,) = await reader.money.anomalies(chunk.ids)
        assert (row.dispute_id, row.dispute_state) == (number, DisputeState.WON)
        for text, count in (("status:disputed", 1), ("status:undisputed", 0), ("status:won", 1), ("status:sent", 0)):
            assert len((await reader.money.anomaly_index(parse_money(text), now=NOW, operator="")).ids) == count


async def test_forgetting_a_store_forgets_its_money(shop: Writer, house: DataDir) -> None:
    lines = lines_of(SALES)
    await put_statement(shop, statement_for(lines), lines)
    await shop.money.put_balance(SHOP, Balance(SHOP.store_id, NOW, Money(5, "MYR"), False, "wallet"))
    await check(shop)
    await shop.remove_store(SHOP.store_id)
    await shop.close()
    with sqlite3.connect(house.cache) as db:
        for table in ("statement", "statement_line", "anomaly", "balance", "balance_day"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


async def test_wallet_moves_and_what_is_still_to_come(shop: Writer, house: DataDir) -> None:
    moves = [
        WalletMove(SHOP.store_id, "1", NOW - 9, MoveKind.SETTLED, Money(500, "MYR"), Money(500, "MYR"), order_no="X"),
        WalletMove(SHOP.store_id, "2", NOW, MoveKind.WITHDRAWN, Money(-400, "MYR"), Money(100, "MYR")),
    ]
    assert await shop.money.put_moves(SHOP, moves) == 2
    assert await shop.money.put_moves(SHOP, moves) == 0
    pending = Unsettled(SHOP.store_id, "Y", Money(7, "MYR"), NOW, NOW - 5, "delivered")
    await shop.money.put_unsettled(SHOP.store_id, [pending], NOW)
    async with await Reader.open(house) as reader:
        assert await reader.money.moves(SHOP.store_id) == moves[::-1]
        assert await reader.money.unsettled(SHOP.store_id) == [pending]
        assert (await reader.money.balances(NOW, BOOK, RATES)).rows[0].days[-1] == 100


FILTERS = [
    ("", 3),
    ("kind:fee_rate", 2),
    ("kind:fee_rate,settled_twice", 2),
    ("fee:commission", 1),
    ("store:my-*", 3),
    ("market:lazada", 0),
    ("region:my", 3),
    ("order:c3t3", 1),
    ("diff:>3", 2),
    ("diff:>4myr", 1),
    ("diff:<0.95usd", 2),
    ("status:unverified", 3),
    ("status:verified", 0),
    ("status:missing", 2),
    ("status:extra", 1),
    ("status:negative", 0),
    ("statement:w*", 3),
    ("1J8C3T1", 1),
    ("-kind:fee_rate diff:>1", 1),
]


async def test_anomalies_are_filtered_and_sorted(shop: Writer, house: DataDir) -> None:
    lines = lines_of(SALES)
    lines[1] = wrong(lines[1], "commission", -700)
    lines[3] = wrong(lines[3], "shipping", -900)
    lines[4] = wrong(lines[4], "payment_fee", -1)
    await put_sold(shop, SALES)
    await put_statement(shop, statement_for(lines), lines)
    await check(shop)
    async with await Reader.open(house) as reader:

        async def found(text: str, sort: AnomalySort | None = None) -> list[str]:
            chunk = await reader.money.anomaly_index(parse_money(text), sort, now=NOW, operator="mei")
            return [row.anomaly.order_no for row in await reader.money.anomalies(chunk.ids)]

        assert {text: len(await found(text)) for text, _ in FILTERS} == dict(FILTERS)
        by_order = AnomalySort(AnomalySortBy.ORDER, descending=False)
        assert await found("", by_order) == [SALES[1].order_no, SALES[3].order_no, SALES[4].order_no]


PLANS = {
    "SELECT at, row_id FROM statement_line INDEXED BY line_by_time WHERE statement_row = 1 AND (at, row_id) > (0, 0) "
    "ORDER BY at, row_id LIMIT 500": "COVERING INDEX line_by_time",
    "SELECT DISTINCT order_no FROM statement_line INDEXED BY line_by_place WHERE statement_row = 1 AND order_no > 'a' "
    "ORDER BY order_no LIMIT 9": "COVERING INDEX line_by_place",
    "SELECT row_id FROM anomaly o ORDER BY o.size_usd DESC, o.size_milli DESC, o.store_id, o.row_id": (
        "COVERING INDEX anomaly_by_size"
    ),
    "SELECT row_id FROM statement WHERE store_id = 'x' ORDER BY end_at DESC, row_id DESC LIMIT 9": "statement_by_end",
}


async def test_what_screens_open_with_reads_an_index_in_its_order(shop: Writer, house: DataDir) -> None:
    await shop.close()
    with sqlite3.connect(house.cache) as db:
        for statement, index in PLANS.items():
            plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}"))
            assert index in plan and "TEMP B-TREE" not in plan, plan


async def test_many_orders_are_checked_some_at_a_time(shop: Writer) -> None:
    sales = [Sale(f"N{number:05d}", 900 + number) for number in range(601)]
    lines = [*lines_of(sales), a_line(SHOP, "", {FeeKind.MARKETING: -300}, "ads")]
    await put_statement(shop, statement_for(lines), lines, page=500)
    found = await check(shop)
    assert found is not None
    assert (found.orders, found.agreeing, found.anomalies) == (601, 601, ())
    assert found.paid.minor == sum(line.amount.minor for line in lines)


async def test_a_house_from_before_money_gets_its_tables_and_keeps_its_orders(shop: Writer, house: DataDir) -> None:
    await put_sold(shop, SALES)
    await shop.close()
    for path, name in ((house.cache, "0006 money"), (house.ledger, "0008 money")):
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA foreign_keys = OFF")
            for kind, made in (("index", CACHE_MONEY), ("table", CACHE_MONEY), ("table", LEDGER_MONEY)):
                for statement in made.statements:
                    words = statement.split()
                    if words[1].lower() == kind:
                        db.execute(f"DROP {kind} IF EXISTS {words[2]}")
            db.execute("DELETE FROM migration WHERE name IN (?, ?)", (name, CACHE_MONEY_SEEN.name))
    async with await Writer.open(house, NOW) as again:
        assert set(again.opened.migrations) == {"0006 money", "0008 money", CACHE_MONEY_SEEN.name}
        assert not again.opened.cache_rebuilt
        assert len(await again.orders_by_no(SHOP.store_id, [sale.order_no for sale in SALES])) == len(SALES)
        lines = lines_of(SALES)
        await put_statement(again, statement_for(lines), lines)
        assert (found := await check(again)) is not None and found.agreeing == len(SALES)


async def test_a_renamed_store_keeps_its_money_and_its_marks(shop: Writer, house: DataDir) -> None:
    lines = lines_of(SALES)
    await put_statement(shop, statement_for(lines), lines)
    await check(shop)
    await shop.money.mark_verified([KEY], "mei", NOW)
    await shop.rename_store(SHOP.store_id, "sp-my-9")
    async with await Reader.open(house) as reader:
        statement = await reader.money.statement("sp-my-9", "W46")
        assert statement is not None and statement.verified and statement.lines == len(SALES)

"""Lists: order, pieces, keys that agree with it, and the query plans that make them fast."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import replace

import pytest

from shoptui.domain.clocks import ClockKind
from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.money import Money
from shoptui.domain.orders import Order, Recipient, ShippingType, Status
from shoptui.paths import DataDir
from shoptui.queries.filter import parse
from shoptui.queries.query import EVERYTHING
from shoptui.queries.sorting import Sort, SortBy
from shoptui.queries.views import ORDER_VIEWS
from shoptui.store.list_reads import list_statements
from shoptui.store.list_sql import LOOKED_AT
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, clock, intent, line, order

ALL_SORTS = [Sort(by, descending) for by in SortBy for descending in (False, True)]


def varied(count: int, seed: int = 7) -> list[Order]:
    """Orders of which many share values, some have none, and some have missed a clock."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        clocks = tuple(
            clock(NOW + dice.choice([-7200, -60, 60, 60, 3600, 86400 * 3]), dice.choice(list(ClockKind)))
            for _ in range(dice.choice([0, 1, 1, 2]))
        )
        skus = dice.sample(["BAG-RD-M", "BAG-BL-M", "MUG-WH", "LAMP-L", ""], dice.choice([1, 1, 2]))
        made.append(
            order(
                f"57{number:06d}",
                store_id=dice.choice(STORES).store_id,
                status=dice.choice(list(Status)),
                clocks=clocks,
                lines=tuple(line(sku) for sku in skus),
                created_at=NOW - dice.choice([60, 3600, 86400, 86400 * 9]),
                updated_at=NOW - dice.randrange(5),
                total=Money(dice.choice([0, 500, 35900]), dice.choice(["THB", "VND", "GBP"])),
                carrier_name=dice.choice(["", "J&T Express", "SPX"]),
                tracking_number=dice.choice(["", f"TH{number}"]),
                delivery_option=dice.choice(["", "Standard", "Economy"]),
                buyer_name=dice.choice(["", "mina", "陈美华"]),
                shipping_type=dice.choice(list(ShippingType)),
                recipient=Recipient(),
            )
        )
    return made


@pytest.fixture
async def desk(writer: Writer) -> Writer:
    """A house with varied orders and something on the desk and in the outbox."""
    made = varied(240)
    await writer.upsert_orders(made, seen_at=NOW, now=NOW)
    some = [(each.store_id, each.order_no) for each in made]
    await writer.hold(some[:20], "an", True, NOW)
    await writer.claim(some[10:40:3], "mei", True, NOW)
    await writer.claim(some[11:40:3], "an", True, NOW)
    await writer.tag(some[30:60], "fragile", "mei", True, NOW)
    await writer.tag(some[50:70], "gift", "mei", True, NOW)
    wanted = [intent(number, f"P{number}", store_id=store_id) for store_id, number in some[60:90]]
    answer = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty", wanted, [NOW] * 30, NOW)
    await writer.move(answer.intent_ids[10:], IntentState.QUEUED, now=NOW)
    await writer.move(answer.intent_ids[10:20], IntentState.FAILED, now=NOW)
    return writer


async def read(reader: Reader, text: str = "", sort: Sort | None = None, chunk: int = 20_000) -> tuple[list[int], int]:
    ids: list[int] = []
    missed = 0
    chunks = [piece async for piece in reader.index(parse(text), sort or Sort(), now=NOW, operator="mei", chunk=chunk)]
    assert [piece.last for piece in chunks] == [False] * (len(chunks) - 1) + [True]
    for piece in chunks:
        # The missed group comes first: a piece has missed rows only if all rows before it were missed.
        assert piece.missed == 0 or missed == len(ids)
        ids.extend(piece.ids)
        missed += piece.missed
    return ids, missed


async def test_the_default_order_is_missed_then_next_loss_store_and_sku(desk: Writer, house: DataDir) -> None:
    async with await Reader.open(house) as reader:
        ids, missed = await read(reader)
        rows = await reader.rows(ids, NOW)
    assert len(ids) == len(set(ids)) == 240
    keys = [(row.missed == 0, row.next_at is None, row.next_at or 0, row.store_id, row.sku) for row in rows]
    assert [key[:5] for key in keys] == sorted(keys)
    assert missed == sum(1 for row in rows if row.missed)
    assert 0 < missed < 240


@pytest.mark.parametrize("sort", ALL_SORTS, ids=str)
async def test_keys_agree_with_the_list_for_every_sort(desk: Writer, house: DataDir, sort: Sort) -> None:
    async with await Reader.open(house) as reader:
        ids, missed = await read(reader, "", sort)
        shuffled = random.Random(1).sample(ids, len(ids))
        keys = await reader.sort_keys(shuffled, EVERYTHING, sort, NOW, "mei")
    assert len(keys) == len(ids)
    keys.sort(key=lambda each: each.key)
    assert [each.row_id for each in keys] == ids
    assert [each.missed for each in keys] == [True] * missed + [False] * (len(ids) - missed)


@pytest.mark.parametrize("sort", [Sort(by, down) for by in (SortBy.CARRIER, SortBy.BUYER) for down in (False, True)])
async def test_rows_without_a_value_come_last_either_way(desk: Writer, house: DataDir, sort: Sort) -> None:
    async with await Reader.open(house) as reader:
        ids, missed = await read(reader, "", sort)
        rows = await reader.rows(ids, NOW)
    for group in (rows[:missed], rows[missed:]):
        values = [row.carrier if sort.by is SortBy.CARRIER else row.buyer for row in group]
        filled = [value for value in values if value]
        assert values == sorted(filled, reverse=sort.descending) + [""] * (len(values) - len(filled))


@pytest.mark.parametrize("text", ["", "status:ship,hand", "tag:fragile", "canvas", "-is:held", "act:going or is:mine"])
async def test_keys_come_only_for_rows_that_match(desk: Writer, house: DataDir, text: str) -> None:
    async with await Reader.open(house) as reader:
        everything, _ = await read(reader)
        ids, _ = await read(reader, text)
        keys = await reader.sort_keys(everything, parse(text), Sort(), NOW, "mei")
        counted = await reader.count(parse(text), now=NOW, operator="mei")
    assert {each.row_id for each in keys} == set(ids)
    assert counted == len(ids)


@pytest.mark.parametrize("chunk", [1, 7, 239, 240, 241])
async def test_pieces_make_the_whole(desk: Writer, house: DataDir, chunk: int) -> None:
    async with await Reader.open(house) as reader:
        assert await read(reader, "", Sort(), chunk) == await read(reader)


async def test_a_list_is_one_moment_although_orders_move_while_it_is_read(desk: Writer, house: DataDir) -> None:
    async with await Reader.open(house) as reader:
        before, _ = await read(reader)
        seen: list[int] = []
        async for piece in reader.index(EVERYTHING, Sort(), now=NOW, operator="mei", chunk=10):
            if not seen:
                await desk.pass_clocks(NOW + 86400 * 9)
                await desk.upsert_orders([order("99999999")], seen_at=NOW, now=NOW)
            seen.extend(piece.ids)
        assert seen == before
        after, missed = await read(reader)
    assert len(after) == 241
    assert missed > 0 and after != before


async def test_leaving_a_list_early_frees_its_connection(desk: Writer, house: DataDir) -> None:
    async with await Reader.open(house) as reader:
        for _ in range(5):
            pieces = reader.index(EVERYTHING, Sort(), now=NOW, operator="mei", chunk=3)
            await anext(pieces)
            await pieces.aclose()
        assert len(reader._idle) == 1
        assert reader._reading == set()


def plans(house: DataDir, text: str, sort: Sort) -> list[str]:
    """What SQLite would do for a list, one line per step."""
    db = sqlite3.connect(f"file:{house.cache}?mode=ro", uri=True)
    db.execute("ATTACH DATABASE ? AS ledger", (f"file:{house.ledger}?mode=ro",))
    db.create_function("any_like", 2, lambda skus, glob: False, deterministic=True)
    steps = []
    db.create_function(LOOKED_AT, 0, lambda: 1)
    for _, statement in list_statements(db, parse(text), sort, NOW, "mei", tells=True):
        rows = db.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values)
        steps.extend(row[3] for row in rows)
    db.close()
    return steps


LISTED = [
    "",
    *(view.filter_text for digit, view in ORDER_VIEWS.items() if digit not in "579"),
    "store:tt-* region:th,vn market:tiktok",
    "status:open -status:on_hold",
    "sku:BAG-*",
    "ship:platform carrier:j* flag:cod",
    "created:<2d value:>10 value:<5usd",
    "clock:pick is:blocked",
]


@pytest.mark.parametrize("text", LISTED)
async def test_listed_columns_are_read_from_one_covering_index_and_never_sorted(
    desk: Writer, house: DataDir, text: str
) -> None:
    steps = plans(house, text, Sort())
    assert steps
    for step in steps:
        assert step.startswith("SEARCH o USING COVERING INDEX orders_by_loss (missed_group=?"), step


async def test_due_reads_only_the_part_of_the_index_it_needs(desk: Writer, house: DataDir) -> None:
    assert any("missed_group=? AND next_at<?" in step for step in plans(house, "due:<4h", Sort()))


@pytest.mark.parametrize("sort", [Sort(SortBy.PLACED), Sort(SortBy.PLACED, True)], ids=str)
async def test_placed_comes_from_its_own_index(desk: Writer, house: DataDir, sort: Sort) -> None:
    assert plans(house, "", sort) == [
        "SEARCH o USING COVERING INDEX orders_by_created (missed_group=?)",
        "SEARCH o USING COVERING INDEX orders_by_created (missed_group=?)",
    ]


LOOKED_UP = [
    *["order:000042", "track:TH42", "tag:fragile", "is:mine", "act:failed,not_done", "canvas", "buyer:mina", "是"],
    *["is:held or tag:gift", "is:open order:000042"],
]


@pytest.mark.parametrize("text", LOOKED_UP)
async def test_what_few_orders_have_is_looked_up_and_no_table_is_walked(
    desk: Writer, house: DataDir, text: str
) -> None:
    for step in plans(house, text, Sort()):
        # Walking the ledger's own small tables is how the few are found; the orders are then looked up.
        assert not step.startswith(("SCAN o ", "SCAN t ", "SCAN order_code", "SCAN y")), step
        assert "orders_by_loss" not in step


async def test_a_word_most_orders_have_walks_the_list_instead(
    desk: Writer, house: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shoptui.store.list_reads.NARROW_MAX", 10)
    assert any("orders_by_loss" in step for step in plans(house, "canvas", Sort()))
    async with await Reader.open(house) as reader:
        ids, _ = await read(reader, "canvas")
    assert len(ids) == 240


@pytest.mark.parametrize(
    ("text", "sort", "tells"),
    [
        ("", Sort(SortBy.VALUE), True),
        ("", Sort(descending=True), True),
        ("canvas", Sort(), True),
        ("", Sort(), False),
        ("", Sort(SortBy.PLACED), False),
        ("order:000042", Sort(), False),
    ],
    ids=str,
)
async def test_a_list_that_may_take_long_tells_how_far_it_is(
    desk: Writer, house: DataDir, monkeypatch: pytest.MonkeyPatch, text: str, sort: Sort, tells: bool
) -> None:
    monkeypatch.setattr("shoptui.store.list_reads.NARROW_MAX", 10)
    monkeypatch.setattr("shoptui.store.list_reads.LOOKED_EVERY", 16)
    monkeypatch.setattr("shoptui.store.list_sql.LOOKED_EVERY", 16)
    async with await Reader.open(house) as reader:
        assert reader.looked_at == 0
        counts = []
        async for piece in reader.index(parse(text), sort, now=NOW, operator="mei", chunk=40):
            counts.append(reader.looked_at)
            assert piece.last or len(piece.ids) == 40
        assert reader.looked_at == 0
    assert counts == sorted(counts)
    assert (counts[0] > 0) == tells
    assert counts[-1] == (240 if tells else 0)


async def test_an_interrupted_list_says_so(desk: Writer, house: DataDir) -> None:
    from shoptui.store.errors import Interrupted

    async with await Reader.open(house) as reader:
        pieces = reader.index(EVERYTHING, Sort(), now=NOW, operator="mei", chunk=5)
        await anext(pieces)
        reader.interrupt()
        with pytest.raises(Interrupted):
            async for _ in pieces:
                pass
        rows = await reader.rows([1, 2, 3], NOW)
        again, _ = await read(reader)
    assert len(rows) == 3
    assert len(again) == 240


def test_the_sorts_are_all_tried() -> None:
    assert {sort.by for sort in ALL_SORTS} == set(SortBy)
    assert replace(Sort(), descending=True) in ALL_SORTS

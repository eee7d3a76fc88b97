"""Lists of stock pools: the filter against a plain evaluator, every sort, and the plans."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.domain.clocks import DAY_S
from shoptui.domain.counting import CountLine
from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.shares import ShareRule
from shoptui.domain.stock import Listing, ListingState, StockAt, listing_target
from shoptui.paths import DataDir
from shoptui.queries.query import And, Limit, Match, Node, Not, Or, Query, Text, Value
from shoptui.queries.sorting import StockSort, StockSortBy
from shoptui.queries.stock import PoolRow
from shoptui.queries.stock_fields import StockField
from shoptui.queries.stock_filter import parse_stock
from shoptui.queries.stock_views import STOCK_VIEWS
from shoptui.store.filter_parts import Context
from shoptui.store.reader import Reader
from shoptui.store.stock_list import STOCK
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, line, order

COUNT = 60
STORE_OF = {store.store_id: store for store in STORES}
NAMES = ["Canvas bag", "帆布袋 红", "แก้วเซรามิก", "Đèn ngủ mini"]


class House:
    """A house of pools of every kind, and what is in it as plain rows and listings."""

    def __init__(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.data_dir = DataDir(Path(self.directory.name))
        self.listings: dict[str, list[Listing]] = {}
        self.loop.run_until_complete(self._fill())
        self.reader = self.loop.run_until_complete(Reader.open(self.data_dir))
        every = list(range(1, COUNT + 1))
        self.rows: list[PoolRow] = self.loop.run_until_complete(self.reader.stock.rows(every))

    async def _fill(self) -> None:
        dice = random.Random(7)
        async with await Writer.open(self.data_dir, NOW) as writer:
            for store in STORES:
                await writer.put_store(store)
            writer.stock.follow(ShareRule(keep_back=0), 6.0)
            for number in range(COUNT):
                await self._one(writer, number, dice)

    async def _one(self, writer: Writer, number: int, dice: random.Random) -> None:
        sku = f"{dice.choice(['BAG', 'MUG', 'LAMP'])}-{number:03}"
        name = dice.choice(NAMES)
        made = [
            Listing(
                store.store_id,
                f"{number}/{place}",
                str(number),
                str(place),
                sku,
                name,
                "",
                dice.choice([ListingState.LIVE, ListingState.LIVE, ListingState.OFF]),
                "X",
                (StockAt("w", dice.choice([0, 3, 9, 40])),),
            )
            for place, store in enumerate(dice.sample(STORES, dice.randint(1, 3)))
        ]
        self.listings[sku.casefold()] = made
        await writer.stock.put_listings(made, NOW)
        if dice.random() < 0.7:
            await writer.stock.count([CountLine(sku, dice.choice([0, 5, 30, 200]))], NOW - 5, "typed", "an", NOW)
        if dice.random() < 0.6:
            lines = (line(sku, quantity=dice.choice([1, 8, 60])),)
            created_at = NOW - dice.choice([1800, 3 * DAY_S])
            sold = order(f"57646{number:05}", store_id=made[0].store_id, lines=lines, created_at=created_at)
            await writer.upsert_orders([sold], seen_at=NOW, now=NOW)
        if dice.random() < 0.2:
            await writer.stock.put_rule([sku.casefold()], ShareRule(keep_back=1), "an", NOW)
        for time in range(dice.choice([0, 0, 1, 2])):
            await _write(writer, made[time % len(made)], f"b{number}-{time}", dice)

    def ids(self, query: Query, sort: StockSort | None = None) -> list[int]:
        reading = self.reader.stock.index(query, sort or StockSort(), now=NOW, operator="mei")
        return list(self.loop.run_until_complete(reading).ids)

    def close(self) -> None:
        self.loop.run_until_complete(self.reader.close())
        self.loop.close()
        self.directory.cleanup()


async def _write(writer: Writer, one: Listing, batch: str, dice: random.Random) -> None:
    target = listing_target(one.listing_id, "w")
    intent = NewIntent(Verb.SET_STOCK, one.store_id, "", TargetKind.LISTING, target, args={"shows": 1})
    ids = (await writer.accept_batch(batch, Verb.SET_STOCK, "mei", "t", [intent], [NOW], NOW)).intent_ids
    states = dice.choice(
        [
            (),
            (IntentState.QUEUED,),
            (IntentState.QUEUED, IntentState.SENDING, IntentState.DONE),
            (IntentState.QUEUED, IntentState.SENDING, IntentState.FAILED),
        ]
    )
    for state in states:
        await writer.move(ids, state, now=NOW)


@pytest.fixture(scope="module")
def filled() -> Iterator[House]:
    house = House()
    yield house
    house.close()


# What the language promises, in the plainest Python there is.


def holds(house: House, node: Node | None, row: PoolRow) -> bool:
    match node:
        case None:
            return True
        case Not(part):
            return not holds(house, part, row)
        case And(parts):
            return all(holds(house, part, row) for part in parts)
        case Or(parts):
            return any(holds(house, part, row) for part in parts)
        case Text(text, exact):
            part = not exact and text.casefold() in row.key
            words = f"{row.sku} {row.name}".casefold()
            return part or finds(text.casefold(), exact, words)
        case Match(field, values):
            return any(has(house, field, value, row) for value in values)


def finds(text: str, exact: bool, words: str) -> bool:
    if not text.isascii():
        return text in words
    return any(word == text if exact else word.startswith(text) for word in re.split(r"[\s-]+", words))


def has(house: House, field: object, value: Value, row: PoolRow) -> bool:
    left = row.listed if row.free is None else row.free
    if isinstance(value, Limit):
        if field is StockField.LOW:
            return left < value.amount if value.below else left > value.amount
        if field is StockField.SOLD:
            return row.week_units < 7 * value.amount if value.below else row.week_units > 7 * value.amount
        if field is StockField.COVER:
            if row.cover_s is None:
                return False
            return row.cover_s <= value.amount if value.below else row.cover_s > value.amount
        near = row.next_at is not None and row.next_at <= NOW + value.amount
        if value.below:
            return row.missed > 0 or near
        return row.missed == 0 and row.next_at is not None and not near
    word = value.text
    stores = [STORE_OF[one.store_id] for one in house.listings[row.key]]
    out = row.listed > 0 and row.cover_s is not None and row.cover_s <= 7 * DAY_S
    risks = {"out": out, "over": row.oversold > 0, "step": row.step > 0}
    match field:
        case StockField.RISK:
            return {**risks, "any": any(risks.values()), "none": not any(risks.values())}[word]
        case StockField.COVER:
            return row.cover_s is None
        case StockField.DUE:
            return row.missed > 0 if word == "missed" else row.missed == 0 and row.next_at is None
        case StockField.SKU:
            return like(word, row.sku)
        case StockField.STORE:
            return any(like(word, one.store_id) or like(word, one.store_id.partition("-")[2]) for one in stores)
        case StockField.REGION:
            return any(one.region == word for one in stores)
        case StockField.MARKET:
            return any(one.marketplace == word for one in stores)
        case StockField.ACT:
            return act_is(word, row.act_state)
        case _:
            return {
                "counted": row.hand is not None,
                "uncounted": row.hand is None,
                "missed": row.missed > 0,
                "listed": row.listed > 0,
                "unlisted": row.listed == 0,
                "shared": row.listings > 1,
                "selling": row.week_units > 0,
                "ruled": row.own_rule,
            }[word]


def act_is(word: str, state: IntentState | None) -> bool:
    if word == "none":
        return state is None
    return state in (IntentState.HELD, IntentState.QUEUED, IntentState.SENDING) if word == "going" else state == word


def like(glob: str, text: str) -> bool:
    parts = ["." if char == "?" else ".*" if char == "*" else re.escape(char) for char in glob]
    return re.fullmatch("".join(parts), text, re.IGNORECASE | re.DOTALL) is not None


SINGLE = [
    *["risk:any", "risk:out", "risk:over", "risk:step", "risk:none", "cover:<3d", "cover:>3d", "cover:none", "due:<4h"],
    *["due:>4h", "due:missed", "due:none", "low:<5", "low:>30", "sold:>10", "sold:<2", "sku:BAG-*", "sku:mug-0?4"],
    *["store:tt-*", "store:UK-*", "store:nowhere", "region:th", "market:shopee", "is:counted", "is:uncounted"],
    *["is:missed", "is:listed", "is:unlisted", "is:shared", "is:selling", "is:ruled", "act:none"],
    *["bag", "-01", "帆布", "袋", "mini", '"canvas"', "nothinglikeit", "BAG-0"],
    *(view.filter_text for view in STOCK_VIEWS.values()),
]


def wanted(house: House, node: Node | None) -> set[int]:
    return {row.row_id for row in house.rows if holds(house, node, row)}


@pytest.mark.parametrize("text", [text for text in SINGLE if text])
def test_each_condition_finds_what_it_says_and_its_negation_the_rest(filled: House, text: str) -> None:
    found = wanted(filled, parse_stock(text).root)
    assert set(filled.ids(parse_stock(text))) == found
    assert set(filled.ids(parse_stock(f"-({text})"))) == {row.row_id for row in filled.rows} - found


@pytest.mark.parametrize("text", ["risk:out", "risk:over", "risk:step", "cover:<3d", "low:<5", "is:missed", "act:none"])
def test_the_conditions_are_put_to_the_test_at_all(filled: House, text: str) -> None:
    assert 0 < len(filled.ids(parse_stock(text))) < COUNT


def test_a_pool_is_found_by_each_state_its_writes_are_in(filled: House) -> None:
    """One pool may have a write that failed and one that waits: both words find it, `done` only where all are."""
    for word in ("failed", "done", "going", "held", "queued"):
        found = set(filled.ids(parse_stock(f"act:{word}")))
        shown = {row.row_id for row in filled.rows if act_is(word, row.act_state)}
        assert shown and shown <= found
        assert found == shown or word != "done"


TREES = st.recursive(
    st.sampled_from([parse_stock(text).root for text in SINGLE if text]),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=5,
)
SORTS = st.builds(StockSort, st.sampled_from(StockSortBy), st.booleans())


@given(root=TREES, sort=SORTS)
@settings(max_examples=50, deadline=None)
def test_any_combination_is_set_algebra_and_keys_compare_as_the_list(
    filled: House, root: Node, sort: StockSort
) -> None:
    query = Query(root)
    found = filled.ids(query, sort)
    assert set(found) == wanted(filled, root) and len(found) == len(set(found))
    stock = filled.reader.stock
    assert filled.loop.run_until_complete(stock.count(query, now=NOW, operator="mei")) == len(found)
    every = [row.row_id for row in filled.rows]
    keys = filled.loop.run_until_complete(stock.sort_keys(every, query, sort, NOW, "mei"))
    assert [each.row_id for each in sorted(keys, key=lambda each: each.key)] == found


def test_by_default_what_is_sold_out_comes_first_then_what_runs_out_first(filled: House) -> None:
    never = 10**12

    def key(row: PoolRow) -> tuple[object, ...]:
        return (row.missed == 0, never if row.next_at is None else row.next_at, -row.oversold, row.sku, row.row_id)

    assert filled.ids(Query()) == [row.row_id for row in sorted(filled.rows, key=key)]


def plan(house: House, text: str) -> list[str]:
    db = sqlite3.connect(f"file:{house.data_dir.cache}?mode=ro", uri=True)
    db.execute("ATTACH DATABASE ? AS ledger", (f"file:{house.data_dir.ledger}?mode=ro",))
    try:
        statement = STOCK.list_statement(parse_stock(text), StockSort(), Context(NOW, "mei", STORES))
        return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values)]
    finally:
        db.close()


@pytest.mark.parametrize("text", [*(STOCK_VIEWS[digit].filter_text for digit in "012345"), "low:<5 sku:BAG-*"])
def test_listed_columns_are_read_from_one_covering_index_and_never_sorted(filled: House, text: str) -> None:
    assert plan(filled, text) == ["SCAN o USING COVERING INDEX pool_by_loss"]


@pytest.mark.parametrize("text", ["bag", "market:tiktok", "act:failed", "is:ruled"])
def test_what_lives_elsewhere_is_one_set_and_nothing_is_sorted(filled: House, text: str) -> None:
    steps = plan(filled, text)
    assert "SCAN o USING COVERING INDEX pool_by_loss" in steps
    assert not [step for step in steps if step.startswith(("SCAN p ", "SCAN l "))]
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps


@pytest.mark.parametrize("text", ["low:5", "low:<5x", "risk:al", "cover:3", "sold:>-1", "low:<" + "9" * 20])
def test_what_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_stock(text)

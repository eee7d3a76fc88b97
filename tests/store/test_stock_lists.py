"""Lists of stock pools: the filter against a plain evaluator, every sort, and the plans."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.domain.clocks import DAY_S
from shoptui.domain.counting import CountLine
from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.shares import ShareRule
from shoptui.domain.stock import Listing, ListingState, StockAt, listing_target
from shoptui.queries.query import Limit, Node, Value
from shoptui.queries.sorting import StockSort, StockSortBy
from shoptui.queries.stock import PoolRow
from shoptui.queries.stock_fields import StockField
from shoptui.queries.stock_filter import parse_stock
from shoptui.queries.stock_views import STOCK_VIEWS
from shoptui.store.list_reader import ListReader
from shoptui.store.stock_list import STOCK
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, line, order
from tests.store.list_contract import ListHouse, act_is, at_store, compares, due, like, trees, words_find

COUNT = 60
NAMES = ["Canvas bag", "帆布袋 红", "แก้วเซรามิก", "Đèn ngủ mini"]


class House(ListHouse[PoolRow]):
    """A house of pools of every kind, and what is in it as plain rows and listings."""

    count = COUNT
    shape = STOCK
    usual_sort = StockSort()
    parse = staticmethod(parse_stock)

    def __init__(self) -> None:
        self.listings: dict[str, list[Listing]] = {}
        super().__init__(seed=7)

    def listed(self) -> ListReader[StockSort]:
        return self.reader.stock

    async def read(self, ids: Sequence[int]) -> list[PoolRow]:
        return await self.reader.stock.rows(ids)

    async def fill(self, writer: Writer, dice: random.Random) -> None:
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

    # What the language promises.

    def finds(self, row: PoolRow, text: str, exact: bool) -> bool:
        part = not exact and text.casefold() in row.key
        return part or words_find(text.casefold(), exact, f"{row.sku} {row.name}".casefold())

    def has(self, row: PoolRow, field: object, value: Value) -> bool:
        return has([one.store_id for one in self.listings[row.key]], field, value, row)


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


def has(stores: Sequence[str], field: object, value: Value, row: PoolRow) -> bool:
    left = row.listed if row.free is None else row.free
    if field is StockField.DUE:
        return due(row, value)
    if isinstance(value, Limit):
        if field is StockField.LOW:
            return compares(value, left)
        if field is StockField.SOLD:
            return compares(replace(value, amount=7 * value.amount), row.week_units)
        return row.cover_s is not None and (row.cover_s <= value.amount) is value.below
    word = value.text
    out = row.listed > 0 and row.cover_s is not None and row.cover_s <= 7 * DAY_S
    risks = {"out": out, "over": row.oversold > 0, "step": row.step > 0}
    match field:
        case StockField.RISK:
            return {**risks, "any": any(risks.values()), "none": not any(risks.values())}[word]
        case StockField.COVER:
            return row.cover_s is None
        case StockField.SKU:
            return like(word, row.sku)
        case StockField.STORE | StockField.REGION | StockField.MARKET:
            return any(at_store(field, word, store_id) for store_id in stores)
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


SINGLE = [
    *["risk:any", "risk:out", "risk:over", "risk:step", "risk:none", "cover:<3d", "cover:>3d", "cover:none", "due:<4h"],
    *["due:>4h", "due:missed", "due:none", "low:<5", "low:>30", "sold:>10", "sold:<2", "sku:BAG-*", "sku:mug-0?4"],
    *["store:tt-*", "store:UK-*", "store:nowhere", "region:th", "market:shopee", "is:counted", "is:uncounted"],
    *["is:missed", "is:listed", "is:unlisted", "is:shared", "is:selling", "is:ruled", "act:none"],
    *["bag", "-01", "帆布", "袋", "mini", '"canvas"', "nothinglikeit", "BAG-0"],
    *(view.filter_text for view in STOCK_VIEWS.values()),
]


@pytest.mark.parametrize("text", [text for text in SINGLE if text])
def test_each_condition_finds_what_it_says_and_its_negation_the_rest(filled: House, text: str) -> None:
    filled.check_condition(text)


@pytest.mark.parametrize("text", ["risk:out", "risk:over", "risk:step", "cover:<3d", "low:<5", "is:missed", "act:none"])
def test_the_conditions_are_put_to_the_test_at_all(filled: House, text: str) -> None:
    assert 0 < len(filled.ids(text)) < COUNT


def test_a_pool_is_found_by_each_state_its_writes_are_in(filled: House) -> None:
    """One pool may have a write that failed and one that waits: both words find it, `done` only where all are."""
    for word in ("failed", "done", "going", "held", "queued"):
        found = set(filled.ids(f"act:{word}"))
        shown = {row.row_id for row in filled.rows if act_is(word, row.act_state)}
        assert shown and shown <= found
        assert found == shown or word != "done"


@given(
    root=trees([parse_stock(text).root for text in SINGLE if text], max_leaves=5),
    sort=st.builds(StockSort, st.sampled_from(StockSortBy), st.booleans()),
)
@settings(max_examples=50, deadline=None)
def test_any_combination_is_set_algebra_and_keys_compare_as_the_list(
    filled: House, root: Node, sort: StockSort
) -> None:
    filled.check_combination(root, sort)


def test_the_first_rows_come_before_the_others(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.check_pieces(monkeypatch, "")


def test_by_default_what_is_sold_out_comes_first_then_what_runs_out_first(filled: House) -> None:
    filled.check_default_order(lambda row: (-row.oversold, row.sku))


@pytest.mark.parametrize("text", [*(STOCK_VIEWS[digit].filter_text for digit in "012345"), "low:<5 sku:BAG-*"])
def test_listed_columns_are_read_from_one_covering_index_and_never_sorted(filled: House, text: str) -> None:
    filled.check_one_index(text)


@pytest.mark.parametrize("text", ["bag", "market:tiktok", "act:failed", "is:ruled"])
def test_what_lives_elsewhere_is_one_set_and_nothing_is_sorted(filled: House, text: str) -> None:
    filled.check_set(text, "p", "l")


@pytest.mark.parametrize("text", ["low:5", "low:<5x", "risk:al", "cover:3", "sold:>-1", "low:<" + "9" * 20])
def test_what_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_stock(text)

"""Filters against real rows: SQL finds exactly what a plain evaluator in Python finds, whatever is combined."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.orders import CLOSED, Order, Status
from shoptui.paths import DataDir
from shoptui.queries.fields import FLAG_WORDS
from shoptui.queries.filter import parse
from shoptui.queries.query import Field, Limit, Node, Query, Value, Word, looks_like_number
from shoptui.queries.sorting import Sort, SortBy
from shoptui.queries.types import OrderRow
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, intent
from tests.store.list_contract import act_is, at_store, compares, due, holds, like, trees
from tests.store.test_lists import varied

COUNT = 160


class House:
    """One house for the whole module, with what is needed to judge its orders without SQL."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory()
        data_dir = DataDir(Path(self.directory.name) / "house")
        self.loop.run_until_complete(self._fill(data_dir))
        self.reader = self.loop.run_until_complete(Reader.open(data_dir))
        everything = self.ids(Query())
        self.rows = self.loop.run_until_complete(self.reader.rows(everything, NOW))
        self.orders: dict[int, Order] = {}
        for row in self.rows:
            detail = self.loop.run_until_complete(self.reader.order(row.row_id, NOW))
            assert detail is not None
            self.orders[row.row_id] = detail.order

    async def _fill(self, data_dir: DataDir) -> None:
        async with await Writer.open(data_dir, NOW) as writer:
            for store in STORES:
                await writer.put_store(store)
            made = varied(COUNT, seed=11)
            dice = random.Random(3)
            blocks = {(each.store_id, each.order_no): "us_label" for each in made if dice.random() < 0.2}
            await writer.upsert_orders(made, seen_at=NOW, now=NOW, ship_blocks=blocks)
            keys = [(each.store_id, each.order_no) for each in made]
            await writer.hold(dice.sample(keys, 30), "an", True, NOW)
            await writer.claim(dice.sample(keys, 30), "an", True, NOW)
            await writer.claim(dice.sample(keys, 30), "mei", True, NOW)
            await writer.claim(dice.sample(keys, 10), "mei", True, NOW - 10_000)
            await writer.tag(dice.sample(keys, 30), "fragile", "mei", True, NOW)
            await writer.tag(dice.sample(keys, 30), "gift-wrap", "mei", True, NOW)
            for key in dice.sample(keys, 20):
                await writer.note(key, "mei", "look at it", NOW)
            wanted = [intent(number, f"P{number}", store_id=store_id) for store_id, number in dice.sample(keys, 60)]
            answer = await writer.accept_batch("b1", Verb.SHIP, "mei", "tty", wanted, [NOW] * 60, NOW)
            ids = answer.intent_ids
            await writer.move(ids[10:], IntentState.QUEUED, now=NOW)
            await writer.move(ids[20:], IntentState.SENDING, now=NOW)
            await writer.move(ids[30:], IntentState.FAILED, now=NOW)
            await writer.ack_intents(ids[50:], "mei", NOW)
            retry = [intent(each.order_no, f"again{each.target_id}", store_id=each.store_id) for each in wanted[30:34]]
            await writer.accept_batch("b2", Verb.SHIP, "mei", "tty", retry, [NOW] * 4, NOW)

    def ids(self, query: Query, sort: Sort | None = None) -> list[int]:
        async def read() -> list[int]:
            found: list[int] = []
            async for piece in self.reader.index(query, sort or Sort(), now=NOW, operator="mei"):
                found.extend(piece.ids)
            return found

        return self.loop.run_until_complete(read())

    def close(self) -> None:
        self.loop.run_until_complete(self.reader.close())
        self.loop.close()
        self.directory.cleanup()


@pytest.fixture(scope="module")
def filled() -> Iterator[House]:
    house = House()
    yield house
    house.close()


# The evaluator: what the language promises, in the plainest Python there is.


def has(field: Field, value: Value, row: OrderRow, order: Order) -> bool:
    if field is Field.DUE:
        return due(row, value)
    if isinstance(value, Limit):
        return within(field, value, row)
    word = value.text
    match field:
        case Field.CLOCK:
            return row.next_kind == word
        case Field.STORE | Field.REGION | Field.MARKET:
            return at_store(field, word, row.store_id)
        case Field.STATUS | Field.IS if word in ("open", "closed"):
            return (Status(row.status) in CLOSED) == (word == "closed")
        case Field.STATUS:
            return row.status == word
        case Field.SKU:
            return any(like(word, line.sku) for line in order.lines)
        case Field.BUYER:
            return finds_words(word, False, set(row.buyer.casefold().split()))
        case Field.ORDER:
            return row.order_no.endswith(word)
        case Field.TRACK:
            ids = [order.tracking_number, *(package.package_id for package in order.packages)]
            return any(code.endswith(word) for code in ids)
        case Field.SHIP:
            return row.shipping_type == word
        case Field.CARRIER:
            return like(word, row.carrier)
        case Field.TAG:
            return any(like(word, tag) for tag in row.tags)
        case Field.IS:
            return {
                "held": bool(row.held_by),
                "claimed": bool(row.claimed_by),
                "mine": row.claimed_by == "mei",
                "missed": row.missed > 0,
                "noted": row.has_note,
                "tagged": bool(row.tags),
                "blocked": bool(row.ship_block),
            }[word]
        case Field.ACT:
            return act_is(word, row.act_state)
        case Field.FLAG:
            return bool(row.flags & FLAG_WORDS[word])
        case _:
            raise AssertionError(f"{field} has no words")


def within(field: Field, limit: Limit, row: OrderRow) -> bool:
    if field is Field.CREATED:
        return (row.created_at > NOW - limit.amount) == limit.below
    thousandths = row.value_minor * (1000 if row.currency == "VND" else 10)
    if limit.unit and limit.unit != row.currency:
        return False
    return compares(limit, thousandths)


def words_of(row: OrderRow, order: Order) -> set[str]:
    texts = [row.buyer]
    for line in order.lines:
        texts += [line.product_name, line.variant_name, line.sku.replace("-", " ")]
    return {word for text in texts for word in text.casefold().split()}


def finds_words(text: str, exact: bool, words: set[str]) -> bool:
    """Single words, and runs of Chinese, which are found inside longer runs."""
    text = text.casefold()
    if not text.isascii():
        return any(text in word for word in words)
    return any(word == text if exact else word.startswith(text) for word in words)


SINGLE = [
    *["due:<1h", "due:<2d", "due:>1h", "due:>2d", "due:missed", "due:none", "due:missed,none"],
    *["clock:arr,hand", "store:tt-*", "store:UK-*", "store:*-1", "store:tt-th-?", "store:nowhere"],
    *["region:th", "region:gb,vn", "market:shopee", "market:tiktok", "status:ship", "status:hand,open"],
    *["status:closed", "sku:BAG-*", "sku:bag-rd-m", "sku:*-M", "sku:BAG*WH", "sku:?UG-WH", 'sku:"%"', "sku:*"],
    *[
        "buyer:mina",
        "buyer:mi",
        "buyer:陈",
        "buyer:美华",
        "order:000042",
        "order:0007,0011",
        "track:TH12",
        "track:P057",
    ],
    *["ship:platform", "ship:pickup,seller", "carrier:j*", "carrier:SPX", 'carrier:"J&T Express"', "tag:fragile"],
    *["tag:gift*", "tag:g?ft-wrap", "tag:none-such", "is:open", "is:closed", "is:held", "is:claimed", "is:mine"],
    *["is:missed", "is:noted", "is:tagged", "is:blocked", "act:failed", "act:going", "act:held,queued", "act:none"],
    *["act:sending", "act:done", "flag:cod", "created:<2h", "created:>2h", "created:<30d", "value:>5", "value:<5.001"],
    *[
        "value:>100thb",
        "value:<1000vnd",
        "canvas",
        "can",
        '"can"',
        '"canvas"',
        "mug",
        "陈",
        "美华",
        "lamp",
        "nothinglikeit",
    ],
]

TREES = trees([parse(text).root for text in SINGLE], max_leaves=6)


def expected(house: House, node: Node | None) -> set[int]:
    def one(row: OrderRow) -> bool:
        order = house.orders[row.row_id]

        def finds(text: str, exact: bool) -> bool:
            numbered = not exact and looks_like_number(text)
            by_number = numbered and any(has(field, Word(text), row, order) for field in (Field.ORDER, Field.TRACK))
            return by_number or finds_words(text, exact, words_of(row, order))

        return holds(node, lambda field, value: has(field, value, row, order), finds)

    return {row.row_id for row in house.rows if one(row)}


@pytest.mark.parametrize("text", SINGLE)
def test_each_condition_finds_what_it_says_and_its_negation_the_rest(filled: House, text: str) -> None:
    wanted = expected(filled, parse(text).root)
    assert set(filled.ids(parse(text))) == wanted
    assert set(filled.ids(parse(f"-{text}"))) == {row.row_id for row in filled.rows} - wanted


@pytest.mark.parametrize(
    "text", ["is:held", "is:mine", "act:failed", "act:none", "tag:gift*", "due:missed", "due:none", "sku:BAG-*", "陈"]
)
def test_the_conditions_are_put_to_the_test_at_all(filled: House, text: str) -> None:
    assert 0 < len(filled.ids(parse(text))) < COUNT


@given(root=TREES, sort=st.sampled_from([Sort(), Sort(SortBy.VALUE, True), Sort(SortBy.ACT)]))
@settings(max_examples=150, deadline=None)
def test_any_combination_is_set_algebra(filled: House, root: Node, sort: Sort) -> None:
    query = Query(root)
    wanted = expected(filled, root)
    found = filled.ids(query, sort)
    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert filled.loop.run_until_complete(filled.reader.count(query, now=NOW, operator="mei")) == len(wanted)
    keys = filled.loop.run_until_complete(
        filled.reader.sort_keys([row.row_id for row in filled.rows], query, sort, NOW, "mei")
    )
    assert [each.row_id for each in sorted(keys, key=lambda each: each.key)] == found
    # What is printed for people means the same.
    assert set(filled.ids(parse(str(query)))) == wanted


@given(root=TREES)
@settings(max_examples=60, deadline=None)
def test_a_filter_survives_the_other_way_of_looking(filled: House, root: Node) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shoptui.store.list_reads.NARROW_MAX", 0)
        walked = filled.ids(Query(root))
    assert walked == filled.ids(Query(root))


def test_a_word_of_the_language_is_never_sql(filled: House) -> None:
    for text in ['tag:"\' OR 1=1 --"', "\"x' OR 'a'='a\"", 'carrier:"%"', 'store:"\';DROP TABLE orders"']:
        assert filled.ids(parse(text)) == []
    assert len(filled.ids(Query())) == COUNT

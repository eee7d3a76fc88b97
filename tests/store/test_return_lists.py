"""Lists of returns: the filter against a plain evaluator, every sort, the plans, and where changed rows stand."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.domain.clocks import HOUR_S, Clock, ClockKind
from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.money import Money
from shoptui.domain.orders import Flag
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ENDED, OUR_TURN, ReturnAsk, ReturnRequest, ReturnState
from shoptui.paths import DataDir
from shoptui.queries.query import And, Limit, Match, Node, Not, Or, Query, Text, Value, looks_like_number
from shoptui.queries.return_fields import ReturnField
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.return_views import RETURN_VIEWS
from shoptui.queries.returns import ReturnRow
from shoptui.queries.sorting import ReturnSort, ReturnSortBy
from shoptui.store.filter_parts import Context
from shoptui.store.reader import Reader
from shoptui.store.return_list import RETURNS
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, order
from tests.store.return_factories import TenToTheDollar, deadline, request, return_line

COUNT = 80
STORE_OF = {store.store_id: store for store in STORES}
SAID = ["wrong colour", "broken", "颜色跟图片不一样", "สินค้าเสียหาย", "too late 57646131"]
SKUS = ["BAG-RD-M", "MUG-WH", "LAMP-L"]


class House:
    """A house of returns in every state, and what is in it as plain rows and requests."""

    def __init__(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.data_dir = DataDir(Path(self.directory.name))
        self.requests: dict[int, ReturnRequest] = {}
        self.loop.run_until_complete(self._fill())
        self.reader = self.loop.run_until_complete(Reader.open(self.data_dir))
        every = list(range(1, COUNT + 1))
        self.rows: list[ReturnRow] = self.loop.run_until_complete(self.reader.returns.rows(every, NOW))

    async def _fill(self) -> None:
        dice = random.Random(5)
        async with await Writer.open(self.data_dir, NOW) as writer:
            for store in STORES:
                await writer.put_store(store)
            writer.returns.follow(_OwnClocks(), TenToTheDollar())
            for number in range(1, COUNT + 1):
                await self._one(writer, number, dice)

    async def _one(self, writer: Writer, number: int, dice: random.Random) -> None:
        store = dice.choice(STORES)
        order_no = f"57646131304800{number:04}"
        if number % 9 == 0:
            wish = Clock(ClockKind.CANCEL_REQUEST, NOW + number, *_OF_WISH)
            asked = order(
                order_no,
                store_id=store.store_id,
                flags=Flag.CANCEL_REQUESTED if number % 2 else Flag.NONE,
                clocks=(wish,),
                total=Money(dice.randrange(20000), store.currency),
            )
            await writer.upsert_orders([replace(asked, flags=Flag.CANCEL_REQUESTED)], seen_at=NOW, now=NOW - 1)
            await writer.upsert_orders([replace(asked, updated_at=NOW)], seen_at=NOW, now=NOW)
        else:
            due_at = NOW + dice.randrange(-20 * HOUR_S, 40 * HOUR_S)
            one = request(
                f"R{number:06}",
                store_id=store.store_id,
                order_no=order_no,
                ask=dice.choice([ReturnAsk.REFUND, ReturnAsk.RETURN, ReturnAsk.REPLACE]),
                state=dice.choice([ReturnState.ASKED, ReturnState.ASKED, ReturnState.ARRIVED, *ReturnState]),
                value=Money(dice.randrange(20000), store.currency),
                created_at=NOW - dice.randrange(5 * 86400),
                reason_id=dice.choice(["r1", "r2"]),
                reason=dice.choice(["not as shown", "broken", ""]),
                buyer_note=dice.choice(SAID),
                buyer_name=dice.choice(["mina", "陈美华", "Somchai"]),
                buyer_id="b",
                lines=tuple(return_line(sku) for sku in dice.sample(SKUS, dice.randint(0, 2))),
                tracking_number=dice.choice(["", f"LX{number:08}"]),
                disputed=dice.random() < 0.2,
                evidence=("x",) * dice.randint(0, 2),
                clocks=(deadline(due_at),) if dice.random() < 0.8 else (),
            )
            await writer.returns.put_requests([one], NOW)
        row_id = (await writer.returns.of_order(store.store_id, order_no))[0]
        assert row_id == number
        key = (store.store_id, order_no)
        facts = await writer.returns.facts(store.store_id, _id_of(number, order_no))
        assert facts is not None
        self.requests[row_id] = facts.request
        if dice.random() < 0.2:
            await writer.claim([key], dice.choice(["mei", "an"]), True, NOW)
        if dice.random() < 0.2:
            await writer.note(key, "an", "hm", NOW)
        if dice.random() < 0.2:
            await writer.tag([key], "fragile", "an", True, NOW)
        if number % 9 and dice.random() < 0.3:
            return_key = (store.store_id, _id_of(number, order_no))
            await writer.returns.check_in([return_key], dice.choice(list(ParcelCondition)), "", "an", NOW)
        if dice.random() < 0.4:
            await _order(writer, number, store.store_id, order_no, dice)

    def ids(self, query: Query, sort: ReturnSort | None = None) -> list[int]:
        reading = self.reader.returns.index(query, sort or ReturnSort(), now=NOW, operator="mei")
        return list(self.loop.run_until_complete(reading).ids)

    def close(self) -> None:
        self.loop.run_until_complete(self.reader.close())
        self.loop.close()
        self.directory.cleanup()


class _OwnClocks:
    def clocks(self, one: ReturnRequest, goods_back_at: int | None = None) -> tuple[Clock, ...]:
        return one.clocks


_OF_WISH = (deadline(0).consequence, deadline(0).stopped_by, "rule:creq")


def _id_of(number: int, order_no: str) -> str:
    return f"R{number:06}" if number % 9 else f"cancel:{order_no}"


async def _order(writer: Writer, number: int, store_id: str, order_no: str, dice: random.Random) -> None:
    """An answer in some state, sometimes a second one after it."""
    wish = number % 9 == 0
    verb, kind = (Verb.ANSWER_CANCEL, TargetKind.ORDER) if wish else (Verb.ANSWER_RETURN, TargetKind.RETURN)
    target = order_no if wish else _id_of(number, order_no)
    args: dict[str, object] = {"accept": True} if wish else {"answer": "refuse"}
    for time in range(dice.randint(1, 2)):
        intent = NewIntent(verb, store_id, order_no, kind, target, args=args)
        batch = f"b{number}-{time}"
        ids = (await writer.accept_batch(batch, verb, "mei", "t", [intent], [NOW], NOW)).intent_ids
        if not ids:
            return
        if dice.random() < 0.5:
            await writer.move(ids, IntentState.QUEUED, now=NOW)


@pytest.fixture(scope="module")
def filled() -> Iterator[House]:
    house = House()
    yield house
    house.close()


# What the language promises, in the plainest Python there is.


def holds(house: House, node: Node | None, row: ReturnRow) -> bool:
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
            numbers = (row.return_id, row.order_no, row.tracking)
            numbered = not exact and looks_like_number(text) and any(one.upper().endswith(text) for one in numbers)
            return numbered or finds(text, exact, words_of(house.requests[row.row_id]))
        case Match(field, values):
            return any(has(house, field, value, row) for value in values)


def words_of(one: ReturnRequest) -> str:
    goods = " ".join(f"{line.product_name} {line.variant_name} {line.sku}" for line in one.lines)
    return f"{one.buyer_name} {one.reason} {one.buyer_note} {goods}".casefold()


def finds(text: str, exact: bool, said: str) -> bool:
    if not text.isascii():
        return text in said
    return any(word == text if exact else word.startswith(text) for word in re.split(r"[\s-]+", said))


def has(house: House, field: object, value: Value, row: ReturnRow) -> bool:
    if isinstance(value, Limit):
        return limited(field, value, row)
    word, one = value.text, house.requests[row.row_id]
    match field:
        case ReturnField.RET:
            return row.answer_at is None if word == "none" else row.answer_at is not None and row.answer_at <= NOW
        case ReturnField.DUE:
            return row.missed > 0 if word == "missed" else row.missed == 0 and row.next_at is None
        case ReturnField.STATUS:
            groups = {
                "open": row.state not in ENDED,
                "ended": row.state in ENDED,
                "ours": row.state in OUR_TURN,
                "waiting": row.state not in ENDED | OUR_TURN,
            }
            return groups.get(word, row.state == word)
        case ReturnField.ASK:
            return row.ask == word
        case ReturnField.REASON:
            return like(word, row.reason) or like(word, row.reason_id)
        case ReturnField.STORE:
            return like(word, row.store_id) or like(word, row.store_id.partition("-")[2])
        case ReturnField.REGION:
            return STORE_OF[row.store_id].region == word
        case ReturnField.MARKET:
            return STORE_OF[row.store_id].marketplace == word
        case ReturnField.BUYER:
            return finds(word, False, row.buyer.casefold())
        case ReturnField.ORDER:
            return row.order_no.endswith(word)
        case ReturnField.RETURN:
            return row.return_id.upper().endswith(word.upper())
        case ReturnField.TRACK:
            return row.tracking.endswith(word)
        case ReturnField.SKU:
            return any(like(word, line.sku) for line in one.lines)
        case ReturnField.ACT:
            state = row.act_state
            if word == "none":
                return state is None
            going = (IntentState.HELD, IntentState.QUEUED, IntentState.SENDING)
            return state in going if word == "going" else state == word
        case _:
            return {
                "missed": row.missed > 0,
                "mine": row.claimed_by == "mei",
                "claimed": bool(row.claimed_by),
                "noted": row.has_note,
                "tagged": bool(row.tags),
                "disputed": row.disputed or row.state is ReturnState.JUDGED,
                "checked": row.condition is not None,
                "back": row.state in (ReturnState.ON_WAY_BACK, ReturnState.ARRIVED),
                "pictured": row.pictures > 0,
            }[word]


def limited(field: object, value: Limit, row: ReturnRow) -> bool:
    if field is ReturnField.VALUE:
        if value.unit == "USD":
            return row.usd_minor is not None and compare(value, row.usd_minor * 10)
        digits = 0 if row.currency == "VND" else 2
        return value.unit in ("", row.currency) and compare(value, row.value_minor * 10 ** (3 - digits))
    if field is ReturnField.ASKED:
        return (row.created_at > NOW - value.amount) is value.below
    at = row.answer_at if field is ReturnField.RET else row.next_at
    passed = row.missed > 0 if field is ReturnField.DUE else False
    if value.below:
        return passed or (at is not None and at <= NOW + value.amount)
    return not passed and at is not None and at > NOW + value.amount


def compare(value: Limit, amount: int) -> bool:
    return amount < value.amount if value.below else amount > value.amount


def like(glob: str, text: str) -> bool:
    parts = ["." if char == "?" else ".*" if char == "*" else re.escape(char) for char in glob]
    return re.fullmatch("".join(parts), text, re.IGNORECASE | re.DOTALL) is not None


SINGLE = [
    *["ret:<2h", "ret:>2h", "ret:missed", "ret:none", "due:<2h", "due:>1h", "due:missed", "due:none", "status:open"],
    *["status:ours", "status:waiting", "status:ended", "status:judged,offered", "ask:refund", "ask:cancel,replace"],
    *["value:<5usd", "value:>5usd", "value:<100", "value:>50thb", "value:<1000vnd", "reason:*shown*", "reason:r1"],
    *["store:tt-*", "store:UK-*", "store:nowhere", "region:th", "market:shopee", "buyer:mina", "buyer:美", "buyer:som"],
    *["order:0042", "return:0017", "track:0001", "sku:BAG-*", "sku:mug-wh", "asked:<2d", "asked:>1d", "is:missed"],
    *["is:mine", "is:claimed", "is:noted", "is:tagged", "is:disputed", "is:checked", "is:back", "is:pictured"],
    *[
        "act:queued",
        "act:held",
        "act:going",
        "act:none",
        "act:failed",
        "broken",
        "brok",
        '"brok"',
        "颜色",
        "图",
        "เสียหาย",
    ],
    *["bag", "000042", "57646131", "nothinglikeit", *(view.filter_text for view in RETURN_VIEWS.values())],
]


def wanted(house: House, node: Node | None) -> set[int]:
    return {row.row_id for row in house.rows if holds(house, node, row)}


@pytest.mark.parametrize("text", SINGLE)
def test_each_condition_finds_what_it_says_and_its_negation_the_rest(filled: House, text: str) -> None:
    found = wanted(filled, parse_returns(text).root)
    assert set(filled.ids(parse_returns(text))) == found
    assert set(filled.ids(parse_returns(f"-({text})"))) == {row.row_id for row in filled.rows} - found


SOME = ["ret:<2h", "ret:missed", "status:ours", "value:<5usd", "value:<100", "is:mine", "is:checked", "act:queued"]


@pytest.mark.parametrize("text", [*SOME, "ask:cancel", "颜色", "sku:BAG-*", "is:disputed", "act:none"])
def test_the_conditions_are_put_to_the_test_at_all(filled: House, text: str) -> None:
    assert 0 < len(filled.ids(parse_returns(text))) < COUNT


TREES = st.recursive(
    st.sampled_from([parse_returns(text).root for text in SINGLE]),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=5,
)
SORTS = st.builds(ReturnSort, st.sampled_from(ReturnSortBy), st.booleans())


@given(root=TREES, sort=SORTS)
@settings(max_examples=50, deadline=None)
def test_any_combination_is_set_algebra_and_keys_compare_as_the_list(
    filled: House, root: Node, sort: ReturnSort
) -> None:
    query = Query(root)
    found = filled.ids(query, sort)
    assert len(found) == len(set(found))
    assert set(found) == wanted(filled, root)
    returns = filled.reader.returns
    assert filled.loop.run_until_complete(returns.count(query, now=NOW, operator="mei")) == len(found)
    every = [row.row_id for row in filled.rows]
    keys = filled.loop.run_until_complete(returns.sort_keys(every, query, sort, NOW, "mei"))
    assert [each.row_id for each in sorted(keys, key=lambda each: each.key)] == found


def test_a_word_of_the_language_is_never_sql(filled: House) -> None:
    for text in ['reason:"\' OR 1=1 --"', "\"x' OR 'a'='a\"", 'buyer:"%%_x"', 'sku:"\';DROP TABLE x"']:
        assert filled.ids(parse_returns(text)) == []
    assert len(filled.ids(Query())) == COUNT


def test_by_default_the_missed_come_first_then_the_nearest_loss_then_the_dearest(filled: House) -> None:
    never = 10**12

    def key(row: ReturnRow) -> tuple[object, ...]:
        next_at = never if row.next_at is None else row.next_at
        usd = -1 if row.usd_minor is None else row.usd_minor
        return (row.missed == 0, next_at, -usd, row.store_id, row.row_id)

    assert filled.ids(Query()) == [row.row_id for row in sorted(filled.rows, key=key)]
    chunk = filled.loop.run_until_complete(filled.reader.returns.index(Query(), ReturnSort(), now=NOW, operator="mei"))
    assert chunk.missed == sum(row.missed > 0 for row in filled.rows) > 0


def plan(house: House, text: str) -> list[str]:
    db = sqlite3.connect(f"file:{house.data_dir.cache}?mode=ro", uri=True)
    db.execute("ATTACH DATABASE ? AS ledger", (f"file:{house.data_dir.ledger}?mode=ro",))
    try:
        statement = RETURNS.list_statement(parse_returns(text), ReturnSort(), Context(NOW, "mei", STORES))
        return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values)]
    finally:
        db.close()


LISTED = ["", *(RETURN_VIEWS[digit].filter_text for digit in "013457"), "store:tt-* value:<100 ask:refund"]


@pytest.mark.parametrize("text", LISTED)
def test_listed_columns_are_read_from_one_covering_index_and_never_sorted(filled: House, text: str) -> None:
    assert plan(filled, text) == ["SCAN o USING COVERING INDEX return_by_loss"]


@pytest.mark.parametrize("text", ["bag", "is:mine", "act:failed", "is:noted", "is:back -is:checked"])
def test_what_lives_elsewhere_is_one_set_and_nothing_is_sorted(filled: House, text: str) -> None:
    steps = plan(filled, text)
    assert "SCAN o USING COVERING INDEX return_by_loss" in steps
    assert not [step for step in steps if step.startswith(("SCAN r ", "SCAN y "))]
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps


@pytest.mark.parametrize("text", ["status:opn", "value:5", "value:<5usdollars", "ret:2", "ask:money", "order:12"])
def test_what_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_returns(text)

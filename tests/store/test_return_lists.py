"""Lists of returns: the filter against a plain evaluator, every sort, the plans, and where changed rows stand."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.domain.clocks import HOUR_S, Clock, ClockKind
from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.money import Money
from shoptui.domain.orders import Flag
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ENDED, OUR_TURN, ReturnAsk, ReturnRequest, ReturnState
from shoptui.queries.query import Limit, Node, Value, looks_like_number
from shoptui.queries.return_fields import ReturnField
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.return_views import RETURN_VIEWS
from shoptui.queries.returns import ReturnRow
from shoptui.queries.sorting import ReturnSort, ReturnSortBy
from shoptui.store.list_reader import ListReader
from shoptui.store.return_list import RETURNS
from shoptui.store.return_lookups import SCANNED
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, order
from tests.store.list_contract import (
    ListHouse,
    act_is,
    at_store,
    compares,
    due,
    ends,
    like,
    trees,
    words_find,
)
from tests.store.return_factories import TenToTheDollar, deadline, request, return_line

COUNT = 80
SAID = ["wrong colour", "broken", "颜色跟图片不一样", "สินค้าเสียหาย", "too late 57646131"]
SKUS = ["BAG-RD-M", "MUG-WH", "LAMP-L"]


class House(ListHouse[ReturnRow]):
    """A house of returns in every state, and what is in it as plain rows and requests."""

    count = COUNT
    shape = RETURNS
    usual_sort = ReturnSort()
    parse = staticmethod(parse_returns)

    def __init__(self) -> None:
        self.requests: dict[int, ReturnRequest] = {}
        super().__init__(seed=5)

    def listed(self) -> ListReader[ReturnSort]:
        return self.reader.returns

    async def read(self, ids: Sequence[int]) -> list[ReturnRow]:
        return await self.reader.returns.rows(ids, NOW)

    async def fill(self, writer: Writer, dice: random.Random) -> None:
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

    # What the language promises.

    def finds(self, row: ReturnRow, text: str, exact: bool) -> bool:
        numbers = (row.return_id, row.order_no, row.tracking)
        if not exact and looks_like_number(text) and any(one.upper().endswith(text) for one in numbers):
            return True
        return words_find(text, exact, words_of(self.requests[row.row_id]))

    def has(self, row: ReturnRow, field: object, value: Value) -> bool:
        return has(self.requests[row.row_id], field, value, row)


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


def words_of(one: ReturnRequest) -> str:
    goods = " ".join(f"{line.product_name} {line.variant_name} {line.sku}" for line in one.lines)
    return f"{one.buyer_name} {one.reason} {one.buyer_note} {goods}".casefold()


def has(one: ReturnRequest, field: object, value: Value, row: ReturnRow) -> bool:
    match field:
        case ReturnField.RET:
            return ends(row.answer_at, value)
        case ReturnField.DUE:
            return due(row, value)
    if isinstance(value, Limit):
        return limited(field, value, row)
    word = value.text
    match field:
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
        case ReturnField.STORE | ReturnField.REGION | ReturnField.MARKET:
            return at_store(field, word, row.store_id)
        case ReturnField.BUYER:
            return words_find(word, False, row.buyer.casefold())
        case ReturnField.ORDER:
            return row.order_no.endswith(word)
        case ReturnField.RETURN:
            return row.return_id.upper().endswith(word.upper())
        case ReturnField.TRACK:
            return row.tracking.endswith(word)
        case ReturnField.SKU:
            return any(like(word, line.sku) for line in one.lines)
        case ReturnField.ACT:
            return act_is(word, row.act_state)
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
            return row.usd_minor is not None and compares(value, row.usd_minor * 10)
        digits = 0 if row.currency == "VND" else 2
        return value.unit in ("", row.currency) and compares(value, row.value_minor * 10 ** (3 - digits))
    return (row.created_at > NOW - value.amount) is value.below


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


@pytest.mark.parametrize("text", SINGLE)
def test_each_condition_finds_what_it_says_and_its_negation_the_rest(filled: House, text: str) -> None:
    filled.check_condition(text)


SOME = ["ret:<2h", "ret:missed", "status:ours", "value:<5usd", "value:<100", "is:mine", "is:checked", "act:queued"]


@pytest.mark.parametrize("text", [*SOME, "ask:cancel", "颜色", "sku:BAG-*", "is:disputed", "act:none"])
def test_the_conditions_are_put_to_the_test_at_all(filled: House, text: str) -> None:
    assert 0 < len(filled.ids(text)) < COUNT


@given(
    root=trees([parse_returns(text).root for text in SINGLE], max_leaves=5),
    sort=st.builds(ReturnSort, st.sampled_from(ReturnSortBy), st.booleans()),
)
@settings(max_examples=50, deadline=None)
def test_any_combination_is_set_algebra_and_keys_compare_as_the_list(
    filled: House, root: Node, sort: ReturnSort
) -> None:
    filled.check_combination(root, sort)


def test_the_first_rows_come_before_the_others(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.check_pieces(monkeypatch, "")


def test_a_word_of_the_language_is_never_sql(filled: House) -> None:
    filled.check_never_sql(['reason:"\' OR 1=1 --"', "\"x' OR 'a'='a\"", 'buyer:"%%_x"', 'sku:"\';DROP TABLE x"'])


def test_by_default_the_missed_come_first_then_the_nearest_loss_then_the_dearest(filled: House) -> None:
    filled.check_default_order(lambda row: (1 if row.usd_minor is None else -row.usd_minor, row.store_id))


LISTED = ["", *(RETURN_VIEWS[digit].filter_text for digit in "013457"), "store:tt-* value:<100 ask:refund"]


@pytest.mark.parametrize("text", LISTED)
def test_listed_columns_are_read_from_one_covering_index_and_never_sorted(filled: House, text: str) -> None:
    filled.check_one_index(text)


@pytest.mark.parametrize("text", ["bag", "is:mine", "act:failed", "is:noted", "is:back -is:checked"])
def test_what_lives_elsewhere_is_one_set_and_nothing_is_sorted(filled: House, text: str) -> None:
    filled.check_set(text, "r", "y")


def test_a_scanned_number_is_looked_up_and_not_looked_for(filled: House) -> None:
    db = sqlite3.connect(f"file:{filled.data_dir.cache}?mode=ro", uri=True)
    steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {SCANNED}", ("LX00000001",))]
    db.close()
    assert "SEARCH return_request USING INDEX return_by_id (return_id=?)" in steps
    assert "SEARCH return_request USING INDEX return_by_tracking (tracking=?)" in steps
    assert not [step for step in steps if step.startswith("SCAN")]


@pytest.mark.parametrize("text", ["status:opn", "value:5", "value:<5usdollars", "ret:2", "ask:money", "order:12"])
def test_what_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_returns(text)

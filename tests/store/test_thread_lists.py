"""Lists of conversations: the filter against a plain evaluator, every sort, the plans, and where changed rows stand."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.domain.clocks import HOUR_S
from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.messages import Message, MessageKind, Sender
from shoptui.paths import DataDir
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.queries.query import And, Limit, Match, Node, Not, Or, Query, Text, ThreadField, Value, looks_like_number
from shoptui.queries.sorting import ThreadSort, ThreadSortBy
from shoptui.queries.thread_filter import parse_threads
from shoptui.queries.thread_views import THREAD_VIEWS
from shoptui.store.filter_parts import Context
from shoptui.store.reader import Reader
from shoptui.store.thread_list import list_statement
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES
from tests.store.thread_factories import Within, message, thread

COUNT = 90
STORE_OF = {store.store_id: store for store in STORES}
TEXTS = ["where is my red bag", "thanks", "请问什么时候发货", "สินค้ายังไม่จัดส่ง", "shop ơi", "refund 57646131"]
SENDERS = [Sender.BUYER, Sender.BUYER, Sender.STORE, Sender.ROBOT, Sender.PLATFORM, Sender.SYSTEM]


class House:
    """A house of conversations in every state, and what is in it as plain rows and messages."""

    def __init__(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.data_dir = DataDir(Path(self.directory.name))
        self.said: dict[str, list[Message]] = {}
        self.loop.run_until_complete(self._fill())
        self.reader = self.loop.run_until_complete(Reader.open(self.data_dir))
        every = range(1, COUNT + 1)
        self.rows: list[ThreadRow] = self.loop.run_until_complete(self.reader.threads.rows(list(every), NOW))

    async def _fill(self) -> None:
        dice = random.Random(3)
        keys = []
        async with await Writer.open(self.data_dir, NOW) as writer:
            for store in STORES:
                await writer.put_store(store)
            threads = writer.threads
            threads.follow(Within(6 * HOUR_S))
            for number in range(COUNT):
                key = (dice.choice(STORES).store_id, f"T{number}")
                keys.append(key)
                at_s = sorted((dice.randrange(60, 9 * HOUR_S) for _ in range(dice.randint(1, 5))), reverse=True)
                said = [
                    message(
                        place, dice.choice(SENDERS), dice.choice(TEXTS), thread_id=key[1], store_id=key[0], ago_s=ago_s
                    )
                    for place, ago_s in enumerate(at_s)
                ]
                said += [message(9, kind=MessageKind.NOTICE, text="", thread_id=key[1], store_id=key[0])]
                listed = thread(
                    key[1],
                    store_id=key[0],
                    buyer=dice.choice(["mina", "陈美华", "Somchai 99%", ""]),
                    buyer_id="",
                    unread=dice.choice([0, 0, 1, 4]),
                    order_no=dice.choice(["", "", "576461313048000042", "2607142N5TR8"]),
                )
                await threads.put_threads([listed], NOW)
                await threads.put_messages(*key, said, NOW, complete_from=True)
                self.said[key[1]] = said
            await threads.assign(dice.sample(keys, 30), "mei", "boss", NOW)
            await threads.assign(dice.sample(keys, 15), "an", "boss", NOW)
            await threads.escalate(dice.sample(keys, 8), "boss", "mei", NOW, reason="refund", due_at=NOW + HOUR_S)
            await threads.escalate(dice.sample(keys, 4), "boss", "mei", NOW, reason="slow", due_at=NOW - 60)
            await threads.snooze(dice.sample(keys, 8), "mei", NOW, until=NOW + 600, for_buyer=False)
            await threads.snooze(dice.sample(keys, 4), "mei", NOW, until=None, for_buyer=True)
            await threads.done(dice.sample(keys, 12), "mei", True, NOW)
            await threads.claim(dice.sample(keys, 12), "an", True, NOW)
            await threads.claim(dice.sample(keys, 12), "mei", True, NOW)
            await threads.claim(dice.sample(keys, 5), "mei", True, NOW - 10_000)
            for key in dice.sample(keys, 9):
                await threads.note(key, "mei", "call back", NOW)
            wanted = [NewIntent(Verb.REPLY, key[0], "", TargetKind.THREAD, key[1]) for key in dice.sample(keys, 30)]
            ids = (await writer.accept_batch("b1", Verb.REPLY, "mei", "tty", wanted, [NOW] * 30, NOW)).intent_ids
            await writer.move(ids[10:], IntentState.QUEUED, now=NOW)
            await writer.move(ids[15:], IntentState.SENDING, now=NOW)
            await writer.move(ids[20:], IntentState.FAILED, now=NOW)
            await writer.ack_intents(ids[26:], "mei", NOW)

    def ids(self, query: Query, sort: ThreadSort | None = None) -> list[int]:
        piece = self.loop.run_until_complete(
            self.reader.threads.index(query, sort or ThreadSort(), now=NOW, operator="mei")
        )
        assert [self.rows[row_id - 1].missed > 0 for row_id in piece.ids] == [
            place < piece.missed for place in range(len(piece.ids))
        ]
        return list(piece.ids)

    def close(self) -> None:
        self.loop.run_until_complete(self.reader.close())
        self.loop.close()
        self.directory.cleanup()


@pytest.fixture(scope="module")
def filled() -> Iterator[House]:
    house = House()
    yield house
    house.close()


# What the language promises, in the plainest Python there is.


def holds(house: House, node: Node | None, row: ThreadRow) -> bool:
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
            numbered = not exact and looks_like_number(text) and row.order_no.endswith(text)
            return numbered or any(finds(text, exact, one.text) for one in house.said[row.thread_id])
        case Match(field, values):
            return any(has(field, value, row) for value in values)


def finds(text: str, exact: bool, said: str) -> bool:
    """Single words, and runs of scripts without blanks, which are found inside longer runs."""
    if not text.isascii():
        return text in said
    return any(word == text if exact else word.startswith(text) for word in said.split())


def has(field: object, value: Value, row: ThreadRow) -> bool:
    if isinstance(value, Limit):
        at = row.reply_at if field is ThreadField.REPLY else row.next_at
        passed = row.missed > 0 if field is ThreadField.DUE else False
        if value.below:
            return passed or (at is not None and at <= NOW + value.amount)
        return not passed and at is not None and at > NOW + value.amount
    word = value.text
    match field:
        case ThreadField.REPLY:
            return row.reply_at is None if word == "none" else row.reply_at is not None and row.reply_at <= NOW
        case ThreadField.DUE:
            return row.missed > 0 if word == "missed" else row.missed == 0 and row.next_at is None
        case ThreadField.STORE:
            return like(word, row.store_id) or like(word, row.store_id.partition("-")[2])
        case ThreadField.REGION:
            return STORE_OF[row.store_id].region == word
        case ThreadField.MARKET:
            return STORE_OF[row.store_id].marketplace == word
        case ThreadField.BUYER:
            return like(f"*{word}*", row.buyer)
        case ThreadField.ORDER:
            return row.order_no.endswith(word)
        case ThreadField.LANG:
            return row.language == ("" if word == "none" else word)
        case ThreadField.LAST:
            return row.last_sender == word
        case ThreadField.ASSIGNED:
            return row.assignee == "mei" if word == "me" else like("" if word == "none" else word, row.assignee)
        case ThreadField.ACT:
            state = row.act_state
            if word == "none":
                return state is None
            going = (IntentState.HELD, IntentState.QUEUED, IntentState.SENDING)
            return state in going if word == "going" else state == word
        case _:
            return is_so(word, row)


def is_so(word: str, row: ThreadRow) -> bool:
    snoozed = row.snoozed_until is not None or row.snoozed_for_buyer
    return {
        "open": row.state is not ThreadState.DONE and not snoozed,
        "unread": row.unread > 0,
        "missed": row.missed > 0,
        "escalated": bool(row.escalated_to),
        "snoozed": snoozed,
        "claimed": bool(row.claimed_by),
        "mine": row.assignee == "mei" or row.claimed_by == "mei",
        "nobodys": not row.assignee and not row.claimed_by,
        "linked": bool(row.order_no),
        "noted": row.has_note,
        **{state.value: row.state is state for state in ThreadState},
    }[word]


def like(glob: str, text: str) -> bool:
    parts = ["." if char == "?" else ".*" if char == "*" else re.escape(char) for char in glob]
    return re.fullmatch("".join(parts), text, re.IGNORECASE | re.DOTALL) is not None


SINGLE = [
    *["reply:<2h", "reply:>2h", "reply:<1m", "reply:missed", "reply:none", "due:<2h", "due:>1h", "due:missed"],
    *["due:none,missed", "store:tt-*", "store:UK-*", "store:nowhere", "region:th", "region:gb,vn", "market:shopee"],
    *["buyer:mina", "buyer:美", "buyer:99%", "buyer:s?m*", "order:000042", "order:N5TR8", "lang:th", "lang:zh,en"],
    *["lang:none", "last:buyer", "last:store", "last:robot,platform", "assigned:me", "assigned:none", "assigned:an"],
    *["assigned:m*,none", "is:open", "is:waiting", "is:answered", "is:done", "is:unread", "unread", "is:missed"],
    *["is:escalated", "is:snoozed", "is:claimed", "is:mine", "is:nobodys", "is:linked", "is:noted"],
    *["act:failed", "act:going", "act:none", "act:queued", "bag", "ba", '"ba"', "退款", "发货", "发", "จัดส่ง", "000042"],
    *["57646131", "nothinglikeit", *(view.filter_text for view in THREAD_VIEWS.values())],
]


def wanted(house: House, node: Node | None) -> set[int]:
    return {row.row_id for row in house.rows if holds(house, node, row)}


@pytest.mark.parametrize("text", SINGLE)
def test_each_condition_finds_what_it_says_and_its_negation_the_rest(filled: House, text: str) -> None:
    found = wanted(filled, parse_threads(text).root)
    assert set(filled.ids(parse_threads(text))) == found
    assert set(filled.ids(parse_threads(f"-({text})"))) == {row.row_id for row in filled.rows} - found


EVERYWHERE = ["reply:<2h", "reply:missed", "due:missed", "is:snoozed", "is:mine", "is:done", "act:failed", "act:none"]


@pytest.mark.parametrize("text", [*EVERYWHERE, "发货", "lang:th", "assigned:none", "is:nobodys", "57646131"])
def test_the_conditions_are_put_to_the_test_at_all(filled: House, text: str) -> None:
    assert 0 < len(filled.ids(parse_threads(text))) < COUNT


TREES = st.recursive(
    st.sampled_from([parse_threads(text).root for text in SINGLE]),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
SORTS = st.builds(ThreadSort, st.sampled_from(ThreadSortBy), st.booleans())


@given(root=TREES, sort=SORTS)
@settings(max_examples=80, deadline=None)
def test_any_combination_is_set_algebra_and_keys_compare_as_the_list(
    filled: House, root: Node, sort: ThreadSort
) -> None:
    query = Query(root)
    found = filled.ids(query, sort)
    assert len(found) == len(set(found))
    assert set(found) == wanted(filled, root)
    threads = filled.reader.threads
    assert filled.loop.run_until_complete(threads.count(query, now=NOW, operator="mei")) == len(found)
    every = [row.row_id for row in filled.rows]
    keys = filled.loop.run_until_complete(threads.sort_keys(every, query, sort, NOW, "mei"))
    assert [each.row_id for each in sorted(keys, key=lambda each: each.key)] == found


def test_a_word_of_the_language_is_never_sql(filled: House) -> None:
    for text in ['assigned:"\' OR 1=1 --"', "\"x' OR 'a'='a\"", 'buyer:"%%_x"', 'store:"\';DROP TABLE thread"']:
        assert filled.ids(parse_threads(text)) == []
    assert len(filled.ids(Query())) == COUNT


def test_by_default_the_nearest_loss_comes_first_then_escalated_unread_and_newest(filled: House) -> None:
    never = 10**12

    def key(row: ThreadRow) -> tuple[object, ...]:
        next_at = never if row.next_at is None else row.next_at
        return (row.missed == 0, next_at, not row.escalated_to, -row.unread, -row.last_at, row.store_id, row.row_id)

    assert filled.ids(Query()) == [row.row_id for row in sorted(filled.rows, key=key)]


@pytest.mark.parametrize("by", [ThreadSortBy.BUYER, ThreadSortBy.ORDER, ThreadSortBy.WHO, ThreadSortBy.ASKED])
@pytest.mark.parametrize("descending", [False, True])
def test_what_has_no_value_comes_last_either_way(filled: House, by: ThreadSortBy, descending: bool) -> None:
    rows = {row.row_id: row for row in filled.rows}

    def value(row: ThreadRow) -> str | int | None:
        values = {ThreadSortBy.BUYER: row.buyer, ThreadSortBy.ORDER: row.order_no, ThreadSortBy.WHO: row.assignee}
        return values.get(by, row.asked_at)

    values: list[Any] = [
        value(rows[row_id]) for row_id in filled.ids(parse_threads("-is:missed"), ThreadSort(by, descending))
    ]
    with_value = [each for each in values if each]
    assert values[: len(with_value)] == sorted(with_value, reverse=descending)


# Plans


def plan(house: House, text: str, sort: ThreadSort | None = None) -> list[str]:
    db = sqlite3.connect(f"file:{house.data_dir.cache}?mode=ro", uri=True)
    db.execute("ATTACH DATABASE ? AS ledger", (f"file:{house.data_dir.ledger}?mode=ro",))
    try:
        statement = list_statement(parse_threads(text), sort or ThreadSort(), Context(NOW, "mei", STORES))
        return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values)]
    finally:
        db.close()


LISTED = ["", *(THREAD_VIEWS[digit].filter_text for digit in "01456"), "store:tt-* lang:th last:buyer assigned:none"]


@pytest.mark.parametrize("text", LISTED)
def test_listed_columns_are_read_from_one_covering_index_and_never_sorted(filled: House, text: str) -> None:
    assert plan(filled, text) == ["SCAN o USING COVERING INDEX thread_by_loss"]


@pytest.mark.parametrize("text", ["bag", "is:mine", "is:nobodys", "act:failed", "is:noted"])
def test_what_lives_elsewhere_is_one_set_that_is_read_once(filled: House, text: str) -> None:
    steps = plan(filled, text)
    assert "SCAN o USING COVERING INDEX thread_by_loss" in steps
    # Walking the ledger's own small tables is how the few are found; threads and later replies are then looked up.
    assert not [step for step in steps if step.split()[:2] in (["SCAN", "t"], ["SCAN", "y"])]
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps


def test_an_open_thread_is_one_range_of_its_messages(filled: House) -> None:
    db = sqlite3.connect(f"file:{filled.data_dir.cache}?mode=ro", uri=True)
    newest = "SELECT text FROM message WHERE thread_row = 1 AND order_key > '' ORDER BY order_key DESC LIMIT 20"
    steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {newest}")]
    db.close()
    assert steps == ["SEARCH message USING PRIMARY KEY (thread_row=? AND order_key>?)"]

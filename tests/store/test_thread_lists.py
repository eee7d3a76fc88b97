"""Lists of conversations: the filter against a plain evaluator, every sort, the plans, and where changed rows stand."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.domain.clocks import HOUR_S
from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.messages import Message, MessageKind, Sender
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.queries.query import Node, ThreadField, Value, Word, looks_like_number
from shoptui.queries.sorting import ThreadSort, ThreadSortBy
from shoptui.queries.thread_filter import parse_threads
from shoptui.queries.thread_views import THREAD_VIEWS
from shoptui.store.list_reader import ListReader
from shoptui.store.thread_list import THREADS
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES
from tests.store.list_contract import ListHouse, act_is, at_store, due, ends, like, trees, words_find
from tests.store.thread_factories import Within, message, thread

COUNT = 90
TEXTS = ["where is my red bag", "thanks", "请问什么时候发货", "สินค้ายังไม่จัดส่ง", "shop ơi", "refund 57646131"]
SENDERS = [Sender.BUYER, Sender.BUYER, Sender.STORE, Sender.ROBOT, Sender.PLATFORM, Sender.SYSTEM]


class House(ListHouse[ThreadRow]):
    """A house of conversations in every state, and what is in it as plain rows and messages."""

    count = COUNT
    shape = THREADS
    usual_sort = ThreadSort()
    parse = staticmethod(parse_threads)

    def __init__(self) -> None:
        self.said: dict[str, list[Message]] = {}
        super().__init__(seed=3)

    def listed(self) -> ListReader[ThreadSort]:
        return self.reader.threads

    async def read(self, ids: Sequence[int]) -> list[ThreadRow]:
        return await self.reader.threads.rows(ids, NOW)

    async def fill(self, writer: Writer, dice: random.Random) -> None:
        keys = []
        threads = writer.threads
        threads.follow(Within(6 * HOUR_S))
        for number in range(COUNT):
            key = (dice.choice(STORES).store_id, f"T{number}")
            keys.append(key)
            at_s = sorted((dice.randrange(60, 9 * HOUR_S) for _ in range(dice.randint(1, 5))), reverse=True)
            said = [
                message(place, dice.choice(SENDERS), dice.choice(TEXTS), thread_id=key[1], store_id=key[0], ago_s=ago_s)
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

    # What the language promises.

    def finds(self, row: ThreadRow, text: str, exact: bool) -> bool:
        if not exact and looks_like_number(text) and row.order_no.endswith(text):
            return True
        return any(words_find(text, exact, one.text) for one in self.said[row.thread_id])

    def has(self, row: ThreadRow, field: object, value: Value) -> bool:
        return has(field, value, row)


@pytest.fixture(scope="module")
def filled() -> Iterator[House]:
    house = House()
    yield house
    house.close()


def has(field: object, value: Value, row: ThreadRow) -> bool:
    match field:
        case ThreadField.REPLY:
            return ends(row.reply_at, value)
        case ThreadField.DUE:
            return due(row, value)
    assert isinstance(value, Word)
    word = value.text
    match field:
        case ThreadField.STORE | ThreadField.REGION | ThreadField.MARKET:
            return at_store(field, word, row.store_id)
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
            return act_is(word, row.act_state)
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


@pytest.mark.parametrize("text", SINGLE)
def test_each_condition_finds_what_it_says_and_its_negation_the_rest(filled: House, text: str) -> None:
    filled.check_condition(text)


EVERYWHERE = ["reply:<2h", "reply:missed", "due:missed", "is:snoozed", "is:mine", "is:done", "act:failed", "act:none"]


@pytest.mark.parametrize("text", [*EVERYWHERE, "发货", "lang:th", "assigned:none", "is:nobodys", "57646131"])
def test_the_conditions_are_put_to_the_test_at_all(filled: House, text: str) -> None:
    assert 0 < len(filled.ids(text)) < COUNT


@given(
    root=trees([parse_threads(text).root for text in SINGLE], max_leaves=6),
    sort=st.builds(ThreadSort, st.sampled_from(ThreadSortBy), st.booleans()),
)
@settings(max_examples=80, deadline=None)
def test_any_combination_is_set_algebra_and_keys_compare_as_the_list(
    filled: House, root: Node, sort: ThreadSort
) -> None:
    filled.check_combination(root, sort)


def test_the_first_rows_come_before_the_others(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.check_pieces(monkeypatch, "")


def test_a_word_of_the_language_is_never_sql(filled: House) -> None:
    filled.check_never_sql(
        ['assigned:"\' OR 1=1 --"', "\"x' OR 'a'='a\"", 'buyer:"%%_x"', 'store:"\';DROP TABLE thread"']
    )


def test_by_default_the_nearest_loss_comes_first_then_escalated_unread_and_newest(filled: House) -> None:
    filled.check_default_order(lambda row: (not row.escalated_to, -row.unread, -row.last_at, row.store_id))


@pytest.mark.parametrize("by", [ThreadSortBy.BUYER, ThreadSortBy.ORDER, ThreadSortBy.WHO, ThreadSortBy.ASKED])
@pytest.mark.parametrize("descending", [False, True])
def test_what_has_no_value_comes_last_either_way(filled: House, by: ThreadSortBy, descending: bool) -> None:
    rows = {row.row_id: row for row in filled.rows}

    def value(row: ThreadRow) -> str | int | None:
        values = {ThreadSortBy.BUYER: row.buyer, ThreadSortBy.ORDER: row.order_no, ThreadSortBy.WHO: row.assignee}
        return values.get(by, row.asked_at)

    values: list[Any] = [value(rows[row_id]) for row_id in filled.ids("-is:missed", ThreadSort(by, descending))]
    with_value = [each for each in values if each]
    assert values[: len(with_value)] == sorted(with_value, reverse=descending)


# Plans


LISTED = ["", *(THREAD_VIEWS[digit].filter_text for digit in "01456"), "store:tt-* lang:th last:buyer assigned:none"]


@pytest.mark.parametrize("text", LISTED)
def test_listed_columns_are_read_from_one_covering_index_and_never_sorted(filled: House, text: str) -> None:
    filled.check_one_index(text)


@pytest.mark.parametrize("text", ["bag", "is:mine", "is:nobodys", "act:failed", "is:noted"])
def test_what_lives_elsewhere_is_one_set_that_is_read_once(filled: House, text: str) -> None:
    # Walking the ledger's own small tables is how the few are found; threads and later replies are then looked up.
    filled.check_set(text, "t", "y")


def test_an_open_thread_is_one_range_of_its_messages(filled: House) -> None:
    db = sqlite3.connect(f"file:{filled.data_dir.cache}?mode=ro", uri=True)
    newest = "SELECT text FROM message WHERE thread_row = 1 AND order_key > '' ORDER BY order_key DESC LIMIT 20"
    steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {newest}")]
    db.close()
    assert steps == ["SEARCH message USING PRIMARY KEY (thread_row=? AND order_key>?)"]

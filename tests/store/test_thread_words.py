"""The words of conversations: whatever came, changed or went, they find the threads the messages' own index finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoptui.domain.messages import Message, MessageState
from shoptui.paths import DataDir
from shoptui.queries.thread_filter import parse_threads
from shoptui.store.filter_parts import Context
from shoptui.store.fulltext import indexed, match_expression
from shoptui.store.thread_codes import THREAD_OF_ROWID
from shoptui.store.thread_filter_sql import condition
from shoptui.store.thread_words import CACHE_WORDS, word_expression
from shoptui.store.writer import Writer
from tests.store.factories import NOW
from tests.store.thread_factories import STORE, message, talk, thread

TEXTS = (
    "Where is my PARCEL?",
    "parcels, please. The parcel!",
    "Café crème — l'été",
    "请问什么时候发货？我急用",
    "退款",
    "สินค้ายังไม่จัดส่งเลยค่ะ",
    "shop ơi bao giờ gửi hàng",
    "co-op 57646131 ok👍",
    "ＦＵＬＬ　ｗｉｄｔｈ",
    "\x1fodd\x85blanks\u2028here",
    "...",
)
#: Words and parts of words, each one for the conversations' own index.
WORDS = (
    *("parcel", '"parcel"', "PARCELS", "parc", "p", "cafe", "CAFÉ", "ete", "l", "发货", "货", "退款", "款", "急用"),
    *("สิ", "ơi", "gui", "5764", "ok", "full", "width", "odd", "here", "nothing", "op"),
)


@contextmanager
def cache(house: DataDir, mode: str = "ro") -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{house.cache}?mode={mode}", uri=True, isolation_level=None)) as db:
        db.execute("ATTACH DATABASE ? AS ledger", (f"file:{house.ledger}?mode=ro",))
        yield db


def found(db: sqlite3.Connection, text: str) -> set[int]:
    where = condition(parse_threads(text), Context(NOW, "mei"))
    return {row_id for (row_id,) in db.execute(f"SELECT o.row_id FROM thread o WHERE {where.text}", where.values)}


def said(db: sqlite3.Connection, text: str) -> set[int]:
    """The threads by the index of the messages."""
    expression = match_expression(text.strip('"'), exact=text.startswith('"'))
    hits = db.execute(f"SELECT {THREAD_OF_ROWID} FROM message_text WHERE message_text MATCH ?", (expression,))
    return {row_id for (row_id,) in hits}


def agree(house: DataDir) -> dict[str, set[int]]:
    """What each word finds, after a look whether it is what the messages say."""
    with cache(house) as db:
        answers = {word: found(db, word) for word in WORDS}
        assert answers == {word: said(db, word) for word in WORDS}
    return answers


@pytest.mark.parametrize("word", WORDS)
def test_a_single_word_is_asked_of_the_conversations(word: str) -> None:
    where = condition(parse_threads(word), Context(NOW, "mei"))
    assert "thread_text" in where.text and "message_text" not in where.text


@pytest.mark.parametrize(
    "text",
    [
        '"my parcel"',  # order and distance stand in no list of words
        "co-op",
        "什么时候",
        "สินค้า",
        "abc发",
        "\U0001e290a",  # a letter that SQLite 3.40 does not know: it would part the word there
        "...",
    ],
)
def test_what_is_more_than_a_word_is_asked_of_the_messages(text: str) -> None:
    assert word_expression(text.strip('"'), exact=text.startswith('"')) == ""


@dataclass
class Said:
    """One thing that happens to a thread."""

    thread: int
    number: int
    text: str
    state: MessageState = MessageState.NORMAL
    then: str = field(default="")


_STEPS = st.lists(
    st.builds(
        Said,
        st.integers(1, 3),
        st.integers(1, 6),
        st.sampled_from(TEXTS),
        st.sampled_from([MessageState.NORMAL, MessageState.NORMAL, MessageState.RECALLED]),
        st.sampled_from(["", "", "", "", "erase", "forget"]),
    ),
    max_size=14,
)


def _message(step: Said) -> Message:
    text = "" if step.state is MessageState.RECALLED else step.text
    return message(step.number, text=text, thread_id=f"T{step.thread}", state=step.state)


@given(steps=_STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_words_follow_the_messages_through_edits_recalls_and_forgetting(
    writer: Writer, house: DataDir, steps: list[Said]
) -> None:
    await writer.threads.forget(STORE)
    for step in steps:
        await writer.threads.put_threads([thread(f"T{step.thread}", order_no=f"N{step.thread}")], NOW)
        await writer.threads.put_messages(STORE, f"T{step.thread}", [_message(step)], NOW, complete_from=False)
        if step.then == "forget":
            await writer.threads.forget(STORE)
        elif step.then == "erase":
            await writer.threads.erase_buyer(STORE, f"N{step.thread}", NOW)
    agree(house)
    with cache(house) as db:
        # Each word once, and nothing of what nobody says any more.
        kept = [(number >> 16, word) for number, words in _rows(db, _KEPT) for word in words.split()]
        assert sorted(kept) == sorted({(row, word) for row, text in _rows(db, _SAID) for word in indexed(text).split()})


_KEPT = "SELECT piece_no, words FROM thread_words"
_SAID = "SELECT thread_row, text FROM message WHERE search_no <> 0"


def _rows(db: sqlite3.Connection, sql: str) -> list[tuple[int, str]]:
    return db.execute(sql).fetchall()


async def test_a_long_talk_keeps_few_pieces_and_all_its_words(house: DataDir, writer: Writer) -> None:
    await talk(writer, [message(0, text="parcel")])
    for number in range(1, 150):
        await writer.threads.put_messages(
            *(STORE, "T1"), [message(number, text=f"word{number} PARCEL")], NOW, complete_from=True
        )
    with cache(house) as db:
        assert db.execute("SELECT count(*) < 70 FROM thread_words").fetchone() == (1,)
        assert [n for n in range(1, 150) if not found(db, f'"word{n}"')] == []
    assert agree(house)["parcel"] == {1}


async def test_the_migration_gathers_the_words_that_were_there_before(house: DataDir, writer: Writer) -> None:
    for number, text in enumerate(TEXTS):
        await talk(writer, [message(1, text=text, thread_id=f"T{number}"), message(2, thread_id=f"T{number}")])
    before = agree(house)
    await writer.close()
    with cache(house, "rw") as db:
        for name in ("thread_words", "thread_text"):
            db.execute(f"DROP TABLE {name}")
        db.execute("DELETE FROM migration WHERE name = ?", (CACHE_WORDS.name,))
    async with await Writer.open(house, NOW) as again:
        assert again.opened.migrations == (CACHE_WORDS.name,)
        assert agree(house) == before
        assert before["parcel"] == {1, 2}
        changes: dict[str, Any] = {"text": "it went"}
        await again.threads.put_messages(STORE, "T0", [message(1, thread_id="T0", **changes)], NOW, complete_from=False)
    assert agree(house)["parcel"] == {2}

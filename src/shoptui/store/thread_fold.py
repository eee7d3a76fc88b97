"""What follows from a thread's messages: its questions and their outcomes, what waits for an answer, its next loss."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from shoptui.domain.answers import judge
from shoptui.domain.clocks import HOUR_S, Clock, ClockKind, ClockScope, Consequence, StopEvent, next_loss
from shoptui.domain.messages import PEOPLE_OF_STORE, MessageKind, MessageState, Sender
from shoptui.domain.reply_clock import Question, Said, questions
from shoptui.queries.inbox import ThreadState
from shoptui.store.codes import CODE_BUYER, GROUP_AHEAD, GROUP_MISSED, NEVER
from shoptui.store.thread_codes import STATE_CODE, Outcome

_WORDS_MAX = 160


class ReplyRules(Protocol):
    """What the rule book says about answering, as the store needs it; pure, called on the database's thread."""

    def answering(self, store_id: str, asked_at: int) -> frozenset[Sender]:
        """Whose messages answer a question asked then (epoch s): people always, robots where the rule counts them."""

    def clock(self, store_id: str, thread_id: str, asked_at: int) -> Clock | None:
        """The reply clock of a question asked then (epoch s), None where no rule gives one."""


class NoReplyRules:
    """Stands in until the rule book is known: people answer, and nothing is ever late."""

    def answering(self, store_id: str, asked_at: int) -> frozenset[Sender]:
        """People of the store."""
        return PEOPLE_OF_STORE

    def clock(self, store_id: str, thread_id: str, asked_at: int) -> Clock | None:
        """No rule."""
        return None


def _outcome(question: Question, due_at: int | None, now: int) -> Outcome:
    counted = judge(question.answered_at, due_at, now)
    if counted.waiting:
        return Outcome.WAITING
    return Outcome.LATE if counted.late else Outcome.IN_TIME


# In the database

#: A row of `question`: key, asked, answered, due (epoch s), outcome.
_Question = tuple[str, int, int | None, int | None, int]


def refold(
    db: sqlite3.Connection, row_id: int, store_id: str, thread_id: str, from_key: str, rules: ReplyRules, now: int
) -> None:
    """Find a thread's questions anew from a message on that came, changed or went, and count them once.

    Whatever order messages come in, the questions are those of the messages that are here.
    """
    after_key = _answer_before(db, row_id, from_key)
    known: set[_Question] = set(
        db.execute(
            """
            SELECT asked_key, asked_at, answered_at, due_at, outcome FROM question
            WHERE thread_row = ? AND asked_key > ?
            """,
            (row_id, after_key),
        )
    )
    rows = db.execute(
        """
        SELECT order_key, sender, kind, state, sent_at FROM message
        WHERE thread_row = ? AND order_key > ? ORDER BY order_key
        """,
        (row_id, after_key),
    )
    found: set[_Question] = set()
    for question in _questions(map(_said, rows), store_id, rules):
        clock = rules.clock(store_id, thread_id, question.asked_at)
        due_at = None if clock is None else clock.due_at
        outcome = _outcome(question, due_at, now)
        found.add((question.asked_key, question.asked_at, question.answered_at, due_at, int(outcome)))
    gone, came = known - found, found - known
    db.executemany("DELETE FROM question WHERE thread_row = ? AND asked_key = ?", [(row_id, one[0]) for one in gone])
    db.executemany("INSERT INTO question VALUES (?, ?, ?, ?, ?, ?)", [(row_id, *one) for one in came])
    count(db, store_id, [(one[1], one[4], -1) for one in gone] + [(one[1], one[4], 1) for one in came])


def _questions(said: Iterable[Said], store_id: str, rules: ReplyRules) -> Iterator[Question]:
    """The questions in messages given oldest first, each judged by the rule of the day it was asked."""
    run: list[Said] = []
    for one in said:
        if run or one.asks:
            run.append(one)
        # A person's answer ends whatever was asked, by any rule.
        if run and one.answers(PEOPLE_OF_STORE):
            yield from questions(run, rules.answering(store_id, run[0].sent_at))
            run = []
    if run:
        yield from questions(run, rules.answering(store_id, run[0].sent_at))


def _answer_before(db: sqlite3.Connection, row_id: int, key: str) -> str:
    """The newest answer by a person before a message, "" without one: no question reaches across it."""
    row = db.execute(
        f"""
        SELECT order_key FROM message WHERE thread_row = ? AND order_key < ? AND sender = '{Sender.STORE.value}'
        AND state = '{MessageState.NORMAL.value}' AND kind <> '{MessageKind.NOTICE.value}'
        ORDER BY order_key DESC LIMIT 1
        """,
        (row_id, key),
    ).fetchone()
    return "" if row is None else str(row[0])


def _said(row: Sequence[Any]) -> Said:
    key, sender, kind, state, sent_at = row
    return Said(key, Sender(sender), MessageKind(kind), MessageState(state), sent_at)


def count(db: sqlite3.Connection, store_id: str, counted: Iterable[tuple[int, int, int]]) -> None:
    """Add to a store's hourly numbers: (asked at, outcome, how many more) each."""
    changes: dict[tuple[int, int], int] = {}
    for asked_at, outcome, more in counted:
        key = (asked_at // HOUR_S, outcome)
        changes[key] = changes.get(key, 0) + more
    for (hour, outcome), more in changes.items():
        if more:
            column = Outcome(outcome).name.lower()
            db.execute(
                f"""
                INSERT INTO answer_hour (store_id, hour, waiting, in_time, late) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (store_id, hour) DO UPDATE SET {column} = {column} + ?
                """,
                (store_id, hour, *(more if each == outcome else 0 for each in Outcome), more),
            )


_FACTS = """
SELECT
    store_id, thread_id, buyer_id, market_no, linked_no, escalated_to, escalation_due_at,
    snoozed_until, snoozed_for_buyer, snooze_key, done_key
FROM thread WHERE row_id = ?
"""

_NEWEST_WORDS = f"""
SELECT sender, kind, text FROM message
WHERE thread_row = ? AND sender <> '{Sender.SYSTEM.value}' AND kind <> '{MessageKind.NOTICE.value}'
ORDER BY order_key DESC LIMIT 1
"""

# An order named further back than this many messages was about another matter.
_CARD_WITHIN = 50

# By its card, or by a text that was written from its page.
_ORDER_CARD = f"""
SELECT reference FROM (
    SELECT order_key, kind, reference FROM message WHERE thread_row = ? ORDER BY order_key DESC LIMIT {_CARD_WITHIN}
)
WHERE kind IN ('{MessageKind.ORDER.value}', '{MessageKind.TEXT.value}') AND reference <> ''
ORDER BY order_key DESC LIMIT 1
"""

_BUYERS_ORDER = f"""
SELECT o.order_no FROM order_code c JOIN orders o ON o.row_id = c.row_id
WHERE c.kind = {CODE_BUYER} AND c.code = ? AND o.store_id = ? ORDER BY o.created_at DESC LIMIT 1
"""

_UPDATE = """
UPDATE thread SET
    last_key = ?, last_message_id = ?, asked_key = ?, asked_at = ?, answered_at = ?,
    last_sender = ?, last_kind = ?, last_words = ?, reply_at = ?, reply_source = ?, uncounted_at = ?, order_no = ?,
    state = ?, snoozed = ?, escalated = ?, missed_group = ?, next_at = ?, next_kind = ?, missed = ?, last_missed_at = ?
WHERE row_id = ?
"""


def refresh(db: sqlite3.Connection, row_id: int, rules: ReplyRules, now: int) -> None:
    """Write what follows from a thread's messages, questions and desk into its row."""
    (
        store_id,
        thread_id,
        buyer_id,
        market_no,
        linked_no,
        escalated_to,
        escalation_due_at,
        snoozed_until,
        for_buyer,
        snooze_key,
        done_key,
    ) = db.execute(_FACTS, (row_id,)).fetchone()
    if not thread_id:
        return
    newest = db.execute(
        "SELECT order_key, message_id FROM message WHERE thread_row = ? ORDER BY order_key DESC LIMIT 1",
        (row_id,),
    ).fetchone()
    last_key, last_message_id = newest or ("", "")
    question = _last_question(db, row_id, store_id, now)
    asked = _asked(db, row_id, question, done_key)
    clock = None if asked is None else rules.clock(store_id, thread_id, asked[1])
    snoozed = _sleeps(db, row_id, snoozed_until, bool(for_buyer), snooze_key, now)
    clocks = [] if clock is None else [clock]
    if escalated_to and escalation_due_at is not None:
        clocks.append(_own_clock(ClockKind.ESCALATION, escalation_due_at, thread_id))
    if snoozed and snoozed_until is not None:
        clocks.append(_own_clock(ClockKind.WAKE, snoozed_until, thread_id))
    loss = next_loss(clocks, now)
    if asked is not None:
        state = ThreadState.WAITING
    else:
        state = ThreadState.DONE if done_key and not _said_since(db, row_id, done_key) else ThreadState.ANSWERED
    last_sender, last_kind, text = db.execute(_NEWEST_WORDS, (row_id,)).fetchone() or ("", "", "")
    waits = question is not None and question[4] == Outcome.WAITING and question[3] is not None
    db.execute(
        _UPDATE,
        (
            last_key,
            last_message_id,
            "" if asked is None else asked[0],
            None if asked is None else asked[1],
            None if question is None else question[2],
            last_sender,
            last_kind,
            " ".join(text.split())[:_WORDS_MAX],
            NEVER if clock is None else clock.due_at,
            "" if clock is None else clock.source,
            question[3] if question is not None and waits else NEVER,
            linked_no or _order_of(db, row_id, store_id, buyer_id, market_no),
            STATE_CODE[state],
            int(snoozed),
            int(bool(escalated_to)),
            GROUP_MISSED if loss.missed else GROUP_AHEAD,
            NEVER if loss.at is None else loss.at,
            loss.kind,
            loss.missed,
            loss.last_missed_at,
            row_id,
        ),
    )


def _own_clock(kind: ClockKind, due_at: int, thread_id: str) -> Clock:
    source = "ours:escalated" if kind is ClockKind.ESCALATION else "ours:snoozed"
    return Clock(kind, due_at, Consequence.NOTHING, StopEvent.CLOSED, source, ClockScope.THREAD, thread_id)


def _last_question(db: sqlite3.Connection, row_id: int, store_id: str, now: int) -> _Question | None:
    """The thread's newest question (key, asked, answered, due, outcome), counted as late once its time has come."""
    row: _Question | None = db.execute(
        """
        SELECT asked_key, asked_at, answered_at, due_at, outcome FROM question
        WHERE thread_row = ? ORDER BY asked_key DESC LIMIT 1
        """,
        (row_id,),
    ).fetchone()
    if row is None or row[4] != Outcome.WAITING or row[3] is None or row[3] > now:
        return row
    db.execute("UPDATE question SET outcome = ? WHERE thread_row = ? AND asked_key = ?", (Outcome.LATE, row_id, row[0]))
    count(db, store_id, [(row[1], Outcome.WAITING, -1), (row[1], Outcome.LATE, 1)])
    return (*row[:4], Outcome.LATE)


def _asked(db: sqlite3.Connection, row_id: int, question: _Question | None, done_key: str) -> tuple[str, int] | None:
    """The oldest message that still waits for an answer: the open question, or what came after it was called done."""
    if question is None or question[2] is not None:
        return None
    if question[0] > done_key:
        return question[0], question[1]
    row: tuple[str, int] | None = db.execute(
        f"""
        SELECT order_key, sent_at FROM message WHERE thread_row = ? AND order_key > ?
        AND sender = '{Sender.BUYER.value}' AND kind <> '{MessageKind.NOTICE.value}'
        AND state <> '{MessageState.RECALLED.value}' ORDER BY order_key LIMIT 1
        """,
        (row_id, done_key),
    ).fetchone()
    return row


def _said_since(db: sqlite3.Connection, row_id: int, key: str) -> bool:
    """Whether anybody but the marketplace's own notices spoke after a message."""
    row = db.execute(
        f"""
        SELECT 1 FROM message WHERE thread_row = ? AND order_key > ?
        AND sender <> '{Sender.SYSTEM.value}' AND kind <> '{MessageKind.NOTICE.value}' LIMIT 1
        """,
        (row_id, key),
    ).fetchone()
    return row is not None


def _sleeps(db: sqlite3.Connection, row_id: int, until: int | None, for_buyer: bool, snooze_key: str, now: int) -> bool:
    """Whether a thread is snoozed at this moment."""
    if until is None and not for_buyer:
        return False
    if until is not None and until <= now:
        return False
    if not for_buyer:
        return True
    row = db.execute(
        f"""
        SELECT 1 FROM message WHERE thread_row = ? AND order_key > ? AND sender = '{Sender.BUYER.value}'
        AND kind <> '{MessageKind.NOTICE.value}' LIMIT 1
        """,
        (row_id, snooze_key),
    ).fetchone()
    return row is None


def _order_of(db: sqlite3.Connection, row_id: int, store_id: str, buyer_id: str, market_no: str) -> str:
    """The order a thread is about: the newest one shown in it, as the marketplace says, or the buyer's newest."""
    card = db.execute(_ORDER_CARD, (row_id,)).fetchone()
    if card is not None:
        return str(card[0])
    if market_no or not buyer_id:
        return market_no
    row = db.execute(_BUYERS_ORDER, (buyer_id, store_id)).fetchone()
    return "" if row is None else str(row[0])

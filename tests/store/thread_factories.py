"""Invented conversations for the store's tests, and a rule book of one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from shoptui.domain.clocks import HOUR_S, Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.messages import PEOPLE_OF_STORE, Message, MessageKind, Sender, Thread
from shoptui.store.writer import Writer
from tests.store.factories import NOW

STORE = "tt-th-1"
KEY = (STORE, "T1")
RULE = "rule:reply"


@dataclass(frozen=True, slots=True)
class Within:
    """A reply is due so many seconds after the question; robots count only where said."""

    reply_s: int = 12 * HOUR_S
    answers: frozenset[Sender] = PEOPLE_OF_STORE

    def answering(self, store_id: str, asked_at: int) -> frozenset[Sender]:
        return self.answers

    def clock(self, store_id: str, thread_id: str, asked_at: int) -> Clock | None:
        return Clock(
            ClockKind.REPLY,
            asked_at + self.reply_s,
            Consequence.REPLY_RATE,
            StopEvent.ANSWERED,
            RULE,
            ClockScope.THREAD,
            thread_id,
        )


def thread(thread_id: str = "T1", *, store_id: str = STORE, **changes: Any) -> Thread:
    """A thread the store may write into."""
    made = Thread(store_id, thread_id, "b1", "somchai99", 1, "", NOW - 600, can_send=True)
    return replace(made, **changes)


def message(
    number: int,
    sender: Sender = Sender.BUYER,
    text: str = "where is my bag?",
    *,
    thread_id: str = "T1",
    store_id: str = STORE,
    ago_s: int | None = None,
    **changes: Any,
) -> Message:
    """The message with that number in its thread; a minute lies between numbers, number 100 was sent just now."""
    sent_at = NOW - 60 * (100 - number) if ago_s is None else NOW - ago_s
    made = Message(
        store_id, thread_id, f"m{number}", f"{number:06d}", MessageKind.TEXT, sender, sent_at, text, raw_kind="TEXT"
    )
    return replace(made, **changes)


def ours(number: int, text: str = "it goes out today", **changes: Any) -> Message:
    """An answer by a person of the store."""
    return message(number, Sender.STORE, text, **changes)


async def talk(writer: Writer, messages: Sequence[Message], *, now: int = NOW, **changes: Any) -> int:
    """A thread with these messages; its row."""
    first = messages[0]
    await writer.threads.put_threads([thread(first.thread_id, store_id=first.store_id, **changes)], now)
    put = await writer.threads.put_messages(first.store_id, first.thread_id, messages, now, complete_from=True)
    assert put.row_id is not None
    return put.row_id

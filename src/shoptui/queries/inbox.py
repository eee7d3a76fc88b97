"""Frozen rows of the inbox that cross from the store to screens and commands."""

from __future__ import annotations

from enum import StrEnum

from shoptui.domain.intents import Intent, IntentState
from shoptui.domain.messages import Message
from shoptui.domain.records import dataclass


class ThreadState(StrEnum):
    """What a thread wants: `waiting` for our answer, `answered`, or `done` by an operator's word."""

    WAITING = "waiting"
    ANSWERED = "answered"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """What one line of the inbox needs.

    Times are epoch seconds, None where there is none. `next_at`, `next_kind` are the thread's next loss: its reply
    clock (`rply`), an escalation (`esc`) or the moment it wakes (`wake`); `missed` counts clocks that have passed.
    `asked_at` is the oldest message of the buyer that is still unanswered. `buyer` is the handle as chat shows it.
    `language` is an ISO 639-1 code, "" when unknown. `last_sender` is of the newest message that is no notice,
    `last_kind` its kind: a picture has no words. `reply_at` is when the reply clock ends, whatever else comes first,
    and `reply_source` says who says so (as a clock's source). `order_no` is the linked order, "" without one.
    `assignee`, `claimed_by`, `escalated_to` are operators or "". `act_state` is of the newest reply ordered and not
    yet acknowledged. `agent` is who else speaks in it besides store and buyer, "" for nobody. `not_granted` marks a
    store's only row when its app was not granted chat: it has no thread id.
    """

    row_id: int
    store_id: str
    thread_id: str
    marketplace: str
    region: str
    buyer: str
    buyer_id: str
    order_no: str
    language: str
    state: ThreadState
    unread: int
    asked_at: int | None
    next_at: int | None
    next_kind: str
    missed: int
    last_missed_at: int | None
    last_at: int
    last_sender: str
    last_words: str
    last_message_id: str
    can_send: bool | None
    assignee: str = ""
    claimed_by: str = ""
    escalated_to: str = ""
    escalated_by: str = ""
    escalation_reason: str = ""
    snoozed_until: int | None = None
    snoozed_for_buyer: bool = False
    has_note: bool = False
    act_state: IntentState | None = None
    act_cause: str = ""
    seen_at: int = 0
    last_kind: str = ""
    reply_at: int | None = None
    reply_source: str = ""
    agent: str = ""

    @property
    def not_granted(self) -> bool:
        return not self.thread_id


@dataclass(frozen=True, slots=True)
class ThreadNote:
    """A note of ours in a thread; it never leaves the house."""

    at: int
    operator: str
    text: str


@dataclass(frozen=True, slots=True)
class ThreadDetail:
    """A thread as the pane shows it: its newest messages, oldest first; `older` says that there are more before."""

    row: ThreadRow
    messages: tuple[Message, ...]
    older: bool
    notes: tuple[ThreadNote, ...]
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class StoreAnswers:
    """How a store answers: waiting now, due within two hours, and its response rates.

    A rate is from 0 to 1, None when nobody asked anything in the time. `official` is the marketplace's own figure with
    the days it covers and when it was read. `threshold` is the rate below which the store loses something, by the rule
    book, `misses_left` how many more late answers are possible in its window before that; None without a rule.
    """

    store_id: str
    waiting: int
    due_soon: int
    rate_24h: float | None
    rate_7d: float | None
    rate_30d: float | None
    official: float | None = None
    official_days: int = 0
    official_at: int | None = None
    threshold: float | None = None
    misses_left: int | None = None
    not_granted: bool = False

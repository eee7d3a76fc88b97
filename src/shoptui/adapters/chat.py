"""How a marketplace lets a store talk with its buyers: reading threads and messages, and what a reply may be.

Replies and read marks are desks like every other verb (`Verb.REPLY`, `Verb.MARK_READ` on a thread). A store whose app
was not granted chat raises ScopeError from any of these; that is a state of the store's message feed, not a fault.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from shoptui.adapters.base import Unsupported
from shoptui.domain.messages import Message, Thread
from shoptui.domain.stores import Store


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Some threads, newest activity first. `faults` says of records that could not be read: (thread id, why)."""

    threads: tuple[Thread, ...]
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Some messages of one thread, newest first."""

    messages: tuple[Message, ...]
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyLimits:
    """What the marketplace refuses in a reply, so that it can be said before sending.

    `text_max` is in characters. `links` is False where addresses of web pages are not allowed, `contacts` where phone
    numbers, e-mail addresses and other messengers are not. `unanswered_max` is how many messages a store may send until
    the buyer writes again, None without such a rule.
    """

    text_max: int
    links: bool = True
    contacts: bool = True
    unanswered_max: int | None = None


@dataclass(frozen=True, slots=True)
class ChatPace:
    """How often a store's threads may be asked for (seconds), by the marketplace's rules and call budget.

    `near_s` while a reply clock has under two hours left, `usual_s` otherwise. `calls_per_day` is the app's budget for
    chat, None without one. `again_s` is how often the newest messages of conversations in use are read again, where
    the list of threads does not tell that one was taken back; None where it does.
    """

    near_s: float
    usual_s: float
    calls_per_day: int | None = None
    again_s: float | None = None


@dataclass(frozen=True, slots=True)
class ChatFigure:
    """The marketplace's own figure of a store's answers: a rate from 0 to 1 over so many days, and when it was read."""

    rate: float
    days: int
    read_at: int


class Chat(Protocol):
    """One marketplace's chat. All methods may raise AdapterError; reads may be repeated."""

    limits: ReplyLimits
    pace: ChatPace

    def threads(self, store: Store, since: int) -> AsyncIterator[ThreadPage]:
        """Threads with anything new at or after `since` (epoch s), newest first; ends there. 0 means all there are."""

    async def thread(self, store: Store, thread_id: str) -> Thread | None:
        """One thread as it is now, None when the marketplace knows no such thread."""

    def messages(self, store: Store, thread_id: str) -> AsyncIterator[MessagePage]:
        """A thread's messages, newest first, page by page; the caller stops when it has enough."""

    async def open_thread(self, store: Store, order_no: str, buyer_id: str) -> str | Unsupported:
        """The id of the thread with an order's buyer, opened where there was none yet."""

    async def own_figure(self, store: Store, now: int) -> ChatFigure | Unsupported:
        """The marketplace's own response rate."""

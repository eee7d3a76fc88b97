"""Owns one store's message feed: first sync, threads with anything new, their messages, and re-reads after replies.

A look lists the threads that changed since the cursor and reads the messages of each until one that is here already.
The first sync begins with the newest threads and reads a few at a time: new questions never wait behind old ones.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from shoptui.adapters.base import (
    AdapterError,
    Effect,
    Malformed,
    Rejected,
    ScopeError,
    Temporary,
    Unsupported,
)
from shoptui.adapters.chat import Chat
from shoptui.domain.intents import CauseId
from shoptui.domain.messages import Message, MessageState, Thread
from shoptui.domain.stores import Store
from shoptui.engine import feed_state
from shoptui.engine.chat_budget import ChatBudget
from shoptui.engine.chat_own import with_own_robots
from shoptui.engine.feed_state import MESSAGES
from shoptui.engine.feed_trouble import AFTER_ORDERS_S, NOT_PERMITTED_S, gone_wrong
from shoptui.engine.house import House
from shoptui.engine.intake import shown
from shoptui.engine.rereads import Rereads
from shoptui.engine.schedule import NEAR_S, spread
from shoptui.engine.secrets import SecretsError
from shoptui.protocol import Changed
from shoptui.queries.types import NOT_GRANTED, FeedRow

log = logging.getLogger(__name__)

_DAY_S = 86400
#: How far back conversations are read at the first sync.
FIRST_DAYS = 30
#: Threads whose messages are read in one go, so that a look for new ones never waits long behind them.
_THREADS_AT_ONCE = 40
#: Threads of one store that are read at the same time.
_SIDE_BY_SIDE = 4
#: The most messages read of a thread at its first reading, and of one that was read before.
_FIRST_MESSAGES, _GAP_MESSAGES = 100, 1000
#: So many of the messages that are here are known again when they are listed.
_LOOKED_BACK = 200
#: Waits between readings of a thread in which something is expected: a marketplace's list lags behind its answers.
_WATCH_S = (0, 2, 5, 15, 40)
_FIGURE_EVERY_S = _DAY_S
#: How long a marketplace's list may lack a message that was in it before.
_LAGS_S = 600

#: What is told of messages seen for the first time: the thread, and they, oldest first.
Heard = Callable[[str, Sequence[Message]], Awaitable[None]]


class ChatSync:
    """The feed `messages` of one store. `step` does what is due.

    `ready` says that the store's orders are read, which come first. `heard` is told of new messages. Without a `chat`
    the marketplace has none for programs and nothing is ever due.
    """

    def __init__(
        self,
        house: House,
        store: Store,
        chat: Chat | None,
        *,
        budget: ChatBudget,
        ready: Callable[[], bool],
        heard: Heard,
    ) -> None:
        self.store = store
        self.feed: FeedRow = feed_state.blank(store.store_id, MESSAGES)
        self._house = house
        self._chat = chat
        self._budget = budget
        self._ready = ready
        self._heard = heard
        self._asked = False
        #: Threads whose messages are still to be read, newest first, as they were listed.
        self._backlog: dict[str, Thread] = {}
        #: The listing's word on a thread when its messages were read: the same word again brings nothing new.
        self._read: dict[str, tuple[str, int]] = {}
        self._rereads = Rereads(_WATCH_S, _THREADS_AT_ONCE)
        #: The message that must come in a thread that is read again, "" where reading it once is enough.
        self._must_come: dict[str, str] = {}
        #: Threads that were marked as read, with the message up to which.
        self._marked: dict[str, str] = {}
        #: When the last whole listing of this engine began: what it found is read or in the backlog.
        self._listed_until: int | None = None
        self._figure_at = 0.0
        #: When threads are read again in which nothing is known to have changed, and when each was last read.
        self._again_at = 0.0
        self._read_at: dict[str, float] = {}
        #: When somebody last said that a thread is before them.
        self._open: dict[str, float] = {}

    async def load(self) -> None:
        """Take up where an earlier engine left off."""
        self.feed = await self._house.writer.feed(self.store.store_id, MESSAGES) or self.feed

    def watch(self, thread_id: str, message_id: str = "") -> None:
        """Read this thread again at once, and until a message that must come is here."""
        self._rereads.ask([thread_id], self._house.clock.now())
        self._must_come[thread_id] = message_id

    def opened(self, thread_id: str) -> None:
        """Somebody has this thread before them: it is among those that are read again."""
        self._open[thread_id] = self._house.clock.now()

    def was_read(self, thread_id: str, message_id: str) -> None:
        """The marketplace was told that a thread is read up to a message; what is unread after it only it knows."""
        self._marked[thread_id] = message_id

    def ask_now(self) -> None:
        """Look at the next step, whatever the schedule says."""
        self._asked = True

    async def step(self) -> float:
        """Do all that is due; returns when to come back (epoch seconds), infinity when there is nothing to wait for."""
        if self.store.paused or self._chat is None:
            return float("inf")
        house = self._house
        if not self._ready():
            return house.clock.now() + AFTER_ORDERS_S
        await self._note_read()
        try:
            if self._asked or self._due_at() <= house.clock.now():
                self._asked = False
                await self._look(self._chat)
            elif self.feed.failures == 0:
                await self._read_watched(self._chat)
                await self._read_backlog(self._chat)
        except SecretsError as error:
            # Tokens that cannot be kept must not be used.
            await self._failed(Temporary(str(error), effect=Effect.NONE))
        except AdapterError as error:
            await self._failed(error)
        return self._next_at()

    def _due_at(self) -> float:
        return float(self.feed.next_try_at or 0)

    def _next_at(self) -> float:
        if self.feed.failures:
            return self._due_at()
        moments = [self._due_at(), self._rereads.next_at()]
        if self._backlog:
            moments.append(self._house.clock.now())
        return min(moments)

    # -- one look ---------------------------------------------------------------------------------------------------

    async def _look(self, chat: Chat) -> None:
        house = self._house
        began_at = house.now()
        first = self.feed.cursor_at is None
        since = began_at - FIRST_DAYS * _DAY_S
        if (read_until := self._listed_until or self.feed.cursor_at) is not None:
            since = read_until - house.config.engine.overlap_s
        await self._list(chat, since)
        self._listed_until = began_at
        await self._read_watched(chat)
        await self._read_backlog(chat)
        await self._read_again(chat)
        await self._read_figure(chat)
        await self._succeeded(first=first)

    async def _list(self, chat: Chat, since: int) -> None:
        """Write the threads that changed, and note of which the messages have to be read, before older ones."""
        writer = self._house.writer
        before, self._backlog = self._backlog, {}
        try:
            async for page in chat.threads(self.store, since):
                self._say_faults(page.faults)
                rows = await writer.threads.put_threads(page.threads, self._house.now())
                for thread in page.threads:
                    if await self._has_news(thread):
                        self._backlog[thread.thread_id] = thread
                self._tell(rows)
        finally:
            # What an earlier look found stays to be read, also when this one broke off.
            self._backlog |= {key: thread for key, thread in before.items() if key not in self._backlog}

    async def _has_news(self, thread: Thread) -> bool:
        if self._read.get(thread.thread_id) == (thread.last_message_id, thread.last_at):
            return False
        facts = await self._house.writer.threads.facts(self.store.store_id, thread.thread_id)
        known = facts is not None and bool(thread.last_message_id) and facts.last_message_id == thread.last_message_id
        if known and thread.thread_id not in self._read:
            # Read by an earlier engine: its newest message is here.
            self._read[thread.thread_id] = (thread.last_message_id, thread.last_at)
            return False
        return True

    async def _read_backlog(self, chat: Chat) -> None:
        due = list(self._backlog.values())[:_THREADS_AT_ONCE]
        for start in range(0, len(due), _SIDE_BY_SIDE):
            await self._all_of([self._read_thread(chat, thread) for thread in due[start : start + _SIDE_BY_SIDE]])
        if due and not self._backlog:
            await self._move_on()

    async def _all_of(self, readings: Sequence[Awaitable[None]]) -> None:
        """Let all of them end, then raise what one of them met."""
        for outcome in await asyncio.gather(*readings, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _read_thread(self, chat: Chat, thread: Thread) -> None:
        thread_id = thread.thread_id
        try:
            await self._read_messages(chat, thread_id)
        except AdapterError as error:
            if not is_of_thread(error):
                # Whatever is wrong, other threads come first the next time.
                self._backlog[thread_id] = self._backlog.pop(thread_id, thread)
                raise
            self._say_unreadable(error)
            self.watch(thread_id, thread.last_message_id)
        self._read[thread_id] = (thread.last_message_id, thread.last_at)
        if self._backlog.get(thread_id) == thread:
            del self._backlog[thread_id]

    async def _read_messages(self, chat: Chat, thread_id: str) -> None:
        """Read back from the newest message to one that is here; the page it stands on is written again whole.

        That page brings edits and recalls of what was said shortly before.
        """
        house, store_id = self._house, self.store.store_id
        before = await house.writer.threads.messages_after(store_id, thread_id, "", _LOOKED_BACK)
        known = {message.message_id for message in before}
        most = _GAP_MESSAGES if known else _FIRST_MESSAGES
        run: list[Message] = []
        joined = unreadable = False
        async for page in chat.messages(self.store, thread_id):
            self._say_faults(page.faults)
            unreadable = unreadable or bool(page.faults)
            run += page.messages
            joined = joined or any(message.message_id in known for message in page.messages)
            if joined or len(run) >= most:
                break
        else:
            joined = True
        self._read_at[thread_id] = house.clock.now()
        said = await with_own_robots(house.writer, (store_id, thread_id), run)
        if joined and not unreadable:
            said += taken_back(before, run, house.now())
        put = await house.writer.threads.put_messages(
            store_id, thread_id, said, house.now(), complete_from=joined, region=self.store.region
        )
        if put.row_id is not None and put.changed:
            self._tell((put.row_id,))
        if put.seen:
            await self._heard(thread_id, put.seen)

    async def _move_on(self) -> None:
        self.feed = self._all_read()
        await self._house.writer.save_feed(self.feed)
        self._house.hub.publish(Changed(stores=True))

    def _all_read(self) -> FeedRow:
        """The feed when nothing listed is left unread: its cursor moves to the moment of the listing."""
        assert self._listed_until is not None
        return replace(feed_state.advanced(self.feed, self._listed_until), first_done=True)

    # -- re-reads ---------------------------------------------------------------------------------------------------

    async def _read_again(self, chat: Chat) -> None:
        """Read the newest messages of threads in use, where the marketplace does not tell of what was taken back."""
        every_s, now = chat.pace.again_s, self._house.clock.now()
        if every_s is None or now < self._again_at:
            return
        self._again_at = now + every_s
        self._open = {thread_id: at for thread_id, at in self._open.items() if at > now - every_s}
        in_use = [*self._open, *await self._house.writer.threads.in_use(self.store.store_id, self._house.now())]
        read_at = {thread_id: self._read_at.get(thread_id, 0.0) for thread_id in dict.fromkeys(in_use)}
        self._read_at = read_at
        # Those that were left out the last time come first; the sort keeps the most urgent of equals in front.
        due = sorted((one for one, at in read_at.items() if at <= now - every_s / 2), key=lambda one: read_at[one])
        for thread_id in due[: self._budget.again_most(chat.pace)]:
            try:
                await self._read_messages(chat, thread_id)
            except AdapterError as error:
                if not is_of_thread(error):
                    raise
                self._say_unreadable(error)

    async def _read_watched(self, chat: Chat) -> None:
        now = self._house.clock.now()
        for thread_id in self._rereads.due(now):
            try:
                await self.read_now(thread_id)
            except AdapterError as error:
                if not is_of_thread(error):
                    raise
                self._say_unreadable(error)
            is_here = await self._is_here(thread_id, self._must_come[thread_id])
            self._rereads.was_read(thread_id, now, done=is_here)
            if thread_id not in self._rereads:
                del self._must_come[thread_id]

    async def _note_read(self) -> None:
        """Show as read what was marked as read, where nothing has come since; else the thread is read again."""
        threads, store_id = self._house.writer.threads, self.store.store_id
        marked, self._marked = self._marked, {}
        for thread_id, message_id in marked.items():
            facts = await threads.facts(store_id, thread_id)
            if facts is not None and facts.last_message_id == message_id:
                row_id = await threads.set_unread(store_id, thread_id, 0)
                self._tell(() if row_id is None else (row_id,))
            else:
                self.watch(thread_id)

    async def _is_here(self, thread_id: str, message_id: str) -> bool:
        if not message_id:
            return True
        return await self._house.writer.threads.knows_message(self.store.store_id, thread_id, message_id)

    async def read_now(self, thread_id: str) -> bool:
        """Read one thread and its newest messages now; False when there is none. Raises AdapterError."""
        if self._chat is None:
            return False
        thread = await self._chat.thread(self.store, thread_id)
        if thread is None:
            return False
        self._tell(await self._house.writer.threads.put_threads([thread], self._house.now()))
        await self._read_messages(self._chat, thread_id)
        return True

    async def _read_figure(self, chat: Chat) -> None:
        """The marketplace's own response rate, once a day; a store can do without it."""
        house = self._house
        if self._figure_at > house.clock.now():
            return
        self._figure_at = house.clock.now() + _FIGURE_EVERY_S
        try:
            figure = await chat.own_figure(self.store, house.now())
        except (Rejected, ScopeError) as error:
            log.warning("%s: no response rate: %s %s", self.store.store_id, type(error).__name__, error.code)
            return
        if not isinstance(figure, Unsupported):
            await house.writer.threads.put_own_figure(self.store.store_id, figure.rate, figure.days, figure.read_at)

    # -- how it went ------------------------------------------------------------------------------------------------

    async def _succeeded(self, *, first: bool) -> None:
        house, store_id, now = self._house, self.store.store_id, self._house.now()
        troubled = self.feed.failures > 0
        near = await house.writer.threads.soonest_reply(store_id, now, now + NEAR_S)
        assert self._chat is not None
        wait = self._budget.interval_s(self._chat.pace, near=near is not None)
        self.feed = feed_state.succeeded(self.feed, now, house.clock.now() + spread(wait, house.dice))
        if not self._backlog:
            self.feed = self._all_read()
        await house.writer.save_feed(self.feed)
        await house.alerts.clear("chat_not_granted", store_id)
        await self._budget.tell(self._chat.pace)
        if troubled:
            log.info("%s: reads messages again", store_id)
        house.hub.publish(Changed(stores=True, threads=None if first else ()))

    async def _failed(self, error: AdapterError) -> None:
        house, store_id = self._house, self.store.store_id
        wait_s = None
        granted = not isinstance(error, ScopeError)
        if not granted:
            wait_s = NOT_PERMITTED_S
        elif isinstance(error, Rejected) and error.cause.id is CauseId.QUOTA:
            wait_s = self._budget.until_tomorrow_s()
            await self._budget.tell_used_up()
        was_granted = self.feed.error_code != NOT_GRANTED
        self.feed = gone_wrong(house, self.feed, error, wait_s)
        if not granted:
            self.feed = replace(self.feed, error_code=NOT_GRANTED)
            await house.alerts.put("chat_not_granted", store_id)
        await house.writer.save_feed(self.feed)
        many = granted == was_granted
        house.hub.publish(Changed(stores=True, threads=() if many else None, counts=True))

    def _say_unreadable(self, error: AdapterError) -> None:
        log.warning("%s: a conversation cannot be read: %s %s", self.store.store_id, type(error).__name__, error.code)

    def _say_faults(self, faults: Sequence[tuple[str, str]]) -> None:
        if faults:
            # What is wrong may quote a buyer: the log gets the ids.
            ids = " ".join(record_id for record_id, _ in faults[:5])
            log.warning("%s: %d records of conversations could not be read: %s", self.store.store_id, len(faults), ids)

    def _tell(self, rows: Sequence[int]) -> None:
        if rows:
            self._house.hub.publish(Changed(threads=shown(rows), counts=True))


def is_of_thread(error: AdapterError) -> bool:
    """Whether what went wrong is the one conversation's, so that all others can be read."""
    return isinstance(error, Malformed) or (isinstance(error, Rejected) and error.cause.id is not CauseId.QUOTA)


def taken_back(before: Sequence[Message], run: Sequence[Message], now: int) -> list[Message]:
    """What was here but is not in a run that was read without a gap since: some marketplaces leave out recalls.

    Young messages are left alone: a list that lags behind must not take a question away.
    """
    if not run:
        return []
    there = {message.message_id for message in run}
    oldest_key = min(message.order_key for message in run)
    return [
        replace(message, state=MessageState.RECALLED, text="", link="")
        for message in before
        if message.order_key > oldest_key
        and message.message_id not in there
        and message.state is MessageState.NORMAL
        and message.sent_at < now - _LAGS_S
    ]

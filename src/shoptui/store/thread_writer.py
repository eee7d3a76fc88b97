"""The writer's side of conversations, `Writer.threads`: one transaction per database and method unless it says more.

What operators decide is on the disk in the ledger before the cache repeats it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from shoptui.domain.messages import Message, Thread
from shoptui.store import answer_counts, erasure, outbox, thread_desk, thread_lookups, thread_reads, threads
from shoptui.store.database import Database
from shoptui.store.desk import CLAIM_S
from shoptui.store.erasure import ErasedBuyer
from shoptui.store.results import MessagesPut, ThreadFacts
from shoptui.store.thread_desk import Values
from shoptui.store.thread_fold import NoReplyRules, ReplyRules
from shoptui.store.thread_lookups import ThreadKey

#: So many threads are worked through in one transaction: others wait for it some tens of milliseconds.
_CHUNK = 50

#: What ends when a thread is done.
_ENDED: Values = {
    "escalated_to": "",
    "escalation_due_at": None,
    "snoozed_until": None,
    "snoozed_for_buyer": 0,
    "snooze_key": "",
}


class ThreadWriter:
    """Everything the engine changes about conversations. A thread is named by (store id, thread id)."""

    def __init__(self, cache: Database, ledger: Database) -> None:
        self._cache = cache
        self._ledger = ledger
        self._rules: ReplyRules = NoReplyRules()

    def follow(self, rules: ReplyRules) -> None:
        """Fold threads by these rules from now on; `recompute_all` applies them to what is here already."""
        self._rules = rules

    # What marketplaces say

    async def put_threads(self, listed: Sequence[Thread], now: int) -> tuple[int, ...]:
        """Write threads as they are listed; returns the rows that changed. A copy older than what is known is left."""
        changed, new = await self._cache.run(threads.put_threads, listed, self._rules, now)
        if new:
            desk = await self._ledger.run(thread_desk.desk_rows, new)
            await self._cache.run(thread_desk.repeat, desk, self._rules, now)
        return tuple(changed)

    async def put_messages(
        self,
        store_id: str,
        thread_id: str,
        messages: Sequence[Message],
        now: int,
        *,
        complete_from: bool,
        region: str = "",
    ) -> MessagesPut:
        """Write a run of a thread's messages; each is seen once, whatever order they come in and however often.

        `complete_from`: nothing is missing before the oldest of them, because they follow what is here or go back to
        the thread's beginning. Edits and recalls replace what was there. The store's `region` helps to tell the
        buyer's language.
        """
        key = (store_id, thread_id)
        return await self._cache.run(
            threads.put_messages, key, messages, self._rules, now, complete_from=complete_from, region=region
        )

    async def set_unread(self, store_id: str, thread_id: str, unread: int) -> int | None:
        """Note how many messages are unread; the row if that changed anything."""
        return await self._cache.run(threads.set_unread, (store_id, thread_id), unread)

    async def put_own_figure(self, store_id: str, rate: float, days: int, read_at: int) -> None:
        """Keep the marketplace's own response rate (0 to 1) over so many days."""
        await self._cache.run(answer_counts.put_figure, store_id, rate, days, read_at)

    # What the engine asks

    async def known_threads(self, store_id: str) -> dict[str, tuple[str, int, int]]:
        """Per thread the newest message that is here, when it was sent (epoch s; "" and 0 for none), and the unread."""
        return await self._cache.run(thread_lookups.known_threads, store_id)

    async def facts(self, store_id: str, thread_id: str) -> ThreadFacts | None:
        """What is decided by before something is written into a thread, None for one that is not here."""
        return await self._cache.run(thread_lookups.facts, (store_id, thread_id))

    async def messages_after(self, store_id: str, thread_id: str, message_id: str, most: int = 100) -> list[Message]:
        """The newest messages after a message, oldest first; all of them, at most so many, after an unknown one."""
        return await self._cache.run(thread_lookups.newest_messages, (store_id, thread_id), message_id, most)

    async def knows_message(self, store_id: str, thread_id: str, message_id: str) -> bool:
        """Whether a message of a thread is here. "" is known where there is none at all."""
        return await self._cache.run(thread_lookups.knows_message, (store_id, thread_id), message_id)

    async def rows(self, keys: Sequence[ThreadKey]) -> tuple[int, ...]:
        """The rows of threads, for change notices; unknown ones are left out."""
        return await self._cache.run(thread_lookups.thread_rows, keys)

    async def of_order(self, store_id: str, order_no: str) -> list[str]:
        """The ids of threads about an order, newest first."""
        return await self._cache.run(thread_lookups.threads_of_order, store_id, order_no)

    async def in_use(self, store_id: str, now: int) -> list[str]:
        """The ids of a store's threads that somebody is on, then of those that wait, the most urgent first."""
        claimed = await self._ledger.run(thread_desk.claimed_in, store_id, now)
        waiting = await self._cache.run(thread_lookups.waiting_threads, store_id)
        return list(dict.fromkeys((*claimed, *waiting)))

    async def next_clock_at(self) -> int | None:
        """When `pass_clocks` has something to do next (epoch s), None without a reason to."""
        return await self._cache.run(threads.next_clock_at)

    async def soonest_reply(self, store_id: str, now: int, before_at: int) -> int | None:
        """A store's earliest reply clock between the two moments (epoch s), None when there is none so soon."""
        return await self._cache.run(threads.soonest_reply, store_id, now, before_at)

    async def pass_clocks(self, now: int) -> tuple[int, ...]:
        """Fold the threads anew whose time has come: missed, awake again, or late for good; returns their rows."""
        return await self._cache.run(threads.pass_clocks, self._rules, now)

    async def recompute_all(self, now: int) -> AsyncIterator[tuple[int, ...]]:
        """Find all questions and clocks anew (after a change of rules), some threads per transaction.

        Yields the rows that changed.
        """
        after: int | None = 0
        while after is not None:
            after, changed = await self._cache.run(threads.recompute, self._rules, after, _CHUNK, now)
            if changed:
                yield changed

    async def template_values(self, ids: Sequence[int]) -> dict[int, dict[str, str]]:
        """What templates can be filled with from threads and their orders, as the reader's; without stores' names."""
        return await self._cache.run(thread_reads.template_values, ids, with_stores=False)

    # The desk. Each returns the threads where something changed.

    async def assign(self, keys: Sequence[ThreadKey], assignee: str, operator: str, now: int) -> list[ThreadKey]:
        """Give threads to somebody, "" to nobody."""
        values: Values = {"assignee": assignee, "assigned_by": operator, "assigned_at": now}
        return await self._decide(dict.fromkeys(keys, values), ("assignee",), now)

    async def escalate(
        self,
        keys: Sequence[ThreadKey],
        to: str,
        operator: str,
        now: int,
        *,
        reason: str = "",
        due_at: int | None = None,
    ) -> list[ThreadKey]:
        """Put threads before a supervisor until `due_at` (epoch s, None without a clock); `to` "" ends that."""
        values: Values = {
            "escalated_to": to,
            "escalated_by": operator if to else "",
            "escalation_reason": reason if to else "",
            "escalated_at": now if to else None,
            "escalation_due_at": due_at if to else None,
        }
        told = ("escalated_to", "escalation_reason", "escalation_due_at")
        return await self._decide(dict.fromkeys(keys, values), told, now)

    async def snooze(
        self, keys: Sequence[ThreadKey], operator: str, now: int, *, until: int | None, for_buyer: bool
    ) -> list[ThreadKey]:
        """Let threads sleep until a moment (epoch s), until the buyer writes, or whichever is first; neither wakes."""
        newest = await self._cache.run(thread_desk.newest_keys, keys)
        changes: dict[ThreadKey, Values] = {
            key: {
                "snoozed_until": until,
                "snoozed_for_buyer": int(for_buyer),
                "snooze_key": newest_key if for_buyer else "",
                "snoozed_by": operator if until is not None or for_buyer else "",
            }
            for key, newest_key in newest.items()
        }
        return await self._decide(changes, ("snoozed_until", "snoozed_for_buyer", "snooze_key"), now)

    async def done(
        self,
        keys: Sequence[ThreadKey],
        operator: str,
        on: bool,
        now: int,
        *,
        up_to: Mapping[ThreadKey, str] | None = None,
    ) -> list[ThreadKey]:
        """Note that threads need no answer, or take that back. What the buyer writes later makes them wait again.

        `up_to` gives the newest message the operator had seen (its id) where that is not the newest one here. Done ends
        snooze and escalation; taking it back does not bring them back.
        """
        newest = await self._cache.run(thread_desk.newest_keys, keys)
        for key, message_id in (up_to or {}).items():
            if seen_key := await self._cache.run(thread_desk.key_of, key, message_id):
                newest[key] = seen_key
        ends = _ENDED if on else {}
        changes: dict[ThreadKey, Values] = {
            key: {
                "done_key": newest_key if on else "",
                "done_by": operator if on else "",
                "done_at": now if on else None,
                **ends,
            }
            for key, newest_key in newest.items()
        }
        return await self._decide(changes, ("done_key", *ends), now)

    async def linked(self, key: ThreadKey) -> str:
        """The order somebody linked a thread to, "" where that is left to the marketplace."""
        desk = await self._ledger.run(thread_desk.desk_rows, [key])
        return thread_desk.linked_no(desk[key]) if key in desk else ""

    async def link_order(self, key: ThreadKey, order_no: str, operator: str, now: int) -> bool:
        """Say which of the store's orders a thread is about, "" to leave that to the marketplace; True if changed."""
        values: Values = {"order_no": order_no, "linked_by": operator}
        return bool(await self._decide({key: values}, ("order_no",), now))

    async def note(self, key: ThreadKey, operator: str, text: str, now: int) -> int:
        """Add a note to a thread, which never leaves the house; returns its id."""
        return await self._ledger.run(thread_desk.note, key, operator, text, now)

    async def claim(
        self, keys: Sequence[ThreadKey], operator: str, on: bool, now: int, *, for_s: int = CLAIM_S
    ) -> list[ThreadKey]:
        """Take threads on for `for_s` seconds, or give up one's own; returns those that changed."""
        return await self._ledger.run(thread_desk.claim, keys, operator, on, now, for_s)

    async def claims(self, keys: Sequence[ThreadKey], now: int) -> dict[ThreadKey, str]:
        """Who has which of the threads at this moment."""
        return await self._ledger.run(thread_desk.claims, keys, now)

    async def log_auto_reply(self, key: ThreadKey, message_id: str, rule: str, now: int) -> bool:
        """Note that a buyer's message is answered by a rule; False when it was already, and must not be again."""
        return await self._ledger.run(thread_desk.log_auto_reply, key, message_id, rule, now)

    async def auto_replies(self, key: ThreadKey, since: int = 0) -> list[tuple[str, str, int]]:
        """A thread's automatic answers since a moment (epoch s), oldest first: message answered, rule, when."""
        return await self._ledger.run(thread_desk.auto_replies, key, since)

    # With the rest of the house

    async def keep_counts(self, now: int) -> tuple[int, ...]:
        """The header's numbers of the inbox as Counts has them, also left in the cache for readers."""
        return await self._cache.run(answer_counts.INBOX_COUNTS.keep, now)

    async def catch_up(self, now: int) -> None:
        """Bring the cache in step with the ledger: a crash or a restore may have come between them."""
        desk = await self._ledger.run(thread_desk.all_rows)
        await self._cache.run(thread_desk.repeat_all, desk, self._rules, now)

    async def erase_buyer(self, store_id: str, order_no: str, now: int) -> ErasedBuyer:
        """Forget what the buyer of an order and the store wrote to each other; see `erasure`. Several transactions.

        Replies that have not left are taken back. Written down first: what a crash interrupts is done at the next
        start, and may be repeated.
        """
        keys = await self._cache.run(erasure.threads_of_buyer, store_id, order_no)
        if not keys:
            return ErasedBuyer((), (), 0)
        await self._ledger.run(erasure.overwrite_deleted, True)
        waiting = await self._ledger.run(erasure.waiting_replies, keys)
        await self._ledger.run(outbox.take_back, None, waiting, now)
        on_their_way = await self._ledger.run(erasure.forget_talks, keys, now)
        await self._ledger.run(erasure.empty_log)
        await self._cache.run(erasure.overwrite_deleted, True)
        try:
            desk = await self._ledger.run(thread_desk.desk_rows, keys)
            rows = await self._cache.run(thread_desk.repeat, desk, self._rules, now)
            more = await self._cache.run(erasure.merge_index, begin=True)
            while more:
                more = await self._cache.run(erasure.merge_index, begin=False)
            await self._cache.run(erasure.empty_log)
        finally:
            await self._cache.run(erasure.overwrite_deleted, False)
        return ErasedBuyer(tuple(keys), rows, on_their_way)

    async def forget(self, store_id: str) -> None:
        """Drop a store's threads and messages from the cache; several transactions."""
        while await self._cache.run(threads.forget, store_id, _CHUNK) == _CHUNK:
            pass

    async def _decide(self, changes: Mapping[ThreadKey, Values], told: Sequence[str], now: int) -> list[ThreadKey]:
        changed = await self._ledger.run(thread_desk.change, changes, told)
        if changed:
            desk = await self._ledger.run(thread_desk.desk_rows, changed)
            await self._cache.run(thread_desk.repeat, desk, self._rules, now)
        return changed

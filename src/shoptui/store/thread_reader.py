"""The readers' side of conversations: `Reader.threads`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.domain.answers import Answers
from shoptui.domain.messages import Message
from shoptui.domain.orders import Order
from shoptui.domain.rule_types import RateRule
from shoptui.queries.inbox import StoreAnswers, ThreadDetail, ThreadRow
from shoptui.queries.sorting import ThreadSort
from shoptui.store import answer_counts, thread_lookups, thread_orders, thread_reads
from shoptui.store.list_reader import ListReader, Pieces, Run
from shoptui.store.thread_list import THREADS


class ThreadReader(ListReader[ThreadSort]):
    """What screens and commands ask about conversations."""

    def __init__(self, run: Run, pieces: Pieces) -> None:
        super().__init__(run, pieces, THREADS)

    async def rows(self, ids: Sequence[int], now: int) -> list[ThreadRow]:
        """The rows with these ids, in this order; ids that are gone are left out."""
        return await self._run(thread_reads.rows, ids, now)

    async def thread(self, row_id: int, now: int, newest: int = 20) -> ThreadDetail | None:
        """A thread with its newest messages, None when the row is gone or stands for a store without chat."""
        return await self._run(thread_reads.detail, row_id, now, newest)

    async def older_messages(self, row_id: int, before_key: str, most: int = 20) -> list[Message]:
        """The messages here before an order key, the nearest `most` of them, oldest first."""
        return await self._run(thread_reads.older, row_id, before_key, most)

    async def row_of(self, store_id: str, thread_id: str) -> int | None:
        """The row of a thread, None when it is not here."""
        return await self._run(thread_lookups.thread_row, (store_id, thread_id))

    async def of_order(self, store_id: str, order_no: str) -> list[int]:
        """The rows of threads about an order, newest first; without one, those with its buyer."""
        return await self._run(thread_reads.of_order, store_id, order_no)

    async def of_buyer(self, store_id: str, buyer_id: str) -> list[int]:
        """The rows of a store's threads with a buyer, newest first."""
        return await self._run(thread_reads.of_buyer, store_id, buyer_id)

    async def orders_of_buyer(self, row_id: int, most: int = 20) -> list[int]:
        """The rows of the orders of a thread's buyer in its store, newest first: what it may be linked to."""
        return await self._run(thread_reads.orders_of_buyer, row_id, most)

    async def linked_order(self, row_id: int) -> Order | None:
        """The order a thread is about, its recipient masked; None without one, or when it is not in the cache."""
        return await self._run(thread_reads.linked_order, row_id)

    async def linked_orders(self, ids: Sequence[int]) -> dict[int, Order]:
        """The order each of these threads is about, by row, its recipient masked; those without one are left out."""
        return await self._run(thread_orders.linked_orders, ids)

    async def search(self, text: str, most: int = thread_reads.SEARCH_MAX) -> list[int]:
        """The rows of threads in which a text was said, by its newest hit; at most so many."""
        return await self._run(thread_reads.search, text, most)

    async def template_values(self, ids: Sequence[int]) -> dict[int, dict[str, str]]:
        """What templates can be filled with from threads, their stores and their orders: only what has a value.

        When a parcel arrives or leaves and where returns go are not in the cache, or are for the caller to put into
        words.
        """
        return await self._run(thread_reads.template_values, ids)

    async def answers(self, since: int) -> dict[str, Answers]:
        """Per store the questions asked since a moment (epoch s, to the hour); stores without any are left out."""
        return await self._run(answer_counts.answers, since)

    async def answers_by_store(self, now: int, rates: Mapping[str, RateRule] | None = None) -> list[StoreAnswers]:
        """How each store answers, by name; `rates` has the rule of each store that has one."""
        return await self._run(answer_counts.answers_by_store, now, rates or {})

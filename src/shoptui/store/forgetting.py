"""Forgetting a buyer through all three databases: what it reaches, doing it, and who was forgotten."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from shoptui.domain.orders import Recipient
from shoptui.store import cache_reads, documents, erasure, return_erasure, vault
from shoptui.store.database import Database
from shoptui.store.desk import OrderKey
from shoptui.store.erasure import ErasedBuyer
from shoptui.store.return_writer import ReturnWriter
from shoptui.store.thread_lookups import ThreadKey
from shoptui.store.thread_writer import ThreadWriter


@dataclass(frozen=True, slots=True)
class BuyerReach:
    """What forgetting an order's buyer would reach.

    `recipient` is the full address, None where the vault has none. `replies` are those that have not been settled.
    `known` is False when nothing here is of such an order.
    """

    known: bool
    recipient: Recipient | None
    documents: int
    threads: tuple[ThreadKey, ...]
    returns: tuple[str, ...]
    replies: tuple[int, ...]


class Forgetting:
    """The three databases of a house, asked to forget buyers."""

    def __init__(
        self, cache: Database, ledger: Database, vault_db: Database, threads: ThreadWriter, returns: ReturnWriter
    ) -> None:
        self._cache = cache
        self._ledger = ledger
        self._vault = vault_db
        self._threads = threads
        self._returns = returns
        self._forgotten: set[OrderKey] | None = None

    async def reach(self, store_id: str, order_no: str) -> BuyerReach:
        """What forgetting the buyer of an order would reach; changes nothing."""
        key = (store_id, order_no)
        order = await self._cache.run(cache_reads.orders_by_no, store_id, [order_no])
        recipient = await self._vault.run(vault.recipient, store_id, order_no)
        labels = await self._ledger.run(documents.labels, [key])
        threads = await self._cache.run(erasure.threads_of_buyer, store_id, order_no)
        requests = await self._cache.run(return_erasure.requests_of, key)
        replies = await self._ledger.run(erasure.waiting_replies, threads)
        kept = len(labels.get(key, ()))
        known = bool(order or recipient is not None or kept or threads or requests)
        returns = tuple(request.return_id for request in requests)
        return BuyerReach(known, recipient, kept, tuple(threads), returns, tuple(replies))

    async def erase(self, store_id: str, order_no: str, now: int) -> ErasedBuyer:
        """Forget the buyer of an order until now (epoch s); several transactions, may be repeated."""
        if self._forgotten is not None:
            self._forgotten.add((store_id, order_no))
        # Written down before anything is deleted: a copy that is read meanwhile must not bring it back.
        await self._ledger.run(return_erasure.note, (store_id, order_no), now)
        await self._vault.run(erasure.overwrite_deleted, True)
        await self._vault.run(vault.erase, store_id, order_no)
        await self._vault.run(documents.erase_order, store_id, order_no)
        await self._vault.run(erasure.empty_log)
        await self._ledger.run(documents.forget_labels, store_id, order_no)
        await self._returns.erase_buyer(store_id, order_no, now)
        return await self._threads.erase_buyer(store_id, order_no, now)

    async def not_forgotten(self, recipients: list[tuple[str, str, Recipient]]) -> list[tuple[str, str, Recipient]]:
        """The recipients (store id, order number, recipient) that may be kept: whoever was forgotten stays so."""
        if self._forgotten is None:
            self._forgotten = await self._ledger.run(_all_forgotten)
        forgotten = self._forgotten
        return [one for one in recipients if one[:2] not in forgotten] if forgotten else recipients

    def look_again(self) -> None:
        """A store has another name: who was forgotten is looked up anew."""
        self._forgotten = None


def _all_forgotten(db: sqlite3.Connection) -> set[OrderKey]:
    return {(store_id, order_no) for store_id, order_no in db.execute("SELECT store_id, order_no FROM return_erased")}

"""The one writer of a house: the engine's door to cache.db, ledger.db and vault.db.

Each method is one transaction unless it says otherwise. What a method returned from the ledger or the vault is on
the disk (`synchronous=FULL`). Cancelling a call does not stop it half-way: it happens as a whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import chain
from types import TracebackType

from shoptui.adapters.base import SetAside
from shoptui.adapters.desks import Document
from shoptui.domain.clocks import Clock
from shoptui.domain.orders import Order, Recipient
from shoptui.domain.stores import Store
from shoptui.paths import DataDir
from shoptui.queries.labels import LabelRow, StoredDocument
from shoptui.queries.types import Counts, FeedRow
from shoptui.store import (
    audit,
    cache_reads,
    documents,
    files,
    opening,
    outbox_reads,
    renaming,
    stores,
    upsert,
    vault,
)
from shoptui.store.database import Database
from shoptui.store.desk import OrderKey
from shoptui.store.erasure import ErasedBuyer
from shoptui.store.forgetting import BuyerReach, Forgetting
from shoptui.store.ledger_writer import LedgerWriter
from shoptui.store.money_writer import MoneyWriter
from shoptui.store.results import Opened, Upserted
from shoptui.store.return_writer import ReturnWriter
from shoptui.store.stock_writer import StockWriter
from shoptui.store.thread_writer import ThreadWriter

_FORGET_CHUNK = 500
_RECOMPUTE_CHUNK = 500


class Writer(LedgerWriter):
    """Everything the engine changes in the databases. Open it under the engine's lock: there may be only one."""

    def __init__(self, cache: Database, ledger: Database, vault_db: Database, sealer: upsert.Sealer, opened: Opened):
        super().__init__(ledger)
        self._cache = cache
        self._vault = vault_db
        self._sealer = sealer
        self._closed = False
        self.opened = opened
        #: Conversations.
        self.threads = ThreadWriter(cache, ledger)
        #: Returns, refunds and wishes to cancel.
        self.returns = ReturnWriter(cache, ledger)
        #: Balances, statements and what does not agree in them.
        self.money = MoneyWriter(cache, ledger)
        #: Listings, pools and counts.
        self.stock = StockWriter(cache, ledger)
        self._forgetting = Forgetting(cache, ledger, vault_db, self.threads, self.returns)

    @classmethod
    async def open(cls, data_dir: DataDir, now: int) -> Writer:
        """Open the house, making it where there is none.

        A damaged cache is put aside as `cache.db.damaged-<now>` and built anew (`opened.cache_rebuilt`).
        Raises LedgerDamaged, SchemaTooNew, WrongFileSystem or DiskFull, each with a sentence saying what to do.
        """
        files.prepare_directory(data_dir)
        files.refuse_network(data_dir.root)
        opening.refuse_lost_ledger(data_dir)
        ready: list[Database] = []
        try:
            ledger, ran_ledger = await opening.open_ledger(data_dir, now)
            ready.append(ledger)
            vault_db, ran_vault = await opening.open_vault(data_dir, now)
            ready.append(vault_db)
            cache, ran_cache, rebuilt = await opening.open_cache(data_dir, now)
            ready.append(cache)
            salt = await vault_db.run(vault.cache_salt)
        except BaseException:
            for database in reversed(ready):
                await database.close()
            raise
        writer = cls(
            cache, ledger, vault_db, upsert.Sealer(salt), Opened(rebuilt, (*ran_ledger, *ran_vault, *ran_cache))
        )
        try:
            await writer.threads.catch_up(now)
            await writer.returns.catch_up(now)
            await writer.money.catch_up(now)
            await writer.stock.catch_up(now)
        except BaseException:
            await writer.close()
            raise
        return writer

    async def close(self) -> None:
        """Close all three so that readers of another OS user can still open cache and ledger. Twice is once."""
        if self._closed:
            return
        self._closed = True
        async with AsyncExitStack() as steps:
            # Run in reverse: each is tried whatever the one before it met, such as a full disk.
            steps.push_async_callback(opening.close, self._vault, for_readers=False)
            steps.push_async_callback(opening.close, self._ledger, for_readers=True)
            steps.push_async_callback(opening.close, self._cache, for_readers=True)
            steps.push_async_callback(opening.mark_clean, self._cache)

    async def __aenter__(self) -> Writer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # Stores and feeds

    async def put_store(self, store: Store) -> None:
        """Add a store, or bring it up to date."""
        await self._ledger.run(stores.put_store, store)

    async def stores(self) -> list[Store]:
        """All stores by name."""
        return await self._ledger.run(stores.stores)

    async def remove_store(self, store_id: str) -> bool:
        """Forget a store, what the cache has of it, and its buyers; several transactions. True if there was one."""
        removed = await self._ledger.run(stores.remove_store, store_id)
        await self._vault.run(renaming.erase_in_vault, store_id)
        await self._ledger.run(documents.forget_labels, store_id)
        # Orders last: with them goes the store's feed, by which an unfinished removal is found again.
        await self.threads.forget(store_id)
        await self.returns.forget(store_id)
        await self.money.forget(store_id)
        await self.stock.forget(store_id)
        while await self._cache.run(stores.forget_orders, store_id, _FORGET_CHUNK) == _FORGET_CHUNK:
            pass
        return removed

    async def rename_store(self, store_id: str, new_id: str) -> None:
        """Give a store another short name everywhere but in the audit log; several transactions.

        May be repeated: what a crash kept from being renamed is renamed then. The new name must be free.
        """
        await self._ledger.run(renaming.rename_in_tables, store_id, new_id)
        await self._vault.run(renaming.rename_in_vault, store_id, new_id)
        while await self._cache.run(renaming.rename_orders, store_id, new_id, _RECOMPUTE_CHUNK) == _RECOMPUTE_CHUNK:
            pass
        await self._cache.run(renaming.rename_in_tables, store_id, new_id)
        self._forgetting.look_again()

    async def stores_with_leftovers(self) -> list[str]:
        """Stores the cache knows something of, also those whose removal a crash cut short."""
        return await self._cache.run(renaming.stores_with_leftovers)

    async def set_paused(self, store_id: str, paused: bool) -> bool:
        """Pause or resume a store; True if that changed anything."""
        return await self._ledger.run(stores.set_paused, store_id, paused)

    async def put_store_facts(
        self, store_id: str, token_expires_at: int | None, authorisation_ends_at: int | None
    ) -> None:
        """Note when the store's access token and its authorisation end (epoch s, None where not known)."""
        await self._ledger.run(stores.put_facts, store_id, token_expires_at, authorisation_ends_at)

    async def feed(self, store_id: str, name: str = "orders") -> FeedRow | None:
        """The state of a feed, None before it was first saved."""
        return await self._cache.run(stores.feed, store_id, name)

    async def save_feed(self, row: FeedRow) -> None:
        """Keep the state of a feed."""
        await self._cache.run(stores.save_feed, row)

    # Orders

    async def upsert_orders(
        self,
        orders: Sequence[Order],
        *,
        seen_at: int,
        now: int,
        ship_blocks: Mapping[tuple[str, str], str] | None = None,
    ) -> Upserted:
        """Write orders into the cache, their full recipients into the vault first.

        A copy counts only if its version is newer, or the same with other contents; package details read before are
        kept when a copy of the same version lacks them. `ship_blocks` gives, per (store id, order number), the id of
        why the order cannot be shipped by us; orders that are not in it can be.
        """
        if not orders:
            return Upserted((), 0, 0, 0)
        sealed, for_vault = await self._cache.run(upsert.seal_all, self._sealer, orders, ship_blocks or {})
        if for_vault:
            await self._put_recipients(for_vault)
        returns: list[int] = []
        pools: list[int] = []
        hooks = (self.returns.order_hook(returns), self.stock.order_hook(pools))
        done = await self._cache.run(upsert.upsert, self._sealer, sealed, seen_at, now, hooks)
        return replace(done, returns=tuple(returns), pools=tuple(pools))

    async def orders_by_no(self, store_id: str, order_nos: Sequence[str]) -> list[Order]:
        """The named orders, recipients masked; unknown ones are left out."""
        return await self._cache.run(cache_reads.orders_by_no, store_id, order_nos)

    async def order_by_row(self, row_id: int) -> Order | None:
        """The order of a row, recipient masked; None when the row is gone."""
        return await self._cache.run(cache_reads.order_by_row, row_id)

    async def row_ids(self, targets: Sequence[OrderKey]) -> tuple[int, ...]:
        """The rows of orders given by (store id, order number), for change notices."""
        return await self._cache.run(cache_reads.row_ids, targets)

    async def open_order_nos(self, store_id: str) -> set[str]:
        """Numbers of the store's orders that the carrier does not have yet."""
        return await self._cache.run(cache_reads.open_order_nos, store_id)

    async def next_clock_at(self) -> int | None:
        """When the earliest clock ahead passes (epoch s), None without one."""
        return await self._cache.run(cache_reads.next_clock_at)

    async def soonest_loss(self, store_id: str, now: int, before_at: int) -> int | None:
        """A store's earliest next loss between the two moments (epoch s), None when there is none so soon."""
        return await self._cache.run(cache_reads.soonest_loss, store_id, now, before_at)

    async def pass_clocks(self, now: int) -> tuple[int, ...]:
        """Fold the clocks of the orders anew whose next loss has come; returns their rows."""
        return await self._cache.run(upsert.pass_clocks, now)

    async def recompute_all(
        self, clocks_for: Callable[[Order], tuple[Clock, ...]], now: int
    ) -> AsyncIterator[tuple[int, ...]]:
        """Ask for every order's clocks anew (after a change of rules), a few hundred per transaction.

        `clocks_for` runs on the database's thread and must be pure. Yields the rows that changed.
        """
        after: int | None = 0
        while after is not None:
            hooks = (self.returns.order_hook([]),)
            after, changed = await self._cache.run(upsert.recompute, clocks_for, after, _RECOMPUTE_CHUNK, now, hooks)
            if changed:
                yield changed

    async def set_aside(self, records: Sequence[SetAside], at: int) -> None:
        """Keep records that could not be read: raw in the vault, store, number and reason in the cache."""
        await self._vault.run(vault.put_aside, records, at)
        rows = [(record.store_id, record.order_no, record.reason) for record in records]
        await self._cache.run(cache_reads.put_aside, rows, at)

    async def set_aside_rows(self) -> list[tuple[str, str, str, int]]:
        """Store, number, reason and moment of what could not be read, newest first."""
        return await self._cache.run(cache_reads.set_aside_rows)

    async def forget_set_aside(self, store_id: str, order_nos: Sequence[str]) -> None:
        """Drop records of a store that are no longer unreadable or no longer there ("" for those without a number)."""
        await self._cache.run(cache_reads.forget_aside, store_id, order_nos)
        await self._vault.run(vault.forget_aside, store_id, order_nos)

    async def raw_set_aside(self, store_id: str, order_no: str) -> str | None:
        """The raw text of such a record, None when there is none."""
        return await self._vault.run(vault.raw_of, store_id, order_no)

    async def counts(self, now: int) -> Counts:
        """The header's numbers at `now`; also left in the cache for readers."""
        ahead = await self._cache.run(stores.ORDER_COUNTS.keep, now)
        acts, inbox = await self._ledger.run(outbox_reads.counts), await self.threads.keep_counts(now)
        back, stock = await self.returns.keep_counts(now), await self.stock.keep_counts(now)
        return Counts(*chain(ahead, acts, inbox, back, stock, await self.money.counts()))

    # Buyers' details

    async def put_vault(self, store_id: str, order_no: str, recipient: Recipient) -> None:
        """Keep a full recipient."""
        await self._put_recipients([(store_id, order_no, recipient)])

    async def _put_recipients(self, recipients: list[tuple[str, str, Recipient]]) -> None:
        if kept := await self._forgetting.not_forgotten(recipients):
            await self._vault.run(vault.put_recipients, kept)

    async def vault_recipient(self, store_id: str, order_no: str) -> Recipient | None:
        """The full recipient, None when the marketplace never showed it."""
        return await self._vault.run(vault.recipient, store_id, order_no)

    async def digest(self, store_id: str, order_no: str, text: str) -> str:
        """A salted digest of a buyer's data for the audit log; it says nothing once the order was erased."""
        return await self._vault.run(vault.digest, store_id, order_no, text)

    async def buyer_reach(self, store_id: str, order_no: str) -> BuyerReach:
        """What `erase_buyer` would reach."""
        return await self._forgetting.reach(store_id, order_no)

    async def erase_buyer(self, store_id: str, order_no: str, now: int) -> ErasedBuyer:
        """Forget an order's full recipient, its documents, its raw record and the salt of its digests, and what its
        buyer and the store wrote to each other, and in returns, until now (epoch s). The recipient stays forgotten.
        """
        return await self._forgetting.erase(store_id, order_no, now)

    # Documents

    async def put_document(
        self, store_id: str, order_no: str, package_id: str, document: Document, *, size: str = "", now: int
    ) -> str:
        """Keep a parcel's document; durable on return, the bytes first. Returns their SHA-256.

        `size` is as it was asked for, "" for the marketplace's usual one; an older copy of the same is replaced.
        """
        row = LabelRow(
            store_id=store_id,
            order_no=order_no,
            package_id=package_id,
            kind=document.kind.value,
            size=size,
            format=document.format,
            octets=len(document.content),
            sha256=hashlib.sha256(document.content).hexdigest(),
            tracking_number=document.tracking_number,
            fetched_at=now,
        )
        await self._vault.run(documents.put_content, row, document.content)
        await self._ledger.run(documents.put_label, row)
        return row.sha256

    async def document(self, store_id: str, package_id: str, kind: str, size: str = "") -> StoredDocument | None:
        """A parcel's document with its bytes, None when it is not here; size "" takes the newest of its kind."""
        return await self._vault.run(documents.content, store_id, package_id, kind, size)

    async def labels(self, targets: Sequence[OrderKey]) -> dict[OrderKey, list[LabelRow]]:
        """The documents in the house of orders given by (store id, order number), each with its prints."""
        return await self._ledger.run(documents.labels, targets)

    async def stored_kinds(self, targets: Sequence[tuple[str, str]]) -> set[tuple[str, ...]]:
        """Which documents of packages given by (store, package) are in the house, as (store, package, kind, size)."""
        return await self._ledger.run(documents.stored_kinds, targets)

    async def forget_documents(self, before_at: int, most: int = 500) -> int:
        """Forget the bytes of documents fetched before that moment, at most so many; who printed them stays known."""
        gone = await self._vault.run(documents.erase_old, before_at, most)
        if gone < most:
            await self._ledger.run(documents.forget_old_labels, before_at)
        return gone

    # Audit

    async def audit(self, at: int, operator: str, origin: str, what: str, target: str, detail: str = "") -> int:
        """Add an entry to the audit log; returns its number. `target` is a reference, never a buyer's data."""
        seq, link = await self._ledger.run(audit.append, at, operator, origin, what, target, detail)
        await self._vault.run(vault.note_audit_head, seq, link)
        return seq

    async def verify_audit(self) -> int | None:
        """The number of the first entry that is missing or was changed, None when the log is whole."""
        head = await self._vault.run(vault.audit_head)
        return await self._ledger.run(audit.first_broken, head)

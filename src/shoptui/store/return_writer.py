"""The writer's side of returns, `Writer.returns`: one transaction per method unless it says more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence

from shoptui.domain.fx import NO_RATES
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ReturnEvent, ReturnRequest
from shoptui.store import erasure, return_checks, return_erasure, return_lookups, return_reads, return_wishes, returns
from shoptui.store.database import Database
from shoptui.store.order_hooks import OrderHook
from shoptui.store.results import ReturnFacts, ReturnsPut
from shoptui.store.return_lookups import ReturnKey
from shoptui.store.returns import Conversion, NoReturnRules, ReturnDesk, ReturnRules

#: So many requests are worked through in one transaction: others wait for it some tens of milliseconds.
_CHUNK = 200


class ReturnWriter:
    """Everything the engine changes about returns. A request is named by (store id, the marketplace's id).

    Notes, tags and claims of a request are its order's: `Writer.note`, `.tag` and `.claim` keep them.
    """

    def __init__(self, cache: Database, ledger: Database) -> None:
        self._cache = cache
        self._ledger = ledger
        self._desk = ReturnDesk(NoReturnRules(), NO_RATES)

    def follow(self, rules: ReturnRules, rates: Conversion) -> None:
        """Fold requests by these rules and rates from now on; `recompute_all` applies them to what is here already."""
        self._desk = ReturnDesk(rules, rates)

    def order_hook(self, changed: list[int]) -> OrderHook:
        """What keeps wishes to cancel in step with orders as they are written; rows that changed go into `changed`."""
        desk = self._desk
        return lambda db, changes, now: return_wishes.follow_orders(db, changes, desk, now, changed.append)

    # What marketplaces say

    async def put_requests(self, requests: Sequence[ReturnRequest], now: int) -> ReturnsPut:
        """Write requests; a copy older than what is here is left, details that a list leaves out are kept."""
        gone = await self._erased(requests)
        kept = [return_erasure.without_words(request, gone) for request in requests] if gone else requests
        return await self._cache.run(returns.put, kept, self._desk, now)

    async def put_events(self, store_id: str, return_id: str, events: Sequence[ReturnEvent]) -> int | None:
        """Keep what happened to a request; its row if that changed anything, None also for an unknown one."""
        known = await self.facts(store_id, return_id)
        if known is None:
            return None
        gone = await self._erased([known.request])
        kept = return_erasure.events_without_words(events, gone.get((store_id, known.request.order_no)))
        return await self._cache.run(returns.put_events, (store_id, return_id), kept)

    async def _erased(self, requests: Sequence[ReturnRequest]) -> dict[tuple[str, str], int]:
        keys = {(request.store_id, request.order_no) for request in requests}
        return await self._ledger.run(return_erasure.erased, keys)

    # What the engine asks

    async def facts(self, store_id: str, return_id: str) -> ReturnFacts | None:
        """A request as it is here, before it is answered; None for one that is not."""
        return await self._cache.run(return_reads.facts, (store_id, return_id))

    async def open_ids(self, store_id: str) -> set[str]:
        """The store's requests that have not ended, wishes to cancel left aside."""
        return await self._cache.run(return_lookups.open_ids, store_id)

    async def versions(self, store_id: str, return_ids: Collection[str]) -> dict[str, int]:
        """The version (epoch s) that is here of each of the requests; unknown ones are left out."""
        return await self._cache.run(return_lookups.versions, store_id, return_ids)

    async def rows(self, keys: Sequence[ReturnKey]) -> tuple[int, ...]:
        """The rows of requests, for change notices; unknown ones are left out."""
        return await self._cache.run(return_lookups.row_ids, keys)

    async def of_order(self, store_id: str, order_no: str) -> list[int]:
        """The rows of an order's requests, the newest first."""
        return await self._cache.run(return_lookups.of_order, store_id, order_no)

    async def next_clock_at(self) -> int | None:
        """When `pass_clocks` has something to do next (epoch s), None without a clock ahead."""
        return await self._cache.run(return_lookups.next_clock_at)

    async def soonest(self, store_id: str, now: int, before_at: int) -> int | None:
        """A store's earliest clock of a return between the two moments (epoch s), None when there is none so soon."""
        return await self._cache.run(return_lookups.soonest, store_id, now, before_at)

    async def pass_clocks(self, now: int) -> tuple[int, ...]:
        """Fold the clocks anew of the requests whose next loss has come; returns their rows."""
        return await self._cache.run(returns.pass_clocks, self._desk, now)

    async def recompute_all(self, now: int) -> AsyncIterator[tuple[int, ...]]:
        """Find all clocks and dollars anew (after a change of rules or rates); yields the rows that changed."""
        after: int | None = 0
        while after is not None:
            after, changed = await self._cache.run(returns.recompute, self._desk, after, _CHUNK, now)
            if changed:
                yield changed

    # What people do

    async def check_in(
        self, keys: Sequence[ReturnKey], condition: ParcelCondition, note: str, operator: str, now: int
    ) -> tuple[int, ...]:
        """Note what was found in parcels that came back; returns the rows. Looked at again, the later look counts."""
        await self._ledger.run(return_checks.check_in, keys, condition, note, operator, now)
        return await self.rows(keys)

    async def erase_buyer(self, store_id: str, order_no: str, now: int) -> tuple[int, ...]:
        """Forget what the buyer of an order wrote and showed in its returns until now; the rows that changed.

        Several transactions, to be written down before (`return_erasure.note`); may be repeated.
        """
        key = (store_id, order_no)
        requests = await self._cache.run(return_erasure.requests_of, key)
        if not requests:
            return ()
        await self._cache.run(erasure.overwrite_deleted, True)
        try:
            kept = [return_erasure.without_words(request, {key: now}) for request in requests]
            changed = await self._cache.run(returns.put_stripped, kept, self._desk, now)
            await self._cache.run(return_erasure.forget_events, key, now)
            await self._cache.run(erasure.empty_log)
        finally:
            await self._cache.run(erasure.overwrite_deleted, False)
        return changed

    # With the rest of the house

    async def keep_counts(self, now: int) -> tuple[int, ...]:
        """The header's numbers of returns as Counts has them, also left in the cache for readers."""
        return await self._cache.run(return_lookups.RETURN_COUNTS.keep, now)

    async def catch_up(self, now: int) -> None:
        """Find the wishes to cancel in orders that were cached before returns were."""
        await self._cache.run(return_wishes.find_wishes, self._desk, now)

    async def forget(self, store_id: str) -> None:
        """Drop a store's requests from the cache; several transactions."""
        while await self._cache.run(returns.forget, store_id, _CHUNK) == _CHUNK:
            pass

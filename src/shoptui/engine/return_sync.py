"""Owns one store's feed of return requests: what changed, a sweep of the open ones, re-reads after answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shoptui.adapters.returns import ReturnPage, Returns
from shoptui.domain.returns import ReturnRequest
from shoptui.domain.stores import Store
from shoptui.engine.house import House
from shoptui.engine.intake import check_anew, shown
from shoptui.engine.rereads import Rereads
from shoptui.engine.schedule import NEAR_S
from shoptui.engine.side_feed import DAY_S, SideFeed
from shoptui.protocol import Changed

RETURNS = "returns"
#: How far back requests are read at the first sync; open ones are read however old they are. Refunds are explained by
#: them, so this is longer than statements go back.
FIRST_DAYS = 90
#: How often a store's requests are asked for, seconds: while one has to be answered within two hours, and otherwise.
_NEAR_EVERY_S, _USUAL_EVERY_S = 60.0, 300.0
#: How often all open requests are read, seconds: a change that the cursor missed is found then.
_SWEEP_S = 3600
#: Waits between readings of a request that was just answered, seconds: lists lag behind answers.
_REREAD_S = (0, 3, 15, 60)
#: So many requests are read again in one go.
_REREAD_MAX = 50


class ReturnSync(SideFeed):
    """The feed `returns` of one store."""

    name = RETURNS

    def __init__(self, house: House, store: Store, returns: Returns | None) -> None:
        super().__init__(house, store, served=returns is not None)
        self._returns = returns
        self._swept_at = 0
        self._rereads = Rereads(_REREAD_S, _REREAD_MAX)

    def reread(self, return_ids: Iterable[str]) -> None:
        """Read these again at once, and some more times: they were just answered."""
        self._rereads.ask(return_ids, self.house.clock.now())

    async def look(self, since: int | None) -> int:
        assert self._returns is not None
        began_at = self.house.now()
        if since is None or began_at - self._swept_at >= _SWEEP_S:
            await self._sweep(self._returns)
            self._swept_at = began_at
        first = since is None
        start = began_at - FIRST_DAYS * DAY_S if since is None else since
        async for page in self._returns.changed(self.store, start, began_at):
            await self._take_in(page, quiet=first)
        await self.between()
        return began_at

    async def _sweep(self, returns: Returns) -> None:
        """Read all open requests, and those that are open here but not there."""
        seen: set[str] = set()
        async for page in returns.waiting(self.store):
            await self._take_in(page, quiet=self.feed.cursor_at is None)
            seen.update(request.return_id for request in page.requests)
            seen.update(record.order_no for record in page.set_aside)
        gone = sorted(await self.house.writer.returns.open_ids(self.store.store_id) - seen)
        if gone:
            await self._take_in(await returns.by_id(self.store, gone), quiet=False)

    async def between(self) -> None:
        now = self.house.clock.now()
        if not (due := self._rereads.due(now)):
            return
        await self.read_now(due)
        for return_id in due:
            self._rereads.was_read(return_id, now, done=await self._has_moved_on(return_id))

    async def _has_moved_on(self, return_id: str) -> bool:
        """Whether the store has nothing to answer any more, so that reading on would bring nothing."""
        facts = await self.house.writer.returns.facts(self.store.store_id, return_id)
        return facts is None or not facts.request.answers

    def next_between_at(self) -> float:
        return self._rereads.next_at()

    async def read_now(self, return_ids: Sequence[str]) -> list[ReturnRequest]:
        """Read requests now, with what happened to each. Raises AdapterError."""
        assert self._returns is not None
        page = await self._returns.by_id(self.store, return_ids)
        await self._take_in(page, quiet=False)
        return list(page.requests)

    async def read_history(self, request: ReturnRequest) -> None:
        """Read what happened to a request, and keep it. Raises AdapterError."""
        assert self._returns is not None
        events = await self._returns.history(self.store, request)
        row_id = await self.house.writer.returns.put_events(request.store_id, request.return_id, events)
        if row_id is not None:
            self.house.hub.publish(Changed(returns=(row_id,)))

    async def _take_in(self, page: ReturnPage, *, quiet: bool) -> None:
        """Write a page. At the first sync nobody is told of single rows: a notice at its end says "many"."""
        house = self.house
        await self.set_aside(page.set_aside, (request.return_id for request in page.requests))
        put = await house.writer.returns.put_requests(page.requests, house.now())
        if put.changed:
            house.hub.publish(Changed(returns=() if quiet else shown(put.changed), counts=True))
            await check_anew(house, self.store, [request.order_no for request in page.requests])
            # The order's row shows that something is asked of it.
            await self._tell_orders(page.requests)

    async def _tell_orders(self, requests: Sequence[ReturnRequest]) -> None:
        rows = await self.house.writer.row_ids([(request.store_id, request.order_no) for request in requests])
        if rows:
            self.house.hub.publish(Changed(orders=shown(rows)))

    async def interval_s(self) -> float:
        now = self.house.now()
        near = await self.house.writer.returns.soonest(self.store.store_id, now, now + NEAR_S)
        return _USUAL_EVERY_S if near is None else _NEAR_EVERY_S

    def notice(self, *, many: bool) -> Changed:
        return Changed(returns=None if many else ())

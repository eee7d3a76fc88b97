"""Lazada's reverse orders: listed, read in full, what an answer wants, and pictures for a refusal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from shoptui.adapters.base import Malformed, Unsupported
from shoptui.adapters.desks import Reason
from shoptui.adapters.http import Answer
from shoptui.adapters.lazada.client import ShopClient
from shoptui.adapters.lazada.errors import TITLE
from shoptui.adapters.lazada.return_mapping import ASKS, OPEN_STATUSES, to_event, to_request
from shoptui.adapters.lazada.return_wire import HistoryPage, ReasonRecord, ReverseList, ReverseRecord, Uploaded
from shoptui.adapters.lazada.wire import read_data, read_raw, read_result, validated
from shoptui.adapters.return_answers import REFUSALS, cannot, picture_type, read_requests, sends_back
from shoptui.adapters.returns import AnswerNeeds, ReturnPage, joined
from shoptui.adapters.singles import look_each
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnEvent, ReturnRequest
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell

#: Requests on one page; the documents' samples have no more.
PAGE_MAX = 50
#: Our own bound; Lazada names none for a comment.
COMMENT_MAX = 500
PICTURE_MAX_MB = 2

_LIST = "/reverse/getreverseordersforseller"
_PAGES_MAX = 10_000
_FEED = "returns"
_HISTORY_MAX = 50


class LazadaReturns:
    """Buyers' return and refund requests, read for any store of the app."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def changed(self, store: Store, since: int, until: int) -> AsyncIterator[ReturnPage]:
        """Requests with a unit that changed in the time; the filter is documented in milliseconds."""
        span = {
            "ReverseOrderLineModifiedTimeRangeStart": str(since * 1000),
            "ReverseOrderLineModifiedTimeRangeEnd": str(until * 1000),
        }
        async for page in self._pages(store, span):
            yield page

    async def waiting(self, store: Store) -> AsyncIterator[ReturnPage]:
        """One search for all statuses in which something is still to come."""
        async for page in self._pages(store, {"reverse_status_list": json.dumps(list(OPEN_STATUSES))}):
            yield page

    async def by_id(self, store: Store, return_ids: Sequence[str]) -> ReturnPage:
        """The named requests with the buyers' pictures, two calls each; those Lazada does not know are left out."""
        page = await self.states(store, return_ids, feed=_FEED)

        async def full(request: ReturnRequest) -> ReturnRequest:
            events = await self.history(store, request)
            links = [link for event in events if event.who == "buyer" for link in event.links]
            return replace(request, evidence=tuple(dict.fromkeys(links)))

        return ReturnPage(tuple(await look_each(page.requests, full)), page.set_aside)

    async def states(self, store: Store, return_ids: Sequence[str], *, feed: str) -> ReturnPage:
        """The requests as lists tell them, a call each: the search takes one id."""

        async def one(return_id: str) -> ReturnPage:
            return await self._page(store, {"reverse_order_id": return_id}, 1, feed)

        return joined(await look_each(list(dict.fromkeys(return_ids)), one))

    async def needs(self, store: Store, request: ReturnRequest, answer: ReturnAnswer) -> AnswerNeeds | Unsupported:
        """Refusals are a person's to look at one by one: each takes a comment, and one unit a call."""
        if answer is ReturnAnswer.OFFER:
            return Unsupported("Lazada knows no offers: agree, refund or refuse.", "no_offer")
        why = cannot(request, answer, TITLE)
        if why is not None:
            return why
        if answer not in REFUSALS:
            return AnswerNeeds(ship_to=request.ship_to if sends_back(request, answer) else "")
        if request.ask is ReturnAsk.REFUND:
            return AnswerNeeds(comment_needed=True, comment_max=COMMENT_MAX, pictures=1, batch=False)
        reasons = await self.reasons(store, request, feed="choices")
        if not reasons:
            return Unsupported("Lazada names no reason for refusing this; refuse in Seller Center.", "reason")
        pictures = 1 if answer is ReturnAnswer.GOODS_REFUSED else 0
        return AnswerNeeds(reasons, comment_needed=True, comment_max=COMMENT_MAX, pictures=pictures, batch=False)

    async def history(self, store: Store, request: ReturnRequest) -> Sequence[ReturnEvent]:
        """The steps of the request's first unit: who and when, with pictures; Lazada does not say what."""
        line_id = next((line.line_id for line in request.lines if line.line_id), "")
        if not line_id:
            return ()
        page = await self._client.get(
            store,
            "/order/reverse/return/history/list",
            lambda answer: read_data(answer, HistoryPage),
            feed=_FEED,
            params={"reverse_order_line_id": line_id, "page_number": "1", "page_size": str(_HISTORY_MAX)},
        )
        return sorted((to_event(step) for step in page.steps or ()), key=lambda event: event.at)

    async def upload(self, store: Store, request: ReturnRequest, name: str, content: bytes) -> str | Unsupported:
        kind = picture_type(name, content, TITLE, most_mb=PICTURE_MAX_MB)
        if isinstance(kind, Unsupported):
            return kind
        found = await self._client.upload(
            store,
            "/image/upload",
            lambda answer: read_data(answer, Uploaded),
            feed="upload",
            file=("image", name, kind, content),
        )
        return found.image.url

    async def reasons(self, store: Store, request: ReturnRequest, *, feed: str) -> tuple[Reason, ...]:
        """What may be given now for refusing the request's first unit that waits."""
        line_id = lines_of(request)[0] if lines_of(request) else ""

        def read(answer: Answer) -> list[ReasonRecord]:
            rows = read_raw(answer).get("data")
            return [validated(answer, ReasonRecord, row) for row in (rows if isinstance(rows, list) else ())]

        records = await self._client.get(
            store, "/order/reverse/reason/list", read, feed=feed, params={"reverse_order_line_id": line_id}
        )
        return tuple(
            Reason(record.reason_id, sanitise_cell(record.text or record.muti_language_text or record.reason_id))
            for record in records
        )

    async def _pages(self, store: Store, query: Mapping[str, str]) -> AsyncIterator[ReturnPage]:
        """Pages count from 1. What moves while they are read comes once in its newest version."""
        seen: set[tuple[str, int]] = set()
        read = 0
        for number in range(1, _PAGES_MAX):
            page = await self._page(store, {"request_type_list": json.dumps(list(ASKS)), **query}, number, _FEED)
            rows = len(page.requests) + len(page.set_aside)
            read += rows
            new = tuple(each for each in page.requests if (each.return_id, each.updated_at) not in seen)
            seen.update((each.return_id, each.updated_at) for each in new)
            yield ReturnPage(new, page.set_aside, page.total if number == 1 else None)
            if not rows or (page.total is not None and read >= page.total):
                return
        raise Malformed("Lazada's pages of returns do not end")

    async def _page(self, store: Store, query: Mapping[str, str], number: int, feed: str) -> ReturnPage:
        found = await self._client.get(
            store,
            _LIST,
            lambda answer: read_result(answer, ReverseList, under="", exact=True),
            feed=feed,
            params={**query, "page_no": str(number), "page_size": str(PAGE_MAX)},
        )
        requests, set_aside = read_requests(
            found.items or (),
            store.store_id,
            "reverse_order_id",
            lambda raw: to_request(ReverseRecord.model_validate(raw), store.store_id, store.currency),
        )
        return ReturnPage(requests, set_aside, found.total)


def lines_of(request: ReturnRequest) -> list[str]:
    """The units that wait for an answer, by their own ids."""
    return [line_id for line_id in dict(request.wire).get("lines", "").split(",") if line_id]

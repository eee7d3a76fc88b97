"""TikTok Shop's return and refund requests: searched, read in full, what an answer wants, pictures for a refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from shoptui.adapters.base import Malformed, Unsupported
from shoptui.adapters.http import Answer
from shoptui.adapters.return_answers import REFUSALS, cannot, picture_type, read_requests, sends_back
from shoptui.adapters.returns import AnswerNeeds, ReturnPage, joined
from shoptui.adapters.singles import look_each
from shoptui.adapters.tiktok.cancellations import Cancellations
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.errors import TITLE
from shoptui.adapters.tiktok.return_mapping import IN_ARBITRATION, OPEN_STATUSES, to_event, to_request
from shoptui.adapters.tiktok.return_wire import (
    HistoryAnswer,
    ReturnList,
    ReturnListAnswer,
    ReturnRecord,
    UploadedAnswer,
)
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.returns import ReturnAnswer, ReturnEvent, ReturnRequest
from shoptui.domain.stores import Store

RETURNS = "/return_refund/202309/returns"

#: Requests on one page, and named in one search (sheet, section 1).
PAGE_MAX = 50
#: The longest comment with a refusal (sheet, section 9.4).
COMMENT_MAX = 500
#: Pictures one refusal may have (sheet, section 9.4).
PICTURES_MAX = 6
PICTURE_MAX_MB = 10

_PAGES_MAX = 10_000
_FEED = "returns"


class TikTokReturns:
    """Buyers' return and refund requests, read for any store of the app."""

    def __init__(self, client: ShopClient, cancellations: Cancellations) -> None:
        self._client = client
        self._cancellations = cancellations

    async def changed(self, store: Store, since: int, until: int) -> AsyncIterator[ReturnPage]:
        """Requests by their last change, the oldest first; what changes while pages are read comes again."""
        window = {"update_time_ge": since, "update_time_lt": until}
        async for page in self._pages(store, window, sort="update_time"):
            yield page

    async def waiting(self, store: Store) -> AsyncIterator[ReturnPage]:
        """Two searches: open by their status, and those that TikTok Shop's staff decides, whose status says refused."""
        seen: set[str] = set()
        for body in ({"return_status": list(OPEN_STATUSES)}, {"arbitration_status": [IN_ARBITRATION]}):
            async for page in self._pages(store, body, sort="create_time"):
                new = tuple(request for request in page.requests if request.return_id not in seen)
                twice = len(page.requests) - len(new)
                seen.update(request.return_id for request in new)
                total = None if page.total is None else max(page.total - twice, 0)
                yield ReturnPage(new, page.set_aside, total)

    async def by_id(self, store: Store, return_ids: Sequence[str]) -> ReturnPage:
        """The requests with the buyers' own words and pictures, which only their records tell: a call more each."""
        page = await self.states(store, return_ids, feed=_FEED)

        async def full(request: ReturnRequest) -> ReturnRequest:
            events = await self.history(store, request)
            first = next((event for event in events if event.who == "buyer"), None)
            return request if first is None else replace(request, buyer_note=first.note, evidence=first.links)

        return ReturnPage(tuple(await look_each(page.requests, full)), page.set_aside)

    async def states(self, store: Store, return_ids: Sequence[str], *, feed: str) -> ReturnPage:
        """The requests as lists tell them, without the buyers' words: the fewest calls that say where each stands."""
        wanted = list(dict.fromkeys(map(segment, return_ids)))
        pages: list[ReturnPage] = []
        for start in range(0, len(wanted), PAGE_MAX):
            named = wanted[start : start + PAGE_MAX]
            pages += [page async for page in self._pages(store, {"return_ids": named}, sort="create_time", feed=feed)]
        return joined(pages)

    async def needs(self, store: Store, request: ReturnRequest, answer: ReturnAnswer) -> AnswerNeeds | Unsupported:
        why = cannot(request, answer, TITLE)
        if why is not None:
            return why
        if answer not in REFUSALS:
            return AnswerNeeds(ship_to=request.ship_to if sends_back(request, answer) else "")
        reasons = await self._cancellations.reject_reasons(store, request.return_id, feed="choices")
        if not reasons:
            return Unsupported("TikTok Shop names no reason for refusing this; refuse in Seller Center.", "reason")
        return AnswerNeeds(reasons, comment_max=COMMENT_MAX)

    async def history(self, store: Store, request: ReturnRequest) -> Sequence[ReturnEvent]:
        envelope = await self._client.call(
            store,
            "return.records",
            "GET",
            f"{RETURNS}/{segment(request.return_id)}/records",
            lambda answer: read_envelope(answer, HistoryAnswer, exact=True),
            feed=_FEED,
            params={"locale": "en-US"},
        )
        events = [to_event(record) for record in (envelope.data.records if envelope.data else None) or ()]
        return sorted(events, key=lambda event: event.at)

    async def upload(self, store: Store, request: ReturnRequest, name: str, content: bytes) -> str | Unsupported:
        kind = picture_type(name, content, TITLE, most_mb=PICTURE_MAX_MB)
        if isinstance(kind, Unsupported):
            return kind
        envelope = await self._client.upload(
            store,
            "picture.upload",
            "/product/202309/images/upload",
            lambda answer: read_envelope(answer, UploadedAnswer),
            feed="upload",
            file=("data", name, kind, content),
        )
        if envelope.data is None:
            raise Malformed("TikTok Shop took the picture but gave no address for it")
        found = envelope.data
        size = {"width": str(found.width or 0), "height": str(found.height or 0)}
        return f"{found.uri}?{urlencode({'mime_type': kind, **size})}"

    async def _pages(
        self, store: Store, body: Mapping[str, object], *, sort: str, feed: str = _FEED
    ) -> AsyncIterator[ReturnPage]:
        token, first = "", True
        for _ in range(_PAGES_MAX):
            params = {"page_size": str(PAGE_MAX), "sort_field": sort, "sort_order": "ASC"}
            if token:
                params["page_token"] = token
            data = await self._client.call(
                store, "return.search", "POST", f"{RETURNS}/search", _listed, feed=feed, params=params, body=body
            )
            requests, set_aside = read_requests(
                data.return_orders or (),
                store.store_id,
                "return_id",
                lambda raw: to_request(ReturnRecord.model_validate(raw), store.store_id),
            )
            yield ReturnPage(requests, set_aside, data.total_count if first else None)
            following = data.next_page_token or ""
            if not following or following == token:
                return
            token, first = following, False
        raise Malformed("TikTok Shop's pages of returns do not end")


def picture_fields(link: str) -> dict[str, object]:
    """An uploaded picture as a refusal names it; `link` is what `upload` gave."""
    uri, _, query = link.partition("?")
    told = dict(parse_qsl(query))
    fields: dict[str, object] = {"image_id": uri}
    if "mime_type" in told:
        fields["mime_type"] = told["mime_type"]
    for side in ("width", "height"):
        if told.get(side, "0").isdigit() and int(told.get(side, "0")):
            fields[side] = int(told[side])
    return fields


def _listed(answer: Answer) -> ReturnList:
    return read_envelope(answer, ReturnListAnswer, exact=True).data or ReturnList()

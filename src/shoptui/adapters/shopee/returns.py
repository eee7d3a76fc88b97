"""Shopee's returns: listed and read in full, what an answer wants, and pictures for a dispute."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from shoptui.adapters.base import AdapterError, Malformed, Rejected, SetAside, Unsupported
from shoptui.adapters.desks import Reason
from shoptui.adapters.http import Answer
from shoptui.adapters.return_answers import REFUSALS, cannot, picture_type, read_requests, sends_back
from shoptui.adapters.returns import AnswerNeeds, ReturnPage
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import TITLE
from shoptui.adapters.shopee.orders import windows
from shoptui.adapters.shopee.return_mapping import OPEN_STATUSES, to_request
from shoptui.adapters.shopee.return_wire import (
    Converted,
    DisputeReason,
    DisputeReasons,
    EvidenceModule,
    ReturnList,
    ReturnRecord,
    ReverseTracking,
    ShopAddresses,
    Solution,
    Solutions,
)
from shoptui.adapters.shopee.wire import read_response
from shoptui.adapters.singles import each
from shoptui.domain.intents import CauseId
from shoptui.domain.returns import ReturnAnswer, ReturnEvent, ReturnRequest, ReturnState
from shoptui.domain.stores import CONTACT_EMAIL, Store
from shoptui.text import sanitise_cell

#: Requests on one page (sheet, section 7.2).
PAGE_MAX = 100
#: Our own bound; Shopee names none for the text of a dispute.
COMMENT_MAX = 500
PICTURES_PER_MODULE = 3
PICTURE_MAX_MB = 10

#: How the address is marked that returns go to.
_RETURNS_TO = "RETURN_ADDRESS"
_PAGES_MAX = 10_000
_FEED = "returns"
_NO_EMAIL = Unsupported("Shopee wants the seller's e-mail address with a dispute; the store has none set.", "no_email")


class ShopeeReturns:
    """Buyers' return and refund requests, read for any store of the app."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def changed(self, store: Store, since: int, until: int) -> AsyncIterator[ReturnPage]:
        """Requests by their last change, in windows of 15 days; Shopee gives no counts."""
        seen: set[tuple[str, int]] = set()
        for start, end in windows(since, until):
            window = {"update_time_from": str(start), "update_time_to": str(end)}
            async for page in self._pages(store, window):
                # What lies on the border of two windows is listed in both.
                new = [each for each in page.requests if (each.return_id, each.updated_at) not in seen]
                seen.update((each.return_id, each.updated_at) for each in new)
                yield ReturnPage(tuple(each for each in new if each.updated_at < until), page.set_aside)

    async def waiting(self, store: Store) -> AsyncIterator[ReturnPage]:
        """One search for each status in which something is still to come."""
        seen: set[str] = set()
        for status in OPEN_STATUSES:
            async for page in self._pages(store, {"status": status}):
                new = tuple(each for each in page.requests if each.return_id not in seen)
                seen.update(each.return_id for each in new)
                yield ReturnPage(new, page.set_aside)

    async def by_id(self, store: Store, return_ids: Sequence[str]) -> ReturnPage:
        """The named requests, a call each; those Shopee does not know are left out."""
        return await self.states(store, return_ids, feed=_FEED)

    async def states(self, store: Store, return_ids: Sequence[str], *, feed: str) -> ReturnPage:
        """The requests as they stand now, read for this feed; see `by_id`."""
        wanted = list(dict.fromkeys(return_ids))
        found = await each(wanted, lambda return_id: self._detail(store, return_id, feed))
        requests: list[ReturnRequest] = []
        set_aside: list[SetAside] = []
        for return_id, result in zip(wanted, found, strict=True):
            if isinstance(result, ReturnRequest):
                requests.append(result)
            elif isinstance(result, Rejected) and result.cause.id is CauseId.NOT_OURS:
                continue
            elif isinstance(result, Malformed):
                set_aside.append(SetAside(store.store_id, return_id, result.message, ""))
            else:
                raise result
        return ReturnPage(tuple(requests), tuple(set_aside))

    async def needs(self, store: Store, request: ReturnRequest, answer: ReturnAnswer) -> AnswerNeeds | Unsupported:
        why = cannot(request, answer, TITLE)
        if why is not None:
            return why
        if answer is ReturnAnswer.OFFER:
            solution = await self.solution(store, request.return_id, feed="choices")
            if solution is None or not solution.eligibility:
                return Unsupported("Shopee lets nothing be offered for this request.", "no_offer")
            return AnswerNeeds()
        if answer not in REFUSALS:
            return AnswerNeeds(ship_to=await self._return_address(store) if sends_back(request, answer) else "")
        if not store.wire.get(CONTACT_EMAIL):
            return _NO_EMAIL
        known = await self.disputes(store, request.return_id, feed="choices")
        if not known:
            return Unsupported("Shopee names no reason for a dispute now; see Seller Centre.", "reason")
        pictures = max(len(required(reason)) for reason in known)
        return AnswerNeeds(
            tuple(Reason(one.dispute_reason, dispute_text(one)) for one in known),
            comment_max=COMMENT_MAX,
            pictures=pictures,
            # Pictures are handed in for one request each.
            batch=pictures == 0,
        )

    async def _return_address(self, store: Store) -> str:
        """Where goods come back to: a request does not say it, the shop's addresses do; "" where they cannot be read,
        for it is only told and changes no answer."""
        try:
            found = await self._client.get(
                store,
                "/logistics/get_address_list",
                lambda answer: read_response(answer, ShopAddresses),
                feed="choices",
            )
        except AdapterError:
            return ""
        for one in found.address_list or ():
            if _RETURNS_TO in (one.address_type or ()):
                parts = (one.address, one.district, one.city, one.state, one.zipcode)
                return sanitise_cell(", ".join(part for part in parts if part))
        return ""

    async def history(self, store: Store, request: ReturnRequest) -> Sequence[ReturnEvent]:
        """What is known of it: the asking, the parcel's way back, where it stands now. Shopee keeps no log."""
        events = [
            ReturnEvent(request.created_at, "buyer", request.reason or "asked", request.buyer_note, request.evidence)
        ]
        if request.tracking_number:
            told = await self._client.get(
                store,
                "/returns/get_reverse_tracking_info",
                lambda answer: read_response(answer, ReverseTracking),
                feed=_FEED,
                params={"return_sn": request.return_id},
            )
            events += [
                ReturnEvent(step.update_time, "system", sanitise_cell(step.tracking_description or ""))
                for step in told.tracking_info or ()
                if step.update_time
            ]
        if request.updated_at > request.created_at:
            who = "platform" if request.state is ReturnState.JUDGED else "system"
            events.append(ReturnEvent(request.updated_at, who, request.raw_state))
        return sorted(events, key=lambda event: event.at)

    async def upload(self, store: Store, request: ReturnRequest, name: str, content: bytes) -> str | Unsupported:
        kind = picture_type(name, content, TITLE, most_mb=PICTURE_MAX_MB)
        if isinstance(kind, Unsupported):
            return kind
        converted = await self._client.upload(
            store,
            "/returns/convert_image",
            lambda answer: read_response(answer, Converted),
            feed="upload",
            fields={"return_sn": request.return_id},
            file=("upload_image", name, kind, content),
        )
        return converted.url

    # --- what the desk asks too ---------------------------------------------------------------------------

    async def solution(self, store: Store, return_id: str, *, feed: str) -> Solution | None:
        """What money may be offered to a buyer who keeps the goods; None where Shopee says nothing."""
        found = await self._client.get(
            store,
            "/returns/get_available_solutions",
            lambda answer: read_response(answer, Solutions, exact=True),
            feed=feed,
            params={"return_sn": return_id},
        )
        return found.offer_refund

    async def disputes(self, store: Store, return_id: str, *, feed: str) -> Sequence[DisputeReason]:
        """The reasons for a dispute that fit the request now, with the evidence each wants."""
        found = await self._client.get(
            store,
            "/returns/get_return_dispute_reason",
            lambda answer: read_response(answer, DisputeReasons),
            feed=feed,
            params={"return_sn": return_id},
        )
        return found.dispute_reason_list or ()

    # --- inside -------------------------------------------------------------------------------------------

    async def _detail(self, store: Store, return_id: str, feed: str) -> ReturnRequest:
        def read(answer: Answer) -> ReturnRequest:
            record = read_response(answer, ReturnRecord, exact=True)
            try:
                return to_request(record, store.store_id)
            except (ValueError, ArithmeticError) as error:
                raise Malformed(str(error)) from None

        return await self._client.get(
            store, "/returns/get_return_detail", read, feed=feed, params={"return_sn": return_id}
        )

    async def _pages(self, store: Store, query: Mapping[str, str]) -> AsyncIterator[ReturnPage]:
        """The first page may be number 0 or 1, or both (sheet, section 7.2): from 0 on, and what comes twice once."""
        seen: set[str] = set()
        for number in range(_PAGES_MAX):
            page = await self._client.get(
                store,
                "/returns/get_return_list",
                lambda answer: read_response(answer, ReturnList, exact=True),
                feed=_FEED,
                params={**query, "page_no": str(number), "page_size": str(PAGE_MAX)},
            )
            rows = page.rows or []
            requests, set_aside = read_requests(
                rows,
                store.store_id,
                "return_sn",
                lambda raw: to_request(ReturnRecord.model_validate(raw), store.store_id),
            )
            new = [request for request in requests if request.return_id not in seen]
            seen.update(request.return_id for request in new)
            if new or (set_aside and number != 1):
                yield ReturnPage(await self._with_offers(store, new), set_aside)
            if not page.more or not rows:
                return
        raise Malformed("Shopee's pages of returns do not end")

    async def _with_offers(self, store: Store, requests: Sequence[ReturnRequest]) -> tuple[ReturnRequest, ...]:
        """The requests, those read in full about which may have been negotiated: lists do not tell the amounts."""
        moved = [
            request.return_id
            for request in requests
            if request.state is ReturnState.OFFERED
            or (request.state is ReturnState.ASKED and request.updated_at > request.created_at)
        ]
        if not moved:
            return tuple(requests)
        full = {request.return_id: request for request in (await self.states(store, moved, feed=_FEED)).requests}
        return tuple(full.get(request.return_id, request) for request in requests)


#: What Shopee's numbers of dispute reasons stand for (sheet, section 7.5).
_DISPUTE_TEXT = {
    **dict.fromkeys(("46", "81"), "The return parcel has not come"),
    **dict.fromkeys(("47", "82"), "The goods came back damaged"),
    **dict.fromkeys(("48", "83"), "The goods came back incomplete"),
    **dict.fromkeys(("49", "84"), "Another product came back"),
    **dict.fromkeys(("50", "53", "86"), "The buyer's claim is incorrect"),
    **dict.fromkeys(("45", "85"), "Outside the time for returns"),
    **dict.fromkeys(("56", "89"), "The goods came back used"),
    "54": "A wrong amount was refunded",
    "55": "Other concerns",
    "87": "Excluded from the right to withdraw",
    "88": "The buyer does not answer",
}


def dispute_text(reason: DisputeReason) -> str:
    """A reason for a dispute in words."""
    known = _DISPUTE_TEXT.get(reason.dispute_reason)
    return known or sanitise_cell(reason.dispute_requirement or "") or f"Reason {sanitise_cell(reason.dispute_reason)}"


def required(reason: DisputeReason) -> list[EvidenceModule]:
    """The kinds of evidence a reason cannot be given without."""
    return [module for module in reason.evidence_module_list or () if module.is_required]


def evidence_list(reason: DisputeReason, links: Sequence[str]) -> list[dict[str, object]] | None:
    """Pictures in order as evidence: one for each kind that is required, the others wherever there is room.

    None where there are fewer than are required, or more than there is room for.
    """
    modules = sorted(reason.evidence_module_list or (), key=lambda module: not module.is_required)
    needed = len(required(reason))
    if len(links) < needed or len(links) > PICTURES_PER_MODULE * len(modules):
        return None
    held: dict[int, list[str]] = {
        module.module_index: [link] for module, link in zip(modules[:needed], links[:needed], strict=True)
    }
    for link in links[needed:]:
        index = next(one.module_index for one in modules if len(held.get(one.module_index, ())) < PICTURES_PER_MODULE)
        held.setdefault(index, []).append(link)
    words = {module.module_index: module.requirement or "" for module in modules}
    return [
        {"module_index": index, "requirement": words[index], "image_url": pictures} for index, pictures in held.items()
    ]

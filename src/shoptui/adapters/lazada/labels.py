"""Lazada's label desk: documents come as base64, as a page, or as a link in a frame, and are fetched at once."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping, Sequence

from shoptui.adapters.base import AdapterError, Effect, Malformed, Rejected, Unsupported, Verdict
from shoptui.adapters.calls import packed_json
from shoptui.adapters.codes import Means
from shoptui.adapters.desks import Document, DocumentOffer, Evidence, Outcome, Request, arguments_of
from shoptui.adapters.http import Answer, error_for_status
from shoptui.adapters.lazada import why_not
from shoptui.adapters.lazada.client import ShopClient, id_list
from shoptui.adapters.lazada.desk_calls import Goal, goal_of, send_each
from shoptui.adapters.lazada.errors import row_meaning
from shoptui.adapters.lazada.orders import OrderReader
from shoptui.adapters.lazada.wire import DocumentAnswer, DocumentRecord, ItemRecord, read_data, read_result
from shoptui.adapters.singles import SINGLES_MAX, refused
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import DocumentChoice, DocumentKind
from shoptui.text import sanitise_cell

#: Fetching is harmless and repeated; a label in preparation is looked for again and again until it is there.
LABEL_RULE = SettleRule(Settling.REPEAT, first_look_s=3, give_up_s=1800, resends=40)

#: Sheet, sections 7.1, 7.4 and 7.6. Labels have one size, 105 x 148 mm; the first is the usual one.
OFFERS = (
    DocumentOffer(DocumentKind.LABEL),
    DocumentOffer(DocumentKind.LABEL_AND_SLIP),
    DocumentOffer(DocumentKind.INVOICE, format="html"),
)

# A PDF's mark may follow a few stray bytes.
_MARK_WITHIN = 1024
_FRAME_LINK = re.compile(rb"<iframe\b[^>]*\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(rb"<(?:!doctype|html|body|div|table|head|style|img|p)\b", re.IGNORECASE)


class LabelDesk:
    """Fetches documents of packed parcels (fulfilment, PrintAWB; order, GetDocument): one call, and a download where
    the answer is a link."""

    verb = Verb.LABEL
    rule = LABEL_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, orders: OrderReader) -> None:
        self._client = client
        self._orders = orders

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.label(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        units = await self._orders.units(store, [request.order_no for request in requests], feed="labels")

        async def one(request: Request) -> Outcome:
            return await self._fetch(store, request, _parcel(request, units))

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """Whether the documents could be fetched now. Never DONE: only the bytes themselves settle a label."""
        units = await self._orders.units(store, [request.order_no for request in requests], feed="settle")
        found = [_parcel(request, units) for request in requests]
        return [Evidence(Verdict.NOT_DONE, goal.facts() if isinstance(goal, Goal) else goal.facts) for goal in found]

    async def _fetch(self, store: Store, request: Request, goal: Goal | Outcome) -> Outcome:
        choice = arguments_of(request, DocumentChoice)
        if isinstance(goal, Outcome):
            return goal
        if choice.kind not in {offer.kind for offer in OFFERS}:
            word = choice.kind.value.replace("_", " ")
            return refused(CauseId.UNSUPPORTED, f"Lazada has no {word}; choose another document.")
        for _ in range(2):
            # A link that is dead on arrival gets one successor.
            try:
                record = await self._record(store, choice.kind, goal)
            except Rejected as refusal:
                return _refusal(refusal)
            try:
                found = await self._content(store, record)
            except _LinkGone:
                continue
            except AdapterError as error:
                # The file host is in trouble, not the marketplace: the store's other work goes on.
                return _later(f"The document could not be fetched: {error.message}.")
            if found is None:
                return _later("Lazada gave no document yet; it is tried again later.")
            form, content = found
            document = Document(choice.kind, form, content, sanitise_cell(goal.parcel.tracking_number))
            return Outcome(Verdict.DONE, document=document, facts={**goal.facts(), "bytes": str(len(content))})
        return _later("Lazada's links to the document do not open; it is tried again later.")

    async def _record(self, store: Store, kind: DocumentKind, goal: Goal) -> DocumentRecord:
        if kind is DocumentKind.INVOICE:
            params = {"doc_type": "invoice", "order_item_ids": id_list([unit.order_item_id for unit in goal.kept])}
            answer = await self._client.get(store, "/order/document/get", _read_document, feed="labels", params=params)
            return answer.document or DocumentRecord()
        # One package a call: all packages of a call come as one document.
        wanted: dict[str, object] = {"doc_type": "PDF", "packages": [{"package_id": goal.parcel.package_no}]}
        if kind is DocumentKind.LABEL_AND_SLIP:
            wanted["print_item_list"] = True
        return await self._client.get(
            store,
            "/order/package/document/get",
            _read_label,
            feed="labels",
            params={"getDocumentReq": packed_json(wanted)},
        )

    async def _content(self, store: Store, record: DocumentRecord) -> tuple[str, bytes] | None:
        """Format and bytes, None where there is nothing yet. A page around a link is the link's file."""
        content = _decoded(record.file or "")
        if _is_pdf(content):
            return "pdf", content
        framed = _FRAME_LINK.search(content)
        link = record.pdf_url or (html.unescape(framed[1].decode("utf-8", "replace")) if framed else "")
        if link:
            return "pdf", await self._client.download(store, link, _pdf, feed="labels")
        if _LOOKS_LIKE_HTML.search(content):
            return "html", content
        if content:
            raise Malformed("Lazada sent a document that is neither PDF nor a page", effect=Effect.NONE)
        return None


class _LinkGone(AdapterError):
    """The link has expired or was withdrawn; only a new one helps."""


def _parcel(request: Request, units: Mapping[str, tuple[ItemRecord, ...]]) -> Goal | Outcome:
    goal = goal_of(request, units.get(request.order_no))
    if isinstance(goal, Outcome):
        return goal
    if not goal.parcel.package_no:
        return refused(CauseId.LABEL_EARLY, "The items are not packed, so there is no label; ship the order first.")
    return goal


def _decoded(text: str) -> bytes:
    """Base64 as bytes; what is none is taken for the document itself."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "replace")


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:_MARK_WITHIN]


def _pdf(answer: Answer) -> bytes:
    if answer.status in {403, 404, 410}:
        raise _LinkGone(f"{answer.call.host} does not open the link any more", code=str(answer.status))
    if answer.status != 200:
        raise error_for_status(answer)
    if not _is_pdf(answer.body):
        raise Malformed(f"{answer.call.host} sent something that is no PDF", effect=Effect.NONE)
    return answer.body


def _refusal(refusal: Rejected) -> Outcome:
    # The package may have been packed anew since it was looked up, or is not ready just now.
    again = row_meaning(refusal.code).means in {Means.LOOK, Means.WAIT, Means.TEMPORARY}
    return Outcome(Verdict.WAIT if again else Verdict.REFUSED, refusal.cause)


def _later(sentence: str) -> Outcome:
    return Outcome(Verdict.WAIT, Cause(CauseId.NOT_READY, "", sentence))


def _read_document(answer: Answer) -> DocumentAnswer:
    return read_data(answer, DocumentAnswer)


def _read_label(answer: Answer) -> DocumentRecord:
    return read_result(answer, DocumentRecord)

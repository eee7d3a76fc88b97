"""TikTok Shop's label desk: the documents of a package, asked for by link and fetched as bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.base import AdapterError, Effect, Malformed, Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Document, DocumentOffer, Evidence, Outcome, Request, arguments_of
from shoptui.adapters.http import Answer, error_for_status
from shoptui.adapters.singles import SINGLES_MAX, look_each, refused
from shoptui.adapters.tiktok import why_not
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_calls import send_each
from shoptui.adapters.tiktok.desk_wire import DocumentAnswer, DocumentLink
from shoptui.adapters.tiktok.errors import verdict_of
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import DocumentChoice, DocumentKind
from shoptui.text import sanitise_cell

#: Fetching is harmless and repeated; a label in preparation is looked for again and again until it is there.
LABEL_RULE = SettleRule(Settling.REPEAT, first_look_s=3, give_up_s=1800, resends=40)

_WIRE_TYPE: Mapping[DocumentKind, str] = MappingProxyType(
    {
        DocumentKind.LABEL: "SHIPPING_LABEL",
        DocumentKind.PACKING_SLIP: "PACKING_SLIP",
        DocumentKind.LABEL_AND_SLIP: "SHIPPING_LABEL_AND_PACKING_SLIP",
        DocumentKind.LABEL_PICTURE: "SHIPPING_LABEL_PICTURE",
        DocumentKind.INVOICE: "INVOICE_LABEL",
        DocumentKind.HAZMAT: "HAZMAT_LABEL",
    }
)

# Sheet, section 6.6: the picture is PNG and has no size, hazmat is always A4; the invoice label (A6) exists in BR only.
_EVERYWHERE = (
    DocumentOffer(DocumentKind.LABEL, ("A6", "A5")),
    DocumentOffer(DocumentKind.PACKING_SLIP, ("A6", "A5")),
    DocumentOffer(DocumentKind.LABEL_AND_SLIP, ("A6", "A5")),
    DocumentOffer(DocumentKind.LABEL_PICTURE, format="png"),
    DocumentOffer(DocumentKind.HAZMAT),
)
_BRAZIL = (*_EVERYWHERE, DocumentOffer(DocumentKind.INVOICE))

# A PDF's mark may follow a few stray bytes.
_MARK_WITHIN = 1024


def offers(region: str) -> tuple[DocumentOffer, ...]:
    """The documents of a market; the first is the usual one."""
    return _BRAZIL if region == "BR" else _EVERYWHERE


class LabelDesk:
    """Fetches shipping documents (fulfilment, Get Package Shipping Document): one call and one download each."""

    verb = Verb.LABEL
    rule = LABEL_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.label(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        async def one(request: Request) -> Outcome:
            return await self._fetch(store, request)

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """Whether the documents can be fetched now. Never DONE: only the bytes themselves settle a label."""

        async def one(request: Request) -> Evidence:
            return await self._readiness(store, request)

        return await look_each(requests, one)

    async def _fetch(self, store: Store, request: Request) -> Outcome:
        choice = arguments_of(request, DocumentChoice)
        offer = next((each for each in offers(store.region) if each.kind is choice.kind), None)
        if (unfit := _unfit(store, request, choice, offer)) is not None:
            return unfit
        assert offer is not None
        for _ in range(2):
            # A link that is dead on arrival gets one successor.
            link = await self._link(store, request, choice, offer)
            if isinstance(link, Rejected):
                return _refusal(link)
            if not link.doc_url:
                return _later("TikTok Shop gave no link to the document yet; it is tried again later.")
            try:
                content = await self._client.download(
                    store, "document.file", link.doc_url, _CHECKS[offer.format], feed="labels"
                )
            except _LinkGone:
                continue
            except AdapterError as error:
                # The file host is in trouble, not the marketplace: the store's other work goes on.
                return _later(f"The document could not be fetched: {error.message}.")
            number = sanitise_cell(link.tracking_number or "")
            document = Document(choice.kind, offer.format, content, number)
            return Outcome(Verdict.DONE, document=document, facts={"bytes": str(len(content))})
        return _later("TikTok Shop's links to the document do not open; it is tried again later.")

    async def _readiness(self, store: Store, request: Request) -> Evidence:
        choice = arguments_of(request, DocumentChoice)
        offer = next((each for each in offers(store.region) if each.kind is choice.kind), None)
        if offer is None or not request.target_id:
            return Evidence(Verdict.NOT_DONE)
        link = await self._link(store, request, choice, offer)
        if isinstance(link, Rejected):
            outcome = _refusal(link)
            verdict = Verdict.WAIT if outcome.verdict is Verdict.WAIT else Verdict.NOT_DONE
            return Evidence(verdict, {"document": link.message})
        return Evidence(Verdict.NOT_DONE, {"document": "ready"})

    async def _link(
        self, store: Store, request: Request, choice: DocumentChoice, offer: DocumentOffer
    ) -> DocumentLink | Rejected:
        params = {"document_type": _WIRE_TYPE[choice.kind]}
        if offer.sizes:
            params["document_size"] = choice.size or offer.sizes[0]
        try:
            envelope = await self._client.call(
                store,
                "package.documents",
                "GET",
                f"/fulfillment/202309/packages/{segment(request.target_id)}/shipping_documents",
                lambda answer: read_envelope(answer, DocumentAnswer),
                feed="labels",
                params=params,
            )
        except Rejected as refusal:
            return refusal
        return envelope.data or DocumentLink()


class _LinkGone(AdapterError):
    """The link has expired or was withdrawn; only a new one helps."""


def _unfit(store: Store, request: Request, choice: DocumentChoice, offer: DocumentOffer | None) -> Outcome | None:
    """What is wrong with the request itself, None when nothing is."""
    if not request.target_id:
        return refused(CauseId.LABEL_EARLY, "There is no package yet, so there is no label; ship the order first.")
    word = choice.kind.value.replace("_", " ")
    if offer is None:
        return refused(CauseId.UNSUPPORTED, f"TikTok Shop has no {word} in {store.region}; choose another document.")
    if choice.size and offer.sizes and choice.size not in offer.sizes:
        sizes = " or ".join(offer.sizes)
        return refused(CauseId.UNSUPPORTED, f"TikTok Shop has no {word} of size {choice.size}; choose {sizes}.")
    return None


def _refusal(refusal: Rejected) -> Outcome:
    verdict, _ = verdict_of(refusal.code, "")
    return Outcome(Verdict.WAIT if verdict is Verdict.WAIT else Verdict.REFUSED, refusal.cause)


def _later(sentence: str) -> Outcome:
    return Outcome(Verdict.WAIT, Cause(CauseId.NOT_READY, "", sentence))


def _pdf(answer: Answer) -> bytes:
    content = _opened(answer)
    if b"%PDF-" not in content[:_MARK_WITHIN]:
        raise Malformed(f"{answer.call.host} sent something that is no PDF", effect=Effect.NONE)
    return content


def _png(answer: Answer) -> bytes:
    content = _opened(answer)
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise Malformed(f"{answer.call.host} sent something that is no PNG picture", effect=Effect.NONE)
    return content


def _opened(answer: Answer) -> bytes:
    if answer.status in {403, 404, 410}:
        raise _LinkGone(f"{answer.call.host} does not open the link any more", code=str(answer.status))
    if answer.status != 200:
        raise error_for_status(answer)
    return answer.body


#: Readers of an answer by the offer's format; what does not look like it is no document (an error page is none).
_CHECKS: Mapping[str, Callable[[Answer], bytes]] = MappingProxyType({"pdf": _pdf, "png": _png})

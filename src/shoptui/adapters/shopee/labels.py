"""Shopee's label desk: a document is ordered, made meanwhile, and fetched when it is ready."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from shoptui.adapters.base import AdapterError, Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Choices, Document, DocumentOffer, Evidence, Outcome, Request, arguments_of
from shoptui.adapters.shopee import why_not
from shoptui.adapters.shopee.errors import last_segment, refusal_outcome
from shoptui.adapters.shopee.label_calls import DocumentRow, LabelCalls, Paper
from shoptui.adapters.shopee.parcels import PACKAGES_MAX, Parcels
from shoptui.adapters.singles import each, refused
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import DocumentChoice, DocumentKind

#: Fetching is harmless and repeated; a label in preparation is looked for again and again until it is there.
LABEL_RULE = SettleRule(Settling.REPEAT, first_look_s=3, give_up_s=1800, resends=40)

#: Shopee's types by the house's words for a size: which paper they are for is all that differs (sheet, section 6.6).
SIZES: Mapping[str, str] = MappingProxyType(
    {
        "thermal": "THERMAL_AIR_WAYBILL",
        "normal": "NORMAL_AIR_WAYBILL",
        "thermal-job": "THERMAL_JOB_AIR_WAYBILL",
        "normal-job": "NORMAL_JOB_AIR_WAYBILL",
        "thermal-unpackaged": "THERMAL_UNPACKAGED_LABEL",
    }
)
_SIZE_OF = {type_: size for size, type_ in SIZES.items()}
_USUAL = ("thermal", "normal")

_READY, _PROCESSING, _FAILED = "READY", "PROCESSING", "FAILED"
#: Codes by which Shopee says that a document has to be ordered (again).
_TO_CREATE = frozenset({"shipping_document_should_print_first", "package_print_failed"})


class LabelDesk:
    """Fetches labels (logistics, section 6.6), each in a file of its own."""

    verb = Verb.LABEL
    rule = LABEL_RULE
    batch_max = PACKAGES_MAX

    def __init__(self, calls: LabelCalls, parcels: Parcels) -> None:
        self._calls = calls
        self._parcels = parcels

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.label(order)

    async def choices(self, store: Store, order: Order) -> Choices | Unsupported:
        """The sizes of this order's labels; before shipment is arranged, those that are usual."""
        papers = [Paper(order.order_no, package.package_id) for package in order.packages]
        sizes: tuple[str, ...] = ()
        for row in await self._calls.types(store, papers[:PACKAGES_MAX]) if papers else ():
            if row is not None and row.refusal is None:
                sizes = _offered(row)
                break
        return Choices(documents=(DocumentOffer(DocumentKind.LABEL, sizes or _USUAL),))

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Look how far each document is: order it, wait for it, or fetch it.

        Raises AdapterError when Shopee could not be asked at all; asking again is harmless.
        """
        return await _Errand(self._calls, self._parcels, store, requests).run()

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """Whether the documents can be fetched now. Never DONE: only the bytes themselves settle a label."""
        papers = [Paper(request.order_no, request.target_id) for request in requests]
        evidence = []
        for row in await self._calls.states(store, papers):
            word = (row.status if row is not None else None) or ""
            verdict = Verdict.WAIT if word == _PROCESSING else Verdict.NOT_DONE
            evidence.append(Evidence(verdict, {"document": word} if word else {}))
        return evidence


class _Errand:
    """One batch on its way through the document calls; what is settled on the way drops out of it."""

    def __init__(self, calls: LabelCalls, parcels: Parcels, store: Store, requests: Sequence[Request]) -> None:
        self._calls = calls
        self._parcels = parcels
        self._store = store
        self._requests = requests
        self._outcomes: dict[int, Outcome] = {}
        self._papers: dict[int, Paper] = {}

    async def run(self) -> list[Outcome]:
        self._begin()
        await self._find_numbers()
        await self._find_types()
        missing = await self._look(_TO_CREATE)
        if missing:
            await self._create(missing)
            # Often ready at once: one more look spares a whole round of waiting.
            await self._look(frozenset(), only=missing)
        await self._download()
        return [self._outcomes.get(place, _later("The label is being made.")) for place in range(len(self._requests))]

    def _begin(self) -> None:
        for place, request in enumerate(self._requests):
            choice = arguments_of(request, DocumentChoice)
            if not request.target_id:
                words = "There is no package yet, so there is no label; ship the order first."
                self._outcomes[place] = refused(CauseId.LABEL_EARLY, words)
            elif choice.kind is not DocumentKind.LABEL:
                word = choice.kind.value.replace("_", " ")
                words = f"Shopee has no {word}; choose the label."
                self._outcomes[place] = refused(CauseId.UNSUPPORTED, words)
            elif choice.size and choice.size not in SIZES:
                words = f"Shopee has no label of size {choice.size}; choose {' or '.join(_USUAL)}."
                self._outcomes[place] = refused(CauseId.UNSUPPORTED, words)
            else:
                type_ = SIZES.get(choice.size, "")
                self._papers[place] = Paper(request.order_no, request.target_id, type=type_)

    async def _find_numbers(self) -> None:
        """A label is made for a tracking number, which carriers give some time after the arrangement."""
        if not self._papers:
            return
        wanted = [paper.package_id for paper in self._papers.values()]
        found = await self._parcels.tracking_numbers(self._store, wanted, feed="labels")
        for place, paper in list(self._papers.items()):
            number = found.get(paper.package_id, "")
            if number:
                self._papers[place] = replace(paper, tracking_number=number)
            else:
                words = "The carrier has given no tracking number yet; the label is tried again later."
                self._settle(place, _later(words))

    async def _find_types(self) -> None:
        rows = await self._rows(self._calls.types, list(self._papers))
        for place, row in rows.items():
            if (outcome := _refused_row(row)) is not None:
                self._settle(place, outcome)
                continue
            assert row is not None
            paper = self._papers[place]
            selectable = row.selectable_shipping_document_type or ()
            if paper.type and selectable and paper.type not in selectable:
                sizes = " or ".join(_offered(row)) or "another document"
                words = f"The carrier has no label of size {_SIZE_OF[paper.type]}; choose {sizes}."
                self._settle(place, refused(CauseId.UNSUPPORTED, words))
            elif not paper.type:
                usual = next((SIZES[size] for size in _USUAL if SIZES[size] in selectable), "")
                type_ = row.suggest_shipping_document_type or usual or next(iter(selectable), SIZES[_USUAL[0]])
                self._papers[place] = replace(paper, type=type_)

    async def _look(self, to_create: frozenset[str], *, only: Sequence[int] | None = None) -> list[int]:
        """Keep what is ready, settle what is not; returns what has to be ordered first."""
        missing = []
        for place, row in (await self._rows(self._calls.states, list(self._papers) if only is None else only)).items():
            refusal = row.refusal if row is not None else None
            status = (row.status if row is not None else None) or ""
            if status == _READY:
                continue
            code = last_segment(refusal.code) if refusal is not None else ""
            if to_create and (code in to_create or status == _FAILED):
                missing.append(place)
            elif status == _PROCESSING or refusal is None:
                self._settle(place, _later("The label is still being made; it is tried again later."))
            else:
                self._settle(place, _refused_row(row) or _later("The label is being made."))
        return missing

    async def _create(self, places: Sequence[int]) -> None:
        for place, row in (await self._rows(self._calls.create, places)).items():
            refusal = row.refusal if row is not None else None
            if refusal is not None and refusal_outcome(refusal).verdict is not Verdict.ALREADY:
                self._settle(place, _refused_row(row) or _later(refusal.message))

    async def _download(self) -> None:
        """One file for each label; a download that fails is that label's trouble only."""
        places = list(self._papers)

        async def one(place: int) -> Outcome:
            paper = self._papers[place]
            found = await self._calls.download(self._store, paper)
            document = Document(DocumentKind.LABEL, found.format, found.content, paper.tracking_number)
            return Outcome(Verdict.DONE, document=document, facts={"bytes": str(len(found.content))})

        for place, result in zip(places, await each(places, one), strict=True):
            if isinstance(result, Rejected):
                self._settle(place, _as_label(refusal_outcome(result), result.cause))
            elif isinstance(result, AdapterError):
                self._settle(place, _later(f"The label could not be fetched: {result.message}."))
            else:
                self._settle(place, result)

    async def _rows(
        self, ask: Callable[[Store, Sequence[Paper]], Awaitable[Sequence[DocumentRow | None]]], places: Sequence[int]
    ) -> dict[int, DocumentRow | None]:
        going = [place for place in places if place in self._papers]
        if not going:
            return {}
        rows = await ask(self._store, [self._papers[place] for place in going])
        return dict(zip(going, rows, strict=True))

    def _settle(self, place: int, outcome: Outcome) -> None:
        self._outcomes[place] = outcome
        self._papers.pop(place, None)


def _offered(row: DocumentRow) -> tuple[str, ...]:
    """The sizes to choose from, the suggested one first."""
    types = dict.fromkeys([row.suggest_shipping_document_type, *(row.selectable_shipping_document_type or ())])
    return tuple(_SIZE_OF[type_] for type_ in types if type_ in _SIZE_OF)


def _refused_row(row: DocumentRow | None) -> Outcome | None:
    """What a failed row comes to, None for a good one."""
    if row is None:
        return _later("Shopee said nothing of this label; it is tried again later.")
    refusal = row.refusal
    return None if refusal is None else _as_label(refusal_outcome(refusal), refusal.cause)


def _as_label(outcome: Outcome, cause: Cause) -> Outcome:
    """Without its bytes no label is done, so "already" means that it is on its way."""
    return Outcome(Verdict.WAIT, cause) if outcome.verdict is Verdict.ALREADY else outcome


def _later(sentence: str) -> Outcome:
    return Outcome(Verdict.WAIT, Cause(CauseId.NOT_READY, "", sentence))

"""The strips of `p` and `P`: ship where that is due, fetch labels, print them or keep them for a file; print again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.intents import Verb
from shoptui.domain.records import dataclass
from shoptui.domain.verbs import DocumentChoice, DocumentKind, PrintChoice
from shoptui.i18n import _, ngettext
from shoptui.queries.admission import printed
from shoptui.queries.ordering import Arguments, OrderPart, chain_parts, same_for_all
from shoptui.queries.preview import SHIP_AND_LABEL, SHIP_AND_PRINT, Target, preview, reprint_preview
from shoptui.queries.types import Candidate
from shoptui.screens.counted_form import FormFacts
from shoptui.screens.lines import Line
from shoptui.screens.order_form import VerbForm
from shoptui.screens.order_ship import ShipForm
from shoptui.screens.strip_lines import Option, labelled_lines
from shoptui.widgets.roles import Role
from shoptui.words import document_words, moment_words, printer_words


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    """One printer of the house: `waiting` counts its jobs, `reason` is why it does not print, "" if it does."""

    name: str
    state: str
    reason: str
    waiting: int
    is_default: bool

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> PrinterFacts:
        """Read one entry of the engine's answer to `printers`."""
        return cls(
            str(answer["name"]),
            str(answer.get("state", "")),
            str(answer.get("reason", "") or ""),
            int(answer.get("waiting", 0)),
            bool(answer.get("is_default", False)),
        )


def printers_from(answer: Answer) -> list[PrinterFacts]:
    """The printers of an answer; none when it could not be given."""
    return [PrinterFacts.from_answer(item) for item in answer.body.get("printers", ())] if answer.ok else []


def first_printer(printers: Sequence[PrinterFacts], mine: str) -> int | None:
    """The place of the printer to propose: the operator's own, else the house's, else the first; None without any."""
    if not printers:
        return None
    names = [printer.name for printer in printers]
    if mine in names:
        return names.index(mine)
    return next((place for place, printer in enumerate(printers) if printer.is_default), 0)


class ShipPrintForm(ShipForm):
    """The question before ship and print. Without a printer the labels are kept and saved to a file when all have come.

    `chosen_printer` is told which printer the operator took.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        facts: FormFacts,
        order: Callable[[Sequence[OrderPart]], object],
        *,
        my_printer: str,
        chosen_printer: Callable[[str], None],
        judge: Callable[[], None],
    ) -> None:
        super().__init__(preview(SHIP_AND_PRINT, candidates, facts.now), candidates, facts, order)
        self._candidates = list(candidates)
        self._my_printer = my_printer
        self._chosen_printer = chosen_printer
        self._judge = judge
        self._printers: list[PrinterFacts] | None = None
        self._place: int | None = None
        self._offers: list[tuple[DocumentKind, tuple[str, ...]]] = [(DocumentKind.LABEL, ())]
        self._document = 0
        self._size = 0

    @property
    def is_complete(self) -> bool:
        return self._printers is not None

    def take_printers(self, answer: Answer) -> None:
        """The engine's answer about printers has come, or will not come."""
        self._printers = printers_from(answer)
        self._place = first_printer(self._printers, self._my_printer)
        self._rechain()

    def take_documents(self, answer: Answer) -> None:
        """Which documents and sizes all the stores offer."""
        options = answer.body.get("options", {}) if answer.ok else {}
        per_store = [
            {_known_kind(kind): tuple(map(str, sizes)) for kind, sizes, _format in found.get("documents", ())}
            for found in options.values()
            if "unsupported" not in found
        ]
        if per_store:
            common = [kind for kind in per_store[0] if kind is not None and all(kind in each for each in per_store)]
            self._offers = [
                (kind, tuple(size for size in per_store[0][kind] if all(size in each[kind] for each in per_store)))
                for kind in common
            ] or self._offers
        self.changed()

    def _rechain(self) -> None:
        chain = SHIP_AND_LABEL if self._place is None else SHIP_AND_PRINT
        if chain != self.preview.chain:
            self.preview = preview(chain, self._candidates, self.facts.now)
        self._judge()
        self.changed()

    # What it says.

    def body(self, width: int) -> list[Line]:
        lines = super().body(width)
        if self._printers is None:
            return [*lines, *labelled_lines(_("labels"), _("asking for printers ..."), width, Role.QUIET)]
        count = self.preview.count(Verb.LABEL if self._place is None else Verb.PRINT)
        printer = self._printer
        if printer is not None:
            words = ngettext(
                "{count} to {printer}, in list order, as they arrive",
                "{count} to {printer}, in list order, as they arrive",
                count,
            ).format(count=f"{count:,}", printer=printer.name)
            lines += labelled_lines(_("labels"), words, width)
            trouble = printer_words(printer.state, printer.reason, printer.waiting)
            if trouble:
                lines += labelled_lines("", f"{printer.name}: {trouble}", width, Role.SOON)
        elif self._printers:
            words = _("{count} are kept here and saved to a file when all have come").format(count=f"{count:,}")
            lines += labelled_lines(_("labels"), words, width)
        else:
            words = _("no printer is set up: {count} are kept and saved to a file when all have come")
            lines += labelled_lines(_("labels"), words.format(count=f"{count:,}"), width, Role.SOON)
        return lines

    # The choices.

    def options(self) -> Sequence[Option]:
        options: list[Option] = []
        if self._printers:
            name = self._printer.name if self._printer is not None else _("none, to a file")
            options.append(Option(_("printer"), name, self._turn_printer))
        if len(self._offers) > 1:
            options.append(Option(_("document"), document_words(self._kind.value), self._turn_document))
        if len(self._sizes) > 1:
            options.append(Option(_("size"), self._sizes[self._size], self._turn_size))
        return [*options, *self.handover_options()]

    @property
    def _printer(self) -> PrinterFacts | None:
        return (self._printers or [])[self._place] if self._place is not None else None

    @property
    def _kind(self) -> DocumentKind:
        return self._offers[self._document][0]

    @property
    def _sizes(self) -> tuple[str, ...]:
        return self._offers[self._document][1]

    def _turn_printer(self) -> None:
        count = len(self._printers or ())
        place = 0 if self._place is None else self._place + 1
        self._place = place if place < count else None
        self._rechain()

    def _turn_document(self) -> None:
        self._document = (self._document + 1) % len(self._offers)
        self._size = 0

    def _turn_size(self) -> None:
        self._size = (self._size + 1) % len(self._sizes)

    # What it orders.

    def parts(self) -> Sequence[OrderPart]:
        document = DocumentChoice(self._kind, self._sizes[self._size] if self._size else "")
        args: dict[Verb, Callable[[Target], Arguments]] = {
            Verb.SHIP: self.ship_arguments(),
            Verb.LABEL: same_for_all(document),
        }
        if self._printer is not None:
            args[Verb.PRINT] = same_for_all(PrintChoice(self._printer.name, document))
        return chain_parts(self.preview, args)

    def do(self) -> None:
        if self.does() and self._printer is not None:
            self._chosen_printer(self._printer.name)
        super().do()


def _known_kind(word: object) -> DocumentKind | None:
    try:
        return DocumentKind(str(word))
    except ValueError:
        # A newer engine's document that this cockpit has no word for.
        return None


class ReprintForm(VerbForm):
    """The question of level 3 before labels are printed a second time; the reason was given before."""

    level = Level.COSTS

    def __init__(
        self,
        candidates: Sequence[Candidate],
        facts: FormFacts,
        order: Callable[[Sequence[OrderPart]], object],
        *,
        printer: str,
        reason: str,
    ) -> None:
        super().__init__(reprint_preview(candidates, facts.now), candidates, facts, order)
        self._printer = printer
        self._reason = reason

    def head(self) -> str:
        return _("PRINT AGAIN")

    def does_words(self) -> str:
        return _("print {count} again").format(count=f"{self.count:,}")

    def body(self, width: int) -> list[Line]:
        words = _("a second label of a parcel can get it cancelled; the first one is void")
        lines = labelled_lines(_("means"), words, width)
        lines += labelled_lines(_("reason"), self._reason, width)
        lines += labelled_lines(_("labels"), _("to {printer}").format(printer=self._printer), width)
        if outdated := len(self.preview.starting(Verb.LABEL)):
            words = ngettext(
                "{count} carries an old tracking number: it is fetched anew first",
                "{count} carry an old tracking number: they are fetched anew first",
                outdated,
            )
            lines += labelled_lines("", words.format(count=f"{outdated:,}"), width, Role.SOON)
        for target in self.preview.ready[:3]:
            before = printed(self._names[target.row_id], target.target_id)
            if before is not None:
                told = _("{order} printed {time} on {printer} by {who}").format(
                    order=target.order_no,
                    time=moment_words(before.at, self.now, self.facts.zone),
                    printer=before.printer,
                    who=before.operator,
                )
                lines += labelled_lines(_("before"), told, width, Role.QUIET)
        return lines

    def parts(self) -> Sequence[OrderPart]:
        document = DocumentChoice()
        args = {
            Verb.LABEL: same_for_all(document),
            Verb.PRINT: same_for_all(PrintChoice(self._printer, document, self._reason)),
        }
        return chain_parts(self.preview, args)

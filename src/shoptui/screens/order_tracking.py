"""The strips of `e` for parcels that go with the seller's own carrier: which carrier, then their tracking numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.verbs import BadArguments, OwnShipping, check_tracking, write_args
from shoptui.i18n import _, ngettext
from shoptui.queries.admission import Why
from shoptui.queries.ordering import Arguments, OrderPart
from shoptui.queries.preview import Preview, Target
from shoptui.queries.tracking_file import BadTrackingFile, read_tracking
from shoptui.queries.types import Candidate
from shoptui.screens.counted_form import FormFacts
from shoptui.screens.forms import Field
from shoptui.screens.lines import Line, text
from shoptui.screens.order_form import VerbForm
from shoptui.screens.strip_lines import LEAD, labelled, labelled_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import line_words, own_words

_PER_PAGE = 8
#: What is wrong with lines of a file, shown at once.
_PROBLEMS_SHOWN = 3

Order = Callable[[Sequence[OrderPart]], object]
Carriers = Mapping[str, Mapping[str, str]]
"""The carriers on offer by name: store id → the marketplace's own id there."""


def carriers_of(answer: Answer) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The carriers of an answer to `choices` by name and store, and why some stores take no tracking number."""
    carriers: dict[str, dict[str, str]] = {}
    cannot: dict[str, str] = {}
    for store_id, found in (answer.body.get("options", {}) if answer.ok else {}).items():
        if "unsupported" in found:
            cannot[str(store_id)] = str(found["unsupported"])
        for provider_id, name in found.get("providers", ()):
            carriers.setdefault(str(name), {})[str(store_id)] = str(provider_id)
    return carriers, cannot


class CarrierForm(VerbForm):
    """Which carrier has the parcels; a digit chooses and goes on."""

    level = Level.LOOK

    def __init__(
        self,
        preview: Preview,
        candidates: Sequence[Candidate],
        facts: FormFacts,
        go_on: Callable[[Preview, Carriers, str], None],
    ) -> None:
        """`go_on` gets what is left of the preview, all carriers, and the chosen one's name, "" where there is none."""
        super().__init__(preview, candidates, facts, lambda parts: None)
        self._go_on = go_on
        self._carriers: dict[str, dict[str, str]] | None = None
        self._page = 0

    def take_carriers(self, answer: Answer) -> None:
        """The engine's answer about carriers has come, or will not come."""
        self._carriers, cannot = carriers_of(answer)
        refused = {
            (target.store_id, target.target_id): Why("no_desk", {"say": cannot[target.store_id]})
            for target in self.preview.ready
            if target.store_id in cannot
        }
        if refused:
            self.leave_out(refused)
        if self.preview.ready and not self._carriers:
            self._go_on(self.preview, {}, "")
        else:
            self.changed()

    def does(self) -> str:
        return ""

    def title_right(self) -> Line:
        return ()

    def body(self, width: int) -> list[Line]:
        if self._carriers is None:
            return [labelled(_("carrier"), _("asking which carriers the marketplaces know ..."), Role.QUIET)]
        lines = [labelled(_("carrier"), _("choose it by its digit"), Role.QUIET)]
        stores = len(self.preview.stores)
        for number, name in enumerate(self._shown(), start=1):
            line: Line = (text(LEAD), text(f"{number}", Role.INFO), text(f" {name}"))
            if len(self._carriers[name]) < stores:
                line = (*line, text("  " + ", ".join(sorted(self._carriers[name])), Role.QUIET))
            lines.append(line)
        if len(self._carriers) > _PER_PAGE:
            lines.append((text(LEAD), text("0", Role.INFO), text(" " + _("more carriers"), Role.QUIET)))
        return lines

    def _shown(self) -> list[str]:
        names = sorted(self._carriers or {}, key=lambda name: (-len((self._carriers or {})[name]), name))
        return names[self._page * _PER_PAGE : (self._page + 1) * _PER_PAGE]

    def hints(self) -> list[KeyHint]:
        shown = len(self._shown())
        hints = [KeyHint(f"1-{shown}", _("carrier"))] if shown else []
        return [*hints, *super().hints()]

    def key(self, key: str, character: str | None) -> bool:
        if not self._carriers or character is None or character not in "0123456789":
            return False
        if character == "0":
            self._page = (self._page + 1) % -(-len(self._carriers) // _PER_PAGE)
            self.changed()
        elif int(character) <= len(self._shown()):
            self._go_on(self.preview, self._carriers, self._shown()[int(character) - 1])
        return True


class TrackingForm(VerbForm):
    """The tracking numbers, parcel by parcel: typed, scanned, pasted in two columns, or read from a CSV file.

    Enter keeps the number and goes to the next parcel; F9 orders those that have one. The others stay as they are.
    """

    def __init__(
        self,
        preview: Preview,
        candidates: Sequence[Candidate],
        facts: FormFacts,
        order: Order,
        *,
        carriers: Carriers,
        carrier: str,
        read_file: Callable[[str], None],
        changing: bool = False,
    ) -> None:
        """`read_file` reads a file's text for `take_text`; `changing`: the numbers replace older ones."""
        super().__init__(_at_stores_of(preview, carriers, carrier), candidates, facts, order)
        self.field = Field(_("tracking number [scan]"), accepts_scan=True)
        self._carriers = carriers
        self._carrier = carrier
        self._read_file = read_file
        self._changing = changing
        self._numbers: dict[Target, tuple[str, str]] = {}
        self._here = 0
        self._typed_number = ""
        self._problems: list[str] = []

    # What it says.

    @property
    def count(self) -> int:
        return len({target.row_id for target in self._filled()})

    def _filled(self) -> dict[Target, tuple[str, str]]:
        """The parcels with their number and carrier, with what stands in the field now."""
        filled = dict(self._numbers)
        target = self._target
        if target is not None and self._typed_number.strip() and not self._is_path(self._typed_number):
            try:
                filled[target] = check_tracking(self._typed_number), self._carrier
            except BadArguments:
                filled.pop(target, None)
        return filled

    @property
    def _target(self) -> Target | None:
        return self.preview.ready[self._here] if self._here < len(self.preview.ready) else None

    def does(self) -> str:
        return self.does_words() if self._filled() else ""

    def body(self, width: int) -> list[Line]:
        lines = []
        if self._carrier:
            lines.append(labelled(_("carrier"), self._carrier))
        filled, count = self._filled(), len(self.preview.ready)
        target = self._target
        if target is not None:
            words = _("{place} of {count}: {store} {order}").format(
                place=self._here + 1, count=count, store=target.store_id, order=target.order_no
            )
            if self._changing and (before := self._old_number(target)):
                words += "  " + _("was {number}").format(number=before)
            elif target in self._numbers:
                words += "  " + self._numbers[target][0]
            lines.append(labelled(_("parcel"), words))
        if count > 1:
            words = ngettext("{count} has its number", "{count} have their numbers", len(filled))
            lines.append(labelled("", words.format(count=len(filled)), Role.OK if filled else Role.QUIET))
        for problem in self._problems[:_PROBLEMS_SHOWN]:
            lines += labelled_lines("", problem, width, Role.MISSED)
        if len(self._problems) > _PROBLEMS_SHOWN:
            words = _("and {count} more lines that cannot be used").format(count=len(self._problems) - _PROBLEMS_SHOWN)
            lines.append(labelled("", words, Role.MISSED))
        return lines

    def _old_number(self, target: Target) -> str:
        candidate = self._names.get(target.row_id)
        parcels = candidate.parcels if candidate is not None else ()
        return next((parcel.tracking for parcel in parcels if parcel.package_id == target.target_id), "")

    def lines_below(self, width: int) -> list[Line]:
        words = _("many at once: paste order and number in columns, or type a CSV file's path")
        return [(text(f" {words}", Role.QUIET),)]

    def hints(self) -> list[KeyHint]:
        does = self.does()
        hints = [KeyHint("F9", does)] if does else []
        if len(self.preview.ready) > 1:
            hints += [KeyHint("Enter", _("next")), KeyHint("Up Down", _("choose"))]
        return [*hints, KeyHint("Esc", _("leave"))]

    # What its keys do.

    def key(self, key: str, character: str | None) -> bool:
        if key not in {"up", "down"} or len(self.preview.ready) < 2:
            return False
        self._keep()
        self._go(1 if key == "down" else -1)
        return True

    def text_changed(self, value: str) -> None:
        self._typed_number = value
        self._problems = []
        self.changed()

    def text_submitted(self, value: str) -> None:
        self._typed_number = value
        if self._is_path(value):
            self._read_file(value.strip())
        elif not value.strip() or self._keep():
            self._go(1)
        else:
            self.changed()

    def pasted(self, words: str) -> bool:
        """Several lines, or two columns, fill many parcels."""
        if len(words.strip().splitlines()) < 2 and "\t" not in words.strip():
            return False
        self.take_text(words)
        return True

    def take_text(self, words: str) -> None:
        """Fill in what a paste or a file holds; what cannot be used is said line by line."""
        try:
            read = read_tracking(words)
        except BadTrackingFile as error:
            self.say_problem(own_words(str(error)))
            return
        problems = [line_words(problem) for problem in read.problems]
        open_targets: dict[str, list[Target]] = {}
        for target in self.preview.ready:
            open_targets.setdefault(target.order_no, []).append(target)
        in_order = [target for target in self.preview.ready if target not in self._numbers]
        for line in read.lines:
            candidates = open_targets.get(line.order_no, []) if line.order_no else in_order
            name = self._known_carrier(line.provider)
            if name is None:
                problems.append(_("Line {line}: no carrier {name} here.").format(line=line.line, name=line.provider))
            elif line.order_no and len({target.store_id for target in candidates}) > 1:
                words = _("Line {line}: several stores have an order {order}; mark those of one store.")
                problems.append(words.format(line=line.line, order=line.order_no))
            elif candidates:
                self._numbers[candidates.pop(0)] = line.tracking_number, name
            elif line.order_no:
                words = _("Line {line}: order {order} is not among those chosen.")
                problems.append(words.format(line=line.line, order=line.order_no))
            else:
                problems.append(_("Line {line}: there are more numbers than parcels.").format(line=line.line))
        self._problems = problems
        self.set_text("")
        self._typed_number = ""
        self._here = next((place for place, target in enumerate(self.preview.ready) if target not in self._numbers), 0)
        self.changed()

    def say_problem(self, words: str) -> None:
        """What was to be read cannot be used."""
        self._problems = [words]
        self.changed()

    def _known_carrier(self, name: str) -> str | None:
        if not name:
            return self._carrier
        return next((known for known in self._carriers if known.casefold() == name.casefold()), None)

    @staticmethod
    def _is_path(value: str) -> bool:
        return value.strip().startswith(("/", "~", "./", "../"))

    def _keep(self) -> bool:
        """Keep what stands in the field for the parcel it is for; False when no carrier would give that number."""
        target, words = self._target, self._typed_number.strip()
        if target is None or not words or self._is_path(words):
            return True
        try:
            number = check_tracking(words)
        except BadArguments as error:
            self._problems = [own_words(str(error))]
            return False
        twice = next((other for other, (known, _name) in self._numbers.items() if known == number), None)
        if twice is not None and twice != target:
            self._problems = [
                _("{number} is already the number of {order}.").format(number=number, order=twice.order_no)
            ]
            return False
        self._numbers[target] = number, self._carrier
        return True

    def _go(self, step: int) -> None:
        self._here = (self._here + step) % max(1, len(self.preview.ready))
        self._typed_number = ""
        self.set_text("")
        self.changed()

    # What it orders.

    def parts(self) -> Sequence[OrderPart]:
        filled = self._filled()

        def args(target: Target) -> Arguments:
            number, name = filled[target]
            provider_id = self._carriers.get(name, {}).get(target.store_id, "")
            return write_args(OwnShipping(number, provider_id, name))

        targets = tuple(target for target in self.preview.ready if target in filled)
        return [OrderPart(self.preview.chain[0], targets, args)]


def _at_stores_of(preview: Preview, carriers: Carriers, carrier: str) -> Preview:
    """The preview without the stores whose marketplace names carriers, but not this one; some ask for none."""
    if not carrier:
        return preview
    asking = {store_id for ids in carriers.values() for store_id in ids}
    return preview.without(
        {
            (target.store_id, target.target_id): Why("carrier_unknown")
            for target in preview.ready
            if target.store_id in asking and target.store_id not in carriers[carrier]
        }
    )

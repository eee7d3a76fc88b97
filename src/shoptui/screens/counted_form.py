"""The strip of whatever is done to marked rows: what is ready, what is left out and why, the choices, the count, F9."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Generic, Protocol, TypeVar

from shoptui.cellwidth import cell_width
from shoptui.client import Answer
from shoptui.commands import Level
from shoptui.domain.clocks import countdown
from shoptui.domain.records import dataclass
from shoptui.i18n import _, countdown_units, ngettext
from shoptui.queries.admission import Why
from shoptui.queries.ordering import OrderPart
from shoptui.queries.preview import Group, Target
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, plain, text, wrap
from shoptui.screens.strip_lines import Option, labelled, option_lines, out_of_sight_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import stores_count

#: What is left out that are shown at once; Tab goes on.
_ROWS_SHOWN = 8
#: Reasons for leaving out that are shown before Tab.
_REASONS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What a strip needs besides its preview. `out_of_sight` counts marked rows that the filter hides."""

    now: int
    zone: tzinfo
    out_of_sight: int = 0


class Previewed(Protocol):
    """What a strip asks of a preview. `first_due_at` is the earliest clock in it (epoch s), None without one."""

    @property
    def ready(self) -> tuple[Target, ...]: ...

    @property
    def left_out(self) -> tuple[Group, ...]: ...

    @property
    def claimed(self) -> tuple[Group, ...]: ...

    @property
    def left_out_count(self) -> int: ...

    @property
    def asked(self) -> int: ...

    @property
    def stores(self) -> tuple[str, ...]: ...

    @property
    def first_due_at(self) -> int | None: ...


class Named(Protocol):
    """What a strip asks of the rows it names when they are left out."""

    @property
    def row_id(self) -> int: ...

    @property
    def store_id(self) -> str: ...

    @property
    def order_no(self) -> str: ...


PreviewT = TypeVar("PreviewT", bound=Previewed)
NamedT = TypeVar("NamedT", bound=Named)


class CountedForm(Form, Generic[PreviewT, NamedT]):
    """The question before something is ordered for many rows.

    `order` is called with what is to be ordered when F9 counts. At level 3 the number of rows must be typed before
    that; digits then count and change no choice.
    """

    level = Level.REACH

    def __init__(
        self,
        preview: PreviewT,
        candidates: Sequence[NamedT],
        facts: FormFacts,
        order: Callable[[Sequence[OrderPart]], object],
    ) -> None:
        super().__init__()
        self.preview = preview
        self.facts = facts
        self.now = facts.now
        self._names = {candidate.row_id: candidate for candidate in candidates}
        self._order = order
        self._rows_page = 0
        self._typed = ""

    # What subclasses say.

    @abstractmethod
    def head(self) -> str:
        """What is done, in capitals."""

    @abstractmethod
    def body(self, width: int) -> list[Line]:
        """What stands between the head and what is left out."""

    @abstractmethod
    def parts(self) -> Sequence[OrderPart]:
        """What F9 orders."""

    @abstractmethod
    def does_words(self) -> str:
        """What F9 does once it may."""

    @abstractmethod
    def rows_words(self, count: int) -> str:
        """So many of the rows: `12 orders`."""

    @abstractmethod
    def left_out_words(self, reason_id: str, args: Mapping[str, str]) -> str:
        """Why rows are left out, as it stands after a number of them."""

    @abstractmethod
    def without(self, refused: Mapping[tuple[str, str], Why]) -> PreviewT:
        """The preview without these targets (store id, target id)."""

    def number_of(self, row: NamedT) -> str:
        """The number people know a row by."""
        return row.order_no

    def options(self) -> Sequence[Option]:
        """The choices there are now; their place is their digit."""
        return ()

    @property
    def is_complete(self) -> bool:
        """Whether everything that must be chosen is chosen."""
        return True

    # The preview.

    @property
    def count(self) -> int:
        """What is ordered, held, counted when it is done, and typed at level 3."""
        return len(self.preview.ready)

    def ready_words(self) -> str:
        """How many of the rows are ready, as the head says it before what was asked."""
        return f"{self.count:,}"

    def judged(self, targets: Sequence[Target], answer: Answer) -> None:
        """The engine has said what it would refuse; without an answer it says so when it is ordered.

        What the operator's role may not order is left out as a whole, before a count is typed for nothing.
        """
        refused: dict[tuple[str, str], Why] = {}
        if answer.reason == "not_allowed":
            refused = {
                (target.store_id, target.target_id): Why("not_allowed", {"say": answer.say}) for target in targets
            }
        for item in answer.body.get("refused", ()):
            target = targets[int(item["index"])]
            refused[(target.store_id, target.target_id)] = Why(str(item["reason"]), {"say": str(item["say"])})
        if refused:
            self.leave_out(refused)

    def leave_out(self, refused: Mapping[tuple[str, str], Why]) -> None:
        """Leave these targets out; the count has to be typed anew."""
        self.preview = self.without(refused)
        self._typed = ""
        self.changed()

    @property
    def is_locked(self) -> bool:
        """Whether the count is still to be typed."""
        return self.level is Level.COSTS and self._typed != str(self.count)

    def does(self) -> str:
        if not self.preview.ready or not self.is_complete or self.is_locked:
            return ""
        return self.does_words()

    # What it says.

    def title(self) -> Line:
        asked = self.rows_words(self.preview.asked)
        if not self.preview.ready:
            return plain(_("{verb} none of {orders}").format(verb=self.head(), orders=asked))
        words = _("{verb} {ready} of {orders}").format(verb=self.head(), ready=self.ready_words(), orders=asked)
        pieces = [words, _(", {stores}").format(stores=stores_count(len(self.preview.stores)))]
        if self.preview.first_due_at is not None:
            left = countdown(self.preview.first_due_at, self.now, seconds=False, units=countdown_units()).text
            pieces.append(_(", first in {left}").format(left=left))
        return tuple(map(text, pieces))

    def title_right(self) -> Line:
        if not self.preview.ready:
            return ()
        if self.level is Level.COSTS:
            return plain(_("level 3"), Role.MISSED)
        return self.held(self.preview.first_due_at, self.now)

    def lines(self, width: int, now: int) -> list[Line]:
        self.now = now
        if self._rows_page:
            return self._row_lines()
        lines: list[Line] = []
        if self.preview.ready:
            lines += self.body(width)
            lines += option_lines(self.options(), width)
        lines += self._left_out_lines(width)
        for reason, args, row_ids in self.preview.claimed:
            lines.append(plain(f" {len(row_ids)} {self.left_out_words(reason, args)}", Role.OTHER))
        return [*lines, *out_of_sight_lines(self.facts.out_of_sight)]

    def lines_below(self, width: int) -> list[Line]:
        if self.level is not Level.COSTS or not self.preview.ready or not self.is_complete:
            return []
        words = _("Type {count} to unlock F9. Once sent it cannot be taken back.").format(count=self.count)
        return [(text(f" {words}  "), text(self._typed + "_", Role.INFO))]

    def _left_out_lines(self, width: int) -> list[Line]:
        left_out = self.preview.left_out
        if not left_out:
            return [labelled(_("left out"), _("none"))]
        # Several reasons may read alike: handed over by us, or on its way.
        alike: Counter[str] = Counter()
        for reason, args, row_ids in left_out:
            alike[self.left_out_words(reason, args)] += len(row_ids)
        # The head has said how many; with one reason, it is said of all of them.
        parts = [f"{count:,} {words}" if len(alike) > 1 else words for words, count in alike.most_common()]
        lines: list[Line] = []
        lead = f" {_('left out')}  {self.preview.left_out_count:,}: "
        for number, part in enumerate(parts[:_REASONS_SHOWN]):
            wrapped = wrap(" " * cell_width(lead) + part, width, indent=cell_width(lead))
            if number == 0:
                wrapped[0] = (text(lead, Role.QUIET), text(wrapped[0][0].text[cell_width(lead) :]))
            lines += wrapped
        more = len(parts) - _REASONS_SHOWN
        if more > 0:
            words = ngettext("and {count} more reason: Tab", "and {count} more reasons: Tab", more)
            lines.append(plain(" " * cell_width(lead) + words.format(count=more)))
        return lines

    def _left_out_rows(self) -> list[tuple[NamedT, str]]:
        return [
            (self._names[row_id], self.left_out_words(reason, args))
            for reason, args, row_ids in self.preview.left_out
            for row_id in row_ids
            if row_id in self._names
        ]

    def _row_lines(self) -> list[Line]:
        rows = self._left_out_rows()
        first = (self._rows_page - 1) * _ROWS_SHOWN
        lines: list[Line] = [
            (text(f" {one.store_id:<9} {self.number_of(one)}  "), text(words, Role.QUIET))
            for one, words in rows[first : first + _ROWS_SHOWN]
        ]
        more = len(rows) - first - _ROWS_SHOWN
        if more > 0:
            lines.append(plain(" " + _("and {count} more: Tab").format(count=f"{more:,}"), Role.QUIET))
        return lines

    def hints(self) -> list[KeyHint]:
        does = self.does()
        hints = [KeyHint("F9", does)] if does else []
        if self.preview.ready and self.is_complete and self.is_locked:
            hints.append(KeyHint("F9", _("locked"), enabled=False))
        hints.append(KeyHint("◄", _("no")))
        count = self.preview.left_out_count
        if count:
            last_page = self._rows_page * _ROWS_SHOWN >= len(self._left_out_rows())
            label = _("the {count} left out").format(count=f"{count:,}") if not self._rows_page else _("more")
            hints.append(KeyHint("Tab", _("back") if self._rows_page and last_page else label))
        options = len(self.options())
        if options and self.level is not Level.COSTS:
            hints.append(KeyHint("1" if options == 1 else f"1-{options}", _("change")))
        if self._typed:
            hints.append(KeyHint("Backspace", ""))
        return hints

    # What its keys do.

    def key(self, key: str, character: str | None) -> bool:
        if self.level is not Level.COSTS or self.field is not None or not self.is_complete:
            return False
        if character is not None and character.isdigit() and character.isascii():
            self._typed = (self._typed + character)[-6:]
        elif key == "backspace" and self._typed:
            self._typed = self._typed[:-1]
        else:
            return False
        self.changed()
        return True

    def option(self, number: int) -> bool:
        options = self.options()
        if self.level is Level.COSTS or number > len(options):
            return False
        options[number - 1].turn()
        self.changed()
        return True

    def show_rows(self) -> bool:
        rows = len(self._left_out_rows())
        if not rows:
            return False
        self._rows_page = 0 if self._rows_page * _ROWS_SHOWN >= rows else self._rows_page + 1
        self.changed()
        return True

    def do(self) -> None:
        if self.does():
            parts = self.parts()
            self.close()
            self._order(parts)

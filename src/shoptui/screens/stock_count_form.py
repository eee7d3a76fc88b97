"""The strip of a count from a file: what it would change on the books, before anything is taken over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoptui.commands import Level
from shoptui.domain.counting import CountDifferences, CountLine
from shoptui.i18n import _, ngettext
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, fit_line, plain, text
from shoptui.screens.strip_lines import labelled, labelled_lines
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words.stock import named, pools_count, units_count

_SHOWN = 4
_A_PAGE = 8


class CountForm(Form):
    """The differences of a count to the books. F9 takes it over; nothing is written to a marketplace."""

    level = Level.OURS
    takes_room = True

    def __init__(
        self,
        source: str,
        found: CountDifferences,
        problems: Sequence[str],
        take_over: Callable[[Sequence[CountLine]], object],
    ) -> None:
        super().__init__()
        self._source = source
        self.found = found
        self._problems = list(problems)
        self._take_over = take_over
        self._page = 0

    @property
    def _lines(self) -> list[CountLine]:
        """What is taken over: codes nobody lists are not."""
        return [CountLine(one.sku, one.counted) for one in (*self.found.changed, *self.found.same)]

    def does(self) -> str:
        count = len(self._lines)
        return _("take {pools} over").format(pools=pools_count(count)) if count else ""

    def title(self) -> Line:
        return plain(_("COUNT {source}").format(source=self._source))

    def title_right(self) -> Line:
        return plain(_("ours alone: no marketplace sees it"), Role.QUIET)

    def lines(self, width: int, now: int) -> list[Line]:
        found = self.found
        if self._page:
            first = (self._page - 1) * _A_PAGE
            return self._differences(first, _A_PAGE, width)
        words = _("{changed} differ by {units} in all, {same} agree").format(
            changed=pools_count(len(found.changed)), units=units_count(abs(found.total_by)), same=len(found.same)
        )
        if found.total_by:
            words += " " + (_("(there are more)") if found.total_by > 0 else _("(there are fewer)"))
        lines = labelled_lines(_("changes"), words, width)
        lines += self._differences(0, _SHOWN, width)
        if found.unknown:
            skus = named([line.sku for line in found.unknown])
            words = ngettext(
                "{count} code that no store lists is not taken over: {skus}",
                "{count} codes that no store lists are not taken over: {skus}",
                len(found.unknown),
            )
            said = words.format(count=len(found.unknown), skus=skus)
            lines += labelled_lines(_("left out"), said, width, Role.SOON, most=2)
        if found.missing:
            words = _("{pools} counted before are not in it: they stay as they are")
            lines.append(labelled("", words.format(pools=pools_count(len(found.missing)))))
        if self._problems:
            words = self._problems[0]
            if len(self._problems) > 1:
                words += " " + _("(and {count} more)").format(count=len(self._problems) - 1)
            lines += labelled_lines(_("unclear"), words, width, Role.SOON, most=2)
        return lines

    def _differences(self, first: int, most: int, width: int) -> list[Line]:
        lines: list[Line] = []
        for one in self.found.changed[first : first + most]:
            was = "?" if one.booked is None else f"{one.booked}"
            by = "" if one.by is None else f"  {one.by:+d}"
            pieces: Line = (text(f"   {one.sku:<14} {was:>6} > {one.counted:<6}{by:<7} "), text(one.name, Role.QUIET))
            lines.append(fit_line(pieces, width))
        more = len(self.found.changed) - first - most
        if more > 0:
            lines.append(plain("   " + _("and {pools} more: Tab").format(pools=pools_count(more)), Role.QUIET))
        return lines

    def hints(self) -> list[KeyHint]:
        does = self.does()
        hints = [*([KeyHint("F9", does)] if does else []), KeyHint("◄", _("no"))]
        if len(self.found.changed) > _SHOWN:
            hints.append(KeyHint("Tab", _("the rows")))
        return hints

    def show_rows(self) -> bool:
        rows = len(self.found.changed)
        if rows <= _SHOWN:
            return False
        self._page = 0 if self._page * _A_PAGE >= rows else self._page + 1
        self.changed()
        return True

    def do(self) -> None:
        lines = self._lines
        if lines:
            self.close()
            self._take_over(lines)

"""The strip of Money that asks what is exported."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoptui.i18n import _
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, plain, text
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role


class ExportForm(Form):
    """What of money is written to a file, of which stores, since when, as what."""

    SINCE_DAYS = (None, 7, 30, 90)
    #: How a file ends, and whether sums stand at its end; an Excel file always has them.
    FORMATS = (("csv", False), ("csv", True), ("xlsx", True))

    def __init__(
        self,
        tables: Sequence[tuple[str, str]],
        first: str,
        store_ids: Sequence[str],
        write: Callable[[ExportForm], None],
    ) -> None:
        """`tables` are (id, words), `first` the proposed one; `store_ids` those marked, or the one under the cursor."""
        super().__init__()
        self._tables = list(tables)
        self._place = next((place for place, (name, _words) in enumerate(tables) if name == first), 0)
        self._own = tuple(store_ids)
        self.all_stores = not self._own
        self._format = 0
        self._since = 0
        self._write = write

    @property
    def table(self) -> str:
        return self._tables[self._place][0]

    @property
    def ending(self) -> str:
        """What the file's name ends with."""
        return self.FORMATS[self._format][0]

    @property
    def with_totals(self) -> bool:
        return self.FORMATS[self._format][1]

    @property
    def since_days(self) -> int | None:
        """Statements that ended within so many days, None for all."""
        return self.SINCE_DAYS[self._since]

    @property
    def store_ids(self) -> tuple[str, ...] | None:
        """The stores meant, None for all."""
        return None if self.all_stores else self._own

    def does(self) -> str:
        return _("write the file")

    def title(self) -> Line:
        return plain(_("EXPORT {what}").format(what=self._tables[self._place][1]))

    def lines(self, width: int, now: int) -> list[Line]:
        stores = _("all") if self.all_stores else ", ".join(self._own[:4]) + (" …" if len(self._own) > 4 else "")
        since = _("all there are") if self.since_days is None else _("{count} days").format(count=self.since_days)
        dated = self.table in {"statements", "lines"}
        formats = ("CSV", _("CSV, with totals"), _("Excel (xlsx), with totals"))
        return [
            (text(" 1 ", Role.INFO), text(_("what: {what}").format(what=self._tables[self._place][1]))),
            (text(" 2 ", Role.INFO), text(_("as: {format}").format(format=formats[self._format]))),
            (text(" 3 ", Role.INFO), text(_("stores: {stores}").format(stores=stores))),
            (
                text(" 4 ", Role.INFO if dated else Role.QUIET),
                text(_("of the last: {since}").format(since=since), Role.TEXT if dated else Role.QUIET),
            ),
        ]

    def hints(self) -> list[KeyHint]:
        return [*super().hints(), KeyHint("1-4", _("change"))]

    def option(self, number: int) -> bool:
        if number == 1:
            self._place = (self._place + 1) % len(self._tables)
        elif number == 2:
            self._format = (self._format + 1) % len(self.FORMATS)
        elif number == 3 and self._own:
            self.all_stores = not self.all_stores
        elif number == 4:
            self._since = (self._since + 1) % len(self.SINCE_DAYS)
        else:
            return False
        self.changed()
        return True

    def do(self) -> None:
        self.close()
        self._write(self)

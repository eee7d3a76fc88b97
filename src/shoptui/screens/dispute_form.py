"""The strip that asks how a dispute's pack is made, of which differences and claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from shoptui.cellwidth import fit
from shoptui.cockpit.dispute_pack import claimable
from shoptui.commands import Level
from shoptui.domain.anomalies import CLAIMED
from shoptui.domain.claims import WHYS
from shoptui.domain.disputes import Language
from shoptui.i18n import _, ngettext
from shoptui.queries.money import AnomalyRow
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, fit_line, plain, text, wrap
from shoptui.screens.money_pane import sum_words
from shoptui.widgets.keyline import KeyHint
from shoptui.widgets.roles import Role
from shoptui.words import orders_count, stores_count
from shoptui.words.money import amount_in, anomaly_title, lines_count, why_short

#: So many rows are shown at once; Tab goes on.
_ROWS_A_PAGE = 8
#: Cells of their amounts.
_AMOUNT = 12
_LANGUAGES = (Language.ENGLISH, Language.CHINESE)


def shown_path(path: Path, width: int) -> str:
    """A path that fits: its end says more than its beginning."""
    words = str(path)
    return words if len(words) <= width else "…" + words[-(width - 1) :]


class DisputeForm(Form):
    """A pack for each store of differences and claims of the house's own: files only, nothing is sent.

    What the claims are about may be said otherwise than it is proposed, for all of them at once.
    """

    level = Level.OURS

    def __init__(
        self,
        rows: Sequence[AnomalyRow],
        folder: Path,
        make: Callable[[DisputeForm], None],
        change_folder: Callable[[DisputeForm], None],
        *,
        chinese: bool,
        tracks: bool,
    ) -> None:
        """`tracks` is False while there is no engine to keep the dispute."""
        super().__init__()
        self.rows = list(rows)
        self.folder = folder
        self.language = Language.CHINESE if chinese else Language.ENGLISH
        self.with_labels = tracks
        self.track = tracks
        self._can_track = tracks
        self._make = make
        self._change_folder = change_folder
        self._page = 0
        #: As they are proposed, and which reason is chosen for claims instead (0: each its own).
        self._proposed = list(rows)
        claims = [row.anomaly.kind for row in self.ready if row.anomaly.kind in CLAIMED]
        self._whys = WHYS[claims[0]] if claims else ()
        self._why = 0

    @property
    def ready(self) -> list[AnomalyRow]:
        """What can be claimed."""
        return [row for row in self.rows if claimable(row)]

    @property
    def stores(self) -> list[str]:
        return sorted({row.anomaly.store_id for row in self.ready})

    def does(self) -> str:
        count = len(self.stores)
        return ngettext("make the pack", "make {count} packs", count).format(count=count) if count else ""

    def why_not(self) -> str:
        return _("Nothing of this can be claimed: no money is missing, or it is in dispute already.")

    def title(self) -> Line:
        ready, stores = self.ready, self.stores
        if not ready:
            return plain(_("DISPUTE PACK for none of {lines}").format(lines=lines_count(len(self.rows))))
        whose = stores[0] if len(stores) == 1 else stores_count(len(stores))
        lines = lines_count(len(ready))
        if len({row.anomaly.paid.currency for row in ready}) != 1:
            # Amounts of many currencies say less than how many there are.
            return plain(_("DISPUTE PACK for {lines}, {stores}").format(lines=lines, stores=whose))
        amount = sum_words([-row.anomaly.difference for row in ready])
        words = _("DISPUTE PACK for {lines}, {stores}, {amount}")
        return plain(words.format(lines=lines, stores=whose, amount=amount))

    def title_right(self) -> Line:
        return plain(_("files only, nothing is sent"), Role.QUIET)

    def lines(self, width: int, now: int) -> list[Line]:
        if self._page:
            return self._page_lines(width, now)
        if not self.ready:
            return [*wrap(f" {self.why_not()}", width, Role.SOON, 1), self._left_out()]
        orders = orders_count(len({(row.anomaly.store_id, row.anomaly.order_no) for row in self.ready}))
        holds = _("in it    {orders}, amounts, timeline, carrier scans, letter").format(orders=orders)
        letter = {Language.ENGLISH: _("English"), Language.CHINESE: _("Chinese")}[self.language]
        yes, no = _("yes"), _("no")
        track = yes if self.track else no
        if not self._can_track:
            track = _("no (no engine)")
        return [
            plain(f" {holds}"),
            (
                text(" 1 ", Role.INFO),
                text(_("letter: {language}").format(language=letter)),
                text("   2 ", Role.INFO),
                text(_("to: {folder}").format(folder=shown_path(self.folder, max(20, width - 32)))),
            ),
            (
                text(" 3 ", Role.INFO),
                text(_("then track it: {answer}").format(answer=track)),
                text("   4 ", Role.INFO),
                text(_("label copies: {answer}").format(answer=yes if self.with_labels else no)),
            ),
            *([self._why_line(now)] if self._whys else []),
            self._left_out(),
        ]

    def _page_lines(self, width: int, now: int) -> list[Line]:
        """The rows themselves, those that are left out first with what keeps them out."""
        rows = sorted(self.rows, key=claimable)
        first = (self._page - 1) * _ROWS_A_PAGE
        lines = [self._row_line(row, width, now) for row in rows[first : first + _ROWS_A_PAGE]]
        if (more := len(rows) - first - _ROWS_A_PAGE) > 0:
            lines.append(plain(" " + _("and {lines} more: Tab").format(lines=lines_count(more)), Role.QUIET))
        return lines

    def _row_line(self, row: AnomalyRow, width: int, now: int) -> Line:
        anomaly, ready = row.anomaly, claimable(row)
        why = why_short(anomaly, now)
        if not ready:
            why = (
                _("left out: no money is missing")
                if anomaly.difference.minor >= 0
                else _("left out: in dispute already")
            )
        amount = amount_in(anomaly.difference, _AMOUNT, symbol=True)
        pieces: Line = (
            text(f" {fit(anomaly_title(anomaly), 19)} {fit(anomaly.store_id, 8)} {anomaly.order_no[-6:]:<6} "),
            text(fit(amount, _AMOUNT, "right"), Role.TEXT if ready else Role.QUIET),
            text(f"  {why}", Role.QUIET if ready else Role.SOON),
        )
        return fit_line(pieces, width)

    def _why_line(self, now: int) -> Line:
        words = {why_short(row.anomaly, now) for row in self.ready if row.anomaly.kind in CLAIMED}
        said = next(iter(words)) if len(words) == 1 else _("each by what is known of it")
        return (text(" 5 ", Role.INFO), text(_("what happened: {what}").format(what=said)))

    def _left_out(self) -> Line:
        extra = sum(1 for row in self.rows if row.anomaly.difference.minor >= 0)
        argued = len(self.rows) - len(self.ready) - extra
        if not extra and not argued:
            return plain(" " + _("left out none"), Role.QUIET)
        reasons = []
        if extra:
            reasons.append(_("{count} where no money is missing").format(count=extra))
        if argued:
            reasons.append(_("{count} in dispute already").format(count=argued))
        return plain(" " + _("left out {count}: {why}").format(count=extra + argued, why=", ".join(reasons)), Role.SOON)

    def hints(self) -> list[KeyHint]:
        hints = [*super().hints(), KeyHint("Tab", _("the rows"))]
        return hints if not self.ready else [*hints, KeyHint("1-5" if self._whys else "1-4", _("change"))]

    def option(self, number: int) -> bool:
        if not self.ready:
            return False
        if number == 1:
            place = (_LANGUAGES.index(self.language) + 1) % len(_LANGUAGES)
            self.language = _LANGUAGES[place]
        elif number == 2:
            self._change_folder(self)
            return True
        elif number == 3 and self._can_track:
            self.track = not self.track
        elif number == 4 and self._can_track:
            self.with_labels = not self.with_labels
        elif number == 5 and self._whys:
            self._say_why((self._why + 1) % (len(self._whys) + 1))
        else:
            return False
        self.changed()
        return True

    def _say_why(self, place: int) -> None:
        self._why = place
        self.rows = list(self._proposed)
        if place:
            why = self._whys[place - 1].value
            self.rows = [
                replace(row, anomaly=replace(row.anomaly, why=why)) if row.anomaly.kind in CLAIMED else row
                for row in self._proposed
            ]

    def show_rows(self) -> bool:
        if not self.rows:
            return False
        self._page = 0 if self._page * _ROWS_A_PAGE >= len(self.rows) else self._page + 1
        self.changed()
        return True

    def do(self) -> None:
        if self.does():
            self.close()
            self._make(self)

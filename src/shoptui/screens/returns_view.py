"""The request under the cursor of Returns: read with its order and history, shown in the pane, explained, copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.domain.clocks import MINUTE_S
from shoptui.i18n import _
from shoptui.queries.returns import CANCEL_PREFIX, ReturnDetail, ReturnRow
from shoptui.screens.explain import explain_return
from shoptui.screens.lines import Line, plain
from shoptui.screens.returns_list import ReturnsList
from shoptui.screens.returns_pane import ReturnFacts, detail_lines, peek_lines
from shoptui.widgets.roles import Role
from shoptui.words import marketplace_name


class ReturnsView(ReturnsList):
    """The list with the request under its cursor."""

    keeps_peek = True

    detail: ReturnDetail | None = None
    explained: Sequence[str] | None = None
    """The lines of `K`, None while they are not asked for."""
    revealed: Mapping[str, str] | None = None
    """What a reveal answered for the buyer in the pane, None while it is hidden."""
    _next_picture = 0
    _pane_drawn_at = 0
    _refreshed: int | None = None

    # Reading.

    def cursor_rested(self) -> None:
        row_id = self.grid.cursor_id
        if row_id is None or not self.house.is_open:
            self.detail = None
            return
        if self.detail is not None and self.detail.row.row_id != row_id:
            self.explained = self.revealed = None
            self._next_picture = 0

        async def read_detail() -> Callable[[], None]:
            detail = await self.house.reader.returns.detail(row_id, self.session.now)

            def take() -> None:
                if self.grid.cursor_id == row_id:
                    self.detail = detail
                    self.show_pane()
                    self._read_anew()

            return take

        self.read(read_detail, "detail", exclusive=True)

    def _read_anew(self) -> None:
        """Have the engine read a request that is looked at closely, once: with it comes what happened to it."""
        row = self.grid.cursor_row
        if not self.in_pane or row is None or row.ended or self._refreshed == row.row_id:
            return
        self._refreshed = row.row_id
        # What is here is shown in any case: whether it could be read anew makes no difference to who reads.
        self.ask("return_refresh", lambda answer: None, **{"return": [row.store_id, row.return_id]})

    # The pane.

    def pane_changes_at(self, now: int) -> int:
        return self._pane_drawn_at + MINUTE_S

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        self._pane_drawn_at = self.session.now
        row = self.grid.cursor_row
        if row is None:
            return self._empty_lines()
        detail = self.detail if self.detail is not None and self.detail.row.row_id == row.row_id else None
        facts = self._facts(row)
        return detail_lines(row, detail, facts, width) if full else peek_lines(row, detail, facts, width)

    def _facts(self, row: ReturnRow) -> ReturnFacts:
        store = self.session.store(row.store_id)
        position = self.window.position_of(row.row_id) if self.in_pane else None
        place = ""
        if position is not None:
            place = _("{place} of {count}").format(place=f"{position + 1:,}", count=f"{self.window.row_count:,}")
        return ReturnFacts(
            now=self.session.now,
            zone=self.session.zone,
            operator=self.session.operator,
            market_name=f"{marketplace_name(store.marketplace)} {store.region}" if store is not None else "",
            place_in_list=place,
            explained=self.explained,
            revealed=self.revealed,
            next_picture=self._next_picture,
        )

    def _empty_lines(self) -> list[Line]:
        if self.grid.cursor_on_group:
            words = _("Their time ran out. Enter shows them; what can still be saved is below.")
            return [(), plain(f" {words}", Role.QUIET)]
        if self._reading or not self._listed:
            return []
        waiting = self.session.house.counts.returns_waiting
        if self.filter_text and waiting:
            words = _("Nothing here. {count} wait for our answer: 0 shows them, / changes the filter.")
            return [(), plain(" " + words.format(count=waiting), Role.QUIET)]
        words = _("Nothing to answer. 7 shows what is on its way back, / finds what is over.")
        return [(), plain(f" {words}", Role.QUIET)]

    def go_back(self) -> bool:
        if self.in_pane:
            self.explained = self.revealed = None
        return super().go_back()

    # Looking closer.

    def do_row_copy(self, argument: str) -> None:
        """In the list the number; in the pane, where they stand, one link to a picture after another."""
        row = self.grid.cursor_row
        if row is None:
            return
        links = self.detail.request.evidence if self.detail is not None and self.in_pane else ()
        if not links:
            number = row.return_id.removeprefix(CANCEL_PREFIX)
            self.app.copy_to_clipboard(number)
            self.session.say(_("{number} sent to the terminal's clipboard.").format(number=number))
            return
        place = self._next_picture % len(links)
        self.app.copy_to_clipboard(links[place])
        self._next_picture = (place + 1) % len(links)
        words = _("The link of picture {place} of {count} was sent to the terminal's clipboard.")
        self.session.say(words.format(place=place + 1, count=len(links)))
        self.show_pane()

    def do_row_runbook(self, argument: str) -> None:
        if self.explained is not None:
            self.explained = None
            self.show_pane()
            return
        detail, row = self.detail, self.grid.cursor_row
        if detail is None or row is None:
            return
        store = self.session.store(row.store_id)

        async def explain() -> Callable[[], None]:
            lines = await explain_return(self.house.rules, detail, store)

            def show() -> None:
                if self.grid.cursor_id == row.row_id:
                    self.explained = lines
                    self.pane.to_top()
                    self.enter_pane()

            return show

        self.read(explain, "explain", exclusive=True)

    def do_row_reveal(self, argument: str) -> None:
        if self.revealed is not None:
            self.revealed = None
            self.show_pane()
            return
        row = self.grid.cursor_row
        if row is None:
            return

        def answered(answer: Answer) -> None:
            if not answer.ok:
                self.session.say(answer.say, tone=Tone.BAD)
            elif self.grid.cursor_id == row.row_id:
                shown = {key: str(value) for key, value in answer.body.items() if isinstance(value, str)}
                if answer.body.get("masked"):
                    shown["note"] = _("The marketplace itself hides the rest; there is nothing more to show.")
                self.revealed = shown
                self.pane.to_top()
                self.enter_pane()

        self.ask("reveal", answered, store_id=row.store_id, order_no=row.order_no)

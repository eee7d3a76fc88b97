"""The request under the cursor of Returns: read with its order and history, shown in the pane, explained, copied."""

from __future__ import annotations

from collections.abc import Callable

from shoptui.i18n import _
from shoptui.queries.returns import CANCEL_PREFIX, ReturnDetail, ReturnRow
from shoptui.screens.explain import explain_return
from shoptui.screens.lines import Line, plain
from shoptui.screens.returns_list import ReturnsList
from shoptui.screens.returns_pane import ReturnFacts, detail_lines, peek_lines
from shoptui.widgets.roles import Role


class ReturnsView(ReturnsList):
    """The list with the request under its cursor."""

    keeps_peek = True

    detail: ReturnDetail | None = None
    _next_picture = 0
    _refreshed: int | None = None

    # Reading.

    def cursor_rested(self) -> None:
        row_id = self.grid.cursor_id
        if row_id is None or not self.house.is_open:
            self.detail = None
            return
        if self.detail is not None and self.detail.row.row_id != row_id:
            self.forget_looks()
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

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        self._pane_drawn_at = self.session.now
        row = self.grid.cursor_row
        if row is None:
            return self._empty_lines()
        detail = self.detail if self.detail is not None and self.detail.row.row_id == row.row_id else None
        facts = self._facts(row)
        return detail_lines(row, detail, facts, width) if full else peek_lines(row, detail, facts, width)

    def _facts(self, row: ReturnRow) -> ReturnFacts:
        return ReturnFacts(
            now=self.session.now,
            zone=self.session.zone,
            operator=self.session.operator,
            market_name=self.market_name(row.store_id),
            place_in_list=self.place_in_list(row),
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

    # Looking closer.

    def do_row_copy(self, argument: str) -> None:
        """In the list the number; in the pane, where they stand, one link to a picture after another."""
        row = self.grid.cursor_row
        if row is None:
            return
        links = self.detail.request.evidence if self.detail is not None and self.in_pane else ()
        if not links:
            self.copy(row.return_id.removeprefix(CANCEL_PREFIX))
            return
        place = self._next_picture % len(links)
        self.app.copy_to_clipboard(links[place])
        self._next_picture = (place + 1) % len(links)
        words = _("The link of picture {place} of {count} was sent to the terminal's clipboard.")
        self.session.say(words.format(place=place + 1, count=len(links)))
        self.show_pane()

    def do_row_runbook(self, argument: str) -> None:
        detail, row = self.detail, self.grid.cursor_row
        if detail is not None and row is not None:
            store = self.session.store(row.store_id)
            self.explain(lambda: explain_return(self.house.rules, detail, store))

    def do_row_reveal(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is not None:
            self.reveal(row.store_id, row.order_no)

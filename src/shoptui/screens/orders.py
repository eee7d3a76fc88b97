"""The Orders place: every store's orders in one list, next loss first, with the order under the cursor beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from shoptui.command_state import CommandState
from shoptui.commands import Command
from shoptui.domain.clocks import countdown
from shoptui.i18n import _, countdown_units
from shoptui.queries.types import OrderRow
from shoptui.screens.lines import Line, text
from shoptui.screens.order_pane import PaneFacts, detail_lines, peek_lines
from shoptui.screens.order_papers import OrdersPapers, pick_lines
from shoptui.screens.row_disputes import RowDisputes
from shoptui.widgets.roles import Role
from shoptui.words import age_words, own_words

if TYPE_CHECKING:
    from shoptui.queries.money import AnomalyRow


class OrdersPlace(OrdersPapers, RowDisputes[OrderRow]):
    """The list of orders with its verbs, and the pane that shows the order under the cursor."""

    def label_of(self, command: Command) -> str:
        row = self.grid.cursor_row
        if row is None or len(self.grid.marks):
            return ""
        if command.id == "order.hold" and row.held_by:
            return _("Release")
        if command.id == "row.claim" and row.claimed_by == self.session.operator:
            return _("Not mine")
        return ""

    def house_changed(self) -> None:
        # Signs of silent stores and of colleagues stand in its rows.
        self.grid.redraw()

    async def disputable(self, rows: Sequence[OrderRow]) -> list[AnomalyRow]:
        from shoptui.cockpit.disputable import of_orders

        return await of_orders(self.house.reader, rows, self.session.now)

    # The pane.

    def cursor_rested(self) -> None:
        row_id = self.grid.cursor_id
        if row_id is None or not self.house.is_open:
            self.detail = None
            return

        async def read_detail() -> Callable[[], None]:
            detail = await self.house.reader.order(row_id, self.session.now)
            shelves = await self.look_for_shelves()

            def take() -> None:
                self.shelves = shelves
                if self.grid.cursor_id == row_id:
                    self.detail = detail
                    self.show_pane()

            return take

        if self.detail is not None and self.detail.row.row_id != row_id:
            self.forget_looks()
        self.read(read_detail, "detail", exclusive=True)

    def state(self) -> CommandState:
        state = super().state()
        row, hello = self.grid.cursor_row, self.session.hello
        store = self.session.store(row.store_id) if row is not None else None
        if store is None or hello is None or state.marked:
            return state
        cannot = [(verb, own_words(why)) for (name, verb), why in hello.never.items() if name == store.marketplace]
        return replace(state, cannot=tuple(cannot))

    def pane_changes_at(self, now: int) -> int:
        changes = [super().pane_changes_at(now)]
        for clock in self.detail.order.clocks if self.detail is not None else ():
            if clock.running:
                reading = countdown(
                    clock.due_at, self._pane_drawn_at, seconds=self.pane_is_full, units=countdown_units()
                )
                changes += [reading.changes_at] if reading.changes_at is not None else []
        return min(changes)

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        self._pane_drawn_at = self.session.now
        if self.picks is not None and full:
            return pick_lines(self.picks, width)
        row = self.grid.cursor_row
        if row is None:
            return self._empty_lines()
        detail = self.detail if self.detail is not None and self.detail.row.row_id == row.row_id else None
        facts = self._facts(row)
        return detail_lines(row, detail, facts, width) if full else peek_lines(row, detail, facts, width)

    def _facts(self, row: OrderRow) -> PaneFacts:
        feed_age = age_words(row.seen_at, self.session.now)
        return PaneFacts(
            now=self.session.now,
            zone=self.session.zone,
            operator=self.session.operator,
            market_name=self.market_name(row.store_id),
            place_in_list=self.place_in_list(row),
            age=_("read {age} ago").format(age=feed_age) if feed_age not in {_("live"), _("never")} else feed_age,
            revealed=self.revealed,
            explained=self.explained,
            seconds=self.pane_is_full,
            shelves=self.shelves,
        )

    def _empty_lines(self) -> list[Line]:
        if self.grid.cursor_on_group:
            words = _("These have missed a clock. Enter shows them; what can still be saved is below.")
            return [(), (text(f" {words}", Role.QUIET),)]
        if self._reading or not self._listed:
            return []
        if self.filter_text:
            return [(), (text(" " + _("Nothing matches.   0 shows all, / changes the filter."), Role.QUIET),)]
        return [(), (text(" " + _("No orders yet."), Role.QUIET),)]

"""The verbs of Orders that stay in the house: hold, claim, tag, note, reveal, explain, copy, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from shoptui.client import Answer
from shoptui.cockpit.export import export_path, write_orders
from shoptui.cockpit.notices import Tone
from shoptui.i18n import _
from shoptui.queries.types import OrderDetail, OrderRow
from shoptui.screens.explain import explain_clocks
from shoptui.screens.orders_list import OrdersList
from shoptui.words import orders_count


class OrdersVerbs(OrdersList):
    """What can be done with orders without ordering anything."""

    detail: OrderDetail | None = None
    revealed: Mapping[str, str] | None = None
    """What a reveal answered for the order in the pane, None while it is hidden."""
    explained: Sequence[str] | None = None
    """The lines of `K` for the order in the pane, None while they are not asked for."""

    # What is ours alone.

    def do_order_hold(self, argument: str) -> None:
        def go_on(rows: list[OrderRow]) -> None:
            on = not all(row.held_by for row in rows)
            changing = [row for row in rows if bool(row.held_by) != on]
            done = _("Held {orders}: not to be shipped before b releases the hold.") if on else _("Released {orders}.")
            undone = _("Released {orders} again.") if on else _("Held {orders} again.")
            self.change_orders("hold", changing, on, done, undone)

        self.with_rows(go_on)

    def do_order_refresh(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is not None:
            self.session.say(_("Reading {order} from the marketplace ...").format(order=row.order_no))
            self.ask("order_refresh", self._refreshed, store_id=row.store_id, order_no=row.order_no)

    def _refreshed(self, answer: Answer) -> None:
        if answer.ok:
            self.session.say(_("Read just now."), tone=Tone.GOOD)
        else:
            self.session.say(answer.say, tone=Tone.BAD)
        self.cursor_rested()

    # Looking closer.

    def do_row_reveal(self, argument: str) -> None:
        if self.revealed is not None:
            self.forget_private()
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
            lines = await explain_clocks(self.house.rules, detail.order, store)

            def show() -> None:
                if self.grid.cursor_id == row.row_id:
                    self.explained = lines
                    self.pane.to_top()
                    self.enter_pane()

            return show

        self.read(explain, "explain", exclusive=True)

    def forget_private(self) -> None:
        """Hide what was revealed and explained: it belongs to one order and one look."""
        self.revealed = None
        self.explained = None

    def do_row_copy(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is not None:
            self.app.copy_to_clipboard(row.order_no)
            self.session.say(_("{number} sent to the terminal's clipboard.").format(number=row.order_no))

    def do_list_export(self, argument: str) -> None:
        ids = self.target_ids() if len(self.grid.marks) else list(self.window.index.ids)
        now = self.session.now
        path = export_path(self.session.data_dir, datetime.fromtimestamp(now, self.session.zone))

        async def export() -> Callable[[], None]:
            said = await write_orders(self.house.reader, ids, path, now)
            return lambda: self.session.say(said, tone=Tone.GOOD)

        self.session.say(_("Writing {orders} ...").format(orders=orders_count(len(ids))))
        self.read(export, "export", exclusive=True)

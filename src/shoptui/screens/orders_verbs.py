"""The verbs of Orders that stay in the house: hold, claim, tag, note, reveal, explain, copy, export."""

from __future__ import annotations

from shoptui.client import Answer
from shoptui.cockpit.export import write_orders
from shoptui.cockpit.notices import Tone
from shoptui.i18n import _
from shoptui.queries.types import OrderDetail, OrderRow
from shoptui.screens.explain import explain_clocks
from shoptui.screens.orders_list import OrdersList


class OrdersVerbs(OrdersList):
    """What can be done with orders without ordering anything."""

    detail: OrderDetail | None = None

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
        row = self.grid.cursor_row
        if row is not None:
            self.reveal(row.store_id, row.order_no)

    def do_row_runbook(self, argument: str) -> None:
        detail, row = self.detail, self.grid.cursor_row
        if detail is not None and row is not None:
            store = self.session.store(row.store_id)
            self.explain(lambda: explain_clocks(self.house.rules, detail.order, store))

    def do_row_copy(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is not None:
            self.copy(row.order_no)

    def do_list_export(self, argument: str) -> None:
        now = self.session.now
        self.export("orders", lambda ids, path: write_orders(self.house.reader, ids, path, now))

"""The verbs of Orders that stay in the house: hold, claim, tag, note, reveal, explain, copy, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from shoptui.client import Answer
from shoptui.cockpit.export import export_path, write_orders
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoRequest
from shoptui.domain.tags import normal_tag
from shoptui.i18n import _
from shoptui.queries.types import OrderDetail, OrderRow
from shoptui.screens.explain import explain_clocks
from shoptui.screens.forms import TextForm
from shoptui.screens.orders_list import OrdersList
from shoptui.words import orders_count

#: Orders in one request to the engine; more go in parts.
_TARGETS_MAX = 2000


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
            self._change("hold", changing, on, done, undone)

        self.with_rows(go_on)

    def do_row_claim(self, argument: str) -> None:
        def go_on(rows: list[OrderRow]) -> None:
            me = self.session.operator
            on = not all(row.claimed_by == me for row in rows)
            changing = [row for row in rows if (row.claimed_by == me) != on]
            done = _("Claimed {orders}: colleagues see it.") if on else _("Gave back {orders}.")
            undone = _("Gave back {orders}.") if on else _("Claimed {orders} again.")
            taken = sorted({row.claimed_by for row in changing if row.claimed_by and row.claimed_by != me})
            if on and taken:
                done += " " + _("Taken over from {who}.").format(who=", ".join(taken))
            self._change("claim", changing, on, done, undone)

        self.with_rows(go_on)

    def do_row_tag(self, argument: str) -> None:
        row = self.grid.cursor_row
        known = ", ".join(row.tags) if row is not None and row.tags else _("none")

        def enter(words: str) -> str | None:
            # As it is kept, so that what is said and compared is what is there.
            tag = normal_tag(words.strip().lstrip("#"))
            if not tag or " " in words.strip():
                return _("A tag is one word without blanks.")
            self.with_rows(lambda rows: self._tag(rows, tag))
            return None

        help_line = _("On this order: {tags}. A tag that is on everything chosen comes off.").format(tags=known)
        count = len(self.target_ids())
        title = _("TAG {orders}").format(orders=orders_count(count))
        draft = "tag:marked" if row is None or len(self.grid.marks) else f"tag:{row.store_id}/{row.order_no}"
        self.post_message(self.FormWanted(TextForm(title, "#", enter, help_lines=[help_line], draft=draft)))

    def _tag(self, rows: list[OrderRow], tag: str) -> None:
        on = not all(tag in row.tags for row in rows)
        changing = [row for row in rows if (tag in row.tags) != on]
        done = _("#{tag} is on {orders}.") if on else _("#{tag} is off {orders}.")
        undone = _("#{tag} is off {orders} again.") if on else _("#{tag} is on {orders} again.")
        self._change("tag", changing, on, done, undone, tag=tag)

    def _change(self, do: str, rows: Sequence[OrderRow], on: bool, done: str, undone: str, **more: str) -> None:
        """Ask for a change of what is ours, say what was done and keep how to undo it."""
        targets = [[row.store_id, row.order_no] for row in rows]
        if not targets:
            return
        parts = [targets[first : first + _TARGETS_MAX] for first in range(0, len(targets), _TARGETS_MAX)]
        changed = 0

        def ask_part(place: int) -> None:
            self.ask(do, partial(answered, place), on=on, orders=parts[place], **more)

        def answered(place: int, answer: Answer) -> None:
            nonlocal changed
            if not answer.ok:
                self.session.say(answer.say, tone=Tone.BAD)
                return
            changed += len(parts[place])
            said = {"orders": orders_count(len(parts[place])), **more}
            undo: dict[str, Any] = {"orders": parts[place], "on": not on, **more}
            self.session.undo.push(UndoRequest(do, undo, undone.format(**said)))
            words = done.format(orders=orders_count(changed), **more)
            if place + 1 < len(parts):
                self.session.say(words)
                ask_part(place + 1)
            else:
                # Each part of a large change is taken back by itself, the last one first.
                again = _("z takes it back.") if len(parts) == 1 else _("z takes them back, part by part.")
                self.session.say(f"{words} {again}", tone=Tone.GOOD)

        ask_part(0)

    def do_row_message(self, argument: str) -> None:
        """Go to the conversation with this order's buyer and write there; it is opened where there is none yet."""
        row = self.grid.cursor_row
        if row is None:
            return

        async def look() -> Callable[[], None]:
            threads = self.house.reader.threads
            found = await threads.rows((await threads.of_order(row.store_id, row.order_no))[:1], self.session.now)
            if found:
                return lambda: self._write_in(row.store_id, found[0].thread_id)
            return lambda: self.ask("open_thread", opened, order=[row.store_id, row.order_no])

        def opened(answer: Answer) -> None:
            if answer.ok:
                self._write_in(row.store_id, str(answer.body["thread_id"]))
            else:
                self.session.say(answer.say, tone=Tone.BAD)

        self.read(look, "message", exclusive=True)

    def _write_in(self, store_id: str, thread_id: str) -> None:
        self.post_message(self.GoWanted(f"write:{store_id}/{thread_id}"))

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

"""What places of orders and of what belongs to orders share: claims and tags, writing to the buyer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoRequest
from shoptui.domain.tags import normal_tag
from shoptui.i18n import _
from shoptui.screens.forms import TextForm
from shoptui.screens.ordering_list import OrderingList
from shoptui.screens.rows_index import ListedRow
from shoptui.words import orders_count

#: Orders in one request to the engine; more go in parts.
_TARGETS_MAX = 2000


class DeskRow(ListedRow, Protocol):
    """What is asked of a row: its order, and what of ours is on that."""

    @property
    def store_id(self) -> str: ...

    @property
    def order_no(self) -> str: ...

    @property
    def claimed_by(self) -> str: ...

    @property
    def tags(self) -> tuple[str, ...]: ...


DeskRowT = TypeVar("DeskRowT", bound=DeskRow)


class DeskPlace(OrderingList[DeskRowT]):
    """A list whose rows belong to orders."""

    # What is ours alone.

    def marks_of_ours_changed(self, rows: Sequence[DeskRowT]) -> None:
        """Claims or tags of these rows' orders have changed at our asking."""

    def do_row_claim(self, argument: str) -> None:
        def go_on(rows: list[DeskRowT]) -> None:
            me = self.session.operator
            on = not all(row.claimed_by == me for row in rows)
            changing = [row for row in rows if (row.claimed_by == me) != on]
            done = _("Claimed {orders}: colleagues see it.") if on else _("Gave back {orders}.")
            undone = _("Gave back {orders}.") if on else _("Claimed {orders} again.")
            taken = sorted({row.claimed_by for row in changing if row.claimed_by and row.claimed_by != me})
            if on and taken:
                done += " " + _("Taken over from {who}.").format(who=", ".join(taken))
            self.change_orders("claim", changing, on, done, undone)

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

    def _tag(self, rows: list[DeskRowT], tag: str) -> None:
        on = not all(tag in row.tags for row in rows)
        changing = [row for row in rows if (tag in row.tags) != on]
        done = _("#{tag} is on {orders}.") if on else _("#{tag} is off {orders}.")
        undone = _("#{tag} is off {orders} again.") if on else _("#{tag} is on {orders} again.")
        self.change_orders("tag", changing, on, done, undone, tag=tag)

    def change_orders(self, do: str, rows: Sequence[DeskRowT], on: bool, done: str, undone: str, **more: str) -> None:
        """Ask for a change of what is ours, say what was done and keep how to undo it."""
        targets = [list(each) for each in dict.fromkeys((row.store_id, row.order_no) for row in rows)]
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
                self.marks_of_ours_changed(rows)

        ask_part(0)

    def do_row_message(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is not None:
            self.write_to_buyer(row.store_id, row.order_no)

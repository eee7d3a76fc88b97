"""The list of Orders: what is said about it, the way to one order, views, filter and sort, and how it is remembered."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from shoptui.cockpit.memory import MARKS_KEPT, PlaceMemory
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import is_stale
from shoptui.command_state import CommandState
from shoptui.i18n import _
from shoptui.queries.filter import FilterError
from shoptui.queries.query import looks_like_number
from shoptui.queries.sorting import DEFAULT_SORT, Sort
from shoptui.screens.filter_form import FilterForm
from shoptui.screens.forms import Choice, ChoiceForm
from shoptui.screens.lines import Line, text
from shoptui.screens.orders_index import OrdersIndex
from shoptui.screens.place import ViewLine
from shoptui.widgets.grid import Grid
from shoptui.widgets.roles import Role
from shoptui.words import Said, orders_count
from shoptui.words.set_aside import set_aside_line

#: A list whose filter follows the time is read anew this often, seconds.
_REREAD_S = 60


class OrdersList(OrdersIndex):
    """The list of orders; `Orders` adds verbs and pane."""

    # What the frame asks.

    def view_line(self, width: int) -> ViewLine:
        view = self.view_of(self.view)
        here = view is not None and view.filter_text == self.filter_text
        name = _(view.name) if view is not None and view.name else ""
        left: Line = (text(f"{self.view} {name}".strip() if here else _("filter"), Role.INFO),)
        if self.filter_text:
            left = (*left, text(f"  {self.filter_text}"))
        if self.sort != DEFAULT_SORT:
            left = (*left, text("  " + _("by {column}").format(column=self.sort), Role.QUIET))
        marked = len(self.grid.marks)
        right: Line = (text(orders_count(len(self.listed_ids))),)
        if marked:
            right = (*right, text("  " + _("{count} marked").format(count=f"{marked:,}"), Role.INFO))
        if self.grid.arrivals:
            right = (*right, text("  " + _("+{count} new").format(count=self.grid.arrivals), Role.SOON))
        if self._reading:
            right = (*right, text("  " + self._reading_words(), Role.QUIET))
        else:
            right = (*right, text("  "), *self._age_pieces())
        return ViewLine(left, right)

    def _reading_words(self) -> str:
        looked_at = self.house.reader.looked_at if self.house.is_open else 0
        return _("reading … {count}  ◄ stops").format(count=f"{looked_at:,}") if looked_at else _("reading")

    def attention_line(self) -> Line:
        """Records of orders that could not be read: no rows, as they have neither clock nor status to be sorted by."""
        words = set_aside_line(self.session.house.set_aside)
        return (text(words, Role.SOON),) if words else ()

    def _age_pieces(self) -> Line:
        """How old the list is: the oldest of the stores that are read at all."""
        stores = [store for store in self.session.house.stores if not store.paused and store.feed is not None]
        ages = [
            store.feed.last_ok_at for store in stores if store.feed is not None and store.feed.last_ok_at is not None
        ]
        if not ages:
            return ()
        if not self.session.link.up:
            # Nothing is live without an engine, however short a time it has been gone.
            return (text(_("of {time}").format(time=self.session.time(max(ages))), Role.QUIET),)
        old = sum(1 for store in stores if is_stale(store.feed, False, self.session.now))
        if old:
            return (text(_("{count} old").format(count=old), Role.SOON),)
        return (text(_("live"), Role.OK),)

    def state(self) -> CommandState:
        counts = self.session.house.counts
        return CommandState(
            place=self.key_context(),
            row_count=len(self.listed_ids),
            has_row=self.grid.cursor_id is not None,
            marked=len(self.grid.marks),
            hot=counts.missed + counts.under_2h + counts.failed + counts.needs_person,
        )

    def memory(self) -> PlaceMemory:
        row = self.grid.cursor_row
        marks = self.grid.marks
        return PlaceMemory(
            view=self.view,
            filter_text=self.filter_text,
            sort=str(self.sort),
            cursor=(row.store_id, row.order_no) if row is not None else None,
            marks=tuple(self._mark_keys.values()) if len(marks) == len(self._mark_keys) else (),
            pane=self.pane_size,
            columns=self.columns.variant,
        )

    def restore(self, memory: PlaceMemory) -> None:
        self.view = memory.view
        self.pane_size = memory.pane or self.pane_size
        self.columns.variant = memory.columns
        self._cursor_wanted, self._marks_wanted = memory.cursor, memory.marks
        try:
            self.sort = Sort.parse(memory.sort) if memory.sort else DEFAULT_SORT
        except ValueError:
            self.sort = DEFAULT_SORT
        view = self.view_of(self.view)
        filter_text = memory.filter_text or (view.filter_text if view is not None else "")
        if self.set_filter(filter_text) is not None:
            self.view = "0"
            self.set_filter("")

    def language_changed(self) -> None:
        super().language_changed()
        # The folded line's words come with the list.
        self.read_index(keep="now")

    def tick(self, now: int) -> None:
        super().tick(now)
        if self._follows_time and not self._reading and now - self._read_at >= _REREAD_S:
            self.read_index()

    def turns_at(self, now: int) -> float:
        reread_at = max(now + 1, self._read_at + _REREAD_S) if self._follows_time else math.inf
        return min(super().turns_at(now), reread_at)

    @property
    def _follows_time(self) -> bool:
        return "due:" in self.filter_text or "created:" in self.filter_text

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        if kind == "order" and what.isdigit():
            self._open_found(int(what))
        elif kind == "filter":
            self.set_filter(what)

    def on_grid_marks_changed(self, event: Grid.MarksChanged) -> None:
        super().on_grid_marks_changed(event)
        marks = self.grid.marks
        if len(marks) > MARKS_KEPT:
            self._mark_keys = {}
            return
        self._mark_keys = {row_id: key for row_id, key in self._mark_keys.items() if row_id in marks}
        unknown = [row_id for row_id in marks if row_id not in self._mark_keys]
        known = [row for row in (self.window.row(row_id) for row_id in unknown) if row is not None]
        self._mark_keys |= {row.row_id: (row.store_id, row.order_no) for row in known}
        if len(known) < len(unknown):
            self._name_marks(unknown)

    def _name_marks(self, row_ids: Sequence[int]) -> None:
        """Read what marked rows that are not in memory are called, so that their marks outlive the cockpit."""

        async def read_names() -> Callable[[], None]:
            rows = await self.house.reader.rows(row_ids, self.session.now)

            def take() -> None:
                marks = self.grid.marks
                self._mark_keys |= {row.row_id: (row.store_id, row.order_no) for row in rows if row.row_id in marks}
                self.post_message(self.StateChanged())

            return take

        self.read(read_names, "names", exclusive=True)

    # Going to one order.

    def find(self, words: str, *, scanned: bool = False) -> None:
        """Go to the order a number, a tracking number or its last characters mean."""

        async def look() -> Callable[[], None]:
            row_ids = await self.house.reader.find(words)
            return lambda: self._found(words, row_ids, scanned)

        if self.house.is_open:
            self.read(look, "find", exclusive=True)

    def _found(self, words: str, row_ids: Sequence[int], scanned: bool) -> None:
        if not row_ids:
            what = _("? {words} is no order or parcel of ours.").format(words=words)
            todo = _("Scan again, or / and its last 6 characters.")
            self.session.notices.post(Notice(f"scan:{words}", Said(what, todo), Tone.SCAN, sticky=scanned))
        elif len(row_ids) == 1:
            self._open_found(row_ids[0])
        else:
            # Only a bare word is looked for in numbers, too.
            number = words.strip()
            self.set_filter(number if looks_like_number(number) and not number.startswith("-") else f'"{words}"')
            said = _("{words} fits {orders}.").format(words=words, orders=orders_count(len(row_ids)))
            self.session.say(said)
        self.post_message(self.StateChanged())

    def _open_found(self, row_id: int) -> None:
        if self.grid.move_to(row_id):
            self.enter_pane()
            return

        async def read_number() -> Callable[[], None]:
            rows = await self.house.reader.rows([row_id], self.session.now)

            def show() -> None:
                if rows:
                    self._cursor_wanted = (rows[0].store_id, rows[0].order_no)
                    self.set_filter(f"order:{rows[0].order_no}")
                    self.session.say(_("It was filtered out: 0 shows all again."))

            return show

        self.read(read_number, "find", exclusive=True)

    # Commands of the list.

    def do_view_pick(self, argument: str) -> None:
        self.show_view(argument)

    def do_columns_next(self, argument: str) -> None:
        self.columns.next_variant()
        self.grid.set_columns(self.columns.for_width)
        self.keep_look()
        self.post_message(self.StateChanged())

    def do_list_resort(self, argument: str) -> None:
        super().do_list_resort(argument)
        self.read_index()

    def do_list_sort(self, argument: str) -> None:
        names = self.columns.sortable()
        keys = "1234567890abcdefghij"
        choices = [
            Choice((keys[place],), keys[place], label, _("now") if name == self.sort.by.value else "")
            for place, (name, label) in enumerate(names)
        ]

        def choose(place: int) -> None:
            name = names[place][0]
            same = self.sort.by.value == name
            self.set_sort(Sort(type(self.sort.by)(name), descending=same and not self.sort.descending))
            self.keep_look()

        title = _("SORT BY (again: the other way round; missed rows stay first)")
        self.post_message(self.FormWanted(ChoiceForm(title, choices, choose)))

    def do_filter_open(self, argument: str) -> None:
        self.post_message(self.FormWanted(FilterForm(self.filter_text, self._filter_entered, self.save_view)))

    def _filter_entered(self, filter_text: str) -> FilterError | None:
        # The strip begins with the filter that is up: a number typed behind it is a number all the same.
        typed = filter_text.removeprefix(self.filter_text)
        if looks_like_number(typed):
            self.find(typed.strip())
            return None
        return self.set_filter(filter_text)

    def save_view(self, digit: str, filter_text: str) -> FilterError | None:
        """Keep a filter under a digit; one that cannot be read is returned as its error."""
        error = self.set_filter(filter_text)
        if error is None:
            self.view = digit
            mine = {**self.session.memory.saved_views.get(self.context.value, {}), digit: filter_text}
            self.session.change_memory(saved_views={**self.session.memory.saved_views, self.context.value: mine})
            self.session.say(_("Saved as view {digit}.").format(digit=digit))
            self.post_message(self.StateChanged())
        return error

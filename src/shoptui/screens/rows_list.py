"""A long list in a place: what is said about it, views, filter and sort, targets, and how it is remembered."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from shoptui.cockpit.memory import PlaceMemory
from shoptui.cockpit.session import STALE_AFTER_S, is_stale
from shoptui.command_state import CommandState
from shoptui.i18n import _
from shoptui.queries.completion import Completion, completed
from shoptui.queries.field_reading import FieldTable
from shoptui.queries.filter import FilterError
from shoptui.queries.types import FeedRow
from shoptui.screens.filter_form import FilterForm
from shoptui.screens.forms import Choice, ChoiceForm
from shoptui.screens.lines import Line, text
from shoptui.screens.place import ViewLine
from shoptui.screens.rows_index import ListedRowT, RowsIndex
from shoptui.widgets.grid import Grid
from shoptui.widgets.roles import Role

#: A list whose filter follows the time is read anew this often, seconds.
_REREAD_S = 60

#: Rows in one read.
_ROWS_AT_ONCE = 500

#: `n` looks this far, and stops at rows due within two hours.
_HOT_WITHIN_ROWS = 20_000
HOT_WITHIN_S = 2 * 3600


class RowsList(RowsIndex[ListedRowT]):
    """A list with what leads through it; its place adds verbs and pane."""

    fields: ClassVar[FieldTable]
    """What can be asked for in a filter."""
    timed_fields: ClassVar[tuple[str, ...]]
    """The beginnings of filters whose answer changes as time passes."""
    stale_after_s: ClassVar[int] = STALE_AFTER_S
    """What was not read for so long is called old."""

    @abstractmethod
    def count_words(self, count: int) -> str:
        """So many of what the list has, as the view line says it."""

    @abstractmethod
    def filter_help(self) -> str:
        """Examples of this list's filters, for the filter strip."""

    @abstractmethod
    def is_hot(self, row: ListedRowT, now: int) -> bool:
        """Whether `n` stops at a row."""

    @abstractmethod
    def hot_count(self) -> int:
        """How many rows there are that `n` would stop at, and what else is urgent here."""

    # What the frame asks.

    def state(self) -> CommandState:
        return CommandState(
            place=self.key_context(),
            row_count=len(self.listed_ids),
            has_row=self.grid.cursor_id is not None,
            marked=len(self.grid.marks),
            hot=self.hot_count(),
        )

    def feeds(self) -> Sequence[FeedRow]:
        """What the rows come by, of the stores that are read at all."""
        stores = self.session.house.stores
        return [store.feed for store in stores if store.feed is not None and not store.paused]

    def age_pieces(self) -> Line:
        """How old the list is."""
        feeds = self.feeds()
        ages = [feed.last_ok_at for feed in feeds if feed.last_ok_at is not None]
        if not ages:
            return ()
        if not self.session.link.up:
            # Nothing is live without an engine, however short a time it has been gone.
            return (text(_("of {time}").format(time=self.session.time(max(ages))), Role.QUIET),)
        old = sum(1 for feed in feeds if is_stale(feed, False, self.session.now, after_s=self.stale_after_s))
        if old:
            return (text(_("{count} old").format(count=old), Role.SOON),)
        return (text(_("live"), Role.OK),)

    def view_line(self, width: int) -> ViewLine:
        view = self.view_of(self.view)
        here = view is not None and view.filter_text == self.filter_text
        name = _(view.name) if view is not None and view.name else ""
        left: Line = (text(f"{self.view} {name}".strip() if here else _("filter"), Role.INFO),)
        if self.filter_text:
            left = (*left, text(f"  {self.filter_text}"))
        if self.sort != self.usual_sort:
            left = (*left, text("  " + _("by {column}").format(column=self.sort), Role.QUIET))
        marked = len(self.grid.marks)
        right: Line = (text(self.count_words(len(self.listed_ids))),)
        if marked:
            right = (*right, text("  " + _("{count} marked").format(count=f"{marked:,}"), Role.INFO))
        if self.grid.arrivals:
            right = (*right, text("  " + _("+{count} new").format(count=self.grid.arrivals), Role.SOON))
        if self._reading:
            right = (*right, text("  " + self._reading_words(), Role.QUIET))
        else:
            right = (*right, text("  "), *self.age_pieces())
        return ViewLine(left, right)

    def _reading_words(self) -> str:
        looked_at = self.house.reader.looked_at if self.house.is_open else 0
        return _("reading … {count}  ◄ stops").format(count=f"{looked_at:,}") if looked_at else _("reading")

    def memory(self) -> PlaceMemory:
        row = self.grid.cursor_row if self._visited else None
        return PlaceMemory(
            view=self.view,
            filter_text=self.filter_text,
            sort=str(self.sort),
            cursor=self.key_of(row) if row is not None else None,
            marks=self.again.marked,
            pane=self.pane_size,
            columns=self.columns.variant,
        )

    def restore(self, memory: PlaceMemory) -> None:
        self.view = memory.view
        self.pane_size = memory.pane or self.pane_size
        self.columns.variant = memory.columns
        self.again.take(memory)
        try:
            self.sort = self.read_sort(memory.sort) if memory.sort else self.usual_sort
        except ValueError:
            self.sort = self.usual_sort
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
        return any(field in self.filter_text for field in self.timed_fields)

    def on_grid_marks_changed(self, event: Grid.MarksChanged) -> None:
        super().on_grid_marks_changed(event)
        self.again.marks_changed()

    # What a verb acts on.

    def target_ids(self) -> list[int]:
        """All marked rows, those of the list first; without marks the row under the cursor."""
        marks = self.grid.marks
        if not len(marks):
            return self.listed_targets()
        listed = list(marks.within(self.window.index.ids))
        if len(listed) == len(marks):
            return listed
        seen = set(listed)
        return listed + [row_id for row_id in marks if row_id not in seen]

    @property
    def out_of_sight(self) -> int:
        """How many of the marked rows the filter hides."""
        marks = self.grid.marks
        return len(marks) - len(marks.within(self.window.index.ids)) if len(marks) else 0

    def with_rows(self, take: Callable[[list[ListedRowT]], None]) -> None:
        """Read the rows a verb acts on, then go on with them."""
        ids = self.target_ids()

        async def read_rows() -> Callable[[], None]:
            rows: list[ListedRowT] = []
            for first in range(0, len(ids), _ROWS_AT_ONCE):
                rows += await self.source().rows(ids[first : first + _ROWS_AT_ONCE], self.session.now)
            return lambda: take(rows)

        self.read(read_rows, "targets")

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
            descending = same and not self.sort.descending
            self.set_sort(self.read_sort(f"-{name}" if descending else name))
            self.keep_look()

        title = _("SORT BY (again: the other way round; missed rows stay first)")
        self.post_message(self.FormWanted(ChoiceForm(title, choices, choose)))

    def do_filter_open(self, argument: str) -> None:
        form = FilterForm(
            self.filter_text,
            self.filter_entered,
            self.save_view,
            help_words=self.filter_help(),
            draft=f"filter:{self.context.value}",
            complete=self.complete,
        )
        self.post_message(self.FormWanted(form))

    def complete(self, typed: str) -> Completion:
        """Go on with what is typed in the filter strip."""
        return completed(typed, self.fields, [store.store_id for store in self.session.house.stores])

    def filter_entered(self, filter_text: str) -> FilterError | None:
        """Enter in the filter strip; a filter that cannot be read is returned as its error."""
        return self.set_filter(filter_text)

    # The next hot row.

    def do_hot_next(self, argument: str) -> None:
        self._go_hot(1)

    def do_hot_prev(self, argument: str) -> None:
        self._go_hot(-1)

    def _go_hot(self, step: int) -> None:
        ids = self.window.index.ids
        here = self.grid.cursor_id
        start = self.window.position_of(here) if here is not None else -1
        position = -1 if start is None else start
        hidden = self.missed if self.grid.folded and self.missed < len(ids) else 0
        ahead = ids[max(position + 1, hidden) :] if step > 0 else ids[hidden : max(position, 0)][::-1]
        ahead = ahead[:_HOT_WITHIN_ROWS]

        async def look() -> Callable[[], None]:
            now = self.session.now
            for first in range(0, len(ahead), _ROWS_AT_ONCE):
                for row in await self.source().rows(ahead[first : first + _ROWS_AT_ONCE], now):
                    if self.is_hot(row, now):
                        return partial(self._land_hot, row.row_id)
            return lambda: self._land_hot(None)

        self.read(look, "hot", exclusive=True)

    def _land_hot(self, row_id: int | None) -> None:
        if row_id is None or not self.grid.move_to(row_id):
            self.session.say(_("No further hot row this way."))
            self.post_message(self.StateChanged())

"""The rows of a long list: which ones, in which order, read piece by piece and kept up to date as things change."""

from __future__ import annotations

from abc import abstractmethod
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import ClassVar, Protocol, TypeVar

from textual.app import ComposeResult

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import RowKey, ViewLook
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.row_list import AnySort, ListPart, ListQuery, MissedRow, RowSource, merge_list, read_list
from shoptui.cockpit.session import Session
from shoptui.domain.records import dataclass
from shoptui.i18n import _
from shoptui.protocol import Changed
from shoptui.queries.filter import FilterError
from shoptui.queries.query import EVERYTHING, Query
from shoptui.queries.views import View
from shoptui.screens.list_place import ListPlace
from shoptui.screens.messages import ListFailed, ListMerged, ListRead
from shoptui.screens.place import PaneLines
from shoptui.screens.remembered import Remembered, RowNames
from shoptui.store.errors import Interrupted, StoreError
from shoptui.widgets.columns import AnyColumn
from shoptui.widgets.grid import Keep
from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import RowWindow

#: While a list is being read, how far it is is said this often, seconds.
_PROGRESS_S = 0.4

#: With more changed rows than this the list is read anew rather than changed in place.
_MERGE_MAX = 400


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the list on the screen was read for: gone back to when another one is stopped before it has come."""

    wanted: ListQuery
    view: str
    filter_text: str


#: The first rows of the list reach no further than this.
_FIRST_ROWS = 200


class ListedRow(MissedRow, Protocol):
    """What a list asks of its rows."""

    @property
    def row_id(self) -> int: ...


ListedRowT = TypeVar("ListedRowT", bound=ListedRow)


class ListColumns(Protocol[ListedRowT]):
    """The columns of a list. `variant` numbers those that `W` shows in turn."""

    variant: int

    def next_variant(self) -> None:
        """The other columns of `W`."""

    def for_width(self, width: int) -> Sequence[AnyColumn[ListedRowT]]:
        """The columns for a grid of `width` cells."""

    def sortable(self) -> tuple[tuple[str, str], ...]:
        """The sort names the store knows, with their headings, in the order `S` offers them."""


class RowsIndex(ListPlace[ListedRowT]):
    """The rows of a list and their order; `RowsList` adds what is said about it and what leads through it.

    Subclasses say where rows come from, how filters, sorts and views of their kind are read, and which changes are
    about them.
    """

    usual_sort: ClassVar[AnySort]

    @abstractmethod
    def source(self) -> RowSource[ListedRowT]:
        """Where the rows come from. Only while the house is open."""

    @abstractmethod
    def read_filter(self, filter_text: str) -> Query:
        """Read a filter of this list. Raises FilterError."""

    @abstractmethod
    def read_sort(self, words: str) -> AnySort:
        """Read a sort of this list. Raises ValueError."""

    @abstractmethod
    def views(self, saved: Mapping[str, str]) -> Mapping[str, View]:
        """The views by digit, with the operator's own."""

    @abstractmethod
    def changed_rows(self, changed: Changed) -> Sequence[int] | None:
        """Which of the rows a notice is about, None for too many to name."""

    @abstractmethod
    def key_of(self, row: ListedRowT) -> RowKey:
        """What a row is called when row ids have changed with a rebuilt cache."""

    def __init__(self, session: Session, house: House, columns: ListColumns[ListedRowT]) -> None:
        super().__init__(session, house)
        self.columns = columns
        self.sort: AnySort = self.usual_sort
        self.window: RowWindow[ListedRowT] = RowWindow(self._fetch_rows, lambda row: row.row_id, capacity=1500)
        self.listed_ids = array("q")
        """The list as read last; the grid may still show the one before while it holds still."""
        self.missed = 0
        self._wanted = ListQuery(EVERYTHING, self.usual_sort, session.operator)
        self._reading = False
        self._listed = False
        self._drawn: _Drawn | None = None
        self._growing = False
        """Whether the list on the screen is another one than is wanted, or only the beginning of it."""
        self._mark_when_read = False
        self._overtaken: set[int] = set()
        self._telling = False
        self._read_at = session.now
        self._dirty: set[int] = set()
        self._merging = False
        self._visited = False
        """Whether anybody was here, now or in an earlier cockpit: until then the cursor stays on the first row."""
        names: RowNames[ListedRowT] = RowNames(
            lambda row: row.row_id,
            self.key_of,
            lambda row_ids: self.source().rows(row_ids, session.now),
            lambda keys: self.source().row_ids(keys),
        )
        self.again: Remembered[ListedRowT] = Remembered(self, self.window, names)
        self._when_found: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        yield self.new_grid(self.window, self.columns.for_width)
        yield self.make_pane()

    def make_pane(self) -> PaneLines:
        """The pane under or beside the list."""
        return PaneLines(id=f"{self.context.value}-pane")

    # The list.

    def show_view(self, digit: str) -> None:
        """Show a view by its digit."""
        view = self.view_of(digit)
        if view is None:
            self.say_no_view(digit)
            return
        self.view = digit
        self._take_look(self.session.memory.looks.get(self.context.value, {}).get(digit, ViewLook()))
        self.set_filter(view.filter_text)

    def _take_look(self, look: ViewLook) -> None:
        """Sort and columns as this view was last looked at."""
        try:
            self.sort = self.read_sort(look.sort) if look.sort else self.usual_sort
        except ValueError:
            # A column an older program had.
            self.sort = self.usual_sort
        if look.columns != self.columns.variant:
            self.columns.variant = look.columns
            self.grid.set_columns(self.columns.for_width)

    def keep_look(self) -> None:
        """Remember sort and columns for the view that is shown; a filter typed over it has none of its own."""
        view = self.view_of(self.view)
        if view is None or view.filter_text != self.filter_text:
            return
        look = ViewLook("" if self.sort == self.usual_sort else str(self.sort), self.columns.variant)
        memory = self.session.memory.with_look(self.context.value, self.view, look)
        self.session.change_memory(looks=memory.looks)

    def view_of(self, digit: str) -> View | None:
        """The operator's own view of that digit, else the shipped one."""
        return self.views(self.session.memory.saved_views.get(self.context.value, {})).get(digit)

    def set_filter(self, filter_text: str) -> FilterError | None:
        try:
            query = self.read_filter(filter_text)
        except FilterError as error:
            return error
        self.filter_text = filter_text
        self._wanted = ListQuery(query, self.sort, self.session.operator)
        self.read_index(keep="first")
        self.post_message(self.StateChanged())
        return None

    def set_sort(self, sort: AnySort) -> None:
        """Sort the list by another column."""
        self.sort = sort
        self._wanted = ListQuery(self._wanted.query, sort, self.session.operator)
        self.read_index(keep="now")
        self.post_message(self.StateChanged())

    def read_index(self, keep: Keep = "cursor") -> None:
        """Read the whole list. The old rows stay until the first new ones are there."""
        if not self.house.is_open:
            return
        self._reading = True
        if keep == "first":
            self._growing, self._mark_when_read = True, False
        elif self._growing:
            # What is on the screen is still the list before, or the beginning of this one: it is not to hold still.
            keep = "now" if self._drawn is not None and self._drawn.wanted == self._wanted else "first"
        self._read_at = self.session.now
        self._fetch_shown(self._dirty)
        self._overtaken |= self._dirty
        self._dirty.clear()
        if not self._telling:
            self._telling = True
            self.set_timer(_PROGRESS_S, self._tell_progress)
        self.work(partial(self._read_index, self._wanted, keep), "index", exclusive=True)

    def _tell_progress(self) -> None:
        self._telling = self._reading
        if self._reading:
            self.post_message(self.StateChanged())
            self.set_timer(_PROGRESS_S, self._tell_progress)

    async def _read_index(self, wanted: ListQuery, keep: Keep) -> None:
        try:
            async for part in read_list(self.source(), wanted, self.session.now):
                # Another list is drawn as it comes; the same one anew only as a whole, or the cursor's row were lost.
                if keep == "first":
                    self.post_message(ListRead(wanted, part, keep, await self._first_rows(part)))
                    keep = "now"
                elif part.last:
                    self.post_message(ListRead(wanted, part, keep))
        except StoreError as error:
            self.post_message(ListFailed(wanted, str(error), stopped=isinstance(error, Interrupted)))

    async def _first_rows(self, part: ListPart) -> Sequence[ListedRowT]:
        """The first page of another list: with its rows it is painted once, and not as blanks before."""
        first = part.missed if part.group is not None and self.grid.folded else 0
        return await self.read_shown(part.ids[first : first + self.app.size.height])

    def on_list_failed(self, event: ListFailed) -> None:
        """The list, or a change to it, could not be read: what is shown stays."""
        event.stop()
        self._merging = False
        if event.wanted == self._wanted:
            self._reading = self._growing = self._mark_when_read = False
            drawn = self._drawn
            if drawn is not None and drawn.wanted != event.wanted:
                self._wanted, self.sort = drawn.wanted, drawn.wanted.sort
                self.view, self.filter_text = drawn.view, drawn.filter_text
                said = _("Stopped: the list is as it was.")
            else:
                said = _("Stopped: this is the list as far as it was read. . reads it again.")
            self.session.say(said if event.stopped else event.say, tone=Tone.NEWS if event.stopped else Tone.BAD)
            self.post_message(self.StateChanged())
            self._take_up_overtaken()

    def _take_up_overtaken(self) -> None:
        """Changes the reading would have brought along come one by one now that it has brought nothing."""
        self._dirty |= self._overtaken
        self._overtaken = set()
        self._merge_soon()

    def go_back(self) -> bool:
        if self._reading and not self.in_pane:
            self.house.reader.interrupt()
            return True
        return super().go_back()

    def on_list_read(self, event: ListRead) -> None:
        """A part of the list has come."""
        event.stop()
        if event.wanted != self._wanted:
            return
        self._listed = True
        self._reading = not event.part.last
        if event.rows:
            self.first_rows_came(event.rows)
        self.window.deliver(event.rows)
        self._take_list(event.part, event.keep)
        if event.part.last:
            self._growing = False
            if self._mark_when_read:
                self._mark_when_read = False
                self.grid.mark_all()
            self.again.find(self._found_again)
            self._merge_soon()

    def first_rows_came(self, rows: Sequence[ListedRowT]) -> None:
        """The first page of another list is there and drawn next."""

    # Marks mean the whole list, not what of it has come.

    def do_mark_all(self, argument: str) -> None:
        if self._growing:
            self._mark_when_read = True
            self.session.say(_("All of them are marked once the list has been read."))
        else:
            super().do_mark_all(argument)

    def do_mark_invert(self, argument: str) -> None:
        if self._growing:
            self.session.say(_("The list is still being read: marks can be swapped when all of it is there."))
        else:
            super().do_mark_invert(argument)

    def entered(self) -> None:
        super().entered()
        self._visited = True

    def _take_list(self, part: ListPart, keep: Keep, arrived: int = 0) -> None:
        if keep == "cursor" and not self._visited and self.again.cursor is None:
            # Made ready out of sight: what has come since belongs above, and the first visit begins there.
            keep = "first"
        self._drawn = _Drawn(self._wanted, self.view, self.filter_text)
        if part.last:
            self._overtaken.clear()
        self.missed = part.missed
        self.listed_ids = part.ids
        self.grid.replace_index(RowIndex(part.ids), group=part.group, keep=keep, arrived=arrived)
        if not self.grid.size:
            # Out of sight, and made ready: its first page is there when it is shown.
            self.grid.look_ahead(self.app.size.height)
        self.grid.rows_changed(part.ids[: part.missed])
        self.pane_soon()
        self.post_message(self.StateChanged())

    def _found_again(self, landed: bool) -> None:
        """The operator is back where the cursor was, if that is in the list."""
        self._visited = self._visited or landed
        self.remembers = True
        go_on, self._when_found = self._when_found, None
        if go_on is not None:
            go_on()
        self.post_message(self.StateChanged())

    @property
    def first_rows_are_here(self) -> bool:
        """Whether the list has been read and its first rows with it, or has none."""
        first = self.window.index.ids[:_FIRST_ROWS]
        return self._listed and (not len(first) or bool(self.window.held(first)))

    async def read_shown(self, row_ids: Sequence[int]) -> Sequence[ListedRowT]:
        """Rows with all that is drawn of them."""
        return await self.source().rows(row_ids, self.session.now)

    def _fetch_rows(self, row_ids: Sequence[int]) -> None:
        async def fetch() -> Callable[[], None]:
            rows = await self.read_shown(row_ids)

            def take() -> None:
                self.grid.rows_changed(self.window.deliver(rows, row_ids))
                if self.grid.cursor_id in row_ids:
                    self.pane_soon()
                    self.post_message(self.StateChanged())

            return take

        if self.house.is_open:
            self.read(fetch, "rows")

    # Changes.

    def changed(self, changed: Changed) -> None:
        row_ids = self.changed_rows(changed)
        if row_ids is None:
            self._fetch_rows(self.window.held(self.window.index.ids))
            self.read_index()
            return
        if not row_ids:
            return
        self._dirty.update(row_ids)
        self._merge_soon()
        if self.grid.cursor_id in row_ids:
            self.cursor_rested()

    def _fetch_shown(self, row_ids: Collection[int]) -> None:
        """Read those of the rows again that are in memory."""
        shown = self.window.held(row_ids)
        if shown:
            self._fetch_rows(shown)

    def _merge_soon(self) -> None:
        if not self._dirty or self._merging or self._reading or not self.house.is_open:
            return
        dirty, self._dirty = self._dirty, set()
        self._fetch_shown(dirty)
        if len(dirty) > _MERGE_MAX:
            self.read_index()
            return
        self._merging = True
        self.work(partial(self._merge, self._wanted, self.listed_ids, self.missed, dirty), "merge")

    async def _merge(self, wanted: ListQuery, ids: array[int], missed: int, dirty: set[int]) -> None:
        try:
            part, merged = await merge_list(self.source(), wanted, ids, missed, dirty, self.session.now)
        except StoreError as error:
            self.post_message(ListFailed(wanted, str(error), stopped=False))
            return
        self.post_message(ListMerged(wanted, part, merged.came))

    def on_list_merged(self, event: ListMerged) -> None:
        """The list after changes has come."""
        event.stop()
        self._merging = False
        if event.wanted == self._wanted and not self._reading:
            self._take_list(event.part, "cursor", arrived=event.came)
        self._merge_soon()

"""The list of Orders: read, filtered, sorted, kept up to date as things change, and remembered."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from textual.app import ComposeResult

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import MARKS_KEPT, OrderKey, PlaceMemory
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.order_list import ListPart, ListQuery, merge_list, read_list
from shoptui.cockpit.session import Session, is_stale
from shoptui.command_state import CommandState, Context
from shoptui.i18n import _, countdown_units
from shoptui.protocol import Changed
from shoptui.queries.filter import FilterError, parse
from shoptui.queries.query import EVERYTHING, looks_like_number
from shoptui.queries.sorting import DEFAULT_SORT, Sort
from shoptui.queries.types import OrderRow
from shoptui.queries.views import View, order_views
from shoptui.screens.filter_form import FilterForm
from shoptui.screens.forms import Choice, ChoiceForm
from shoptui.screens.lines import Line, text
from shoptui.screens.messages import ListFailed, ListMerged, ListRead
from shoptui.screens.order_columns import OrderColumns
from shoptui.screens.place import ListPlace, PaneLines, ViewLine
from shoptui.store.errors import Interrupted, StoreError
from shoptui.widgets.columns import CellContext
from shoptui.widgets.grid import Grid, Keep
from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import RowWindow
from shoptui.widgets.roles import Role
from shoptui.words import Said, orders_count
from shoptui.words.set_aside import set_aside_line

#: A list whose filter follows the time is read anew this often, seconds.
_REREAD_S = 60

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


class OrdersList(ListPlace[OrderRow]):
    """The list of orders; `Orders` adds verbs and pane."""

    context = Context.ORDERS
    pane_context = Context.DETAIL

    def __init__(self, session: Session, house: House) -> None:
        super().__init__(session)
        self.house = house
        self.columns = OrderColumns(lambda: session.operator, lambda: session.stale_stores, session.zone)
        self.filter_text = ""
        self.sort: Sort = DEFAULT_SORT
        self.window: RowWindow[OrderRow] = RowWindow(self._fetch_rows, lambda row: row.row_id, capacity=1500)
        self.listed_ids = array("q")
        """The list as read last; the grid may still show the one before while it holds still."""
        self.missed = 0
        self._wanted = ListQuery(EVERYTHING, DEFAULT_SORT, session.operator)
        self._reading = False
        self._listed = False
        self._drawn: _Drawn | None = None
        self._overtaken: set[int] = set()
        self._telling = False
        self._read_at = session.now
        self._dirty: set[int] = set()
        self._merging = False
        self._cursor_wanted: OrderKey | None = None
        self._marks_wanted: tuple[OrderKey, ...] = ()
        self._mark_keys: dict[int, OrderKey] = {}

    def compose(self) -> ComposeResult:
        self.grid = Grid(
            self.window,
            self.columns.for_width,
            now=self.session.now,
            context=CellContext(units=countdown_units()),
            id="orders-grid",
        )
        yield self.grid
        yield PaneLines(id="orders-pane")

    # The list.

    def show_view(self, digit: str) -> None:
        """Show a view by its digit."""
        view = self.view_of(digit)
        if view is None:
            self.session.say(_("View {digit} is empty: / and Ctrl-S {digit} save a filter there.").format(digit=digit))
            return
        self.view = digit
        self.set_filter(view.filter_text)

    def view_of(self, digit: str) -> View | None:
        """The operator's own view of that digit, else the shipped one."""
        return order_views(self.session.memory.saved_views.get(self.context.value, {})).get(digit)

    def set_filter(self, filter_text: str) -> FilterError | None:
        """Show what a filter matches. A filter that cannot be read changes nothing and is returned as its error."""
        try:
            query = parse(filter_text)
        except FilterError as error:
            return error
        self.filter_text = filter_text
        self._wanted = ListQuery(query, self.sort, self.session.operator)
        self.read_index(keep="first")
        self.post_message(self.StateChanged())
        return None

    def set_sort(self, sort: Sort) -> None:
        """Sort the list by another column."""
        self.sort = sort
        self._wanted = ListQuery(self._wanted.query, sort, self.session.operator)
        self.read_index(keep="cursor")
        self.post_message(self.StateChanged())

    def read_index(self, keep: Keep = "cursor") -> None:
        """Read the whole list. The old rows stay until the first new ones are there."""
        if not self.house.is_open:
            return
        self._reading = True
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
            async for part in read_list(self.house.reader, wanted, self.session.now):
                # Another list is drawn as it comes; the same one anew only as a whole, or the cursor's row were lost.
                if part.last or keep == "first":
                    self.post_message(ListRead(wanted, part, keep))
                    keep = "cursor"
        except StoreError as error:
            self.post_message(ListFailed(wanted, str(error), stopped=isinstance(error, Interrupted)))

    def on_list_failed(self, event: ListFailed) -> None:
        """The list, or a change to it, could not be read: what is shown stays."""
        event.stop()
        self._merging = False
        if event.wanted == self._wanted:
            self._reading = False
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
        self._take_list(event.part, event.keep)
        if event.part.last:
            self._find_again()
            self._merge_soon()

    def _take_list(self, part: ListPart, keep: Keep, arrived: int = 0) -> None:
        self._drawn = _Drawn(self._wanted, self.view, self.filter_text)
        if part.last:
            self._overtaken.clear()
        self.missed = part.missed
        self.listed_ids = part.ids
        self.grid.replace_index(RowIndex(part.ids), group=part.group, keep=keep, arrived=arrived)
        self.grid.rows_changed(part.ids[: part.missed])
        self.pane_soon()
        self.post_message(self.StateChanged())

    def _find_again(self) -> None:
        """Land on the row where the operator was and mark again what was marked, as far as it is still there."""
        cursor, marks = self._cursor_wanted, self._marks_wanted
        self._cursor_wanted, self._marks_wanted = None, ()
        if cursor is None and not marks:
            self.remembers = True
            return

        async def find() -> Callable[[], None]:
            row_ids = await self.house.reader.row_ids([*marks, *([cursor] if cursor is not None else [])])

            def land() -> None:
                found = [row_ids[key] for key in marks if key in row_ids]
                if found:
                    self.grid.marks.add(found)
                    self.grid.marks_changed()
                    self._mark_keys = {row_ids[key]: key for key in marks if key in row_ids}
                    self.grid.hold()
                if cursor is not None and cursor in row_ids:
                    self.grid.move_to(row_ids[cursor])
                self.remembers = True
                self.post_message(self.StateChanged())

            return land

        self.read(find, "again")

    def _fetch_rows(self, row_ids: Sequence[int]) -> None:
        async def fetch() -> Callable[[], None]:
            rows = await self.house.reader.rows(row_ids, self.session.now)

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
        if changed.orders is None:
            self._fetch_rows(self.window.held(self.window.index.ids))
            self.read_index()
            return
        if not changed.orders:
            return
        self._dirty.update(changed.orders)
        self._merge_soon()
        if self.grid.cursor_id in changed.orders:
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
            part, merged = await merge_list(self.house.reader, wanted, ids, missed, dirty, self.session.now)
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

    def tick(self, now: int) -> None:
        super().tick(now)
        follows_time = "due:" in self.filter_text or "created:" in self.filter_text
        if follows_time and not self._reading and now - self._read_at >= _REREAD_S:
            self.read_index()

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
            self.set_filter(f'"{words}"')
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

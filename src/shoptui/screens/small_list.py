"""A place whose list is short enough to be read as a whole: Activity and Stores."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from textual.app import ComposeResult

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import PlaceMemory
from shoptui.cockpit.session import Session
from shoptui.command_state import CommandState
from shoptui.i18n import _
from shoptui.screens.forms import TextForm
from shoptui.screens.id_map import IdMap
from shoptui.screens.list_place import ListPlace
from shoptui.screens.place import PaneLines
from shoptui.widgets.columns import AnyColumn
from shoptui.widgets.grid import Keep
from shoptui.widgets.grid_index import RowIndex
from shoptui.widgets.grid_model import RowWindow

RowT = TypeVar("RowT")

#: Says which row of those just read to land on, None for none of them.
Landing = Callable[[Sequence[Any]], Hashable | None]

#: More rows than any of these lists has.
_CAPACITY = 5000


class SmallList(ListPlace[RowT]):
    """Reads all rows, shows those that match the words of the filter, keeps cursor and marks by the rows' keys.

    `view` is the view whose rows are shown. Another one is asked for by `turn_to` and becomes `view` with its rows: the
    heading never names rows that are not there yet, and no verb meets rows of another view than the heading says.
    """

    def __init__(self, session: Session, house: House) -> None:
        super().__init__(session, house)
        self.numbers: IdMap[Hashable] = IdMap()
        self.window: RowWindow[RowT] = RowWindow(
            lambda row_ids: None, lambda row: self.numbers.number(self.key_of(row)), capacity=_CAPACITY
        )
        self.all_rows: Sequence[RowT] = ()
        self._view_wanted = self.view
        self._land: Landing | None = None

    def compose(self) -> ComposeResult:
        yield self.new_grid(self.window, self.columns_for)
        yield PaneLines(id=f"{self.context.value}-pane")

    # What subclasses say about their rows.

    def key_of(self, row: RowT) -> Hashable:
        """What a row is called; it outlives its being read again."""
        return id(row)

    def columns_for(self, width: int) -> Sequence[AnyColumn[RowT]]:
        """The columns at a width."""
        return ()

    def words_of(self, row: RowT) -> str:
        """The text a filter's words are looked for in."""
        return ""

    async def read_rows(self, view: str) -> Sequence[RowT]:
        """Read all rows of a view, in the order in which they are shown."""
        return ()

    def view_turned(self, before: str) -> None:
        """`view` has changed and was `before`; its rows are shown next."""

    # The list.

    @property
    def turning(self) -> bool:
        """Whether another view has been asked for and is not shown yet."""
        return self._view_wanted != self.view

    def turn_to(self, view: str, land: Landing | None = None) -> None:
        """Show another view once it has been read; with `land` on the row it names, whatever the filter said."""
        self._view_wanted = view
        self._land = land
        self.read_list("cursor" if view == self.view and land is None else "first")

    def read_list(self, keep: Keep = "cursor") -> None:
        """Read the list anew."""
        if not self.house.is_open:
            return
        view = self._view_wanted

        async def read() -> Callable[[], None]:
            rows = await self.read_rows(view)
            return lambda: self._take(view, rows, keep)

        self.read(read, "list", exclusive=True)

    def _take(self, view: str, rows: Sequence[RowT], keep: Keep) -> None:
        if view != self._view_wanted:
            # Yet another view was asked for while this one was read.
            return
        land, self._land = self._land, None
        if land is not None:
            self.filter_text = ""
        if view != self.view:
            before, self.view = self.view, view
            self.view_turned(before)
            keep = "first"
        # Whatever wish the reading had, an overtaken one may have had another: what is landed on begins anew as well.
        self.show_rows(rows, "first" if land is not None else keep)
        key = land(rows) if land is not None else None
        if key is not None:
            self.grid.move_to(self.numbers.number(key))

    def show_rows(self, rows: Sequence[RowT], keep: Keep = "cursor") -> None:
        """Show these rows, as far as they match the filter."""
        self.all_rows = rows
        words = self.filter_text.casefold().split()
        shown = [row for row in rows if all(word in self.words_of(row).casefold() for word in words)]
        ids = array("q", [self.numbers.number(self.key_of(row)) for row in shown])
        self.window.deliver(shown)
        before = set(self.window.index.ids)
        arrived = sum(1 for row_id in ids if row_id not in before) if before else 0
        self.grid.replace_index(RowIndex(ids), keep=keep, arrived=arrived)
        self.grid.rows_changed(ids)
        self.remembers = True
        self.pane_soon()
        self.post_message(self.StateChanged())

    def marked_rows(self) -> list[RowT]:
        """The marked rows, or the one under the cursor."""
        return [row for row in map(self.window.row, self.listed_targets()) if row is not None]

    def entered(self) -> None:
        super().entered()
        self.read_list()

    def state(self) -> CommandState:
        return CommandState(
            place=self.key_context(),
            row_count=self.window.row_count,
            has_row=self.grid.cursor_id is not None,
            marked=len(self.grid.marks),
        )

    def memory(self) -> PlaceMemory:
        return PlaceMemory(view=self._view_wanted, filter_text=self.filter_text, pane=self.pane_size)

    def restore(self, memory: PlaceMemory) -> None:
        before, self.view = self.view, memory.view
        self._view_wanted = self.view
        self.view_turned(before)
        self.filter_text = memory.filter_text
        self.pane_size = memory.pane or self.pane_size
        self.read_list("first")

    def do_list_resort(self, argument: str) -> None:
        super().do_list_resort(argument)
        self.read_list()

    def do_filter_open(self, argument: str) -> None:
        def enter(words: str) -> str | None:
            self.filter_text = words.strip()
            self.show_rows(self.all_rows, "first")
            return None

        title, draft = _("FIND: rows with all of these words"), f"filter:{self.context.value}"
        self.post_message(self.FormWanted(TextForm(title, "/", enter, value=self.filter_text, draft=draft)))

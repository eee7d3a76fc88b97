"""A place whose list is one grid: moving and marking in it, holding still, its views, and the way to a row's buyer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from shoptui.client import Answer
from shoptui.cockpit.house import House
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.session import Session
from shoptui.i18n import _, countdown_units
from shoptui.queries.filter import FilterError
from shoptui.screens.place import Place
from shoptui.widgets.columns import AnyColumn, CellContext
from shoptui.widgets.grid import Grid
from shoptui.widgets.grid_model import RowWindow

RowT = TypeVar("RowT")


class ListPlace(Place, Generic[RowT]):
    """A place whose list is one grid over a house."""

    grid: Grid[RowT]
    _explained: tuple[int, Sequence[str]] | None = None

    def __init__(self, session: Session, house: House) -> None:
        super().__init__(session)
        self.house = house
        self.filter_text = ""

    def new_grid(self, window: RowWindow[RowT], columns: Callable[[int], Sequence[AnyColumn[RowT]]]) -> Grid[RowT]:
        """The grid of this place over a window of rows; `columns` answers for a width."""
        self.grid = Grid(
            window,
            columns,
            now=self.session.now,
            context=CellContext(units=countdown_units()),
            id=f"{self.context.value}-grid",
        )
        return self.grid

    def listed_targets(self) -> list[int]:
        """The marked rows that are in the list, without any of those the row under the cursor."""
        marked = list(self.grid.marks.within(self.grid.model.index.ids)) if len(self.grid.marks) else []
        here = self.grid.cursor_id
        return marked or ([here] if here is not None else [])

    @property
    def explained(self) -> Sequence[str] | None:
        """The lines of `K` about the row under the cursor, None while they are not asked for."""
        asked = self._explained
        return asked[1] if asked is not None and asked[0] == self.grid.cursor_id else None

    def forget_explained(self) -> None:
        self._explained = None

    def look_closer(self) -> None:
        """Go into the pane, which begins with what was asked for."""
        self.pane.to_top()
        self.enter_pane()

    def explain(self, read: Callable[[], Awaitable[Sequence[str]]]) -> None:
        """`K`: show what `read` answers about the row under the cursor, or take it away again."""
        row_id = self.grid.cursor_id
        if row_id is None:
            return
        if self.explained is not None:
            self.forget_explained()
            self.show_pane()
            return

        async def look() -> Callable[[], None]:
            lines = await read()

            def show() -> None:
                if self.grid.cursor_id == row_id:
                    self._explained = (row_id, lines)
                    self.look_closer()

            return show

        self.read(look, "explain", exclusive=True)

    def _moved(self, in_list: Callable[[], None], in_pane: Callable[[], object]) -> None:
        if self.in_pane:
            in_pane()
        else:
            in_list()

    def do_row_down(self, argument: str) -> None:
        self._moved(lambda: self.grid.move_by(1), lambda: self.pane.turn(1))

    def do_row_up(self, argument: str) -> None:
        self._moved(lambda: self.grid.move_by(-1), lambda: self.pane.turn(-1))

    def do_page_down(self, argument: str) -> None:
        self._turn_pages(1, half=argument == "ctrl+d")

    def do_page_up(self, argument: str) -> None:
        self._turn_pages(-1, half=argument == "ctrl+u")

    def _turn_pages(self, step: int, *, half: bool) -> None:
        if self.in_pane:
            height = self.pane.size.height
            self.pane.turn(step * (height // 2 if half else height))
        elif half:
            self.grid.move_half_page(step)
        else:
            self.grid.move_page(step)

    def do_row_first(self, argument: str) -> None:
        self._moved(self.grid.move_first, self.pane.to_top)

    def do_row_last(self, argument: str) -> None:
        self._moved(self.grid.move_last, self.pane.to_end)

    def do_row_next(self, argument: str) -> None:
        self.grid.move_by(1)
        self._pane_now()

    def do_row_prev(self, argument: str) -> None:
        self.grid.move_by(-1)
        self._pane_now()

    def do_row_open(self, argument: str) -> None:
        self.grid.open()

    def do_mark_toggle(self, argument: str) -> None:
        self.grid.toggle_mark()
        self.grid.move_by(1)

    def do_mark_range(self, argument: str) -> None:
        self.grid.mark_range()

    def do_mark_all(self, argument: str) -> None:
        self.grid.mark_all()

    def do_mark_invert(self, argument: str) -> None:
        self.grid.invert_marks()

    def do_mark_none(self, argument: str) -> None:
        self.grid.clear_marks()

    def do_list_resort(self, argument: str) -> None:
        self.hold_still(False)

    def hold_still(self, held: bool) -> None:
        if held:
            self.grid.hold()
        elif self.grid.is_held:
            self.grid.release()
            self.post_message(self.StateChanged())

    def rest(self) -> None:
        if not len(self.grid.marks):
            self.hold_still(False)

    def language_changed(self) -> None:
        self.grid.set_context(CellContext(units=countdown_units()))
        super().language_changed()

    def focus_list(self) -> None:
        self.grid.focus(scroll_visible=False)

    def entered(self) -> None:
        self.focus_list()
        if not len(self.grid.marks):
            self.hold_still(False)

    def tick(self, now: int) -> None:
        self.grid.tick(now)
        if now >= self.pane_changes_at(now):
            self.show_pane()

    def turns_at(self, now: int) -> float:
        return min(self.grid.turns_at(), max(now + 1, self.pane_changes_at(now)))

    def pane_changes_at(self, now: int) -> int:
        """When the pane's text changes next by itself (epoch seconds); without more knowledge at every second."""
        return now

    def on_grid_cursor_moved(self, event: Grid.CursorMoved) -> None:
        """The pane follows; the keys may mean something else on this row."""
        event.stop()
        self.pane_soon()
        self.post_message(self.StateChanged())

    def on_grid_row_opened(self, event: Grid.RowOpened) -> None:
        """Enter goes into the pane."""
        event.stop()
        self.enter_pane()

    def on_grid_marks_changed(self, event: Grid.MarksChanged) -> None:
        """Marks hold the list still and change what the verbs act on."""
        event.stop()
        if len(self.grid.marks):
            self.grid.hold()
        self.post_message(self.StateChanged())

    # What every list can do with a row and a filter.

    def copy(self, words: str) -> None:
        """Send words of a row to the terminal's clipboard and say so."""
        self.app.copy_to_clipboard(words)
        self.session.say(_("{number} sent to the terminal's clipboard.").format(number=words))

    def say_no_view(self, digit: str) -> None:
        """Say that a digit has no view, and how it gets one."""
        self.session.say(_("View {digit} is empty: / and Ctrl-S {digit} save a filter there.").format(digit=digit))

    def set_filter(self, filter_text: str) -> FilterError | None:
        """Show what a filter matches. A filter that cannot be read changes nothing and is returned as its error."""
        self.filter_text = filter_text
        return None

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

    def write_to_buyer(self, store_id: str, order_no: str) -> None:
        """Go to the conversation with an order's buyer and write there; it is opened where there is none yet."""

        async def look() -> Callable[[], None]:
            threads = self.house.reader.threads
            found = await threads.rows((await threads.of_order(store_id, order_no))[:1], self.session.now)
            if found:
                return partial(self._write_in, store_id, found[0].thread_id)
            return lambda: self.ask("open_thread", opened, order=[store_id, order_no])

        def opened(answer: Answer) -> None:
            if answer.ok:
                self._write_in(store_id, str(answer.body["thread_id"]))
            else:
                self.session.say(answer.say, tone=Tone.BAD)

        self.read(look, "message", exclusive=True)

    def _write_in(self, store_id: str, thread_id: str) -> None:
        self.post_message(self.GoWanted(f"write:{store_id}/{thread_id}"))

"""What every place of the frame is: a list, a pane beside or under it, and the commands that work on both."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.message import Message
from textual.worker import Worker

from shoptui.client import Answer
from shoptui.cockpit.memory import PlaceMemory
from shoptui.cockpit.session import Session
from shoptui.command_state import CommandState, Context
from shoptui.commands import Command
from shoptui.domain.records import dataclass
from shoptui.protocol import Changed
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, RoleLines
from shoptui.screens.messages import AskWanted, Read
from shoptui.widgets.grid import Grid
from shoptui.widgets.plain_lines import PlainBox

PEEK = "peek"
FULL = "full"
OFF = "off"
_SIZES = (PEEK, FULL, OFF)

PEEK_LINES = 4
SIDE_COLUMNS = 45
SIDE_COLUMNS_HUGE = 79
WIDE = 120
HUGE = 200

#: With fewer lines a strip takes the peek's room in any case: some rows of the list must stay in view.
KEEPS_PEEK_FROM_LINES = 24

#: The pane follows the cursor once it has rested this long, seconds.
REST_S = 0.12


@dataclass(frozen=True, slots=True)
class ViewLine:
    """Line 3 of the frame: what is shown, and how much of it."""

    left: Line
    right: Line


class PaneLines(RoleLines, can_focus=True):
    """The pane: lines about the row under the cursor."""


class Place(PlainBox):
    """A place: one list with its pane.

    Subclasses make the grid and answer for their rows. Commands arrive as calls of `do_<id with underscores>`; what
    several places share is here.
    """

    DEFAULT_CSS = """
    Place { height: 1fr; layout: vertical; }
    Place PaneLines { height: 4; }
    Place.-side { layout: horizontal; }
    Place.-side PaneLines { margin-left: 1; }
    """

    context: ClassVar[Context]
    pane_context: ClassVar[Context]
    peek_lines: ClassVar[int] = PEEK_LINES
    side_columns: ClassVar[int] = SIDE_COLUMNS
    keeps_peek: ClassVar[bool] = False
    """Whether the peek stays where it is while the strip is open, unless what is asked there takes the room."""

    class StateChanged(Message):
        """The view line, the keys or the memory of a place may have changed."""

    class FormWanted(Message):
        """A place wants a form in the strip."""

        def __init__(self, form: Form) -> None:
            super().__init__()
            self.form = form

    class GoWanted(Message):
        """A place wants another place, there landing on `target` (`batch:<id>`, `order:<row id>`, `store:<id>`)."""

        def __init__(self, target: str) -> None:
            super().__init__()
            self.target = target

    def __init__(self, session: Session) -> None:
        super().__init__(id=f"place-{self.context.value}")
        self.session = session
        self.pane_size = PEEK
        self.in_pane = False
        self.strip_open = False
        """Whether the strip is open: it takes the room of the peek."""
        self.strip_takes_room = False
        """Whether what the strip asks needs that room in any place."""
        self.view = "0"
        self.remembers = False
        """Whether the place is as it should be found again; not before it has been restored."""
        self._pane_timer: Any = None

    # What the frame asks.

    def key_context(self) -> Context:
        """Which keys apply: those of the list, or of the detail when the pane has the keyboard."""
        return self.pane_context if self.in_pane else self.context

    def view_line(self, width: int) -> ViewLine:
        """Line 3."""
        return ViewLine((), ())

    def attention_line(self) -> Line:
        """A line between heading and list about what the list cannot show, () for none."""
        return ()

    def state(self) -> CommandState:
        """What decides whether commands work here now."""
        return CommandState(place=self.key_context())

    def label_of(self, command: Command) -> str:
        """The command's label here, "" for its usual one."""
        return ""

    def memory(self) -> PlaceMemory:
        """The place as it should be found again."""
        return PlaceMemory()

    def restore(self, memory: PlaceMemory) -> None:
        """Take up the place as it was left; called before it is shown."""

    def prepare(self) -> None:
        """Read ahead, out of sight, what the first visit shows."""

    def changed(self, changed: Changed) -> None:
        """The engine says that something changed."""

    def house_changed(self) -> None:
        """Stores, counts or alerts were read anew."""

    def tick(self, now: int) -> None:
        """The time is `now` (epoch seconds)."""

    def turns_at(self, now: int) -> float:
        """When `tick` has something to do next (epoch seconds), infinity for never while nothing else happens."""
        return math.inf

    def go_to(self, target: str) -> None:
        """Land on a row of this place."""

    def take_scan(self, code: str) -> bool:
        """A barcode was scanned while this place is in front; False when it is for the orders."""
        return False

    def target_in(self, context: Context) -> str:
        """What of the row under the cursor there is in another place, for its `go_to`; "" for nothing."""
        return ""

    def entered(self) -> None:
        """The place has come to the front."""

    def rest(self) -> None:
        """Nothing has been pressed for a while and no strip is open."""

    def language_changed(self) -> None:
        """The operator's language is another one: what is drawn is said anew."""
        self.show_pane()

    def hold_still(self, held: bool) -> None:
        """Let rows keep their order (True) or take up what has come meanwhile."""

    def focus_list(self) -> None:
        """Give the list the keyboard."""

    def focus_again(self) -> None:
        """Give the keyboard back to what had it before the strip."""
        if self.in_pane:
            self.pane.focus(scroll_visible=False)
        else:
            self.focus_list()

    # Work that must not wait in a message handler.

    def work(self, job: Callable[[], Coroutine[None, None, None]], group: str, *, exclusive: bool = False) -> None:
        """Run a job as a worker, which ends by posting a message.

        On the app: a place's own worker could not report its faults, since those messages do not bubble.
        """
        _worker: Worker[None] = self.app.run_worker(
            job, group=f"{self.context.value}-{group}", exclusive=exclusive, exit_on_error=False
        )

    def read(self, work: Callable[[], Awaitable[Callable[[], None]]], group: str, *, exclusive: bool = False) -> None:
        """Run a read as a worker; what it answers is called in a message handler of this place."""
        self.work(partial(self._read, work), group, exclusive=exclusive)

    async def _read(self, work: Callable[[], Awaitable[Callable[[], None]]]) -> None:
        self.post_message(Read(await work()))

    def on_read(self, event: Read) -> None:
        """Take what a worker has read."""
        event.stop()
        event.done()
        self.post_message(self.StateChanged())

    def ask(self, do: str, answered: Callable[[Answer], None], /, **fields: object) -> None:
        """Ask the engine; `answered` gets the answer in a message handler, also when there is no engine."""
        self.post_message(AskWanted(do, fields, answered))

    # The pane.

    @property
    def pane(self) -> PaneLines:
        return self.query_one(PaneLines)

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        """What the pane says about the row under the cursor; `full` when it has more than the peek's lines."""
        return []

    def strip_changed(self, is_open: bool) -> None:
        """The strip has opened or closed."""
        self.strip_open = is_open
        if not self.pane_is_side and not self.pane_is_full and self.pane_size != OFF:
            self.arrange_place()

    @property
    def pane_is_full(self) -> bool:
        """Whether the pane has taken the list's room."""
        return self.pane_size == FULL or (self.in_pane and self.app.size.width < WIDE)

    @property
    def pane_is_side(self) -> bool:
        """Whether the pane stands beside the list."""
        return self.app.size.width >= WIDE and not self.pane_is_full

    def arrange_place(self) -> None:
        """Give list and pane their room by the terminal's width."""
        width = self.app.size.width
        pane = self.pane
        with self.app.batch_update():
            self.set_class(self.pane_is_side, "-side")
            for grid in self.query(Grid):
                grid.display = not self.pane_is_full
                grid.styles.width = "1fr"
            stays = self.keeps_peek and not self.strip_takes_room and self.app.size.height >= KEEPS_PEEK_FROM_LINES
            under_strip = self.strip_open and not stays and not self.pane_is_side and not self.pane_is_full
            pane.display = self.pane_is_full or (self.pane_size != OFF and not under_strip)
            if self.pane_is_full:
                pane.styles.width, pane.styles.height = "1fr", "1fr"
            elif self.pane_is_side:
                pane.styles.width = SIDE_COLUMNS_HUGE if width >= HUGE else self.side_columns
                pane.styles.height = "1fr"
            else:
                pane.styles.width, pane.styles.height = "1fr", self.peek_lines
        self.show_pane()

    def pane_width(self) -> int:
        """The cells a line of the pane has."""
        width = self.app.size.width
        if not self.pane_is_side:
            return width
        return SIDE_COLUMNS_HUGE if width >= HUGE else self.side_columns

    def show_pane(self) -> None:
        """Draw the pane for the row under the cursor."""
        if self.pane.display:
            full = self.pane_is_full or self.pane_is_side
            self.pane.show(self.pane_lines(self.pane_width(), full=full))

    def pane_soon(self) -> None:
        """Draw the pane once the cursor has rested."""
        if self._pane_timer is not None:
            self._pane_timer.stop()
        self._pane_timer = self.set_timer(REST_S, self._pane_now)

    def _pane_now(self) -> None:
        self._pane_timer = None
        self.pane.to_top()
        self.cursor_rested()
        self.show_pane()

    def cursor_rested(self) -> None:
        """The cursor has rested on a row: read what the pane needs of it."""

    def do_pane_size(self, argument: str) -> None:
        self.pane_size = _SIZES[(_SIZES.index(self.pane_size) + 1) % len(_SIZES)]
        if self.pane_size == FULL:
            self.enter_pane()
        else:
            self.leave_pane()
        self.arrange_place()
        self.post_message(self.StateChanged())

    def do_pane_focus(self, argument: str) -> None:
        if self.in_pane:
            self.leave_pane()
        else:
            self.enter_pane()

    def enter_pane(self) -> None:
        """Give the pane the keyboard; on a narrow terminal it takes the list's room."""
        if self.pane_size == OFF:
            self.pane_size = PEEK
        self.in_pane = True
        self.arrange_place()
        self.pane.focus(scroll_visible=False)
        self.cursor_rested()
        self.post_message(self.StateChanged())

    def leave_pane(self) -> None:
        """Give the list the keyboard and its room back."""
        self.in_pane = False
        if self.pane_size == FULL:
            self.pane_size = PEEK
        self.arrange_place()
        self.pane.to_top()
        self.focus_list()
        self.post_message(self.StateChanged())

    def go_back(self) -> bool:
        """One step back inside the place; False when there is none."""
        if self.in_pane:
            self.leave_pane()
            return True
        return False

    def on_resize(self, event: events.Resize) -> None:
        """Arrange anew when the size changed."""
        self.call_after_refresh(self.arrange_place)

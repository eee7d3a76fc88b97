"""The cockpit's app: wiring of session, house, link, places and frame; and the way in, `run_cockpit`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported
from textual.driver import Driver
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from shoptui.client import Answer
from shoptui.clock import Clock, SystemClock
from shoptui.cockpit.exits import ExitWatch, terminal_input
from shoptui.cockpit.faults import write_report
from shoptui.cockpit.house import House
from shoptui.cockpit.keeper import MemoryKeeper
from shoptui.cockpit.keymap import keymap_path, load_keymap
from shoptui.cockpit.link import EngineLink, NotLinked
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.session import Session
from shoptui.cockpit.zone import local_zone
from shoptui.command_state import Context
from shoptui.commands import CONFIRM_KEYS
from shoptui.i18n import _, operator_language, set_language
from shoptui.paths import DataDir, house_arguments
from shoptui.screens.cockpit_frame import frame_with_keys
from shoptui.screens.messages import Answered, Begun, HouseRead, LinkChanged, NoHouseYet, Noticed
from shoptui.screens.orders import OrdersPlace
from shoptui.screens.place import Place
from shoptui.screens.places_ahead import PlacesAhead
from shoptui.store.errors import Interrupted, NoHouse, SchemaTooOld, StoreError
from shoptui.theme_files import DEFAULT_THEME, choose_theme, gather_themes, theme_directories
from shoptui.themes import ThemedApp
from shoptui.widgets.scan_app import ScanGateApp
from shoptui.words import own_words

if TYPE_CHECKING:
    from shoptui.cockpit.tour import Tour
    from shoptui.screens.looks_menu import LooksMenu

#: What is remembered is written this long after a change, seconds.
SAVE_AFTER_S = 0.5

#: A machine that was asleep, or whose clock was set, shows the old time no longer than this, seconds.
SLEEP_MAX_S = 20

EXIT_FAULT = 70


class CockpitApp(ScanGateApp, ThemedApp, inherit_bindings=False):
    """The Textual app. It owns the workers; what they read and hear is posted to the frame.

    `link` False works on the cache alone. With `ticking` False nobody moves the time but `tick_now` (for tests).
    `fault` is what is wrong with the settings, said once everything is there; "" when nothing is. A theme
    that is not there is said too, and the usual one taken. `tour` is the guided
    tour that is taken in this house, None in one that is worked in.
    """

    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    CSS = """
    Screen { layers: base; }
    """

    def __init__(
        self,
        data_dir: DataDir,
        *,
        ensure: bool = True,
        link: bool = True,
        clock: Clock | None = None,
        zone: tzinfo | None = None,
        theme: str = DEFAULT_THEME,
        ticking: bool = True,
        fault: str = "",
        tour: Tour | None = None,
    ) -> None:
        super().__init__()
        # Each animated scroll costs a hundred times its bytes (textual-notes, fact 3).
        self.animation_level = "none"
        # Before anything is mounted: a theme that comes later has all styles worked out a second time.
        self.own_themes, faults = gather_themes(*theme_directories(data_dir))
        theme, unknown = choose_theme(self.own_themes, theme)
        self.install_themes(self.own_themes, theme)
        clock = clock if clock is not None else SystemClock()
        zone = zone if zone is not None else local_zone()
        self.session = Session(data_dir, clock, zone)
        self.house = House(data_dir)
        self.keeper = MemoryKeeper(self.session)
        self.link = EngineLink(
            data_dir,
            clock,
            ensure=ensure,
            on_link=lambda state: self._tell(LinkChanged(state)),
            on_notice=lambda changed: self._tell(Noticed(changed)),
        )
        self.session.link = self.link.link
        later: dict[Context, Callable[[], Place]] = {
            Context.INBOX: self._make_inbox,
            Context.STOCK: self._make_stock,
            Context.MONEY: self._make_money,
            Context.RETURNS: self._make_returns,
            Context.ACTIVITY: self._make_activity,
            Context.STORES: self._make_stores,
            Context.HELP: self._make_help,
            Context.DOCTOR: self._make_first_run,
        }
        self.keymap = load_keymap(keymap_path(data_dir))
        self.session.keymap = self.keymap.keys
        self.frame = frame_with_keys(self.keymap.keys)(self.session, OrdersPlace(self.session, self.house), later)
        if tour is not None:
            from shoptui.screens.tour_line import TourLine

            self.frame.tour = TourLine(tour, self.keymap.keys)
        self.fault_said = ""
        self.goes_on_as: tuple[str, ...] = ()
        """The shell command that takes over the terminal when the cockpit has ended, () for none."""
        self._faults = [fault, unknown, *faults, self.keymap.fault]
        self._with_link = link
        self._ticking = ticking
        self._tick_timer: Timer | None = None
        self._tick_at = 0.0
        self._save_timer: Timer | None = None
        self._save_at = 0.0
        self._exiting = False
        self._places_ahead = PlacesAhead(self)

    # Made when first visited, and imported then at the latest: the first paint does not wait for them.

    def prepare_places(self) -> None:
        """Make the long lists ready out of sight by and by; the first rows are there."""
        if self._ticking and not self._exiting:
            self._places_ahead.begin()

    def _make_inbox(self) -> Place:
        from shoptui.screens.inbox import InboxPlace

        return InboxPlace(self.session, self.house)

    def _make_stock(self) -> Place:
        from shoptui.screens.stock import StockPlace

        return StockPlace(self.session, self.house)

    def _make_money(self) -> Place:
        from shoptui.screens.money import MoneyPlace

        return MoneyPlace(self.session, self.house)

    def _make_returns(self) -> Place:
        from shoptui.screens.returns import ReturnsPlace

        return ReturnsPlace(self.session, self.house)

    def _make_activity(self) -> Place:
        from shoptui.screens.activity import ActivityPlace

        return ActivityPlace(self.session, self.house)

    def _make_stores(self) -> Place:
        from shoptui.screens.stores import StoresPlace

        return StoresPlace(self.session, self.house)

    def _make_help(self) -> Place:
        from shoptui.screens.help import HelpPlace

        return HelpPlace(self.session, lambda: self.frame.help_about)

    def _make_first_run(self) -> Place:
        from shoptui.doctor.examine import examine_house
        from shoptui.screens.first_run import FirstRunPlace, measure_terminal

        return FirstRunPlace(
            self.session,
            partial(examine_house, self.session.data_dir),
            measure_terminal,
            go=self.frame.show_place,
            leave_for=self._leave_for,
            speak=lambda code: self.looks.use_language(code),
            tour=lambda: self.do_tour_open(""),
        )

    def get_driver_class(self) -> type[Driver]:
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from shoptui.cockpit.driver import CalmDriver

        return CalmDriver

    def get_default_screen(self) -> Screen[Any]:
        return self.frame

    def on_mount(self) -> None:
        self.work(self._begin, "begin")

    # Workers: each ends by posting one message.

    def work(self, job: Callable[[], Coroutine[None, None, None]], group: str, *, exclusive: bool = False) -> None:
        """Run a job as a worker. A fault in it is reported and said; it never ends the cockpit."""
        _worker: Worker[None] = self.run_worker(job, group=group, exclusive=exclusive, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker ended; say so when it did not end well."""
        if event.state is not WorkerState.ERROR or event.worker.error is None:
            return
        error = event.worker.error
        if isinstance(error, Interrupted):
            # Another list is wanted by now.
            return
        if isinstance(error, StoreError):
            self.frame.say_fault(str(error))
            return
        path = write_report(self.session.data_dir, error, self.session.clock.wire_now())
        where = str(path) if path is not None else _("nowhere: the disk refused it")
        self.frame.say_fault(_("A fault inside the cockpit, noted in {path}. The rest goes on.").format(path=where))

    async def _begin(self) -> None:
        memory = await asyncio.to_thread(self.keeper.load)
        try:
            await self.house.open()
        except (NoHouse, SchemaTooOld) as nothing:
            self._tell(NoHouseYet(str(nothing), isinstance(nothing, SchemaTooOld)))
        self._tell(Begun(memory, " ".join(fault for fault in (*self._faults, self.keeper.fault) if fault)))

    def start_link(self) -> None:
        """Connect to the engine; after the first paint, which must not wait for it."""
        if self._with_link:
            self.work(self.link.run, "link")

    def read_house(self) -> None:
        """Read counts, stores, alerts and batches anew."""
        self.work(self._read_house, "house", exclusive=True)

    async def _read_house(self) -> None:
        try:
            await self.house.open()
        except (NoHouse, SchemaTooOld) as nothing:
            self._tell(NoHouseYet(str(nothing), isinstance(nothing, SchemaTooOld)))
            return
        self._tell(HouseRead(await self.house.view()))

    def ask_engine(self, do: str, fields: Mapping[str, Any], answered: Callable[[Answer], None]) -> None:
        """Make a request; `answered` is called in a message handler of the frame, also when there is no engine."""
        self.work(partial(self._ask, do, fields, answered), "ask")

    async def _ask(self, do: str, fields: Mapping[str, Any], answered: Callable[[Answer], None]) -> None:
        try:
            answer = await self.link.ask(do, **fields)
        except NotLinked as gone:
            answer = Answer(False, {}, "no_engine", str(gone))
        self._tell(Answered(_in_own_words(answer), answered))

    def _tell(self, message: Any) -> None:
        if not self._exiting:
            self.frame.post_message(message)

    # Memory.

    def save_soon(self, within_s: float = SAVE_AFTER_S) -> None:
        """Save what is remembered, once things have calmed down."""
        if not self.keeper.is_due:
            return
        save_at = self.session.clock.wire_now() + within_s
        if self._save_timer is not None:
            if save_at >= self._save_at:
                return
            self._save_timer.stop()
        self._save_at = save_at
        self._save_timer = self.set_timer(within_s, self._save_now)

    def _save_now(self) -> None:
        self._save_timer = None
        self.work(self._save, "save")

    async def _save(self) -> None:
        await asyncio.to_thread(self.save_memory)

    def save_memory(self) -> None:
        """Save at once; blocks for a small write."""
        session = self.session
        memory = session.memory_to_keep()
        self.keeper.save(memory, session.memory_revision, session.now)

    # Time.

    def wake_in_time(self) -> None:
        """Wake up when something on the screen reads otherwise next; does nothing where that is not too late already.

        For the turn of a second each time: an interval keeps a phase of its own and skips after a stall.
        """
        if not self._ticking or self._exiting:
            return
        now = self.session.clock.now()
        wake_at = min(self.frame.turns_at(int(now)), int(now) + SLEEP_MAX_S)
        if self._tick_timer is not None:
            if wake_at >= self._tick_at:
                return
            self._tick_timer.stop()
        self._tick_at = wake_at
        self._tick_timer = self.set_timer(max(0.0, wake_at - now) + 0.01, self._tick)

    def _tick(self) -> None:
        self._tick_timer = None
        self.tick_now()
        self.wake_in_time()

    def tick_now(self) -> None:
        """Let every clock on the screen say what it says now."""
        self.frame.tick(self.session.now)

    # Keys and the end.

    def saw_key(self, key: str, at_s: float) -> None:
        """Every key passes here as it arrives: F9 counts only alone."""
        self._places_ahead.key_came(key, at_s)
        if key not in CONFIRM_KEYS:
            self.frame.saw_other_key(at_s)

    def leave(self) -> None:
        """The operator leaves in good order."""
        self.frame.remember()
        self._exiting = True
        self.exit(0, return_code=0)

    def edit_in_own_editor(self, text: str, take: Callable[[str], None]) -> None:
        """Let the operator write on in an editor of their own; `take` gets the text as it was left there."""
        from shoptui.cockpit.own_editor import EditorFailed, edit_text

        # Whatever happens meanwhile, what was typed is on the disk.
        self.save_memory()
        try:
            with self.suspend():
                edited = edit_text(text, self.session.data_dir.operator_state.parent)
        except SuspendNotSupported:
            self.session.say(_("There is no terminal here that an editor could use."))
        except EditorFailed as failed:
            self.session.say(str(failed), tone=Tone.BAD)
        else:
            take(edited)
        self.frame.draw_bars()

    def do_tour_open(self, argument: str) -> None:
        """Take the guided tour in a world of its own and come back here; on the tour: where to go on in it."""
        if self.frame.tour is not None:
            self.frame.open_form(self.frame.tour.choices(self.frame))
        else:
            self._leave_for([*house_arguments(self.session.data_dir), "tour", "--and-back"])

    @property
    def looks(self) -> LooksMenu:
        """Theme and language, to be chosen anew."""
        from shoptui.screens.looks_menu import LooksMenu

        return LooksMenu(self)

    def do_look_theme(self, argument: str) -> None:
        self.looks.ask_theme()

    def do_look_language(self, argument: str) -> None:
        self.looks.ask_language()

    def _leave_for(self, command: Sequence[str]) -> None:
        self.goes_on_as = tuple(command)
        self.leave()

    async def on_unmount(self) -> None:
        """Keep what is remembered and close what is open."""
        self._exiting = True
        await asyncio.to_thread(self.save_memory)
        await asyncio.to_thread(self.keeper.close)
        await self.house.close()

    def _fatal_error(self) -> None:
        """A fault that ends the app: a report without local variables, and one plain sentence for the operator."""
        error = sys.exc_info()[1] or self._exception
        path = write_report(self.session.data_dir, error, self.session.clock.wire_now()) if error is not None else None
        noted = _("It is noted in {path}.").format(path=path) if path is not None else _("It could not be noted.")
        self.fault_said = _("The cockpit has stopped because of a fault of its own. {noted}").format(noted=noted)
        self.fault_said += " " + _("The engine goes on; start shoptui again: you will be where you were.")
        self._close_messages_no_wait()


def _in_own_words(answer: Answer) -> Answer:
    """The answer with what it says in the operator's language, also of each thing it refused."""
    body = answer.body
    if refused := body.get("refused"):
        said = [{**each, "say": own_words(str(each.get("say", "")), str(each.get("reason", "")))} for each in refused]
        body = {**body, "refused": said}
    return replace(answer, body=body, say=own_words(answer.say, answer.reason))


def run_cockpit(
    data_dir: DataDir,
    *,
    ensure: bool = True,
    clock: Clock | None = None,
    theme: str = DEFAULT_THEME,
    language: str = "",
    mouse: bool = False,
    fault: str = "",
    tour: Tour | None = None,
) -> int:
    """Run the cockpit on this terminal until its operator leaves; the exit code. `language` "": as the locale says.

    0 when the operator left, 128 + signal when the session ended from outside, 70 after a fault of its own. With
    `ensure` an engine is started where none runs (only in a house of one's own).
    """
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    for name in ("COLUMNS", "LINES"):
        # Exported by some login scripts, they would be believed instead of the terminal, also after a resize.
        os.environ.pop(name, None)
    set_language(language or operator_language())
    app = CockpitApp(data_dir, ensure=ensure, clock=clock, theme=theme, fault=fault, tour=tour)

    def ask_exit(code: int) -> None:
        app.call_later(app.exit, code, code)

    watch = ExitWatch(ask_exit, input_fd=terminal_input())
    watch.start()
    try:
        app.run(mouse=mouse)
    finally:
        watch.stop()
    if app.fault_said:
        sys.stderr.write(app.fault_said + "\n")
        return EXIT_FAULT
    if app.goes_on_as:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "shoptui", *app.goes_on_as])
    return app.return_code or 0

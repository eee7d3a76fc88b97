"""The frame: the one screen of the cockpit, which holds bars, places and strip and hands every command to its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.strip import Strip as TextualStrip

from shoptui.cockpit.memory import PlaceMemory
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import Session
from shoptui.command_state import CommandState, Context, always
from shoptui.commands import BY_ID, Command, key_label, keys_under
from shoptui.i18n import _
from shoptui.screens.bars import bars_change_at, message_text, status_groups, tabs
from shoptui.screens.bindings import bindings
from shoptui.screens.keyhints import fixed_hints, verb_hints
from shoptui.screens.message_lines import shortened_message, whole_message
from shoptui.screens.place import Place
from shoptui.screens.strip import Strip
from shoptui.widgets.columns import CellText
from shoptui.widgets.grid_view import GridView
from shoptui.widgets.keyline import KeyLine
from shoptui.widgets.line import LineText, MessageLine, ViewLine
from shoptui.widgets.plain_lines import PlainBox, ground_lines
from shoptui.widgets.quiet import QuietScreen
from shoptui.widgets.roles import Ground, Role, ground_variable
from shoptui.widgets.statusline import StatusLine
from shoptui.widgets.tabs import TabsLine
from shoptui.words import Said

if TYPE_CHECKING:
    from shoptui.app import CockpitApp
    from shoptui.screens.tour_line import TourLine

#: With nothing marked and no strip open, a list sorts anew after this long without a key, seconds.
IDLE_S = 5

#: The bars follow a key after this long, seconds.
BARS_AFTER_S = 0.02

#: A passing word makes room for what lasts (a hold, a result) after this long without a key, seconds.
WORD_S = 8

MIN_COLUMNS, MIN_LINES = 80, 24
WIDE = 120


class Places(PlainBox):
    """Where the places are, one of them shown."""


class Frame(QuietScreen[None], inherit_bindings=False):
    """Bars above and below, one place between them, the strip over its lower edge."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings())
    AUTO_FOCUS = None
    CSS = f"""
    Frame {{ layout: vertical; background: ${ground_variable(Ground.BG)}; overflow: hidden; }}
    #places {{ height: 1fr; }}
    #message-2, #attention {{ display: none; }}
    """

    def __init__(self, session: Session, first: Place, later: Mapping[Context, Callable[[], Place]]) -> None:
        """`first` is there from the start; the places of `later` are made when they are first visited."""
        super().__init__()
        self.session = session
        self.places = {first.context: first}
        self.place = first
        self._later = dict(later)
        self.came_from: list[tuple[Context, str]] = []
        self._bars_due = False
        self._bars_change_at = 0
        self._ticked_at = session.now
        self._state_changed = False
        self._last_key_at = session.now
        self.message_cut = False
        """Whether the message is longer than its lines."""
        self.tour: TourLine | None = None
        """The line of the guided tour, None where there is none; set before the frame is shown."""

    def compose(self) -> ComposeResult:
        yield StatusLine(id="status")
        yield TabsLine(id="tabs")
        yield ViewLine(id="view")
        yield ViewLine(id="attention")
        with Places(id="places"):
            yield from self.places.values()
        yield Strip()
        if self.tour is not None:
            yield self.tour
        yield MessageLine(id="message")
        yield MessageLine(id="message-2")
        yield KeyLine(id="keys")

    @property
    def cockpit(self) -> CockpitApp:
        """The app, which does what needs workers."""
        return cast("CockpitApp", self.app)

    @property
    def strip(self) -> Strip:
        return self.query_one(Strip)

    def on_mount(self) -> None:
        self.place.focus_list()
        self.draw_bars()

    # Drawing.

    def render_lines(self, crop: Region) -> list[TextualStrip]:
        return ground_lines(self, crop)

    def bars_soon(self) -> None:
        """Draw the bars in a moment, once for all that happens until then: what a key moves is painted before them."""
        if not self._bars_due:
            self._bars_due = True
            self.set_timer(BARS_AFTER_S, self.draw_bars)

    def draw_bars(self) -> None:
        """Say in every bar what is true now; each repaints only when its words changed."""
        self._bars_due = False
        self._bars_change_at = bars_change_at(self.session)
        if not self.is_mounted or not self.is_current:
            return
        width = self.size.width or self.app.size.width
        if self._state_changed:
            self._state_changed = False
            self.remember()
        with self.app.batch_update():
            self.query_one("#status", StatusLine).show(status_groups(self.session, width))
            self.query_one("#tabs", TabsLine).show(tabs(self.session, self.place.context, width), wide=width >= WIDE)
            self._draw_view(width)
            self._draw_message(width)
            self._draw_keys(width)
            if self.tour is not None:
                self.tour.looked(self)
        self.cockpit.wake_in_time()

    def _draw_view(self, width: int) -> None:
        line = self.place.view_line(width)
        left = line.left
        if width < MIN_COLUMNS or self.size.height < MIN_LINES:
            words = _("80x24 is wanted, this is {width}x{height}").format(width=width, height=self.size.height)
            left = (CellText(words, Role.SOON),)
        self.query_one("#view", ViewLine).say(LineText(left, line.right))
        attention, pieces = self.query_one("#attention", ViewLine), self.place.attention_line()
        attention.display = bool(pieces)
        if pieces:
            attention.say(LineText(pieces))

    def _draw_message(self, width: int) -> None:
        draw = partial(
            message_text,
            self.session,
            seen_key=self._key_of("notice.seen"),
            go_key=self._key_of("go.notice"),
        )
        lines = whole_message(draw(), width)
        self.message_cut = lines is None
        first, second = lines if lines is not None else shortened_message(draw(reads_all=True), width)
        below = self.query_one("#message-2", MessageLine)
        self.query_one("#message", MessageLine).say(first)
        below.display = second is not None
        if second is not None:
            below.say(second)

    def _key_of(self, command_id: str) -> str:
        """The first key of a command as the operator has it."""
        return key_label(keys_under(BY_ID[command_id], self.session.keymap)[0])

    def _draw_keys(self, width: int) -> None:
        keys = self.query_one("#keys", KeyLine)
        form = self.strip.form
        if form is not None:
            keys.show(form.hints(), ())
            return
        state = self.command_state()
        context = self.key_context()
        hints = verb_hints(
            context,
            self.session.keymap,
            lambda command: command.why_off(state) is None,
            lambda command: command.applies(state),
            self.place.label_of,
        )
        keys.show(hints, fixed_hints(width, context, self.session.keymap, hints))

    # Commands.

    def key_context(self) -> Context:
        """What the keyboard is in: a strip, a text field, or the place."""
        form = self.strip.form
        if form is None:
            return self.place.key_context()
        return Context.TEXT if form.is_typed_in else Context.STRIP

    def command_state(self) -> CommandState:
        """What decides whether commands work now."""
        return self.place.state()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a binding means something in the present context; whether it can be used is said on pressing it."""
        if action != "command":
            return True
        command = BY_ID[str(parameters[0])]
        context, key = self.key_context(), parameters[1]
        if context not in command.contexts or (key in command.twins and key not in command.twins_in(context)):
            return False
        return command.applies is always or command.applies(self.command_state())

    def action_command(self, command_id: str, argument: str) -> None:
        """Run a command. `argument` is the key as the table has it."""
        command = BY_ID[command_id]
        self._last_key_at = self.session.now
        self._keep_time()
        if command.id not in {"strip.do", "go.notice", "notice.seen"}:
            self.session.notices.pass_by()
        why_off = command.why_off(self.command_state())
        if why_off is not None:
            self.session.say(why_off)
        else:
            if self.strip.form is None and command.id != "list.resort":
                self.place.hold_still(True)
            self._run(command, argument)
            if self.tour is not None:
                self.tour.ran(command.id, self)
        self.bars_soon()

    def _run(self, command: Command, argument: str) -> None:
        name = f"do_{command.id.replace('.', '_')}"
        for owner in (self, self.place, self.cockpit):
            handler = getattr(owner, name, None)
            if handler is not None:
                handler(argument)
                return
        self.session.say(_("{label} does nothing in this place.").format(label=_(command.label)))

    def do_go_back(self, argument: str) -> None:
        if self.place.go_back():
            return
        if not self.back():
            self.session.say(_("This is where you began. Ctrl-Q leaves the program."))

    def do_go_history(self, argument: str) -> None:
        self.back()

    def do_app_redraw(self, argument: str) -> None:
        self.app.refresh(repaint=True, layout=True)

    def on_place_state_changed(self, event: Place.StateChanged) -> None:
        event.stop()
        self._state_changed = True
        self._keep_time()
        self.bars_soon()

    # Places.

    def show_place(self, context: Context, target: str = "", *, remember: bool = True) -> None:
        """Bring a place to the front and land on `target` there; it is made if this is the first visit."""
        if context in self.places:
            self._show(self.places[context], target, remember=remember)
        else:
            self.call_next(self._show_first, context, target, remember)

    def prepare_place(self, context: Context) -> None:
        """Make a place ready out of sight, so that its first visit is like any other."""
        self.call_next(self._prepare, context)

    async def _prepare(self, context: Context) -> None:
        if context not in self.places:
            await self._make(context)
            self.places[context].arrange_place()
            self.places[context].prepare()

    async def _make(self, context: Context) -> None:
        place = self._later[context]()
        place.display = False
        await self.query_one("#places").mount(place)
        # Not before: a key of the strip may ask for the place while it is being mounted.
        self.places[context] = place
        place.restore(self.session.memory.places.get(context.value, PlaceMemory()))

    async def _show_first(self, context: Context, target: str, remember: bool) -> None:
        if context not in self.places:
            await self._make(context)
        self._show(self.places[context], target, remember=remember)

    def _show(self, wanted: Place, target: str, *, remember: bool) -> None:
        if remember and wanted is not self.place:
            self.came_from.append((self.place.context, ""))
            del self.came_from[:-20]
        if wanted is not self.place:
            with self.app.batch_update():
                self.place.display = False
                wanted.display = True
            self.place = wanted
            wanted.tick(self.session.now)
            self.session.change_memory(place=wanted.context.value)
            wanted.arrange_place()
        wanted.entered()
        if target:
            wanted.go_to(target)
        self.draw_bars()

    def back(self) -> bool:
        """To the place before; False when this is the first."""
        if not self.came_from:
            return False
        context, target = self.came_from.pop()
        self.show_place(context, target, remember=False)
        return True

    def remember(self) -> None:
        """Keep the places as they are now."""
        for place in self.places.values():
            if place.remembers:
                self.session.remember_place(place.context.value, place.memory())
        self.cockpit.save_soon()

    # Time.

    def tick(self, now: int) -> None:
        """The time is `now` (epoch seconds)."""
        self._ticked_at = now
        if now - self._last_key_at >= WORD_S and self.session.notices.passing is not None and not self.word_stays():
            self.session.notices.pass_by()
            self._bars_change_at = now
        if self.strip.form is not None:
            self.strip.tick(now)
        elif now - self._last_key_at >= IDLE_S:
            self.place.rest()
        self.place.tick(now)
        # Steps of the tour look at what the engine does meanwhile.
        if now >= self._bars_change_at or self.tour is not None:
            self.draw_bars()

    def word_stays(self) -> bool:
        """Whether the passing word is one that no time makes pass."""
        return False

    def turns_at(self, now: int) -> float:
        """When `tick` has something to do next (epoch seconds), if nothing else happens before."""
        if self.strip.form is not None or self.tour is not None:
            return now + 1
        quiet = [at for at in (self._last_key_at + WORD_S, self._last_key_at + IDLE_S) if at > now]
        return min(max(now + 1, self._bars_change_at), self.place.turns_at(now), *quiet)

    def on_grid_view_turns_sooner(self, event: GridView.TurnsSooner) -> None:
        self.cockpit.wake_in_time()

    def _keep_time(self) -> None:
        """Something happens between two ticks: what it draws shows the time it happens at."""
        now = self.session.now
        if now != self._ticked_at:
            self.tick(now)

    def on_resize(self, event: events.Resize) -> None:
        if self.strip.form is not None:
            self.strip.redraw()
        self.call_after_refresh(self.draw_bars)

    def post_notice(self, notice: Notice) -> None:
        """Show a notice."""
        self.session.notices.post(notice)
        self.draw_bars()

    def say(self, what: str, todo: str = "", tone: Tone = Tone.NEWS) -> None:
        """A passing word."""
        self.session.notices.post(Notice("word", Said(what, todo), tone))
        self.draw_bars()

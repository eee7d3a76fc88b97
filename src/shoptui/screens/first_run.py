"""The first run, and `:doctor` later: language, this terminal, this machine, and how to begin."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from textual import events
from textual.app import ComposeResult, SuspendNotSupported

from shoptui.cockpit.own_settings import keep_confirm_key
from shoptui.cockpit.session import Session
from shoptui.command_state import CommandState, Context
from shoptui.commands import CONFIRM_KEYS, key_label
from shoptui.doctor.finding import Finding, State, subject_words
from shoptui.domain.records import dataclass
from shoptui.i18n import LANGUAGE_NAMES, _, language
from shoptui.protocol import Changed
from shoptui.screens.add_store import SignInForm, code_lines
from shoptui.screens.first_run_checks import TerminalTests
from shoptui.screens.lines import Line, plain, rule, text, wrap
from shoptui.screens.place import PaneLines, Place, ViewLine
from shoptui.screens.store_connector import StoreConnector
from shoptui.screens.strip import Strip
from shoptui.widgets.roles import Role
from shoptui.widgets.scan_app import Scanned
from shoptui.words import listed

#: What is found wanting in every house that has no store yet.
_NOT_BEFORE_A_STORE = frozenset({"secrets", "clock", "stores", "backup"})

_SIGNS = {
    State.OK: ("✓", Role.OK),
    State.UNKNOWN: ("?", Role.QUIET),
    State.WARN: ("!", Role.NEAR),
    State.BAD: ("✗", Role.MISSED),
}


@dataclass(frozen=True, slots=True)
class _Stop:
    """A place of the cursor. `number` is the digit that chooses it, "" for none."""

    id: str
    choose: Callable[[], None]
    number: str = ""


class FirstRunLines(PaneLines):
    """The page. It takes whatever a terminal or a scanner sends, and says that it came."""

    accepts_scan = True

    def __init__(self, place: FirstRunPlace) -> None:
        super().__init__(id="first-run-lines")
        self._place = place

    def on_key(self, event: events.Key) -> None:
        """A key that is looked for counts here and does nothing else."""
        if self._place.key_arrived(event.key):
            event.stop()
            event.prevent_default()

    def on_scanned(self, event: Scanned) -> None:
        """A barcode: seen, nothing more."""
        event.stop()
        self._place.tests.scanned(event.text, event.certain)
        self._place.redraw()

    def on_paste(self, event: events.Paste) -> None:
        """A bracketed paste: seen, nothing more."""
        event.stop()
        self._place.tests.pasted(event.text)
        self._place.redraw()


class FirstRunPlace(Place):
    """One page with a cursor; digits choose how to begin."""

    context = Context.DOCTOR
    pane_context = Context.DOCTOR

    def __init__(
        self,
        session: Session,
        examine: Callable[[], Awaitable[Sequence[Finding]]],
        measure: Callable[[], Sequence[Finding]],
        *,
        go: Callable[[Context], None],
        leave_for: Callable[[Sequence[str]], None],
        speak: Callable[[str], None],
        tour: Callable[[], None],
    ) -> None:
        """`examine` looks at machine and house; `measure` asks the terminal, while nothing else uses it.

        `go` shows another place, `leave_for` ends the cockpit and goes on as a shell command, `speak` has
        everything said in another language and keeps it, `tour` begins the guided tour.
        """
        super().__init__(session)
        self.tests = TerminalTests()
        self.in_pane = True
        self._examine = examine
        self._measure = measure
        self._go = go
        self._leave_for = leave_for
        self._speak = speak
        self._tour = tour
        self._terminal: Sequence[Finding] = ()
        self._machine: Sequence[Finding] | None = None
        self._looked_with_engine = False
        self._all = False
        self._cursor = f"lang:{language()}"
        self._waits_for_key = False
        self._line_of: dict[str, int] = {}
        self._connector = StoreConnector(self, lambda: go(Context.STORES))

    def compose(self) -> ComposeResult:
        yield FirstRunLines(self)

    # What the frame asks.

    def view_line(self, width: int) -> ViewLine:
        left: Line = (text(_("First run") if not self.session.house.stores else _("Doctor"), Role.INFO),)
        stores = self.session.house.stores
        right = _("no stores yet") if not stores else _("{count} stores").format(count=len(stores))
        return ViewLine(left, (text(right, Role.QUIET),))

    def state(self) -> CommandState:
        return CommandState(place=Context.DOCTOR, row_count=1, has_row=True)

    def entered(self) -> None:
        self.focus_list()
        self.arrange_place()
        self.look()

    def look(self) -> None:
        """Look at machine and house, and at the terminal if that has not been done."""
        if not self._terminal:
            self._terminal = self._ask_terminal()
        self._looked_with_engine = self.session.link.up

        async def examine() -> Callable[[], None]:
            found = await self._examine()
            return lambda: self._found(found)

        self.read(examine, "examine", exclusive=True)
        self.redraw()

    def changed(self, changed: Changed) -> None:
        """The engine has come, or a store: what was said about them is old."""
        if changed.stores:
            self.look()

    def turns_at(self, now: int) -> float:
        return now + 1

    def tick(self, now: int) -> None:
        if self.session.link.up != self._looked_with_engine:
            self.look()

    def _found(self, findings: Sequence[Finding]) -> None:
        self._machine = findings
        self.redraw()

    def _ask_terminal(self) -> Sequence[Finding]:
        try:
            # The answers come on the line the keys come on.
            with self.app.suspend():
                return self._measure()
        except SuspendNotSupported:
            return (Finding("terminal", State.UNKNOWN, _("There is no terminal to measure.")),)

    def strip_changed(self, is_open: bool) -> None:
        # A link in the strip has its code here.
        self.strip_open = is_open
        self.show_pane()

    def arrange_place(self) -> None:
        self.pane.styles.height = "1fr"
        self.show_pane()

    @property
    def pane_is_full(self) -> bool:
        return True

    def focus_list(self) -> None:
        self.pane.focus(scroll_visible=False)

    def go_back(self) -> bool:
        return False

    def redraw(self) -> None:
        """Draw the page again and keep the cursor in view."""
        self.show_pane()
        at = self._line_of.get(self._cursor, 0)
        height = self.pane.size.height
        # Before it has been laid out once, the page has no height to keep anything in.
        if height > 2 and not self.pane.first_line <= at < self.pane.first_line + height:
            self.pane.turn(at - self.pane.first_line - height // 2)
        self.post_message(self.StateChanged())

    # The page.

    def _stops(self) -> list[_Stop]:
        stops = [_Stop(f"lang:{code}", partial(self._speak, code)) for code, _name in LANGUAGE_NAMES]
        stops.append(_Stop("keys", self._wait_for_key))
        stops.append(_Stop("all", self._toggle_all))
        for number, (name, choose) in enumerate(self._beginnings(), 1):
            stops.append(_Stop(name, choose, str(number)))
        return stops

    def _beginnings(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("demo", lambda: self._leave_for(["demo"])),
            ("tour", self._tour),
            ("connect", self._connector.add),
            ("restore", self._say_restore),
            ("orders", lambda: self._go(Context.ORDERS)),
        ]

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        form = self.screen.query_one(Strip).form
        if isinstance(form, SignInForm) and (code := code_lines(form.link, self.app, width)):
            return code
        # On 80x24 every line counts: what can be chosen stands in the heads.
        lines: list[Line] = [rule(width, self._language_head())]
        for known, _name in LANGUAGE_NAMES:
            self._line_of[f"lang:{known}"] = 0
        lines.append(rule(width, plain(_("2 This terminal"))))
        lines += self._finding_lines(self._terminal, width)
        for finding in self.tests.findings():
            if finding.id == "keys":
                self._line_of["keys"] = len(lines)
            lines += self._test_lines(finding, width)
        if self._waits_for_key:
            lines.append(plain("    " + _("Press the key that is to send instead; Esc leaves it."), Role.SOON))
        self._line_of["all"] = len(lines)
        lines.append(rule(width, plain(_("3 This machine")), self._all_head()))
        if self._machine is None:
            lines.append(plain("  " + _("looking ..."), Role.QUIET))
        else:
            lines += self._finding_lines(self._worth_saying(self._machine), width)
        lines.append(rule(width, plain(_("4 Begin"))))
        for number, (name, _choose) in enumerate(self._beginnings(), 1):
            self._line_of[name] = len(lines)
            lines.append(self._beginning(name, number))
        return lines

    def _worth_saying(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Without what no house has before its first store: it would push the ways to begin off a small screen."""
        if self._all or self.session.house.stores:
            return findings
        return [one for one in findings if one.id not in _NOT_BEFORE_A_STORE or one.state is State.BAD]

    def _language_head(self) -> Line:
        head: Line = (text(_("1 Language") + "  语言   "),)
        for code, name in LANGUAGE_NAMES:
            role = Role.OK if code == language() else Role.TEXT
            head = (*head, text(self._sign(f"lang:{code}"), Role.INFO), text(f"{name}  ", role))
        return head

    def _all_head(self) -> Line:
        words = _("less: what wants attention") if self._all else _("all of it, as shoptui doctor says it")
        return text(self._sign("all"), Role.INFO), text(words, Role.INFO)

    def _beginning(self, name: str, number: int) -> Line:
        words = {
            "demo": (_("Look around: simulated stores, safe to break"), "shoptui demo"),
            "tour": (_("Five-minute tour of the keys, on them"), "shoptui tour"),
            "connect": (_("Connect a store: app key and secret, the seller's consent"), "shoptui stores add"),
            "restore": (_("Restore a backup"), "shoptui restore FILE"),
            "orders": (_("On to the orders"), ""),
        }
        label, twin = words[name]
        line: Line = (text(self._sign(name), Role.INFO), text(f"{number} ", Role.INFO), text(label))
        return (*line, text(f"   {twin}", Role.QUIET)) if twin else line

    def _test_lines(self, finding: Finding, width: int) -> list[Line]:
        """A test the operator takes part in; what to do when it fails only where the cursor is."""
        here = finding.id == self._cursor
        sign, role = _SIGNS[finding.state]
        lines = wrap(finding.said, width - 4)
        if finding.todo and (here or finding.state is State.WARN):
            lines += wrap(finding.todo, width - 4, Role.QUIET)
        lead = self._sign(finding.id) if finding.id == "keys" else "  "
        first: Line = (text(lead, Role.INFO), text(f"{sign} ", role), *lines[0])
        return [first, *((text("    "), *line) for line in lines[1:])]

    def _finding_lines(self, findings: Sequence[Finding], width: int) -> list[Line]:
        """What is good in as few lines as it takes, the rest one by one with what to do; or all of it."""
        lines: list[Line] = []
        good = [] if self._all else [finding for finding in findings if finding.state is State.OK]
        if good:
            words = listed(dict.fromkeys(subject_words(finding.id.partition(":")[0]) for finding in good))
            for number, line in enumerate(wrap(words, width - 4)):
                lines.append((text("    " if number else "  ✓ ", Role.OK), *line))
        for finding in findings:
            if finding not in good:
                sign, role = _SIGNS[finding.state]
                words = _("{what}: {who}").format(what=subject_words(finding.id), who=finding.said)
                wrapped = wrap(f"{words} {finding.todo}".rstrip(), width - 4)
                lines.append((text("  "), text(f"{sign} ", role), *wrapped[0]))
                lines += [(text("    "), *line) for line in wrapped[1:]]
        return lines

    def _sign(self, stop: str) -> str:
        return "► " if stop == self._cursor else "  "

    # Keys.

    def key_arrived(self, key: str) -> bool:
        """A key came to the page; True when it was one that is looked for here."""
        if self._waits_for_key:
            self._waits_for_key = False
            if key != "escape":
                may, said = keep_confirm_key(self.session.data_dir, key)
                self.tests.own_key = key_label(key) if may else ""
                self.session.say(said)
            self.redraw()
            return True
        if key in CONFIRM_KEYS and self.tests.key_arrived(key):
            self.redraw()
            return True
        return False

    def _wait_for_key(self) -> None:
        self._waits_for_key = True
        self.redraw()

    def _move(self, step: int) -> None:
        names = [stop.id for stop in self._stops()]
        at = names.index(self._cursor) if self._cursor in names else 0
        self._cursor = names[max(0, min(at + step, len(names) - 1))]
        self.redraw()

    def do_row_down(self, argument: str) -> None:
        self._move(1)

    def do_row_up(self, argument: str) -> None:
        self._move(-1)

    def do_page_down(self, argument: str) -> None:
        self.pane.turn(self.pane.size.height - 1)

    def do_page_up(self, argument: str) -> None:
        self.pane.turn(1 - self.pane.size.height)

    def do_row_first(self, argument: str) -> None:
        self._move(-len(self._stops()))

    def do_row_last(self, argument: str) -> None:
        self._move(len(self._stops()))

    def do_row_open(self, argument: str) -> None:
        stop = next((stop for stop in self._stops() if stop.id == self._cursor), None)
        if stop is not None:
            stop.choose()

    def do_begin_choose(self, argument: str) -> None:
        stop = next((stop for stop in self._stops() if stop.number == argument), None)
        if stop is None:
            self.session.say(_("There are {count} ways to begin.").format(count=len(self._beginnings())))
            return
        self._cursor = stop.id
        self.redraw()
        stop.choose()

    def do_doctor_again(self, argument: str) -> None:
        self._terminal, self._machine = (), None
        self.look()

    # What can be chosen.

    def language_changed(self) -> None:
        # Sentences of the checks were made in the language before.
        self._terminal, self._machine = (), None
        self.look()

    def _toggle_all(self) -> None:
        self._all = not self._all
        self.redraw()

    def _say_restore(self) -> None:
        self.session.say(
            _("Leave with Ctrl-Q, then in the shell: shoptui engine --stop, and shoptui restore FILE."),
            _("It checks the file before anything is replaced."),
        )
        self.post_message(self.StateChanged())


def measure_terminal() -> Sequence[Finding]:
    """Everything about the terminal that can be found out without its operator."""
    from shoptui.doctor.examine import examine_terminal

    found = examine_terminal()
    # Nothing of the measuring is to stay on the shell's screen.
    sys.stdout.flush()
    return found

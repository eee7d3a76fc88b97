"""Owns the checks of terminal and locale: what the cockpit can draw here, and in which letters."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from shoptui.doctor.finding import Finding, State
from shoptui.i18n import _

COLUMNS_LEAST, ROWS_LEAST = 80, 24
_CANNOT_DRAW = frozenset({"", "dumb", "unknown"})


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What is known without asking the terminal itself. `columns` and `rows` are 0 where there is none.

    `locale` is the value that decides about letters (LC_ALL, else LC_CTYPE, else LANG), `locale_variable` where it
    stands; `locale_installed` False: the system does not have it. `encoding` is that of the output.
    """

    is_terminal: bool
    term: str
    colour_term: str
    no_colour: bool
    columns: int
    rows: int
    locale: str
    locale_variable: str
    locale_installed: bool
    encoding: str


def read_terminal(environ: Mapping[str, str] = os.environ) -> TerminalFacts:
    """The facts of the terminal this process runs on."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    size = os.get_terminal_size(sys.stdout.fileno()) if is_terminal else os.terminal_size((0, 0))
    variable = next((name for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return TerminalFacts(
        is_terminal=is_terminal,
        term=environ.get("TERM", ""),
        colour_term=environ.get("COLORTERM", ""),
        no_colour="NO_COLOR" in environ,
        columns=size.columns,
        rows=size.lines,
        locale=environ.get(variable, ""),
        locale_variable=variable,
        locale_installed=_installed(environ.get(variable, "")),
        encoding=(sys.stdout.encoding or "").lower(),
    )


def check_terminal(facts: TerminalFacts) -> list[Finding]:
    """Terminal, size, colours and locale."""
    return [_terminal(facts), *_size(facts), _colours(facts), _locale(facts)]


def _terminal(facts: TerminalFacts) -> Finding:
    if not facts.is_terminal:
        return Finding(
            "terminal",
            State.UNKNOWN,
            _("There is no terminal here."),
            _("Run `shoptui doctor` on the terminal that is to be used."),
        )
    if facts.term in _CANNOT_DRAW:
        said = _("TERM is {term!r}: the cockpit cannot draw on that.").format(term=facts.term)
        return Finding("terminal", State.BAD, said, _("Set TERM to what the terminal is, such as xterm-256color."))
    return Finding("terminal", State.OK, facts.term)


def _size(facts: TerminalFacts) -> list[Finding]:
    if not facts.is_terminal:
        return []
    size = f"{facts.columns}x{facts.rows}"
    if facts.columns < COLUMNS_LEAST or facts.rows < ROWS_LEAST:
        said = _("{size} is smaller than {least}: lines are cut.").format(
            size=size, least=f"{COLUMNS_LEAST}x{ROWS_LEAST}"
        )
        return [Finding("size", State.WARN, said, _("Make the window larger or its letters smaller."))]
    return [Finding("size", State.OK, size)]


def _colours(facts: TerminalFacts) -> Finding:
    if facts.no_colour:
        said = _("NO_COLOR is set: there are no colours; every state is a letter as well.")
        return Finding("colours", State.WARN, said, _("Unset NO_COLOR to have them."))
    if facts.colour_term in ("truecolor", "24bit"):
        return Finding("colours", State.OK, _("16 million"))
    if "256" in facts.term:
        return Finding("colours", State.OK, _("256"))
    if not facts.is_terminal:
        return Finding("colours", State.UNKNOWN, _("There is no terminal here."))
    return Finding(
        "colours",
        State.WARN,
        _("Sixteen, by what TERM and COLORTERM say."),
        _('If it has more, set COLORTERM=truecolor; if not, choose theme = "ansi" under [cockpit].'),
    )


def _locale(facts: TerminalFacts) -> Finding:
    todo = _("export LANG=C.UTF-8, here and where tmux or screen is started.")
    letters = facts.locale.partition(".")[2].partition("@")[0].lower().replace("-", "")
    if facts.encoding not in ("utf-8", "utf8"):
        said = _("Output is written as {encoding}, which has no Chinese, Thai or signs.").format(
            encoding=facts.encoding or "?"
        )
        return Finding("locale", State.BAD, said, todo)
    if not facts.locale_variable or facts.locale in ("C", "POSIX"):
        said = _("No locale with UTF-8 is set; Python makes do, other programs on this terminal may not.")
        return Finding("locale", State.WARN, said, todo)
    shown = f"{facts.locale_variable}={facts.locale}"
    if letters not in ("utf8", ""):
        return Finding("locale", State.BAD, _("{locale} is no UTF-8.").format(locale=shown), todo)
    if not facts.locale_installed:
        said = _("{locale} is not installed on this machine.").format(locale=shown)
        return Finding("locale", State.WARN, said, _("`locale -a` lists what is; C.UTF-8 always works."))
    return Finding("locale", State.OK, shown)


def _installed(name: str) -> bool:
    """Whether the system knows a locale; what is in force stays."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return True

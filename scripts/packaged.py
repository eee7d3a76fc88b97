"""Writes what packages install beside the program: the man page, completion scripts and systemd units.

Usage: python -m scripts.packaged [--check]. With --check nothing is written; exit code 1 when a file is behind.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from shoptui import __version__
from shoptui.commands import COMMANDS, key_label
from shoptui.shell.completion import SHELLS, script
from shoptui.shell.exits import Exit
from shoptui.shell.group import cli
from shoptui.shell.unit import UNITS, unit

ROOT = Path(__file__).resolve().parent.parent / "packaging"
_COMPLETION_NAMES = {"bash": "shoptui", "zsh": "_shoptui", "fish": "shoptui.fish"}

_EXITS = {
    Exit.OK: "all well",
    Exit.FAILED: "something failed",
    Exit.USAGE: "wrong usage, or a filter that is none",
    Exit.NOTHING: "nothing matched, or nothing could be done",
    Exit.NO_ENGINE: "no engine to be had",
    Exit.UNDECIDED: "ordered, but some of it is not decided yet",
    Exit.NOT_ALLOWED: "not allowed",
}
_FILES = {
    "/etc/shoptui/config.toml": "the settings of a shared house; it names data directory and socket",
    "~/.config/shoptui/config.toml": "an operator's own [cockpit] section in a shared house",
    "~/.local/share/shoptui": "the house of one person: databases, config.toml, secrets.json, engine.log, backups",
}
_ENVIRONMENT = {
    "SHOPTUI_HOME": "the data directory; --data-dir goes before it",
    "SHOPTUI_STATE": "the folder of the operator's own state",
    "SHOPTUI_NO_ENGINE": "any value: the cockpit starts no engine",
    "SHOPTUI_THEME, SHOPTUI_LANGUAGE, SHOPTUI_MOUSE, SHOPTUI_COLOURS": "settings of [cockpit] for one call",
}


def files() -> dict[Path, str]:
    """Every file under packaging/ with what belongs into it."""
    found = {ROOT / "man" / "shoptui.1": man_page()}
    for shell in SHELLS:
        found[ROOT / "completion" / _COMPLETION_NAMES[shell]] = script(shell) + "\n"
    for kind, (name, _) in UNITS.items():
        found[ROOT / "systemd" / name] = unit(kind)
    return found


def man_page() -> str:
    """The man page, from the shell's commands and the cockpit's table of commands."""
    lines = [
        f'.TH SHOPTUI 1 "" "shoptui {__version__}" "User Commands"',
        ".SH NAME",
        "shoptui \\- terminal cockpit for operators of many marketplace stores",
        ".SH SYNOPSIS",
        ".B shoptui",
        "[\\-\\-data\\-dir DIRECTORY] [COMMAND [ARGUMENTS]]",
        ".SH DESCRIPTION",
        _roff(cli.help or ""),
        ".SH COMMANDS",
        *_commands("shoptui", cli),
        ".SH KEYS",
        "In the cockpit; ? shows those that work where you are.",
        *_keys(),
        ".SH FILES",
        *_listed(_FILES),
        ".SH ENVIRONMENT",
        *_listed(_ENVIRONMENT),
        ".SH EXIT STATUS",
        *_listed({str(int(code)): words for code, words in _EXITS.items()}),
    ]
    return "\n".join(lines) + "\n"


def _commands(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            inner = command.get_command(context, word)
            if inner is None or inner.hidden:
                continue
            yield from _one(f"{name} {word}", inner)
            yield from _commands(f"{name} {word}", inner)


def _one(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    yield ".SS " + _roff(" ".join([name, *command.collect_usage_pieces(context)]))
    for paragraph in (command.help or "").replace("\b\n", "").strip().split("\n\n"):
        yield _roff(" ".join(paragraph.split()))
        yield ".PP"
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is None:
            continue
        yield from (".TP", f".B {_roff(record[0])}", _roff(record[1]) or "\\&")


def _keys() -> Iterator[str]:
    for command in COMMANDS:
        keys = ", ".join(key_label(key) for key in command.all_keys)
        yield from (".TP", f".B {_roff(keys)}", _roff(f"{command.label}: {command.help}"))


def _listed(words: Mapping[str, str]) -> Iterator[str]:
    for name, said in words.items():
        yield from (".TP", f".B {_roff(name)}", _roff(said))


def _roff(text: str) -> str:
    """Text as roff takes it literally."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("\n", " ")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


def main() -> int:
    behind = []
    for path, content in files().items():
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        behind.append(path.relative_to(ROOT.parent))
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    if behind and "--check" in sys.argv:
        names = ", ".join(str(path) for path in behind)
        sys.stderr.write(f"Behind the commands: {names}. Run python -m scripts.packaged\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

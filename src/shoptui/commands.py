"""The one table of commands: keys, key line, menu, help, key table of the README and keymap checks derive from it."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Mapping

from shoptui.command_state import Context, always
from shoptui.command_table import COMMANDS
from shoptui.command_table.kinds import ALL, Command, Group, Level
from shoptui.domain.alike import meant
from shoptui.i18n import _

__all__ = [
    "BY_ID",
    "COMMANDS",
    "CONFIRM_KEYS",
    "Command",
    "Group",
    "Level",
    "check_keymap",
    "first_keys",
    "in_context",
    "key_label",
    "keys_under",
    "markdown_table",
    "verbs_of",
]

BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}

_KEY_LABELS = {
    "left": "◄",
    "right": "►",
    "up": "Up",
    "down": "Down",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "Shift-Tab",
    "delete": "Del",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
}

#: The keys that confirm; nothing else may be bound to them and nothing else may confirm (screens, section 4).
CONFIRM_KEYS = frozenset({"f9", "ctrl+y"})


def key_label(key: str) -> str:
    """A Textual key name as the key line and the help show it: `ctrl+r` → `Ctrl-R`, `left` → `◄`."""
    if key in _KEY_LABELS:
        return _KEY_LABELS[key]
    if key.startswith("ctrl+"):
        return "Ctrl-" + key[5:].upper()
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return key


def in_context(context: Context) -> tuple[Command, ...]:
    """The commands of one context, in the table's order."""
    return tuple(command for command in COMMANDS if context in command.contexts)


def verbs_of(context: Context) -> tuple[Command, ...]:
    """The verbs of a place, first verb first: key line and menu use this order, so their numbers never change."""
    verbs = (command for command in in_context(context) if command.verb_in(context))
    return tuple(sorted(verbs, key=lambda command: command.verb_in(context)))


def check_keymap(keymap: Mapping[str, str]) -> list[str]:
    """What is wrong with an operator's own keymap (command id → comma-separated keys); empty when it can be used.

    Refused are unknown ids, a key that would mean two things in one place, and any other key that confirms or any
    other meaning for the keys that do.
    """
    problems = [
        _("{id} is no command.{hint}").format(id=command_id, hint=_hint(command_id, BY_ID))
        for command_id in keymap
        if command_id not in BY_ID
    ]
    for command in COMMANDS:
        keys = keys_under(command, keymap)
        if command.id in keymap:
            problems.extend(_no_keys(command, keymap))
        if command.id == "strip.do":
            if letters := [key for key in keys if len(key) == 1 or key in {"enter", "tab", "space"}]:
                problems.append(
                    _(
                        "strip.do cannot be {key}: scanners, pastes and input methods type it. Use a function key."
                    ).format(key=key_label(letters[0]))
                )
        elif taken := CONFIRM_KEYS.intersection(keys):
            problems.append(
                _("{key} confirms and can mean nothing else; take it from {id}.").format(
                    key=key_label(min(taken)), id=command.id
                )
            )
    for context in Context:
        problems.extend(_clashes(context, keymap))
    return list(dict.fromkeys(problems))


_NAMED_KEYS = frozenset({
    "left", "right", "up", "down", "enter", "escape", "space", "tab", "backspace", "delete", "insert", "home", "end",
    "pageup", "pagedown",
})  # fmt: skip
_MODIFIERS = ("ctrl+", "alt+", "shift+", "meta+")


def _is_key(key: str) -> bool:
    """Whether this is the name of a key as Textual calls it."""
    for modifier in _MODIFIERS:
        key = key.removeprefix(modifier)
    if len(key) == 1:
        return key.isprintable()
    if key in _NAMED_KEYS or (key[0] == "f" and key[1:].isdecimal() and 1 <= int(key[1:]) <= 24):
        return True
    try:
        # Signs go by their Unicode names: `full_stop`, `question_mark`.
        unicodedata.lookup(key.replace("_", " "))
    except KeyError:
        return False
    return key.islower()


def _no_keys(command: Command, keymap: Mapping[str, str]) -> Iterable[str]:
    keys = first_keys(command, keymap)
    if not keys:
        yield _("{id} would have no key: name one, or take the line out.").format(id=command.id)
    for key in keys:
        if not _is_key(key):
            words = _("{id} has the key {key}, which no terminal sends. Write it as in f, F, f12, ctrl+s, left.")
            yield words.format(id=command.id, key=key)


def _hint(word: str, known: Iterable[str]) -> str:
    near = meant(word, known)
    return _(" Did you mean {word}?").format(word=near) if near else ""


def first_keys(command: Command, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The command's keys without their twins, under a keymap."""
    if command.id not in keymap:
        return command.keys
    return tuple(key.strip() for key in keymap[command.id].split(",") if key.strip())


def keys_under(command: Command, keymap: Mapping[str, str], context: Context | None = None) -> tuple[str, ...]:
    """The command's keys under a keymap, which replaces the first keys and leaves the twins: of a place, or all."""
    return first_keys(command, keymap) + (command.twins if context is None else command.twins_in(context))


def _clashes(context: Context, keymap: Mapping[str, str]) -> Iterable[str]:
    holder: dict[str, Command] = {}
    for command in in_context(context):
        for key in keys_under(command, keymap, context):
            other = holder.setdefault(key, command)
            # A command that applies only sometimes may share its key with the one that applies otherwise.
            if other is not command and other.applies is always and command.applies is always:
                yield _("{key} would mean both {one} and {two} in {place}.").format(
                    key=key_label(key), one=other.id, two=command.id, place=context.value
                )


def markdown_table() -> str:
    """The key table of the README."""
    lines = ["| key | twin | where | what it does | level | id | shell |", "|---|---|---|---|---|---|---|"]
    for command in COMMANDS:
        where = "all" if command.contexts >= ALL else ", ".join(c.value for c in Context if c in command.contexts)
        keys = " ".join(f"`{_cell(key_label(key))}`" for key in command.keys)
        twins = " ".join(f"`{_cell(key_label(key))}`" for key in command.twins)
        if twins and command.also:
            twins += " in " + ", ".join(c.value for c in Context if c in command.contexts - command.also)
        shell = f"`{command.cli}`" if command.cli else ""
        lines.append(
            f"| {keys} | {twins} | {where} | **{_(command.label)}**: {_(command.help)} | {int(command.level)} "
            f"| {command.id} | {shell} |"
        )
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(markdown_table() + "\n")

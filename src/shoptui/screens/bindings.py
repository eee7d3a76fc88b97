"""The command table as Textual bindings, and an operator's own keymap laid over it."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding

from shoptui.commands import COMMANDS, Command


def bindings(keymap: Mapping[str, str] | None = None) -> list[Binding]:
    """One binding per command and key. All sit on the frame; `Frame.check_action` picks by context.

    `keymap` (command id → comma-separated keys) replaces a command's first keys, the twins stay. It must have passed
    `commands.check_keymap`: Textual's own keymap would drop every other command on the same key, in whatever context.
    """
    result: list[Binding] = []
    for command in COMMANDS:
        for slot, key in _slots(command, (keymap or {}).get(command.id)):
            result.append(
                Binding(key, f"command({command.id!r}, {slot!r})", command.label, show=False, id=f"{command.id}/{slot}")
            )
    return result


def _slots(command: Command, own_keys: str | None) -> list[tuple[str, str]]:
    """(the key as the table has it, the key as it is bound) for each of a command's keys."""
    if own_keys is None:
        return [(key, key) for key in command.all_keys]
    own = [key.strip() for key in own_keys.split(",") if key.strip()]
    first = next(iter(command.keys), "")
    bound = [(command.keys[place] if place < len(command.keys) else first, key) for place, key in enumerate(own)]
    return bound + [(key, key) for key in command.twins]

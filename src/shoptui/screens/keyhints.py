"""Which keys the key line shows: the place's verbs on the left, the keys that work everywhere on the right."""

from __future__ import annotations

from collections.abc import Callable

from shoptui.command_state import Context
from shoptui.commands import BY_ID, Command, key_label, verbs_of
from shoptui.i18n import _
from shoptui.widgets.keyline import KeyHint

#: Verbs on the key line; the rest is in the menu.
_VERBS_SHOWN = 3


def command_hint(command: Command, enabled: bool, label: str = "") -> KeyHint:
    """A verb with its letter and its function key."""
    function_key = next((key for key in command.twins if key.startswith("f") and len(key) > 1), "")
    keys = key_label(command.keys[0]) + (f" {key_label(function_key)}" if function_key else "")
    return KeyHint(keys, label or _(command.label), enabled)


def verb_hints(
    context: Context,
    is_on: Callable[[Command], bool],
    applies: Callable[[Command], bool],
    label_of: Callable[[Command], str],
) -> list[KeyHint]:
    """The first verbs that mean something in this place now."""
    chosen = [command for command in verbs_of(context) if applies(command)][:_VERBS_SHOWN]
    return [command_hint(command, is_on(command), label_of(command)) for command in chosen]


def fixed_hints(width: int, context: Context) -> list[KeyHint]:
    """The keys that work everywhere: function keys at 80 columns, with their letters when there is room."""
    if context is Context.DETAIL:
        return [
            KeyHint("]", _("next")),
            KeyHint("[", _("prev")),
            KeyHint("◄", _("list")),
            KeyHint("F10", _("menu")),
            KeyHint("F1", "?"),
        ]
    wanted = [("go.screen", _("go")), ("filter.open", _("find")), ("undo.last", _("undo")), ("menu.open", _("menu"))]
    hints: list[KeyHint] = []
    for command_id, label in wanted:
        command = BY_ID[command_id]
        if context not in command.contexts:
            continue
        keys = key_label(command.twins[0])
        if width >= 120:
            keys = f"{key_label(command.keys[0])} {keys}"
        hints.append(KeyHint(keys, label))
    hints.append(KeyHint("F1", "?") if width < 120 else KeyHint("? F1", _("help")))
    return hints

"""Which keys the key line shows: the place's verbs on the left, the keys that work everywhere on the right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from shoptui.cellwidth import cell_width
from shoptui.command_state import Context
from shoptui.commands import BY_ID, Command, first_keys, key_label, verbs_of
from shoptui.i18n import _
from shoptui.widgets.keyline import KeyHint

#: Verbs on the key line; the rest is in the menu.
_VERBS_SHOWN = 3

#: Whose words give way to wide verbs, in this order; the keys stay.
_LABELS_GO = ("undo.last", "row.prev", "row.next", "go.screen", "filter.open", "go.back", "menu.open", "app.help")


def command_hint(
    command: Command, context: Context, keymap: Mapping[str, str], enabled: bool, label: str = ""
) -> KeyHint:
    """A verb of a place with its letter and its function key, as the operator has them."""
    letters = first_keys(command, keymap)
    function_key = next((key for key in command.twins_in(context) if key.startswith("f") and len(key) > 1), "")
    shown = (*letters[:1], function_key) if function_key else letters[:2]
    keys = " ".join(key_label(key) for key in shown)
    return KeyHint(keys, label or _(command.label), enabled)


def verb_hints(
    context: Context,
    keymap: Mapping[str, str],
    is_on: Callable[[Command], bool],
    applies: Callable[[Command], bool],
    label_of: Callable[[Command], str],
) -> list[KeyHint]:
    """The first verbs that work in this place now; where none does, the first that could, drawn quiet."""
    meant = [command for command in verbs_of(context) if applies(command) and command.all_keys]
    chosen = ([command for command in meant if is_on(command)] or meant)[:_VERBS_SHOWN]
    return [command_hint(command, context, keymap, is_on(command), label_of(command)) for command in chosen]


def fixed_hints(width: int, context: Context, keymap: Mapping[str, str], verbs: Sequence[KeyHint]) -> list[KeyHint]:
    """The keys that work everywhere, with as many labels and letters as fit beside the verbs."""
    room = width - 4 - sum(cell_width(f"{hint.keys} {hint.label}") + 2 for hint in verbs)
    if width >= 120 and _cells(hints := _fixed(context, keymap, letters=True).values()) <= room:
        return list(hints)
    shown = _fixed(context, keymap, letters=False)
    for command_id in _LABELS_GO:
        if _cells(shown.values()) > room and command_id in shown:
            shown[command_id] = replace(shown[command_id], label="")
    return list(shown.values())


def _cells(hints: Iterable[KeyHint]) -> int:
    return sum(cell_width(f"{hint.keys} {hint.label}".rstrip()) + 1 for hint in hints)


def _fixed(context: Context, keymap: Mapping[str, str], *, letters: bool) -> dict[str, KeyHint]:
    if context is Context.DETAIL:
        wanted = [("row.next", _("next")), ("row.prev", _("prev")), ("go.back", _("list"))]
    else:
        wanted = [("go.screen", _("go")), ("filter.open", _("find")), ("undo.last", _("undo"))]
    wanted += [("menu.open", _("menu")), ("app.help", _("help") if letters else "?")]
    hints: dict[str, KeyHint] = {}
    for command_id, label in wanted:
        command = BY_ID[command_id]
        if context not in command.contexts:
            continue
        function_key = next((key for key in command.twins if key.startswith("f") and len(key) > 1), "")
        letter = next(map(key_label, first_keys(command, keymap)), "")
        keys = key_label(function_key) if function_key else letter
        if letters and function_key and letter:
            keys = f"{letter} {keys}"
        hints[command_id] = KeyHint(keys, label)
    return hints

"""Which keys the key line shows: the place's verbs on the left, the keys that work everywhere on the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shoptui.cellwidth import cell_width
from shoptui.command_state import Context
from shoptui.commands import BY_ID, Command, first_keys, key_label, verbs_of
from shoptui.i18n import _
from shoptui.widgets.keyline import KeyHint

#: Verbs on the key line; the rest is in the menu.
_VERBS_SHOWN = 3


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
    left = sum(cell_width(f"{hint.keys} {hint.label}") + 2 for hint in verbs)
    versions = [_fixed(context, keymap, letters=letters, labels=True) for letters in (True, False)]
    versions.append([KeyHint(hint.keys, hint.label if len(hint.label) < 5 else "") for hint in versions[-1]])
    versions.append(_fixed(context, keymap, letters=False, labels=False))
    for hints in versions[0 if width >= 120 else 1 :]:
        if left + sum(cell_width(f"{hint.keys} {hint.label}") + 1 for hint in hints) + 4 <= width:
            return hints
    return versions[-1]


def _fixed(context: Context, keymap: Mapping[str, str], *, letters: bool, labels: bool) -> list[KeyHint]:
    if context is Context.DETAIL:
        wanted = [("row.next", _("next")), ("row.prev", _("prev")), ("go.back", _("list"))]
    else:
        wanted = [("go.screen", _("go")), ("filter.open", _("find")), ("undo.last", _("undo"))]
    wanted += [("menu.open", _("menu")), ("app.help", _("help") if letters else "?")]
    hints: list[KeyHint] = []
    for command_id, label in wanted:
        command = BY_ID[command_id]
        if context not in command.contexts:
            continue
        function_key = next((key for key in command.twins if key.startswith("f") and len(key) > 1), "")
        letter = next(map(key_label, first_keys(command, keymap)), "")
        keys = key_label(function_key) if function_key else letter
        if letters and function_key and letter:
            keys = f"{letter} {keys}"
        hints.append(KeyHint(keys, label if labels else ""))
    return hints

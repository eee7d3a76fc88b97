"""The right end of the key line: which words of the keys that always work give way to wide verbs."""

from __future__ import annotations

import pytest

from shoptui.command_state import Context
from shoptui.screens.keyhints import fixed_hints
from shoptui.widgets.keyline import KeyHint


@pytest.mark.parametrize(
    ("verbs", "expected"),
    [
        (["s F6 Ship", "p F7 Print"], "F2 go F3 find F4 undo F10 menu F1 ?"),
        (["a F6 Agree", "f F7 Refund only", "x F8 Refuse"], "F2 go F3 find F4 F10 menu F1 ?"),
        (["a F6 Agree all", "f F7 Refund only", "x F8 Refuse"], "F2 F3 find F4 F10 menu F1 ?"),
        (["a F6 Agree to all", "f F7 Refund only", "x F8 Refuse"], "F2 F3 F4 F10 menu F1 ?"),
        (["a F6 Agree to all of them", "f F7 Refund only now", "x F8 Refuse"], "F2 F3 F4 F10 F1"),
    ],
)
def test_words_go_one_by_one_and_keys_stay(verbs: list[str], expected: str) -> None:
    hints = [KeyHint(words[:4], words[5:]) for words in verbs]
    found = fixed_hints(80, Context.RETURNS, {}, hints)
    assert " ".join(f"{hint.keys} {hint.label}".strip() for hint in found) == expected

"""Textual takes an attribute `key_at` or `_key_at` for the handler of the key `@`: nothing here may be called so."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.keys import Keys, _character_to_key

from tests.ui.app_support import cockpit, make_house

_NAMES = {_character_to_key(chr(code)) for code in range(32, 127)} | {key.value for key in Keys}


@pytest.mark.parametrize("prefix", ["key_", "_key_"])
async def test_no_attribute_is_taken_for_the_handler_of_a_key(tmp_path: Path, prefix: str) -> None:
    async with cockpit(await make_house(tmp_path), (80, 24)) as under_test:
        app = under_test.app
        for node in (app, *app.screen_stack, *app.screen.query("*")):
            wrong = {name for name in _NAMES if not callable(getattr(node, prefix + name, print))}
            assert not wrong, (type(node).__name__, wrong)

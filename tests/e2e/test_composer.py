"""A reply being written in a real terminal: in the operator's own editor, and in a cockpit that is killed meanwhile."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cockpit import Cockpit
from tests.e2e.live import PersonalHouse, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("composer")]

_WRITES = re.compile(r"Reply as \S+ to \S+ in ")

#: Says that it has the terminal, and adds what is typed there to the text.
_EDITOR = """#!/bin/sh
printf '\\r\\nEDITOR HAS THE TERMINAL\\r\\n'
read -r typed
printf '\\n%s' "$typed" >> "$1"
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalHouse]:
    """One store with two buyers who have just asked, and an engine that has read them."""
    with PersonalHouse(tmp_path_factory.mktemp("composer") / "house", stores=1, orders=8) as made:
        for _buyer in range(2):
            (order_id,) = made.poke("new_orders")["order_ids"]
            made.poke("buyer_writes", order_id=order_id, text="Where is it?")
        made.start_engine()
        wait_until(lambda: len(made.threads("is:waiting")) == 2, "the conversations")
        yield made


def begin(cockpit: Cockpit) -> None:
    """Open the composer on the first conversation of the Inbox; a cockpit opens where it was left."""
    cockpit.until(lambda: " live " in cockpit.status, "a cockpit with an engine")
    cockpit.go("i", "Inbox")
    cockpit.until(lambda: "Where is it?" in cockpit.text(), "a conversation")
    cockpit.key("r")
    cockpit.until(lambda: _WRITES.search(cockpit.text()) is not None and "Ctrl-E" in cockpit.keys, "the composer")


def sent(house: PersonalHouse) -> list[str]:
    return [row["text"] for row in house.journal() if row["op"] == "chat_send" and row["effect"] == "applied"]


def test_ctrl_e_gives_the_terminal_to_the_operators_editor_and_takes_its_text(
    house: PersonalHouse, tmp_path: Path
) -> None:
    editor = tmp_path / "own editor"
    editor.write_text(_EDITOR)
    editor.chmod(0o700)
    with Cockpit({**house.env, "VISUAL": f"'{editor}'"}) as cockpit:
        begin(cockpit)
        cockpit.type("Hello, from the field")
        cockpit.press("\x05")
        cockpit.wait_for("EDITOR HAS THE TERMINAL")
        assert not cockpit.private_mode(1049), "the cockpit has left its screen to the editor"
        # Keys are the editor's: neither does F9 send nor Esc leave.
        cockpit.type("and from the editor")
        cockpit.press("enter")
        cockpit.until(lambda: cockpit.private_mode(1049), "the cockpit's own screen")
        cockpit.wait_gone("EDITOR HAS THE TERMINAL")
        cockpit.until(
            lambda: "Hello, from the field" in cockpit.text() and "and from the editor" in cockpit.text(),
            "the text of both in the composer",
        )
        cockpit.confirm()
        cockpit.until(lambda: bool(sent(house)), "the reply at the marketplace")
    assert sent(house) == ["Hello, from the field\nand from the editor"]
    assert not list(house.data_dir.root.rglob("reply-*.txt")), "nothing of it is left in a file"


def test_what_was_typed_into_a_reply_is_there_after_a_kill(house: PersonalHouse) -> None:
    before = sent(house)
    with Cockpit(house.env) as cockpit:
        begin(cockpit)
        cockpit.type("Dear customer, it is on its w")
        # Written down within 0.2 s of the last key.
        cockpit.read_for(0.4)
        cockpit.send_signal(signal.SIGKILL)
        assert cockpit.wait_exit() == -signal.SIGKILL
    with Cockpit(house.env) as cockpit:
        begin(cockpit)
        cockpit.wait_for("Dear customer, it is on its w")
        cockpit.type("ay")
        cockpit.wait_for("it is on its way")
        assert sent(house) == before, "a draft is no reply"
        cockpit.confirm()
        cockpit.until(lambda: len(sent(house)) > len(before), "the reply at the marketplace")
    assert sent(house)[len(before) :] == ["Dear customer, it is on its way"]

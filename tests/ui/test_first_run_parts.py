"""What the first run concludes from what arrives, and what it writes into an operator's own files."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from shoptui.cockpit.keymap import keymap_path, load_keymap
from shoptui.cockpit.own_settings import keep_confirm_key
from shoptui.doctor.finding import State
from shoptui.paths import DataDir
from shoptui.qr import qr_lines
from shoptui.screens.first_run_checks import TerminalTests


def test_nothing_has_been_shown_before_anything_came() -> None:
    assert {finding.state for finding in TerminalTests().findings()} == {State.UNKNOWN}


@pytest.mark.parametrize(
    ("keys", "words"),
    [(["f9"], "F9 arrived"), (["ctrl+y"], "Ctrl-Y arrived"), (["f9", "ctrl+y"], "F9 and Ctrl-Y")],
)
def test_one_of_the_keys_that_send_is_enough(keys: list[str], words: str) -> None:
    tests = TerminalTests()
    assert not tests.key_arrived("f8")
    assert all(tests.key_arrived(key) for key in keys)
    finding = tests.confirm_finding()
    assert finding.state is State.OK and words in finding.said


def test_a_paste_without_marks_is_told_from_a_scan() -> None:
    tests = TerminalTests()
    tests.scanned("8850123004412", certain=False)
    assert tests.scanner_finding().state is State.OK
    assert tests.paste_finding().state is State.UNKNOWN
    tests.scanned("12 Example Street", certain=False)
    assert tests.paste_finding().state is State.WARN
    tests.pasted("12 Example Street")
    assert tests.paste_finding().state is State.OK


@pytest.mark.parametrize("before", ["", "[other]\nx = 5", "# mine\n"])
def test_a_key_is_added_to_a_file_and_nothing_else_is_touched(tmp_path: Path, before: str) -> None:
    house = DataDir(tmp_path)
    path = keymap_path(house)
    if before:
        path.write_text(before, encoding="utf-8")
    assert str(path) in keep_confirm_key(house, "f12")[1]
    text = path.read_text(encoding="utf-8")
    assert text.startswith(before)
    assert tomllib.loads(text)["keys"] == {"strip.do": "f12"}
    # Chosen again, it stands there already.
    keep_confirm_key(house, "f12")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("mine", ['[keys]\n"strip.do" = "f11"\n', '[keys]\n"order.ship" = "f"\n', "[keys", "keys = 3"])
def test_a_persons_own_lines_are_left_alone(tmp_path: Path, mine: str) -> None:
    house = DataDir(tmp_path)
    keymap_path(house).write_text(mine, encoding="utf-8")
    may, said = keep_confirm_key(house, "f12")
    assert may and 'Write "strip.do" = "f12" under [keys]' in said
    assert keymap_path(house).read_text(encoding="utf-8") == mine


def test_another_key_may_confirm_if_nothing_types_it(tmp_path: Path) -> None:
    house = DataDir(tmp_path)
    may, said = keep_confirm_key(house, "s")
    assert not may and "strip.do cannot be s" in said
    assert not keymap_path(house).exists()
    may, _said = keep_confirm_key(house, "f12")
    assert may
    assert load_keymap(keymap_path(house)).keys == {"strip.do": "f12"}


@pytest.mark.parametrize("link", ["https://a.example/?state=x", "https://services.example/open/authorize?" + "s" * 90])
def test_a_qr_code_is_square_and_has_its_quiet_zone(link: str) -> None:
    drawn = qr_lines(link, draw_dark=False)
    assert {len(line) for line in drawn} == {len(drawn[0])}
    assert len(drawn) == -(-len(drawn[0]) // 2)
    assert set(drawn[0]) == {"█"} and all(
        line.startswith("██") and line.rstrip("▀").endswith("██") for line in drawn[:-1]
    )
    swapped = {"█": " ", " ": "█", "▀": "▄", "▄": "▀"}
    assert qr_lines(link, draw_dark=True)[:-1] == tuple("".join(swapped[cell] for cell in line) for line in drawn[:-1])

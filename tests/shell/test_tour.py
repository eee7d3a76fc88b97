"""`shoptui tour`: what it says when it cannot begin, what it borrows, and where it leads back to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from shoptui import demo
from shoptui.cockpit.keymap import load_keymap
from shoptui.demo import DemoError, DemoHouse, ensure_demo
from shoptui.paths import DataDir
from shoptui.shell.group import cli
from shoptui.shell.tour import _way_back
from shoptui.tour_house import SIZE, _lend, _own_state


def test_without_a_terminal_it_says_so_and_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTUI_TOUR", str(tmp_path / "tour"))
    answer = CliRunner().invoke(cli, ["tour"])
    assert answer.exit_code == 1
    assert "needs a terminal" in answer.output
    assert not (tmp_path / "tour").exists()


def test_without_the_sandbox_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    with pytest.raises(DemoError, match=r"shoptui\[demo\]"):
        ensure_demo(DemoHouse(tmp_path), SIZE)


def test_it_leads_back_to_the_house_it_was_called_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTUI_DEMO", str(tmp_path / "demo"))
    house = DataDir(tmp_path / "house")
    assert _way_back(house.root, house) == ("--data-dir", str(house.root), "attach")
    assert _way_back(None, house) == ("attach",), "found again as it was found"
    demo_house = DemoHouse.default().data_dir
    assert _way_back(demo_house.root, demo_house) == ("demo",)


@pytest.mark.parametrize("before", [None, "elsewhere"])
def test_the_operators_own_state_is_not_touched(
    before: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOPTUI_STATE", raising=False)
    if before is not None:
        monkeypatch.setenv("SHOPTUI_STATE", before)
    with _own_state(tmp_path / "state") as state:
        assert DataDir(tmp_path).operator_state.parent == state
    assert os.environ.get("SHOPTUI_STATE") == before


def test_own_keys_hold_in_the_tour_until_they_are_given_up(tmp_path: Path) -> None:
    own, state = tmp_path / "keymap.toml", tmp_path / "state"
    state.mkdir()
    own.write_text('[keys]\n"order.ship" = "f"\n')
    _lend([own], state)
    assert load_keymap(state / "keymap.toml").keys == {"order.ship": "f"}
    own.unlink()
    _lend([own], state)
    assert load_keymap(state / "keymap.toml").keys == {}

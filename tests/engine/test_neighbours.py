"""The note about which house of this host holds which shop."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from shoptui.engine import neighbours
from shoptui.engine.neighbours import holders, note, shop_digest

HOST = "https://shop.example"


@pytest.fixture(autouse=True)
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOPTUI_NEIGHBOURS", str(tmp_path / "board"))
    return tmp_path / "board"


def house(tmp_path: Path, name: str) -> Path:
    root = tmp_path / name
    root.mkdir(exist_ok=True)
    return root


def test_another_house_is_named_and_the_own_one_is_not(tmp_path: Path, board: Path) -> None:
    mine, yours = house(tmp_path, "mine"), house(tmp_path, "yours")
    shop, other = shop_digest(HOST, "tiktok", "7495"), shop_digest(HOST, "tiktok", "7496")
    note(yours, [shop])
    note(mine, [shop, other])
    found = holders(mine, [shop, other])
    assert set(found) == {shop}
    assert found[shop].root == str(yours) and found[shop].user
    assert stat.S_IMODE(board.stat().st_mode) == 0o1777
    text = "".join(path.read_text() for path in board.iterdir())
    assert "7495" not in text


def test_the_same_shop_id_elsewhere_is_another_shop() -> None:
    assert len({shop_digest(HOST, "tiktok", "1"), shop_digest("http://127.0.0.1:4", "tiktok", "1")}) == 2
    assert len({shop_digest(HOST, "tiktok", "1"), shop_digest(HOST, "lazada", "1")}) == 2


def test_a_house_that_gives_up_its_shops_or_is_gone_is_forgotten(tmp_path: Path, board: Path) -> None:
    mine, yours, gone = house(tmp_path, "mine"), house(tmp_path, "yours"), house(tmp_path, "gone")
    note(yours, ["a"])
    note(gone, ["b"])
    note(yours, [])
    gone.rmdir()
    assert holders(mine, ["a", "b"]) == {}
    assert list(board.iterdir()) == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"root": "/x"}', '{"root": "/x", "shops": 3}', '"x"'])
def test_what_is_no_note_is_passed_over(tmp_path: Path, board: Path, content: str) -> None:
    board.mkdir()
    (board / "stranger.json").write_text(content)
    (board / "link.json").symlink_to("/etc/passwd")
    note(house(tmp_path, "yours"), ["a"])
    assert set(holders(house(tmp_path, "mine"), ["a"])) == {"a"}


def test_what_another_says_is_shown_without_escapes(tmp_path: Path, board: Path) -> None:
    board.mkdir()
    root = house(tmp_path, "x\x1b[2Jy")
    (board / "stranger.json").write_text(json.dumps({"root": str(root), "shops": ["a"]}))
    assert "\x1b" not in holders(house(tmp_path, "mine"), ["a"])["a"].root


def test_a_board_that_cannot_be_written_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SHOPTUI_NEIGHBOURS", str(tmp_path / "file" / "board"))
    note(house(tmp_path, "mine"), ["a"])
    assert "cannot be told" in caplog.text
    assert holders(tmp_path, ["a"]) == {}
    assert neighbours.directory() == tmp_path / "file" / "board"

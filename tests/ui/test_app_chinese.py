"""How the cockpit looks in Chinese on 80x24: columns of two-cell characters line up and every line fits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.cellwidth import cell_width
from shoptui.cockpit.link import LinkState
from shoptui.i18n import set_language
from shoptui.paths import DataDir
from tests.ui.app_support import cockpit
from tests.ui.snapshot_support import Compare, app_on, steps
from tests.ui.test_app_snapshots import busy_house

SCREENS = {
    "orders": (),
    "ship_strip": ("3", "asterisk", "s"),
    "activity": ("g", "a"),
    "stores": ("g", "e"),
    "help": ("f1",),
}


@pytest.fixture(autouse=True)
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("shoptui.cockpit.session.os_user", lambda: "mei")
    set_language("zh_CN")
    yield
    set_language("en")


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return asyncio.run(busy_house(tmp_path))


@pytest.mark.parametrize("screen", SCREENS)
def test_in_chinese(snap_compare: Compare, house: DataDir, screen: str) -> None:
    assert snap_compare(app_on(house), terminal_size=(80, 24), run_before=steps(*SCREENS[screen]))


def columns_of(line: str) -> dict[int, str]:
    """The words of a line by the cell each begins at."""
    found: dict[int, str] = {}
    at, before = 0, " "
    for character in line:
        if character != " " and before == " ":
            found[at] = ""
        if character != " ":
            found[max(found)] += character
        at, before = at + cell_width(character), character
    return found


async def test_heads_stand_over_their_columns_and_every_line_fits(tmp_path: Path) -> None:
    async with cockpit(await busy_house(tmp_path)) as under_test:
        under_test.app.session.link = replace(under_test.app.session.link, state=LinkState.UP)
        under_test.app.frame.draw_bars()
        for keys, heads in (
            ((), ("店铺", "订单", "状态", "商品", "承运", "买家")),
            (("g", "e"), ("店铺", "名称", "连接")),
        ):
            await under_test.press(*keys)
            lines = under_test.screen_text().splitlines()
            assert {cell_width(line) for line in lines} == {80}
            head = {word: at for at, word in columns_of(lines[3]).items()}
            row = columns_of(next(line for line in lines[5:] if "tt-my-1" in line))
            for word in heads:
                assert head[word] in row, (word, lines[3], row)
            # Neither the operator's name nor a key of the last line is cut.
            assert lines[0].rstrip().endswith("mei")
            assert "…" not in lines[-1] and lines[-1].rstrip().endswith("F1 ?")

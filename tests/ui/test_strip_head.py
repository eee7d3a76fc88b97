"""The head of a strip on narrow terminals: the least important part is left out whole, and no word is cut before."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, plain, text
from tests.ui.app_support import cockpit, make_house


class Heading(Form):
    """A form of nothing but a head."""

    def __init__(self, right: str) -> None:
        super().__init__()
        self._right = right

    def title(self) -> Line:
        return text("SHIP 470 parcels, 464 of 1,246 orders"), text(", 17 stores"), text(", first in 6m")

    def title_right(self) -> Line:
        return plain(self._right) if self._right else ()


@pytest.mark.parametrize(
    ("width", "right", "shown"),
    [
        (120, "held 10 s, then sent", "── SHIP 470 parcels, 464 of 1,246 orders, 17 stores, first in 6m ─"),
        (80, "", "── SHIP 470 parcels, 464 of 1,246 orders, 17 stores, first in 6m ─"),
        (80, "held 10 s, then sent", "── SHIP 470 parcels, 464 of 1,246 orders, 17 stores ─"),
        (80, "held 2 to 10 s, then sent", "── SHIP 470 parcels, 464 of 1,246 orders ─"),
        (80, "held so long that there is little left of it all", "── SHIP 470 parcels, 464 of… held so long"),
    ],
)
async def test_a_head_leaves_out_its_last_parts_whole(tmp_path: Path, width: int, right: str, shown: str) -> None:
    async with cockpit(await make_house(tmp_path), (width, 24)) as under_test:
        under_test.app.frame.open_form(Heading(right))
        await under_test.settled()
        head = next(line for line in under_test.screen_text().splitlines() if "SHIP 470" in line)
        assert head.startswith(shown) and right in head and len(head) == width
        # Time goes on, and the head with it.
        under_test.app.frame.strip.tick(under_test.app.session.now + 60)
        await under_test.settled()
        assert head in under_test.screen_text()

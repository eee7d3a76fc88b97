"""Help: every key of the place it was asked from, why others do not work, what words mean, and searching in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoptui.command_state import Context
from shoptui.commands import in_context
from shoptui.screens.help import HelpPlace
from shoptui.screens.help_words import TOPICS
from tests.ui.app_support import Cockpit, cockpit, make_house
from tests.ui.flow_support import flow, flow_cockpit


async def asked_for(under_test: Cockpit, *keys: str) -> HelpPlace:
    await under_test.press(*keys)
    await under_test.do("app.help")
    place = under_test.app.frame.place
    assert isinstance(place, HelpPlace)
    return place


@pytest.mark.parametrize(
    ("keys", "context"),
    [((), Context.ORDERS), (("enter",), Context.DETAIL), (("g", "a"), Context.ACTIVITY), (("g", "e"), Context.STORES)],
)
async def test_every_command_of_the_place_is_there_with_what_it_does(
    tmp_path: Path, keys: tuple[str, ...], context: Context
) -> None:
    async with cockpit(await make_house(tmp_path)) as under_test:
        place = await asked_for(under_test, *keys)
        assert place.about is context
        shown = " ".join(under_test.pane_text().split())
        for command in in_context(context):
            first_words = " ".join(command.help.split()[:3])
            assert command.label in shown and first_words in shown, command.id


async def test_nothing_is_cut_off_on_a_small_terminal(tmp_path: Path) -> None:
    async with cockpit(await make_house(tmp_path)) as under_test:
        await asked_for(under_test)
        assert "…" not in under_test.pane_text()


async def test_what_does_not_work_says_why_below_what_it_does(tmp_path: Path) -> None:
    async with cockpit(await make_house(tmp_path)) as under_test:
        await asked_for(under_test)
        shown = " ".join(under_test.pane_text().split())
        ship = shown[shown.index(" s F6") : shown.index(" p F7")]
        assert "Arrange shipment" in ship and "ngine" in ship, "there is none in this test"
        clear = shown[shown.index("Take all marks off") :]
        assert clear.startswith("Take all marks off Nothing is marked.")


async def test_words_are_explained_and_found(tmp_path: Path) -> None:
    async with cockpit(await make_house(tmp_path)) as under_test:
        place = await asked_for(under_test)
        assert all(topic.title in under_test.pane_text() for topic in TOPICS)
        await under_test.do("filter.open")
        await under_test.type("lost before the")
        await under_test.press("enter")
        assert "unknown" in under_test.pane_text()
        assert "PgDn" not in under_test.pane_text()
        await under_test.do("go.back")
        assert "PgDn" in under_test.pane_text(), "back is out of the search first"
        await under_test.do("filter.open")
        await under_test.type("zebra")
        await under_test.press("enter")
        assert "Neither a key nor a word is called that." in under_test.pane_text()
        await under_test.do("go.back")
        await under_test.do("go.back")
        assert under_test.app.frame.place is not place


async def test_on_a_strip_it_says_what_f9_does_or_why_not(tmp_path: Path) -> None:
    async with flow(tmp_path, stores=1, orders=20) as served, flow_cockpit(served) as under_test:
        await under_test.do("order.ship")
        await under_test.do("app.help")
        assert under_test.line("message").strip().startswith("F9: ship 1.")
        await under_test.do("strip.leave")
        await under_test.do("order.cancel")
        await under_test.do("app.help")
        assert "F9 does nothing yet" in under_test.line("message")
        await under_test.do("strip.leave")
        await under_test.do("request.accept")
        await under_test.do("app.help")
        assert "F9 does nothing yet" in under_test.line("message")
        assert under_test.app.frame.strip.is_open

"""What an alert asks for can be read below the list of Activity, without going into the pane."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoptui.command_state import Context
from shoptui.queries.types import Alert
from shoptui.screens.activity import ActivityPlace
from shoptui.screens.activity_pane import alert_lines
from shoptui.words import alert_said
from tests.ui.app_support import NOW, cockpit, make_house


@pytest.mark.parametrize("kind", ["signed_out", "store_silent", "no_permission", "chat_not_granted"])
async def test_an_alert_is_read_whole_in_the_peek_of_a_narrow_terminal(tmp_path: Path, kind: str) -> None:
    alert = Alert("1", kind, NOW, {"store": "tt-my-1", "store_id": "tt-my-1"})
    async with cockpit(await make_house(tmp_path), (80, 24)) as under_test:
        under_test.app.frame.show_place(Context.ACTIVITY)
        await under_test.settled()
        place = under_test.app.frame.place
        assert isinstance(place, ActivityPlace)
        place.pane.show(alert_lines(alert, (), under_test.app.session, 80))
        await under_test.settled()
        said = alert_said(alert, under_test.app.session.time)
        shown = " ".join(under_test.screen_text().split())
        assert said.what in shown and said.todo in shown

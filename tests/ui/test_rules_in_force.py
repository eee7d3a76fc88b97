"""`K` and the stores' thresholds go by the house's own rule file where it has one, and say so where they cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shoptui.app import CockpitApp
from shoptui.clock import DrivenClock
from shoptui.cockpit.rule_file import RulesInForce
from shoptui.paths import DataDir
from shoptui.screens.explain import rate_rules, robots_answer
from tests.ui.app_support import NOW, ZONE, Cockpit
from tests.ui.inbox_support import make_inbox

OWN = """
format = 1
switched_off = ["tiktok-sea-reply-12h", "tiktok-sea-answers-12h", "tiktok-my-answers-12h"]

[[rule]]
id = "tiktok-reply"
marketplace = "tiktok"
kind = "rply"
consequence = "reply_rate"
stopped_by = "answered"
from = "asked"
hours = {hours}
robots_answer = {robots}
[rule.source]
who = "our agreement"
title = "answers within a quarter of a day"
seen = 2026-07-01

[[rate]]
id = "tiktok-answers"
marketplace = "tiktok"
least_percent = 97
days = 30
[rate.source]
who = "our agreement"
title = "97 of a hundred"
seen = 2026-07-01
"""


def own_rules(house: DataDir, hours: int = 6, robots: str = "false") -> Path:
    house.config.write_text('rules = "own.toml"\n')
    path = house.root / "own.toml"
    path.write_text(OWN.format(hours=hours, robots=robots))
    return path


async def explained(house: DataDir) -> str:
    """What K says about the first conversation that waits."""
    app = CockpitApp(house, ensure=False, link=False, clock=DrivenClock(NOW), zone=ZONE, ticking=False)
    async with app.run_test(size=(120, 40)) as pilot:
        under_test = Cockpit(app, pilot, DrivenClock(NOW))
        await under_test.settled()
        await under_test.do("go.screen")
        await under_test.press("i")
        await under_test.settled()
        await under_test.do("row.runbook")
        await under_test.settled()
        return " ".join(under_test.screen_text().split())


async def test_k_explains_a_conversation_by_the_houses_own_rule(tmp_path: Path) -> None:
    house = await make_inbox(tmp_path)
    own_rules(house)
    assert "our agreement" in await explained(house)


async def test_thresholds_and_robots_follow_the_file_also_when_it_changes(tmp_path: Path) -> None:
    house = await make_inbox(tmp_path)
    packaged = RulesInForce(house)
    path = own_rules(house)
    app = CockpitApp(house, ensure=False, link=False, clock=DrivenClock(NOW), zone=ZONE, ticking=False)
    await app.house.open()
    stores = [store for store in await app.house.reader.stores() if store.store_id == "tt-th-1"]
    await app.house.close()
    rules = RulesInForce(house)
    assert (await rate_rules(rules, stores, NOW))["tt-th-1"].least_percent == 97
    assert await robots_answer(rules, stores[0], NOW) is False
    own_rules(house, robots="true")
    os.utime(path, (NOW, NOW))
    assert await robots_answer(rules, stores[0], NOW) is True
    house.config.unlink()
    assert (await rate_rules(packaged, stores, NOW))["tt-th-1"].least_percent != 97


@pytest.mark.parametrize("content", [None, "format = 1\n[[rule]]\nid = 7\n"], ids=["gone", "faulty"])
async def test_where_the_file_cannot_be_used_the_packaged_rules_are_named_as_such(
    tmp_path: Path, content: str | None
) -> None:
    house = await make_inbox(tmp_path)
    path = own_rules(house)
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    said = await explained(house)
    assert "This is by the packaged rules" in said and "our agreement" not in said

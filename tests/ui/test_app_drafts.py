"""Drafts: what was typed and not handed in is there again, per field and target, also after the cockpit was killed."""

from __future__ import annotations

from pathlib import Path

from shoptui.cockpit.memory import DRAFTS_KEPT, CockpitMemory
from shoptui.store.operator_state import OperatorState
from tests.ui.app_support import NOW, Cockpit, cockpit, make_house
from tests.ui.flow_support import flow, flow_cockpit


def field(under_test: Cockpit) -> str:
    return under_test.app.frame.strip.field_value()


async def test_a_filter_left_with_esc_is_there_again_also_after_a_kill(tmp_path: Path) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        await under_test.do("filter.open")
        begins_with = field(under_test)
        await under_test.type("sku:BAG")
        await under_test.press("escape")
        await under_test.do("filter.open")
        assert field(under_test) == f"{begins_with}sku:BAG"
        assert "as you left it" in under_test.screen_text()
        await under_test.press("escape")
        await under_test.until(lambda: "sku:BAG" in saved(under_test))
        # What is on the disk now is all that a killed cockpit leaves.
        async with cockpit(data_dir) as after:
            await after.do("filter.open")
            assert field(after) == f"{begins_with}sku:BAG"
            await after.press("enter")
            assert after.app.frame.orders.filter_text == f"{begins_with}sku:BAG"
            await after.do("filter.open")
            assert "as you left it" not in after.screen_text(), "handed in, it is no draft any more"


def saved(under_test: Cockpit) -> str:
    state = OperatorState.open(under_test.app.session.data_dir.operator_state, NOW)
    try:
        return state.load("cockpit") or ""
    finally:
        state.close()


async def test_each_field_and_each_order_has_its_own_draft(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("row.note")
        await under_test.type("gift")
        await under_test.press("escape")
        await under_test.do("row.tag")
        assert field(under_test) == ""
        await under_test.type("vip")
        await under_test.press("escape", "down")
        await under_test.do("row.note")
        assert field(under_test) == "", "another order"
        await under_test.press("escape", "up")
        await under_test.do("row.tag")
        assert field(under_test) == "vip"
        await under_test.press("ctrl+u")
        await under_test.press("escape")
        await under_test.do("row.tag")
        assert field(under_test) == "", "emptied, it is forgotten"
        await under_test.press("escape")
        await under_test.do("row.note")
        assert field(under_test) == "gift"
        await under_test.press("enter")
        await under_test.settled()
        assert under_test.app.session.memory.drafts == {}


async def test_a_tag_is_said_as_it_is_kept(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        for said in ("#fragile is on 1 order.", "#fragile is off 1 order."):
            await under_test.do("row.tag")
            await under_test.type("FraGile")
            await under_test.press("enter")
            await under_test.settled()
            await under_test.settled()
            assert said in under_test.line("message")


def test_drafts_are_kept_with_the_rest_and_do_not_pile_up() -> None:
    memory = CockpitMemory()
    for number in range(DRAFTS_KEPT + 5):
        memory = memory.with_draft(f"note:{number}", "x")
    memory = memory.with_draft("note:7", "y").with_draft("note:8", "")
    assert CockpitMemory.from_json(memory.to_json()) == memory
    assert list(memory.drafts)[-1] == "note:7"
    assert len(memory.drafts) == DRAFTS_KEPT - 1

"""Disputes begun in Orders and in Returns with a real engine: pack, tracking and status by command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from shoptui.command_state import Context
from shoptui.commands import BY_ID
from shoptui.domain.disputes import DisputeState
from shoptui.queries.money import DisputeRow
from shoptui.screens.orders import OrdersPlace
from shoptui.screens.returns import ReturnsPlace
from shoptui.store.reader import Reader
from tests.engine.return_support import Asked, asked
from tests.ui.flow_support import FlowCockpit, Served, flow_place, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Asked, Served]]:
    async with (
        asked(tmp_path_factory.mktemp("disputes"), returns=30, stores=2) as found,
        serving(found.made, found.engine) as served,
    ):
        yield found, served


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTUI_STATE", str(tmp_path / "state"))


async def disputes(served: Served) -> list[DisputeRow]:
    async with await Reader.open(served.made.data_dir) as reader:
        return await reader.money.disputes()


async def find(under_test: FlowCockpit, filter_text: str) -> None:
    await under_test.do("filter.open")
    await under_test.press("ctrl+u")
    await under_test.type(filter_text)
    await under_test.press("enter")


async def ask_status(under_test: FlowCockpit) -> None:
    """As the menu does it: the command has no key."""
    under_test.app.frame.action_command("dispute.status", "")
    await under_test.settled()


def said_by_pane(under_test: FlowCockpit) -> str:
    """What the pane says, as if its lines were one."""
    return " ".join(under_test.pane_text().split())


def title(under_test: FlowCockpit) -> str:
    form = under_test.app.frame.strip.form
    assert form is not None
    return "".join(piece.text for piece in form.title())


async def test_returns_are_disputed_with_their_evidence_and_followed_to_their_end(house: tuple[Asked, Served]) -> None:
    found, served = house
    async with flow_place(served, Context.RETURNS, ReturnsPlace) as (under_test, place):
        await find(under_test, "status:ours -ask:cancel")
        row = place.grid.cursor_row
        assert row is not None
        await found.ask("check_in", returns=[[row.store_id, row.return_id]], condition="empty", note="only paper")
        await under_test.settled()
        await under_test.do("dispute.pack")
        assert "DISPUTE PACK for 1 line" in title(under_test)
        assert "back otherwise than sent" in under_test.screen_text()
        await under_test.confirm()
        (made,) = await disputes(served)
        assert (made.store_id, made.amount.minor, made.orders) == (row.store_id, row.value_minor, 1)
        assert f"tracked as dispute {made.dispute_id}" in under_test.message()
        letter = (Path(made.folder) / "letter.txt").read_text(encoding="utf-8")
        assert row.order_no in letter and "came back to us otherwise" in letter
        document = (Path(made.folder) / "dispute.md").read_text(encoding="utf-8")
        assert "found in the parcel: empty (only paper)" in document
        assert row.return_id in document and row.buyer not in document
        assert f"dispute {made.dispute_id}: pack made" in under_test.pane_text()
        await under_test.do("pane.focus")
        await under_test.settled()
        assert f"dispute {made.dispute_id}: pack made, today" in under_test.pane_text()
        assert "hand it in and note that: menu, Dispute status" in said_by_pane(under_test)
        await under_test.press("escape")

        await under_test.do("dispute.pack")
        assert "1 in dispute already" in under_test.screen_text()
        await under_test.press("escape")
        await ask_status(under_test)
        await under_test.press("1")
        await under_test.type("ticket 9")
        await under_test.press("enter")
        (sent,) = await disputes(served)
        assert (sent.state, sent.note) == (DisputeState.SENT, "ticket 9")
        assert f"dispute {sent.dispute_id}: sent" in under_test.pane_text()


async def test_orders_are_disputed_for_what_happened_to_them(house: tuple[Asked, Served]) -> None:
    _found, served = house
    async with flow_place(served, Context.ORDERS, OrdersPlace) as (under_test, place):
        await find(under_test, "status:in_transit")
        row = place.grid.cursor_row
        assert row is not None
        await ask_status(under_test)
        assert "no dispute about this" in under_test.message()
        await under_test.do("dispute.pack")
        assert "the parcel was lost" in under_test.screen_text()
        # The second reason: each by what is known, then lost, then damaged.
        await under_test.press("5", "5")
        assert "damaged on its way" in under_test.screen_text()
        await under_test.confirm()
        made = (await disputes(served))[0]
        letter = (Path(made.folder) / "letter.txt").read_text(encoding="utf-8")
        assert row.order_no in letter and "damaged on their way" in letter
        await ask_status(under_test)
        assert f"DISPUTE {made.dispute_id} is" in title(under_test)
        await under_test.press("escape")
        assert f"dispute {made.dispute_id}: pack made" in under_test.pane_text()
        await under_test.do("row.down")
        await under_test.until(lambda: place.detail is not None and place.detail.row.row_id != row.row_id)
        assert "dispute" not in under_test.pane_text(), "the next order has none"


async def test_what_has_not_been_shipped_is_no_loss(house: tuple[Asked, Served]) -> None:
    _found, served = house
    before = await disputes(served)
    async with flow_place(served, Context.ORDERS, OrdersPlace) as (under_test, _place):
        await find(under_test, "status:to_ship")
        await under_test.do("dispute.pack")
        form = under_test.app.frame.strip.form
        assert form is not None
        assert "where no money is missing" in under_test.screen_text()
        assert not form.does()
    assert await disputes(served) == before


async def test_the_function_key_makes_packs_in_money_alone() -> None:
    command = BY_ID["dispute.pack"]
    assert command.twins_in(Context.MONEY) == ("f7",)
    assert command.twins_in(Context.ORDERS) == command.twins_in(Context.RETURNS) == ()

"""Money from the cockpit with a real engine over the sandbox, by keys alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from shoptui.cockpit.money_list import What
from shoptui.domain.disputes import DisputeState
from shoptui.queries.money import AnomalyRow, BalanceRow, DisputeRow
from shoptui.screens.money import MoneyPlace
from shoptui.store.reader import Reader
from tests.ui.flow_support import FlowCockpit, Served, flow, flow_cockpit

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with flow(
        tmp_path_factory.mktemp("money"), orders=420, money_errors=9, stores=3, regions=("TH", "MY", "VN")
    ) as found:
        for _turn in range(20):
            if await found.engine.turn() > found.made.clock.now():
                break
        yield found


@asynccontextmanager
async def money(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[FlowCockpit, MoneyPlace]]:
    monkeypatch.setenv("SHOPTUI_STATE", str(tmp_path / "state"))
    async with flow_cockpit(served) as under_test:
        await under_test.press("g", "m")
        await under_test.press("0", "g", "g")
        place = under_test.app.frame.place
        assert isinstance(place, MoneyPlace)
        yield under_test, place


async def disputes(served: Served) -> list[DisputeRow]:
    async with await Reader.open(served.made.data_dir) as reader:
        return await reader.money.disputes()


async def test_packs_of_all_stores_take_six_keys_and_are_tracked(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with money(served, tmp_path, monkeypatch) as (under_test, place):
        # g m lead here: four more.
        await under_test.press("1", "*", "D")
        count = len(place.grid.marks)
        assert count >= 9
        await under_test.confirm()
        folders = sorted((place.session.data_dir.operator_state.parent / "exports").iterdir())
        rows = await disputes(served)
        assert {row.folder for row in rows} == {str(folder) for folder in folders}
        assert len(rows) == 2
        assert all((folder / "letter.txt").exists() for folder in folders)
        assert "tracked as dispute 1, 2" in under_test.message()
        # Once more: everything is in dispute already.
        await under_test.press("*", "D")
        assert "in dispute already" in under_test.screen_text()
        assert "DISPUTE PACK for none of" in under_test.screen_text()
        await under_test.press("tab")
        assert "left out: in dispute already" in under_test.screen_text()
        assert not under_test.app.frame.strip.form.does() if under_test.app.frame.strip.form else False
        await under_test.press("escape")
        await under_test.do("mark.none")
        row = place.grid.cursor_row
        assert isinstance(row, AnomalyRow)
        place.do_dispute_status("")
        await under_test.settled()
        await under_test.press("1")
        await under_test.type("ticket 44")
        await under_test.press("enter")
        (sent,) = [each for each in await disputes(served) if each.dispute_id == row.dispute_id]
        assert (sent.state, sent.note) == (DisputeState.SENT, "ticket 44")


async def test_all_that_agrees_is_verified_at_once_and_taken_back_with_z(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with money(served, tmp_path, monkeypatch) as (under_test, place):
        await under_test.press("0")
        before = balance(place)
        assert before.unverified > 2
        await under_test.do("statement.verify")
        assert "verified; z takes it back" in under_test.message()
        after = balance(place)
        assert after.unverified < before.unverified
        await under_test.do("undo.last")
        assert balance(place).unverified == before.unverified


def balance(place: MoneyPlace) -> BalanceRow:
    row = place.grid.cursor_row
    assert isinstance(row, BalanceRow)
    return row


async def test_a_statement_is_verified_and_one_that_changed_meanwhile_is_not(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with money(served, tmp_path, monkeypatch) as (under_test, place):
        await under_test.press("0")
        await under_test.press("enter")
        assert place.what is What.STATEMENT
        await under_test.do("statement.verify")
        assert place.statement is not None
        assert place.statement.verified
        assert "verified by" in under_test.screen_text()
        place.do_statement_withdraw("")
        await under_test.settled()
        assert not place.statement.verified
        # It is compared anew while it is on the screen, and the screen has not been told.
        served.made.advance(60)
        money_writer = served.engine.house.writer.money
        statement = place.statement.statement
        row = next(iter(await lines_of(served, place.statement.row_id)))
        await money_writer.orders_changed(statement.store_id, [row])
        await served.engine.lanes[statement.store_id].money.check()
        place.read_list = lambda keep="cursor": None  # type: ignore[method-assign]  # nothing is read anew
        await under_test.do("statement.verify")
        assert "compared anew after you read it" in under_test.message()


async def lines_of(served: Served, row_id: int) -> list[str]:
    async with await Reader.open(served.made.data_dir) as reader:
        ids = [one async for chunk in reader.money.line_index(row_id) for one in chunk.ids]
        return [row.line.order_no for row in await reader.money.lines(ids)]

"""Alerts over the life of an engine: told once while they last, and told again when they come back."""

from __future__ import annotations

from pathlib import Path

from shoptui.clock import SystemClock
from shoptui.engine.alerts import AlertBoard
from shoptui.engine.notices import NoticeHub
from shoptui.paths import DataDir
from shoptui.store.writer import Writer
from tests.store.factories import NOW


async def _board(writer: Writer) -> AlertBoard:
    """The alerts of an engine that has just begun."""
    board = AlertBoard(writer, NoticeHub(), SystemClock())
    await board.load()
    return board


async def test_what_was_seen_under_an_earlier_engine_is_told_again_when_it_comes_back(tmp_path: Path) -> None:
    async with await Writer.open(DataDir(tmp_path / "house"), NOW) as writer:
        await (await _board(writer)).put("printer_stopped", "zebra-1", subject_is="printer", reason="jam")
        assert await writer.see_alert("printer_stopped:zebra-1", "mei", NOW)
        again = await _board(writer)
        await again.put("printer_stopped", "zebra-1", subject_is="printer", reason="jam")
        assert await writer.alerts() == []
        await again.keep_only("printer_stopped", ())
        await again.put("printer_stopped", "zebra-1", subject_is="printer", reason="jam")
        assert [alert.alert_id for alert in await writer.alerts()] == ["printer_stopped:zebra-1"]


async def test_a_store_that_goes_takes_all_its_alerts_along(tmp_path: Path) -> None:
    async with await Writer.open(DataDir(tmp_path / "house"), NOW) as writer:
        board = await _board(writer)
        await board.put("signed_out", "tt-th-1")
        await board.put("negative_balance", "tt-th-1/last", subject_is="about", store="tt-th-1")
        await board.put("negative_balance", "sp-my-1/last", subject_is="about", store="sp-my-1")
        await board.clear_store("tt-th-1")
        assert [alert.alert_id for alert in board.standing()] == ["negative_balance:sp-my-1/last"]
        assert [alert.alert_id for alert in await writer.alerts()] == ["negative_balance:sp-my-1/last"]

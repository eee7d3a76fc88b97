"""An order that arrives with under ten minutes left rings once and takes the message line; `'` goes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.cockpit.urgent import UrgentArrivals
from shoptui.domain.intents import IntentState
from shoptui.domain.orders import Order
from shoptui.paths import DataDir
from shoptui.protocol import Changed
from shoptui.screens.messages import Noticed
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.ui.app_support import MINUTE, NOW, Cockpit, cockpit, feed_row, make_house, order


async def arrive(under_test: Cockpit, data_dir: DataDir, orders: Sequence[Order]) -> None:
    """Orders come in and the engine says so."""
    async with await Writer.open(data_dir, NOW) as writer:
        written = await writer.upsert_orders(orders, seen_at=NOW, now=NOW, ship_blocks={})
    under_test.app.frame.post_message(Noticed(Changed(orders=written.changed)))
    await under_test.settled()


async def test_an_urgent_arrival_rings_once_and_leads_to_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        rings: list[int] = []
        monkeypatch.setattr(under_test.app, "bell", lambda: rings.append(1))
        await under_test.do("mark.toggle")
        urgent = order(90, "tt-my-1", due_s=5 * MINUTE)
        await arrive(under_test, data_dir, [urgent, order(91, "tt-my-1", due_s=50 * MINUTE)])
        assert rings == [1]
        assert f"▴ tt-my-1 {urgent.order_no[-6:]} just came in: late dispatch at 17:47." in under_test.line("message")
        await arrive(under_test, data_dir, [order(90, "tt-my-1", due_s=4 * MINUTE)])
        assert rings == [1], "told once"
        await under_test.do("go.notice")
        row = under_test.app.frame.orders.grid.cursor_row
        assert row is not None
        assert row.order_no == urgent.order_no
        assert "just came in" not in under_test.line("message")


async def test_several_share_one_message_that_leads_to_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        rings: list[int] = []
        monkeypatch.setattr(under_test.app, "bell", lambda: rings.append(1))
        # Rows that were there before, an order with time and a change of what is listed do not ring.
        await arrive(
            under_test, data_dir, [order(2, "tt-vn-1", due_s=6 * MINUTE), order(92, "tt-th-1", due_s=MINUTE * 11)]
        )
        assert rings == []
        await arrive(under_test, data_dir, [order(93, "tt-th-1", due_s=8 * MINUTE)])
        await arrive(under_test, data_dir, [order(94, "tt-th-1", due_s=3 * MINUTE)])
        assert rings == [1, 1]
        assert "2 orders came in with under 10 min left, first till 17:45." in under_test.line("message")
        await under_test.do("go.notice")
        assert under_test.app.frame.orders.filter_text == "due:<10m"


async def test_what_a_first_sync_brings_has_not_just_come_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_dir = await make_house(tmp_path)
    async with await Writer.open(data_dir, NOW) as writer:
        await writer.save_feed(replace(feed_row("tt-my-1", NOW), first_done=False))
    async with cockpit(data_dir) as under_test:
        rings: list[int] = []
        monkeypatch.setattr(under_test.app, "bell", lambda: rings.append(1))
        await arrive(under_test, data_dir, [order(90, "tt-my-1", due_s=5 * MINUTE)])
        assert rings == []
        await arrive(under_test, data_dir, [order(91, "tt-th-1", due_s=5 * MINUTE)])
        assert rings == [1]


async def test_what_is_held_ordered_or_missed_is_not_told(tmp_path: Path) -> None:
    async with await Reader.open(await make_house(tmp_path)) as reader:
        (row,) = await reader.rows([1], NOW)
    soon = replace(row, next_at=NOW + 5 * MINUTE)
    arrivals = UrgentArrivals(str)
    quiet = [
        replace(soon, row_id=1, held_by="an"),
        replace(soon, row_id=2, act_state=IntentState.QUEUED),
        replace(soon, row_id=3, next_at=NOW - 1),
        replace(soon, row_id=4, next_at=None),
    ]
    assert arrivals.arrived(quiet, NOW) is None
    assert arrivals.arrived([replace(soon, row_id=5, act_state=IntentState.FAILED)], NOW) is not None
    arrivals.seen()
    notice = arrivals.arrived([replace(soon, row_id=6)], NOW)
    assert notice is not None
    assert notice.goes_to == "order:6", "what was seen is not counted again"

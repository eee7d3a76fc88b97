"""Records that could not be read are said where orders are, and shown one by one in Activity."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoptui.adapters.base import SetAside
from shoptui.cellwidth import cell_width
from shoptui.protocol import Changed
from shoptui.screens.messages import Noticed
from shoptui.store.writer import Writer
from shoptui.words.set_aside import set_aside_line
from tests.ui.app_support import NOW, cockpit, make_house, order


def record(store_id: str, number: str) -> SetAside:
    return SetAside(store_id, number, "status: AWAITING_MAGIC is no status", '{"id": "x"}')


async def test_one_bad_record_is_said_above_the_orders_and_shown_in_activity(tmp_path: Path) -> None:
    data_dir = await make_house(tmp_path)
    bad = order(95, "tt-uk-1", due_s=3600)
    async with await Writer.open(data_dir, NOW) as writer:
        await writer.set_aside([record("tt-uk-1", bad.order_no)], NOW - 60)
    async with cockpit(data_dir) as under_test:
        lines = under_test.screen_text().splitlines()
        assert lines[3].strip() == "? 1 record of tt-uk-1 could not be read, raw kept, not listed   g a 5"
        assert "NEXT LOSS" in lines[4]
        assert len(lines) == 24
        await under_test.press("g", "a")
        await under_test.press("5")
        text = under_test.screen_text()
        assert "? 17:41" in text
        assert f"{bad.order_no}: status" in text
        assert "could not be read, raw kept" not in text, "the line belongs to Orders"
        await under_test.do("row.open", 1)
        assert "every sync tries again" in " ".join(under_test.pane_text().split())
        await under_test.press("g", "o")
        # It can be read at last: the line goes, the order comes.
        async with await Writer.open(data_dir, NOW) as writer:
            written = await writer.upsert_orders([bad], seen_at=NOW, now=NOW, ship_blocks={})
        under_test.app.frame.post_message(Noticed(Changed(orders=written.changed, alerts=True)))
        await under_test.settled()
        await under_test.settled()
        assert "could not be read" not in under_test.screen_text()


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, ""),
        ({"tt-uk-1": 3}, "? 3 records of tt-uk-1 could"),
        ({"tt-uk-1": 3, "tt-th-1": 1204}, "? 1,207 records of 2 stores could"),
    ],
)
def test_the_line_counts_by_store(counts: dict[str, int], words: str) -> None:
    assert set_aside_line(counts).startswith(words)
    assert cell_width(set_aside_line(counts)) <= 78

"""A list that takes long says how far it is; Esc stops it, and what was on the screen is what is there."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shoptui.queries.sorting import DEFAULT_SORT, IndexChunk, Sort, SortBy
from shoptui.store.errors import Interrupted
from shoptui.store.reader import Reader
from tests.ui.app_support import Cockpit, cockpit, make_house


class SlowReader:
    """Stands before the reader's lists: they answer nothing until they are stopped."""

    def __init__(self, under_test: Cockpit, monkeypatch: pytest.MonkeyPatch, *, first: int = 0) -> None:
        """`first` rows come before it gets slow."""
        self.stopped = asyncio.Event()
        self._first = first
        reader = under_test.app.house.reader
        monkeypatch.setattr(reader, "index", self.index)
        monkeypatch.setattr(reader, "interrupt", self.stopped.set)
        monkeypatch.setattr(Reader, "looked_at", 120_832)

    async def index(self, *arguments: Any, **more: Any) -> AsyncIterator[IndexChunk]:
        if self._first:
            yield IndexChunk(array("q", range(1, self._first + 1)), 0, last=False)
        await self.stopped.wait()
        raise Interrupted("stopped")


async def test_a_sort_that_takes_long_can_be_stopped_and_leaves_the_list_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        place = under_test.app.frame.orders
        before = list(place.listed_ids)
        heading = under_test.line("view")
        slow = SlowReader(under_test, monkeypatch)
        place.set_sort(Sort(SortBy.VALUE))
        await under_test.until(lambda: "reading … 120,832  ◄ stops" in under_test.line("view"))
        assert "by value" in under_test.line("view")
        await under_test.pilot.press("escape")
        await under_test.until(slow.stopped.is_set)
        await under_test.settled()
        assert "Stopped: the list is as it was." in under_test.line("message")
        assert under_test.line("view") == heading
        assert place.sort == DEFAULT_SORT
        assert list(place.listed_ids) == before


async def test_a_list_that_has_begun_to_come_stays_as_far_as_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        place = under_test.app.frame.orders
        SlowReader(under_test, monkeypatch, first=7)
        place.set_filter("canvas")
        await under_test.until(lambda: len(place.listed_ids) == 7)
        await under_test.pilot.press("escape")
        await under_test.settled()
        assert "as far as it was read" in under_test.line("message")
        assert place.filter_text == "canvas"
        assert len(place.listed_ids) == 7


async def test_what_changed_while_a_stopped_list_was_read_is_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        place = under_test.app.frame.orders
        merged: list[set[int]] = []
        SlowReader(under_test, monkeypatch)
        place._dirty.add(place.listed_ids[5])
        place.set_sort(Sort(SortBy.BUYER))
        monkeypatch.setattr(place, "_merge_soon", lambda: merged.append(set(place._dirty)))
        await under_test.pilot.press("escape")
        await under_test.settled()
        assert {place.listed_ids[5]} in merged

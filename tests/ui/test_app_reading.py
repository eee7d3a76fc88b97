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


class HaltingReader:
    """Stands before the reader's lists: after their first rows they wait to be let on."""

    def __init__(self, under_test: Cockpit, monkeypatch: pytest.MonkeyPatch, *, first: int) -> None:
        self.go_on = asyncio.Event()
        self._first = first
        reader = under_test.app.house.reader
        self._whole = reader.index
        monkeypatch.setattr(reader, "index", self.index)

    async def index(self, *arguments: Any, **more: Any) -> AsyncIterator[IndexChunk]:
        ids = array("q")
        missed = 0
        async for chunk in self._whole(*arguments, **more):
            ids.extend(chunk.ids)
            missed += chunk.missed
        yield IndexChunk(ids[: self._first], min(missed, self._first), last=False)
        await self.go_on.wait()
        yield IndexChunk(ids[self._first :], max(0, missed - self._first), last=True)


async def test_a_list_grows_to_its_end_although_a_key_has_just_been_pressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        place = under_test.app.frame.orders
        slow = HaltingReader(under_test, monkeypatch, first=7)
        place.set_filter("is:open")
        place.hold_still(True)
        await under_test.until(lambda: place.grid.model.row_count == 7)
        await under_test.pilot.press("down")
        here = place.grid.cursor_id
        assert place.grid.is_held
        slow.go_on.set()
        await under_test.until(lambda: place.grid.model.row_count == len(place.listed_ids) > 7)
        assert place.grid.cursor_id == here


async def test_all_means_the_whole_list_also_when_asked_for_before_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        place = under_test.app.frame.orders
        slow = HaltingReader(under_test, monkeypatch, first=7)
        place.set_filter("is:open")
        await under_test.until(lambda: len(place.listed_ids) == 7)
        await under_test.pilot.press("asterisk")
        assert not len(place.grid.marks)
        assert "once the list has been read" in under_test.line("message")
        slow.go_on.set()
        await under_test.until(lambda: len(place.grid.marks) > 0)
        assert len(place.grid.marks) == len(place.listed_ids) > 7


async def test_all_asked_for_too_early_is_forgotten_with_another_filter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        place = under_test.app.frame.orders
        slow = HaltingReader(under_test, monkeypatch, first=7)
        place.set_filter("is:open")
        await under_test.until(lambda: len(place.listed_ids) == 7)
        await under_test.pilot.press("asterisk")
        place.set_filter("status:ship")
        slow.go_on.set()
        await under_test.settled()
        assert len(place.listed_ids) > 7
        assert not len(place.grid.marks)


async def test_a_sort_is_shown_at_once_although_its_key_has_just_been_pressed(tmp_path: Path) -> None:
    data_dir = await make_house(tmp_path)
    async with cockpit(data_dir) as under_test:
        place = under_test.app.frame.orders
        here = place.grid.cursor_id
        await under_test.press("asterisk")
        assert place.grid.is_held
        place.set_sort(Sort(SortBy.VALUE))
        await under_test.settled()
        assert place.window.index.ids == place.listed_ids
        assert place.grid.cursor_id == here

"""Calls under way at once: the order of their results, how many there are, and what becomes of them at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from shoptui.adapters.ahead import ahead, in_order, together


class Door:
    """Lets each caller in when it is opened for it, and counts who is inside."""

    def __init__(self, *, fails_at: int | None = None, quickest_last: bool = True) -> None:
        self._slowest = 20 if quickest_last else 0
        self.inside = 0
        self.most = 0
        self.entered: list[int] = []
        self.cancelled: list[int] = []
        self._fails_at = fails_at

    async def through(self, number: int) -> int:
        self.entered.append(number)
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            for _ in range(abs(self._slowest - number)):
                await asyncio.sleep(0)
            if number == self._fails_at:
                raise ValueError(number)
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        finally:
            self.inside -= 1
        return number


async def collect(results: AsyncIterator[int], came: list[int]) -> None:
    async for each in results:
        came.append(each)


async def numbers(count: int, *, fails_at: int | None = None) -> AsyncIterator[int]:
    for number in range(count):
        if number == fails_at:
            raise ValueError(number)
        yield number


@pytest.mark.parametrize("at_once", [1, 3, 50])
async def test_results_come_in_the_order_of_the_work_so_many_at_once(at_once: int) -> None:
    door = Door()
    assert [each async for each in in_order(range(12), door.through, at_once=at_once)] == list(range(12))
    assert door.most == min(at_once, 12)


@pytest.mark.parametrize("where", ["in the work", "in finding it"])
async def test_a_failure_comes_in_its_turn_and_ends_what_is_under_way(where: str) -> None:
    fails_at = 4
    door = Door(fails_at=fails_at if where == "in the work" else None)
    work = numbers(12, fails_at=fails_at if where == "in finding it" else None)
    came: list[int] = []
    with pytest.raises(ValueError, match=str(fails_at)):
        await collect(in_order(work, door.through, at_once=3), came)
    assert came == list(range(fails_at))
    assert door.inside == 0
    assert len(door.entered) < 12


async def test_who_stops_listening_ends_what_is_under_way() -> None:
    door = Door(quickest_last=False)
    async with aclosing(in_order(numbers(12), door.through, at_once=4)) as results:
        async for each in results:
            assert each == 0
            break
    assert door.inside == 0
    assert door.cancelled or door.entered == [0]


async def test_the_next_page_is_asked_for_while_one_is_worked_on() -> None:
    asked = []

    async def pages() -> AsyncIterator[int]:
        for number in range(3):
            asked.append(number)
            yield number

    seen = []
    async for page in ahead(pages()):
        await asyncio.sleep(0)
        seen.append((page, list(asked)))
    assert seen == [(0, [0, 1]), (1, [0, 1, 2]), (2, [0, 1, 2])]


async def test_a_page_that_fails_fails_after_those_before_it() -> None:
    came: list[int] = []
    with pytest.raises(ValueError, match="2"):
        await collect(ahead(numbers(5, fails_at=2)), came)
    assert came == [0, 1]


async def test_pages_nobody_waits_for_are_closed() -> None:
    closed = asyncio.Event()

    async def pages() -> AsyncIterator[int]:
        try:
            for number in range(9):
                yield number
                await asyncio.sleep(0)
        finally:
            closed.set()

    async with aclosing(ahead(pages())) as reading:
        async for _ in reading:
            break
    assert closed.is_set()


async def test_the_first_failure_ends_the_others() -> None:
    door = Door(fails_at=15)
    with pytest.raises(ValueError, match="15"):
        await together(door.through(number) for number in (0, 1, 15))
    assert sorted(door.cancelled) == [0, 1]
    assert await together(Door().through(number) for number in (3, 1, 2)) == [3, 1, 2]

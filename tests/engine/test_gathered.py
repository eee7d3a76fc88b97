"""Pages of a first reading, written several together."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from shoptui.adapters.base import Effect, OrderPage, SetAside, Temporary
from shoptui.domain.money import Money
from shoptui.domain.orders import Order, Status
from shoptui.engine.intake import gathered


def page(first: int, count: int, total: int | None = None, aside: int = 0) -> OrderPage:
    orders = [
        Order("tt-th-home", str(number), Status.TO_SHIP, "AWAITING_SHIPMENT", 1, 1, Money(1, "THB"))
        for number in range(first, first + count)
    ]
    return OrderPage(tuple(orders), tuple(SetAside("tt-th-home", "x", "why", "{}") for _ in range(aside)), total)


async def given_pages(*pages: OrderPage | Exception) -> AsyncGenerator[OrderPage, None]:
    for each in pages:
        if isinstance(each, Exception):
            raise each
        yield each


async def sizes(*pages: OrderPage | Exception) -> list[tuple[int, int | None]]:
    return [(len(each.orders), each.total) async for each in gathered(given_pages(*pages))]


@pytest.mark.parametrize(
    ("pages", "written"),
    [
        ([], []),
        ([page(0, 0, 5)], [(0, 5)]),
        ([page(0, 0, 5), page(0, 50)], [(50, 5)]),
        (
            [page(0, 50, 50)] + [page(n, 50) for n in range(50, 500, 50)],
            [(50, 50), (300, None), (150, None)],
        ),
        ([page(0, 1), page(1, 0, 3), page(1, 2, 4)], [(1, None), (2, 7)]),
        ([page(0, 1), page(1, 300), page(301, 1)], [(1, None), (300, None), (1, None)]),
    ],
)
async def test_the_first_orders_come_at_once_and_later_ones_together(
    pages: list[OrderPage], written: list[tuple[int, int | None]]
) -> None:
    assert await sizes(*pages) == written


async def test_nothing_is_lost_on_the_way_or_changes_its_place() -> None:
    pages = [page(first, 30, aside=first % 2) for first in range(0, 900, 31)]
    found = [each async for each in gathered(given_pages(*pages))]
    assert [order for each in found for order in each.orders] == [order for each in pages for order in each.orders]
    assert sum(len(each.set_aside) for each in found) == sum(len(each.set_aside) for each in pages)


async def test_what_came_before_a_failure_is_written_before_it() -> None:
    written: list[int] = []

    async def write(pages: AsyncGenerator[OrderPage, None]) -> None:
        async for each in gathered(pages):
            written.append(len(each.orders))

    with pytest.raises(Temporary):
        await write(given_pages(page(0, 10), page(10, 20), page(30, 20), Temporary("gone", effect=Effect.NONE)))
    assert written == [10, 40]

"""Pools: what orders do to them, how long they last, and which clocks run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.clocks import DAY_S, HOUR_S
from shoptui.domain.orders import Flag, HistoryEvent, Status
from shoptui.domain.pools import PoolFigures, cover_s, per_day, pool_clocks, pool_key, pool_loss, units_of, week_units
from tests.store.factories import NOW, line, order


@pytest.mark.parametrize("sku", ["BAG-RD-M", " bag-rd-m ", "Bag-Rd-M\t"])
def test_one_code_however_it_is_typed(sku: str) -> None:
    assert pool_key(sku) == "bag-rd-m"


@pytest.mark.parametrize(
    ("status", "sold", "reserved", "left"),
    [
        (Status.UNPAID, 2, 2, 0),
        (Status.TO_SHIP, 2, 2, 0),
        (Status.TO_HAND_OVER, 2, 2, 0),
        (Status.IN_TRANSIT, 2, 0, 2),
        (Status.RETURNING, 2, 0, 2),
        (Status.COMPLETED, 2, 0, 2),
        (Status.LOST, 2, 0, 2),
        (Status.CANCELLED, 0, 0, 0),
        (Status.UNKNOWN, 2, 0, 0),
    ],
)
def test_what_an_order_does_to_its_pool(status: Status, sold: int, reserved: int, left: int) -> None:
    one = order(status=status, lines=(line(" bag-RD-M", status=Status.UNKNOWN, quantity=2),))
    found = units_of(one)
    assert (found.sold.get("bag-rd-m", 0), found.reserved.get("bag-rd-m", 0), found.left.get("bag-rd-m", 0)) == (
        sold,
        reserved,
        left,
    )


def test_lines_have_a_status_of_their_own() -> None:
    lines = (
        line("A", status=Status.CANCELLED),
        line("A", status=Status.IN_TRANSIT),
        line("A", quantity=3),
        line(""),
    )
    found = units_of(order(lines=lines))
    assert (dict(found.sold), dict(found.reserved), dict(found.left)) == ({"a": 4}, {"a": 3}, {"a": 1})
    # A cancelled order is cancelled whatever its lines still say.
    assert not units_of(order(status=Status.CANCELLED, lines=lines)).reserved


def test_goods_leave_when_the_carrier_has_them() -> None:
    gone = order(
        status=Status.DELIVERED, history=(HistoryEvent(NOW - 50, "delivered"), HistoryEvent(NOW - 90, "collected"))
    )
    assert units_of(gone).left_at == NOW - 90
    assert units_of(order(updated_at=NOW - 7)).left_at == NOW - 7


def test_the_marketplaces_own_goods_are_not_the_houses() -> None:
    assert not units_of(order(flags=Flag.FULFILLED_BY_PLATFORM)).sold


def test_the_faster_of_a_day_and_a_week_counts() -> None:
    assert (week_units(72, 100), week_units(1, 90), week_units(-2, -5)) == (504, 90, 0)
    assert (per_day(504), per_day(1), per_day(0)) == (72, 1, 0)
    assert cover_s(9, 504) == 3 * HOUR_S
    assert cover_s(9, 0) is None and cover_s(-4, 7) == 0


def kinds(**figures: Any) -> list[tuple[str, int]]:
    made = PoolFigures(**{"hand": 15, "reserved": 6, "listed": 26, "speed": 504, **figures})
    return [(clock.kind.value, clock.due_at) for clock in pool_clocks(made, "k", NOW)]


@pytest.mark.parametrize(
    ("figures", "clocks"),
    [
        ({}, [("out", NOW + 3 * HOUR_S), ("over", NOW + 3 * HOUR_S)]),
        ({"listed": 9}, [("out", NOW + 3 * HOUR_S)]),
        ({"hand": None, "listed": 72}, [("out", NOW + DAY_S)]),
        ({"hand": 6}, [("over", NOW)]),
        ({"hand": 2, "listed": 0}, [("over", NOW)]),
        ({"hand": 6, "listed": 0}, []),
        ({"speed": 0}, []),
        ({"listed": 0}, []),
    ],
)
def test_which_clocks_run(figures: dict[str, Any], clocks: list[tuple[str, int]]) -> None:
    assert kinds(**figures) == clocks


def test_a_pool_that_is_oversold_is_missed_since_it_was() -> None:
    figures = PoolFigures(6, 8, 3, 70)
    assert (figures.free, figures.oversold, figures.left) == (-2, 5, -2)
    loss = pool_loss(figures, "k", NOW, NOW - 500)
    assert (loss.missed, loss.last_missed_at, loss.last_missed_kind) == (1, NOW - 500, "over")


@given(st.none() | st.integers(-50, 50), st.integers(0, 60), st.integers(0, 60), st.integers(0, 700))
def test_clocks_never_lie_in_the_past_but_for_what_is_oversold_already(
    hand: int | None, reserved: int, listed: int, speed: int
) -> None:
    figures = PoolFigures(hand, reserved, listed, speed)
    for clock in pool_clocks(figures, "k", NOW):
        assert clock.due_at >= NOW
        assert clock.due_at > NOW or (figures.free or 0) <= 0 or speed > figures.left * 7 * DAY_S
    if hand is None:
        assert figures.oversold == 0

"""Orders: which status an order shows for its parts."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.orders import BEFORE_CARRIER, CLOSED, STATUS_RANK, Flag, Status, least_advanced

PARTS = st.lists(st.sampled_from(list(Status)), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ([], Status.UNKNOWN),
        ([Status.TO_SHIP], Status.TO_SHIP),
        ([Status.IN_TRANSIT, Status.TO_SHIP], Status.TO_SHIP),
        ([Status.CANCELLED, Status.IN_TRANSIT], Status.IN_TRANSIT),
        ([Status.COMPLETED, Status.DELIVERY_FAILED], Status.DELIVERY_FAILED),
        ([Status.CANCELLED, Status.COMPLETED], Status.COMPLETED),
        ([Status.CANCELLED, Status.LOST], Status.LOST),
        ([Status.CANCELLED, Status.CANCELLED], Status.CANCELLED),
        ([Status.UNKNOWN, Status.COMPLETED], Status.UNKNOWN),
    ],
)
def test_an_order_shows_its_least_advanced_open_part(parts: list[Status], shown: Status) -> None:
    assert least_advanced(parts) is shown


@given(PARTS, st.randoms(use_true_random=False))
def test_the_order_of_parts_does_not_matter(parts: list[Status], random: Random) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert least_advanced(shuffled) is least_advanced(parts)


@given(PARTS)
def test_what_is_shown_is_one_of_the_parts_and_no_open_one_is_behind_it(parts: list[Status]) -> None:
    shown = least_advanced(parts)
    assert shown in parts
    open_parts = [status for status in parts if status not in CLOSED]
    assert (shown in CLOSED) == (not open_parts)
    assert all(STATUS_RANK[shown] <= STATUS_RANK[status] for status in open_parts)


@given(PARTS, st.sampled_from(sorted(CLOSED)))
def test_closing_a_further_part_never_hides_an_open_one(parts: list[Status], closed: Status) -> None:
    shown = least_advanced(parts)
    if shown not in CLOSED:
        assert least_advanced([*parts, closed]) is shown


def test_what_is_before_the_carrier_ranks_below_everything_the_carrier_has() -> None:
    highest_before = max(STATUS_RANK[status] for status in BEFORE_CARRIER)
    assert all(STATUS_RANK[status] > highest_before for status in Status if status not in BEFORE_CARRIER)
    assert BEFORE_CARRIER.isdisjoint(CLOSED)


@given(st.integers(0, 511), st.integers(0, 511))
def test_flags_are_joined_and_looked_at_as_numbers_are(one: int, other: int) -> None:
    both, any_of = Flag(one) & Flag(other), Flag(one) | Flag(other)
    assert (both, any_of) == (one & other, one | other)
    assert type(both) is Flag and type(any_of) is Flag
    assert both is Flag(one & other)

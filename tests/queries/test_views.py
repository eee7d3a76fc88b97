"""Shipped views read, and the operator's own take their place."""

from __future__ import annotations

import pytest

from shoptui.queries.views import DIGITS, ORDER_VIEWS, order_views


def test_every_digit_has_a_view_that_reads() -> None:
    assert "".join(sorted(ORDER_VIEWS)) == DIGITS
    for view in ORDER_VIEWS.values():
        assert view.query.root is not None
        assert view.name


@pytest.mark.parametrize("digit", ["2", "9"])
def test_an_own_view_takes_the_place_of_the_shipped_one(digit: str) -> None:
    views = order_views({digit: "store:tt-*", "x": "is:open"})
    assert set(views) == set(ORDER_VIEWS)
    assert (views[digit].filter_text, views[digit].own) == ("store:tt-*", True)
    assert all(views[other] == ORDER_VIEWS[other] for other in ORDER_VIEWS if other != digit)

"""How stock writes are parted into batches: whole products, few calls after one reading, nothing lost or sent twice."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import Rejected
from shoptui.adapters.desks import Outcome
from shoptui.adapters.lazada.stock_desk import LazadaStockDesk
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.stock_desk import ShopeeStockDesk
from shoptui.adapters.shopee.stock_mapping import NO_MODEL
from shoptui.adapters.stock import Stock
from shoptui.adapters.stock_desk import Due, StockDesk
from shoptui.adapters.tiktok.stock_desk import TikTokStockDesk
from shoptui.clock import DrivenClock
from shoptui.domain.stock import listing_of, listing_target, product_of
from shoptui.domain.stores import Store


class PaperDesk(StockDesk):
    """A desk that calls nobody."""

    def __init__(self, like: type[StockDesk], **limits: int) -> None:
        self.skus_max, self.of_one_product = like.skus_max, like.of_one_product
        self.calls_max = limits.get("calls_max", like.calls_max)
        self.batch_max = limits.get("batch_max", like.batch_max)
        super().__init__(cast(Any, None), DrivenClock(0))

    async def write(self, store: Store, dues: Sequence[Due]) -> Sequence[Outcome]:
        raise AssertionError("nothing is written here")

    def refusal(self, rejected: Rejected) -> Outcome:
        raise AssertionError("nothing is refused here")


def calls_in(desk: StockDesk, targets: Sequence[str]) -> int:
    """The fewest calls these can be written in."""
    groups: dict[str, set[str]] = {}
    for listing_id in map(listing_of, targets):
        groups.setdefault(product_of(listing_id) if desk.of_one_product else "", set()).add(listing_id)
    return sum(ceil(len(group) / desk.skus_max) for group in groups.values())


TARGETS = st.lists(
    st.builds(
        lambda product, sku, house: listing_target(f"{product}/{sku}", house),
        st.integers(1, 30),
        st.integers(1, 8),
        st.sampled_from(["", "w1", "w2"]),
    ),
    unique=True,
    max_size=120,
)


@pytest.mark.parametrize("like", [TikTokStockDesk, ShopeeStockDesk, LazadaStockDesk])
@given(targets=TARGETS)
def test_batches_have_all_targets_once_in_the_fewest_calls(like: type[StockDesk], targets: list[str]) -> None:
    desk = PaperDesk(like, calls_max=4)
    batches = desk.batches(targets)
    assert sorted(place for batch in batches for place in batch) == list(range(len(targets)))
    calls = [calls_in(desk, [targets[place] for place in batch]) for batch in batches]
    assert sum(calls) == calls_in(desk, targets)
    assert all(count == 4 for count in calls[:-1])


@given(targets=TARGETS, most=st.integers(24, 40))
def test_no_batch_has_more_than_one_reading_tells(targets: list[str], most: int) -> None:
    desk = PaperDesk(TikTokStockDesk, batch_max=most)
    assert all(len(batch) <= most for batch in desk.batches(targets))


#: Items of which every second one has no models.
ITEMS = st.lists(
    st.builds(lambda item, model: f"{item}/{model if item % 2 else NO_MODEL}@", st.integers(1, 60), st.integers(1, 3)),
    unique=True,
    max_size=80,
)


@given(targets=ITEMS)
def test_items_without_models_are_read_together(targets: list[str]) -> None:
    """Shopee tells fifty of them in one call, so that those of a batch cost one reading."""
    desk = ShopeeStockDesk(cast(ShopClient, SimpleNamespace(clock=None)), cast(Stock, None))
    batches = [[targets[place].endswith(f"/{NO_MODEL}@") for place in batch] for batch in desk.batches(targets)]
    assert sum(any(plain) and not all(plain) for plain in batches) <= 1
    assert [any(plain) for plain in batches] == sorted((any(plain) for plain in batches), reverse=True)

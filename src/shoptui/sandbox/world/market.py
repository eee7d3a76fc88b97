"""What a marketplace decides for the world: how parcels are made, which deadlines run, how ids look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .model import Deadlines, DeliveryOption, Flow, Shipping
from .regions import Region


@dataclass(frozen=True, slots=True)
class IdSeries:
    """Ids that look random enough but never repeat: `first + n * stride + jitter(n)`."""

    first: int
    stride: int

    def nth(self, number: int) -> str:
        return str(self.first + number * self.stride + (number * 7919) % 4093)


@dataclass(frozen=True, slots=True)
class OptionPlan:
    """A service level every store of a region offers. `share` weighs how many orders choose it."""

    name: str
    kind: str
    priority: int
    shipping: Shipping
    arrange_s: int | None
    share: float


@dataclass(frozen=True, slots=True)
class Market:
    """One marketplace's rules for the world. Times are epoch seconds, lengths are seconds."""

    name: str
    store_regions: tuple[str, ...]
    """Regions of its first stores in turn; more stores begin again from the left."""
    flow_for: Callable[[Region, Shipping], Flow]
    parcel_exists_when_paid: Callable[[Region, Shipping], bool]
    options_for: Callable[[Region], tuple[OptionPlan, ...]]
    deadlines_for: Callable[[Region, DeliveryOption, int], Deadlines]
    """Deadlines of an order whose handling began at the given moment."""
    keeps_sku_together: Callable[[Region], bool]
    """Whether a split must leave all units of one SKU in one parcel."""
    has_hold: Callable[[int], bool]
    """Whether the n-th store of the world lets paid orders wait before they may be shipped."""
    seller_may_cancel_arranged: Callable[[Region], bool]
    seller_may_cancel_lines: Callable[[Region], bool]
    hold_s: int
    unpaid_s: int
    answer_cancel_s: int
    shop_ids: IdSeries
    warehouse_ids: IdSeries
    option_ids: IdSeries
    carrier_ids: IdSeries
    product_ids: IdSeries
    sku_ids: IdSeries
    buyer_ids: IdSeries
    order_ids: IdSeries
    package_ids: IdSeries
    cancel_ids: IdSeries
    line_step: int
    """Distance between the ids of an order and its lines."""

"""The list of stock pools: what its columns sort by."""

from __future__ import annotations

from shoptui.queries.sorting import StockSortBy
from shoptui.store.codes import NEVER
from shoptui.store.plain_list import Part, Shape
from shoptui.store.stock_filter_sql import condition

_UNKNOWN = str(-(1 << 62))
_HAND = f"coalesce(o.hand, {_UNKNOWN})"
_FREE = f"coalesce(o.hand - o.reserved, {_UNKNOWN})"

STOCK = Shape(
    table="pool",
    by_loss="pool_by_loss",
    first={
        StockSortBy.NEXT: Part("o.next_at", empty=str(NEVER)),
        StockSortBy.SKU: Part("o.sku"),
        StockSortBy.NAME: Part("o.name", empty="''"),
        StockSortBy.HAND: Part(_HAND, empty=_UNKNOWN),
        StockSortBy.RESERVED: Part("o.reserved"),
        StockSortBy.FREE: Part(_FREE, empty=_UNKNOWN),
        StockSortBy.SOLD: Part("o.week_units"),
        StockSortBy.LISTED: Part("o.listed"),
        StockSortBy.COVER: Part("o.cover_s", empty=str(NEVER)),
        StockSortBy.OVER: Part("o.oversold"),
        StockSortBy.STEP: Part("o.step"),
        StockSortBy.COUNTED: Part("coalesce(o.counted_at, 0)", empty="0"),
    },
    # As `pool_by_loss` has it: what runs out first, then the most oversold.
    then=(
        Part("o.next_at"),
        Part("o.oversold", descending=True),
        Part("o.sku"),
        Part("o.row_id"),
    ),
    condition=condition,
)

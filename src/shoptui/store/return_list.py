"""The list of returns: what its columns sort by."""

from __future__ import annotations

from shoptui.queries.sorting import ReturnSortBy
from shoptui.store.codes import NEVER
from shoptui.store.plain_list import Part, Shape
from shoptui.store.return_filter_sql import condition

RETURNS = Shape(
    table="return_request",
    by_loss="return_by_loss",
    first={
        ReturnSortBy.NEXT: Part("o.next_at", empty=str(NEVER)),
        ReturnSortBy.STORE: Part("o.store_id"),
        ReturnSortBy.RETURN: Part("o.return_id"),
        ReturnSortBy.ORDER: Part("o.order_no", empty="''"),
        ReturnSortBy.ASK: Part("o.ask"),
        ReturnSortBy.STATE: Part("o.state"),
        ReturnSortBy.VALUE: Part("o.value_milli"),
        ReturnSortBy.USD: Part("o.usd_milli", empty="-1"),
        ReturnSortBy.REASON: Part("o.reason", empty="''"),
        ReturnSortBy.BUYER: Part("o.buyer", empty="''"),
        ReturnSortBy.ASKED: Part("o.created_at"),
    },
    # As `return_by_loss` has it: next loss, then the dearest first.
    then=(
        Part("o.next_at"),
        Part("o.usd_milli", descending=True),
        Part("o.store_id"),
        Part("o.row_id"),
    ),
    condition=condition,
)

"""Reads the filters of Stock: `risk:any cover:<3d -market:lazada "red bag"`, in the language of the order lists."""

from __future__ import annotations

from shoptui.queries.filter import parse
from shoptui.queries.query import Query
from shoptui.queries.stock_fields import STOCK_FIELDS


def parse_stock(text: str) -> Query:
    """Read a filter over stock pools. Raises FilterError, which says where and why it cannot be read."""
    return parse(text, STOCK_FIELDS)

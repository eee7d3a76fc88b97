"""Reads the filters of Returns: `status:open value:<5usd -is:mine "red bag"`, in the language of the order lists."""

from __future__ import annotations

from shoptui.queries.filter import parse
from shoptui.queries.query import Query
from shoptui.queries.return_fields import RETURN_FIELDS


def parse_returns(text: str) -> Query:
    """Read a filter over returns. Raises FilterError, which says where and why it cannot be read."""
    return parse(text, RETURN_FIELDS)

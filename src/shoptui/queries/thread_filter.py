"""Reads the inbox's filters: `reply:<2h unread -assigned:mei lang:th "red bag"`, in the language of the order lists."""

from __future__ import annotations

from shoptui.queries.filter import parse
from shoptui.queries.query import Query
from shoptui.queries.thread_fields import THREAD_FIELDS


def parse_threads(text: str) -> Query:
    """Read a filter over conversations. Raises FilterError, which says where and why it cannot be read."""
    return parse(text, THREAD_FIELDS)

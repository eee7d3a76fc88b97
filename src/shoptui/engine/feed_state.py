"""Owns the record of how a feed does: what each success and failure changes in its row."""

from __future__ import annotations

from dataclasses import replace

from shoptui.adapters.base import AdapterError, AuthError
from shoptui.queries.types import FeedRow

ORDERS = "orders"
#: Conversations. `cursor_at` is up to when all that is new in them has been read.
MESSAGES = "messages"
#: Closed orders read backwards in time at the first sync: `cursor_at` is how far back that has got, `counted_at` the
#: moment from which the days are counted back.
HISTORY = "history"


def blank(store_id: str, feed: str) -> FeedRow:
    """A feed that has never run."""
    return FeedRow(
        store_id=store_id,
        feed=feed,
        cursor_at=None,
        last_ok_at=None,
        last_try_at=None,
        next_try_at=None,
        failures=0,
        error="",
        error_code="",
        signed_out=False,
        first_done=False,
        fetched=0,
        expected=None,
        here=None,
        there=None,
        counted_at=None,
    )


def succeeded(row: FeedRow, now: int, next_try_at: float) -> FeedRow:
    """After a look that went well."""
    return replace(
        row,
        last_ok_at=now,
        last_try_at=now,
        next_try_at=int(next_try_at),
        failures=0,
        error="",
        error_code="",
        signed_out=False,
    )


def failed(row: FeedRow, error: AdapterError, now: int, next_try_at: float) -> FeedRow:
    """After a look that failed; what was read before stays."""
    return replace(
        row,
        last_try_at=now,
        next_try_at=int(next_try_at),
        failures=row.failures + 1,
        error=error.message,
        error_code=error.code,
        signed_out=isinstance(error, AuthError),
    )


def advanced(row: FeedRow, cursor_at: int) -> FeedRow:
    """With the cursor moved on. It never moves back: the overlap is taken from it when it is used."""
    return row if row.cursor_at is not None and cursor_at <= row.cursor_at else replace(row, cursor_at=cursor_at)

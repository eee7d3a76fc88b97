"""Which rows of a grid count by the second: a few, since each costs bytes every second."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from shoptui.widgets.columns import SECONDS_UNDER_S, ClockColumn, Layout

RowT = TypeVar("RowT")

ROWS_WITH_SECONDS = 8
"""How many rows under ten minutes, counted from the top of the window, show seconds besides the cursor's."""


def rows_with_seconds(rows: Iterable[tuple[int, RowT | None]], layout: Layout[RowT], now: int) -> frozenset[int]:
    """The ids of the rows that show seconds at `now` besides the cursor's: the first eight under ten minutes.

    `rows` are the ids and rows of the window from its top; rows not in memory are None.
    """
    column = next(
        (placed.column for placed in layout.columns if isinstance(placed.column, ClockColumn) and placed.column.urgent),
        None,
    )
    if column is None:
        return frozenset()

    def is_near(row: RowT) -> bool:
        due_at = column.face(row).due_at
        return due_at is not None and 0 < due_at - now < SECONDS_UNDER_S

    near = (row_id for row_id, row in rows if row is not None and is_near(row))
    return frozenset(islice(near, ROWS_WITH_SECONDS))

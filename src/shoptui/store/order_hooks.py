"""What follows from orders as they are written: other tables of the cache are kept in step in the same transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shoptui.domain.making import quickly_made
from shoptui.domain.orders import Order


@quickly_made
@dataclass(frozen=True, slots=True)
class OrderChange:
    """An order that was written: its row, the copy that was there before (None without a readable one), whether new."""

    row_id: int
    order: Order
    known: Order | None
    new: bool


class OrderHook(Protocol):
    """Called on the database's thread inside the transaction that writes the orders."""

    def __call__(self, db: sqlite3.Connection, changes: Sequence[OrderChange], now: int) -> None: ...

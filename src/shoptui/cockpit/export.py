"""Writing a list of orders to a CSV file that a spreadsheet may open safely."""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from shoptui.domain.money import Money
from shoptui.i18n import _
from shoptui.paths import DataDir
from shoptui.queries.types import OrderRow
from shoptui.store.reader import Reader
from shoptui.words import orders_count

FIELDS = (
    "store",
    "order",
    "status",
    "next_loss_at",
    "next_loss",
    "missed",
    "items",
    "carrier",
    "tracking",
    "buyer",
    "value",
    "currency",
    "placed_at",
    "act",
    "held_by",
    "tags",
)

_ROWS_AT_ONCE = 500


def export_path(data_dir: DataDir, moment: datetime) -> Path:
    """Where an export of this moment goes: beside the operator's own state, never overwriting another."""
    folder = data_dir.operator_state.parent / "exports"
    stem = f"orders-{moment:%Y-%m-%d-%H%M%S}"
    path = folder / f"{stem}.csv"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}.csv"
        number += 1
    return path


async def write_orders(reader: Reader, row_ids: Sequence[int], path: Path, now: int) -> str:
    """Write the rows to `path` and say so in a sentence. A file that cannot be written is said as well."""
    rows: list[OrderRow] = []
    for first in range(0, len(row_ids), _ROWS_AT_ONCE):
        rows += await reader.rows(row_ids[first : first + _ROWS_AT_ONCE], now)
    try:
        await asyncio.to_thread(_write, path, rows)
    except OSError as error:
        return _("{path} cannot be written: {why}").format(path=path, why=error.strerror or error)
    return _("{orders} written to {path}").format(orders=orders_count(len(rows)), path=path)


def _write(path: Path, rows: Iterable[OrderRow]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Buyers' handles are in it: for this user's eyes only.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows([safe_cell(value) for value in _values(row)] for row in rows)


def _values(row: OrderRow) -> tuple[object, ...]:
    return (
        row.store_id,
        row.order_no,
        row.status if row.status != "unknown" else row.raw_status,
        row.next_at,
        row.next_kind,
        row.missed,
        row.items,
        row.carrier,
        row.tracking,
        row.buyer,
        Money(row.value_minor, row.currency).plain(),
        row.currency,
        row.created_at,
        row.act_state.value if row.act_state else "",
        row.held_by,
        " ".join(row.tags),
    )


def safe_cell(value: object) -> object:
    """A value as a spreadsheet may have it: text that would be read as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if not isinstance(value, str) or value[:1] not in {"=", "+", "-", "@", "\t", "\r"}:
        return value
    try:
        float(value)
    except ValueError:
        return "'" + value
    return value

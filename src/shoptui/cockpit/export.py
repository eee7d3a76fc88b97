"""Writing a list to a CSV file that a spreadsheet may open safely, and the list of orders itself."""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from shoptui.i18n import _
from shoptui.paths import DataDir
from shoptui.queries.order_export import FIELDS, order_cells
from shoptui.queries.types import OrderRow
from shoptui.store.reader import Reader
from shoptui.words import orders_count

#: So many rows are read at a time.
ROWS_AT_ONCE = 500


def export_path(data_dir: DataDir, moment: datetime, what: str = "orders") -> Path:
    """Where an export of this moment goes: beside the operator's own state, never overwriting another."""
    folder = data_dir.operator_state.parent / "exports"
    stem = f"{what}-{moment:%Y-%m-%d-%H%M%S}"
    path = folder / f"{stem}.csv"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}.csv"
        number += 1
    return path


async def write_orders(reader: Reader, row_ids: Sequence[int], path: Path, now: int) -> str:
    """Write the rows to `path` and say so in a sentence. A file that cannot be written is said as well."""
    rows: list[OrderRow] = []
    for first in range(0, len(row_ids), ROWS_AT_ONCE):
        rows += await reader.rows(row_ids[first : first + ROWS_AT_ONCE], now)
    fault = await written(path, FIELDS, [order_cells(row) for row in rows])
    return fault or _("{orders} written to {path}").format(orders=orders_count(len(rows)), path=path)


async def written(path: Path, fields: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """Write a file; the sentence of what went wrong, "" when it is there."""
    try:
        await asyncio.to_thread(_write, path, fields, lines)
    except OSError as error:
        return _("{path} cannot be written: {why}").format(path=path, why=error.strerror or error)
    return ""


def _write(path: Path, fields: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Buyers' handles are in it: for this user's eyes only.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(fields)
        writer.writerows(lines)

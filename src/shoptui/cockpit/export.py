"""Writing a list to a CSV file that a spreadsheet may open safely, and the list of orders itself."""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from shoptui.i18n import _
from shoptui.paths import DataDir
from shoptui.queries.order_export import FIELDS, order_record, safe_cells
from shoptui.store.reader import Reader
from shoptui.words import orders_count

_ROWS_AT_ONCE = 500
Row = TypeVar("Row")


def export_path(data_dir: DataDir, moment: datetime, what: str = "orders", ending: str = "csv") -> Path:
    """Where an export of this moment goes: beside the operator's own state, never overwriting another."""
    stem = f"{what}-{moment:%Y-%m-%d-%H%M%S}"
    path = data_dir.exports / f"{stem}.{ending}"
    number = 2
    while path.exists():
        path = data_dir.exports / f"{stem}-{number}.{ending}"
        number += 1
    return path


async def write_orders(reader: Reader, row_ids: Sequence[int], path: Path, now: int) -> str:
    """Write orders to `path`; see `write_rows`."""
    return await write_rows(row_ids, lambda ids: reader.rows(ids, now), FIELDS, order_record, orders_count, path)


async def write_rows(
    row_ids: Sequence[int],
    read: Callable[[Sequence[int]], Awaitable[Sequence[Row]]],
    fields: Sequence[str],
    record: Callable[[Row], Mapping[str, object]],
    counted: Callable[[int], str],
    path: Path,
) -> str:
    """Write the rows to `path` and say so in a sentence. A file that cannot be written is said as well.

    `record` has a row's `fields` by name, `counted` says how many rows there are in words.
    """
    lines: list[list[object]] = []
    for first in range(0, len(row_ids), _ROWS_AT_ONCE):
        records = [record(row) for row in await read(row_ids[first : first + _ROWS_AT_ONCE])]
        lines += [safe_cells(found, fields) for found in records]
    try:
        await asyncio.to_thread(_write, path, fields, lines)
    except OSError as error:
        return _("{path} cannot be written: {why}").format(path=path, why=error.strerror or error)
    return _("{rows} written to {path}").format(rows=counted(len(lines)), path=path)


def _write(path: Path, fields: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Buyers' handles are in it: for this user's eyes only.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(fields)
        writer.writerows(lines)

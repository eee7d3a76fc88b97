"""Writing the list of returns to a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shoptui.cockpit.export import ROWS_AT_ONCE, written
from shoptui.i18n import _
from shoptui.queries.order_export import safe_cell
from shoptui.queries.return_export import FIELDS, return_record
from shoptui.queries.returns import ReturnRow
from shoptui.store.reader import Reader
from shoptui.words.returns import returns_count


async def write_returns(reader: Reader, row_ids: Sequence[int], path: Path, now: int) -> str:
    """Write the rows to `path` and say so in a sentence. A file that cannot be written is said as well."""
    rows: list[ReturnRow] = []
    for first in range(0, len(row_ids), ROWS_AT_ONCE):
        rows += await reader.returns.rows(row_ids[first : first + ROWS_AT_ONCE], now)
    records = [return_record(row) for row in rows]
    cells = [[safe_cell(record[field]) for field in FIELDS] for record in records]
    fault = await written(path, FIELDS, cells)
    return fault or _("{returns} written to {path}").format(returns=returns_count(len(rows)), path=path)

"""Writing the list of stock pools to a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shoptui.cockpit.export import ROWS_AT_ONCE, written
from shoptui.i18n import _
from shoptui.queries.order_export import safe_cell
from shoptui.queries.stock import PoolRow
from shoptui.queries.stock_export import FIELDS, pool_record
from shoptui.store.reader import Reader
from shoptui.words.stock import pools_count


async def write_pools(reader: Reader, row_ids: Sequence[int], path: Path) -> str:
    """Write the rows to `path` and say so in a sentence. A file that cannot be written is said as well."""
    rows: list[PoolRow] = []
    for first in range(0, len(row_ids), ROWS_AT_ONCE):
        rows += await reader.stock.rows(row_ids[first : first + ROWS_AT_ONCE])
    records = [pool_record(row) for row in rows]
    cells = [[safe_cell(record[field]) for field in FIELDS] for record in records]
    fault = await written(path, FIELDS, cells)
    return fault or _("{pools} written to {path}").format(pools=pools_count(len(rows)), path=path)

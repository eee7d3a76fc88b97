"""Writing the list of stock pools to a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shoptui.cockpit.export import write_rows
from shoptui.queries.stock_export import FIELDS, pool_record
from shoptui.store.reader import Reader
from shoptui.words.stock import pools_count


async def write_pools(reader: Reader, row_ids: Sequence[int], path: Path) -> str:
    """Write pools to `path`; see `write_rows`."""
    return await write_rows(row_ids, reader.stock.rows, FIELDS, pool_record, pools_count, path)

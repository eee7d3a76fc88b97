"""Writing the list of returns to a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shoptui.cockpit.export import write_rows
from shoptui.queries.return_export import FIELDS, return_record
from shoptui.store.reader import Reader
from shoptui.words.returns import returns_count


async def write_returns(reader: Reader, row_ids: Sequence[int], path: Path, now: int) -> str:
    """Write returns to `path`; see `write_rows`."""
    return await write_rows(
        row_ids, lambda ids: reader.returns.rows(ids, now), FIELDS, return_record, returns_count, path
    )

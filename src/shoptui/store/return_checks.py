"""What was found in parcels that came back, in the ledger: added to, never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from shoptui.domain.parcel_check import ParcelCondition
from shoptui.queries.returns import CheckRow
from shoptui.store.database import transaction
from shoptui.store.return_lookups import ReturnKey


def check_in(
    db: sqlite3.Connection,
    keys: Sequence[ReturnKey],
    condition: ParcelCondition,
    note: str,
    operator: str,
    now: int,
) -> None:
    """Note what was found in parcels."""
    with transaction(db):
        db.executemany(
            "INSERT INTO return_check (store_id, return_id, condition, note, operator, at) VALUES (?, ?, ?, ?, ?, ?)",
            [(*key, condition.value, note, operator, now) for key in keys],
        )


def checks(db: sqlite3.Connection, key: ReturnKey, schema: str = "main") -> list[CheckRow]:
    """What was found in a request's parcel, the newest first."""
    rows = db.execute(
        f"""
        SELECT at, operator, condition, note FROM {schema}.return_check
        WHERE store_id = ? AND return_id = ? ORDER BY check_id DESC
        """,
        key,
    )
    return [CheckRow(at, operator, ParcelCondition(condition), note) for at, operator, condition, note in rows]

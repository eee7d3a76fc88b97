"""Rows of statements, lines and anomalies by what they are called, whatever numbers a rebuilt cache gave them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from shoptui.domain.anomalies import AnomalyKind
from shoptui.store.money_codes import KIND_CODE

_STATEMENT = "SELECT row_id FROM statement WHERE store_id = ? AND statement_id = ?"
_LINE = """
SELECT l.row_id FROM statement s CROSS JOIN statement_line l ON l.statement_row = s.row_id
WHERE s.store_id = ? AND s.statement_id = ? AND l.line_id = ?
"""
_ANOMALY = """
SELECT row_id FROM anomaly WHERE store_id = ? AND statement_id = ? AND kind = ? AND about = ? AND fee = ?
"""


def row_ids(db: sqlite3.Connection, names: Sequence[Sequence[str]]) -> list[int | None]:
    """The row of each, None where it is not here.

    A name is store and statement; for a line its id after them; for an anomaly its kind, what it is about, and its fee.
    """
    return [_row_id(db, name) for name in names]


def _row_id(db: sqlite3.Connection, name: Sequence[str]) -> int | None:
    if len(name) == 5:
        store_id, statement_id, kind, about, fee = name
        if kind not in set(AnomalyKind):
            return None
        row = db.execute(_ANOMALY, (store_id, statement_id, KIND_CODE[AnomalyKind(kind)], about, fee)).fetchone()
    else:
        row = db.execute(_LINE if len(name) == 3 else _STATEMENT, tuple(name)).fetchone()
    return None if row is None else int(row[0])

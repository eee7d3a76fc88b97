"""What is asked of the cache's returns besides rows: clocks ahead, versions, what is open, and the header's numbers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence

from shoptui.domain.returns import ReturnAsk
from shoptui.store.codes import NEVER
from shoptui.store.kept_counts import KeptCounts
from shoptui.store.return_codes import ASK_CODE, ENDED_SQL, OURS_SQL

#: A return is named by its store and the marketplace's id.
ReturnKey = tuple[str, str]

_SOON_S = 2 * 3600
#: Each of the two numbers has an index of its own.
SCANNED = """
SELECT store_id, return_id FROM return_request WHERE return_id = ?1 OR (tracking = ?1 AND tracking <> '')
ORDER BY created_at DESC, row_id DESC LIMIT 1
"""
_ROW = "SELECT row_id FROM return_request WHERE store_id = ? AND return_id = ?"


def next_clock_at(db: sqlite3.Connection) -> int | None:
    """When the earliest clock ahead passes (epoch s), None without one."""
    row = db.execute(
        f"SELECT min(next_at) FROM return_request INDEXED BY return_ahead WHERE next_at < {NEVER}"
    ).fetchone()
    return None if row[0] is None else int(row[0])


def soonest(db: sqlite3.Connection, store_id: str, now: int, before_at: int) -> int | None:
    """A store's earliest clock of a return between the two moments (epoch s), None when there is none so soon."""
    row = db.execute(
        f"""
        SELECT min(next_at) FROM return_request INDEXED BY return_ahead
        WHERE next_at > ? AND next_at < ? AND next_at < {NEVER} AND store_id = ?
        """,
        (now, before_at, store_id),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def open_ids(db: sqlite3.Connection, store_id: str) -> set[str]:
    """The store's requests that have not ended, wishes to cancel left aside."""
    rows = db.execute(
        f"""
        SELECT return_id FROM return_request
        WHERE store_id = ? AND state NOT IN ({ENDED_SQL}) AND ask <> {ASK_CODE[ReturnAsk.CANCEL]}
        """,
        (store_id,),
    )
    return {return_id for (return_id,) in rows}


def versions(db: sqlite3.Connection, store_id: str, return_ids: Collection[str]) -> dict[str, int]:
    """The version (epoch s) that is here of each of the requests; unknown ones are left out."""
    rows = db.execute(
        """
        SELECT r.return_id, r.updated_at FROM json_each(?) j
        JOIN return_request r ON r.store_id = ? AND r.return_id = j.value
        """,
        (json.dumps(sorted(return_ids)), store_id),
    )
    return dict(rows.fetchall())


def row_ids(db: sqlite3.Connection, keys: Sequence[ReturnKey]) -> tuple[int, ...]:
    """The rows of requests, in this order; unknown ones are left out."""
    found = (db.execute(_ROW, key).fetchone() for key in keys)
    return tuple(row[0] for row in found if row is not None)


def scanned(db: sqlite3.Connection, code: str) -> ReturnKey | None:
    """The newest request that carries exactly this number, its own or that of the parcel that comes back."""
    found: ReturnKey | None = db.execute(SCANNED, (code,)).fetchone()
    return found


def of_order(db: sqlite3.Connection, store_id: str, order_no: str) -> list[int]:
    """The rows of an order's requests, the newest first."""
    rows = db.execute(
        "SELECT row_id FROM return_request WHERE store_id = ? AND order_no = ? ORDER BY created_at DESC, row_id DESC",
        (store_id, order_no),
    )
    return [row_id for (row_id,) in rows]


def of_order_rows(db: sqlite3.Connection, order_rows: Collection[int]) -> list[int]:
    """The rows of requests about orders with these row ids."""
    rows = db.execute(
        """
        SELECT r.row_id FROM json_each(?) j JOIN orders o ON o.row_id = j.value
        JOIN return_request r ON r.store_id = o.store_id AND r.order_no = o.order_no
        """,
        (json.dumps(sorted(order_rows)),),
    )
    return [row_id for (row_id,) in rows]


def count_open(db: sqlite3.Connection, now: int) -> tuple[int, int, int]:
    """Requests that wait for the store's answer, those whose time ran out, and those whose does within two hours."""
    row = db.execute(
        f"""
        SELECT
            count(*), count(*) FILTER (WHERE answer_at <= ?), count(*) FILTER (WHERE answer_at > ? AND answer_at <= ?)
        FROM return_request INDEXED BY return_by_loss
        WHERE missed_group IN (0, 1) AND state IN ({OURS_SQL})
        """,
        (now, now, now + _SOON_S),
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


RETURN_COUNTS = KeptCounts("kept_return_counts", "waiting, missed, under_2h", count_open)

"""Where the dispute about an order or a return stands. Runs on a reader's thread, with the ledger attached."""

from __future__ import annotations

import sqlite3

from shoptui.queries.types import DisputeStand


def dispute_stand(db: sqlite3.Connection, store_id: str, order_no: str, about: str) -> DisputeStand | None:
    """The newest dispute about this very thing (an order's number, a return's id), else about its order at all.

    None when there never was one.
    """
    found = db.execute(
        """
        SELECT d.dispute_id, d.state, (
            SELECT max(e.at) FROM ledger.dispute_event e WHERE e.dispute_id = d.dispute_id AND e.state = d.state
        )
        FROM ledger.dispute_item i JOIN ledger.dispute d ON d.dispute_id = i.dispute_id
        WHERE i.store_id = ? AND i.order_no = ?
        ORDER BY i.about = ? DESC, d.dispute_id DESC LIMIT 1
        """,
        (store_id, order_no, about),
    ).fetchone()
    return None if found is None else DisputeStand(*found)

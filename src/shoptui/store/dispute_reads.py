"""What is or can be disputed about orders and returns. Runs on a reader's thread, with the ledger attached."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from shoptui.domain.disputes import DisputeState
from shoptui.queries.money import DisputedRow

_ORDERS = "json_each(?) j CROSS JOIN"


def anomaly_ids(db: sqlite3.Connection, orders: Sequence[tuple[str, str]]) -> list[int]:
    """The rows of what does not agree in the settlements of these orders, in the orders' order."""
    rows = db.execute(
        f"""
        SELECT o.row_id FROM {_ORDERS} anomaly o ON o.store_id = j.value ->> 0 AND o.order_no = j.value ->> 1
        ORDER BY j.key, o.row_id
        """,
        (json.dumps(orders),),
    )
    return [row_id for (row_id,) in rows]


def disputed(db: sqlite3.Connection, orders: Sequence[tuple[str, str]]) -> list[DisputedRow]:
    """All that was ever disputed about these orders and their returns, newest dispute first."""
    rows = db.execute(
        f"""
        SELECT i.store_id, i.order_no, i.kind, i.about, d.dispute_id, d.state
        FROM {_ORDERS} ledger.dispute_item i ON i.store_id = j.value ->> 0 AND i.order_no = j.value ->> 1
        JOIN ledger.dispute d ON d.dispute_id = i.dispute_id
        ORDER BY d.dispute_id DESC, i.place
        """,
        (json.dumps(orders),),
    )
    return [
        DisputedRow(store_id, order_no, kind, about, dispute_id, DisputeState(state))
        for store_id, order_no, kind, about, dispute_id, state in rows
    ]

"""The orders that conversations are about, many at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from shoptui.domain.codec import decode_order
from shoptui.domain.orders import Order

_LINKED = """
SELECT t.row_id, b.body FROM thread t
JOIN orders o ON o.store_id = t.store_id AND o.order_no = t.order_no
JOIN order_body b ON b.row_id = o.row_id
WHERE t.row_id IN (SELECT value FROM json_each(?)) AND t.order_no <> ''
"""


def linked_orders(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Order]:
    """The order each of these threads is about, by thread row; without one, or while it is not here, left out."""
    return {row_id: decode_order(body) for row_id, body in db.execute(_LINKED, (json.dumps(list(ids)),))}

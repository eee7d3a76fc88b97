"""Rows, details and candidates of orders for screens and commands: the cache joined with the desk and the outbox."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from shoptui.domain.clocks import ClockKind
from shoptui.domain.codec import decode_order
from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.orders import Order
from shoptui.queries.labels import LABEL_KINDS, is_outdated
from shoptui.queries.types import Act, AuditRow, Candidate, NoteRow, OrderDetail, OrderLines, OrderRow, Parcel
from shoptui.store import outbox_reads
from shoptui.store.codes import (
    CODE_ORDER,
    CODE_PACKAGE,
    CODE_TRACKING,
    SEPARATOR,
    SHIPPING_OF_CODE,
    STATUS_OF_CODE,
    code_key,
    moment,
)
from shoptui.store.dispute_stand import dispute_stand
from shoptui.store.fulltext import match_expression

#: What the audit log calls the showing of a buyer's data.
REVEAL = "reveal buyer"

#: How many orders a look-up by text names at most: more is a filter's work.
FIND_MAX = 1000
_TAIL_MIN = 4

_ROWS = """
SELECT
    o.row_id, o.store_id, o.order_no, o.status, o.raw_status, o.flags,
    o.next_at, o.next_kind, o.then_at, o.then_kind, o.missed, o.last_missed_at, o.last_missed_kind,
    o.items, o.skus, o.carrier, o.tracking, o.buyer, o.shipping_type, o.delivery_option,
    o.created_at, o.updated_at, o.value_minor, o.currency, o.ship_block, o.seen_at,
    a.state, a.verb, a.cause_id, h.operator, c.operator,
    (
        SELECT group_concat(t.tag, char(10)) FROM ledger.desk_tag t
        WHERE t.store_id = o.store_id AND t.order_no = o.order_no
    ),
    EXISTS (SELECT 1 FROM ledger.desk_note n WHERE n.store_id = o.store_id AND n.order_no = o.order_no),
    coalesce((
        SELECT max(CASE l.verb WHEN 'print' THEN 'printed' ELSE 'fetched' END) FROM ledger.outbox l
        WHERE l.store_id = o.store_id AND l.order_no = o.order_no AND l.verb IN ('label', 'print') AND l.state = 'done'
    ), '')
FROM orders o
LEFT JOIN ledger.outbox a ON a.intent_id = (
    SELECT x.intent_id FROM ledger.outbox x
    WHERE x.store_id = o.store_id AND x.order_no = o.order_no AND x.acked_at IS NULL AND x.target_kind <> 'thread'
    AND x.batch_id = (
        SELECT y.batch_id FROM ledger.outbox y
        WHERE y.store_id = o.store_id AND y.order_no = o.order_no AND y.acked_at IS NULL AND y.target_kind <> 'thread'
        ORDER BY y.intent_id DESC LIMIT 1
    )
    ORDER BY x.state IN ('done', 'taken_back'), x.intent_id LIMIT 1
)
LEFT JOIN ledger.desk_hold h ON h.store_id = o.store_id AND h.order_no = o.order_no
LEFT JOIN ledger.desk_claim c ON c.store_id = o.store_id AND c.order_no = o.order_no AND c.until_at > ?
WHERE o.row_id IN (SELECT value FROM json_each(?))
"""

_CANDIDATES = """
SELECT
    o.row_id, o.store_id, s.marketplace, s.region, o.order_no, o.status, o.shipping_type, o.flags, o.next_at,
    o.ship_block, o.packages, h.operator, c.operator
FROM orders o
LEFT JOIN ledger.store s ON s.store_id = o.store_id
LEFT JOIN ledger.desk_hold h ON h.store_id = o.store_id AND h.order_no = o.order_no
LEFT JOIN ledger.desk_claim c ON c.store_id = o.store_id AND c.order_no = o.order_no
    AND c.until_at > ? AND c.operator <> ?
WHERE o.row_id IN (SELECT value FROM json_each(?))
"""

_ACTS = f"""
SELECT
    o.row_id, x.verb, x.target_id, x.state, x.cause_id, coalesce(x.settled_at, x.created_at), x.operator,
    coalesce(json_extract(x.args, '$.printer'), '')
FROM orders o
JOIN ledger.outbox x ON x.store_id = o.store_id AND x.order_no = o.order_no
WHERE o.row_id IN (SELECT value FROM json_each(?)) AND x.state <> '{IntentState.TAKEN_BACK.value}'
ORDER BY x.intent_id
"""

_BODIES = "SELECT row_id, body FROM order_body WHERE row_id IN (SELECT value FROM json_each(?))"


def rows(db: sqlite3.Connection, ids: Sequence[int], now: int) -> list[OrderRow]:
    """The rows with these ids, in this order; ids that are gone are left out."""
    found = {row[0]: _row(row) for row in db.execute(_ROWS, (now, json.dumps(list(ids))))}
    return [found[row_id] for row_id in ids if row_id in found]


def _row(row: Sequence[Any]) -> OrderRow:
    skus = str(row[14])
    return OrderRow(
        row_id=row[0],
        store_id=row[1],
        order_no=row[2],
        status=STATUS_OF_CODE[row[3]].value,
        raw_status=row[4],
        flags=row[5],
        next_at=moment(row[6]),
        next_kind=row[7],
        then_at=row[8],
        then_kind=row[9],
        missed=row[10],
        last_missed_at=row[11],
        last_missed_kind=row[12],
        items=row[13],
        sku=skus.partition(SEPARATOR)[0],
        carrier=row[15],
        tracking=row[16],
        buyer=row[17],
        shipping_type=SHIPPING_OF_CODE[row[18]].value,
        delivery_option=row[19],
        created_at=row[20],
        updated_at=row[21],
        value_minor=row[22],
        currency=row[23],
        ship_block=row[24],
        seen_at=row[25],
        act_state=None if row[26] is None else IntentState(row[26]),
        act_verb=row[27] or "",
        act_cause=row[28] or "",
        held_by=row[29] or "",
        claimed_by=row[30] or "",
        tags=tuple(sorted(row[31].split(SEPARATOR))) if row[31] else (),
        has_note=bool(row[32]),
        label=row[33],
    )


_LABEL_KINDS_SQL = ", ".join(f"'{kind.value}'" for kind in LABEL_KINDS)

#: The tracking number on the newest label of each package; SQLite takes the columns beside max() from its row.
_LABELLED = f"""
SELECT o.row_id, l.package_id, l.tracking_number, max(l.fetched_at)
FROM orders o JOIN ledger.label l ON l.store_id = o.store_id AND l.order_no = o.order_no
WHERE o.row_id IN (SELECT value FROM json_each(?)) AND l.kind IN ({_LABEL_KINDS_SQL})
GROUP BY o.row_id, l.package_id
"""


def detail(db: sqlite3.Connection, row_id: int, now: int) -> OrderDetail | None:
    """Everything of one order, None when the row is gone."""
    found = rows(db, [row_id], now)
    body = db.execute("SELECT body FROM order_body WHERE row_id = ?", (row_id,)).fetchone()
    if not found or body is None:
        return None
    order: Order = decode_order(body[0])
    key = (order.store_id, order.order_no)
    notes = db.execute(
        "SELECT at, operator, body FROM ledger.desk_note WHERE store_id = ? AND order_no = ? ORDER BY at, note_id", key
    )
    reveals = db.execute(
        """
        SELECT seq, at, operator, origin, what, target, detail FROM ledger.audit
        WHERE target = ? AND what = ? ORDER BY seq DESC
        """,
        (f"{order.store_id}/{order.order_no}", REVEAL),
    )
    return OrderDetail(
        row=found[0],
        order=order,
        notes=tuple(NoteRow(*note) for note in notes),
        intents=tuple(outbox_reads.of_order(db, *key, schema="ledger")),
        reveals=tuple(AuditRow(*entry) for entry in reveals),
        dispute=dispute_stand(db, *key, about=order.order_no),
    )


def candidates(
    db: sqlite3.Connection, ids: Sequence[int], now: int, operator: str, *, parcels: bool
) -> list[Candidate]:
    """What the preview of a verb needs of these orders, in this order; claims of the operator are no news.

    All packages are read only with `parcels`: it costs the reading of every order in full.
    """
    wanted = json.dumps(list(ids))
    acts: dict[int, dict[tuple[str, str], Act]] = {}
    for row in db.execute(_ACTS, (wanted,)):
        of_row = acts.setdefault(row[0], {})
        # Taken out first, so that what was ordered last stands last.
        of_row.pop((row[1], row[2]), None)
        of_row[(row[1], row[2])] = Act(Verb(row[1]), row[2], IntentState(row[3]), row[4] or "", row[5], row[6], row[7])
    orders = {row[0]: decode_order(row[1]) for row in db.execute(_BODIES, (wanted,))} if parcels else {}
    labelled = {(row[0], row[1]): str(row[2]) for row in db.execute(_LABELLED, (wanted,))} if parcels else {}
    found = {
        row[0]: _candidate(row, tuple(acts.get(row[0], {}).values()), orders.get(row[0]), labelled)
        for row in db.execute(_CANDIDATES, (now, operator, wanted))
    }
    return [found[row_id] for row_id in ids if row_id in found]


def _candidate(
    row: Sequence[Any], acts: tuple[Act, ...], order: Order | None, labelled: Mapping[tuple[int, str], str]
) -> Candidate:
    return Candidate(
        row_id=row[0],
        store_id=row[1],
        marketplace=row[2] or "",
        region=row[3] or "",
        order_no=row[4],
        status=STATUS_OF_CODE[row[5]].value,
        shipping_type=SHIPPING_OF_CODE[row[6]].value,
        flags=row[7],
        next_at=moment(row[8]),
        ship_block=row[9],
        package_ids=tuple(row[10].split(SEPARATOR)) if row[10] else (),
        acts=acts,
        held_by=row[11] or "",
        claimed_by=row[12] or "",
        parcels=() if order is None else _parcels(row[0], order, labelled),
        request_due_at=None if order is None else _request_due_at(order),
    )


def _parcels(row_id: int, order: Order, labelled: Mapping[tuple[int, str], str]) -> tuple[Parcel, ...]:
    return tuple(
        Parcel(
            each.package_id,
            each.status.value,
            each.tracking_number,
            is_outdated(labelled.get((row_id, each.package_id), ""), each.tracking_number),
        )
        for each in order.packages
    )


def _request_due_at(order: Order) -> int | None:
    due = (clock.due_at for clock in order.clocks if clock.kind is ClockKind.CANCEL_REQUEST and clock.running)
    return min(due, default=None)


def line_facts(db: sqlite3.Connection, ids: Sequence[int]) -> list[OrderLines]:
    """What was bought in these orders, in this order; ids that are gone are left out."""
    found = {row_id: decode_order(body) for row_id, body in db.execute(_BODIES, (json.dumps(list(ids)),))}
    return [
        OrderLines(row_id, order.store_id, order.order_no, order.warehouse_id, len(order.packages) or 1, order.lines)
        for row_id, order in ((row_id, found[row_id]) for row_id in ids if row_id in found)
    ]


def row_ids(db: sqlite3.Connection, targets: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The rows of orders given by store and number; unknown ones are left out."""
    found = {}
    for target in targets:
        row = db.execute("SELECT row_id FROM orders WHERE store_id = ? AND order_no = ?", target).fetchone()
        if row is not None:
            found[target] = int(row[0])
    return found


def find(db: sqlite3.Connection, text: str) -> list[int]:
    """The orders a scan or a typed text means, most certain first, next loss first among equals.

    An order number in full, a tracking number or package id in full, the last characters of one (four or more), then
    full text; the first of these that finds anything is the answer.
    """
    key = code_key(text)
    if not key:
        return []
    for kind in (CODE_ORDER, CODE_TRACKING, CODE_PACKAGE):
        if exact := _by_code(db, "kind = ? AND code = ?", (kind, key)):
            return exact
    if len(key) >= _TAIL_MIN:
        between = "kind IN (?, ?, ?) AND code >= ? AND code < ?"
        values = (CODE_ORDER, CODE_TRACKING, CODE_PACKAGE, key, key + chr(0x10FFFF))
        if tails := _by_code(db, between, values):
            return tails
    expression = match_expression(text, exact=False)
    if not expression:
        return []
    return _in_order(db, "SELECT rowid FROM order_text WHERE order_text MATCH ? LIMIT ?", (expression, FIND_MAX))


def _by_code(db: sqlite3.Connection, condition: str, values: tuple[object, ...]) -> list[int]:
    return _in_order(db, f"SELECT row_id FROM order_code WHERE {condition} LIMIT ?", (*values, FIND_MAX))


def _in_order(db: sqlite3.Connection, ids: str, values: tuple[object, ...]) -> list[int]:
    found = db.execute(
        f"""
        SELECT o.row_id FROM orders o NOT INDEXED WHERE o.row_id IN ({ids})
        ORDER BY o.missed_group, o.next_at, o.store_id, o.skus, o.row_id
        """,
        values,
    )
    return [row_id for (row_id,) in found]

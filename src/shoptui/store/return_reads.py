"""Rows, details and candidates of returns for screens and commands: the cache joined with the desk and the outbox."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from shoptui.domain.intents import OPEN_STATES, Intent, IntentState, TargetKind, Verb
from shoptui.domain.orders import Order
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.return_clock import at_zero, with_clocks
from shoptui.domain.return_codec import decode_clocks, decode_return
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnEvent, ReturnRequest
from shoptui.queries.returns import BuyerHistory, ReturnCandidate, ReturnDetail, ReturnRow
from shoptui.queries.types import NoteRow
from shoptui.store import outbox_reads, return_checks
from shoptui.store.codes import CODE_BUYER, SEPARATOR, moment
from shoptui.store.dispute_stand import dispute_stand
from shoptui.store.results import ReturnFacts
from shoptui.store.return_codes import ASK_CODE, ASK_OF_CODE, OURS_SQL, STATE_OF_CODE
from shoptui.store.return_lookups import ReturnKey
from shoptui.store.returns import order_of

_WISH = ASK_CODE[ReturnAsk.CANCEL]

#: The newest answer of a request that is to be shown, or with another condition the newest that went through.
_ANSWER = f"""
CASE r.ask WHEN {_WISH} THEN (
    SELECT x.intent_id FROM ledger.outbox x INDEXED BY outbox_by_order
    WHERE x.store_id = r.store_id AND x.order_no = r.order_no AND x.target_kind = '{TargetKind.ORDER.value}'
    AND x.verb = '{Verb.ANSWER_CANCEL.value}' AND {{which}} ORDER BY x.intent_id DESC LIMIT 1
) ELSE (
    SELECT x.intent_id FROM ledger.outbox x INDEXED BY outbox_by_return
    WHERE x.store_id = r.store_id AND x.target_kind = '{TargetKind.RETURN.value}' AND x.target_id = r.return_id
    AND x.verb = '{Verb.ANSWER_RETURN.value}' AND {{which}} ORDER BY x.intent_id DESC LIMIT 1
) END
"""
_SHOWN = _ANSWER.format(which="x.acked_at IS NULL AND x.state <> 'taken_back'")
_DONE = _ANSWER.format(which="x.state = 'done'")
_CONDITION = """
(
    SELECT k.condition FROM ledger.return_check k
    WHERE k.store_id = r.store_id AND k.return_id = r.return_id ORDER BY k.check_id DESC LIMIT 1
)
"""

_ROWS = f"""
SELECT
    r.row_id, r.store_id, s.marketplace, s.region, r.return_id, r.order_no, r.ask, r.state, r.raw_state,
    r.value_minor, r.currency, r.usd_milli, r.reason_id, r.reason, r.buyer, r.buyer_id, r.items, r.tracking,
    r.next_at, r.next_kind, r.missed, r.last_missed_at, r.last_missed_kind, r.answer_at, r.created_at, r.updated_at,
    r.goods_back_at, r.goods_come_back, r.disputed, r.pictures, r.answers, a.state, a.cause_id,
    coalesce(json_extract(a.args, '$.answer'), CASE json_extract(a.args, '$.accept')
        WHEN 1 THEN 'agree' WHEN 0 THEN 'refuse' END, ''),
    c.operator,
    (
        SELECT group_concat(t.tag, char(10)) FROM ledger.desk_tag t
        WHERE t.store_id = r.store_id AND t.order_no = r.order_no
    ),
    EXISTS (SELECT 1 FROM ledger.desk_note n WHERE n.store_id = r.store_id AND n.order_no = r.order_no),
    {_CONDITION},
    r.left_turn_at IS NOT NULL AND ({_DONE}) IS NULL,
    r.seen_at
FROM return_request r
LEFT JOIN ledger.store s ON s.store_id = r.store_id
LEFT JOIN ledger.outbox a ON a.intent_id = {_SHOWN}
LEFT JOIN ledger.desk_claim c ON c.store_id = r.store_id AND c.order_no = r.order_no AND c.until_at > ?
WHERE r.row_id IN (SELECT value FROM json_each(?))
"""

_CANDIDATES = f"""
SELECT
    r.row_id, r.store_id, s.marketplace, r.return_id, r.order_no, r.ask, r.state, r.value_minor, r.currency,
    r.usd_milli, r.next_at, r.goods_come_back, r.answers,
    (SELECT x.state FROM ledger.outbox x WHERE x.intent_id = {_SHOWN}), c.operator, {_CONDITION}
FROM return_request r
LEFT JOIN ledger.store s ON s.store_id = r.store_id
LEFT JOIN ledger.desk_claim c ON c.store_id = r.store_id AND c.order_no = r.order_no
    AND c.until_at > ? AND c.operator <> ?
WHERE r.row_id IN (SELECT value FROM json_each(?))
"""

_OF_RETURN_MAX = 50


def rows(db: sqlite3.Connection, ids: Sequence[int], now: int) -> list[ReturnRow]:
    """The rows with these ids, in this order; ids that are gone are left out."""
    found = {row[0]: _row(row) for row in db.execute(_ROWS, (now, json.dumps(list(ids))))}
    return [found[row_id] for row_id in ids if row_id in found]


def _row(row: Sequence[Any]) -> ReturnRow:
    return ReturnRow(
        row_id=row[0],
        store_id=row[1],
        marketplace=row[2] or "",
        region=row[3] or "",
        return_id=row[4],
        order_no=row[5],
        ask=ASK_OF_CODE[row[6]],
        state=STATE_OF_CODE[row[7]],
        raw_state=row[8],
        value_minor=row[9],
        currency=row[10],
        usd_minor=_cents(row[11]),
        reason_id=row[12],
        reason=row[13],
        buyer=row[14],
        buyer_id=row[15],
        items=row[16],
        tracking=row[17],
        next_at=moment(row[18]),
        next_kind=row[19],
        missed=row[20],
        last_missed_at=row[21],
        last_missed_kind=row[22],
        answer_at=moment(row[23]),
        created_at=row[24],
        updated_at=row[25],
        goods_back_at=row[26],
        goods_come_back=None if row[27] is None else bool(row[27]),
        disputed=bool(row[28]),
        pictures=row[29],
        answers=_answers(row[30]),
        act_state=None if row[31] is None else IntentState(row[31]),
        act_cause=row[32] or "",
        act_answer=row[33],
        claimed_by=row[34] or "",
        tags=tuple(sorted(row[35].split(SEPARATOR))) if row[35] else (),
        has_note=bool(row[36]),
        condition=None if row[37] is None else ParcelCondition(row[37]),
        elsewhere=bool(row[38]),
        seen_at=row[39],
    )


def _cents(usd_milli: int) -> int | None:
    """Cents of thousandths of a dollar, which are whole cents; None for no rate."""
    return None if usd_milli < 0 else usd_milli // 10


def _answers(words: str) -> frozenset[ReturnAnswer]:
    return frozenset(ReturnAnswer(word) for word in words.split())


def _request(db: sqlite3.Connection, row_id: int) -> tuple[ReturnRequest, int | None] | None:
    """The request of a row with the clocks that count, and since when its goods are back."""
    row = db.execute(
        "SELECT store_id, return_id, body, clocks, goods_back_at FROM return_request WHERE row_id = ?", (row_id,)
    ).fetchone()
    if row is None:
        return None
    return with_clocks(decode_return(row[2], row[0], row[1]), decode_clocks(row[3])), row[4]


def facts(db: sqlite3.Connection, key: ReturnKey) -> ReturnFacts | None:
    """A request as it is here, None for one that is not."""
    row = db.execute("SELECT row_id FROM return_request WHERE store_id = ? AND return_id = ?", key).fetchone()
    found = None if row is None else _request(db, row[0])
    return None if found is None else ReturnFacts(row[0], found[0], found[1])


def detail(db: sqlite3.Connection, row_id: int, now: int) -> ReturnDetail | None:
    """Everything of one request, None when the row is gone."""
    found, request = rows(db, [row_id], now), _request(db, row_id)
    if not found or request is None:
        return None
    row = found[0]
    order = order_of(db, row.store_id, row.order_no)
    order_row = db.execute("SELECT row_id FROM orders WHERE store_id = ? AND order_no = ?", row.order_target).fetchone()
    notes = db.execute(
        "SELECT at, operator, body FROM ledger.desk_note WHERE store_id = ? AND order_no = ? ORDER BY at, note_id",
        row.order_target,
    )
    return ReturnDetail(
        row=row,
        request=request[0],
        zero=at_zero(request[0]),
        events=tuple(_events(db, row_id)),
        order=order,
        order_row=None if order_row is None else order_row[0],
        buyer=_history(db, row),
        packed_by=_packed_by(db, row),
        weight_g=_weight_g(order),
        checks=tuple(return_checks.checks(db, (row.store_id, row.return_id), "ledger")),
        notes=tuple(NoteRow(*note) for note in notes),
        intents=tuple(_intents(db, row)),
        dispute=dispute_stand(db, *row.order_target, about=row.return_id),
    )


def _events(db: sqlite3.Connection, row_id: int) -> list[ReturnEvent]:
    found = db.execute(
        "SELECT at, who, what, note, links FROM return_event WHERE row_id = ? ORDER BY at, place", (row_id,)
    )
    return [ReturnEvent(at, who, what, note, tuple(json.loads(links))) for at, who, what, note, links in found]


def _history(db: sqlite3.Connection, row: ReturnRow) -> BuyerHistory:
    if not row.buyer_id:
        return BuyerHistory(0, 0)
    orders = db.execute(
        f"""
        SELECT count(*) FROM order_code c JOIN orders o ON o.row_id = c.row_id AND o.store_id = ?
        WHERE c.kind = {CODE_BUYER} AND c.code = ?
        """,
        (row.store_id, row.buyer_id),
    ).fetchone()[0]
    earlier = db.execute(
        f"""
        SELECT count(*) FROM return_request INDEXED BY return_by_buyer
        WHERE store_id = ? AND buyer_id = ? AND buyer_id <> '' AND created_at < ? AND row_id <> ? AND ask <> {_WISH}
        """,
        (row.store_id, row.buyer_id, row.created_at, row.row_id),
    ).fetchone()[0]
    return BuyerHistory(int(orders), int(earlier))


def _packed_by(db: sqlite3.Connection, row: ReturnRow) -> str:
    """Who printed the label of the order last, else who shipped it."""
    found = db.execute(
        f"""
        SELECT x.operator FROM ledger.outbox x INDEXED BY outbox_by_order
        WHERE x.store_id = ? AND x.order_no = ? AND x.state = '{IntentState.DONE.value}'
        AND x.verb IN ('{Verb.PRINT.value}', '{Verb.SHIP.value}', '{Verb.SHIP_OWN.value}')
        ORDER BY x.verb = '{Verb.PRINT.value}' DESC, x.intent_id DESC LIMIT 1
        """,
        row.order_target,
    ).fetchone()
    return "" if found is None else str(found[0])


def _weight_g(order: Order | None) -> int | None:
    weights = [package.weight_g for package in order.packages] if order is not None else []
    known = [weight for weight in weights if weight is not None]
    return sum(known) if known and len(known) == len(weights) else None


def _intents(db: sqlite3.Connection, row: ReturnRow) -> list[Intent]:
    if row.ask is ReturnAsk.CANCEL:
        of_order = outbox_reads.of_order(db, *row.order_target, schema="ledger")
        return [intent for intent in of_order if intent.verb is Verb.ANSWER_CANCEL][:_OF_RETURN_MAX]
    found = db.execute(
        f"""
        SELECT intent_id FROM ledger.outbox INDEXED BY outbox_by_return
        WHERE store_id = ? AND target_kind = '{TargetKind.RETURN.value}' AND target_id = ?
        ORDER BY intent_id DESC LIMIT {_OF_RETURN_MAX}
        """,
        (row.store_id, row.return_id),
    )
    return outbox_reads.by_ids(db, [intent_id for (intent_id,) in found], "ledger")[::-1]


def candidates(db: sqlite3.Connection, ids: Sequence[int], now: int, operator: str) -> list[ReturnCandidate]:
    """What the preview of an answer needs of these requests, in this order; claims of the operator are no news."""
    found = {row[0]: _candidate(row) for row in db.execute(_CANDIDATES, (now, operator, json.dumps(list(ids))))}
    return [found[row_id] for row_id in ids if row_id in found]


def _candidate(row: Sequence[Any]) -> ReturnCandidate:
    act = None if row[13] is None else IntentState(row[13])
    return ReturnCandidate(
        row_id=row[0],
        store_id=row[1],
        marketplace=row[2] or "",
        return_id=row[3],
        order_no=row[4],
        ask=ASK_OF_CODE[row[5]],
        state=STATE_OF_CODE[row[6]],
        value_minor=row[7],
        currency=row[8],
        usd_minor=_cents(row[9]),
        next_at=moment(row[10]),
        goods_come_back=None if row[11] is None else bool(row[11]),
        answers=_answers(row[12]),
        act=act if act in OPEN_STATES else None,
        claimed_by=row[14] or "",
        condition=None if row[15] is None else ParcelCondition(row[15]),
    )


def ours_of_stores(db: sqlite3.Connection) -> dict[str, int]:
    """How many requests wait for each store's answer; stores without any are left out."""
    found = db.execute(f"SELECT store_id, count(*) FROM return_request WHERE state IN ({OURS_SQL}) GROUP BY store_id")
    return dict(found.fetchall())

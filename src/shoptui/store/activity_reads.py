"""Batches, stores, the audit log and the header's numbers, as screens show them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

from shoptui.domain.intents import OPEN_STATES, Cause, CauseId, IntentState
from shoptui.domain.stores import chat_app_of
from shoptui.queries.types import AuditRow, BatchRow, Counts, SetAsideRow, StoreRow
from shoptui.store import cache_reads, outbox_reads, stores
from shoptui.store.answer_counts import INBOX_COUNTS
from shoptui.store.kept_counts import KeptCounts
from shoptui.store.ledger_schema import OPEN_STATES_SQL
from shoptui.store.money_counts import MONEY_COUNTS
from shoptui.store.return_lookups import RETURN_COUNTS
from shoptui.store.stock_counts import STOCK_COUNTS
from shoptui.store.stores import ORDER_COUNTS

#: What an operator has to look at: shown first until it is acknowledged.
ATTENTION = (IntentState.NEEDS_PERSON, IntentState.FAILED, IntentState.NOT_DONE, IntentState.UNKNOWN)
_RANK = {state: rank for rank, state in enumerate(ATTENTION)}

# As a CASE, so that later intents are looked for only where it matters: an AND may be asked from either end.
_AGAIN = f"""
CASE WHEN x.state IN ('{IntentState.FAILED.value}', '{IntentState.NOT_DONE.value}')
THEN {outbox_reads.ORDERED_AGAIN_SQL.format(schema="ledger", old="x")} ELSE 0 END
"""

_GROUPS = f"""
SELECT
    b.batch_id, x.verb, b.operator, b.created_at, x.state, x.cause_id,
    min(x.cause_code), min(x.cause_message), count(*), min(x.release_at), max(x.settled_at),
    count(*) FILTER (WHERE x.acked_at IS NULL), group_concat(x.intent_id), group_concat(DISTINCT x.store_id),
    {_AGAIN} AS again, coalesce(max(json_extract(x.args, '$.printer')), '')
FROM ledger.batch b JOIN ledger.outbox x ON x.batch_id = b.batch_id
WHERE b.batch_id IN ({{marks}})
GROUP BY b.batch_id, x.verb, x.state, x.cause_id, again
"""


def batches(db: sqlite3.Connection, states: Collection[IntentState] | None, limit: int) -> list[BatchRow]:
    """The newest `limit` batches and every older one with something to look at, by batch, verb, state and cause.

    What needs looking at comes first, then newest first. `states` limits the groups shown, None shows all.
    """
    attention = ", ".join(f"'{state.value}'" for state in ATTENTION)
    chosen = [
        batch_id
        for (batch_id,) in db.execute(
            f"""
            SELECT batch_id FROM ledger.outbox WHERE acked_at IS NULL AND state IN ({attention})
            UNION
            SELECT batch_id FROM (
                SELECT batch_id FROM ledger.batch ORDER BY created_at DESC LIMIT ?
            )
            """,
            (limit,),
        )
    ]
    groups = db.execute(_GROUPS.format(marks=", ".join("?" * len(chosen))), chosen).fetchall()
    totals: defaultdict[tuple[str, str], int] = defaultdict(int)
    for group in groups:
        totals[group[0], group[1]] += group[8]
    found = [_batch_row(group, totals[group[0], group[1]]) for group in groups]
    wanted = [row for row in found if states is None or row.state in states]
    wanted.sort(key=_batch_order)
    return wanted


def _batch_row(group: Sequence[Any], total: int) -> BatchRow:
    state = IntentState(group[4])
    return BatchRow(
        batch_id=group[0],
        verb=group[1],
        operator=group[2],
        created_at=group[3],
        release_at=group[9],
        state=state,
        cause=None if group[5] is None else Cause(CauseId(group[5]), group[6], group[7]),
        count=group[8],
        total=total,
        stores=tuple(sorted(group[13].split(","))),
        intent_ids=tuple(sorted(int(intent_id) for intent_id in group[12].split(","))),
        acked=group[11] == 0,
        again=bool(group[14]),
        printer=group[15],
        settled_at=None if state in OPEN_STATES else group[10],
    )


def _batch_order(row: BatchRow) -> tuple[object, ...]:
    needs_look = not row.acked and row.state in _RANK
    return (not needs_look, _RANK.get(row.state, 0) if needs_look else 0, -row.created_at, row.batch_id, -row.count)


def audit_rows(db: sqlite3.Connection, limit: int, before: int | None) -> list[AuditRow]:
    """The newest entries of the audit log, or the newest before a number; newest first."""
    rows = db.execute(
        """
        SELECT seq, at, operator, origin, what, target, detail FROM ledger.audit
        WHERE ? IS NULL OR seq < ? ORDER BY seq DESC LIMIT ?
        """,
        (before, before, limit),
    )
    return [AuditRow(*row) for row in rows]


def operators(db: sqlite3.Connection) -> list[str]:
    """Everybody who has ordered, claimed, held, tagged or noted anything, by name."""
    rows = db.execute(
        """
        SELECT operator FROM ledger.batch UNION SELECT operator FROM ledger.desk_claim
        UNION SELECT operator FROM ledger.desk_hold UNION SELECT operator FROM ledger.desk_note
        UNION SELECT operator FROM ledger.desk_tag UNION SELECT operator FROM ledger.thread_claim
        UNION SELECT operator FROM ledger.thread_note
        UNION SELECT assignee FROM ledger.thread_desk WHERE assignee <> ''
        UNION SELECT assigned_by FROM ledger.thread_desk WHERE assigned_by <> '' ORDER BY 1
        """
    )
    return [operator for (operator,) in rows]


def counts(db: sqlite3.Connection, now: int | None) -> Counts:
    """The header's numbers: as the engine left them, or counted now; the outbox always as it is."""

    def numbers(of: KeptCounts) -> tuple[int, ...]:
        return of.kept(db) if now is None else of.count(db, now)

    ahead, acts = numbers(ORDER_COUNTS), outbox_reads.counts(db, "ledger")
    side = chain.from_iterable(map(numbers, (INBOX_COUNTS, RETURN_COUNTS, STOCK_COUNTS, MONEY_COUNTS)))
    return Counts(*chain(ahead, acts, side))


def store_rows(db: sqlite3.Connection) -> list[StoreRow]:
    """One row per store, by name."""
    feeds = {(row.store_id, row.feed): row for row in stores.feeds(db)}
    open_orders = cache_reads.open_order_counts(db)
    waiting = dict(
        db.execute(
            f"SELECT store_id, count(*) FROM ledger.outbox WHERE state IN ({OPEN_STATES_SQL}) GROUP BY store_id"
        ).fetchall()
    )
    facts = {
        store_id: (token_expires_at, authorisation_ends_at)
        for store_id, token_expires_at, authorisation_ends_at in db.execute(
            "SELECT store_id, token_expires_at, authorisation_ends_at FROM ledger.store"
        )
    }
    return [
        StoreRow(
            store_id=store.store_id,
            marketplace=store.marketplace,
            region=store.region,
            name=store.name,
            shop_id=store.shop_id,
            time_zone=store.time_zone,
            currency=store.currency,
            paused=store.paused,
            feed=feeds.get((store.store_id, "orders")),
            open_orders=open_orders.get(store.store_id, 0),
            waiting_intents=waiting.get(store.store_id, 0),
            token_expires_at=facts[store.store_id][0],
            authorisation_ends_at=facts[store.store_id][1],
            messages=feeds.get((store.store_id, stores.MESSAGES)),
            app=store.app,
            chat_app=chat_app_of(store),
        )
        for store in stores.stores(db, "ledger")
    ]


def set_aside(db: sqlite3.Connection) -> list[SetAsideRow]:
    """What could not be read, newest first."""
    return [SetAsideRow(*row) for row in cache_reads.set_aside_rows(db)]

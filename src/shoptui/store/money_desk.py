"""What operators decided about money, in the ledger: marks on statements, and disputes with their way."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoptui.domain.anomalies import Anomaly
from shoptui.domain.disputes import DisputeState, Language, claimed, may_follow
from shoptui.store.database import transaction
from shoptui.store.money_lines import StatementKey

VERIFIED, WITHDRAWN, CHANGED = "verified", "withdrawn", "changed"

_NEWEST = """
SELECT what, digest, payout, currency, anomalies FROM statement_mark
WHERE store_id = ? AND statement_id = ? ORDER BY mark_id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Markable:
    """What a mark is put on, as it is in the cache."""

    digest: str
    payout_minor: int
    currency: str
    anomalies: int


@dataclass(frozen=True, slots=True)
class DisputedItem:
    """An anomaly as it goes into a dispute; `about` is that of its row."""

    anomaly: Anomaly
    about: str


def mark_verified(
    db: sqlite3.Connection, found: Mapping[StatementKey, Markable], operator: str, now: int
) -> list[StatementKey]:
    """Note that statements were looked through, as they are now; returns those that were not marked so already."""
    changed = []
    with transaction(db):
        for key, markable in found.items():
            row = db.execute(_NEWEST, key).fetchone()
            if row is not None and (row[0], row[1]) == (VERIFIED, markable.digest):
                continue
            _put_mark(db, key, VERIFIED, operator, now, markable)
            changed.append(key)
    return changed


def withdraw_marks(db: sqlite3.Connection, keys: Sequence[StatementKey], operator: str, now: int) -> list[StatementKey]:
    """Take marks off again; returns the statements that had one."""
    changed = []
    with transaction(db):
        for key in keys:
            row = db.execute(_NEWEST, key).fetchone()
            if row is not None and row[0] == VERIFIED:
                _put_mark(db, key, WITHDRAWN, operator, now, Markable(*row[1:]))
                changed.append(key)
    return changed


def take_off_changed(db: sqlite3.Connection, digests: Mapping[StatementKey, Markable], now: int) -> list[StatementKey]:
    """Take the marks off statements that are no longer what was verified; returns those."""
    changed = []
    with transaction(db):
        for key, markable in digests.items():
            row = db.execute(_NEWEST, key).fetchone()
            if row is not None and row[0] == VERIFIED and row[1] != markable.digest:
                _put_mark(db, key, CHANGED, "", now, markable)
                changed.append(key)
    return changed


def verified_keys(db: sqlite3.Connection) -> list[StatementKey]:
    """All statements whose newest mark says that they were verified."""
    return db.execute(
        """
        SELECT m.store_id, m.statement_id FROM statement_mark m WHERE m.what = ? AND m.mark_id = (
            SELECT max(n.mark_id) FROM statement_mark n
            WHERE n.store_id = m.store_id AND n.statement_id = m.statement_id
        )
        """,
        (VERIFIED,),
    ).fetchall()


def make_dispute(
    db: sqlite3.Connection,
    store_id: str,
    items: Sequence[DisputedItem],
    folder: str,
    language: Language,
    operator: str,
    now: int,
) -> int:
    """Note that a pack was made; returns the dispute's number. All items are of one store and currency."""
    anomalies = [item.anomaly for item in items]
    if not anomalies or any(anomaly.store_id != store_id for anomaly in anomalies):
        raise ValueError("a dispute is about at least one thing, all of one store")
    amount = claimed(anomalies)
    with transaction(db):
        cursor = db.execute(
            """
            INSERT INTO dispute (store_id, state, made_by, made_at, language, folder, currency, amount)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                store_id,
                DisputeState.OPEN.value,
                operator,
                now,
                language.value,
                folder,
                amount.currency,
                amount.minor,
            ),
        )
        dispute_id = int(cursor.lastrowid or 0)
        db.executemany(
            "INSERT INTO dispute_item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    dispute_id,
                    place,
                    store_id,
                    item.anomaly.statement_id,
                    item.anomaly.kind.value,
                    item.anomaly.fee,
                    item.anomaly.order_no,
                    item.about,
                    item.anomaly.expected.minor,
                    item.anomaly.paid.minor,
                )
                for place, item in enumerate(items)
            ],
        )
        _put_event(db, dispute_id, DisputeState.OPEN, operator, now, "")
    return dispute_id


def set_dispute(
    db: sqlite3.Connection, dispute_id: int, state: DisputeState, operator: str, now: int, note: str
) -> bool:
    """Note where a dispute stands; False when there is none or that cannot follow what was. A note alone keeps it."""
    with transaction(db):
        row = db.execute("SELECT state FROM dispute WHERE dispute_id = ?", (dispute_id,)).fetchone()
        if row is None:
            return False
        before = DisputeState(row[0])
        if before is not state and not may_follow(before, state):
            return False
        if before is state and not note:
            return False
        db.execute("UPDATE dispute SET state = ? WHERE dispute_id = ?", (state.value, dispute_id))
        _put_event(db, dispute_id, state, operator, now, note)
    return True


def _put_mark(
    db: sqlite3.Connection, key: StatementKey, what: str, operator: str, now: int, markable: Markable
) -> None:
    db.execute(
        """
        INSERT INTO statement_mark (store_id, statement_id, what, operator, at, digest, payout, currency, anomalies)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (*key, what, operator, now, markable.digest, markable.payout_minor, markable.currency, markable.anomalies),
    )


def _put_event(
    db: sqlite3.Connection, dispute_id: int, state: DisputeState, operator: str, now: int, note: str
) -> None:
    db.execute(
        "INSERT INTO dispute_event (dispute_id, state, operator, at, note) VALUES (?, ?, ?, ?, ?)",
        (dispute_id, state.value, operator, now, note),
    )

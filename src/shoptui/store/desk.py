"""What operators put on orders for themselves: holds, claims, tags and notes, and the alerts they see."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from types import MappingProxyType

from shoptui.domain.tags import normal_tag
from shoptui.queries.types import Alert
from shoptui.store.database import transaction

OrderKey = tuple[str, str]

#: A claim nobody renews ends after half an hour: long enough for a job, short enough to survive a forgotten screen.
CLAIM_S = 1800


def hold(db: sqlite3.Connection, targets: Sequence[OrderKey], operator: str, on: bool, now: int) -> list[OrderKey]:
    """Hold orders back, or release them; returns those that changed."""
    with transaction(db):
        if on:
            return [
                target
                for target in targets
                if db.execute("INSERT OR IGNORE INTO desk_hold VALUES (?, ?, ?, ?)", (*target, operator, now)).rowcount
            ]
        return [
            target
            for target in targets
            if db.execute("DELETE FROM desk_hold WHERE store_id = ? AND order_no = ?", target).rowcount
        ]


def held(db: sqlite3.Connection, targets: Sequence[OrderKey]) -> dict[OrderKey, str]:
    """Which of the orders are held, and by whom."""
    found = {}
    for target in targets:
        row = db.execute("SELECT operator FROM desk_hold WHERE store_id = ? AND order_no = ?", target).fetchone()
        if row is not None:
            found[target] = row[0]
    return found


def claimed(db: sqlite3.Connection, targets: Sequence[OrderKey], now: int) -> dict[OrderKey, str]:
    """Which of the orders somebody is on, and who."""
    found = {}
    for target in targets:
        row = db.execute(
            "SELECT operator FROM desk_claim WHERE store_id = ? AND order_no = ? AND until_at > ?", (*target, now)
        ).fetchone()
        if row is not None:
            found[target] = row[0]
    return found


def claim(
    db: sqlite3.Connection, targets: Sequence[OrderKey], operator: str, on: bool, now: int, for_s: int
) -> list[OrderKey]:
    """Take orders on, or give up one's own; returns those that changed. A colleague's claim is taken over."""
    with transaction(db):
        db.execute("DELETE FROM desk_claim WHERE until_at <= ?", (now,))
        if on:
            db.executemany(
                "INSERT OR REPLACE INTO desk_claim VALUES (?, ?, ?, ?, ?)",
                [(*target, operator, now, now + for_s) for target in targets],
            )
            return list(targets)
        return [
            target
            for target in targets
            if db.execute(
                "DELETE FROM desk_claim WHERE store_id = ? AND order_no = ? AND operator = ?", (*target, operator)
            ).rowcount
        ]


def tag(
    db: sqlite3.Connection, targets: Sequence[OrderKey], name: str, operator: str, on: bool, now: int
) -> list[OrderKey]:
    """Put a tag on orders, or take it off; returns those that changed. Raises ValueError for an empty tag."""
    name = normal_tag(name)
    if not name:
        raise ValueError("A tag needs at least one letter.")
    with transaction(db):
        if on:
            return [
                target
                for target in targets
                if db.execute(
                    "INSERT OR IGNORE INTO desk_tag VALUES (?, ?, ?, ?, ?)", (name, *target, operator, now)
                ).rowcount
            ]
        return [
            target
            for target in targets
            if db.execute(
                "DELETE FROM desk_tag WHERE tag = ? AND store_id = ? AND order_no = ?", (name, *target)
            ).rowcount
        ]


def note(db: sqlite3.Connection, target: OrderKey, operator: str, text: str, now: int) -> int:
    """Add a note to an order; returns its id. Notes are never changed, only added to."""
    with transaction(db):
        cursor = db.execute(
            "INSERT INTO desk_note (store_id, order_no, at, operator, body) VALUES (?, ?, ?, ?, ?)",
            (*target, now, operator, text),
        )
        return int(cursor.lastrowid or 0)


def raise_alert(db: sqlite3.Connection, alert: Alert) -> None:
    """Raise an alert or bring its arguments up to date. One that was seen stays seen until it is cleared."""
    with transaction(db):
        db.execute(
            """
            INSERT INTO alert (alert_id, kind, raised_at, args) VALUES (?, ?, ?, ?)
            ON CONFLICT (alert_id) DO UPDATE SET kind = excluded.kind, args = excluded.args
            """,
            (alert.alert_id, alert.kind, alert.raised_at, json.dumps(dict(alert.args), ensure_ascii=False)),
        )


def clear_alert(db: sqlite3.Connection, alert_id: str) -> bool:
    """The condition is over; True if there was such an alert."""
    with transaction(db):
        return db.execute("DELETE FROM alert WHERE alert_id = ?", (alert_id,)).rowcount > 0


def see_alert(db: sqlite3.Connection, alert_id: str, operator: str, now: int) -> bool:
    """An operator has seen it: it is not shown again while the condition lasts. True if it was to be seen."""
    with transaction(db):
        return (
            db.execute(
                "UPDATE alert SET seen_by = ?, seen_at = ? WHERE alert_id = ? AND seen_at IS NULL",
                (operator, now, alert_id),
            ).rowcount
            > 0
        )


def alerts(db: sqlite3.Connection, schema: str = "main", *, seen_too: bool = False) -> list[Alert]:
    """Alerts nobody has seen, newest first; or all that stand."""
    rows = db.execute(
        f"""
        SELECT alert_id, kind, raised_at, args FROM {schema}.alert WHERE ? OR seen_at IS NULL
        ORDER BY raised_at DESC, alert_id
        """,
        (seen_too,),
    )
    return [
        Alert(alert_id, kind, raised_at, MappingProxyType(json.loads(args))) for alert_id, kind, raised_at, args in rows
    ]

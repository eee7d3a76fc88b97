"""How stores answer their buyers, from the cache: questions counted by the hour, and the marketplaces' own figures."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from shoptui.domain.clocks import DAY_S, HOUR_S
from shoptui.queries.inbox import StoreAnswers, ThreadState
from shoptui.store import stores
from shoptui.store.database import transaction
from shoptui.store.thread_codes import STATE_CODE

_WAITING = STATE_CODE[ThreadState.WAITING]
_SOON_S = 2 * HOUR_S


def put_figure(db: sqlite3.Connection, store_id: str, rate: float, days: int, read_at: int) -> None:
    """Keep the marketplace's own figure of a store: a rate from 0 to 1 over so many days."""
    with transaction(db):
        db.execute("INSERT OR REPLACE INTO chat_figure VALUES (?, ?, ?, ?)", (store_id, rate, days, read_at))


def answered(db: sqlite3.Connection, since: int) -> dict[str, tuple[int, int]]:
    """Per store, of the questions asked since a moment (epoch s, to the hour): answered in time, and late or missed.

    A question that still has time is in neither.
    """
    rows = db.execute(
        "SELECT store_id, sum(in_time), sum(late) FROM answer_hour WHERE hour >= ? GROUP BY store_id",
        (since // HOUR_S,),
    )
    return {store_id: (int(in_time), int(late)) for store_id, in_time, late in rows}


def answers_by_store(db: sqlite3.Connection, now: int) -> list[StoreAnswers]:
    """One row per store, by name. What the rule book says (threshold, misses left) is for the caller to add."""
    waiting = {
        store_id: (count, soon)
        for store_id, count, soon in db.execute(
            f"""
            SELECT store_id, count(*), count(*) FILTER (WHERE reply_at > ? AND reply_at <= ?)
            FROM thread INDEXED BY thread_by_loss
            WHERE state = {_WAITING} AND missed_group IN (0, 1) GROUP BY store_id
            """,
            (now, now + _SOON_S),
        )
    }
    windows = [answered(db, now - days * DAY_S) for days in (1, 7, 30)]
    figures = {row[0]: row[1:] for row in db.execute("SELECT store_id, rate, days, read_at FROM chat_figure")}
    silent = {row[0] for row in db.execute("SELECT store_id FROM thread WHERE thread_id = ''")}
    found = []
    for store in stores.stores(db, "ledger"):
        store_id = store.store_id
        count, soon = waiting.get(store_id, (0, 0))
        rate, days, read_at = figures.get(store_id, (None, 0, None))
        rates = [_rate(window.get(store_id)) for window in windows]
        found.append(
            StoreAnswers(
                store_id=store_id,
                waiting=count,
                due_soon=soon,
                rate_24h=rates[0],
                rate_7d=rates[1],
                rate_30d=rates[2],
                official=rate,
                official_days=days,
                official_at=read_at,
                not_granted=store_id in silent,
            )
        )
    return found


def _rate(tally: Sequence[int] | None) -> float | None:
    if tally is None or not sum(tally):
        return None
    return tally[0] / sum(tally)


def count_inbox(db: sqlite3.Connection, now: int) -> tuple[int, int, int, int]:
    """Threads that wait for an answer, those whose reply clock ran out or does within 2 h, and those escalated.

    Snoozed threads are in none of them.
    """
    row = db.execute(
        f"""
        SELECT
            count(*) FILTER (WHERE state = {_WAITING}),
            count(*) FILTER (WHERE state = {_WAITING} AND reply_at <= ?),
            count(*) FILTER (WHERE state = {_WAITING} AND reply_at > ? AND reply_at <= ?),
            count(*) FILTER (WHERE escalated)
        FROM thread INDEXED BY thread_by_loss
        WHERE missed_group IN (0, 1) AND NOT snoozed
        """,
        (now, now, now + _SOON_S),
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def keep_inbox_counts(db: sqlite3.Connection, now: int) -> tuple[int, int, int, int]:
    """Count as `count_inbox` does and leave the numbers for readers."""
    numbers = count_inbox(db, now)
    if kept_inbox_counts(db) != numbers:
        with transaction(db):
            db.execute("INSERT OR REPLACE INTO kept_inbox_counts VALUES (1, ?, ?, ?, ?)", numbers)
    return numbers


def kept_inbox_counts(db: sqlite3.Connection) -> tuple[int, int, int, int]:
    """The numbers the engine left last, zeros before it did."""
    row = db.execute("SELECT waiting, missed, under_2h, escalated FROM kept_inbox_counts").fetchone()
    return (0, 0, 0, 0) if row is None else row

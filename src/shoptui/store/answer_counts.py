"""How stores answer their buyers, from the cache: questions counted by the hour, and the marketplaces' own figures."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shoptui.domain.answers import Answers
from shoptui.domain.clocks import DAY_S, HOUR_S
from shoptui.queries.inbox import StoreAnswers, ThreadState
from shoptui.store.database import transaction
from shoptui.store.kept_counts import KeptCounts
from shoptui.store.thread_codes import STATE_CODE

if TYPE_CHECKING:
    from shoptui.domain.rule_types import RateRule

_WAITING = STATE_CODE[ThreadState.WAITING]
_SOON_S = 2 * HOUR_S


def put_figure(db: sqlite3.Connection, store_id: str, rate: float, days: int, read_at: int) -> None:
    """Keep the marketplace's own figure of a store: a rate from 0 to 1 over so many days."""
    with transaction(db):
        db.execute("INSERT OR REPLACE INTO chat_figure VALUES (?, ?, ?, ?)", (store_id, rate, days, read_at))


def answers(db: sqlite3.Connection, since: int) -> dict[str, Answers]:
    """Per store the questions asked since a moment (epoch s, to the hour); stores without any are left out."""
    rows = db.execute(
        """
        SELECT s.store_id, sum(h.in_time), sum(h.late), sum(h.waiting) FROM ledger.store s
        CROSS JOIN answer_hour h ON h.store_id = s.store_id AND h.hour >= ? GROUP BY s.store_id
        """,
        (since // HOUR_S,),
    )
    return {store_id: Answers(*map(int, counts)) for store_id, *counts in rows}


def answers_by_store(db: sqlite3.Connection, now: int, rates: Mapping[str, RateRule]) -> list[StoreAnswers]:
    """One row per store, by name; `rates` has the rule of each store that has one."""
    # The rules of clocks come with it, which the cockpit's first screen does without.
    from shoptui.store import stores as store_table

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
    windows = {days: answers(db, now - days * DAY_S) for days in {1, 7, 30, *(rule.days for rule in rates.values())}}
    figures = {row[0]: row[1:] for row in db.execute("SELECT store_id, rate, days, read_at FROM chat_figure")}
    silent = {row[0] for row in db.execute("SELECT store_id FROM thread WHERE thread_id = ''")}
    found = []
    for store in store_table.stores(db, "ledger"):
        store_id = store.store_id
        count, soon = waiting.get(store_id, (0, 0))
        own_rate, own_days, own_at = figures.get(store_id, (None, 0, None))
        asked = {days: window.get(store_id, Answers()) for days, window in windows.items()}
        rule = rates.get(store_id)
        found.append(
            StoreAnswers(
                store_id=store_id,
                waiting=count,
                due_soon=soon,
                rate_24h=asked[1].rate,
                rate_7d=asked[7].rate,
                rate_30d=asked[30].rate,
                official=own_rate,
                official_days=own_days,
                official_at=own_at,
                threshold=None if rule is None else rule.least_percent / 100,
                misses_left=None if rule is None else asked[rule.days].misses_left(rule.least_percent),
                not_granted=store_id in silent,
            )
        )
    return found


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


INBOX_COUNTS = KeptCounts("kept_inbox_counts", "waiting, missed, under_2h, escalated", count_inbox)

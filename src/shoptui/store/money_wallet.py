"""Balances by store and day, wallet moves, and what is sold but not settled: their rows in the cache."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from shoptui.domain.finance import Balance, Unsettled, WalletMove
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.negative import day_of
from shoptui.domain.stores import Store
from shoptui.store.database import transaction
from shoptui.store.money_lines import INTEGER_MAX, make_stale


def put_balance(db: sqlite3.Connection, store: Store, balance: Balance) -> None:
    """Keep a store's balance, also as that of its local day; an older one than is known changes nothing of today."""
    for amount in (balance.amount, balance.pending, balance.next_payout):
        _refuse_too_large(amount, store.store_id)
    day = day_of(store, balance.at).toordinal()
    with transaction(db):
        db.execute(
            """
            INSERT INTO balance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (store_id) DO UPDATE SET at = excluded.at, amount = excluded.amount,
                currency = excluded.currency, derived = excluded.derived, basis = excluded.basis,
                pending = excluded.pending, next_payout = excluded.next_payout,
                next_payout_at = excluded.next_payout_at
            WHERE excluded.at >= at
            """,
            (
                balance.store_id,
                balance.at,
                balance.amount.minor,
                balance.amount.currency,
                int(balance.derived),
                balance.basis,
                None if balance.pending is None else balance.pending.minor,
                None if balance.next_payout is None else balance.next_payout.minor,
                balance.next_payout_at,
            ),
        )
        _put_day(db, balance.store_id, day, balance.amount, balance.at)


def put_moves(db: sqlite3.Connection, store: Store, moves: Sequence[WalletMove]) -> int:
    """Write moves of a wallet, each once by its id; returns how many are new or changed.

    A move that says what was there after it tells the balance of its day as well.
    """
    for move in moves:
        _refuse_too_large(move.amount, store.store_id)
        _refuse_too_large(move.balance, store.store_id)
    changed = 0
    with transaction(db):
        for move in moves:
            changed += db.execute(
                """
                INSERT INTO wallet_move VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (store_id, move_id) DO UPDATE SET at = excluded.at, kind = excluded.kind,
                    amount = excluded.amount, currency = excluded.currency, balance = excluded.balance,
                    done = excluded.done, order_no = excluded.order_no, raw_kind = excluded.raw_kind,
                    note = excluded.note
                WHERE (at, kind, amount, currency, balance, done, note) IS NOT (excluded.at, excluded.kind,
                    excluded.amount, excluded.currency, excluded.balance, excluded.done, excluded.note)
                """,
                (
                    move.store_id,
                    move.move_id,
                    move.at,
                    move.kind.value,
                    move.amount.minor,
                    move.amount.currency,
                    None if move.balance is None else move.balance.minor,
                    int(move.done),
                    move.order_no,
                    move.raw_kind,
                    move.note,
                ),
            ).rowcount
            if move.balance is not None and move.done:
                _put_day(db, move.store_id, day_of(store, move.at).toordinal(), move.balance, move.at)
    return changed


def put_unsettled(
    db: sqlite3.Connection, store_id: str, rows: Sequence[Unsettled], now: int, *, all_of_them: bool
) -> None:
    """Write orders whose money is still to come; with `all_of_them` those not written at `now` are settled or gone."""
    for row in rows:
        _refuse_too_large(row.amount, store_id)
    with transaction(db):
        db.executemany(
            "INSERT OR REPLACE INTO unsettled VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    row.store_id,
                    row.order_no,
                    row.amount.minor,
                    row.amount.currency,
                    row.expected_at,
                    row.delivered_at,
                    row.reason,
                    now,
                )
                for row in rows
            ],
        )
        if all_of_them:
            db.execute("DELETE FROM unsettled WHERE store_id = ? AND seen_at < ?", (store_id, now))


def put_covered(db: sqlite3.Connection, store_id: str, from_at: int, until_at: int) -> None:
    """Note that all settlements between the moments were read. Spans that touch grow together, others replace."""
    with transaction(db):
        known = db.execute("SELECT from_at, until_at FROM money_covered WHERE store_id = ?", (store_id,)).fetchone()
        if known is not None and from_at <= known[1] and until_at >= known[0]:
            from_at, until_at = min(from_at, known[0]), max(until_at, known[1])
        db.execute("INSERT OR REPLACE INTO money_covered VALUES (?, ?, ?)", (store_id, from_at, until_at))


def orders_changed(db: sqlite3.Connection, store_id: str, order_nos: Sequence[str]) -> None:
    """Have the statements that settle these orders checked anew."""
    with transaction(db):
        make_stale(db, store_id, order_nos)


def _put_day(db: sqlite3.Connection, store_id: str, day: int, amount: Money, at: int) -> None:
    db.execute(
        """
        INSERT INTO balance_day VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (store_id, day) DO UPDATE SET amount = excluded.amount, currency = excluded.currency,
            at = excluded.at WHERE excluded.at >= at
        """,
        (store_id, day, amount.minor, amount.currency, at),
    )


def _refuse_too_large(amount: Money | None, store_id: str) -> None:
    if amount is not None and abs(amount.minor) > INTEGER_MAX:
        raise MoneyError(f"{store_id} tells an amount beyond 64 bits; it is left out")

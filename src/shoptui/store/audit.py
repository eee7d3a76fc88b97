"""The audit log: append-only, each entry chained to the one before by a hash."""

from __future__ import annotations

import hashlib
import json
import sqlite3

from shoptui.store.database import transaction

_START = b"\0" * 32


def link(before: bytes, seq: int, at: int, operator: str, origin: str, what: str, target: str, detail: str) -> bytes:
    """The hash that ties an entry to all before it."""
    entry = json.dumps([seq, at, operator, origin, what, target, detail], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(before + entry.encode()).digest()


def append(
    db: sqlite3.Connection, at: int, operator: str, origin: str, what: str, target: str, detail: str
) -> tuple[int, bytes]:
    """Add an entry; returns its number and its link."""
    with transaction(db):
        row = db.execute("SELECT seq, link FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        last, before = (0, _START) if row is None else row
        seq = last + 1
        tie = link(before, seq, at, operator, origin, what, target, detail)
        db.execute(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (seq, at, operator, origin, what, target, detail, tie)
        )
    return seq, tie


def first_broken(db: sqlite3.Connection, head: tuple[int, bytes] | None) -> int | None:
    """The number of the first entry that is missing or was changed, None when the chain is whole.

    `head` is the newest entry as noted apart from the log: with it, a log cut short at its end is found out too.
    """
    expected, before = 1, _START
    head_found = head is None
    rows = db.execute("SELECT seq, at, operator, origin, what, target, detail, link FROM audit ORDER BY seq")
    for seq, at, operator, origin, what, target, detail, tie in rows:
        if seq != expected or link(before, seq, at, operator, origin, what, target, detail) != tie:
            return expected
        if head is not None and seq == head[0]:
            if tie != head[1]:
                return int(seq)
            head_found = True
        expected, before = seq + 1, tie
    return None if head_found else expected

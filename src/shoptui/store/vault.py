"""vault.db: full recipients, raw set-aside records and salts. Only the engine opens it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterable, Sequence

from shoptui.adapters.base import SetAside
from shoptui.domain.orders import Recipient
from shoptui.store.database import transaction

_SALT_BYTES = 32
_CACHE_SUBJECT = "cache content"


def put_recipients(db: sqlite3.Connection, recipients: Iterable[tuple[str, str, Recipient]]) -> None:
    """Keep full recipients, replacing older ones."""
    with transaction(db):
        db.executemany(
            "INSERT OR REPLACE INTO recipient VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (store_id, order_no, to.name, to.phone, to.street, to.city, to.postal_code, to.region, to.masked)
                for store_id, order_no, to in recipients
            ],
        )


def recipient(db: sqlite3.Connection, store_id: str, order_no: str) -> Recipient | None:
    """The full recipient, None when the vault has none."""
    row = db.execute(
        """
        SELECT name, phone, street, city, postal_code, region, masked FROM recipient
        WHERE store_id = ? AND order_no = ?
        """,
        (store_id, order_no),
    ).fetchone()
    if row is None:
        return None
    name, phone, street, city, postal_code, region, masked = row
    return Recipient(name, phone, street, city, postal_code, region, bool(masked))


def put_aside(db: sqlite3.Connection, records: Sequence[SetAside], at: int) -> None:
    """Keep raw records that could not be read."""
    with transaction(db):
        db.executemany(
            "INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?)",
            [(record.store_id, record.order_no, record.reason, record.raw, at) for record in records],
        )


def forget_aside(db: sqlite3.Connection, store_id: str, order_nos: Sequence[str]) -> None:
    """Drop raw records that are no longer set aside."""
    with transaction(db):
        db.executemany(
            "DELETE FROM set_aside WHERE store_id = ? AND order_no = ?",
            [(store_id, order_no) for order_no in order_nos],
        )


def raw_of(db: sqlite3.Connection, store_id: str, order_no: str) -> str | None:
    """The raw text of a set-aside record, None when there is none."""
    row = db.execute("SELECT raw FROM set_aside WHERE store_id = ? AND order_no = ?", (store_id, order_no)).fetchone()
    return None if row is None else str(row[0])


def salt(db: sqlite3.Connection, subject: str) -> bytes:
    """The salt of a subject, made when first asked for."""
    row = db.execute("SELECT salt FROM salt WHERE subject = ?", (subject,)).fetchone()
    if row is not None:
        return bytes(row[0])
    made = secrets.token_bytes(_SALT_BYTES)
    with transaction(db):
        db.execute("INSERT INTO salt VALUES (?, ?)", (subject, made))
    return made


def cache_salt(db: sqlite3.Connection) -> bytes:
    """The key of the cache's content digests."""
    return salt(db, _CACHE_SUBJECT)


def _order_subject(store_id: str, order_no: str) -> str:
    return f"order {store_id}/{order_no}"


def digest(db: sqlite3.Connection, store_id: str, order_no: str, text: str) -> str:
    """A digest of buyer's data for the audit log: comparable while the order's salt exists, nothing afterwards."""
    key = salt(db, _order_subject(store_id, order_no))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def erase(db: sqlite3.Connection, store_id: str, order_no: str) -> None:
    """Forget an order's recipient, raw record and salt."""
    with transaction(db):
        db.execute("DELETE FROM recipient WHERE store_id = ? AND order_no = ?", (store_id, order_no))
        db.execute("DELETE FROM set_aside WHERE store_id = ? AND order_no = ?", (store_id, order_no))
        db.execute("DELETE FROM salt WHERE subject = ?", (_order_subject(store_id, order_no),))


def note_audit_head(db: sqlite3.Connection, seq: int, link: bytes) -> None:
    """Remember the newest audit entry apart from the log; never an older one than is noted."""
    with transaction(db):
        db.execute(
            """
            INSERT INTO audit_head VALUES (1, ?, ?)
            ON CONFLICT (only) DO UPDATE SET seq = excluded.seq, link = excluded.link WHERE excluded.seq > seq
            """,
            (seq, link),
        )


def audit_head(db: sqlite3.Connection) -> tuple[int, bytes] | None:
    """The newest audit entry as noted, None before the first."""
    row = db.execute("SELECT seq, link FROM audit_head").fetchone()
    return None if row is None else (int(row[0]), bytes(row[1]))

"""Documents of parcels and their prints: bytes in vault.db, what is known about them and every print in ledger.db.

The ledger's side has no buyer's data in it, so that readers may see which labels are there and who printed them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from shoptui.queries.labels import (
    LABEL_KINDS,
    PRINTED_STATES,
    LabelRow,
    NewPrint,
    PrintedRow,
    PrintJob,
    PrintState,
    StoredDocument,
)
from shoptui.store.database import transaction
from shoptui.store.migrations import Migration

OrderKey = tuple[str, str]
PackageKey = tuple[str, str]

VAULT_DOCUMENTS = Migration(
    "0002 documents",
    (
        """
        CREATE TABLE document (
            document_id INTEGER PRIMARY KEY,
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            package_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            size TEXT NOT NULL,
            format TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            tracking_number TEXT NOT NULL,
            fetched_at INTEGER NOT NULL,
            content BLOB NOT NULL,
            UNIQUE (store_id, package_id, kind, size)
        ) STRICT
        """,
        "CREATE INDEX document_by_order ON document (store_id, order_no)",
        "CREATE INDEX document_by_age ON document (fetched_at)",
    ),
)

LEDGER_PRINTS = Migration(
    "0002 labels and prints",
    (
        """
        CREATE TABLE label (
            store_id TEXT NOT NULL,
            package_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            size TEXT NOT NULL,
            order_no TEXT NOT NULL,
            format TEXT NOT NULL,
            octets INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            tracking_number TEXT NOT NULL,
            fetched_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, package_id, kind, size)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX label_by_order ON label (store_id, order_no)",
        """
        CREATE TABLE print_job (
            print_job_id INTEGER PRIMARY KEY AUTOINCREMENT,
            batch_id TEXT NOT NULL,
            printer TEXT NOT NULL,
            title TEXT NOT NULL,
            job INTEGER,
            state TEXT NOT NULL,
            begun INTEGER NOT NULL DEFAULT 0,
            at INTEGER NOT NULL,
            settled_at INTEGER,
            detail TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        "CREATE INDEX print_job_open ON print_job (print_job_id) WHERE settled_at IS NULL",
        """
        CREATE TABLE printed (
            print_job_id INTEGER NOT NULL REFERENCES print_job (print_job_id),
            place INTEGER NOT NULL,
            intent_id INTEGER NOT NULL,
            store_id TEXT NOT NULL,
            order_no TEXT NOT NULL,
            package_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            size TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            operator TEXT NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (print_job_id, place)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX printed_by_order ON printed (store_id, order_no, package_id)",
        "CREATE INDEX printed_by_package ON printed (store_id, package_id, kind)",
        "CREATE INDEX printed_by_intent ON printed (intent_id)",
    ),
)

#: Written before a job is let go. Of the jobs of older programs that is not known, so it counts as done.
LEDGER_LETTING_GO = Migration(
    "0004 whether a print job may print",
    ("ALTER TABLE print_job ADD COLUMN may_print INTEGER NOT NULL DEFAULT 1",),
)

_PRINTED = """
SELECT
    p.intent_id, p.store_id, p.order_no, p.package_id, p.kind, p.size, p.sha256, j.printer, j.job, j.state, j.at,
    p.operator, p.reason
FROM {schema}.printed p JOIN {schema}.print_job j ON j.print_job_id = p.print_job_id
"""


# The vault's side


def put_content(vault: sqlite3.Connection, row: LabelRow, content: bytes) -> None:
    """Keep a document's bytes, replacing an older copy of the same kind and size."""
    with transaction(vault):
        vault.execute(
            """
            INSERT INTO document (
                store_id, order_no, package_id, kind, size, format, sha256, tracking_number, fetched_at, content
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (store_id, package_id, kind, size) DO UPDATE SET
                order_no = excluded.order_no, format = excluded.format, sha256 = excluded.sha256,
                tracking_number = excluded.tracking_number, fetched_at = excluded.fetched_at,
                content = excluded.content
            """,
            (
                row.store_id,
                row.order_no,
                row.package_id,
                row.kind,
                row.size,
                row.format,
                row.sha256,
                row.tracking_number,
                row.fetched_at,
                content,
            ),
        )


def content(
    vault: sqlite3.Connection, store_id: str, package_id: str, kind: str, size: str = ""
) -> StoredDocument | None:
    """A document with its bytes, None when it is not in the house.

    With `size` "" the newest of its kind will do: a parcel's label is the same label in any size.
    """
    row = vault.execute(
        """
        SELECT store_id, order_no, package_id, kind, size, format, sha256, tracking_number, fetched_at, content
        FROM document WHERE store_id = ? AND package_id = ? AND kind = ? AND (? = '' OR size = ?)
        ORDER BY size = ? DESC, fetched_at DESC LIMIT 1
        """,
        (store_id, package_id, kind, size, size, size),
    ).fetchone()
    return None if row is None else StoredDocument(*row)


def erase_order(vault: sqlite3.Connection, store_id: str, order_no: str) -> None:
    """Forget the bytes of an order's documents: they show the buyer's address."""
    with transaction(vault):
        vault.execute("DELETE FROM document WHERE store_id = ? AND order_no = ?", (store_id, order_no))


def erase_old(vault: sqlite3.Connection, before_at: int, most: int) -> int:
    """Forget the bytes of documents fetched before that moment, at most so many; returns how many it were."""
    with transaction(vault):
        return vault.execute(
            "DELETE FROM document WHERE document_id IN (SELECT document_id FROM document WHERE fetched_at < ? LIMIT ?)",
            (before_at, most),
        ).rowcount


# The ledger's side: what is there


def put_label(ledger: sqlite3.Connection, row: LabelRow) -> None:
    """Note that a document is in the house."""
    with transaction(ledger):
        ledger.execute(
            "INSERT OR REPLACE INTO label VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.store_id,
                row.package_id,
                row.kind,
                row.size,
                row.order_no,
                row.format,
                row.octets,
                row.sha256,
                row.tracking_number,
                row.fetched_at,
            ),
        )


def forget_labels(ledger: sqlite3.Connection, store_id: str, order_no: str | None = None) -> None:
    """The bytes of an order's documents, or of all of a store's, are gone; who printed what stays."""
    with transaction(ledger):
        ledger.execute(
            "DELETE FROM label WHERE store_id = ? AND (? IS NULL OR order_no = ?)", (store_id, order_no, order_no)
        )


def forget_old_labels(ledger: sqlite3.Connection, before_at: int) -> None:
    """The bytes of documents fetched before that moment are gone."""
    with transaction(ledger):
        ledger.execute("DELETE FROM label WHERE fetched_at < ?", (before_at,))


def labels(db: sqlite3.Connection, targets: Sequence[OrderKey], schema: str = "main") -> dict[OrderKey, list[LabelRow]]:
    """The documents of orders that are in the house, each with its prints; orders without one are left out."""
    found: dict[OrderKey, list[LabelRow]] = {}
    for target in dict.fromkeys(targets):
        prints: dict[tuple[str, str], list[PrintedRow]] = {}
        for one in printed_of_order(db, *target, schema=schema):
            prints.setdefault((one.package_id, one.kind), []).append(one)
        rows = db.execute(
            f"""
            SELECT store_id, order_no, package_id, kind, size, format, octets, sha256, tracking_number, fetched_at
            FROM {schema}.label WHERE store_id = ? AND order_no = ? ORDER BY package_id, kind, size
            """,
            target,
        )
        if mine := [LabelRow(*[*row, tuple(prints.get((row[2], row[3]), ()))]) for row in rows]:
            found[target] = mine
    return found


def stored_kinds(db: sqlite3.Connection, targets: Iterable[PackageKey], schema: str = "main") -> set[tuple[str, ...]]:
    """Which documents of packages are in the house, as (store, package, kind, size)."""
    found: set[tuple[str, ...]] = set()
    for target in dict.fromkeys(targets):
        rows = db.execute(
            f"SELECT store_id, package_id, kind, size FROM {schema}.label WHERE store_id = ? AND package_id = ?", target
        )
        found.update(tuple(row) for row in rows)
    return found


# The ledger's side: prints


def begin_print(
    ledger: sqlite3.Connection, batch_id: str, printer: str, title: str, prints: Sequence[NewPrint], at: int
) -> PrintJob:
    """Write a print job down before the print system hears of it. `{job}` in the title becomes the job's own number."""
    with transaction(ledger):
        row = ledger.execute(
            """
            INSERT INTO print_job (batch_id, printer, title, state, at, may_print)
            VALUES (?, ?, ?, ?, ?, 0) RETURNING print_job_id
            """,
            (batch_id, printer, title, PrintState.SPOOLING.value, at),
        ).fetchone()
        print_job_id = int(row[0])
        full_title = title.replace("{job}", str(print_job_id))
        ledger.execute("UPDATE print_job SET title = ? WHERE print_job_id = ?", (full_title, print_job_id))
        ledger.executemany(
            "INSERT INTO printed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    print_job_id,
                    place,
                    one.intent_id,
                    one.store_id,
                    one.order_no,
                    one.package_id,
                    one.kind,
                    one.size,
                    one.sha256,
                    one.operator,
                    one.reason,
                )
                for place, one in enumerate(prints)
            ],
        )
    return PrintJob(
        print_job_id,
        batch_id,
        printer,
        full_title,
        None,
        PrintState.SPOOLING,
        False,
        False,
        at,
        None,
        "",
        tuple(one.intent_id for one in prints),
    )


def note_job(ledger: sqlite3.Connection, print_job_id: int, job: int) -> None:
    """The print system has taken the job and gave it this number; it does not print it before it is let go."""
    with transaction(ledger):
        ledger.execute(
            "UPDATE print_job SET job = ? WHERE print_job_id = ? AND settled_at IS NULL", (job, print_job_id)
        )


def note_may_print(ledger: sqlite3.Connection, print_job_id: int, may_print: bool) -> None:
    """The print system is about to be told to print the job, or surely was not told after all."""
    with transaction(ledger):
        ledger.execute(
            "UPDATE print_job SET may_print = ? WHERE print_job_id = ? AND state = ? AND settled_at IS NULL",
            (int(may_print), print_job_id, PrintState.SPOOLING.value),
        )


def note_spooled(ledger: sqlite3.Connection, print_job_id: int, *, begun: bool = False) -> None:
    """The job was let go; with `begun` the printer was seen working on it."""
    with transaction(ledger):
        ledger.execute(
            """
            UPDATE print_job SET state = ?, begun = max(begun, ?), may_print = 1
            WHERE print_job_id = ? AND settled_at IS NULL
            """,
            (PrintState.SPOOLED.value, int(begun), print_job_id),
        )


def settle_job(ledger: sqlite3.Connection, print_job_id: int, state: PrintState, at: int, detail: str) -> bool:
    """How a job ended; True if it was still going."""
    with transaction(ledger):
        return bool(
            ledger.execute(
                """
                UPDATE print_job SET state = ?, settled_at = ?, detail = ?
                WHERE print_job_id = ? AND settled_at IS NULL
                """,
                (state.value, at, detail, print_job_id),
            ).rowcount
        )


def open_jobs(db: sqlite3.Connection) -> list[PrintJob]:
    """Jobs whose end is not known yet, oldest first."""
    rows = db.execute(
        """
        SELECT print_job_id, batch_id, printer, title, job, state, begun, may_print, at, settled_at, detail
        FROM print_job WHERE settled_at IS NULL ORDER BY print_job_id
        """
    ).fetchall()
    return [_job(db, row) for row in rows]


def job_of_intent(db: sqlite3.Connection, intent_id: int) -> PrintJob | None:
    """The newest job an intent was in, None before it was in one."""
    row = db.execute(
        """
        SELECT
            j.print_job_id, j.batch_id, j.printer, j.title, j.job, j.state, j.begun, j.may_print, j.at, j.settled_at,
            j.detail
        FROM printed p JOIN print_job j ON j.print_job_id = p.print_job_id
        WHERE p.intent_id = ? ORDER BY j.print_job_id DESC LIMIT 1
        """,
        (intent_id,),
    ).fetchone()
    return None if row is None else _job(db, row)


def _job(db: sqlite3.Connection, row: Sequence[Any]) -> PrintJob:
    inside = db.execute("SELECT intent_id FROM printed WHERE print_job_id = ? ORDER BY place", (row[0],))
    values = [
        *row[:5],
        PrintState(row[5]),
        bool(row[6]),
        bool(row[7]),
        *row[8:],
        tuple(intent_id for (intent_id,) in inside),
    ]
    return PrintJob(*values)


def printed_of(db: sqlite3.Connection, store_id: str, package_id: str, schema: str = "main") -> list[PrintedRow]:
    """All prints of a package's documents, newest first, those that failed included."""
    rows = db.execute(
        f"{_PRINTED.format(schema=schema)} WHERE p.store_id = ? AND p.package_id = ? ORDER BY p.print_job_id DESC",
        (store_id, package_id),
    )
    return [_printed(row) for row in rows]


def printed_of_order(db: sqlite3.Connection, store_id: str, order_no: str, schema: str = "main") -> list[PrintedRow]:
    """All prints of an order's documents, newest first, those that failed included."""
    rows = db.execute(
        f"{_PRINTED.format(schema=schema)} WHERE p.store_id = ? AND p.order_no = ? ORDER BY p.print_job_id DESC",
        (store_id, order_no),
    )
    return [_printed(row) for row in rows]


def printed_before(
    db: sqlite3.Connection, targets: Sequence[tuple[str, str, str]], schema: str = "main"
) -> dict[tuple[str, str, str], PrintedRow]:
    """The newest print of those (store, package, kind) that may have come out of a printer before.

    A label printed alone, with a slip or as a picture is the same label.
    """
    states = ", ".join("?" * len(PRINTED_STATES))
    kinds = ", ".join("?" * len(LABEL_KINDS))
    found: dict[tuple[str, str, str], PrintedRow] = {}
    for target in dict.fromkeys(targets):
        row = db.execute(
            f"""
            {_PRINTED.format(schema=schema)}
            WHERE p.store_id = ? AND p.package_id = ? AND j.state IN ({states})
            AND (p.kind = ? OR (? IN ({kinds}) AND p.kind IN ({kinds})))
            ORDER BY p.print_job_id DESC LIMIT 1
            """,
            (*target[:2], *PRINTED_STATES, target[2], target[2], *LABEL_KINDS, *LABEL_KINDS),
        ).fetchone()
        if row is not None:
            found[target] = _printed(row)
    return found


def _printed(row: Sequence[Any]) -> PrintedRow:
    values = [*row[:9], PrintState(row[9]), *row[10:]]
    return PrintedRow(*values)

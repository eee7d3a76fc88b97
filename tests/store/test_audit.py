"""The audit log can only grow, and every change to it is found."""

from __future__ import annotations

import sqlite3

import pytest

from shoptui.paths import DataDir
from shoptui.store.writer import Writer
from tests.store.factories import NOW


async def fill(writer: Writer, count: int = 5) -> None:
    for number in range(count):
        seq = await writer.audit(NOW + number, "mei", "tty1", "ship", f"tt-th-1/{number}", "ordered")
        assert seq == number + 1


async def test_a_whole_log_is_whole(writer: Writer) -> None:
    assert await writer.verify_audit() is None
    await fill(writer)
    assert await writer.verify_audit() is None


@pytest.mark.parametrize("statement", ["UPDATE audit SET operator = 'an'", "DELETE FROM audit"])
async def test_the_file_refuses_to_change_or_drop_entries(writer: Writer, house: DataDir, statement: str) -> None:
    await fill(writer, 1)
    db = sqlite3.connect(house.ledger)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    db.close()


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE audit SET operator = 'an' WHERE seq = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", 1),
        ("UPDATE audit SET link = x'00' WHERE seq = 5", 5),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq >= 4", 4),
        ("DELETE FROM audit", 1),
    ],
)
async def test_tampering_is_found_where_it_starts(writer: Writer, house: DataDir, tampering: str, broken: int) -> None:
    await fill(writer)
    db = sqlite3.connect(house.ledger, isolation_level=None)
    db.execute("DROP TRIGGER audit_no_update")
    db.execute("DROP TRIGGER audit_no_delete")
    db.execute(tampering)
    db.close()
    assert await writer.verify_audit() == broken


async def test_a_log_rewritten_from_some_entry_on_is_found_by_its_head(writer: Writer, house: DataDir) -> None:
    await fill(writer)
    db = sqlite3.connect(house.ledger, isolation_level=None)
    db.execute("DROP TRIGGER audit_no_delete")
    db.execute("DELETE FROM audit WHERE seq = 5")
    db.close()
    # A chain that is right in itself, but not the one that was noted.
    await writer._ledger.run(_append_another)
    assert await writer.verify_audit() == 5


def _append_another(db: sqlite3.Connection) -> None:
    from shoptui.store import audit

    audit.append(db, NOW, "nobody", "tty9", "nothing", "tt-th-1/4", "")

"""Which dispute a pane tells of: the newest about the very thing, else about its order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.store.dispute_stand import dispute_stand
from shoptui.store.ledger_schema import LEDGER_MIGRATIONS

#: Dispute, its store, order and what it is about, then its states in turn.
_DISPUTES = [
    (1, "tt-my-1", "A", "A", ["open", "sent"]),
    (2, "tt-my-1", "A", "R1", ["open", "sent", "answered", "sent"]),
    (3, "tt-my-1", "A", "settled", ["open"]),
    (4, "tt-my-1", "B", "R1", ["open", "sent", "lost"]),
    (5, "tt-my-2", "A", "A", ["open"]),
]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    ledger = sqlite3.connect(tmp_path / "ledger.db")
    for migration in LEDGER_MIGRATIONS:
        for statement in migration.statements:
            ledger.execute(statement)
    for number, store_id, order_no, about, states in _DISPUTES:
        ledger.execute(
            "INSERT INTO dispute VALUES (?, ?, ?, 'mei', 0, 'en', '', 'MYR', 1)", (number, store_id, states[-1])
        )
        ledger.execute(
            "INSERT INTO dispute_item VALUES (?, 0, ?, '', 'loss', '', ?, ?, 1, 0)", (number, store_id, order_no, about)
        )
        for place, state in enumerate(states):
            ledger.execute(
                "INSERT INTO dispute_event (dispute_id, state, operator, at, note) VALUES (?, ?, 'mei', ?, '')",
                (number, state, number * 100 + place),
            )
    ledger.commit()
    ledger.close()
    found = sqlite3.connect(":memory:")
    found.execute("ATTACH ? AS ledger", (str(tmp_path / "ledger.db"),))
    yield found
    found.close()


@pytest.mark.parametrize(
    ("store_id", "order_no", "about", "wanted"),
    [
        ("tt-my-1", "A", "A", (1, "sent", 101)),
        ("tt-my-1", "A", "R1", (2, "sent", 203)),
        ("tt-my-1", "A", "R9", (3, "open", 300)),
        ("tt-my-1", "B", "B", (4, "lost", 402)),
        ("tt-my-2", "A", "A", (5, "open", 500)),
        ("tt-my-2", "B", "B", None),
    ],
)
def test_the_newest_dispute_about_the_thing_itself_comes_first(
    db: sqlite3.Connection, store_id: str, order_no: str, about: str, wanted: tuple[int, str, int] | None
) -> None:
    found = dispute_stand(db, store_id, order_no, about)
    assert (found and (found.dispute_id, found.state, found.at)) == wanted

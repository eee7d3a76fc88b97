"""What is read of the outbox in the ledger, by the engine's writer and by readers that have it attached as a schema."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Any

from shoptui.domain.intents import OPEN_STATES, Cause, CauseId, Intent, IntentState, TargetKind, Verb
from shoptui.store.json_text import parsed
from shoptui.store.ledger_schema import OPEN_STATES_SQL

#: How much of what was ordered in one conversation is of interest.
_OF_THREAD_MAX = 50

# All that is found is one text in one row: for each row the thread may have to wait for its turn.
_ALL = """
SELECT json_group_array(json_array(
    intent_id, batch_id, verb, store_id, order_no, target_kind, target_id, json(args), state, operator, created_at,
    release_at, attempts, sent_at, look_at, settled_at, cause_id, cause_code, cause_message, json(evidence),
    after_intent_id, retry_of
)) FROM ({found})
"""

_VERBS = {verb.value: verb for verb in Verb}
_KINDS = {kind.value: kind for kind in TargetKind}
_STATES = {state.value: state for state in IntentState}

#: True of an intent `{old}` that was ordered again by a later one which was not taken back.
ORDERED_AGAIN_SQL = f"""
EXISTS (
    SELECT 1 FROM {{schema}}.outbox newer
    WHERE newer.store_id = {{old}}.store_id AND newer.order_no = {{old}}.order_no
    AND newer.intent_id > {{old}}.intent_id AND newer.target_kind = {{old}}.target_kind
    AND newer.target_id = {{old}}.target_id AND newer.verb = {{old}}.verb
    AND newer.state <> '{IntentState.TAKEN_BACK.value}'
)
"""

#: Values bound in one statement; far below SQLite's limit, large enough for any batch in a few statements.
_CHUNK = 5000


def marks(count: int) -> str:
    return ", ".join("?" * count)


def chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), _CHUNK):
        yield unique[start : start + _CHUNK]


def _read(db: sqlite3.Connection, found: str, values: Sequence[object]) -> list[Intent]:
    """The intents of a query for whole rows of the outbox, oldest first."""
    ((text,),) = db.execute(_ALL.format(found=found), values).fetchall()
    intents = [_intent(row) for row in parsed(text)]
    intents.sort(key=lambda intent: intent.intent_id)
    return intents


def _intent(row: Sequence[Any]) -> Intent:
    return Intent(
        row[0],
        row[1],
        _VERBS[row[2]],
        row[3],
        row[4],
        _KINDS[row[5]],
        row[6],
        MappingProxyType(row[7]),
        _STATES[row[8]],
        row[9],
        row[10],
        row[11],
        row[12],
        row[13],
        row[14],
        row[15],
        None if row[16] is None else Cause(CauseId(row[16]), row[17], row[18]),
        None if row[19] is None else MappingProxyType(row[19]),
        row[20],
        row[21],
    )


def due(db: sqlite3.Connection, now: int, store_id: str | None) -> list[Intent]:
    """Held intents whose hold has ended, oldest first."""
    held = f"""
    SELECT * FROM outbox WHERE state = '{IntentState.HELD.value}' AND release_at <= ? AND (? IS NULL OR store_id = ?)
    """
    return _read(db, held, (now, store_id, store_id))


def in_states(db: sqlite3.Connection, states: Iterable[IntentState], store_id: str | None) -> list[Intent]:
    """Intents in open states, oldest first."""
    names = [state.value for state in states]
    found = f"""
    SELECT * FROM outbox
    WHERE state IN ({OPEN_STATES_SQL}) AND state IN ({marks(len(names))}) AND (? IS NULL OR store_id = ?)
    """
    return _read(db, found, (*names, store_id, store_id))


def open_of(db: sqlite3.Connection, verb: Verb) -> list[Intent]:
    """Everything of one verb that is not settled, oldest first."""
    # That index has the verb: rows of others, which a push has by the thousand, are not looked at.
    found = f"SELECT * FROM outbox INDEXED BY outbox_one_open WHERE state IN ({OPEN_STATES_SQL}) AND verb = ?"
    return _read(db, found, (verb.value,))


def open_intents(db: sqlite3.Connection, store_id: str | None) -> list[Intent]:
    """Everything that is not settled, oldest first."""
    return in_states(db, OPEN_STATES, store_id)


def by_ids(db: sqlite3.Connection, intent_ids: Sequence[int], schema: str = "main") -> list[Intent]:
    """The named intents, oldest first; unknown ids are left out."""
    if not intent_ids:
        return []
    named = f"SELECT * FROM {schema}.outbox WHERE intent_id IN (SELECT value FROM json_each(?))"
    return _read(db, named, (json.dumps(list(intent_ids)),))


def ordered_again(db: sqlite3.Connection, intent_ids: Sequence[int], schema: str = "main") -> set[int]:
    """Those of the intents whose target was ordered again later, and not taken back."""
    condition = ORDERED_AGAIN_SQL.format(schema=schema, old="x")
    found: set[int] = set()
    for chunk in chunks(intent_ids):
        rows = db.execute(
            f"SELECT x.intent_id FROM {schema}.outbox x WHERE x.intent_id IN ({marks(len(chunk))}) AND {condition}",
            chunk,
        )
        found.update(intent_id for (intent_id,) in rows)
    return found


def followers(db: sqlite3.Connection, intent_ids: Sequence[int]) -> list[Intent]:
    """Everything that comes after any of the named intents, near and far, oldest first."""
    found: dict[int, Intent] = {}
    latest: Sequence[int] = list(dict.fromkeys(intent_ids))
    after_them = "SELECT * FROM outbox WHERE after_intent_id IN (SELECT value FROM json_each(?))"
    while latest:
        after = _read(db, after_them, (json.dumps(latest),))
        # A follower is younger than what it follows, so this ends.
        latest = [intent.intent_id for intent in after if intent.intent_id not in found]
        found.update((intent.intent_id, intent) for intent in after)
    return [found[intent_id] for intent_id in sorted(found)]


def of_batch(db: sqlite3.Connection, batch_id: str, schema: str = "main") -> list[Intent]:
    """The intents of a batch, oldest first."""
    return _read(db, f"SELECT * FROM {schema}.outbox WHERE batch_id = ?", (batch_id,))


def of_order(db: sqlite3.Connection, store_id: str, order_no: str, schema: str = "main") -> list[Intent]:
    """Everything ordered on an order, newest first."""
    of_it = f"SELECT * FROM {schema}.outbox WHERE store_id = ? AND order_no = ?"
    return _read(db, of_it, (store_id, order_no))[::-1]


def of_thread(db: sqlite3.Connection, store_id: str, thread_id: str, schema: str = "main") -> list[Intent]:
    """The newest of what was ordered in a conversation, newest first."""
    of_it = f"""
    SELECT * FROM {schema}.outbox INDEXED BY outbox_by_thread
    WHERE store_id = ? AND target_kind = '{TargetKind.THREAD.value}' AND target_id = ?
    ORDER BY intent_id DESC LIMIT {_OF_THREAD_MAX}
    """
    return _read(db, of_it, (store_id, thread_id))[::-1]


def unacked_batches(db: sqlite3.Connection) -> list[str]:
    """Batches with results nobody has seen yet, oldest first."""
    rows = db.execute(
        f"""
        SELECT batch_id FROM outbox WHERE acked_at IS NULL AND state NOT IN ({OPEN_STATES_SQL})
        GROUP BY batch_id ORDER BY min(intent_id)
        """
    )
    return [batch_id for (batch_id,) in rows]


def counts(db: sqlite3.Connection, schema: str = "main") -> tuple[int, int, int, int]:
    """Going (held, queued, sending), failed and not seen, unknown, waiting for a person."""
    by_state: dict[str, int] = dict(
        db.execute(f"SELECT state, count(*) FROM {schema}.outbox WHERE acked_at IS NULL GROUP BY state").fetchall()
    )
    going = sum(by_state.get(state, 0) for state in (IntentState.HELD, IntentState.QUEUED, IntentState.SENDING))
    failed = by_state.get(IntentState.FAILED, 0) + by_state.get(IntentState.NOT_DONE, 0)
    return going, failed, by_state.get(IntentState.UNKNOWN, 0), by_state.get(IntentState.NEEDS_PERSON, 0)

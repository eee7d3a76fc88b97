"""The outbox: intents in the ledger, and the only moves between their states."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from shoptui.domain.intents import (
    OPEN_STATES,
    TRANSITIONS,
    Cause,
    CauseId,
    Intent,
    IntentState,
    NewIntent,
    TargetKind,
    Verb,
)
from shoptui.store.database import transaction
from shoptui.store.ledger_schema import OPEN_STATES_SQL
from shoptui.store.results import Accepted, TakenBack

#: How much of what was ordered in one conversation is of interest.
_OF_THREAD_MAX = 50

#: No way leads out of these.
SETTLED_STATES = frozenset(state for state, ways in TRANSITIONS.items() if not ways)

_COLUMNS = (
    "intent_id, batch_id, verb, store_id, order_no, target_kind, target_id, args, state, operator, created_at, "
    "release_at, attempts, sent_at, look_at, settled_at, cause_id, cause_code, cause_message, evidence, "
    "after_intent_id, retry_of"
)
_SELECT = f"SELECT {_COLUMNS} FROM outbox"
_SELECT_IN = f"SELECT {_COLUMNS} FROM {{schema}}.outbox"

# The conflict clause names the partial index: only "already open" is skipped, any other violation is an error.
_INSERT = f"""
INSERT INTO outbox (
    batch_id, verb, store_id, order_no, target_kind, target_id, args, state, operator, created_at, release_at,
    after_intent_id, retry_of
) VALUES (?, ?, ?, ?, ?, ?, ?, '{IntentState.HELD.value}', ?, ?, ?, ?, ?)
ON CONFLICT (store_id, target_kind, target_id, verb) WHERE state IN ({OPEN_STATES_SQL}) DO NOTHING
RETURNING intent_id
"""

#: What a later order of the same target makes a matter of the past.
_FAILED_SQL = f"'{IntentState.FAILED.value}', '{IntentState.NOT_DONE.value}'"

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

# A failure that was ordered again has been seen: it would stay beside its successor for ever. An id is enough to find
# the target, as the order's number has an index and the target has none.
_SEE_BEFORE = f"""
UPDATE outbox SET acked_at = ?, acked_by = ?
WHERE acked_at IS NULL AND state IN ({_FAILED_SQL}) AND store_id = ? AND order_no = ?
AND target_kind = ? AND target_id = ? AND verb = ? AND intent_id < ?
"""

# The failure an intent had taken over counts again when that intent is taken back, unless it was seen before.
_UNSEE_BEFORE = f"""
UPDATE outbox SET acked_at = NULL, acked_by = ''
WHERE intent_id IN (
    SELECT max(old.intent_id) FROM outbox taken JOIN outbox old
    ON old.store_id = taken.store_id AND old.order_no = taken.order_no AND old.intent_id < taken.intent_id
    AND old.target_kind = taken.target_kind AND old.target_id = taken.target_id AND old.verb = taken.verb
    AND old.state <> '{IntentState.TAKEN_BACK.value}'
    WHERE taken.intent_id IN ({{marks}}) GROUP BY taken.intent_id
    HAVING old.acked_at >= taken.created_at
) AND state IN ({_FAILED_SQL})
"""

#: Values bound in one statement; far below SQLite's limit, large enough for any batch in a few statements.
_CHUNK = 5000


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), _CHUNK):
        yield unique[start : start + _CHUNK]


def _ways_into(state: IntentState) -> list[str]:
    return [old.value for old, ways in TRANSITIONS.items() if state in ways]


def _json(value: Mapping[str, object] | None) -> str | None:
    return None if value is None else json.dumps(dict(value), ensure_ascii=False, separators=(",", ":"))


def read_intent(row: Sequence[Any]) -> Intent:
    """An intent from the columns of `_SELECT`."""
    return Intent(
        intent_id=row[0],
        batch_id=row[1],
        verb=Verb(row[2]),
        store_id=row[3],
        order_no=row[4],
        target_kind=TargetKind(row[5]),
        target_id=row[6],
        args=MappingProxyType(json.loads(row[7])),
        state=IntentState(row[8]),
        operator=row[9],
        created_at=row[10],
        release_at=row[11],
        attempts=row[12],
        sent_at=row[13],
        look_at=row[14],
        settled_at=row[15],
        cause=None if row[16] is None else Cause(CauseId(row[16]), row[17], row[18]),
        evidence=None if row[19] is None else MappingProxyType(json.loads(row[19])),
        after_intent_id=row[20],
        retry_of=row[21],
    )


def accept(
    db: sqlite3.Connection,
    batch_id: str,
    verb: Verb,
    operator: str,
    origin: str,
    intents: Sequence[NewIntent],
    release_at: Sequence[int],
    retry_of: Sequence[int | None],
    now: int,
) -> Accepted:
    """Write a batch down. A batch that was answered before gets the same answer and nothing else happens.

    What comes after another in the same batch is accepted with it or not at all: one refused step refuses its chain.
    """
    with transaction(db):
        before = db.execute("SELECT refused FROM batch WHERE batch_id = ?", (batch_id,)).fetchone()
        if before is not None:
            ids = db.execute("SELECT intent_id FROM outbox WHERE batch_id = ? ORDER BY intent_id", (batch_id,))
            refused = tuple((index, reason) for index, reason in json.loads(before[0]))
            return Accepted(tuple(row[0] for row in ids), refused, already=True)
        db.execute("INSERT INTO batch VALUES (?, ?, ?, ?, ?, '[]')", (batch_id, verb.value, operator, origin, now))
        accepted: list[int] = []
        open_before: list[tuple[int, str]] = []
        for chain in _chains(intents):
            # A savepoint costs; a single step that is refused has written nothing anyway.
            if len(chain) > 1:
                db.execute("SAVEPOINT chain")
            ids_by_index: dict[int, int] = {}
            for index in chain:
                intent = intents[index]
                after = intent.after_intent_id if intent.after_index is None else ids_by_index[intent.after_index]
                values = (operator, now, release_at[index], after, retry_of[index])
                intent_id = _insert(db, batch_id, intent, values)
                if intent_id is None:
                    open_before.append((index, "open_intent"))
                    break
                ids_by_index[index] = intent_id
            complete = len(ids_by_index) == len(chain)
            if complete:
                accepted.extend(ids_by_index.values())
            if len(chain) > 1:
                if not complete:
                    db.execute("ROLLBACK TO chain")
                db.execute("RELEASE chain")
        if open_before:
            open_before.sort()
            db.execute("UPDATE batch SET refused = ? WHERE batch_id = ?", (json.dumps(open_before), batch_id))
    return Accepted(tuple(accepted), tuple(open_before), already=False)


def _insert(db: sqlite3.Connection, batch_id: str, intent: NewIntent, values: tuple[Any, ...]) -> int | None:
    """One intent with its operator, moments and predecessors; None when the same is open on its target."""
    target = (intent.store_id, intent.order_no, intent.target_kind.value, intent.target_id)
    row = db.execute(_INSERT, (batch_id, intent.verb.value, *target, _json(intent.args), *values)).fetchone()
    if row is None:
        return None
    operator, now = values[:2]
    db.execute(_SEE_BEFORE, (now, operator, *target, intent.verb.value, row[0]))
    return int(row[0])


def _chains(intents: Sequence[NewIntent]) -> list[list[int]]:
    """The indices of what hangs together by `after_index`, each list in order."""
    chains: list[list[int]] = []
    chain_of: list[list[int]] = []
    for index, intent in enumerate(intents):
        if intent.after_index is None:
            chains.append([])
            chain_of.append(chains[-1])
        elif 0 <= intent.after_index < index:
            chain_of.append(chain_of[intent.after_index])
        else:
            raise ValueError("an intent can only come after one that stands before it in its batch")
        chain_of[index].append(index)
    return chains


def take_back(db: sqlite3.Connection, batch_id: str | None, intent_ids: Sequence[int] | None, now: int) -> TakenBack:
    """Stop what has not been sent. What was taken back needs no acknowledgement: all is as it was.

    So a failure that had been ordered again waits for somebody again. What comes after something that was taken back
    is taken back with it.
    """
    with transaction(db):
        wanted = set(intent_ids or ())
        if batch_id is not None:
            wanted.update(row[0] for row in db.execute("SELECT intent_id FROM outbox WHERE batch_id = ?", (batch_id,)))
        taken: list[int] = []
        stoppable = _ways_into(IntentState.TAKEN_BACK)
        for chunk in _chunks(wanted):
            taken.extend(
                row[0]
                for row in db.execute(
                    f"""
                    UPDATE outbox SET state = ?, settled_at = ?, look_at = NULL, acked_at = ?, acked_by = operator
                    WHERE intent_id IN ({_marks(len(chunk))}) AND state IN ({_marks(len(stoppable))})
                    RETURNING intent_id
                    """,
                    (IntentState.TAKEN_BACK.value, now, now, *chunk, *stoppable),
                )
            )
        latest = taken
        while latest:
            latest = [
                row[0]
                for chunk in _chunks(latest)
                for row in db.execute(
                    f"""
                    UPDATE outbox SET state = ?, settled_at = ?, look_at = NULL, acked_at = ?, acked_by = operator
                    WHERE after_intent_id IN ({_marks(len(chunk))}) AND state IN ({_marks(len(stoppable))})
                    RETURNING intent_id
                    """,
                    (IntentState.TAKEN_BACK.value, now, now, *chunk, *stoppable),
                )
            ]
            taken.extend(latest)
        for chunk in _chunks(taken):
            db.execute(_UNSEE_BEFORE.format(marks=_marks(len(chunk))), chunk)
    return TakenBack(tuple(sorted(taken)), tuple(sorted(wanted - set(taken))))


def move(
    db: sqlite3.Connection,
    intent_ids: Sequence[int],
    state: IntentState,
    now: int,
    cause: Cause | None,
    evidence: Mapping[str, object] | None,
    sent_at: int | None,
    look_at: int | None,
    attempts_plus: int,
    facts: Mapping[int, Mapping[str, object]] | None = None,
) -> list[Intent]:
    """Move intents on; those in a state from which there is no way stay, and are not in the answer.

    `evidence` and `sent_at` None keep what is there; `cause` and `look_at` are replaced. `facts` is each intent's own
    evidence, where they differ.
    """
    ways = _ways_into(state)
    moved: list[Intent] = []
    with transaction(db):
        for chunk in _chunks(intent_ids):
            rows = db.execute(
                f"""
                UPDATE outbox SET
                    state = ?, settled_at = ?, cause_id = ?, cause_code = ?, cause_message = ?,
                    evidence = coalesce(?, evidence), sent_at = coalesce(?, sent_at), look_at = ?,
                    attempts = attempts + ?,
                    acked_at = CASE WHEN ? THEN ? ELSE acked_at END
                WHERE intent_id IN ({_marks(len(chunk))}) AND state IN ({_marks(len(ways))})
                RETURNING {_COLUMNS}
                """,
                (
                    state.value,
                    now if state in SETTLED_STATES else None,
                    None if cause is None else cause.id.value,
                    "" if cause is None else cause.code,
                    "" if cause is None else cause.message,
                    _json(evidence),
                    sent_at,
                    look_at,
                    attempts_plus,
                    state is IntentState.TAKEN_BACK,
                    now,
                    *chunk,
                    *ways,
                ),
            ).fetchall()
            moved.extend(read_intent(row) for row in rows)
        if facts:
            own = {
                str(intent.intent_id): dict(facts[intent.intent_id]) for intent in moved if intent.intent_id in facts
            }
            # One statement for all: between statements the thread may have to wait for its turn.
            db.execute(
                """
                UPDATE outbox SET evidence = own.value FROM json_each(?) own
                WHERE outbox.intent_id = CAST(own.key AS INTEGER)
                """,
                (_json(own),),
            )
    moved = [
        replace(intent, evidence=MappingProxyType(dict(facts[intent.intent_id])))
        if facts and intent.intent_id in facts
        else intent
        for intent in moved
    ]
    moved.sort(key=lambda intent: intent.intent_id)
    return moved


def say_why(db: sqlite3.Connection, causes: Mapping[int, Cause | None]) -> list[Intent]:
    """Note why open intents wait, None for no reason of their own; returns those of which something else was known."""
    found: list[Intent] = []
    with transaction(db):
        for intent_id, cause in causes.items():
            said = (None, "", "") if cause is None else (cause.id.value, cause.code, cause.message)
            rows = db.execute(
                f"""
                UPDATE outbox SET cause_id = ?, cause_code = ?, cause_message = ?
                WHERE intent_id = ? AND state IN ({OPEN_STATES_SQL})
                    AND (cause_id, cause_code, cause_message) IS NOT (?, ?, ?)
                RETURNING {_COLUMNS}
                """,
                (*said, intent_id, *said),
            ).fetchall()
            found.extend(read_intent(row) for row in rows)
    return found


def look_later(
    db: sqlite3.Connection, intent_ids: Sequence[int], look_at: int, evidence: Mapping[str, object] | None
) -> None:
    """Set the next look at intents that stay in their state; evidence None keeps what is there."""
    with transaction(db):
        for chunk in _chunks(intent_ids):
            db.execute(
                f"""
                UPDATE outbox SET look_at = ?, evidence = coalesce(?, evidence)
                WHERE intent_id IN ({_marks(len(chunk))}) AND state IN ({OPEN_STATES_SQL})
                """,
                (look_at, _json(evidence), *chunk),
            )


def due(db: sqlite3.Connection, now: int, store_id: str | None) -> list[Intent]:
    """Held intents whose hold has ended, oldest first."""
    rows = db.execute(
        f"""
        {_SELECT} WHERE state = '{IntentState.HELD.value}' AND release_at <= ? AND (? IS NULL OR store_id = ?)
        ORDER BY intent_id
        """,
        (now, store_id, store_id),
    )
    return [read_intent(row) for row in rows]


def in_states(db: sqlite3.Connection, states: Iterable[IntentState], store_id: str | None) -> list[Intent]:
    """Intents in open states, oldest first."""
    names = [state.value for state in states]
    rows = db.execute(
        f"""
        {_SELECT} WHERE state IN ({OPEN_STATES_SQL}) AND state IN ({_marks(len(names))})
        AND (? IS NULL OR store_id = ?) ORDER BY intent_id
        """,
        (*names, store_id, store_id),
    )
    return [read_intent(row) for row in rows]


def open_of(db: sqlite3.Connection, verb: Verb) -> list[Intent]:
    """Everything of one verb that is not settled, oldest first."""
    rows = db.execute(f"{_SELECT} WHERE state IN ({OPEN_STATES_SQL}) AND verb = ? ORDER BY intent_id", (verb.value,))
    return [read_intent(row) for row in rows]


def open_intents(db: sqlite3.Connection, store_id: str | None) -> list[Intent]:
    """Everything that is not settled, oldest first."""
    return in_states(db, OPEN_STATES, store_id)


def by_ids(db: sqlite3.Connection, intent_ids: Sequence[int], schema: str = "main") -> list[Intent]:
    """The named intents, oldest first; unknown ids are left out."""
    found: list[Intent] = []
    for chunk in _chunks(intent_ids):
        rows = db.execute(f"{_SELECT_IN.format(schema=schema)} WHERE intent_id IN ({_marks(len(chunk))})", chunk)
        found.extend(read_intent(row) for row in rows)
    found.sort(key=lambda intent: intent.intent_id)
    return found


def ordered_again(db: sqlite3.Connection, intent_ids: Sequence[int], schema: str = "main") -> set[int]:
    """Those of the intents whose target was ordered again later, and not taken back."""
    condition = ORDERED_AGAIN_SQL.format(schema=schema, old="x")
    found: set[int] = set()
    for chunk in _chunks(intent_ids):
        rows = db.execute(
            f"SELECT x.intent_id FROM {schema}.outbox x WHERE x.intent_id IN ({_marks(len(chunk))}) AND {condition}",
            chunk,
        )
        found.update(intent_id for (intent_id,) in rows)
    return found


def followers(db: sqlite3.Connection, intent_ids: Sequence[int]) -> list[Intent]:
    """Everything that comes after any of the named intents, near and far, oldest first."""
    found: dict[int, Intent] = {}
    latest: Sequence[int] = list(dict.fromkeys(intent_ids))
    while latest:
        after = [
            read_intent(row)
            for chunk in _chunks(latest)
            for row in db.execute(f"{_SELECT} WHERE after_intent_id IN ({_marks(len(chunk))})", chunk)
        ]
        # A follower is younger than what it follows, so this ends.
        latest = [intent.intent_id for intent in after if intent.intent_id not in found]
        found.update((intent.intent_id, intent) for intent in after)
    return [found[intent_id] for intent_id in sorted(found)]


def of_batch(db: sqlite3.Connection, batch_id: str, schema: str = "main") -> list[Intent]:
    """The intents of a batch, oldest first."""
    return [
        read_intent(row)
        for row in db.execute(f"{_SELECT_IN.format(schema=schema)} WHERE batch_id = ? ORDER BY intent_id", (batch_id,))
    ]


def of_order(db: sqlite3.Connection, store_id: str, order_no: str, schema: str = "main") -> list[Intent]:
    """Everything ordered on an order, newest first."""
    rows = db.execute(
        f"{_SELECT_IN.format(schema=schema)} WHERE store_id = ? AND order_no = ? ORDER BY intent_id DESC",
        (store_id, order_no),
    )
    return [read_intent(row) for row in rows]


def of_thread(db: sqlite3.Connection, store_id: str, thread_id: str, schema: str = "main") -> list[Intent]:
    """The newest of what was ordered in a conversation, newest first."""
    rows = db.execute(
        f"""
        {_SELECT_IN.format(schema=schema)} INDEXED BY outbox_by_thread
        WHERE store_id = ? AND target_kind = '{TargetKind.THREAD.value}' AND target_id = ?
        ORDER BY intent_id DESC LIMIT {_OF_THREAD_MAX}
        """,
        (store_id, thread_id),
    )
    return [read_intent(row) for row in rows]


def acknowledge(
    db: sqlite3.Connection, batch_id: str | None, intent_ids: Sequence[int] | None, operator: str, now: int
) -> int:
    """Note that settled results were seen; returns how many there were. Open intents are not touched."""
    settled = [state.value for state in SETTLED_STATES]
    count = 0
    with transaction(db):
        if batch_id is not None:
            count += db.execute(
                f"""
                UPDATE outbox SET acked_at = ?, acked_by = ?
                WHERE batch_id = ? AND acked_at IS NULL AND state IN ({_marks(len(settled))})
                """,
                (now, operator, batch_id, *settled),
            ).rowcount
        for chunk in _chunks(intent_ids or ()):
            count += db.execute(
                f"""
                UPDATE outbox SET acked_at = ?, acked_by = ?
                WHERE intent_id IN ({_marks(len(chunk))}) AND acked_at IS NULL AND state IN ({_marks(len(settled))})
                """,
                (now, operator, *chunk, *settled),
            ).rowcount
    return count


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

"""The outbox: intents in the ledger, and the only moves between their states."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shoptui.domain.intents import (
    TRANSITIONS,
    Cause,
    Intent,
    IntentState,
    NewIntent,
    Verb,
)
from shoptui.store.database import transaction
from shoptui.store.ledger_schema import OPEN_STATES_SQL
from shoptui.store.outbox_reads import by_ids, chunks, marks
from shoptui.store.results import Accepted, TakenBack

#: No way leads out of these.
SETTLED_STATES = frozenset(state for state, ways in TRANSITIONS.items() if not ways)


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


def _ways_into(state: IntentState) -> list[str]:
    return [old.value for old, ways in TRANSITIONS.items() if state in ways]


def _json(value: Mapping[str, object] | None) -> str | None:
    return None if value is None else json.dumps(dict(value), ensure_ascii=False, separators=(",", ":"))


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
        for chunk in chunks(wanted):
            taken.extend(
                row[0]
                for row in db.execute(
                    f"""
                    UPDATE outbox SET state = ?, settled_at = ?, look_at = NULL, acked_at = ?, acked_by = operator
                    WHERE intent_id IN ({marks(len(chunk))}) AND state IN ({marks(len(stoppable))})
                    RETURNING intent_id
                    """,
                    (IntentState.TAKEN_BACK.value, now, now, *chunk, *stoppable),
                )
            )
        latest = taken
        while latest:
            latest = [
                row[0]
                for chunk in chunks(latest)
                for row in db.execute(
                    f"""
                    UPDATE outbox SET state = ?, settled_at = ?, look_at = NULL, acked_at = ?, acked_by = operator
                    WHERE after_intent_id IN ({marks(len(chunk))}) AND state IN ({marks(len(stoppable))})
                    RETURNING intent_id
                    """,
                    (IntentState.TAKEN_BACK.value, now, now, *chunk, *stoppable),
                )
            ]
            taken.extend(latest)
        for chunk in chunks(taken):
            db.execute(_UNSEE_BEFORE.format(marks=marks(len(chunk))), chunk)
    return TakenBack(tuple(sorted(taken)), tuple(sorted(wanted - set(taken))))


@dataclass(slots=True, eq=False)
class Moving:
    """A change of state of some intents as it was asked for, and those that really moved once it is on the disk.

    `evidence` and `sent_at` None keep what is there; `cause` and `look_at` are replaced. `facts` is each intent's own
    evidence, where they differ.
    """

    intent_ids: Sequence[int]
    state: IntentState
    now: int
    cause: Cause | None = None
    evidence: Mapping[str, object] | None = None
    sent_at: int | None = None
    look_at: int | None = None
    attempts_plus: int = 0
    facts: Mapping[int, Mapping[str, object]] | None = None
    moved: list[Intent] | None = None


def move(db: sqlite3.Connection, asked: Sequence[Moving]) -> None:
    """Move intents on, all that was asked in one transaction; those in a state from which there is no way stay."""
    with transaction(db):
        moved = [_move(db, one) for one in asked]
    for one, intents in zip(asked, moved, strict=True):
        one.moved = intents


def _move(db: sqlite3.Connection, asked: Moving) -> list[Intent]:
    ways, cause, own = _ways_into(asked.state), asked.cause, asked.facts or {}
    # A statement each for all of them: between statements and rows the thread may have to wait for its turn.
    ((moving,),) = db.execute(
        f"""
        SELECT json_group_array(intent_id) FROM outbox
        WHERE intent_id IN (SELECT value FROM json_each(?)) AND state IN ({marks(len(ways))})
        """,
        (json.dumps(list(asked.intent_ids)), *ways),
    ).fetchall()
    ids: list[int] = json.loads(moving)
    db.execute(
        """
        UPDATE outbox SET
            state = ?, settled_at = ?, cause_id = ?, cause_code = ?, cause_message = ?,
            evidence = coalesce(own.value, ?, evidence), sent_at = coalesce(?, sent_at), look_at = ?,
            attempts = attempts + ?,
            acked_at = CASE WHEN ? THEN ? ELSE acked_at END
        FROM json_each(?) own WHERE outbox.intent_id = CAST(own.key AS INTEGER)
        """,
        (
            asked.state.value,
            asked.now if asked.state in SETTLED_STATES else None,
            None if cause is None else cause.id.value,
            "" if cause is None else cause.code,
            "" if cause is None else cause.message,
            _json(asked.evidence),
            asked.sent_at,
            asked.look_at,
            asked.attempts_plus,
            asked.state is IntentState.TAKEN_BACK,
            asked.now,
            _json({str(intent_id): dict(own[intent_id]) if intent_id in own else None for intent_id in ids}),
        ),
    )
    return by_ids(db, ids)


def say_why(db: sqlite3.Connection, causes: Mapping[int, Cause | None]) -> list[Intent]:
    """Note why open intents wait, None for no reason of their own; returns those of which something else was known."""
    found: list[int] = []
    with transaction(db):
        for intent_id, cause in causes.items():
            said = (None, "", "") if cause is None else (cause.id.value, cause.code, cause.message)
            told = db.execute(
                f"""
                UPDATE outbox SET cause_id = ?, cause_code = ?, cause_message = ?
                WHERE intent_id = ? AND state IN ({OPEN_STATES_SQL})
                    AND (cause_id, cause_code, cause_message) IS NOT (?, ?, ?)
                """,
                (*said, intent_id, *said),
            )
            if told.rowcount:
                found.append(intent_id)
        return by_ids(db, found)


def look_later(
    db: sqlite3.Connection, intent_ids: Sequence[int], look_at: int, evidence: Mapping[str, object] | None
) -> None:
    """Set the next look at intents that stay in their state; evidence None keeps what is there."""
    with transaction(db):
        for chunk in chunks(intent_ids):
            db.execute(
                f"""
                UPDATE outbox SET look_at = ?, evidence = coalesce(?, evidence)
                WHERE intent_id IN ({marks(len(chunk))}) AND state IN ({OPEN_STATES_SQL})
                """,
                (look_at, _json(evidence), *chunk),
            )


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
                WHERE batch_id = ? AND acked_at IS NULL AND state IN ({marks(len(settled))})
                """,
                (now, operator, batch_id, *settled),
            ).rowcount
        for chunk in chunks(intent_ids or ()):
            count += db.execute(
                f"""
                UPDATE outbox SET acked_at = ?, acked_by = ?
                WHERE intent_id IN ({marks(len(chunk))}) AND acked_at IS NULL AND state IN ({marks(len(settled))})
                """,
                (now, operator, *chunk, *settled),
            ).rowcount
    return count

"""What people decided about stock, in the ledger: counts, rules of pools, and what was ordered when one was pushed.

The cache repeats the newest count and the rule of each pool; the ledger is written first.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from shoptui.domain.counting import Booked, CountLine
from shoptui.domain.intents import OVERTAKEN, Intent, IntentState, Verb
from shoptui.domain.pools import pool_key
from shoptui.domain.shares import ShareRule, Simulation, rule_of
from shoptui.queries.stock import CountRow, OpenWrite, Pushed, PushRow, PushShare
from shoptui.store import outbox_reads
from shoptui.store.database import transaction
from shoptui.store.ledger_schema import OPEN_STATES_SQL
from shoptui.store.stock_basis import one_text
from shoptui.store.stock_pools import StockDesk, ensure, refresh

#: What the cache repeats of a pool: its code, units by the newest count and when (None without one), its rule.
Repeated = tuple[str, int | None, int | None, str]

_NEWEST = """
SELECT c.pool_key, c.sku, c.counted, c.counted_at FROM {counts} c WHERE {which} c.count_id = (
    SELECT x.count_id FROM stock_count x WHERE x.pool_key = c.pool_key
    ORDER BY x.counted_at DESC, x.count_id DESC LIMIT 1
)
"""

_OPEN_IDS = f"""
SELECT json_group_array(intent_id) FROM outbox INDEXED BY outbox_one_open
WHERE state IN ({OPEN_STATES_SQL}) AND verb = '{Verb.SET_STOCK.value}'
"""
_OPEN_WRITES = """
SELECT json_group_array(json_array(
    intent_id, store_id, target_id, args ->> '$.shows', args ->> '$.seen', coalesce(args ->> '$.pool', '')
))
FROM outbox WHERE intent_id IN (SELECT value FROM json_each(?))
"""


def count(
    db: sqlite3.Connection, lines: Sequence[CountLine], counted_at: int, source: str, operator: str, now: int
) -> list[str]:
    """Keep a count; returns the keys of its pools. An older one than a pool's newest is kept and changes nothing."""
    rows = [(pool_key(line.sku), line.sku.strip(), line.counted, counted_at, source, operator, now) for line in lines]
    with transaction(db):
        db.executemany(
            """
            INSERT INTO stock_count (pool_key, sku, counted, counted_at, source, operator, at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            rows,
        )
    return list(dict.fromkeys(row[0] for row in rows))


def put_rule(db: sqlite3.Connection, keys: Sequence[str], rule: ShareRule | None, operator: str, now: int) -> list[str]:
    """Give pools a rule of their own, None for the house's; returns the keys of those where that changed anything."""
    changed = []
    with transaction(db):
        for key in keys:
            if rule is None:
                done = db.execute("DELETE FROM pool_rule WHERE pool_key = ?", (key,))
            else:
                text = rule_text(rule)
                done = db.execute(
                    """
                    INSERT INTO pool_rule VALUES (?, ?, ?, ?) ON CONFLICT (pool_key) DO UPDATE SET
                    rule = excluded.rule, operator = excluded.operator, at = excluded.at WHERE rule <> excluded.rule
                    """,
                    (key, text, operator, now),
                )
            if done.rowcount:
                changed.append(key)
    return changed


def rule_text(rule: ShareRule) -> str:
    """A rule as it is kept."""
    return json.dumps(rule.as_data(), sort_keys=True)


def log_pushes(
    db: sqlite3.Connection,
    pushes: Mapping[str, tuple[Simulation, ShareRule]],
    batch_id: str,
    operator: str,
    now: int,
) -> int:
    """Note what was seen of each pool that a batch pushes, by what rule; how many the batch had not noted yet."""
    rows = [
        (
            key,
            batch_id,
            found.free,
            found.buffer,
            found.proposed,
            found.promised,
            rule_text(rule),
            _shares_text(found),
            operator,
            now,
        )
        for key, (found, rule) in pushes.items()
    ]
    with transaction(db):
        return db.executemany(
            """
            INSERT OR IGNORE INTO stock_push
            (pool_key, batch_id, free, buffer, proposed, promised, rule, shares, operator, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            rows,
        ).rowcount


def _shares_text(found: Simulation) -> str:
    shares = [
        [one.listing.store_id, one.listing.listing_id, one.listing.warehouse_id, one.listing.shows, one.shows]
        for one in found.shares
    ]
    return json.dumps(shares, ensure_ascii=False)


class OpenWrites:
    """What pushes have ordered that is not settled. What was ordered never changes, so each is read in full once."""

    def __init__(self) -> None:
        self._known: dict[int, OpenWrite] = {}

    def of_pools(self, db: sqlite3.Connection, keys: Collection[str]) -> list[OpenWrite]:
        """Those of these pools, in all stores."""
        open_now: set[int] = set(one_text(db, _OPEN_IDS, ()))
        for intent_id in self._known.keys() - open_now:
            del self._known[intent_id]
        fresh = sorted(open_now - self._known.keys())
        if fresh:
            for intent_id, *row in one_text(db, _OPEN_WRITES, (json.dumps(fresh),)):
                self._known[intent_id] = OpenWrite(*row)
        return [write for write in self._known.values() if write.pool in keys]


def counts_of(db: sqlite3.Connection, key: str, most: int, schema: str = "main") -> list[CountRow]:
    """A pool's counts, the newest first."""
    rows = db.execute(
        f"""
        SELECT counted, counted_at, source, operator, at FROM {schema}.stock_count
        WHERE pool_key = ? ORDER BY counted_at DESC, count_id DESC LIMIT ?
        """,
        (key, most),
    )
    return [CountRow(*row) for row in rows]


def push_of(db: sqlite3.Connection, key: str, batch_id: str) -> PushRow | None:
    """What was seen and ordered of a pool with a batch, None when it was no push."""
    row = db.execute(
        """
        SELECT batch_id, free, buffer, proposed, promised, rule, shares, operator, at FROM stock_push
        WHERE pool_key = ? AND batch_id = ?
        """,
        (key, batch_id),
    ).fetchone()
    return None if row is None else _push(row)


def overtaken(db: sqlite3.Connection, since: int) -> list[Intent]:
    """Writes of pushes that sales overtook or whose answer was lost since a moment, and that nobody has seen to."""
    causes = ", ".join(f"'{cause.value}'" for cause in sorted(OVERTAKEN))
    ids = db.execute(
        f"""
        SELECT intent_id FROM outbox INDEXED BY outbox_unacked
        WHERE acked_at IS NULL AND state = '{IntentState.FAILED.value}' AND cause_id IN ({causes})
        AND verb = '{Verb.SET_STOCK.value}' AND settled_at >= ? AND json_extract(args, '$.pool') <> ''
        ORDER BY intent_id
        """,
        (since,),
    )
    return outbox_reads.by_ids(db, [intent_id for (intent_id,) in ids])


def pushed(db: sqlite3.Connection, batch_id: str, schema: str = "main") -> list[Pushed]:
    """The writes of a push and of what was worked out anew of it (`<batch>~<intent>`), oldest first."""
    acked = db.execute(
        f"""
        SELECT intent_id, acked_at IS NOT NULL FROM {schema}.outbox
        WHERE batch_id = ? OR batch_id > ? AND batch_id < ?
        """,
        (batch_id, f"{batch_id}~", f"{batch_id}\x7f"),
    )
    seen_to: dict[int, int] = dict(acked.fetchall())
    return [
        Pushed(intent, bool(seen_to[intent.intent_id])) for intent in outbox_reads.by_ids(db, list(seen_to), schema)
    ]


def pushes_of(db: sqlite3.Connection, key: str, most: int, schema: str = "main") -> list[PushRow]:
    """A pool's pushes, the newest first."""
    rows = db.execute(
        f"""
        SELECT batch_id, free, buffer, proposed, promised, rule, shares, operator, at FROM {schema}.stock_push
        WHERE pool_key = ? ORDER BY push_id DESC LIMIT ?
        """,
        (key, most),
    )
    return [_push(row) for row in rows]


def _push(row: Sequence[Any]) -> PushRow:
    batch_id, free, buffer, proposed, promised, rule, shares, operator, at = row
    return PushRow(
        batch_id,
        free,
        buffer,
        proposed,
        promised,
        rule_of(json.loads(rule)),
        tuple(PushShare(*share) for share in json.loads(shares)),
        operator,
        at,
    )


def repeated(db: sqlite3.Connection, keys: Collection[str]) -> dict[str, Repeated]:
    """What the cache repeats of these pools; those nobody counted or ruled are left out."""
    marks = json.dumps(sorted(keys))
    counted = db.execute(
        _NEWEST.format(counts="json_each(?) j CROSS JOIN stock_count", which="c.pool_key = j.value AND"),
        (marks,),
    ).fetchall()
    rules = db.execute(
        "SELECT r.pool_key, r.rule FROM json_each(?) j JOIN pool_rule r ON r.pool_key = j.value", (marks,)
    ).fetchall()
    return _joined(counted, rules)


def all_repeated(db: sqlite3.Connection) -> dict[str, Repeated]:
    """As `repeated`, of all pools."""
    counted = db.execute(_NEWEST.format(counts="stock_count", which="")).fetchall()
    return _joined(counted, db.execute("SELECT pool_key, rule FROM pool_rule").fetchall())


def _joined(counted: Iterable[tuple[str, str, int, int]], rules: Iterable[tuple[str, str]]) -> dict[str, Repeated]:
    found: dict[str, Repeated] = {key: (sku, units, at, "") for key, sku, units, at in counted}
    for key, rule in rules:
        sku, units, at, _ = found.get(key, (key, None, None, ""))
        found[key] = (sku, units, at, rule)
    return found


def repeat(db: sqlite3.Connection, desk_rows: Mapping[str, Repeated], desk: StockDesk, now: int) -> tuple[int, ...]:
    """Write counts and rules into the cache where they differ; returns the rows of the pools that changed."""
    keys = []
    with transaction(db):
        for key, (sku, counted, counted_at, rule) in desk_rows.items():
            if counted is not None:
                ensure(db, key, sku)
            done = db.execute(
                """
                UPDATE pool SET counted = ?, counted_at = ?, rule = ?
                WHERE pool_key = ? AND (counted IS NOT ? OR counted_at IS NOT ? OR rule IS NOT ?)
                """,
                (counted, counted_at, rule, key, counted, counted_at, rule),
            )
            if done.rowcount:
                keys.append(key)
        return refresh(db, keys, desk, now)


def behind(db: sqlite3.Connection, desk_rows: Mapping[str, Repeated]) -> dict[str, Repeated]:
    """What of the ledger the cache has not repeated, and the pools that repeat what the ledger does not have."""
    here = {
        key: (counted, counted_at, rule)
        for key, counted, counted_at, rule in db.execute(
            "SELECT pool_key, counted, counted_at, rule FROM pool WHERE counted IS NOT NULL OR rule <> ''"
        )
    }
    found = {key: row for key, row in desk_rows.items() if here.get(key) != row[1:]}
    found.update({key: (key, None, None, "") for key in here if key not in desk_rows})
    return found


def books(db: sqlite3.Connection) -> dict[str, Booked]:
    """What is on the books of every pool, by its key, from the cache."""
    rows = db.execute("SELECT pool_key, sku, name, hand, listings FROM pool")
    return {key: Booked(sku, name, hand, listings) for key, sku, name, hand, listings in rows}

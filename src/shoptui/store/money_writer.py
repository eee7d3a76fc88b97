"""The writer's side of money, `Writer.money`: one transaction per database and method unless it says more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoptui.domain.anomalies import Terms, Verified
from shoptui.domain.disputes import DisputeState, Language
from shoptui.domain.finance import Balance, Statement, StatementLine, Unsettled, WalletMove
from shoptui.domain.fx import Rates
from shoptui.domain.stores import Store
from shoptui.domain.verify import merged
from shoptui.store import money_checks, money_desk, money_lines, money_wallet
from shoptui.store.database import Database
from shoptui.store.money_counts import MONEY_COUNTS
from shoptui.store.money_desk import DisputedItem, Markable
from shoptui.store.money_lines import LinesRead, StatementKey

#: So many orders are checked in one go: others wait for it some tens of milliseconds.
_CHECK_CHUNK = 1000
_FORGET_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Marked:
    """What marking statements did. `refused` says why by statement: `no_statement`, `not_whole`, `not_checked` or
    `changed_since`."""

    changed: tuple[StatementKey, ...]
    refused: Mapping[StatementKey, str]


@dataclass(frozen=True, slots=True)
class LinesEnded:
    """All lines of a statement are here. `mark_off`: it was verified, and is no longer what was verified."""

    read: LinesRead
    mark_off: bool


class MoneyWriter:
    """Everything the engine changes about money. A statement is named by (store id, statement id).

    Amounts beyond 64 bits and lines in another currency than their statement raise MoneyError; nothing of that call is
    written then.
    """

    def __init__(self, cache: Database, ledger: Database) -> None:
        self._cache = cache
        self._ledger = ledger

    # The header's numbers

    async def keep_counts(self, missed: int, under_2h: int) -> bool:
        """Leave how many stores' money has a clock that ran out, and how many one that does within two hours.

        Whether they are others than before.
        """
        return await self._cache.run(MONEY_COUNTS.leave, (missed, under_2h))

    async def counts(self) -> tuple[int, ...]:
        """The same numbers as they were left last."""
        return await self._cache.run(MONEY_COUNTS.kept)

    # What marketplaces say

    async def put_statements(self, statements: Sequence[Statement], now: int) -> tuple[int, ...]:
        """Write statements as they are told; returns the rows that are new or say something else than before."""
        return await self._cache.run(money_lines.put_statements, statements, now)

    async def begin_lines(self, key: StatementKey, expected: int | None = None) -> int | None:
        """Begin to read a statement's lines, of which there should be so many; None when there is no such statement.

        Returns the number of the run, for `put_lines` and `end_lines`. What is here stays until the run has ended.
        """
        return await self._cache.run(money_lines.begin_lines, key, expected)

    async def without_lines(self, store_id: str) -> list[Statement]:
        """A store's statements whose lines were never read to their end, oldest first."""
        return await self._cache.run(money_lines.without_lines, store_id)

    async def unknown_orders(self, key: StatementKey, most: int) -> list[str]:
        """Numbers of orders that a statement settles and that are not in the house, at most so many."""
        return await self._cache.run(money_lines.unknown_orders, key, most)

    async def put_lines(self, key: StatementKey, run: int, lines: Sequence[StatementLine]) -> tuple[int, int | None]:
        """Write a page of lines; returns how many of the run are here, and of how many (None where unsaid)."""
        return await self._cache.run(money_lines.put_lines, key, run, lines)

    async def end_lines(self, key: StatementKey, run: int, now: int) -> LinesEnded | None:
        """All lines of the run are here; None when another run has begun meanwhile.

        Lines the run did not have go. Where the statement was verified and is another now, its mark comes off.
        """
        read = await self._cache.run(money_lines.end_lines, key, run, now)
        if read is None:
            return None
        off = await self._take_off([key], now) if read.changed else []
        return LinesEnded(read, bool(off))

    async def put_balance(self, store: Store, balance: Balance) -> None:
        """Keep a store's balance, also as the last one of its local day."""
        await self._cache.run(money_wallet.put_balance, store, balance)

    async def put_moves(self, store: Store, moves: Sequence[WalletMove]) -> int:
        """Write wallet moves, each once by its id; returns how many are new or changed."""
        return await self._cache.run(money_wallet.put_moves, store, moves)

    async def put_unsettled(
        self, store_id: str, rows: Sequence[Unsettled], now: int, *, all_of_them: bool = False
    ) -> None:
        """Write orders whose money is still to come; with `all_of_them` those not told at `now` are dropped.

        Pages of one reading share their `now`, and the last of them says `all_of_them`.
        """
        await self._cache.run(money_wallet.put_unsettled, store_id, rows, now, all_of_them=all_of_them)

    async def put_covered(self, store_id: str, from_at: int, until_at: int) -> None:
        """Note that every settlement between the moments is here: what is missing there was never settled."""
        await self._cache.run(money_wallet.put_covered, store_id, from_at, until_at)

    # Verification

    async def orders_changed(self, store_id: str, order_nos: Sequence[str]) -> None:
        """Orders or their returns changed: statements that settle them are to be checked anew."""
        if order_nos:
            await self._cache.run(money_wallet.orders_changed, store_id, order_nos)

    async def to_check(self, rules: str, store_id: str | None = None) -> list[StatementKey]:
        """Statements to be checked (anew): something changed, or the fee book (`FeeBook.digest`) is another one."""
        return await self._cache.run(money_checks.stale, rules, store_id)

    async def check(
        self,
        key: StatementKey,
        terms: Terms,
        rules: str,
        rates: Rates | None,
        now: int,
        *,
        returns_known: bool,
    ) -> Verified | None:
        """Check a statement and keep what was found; several transactions, a few hundred orders each.

        `returns_known` says that the store's returns are read, without which refunds cannot be judged. None when the
        statement is not here, not whole, or was read anew meanwhile.
        """
        run = await self._cache.run(money_checks.begin_check, key)
        if run is None:
            return None
        pieces: list[Verified] = []
        after: str | None = None
        while True:
            after, piece = await self._cache.run(
                money_checks.check_some, run, terms, after, _CHECK_CHUNK, returns_known=returns_known
            )
            pieces.append(piece)
            if after is None:
                break
        verified = merged(run.statement, pieces)
        kept = await self._cache.run(money_checks.end_check, run, verified, rules, rates, now)
        return verified if kept else None

    async def find_never_settled(self, terms: Terms, rates: Rates | None, now: int) -> int | None:
        """Look for a store's ended orders that no statement has; returns how many, None while that cannot be told."""
        waiting = await self._cache.run(money_checks.lines_waited_for, terms.store.store_id)
        found, can_tell = await self._cache.run(money_checks.find_never_settled, terms, rates, now, waiting)
        return found if can_tell else None

    # What operators decide

    async def mark_verified(
        self, keys: Sequence[StatementKey], operator: str, now: int, *, seen_at: int | None = None
    ) -> Marked:
        """Note that statements were looked through, as they are now.

        Those that were checked anew after `seen_at` (epoch s) are another thing than was looked at, and are refused.
        """
        found, refused = await self._cache.run(_markable, keys, seen_at)
        changed = await self._ledger.run(money_desk.mark_verified, found, operator, now)
        return Marked(tuple(changed), refused)

    async def withdraw_marks(self, keys: Sequence[StatementKey], operator: str, now: int) -> list[StatementKey]:
        """Take marks off again; returns the statements that had one."""
        return await self._ledger.run(money_desk.withdraw_marks, keys, operator, now)

    async def make_dispute(
        self,
        store_id: str,
        items: Sequence[DisputedItem],
        folder: str,
        language: Language,
        operator: str,
        now: int,
    ) -> int:
        """Note that a pack was made, to be tracked; returns the dispute's number. Raises ValueError without items."""
        return await self._ledger.run(money_desk.make_dispute, store_id, items, folder, language, operator, now)

    async def set_dispute(self, dispute_id: int, state: DisputeState, operator: str, now: int, note: str = "") -> bool:
        """Note where a dispute stands, or a note about it; False when there is none or that cannot follow."""
        return await self._ledger.run(money_desk.set_dispute, dispute_id, state, operator, now, note)

    # With the rest of the house

    async def catch_up(self, now: int) -> list[StatementKey]:
        """Bring cache and ledger in step after a crash; returns statements whose marks came off."""
        await self._cache.run(money_lines.stop_lines)
        keys = await self._ledger.run(money_desk.verified_keys)
        return await self._take_off(keys, now) if keys else []

    async def forget(self, store_id: str) -> None:
        """Drop a store's money from the cache; several transactions."""
        while await self._cache.run(money_lines.forget, store_id, _FORGET_CHUNK) == _FORGET_CHUNK:
            pass

    async def _take_off(self, keys: Sequence[StatementKey], now: int) -> list[StatementKey]:
        here = await self._cache.run(_as_read, keys)
        return await self._ledger.run(money_desk.take_off_changed, here, now)


_MARKABLE = """
SELECT s.store_id, s.statement_id, s.digest, s.payout, s.currency,
    (SELECT count(*) FROM anomaly a WHERE a.store_id = s.store_id AND a.statement_id = s.statement_id),
    s.lines_at, s.checked_at, s.stale
FROM json_each(?) j CROSS JOIN statement s ON s.store_id = j.value ->> 0 AND s.statement_id = j.value ->> 1
"""


def _markable(
    db: sqlite3.Connection, keys: Sequence[StatementKey], seen_at: int | None
) -> tuple[dict[StatementKey, Markable], dict[StatementKey, str]]:
    found: dict[StatementKey, Markable] = {}
    refused: dict[StatementKey, str] = dict.fromkeys(keys, "no_statement")
    for store_id, statement_id, *mark, lines_at, checked_at, is_stale in db.execute(
        _MARKABLE, (json.dumps(list(keys)),)
    ):
        key = (store_id, statement_id)
        if lines_at is None:
            refused[key] = "not_whole"
        elif checked_at is None or is_stale:
            refused[key] = "not_checked"
        elif seen_at is not None and checked_at > seen_at:
            refused[key] = "changed_since"
        else:
            del refused[key]
            found[key] = Markable(*mark)
    return found, refused


def _as_read(db: sqlite3.Connection, keys: Sequence[StatementKey]) -> dict[StatementKey, Markable]:
    """Statements as they are here; those whose lines were never read since the cache was made are left out."""
    rows = db.execute(_MARKABLE, (json.dumps(list(keys)),))
    return {
        (store_id, statement_id): Markable(*mark)
        for store_id, statement_id, *mark, lines_at, _, _ in rows
        if lines_at is not None
    }

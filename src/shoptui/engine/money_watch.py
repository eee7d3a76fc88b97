"""Owns the clocks of money: looks at all balances when something changed or a clock passes, and raises their alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from shoptui.domain.clocks import HOUR_S
from shoptui.engine.house import House
from shoptui.protocol import Changed
from shoptui.queries.money import BalanceRow
from shoptui.store.reader import Reader

STATEMENT_CHANGED, NEGATIVE_BALANCE, PAYOUT_OVERDUE = "statement_changed", "negative_balance", "payout_overdue"

#: So many days before withdrawals freeze it is told once more.
_LAST_DAYS = 2

#: A clock that is no further away is counted in the header.
_SOON_S = 2 * HOUR_S


class MoneyWatch:
    """Keeps what balances, statements and payouts ask for in the alerts, and tells when a clock of money has passed.

    A list of balances works its clocks out as it is read; this says when it has to be read again.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._seen_changes = -1
        self._next_at = inf

    def changed(self) -> None:
        """Something of money is different: the clocks are looked at anew with the next turn."""
        self._house.money_changes += 1

    async def pass_clocks(self) -> float:
        """Look when it is time; returns when the next clock passes (epoch seconds)."""
        house = self._house
        now = house.now()
        is_passed = now >= self._next_at
        if not house.settled or (self._seen_changes == house.money_changes and not is_passed):
            return self._next_at
        # Before reading: what changes meanwhile is looked at with the next turn.
        self._seen_changes = house.money_changes
        async with await Reader.open(house.data_dir) as reader:
            rows = (await reader.money.balances(now, house.fees, house.rates)).rows
            changed = await _changed(reader, rows)
        await self._tell(NEGATIVE_BALANCE, dict(_debt(row) for row in rows if row.debt is not None))
        await self._tell(PAYOUT_OVERDUE, {row.store_id: _payout(row) for row in rows if _is_owed(row)})
        await self._tell(STATEMENT_CHANGED, changed)
        self._next_at = min((at for row in rows for at in _moments(row, now)), default=inf)
        soon = sum(1 for row in rows if not row.missed and row.next_at is not None and row.next_at <= now + _SOON_S)
        differs = await house.writer.money.keep_counts(sum(1 for row in rows if row.missed), soon)
        if is_passed or differs:
            house.hub.publish(Changed(money=True, counts=True))
        return self._next_at

    async def _tell(self, kind: str, told: Mapping[str, Mapping[str, str]]) -> None:
        """Keep the alerts of a kind in step: these, by what each is about, and no other."""
        for about, args in told.items():
            await self._house.alerts.put(kind, about, subject_is="about", **args)
        await self._house.alerts.keep_only(kind, told)


def _debt(row: BalanceRow) -> tuple[str, dict[str, str]]:
    """How a debt stands. Each stage is an alert of its own: who has seen the first shall be told of the next."""
    debt = row.debt
    assert debt is not None and row.balance is not None
    stage = "frozen" if debt.frozen else "last" if debt.of_days - debt.days < _LAST_DAYS else "below"
    return f"{row.store_id}/{stage}", {
        "store": row.store_id,
        "stage": stage,
        "balance": str(row.balance.minor),
        "left": "" if debt.left is None else str(debt.left.minor),
        "currency": row.currency,
        "days": str(debt.days),
        "of": str(debt.of_days),
        "frozen_at": str(debt.frozen_at),
    }


def _is_owed(row: BalanceRow) -> bool:
    return row.payout_overdue and row.next_payout_at is not None


def _payout(row: BalanceRow) -> dict[str, str]:
    amount = row.next_payout
    return {
        "store": row.store_id,
        "due_at": str(row.next_payout_at),
        "amount": "" if amount is None else str(amount.minor),
        "currency": row.currency,
    }


async def _changed(reader: Reader, rows: Sequence[BalanceRow]) -> dict[str, dict[str, str]]:
    """Statements whose mark came off and that nobody has verified since."""
    found = {}
    for store_id in (row.store_id for row in rows if row.came_off):
        for statement in await reader.money.statements(await reader.money.statement_ids(store_id)):
            if statement.mark is None or statement.mark.what != "changed":
                continue
            name = statement.statement.statement_id
            marks = await reader.money.marks(store_id, name)
            by = next((mark.operator for mark in marks if mark.what == "verified"), "")
            found[f"{store_id}/{name}"] = {"store": store_id, "statement": name, "by": by}
    return found


def _moments(row: BalanceRow, now: int) -> list[int]:
    """When a balance reads otherwise by itself."""
    moments = [at for at in (row.next_at - _SOON_S, row.next_at) if at > now] if row.next_at is not None else []
    # Days below zero are counted, and a day begins at midnight of the store.
    return [*moments, now + HOUR_S] if row.debt is not None else moments

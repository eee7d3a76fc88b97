"""Owns the clocks of money: looks at all balances when something changed or a clock passes, and raises their alerts."""

from __future__ import annotations

from math import inf

from shoptui.domain.clocks import HOUR_S
from shoptui.engine.house import House
from shoptui.protocol import Changed
from shoptui.queries.money import BalanceRow
from shoptui.store.reader import Reader

STATEMENT_CHANGED, NEGATIVE_BALANCE, PAYOUT_OVERDUE = "statement_changed", "negative_balance", "payout_overdue"

_KINDS = frozenset({STATEMENT_CHANGED, NEGATIVE_BALANCE, PAYOUT_OVERDUE})

#: How a debt stands. Each stage is an alert of its own: who has seen the first shall be told of the next.
_STAGES = ("below", "last", "frozen")
#: So many days before withdrawals freeze it is told once more.
_LAST_DAYS = 2


class MoneyWatch:
    """Keeps what balances, statements and payouts ask for in the alerts, and tells when a clock of money has passed.

    A list of balances works its clocks out as it is read; this says when it has to be read again.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._seen_changes = -1
        self._next_at = inf
        self._came_off: set[str] = set()

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
            for row in rows:
                await self._tell_debt(row)
                await self._tell_payout(row)
            await self._tell_changed(reader, rows)
        await self._forget_gone({row.store_id for row in rows})
        self._next_at = min((at for row in rows for at in _moments(row, now)), default=inf)
        if is_passed:
            house.hub.publish(Changed(money=True, counts=True))
        return self._next_at

    async def _tell_debt(self, row: BalanceRow) -> None:
        debt = row.debt
        stage = ""
        if debt is not None:
            stage = "frozen" if debt.frozen else "last" if debt.of_days - debt.days < _LAST_DAYS else "below"
        for each in _STAGES:
            subject = f"{row.store_id}/{each}"
            if each != stage or debt is None or row.balance is None:
                await self._house.alerts.clear(NEGATIVE_BALANCE, subject)
                continue
            await self._house.alerts.put(
                NEGATIVE_BALANCE,
                subject,
                subject_is="about",
                store=row.store_id,
                stage=stage,
                balance=str(row.balance.minor),
                left="" if debt.left is None else str(debt.left.minor),
                currency=row.currency,
                days=str(debt.days),
                of=str(debt.of_days),
                frozen_at=str(debt.frozen_at),
            )

    async def _tell_payout(self, row: BalanceRow) -> None:
        if not row.payout_overdue or row.next_payout_at is None:
            await self._house.alerts.clear(PAYOUT_OVERDUE, row.store_id)
            return
        amount = row.next_payout
        await self._house.alerts.put(
            PAYOUT_OVERDUE,
            row.store_id,
            due_at=str(row.next_payout_at),
            amount="" if amount is None else str(amount.minor),
            currency=row.currency,
        )

    async def _tell_changed(self, reader: Reader, rows: tuple[BalanceRow, ...]) -> None:
        """One alert per statement whose mark came off, until somebody has verified it again."""
        now_off: set[str] = set()
        for store_id in (row.store_id for row in rows if row.came_off):
            for statement in await reader.money.statements(await reader.money.statement_ids(store_id)):
                if statement.mark is None or statement.mark.what != "changed":
                    continue
                name = statement.statement.statement_id
                marks = await reader.money.marks(store_id, name)
                by = next((mark.operator for mark in marks if mark.what == "verified"), "")
                subject = f"{store_id}/{name}"
                now_off.add(subject)
                await self._house.alerts.put(
                    STATEMENT_CHANGED, subject, subject_is="about", store=store_id, statement=name, by=by
                )
        before = self._came_off or {
            str(alert.args.get("about", ""))
            for alert in self._house.alerts.standing()
            if alert.kind == STATEMENT_CHANGED
        }
        for subject in before - now_off:
            await self._house.alerts.clear(STATEMENT_CHANGED, subject)
        self._came_off = now_off

    async def _forget_gone(self, store_ids: set[str]) -> None:
        """What was told of a store that is no longer here is over."""
        for alert in self._house.alerts.standing():
            if alert.kind in _KINDS and str(alert.args.get("store", "")) not in store_ids:
                await self._house.alerts.clear(alert.kind, alert.alert_id.partition(":")[2])


def _moments(row: BalanceRow, now: int) -> list[int]:
    """When a balance reads otherwise by itself."""
    moments = [] if row.next_at is None or row.next_at <= now else [row.next_at]
    # Days below zero are counted, and a day begins at midnight of the store.
    return [*moments, now + HOUR_S] if row.debt is not None else moments

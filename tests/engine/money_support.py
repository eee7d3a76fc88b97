"""What tests of money share: an engine that has read settlements, and requests as operators make them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shoptui.engine.requests import Session
from shoptui.engine.roles import Role
from shoptui.queries.money import AnomalyRow, BalanceRow, StatementRow
from shoptui.queries.types import Alert
from shoptui.store.reader import Reader
from tests.engine.desk_support import EngineDesk, somebody
from tests.engine.support import bench

#: What money asks for beside the work of agents.
MEI = somebody("mei", Role.MANAGER)


class Settled(EngineDesk):
    """A bench whose engine has read all orders and settlements."""

    async def ask(self, do: str, session: Session = MEI, /, **fields: Any) -> dict[str, Any]:
        """A request as its connection would make it. Raises Refusal."""
        return await super().ask(do, session, **fields)

    async def balances(self) -> list[BalanceRow]:
        house = self.engine.house
        async with await Reader.open(self.made.data_dir) as reader:
            return list((await reader.money.balances(self.now(), house.fees, house.rates)).rows)

    async def statements(self, store_id: str) -> list[StatementRow]:
        async with await Reader.open(self.made.data_dir) as reader:
            ids = await reader.money.statement_ids(store_id)
            return await reader.money.statements(ids, self.engine.house.fees)

    async def anomalies(self) -> list[AnomalyRow]:
        async with await Reader.open(self.made.data_dir) as reader:
            found = await reader.money.anomaly_index(now=self.now(), operator="mei")
            return await reader.money.anomalies(found.ids)

    async def alerts(self, kind: str) -> list[Alert]:
        """What stands of a kind, after a turn."""
        await self.engine.pass_clocks()
        return [alert for alert in self.engine.house.alerts.standing() if alert.kind == kind]


@asynccontextmanager
async def settled(root: Path, **how: Any) -> AsyncIterator[Settled]:
    """A bench with settlements, read once."""
    async with bench(root, **how) as made:
        engine = await made.engine()
        found = Settled(made, engine)
        await made.synced(engine)
        await found.settle()
        yield found

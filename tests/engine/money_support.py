"""What tests of money share: an engine that has read settlements, and requests as operators make them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shoptui.engine.core import Engine
from shoptui.engine.peer import Peer
from shoptui.engine.requests import Requests, Session
from shoptui.engine.roles import Role
from shoptui.queries.money import AnomalyRow, BalanceRow, StatementRow
from shoptui.queries.types import Alert
from shoptui.store.reader import Reader
from tests.engine.support import Bench, bench

MEI = Session(Peer(pid=1, uid=1001, user="mei", groups=(), terminal="pts/1"), Role.MANAGER)
AN = Session(Peer(pid=2, uid=1002, user="an", groups=(), terminal="pts/2"), Role.AGENT)


class Settled:
    """A bench whose engine has read all orders and settlements."""

    def __init__(self, made: Bench, engine: Engine) -> None:
        self.made = made
        self.engine = engine
        self.requests = Requests(engine)

    def now(self) -> int:
        return int(self.made.clock.now())

    async def ask(self, do: str, session: Session = MEI, /, **fields: Any) -> dict[str, Any]:
        """A request as its connection would make it. Raises Refusal."""
        return await self.requests.handle(session, {"do": do, **fields})

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

    async def settle(self) -> None:
        """Take turns until nothing is due any more now."""
        for _ in range(30):
            if await self.engine.turn() > self.made.clock.now():
                return


@asynccontextmanager
async def settled(root: Path, **how: Any) -> AsyncIterator[Settled]:
    """A bench with settlements, read once."""
    async with bench(root, **how) as made:
        engine = await made.engine()
        found = Settled(made, engine)
        await made.synced(engine)
        await found.settle()
        yield found

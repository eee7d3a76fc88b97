"""What tests of conversations, returns, stock and money share: people, requests as they make them, turns, kills."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shoptui.domain.intents import Intent
from shoptui.engine.core import Engine
from shoptui.engine.failpoints import Points
from shoptui.engine.peer import Peer
from shoptui.engine.requests import Requests, Session
from shoptui.engine.roles import Role
from shoptui.sandbox.testing import LiveSandbox
from tests.engine.support import Bench


def somebody(user: str, role: Role) -> Session:
    """An operator's connection."""
    uid = 1000 + sum(user.encode())
    return Session(Peer(pid=uid, uid=uid, user=user, groups=(), terminal="pts/1"), role)


MEI = somebody("mei", Role.AGENT)
AN = somebody("an", Role.AGENT)
PACKER = somebody("pat", Role.PACKER)


class EngineDesk:
    """A bench and its engine as operators meet it."""

    def __init__(self, made: Bench, engine: Engine) -> None:
        self.made = made
        self.take(engine)

    def take(self, engine: Engine) -> None:
        self.engine = engine
        self.requests = Requests(engine)

    @property
    def live(self) -> LiveSandbox:
        return self.made.live

    def now(self) -> int:
        return int(self.made.clock.now())

    async def ask(self, do: str, session: Session = MEI, /, **fields: Any) -> dict[str, Any]:
        """A request as its connection would make it. Raises Refusal."""
        return await self.requests.handle(session, {"do": do, **fields})

    async def batch(self, batch_id: str = "b1") -> list[Intent]:
        return await self.engine.house.writer.batch(batch_id)

    async def settle(self) -> None:
        """Take turns until nothing is due any more now."""
        for _ in range(60):
            if await self.engine.turn() > self.made.clock.now():
                return

    async def polled(self, seconds: int = 400) -> None:
        """Let time pass until every feed looks again."""
        self.made.advance(seconds)
        await self.settle()

    async def again(self, points: Points | None = None) -> None:
        """Another engine on the same files, as after `kill -9`."""
        await self.made.close(self.engine)
        self.take(await self.made.engine(points=points))


class Seen(Points):
    """Notes the first point after each change of the outbox or of what the marketplace has taken (`taken` counts)."""

    def __init__(self, ledger: Path, taken: Callable[[], int]) -> None:
        self._ledger = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
        self._taken = taken
        self._last: object = None
        self.reached: list[str] = []
        self.first: list[int] = []

    def reach(self, name: str) -> None:
        rows = self._ledger.execute("SELECT * FROM outbox").fetchall()
        durable = rows, self._taken()
        if durable != self._last and rows:
            self.first.append(len(self.reached))
        self._last = durable
        self.reached.append(name)

    def close(self) -> None:
        self._ledger.close()

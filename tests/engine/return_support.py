"""What tests of returns share: an engine that has read them, answers as operators order them, the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shoptui.domain.intents import Intent
from shoptui.domain.returns import ReturnAnswer, ReturnRequest
from shoptui.domain.verbs import ReturnDecision, write_args
from shoptui.engine.core import Engine
from shoptui.engine.failpoints import Points
from shoptui.engine.peer import Peer
from shoptui.engine.requests import Requests, Session
from shoptui.engine.roles import Role
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.returns import ReturnRow
from shoptui.queries.sorting import ReturnSort
from shoptui.sandbox.testing import LiveSandbox
from shoptui.store.reader import Reader
from tests.engine.support import Bench, bench

MEI = Session(Peer(pid=1, uid=1001, user="mei", groups=(), terminal="pts/1"), Role.AGENT)
AN = Session(Peer(pid=2, uid=1002, user="an", groups=(), terminal="pts/2"), Role.AGENT)
PACKER = Session(Peer(pid=3, uid=1003, user="pat", groups=(), terminal="pts/3"), Role.PACKER)


class Asked:
    """A bench whose engine has read all orders and return requests."""

    def __init__(self, made: Bench, engine: Engine) -> None:
        self.made = made
        self.take(engine)

    def take(self, engine: Engine) -> None:
        self.engine = engine
        self.requests = Requests(engine)

    @property
    def live(self) -> LiveSandbox:
        return self.made.live

    async def rows(self, text: str = "") -> list[ReturnRow]:
        """The list's rows for a filter, in its order, as a cockpit reads them."""
        now = int(self.made.clock.now())
        async with await Reader.open(self.made.data_dir) as reader:
            sort = ReturnSort.parse("next")
            found = await reader.returns.index(parse_returns(text), sort, now=now, operator="mei")
            return await reader.returns.rows(found.ids, now)

    async def request(self, row: ReturnRow) -> ReturnRequest:
        found = await self.engine.house.writer.returns.facts(row.store_id, row.return_id)
        assert found is not None
        return found.request

    async def ask(self, do: str, session: Session = MEI, /, **fields: Any) -> dict[str, Any]:
        """A request as its connection would make it. Raises Refusal."""
        return await self.requests.handle(session, {"do": do, **fields})

    async def order(
        self,
        row: ReturnRow,
        answer: ReturnAnswer,
        *,
        batch_id: str = "b1",
        session: Session = MEI,
        decision: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Order an answer to a request."""
        item = {
            "store_id": row.store_id,
            "order_no": row.order_no,
            "target_kind": "return",
            "target_id": row.return_id,
            "args": write_args(ReturnDecision(answer, **(decision or {}))),
        }
        asked = {"verb": "answer_return", "batch_id": batch_id, "intents": [item], **fields}
        return await self.ask("order", session, **asked)

    async def batch(self, batch_id: str = "b1") -> list[Intent]:
        return await self.engine.house.writer.batch(batch_id)

    async def settle(self) -> None:
        """Take turns until nothing is due any more now."""
        for _ in range(30):
            if await self.engine.turn() > self.made.clock.now():
                return

    async def polled(self, seconds: int = 400) -> None:
        """Let time pass until every feed looks again."""
        self.made.advance(seconds)
        await self.settle()

    def answers_taken(self) -> list[Mapping[str, Any]]:
        """Every answer to a return that the sandbox took, by its journal."""
        return [
            entry for entry in self.live.journal() if entry["effect"] == "applied" and entry["op"].endswith("_return")
        ]

    async def again(self, points: Points | None = None) -> None:
        """Another engine on the same files, as after `kill -9`."""
        await self.made.close(self.engine)
        self.take(await self.made.engine(points=points))


@asynccontextmanager
async def asked(root: Path, *, returns: int = 24, points: Points | None = None, **how: Any) -> AsyncIterator[Asked]:
    """A bench with return requests, read once."""
    async with bench(root, returns=returns, orders=120, **how) as made:
        engine = await made.engine(points=points)
        found = Asked(made, engine)
        await made.synced(engine)
        await found.settle()
        yield found

"""What tests of returns share: an engine that has read them, answers as operators order them, the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shoptui.domain.returns import ReturnAnswer, ReturnRequest
from shoptui.domain.verbs import ReturnDecision, write_args
from shoptui.engine.failpoints import Points
from shoptui.engine.requests import Session
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.returns import ReturnRow
from shoptui.queries.sorting import ReturnSort
from shoptui.store.reader import Reader
from tests.engine.desk_support import MEI, EngineDesk
from tests.engine.support import bench


class Asked(EngineDesk):
    """A bench whose engine has read all orders and return requests."""

    async def rows(self, text: str = "") -> list[ReturnRow]:
        """The list's rows for a filter, in its order, as a cockpit reads them."""
        now = self.now()
        async with await Reader.open(self.made.data_dir) as reader:
            sort = ReturnSort.parse("next")
            found = await reader.returns.index(parse_returns(text), sort, now=now, operator="mei")
            return await reader.returns.rows(found.ids, now)

    async def request(self, row: ReturnRow) -> ReturnRequest:
        found = await self.engine.house.writer.returns.facts(row.store_id, row.return_id)
        assert found is not None
        return found.request

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

    def answers_taken(self) -> list[Mapping[str, Any]]:
        """Every answer to a return that the sandbox took, by its journal."""
        return [
            entry for entry in self.live.journal() if entry["effect"] == "applied" and entry["op"].endswith("_return")
        ]


@asynccontextmanager
async def asked(root: Path, *, returns: int = 24, points: Points | None = None, **how: Any) -> AsyncIterator[Asked]:
    """A bench with return requests, read once."""
    async with bench(root, returns=returns, orders=120, **how) as made:
        engine = await made.engine(points=points)
        found = Asked(made, engine)
        await made.synced(engine)
        await found.settle()
        yield found

"""What tests of conversations share: an engine that has read them, replies as operators order them, the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shoptui.config import Config
from shoptui.domain.intents import Verb
from shoptui.domain.messages import Sender
from shoptui.domain.reply_clock import ReplyBook
from shoptui.domain.verbs import ReadMark, ReplyText, VerbArgs, write_args
from shoptui.engine.requests import Session
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.store.reader import Reader
from shoptui.store.results import ThreadFacts
from tests.engine.desk_support import MEI, EngineDesk
from tests.engine.support import bench


class Talks(EngineDesk):
    """A bench whose engine has read all orders and conversations."""

    async def rows(self, text: str = "", operator: str = "mei") -> list[ThreadRow]:
        """The inbox's rows for a filter, in its order, as a cockpit reads them."""
        now = self.now()
        async with await Reader.open(self.made.data_dir) as reader:
            found = await reader.threads.index(
                parse_threads(text), ThreadSort.parse("next"), now=now, operator=operator
            )
            return await reader.threads.rows(found.ids, now)

    async def facts(self, store_id: str, thread_id: str) -> ThreadFacts:
        found = await self.engine.house.writer.threads.facts(store_id, thread_id)
        assert found is not None
        return found

    async def waiting(self) -> ThreadFacts:
        """Some conversation that waits for an answer and takes one."""
        row = (await self.rows("is:waiting"))[0]
        return await self.facts(row.store_id, row.thread_id)

    async def order(
        self, facts: ThreadFacts, args: VerbArgs, *, batch_id: str = "b1", session: Session = MEI, **fields: Any
    ) -> dict[str, Any]:
        """Order a verb on a conversation."""
        verb = Verb.REPLY if isinstance(args, ReplyText) else Verb.MARK_READ
        item = {
            "store_id": facts.store_id,
            "target_kind": "thread",
            "target_id": facts.thread_id,
            "args": write_args(args),
        }
        asked = {"verb": verb.value, "batch_id": batch_id, "intents": [item], **fields}
        return await self.ask("order", session, **asked)

    async def reply(self, facts: ThreadFacts, words: str, **how: Any) -> dict[str, Any]:
        """Order a reply to what stands there now."""
        return await self.order(facts, ReplyText(words, facts.last_message_id), **how)

    async def released(self) -> None:
        """Let the hold end, and take the turn in which what was held goes out and what came of it is read."""
        self.made.advance(11)
        await self.engine.turn()
        await self.engine.turn()

    def shop_of(self, store_id: str) -> str:
        return next(store.shop_id for store in self.made.stores if store.store_id == store_id)

    def poke(self, do: str, store_id: str = "", **arguments: Any) -> Mapping[str, Any]:
        if store_id:
            arguments["shop_id"] = self.shop_of(store_id)
        return self.live.poke(do, **arguments)

    def answering(self, store_id: str) -> frozenset[Sender]:
        """Whose messages answer a question now, by the rule book."""
        return ReplyBook(self.engine.house.rules, self.made.stores).answering(store_id, int(self.made.clock.now()))

    def said(self, words: str) -> int:
        """How often the sandbox took a message of these words from a store, by its journal."""
        return sum(1 for entry in self.live.journal() if entry["effect"] == "applied" and words in str(entry))


def read_mark(facts: ThreadFacts) -> ReadMark:
    return ReadMark(facts.last_message_id)


@asynccontextmanager
async def talks(root: Path, *, config: Config | None = None, chats: int = 16, **how: Any) -> AsyncIterator[Talks]:
    """A bench with conversations, read once."""
    async with bench(root, config=config, chats=chats, orders=40, **how) as made:
        engine = await made.engine()
        found = Talks(made, engine)
        await made.synced(engine)
        await found.settle()
        yield found

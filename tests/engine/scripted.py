"""A marketplace that answers as a test has written down, and knows what it really did."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

from shoptui.adapters.base import AdapterError, Capabilities, Effect, RateLimited, Temporary, Unsupported, Verdict
from shoptui.adapters.chat import Chat
from shoptui.adapters.desks import Document, Evidence, Outcome, Request
from shoptui.adapters.finance import Finance
from shoptui.adapters.returns import Returns
from shoptui.adapters.stock import Stock
from shoptui.clock import DrivenClock
from shoptui.config import Config
from shoptui.domain.intents import Cause, CauseId, IntentState, SettleRule, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import DocumentKind
from shoptui.engine.core import Engine
from shoptui.engine.drain import Outbox
from shoptui.paths import DataDir
from tests.engine.support import BEGIN_AT, NoJitter, rule_book

STORE = Store("xx-th-1", "scripted", "TH", "1", "Invented", "Asia/Bangkok", "THB", "scripted")


class Reply(StrEnum):
    """How one request is answered. `LOST_AFTER` happened all the same, `LOST_BEFORE` did not; neither says so."""

    DONE = "done"
    ALREADY = "already"
    REFUSED = "refused"
    WAIT = "wait"
    LOST_AFTER = "lost after"
    LOST_BEFORE = "lost before"
    NO_CONNECTION = "no connection"
    SLOW_DOWN = "slow down"
    FAULT = "a fault of ours"


class Look(StrEnum):
    """How one reading back is answered."""

    TRUTH = "truth"
    WAIT = "wait"
    UNDECIDED = "undecided"
    LOST = "lost"


#: Answers that say that nothing happened, so that asking again is no second try.
NO_EFFECT = frozenset({Reply.NO_CONNECTION, Reply.SLOW_DOWN})
_HAPPENED = frozenset({Reply.DONE, Reply.LOST_AFTER, Reply.FAULT})


class ScriptedDesk:
    """One verb, one request a call. When the script has run out, everything goes well and readings tell the truth.

    `tries` counts the requests per key that may have had an effect, `effects` those that had one.
    """

    batch_max = 1

    def __init__(self, verb: Verb, rule: SettleRule, replies: Sequence[Reply] = (), looks: Sequence[Look] = ()) -> None:
        self.verb = verb
        self.rule = rule
        self._replies: Iterator[Reply] = iter(replies)
        self._looks: Iterator[Look] = iter(looks)
        self.tries: Counter[str] = Counter()
        self.effects: Counter[str] = Counter()
        self.sent: list[Request] = []
        self.looked = 0

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        (request,) = requests
        self.sent.append(request)
        reply = next(self._replies, Reply.DONE)
        if reply not in NO_EFFECT:
            self.tries[request.key] += 1
        if reply in _HAPPENED:
            self.effects[request.key] += 1
        return [self._answer(reply)]

    def _answer(self, reply: Reply) -> Outcome:
        match reply:
            case Reply.DONE if self.verb is Verb.LABEL:
                return Outcome(Verdict.DONE, document=Document(DocumentKind.LABEL, "pdf", b"%PDF-1.7 invented"))
            case Reply.DONE:
                return Outcome(Verdict.DONE)
            case Reply.ALREADY:
                return Outcome(Verdict.ALREADY)
            case Reply.REFUSED:
                return Outcome(Verdict.REFUSED, Cause(CauseId.FROZEN, "1", "frozen"))
            case Reply.WAIT:
                return Outcome(Verdict.WAIT, Cause(CauseId.NOT_READY, "2", "being made"))
            case Reply.LOST_AFTER | Reply.LOST_BEFORE:
                raise Temporary("cut", effect=Effect.POSSIBLE)
            case Reply.NO_CONNECTION:
                raise Temporary("refused", effect=Effect.NONE)
            case Reply.SLOW_DOWN:
                raise RateLimited("slow down", retry_after_s=5)
            case Reply.FAULT:
                raise RuntimeError("a mistake after the effect")

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        self.looked += 1
        look = next(self._looks, Look.TRUTH)
        if look is Look.LOST:
            raise Temporary("cut", effect=Effect.NONE)
        if look is not Look.TRUTH:
            return [Evidence(Verdict(look.value), {"seen": "half"}) for _ in requests]
        return [
            Evidence(Verdict.DONE if self.effects[request.key] else Verdict.NOT_DONE, {"seen": "all"})
            for request in requests
        ]


class ScriptedMarket:
    """As much of a marketplace as an outbox asks for; a reading of orders would be a test's mistake."""

    name = "scripted"
    capabilities = Capabilities(page_max=50, detail_max=50)

    def __init__(self, *desks: ScriptedDesk) -> None:
        self.desks: Mapping[Verb, ScriptedDesk] = {desk.verb: desk for desk in desks}
        self.chat: Chat | None = None
        self.returns: Returns | None = None
        self.stock: Stock | None = None
        self.finance: Finance | None = None
        self.never: Mapping[Verb, Unsupported] = {Verb.NOTE: Unsupported("Nobody writes notes here.", "note")}


class Bare:
    """A house without stores of its own, and outboxes before scripted marketplaces in it."""

    def __init__(self, engine: Engine, clock: DrivenClock) -> None:
        self.engine = engine
        self.clock = clock
        self.writer = engine.house.writer
        self.reread: list[str] = []
        self.trouble: list[AdapterError] = []

    def outbox(self, market: ScriptedMarket) -> Outbox:
        """A new outbox, as of an engine that has just started."""
        return Outbox(
            self.engine.house,
            STORE,
            market,  # type: ignore[arg-type]  # As much of it as an outbox asks for.
            reread=lambda intents: self.reread.extend(intent.order_no for intent in intents),
            trouble=self.trouble.append,
        )

    async def run(self, market: ScriptedMarket, *, steps: int = 400, restart_at: frozenset[int] = frozenset()) -> None:
        """Step an outbox, time moved to what is due, until it rests; forget all it knows at some of the steps.

        What waits for a person, or after such, is left to wait.
        """
        outbox = self.outbox(market)
        for number in range(steps):
            if number in restart_at:
                outbox = self.outbox(market)
            next_at = await outbox.step()
            left = await self.writer.open_intents(STORE.store_id)
            still_open = {intent.intent_id for intent in left}
            if all(
                intent.state is IntentState.NEEDS_PERSON
                or intent.verb is Verb.PRINT
                or intent.after_intent_id in still_open
                for intent in left
            ):
                return
            self.clock.advance(max(0.0, min(next_at, self.clock.now() + 600) - self.clock.now()))
        raise AssertionError("the outbox never came to rest")


@asynccontextmanager
async def bare(root: Path) -> AsyncIterator[Bare]:
    """An engine on an empty data directory."""
    clock = DrivenClock(float(BEGIN_AT))
    engine = await Engine.open(DataDir(root / "house"), Config(), clock, book=rule_book())
    engine.house.dice = NoJitter()
    try:
        yield Bare(engine, clock)
    finally:
        await engine.quiet()
        await engine.close()

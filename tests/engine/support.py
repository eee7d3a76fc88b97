"""What the engine's tests share: a sandbox with driven time, and a real engine on a real data directory before it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from shoptui.adapters.base import AppCredentials, TokenSet, Unsupported
from shoptui.adapters.desks import Desk, Evidence, Outcome, Request
from shoptui.adapters.http import HttpSettings
from shoptui.client import EngineClient
from shoptui.config import Config
from shoptui.domain.intents import OPEN_STATES, Intent, NewIntent, SettleRule, TargetKind, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.rules import RuleBook
from shoptui.domain.stores import CHAT_APP, REGIONS, Store, propose_store_id
from shoptui.engine.core import Engine
from shoptui.engine.enrol import enrol
from shoptui.engine.failpoints import Points
from shoptui.engine.house import Wait, wait_really
from shoptui.engine.lease import Lease
from shoptui.engine.requests import Requests
from shoptui.engine.server import Server
from shoptui.paths import DataDir
from shoptui.rulebook import load_rule_book
from shoptui.sandbox.settings import PLENTY
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from tests.adapters.sandboxed import tokens_of

#: One short try per read: a fault shows at once, and no test waits.
IMPATIENT = HttpSettings(
    calls_per_s=10_000.0,
    burst=1000,
    read_timeout_s=2.0,
    read_attempts=1,
    retry_wait_s=0.0,
    retry_wait_max_s=0.0,
    patience_s=0.0,
)


#: When every test's world begins (21 September 2026, 13:33 UTC): far from midnight, where daily counters start anew.
BEGIN_AT = 1_790_000_000


class Wire:
    """Time on the wire: runs like real time, and is moved on by hand beside the world's."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._began = time.monotonic()

    def __call__(self) -> float:
        return BEGIN_AT + (time.monotonic() - self._began) + self.ahead_s


class WorldClock:
    """The engine's clock in tests: the sandbox's world time, and its wire time unless `wire_off_s` puts it off."""

    def __init__(self, live: LiveSandbox, wire: Wire) -> None:
        self._live = live
        self._wire = wire
        self.wire_off_s = 0.0

    def now(self) -> float:
        return float(self._live.clocks.world_now())

    def wire_now(self) -> float:
        return self._wire() + self.wire_off_s


class NoJitter(random.Random):
    """Dice that always show the least: waits are exactly what the schedule says."""

    def random(self) -> float:
        return 0.0


@dataclass(slots=True)
class Bench:
    """A sandbox, an enrolled data directory, and the engines a test opens on it."""

    live: LiveSandbox
    data_dir: DataDir
    clock: WorldClock
    config: Config
    stores: tuple[Store, ...]
    wire: Wire
    opened: list[Engine] = field(default_factory=list)

    async def engine(
        self, *, points: Points | None = None, http: HttpSettings = IMPATIENT, wait: Wait = wait_really
    ) -> Engine:
        """A new engine on the data directory; its loops do not run, the test takes its turns."""
        engine = await Engine.open(
            self.data_dir, self.config, self.clock, points=points, http=http, wait=wait, book=rule_book()
        )
        engine.house.dice = NoJitter()
        self.opened.append(engine)
        return engine

    def advance(self, seconds: int) -> None:
        """Let time pass, in the world and on the wire."""
        self.wire.ahead_s += seconds
        self.live.advance(seconds)

    async def close(self, engine: Engine) -> None:
        await engine.quiet()
        await engine.close()
        self.opened.remove(engine)

    async def until_quiet(self, engine: Engine, *, turns: int = 200, longest_s: int = 4000) -> None:
        """Take turns, moving time to the next due moment, until no intent is open or time is up."""
        end_at = self.clock.now() + longest_s
        for _ in range(turns):
            next_at = await engine.turn()
            if not await engine.house.writer.open_intents() or self.clock.now() > end_at:
                return
            self.advance(max(1, int(min(next_at, self.clock.now() + 600) - self.clock.now())))
        raise AssertionError("the outbox never came to rest")

    async def synced(self, engine: Engine) -> None:
        """First sync to its end."""
        for _ in range(100):
            await engine.turn()
            if all(lane.sync.feed.first_done or lane.failing for lane in engine.lanes.values()):
                return
        raise AssertionError("the first sync never ended")


@cache
def rule_book() -> RuleBook:
    """The packaged rules, read once for all tests."""
    return load_rule_book()


@asynccontextmanager
async def bench(
    root: Path,
    *,
    seed: int = 7,
    stores: int = 2,
    orders: int = 60,
    regions: tuple[str, ...] = ("TH", "VN"),
    markets: tuple[str, ...] = ("tiktok",),
    config: Config | None = None,
    chats: int = 0,
    returns: int = 0,
    money_errors: int = 0,
    skus: int = 0,
    stock: str = PLENTY,
) -> AsyncIterator[Bench]:
    """A frozen world with its stores enrolled in a fresh data directory."""
    wire = Wire()
    async with running_sandbox(
        seed=seed,
        stores=stores,
        orders=orders,
        start_at=BEGIN_AT,
        frozen=True,
        regions=regions,
        markets=markets,
        wire=wire,
        chats=chats,
        returns=returns,
        money_errors=money_errors,
        skus=skus,
        stock=stock,
    ) as live:
        live.settings.calls_per_s = 0
        data_dir = DataDir(root / "house")
        clock = WorldClock(live, wire)
        enrolled = await enrol_live(live, data_dir, chat_apps=chats > 0)
        made = Bench(live, data_dir, clock, config or Config(), enrolled, wire)
        try:
            yield made
        finally:
            for engine in list(made.opened):
                await made.close(engine)


async def enrol_live(live: LiveSandbox, data_dir: DataDir, *, chat_apps: bool = False) -> tuple[Store, ...]:
    """Enrol all shops of a sandbox, each through its marketplace's app; with `chat_apps` also those for chat alone."""
    apps: list[AppCredentials] = []
    pairs: list[tuple[Store, TokenSet]] = []
    chat_tokens: dict[str, TokenSet] = {}
    taken: set[str] = set()
    for name, side in live.sandbox.sides.items():
        addresses = side.addresses(live.origin)
        apps.append(
            AppCredentials(name, name, side.app_key, side.app_secret, addresses["base_url"], addresses["auth_url"])
        )
        chat = side.chat_access() if chat_apps else None
        talking = {shop.id: tokens_of(shop) for shop in chat.shops} if chat is not None else {}
        if chat is not None:
            urls = addresses["base_url"], addresses["auth_url"]
            apps.append(AppCredentials(f"{name}-chat", name, chat.app_key, chat.app_secret, *urls))
        for shop in live.sandbox.shops(name):
            store_id = propose_store_id(name, shop.region, taken)
            taken.add(store_id)
            zone, currency = REGIONS[shop.region]
            wire = {"cipher": shop.cipher}
            if shop.id in talking:
                chat_tokens[store_id] = talking[shop.id]
                wire[CHAT_APP] = f"{name}-chat"
            store = Store(store_id, name, shop.region, shop.id, shop.name, zone, currency, name, wire=wire)
            pairs.append((store, tokens_of(shop)))
    await enrol(data_dir, apps, pairs, now=live.clocks.world_now(), chat_tokens=chat_tokens)
    return tuple(store for store, _ in pairs)


async def shippable(engine: Engine, store_id: str) -> list[Order]:
    """The store's cached orders that can be shipped now, by number."""
    writer, lane = engine.house.writer, engine.lanes[store_id]
    orders = await writer.orders_by_no(store_id, sorted(await writer.open_order_nos(store_id)))
    return [order for order in orders if lane.market.desks[Verb.SHIP].why_not(lane.store, order) is None]


def new_intents(orders: Sequence[Order], **args: object) -> list[NewIntent]:
    """Ship intents for all packages to be arranged."""
    return [
        NewIntent(Verb.SHIP, order.store_id, order.order_no, TargetKind.PACKAGE, package.package_id, args)
        for order in orders
        for package in order.packages
        if package.status is Status.TO_SHIP
    ]


class TunedDesk:
    """A real desk with other numbers: its rule's patience or its batch size, for tests to drive."""

    def __init__(self, real: Desk, *, rule: SettleRule | None = None, batch_max: int | None = None) -> None:
        self._real = real
        self.verb = real.verb
        self.rule = rule or real.rule
        self.batch_max = batch_max or real.batch_max

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return self._real.why_not(store, order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        return await self._real.send(store, requests)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        return await self._real.read_back(store, requests)


def put_desk(engine: Engine, desk: Desk) -> None:
    """Have the engine's only app do a verb through this desk."""
    (market,) = engine.house.markets.values()
    market.desks = {**market.desks, desk.verb: desk}


async def accept(
    engine: Engine, orders: Sequence[Order], *, batch_id: str = "b1", hold_s: int = 10, after: int | None = None
) -> list[Intent]:
    """Write a batch down as the order request does; all of it waits for the intent `after`, if there is one."""
    intents = [replace(intent, after_intent_id=after) for intent in new_intents(orders)]
    now = engine.house.now()
    accepted = await engine.house.writer.accept_batch(
        batch_id, Verb.SHIP, "mei", "pts/1", intents, [now + hold_s] * len(intents), now
    )
    return await engine.house.writer.intents(accepted.intent_ids)


def shipped(live: LiveSandbox, since: int = 0) -> dict[str, int]:
    """How often each package was really shipped, by the sandbox's journal after its entry `since`."""
    counts: dict[str, int] = {}
    for entry in live.journal(since):
        if entry["op"] == "ship" and entry["effect"] == "applied":
            target = str(entry["target"])
            counts[target] = counts.get(target, 0) + 1
    return counts


class DrivenWait:
    """What the engine's loops wait with: ends when the bench's time has moved far enough, or when woken."""

    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self._moved = asyncio.Event()

    async def __call__(self, woken: asyncio.Event, seconds: float) -> None:
        end_at = self._clock.now() + seconds
        while not woken.is_set() and self._clock.now() < end_at:
            waits = [asyncio.ensure_future(event.wait()) for event in (woken, self._moved)]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    def tell(self) -> None:
        """Time has moved: everybody looks at the clock again."""
        self._moved.set()
        self._moved = asyncio.Event()


class Served:
    """A running engine behind its socket."""

    def __init__(self, made: Bench, engine: Engine, wait: DrivenWait, server: Server) -> None:
        self.made = made
        self.engine = engine
        self.server = server
        self._wait = wait

    def advance(self, seconds: int) -> None:
        """Let time pass for everybody."""
        self.made.advance(seconds)
        self._wait.tell()

    async def connect(self) -> EngineClient:
        return await EngineClient.connect(self.made.data_dir)

    async def settled(self, client: EngineClient, batch_id: str) -> list[Intent]:
        """The batch once nothing of it is open; follows the engine's notices, and moves time to what is due."""
        writer = self.engine.house.writer
        while True:
            intents = await writer.batch(batch_id)
            if not any(intent.state in OPEN_STATES for intent in intents):
                return intents
            due = [max(intent.release_at, intent.look_at or 0) for intent in intents if intent.state in OPEN_STATES]
            self.advance(max(0, min(due) - int(self.made.clock.now())))
            await client.next_notice()


@asynccontextmanager
async def served(made: Bench, *, unread_s: float = 10.0) -> AsyncIterator[Served]:
    """An engine that has done its first sync and serves its socket."""
    wait = DrivenWait(made.clock)
    engine = await made.engine(wait=wait)
    await made.synced(engine)
    lease = Lease.take(made.data_dir, int(made.clock.now()))
    server = Server(Requests(engine), engine.house.hub, unread_s=unread_s, notice_gap_s=0.0)
    try:
        await server.start(lease.bind_socket())
        engine.start()
        yield Served(made, engine, wait, server)
    finally:
        await server.close()
        await made.close(engine)
        lease.release()

"""Owns one running engine: opens its databases, keeps a lane per store, moves clocks on, and closes it all again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from shoptui.adapters.http import HttpSettings
from shoptui.adapters.limits import CallBudget
from shoptui.adapters.registry import build
from shoptui.adapters.two_apps import with_chat_app
from shoptui.clock import Clock
from shoptui.config import Config
from shoptui.domain.intents import Intent
from shoptui.domain.reply_clock import ReplyBook
from shoptui.domain.return_clock import ReturnBook
from shoptui.domain.rules import RuleBook
from shoptui.domain.stores import Store, chat_app_of
from shoptui.engine.alerts import AlertBoard
from shoptui.engine.chat_turns import Turns
from shoptui.engine.choices import ChoiceMemory
from shoptui.engine.drain import close_orphans
from shoptui.engine.failpoints import Points, Unarmed
from shoptui.engine.fields import Refusal
from shoptui.engine.house import House, Wait, wait_really
from shoptui.engine.intake import shown
from shoptui.engine.lanes import Lane, describe
from shoptui.engine.money_watch import MoneyWatch
from shoptui.engine.notices import NoticeHub
from shoptui.engine.printing import PrintRoom
from shoptui.engine.rule_change import apply_rules
from shoptui.engine.secret_sources import lend_all
from shoptui.engine.secrets import SecretsFile
from shoptui.engine.sign_in import SignIns
from shoptui.engine.spool import Cups, Spooler
from shoptui.engine.stock_admission import is_silent
from shoptui.engine.stock_push import Pushes
from shoptui.engine.stock_watch import StockWatch, follow_settings
from shoptui.engine.tenants import finish_changes, ways_out
from shoptui.exchange import load_rates
from shoptui.fee_book import load_fee_book
from shoptui.paths import DataDir
from shoptui.protocol import Changed
from shoptui.queries.types import Counts
from shoptui.rulebook import load_rule_book
from shoptui.store.errors import DiskFull, StoreError
from shoptui.store.writer import Writer

log = logging.getLogger(__name__)

OrderKey = tuple[str, str]
#: A conversation by store and the marketplace's id.
ThreadKey = tuple[str, str]
#: A return request by store and the marketplace's id.
ReturnKey = tuple[str, str]
#: The header's bands move with time even when nothing happens.
_COUNT_EVERY_S = 30.0
#: A count after a burst of changes waits this long, so that a burst is counted once.
_COUNT_AFTER_S = 1.0
_LOOK_LATEST_S = 60.0


class Engine:
    """One engine on one data directory, whose lease the caller holds.

    `open` reads what is there; `start` begins to work in the background; `turn` does everything that is due once.
    """

    def __init__(self, house: House, lanes: dict[str, Lane], stopping: asyncio.Event, spooler: Spooler) -> None:
        self.house = house
        self.lanes = lanes
        self.started_at = house.now()
        #: False when a store's app is not configured, so that nothing can be done for it.
        self.all_served = True
        self.choices = ChoiceMemory()
        self.room = PrintRoom(house, spooler)
        self.money = MoneyWatch(house)
        self.stock = StockWatch(house)
        self.pushes = Pushes(self)
        house.look_at_orders = self.look_at_orders
        house.orders_read_to = self.orders_read_to
        house.stock_settled = self.pushes.settled
        self._stop = stopping
        self._at_once = False
        self._running = False
        self.sign_ins = SignIns()
        self._clock_woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls,
        data_dir: DataDir,
        config: Config,
        clock: Clock,
        *,
        wait: Wait = wait_really,
        points: Points | None = None,
        http: HttpSettings | None = None,
        book: RuleBook | None = None,
        spooler: Spooler | None = None,
    ) -> Engine:
        """Open everything; `book` None means the packaged rules and the configured file, `spooler` None CUPS.

        Raises StoreError, SecretsError or RuleError, each with a sentence saying what to do.
        """
        secrets = SecretsFile.open(data_dir.secrets)
        rules = book if book is not None else load_rule_book(config.rules)
        rates, fees = load_rates(data_dir.root), load_fee_book(data_dir.root)
        hub, stopping = NoticeHub(), asyncio.Event()
        budget = CallBudget(clock)
        stores_http = ways_out(config)
        connect = partial(build, vault=secrets, clock=clock, stores_http=stores_http, settings=http, budget=budget)
        why_not = await lend_all(secrets, config.apps)
        markets = {name: connect(app) for name, app in secrets.apps.items() if name not in why_not}
        writer = await Writer.open(data_dir, int(clock.now()))
        house = House(
            data_dir=data_dir,
            config=config,
            clock=clock,
            writer=writer,
            secrets=secrets,
            rules=rules,
            hub=hub,
            alerts=AlertBoard(writer, hub, clock),
            markets=markets,
            connect=connect,
            stores_http=stores_http,
            budget=budget,
            ask_stop=lambda reason: _ask_stop(stopping, reason),
            turns=Turns(data_dir.root / "inbox.turns"),
            rates=rates,
            fees=fees,
            wait=wait,
            points=points or Unarmed(),
        )
        engine = cls(house, {}, stopping, spooler or Cups())
        try:
            await engine._load(why_not)
        except BaseException:
            await engine.close()
            raise
        return engine

    async def _load(self, why_not: Mapping[str, str]) -> None:
        """Take up every store; `why_not` says why an app cannot be used."""
        house = self.house
        await house.alerts.load()
        follow_settings(house)
        if house.writer.opened.cache_rebuilt:
            await house.alerts.put("cache_rebuilt")
        await finish_changes(house)
        stores = await house.writer.stores()
        self._follow_rules(stores)
        await close_orphans(house, {store.store_id for store in stores})
        for store in stores:
            if not await self.take_on(store, why_not.get(store.app, "")):
                self.all_served = False

    def _follow_rules(self, stores: Sequence[Store]) -> None:
        self.house.writer.threads.follow(ReplyBook(self.house.rules, stores))
        self.house.writer.returns.follow(ReturnBook(self.house.rules, stores), self.house.rates)

    async def take_on(self, store: Store, why_not: str = "") -> bool:
        """Give a store its lane; it runs if the engine does. False, with an alert, while its app cannot be used."""
        house = self.house
        market = house.markets.get(store.app)
        if market is None:
            say = f"{store.store_id} was authorised through the app {store.app}, which is not set up. {why_not}".strip()
            await house.alerts.put("no_app", store.store_id, app=store.app, say=say)
            return False
        await house.alerts.clear("no_app", store.store_id)
        self._follow_rules(await house.writer.stores())
        market = with_chat_app(market, house.markets.get(chat_app_of(store)))
        lane = Lane(house, store, market, stores_of_app=self._counter(store.app))
        await lane.load()
        self.lanes[store.store_id] = lane
        if self._running:
            lane.start()
        return True

    async def let_go(self, store_id: str) -> None:
        """End a store's lane: nothing is accepted for it from now on, what is on its way may finish for a while."""
        lane = self.lanes.pop(store_id, None)
        if lane is not None:
            await lane.stop(float(self.house.config.engine.stop_s))

    def _counter(self, app: str) -> Callable[[], int]:
        return lambda: sum(1 for lane in self.lanes.values() if lane.store.app == app and not lane.store.paused)

    # -- running ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin all lanes and the clocks."""
        self._running = True
        for lane in self.lanes.values():
            lane.start()
        self.room.start()
        self.pushes.start()
        self._tasks = [
            asyncio.create_task(self._keep_clocks(), name="clocks"),
            asyncio.create_task(self._keep_counts(), name="counts"),
            asyncio.create_task(self._look_after_start(), name="after start"),
        ]

    async def turn(self) -> float:
        """Everything that is due, once, all stores side by side; returns when the next thing is due (epoch seconds)."""
        steps = [lane.step_outbox() for lane in self.lanes.values()]
        steps += [lane.step_sync() for lane in self.lanes.values()]
        steps += [lane.step_chat() for lane in self.lanes.values()]
        steps += [lane.step_sides() for lane in self.lanes.values()]
        moments = await asyncio.gather(*steps)
        # Last, so that what was just fetched is printed in the same turn.
        moments.append(await self.room.step())
        moments.append(await self.pushes.step())
        passed = await self.pass_clocks()
        return min([*moments, passed])

    async def pass_clocks(self) -> float:
        """Fold clocks that have passed; returns when the next one passes (epoch seconds)."""
        house = self.house
        rows = await house.writer.pass_clocks(house.now())
        if rows:
            house.hub.publish(Changed(orders=shown(rows), counts=True))
        threads = await house.writer.threads.pass_clocks(house.now())
        if threads:
            house.hub.publish(Changed(threads=shown(threads), counts=True))
        returns = await house.writer.returns.pass_clocks(house.now())
        if returns:
            house.hub.publish(Changed(returns=shown(returns), counts=True))
        money_at = await self.money.pass_clocks()
        next_at = [
            await house.writer.next_clock_at(),
            await house.writer.threads.next_clock_at(),
            await house.writer.returns.next_clock_at(),
        ]
        stock_at = await self.stock.step()
        return min([money_at, stock_at, *(float(at) for at in next_at if at is not None)])

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def stop(self, reason: str, *, at_once: bool = False) -> None:
        """Begin to stop: nothing is accepted any more; `wait_stopped` returns."""
        self._at_once = self._at_once or at_once
        self.house.ask_stop(reason)

    async def wait_stopped(self) -> None:
        """Return when somebody has asked the engine to stop."""
        await self._stop.wait()

    async def quiet(self) -> None:
        """Let what is on its way to a marketplace finish, for a bounded time, and end all lanes."""
        self._stop.set()
        within_s = 0.0 if self._at_once else float(self.house.config.engine.stop_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        lanes = [lane.stop(within_s) for lane in self.lanes.values()]
        await asyncio.gather(self.room.stop(within_s), self.pushes.stop(), *lanes)
        # What readers see until the next engine comes.
        await self._count()

    async def close(self) -> None:
        """Close connections and databases; call `quiet` before."""
        for market in self.house.markets.values():
            await market.close()
        await self.house.writer.close()

    # -- for requests -----------------------------------------------------------------------------------------------

    def lane(self, store_id: str) -> Lane:
        """The lane of a store that a request names. Raises Refusal when there is none."""
        if store_id not in self.lanes:
            raise Refusal("unknown_store", f"There is no store {store_id} here.")
        return self.lanes[store_id]

    async def tell_orders(self, targets: Sequence[OrderKey]) -> None:
        """Say that these orders' rows have to be read again."""
        if targets:
            rows = await self.house.writer.row_ids(targets)
            self.house.hub.publish(Changed(orders=shown(rows), counts=True))

    def wake_outbox(self, store_id: str) -> None:
        """Something may be due in this store's outbox."""
        if (lane := self.lanes.get(store_id)) is not None:
            lane.wake_outbox()
        self.room.wake()

    def reread(self, store_id: str, order_nos: Sequence[str]) -> None:
        """Have orders read again from the marketplace soon."""
        if (lane := self.lanes.get(store_id)) is not None:
            lane.reread(order_nos)

    async def tell_threads(self, targets: Sequence[ThreadKey]) -> None:
        """Say that these conversations' rows have to be read again."""
        if targets:
            rows = await self.house.writer.threads.rows(targets)
            self.house.hub.publish(Changed(threads=shown(rows), counts=True))

    async def tell_returns(self, targets: Sequence[ReturnKey]) -> None:
        """Say that these return requests' rows have to be read again."""
        if targets:
            rows = await self.house.writer.returns.rows(targets)
            self.house.hub.publish(Changed(returns=shown(rows), counts=True))

    def orders_read_to(self, store_id: str) -> float:
        """Up to when a store's orders are here (epoch s); infinity where it has been silent for long, or is none."""
        lane = self.lanes.get(store_id)
        return float("inf") if lane is None or is_silent(lane, self.house.now()) else lane.orders_read_to

    def look_at_orders(self, store_id: str) -> None:
        """Have the changed orders of a store read soon; one that fails is tried again at its own pace."""
        if (lane := self.lanes.get(store_id)) is not None and not lane.sync.feed.failures:
            lane.look_at_orders()

    def reread_targets(self, intents: Sequence[Intent]) -> None:
        """Have what intents act on read again from the marketplace soon."""
        for intent in intents:
            if (lane := self.lanes.get(intent.store_id)) is not None:
                lane.reread_targets([intent])

    def watch_thread(self, store_id: str, thread_id: str) -> None:
        """Have a conversation read again from the marketplace soon."""
        if (lane := self.lanes.get(store_id)) is not None:
            lane.watch_thread(thread_id)

    async def reload_store(self, store_id: str) -> None:
        """Take a store's changed facts over into its lane."""
        stores = await self.house.writer.stores()
        self._follow_rules(stores)
        for store in stores:
            if store.store_id == store_id and store_id in self.lanes:
                self.lanes[store_id].replace_store(store)

    # -- background -------------------------------------------------------------------------------------------------

    async def check_audit(self) -> int | None:
        """Verify the audit log's chain; returns the number of the first entry that does not fit, None when all do."""
        broken = await self.house.writer.verify_audit()
        if broken is None:
            await self.house.alerts.clear("audit_broken")
        else:
            await self.house.alerts.put("audit_broken", seq=str(broken))
        return broken

    async def _look_after_start(self) -> None:
        """What takes a while and need not hold up the first orders."""
        try:
            await self.check_audit()
            await apply_rules(self.house)
            await self.stock.after_start()
        except (StoreError, OSError) as error:
            # Both are tried again at the next start; orders that change get their clocks right anyhow.
            log.error("after start: %s", error)

    async def _keep_clocks(self) -> None:
        house = self.house
        while True:
            at = house.clock.now() + _LOOK_LATEST_S
            try:
                at = min(at, await self.pass_clocks())
                await house.alerts.save_rest()
                await house.alerts.clear("disk_full")
            except DiskFull:
                await house.alerts.put("disk_full")
            except StoreError as error:
                log.error("clocks: %s", error)
            except Exception as error:
                log.error("clocks: unforeseen %s", describe(error))
            await house.wait(self._clock_woken, max(at - house.clock.now(), 1.0))

    async def _keep_counts(self) -> None:
        """Keep the header's numbers true without counting after every single change."""
        house = self.house
        box = house.hub.subscribe()
        last = None
        try:
            while True:
                if (counts := await self._count()) != last:
                    last = counts
                    # Our own notice is no reason to count again.
                    house.hub.publish(Changed(counts=True))
                    await box.take()
                await asyncio.sleep(_COUNT_AFTER_S)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_COUNT_EVERY_S):
                        await box.take()
        finally:
            house.hub.unsubscribe(box)

    async def _count(self) -> Counts | None:
        try:
            return await self.house.writer.counts(self.house.now())
        except StoreError as error:
            log.error("counts: %s", error)
            return None


def _ask_stop(stopping: asyncio.Event, reason: str) -> None:
    if not stopping.is_set():
        log.info("stopping: %s", reason)
        stopping.set()


def failing(lanes: Sequence[Lane]) -> list[tuple[Store, str]]:
    """The stores whose feed fails, with the sentence why."""
    return [(lane.store, lane.failing) for lane in lanes if lane.failing]

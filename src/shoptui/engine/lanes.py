"""Owns a store's lane: its own tasks for reading and for sending, so that one store's trouble slows no other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any

from shoptui.adapters.base import AdapterError, AuthError, Marketplace
from shoptui.config import StoreConfig
from shoptui.domain.intents import Intent, IntentState, TargetKind, Verb
from shoptui.domain.stock import listing_of
from shoptui.domain.stores import Store, chat_app_of, with_contact
from shoptui.domain.verbs import THREAD_VERBS
from shoptui.engine.chat_admission import seen_up_to
from shoptui.engine.chat_budget import ChatBudget
from shoptui.engine.chat_rules import ChatRules
from shoptui.engine.chat_sync import ChatSync
from shoptui.engine.drain import Outbox
from shoptui.engine.house import House
from shoptui.engine.money_sync import MoneySync
from shoptui.engine.return_sync import ReturnSync
from shoptui.engine.secrets import SecretsError
from shoptui.engine.side_feed import SideFeed
from shoptui.engine.stock_sync import StockSync
from shoptui.engine.sync import OrderSync
from shoptui.queries.types import FeedRow
from shoptui.store.errors import CacheDamaged, DiskFull, StoreError

log = logging.getLogger(__name__)

#: The longest a lane waits without looking at the time again: clocks may be set, machines sleep.
_LONGEST_WAIT_S = 60.0
#: After something unforeseen a lane rests this long instead of spinning.
_REST_S = 30.0
#: What is read beside orders waits no longer than this for other stores' orders that are read for the first time.
_ORDERS_FIRST_S = 30.0


class Lane:
    """One store's feeds and outbox. `step_*` do what is due once; `start` keeps doing it."""

    def __init__(self, house: House, store: Store, market: Marketplace, *, stores_of_app: Callable[[], int]) -> None:
        self.market = market
        self._house = house
        store = self.store = self._with_settings(store)
        self._sync_woken = asyncio.Event()
        self._outbox_woken = asyncio.Event()
        self._chat_woken = asyncio.Event()
        self.sync = OrderSync(house, store, market, stores_of_app=stores_of_app, recovered=self._outbox_woken.set)
        self.outbox = Outbox(house, store, market, reread=self._moved_on, trouble=self._in_trouble)
        self.chat = ChatSync(
            house,
            store,
            market.chat,
            budget=ChatBudget(house, chat_app_of(store), stores_of_app),
            ready=lambda: self.sync.feed.cursor_at is not None and not self.sync.feed.signed_out,
            heard=ChatRules(house, store, market.chat, self.wake_outbox).heard,
        )
        self.returns = ReturnSync(house, store, market.returns)
        self.money = MoneySync(
            house, store, market, returns_known=lambda: self.returns.served and self.returns.feed.first_done
        )
        self.stock = StockSync(house, store, market.stock, stores_of_app=stores_of_app)
        #: What is read beside orders and messages, one after the other: none of it is as urgent.
        self._sides: list[SideFeed] = [self.returns, self.stock, self.money]
        self._sides_woken = asyncio.Event()
        self._sides_wait_until: float | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    async def load(self) -> None:
        """Take up where an earlier engine left off."""
        await self.sync.load()
        await self.chat.load()
        for side in self._sides:
            await side.load()

    def start(self) -> None:
        """Begin all loops."""
        name = self.store.store_id
        self._tasks = [
            asyncio.create_task(self._loop(self.step_sync, self._sync_woken), name=f"sync {name}"),
            asyncio.create_task(self._loop(self.step_outbox, self._outbox_woken), name=f"outbox {name}"),
            asyncio.create_task(self._loop(self.step_chat, self._chat_woken), name=f"messages {name}"),
            asyncio.create_task(self._loop(self.step_sides, self._sides_woken), name=f"sides {name}"),
        ]

    async def stop(self, within_s: float) -> None:
        """Let calls under way finish for so long, then cut them off. A cut ship call is settled at the next start."""
        self._stopping = True
        self._sync_woken.set()
        self._outbox_woken.set()
        self._chat_woken.set()
        self._sides_woken.set()
        if not self._tasks:
            return
        sync, outbox, chat, sides = self._tasks
        # Reading can be cut off at any point without loss.
        sync.cancel()
        chat.cancel()
        sides.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await asyncio.gather(outbox, return_exceptions=True)
        outbox.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake_outbox(self) -> None:
        """Something was ordered, taken back or decided."""
        self.outbox.wanted = True
        self._outbox_woken.set()

    def lowered(self, pools: Collection[str]) -> None:
        """Something was taken off these pools' listings: raises may have waited for it."""
        if self.outbox.raises.lowered(pools):
            self._outbox_woken.set()

    def orders_read(self, read_to: Callable[[str], float]) -> None:
        """Orders were read, of each store up to a moment (epoch s): raises may have waited for them."""
        if self.outbox.raises.orders_read(read_to):
            self._outbox_woken.set()

    def sync_now(self) -> None:
        """Somebody wants fresh data."""
        self.sync.ask_now()
        self._sync_woken.set()
        self.chat.ask_now()
        self._chat_woken.set()
        for side in self._sides:
            side.ask_now()
        self._sides_woken.set()

    def replace_store(self, store: Store) -> None:
        """The store's own facts changed, for instance whether it is paused."""
        store = self._with_settings(store)
        self.store = self.sync.store = self.outbox.store = self.chat.store = store
        for side in self._sides:
            side.store = store
        self._sides_woken.set()
        self._sync_woken.set()
        self._chat_woken.set()
        self._outbox_woken.set()

    def _with_settings(self, store: Store) -> Store:
        return with_contact(store, self._house.config.stores.get(store.store_id, StoreConfig()).email)

    async def step_sync(self) -> float:
        """Read what is due; returns when to come back."""
        return await self._guarded(self.sync.step)

    async def step_chat(self) -> float:
        """Read what is due of conversations; returns when to come back."""
        return await self._guarded(self.chat.step)

    async def step_sides(self) -> float:
        """Read what is due of everything else; returns when to come back."""
        ready = self.sync.feed.cursor_at is not None and not self.sync.feed.signed_out and not self._orders_first()
        moments = [await self._guarded(partial(side.step, ready=ready)) for side in self._sides]
        return min(moments)

    def _orders_first(self) -> bool:
        """Whether other stores' orders, of which nothing is here yet, come before what is read beside ours."""
        if not self._house.first_looks:
            return False
        now = self._house.clock.now()
        if self._sides_wait_until is None:
            self._sides_wait_until = now + _ORDERS_FIRST_S
        return now < self._sides_wait_until

    async def step_outbox(self) -> float:
        """Send and settle what is due; returns when to come back."""
        return await self._guarded(self.outbox.step)

    @property
    def orders_read_to(self) -> float:
        """Up to when the store's orders are here (epoch s)."""
        return float(self.sync.feed.cursor_at or 0)

    @property
    def failing(self) -> str:
        """Why the store's feed fails, "" while it does well."""
        return self.sync.feed.error

    def status(self) -> dict[str, Any]:
        """What the `status` request says about this store."""
        feed = self.sync.feed
        return {
            "store_id": self.store.store_id,
            "paused": self.store.paused,
            "signed_out": feed.signed_out,
            "failures": feed.failures,
            **_how(feed),
            "looks": self.sync.looks,
            "messages": {
                "served": self.market.chat is not None,
                "error_code": self.chat.feed.error_code,
                **_how(self.chat.feed),
            },
            "sides": {side.name: {"served": side.served, **_how(side.feed)} for side in self._sides},
        }

    def reread(self, order_nos: Iterable[str]) -> None:
        self.sync.reread(order_nos)
        self._sync_woken.set()

    def look_at_orders(self) -> None:
        """Have the store's changed orders read soon; nothing else."""
        self.sync.ask_changes()
        self._sync_woken.set()

    def reread_listings(self, listing_ids: Iterable[str]) -> None:
        """Have the stock of listings read again soon."""
        self.stock.reread(listing_ids)
        self._sides_woken.set()

    def refresh_listings(self, listing_ids: Iterable[str]) -> None:
        """Have the stock of listings read soon, for somebody is about to decide by it."""
        self.stock.refresh(listing_ids)
        self._sides_woken.set()

    def watch_thread(self, thread_id: str, message_id: str = "") -> None:
        """Read a conversation again soon, and until a message that must come is there."""
        self.chat.watch(thread_id, message_id)
        self._chat_woken.set()

    def reread_targets(self, intents: Sequence[Intent]) -> None:
        """Read again what intents act on: orders, conversations, returns."""
        self.reread(intent.order_no for intent in intents if intent.verb not in THREAD_VERBS and intent.order_no)
        for intent in intents:
            if intent.target_kind is TargetKind.THREAD:
                self.watch_thread(intent.target_id)
            elif intent.target_kind is TargetKind.RETURN:
                self.returns.reread([intent.target_id])
                self._sides_woken.set()
            elif intent.target_kind is TargetKind.LISTING:
                self.reread_listings([listing_of(intent.target_id)])

    def _moved_on(self, intents: Sequence[Intent]) -> None:
        """Read again what was acted on, and conversations until a reply stands in them that must."""
        writes = [intent for intent in intents if intent.target_kind is TargetKind.LISTING]
        if writes:
            self.stock.were_written([listing_of(each.target_id) for each in writes if each.state is IntentState.DONE])
            self.reread_targets([each for each in writes if each.state is not IntentState.DONE])
            self._sides_woken.set()
            self._house.stock_settled(writes)
        self.reread_targets(
            [each for each in intents if each.target_kind not in (TargetKind.THREAD, TargetKind.LISTING)]
        )
        for intent in intents:
            if intent.verb is Verb.REPLY:
                said = (intent.evidence or {}).get("message_id") if intent.state is IntentState.DONE else ""
                self.watch_thread(intent.target_id, str(said or ""))
            elif intent.verb is Verb.MARK_READ and intent.state is IntentState.DONE:
                self.chat.was_read(intent.target_id, seen_up_to(intent))
                self._chat_woken.set()

    def _in_trouble(self, error: AdapterError) -> None:
        if isinstance(error, AuthError):
            # The feed finds out by itself, says so, and notices when somebody has signed in again.
            self.sync_now()

    async def _guarded(self, step: Callable[[], Awaitable[float]]) -> float:
        """A step whose failures end neither the lane nor the engine."""
        house = self._house
        try:
            at = await step()
        except DiskFull:
            await house.alerts.put("disk_full")
            return house.clock.now() + _REST_S
        except CacheDamaged as error:
            # Only opening it anew puts a damaged cache aside and rebuilds it.
            house.ask_stop(str(error))
            return house.clock.now() + _REST_S
        except (StoreError, SecretsError) as error:
            log.error("%s: %s", self.store.store_id, error)
            return house.clock.now() + _REST_S
        return at

    async def _loop(self, step: Callable[[], Awaitable[float]], woken: asyncio.Event) -> None:
        clock = self._house.clock
        while not self._stopping:
            woken.clear()
            try:
                at = await step()
            except Exception as error:
                # A fault of ours in one store must not stop the others; it is logged without values.
                log.error("%s: unforeseen %s", self.store.store_id, describe(error))
                at = clock.now() + _REST_S
            if self._stopping:
                return
            await self._house.wait(woken, min(max(at - clock.now(), 0.0), _LONGEST_WAIT_S))


def describe(error: BaseException) -> str:
    """An error's kind and place, without its message: that may quote a buyer or a token."""
    trace = error.__traceback__
    place = ""
    while trace is not None:
        place = f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def _how(feed: FeedRow) -> dict[str, Any]:
    """How a feed does, as `status` says it."""
    return {
        "error": feed.error,
        "last_ok_at": feed.last_ok_at,
        "next_try_at": feed.next_try_at,
        "first_done": feed.first_done,
    }

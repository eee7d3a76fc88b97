"""A small house on the disk and a cockpit on it: real databases, a fixed clock, keys pressed by command id."""

from __future__ import annotations

import asyncio
import contextlib
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from shoptui.app import CockpitApp
from shoptui.clock import DrivenClock
from shoptui.commands import BY_ID
from shoptui.domain.clocks import Clock, ClockKind, Consequence, StopEvent
from shoptui.domain.money import Money
from shoptui.domain.orders import Flag, HistoryEvent, Line, Order, Package, Recipient, ShippingType, Status
from shoptui.domain.stores import REGIONS, Store
from shoptui.paths import DataDir
from shoptui.queries.types import FeedRow
from shoptui.store.writer import Writer
from shoptui.widgets.scan_gate import ScanSettings

#: 14 July 2026, 17:42 in Shanghai.
NOW = 1_784_022_120
ZONE = ZoneInfo("Asia/Shanghai")

MINUTE, HOUR, DAY = 60, 3600, 86400

#: A timer as short as this belongs to what a key set going; longer ones are the clock's and the state's.
_SOON_S = 0.4

STORES = ("tt-th-1", "tt-th-2", "tt-vn-1", "tt-my-1", "tt-uk-1", "tt-sg-1")
_REGION = {"th": "TH", "vn": "VN", "my": "MY", "uk": "GB", "sg": "SG"}
_NAMES = {
    "tt-th-1": "ร้านกระเป๋าสยาม",
    "tt-th-2": "SiamBag Official",
    "tt-vn-1": "Túi Vải Sài Gòn",
    "tt-my-1": "红帆布袋专卖店",
    "tt-uk-1": "Northlamp Ltd",
    "tt-sg-1": "Merlion Mugs",
}
_BUYERS = {
    "TH": ("สมชาย ใจดี", "กมลา วงศ์", "ปิยะ สุข"),
    "VN": ("Nguyễn Thị Hoa", "Trần Văn Hùng", "Lê Minh"),
    "MY": ("陈美华", "Nur Aisyah", "王大明"),
    "GB": ("Alice Fenwick", "Tom Barrow", "Priya Nair"),
    "SG": ("林小怡", "陈志明", "Ravi K"),
}
_GOODS = (
    ("BAG-RD-M", "กระเป๋าผ้าแคนวาส สีแดง ไซซ์ M"),
    ("MUG-WH", "แก้วเซรามิก ขาว"),
    ("STK-CAT", "猫贴纸 12张"),
    ("LAMP-L", "Đèn ngủ lớn"),
    ("BAG-BL-M", "帆布袋 蓝 M"),
)


def store(store_id: str) -> Store:
    """One of the invented stores."""
    region = _REGION[store_id.split("-")[1]]
    zone, currency = REGIONS[region]
    return Store(
        store_id=store_id,
        marketplace="tiktok",
        region=region,
        shop_id=f"74950000000000{STORES.index(store_id):02d}",
        name=_NAMES[store_id],
        time_zone=zone,
        currency=currency,
        app="tiktok",
        wire={"cipher": "ROW_x"},
    )


def order(
    number: int,
    store_id: str,
    *,
    due_s: int,
    kind: ClockKind = ClockKind.ARRANGE,
    status: Status = Status.TO_SHIP,
    flags: Flag = Flag.NONE,
    now: int = NOW,
) -> Order:
    """An order whose next loss is `due_s` from now (negative: missed)."""
    region = _REGION[store_id.split("-")[1]]
    currency = REGIONS[region][1]
    sku, name = _GOODS[number % len(_GOODS)]
    price = Money(1_000 + 317 * number, currency)
    created_at = now - 4 * HOUR - number
    line_id = f"L{number}"
    clocks = (
        Clock(kind, now + due_s, Consequence.LATE_DISPATCH, StopEvent.ARRANGED, "tiktok:rts_sla_time"),
        Clock(
            ClockKind.AUTO_CANCEL,
            now + due_s + 2 * DAY,
            Consequence.AUTO_CANCEL,
            StopEvent.ARRANGED,
            "tiktok:shipping_due_time",
        ),
    )
    buyer = _BUYERS[region][number % 3]
    return Order(
        store_id=store_id,
        order_no=f"5764614130{48_000_000 + number * 7919:08d}",
        status=status,
        raw_status="AWAITING_SHIPMENT",
        created_at=created_at,
        updated_at=created_at + 60,
        total=price * 2,
        lines=(
            Line(
                line_id, sku, f"S{number}", name, "", 1 + number % 3, price, status, "AWAITING_SHIPMENT", f"P{number}"
            ),
        ),
        packages=(Package(f"11527800441{number:04d}", status, "TO_FULFILL", (line_id,), carrier_name="J&T Express"),),
        clocks=clocks,
        history=(HistoryEvent(created_at, "placed"), HistoryEvent(created_at + 60, "paid")),
        flags=flags,
        paid_at=created_at + 60,
        shipping_type=ShippingType.PLATFORM,
        delivery_option="Standard",
        carrier_name="J&T Express",
        buyer_id=f"b{number}",
        buyer_name=buyer,
        recipient=Recipient(buyer, "+66812345321", "12/3 Soi 4", "Bangkok", "10500", region),
    )


def some_orders(count: int = 40, now: int = NOW) -> list[Order]:
    """Orders of all stores: two missed, some due within hours, the others within days."""
    spread = [-50 * MINUTE, -20 * HOUR, 7 * MINUTE, 18 * MINUTE, 47 * MINUTE, 65 * MINUTE, 2 * HOUR, 3 * HOUR]
    return [
        order(
            number,
            STORES[number % len(STORES)],
            due_s=spread[number] if number < len(spread) else (number - 3) * HOUR,
            flags=Flag.CANCEL_REQUESTED if number == 6 else Flag.NONE,
            now=now,
        )
        for number in range(count)
    ]


async def make_house(root: Path, orders: Sequence[Order] | None = None, now: int = NOW) -> DataDir:
    """A house with the invented stores and these orders, as an engine would have left it."""
    data_dir = DataDir(root / "house")
    writer = await Writer.open(data_dir, now)
    try:
        for store_id in STORES:
            await writer.put_store(store(store_id))
            await writer.put_store_facts(store_id, now + 5 * DAY, now + 88 * DAY)
            await writer.save_feed(feed_row(store_id, now))
        wanted = some_orders(now=now) if orders is None else orders
        await writer.upsert_orders(wanted, seen_at=now - 30, now=now, ship_blocks={})
        await writer.counts(now)
    finally:
        await writer.close()
    return data_dir


def feed_row(store_id: str, now: int) -> FeedRow:
    """A store's feed as the cockpit's tests have it: all live but the one in the United Kingdom."""
    silent = store_id == "tt-uk-1"
    return FeedRow(
        store_id=store_id,
        feed="orders",
        cursor_at=now - 60,
        last_ok_at=now - (11 * MINUTE if silent else 20),
        last_try_at=now - 20,
        next_try_at=now + 40,
        failures=9 if silent else 0,
        error="The marketplace answers 503, unavailable." if silent else "",
        error_code="503" if silent else "",
        signed_out=False,
        first_done=True,
        fetched=7,
        expected=7,
        here=7,
        there=7,
        counted_at=now - 300,
    )


def _key_event(key: str, app: CockpitApp) -> events.Key:
    """What the terminal's driver makes of a key named as in the command table."""
    name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    original = REPLACED_KEYS.get(name, name)
    try:
        character: str | None = unicodedata.lookup(_get_unicode_name_from_key(original))
    except KeyError:
        character = key if len(key) == 1 else None
    event = events.Key(name, character)
    event.set_sender(app)
    return event


def _rests(node: MessagePump) -> bool:
    """Whether a part of the cockpit has handled all it was sent and waits for more, or is being closed."""
    if node._closing or node._closed:
        return True
    queue = node._message_queue
    return queue.empty() and any(not one.done() for one in queue.ready_event._waiters)


async def _end_of(worker: Worker[object]) -> None:
    """Return when a worker has ended, however it did."""
    with contextlib.suppress(WorkerFailed, WorkerCancelled, asyncio.CancelledError):
        await worker.wait()


class Cockpit:
    """A cockpit under test: its app, its pilot, its clock."""

    def __init__(self, app: CockpitApp, pilot: Pilot[object], clock: DrivenClock) -> None:
        self.app = app
        self.pilot = pilot
        self.clock = clock

    async def do(self, command_id: str, key: int = 0) -> None:
        """Press the key the table gives a command, and wait until the cockpit has come to rest."""
        await self.press(BY_ID[command_id].all_keys[key])

    async def press(self, *keys: str) -> None:
        """Press keys, each when the one before has been handled, and wait until the cockpit has come to rest.

        The pilot's own way of pressing looks at the processor until it is idle, which costs more than the keys do.
        """
        for key in keys:
            await self._work_done()
            await self.send(key)
        await self.settled()

    async def send(self, key: str, at_s: float | None = None) -> None:
        """Press one key, and wait until it has been handled; `at_s` is when it arrives (monotonic s), None for now."""
        event = _key_event(key, self.app)
        if at_s is not None:
            event.time = at_s
        self.app.post_message(event)
        await self._handled()

    async def type(self, words: str) -> None:
        """Type text."""
        await self.press(*("space" if character == " " else character for character in words))

    async def settled(self) -> None:
        """Wait until the house has been read once, no worker runs (but the link) and no message waits."""
        await self._handled()
        if self.app.house.is_open:
            await self.until(lambda: bool(self.app.session.house.stores) or not self.app.is_running, rounds=1000)
        quiet = 0
        for _round in range(200):
            await self._handled()
            working, coming = self._unfinished_workers(), self._coming_timers()
            if working or coming:
                quiet = 0
                await asyncio.wait([*(asyncio.ensure_future(_end_of(one)) for one in working), *coming], timeout=5)
            elif self.app.screen._callbacks or not self._all_rest():
                quiet = 0
            elif quiet == 2:
                return
            else:
                # What was done last may have asked for more, after the next refresh.
                quiet += 1

    async def _work_done(self) -> None:
        """Wait for what the keys before have set going, such as reading what one of them opens."""
        if working := self._unfinished_workers():
            await asyncio.wait([asyncio.ensure_future(_end_of(one)) for one in working], timeout=5)
            await self._handled()

    async def _handled(self) -> None:
        """Wait until every part of the screen waits for its next message, then let it be drawn.

        The pilot asks each of them to call back, which for a cockpit costs more than what is waited for.
        """
        await asyncio.sleep(0)
        for turn in range(3000):
            if self._all_rest():
                break
            await asyncio.sleep(0 if turn < 50 else 0.001)
        self.app.screen._on_timer_update()

    def _all_rest(self) -> bool:
        return all(_rests(node) for node in self._nodes())

    def _nodes(self) -> list[MessagePump]:
        return [self.app, *self.app.screen.walk_children(with_self=True)]

    def _unfinished_workers(self) -> list[Worker[object]]:
        return [worker for worker in self.app.workers if worker.group != "link" and not worker.is_finished]

    def _coming_timers(self) -> list[asyncio.Task[None]]:
        """Timers that go off once and soon: what gathers changes, or waits for the cursor to rest."""
        return [
            timer._task
            for node in self._nodes()
            for timer in node._timers
            if timer._repeat == 0 and timer._interval < _SOON_S and timer._task is not None and not timer._task.done()
        ]

    async def until(self, condition: Callable[[], bool], rounds: int = 200) -> None:
        """Wait for a condition; the test fails when it does not come true."""
        for _round in range(rounds):
            if condition():
                return
            await self._handled()
            await asyncio.sleep(0.02)
        raise AssertionError("the condition did not come true")

    def line(self, name: str) -> str:
        """The text of one of the frame's lines: status, tabs, view, message, keys."""
        said = self.app.frame.query_one(f"#{name}").text  # type: ignore[attr-defined]  # LineWidget
        return "".join(piece.text for piece in (*said.left, *said.right))

    def message(self) -> str:
        """The message on both its lines."""
        lines = [self.line("message")]
        if self.app.frame.query_one("#message-2").display:
            lines.append(self.line("message-2"))
        return " ".join(lines)

    def pane_text(self) -> str:
        """All lines of the pane, also those scrolled out of view."""
        return self.app.frame.place.pane.content_text

    def screen_text(self) -> str:
        """The whole screen as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in lines)


@asynccontextmanager
async def cockpit(
    data_dir: DataDir,
    size: tuple[int, int] = (80, 24),
    *,
    link: bool = False,
    clock: DrivenClock | None = None,
    ready: bool = True,
) -> AsyncIterator[Cockpit]:
    """A cockpit on a house, at rest; its time moves only when the test says so."""
    clock = clock if clock is not None else DrivenClock(NOW)
    app = CockpitApp(data_dir, ensure=False, link=link, clock=clock, zone=ZONE, ticking=False)
    # Pilot types faster than any scanner.
    app.set_scan_settings(ScanSettings(hold_s=0))
    async with app.run_test(size=size) as pilot:
        under_test = Cockpit(app, pilot, clock)
        if ready:
            await under_test.settled()
        yield under_test

"""Synthetic orders for benchmarks: any number of them, the same for the same seed, built without a marketplace."""

from __future__ import annotations

import random
from collections.abc import Iterator

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.domain.clocks import Clock, ClockKind, Consequence, StopEvent
from shoptui.domain.money import Money
from shoptui.domain.orders import Line, Order, Package, ShippingType, Status
from shoptui.domain.stores import REGIONS, Store, propose_store_id

_SKUS = [
    f"{kind}-{colour}-{size}"
    for kind in ("BAG", "MUG", "LAMP", "STK")
    for colour in ("RD", "BL", "WH")
    for size in "SML"
]
_NAMES = {
    "TH": ("สมชาย ใจดี", "กมลา วงศ์"),
    "VN": ("Nguyễn Thị Hoa", "Trần Văn Hùng"),
    "MY": ("Nur Aisyah", "陈美华"),
    "PH": ("Maria Dela Rosa", "Ramon Santos"),
    "SG": ("林小怡", "Priya Nair"),
    "ID": ("Dewi Kartika", "Budi Hartono"),
    "GB": ("Alice Fenwick", "Tom Barrow"),
}
_OPEN_SHARE = 0.03


def bench_stores(count: int) -> list[Store]:
    """`count` TikTok stores spread over the regions that have invented buyers here."""
    taken: set[str] = set()
    stores = []
    regions = list(_NAMES)
    for number in range(count):
        region = regions[number % len(regions)]
        store_id = propose_store_id("tiktok", region, taken)
        taken.add(store_id)
        zone, currency = REGIONS[region]
        stores.append(
            Store(
                store_id=store_id,
                marketplace="tiktok",
                region=region,
                shop_id=f"7495{number:015d}",
                name=f"Bench {number}",
                time_zone=zone,
                currency=currency,
                app="tiktok",
                wire={"cipher": f"ROW_bench{number:04d}=="},
            )
        )
    return stores


def bench_credentials() -> AppCredentials:
    """An app nobody answers for: the benchmark's engine is never started on it."""
    return AppCredentials("tiktok", "tiktok", "bench", "bench", "http://127.0.0.1:9", "http://127.0.0.1:9")


def bench_tokens(now: int) -> TokenSet:
    return TokenSet("bench", "bench", now + 7 * 86400, now + 365 * 86400)


def synthetic_orders(count: int, stores: list[Store], now: int, seed: int = 1) -> Iterator[Order]:
    """`count` orders, oldest first: most are finished, about 3 % are open with clocks from missed to days away."""
    dice = random.Random(seed)
    open_from = count - int(count * _OPEN_SHARE)
    for number in range(count):
        store = stores[number % len(stores)]
        if number >= open_from:
            yield _open_order(number, store, now, dice)
        else:
            yield _finished_order(number, store, now - (count - number) * 20, dice)


def _lines(number: int, store: Store, status: Status, raw: str, dice: random.Random) -> tuple[Line, ...]:
    price = Money(dice.randrange(500, 90000), store.currency)
    return tuple(
        Line(
            line_id=f"{number}-{part}",
            sku=(sku := dice.choice(_SKUS)),
            sku_id=f"17297{number:014d}",
            product_name=f"Canvas goods {sku}",
            variant_name=sku[-1],
            quantity=dice.randrange(1, 4),
            unit_price=price,
            status=status,
            raw_status=raw,
            package_id=f"1153{number:015d}",
        )
        for part in range(1 if number % 5 else 2)
    )


def _open_order(number: int, store: Store, now: int, dice: random.Random) -> Order:
    to_ship = number % 4 != 0
    status, raw = (Status.TO_SHIP, "AWAITING_SHIPMENT") if to_ship else (Status.TO_HAND_OVER, "AWAITING_COLLECTION")
    due_at = now + dice.randrange(-3600, 4 * 86400)
    kind = ClockKind.ARRANGE if to_ship else ClockKind.HAND_OVER
    stop = StopEvent.ARRANGED if to_ship else StopEvent.COLLECTED
    lines = _lines(number, store, status, raw, dice)
    clocks = (
        Clock(
            kind, due_at, Consequence.LATE_DISPATCH, stop, "tiktok:rts_sla_time" if to_ship else "tiktok:tts_sla_time"
        ),
        Clock(ClockKind.AUTO_CANCEL, due_at + 2 * 86400, Consequence.AUTO_CANCEL, stop, "tiktok:shipping_due_time"),
    )
    return _order(number, store, status, raw, now - dice.randrange(600, 86400), lines, clocks, to_ship, dice)


def _finished_order(number: int, store: Store, at: int, dice: random.Random) -> Order:
    lines = _lines(number, store, Status.COMPLETED, "COMPLETED", dice)
    return _order(number, store, Status.COMPLETED, "COMPLETED", at, lines, (), False, dice)


def _order(
    number: int,
    store: Store,
    status: Status,
    raw: str,
    at: int,
    lines: tuple[Line, ...],
    clocks: tuple[Clock, ...],
    to_ship: bool,
    dice: random.Random,
) -> Order:
    total = lines[0].unit_price * lines[0].quantity
    tracking = "" if to_ship else f"TRK{number:010d}"
    package = Package(
        package_id=f"1153{number:015d}",
        status=status,
        raw_status="TO_FULFILL" if to_ship else "PROCESSING",
        line_ids=tuple(line.line_id for line in lines),
        tracking_number=tracking,
        carrier_name="J&T Express",
    )
    return Order(
        store_id=store.store_id,
        order_no=f"5770{number:014d}",
        status=status,
        raw_status=raw,
        created_at=at,
        updated_at=at + 60,
        total=total,
        lines=lines,
        packages=(package,),
        clocks=clocks,
        paid_at=at + 30,
        shipping_type=ShippingType.PLATFORM,
        delivery_option="Standard shipping",
        carrier_name="J&T Express",
        tracking_number=tracking,
        buyer_id=f"7494{number:015d}",
        buyer_name=dice.choice(_NAMES[store.region]),
    )

"""Invented orders, stores and houses for the store's tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.intents import NewIntent, TargetKind, Verb
from shoptui.domain.money import Money
from shoptui.domain.orders import (
    Flag,
    HistoryEvent,
    Line,
    Order,
    Package,
    Recipient,
    ShippingType,
    Slot,
    Status,
)
from shoptui.domain.stores import Store

NOW = 1_780_000_000

STORES = (
    Store("tt-th-1", "tiktok", "TH", "7001", "Bangkok bags", "Asia/Bangkok", "THB", "tiktok"),
    Store("tt-uk-1", "tiktok", "GB", "7002", "London mugs", "Europe/London", "GBP", "tiktok"),
    Store("sp-vn-1", "shopee", "VN", "7003", "Saigon lamps", "Asia/Ho_Chi_Minh", "VND", "shopee"),
)


def clock(due_at: int, kind: ClockKind = ClockKind.ARRANGE, **changes: Any) -> Clock:
    """A running clock with a consequence that counts."""
    made = Clock(kind, due_at, Consequence.LATE_DISPATCH, StopEvent.ARRANGED, "tiktok:rts_sla_time")
    return replace(made, **changes)


def line(sku: str = "BAG-RD-M", *, package_id: str = "", status: Status = Status.TO_SHIP, **changes: Any) -> Line:
    """One line of an invented bag."""
    made = Line(
        line_id=f"L-{sku}",
        sku=sku,
        sku_id=f"S-{sku}",
        product_name="Canvas bag",
        variant_name="red",
        quantity=1,
        unit_price=Money(35900, "THB"),
        status=status,
        raw_status="AWAITING_SHIPMENT",
        package_id=package_id,
    )
    return replace(made, **changes)


def package(package_id: str = "P1", *, status: Status = Status.TO_SHIP, **changes: Any) -> Package:
    """A package nothing more is known of."""
    return replace(Package(package_id, status, "TO_FULFILL"), **changes)


def order(order_no: str = "576461413048483920", *, store_id: str = "tt-th-1", **changes: Any) -> Order:
    """An order that waits to be shipped in one package."""
    made = Order(
        store_id=store_id,
        order_no=order_no,
        status=Status.TO_SHIP,
        raw_status="AWAITING_SHIPMENT",
        created_at=NOW - 3600,
        updated_at=NOW - 1800,
        total=Money(35900, "THB"),
        lines=(line(package_id=f"P{order_no[-4:]}"),),
        packages=(package(f"P{order_no[-4:]}"),),
        clocks=(clock(NOW + 4 * 3600),),
        shipping_type=ShippingType.PLATFORM,
        buyer_id="b1",
        buyer_name="somchai99",
        recipient=Recipient("Somchai Jaidee", "+66812345321", "12 Silom Road", "Bangkok", "10500", "TH"),
    )
    return replace(made, **changes)


def orders(count: int, **changes: Any) -> list[Order]:
    """Several orders that differ in number and clock."""
    return [
        order(f"5764614130484{number:05d}", clocks=(clock(NOW + 3600 + number),), **changes) for number in range(count)
    ]


def intent(order_no: str = "1", target_id: str = "P1", *, store_id: str = "tt-th-1", **changes: Any) -> NewIntent:
    """Ship one package."""
    return replace(NewIntent(Verb.SHIP, store_id, order_no, TargetKind.PACKAGE, target_id), **changes)


# Strategies for whole orders

_TEXT = st.text(max_size=8)
_MOMENT = st.integers(NOW - 10**6, NOW + 10**6)
_MAYBE_MOMENT = st.none() | _MOMENT
_MONEY = st.builds(Money, st.integers(-(10**9), 10**12), st.sampled_from(["THB", "VND", "USD"]))

clocks_of_any_kind = st.builds(
    Clock,
    kind=st.sampled_from(ClockKind),
    due_at=_MOMENT,
    consequence=st.sampled_from(Consequence),
    stopped_by=st.sampled_from(StopEvent),
    source=_TEXT,
    scope=st.sampled_from(ClockScope),
    scope_id=_TEXT,
    stopped_at=_MAYBE_MOMENT,
)

orders_of_any_kind = st.builds(
    Order,
    store_id=st.sampled_from([store.store_id for store in STORES]),
    order_no=st.text("0123456789ABC", min_size=4, max_size=18),
    status=st.sampled_from(Status),
    raw_status=_TEXT,
    created_at=_MOMENT,
    updated_at=_MOMENT,
    total=_MONEY,
    lines=st.lists(
        st.builds(
            Line,
            line_id=_TEXT,
            sku=_TEXT,
            sku_id=_TEXT,
            product_name=_TEXT,
            variant_name=_TEXT,
            quantity=st.integers(1, 99),
            unit_price=_MONEY,
            status=st.sampled_from(Status),
            raw_status=_TEXT,
            package_id=_TEXT,
            unit_ids=st.lists(_TEXT, max_size=2).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    packages=st.lists(
        st.builds(
            Package,
            package_id=_TEXT,
            status=st.sampled_from(Status),
            raw_status=_TEXT,
            line_ids=st.lists(_TEXT, max_size=2).map(tuple),
            tracking_number=_TEXT,
            carrier_id=_TEXT,
            carrier_name=_TEXT,
            raw_sub_status=_TEXT,
            handover_method=_TEXT,
            slot=st.none() | st.builds(Slot, _MOMENT, _MOMENT, st.booleans()),
            weight_g=st.none() | st.integers(0, 99999),
            updated_at=_MAYBE_MOMENT,
        ),
        max_size=2,
    ).map(tuple),
    clocks=st.lists(clocks_of_any_kind, max_size=3).map(tuple),
    history=st.lists(st.builds(HistoryEvent, _MOMENT, _TEXT, _TEXT), max_size=2).map(tuple),
    flags=st.integers(0, 511).map(Flag),
    paid_at=_MAYBE_MOMENT,
    shipping_type=st.sampled_from(ShippingType),
    delivery_option=_TEXT,
    carrier_name=_TEXT,
    tracking_number=_TEXT,
    warehouse_id=_TEXT,
    buyer_id=_TEXT,
    buyer_name=_TEXT,
    buyer_note=_TEXT,
    seller_note=_TEXT,
    recipient=st.builds(Recipient, _TEXT, _TEXT, _TEXT, _TEXT, _TEXT, _TEXT, st.booleans()),
    priority=st.none() | st.integers(0, 9),
)


def keys_of(found: Sequence[Order]) -> list[tuple[str, str]]:
    """Store and number of each."""
    return [(each.store_id, each.order_no) for each in found]

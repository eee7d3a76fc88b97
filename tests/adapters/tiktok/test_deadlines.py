"""TikTok Shop's deadlines as clocks: every field, what stops them, and what never runs."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.adapters.tiktok.deadlines import DEADLINE_FIELDS
from shoptui.adapters.tiktok.mapping import to_order
from shoptui.adapters.tiktok.wire import OrderRecord
from shoptui.domain.clocks import Clock, ClockKind, Consequence, StopEvent
from shoptui.domain.orders import Order
from tests.adapters.tiktok.support import order

DUE_AT = 1767373199
_K, _C, _S = ClockKind, Consequence, StopEvent


def mapped(**over: Any) -> Order:
    return to_order(OrderRecord.model_validate(order(**over)), "tt-vn-1")


def clock_of(field: str, **over: Any) -> Clock:
    clocks = [clock for clock in mapped(**{field: DUE_AT}, **over).clocks if clock.source == f"tiktok:{field}"]
    assert len(clocks) == 1
    return clocks[0]


@pytest.mark.parametrize(
    ("field", "kind", "consequence", "stopped_by"),
    [
        ("rts_sla_time", _K.ARRANGE, _C.LATE_DISPATCH, _S.ARRANGED),
        ("tts_sla_time", _K.HAND_OVER, _C.LATE_DISPATCH, _S.COLLECTED),
        ("shipping_due_time", _K.AUTO_CANCEL, _C.AUTO_CANCEL, _S.ARRANGED),
        ("collection_due_time", _K.AUTO_CANCEL, _C.AUTO_CANCEL, _S.COLLECTED),
        ("delivery_due_time", _K.AUTO_CANCEL, _C.AUTO_CANCEL, _S.DELIVERED),
        ("cancel_order_sla_time", _K.AUTO_CANCEL, _C.AUTO_CANCEL, _S.ARRANGED),
        ("delivery_sla_time", _K.DELIVER, _C.LATE_DELIVERY, _S.DELIVERED),
        ("delivery_option_required_delivery_time", _K.DELIVER, _C.LATE_DELIVERY, _S.DELIVERED),
        ("pick_up_cut_off_time", _K.PICKUP, _C.LATE_DISPATCH, _S.COLLECTED),
        ("fast_dispatch_sla_time", _K.FAST, _C.INCENTIVE_LOST, _S.COLLECTED),
        ("fast_rts_sla_time", _K.FAST, _C.INCENTIVE_LOST, _S.ARRANGED),
        ("fast_collection_sla_time", _K.FAST, _C.INCENTIVE_LOST, _S.COLLECTED),
        ("recommended_shipping_time", _K.ARRANGE, _C.ADVICE, _S.ARRANGED),
        ("instore_pickup_sla_time", _K.PICKUP, _C.ADVICE, _S.DELIVERED),
    ],
)
def test_every_deadline_field_is_a_clock(
    field: str, kind: ClockKind, consequence: Consequence, stopped_by: StopEvent
) -> None:
    clock = clock_of(field)
    assert (clock.kind, clock.consequence, clock.stopped_by) == (kind, consequence, stopped_by)
    assert (clock.due_at, clock.stopped_at) == (DUE_AT, None)


@pytest.mark.parametrize("value", [0, None, -1])
@pytest.mark.parametrize("field", [row.name for row in DEADLINE_FIELDS])
def test_a_missing_or_zero_deadline_is_none(field: str, value: int | None) -> None:
    assert mapped(**{field: value}).clocks == ()


def test_the_deprecated_auto_cancel_counts_only_without_its_successors() -> None:
    assert [clock.source for clock in mapped(cancel_order_sla_time=DUE_AT).clocks] == ["tiktok:cancel_order_sla_time"]
    for field in ("shipping_due_time", "collection_due_time", "delivery_due_time"):
        both = mapped(cancel_order_sla_time=DUE_AT, **{field: DUE_AT + 1})
        assert [clock.source for clock in both.clocks] == [f"tiktok:{field}"]
    zero = mapped(cancel_order_sla_time=DUE_AT, shipping_due_time=0)
    assert [clock.source for clock in zero.clocks] == ["tiktok:cancel_order_sla_time"]


_TIMES = {"rts_time": 11, "collection_time": 22, "delivery_time": 33}


@pytest.mark.parametrize(
    ("status", "arranged", "collected", "delivered"),
    [
        ("UNPAID", None, None, None),
        ("ON_HOLD", None, None, None),
        ("AWAITING_SHIPMENT", None, None, None),
        ("PARTIALLY_SHIPPING", None, None, None),
        ("AWAITING_COLLECTION", 11, None, None),
        ("IN_TRANSIT", 11, 22, None),
        ("DELIVERED", 11, 22, 33),
        ("COMPLETED", 11, 22, 33),
        ("SOMETHING_NEW", 11, 22, 33),
    ],
)
def test_events_stop_their_clocks(
    status: str, arranged: int | None, collected: int | None, delivered: int | None
) -> None:
    times = {"status": status, **_TIMES}
    assert clock_of("rts_sla_time", **times).stopped_at == arranged
    assert clock_of("shipping_due_time", **times).stopped_at == arranged
    assert clock_of("tts_sla_time", **times).stopped_at == collected
    assert clock_of("collection_due_time", **times).stopped_at == collected
    assert clock_of("delivery_sla_time", **times).stopped_at == delivered


def test_an_event_without_a_time_stops_its_clock_at_the_orders_version() -> None:
    assert clock_of("rts_sla_time", status="AWAITING_COLLECTION", update_time=77).stopped_at == 77
    assert clock_of("tts_sla_time", status="SOMETHING_NEW").stopped_at is None


@pytest.mark.parametrize("field", [row.name for row in DEADLINE_FIELDS])
def test_nothing_runs_on_a_cancelled_or_completed_order(field: str) -> None:
    assert clock_of(field, status="CANCELLED", cancel_time=55).stopped_at == 55
    assert clock_of(field, status="CANCELLED", update_time=66).stopped_at == 66
    # Fully refunded before the carrier had it: completed without any of the events.
    assert clock_of(field, status="COMPLETED", update_time=66).stopped_at == 66

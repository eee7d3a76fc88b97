"""Lazada's records as orders: money, states, parcels that keep their name, deadlines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.lazada.mapping import amount, to_order
from shoptui.adapters.lazada.parcels import ITEM_STATUS, parcel_with, parcels_of
from shoptui.adapters.lazada.wire import ItemRecord, OrderRecord
from shoptui.clock import DrivenClock
from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.orders import Flag, Order, ShippingType, Status
from tests.adapters.lazada.support import (
    ITEMS,
    ORDER,
    ORDER_NO,
    STORE,
    UNIT_1,
    UNIT_2,
    UNIT_3,
    ScriptedShop,
    item,
    items_of,
    ok,
    order,
    packed,
    store,
)

SLA_AT = 1767801599
VERSION = 1767576041


def mapped(*units: dict[str, Any], **over: Any) -> Order:
    return to_order(
        OrderRecord.model_validate(order(**over)), [ItemRecord.model_validate(unit) for unit in units], STORE
    )


def test_an_order_with_two_units_of_a_sku_is_one_line_in_one_parcel() -> None:
    found = mapped(item(UNIT_1), item(UNIT_2))
    assert (found.order_no, found.status, found.raw_status) == ("498120337128842", Status.TO_SHIP, "pending")
    # 1,118.00 - 15.00 + 4.90
    assert found.total == Money(110790, "MYR")
    (line,) = found.lines
    assert (line.line_id, line.quantity, line.unit_ids) == (UNIT_1, 2, (UNIT_1, UNIT_2))
    assert line.unit_price == Money(55150, "MYR")
    (parcel,) = found.packages
    assert (parcel.package_id, parcel.status, parcel.line_ids) == (UNIT_1, Status.TO_SHIP, (UNIT_1,))
    assert line.package_id == parcel.package_id
    assert (found.created_at, found.updated_at, found.paid_at) == (1767575662, VERSION, 1767575680)
    assert found.shipping_type is ShippingType.PLATFORM
    assert found.recipient.masked
    assert found.recipient.city == "Petaling Jaya"
    assert [event.what for event in found.history] == ["created", "paid"]


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,118.00", "MYR", 111800),
        ("1,234,567.89", "PHP", 123456789),
        ("15.0", "MYR", 1500),
        ("0", "SGD", 0),
        ("2.4500000000000002", "MYR", 245),
        ("1.0E7", "THB", 1000000000),
        ("1707000.0", "VND", 1707000),
        ("1,707.00", "IDR", 1707),
        ("-3.5", "MYR", -350),
    ],
)
def test_amounts_are_exact_however_they_are_written(text: str, currency: str, minor: int) -> None:
    assert amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"), [("1.005", "MYR"), ("12.5", "VND"), ("NaN", "MYR"), ("", "MYR"), ("RM 5", "MYR")]
)
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(MoneyError):
        amount(text, currency)


async def test_a_masked_amount_says_what_the_app_lacks(clock: DrivenClock) -> None:
    script = {ORDER: ok(order(price="1,****8.00")), ITEMS: items_of(item(UNIT_1))}
    page = await ScriptedShop(clock, script).shop.orders_by_no(STORE, [ORDER_NO])
    assert page.orders == ()
    assert [(record.order_no, "data security review" in record.reason) for record in page.set_aside] == [
        (ORDER_NO, True)
    ]


@given(st.integers(0, 10**10))
def test_doubles_and_thousands_commas_say_the_same(minor: int) -> None:
    assert amount(f"{minor // 100:,}.{minor % 100:02d}", "MYR") == Money(minor, "MYR")
    assert amount(repr(minor / 100), "MYR") == Money(minor, "MYR")


def test_a_share_of_a_voucher_that_does_not_come_out_even_leaves_the_price_before_it() -> None:
    found = mapped(item(paid_price=551.3333333), price="559.00")
    assert found.lines[0].unit_price == Money(55900, "MYR")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["pending"], Status.TO_SHIP),
        (["repacked"], Status.TO_SHIP),
        (["packed"], Status.TO_SHIP),
        (["ready_to_ship_pending"], Status.TO_HAND_OVER),
        (["transit_to_ship"], Status.TO_HAND_OVER),
        (["shipped"], Status.IN_TRANSIT),
        (["shipped_back"], Status.RETURNING),
        (["failed_delivered"], Status.DELIVERY_FAILED),
        (["confirmed"], Status.COMPLETED),
        (["canceled"], Status.CANCELLED),
        (["canceled", "shipped"], Status.IN_TRANSIT),
        (["delivered", "pending"], Status.TO_SHIP),
        (["shipped_back_failed", "canceled"], Status.LOST),
        (["parked_on_the_moon"], Status.UNKNOWN),
        (["parked_on_the_moon", "pending"], Status.TO_SHIP),
    ],
)
def test_the_order_shows_its_least_advanced_open_unit(words: list[str], status: Status) -> None:
    units = [item(str(int(UNIT_1) + 100000 * at), status=word) for at, word in enumerate(words)]
    found = mapped(*units)
    assert found.status is status
    # The marketplace's own words stay, unknown ones too.
    assert set(found.raw_status.split(", ")) == set(words)


def test_a_word_that_contains_another_is_not_taken_for_it() -> None:
    assert ITEM_STATUS["shipped_back"] is not ITEM_STATUS["shipped"]
    assert ITEM_STATUS["transit_to_ship"] is not ITEM_STATUS["shipped"]
    assert ITEM_STATUS["failed_delivered"] is not ITEM_STATUS["delivered"]


def test_a_cancellation_that_waits_for_the_carrier_holds_the_order() -> None:
    found = mapped(packed(UNIT_1, status="ready_to_ship", is_cancel_pending=True))
    assert found.status is Status.ON_HOLD
    assert "cancel pending" in found.raw_status
    assert mapped(packed(UNIT_1, status="shipped", is_cancel_pending=True)).status is Status.IN_TRANSIT


@pytest.mark.parametrize(
    ("unit", "record", "flag"),
    [
        ({"need_cancel_confirm": True}, {}, Flag.CANCEL_REQUESTED),
        ({}, {"need_cancel_confirm": True}, Flag.CANCEL_REQUESTED),
        ({"need_cancel_confirm": "true"}, {}, Flag.CANCEL_REQUESTED),
        ({}, {"payment_method": "COD"}, Flag.CASH_ON_DELIVERY),
        ({}, {"gift_option": "1"}, Flag.GIFT),
        ({}, {"address_updated_at": "2026-01-05 10:00:00 +0800"}, Flag.ADDRESS_CHANGED),
        ({"order_type": "PreSale"}, {}, Flag.PRE_ORDER),
        ({"is_fbl": 1}, {}, Flag.FULFILLED_BY_PLATFORM),
        ({"biz_group": 70020}, {}, Flag.FULFILLED_BY_PLATFORM),
        ({"biz_group": 70100}, {}, Flag.NONE),
        ({}, {}, Flag.NONE),
    ],
)
def test_flags(unit: dict[str, Any], record: dict[str, Any], flag: Flag) -> None:
    assert mapped(item(**unit), **record).flags == flag


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ({"delivery_option_sof": 1}, ShippingType.SELLER),
        ({"shipping_provider_type": "SELLER_OWN_FLEET"}, ShippingType.SELLER),
        ({"shipping_provider_type": "pickup_in_store"}, ShippingType.STORE_PICKUP),
        ({"is_digital": 1}, ShippingType.DIGITAL),
        ({}, ShippingType.PLATFORM),
    ],
)
def test_who_brings_the_parcel(unit: dict[str, Any], kind: ShippingType) -> None:
    assert mapped(item(**unit)).shipping_type is kind


def test_units_of_other_warehouses_and_ways_are_parcels_of_their_own_and_what_nobody_packs_is_in_none() -> None:
    found = mapped(
        item(UNIT_1),
        item(UNIT_2, warehouse_code="KL-2"),
        item(UNIT_3, is_fbl=1),
        item("498120337528842", is_digital=1),
        item("498120337628842", status="canceled"),
    )
    assert [(each.package_id, each.line_ids) for each in found.packages] == [(UNIT_1, (UNIT_1,)), (UNIT_2, (UNIT_2,))]
    assert {line.package_id for line in found.lines if line.line_id not in {UNIT_1, UNIT_2}} == {""}


def test_a_parcel_keeps_its_name_when_it_is_packed_packed_again_and_shipped() -> None:
    names = [
        mapped(*units).packages[0].package_id
        for units in (
            (item(UNIT_1), item(UNIT_2)),
            (packed(UNIT_2), packed(UNIT_1)),
            (packed(UNIT_1, "FP041220587428842", "repacked"), packed(UNIT_2, "FP041220587428842", "repacked")),
            (packed(UNIT_1, "FP041220999999999"), packed(UNIT_2, "FP041220999999999")),
            (packed(UNIT_1, "FP041220999999999", "shipped"), packed(UNIT_2, "FP041220999999999", "shipped")),
        )
    ]
    assert names == [UNIT_1] * 5


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_however_lazada_packs_every_unit_is_in_one_parcel_and_the_target_goes_on(packing: list[int]) -> None:
    ids = [str(int(UNIT_1) + 100000 * at) for at in range(len(packing))]
    before = parcels_of([ItemRecord.model_validate(item(unit_id)) for unit_id in ids])
    assert [parcel.parcel_id for parcel in before] == [ids[0]]
    after = parcels_of(
        [
            ItemRecord.model_validate(packed(unit_id, f"FP04122000000000{box}"))
            for unit_id, box in zip(ids, packing, strict=True)
        ]
    )
    assert sorted(unit for parcel in after for unit in parcel.unit_ids) == ids
    assert len({parcel.parcel_id for parcel in after}) == len(after) == len(set(packing))
    goes_on = parcel_with(after, before[0].parcel_id)
    assert goes_on is not None
    assert goes_on.parcel_id == before[0].parcel_id


def clocks(*units: dict[str, Any], **over: Any) -> dict[ClockKind, Clock]:
    return {clock.kind: clock for clock in mapped(*units, **over).clocks}


def test_the_deadline_is_the_earliest_of_the_parcels_units() -> None:
    found = clocks(item(UNIT_1, sla_time_stamp="2026-01-08T23:59:59+08:00"), item(UNIT_2))
    assert set(found) == {ClockKind.ARRANGE}
    arrange = found[ClockKind.ARRANGE]
    assert (arrange.due_at, arrange.running, arrange.source) == (SLA_AT, True, "lazada:sla_time_stamp")
    assert (arrange.scope, arrange.consequence) == (ClockScope.ORDER, Consequence.LATE_DISPATCH)


def test_a_declared_parcel_has_until_the_same_moment_to_be_handed_over() -> None:
    found = clocks(packed(UNIT_1, status="ready_to_ship"))
    assert found[ClockKind.ARRANGE].stopped_at == VERSION
    assert found[ClockKind.HAND_OVER].running
    assert found[ClockKind.HAND_OVER].due_at == SLA_AT
    gone = clocks(packed(UNIT_1, status="shipped", updated_at="2026-01-06 12:00:00 +0800"))
    assert gone[ClockKind.HAND_OVER].stopped_at == 1767672000


def test_parcels_have_deadlines_of_their_own() -> None:
    found = mapped(packed(UNIT_1, status="ready_to_ship"), item(UNIT_2, warehouse_code="KL-2"))
    assert {(clock.kind, clock.scope_id, clock.running) for clock in found.clocks} == {
        (ClockKind.ARRANGE, UNIT_1, False),
        (ClockKind.HAND_OVER, UNIT_1, True),
        (ClockKind.ARRANGE, UNIT_2, True),
    }
    assert found.flags & Flag.PART_SHIPPED == Flag.NONE
    shipped = mapped(packed(UNIT_1, status="shipped"), item(UNIT_2, warehouse_code="KL-2"))
    assert shipped.flags & Flag.PART_SHIPPED


def test_a_cancelled_order_stops_its_deadline_and_a_cancelled_unit_does_not_count() -> None:
    assert not clocks(item(UNIT_1, status="canceled"))[ClockKind.ARRANGE].running
    early = item(UNIT_1, status="canceled", sla_time_stamp="2026-01-05T23:59:59+08:00")
    assert clocks(early, item(UNIT_2))[ClockKind.ARRANGE].due_at == SLA_AT


def test_the_older_field_fills_in_and_free_text_never_does() -> None:
    promised = clocks(item(sla_time_stamp="", promised_shipping_time="2026-01-06 12:00:00 +0800"))
    assert (promised[ClockKind.ARRANGE].due_at, promised[ClockKind.ARRANGE].source) == (
        1767672000,
        "lazada:promised_shipping_time",
    )
    assert clocks(item(sla_time_stamp="")) == {}
    with pytest.raises(ValueError, match="no time"):
        mapped(item(sla_time_stamp="NEXT_DAY"))


def test_a_buyers_request_has_a_clock_until_it_is_answered() -> None:
    asked: dict[str, Any] = {"cancel_trigger_time": 1767800000000, "reverse_order_id": 703551900128842}
    running = clocks(item(need_cancel_confirm=True, **asked))[ClockKind.CANCEL_REQUEST]
    assert (running.due_at, running.running, running.consequence) == (1767800000, True, Consequence.AUTO_APPROVED)
    assert not clocks(item(**asked))[ClockKind.CANCEL_REQUEST].running


def test_cancelled_units_say_who_and_why() -> None:
    found = mapped(item(status="canceled", cancel_return_initiator="cancellation-customer", reason="Change of mind"))
    (event,) = [event for event in found.history if event.what == "cancelled"]
    assert (event.at, event.detail) == (VERSION, "cancellation-customer Change of mind")


def test_outside_text_is_made_safe() -> None:
    found = mapped(item(name="Ket\x1b[31mtle\u202e", variation="Color:\nBlack"), buyer_note="hi\x07\nthere")
    assert (found.lines[0].product_name, found.lines[0].variant_name) == ("Kettle", "Color: Black")
    assert found.buyer_note == "hi\nthere"


def test_items_newer_than_their_order_make_it_newer() -> None:
    assert mapped(item(updated_at="2026-01-05 10:00:00 +0800")).updated_at == 1767578400


def test_an_order_without_items_is_no_order() -> None:
    with pytest.raises(ValueError, match="no items"):
        mapped()


def test_currencies_without_decimals() -> None:
    record = OrderRecord.model_validate(order(price="1,707,000", voucher=7000.0, shipping_fee=0))
    unit = ItemRecord.model_validate(item(currency="VND", paid_price=1700000.0))
    found = to_order(record, [unit], store("lz-vn-1", "VN", "VND"))
    assert found.total == Money(1700000, "VND")

"""Wire records as domain orders: every status, units as lines, packages, flags, and outside text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.tiktok.mapping import to_event, to_order, with_package
from shoptui.adapters.tiktok.wire import OrderRecord, PackageDetail, TrackingEvent
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.orders import Flag, HistoryEvent, Order, Recipient, ShippingType, Slot, Status
from tests.adapters.tiktok.support import order, package, unit


def mapped(**over: Any) -> Order:
    return to_order(OrderRecord.model_validate(order(**over)), "tt-vn-1")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("UNPAID", Status.UNPAID),
        ("ON_HOLD", Status.ON_HOLD),
        ("AWAITING_SHIPMENT", Status.TO_SHIP),
        ("PARTIALLY_SHIPPING", Status.TO_SHIP),
        ("AWAITING_COLLECTION", Status.TO_HAND_OVER),
        ("IN_TRANSIT", Status.IN_TRANSIT),
        ("DELIVERED", Status.DELIVERED),
        ("COMPLETED", Status.COMPLETED),
        ("CANCELLED", Status.CANCELLED),
        ("CANCEL", Status.CANCELLED),
        ("AWAITING_DRONE", Status.UNKNOWN),
    ],
)
def test_every_order_status_keeps_its_own_word(word: str, status: Status) -> None:
    got = mapped(status=word)
    assert (got.status, got.raw_status) == (status, word)


@pytest.mark.parametrize(
    ("order_word", "line_word", "status"),
    [
        ("AWAITING_SHIPMENT", "AWAITING_SHIPMENT", Status.TO_SHIP),
        ("PARTIALLY_SHIPPING", "AWAITING_COLLECTION", Status.TO_HAND_OVER),
        ("ON_HOLD", "AWAITING_SHIPMENT", Status.ON_HOLD),
        ("CANCELLED", "AWAITING_SHIPMENT", Status.CANCELLED),
        ("AWAITING_SHIPMENT", "CANCELLED", Status.CANCELLED),
        ("IN_TRANSIT", "SOMETHING_NEW", Status.UNKNOWN),
        ("DELIVERED", None, Status.DELIVERED),
    ],
)
def test_line_status(order_word: str, line_word: str | None, status: Status) -> None:
    got = mapped(status=order_word, line_items=[unit(display_status=line_word)]).lines[0]
    assert got.status is status
    assert got.raw_status == (line_word or order_word)


@pytest.mark.parametrize(
    ("order_word", "package_word", "status"),
    [
        ("AWAITING_SHIPMENT", "TO_FULFILL", Status.TO_SHIP),
        ("AWAITING_COLLECTION", "PROCESSING", Status.TO_HAND_OVER),
        ("IN_TRANSIT", "FULFILLING", Status.IN_TRANSIT),
        ("DELIVERED", "COMPLETED", Status.DELIVERED),
        ("COMPLETED", "COMPLETED", Status.COMPLETED),
        ("CANCELLED", "CANCELLED", Status.CANCELLED),
        ("CANCELLED", "TO_FULFILL", Status.CANCELLED),
        ("ON_HOLD", "TO_FULFILL", Status.ON_HOLD),
        ("UNPAID", "TO_FULFILL", Status.UNPAID),
        ("AWAITING_SHIPMENT", "BEAMED", Status.UNKNOWN),
        ("AWAITING_SHIPMENT", None, Status.TO_SHIP),
    ],
)
def test_package_status(order_word: str, package_word: str | None, status: Status) -> None:
    got = mapped(status=order_word, line_items=[unit(package_status=package_word)]).packages[0]
    assert got.status is status
    assert got.raw_status == (package_word or "")


@pytest.mark.parametrize(
    ("sub_status", "reason", "status"),
    [
        ("RTSING", None, Status.IN_TRANSIT),
        ("TTS", None, Status.IN_TRANSIT),
        ("DELIVERED", None, Status.DELIVERED),
        ("SHIP_EXCEPTION", None, Status.DELIVERY_FAILED),
        ("SHIP_EXCEPTION", "PACKAGE_DAMAGAED", Status.LOST),
        ("SHIP_EXCEPTION", "PACKAGE_LOST", Status.LOST),
        ("SHIP_EXCEPTION", "RETURNED_TO_SHIPPER", Status.RETURNING),
        ("PART_DELIVERED_AND_EXCEPTION", None, Status.DELIVERY_FAILED),
        ("NEVER_HEARD_OF", None, Status.IN_TRANSIT),
    ],
)
def test_package_detail_refines_the_status(sub_status: str, reason: str | None, status: Status) -> None:
    detail = package(package_status="FULFILLING", package_sub_status=sub_status, ship_exception_reason=reason)
    got = with_package(mapped(status="IN_TRANSIT"), PackageDetail.model_validate(detail)).packages[0]
    assert (got.status, got.raw_sub_status) == (status, sub_status)


def test_units_become_lines_by_sku_price_package_and_status() -> None:
    units = [
        unit(1),
        unit(2),
        unit(3, sale_price="100000"),
        unit(4, package_id="1153132168123859999"),
        unit(5, sku_id="1729582718312446999"),
        unit(6, display_status="CANCELLED"),
        unit(1),
    ]
    got = mapped(line_items=units)
    assert [line.quantity for line in got.lines] == [2, 1, 1, 1, 1]
    first = got.lines[0]
    assert first.line_id == units[0]["id"]
    assert first.unit_ids == (units[0]["id"], units[1]["id"])
    assert first.unit_price == Money(135000, "VND")
    assert (first.sku, first.product_name, first.variant_name) == (
        "MUG-450-BLU",
        "Insulated mug 450 ml",
        "Blue, 450 ml",
    )


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from(["1", "2"]), st.sampled_from(["P", "Q", ""])),
        min_size=1,
        max_size=30,
    )
)
def test_no_unit_is_lost_or_counted_twice(units: list[tuple[str, str, str]]) -> None:
    items = [
        unit(number, sku_id=sku, sale_price=price, package_id=parcel)
        for number, (sku, price, parcel) in enumerate(units)
    ]
    got = mapped(line_items=items)
    assert sorted(unit_id for line in got.lines for unit_id in line.unit_ids) == sorted(item["id"] for item in items)
    assert all(line.quantity == len(line.unit_ids) for line in got.lines)
    in_packages = {line_id for parcel in got.packages for line_id in parcel.line_ids}
    assert in_packages == {line.line_id for line in got.lines if line.package_id}


def test_an_order_in_several_packages() -> None:
    got = mapped(
        status="PARTIALLY_SHIPPING",
        packages=[{"id": "P1"}, {"id": "P2"}, {"id": "P3"}],
        tracking_number="",
        rts_sla_time=1767373199,
        rts_time=1767225500,
        line_items=[
            unit(
                1,
                package_id="P1",
                package_status="PROCESSING",
                tracking_number="VN1",
                display_status="AWAITING_COLLECTION",
            ),
            unit(2, package_id="P2"),
        ],
    )
    assert [(each.package_id, each.status, each.tracking_number) for each in got.packages] == [
        ("P1", Status.TO_HAND_OVER, "VN1"),
        ("P2", Status.TO_SHIP, ""),
        ("P3", Status.TO_SHIP, ""),
    ]
    assert got.packages[0].line_ids == (got.lines[0].line_id,)
    assert (got.status, got.flags & Flag.PART_SHIPPED) == (Status.TO_SHIP, Flag.PART_SHIPPED)
    assert got.tracking_number == "VN1"
    # One package still waits, so the clock of arranging runs although the order has an rts_time.
    assert got.clocks[0].running


def test_a_package_named_by_its_units_only() -> None:
    got = mapped(packages=None)
    assert [each.package_id for each in got.packages] == ["1153132168123859123"]
    assert (got.carrier_name, got.packages[0].carrier_id) == ("J&T Express", "6841743441349706241")


@pytest.mark.parametrize(
    ("over", "flag"),
    [
        ({"is_cod": True}, Flag.CASH_ON_DELIVERY),
        ({"is_buyer_request_cancel": True}, Flag.CANCEL_REQUESTED),
        ({"has_updated_recipient_address": True}, Flag.ADDRESS_CHANGED),
        ({"is_sample_order": True}, Flag.SAMPLE),
        ({"order_type": "PRE_ORDER"}, Flag.PRE_ORDER),
        ({"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}, Flag.FULFILLED_BY_PLATFORM),
        ({"fulfillment_type": "FULFILLMENT_BY_DILAYANI_TOKOPEDIA"}, Flag.FULFILLED_BY_PLATFORM),
        ({"line_items": [unit(1), unit(2, is_gift=True)]}, Flag.GIFT),
        ({"status": "PARTIALLY_SHIPPING"}, Flag.PART_SHIPPED),
        ({"order_type": "NORMAL", "fulfillment_type": None, "is_cod": None}, Flag.NONE),
    ],
)
def test_flags(over: dict[str, Any], flag: Flag) -> None:
    assert mapped(**over).flags == flag


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("TIKTOK", ShippingType.PLATFORM),
        ("SELLER", ShippingType.SELLER),
        ("TIKTOK_DIGITAL", ShippingType.DIGITAL),
        ("IN-STORE PICKUP", ShippingType.STORE_PICKUP),
        ("CARRIER_PIGEON", ShippingType.UNKNOWN),
        (None, ShippingType.UNKNOWN),
    ],
)
def test_shipping_types(word: str | None, kind: ShippingType) -> None:
    assert mapped(shipping_type=word).shipping_type is kind


def test_history_is_told_in_order() -> None:
    got = mapped(
        status="CANCELLED",
        create_time=100,
        paid_time=110,
        rts_time=150,
        request_cancel_time=130,
        cancel_time=190,
        cancellation_initiator="BUYER",
        cancel_reason="no longer\nneeded",
        delivery_time=0,
    )
    assert got.history == (
        HistoryEvent(100, "created"),
        HistoryEvent(110, "paid"),
        HistoryEvent(130, "cancel_requested"),
        HistoryEvent(150, "arranged"),
        HistoryEvent(190, "cancelled", "BUYER no longer needed"),
    )
    assert got.paid_at == 110


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("242000", "VND", 242000),
        ("12.50", "USD", 1250),
        ("0", "THB", 0),
        (19, "GBP", 1900),
        ("1,118.00", "PHP", 111800),
    ],
)
def test_money_is_exact(amount: str | int, currency: str, minor: int) -> None:
    item = unit(sale_price=str(amount), currency=currency)
    got = mapped(payment={"currency": currency, "total_amount": amount}, line_items=[item])
    assert got.total == Money(minor, currency)
    assert got.lines[0].unit_price == Money(minor, currency)


@pytest.mark.parametrize("amount", ["", "12.5.0", "1e3", "free", "0.5"])
def test_an_amount_that_is_none_is_refused(amount: str) -> None:
    with pytest.raises(MoneyError):
        mapped(payment={"currency": "VND", "total_amount": amount})


def test_a_masked_recipient_stays_masked() -> None:
    assert mapped().recipient == Recipient(
        "N*** V** A", "(+84)98*****21", "1** ***", "Ho Chi Minh City", "", "VN", masked=True
    )


def test_a_recipient_in_clear_is_not_called_masked() -> None:
    address = {
        "name": "Rosa Brook",
        "phone_number": "+44 7700 900123",
        "address_line1": "4 Mill Lane",
        "post_town": "Leeds",
        "postal_code": "LS1 4AB",
        "region_code": "GB",
    }
    got = mapped(recipient_address=address).recipient
    assert got == Recipient("Rosa Brook", "+44 7700 900123", "4 Mill Lane", "Leeds", "LS1 4AB", "GB", masked=False)
    assert mapped(recipient_address=None).recipient == Recipient()


def test_the_city_is_the_district_that_calls_itself_one() -> None:
    districts = [
        {"address_level": "L1", "address_level_name": "State", "address_name": "California"},
        {"address_level": "L3", "address_level_name": "City", "address_name": "Fresno"},
    ]
    assert mapped(recipient_address={"district_info": districts}).recipient.city == "Fresno"


def test_outside_text_loses_its_controls() -> None:
    evil = "a\x1b]0;owned\x07b\u202ec\n\td"
    got = mapped(
        buyer_nickname=evil,
        buyer_message=evil,
        seller_note=evil,
        delivery_option_name=evil,
        tracking_number=evil,
        status="ODD\x1b[2J",
        line_items=[unit(product_name=evil, sku_name=evil, seller_sku=evil, package_id="")],
        packages=[],
        recipient_address={"name": evil, "phone_number": evil, "address_detail": evil, "region_code": evil},
    )
    line = got.lines[0]
    one_line = (
        got.buyer_name,
        got.delivery_option,
        got.tracking_number,
        line.sku,
        line.product_name,
        line.variant_name,
        got.recipient.name,
        got.recipient.phone,
        got.recipient.street,
        got.recipient.region,
    )
    assert set(one_line) == {"abc d"}
    assert (got.buyer_note, got.seller_note) == ("abc\n\td", "abc\n\td")
    assert got.raw_status == "ODD"


def test_package_detail_is_merged_into_its_order() -> None:
    detail = package(
        package_status="PROCESSING",
        package_sub_status="RTS",
        tracking_number="VN123",
        handover_method="PICKUP",
        pickup_slot={"start_time": 1767258000, "end_time": 1767261600},
        weight={"value": "1.5", "unit": "POUND"},
        order_line_item_ids=[unit(1)["id"]],
    )
    got = with_package(mapped(), PackageDetail.model_validate(detail))
    parcel = got.packages[0]
    assert parcel.status is Status.TO_HAND_OVER
    assert parcel.slot == Slot(1767258000, 1767261600)
    assert (parcel.weight_g, parcel.tracking_number, parcel.handover_method) == (680, "VN123", "PICKUP")
    assert parcel.line_ids == (got.lines[0].line_id,)
    assert (parcel.updated_at, got.tracking_number) == (1767225100, "VN123")


def test_a_package_the_order_does_not_know_yet_is_added() -> None:
    got = with_package(mapped(), PackageDetail.model_validate(package("P9")))
    assert [parcel.package_id for parcel in got.packages] == ["1153132168123859123", "P9"]


@pytest.mark.parametrize(
    ("weight", "grams"),
    [
        ({"value": "600", "unit": "GRAM"}, 600),
        ({"value": "2", "unit": "KILOGRAM"}, 2000),
        ({"value": "heavy", "unit": "GRAM"}, None),
        ({"value": "NaN", "unit": "GRAM"}, None),
        ({"value": "0", "unit": "GRAM"}, None),
        ({"value": "3", "unit": "STONE"}, None),
        ({"value": "3"}, None),
        (None, None),
    ],
)
def test_weights(weight: dict[str, str] | None, grams: int | None) -> None:
    detail = PackageDetail.model_validate(package(weight=weight))
    assert with_package(mapped(), detail).packages[0].weight_g == grams


def test_tracking_times_come_in_milliseconds() -> None:
    event = TrackingEvent.model_validate({"description": "Picked\x1b[1m up", "update_time_millis": 1767258000999})
    assert to_event(event) == HistoryEvent(1767258000, "carrier", "Picked up")


@pytest.mark.parametrize(
    "over",
    [
        {"buyer_nickname": {"odd": 1}},
        {"is_cod": "perhaps"},
        {"fulfillment_priority_level": "high"},
        {"recipient_address": "somewhere"},
        {"recipient_address": {"district_info": "none"}},
        {"paid_time": "yesterday"},
        {"rts_time": 1767225725000},
        {"brand_new_field": [1, 2, 3]},
        {"warehouse_id": 7272949914115966726},
        {"line_items": [unit(is_gift="maybe", product_name=None, seller_sku=7)]},
    ],
)
def test_what_we_can_do_without_never_spoils_an_order(over: dict[str, Any]) -> None:
    assert mapped(**over).order_no == order()["id"]


@pytest.mark.parametrize(
    "over",
    [
        {"id": None},
        {"id": ""},
        {"id": "../../etc"},
        {"status": ""},
        {"update_time": None},
        {"update_time": "now"},
        {"create_time": 1767222000000},
        {"rts_sla_time": "soon"},
        {"shipping_due_time": 1767632399000},
        {"payment": None},
        {"payment": {"currency": "dong", "total_amount": "1"}},
        {"payment": {"currency": "VND"}},
        {"line_items": [unit(id=None)]},
        {"line_items": [unit(sale_price=None)]},
        {"packages": ["1"]},
        {"line_items": None},
        {"line_items": []},
    ],
)
def test_what_we_cannot_do_without_is_strict(over: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        mapped(**over)

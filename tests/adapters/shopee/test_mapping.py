"""Shopee's records as orders: statuses, lines, money, packages, flags and clocks."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.http import Answer, Call
from shoptui.adapters.shopee.mapping import ORDER_STATUS, PACKAGE_STATUS, Reading, amount, to_order
from shoptui.adapters.shopee.wire import LooseOrderDetails, OrderRecord, PackageDetail, read_response
from shoptui.domain.clocks import ClockKind, ClockScope, Consequence
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.orders import Flag, Order, ShippingType, Status
from tests.adapters.shopee.support import PACKAGE, item, ok, order, package, packed, part

OTHER = "OFG190024417703557"
CALL = Call("GET", "http://api.test/x", endpoint="x", app="main", marketplace="shopee", feed="orders")


def wire(response: httpx.Response) -> Answer:
    return Answer(CALL, 200, response.content, 0.0)


def mapped(record: dict[str, Any], *details: dict[str, Any], own: frozenset[str] | None = frozenset()) -> Order:
    """The order by the same way as from the network: as JSON text."""
    raw = (read_response(wire(ok({"order_list": [record]})), LooseOrderDetails).order_list or [])[0]
    found = {each["package_number"]: PackageDetail.model_validate(each) for each in details}
    return to_order(OrderRecord.model_validate(raw), Reading("sp-my-1", found, own))


def test_an_order_in_full() -> None:
    found = mapped(order(), package())
    assert (found.order_no, found.status, found.raw_status) == ("251009T4K7WQ2P", Status.TO_SHIP, "READY_TO_SHIP")
    assert found.total == Money(4350, "MYR")
    (line,) = found.lines
    assert (line.line_id, line.sku, line.sku_id) == ("19004417703-190044177031", "APRON-SD-M", "190044177031")
    assert (line.quantity, line.unit_price, line.package_id) == (1, Money(3850, "MYR"), PACKAGE)
    (parcel,) = found.packages
    assert (parcel.package_id, parcel.status, parcel.weight_g) == (PACKAGE, Status.TO_SHIP, 640)
    assert (parcel.carrier_id, parcel.carrier_name, parcel.line_ids) == ("20021", "SPX Express", (line.line_id,))
    assert found.shipping_type is ShippingType.PLATFORM
    assert (found.delivery_option, found.warehouse_id) == ("Standard Delivery", "MYZ")
    assert (found.buyer_id, found.buyer_name, found.buyer_note) == ("880299331", "suri_tan7", "Ring twice please")
    assert found.recipient.masked
    assert [event.what for event in found.history] == ["created", "paid"]


def test_ids_are_the_same_whether_they_come_as_numbers_or_as_text() -> None:
    def as_text(value: Any) -> Any:
        if isinstance(value, dict):
            ids = {"item_id", "model_id", "order_item_id", "promotion_group_id", "logistics_channel_id"}
            ids.add("buyer_user_id")
            return {key: str(each) if key in ids else as_text(each) for key, each in value.items()}
        return [as_text(each) for each in value] if isinstance(value, list) else value

    assert mapped(as_text(order()), as_text(package())) == mapped(order(), package())


def test_ids_beyond_what_floats_hold_keep_every_digit() -> None:
    big = 18446744073709551557
    found = mapped(order(item_list=[item(model_id=big)], package_list=None))
    assert found.lines[0].sku_id == str(big)


@pytest.mark.parametrize(("word", "status"), sorted(ORDER_STATUS.items()))
def test_every_word_of_an_order_is_known(word: str, status: Status) -> None:
    found = mapped(order(order_status=word, package_list=None))
    assert (found.status, found.raw_status) == (status, word)


@pytest.mark.parametrize(("word", "status"), sorted(PACKAGE_STATUS.items()))
def test_every_word_of_a_package_is_known(word: str, status: Status) -> None:
    found = mapped(order(order_status="SHIPPED", package_list=[part(logistics_status=word)]))
    assert (found.packages[0].status, found.packages[0].raw_status) == (status, word)


def test_unknown_words_are_kept_and_shown() -> None:
    found = mapped(order(order_status="ON_THE_MOON", package_list=[part(logistics_status="LOGISTICS_ORBIT")]))
    assert (found.status, found.raw_status) == (Status.UNKNOWN, "ON_THE_MOON")
    assert (found.packages[0].status, found.packages[0].raw_status) == (Status.UNKNOWN, "LOGISTICS_ORBIT")


def test_a_wish_to_cancel_is_a_flag_and_the_packages_tell_how_far_the_order_is() -> None:
    record = order(
        order_status="IN_CANCEL",
        buyer_cancel_reason="Found it cheaper",
        package_list=[part(logistics_status="LOGISTICS_REQUEST_CREATED")],
    )
    found = mapped(record)
    assert found.flags & Flag.CANCEL_REQUESTED
    assert found.status is Status.TO_HAND_OVER
    assert ("cancel_requested", "Found it cheaper") in [(event.what, event.detail) for event in found.history]


def test_a_tracking_number_tells_an_arrangement_before_the_state_does() -> None:
    found = mapped(order(), package(tracking_number="SPXMY0123456789"))
    assert found.status is Status.TO_HAND_OVER
    assert (found.packages[0].status, found.packages[0].raw_status) == (Status.TO_HAND_OVER, "LOGISTICS_READY")
    assert found.tracking_number == "SPXMY0123456789"


def test_a_failed_pickup_waits_to_be_arranged_again_although_it_has_a_number() -> None:
    word = "LOGISTICS_PICKUP_RETRY"
    record = order(order_status="RETRY_SHIP", package_list=[part(logistics_status=word)])
    found = mapped(record, package(fulfillment_status=word, tracking_number="SPXMY0123456789"))
    assert (found.status, found.packages[0].status) == (Status.TO_SHIP, Status.TO_SHIP)


@pytest.mark.parametrize(
    ("over", "flag"),
    [
        ({"cod": True}, Flag.CASH_ON_DELIVERY),
        ({"fulfillment_flag": "fulfilled_by_shopee"}, Flag.FULFILLED_BY_PLATFORM),
        ({"advance_package": True}, Flag.FULFILLED_BY_PLATFORM),
        ({"order_status": "TO_RETURN"}, Flag.RETURN_OPEN),
        ({"affiliate_sample_type": 1}, Flag.SAMPLE),
        ({}, Flag.NONE),
    ],
)
def test_flags(over: dict[str, Any], flag: Flag) -> None:
    assert mapped(order(**over)).flags == flag


@pytest.mark.parametrize(
    ("own", "over", "kind"),
    [
        (frozenset({"20021"}), {}, ShippingType.SELLER),
        (frozenset({"20022"}), {}, ShippingType.PLATFORM),
        (None, {}, ShippingType.UNKNOWN),
        (frozenset({"20021"}), {"is_buyer_shop_collection": True}, ShippingType.STORE_PICKUP),
    ],
)
def test_who_ships_follows_from_the_channels(
    own: frozenset[str] | None, over: dict[str, Any], kind: ShippingType
) -> None:
    assert mapped(order(**over), own=own).shipping_type is kind


def test_an_item_spread_over_packages_is_a_line_in_each() -> None:
    record = order(
        item_list=[item(model_quantity_purchased=3)],
        package_list=[
            part(PACKAGE, item_list=[packed(model_quantity=1)]),
            part(OTHER, logistics_status="LOGISTICS_REQUEST_CREATED", item_list=[packed(model_quantity=2)]),
        ],
    )
    found = mapped(record)
    assert [(line.quantity, line.package_id, line.status) for line in found.lines] == [
        (1, PACKAGE, Status.TO_SHIP),
        (2, OTHER, Status.TO_HAND_OVER),
    ]
    assert len({line.line_id for line in found.lines}) == 2


def test_what_is_cancelled_of_an_item_stands_on_a_line_of_its_own() -> None:
    found = mapped(order(item_list=[item(model_quantity_purchased=3, active_qty=1, cancelled_qty=2)]))
    assert [(line.quantity, line.status) for line in found.lines] == [(2, Status.CANCELLED), (1, Status.TO_SHIP)]


def test_lines_that_differ_in_bundle_or_promotion_only_have_ids_of_their_own() -> None:
    record = order(item_list=[item(), item(promotion_group_id=4), item(order_item_id=55), item()], package_list=None)
    assert len({line.line_id for line in mapped(record).lines}) == 4


def test_the_price_of_a_bundle_is_what_a_piece_costs_alone() -> None:
    bundled = item(model_discounted_price=0, promotion_type="bundle_deal")
    given = item(model_discounted_price=0, promotion_type="add_on_deal_sub", promotion_group_id=2)
    found = mapped(order(item_list=[bundled, given], package_list=None))
    assert [line.unit_price.minor for line in found.lines] == [4590, 0]


def test_an_unpaid_order_is_worth_its_goods() -> None:
    record = order(order_status="UNPAID", pay_time=None, item_list=[item(model_quantity_purchased=2)])
    del record["total_amount"]
    found = mapped(record)
    assert found.total == Money(7700, "MYR")
    assert (found.status, found.packages[0].status, found.paid_at) == (Status.UNPAID, Status.UNPAID, None)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("59.9", "MYR", 5990), ("25", "SGD", 2500), ("249000.0", "VND", 249000), ("0.30000000000000004", "MYR", 30)],
)
def test_amounts_are_exact(text: str, currency: str, minor: int) -> None:
    assert amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize("text", ["12,3.4.5", "NaN", "Infinity", "1.239", "99.5e400000"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        amount(text, "MYR")


@given(st.integers(min_value=0, max_value=10**13))
def test_any_amount_survives_the_wire_to_the_cent(minor: int) -> None:
    number = json.loads(str(Decimal(minor) / 100), parse_float=str)
    assert amount(str(number), "MYR") == Money(minor, "MYR")


def test_outside_text_cannot_steer_the_terminal() -> None:
    evil = "\x1b]0;owned\x07Apron\u202e"
    record = order(
        item_list=[item(item_name=evil)],
        buyer_username=evil,
        message_to_seller=evil,
        note=evil,
        order_status="READY_TO_SHIP",
    )
    found = mapped(record)
    texts = (found.lines[0].product_name, found.buyer_name, found.buyer_note, found.seller_note)
    assert texts == ("Apron",) * 4


def test_a_cut_off_emoji_does_not_cost_the_order() -> None:
    body = json.dumps({"error": "", "response": {"order_list": [order(note="XX")]}}).replace("XX", "nice \\ud83d")
    rows = read_response(Answer(CALL, 200, body.encode(), 0.0), LooseOrderDetails).order_list or []
    assert to_order(OrderRecord.model_validate(rows[0]), Reading("s", {})).seller_note == "nice \ufffd"


# -- clocks -----------------------------------------------------------------------------------------------------------


def clocks(found: Order) -> list[tuple[ClockKind, int, bool, str]]:
    return [(clock.kind, clock.due_at, clock.running, clock.scope_id) for clock in found.clocks]


def test_the_ship_by_date_waits_for_the_arrangement_first() -> None:
    assert clocks(mapped(order(), package())) == [(ClockKind.ARRANGE, 1760169599, True, "")]


def test_and_for_the_handing_over_from_then_on() -> None:
    record = order(order_status="PROCESSED", package_list=[part(logistics_status="LOGISTICS_REQUEST_CREATED")])
    assert clocks(mapped(record, package(fulfillment_status="LOGISTICS_REQUEST_CREATED"))) == [
        (ClockKind.ARRANGE, 1760169599, False, ""),
        (ClockKind.HAND_OVER, 1760169599, True, ""),
    ]


@pytest.mark.parametrize("word", ["SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "CANCELLED", "TO_RETURN"])
def test_nothing_runs_once_the_carrier_has_it_or_it_is_over(word: str) -> None:
    gone = "LOGISTICS_INVALID" if word == "CANCELLED" else "LOGISTICS_PICKUP_DONE"
    record = order(order_status=word, pickup_done_time=1760100000, package_list=[part(logistics_status=gone)])
    found = mapped(record, package(fulfillment_status=gone, pickup_done_time=1760100000))
    assert [clock for clock in found.clocks if clock.running] == []
    stopped = [clock.stopped_at for clock in found.clocks if clock.kind is ClockKind.HAND_OVER]
    assert stopped == ([] if word == "CANCELLED" else [1760100000])


@pytest.mark.parametrize("due", [0, None])
def test_no_ship_by_date_is_no_clock(due: int | None) -> None:
    assert mapped(order(ship_by_date=due, order_status="UNPAID")).clocks == ()


def test_packages_of_a_split_order_have_clocks_of_their_own() -> None:
    record = order(package_list=[part(PACKAGE), part(OTHER, item_list=[])])
    found = mapped(record, package(PACKAGE), package(OTHER, ship_by_date=1760255999))
    assert clocks(found) == [
        (ClockKind.ARRANGE, 1760169599, True, PACKAGE),
        (ClockKind.ARRANGE, 1760255999, True, OTHER),
    ]
    assert {clock.scope for clock in found.clocks} == {ClockScope.PACKAGE}


@pytest.mark.parametrize(
    ("over", "kind", "consequence"),
    [
        (
            {"status_info_tag": {"tag_id": 5, "timestamp": 1760200000}},
            ClockKind.AUTO_CANCEL,
            Consequence.AUTO_CANCEL,
        ),
        ({"tracking_number_expiration_date": 1760200000}, ClockKind.HAND_OVER, Consequence.AUTO_CANCEL),
        ({"preparation_end_time": 1760200000}, ClockKind.ARRANGE, Consequence.ADVICE),
    ],
)
def test_every_deadline_of_a_package_is_a_clock(
    over: dict[str, Any], kind: ClockKind, consequence: Consequence
) -> None:
    found = mapped(order(), package(**over))
    assert (kind, consequence, 1760200000, True) in [
        (clock.kind, clock.consequence, clock.due_at, clock.running) for clock in found.clocks
    ]


def test_a_badge_without_a_moment_is_words_on_the_package() -> None:
    found = mapped(order(), package(status_info_tag={"tag_id": 1, "timestamp": 0}))
    assert found.packages[0].raw_sub_status == "will be cancelled within a day"
    assert [clock.kind for clock in found.clocks] == [ClockKind.ARRANGE]

"""What fills a quick reply: days in the buyer's words, when a parcel leaves and arrives, and why something is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from shoptui.domain.buyer_dates import buyer_day, buyer_time
from shoptui.domain.orders import Order, Package, Slot, Status
from shoptui.domain.reply_values import Empty, HouseSays, Subject, reply_values, why_empty
from tests.domain.builders import a_clock, an_order, local

BANGKOK = ZoneInfo("Asia/Bangkok")
#: A Wednesday, 10:00 in Bangkok.
NOW = local("Asia/Bangkok", "2026-03-04 10:00")
AT_SIX = local("Asia/Bangkok", "2026-03-04 18:00")
VAN = HouseSays(van=time(18, 0))


def subject(order: Order | None = None, kept: Mapping[str, str] | None = None, order_no: str = "5764") -> Subject:
    return Subject("tt-th-1", order_no, kept or {}, order, BANGKOK)


def parcel(status: Status = Status.TO_HAND_OVER, slot: Slot | None = None) -> Package:
    return Package("P1", status, "AWAITING_COLLECTION", slot=slot)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "17 Jul"),
        ("zh", "7月17日"),
        ("ja", "7月17日"),
        ("ko", "7월 17일"),
        ("th", "17 ก.ค."),
        ("vi", "17/7"),
        ("id", "17 Jul"),
        ("ms", "17 Jul"),
        ("tl", "17 Hul"),
        ("", "17 Jul"),
    ],
)
def test_a_day_is_said_in_the_buyers_language(language: str, said: str) -> None:
    assert buyer_day(local("Asia/Bangkok", "2026-07-17 12:00"), BANGKOK, language) == said


def test_a_day_and_a_time_are_those_of_the_store() -> None:
    late = local("Asia/Bangkok", "2026-07-17 00:30")
    assert buyer_day(late, ZoneInfo("Europe/London"), "en") == "16 Jul"
    assert buyer_time(late, BANGKOK) == "00:30"
    assert buyer_time(late, ZoneInfo("Europe/London")) == "18:30"


def test_the_promised_day_is_the_nearest_that_is_still_ahead() -> None:
    gone = a_clock("dlv", NOW - 60)
    ahead = [a_clock("dlv", NOW + days * 86400) for days in (4, 3)]
    values = reply_values(subject(an_order(clocks=(gone, *ahead))), HouseSays(), "en", NOW)
    assert values["eta"] == "7 Mar"


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (an_order(), Empty.NO_DATE),
        (an_order(clocks=(a_clock("dlv", NOW - 60),)), Empty.LATE),
        (an_order(clocks=(a_clock("dlv", NOW + 60, stopped_at=NOW),)), Empty.NO_DATE),
        (None, Empty.ORDER_AWAY),
    ],
)
def test_no_day_is_promised_that_nobody_promised(order: Order | None, why: Empty) -> None:
    found = subject(order)
    assert "eta" not in reply_values(found, HouseSays(), "en", NOW)
    assert why_empty("eta", found, HouseSays(), NOW) is why


@pytest.mark.parametrize(
    ("order", "house", "van"),
    [
        # The pick-up slot is what the carrier has agreed to; the settings only stand in for it.
        (an_order(packages=(parcel(slot=Slot(AT_SIX - 7200, AT_SIX - 3600)),)), VAN, "17:00"),
        (an_order(clocks=(a_clock("pick", AT_SIX - 1800),)), VAN, "18:00"),
        (an_order(clocks=(a_clock("pick", AT_SIX - 1800),)), HouseSays(), "17:30"),
        (an_order(), VAN, "18:00"),
        (an_order(), HouseSays(), Empty.NO_VAN),
        (an_order(packages=(parcel(slot=Slot(AT_SIX + 86400 - 60, AT_SIX + 86400)),)), VAN, Empty.NOT_TODAY),
        (an_order(), HouseSays(van=time(9, 30)), Empty.NOT_TODAY),
        (an_order(status=Status.IN_TRANSIT), VAN, Empty.NOT_HERE),
        (an_order(status=Status.CANCELLED), VAN, Empty.NOT_HERE),
        (an_order(status=Status.UNPAID), VAN, Empty.NOT_HERE),
        # One of two parcels has left already: what is still here decides.
        (
            an_order(
                packages=(
                    parcel(Status.IN_TRANSIT, Slot(NOW - 7200, NOW - 3600)),
                    replace(parcel(slot=Slot(AT_SIX - 60, AT_SIX)), package_id="P2"),
                )
            ),
            HouseSays(),
            "18:00",
        ),
    ],
)
def test_when_a_parcel_leaves_is_said_only_if_it_leaves_today(order: Order, house: HouseSays, van: str | Empty) -> None:
    found = subject(order)
    values = reply_values(found, house, "en", NOW)
    if isinstance(van, Empty):
        assert "van" not in values
        assert why_empty("van", found, house, NOW) is van
    else:
        assert values["van"] == van


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (an_order(), "7 Mar"),
        (an_order(status=Status.IN_TRANSIT, clocks=(a_clock("hand", NOW, stopped_at=NOW - 86400),)), "6 Mar"),
        (an_order(status=Status.IN_TRANSIT, clocks=(a_clock("hand", NOW, stopped_at=NOW - 4 * 86400),)), None),
        (an_order(status=Status.IN_TRANSIT), None),
        (an_order(status=Status.DELIVERED), None),
        (an_order(clocks=(a_clock("dlv", NOW + 86400),)), "5 Mar"),
    ],
)
def test_where_no_day_is_promised_the_house_says_how_long_parcels_take(order: Order, said: str | None) -> None:
    assert reply_values(subject(order), HouseSays(delivery_days=3), "en", NOW).get("eta") == said


def test_returns_go_where_the_settings_say_for_the_store_or_for_all() -> None:
    both = HouseSays(return_address="12 Main St", return_addresses={"tt-th-1": "9 Silom Rd"})
    assert reply_values(subject(), both, "en", NOW)["return_address"] == "9 Silom Rd"
    elsewhere = replace(subject(), store_id="tt-th-2")
    assert reply_values(elsewhere, both, "en", NOW)["return_address"] == "12 Main St"
    assert why_empty("return_address", subject(), HouseSays(), NOW) is Empty.NOT_SET


@pytest.mark.parametrize("variable", ["order", "tracking", "carrier", "items", "eta", "van"])
def test_without_an_order_everything_of_it_is_empty_for_that_reason(variable: str) -> None:
    found = subject(order_no="")
    assert variable not in reply_values(found, VAN, "en", NOW)
    assert why_empty(variable, found, VAN, NOW) is Empty.NO_ORDER


def test_what_the_store_knows_as_text_is_taken_as_it_is() -> None:
    found = subject(an_order(), {"buyer": "กมล** ว.", "carrier": "J&T"})
    assert reply_values(found, HouseSays(), "th", NOW) == {"buyer": "กมล** ว.", "carrier": "J&T"}
    assert why_empty("tracking", found, HouseSays(), NOW) is Empty.NOT_SHIPPED
    assert why_empty("buyer", found, HouseSays(), NOW) is Empty.NO_NAME

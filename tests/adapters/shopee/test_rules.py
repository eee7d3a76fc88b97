"""The packaged rules fill the gap of a missing ship-by date, and only that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shoptui.domain.clocks import ClockKind
from shoptui.domain.orders import Order
from shoptui.domain.stores import REGIONS, Store
from shoptui.rulebook import load_rule_book
from tests.adapters.shopee.support import order, package, store
from tests.adapters.shopee.test_mapping import mapped

#: 2026-02-27 23:30 in the shop's own time.
EVENING = (2026, 2, 27, 23, 30)


def at(region: str) -> tuple[Store, Order, ZoneInfo]:
    name, currency = REGIONS[region]
    zone = ZoneInfo(name)
    paid = int(datetime(*EVENING, tzinfo=zone).timestamp())
    record = order(ship_by_date=None, create_time=paid - 60, pay_time=paid, update_time=paid, currency=currency)
    shop = replace(store(region=region, currency=currency), time_zone=name)
    record["item_list"][0].update(model_original_price=46, model_discounted_price=39)
    record["total_amount"] = 44
    return shop, mapped(record, package(ship_by_date=0, status_info_tag=None)), zone


@pytest.mark.parametrize(
    ("region", "due"),
    [
        ("MY", (2026, 3, 1, 23, 59, 59)),
        ("TH", (2026, 3, 1, 23, 59, 59)),
        ("SG", (2026, 3, 1, 23, 30)),
        ("ID", (2026, 3, 1, 23, 30)),
    ],
)
def test_the_gap_is_filled_by_days_or_hours_as_the_market_counts(region: str, due: tuple[int, ...]) -> None:
    shop, found, zone = at(region)
    (clock,) = load_rule_book().clocks_for(found, shop)
    assert (clock.kind, clock.source.partition(":")[0]) == (ClockKind.ARRANGE, "rule")
    assert clock.due_at == int(datetime(*due[:3], *due[3:], tzinfo=zone).timestamp())  # type: ignore[misc,arg-type]


def test_shopees_own_date_wins() -> None:
    found = mapped(order(), package())
    assert load_rule_book().clocks_for(found, store()) == found.clocks

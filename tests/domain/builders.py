"""Short ways to build the domain's objects for tests; every value that matters to a test is passed by the test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shoptui.domain.clocks import Clock, ClockKind, Consequence, StopEvent
from shoptui.domain.money import Money
from shoptui.domain.orders import Flag, HistoryEvent, Order, ShippingType, Status
from shoptui.domain.rule_format import parse_rule_file
from shoptui.domain.rule_types import RuleFile
from shoptui.domain.rules import RuleBook
from shoptui.domain.stores import REGIONS, Store

#: 2026-03-04 10:00 in Bangkok, a Wednesday.
CREATED_AT = 1772593200

SOURCE: Mapping[str, object] = {"who": "Seller Center", "title": "Dispatch times", "seen": date(2026, 2, 1)}


def local(zone: str, text: str) -> int:
    """Epoch seconds of `2026-03-04 10:00` in a time zone."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def shown(zone: str, at: int) -> str:
    """`2026-03-04 10:00:00` of epoch seconds in a time zone."""
    return datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def a_clock(
    kind: str = "arr", due_at: int = CREATED_AT + 3600, source: str = "tiktok:rts_sla_time", **more: object
) -> Clock:
    """A running clock that costs a late dispatch."""
    values: dict[str, object] = {
        "consequence": Consequence.LATE_DISPATCH,
        "stopped_by": StopEvent.ARRANGED,
        **more,
    }
    return Clock(kind=ClockKind(kind), due_at=due_at, source=source, **values)  # type: ignore[arg-type]


def an_order(created_at: int = CREATED_AT, **more: object) -> Order:
    """An order that waits to be shipped by the marketplace's carrier, paid when it was created."""
    values: dict[str, object] = {
        "status": Status.TO_SHIP,
        "raw_status": "AWAITING_SHIPMENT",
        "updated_at": created_at + 60,
        "total": Money(74700, "THB"),
        "paid_at": created_at,
        "shipping_type": ShippingType.PLATFORM,
        "flags": Flag.NONE,
        **more,
    }
    return Order(store_id="tt-th-1", order_no="576461413048483920", created_at=created_at, **values)  # type: ignore[arg-type]


def a_store(region: str = "TH", marketplace: str = "tiktok", city: str = "", time_zone: str = "") -> Store:
    """A store of the region, in its usual time zone unless told otherwise."""
    usual_zone, currency = REGIONS[region]
    return Store(
        store_id="tt-th-1",
        marketplace=marketplace,
        region=region,
        shop_id="7495",
        name="Bags",
        time_zone=time_zone or usual_zone,
        currency=currency,
        app="main",
        ship_from_city=city,
    )


def happened(what: str, at: int) -> HistoryEvent:
    return HistoryEvent(at=at, what=what)


def a_rule(rule_id: str = "base", **keys: object) -> dict[str, object]:
    """A rule's table as TOML gives it: 48 hours to arrange shipment, from payment. `None` leaves a key out."""
    table: dict[str, object] = {
        "id": rule_id,
        "marketplace": "tiktok",
        "kind": "arr",
        "consequence": "late_dispatch",
        "stopped_by": "arranged",
        "from": "paid",
        "source": SOURCE,
    }
    if not {"calendar_days", "business_days"} & keys.keys():
        table["hours"] = 48
    table |= {key.rstrip("_"): value for key, value in keys.items()}
    return {key: value for key, value in table.items() if value is not None}


def an_extension(rule_id: str = "more", **keys: object) -> dict[str, object]:
    """An extension's table as TOML gives it: three days more to arrange shipment."""
    table: dict[str, object] = {"id": rule_id, "marketplace": "tiktok", "kinds": ["arr"], "source": SOURCE}
    if not {"hours", "business_days"} & keys.keys():
        table["calendar_days"] = 3
    table |= keys
    return {key: value for key, value in table.items() if value is not None}


def a_calendar(region: str = "TH", holidays: Mapping[date, str] | None = None, **keys: object) -> dict[str, object]:
    """A calendar's table as TOML gives it, with Saturday and Sunday closed."""
    table: dict[str, object] = {"region": region, "weekend": ["sat", "sun"], "years": [2026], "source": SOURCE, **keys}
    if holidays:
        table["holidays"] = [{"day": day, "name": name} for day, name in holidays.items()]
    return table


def a_file(*rules: dict[str, object], name: str = "test.toml", **parts: object) -> RuleFile:
    """A parsed rule file; `parts` are its other tables (extension, calendar, switched_off)."""
    return parse_rule_file({"format": 1, "rule": list(rules), **parts}, name)


def a_book(*rules: dict[str, object], **parts: object) -> RuleBook:
    """A rule book of one file."""
    return RuleBook.from_files([a_file(*rules, **parts)])

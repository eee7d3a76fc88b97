"""What the variables of a quick reply stand for in one conversation, and why one stands for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, time, tzinfo
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.buyer_dates import buyer_day, buyer_time
from shoptui.domain.clocks import DAY_S, ClockKind
from shoptui.domain.orders import Order, Status
from shoptui.domain.records import dataclass

#: The variables that an order fills.
OF_ORDER = frozenset({"order", "tracking", "eta", "carrier", "items", "van"})

#: While an order is in one of these it has yet to leave the house.
_STILL_HERE = frozenset({Status.TO_SHIP, Status.TO_HAND_OVER})


class Empty(StrEnum):
    """Why a variable has no value."""

    NO_NAME = "no_name"
    NO_ORDER = "no_order"
    ORDER_AWAY = "order_away"  # the order is not in the cache
    NOT_SHIPPED = "not_shipped"
    NO_CARRIER = "no_carrier"
    NO_DATE = "no_date"
    LATE = "late"  # the day has passed
    NOT_HERE = "not_here"  # the order has left, or never will
    NOT_TODAY = "not_today"
    NO_VAN = "no_van"  # neither the marketplace nor the settings say when parcels leave
    NOT_SET = "not_set"


@dataclass(frozen=True, slots=True)
class HouseSays:
    """What the settings say that no marketplace does.

    `van` is when parcels leave on any day, in each store's own time; None where nobody says. `return_addresses` is by
    store, `return_address` for the others, "" where nobody says. `delivery_days` is how long a parcel takes once it has
    left, 0 where nobody says.
    """

    van: time | None = None
    return_address: str = ""
    return_addresses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    delivery_days: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """One conversation as far as variables go.

    `kept` are the values the store has as texts (buyer, order, store, tracking, carrier, items). `order` is None
    without a linked order, and where it is not in the cache.
    """

    store_id: str
    order_no: str
    kept: Mapping[str, str]
    order: Order | None
    zone: tzinfo


def reply_values(subject: Subject, house: HouseSays, language: str, now: int) -> dict[str, str]:
    """The variables that have a value now (epoch s), in words a buyer of that language reads."""
    found = dict(subject.kept)
    moments = {"eta": _arrives_at(subject.order, house, now), "van": _van_at(subject, house, now)}
    if isinstance(eta := moments["eta"], int):
        found["eta"] = buyer_day(eta, subject.zone, language)
    if isinstance(van := moments["van"], int):
        found["van"] = buyer_time(van, subject.zone)
    if address := house.return_addresses.get(subject.store_id, house.return_address).strip():
        found["return_address"] = address
    return found


def why_empty(variable: str, subject: Subject, house: HouseSays, now: int) -> Empty:
    """Why a variable that has no value now (epoch s) has none."""
    if variable in OF_ORDER:
        if not subject.order_no:
            return Empty.NO_ORDER
        if subject.order is None:
            return Empty.ORDER_AWAY
    match variable:
        case "eta":
            found = _arrives_at(subject.order, house, now)
        case "van":
            found = _van_at(subject, house, now)
        case "tracking":
            found = Empty.NOT_SHIPPED
        case "carrier":
            found = Empty.NO_CARRIER
        case "return_address":
            found = Empty.NOT_SET
        case _:
            found = Empty.NO_NAME
    return found if isinstance(found, Empty) else Empty.NO_DATE


def _arrives_at(order: Order | None, house: HouseSays, now: int) -> int | Empty:
    """When the parcel should be there (epoch s): by the marketplace's promise, else by how long parcels take."""
    if order is None:
        return Empty.NO_DATE
    due = [clock.due_at for clock in order.clocks if clock.kind is ClockKind.DELIVER and clock.running]
    left_at = _left_at(order, now)
    if not due and house.delivery_days and left_at is not None:
        due = [left_at + house.delivery_days * DAY_S]
    ahead = [at for at in due if at > now]
    if ahead:
        return min(ahead)
    return Empty.LATE if due else Empty.NO_DATE


def _left_at(order: Order, now: int) -> int | None:
    """When the order left the house, now while it is still here; None where nobody knows, and when it is over."""
    if order.status in _STILL_HERE:
        return now
    if order.status is not Status.IN_TRANSIT:
        return None
    handed = [
        clock.stopped_at
        for clock in order.clocks
        if clock.kind in {ClockKind.HAND_OVER, ClockKind.PICKUP} and clock.stopped_at is not None
    ]
    return max(handed, default=None)


def _van_at(subject: Subject, house: HouseSays, now: int) -> int | Empty:
    """When the order leaves the house today (epoch s): by its pick-up slot, by the house's van, by its clock."""
    order = subject.order
    if order is None or order.status not in _STILL_HERE:
        return Empty.NOT_HERE
    said = [package.slot.end_at for package in order.packages if package.slot and package.status in _STILL_HERE]
    if not said and house.van is not None:
        today = datetime.fromtimestamp(now, subject.zone).date()
        said = [int(datetime.combine(today, house.van, subject.zone).timestamp())]
    if not said:
        # The clock is a latest time; whoever runs the house knows better when parcels go.
        said = [
            clock.due_at
            for clock in order.clocks
            if clock.kind is ClockKind.PICKUP and clock.running and not clock.is_advice
        ]
    if not said:
        return Empty.NO_VAN
    leaves_at = min(said)
    if leaves_at <= now or _day(leaves_at, subject.zone) != _day(now, subject.zone):
        return Empty.NOT_TODAY
    return leaves_at


def _day(at: int, zone: tzinfo) -> object:
    return datetime.fromtimestamp(at, zone).date()

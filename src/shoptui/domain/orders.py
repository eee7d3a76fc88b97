"""Orders, their lines and packages, in one vocabulary for all marketplaces."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag, StrEnum
from functools import cache

from shoptui.domain.clocks import Clock
from shoptui.domain.making import quickly_made
from shoptui.domain.money import Money
from shoptui.domain.records import dataclass


class Status(StrEnum):
    """The canonical status of a line, a package or an order. `unknown` is a word no mapping has; it is shown as is."""

    UNPAID = "unpaid"
    ON_HOLD = "on_hold"
    TO_SHIP = "to_ship"
    TO_HAND_OVER = "to_hand_over"
    IN_TRANSIT = "in_transit"
    DELIVERY_FAILED = "delivery_failed"
    RETURNING = "returning"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    LOST = "lost"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


#: How far along a status is; the order shows the least advanced open one.
STATUS_RANK: dict[Status, int] = {status: rank for rank, status in enumerate(Status)}

#: Nothing more will be done or lost on these.
CLOSED = frozenset({Status.COMPLETED, Status.CANCELLED, Status.LOST})

#: Statuses in which the seller still has something to do before the carrier has the parcel.
BEFORE_CARRIER = frozenset({Status.UNPAID, Status.ON_HOLD, Status.TO_SHIP, Status.TO_HAND_OVER})


def least_advanced(statuses: Iterable[Status]) -> Status:
    """The order's status from its parts: the least advanced open one.

    With all parts closed it is completed if any part was, else lost, else cancelled; with no parts it is unknown.
    """
    parts = list(statuses)
    if not parts:
        return Status.UNKNOWN
    if len(parts) == 1:
        return parts[0]
    open_parts = [status for status in parts if status not in CLOSED]
    if open_parts:
        return min(open_parts, key=STATUS_RANK.__getitem__)
    return min(parts, key=STATUS_RANK.__getitem__)


class Flag(IntFlag):
    """What is true of an order beside its status."""

    NONE = 0
    CANCEL_REQUESTED = 1
    RETURN_OPEN = 2
    PART_SHIPPED = 4
    CASH_ON_DELIVERY = 8
    ADDRESS_CHANGED = 16
    GIFT = 32
    SAMPLE = 64
    PRE_ORDER = 128
    FULFILLED_BY_PLATFORM = 256

    def __and__(self, other: int) -> Flag:
        return _flag(int.__and__(self, other))

    def __or__(self, other: int) -> Flag:
        return _flag(int.__or__(self, other))


# The enumeration's own way to a member takes ten times as long, and flags are looked at and joined for every order.
_flag = cache(Flag)


class ShippingType(StrEnum):
    """Who brings the parcel: the marketplace's logistics, the seller's own carrier, nobody, or the buyer fetches it."""

    PLATFORM = "platform"
    SELLER = "seller"
    DIGITAL = "digital"
    STORE_PICKUP = "store_pickup"
    UNKNOWN = "unknown"


@quickly_made
@dataclass(frozen=True, slots=True)
class Line:
    """One SKU and quantity. Marketplaces that list units one by one (TikTok) are grouped; `unit_ids` keeps their ids.

    `unit_price` is what the buyer pays for one, before shipping. `package_id` is "" until a package exists.
    """

    line_id: str
    sku: str
    sku_id: str
    product_name: str
    variant_name: str
    quantity: int
    unit_price: Money
    status: Status
    raw_status: str
    package_id: str = ""
    unit_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A window in which a carrier takes parcels, epoch seconds, start included and end excluded."""

    start_at: int
    end_at: int
    available: bool = True


@quickly_made
@dataclass(frozen=True, slots=True)
class Package:
    """What gets one label. `weight_g` and `updated_at` are None where the marketplace does not say.

    `raw_status` is the marketplace's own word, `raw_sub_status` its finer one ("" where it has none).
    """

    package_id: str
    status: Status
    raw_status: str
    line_ids: tuple[str, ...] = ()
    tracking_number: str = ""
    carrier_id: str = ""
    carrier_name: str = ""
    raw_sub_status: str = ""
    handover_method: str = ""
    slot: Slot | None = None
    weight_g: int | None = None
    updated_at: int | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the parcel. `masked` is True when the marketplace itself hides the details."""

    name: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    postal_code: str = ""
    region: str = ""
    masked: bool = False


@quickly_made
@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """Something that happened to the order at the marketplace: `what` is an id such as `paid` or `arranged`."""

    at: int
    what: str
    detail: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class Order:
    """One order of one store.

    `order_no` is the number sellers see and is unique only within its store. `updated_at` is the marketplace's version:
    a copy with an older one never replaces a newer one. `raw_status` is the marketplace's own word. `buyer_name` is
    as chat shows it. `carrier_name` and `tracking_number` are those of the first package, "" before there is one.
    `priority` is the marketplace's own urgency number, None where it has none.
    """

    store_id: str
    order_no: str
    status: Status
    raw_status: str
    created_at: int
    updated_at: int
    total: Money
    lines: tuple[Line, ...] = ()
    packages: tuple[Package, ...] = ()
    clocks: tuple[Clock, ...] = ()
    history: tuple[HistoryEvent, ...] = ()
    flags: Flag = Flag.NONE
    paid_at: int | None = None
    shipping_type: ShippingType = ShippingType.UNKNOWN
    delivery_option: str = ""
    carrier_name: str = ""
    tracking_number: str = ""
    warehouse_id: str = ""
    buyer_id: str = ""
    buyer_name: str = ""
    buyer_note: str = ""
    seller_note: str = ""
    recipient: Recipient = Recipient()
    priority: int | None = None

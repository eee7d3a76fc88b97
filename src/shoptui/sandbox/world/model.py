"""The things a simulated shop is made of, in words no marketplace owns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class OrderStatus(StrEnum):
    UNPAID = "unpaid"
    ON_HOLD = "on_hold"
    TO_SHIP = "to_ship"
    PARTLY_ARRANGED = "partly_arranged"
    ARRANGED = "arranged"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PackageStatus(StrEnum):
    TO_ARRANGE = "to_arrange"
    ARRANGED = "arranged"
    COLLECTED = "collected"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Shipping(StrEnum):
    """Whose label it is: the platform's carrier contract or the seller's own."""

    PLATFORM = "platform"
    SELLER = "seller"


class Flow(StrEnum):
    """How a parcel gets on its way, which differs by market and shipping type."""

    ARRANGE = "arrange"
    """The parcel exists once paid; the seller arranges its shipment."""
    BUY = "buy"
    """No parcel exists until the seller buys a label for chosen lines."""
    MARK = "mark"
    """The seller reports carrier and tracking number of a parcel already sent."""


class Role(StrEnum):
    BUYER = "buyer"
    SELLER = "seller"
    SYSTEM = "system"


class CancelState(StrEnum):
    PENDING = "pending"
    """The buyer asked and the seller has not answered."""
    ACCEPTED = "accepted"
    REFUNDED = "refunded"
    CLOSED = "closed"
    """Rejected by the seller or withdrawn by the buyer."""


class Packing(StrEnum):
    DEFAULT = "default"
    SPLIT = "split"
    COMBINED = "combined"


class FlawKind(StrEnum):
    """Why a parcel cannot be arranged although its status says it can."""

    FROZEN = "frozen"
    BAD_POSTCODE = "bad_postcode"
    ADDRESS_TOO_LONG = "address_too_long"
    SLOT_GONE = "slot_gone"
    """The next pickup slot filled up; any later one works."""
    NO_SLOT = "no_slot"
    NOT_READY = "not_ready"


@dataclass(slots=True)
class Flaw:
    kind: FlawKind
    until: int | None = None
    """World time at which it passes by itself; None stays until the right thing is changed."""


@dataclass(slots=True, eq=False)
class Carrier:
    id: str
    name: str
    prefix: str


@dataclass(slots=True, eq=False)
class DeliveryOption:
    """A service level of a store. `arrange_s` is the hour-based allowance, None means the end of a local day."""

    id: str
    name: str
    kind: str
    priority: int
    shipping: Shipping
    arrange_s: int | None
    weight_limit_g: int


@dataclass(slots=True, eq=False)
class Warehouse:
    id: str
    name: str
    state: str
    city: str
    district: str
    street: str
    postcode: str
    contact: str
    phone: str
    is_default: bool
    is_return: bool = False


@dataclass(slots=True, eq=False)
class Sku:
    id: str
    product_id: str
    code: str
    product_name: str
    variant: str
    image: str
    price_minor: int
    weight_g: int


@dataclass(slots=True, eq=False)
class Buyer:
    """An invented person: `levels` are the address levels below the country, largest first."""

    id: str
    name: str
    first_name: str
    last_name: str
    nickname: str
    phone: str
    levels: tuple[str, ...]
    street: str
    postcode: str


@dataclass(slots=True, eq=False)
class Store:
    id: str
    marketplace: str
    region: str
    name: str
    code: str
    cipher: str
    has_hold: bool
    warehouses: list[Warehouse] = field(default_factory=list)
    options: list[DeliveryOption] = field(default_factory=list)
    carriers: list[Carrier] = field(default_factory=list)
    skus: list[Sku] = field(default_factory=list)
    buyers: list[Buyer] = field(default_factory=list)


@dataclass(slots=True)
class Deadlines:
    """World times after which something is lost; None where the market has no such deadline."""

    arrange_by: int | None = None
    collect_by: int | None = None
    cancel_unarranged_at: int | None = None
    cancel_uncollected_at: int | None = None
    deliver_by: int | None = None
    cancel_undelivered_at: int | None = None
    promised_at: int | None = None
    pickup_cutoff_at: int | None = None
    fast_dispatch_by: int | None = None
    fast_arrange_by: int | None = None
    fast_collect_by: int | None = None
    recommended_at: int | None = None


@dataclass(slots=True, eq=False)
class Line:
    """One unit of one SKU. `package` is None while no parcel exists for it."""

    id: str
    sku: Sku
    price_minor: int
    seller_discount_minor: int
    platform_discount_minor: int
    is_gift: bool = False
    package: Package | None = None
    cancelled_at: int | None = None
    cancelled_by: Role | None = None
    cancel_reason: str = ""

    @property
    def paid_minor(self) -> int:
        return self.price_minor - self.seller_discount_minor - self.platform_discount_minor


@dataclass(slots=True, eq=False)
class Package:
    id: str
    store: Store
    orders: list[Order]
    lines: list[Line]
    status: PackageStatus
    created_at: int
    updated_at: int
    carrier: Carrier
    weight_g: int
    packing: Packing = Packing.DEFAULT
    tracking: str = ""
    tracking_known_at: int | None = None
    """World time from which readers see the tracking number; None while there is none."""
    label_ready_at: int | None = None
    arranged_at: int | None = None
    collected_at: int | None = None
    delivered_at: int | None = None
    handover: str = ""
    slot: tuple[int, int] | None = None
    self_shipped: bool = False
    corrections: int = 0
    delivery_failure: str = ""
    shown_at: int | None = None
    """World time from which readers see that it is arranged; None means at once."""
    pickup_missed_at: int | None = None
    """When the carrier came for an arranged parcel in vain; None once another pickup is agreed."""
    flaw: Flaw | None = None
    label_cost_minor: int = 0
    """What the seller paid for the label where labels are bought."""
    indexed: tuple[int, PackageStatus] | None = None

    @property
    def is_open(self) -> bool:
        return self.status is not PackageStatus.CANCELLED


@dataclass(slots=True, eq=False)
class CancelRequest:
    id: str
    order: Order
    by: Role
    state: CancelState
    reason: str
    lines: list[Line]
    created_at: int
    updated_at: int
    answer_by: int | None = None
    """World time after which the platform approves by itself; None when nobody has to answer."""
    needs_consent: bool = False
    reject_reason: str = ""
    idempotency_key: str = ""


@dataclass(slots=True, eq=False)
class Order:
    id: str
    store: Store
    buyer: Buyer
    status: OrderStatus
    created_at: int
    updated_at: int
    option: DeliveryOption
    warehouse: Warehouse
    carrier: Carrier
    lines: list[Line] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)
    deadlines: Deadlines = field(default_factory=Deadlines)
    paid_at: int | None = None
    hold_until: int | None = None
    arranged_at: int | None = None
    collected_at: int | None = None
    delivered_at: int | None = None
    completed_at: int | None = None
    cancelled_at: int | None = None
    cancelled_by: Role | None = None
    cancel_reason: str = ""
    cancel_request: CancelRequest | None = None
    """The buyer's open request, None when there is none."""
    cancel_requested_at: int | None = None
    has_open_return: bool = False
    """Somebody still has to do something about a return or refund request of the buyer."""
    shipping_fee_minor: int = 0
    shipping_discount_minor: int = 0
    is_cod: bool = False
    is_platform_fulfilled: bool = False
    address_changed: bool = False
    release_at: int | None = None
    buyer_message: str = ""
    seller_note: str = ""
    seller_note_at: int | None = None
    version: int = 0
    strange_status: str = ""
    """Set only by a test: a status word the marketplace never documented."""
    malformed: str = ""
    """Set only by a test: which part of the record is rendered broken."""
    indexed: tuple[int, OrderStatus] | None = None

    @property
    def shipping(self) -> Shipping:
        return self.option.shipping

    @property
    def open_lines(self) -> list[Line]:
        return [line for line in self.lines if line.cancelled_at is None]

    @property
    def open_packages(self) -> list[Package]:
        return [package for package in self.packages if package.is_open]

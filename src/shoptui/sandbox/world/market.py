"""What a marketplace decides for the world: how parcels are made, which deadlines run, how ids look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .chat_model import ChatRules
from .fees import FeePlan, Rhythm
from .model import Buyer, Deadlines, DeliveryOption, FlawKind, Flow, Shipping, Store
from .regions import Region
from .returns_model import ReturnRules


class Ids(Protocol):
    """How a market names its things: no two of them alike."""

    def nth(self, number: int, at: int = 0) -> str:
        """The id of the n-th thing; `at` is when it comes to be, for ids that tell the day (epoch seconds)."""


@dataclass(frozen=True, slots=True)
class IdSeries:
    """Ids that look random enough but never repeat: `first + n * stride + jitter(n)`."""

    first: int
    stride: int

    def nth(self, number: int, at: int = 0) -> str:
        return str(self.first + number * self.stride + (number * 7919) % 4093)


@dataclass(frozen=True, slots=True)
class OptionPlan:
    """A service level every store of a region offers. `share` weighs how many orders choose it."""

    name: str
    kind: str
    priority: int
    shipping: Shipping
    arrange_s: int | None
    share: float


@dataclass(frozen=True, slots=True)
class CancelReasons:
    """A market's own words for why orders end: several of buyers, one for each way of its own."""

    buyer: tuple[str, ...]
    seller: str
    unpaid: str
    late: str
    """The seller did not arrange the parcel in time."""
    uncollected: str


def carriers_of(region: Region) -> tuple[tuple[str, str], ...]:
    """The carriers everybody in the region uses, with the prefixes of their tracking numbers."""
    return region.carriers


def smallest_unit(region: Region) -> int:
    """One minor unit: prices may have every amount the currency has."""
    return 1


_THREAD_IDS = IdSeries(7_494_560_109_700_000_000, 40_009)
_MESSAGE_IDS = IdSeries(7_494_561_000_000_000_000, 20_011)


def long_thread_id(store: Store, buyer: Buyer, number: int) -> str:
    """The id of the world's n-th conversation where such ids are long numbers."""
    return _THREAD_IDS.nth(number)


def long_message_id(store: Store, number: int, sent_at: int) -> str:
    """The id of the world's n-th message where such ids are long numbers."""
    return _MESSAGE_IDS.nth(number)


CHAT_RULES = ChatRules()
RETURN_RULES = ReturnRules()
FEE_PLAN = FeePlan()
#: A statement a day, paid with its end.
RHYTHM = Rhythm(86_400, is_local=False, paid_after_s=0)
FLAWS: tuple[FlawKind | None, ...] = (
    None,
    FlawKind.SLOT_GONE,
    FlawKind.FROZEN,
    FlawKind.BAD_POSTCODE,
    FlawKind.NO_SLOT,
    FlawKind.ADDRESS_TOO_LONG,
    FlawKind.NOT_READY,
)
"""What may be wrong with a waiting parcel; None is over weight, which is no mark but the parcel's weight itself."""


@dataclass(frozen=True, slots=True)
class Market:
    """One marketplace's rules for the world. Times are epoch seconds, lengths are seconds."""

    name: str
    store_regions: tuple[str, ...]
    """Regions of its first stores in turn; more stores begin again from the left."""
    flow_for: Callable[[Region, Shipping], Flow]
    parcel_exists_when_paid: Callable[[Region, Shipping], bool]
    options_for: Callable[[Region], tuple[OptionPlan, ...]]
    deadlines_for: Callable[[Region, DeliveryOption, int], Deadlines]
    """Deadlines of an order whose handling began at the given moment."""
    keeps_sku_together: Callable[[Region], bool]
    """Whether a split must leave all units of one SKU in one parcel."""
    has_hold: Callable[[int], bool]
    """Whether the n-th store of the world lets paid orders wait before they may be shipped."""
    seller_may_cancel_arranged: Callable[[Region], bool]
    seller_may_cancel_lines: Callable[[Region], bool]
    cancel_reasons: CancelReasons
    hold_s: int
    unpaid_s: int
    answer_cancel_s: int
    shop_ids: IdSeries
    warehouse_ids: IdSeries
    option_ids: IdSeries
    carrier_ids: IdSeries
    product_ids: IdSeries
    sku_ids: IdSeries
    buyer_ids: IdSeries
    order_ids: Ids
    package_ids: Ids
    cancel_ids: IdSeries
    line_step: int
    """Distance between the ids of an order and its lines; 0 where the market gives lines no ids of their own."""
    carriers_for: Callable[[Region], tuple[tuple[str, str], ...]] = carriers_of
    price_step_for: Callable[[Region], int] = smallest_unit
    """What every price, fee and discount is a multiple of, in minor units."""
    packed_share: float = 0.0
    """How many of the first waiting orders the seller has packed already, where parcels are the seller's to make."""
    flaws: tuple[FlawKind | None, ...] = FLAWS
    """What its first difficult parcels suffer from, in turn."""
    chat: ChatRules = CHAT_RULES
    returns: ReturnRules = RETURN_RULES
    fees: FeePlan = FEE_PLAN
    rhythm: Rhythm = RHYTHM
    thread_id: Callable[[Store, Buyer, int], str] = long_thread_id
    """The id of the world's n-th conversation, between this store and this buyer."""
    message_id: Callable[[Store, int, int], str] = long_message_id
    """The id of the world's n-th message, of this store, sent at this world time (epoch seconds)."""

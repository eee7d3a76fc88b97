"""Lazada's rules for the simulated world: service levels, deadlines, carriers and the look of its ids."""

from __future__ import annotations

from dataclasses import dataclass

from ..world.chat_model import ChatRules
from ..world.market import CancelReasons, IdSeries, Market, OptionPlan
from ..world.model import Buyer, Deadlines, DeliveryOption, FlawKind, Flow, Shipping, Store
from ..world.regions import Region, local_day_end
from .fees import FEES, RHYTHM
from .return_words import RULES as RETURN_RULES

_HOUR = 3600
_DAY = 86_400

SLA_DAYS = 2
"""Days after the order's own within which standard parcels are handed over."""

_OPTIONS = (
    OptionPlan("Standard Delivery", "standard", 0, Shipping.PLATFORM, None, 0.58),
    OptionPlan("Guaranteed Delivery", "express", 0, Shipping.PLATFORM, 24 * _HOUR, 0.18),
    OptionPlan("Same Day Delivery", "express", 0, Shipping.PLATFORM, 12 * _HOUR, 0.10),
    OptionPlan("Instant Delivery", "instant", 0, Shipping.PLATFORM, 3 * _HOUR, 0.06),
    OptionPlan("Delivered by Seller", "seller_own_fleet", 0, Shipping.SELLER, None, 0.08),
)

_PACKAGE_SERIES = IdSeries(410_220_587_428_842, 268_435_459)


@dataclass(frozen=True, slots=True)
class PackageNumbers:
    """`package_id`: FP and fifteen digits."""

    def nth(self, number: int, at: int = 0) -> str:
        return f"FP{_PACKAGE_SERIES.nth(number)}"


def carriers_for(region: Region) -> tuple[tuple[str, str], ...]:
    """Lazada's own carrier and two of the region's."""
    return ((f"LEX {region.code}", f"LEX{region.code}"), *region.carriers[:2])


def deadlines_for(region: Region, option: DeliveryOption, handling_from: int) -> Deadlines:
    """The SLA ends a local day, or comes so many hours after payment; cancellation follows days later."""
    if option.arrange_s is None:
        arrange_by = local_day_end(handling_from, SLA_DAYS, region)
    else:
        arrange_by = handling_from + option.arrange_s
    patience_s = 3 * _DAY if option.arrange_s is None else _DAY
    return Deadlines(
        arrange_by=arrange_by,
        cancel_unarranged_at=arrange_by + patience_s,
        cancel_uncollected_at=arrange_by + patience_s + 2 * _DAY,
    )


_CHAT = ChatRules(
    open_s=None,
    order_s=None,
    unanswered_max=5,
    recall_s=120,
    hides=("http://", "https://", "www.", "whatsapp", "telegram", "wechat", "zalo.me", "line id"),
    recall_notice="A message was recalled.",
)
"""Section 11. How long a text may be is not known; what moderation hides is guessed from what such filters look for."""

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def session_id(store: Store, buyer: Buyer, number: int) -> str:
    """Seller and buyer, each with what it is in the messaging service."""
    return f"{store.id}_2_{buyer.id}_1_103"


def message_id(store: Store, number: int, sent_at: int) -> str:
    """Letters and digits that tell nothing: the second, the site and a number."""
    return f"2{_letters(sent_at)}0Bt{_letters(number * 7919 % 62**3)[-3:]}{number:05d}"


def _letters(number: int) -> str:
    found = ""
    while number:
        number, digit = divmod(number, 62)
        found = _LETTERS[digit] + found
    return found.rjust(3, "0")


LAZADA = Market(
    chat=_CHAT,
    returns=RETURN_RULES,
    thread_id=session_id,
    message_id=message_id,
    name="lazada",
    store_regions=("MY", "TH", "VN", "PH", "ID", "SG"),
    flow_for=lambda region, shipping: Flow.ARRANGE,
    # A parcel exists from the moment the seller packs.
    parcel_exists_when_paid=lambda region, shipping: False,
    options_for=lambda region: _OPTIONS,
    deadlines_for=deadlines_for,
    keeps_sku_together=lambda region: False,
    has_hold=lambda number: False,
    seller_may_cancel_arranged=lambda region: True,
    seller_may_cancel_lines=lambda region: True,
    cancel_reasons=CancelReasons(
        buyer=(
            "Change of Delivery Address",
            "Change Payment Method",
            "Found Cheaper Elsewhere",
            "Change of Mind",
        ),
        seller="Out of Stock",
        unpaid="Payment Timeout",
        late="Not Handed Over in Time",
        uncollected="Not Picked Up in Time",
    ),
    hold_s=0,
    unpaid_s=72 * _HOUR,
    answer_cancel_s=48 * _HOUR,
    shop_ids=IdSeries(100_201_117, 70_009),
    warehouse_ids=IdSeries(300_112_045, 8_219),
    option_ids=IdSeries(60_000_001, 8_219),
    carrier_ids=IdSeries(30_011, 8_219),
    product_ids=IdSeries(3_120_457_781, 3_201),
    sku_ids=IdSeries(15_220_933_418, 10_007),
    buyer_ids=IdSeries(300_415_728_842, 90_003),
    order_ids=IdSeries(498_120_337_128_842, 7_300_001),
    package_ids=PackageNumbers(),
    cancel_ids=IdSeries(703_551_900_128_842, 1_291_700),
    line_step=100_000,
    carriers_for=carriers_for,
    packed_share=0.2,
    flaws=(None, FlawKind.FROZEN, FlawKind.NOT_READY),
    fees=FEES,
    rhythm=RHYTHM,
)

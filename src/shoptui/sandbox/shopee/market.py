"""Shopee's rules for the simulated world: channels, service levels, deadlines, prices and the look of its ids."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..world.chat_model import ChatRules
from ..world.market import CancelReasons, IdSeries, Market, OptionPlan
from ..world.model import Buyer, Deadlines, DeliveryOption, Flow, Shipping, Store
from ..world.regions import Region, local_day_end
from .fees import FEES, RHYTHM
from .return_words import RULES as RETURN_RULES

_HOUR = 3600
_DAY = 86_400
_ID_CLOCK_S = 8 * _HOUR
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

DAYS_TO_SHIP = 2
"""Preparation days the listings of the sandbox promise; service levels by the hour promise one."""

TWO_DECIMALS = frozenset({"SG", "MY", "BR", "MX", "PL", "ES", "AR"})
"""Regions whose amounts have decimals; everywhere else Shopee knows whole amounts only (sheet, section 4.5)."""

_OPTIONS = (
    OptionPlan("Standard Delivery", "STANDARD", 0, Shipping.PLATFORM, None, 0.60),
    OptionPlan("Next Day Delivery", "NEXT_DAY", 0, Shipping.PLATFORM, 24 * _HOUR, 0.16),
    OptionPlan("Same Day Delivery", "same_day", 0, Shipping.PLATFORM, 12 * _HOUR, 0.10),
    OptionPlan("Instant Delivery", "instant", 0, Shipping.PLATFORM, 3 * _HOUR, 0.06),
    OptionPlan("Seller Own Fleet", "OWN_FLEET", 0, Shipping.SELLER, None, 0.08),
)


CHAT = ChatRules(
    open_s=7 * _DAY,
    order_s=30 * _DAY,
    unanswered_max=5,
    text_max=600,
    recall_s=10 * 60,
    blocks=("whatsapp", "wechat", "telegram"),
)
"""Sheet, section 9.5. Regions allow less time for taking back; see `chats.RECALL_S`."""

_CONVERSATIONS = IdSeries(964_055_178_203_498_872, 40_009)
_MESSAGES_PER_S = 2**30

_PACKAGE_SERIES = IdSeries(243_300_791_210_964, 268_435_459)


@dataclass(frozen=True, slots=True)
class OrderNumbers:
    """`order_sn`: the day of the order as YYMMDD and eight characters that look random but never repeat."""

    def nth(self, number: int, at: int = 0) -> str:
        day = time.strftime("%y%m%d", time.gmtime(at + _ID_CLOCK_S))
        # An odd factor permutes the numbers below a power of two.
        mixed = (number * 0x9E_3779_B97F + 0x1_2345_6789) % 32**8
        return day + "".join(_LETTERS[mixed >> shift & 31] for shift in range(35, -1, -5))


@dataclass(frozen=True, slots=True)
class PackageNumbers:
    """`package_number`: OFG and fifteen digits."""

    def nth(self, number: int, at: int = 0) -> str:
        return f"OFG{_PACKAGE_SERIES.nth(number)}"


def thread_id(store: Store, buyer: Buyer, number: int) -> str:
    """`conversation_id`: a number too large for a float."""
    return _CONVERSATIONS.nth(number)


def message_id(store: Store, number: int, sent_at: int) -> str:
    """`message_id`: a number too large for a float that grows with time."""
    return str(sent_at * _MESSAGES_PER_S + (2 * number + 1) % _MESSAGES_PER_S)


def carriers_for(region: Region) -> tuple[tuple[str, str], ...]:
    """Shopee's own carrier and two of the region's."""
    return (("SPX Express", f"SPX{region.code}"), *region.carriers[:2])


def deadlines_for(region: Region, option: DeliveryOption, handling_from: int) -> Deadlines:
    """The ship-by date ends a local day, or comes so many hours after payment; cancellation follows days later."""
    if option.arrange_s is None:
        arrange_by = local_day_end(handling_from, DAYS_TO_SHIP, region)
    else:
        arrange_by = handling_from + option.arrange_s
    patience_s = 3 * _DAY if option.arrange_s is None else _DAY
    return Deadlines(
        arrange_by=arrange_by,
        collect_by=arrange_by + _DAY,
        cancel_unarranged_at=arrange_by + patience_s,
        cancel_uncollected_at=arrange_by + patience_s + 2 * _DAY,
    )


SHOPEE = Market(
    name="shopee",
    store_regions=("MY", "SG", "TH", "VN", "ID", "PH"),
    flow_for=lambda region, shipping: Flow.ARRANGE,
    parcel_exists_when_paid=lambda region, shipping: True,
    options_for=lambda region: _OPTIONS,
    deadlines_for=deadlines_for,
    keeps_sku_together=lambda region: True,
    has_hold=lambda number: number % 3 == 1,
    seller_may_cancel_arranged=lambda region: True,
    seller_may_cancel_lines=lambda region: region.code in ("MY", "SG", "TH"),
    cancel_reasons=CancelReasons(
        buyer=(
            "Need to change delivery address",
            "Need to modify the order",
            "Found it cheaper elsewhere",
            "Do not want to buy any more",
        ),
        seller="OUT_OF_STOCK",
        unpaid="BACKEND_PAYMENT_NOT_RECEIVED",
        late="BACKEND_LOGISTICS_NOT_STARTED",
        uncollected="BACKEND_LOGISTICS_PICKUP_FAILED",
    ),
    hold_s=_HOUR,
    unpaid_s=_DAY,
    answer_cancel_s=48 * _HOUR,
    # Shop ids have to fit the gateway's 32 bits, the others are 64-bit numbers on the wire.
    shop_ids=IdSeries(224_460_123, 100_003),
    warehouse_ids=IdSeries(200_112_045, 8_219),
    option_ids=IdSeries(50_000_001, 8_219),
    carrier_ids=IdSeries(20_011, 8_219),
    product_ids=IdSeries(23_620_853_561, 3_201),
    sku_ids=IdSeries(221_404_189_791, 10_007),
    buyer_ids=IdSeries(880_214_477, 9_003),
    order_ids=OrderNumbers(),
    package_ids=PackageNumbers(),
    cancel_ids=IdSeries(71_000_001, 12_917),
    line_step=0,
    carriers_for=carriers_for,
    price_step_for=lambda region: 1 if region.code in TWO_DECIMALS or region.minor_digits == 0 else 100,
    chat=CHAT,
    returns=RETURN_RULES,
    thread_id=thread_id,
    message_id=message_id,
    fees=FEES,
    rhythm=RHYTHM,
)

"""TikTok Shop's rules for the simulated world: flows, service levels and deadlines by region."""

from __future__ import annotations

from ..world.chat_model import ChatRules
from ..world.market import CancelReasons, IdSeries, Market, OptionPlan
from ..world.model import Deadlines, DeliveryOption, Flow, Shipping
from ..world.regions import Region, local_day_end
from .fees import FEES, RHYTHM
from .return_words import RULES as RETURN_RULES

_HOUR = 3600
_DAY = 86_400

_SEA_OPTIONS = (
    OptionPlan("Standard Shipping", "STANDARD", 600, Shipping.PLATFORM, None, 0.58),
    OptionPlan("Next-day Delivery", "NEXTDAY", 400, Shipping.PLATFORM, 16 * _HOUR, 0.14),
    OptionPlan("Same-day Delivery", "SAMEDAY", 300, Shipping.PLATFORM, 8 * _HOUR, 0.10),
    OptionPlan("Express Shipping", "EXPRESS", 500, Shipping.PLATFORM, 24 * _HOUR, 0.12),
    OptionPlan("Shipped by seller", "SEND_BY_SELLER", 600, Shipping.SELLER, None, 0.06),
)
_WESTERN_OPTIONS = (
    OptionPlan("Standard Shipping", "STANDARD", 0, Shipping.PLATFORM, 48 * _HOUR, 0.62),
    OptionPlan("Express Shipping", "EXPRESS", 0, Shipping.PLATFORM, 24 * _HOUR, 0.20),
    OptionPlan("Shipped by seller", "SEND_BY_SELLER", 0, Shipping.SELLER, 48 * _HOUR, 0.18),
)

_NO_PARCEL_BEFORE_LABEL = frozenset({"US"})
_LABEL_IS_BOUGHT = frozenset({"US", "JP"})
MARK_REGIONS = frozenset({"US", "GB", "JP"})
"""Regions of the sandbox in which sellers report their own parcels by marking them shipped."""


def flow_for(region: Region, shipping: Shipping) -> Flow:
    """The fulfilment flow of TikTok Shop for a region and whose label it is (sheet section 6.1)."""
    if shipping is Shipping.SELLER:
        return Flow.MARK if region.code in MARK_REGIONS else Flow.ARRANGE
    return Flow.BUY if region.code in _LABEL_IS_BOUGHT else Flow.ARRANGE


def parcel_exists_when_paid(region: Region, shipping: Shipping) -> bool:
    """False where a parcel id only comes into being with the label or the mark."""
    return region.code not in _NO_PARCEL_BEFORE_LABEL and flow_for(region, shipping) is not Flow.BUY


def options_for(region: Region) -> tuple[OptionPlan, ...]:
    """The service levels a store of the region offers."""
    return _SEA_OPTIONS if region.is_sea else _WESTERN_OPTIONS


def deadlines_for(region: Region, option: DeliveryOption, handling_from: int) -> Deadlines:
    """Deadlines in the proportions of the sheet's sample order: arrange, collect, deliver, and the auto-cancels."""
    if option.arrange_s is None:
        arrange_by = local_day_end(handling_from + 8 * _HOUR, 1, region)
    else:
        arrange_by = handling_from + option.arrange_s
    if not region.is_sea:
        return Deadlines(
            arrange_by=arrange_by,
            collect_by=arrange_by + _DAY,
            cancel_unarranged_at=arrange_by + 4 * _DAY,
            cancel_uncollected_at=arrange_by + 6 * _DAY,
            deliver_by=arrange_by + 6 * _DAY,
            cancel_undelivered_at=arrange_by + 35 * _DAY,
            promised_at=arrange_by + 5 * _DAY,
        )
    hurried = option.arrange_s is not None
    pickup_gap = 4 * _HOUR if hurried else _DAY
    deadlines = Deadlines(
        arrange_by=arrange_by,
        collect_by=arrange_by + pickup_gap,
        cancel_unarranged_at=arrange_by + (2 if hurried else 3) * _DAY,
        cancel_uncollected_at=arrange_by + (4 if hurried else 5) * _DAY,
        deliver_by=arrange_by + (2 if hurried else 6) * _DAY,
        cancel_undelivered_at=arrange_by + 35 * _DAY,
        promised_at=arrange_by + (1 if hurried else 5) * _DAY,
        pickup_cutoff_at=arrange_by + pickup_gap,
        recommended_at=handling_from + (arrange_by - handling_from) // 2,
    )
    if option.kind == "NEXTDAY":
        deadlines.fast_arrange_by = arrange_by - 2 * _HOUR
        deadlines.fast_collect_by = arrange_by
        if region.code in ("TH", "PH"):
            deadlines.fast_dispatch_by = arrange_by
    return deadlines


_CHAT = ChatRules(
    blocks=("http://", "https://", "www.", "whatsapp", "telegram", "wechat", "zalo.me", "line id"),
)

TIKTOK = Market(
    chat=_CHAT,
    returns=RETURN_RULES,
    name="tiktok",
    store_regions=("VN", "TH", "MY", "PH", "GB", "JP", "ID", "SG", "VN", "US", "TH", "VN"),
    flow_for=flow_for,
    parcel_exists_when_paid=parcel_exists_when_paid,
    options_for=options_for,
    deadlines_for=deadlines_for,
    keeps_sku_together=lambda region: region.is_sea,
    has_hold=lambda number: number % 3 == 0,
    seller_may_cancel_arranged=lambda region: region.code == "US",
    seller_may_cancel_lines=lambda region: region.code in ("US", "GB"),
    cancel_reasons=CancelReasons(
        buyer=(
            "ecom_order_to_ship_canceled_reason_no_longer_needed",
            "ecom_order_to_ship_canceled_reason_better_price_available",
            "ecom_order_to_ship_canceled_reason_need_to_change_delivery_address",
            "ecom_order_to_ship_canceled_reason_need_to_change_payment_method",
        ),
        seller="seller_cancel_reason_out_of_stock",
        unpaid="ecom_order_unpaid_canceled_reason_payment_timeout",
        late="ecom_order_to_ship_canceled_reason_seller_failed_to_ship_on_time",
        uncollected="ecom_order_to_ship_canceled_reason_package_not_collected_on_time",
    ),
    hold_s=_HOUR,
    unpaid_s=_DAY,
    answer_cancel_s=48 * _HOUR,
    shop_ids=IdSeries(7_495_000_000_000_000_001, 1_000_003_000_019),
    warehouse_ids=IdSeries(7_272_949_914_115_966_726, 88_007_000_011),
    option_ids=IdSeries(7_091_146_663_229_654_785, 71_000_063_001),
    carrier_ids=IdSeries(6_841_743_441_349_706_241, 53_000_039_001),
    product_ids=IdSeries(1_729_582_718_312_380_123, 3_000_201_003),
    sku_ids=IdSeries(1_729_600_000_000_445_659, 1_000_077_007),
    buyer_ids=IdSeries(7_494_799_386_964_364_219, 41_000_009_003),
    order_ids=IdSeries(577_086_512_123_755_123, 268_435_459),
    package_ids=IdSeries(1_153_132_168_123_859_123, 268_435_459),
    cancel_ids=IdSeries(4_035_318_504_086_604_100, 12_582_917),
    line_step=65_536,
    fees=FEES,
    rhythm=RHYTHM,
)

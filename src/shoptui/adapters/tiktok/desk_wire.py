"""TikTok Shop's JSON for what the desks ask and are told: documents, carriers, cancellations, repacking."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shoptui.adapters.records import Id, Moment, OptionalId, Text, Wire, Yes
from shoptui.adapters.tiktok.wire import Envelope, RowError


class DocumentLink(Wire):
    """`doc_url` opens for 24 hours (sheet, section 6.6)."""

    doc_url: Annotated[str, Field(min_length=1)] | None = None
    tracking_number: Text = None


class MarkedWarning(Wire):
    message: Text = None


class MarkedShipped(Wire):
    package_id: OptionalId = None
    warning: MarkedWarning | None = None


class DeliveryOption(Wire):
    """An order as far as its carriers depend on it."""

    id: Id
    delivery_option_id: OptionalId = None


class DeliveryOptions(Wire):
    orders: list[DeliveryOption] | None = None


class CarrierRecord(Wire):
    id: Id
    name: Text = None


class Carriers(Wire):
    shipping_providers: list[CarrierRecord] | None = None


class CancelLine(Wire):
    order_line_item_id: OptionalId = None


class CancelRecord(Wire):
    """A cancellation, asked for by the buyer (`BUYER_CANCEL`) or made by somebody (`CANCEL`)."""

    cancel_id: Id
    order_id: Id
    cancel_type: Text = None
    cancel_status: Annotated[str, Field(min_length=1)]
    role: Text = None
    cancel_reason: Text = None
    cancel_reason_text: Text = None
    create_time: Moment = None
    update_time: Moment = None
    cancel_line_items: list[CancelLine] | None = None


class CancelList(Wire):
    cancellations: list[CancelRecord] | None = None
    next_page_token: str | None = None


class Cancelled(Wire):
    cancel_id: OptionalId = None
    cancel_status: Text = None


class LineEligibility(Wire):
    """Whether units of one SKU may be cancelled, and with which reasons (202512; 202309 names no reasons)."""

    request_type: Text = None
    eligible: Yes = None
    ineligible_reason: Text = None
    available_reason_names: list[str] | None = None


class SkuEligibility(Wire):
    line_item_eligibility: list[LineEligibility] | None = None


class Eligibility(Wire):
    sku_eligibility: list[SkuEligibility] | None = None


class RejectReason(Wire):
    name: Annotated[str, Field(min_length=1)]
    text: Text = None


class RejectReasons(Wire):
    reasons: list[RejectReason] | None = None


class SplitAttribute(Wire):
    order_id: Id
    can_split: Yes = None
    reason: Text = None


class SplitAttributes(Wire):
    split_attributes: list[SplitAttribute] | None = None


class MadePackage(Wire):
    id: Id


class SplitDone(Wire):
    packages: list[MadePackage] | None = None


class CombinableGroup(Wire):
    """Orders whose packages may become one. `id` is not a package's but the group's."""

    id: Id
    order_ids: list[Id] | None = None


class CombinableGroups(Wire):
    combinable_packages: list[CombinableGroup] | None = None
    next_page_token: str | None = None


class CombineDone(Wire):
    packages: list[MadePackage] | None = None
    errors: list[RowError] | None = None


DocumentAnswer = Envelope[DocumentLink]
MarkedAnswer = Envelope[MarkedShipped]
DeliveryOptionsAnswer = Envelope[DeliveryOptions]
CarriersAnswer = Envelope[Carriers]
CancelListAnswer = Envelope[CancelList]
CancelledAnswer = Envelope[Cancelled]
EligibilityAnswer = Envelope[Eligibility]
RejectReasonsAnswer = Envelope[RejectReasons]
SplitAttributesAnswer = Envelope[SplitAttributes]
SplitAnswer = Envelope[SplitDone]
CombinableAnswer = Envelope[CombinableGroups]
CombineAnswer = Envelope[CombineDone]

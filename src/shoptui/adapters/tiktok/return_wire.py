"""TikTok Shop's JSON of returns and refunds: requests, their records, uploaded pictures (sheet, section 9)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shoptui.adapters.records import Currency, Id, Moment, NoneOnError, Number, OptionalId, Seconds, Text, Wire, Yes
from shoptui.adapters.tiktok.wire import Envelope


class RefundAmount(Wire):
    """What the buyer would be paid; the sum must be right, its parts are not needed."""

    currency: Currency
    refund_total: str


class PartialRefund(Wire):
    currency: Currency
    amount: str


class NextAction(Wire):
    """What the seller has to do, and until when (epoch s)."""

    action: Text = None
    deadline: Seconds | None = None


class ReturnLineRecord(Wire):
    return_line_item_id: OptionalId = None
    order_line_item_id: OptionalId = None
    sku_id: OptionalId = None
    sku_name: Text = None
    product_name: Text = None
    seller_sku: Text = None
    refund_amount: Annotated[RefundAmount | None, NoneOnError()] = None


class ReturnAddress(Wire):
    full_address: Text = None


class ReturnRecord(Wire):
    """A request. Ids, type, status, times and the sum must be right, and so must a deadline that is there."""

    return_id: Id
    order_id: Id
    return_type: Annotated[str, Field(min_length=1)]
    return_status: Annotated[str, Field(min_length=1)]
    create_time: Seconds
    update_time: Seconds
    refund_amount: RefundAmount
    arbitration_status: Text = None
    return_reason: Text = None
    return_reason_text: Text = None
    return_tracking_number: Text = None
    return_provider_name: Text = None
    can_buyer_keep_item: Yes = None
    is_quick_refund: Yes = None
    buyer_rejected_partial_refund: Yes = None
    partial_refund: Annotated[PartialRefund | None, NoneOnError()] = None
    seller_next_action_response: list[NextAction] | None = None
    return_line_items: list[ReturnLineRecord] | None = None
    return_warehouse_address: Annotated[ReturnAddress | None, NoneOnError()] = None


class ReturnList(Wire):
    """Records are read one by one: a bad one must not cost the page. The list is left out when it is empty."""

    return_orders: list[Any] | None = None
    next_page_token: Text = None
    total_count: Number = None


class Picture(Wire):
    url: Text = None


class Video(Wire):
    url: Text = None


class HistoryRecord(Wire):
    event: Text = None
    role: Text = None
    description: Text = None
    reason_text: Text = None
    note: Text = None
    images: Annotated[list[Picture] | None, NoneOnError()] = None
    videos: Annotated[list[Video] | None, NoneOnError()] = None
    create_time: Moment = None


class HistoryList(Wire):
    records: Annotated[list[HistoryRecord] | None, NoneOnError()] = None


class Uploaded(Wire):
    """`uri` is what other calls know the picture by."""

    uri: Annotated[str, Field(min_length=1, max_length=512)]
    width: Number = None
    height: Number = None


ReturnListAnswer = Envelope[ReturnList]
HistoryAnswer = Envelope[HistoryList]
UploadedAnswer = Envelope[Uploaded]

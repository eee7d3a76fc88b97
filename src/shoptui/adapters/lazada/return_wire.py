"""Lazada's JSON of reverse orders: requests with their units, reasons, history, pictures (sheet, section 9)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from shoptui.adapters.records import Id, NoneOnError, Number, OptionalId, Text, Wire, Yes


def _whole(value: Any) -> Any:
    """Amounts are whole numbers of the smallest unit; nothing is rounded to become one."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError("an amount of the smallest unit is a whole number")
    return value


Minor = Annotated[int, BeforeValidator(_whole), Field(ge=0, lt=2**63)]
#: Seconds by what is seen on the wire, milliseconds by the documents.
Stamp = Annotated[int, Field(ge=0, lt=10**15)]


class ReverseProduct(Wire):
    product_sku: OptionalId = None


class ReverseBuyer(Wire):
    buyer_id: OptionalId = None


class ReverseLine(Wire):
    """One unit. Ids, status, amount and the deadline must be right."""

    reverse_order_line_id: Id
    trade_order_line_id: OptionalId = None
    reverse_status: Annotated[str, Field(min_length=1)]
    refund_amount: Minor
    return_order_line_gmt_create: Stamp
    return_order_line_gmt_modified: Stamp
    sla: Stamp | None = None
    ofc_status: Text = None
    is_dispute: Yes = None
    reason_code: OptionalId = None
    reason_text: Text = None
    tracking_number: Text = None
    receiver_address: Text = None
    seller_sku_id: Text = None
    platform_sku_id: OptionalId = None
    product: Annotated[ReverseProduct | None, NoneOnError()] = None
    buyer: Annotated[ReverseBuyer | None, NoneOnError()] = None


class ReverseRecord(Wire):
    reverse_order_id: Id
    trade_order_id: Id
    request_type: Annotated[str, Field(min_length=1)]
    is_rtm: Yes = None
    reverse_order_lines: Annotated[list[ReverseLine], Field(min_length=1)]


class ReverseList(Wire):
    """Records are read one by one: a bad one must not cost the page."""

    items: list[Any] | None = None
    total: Number = None


class ReasonRecord(Wire):
    """`muti_language_text` is Lazada's own spelling."""

    reason_id: Id
    text: Text = None
    muti_language_text: Text = None


class HistoryStep(Wire):
    operator: Text = None
    picture: Annotated[list[str] | None, NoneOnError()] = None
    time: Stamp | None = None


class HistoryPage(Wire):
    """`list` is the wire's name of the steps."""

    steps: Annotated[list[HistoryStep] | None, NoneOnError(), Field(alias="list")] = None


class UploadedImage(Wire):
    url: Annotated[str, Field(min_length=1, max_length=2000)]


class Uploaded(Wire):
    image: UploadedImage

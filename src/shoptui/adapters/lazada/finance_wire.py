"""Lazada's JSON of finance (sheet, section 12): all text. Amounts are read one by one later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field

from shoptui.adapters.http import Answer
from shoptui.adapters.lazada.wire import read_raw, validated
from shoptui.adapters.records import NoneOnError, Number, OptionalId, Text, Wire

ModelT = TypeVar("ModelT", bound=Wire)

#: Statement and transaction numbers are opaque: letters, digits and dashes as far as seen.
Name = Annotated[str, Field(min_length=1, max_length=120)]


class PayoutRecord(Wire):
    """`payout` has its currency behind it; times have no zone."""

    statement_number: Name
    created_at: Name
    updated_at: Text = None
    payout: Any
    paid: Text = None
    opening_balance: Any = None
    closing_balance: Any = None
    item_revenue: Any = None
    other_revenue_total: Any = None
    fees_total: Any = None
    refunds: Any = None


class RowRecord(Wire):
    """One fee of one unit, or of the account."""

    transaction_number: Name
    transaction_date: Name
    transaction_type: Text = None
    fee_type: Text = None
    fee_name: Text = None
    amount: Any
    wht_amount: Annotated[Any, Field(alias="WHT_amount")] = None
    wht_included: Annotated[Text, Field(alias="WHT_included_in_amount")] = None
    statement: Text = None
    order_no: OptionalId = None
    order_line: Annotated[OptionalId, Field(alias="orderItem_no")] = None
    seller_sku: Text = None
    lazada_sku: Text = None
    comment: Text = None


class MoveRecord(Wire):
    transaction_number: Name
    transaction_time: Name
    type: Text = None
    sub_type: Text = None
    amount: Any
    currency: Text = None
    remarks: Text = None


class PageInfo(Wire):
    total_page: Number = None


class MovePageData(Wire):
    """Rows are read one by one: a bad one must not cost the page."""

    transactions: list[Any] | None = None
    page_info: Annotated[PageInfo | None, NoneOnError()] = None


def read_list(answer: Answer) -> list[Any]:
    """The rows under `data`, none where nothing stands there. Raises AdapterError."""
    found = read_raw(answer, exact=True).get("data")
    return found if isinstance(found, list) else []


def read_account(answer: Answer) -> MovePageData:
    """A page of the account; its envelope is the answer itself or stands under `result`. Raises AdapterError."""
    raw = read_raw(answer, exact=True)
    inner = raw.get("result")
    outer: Mapping[str, Any] = inner if isinstance(inner, Mapping) else raw
    return validated(answer, MovePageData, outer.get("data") or {})

"""TikTok Shop's JSON of finance (sheet, section 13). Amounts are read later, each by itself: see `amounts`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shoptui.adapters.records import Currency, Id, Moment, NoneOnError, Number, OptionalId, Seconds, Text, Wire
from shoptui.adapters.tiktok.wire import Envelope

Group = Annotated[dict[str, Any] | None, NoneOnError()]


class StatementRecord(Wire):
    """`statement_time` is the end of the day it covers. Outside SEA sales and carriage stand apart."""

    id: Id
    statement_time: Annotated[int, Field(gt=0)]
    currency: Currency
    settlement_amount: Any
    revenue_amount: Any = None
    net_sales_amount: Any = None
    shipping_cost_amount: Any = None
    fee_amount: Any = None
    adjustment_amount: Any = None
    payment_status: Text = None
    payment_id: Text = None
    payment_time: Moment = None


class TransactionRecord(Wire):
    """What both generations have in common; the rest of the row is looked at by name."""

    id: Id
    type: Text = None
    order_id: OptionalId = None
    adjustment_order_id: OptionalId = None
    settlement_amount: Any
    revenue_breakdown: Group = None
    shipping_cost_breakdown: Group = None
    fee_tax_breakdown: Group = None


class UnsettledRecord(Wire):
    """`estimated_settlement` is a moment, or words such as `Delivered + 8 days`."""

    order_id: OptionalId = None
    currency: Currency
    est_settlement_amount: Any
    order_delivery_time: Moment = None
    estimated_settlement: Text = None
    unsettled_reason: Text = None


class WithdrawalRecord(Wire):
    id: Id
    type: Annotated[str, Field(min_length=1)]
    amount: Any
    currency: Currency
    status: Text = None
    create_time: Seconds


class StatementList(Wire):
    """Rows are read one by one: a bad one must not cost the page."""

    statements: list[Any] | None = None
    next_page_token: Text = None


class TransactionList(Wire):
    """`transactions` in the nested generation, `statement_transactions` in the flat one."""

    transactions: list[Any] | None = None
    statement_transactions: list[Any] | None = None
    next_page_token: Text = None
    total_count: Number = None


class UnsettledList(Wire):
    transactions: list[Any] | None = None
    next_page_token: Text = None
    sum_est_settlement_amount: Any = None


class WithdrawalList(Wire):
    withdrawals: list[Any] | None = None
    next_page_token: Text = None


StatementsAnswer = Envelope[StatementList]
TransactionsAnswer = Envelope[TransactionList]
UnsettledAnswer = Envelope[UnsettledList]
WithdrawalsAnswer = Envelope[WithdrawalList]

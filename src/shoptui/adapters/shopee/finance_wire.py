"""Shopee's JSON of payment (sheet, section 10). Amounts are read one by one later."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shoptui.adapters.records import Id, NoneOnError, OptionalId, Seconds, Text, Wire, Yes


class EscrowRecord(Wire):
    """An order whose money was released."""

    order_sn: Id
    payout_amount: Any = None
    escrow_release_time: Seconds


class EscrowDetail(Wire):
    """What an order brought: about a hundred amounts under their own names, most of them nothing."""

    order_sn: Id
    order_income: dict[str, Any]


class WalletRecord(Wire):
    """`amount` may have its direction as its sign or in `money_flow` alone."""

    status: Text = None
    transaction_type: Annotated[str, Field(min_length=1)]
    amount: Any
    current_balance: Any = None
    create_time: Seconds
    order_sn: OptionalId = None
    refund_sn: OptionalId = None
    withdrawal_id: Text = None
    transaction_id: Text = None
    description: Text = None
    reason: Text = None
    money_flow: Text = None


class IncomeRecord(Wire):
    """An order whose money is still to come."""

    order_sn: OptionalId = None
    currency: Text = None
    estimated_escrow_amount: Any = None
    estimated_payout_time: Annotated[Seconds | None, NoneOnError()] = None
    creation_date: Annotated[Seconds | None, NoneOnError()] = None
    status: Text = None


class EscrowList(Wire):
    """Rows are read one by one: a bad one must not cost the page."""

    escrow_list: list[Any] | None = None
    more: Yes = None


class WalletList(Wire):
    transaction_list: list[Any] | None = None
    more: Yes = None


class NextIncome(Wire):
    cursor: Text = None


class IncomeRows(Wire):
    rows: Annotated[list[Any] | None, Field(alias="list")] = None
    next_page: Annotated[NextIncome | None, NoneOnError()] = None


class IncomeList(Wire):
    income_detail_list: IncomeRows | None = None


class IncomeTotals(Wire):
    pending_amount: Any = None


class IncomeOverview(Wire):
    total_income: Annotated[IncomeTotals | None, NoneOnError()] = None

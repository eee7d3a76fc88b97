"""TikTok Shop's settled amounts in the house's words: which of its many names is which kind of part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from shoptui.adapters.amounts import read_amount, read_if_given
from shoptui.adapters.finance_records import REST, by_name, completed
from shoptui.adapters.tiktok.finance_wire import (
    StatementRecord,
    TransactionRecord,
    UnsettledRecord,
    WithdrawalRecord,
)
from shoptui.domain.finance import FeeKind, MoveKind, PaidState, Part, Statement, StatementLine, Unsettled, WalletMove
from shoptui.domain.money import Money
from shoptui.text import sanitise_cell

DAY_S = 86_400

_PAID = {
    "PAID": PaidState.PAID,
    "PROCESSING": PaidState.PROCESSING,
    "FAILED": PaidState.FAILED,
    "SETTLED": PaidState.OPEN,
}

#: Names of both generations. What is in none of these tables is a part `other` under TikTok's own name.
_KINDS = by_name(
    (FeeKind.ITEM, "subtotal_before_discount_amount gross_sales_amount"),
    (FeeKind.REFUND, "refund_subtotal_before_discount_amount gross_sales_refund_amount"),
    (FeeKind.SELLER_DISCOUNT, "seller_discount_amount seller_discount_refund_amount"),
    (FeeKind.COMMISSION, "platform_commission_amount referral_fee_amount dynamic_commission_amount"),
    (FeeKind.PAYMENT_FEE, "transaction_fee_amount credit_card_handling_fee_amount"),
    (
        FeeKind.SERVICE_FEE,
        "order_processing_fee_amount refund_administration_fee_amount cod_service_fee_amount "
        "voucher_xtra_service_fee_amount flash_sales_service_fee_amount live_specials_fee_amount "
        "bonus_cashback_service_fee_amount mall_service_fee_amount",
    ),
    (
        FeeKind.AFFILIATE,
        "affiliate_commission_amount affiliate_ads_commission_amount affiliate_partner_commission_amount "
        "affiliate_commission_before_pit_amount external_affiliate_marketing_fee_amount",
    ),
    (
        FeeKind.SHIPPING,
        "actual_shipping_fee_amount fbt_fulfillment_fee_amount signature_confirmation_fee_amount",
    ),
    (FeeKind.SHIPPING_BUYER, "customer_paid_shipping_fee_amount"),
    (
        FeeKind.SHIPPING_SUBSIDY,
        "shipping_fee_subsidy_amount shipping_fee_discount_amount platform_shipping_fee_discount_amount",
    ),
    (FeeKind.SHIPPING_BACK, "return_shipping_fee_amount"),
    (
        FeeKind.TAX,
        "withholding_tax_amount sales_tax_amount sales_tax_payment_amount sales_tax_refund_amount "
        "retail_delivery_fee_amount retail_delivery_fee_payment_amount retail_delivery_fee_refund_amount",
    ),
)

#: What a transaction that is no order's is, by its type; others are adjustments.
_ADJUSTMENTS = by_name(
    (FeeKind.REFUND, "CHARGE_BACK"),
    (FeeKind.MARKETING, "GMV_PAYMENT_FOR_ADS COFUNDED_CREATOR_REWARDS PROMOTION_ADJUSTMENT"),
    (FeeKind.PENALTY, "PLATFORM_PENALTY DEDUCTIONS_INCURRED_BY_SELLER"),
    (FeeKind.COMMISSION, "PLATFORM_COMMISSION_ADJUSTMENT PLATFORM_COMMISSION_COMPENSATION"),
    (
        FeeKind.COMPENSATION,
        "CUSTOMER_SERVICE_COMPENSATION PLATFORM_COMPENSATION PLATFORM_REIMBURSEMENT LOGISTICS_REIMBURSEMENT "
        "SELLER_MISSION_REWARD REBATE",
    ),
    (FeeKind.TAX, "STAMP_DUTY"),
    (FeeKind.SERVICE_FEE, "FBT_WAREHOUSE_SERVICE_FEE"),
    (FeeKind.SHIPPING, "SHIPPING_FEE_ADJUSTMENT SAMPLE_SHIPPING_FEE"),
    (FeeKind.SHIPPING_SUBSIDY, "SHIPPING_FEE_COMPENSATION SHIPPING_FEE_REBATE"),
)
#: Groups of the nested generation: the sum's name, and the record's field with what it is made of.
_GROUPS = (
    ("revenue_amount", "revenue_breakdown"),
    ("shipping_cost_amount", "shipping_cost_breakdown"),
    ("fee_tax_amount", "fee_tax_breakdown"),
)
#: What stands in it explains the amounts beside it once more.
_EXPLAINS = "supplementary_component"
_ADJUSTMENT = "adjustment_amount"

_MOVES = {
    "SETTLE": MoveKind.SETTLED,
    "WITHDRAW": MoveKind.WITHDRAWN,
    "TRANSFER": MoveKind.WITHDRAWN,
    "REVERSE": MoveKind.ADJUSTMENT,
    "PAYMENT": MoveKind.PAYMENT,
    "REFUND": MoveKind.REFUND,
}
#: What goes out comes without a sign.
_OUT = frozenset({"WITHDRAW", "TRANSFER", "PAYMENT"})
_DONE = frozenset({"SUCCESS", "PROCESSED"})

# A few names stand in every line.
_name = lru_cache(maxsize=1024)(sanitise_cell)

_AFTER_DELIVERY = re.compile(r"^Delivered \+ (\d{1,3}) days?$", re.IGNORECASE | re.ASCII)
_MOMENT = re.compile(r"^\d{10}$", re.ASCII)


def to_statement(record: StatementRecord, store_id: str) -> Statement:
    """One day's statement. Raises MoneyError for an amount that is none."""
    currency = record.currency
    revenue = read_if_given(record.revenue_amount, currency) or read_if_given(record.net_sales_amount, currency)
    fees = read_if_given(record.fee_amount, currency)
    carriage = read_if_given(record.shipping_cost_amount, currency)
    word = record.payment_status or ""
    return Statement(
        store_id=store_id,
        statement_id=record.id,
        start_at=record.statement_time - DAY_S,
        end_at=record.statement_time,
        payout=read_amount(record.settlement_amount, currency),
        paid=_PAID.get(word, PaidState.UNKNOWN),
        raw_paid=sanitise_cell(word),
        paid_at=record.payment_time or None,
        payment_id=sanitise_cell(record.payment_id or ""),
        revenue=revenue,
        fees=fees + carriage if fees is not None and carriage is not None else fees,
        adjustments=read_if_given(record.adjustment_amount, currency),
    )


def to_line(raw: Any, statement: Statement) -> StatementLine:
    """A transaction of either generation. Raises ValidationError or MoneyError."""
    record = TransactionRecord.model_validate(raw)
    currency = statement.payout.currency
    word = record.type or ""
    amount = read_amount(record.settlement_amount, currency)
    is_nested = any(getattr(record, field) is not None for _, field in _GROUPS)
    parts = list(_nested(raw, record, currency) if is_nested else _flat(raw, currency))
    adjusted = read_if_given(raw.get(_ADJUSTMENT), currency)
    if adjusted is not None:
        parts.append(Part(_ADJUSTMENTS.get(word, FeeKind.ADJUSTMENT), adjusted, word or _ADJUSTMENT))
    return StatementLine(
        store_id=statement.store_id,
        statement_id=statement.statement_id,
        line_id=record.id,
        order_no=record.order_id or record.adjustment_order_id or "",
        at=statement.end_at,
        amount=amount,
        parts=completed(parts, amount),
        raw_kind=_name(word),
    )


def _nested(raw: Mapping[str, Any], record: TransactionRecord, currency: str) -> Iterator[Part]:
    for total_name, field in _GROUPS:
        rest = read_if_given(raw.get(total_name), currency)
        for name, value in _leaves(getattr(record, field) or {}):
            amount = read_if_given(value, currency)
            if amount is None or not amount.minor:
                continue
            if rest is not None:
                rest = rest - amount
            yield Part(_KINDS.get(name, FeeKind.OTHER), amount, name)
        if rest is not None and rest.minor:
            yield Part(FeeKind.OTHER, rest, f"{total_name}: {REST}")


def _leaves(group: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in group.items():
        if name == _EXPLAINS:
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield _name(name), value


def _flat(raw: Mapping[str, Any], currency: str) -> Iterator[Part]:
    """The known names of a flat row: others may be sums of them, and what is left over shows."""
    for name, kind in _KINDS.items():
        amount = read_if_given(raw.get(name), currency)
        if amount is not None and amount.minor:
            yield Part(kind, amount, name)


def to_unsettled(record: UnsettledRecord, store_id: str) -> Unsettled | None:
    """An order's estimate, None for an adjustment that belongs to no order. Raises MoneyError."""
    if not record.order_id:
        return None
    delivered_at = record.order_delivery_time or None
    return Unsettled(
        store_id=store_id,
        order_no=record.order_id,
        amount=read_amount(record.est_settlement_amount, record.currency),
        expected_at=_expected(record.estimated_settlement or "", delivered_at),
        delivered_at=delivered_at,
        reason=sanitise_cell(record.unsettled_reason or ""),
    )


def _expected(words: str, delivered_at: int | None) -> int | None:
    if _MOMENT.match(words):
        return int(words)
    days = _AFTER_DELIVERY.match(words)
    return delivered_at + int(days[1]) * DAY_S if days is not None and delivered_at is not None else None


def to_move(record: WithdrawalRecord, store_id: str) -> WalletMove:
    """A settlement or withdrawal, with the sign its type gives it. Raises MoneyError."""
    amount = read_amount(record.amount, record.currency)
    return WalletMove(
        store_id=store_id,
        move_id=record.id,
        at=record.create_time,
        kind=_MOVES.get(record.type, MoveKind.OTHER),
        amount=Money(-abs(amount.minor), amount.currency) if record.type in _OUT else amount,
        done=record.status in _DONE,
        raw_kind=sanitise_cell(record.type),
        note=sanitise_cell(record.status or ""),
    )

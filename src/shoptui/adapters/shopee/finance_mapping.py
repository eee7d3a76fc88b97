"""Shopee's settled amounts in the house's words: the terms of an order's income, and the wallet's rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shoptui.adapters.amounts import read_amount, read_if_given
from shoptui.adapters.finance_records import by_name, completed
from shoptui.adapters.shopee.finance_wire import EscrowDetail, EscrowRecord, IncomeRecord, WalletRecord
from shoptui.domain.finance import FeeKind, MoveKind, Part, StatementLine, Unsettled, WalletMove
from shoptui.domain.money import Money
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell

_K = FeeKind

#: What an order's escrow is made of, and with which sign (sheet, section 10.3).
_PLUS: tuple[tuple[FeeKind, str], ...] = (
    (_K.ITEM, "original_cost_of_goods_sold"),
    (_K.REFUND, "seller_return_refund"),
    (_K.PLATFORM_DISCOUNT, "shopee_discount"),
    (_K.SHIPPING_BUYER, "buyer_paid_shipping_fee"),
    (_K.SHIPPING_SUBSIDY, "shopee_shipping_rebate shipping_fee_discount_from_3pl"),
    (_K.COMPENSATION, "rsf_seller_protection_fee_claim_amount"),
    (_K.OTHER, "buyer_paid_packaging_fee"),
)
_MINUS: tuple[tuple[FeeKind, str], ...] = (
    (_K.PLATFORM_DISCOUNT, "original_shopee_discount"),
    (_K.SELLER_DISCOUNT, "voucher_from_seller seller_coin_cash_back trade_in_bonus_by_seller"),
    (_K.SHIPPING, "actual_shipping_fee"),
    (_K.SHIPPING_BACK, "reverse_shipping_fee final_return_to_seller_shipping_fee overseas_return_service_fee"),
    (_K.PAYMENT_FEE, "seller_transaction_fee"),
    (
        _K.SERVICE_FEE,
        "service_fee seller_order_processing_fee shipping_seller_protection_fee_amount "
        "delivery_seller_protection_fee_premium_amount fbs_fee",
    ),
    (_K.COMMISSION, "commission_fee"),
    (_K.MARKETING, "campaign_fee ads_escrow_top_up_fee_or_technical_support_fee"),
    (_K.AFFILIATE, "order_ams_commission_fee"),
    (
        _K.TAX,
        "final_escrow_product_gst escrow_tax sales_tax_on_lvg reverse_shipping_fee_sst shipping_fee_sst "
        "withholding_tax withholding_vat_tax withholding_pit_tax withholding_cit_tax vat_on_imported_goods "
        "th_import_duty",
    ),
)
_TERMS: tuple[tuple[str, FeeKind, int], ...] = tuple(
    (name, kind, sign) for sign, rows in ((1, _PLUS), (-1, _MINUS)) for kind, names in rows for name in names.split()
)

#: What a row of the wallet is, by its type's name (sheet, section 10.4): the move, and the part of its line.
_MOVES = by_name(
    ((MoveKind.SETTLED, _K.ITEM), "ESCROW_VERIFIED_ADD ESCROW_VERIFIED_MINUS"),
    (
        (MoveKind.WITHDRAWN, _K.WITHDRAWAL),
        "WITHDRAWAL_CREATED WITHDRAWAL_COMPLETED WITHDRAWAL_CANCELLED",
    ),
    ((MoveKind.REFUND, _K.REFUND), "REFUND_VERIFIED_ADD AUTO_REFUND_ADD DP_REFUND_VERIFIED_ADD"),
    ((MoveKind.REFUND, _K.REFUND), "ADJUSTMENT_FOR_RR_AFTER_ESCROW_VERIFIED"),
    (
        (MoveKind.ADJUSTMENT, _K.ADJUSTMENT),
        "ADJUSTMENT_ADD ADJUSTMENT_MINUS FBS_ADJUSTMENT_ADD FBS_ADJUSTMENT_MINUS ADJUSTMENT_CENTER_ADD "
        "ADJUSTMENT_CENTER_DEDUCT CROSS_MERCHANT_ADJUSTMENT_ADD CROSS_MERCHANT_ADJUSTMENT_DEDUCT "
        "FAST_ESCROW_DISBURSE FAST_ESCROW_DEDUCT FAST_ESCROW_DISBURSE_REMAIN",
    ),
    ((MoveKind.ADJUSTMENT, _K.SHIPPING), "ESCROW_ADJUSTMENT_FOR_FD_DEDUCT FSF_COST_PASSING_DEDUCT"),
    ((MoveKind.ADJUSTMENT, _K.TAX), "PERCEPTION_VAT_TAX_DEDUCT PERCEPTION_TURNOVER_TAX_DEDUCT"),
    ((MoveKind.ADJUSTMENT, _K.AFFILIATE), "AFFILIATE_COMMISSION_FEE_ADD AFFILIATE_FEE_DEDUCT"),
    ((MoveKind.ADJUSTMENT, _K.COMPENSATION), "SELLER_COMPENSATE_ADD"),
    (
        (MoveKind.ADJUSTMENT, _K.MARKETING),
        "CAMPAIGN_PACKAGE_ADD CAMPAIGN_PACKAGE_MINUS PAID_ADS_CHARGE PAID_ADS_REFUND AFFILIATE_ADS_SELLER_FEE "
        "AFFILIATE_ADS_SELLER_FEE_REFUND",
    ),
    (
        (MoveKind.PAYMENT, _K.OTHER),
        "SHOPEE_WALLET_PAY SPM_DEDUCT APM_DEDUCT SPM_REFUND_ADD APM_REFUND_ADD SPM_DEDUCT_DIRECT SPM_DISBURSE_ADD",
    ),
)
_UNKNOWN = (MoveKind.OTHER, FeeKind.OTHER)
#: A withdrawal's later rows tell how it went on; the money left with the first.
_TOLD_BEFORE = frozenset({"WITHDRAWAL_COMPLETED"})
#: Types that belong to no statement: escrow has its lines by order, and this is what was done with the money.
_NOT_SETTLED = frozenset({MoveKind.SETTLED, MoveKind.WITHDRAWN, MoveKind.PAYMENT})
_COMPLETED = "COMPLETED"
_OUT = "MONEY_OUT"
_IN = "MONEY_IN"
_PENALTY = "penalty"


def to_escrow_line(
    released: EscrowRecord, detail: EscrowDetail | None, store: Store, statement_id: str
) -> StatementLine:
    """An order's line: what was paid out, in the terms of its income; what these leave over is a part of its own.

    `detail` is None where Shopee tells no more than the amount. Raises MoneyError.
    """
    currency = store.currency
    income: Mapping[str, Any] = detail.order_income if detail is not None else {}
    given = released.payout_amount if released.payout_amount is not None else income.get("escrow_amount")
    amount = read_amount(given, currency)
    return StatementLine(
        store_id=store.store_id,
        statement_id=statement_id,
        # A second release of the same order is a line of its own.
        line_id=f"{released.order_sn}@{released.escrow_release_time}",
        order_no=released.order_sn,
        at=released.escrow_release_time,
        amount=amount,
        parts=completed(_terms(income, currency), amount),
        raw_kind="escrow",
    )


def _terms(income: Mapping[str, Any], currency: str) -> list[Part]:
    parts: list[Part] = []
    for name, kind, sign in _TERMS:
        value = income.get(name)
        if not value:
            # Most terms of most orders are nothing.
            continue
        amount = read_amount(value, currency)
        if amount.minor:
            parts.append(Part(kind, amount if sign > 0 else -amount, name))
    return parts


def to_wallet_line(record: WalletRecord, store: Store, statement_id: str) -> StatementLine | None:
    """An adjustment that came over the wallet; None for a row of escrow, a withdrawal or one that is not done.

    Raises MoneyError.
    """
    move = to_move(record, store)
    if move.kind in _NOT_SETTLED or not move.done:
        return None
    kind = _MOVES.get(record.transaction_type, _UNKNOWN)[1]
    if kind is FeeKind.ADJUSTMENT and _PENALTY in f"{record.description} {record.reason}".lower():
        kind = FeeKind.PENALTY
    return StatementLine(
        store_id=store.store_id,
        statement_id=statement_id,
        line_id=move.move_id,
        order_no=move.order_no,
        at=move.at,
        amount=move.amount,
        parts=completed((Part(kind, move.amount, move.raw_kind),), move.amount),
        raw_kind=move.raw_kind,
        return_id=record.refund_sn or "",
        note=move.note,
    )


def counts(record: WalletRecord, move: WalletMove) -> bool:
    """Whether a row of the wallet is part of what was settled, rather than of what was done with the money."""
    return move.done and move.kind not in _NOT_SETTLED - {MoveKind.SETTLED}


def to_move(record: WalletRecord, store: Store) -> WalletMove:
    """A row of the wallet, with the sign of its direction. Raises MoneyError."""
    amount = read_amount(record.amount, store.currency)
    if record.money_flow == _OUT and amount.minor > 0:
        amount = -amount
    elif record.money_flow == _IN and amount.minor < 0:
        amount = Money(-amount.minor, amount.currency)
    balance = read_if_given(record.current_balance, store.currency)
    kind = _MOVES.get(record.transaction_type, _UNKNOWN)[0]
    return WalletMove(
        store_id=store.store_id,
        move_id=sanitise_cell(record.transaction_id or "") or _made_id(record, amount, balance),
        at=record.create_time,
        kind=kind,
        amount=amount,
        balance=balance,
        done=record.status == _COMPLETED and record.transaction_type not in _TOLD_BEFORE,
        order_no=record.order_sn or "",
        raw_kind=sanitise_cell(record.transaction_type),
        note=sanitise_cell(record.reason or record.description or ""),
    )


def _made_id(record: WalletRecord, amount: Money, balance: Money | None) -> str:
    """Rows have no id of their own; the balance after it tells a row from its likes."""
    about = record.order_sn or record.refund_sn or record.withdrawal_id or ""
    left = balance.minor if balance is not None else ""
    return sanitise_cell(f"{record.create_time}:{record.transaction_type}:{about}:{amount.minor}:{left}")


def to_unsettled(record: IncomeRecord, store: Store) -> Unsettled | None:
    """An order's estimate, None for a row of no order. Raises MoneyError."""
    if not record.order_sn:
        return None
    return Unsettled(
        store_id=store.store_id,
        order_no=record.order_sn,
        amount=read_amount(record.estimated_escrow_amount, record.currency or store.currency),
        expected_at=record.estimated_payout_time or None,
        reason=sanitise_cell(record.status or ""),
    )

"""Balances, statements and their lines, in one vocabulary for all marketplaces. Money is exact: integers only."""

from __future__ import annotations

from enum import StrEnum

from shoptui.domain.money import Money
from shoptui.domain.records import dataclass


class FeeKind(StrEnum):
    """What a part of a settled amount is for. Signs are the seller's: what comes in is positive.

    `item`: what was sold at the seller's price; `seller_discount`, `platform_discount`: taken off or given on top;
    `commission`, `payment_fee`, `service_fee`, `affiliate`, `marketing`: fees; `shipping_buyer`: paid by the buyer;
    `shipping`: charged for carrying; `shipping_subsidy`: given by the marketplace; `shipping_back`: for parcels that
    came back; `refund`: paid back to the buyer; `tax`; `penalty`; `compensation`: paid by the marketplace for a loss;
    `adjustment`: a correction; `withdrawal`; `other`: a word no mapping has.
    """

    ITEM = "item"
    SELLER_DISCOUNT = "seller_discount"
    PLATFORM_DISCOUNT = "platform_discount"
    COMMISSION = "commission"
    PAYMENT_FEE = "payment_fee"
    SERVICE_FEE = "service_fee"
    AFFILIATE = "affiliate"
    MARKETING = "marketing"
    SHIPPING_BUYER = "shipping_buyer"
    SHIPPING = "shipping"
    SHIPPING_SUBSIDY = "shipping_subsidy"
    SHIPPING_BACK = "shipping_back"
    REFUND = "refund"
    TAX = "tax"
    PENALTY = "penalty"
    COMPENSATION = "compensation"
    ADJUSTMENT = "adjustment"
    WITHDRAWAL = "withdrawal"
    OTHER = "other"


class PaidState(StrEnum):
    """Whether a statement's money has reached the seller. `unknown` is a word no mapping has."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a line. `raw` is the marketplace's own name for it."""

    kind: FeeKind
    amount: Money
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One settlement of one store.

    `statement_id` is the marketplace's own; where it has none (Shopee's wallet) it is the local week,
    `wallet-2026-W46`. The period is epoch seconds, start included, end excluded. `payout` is what the seller gets by
    it: its lines, and where `opening` is given (Lazada) what was carried over into it as well; a debt carries on as
    `closing` and pays nothing out. `paid_at` is None until paid. The sums are None where the marketplace gives none;
    `raw_paid` is its own word.
    """

    store_id: str
    statement_id: str
    start_at: int
    end_at: int
    payout: Money
    paid: PaidState
    raw_paid: str = ""
    paid_at: int | None = None
    payment_id: str = ""
    opening: Money | None = None
    closing: Money | None = None
    revenue: Money | None = None
    fees: Money | None = None
    refunds: Money | None = None
    adjustments: Money | None = None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One settled amount: an order's settlement, one fee of it, or an adjustment.

    `amount` is exactly the sum of `parts`. `order_no` is "" for what belongs to no order. `sku` and `quantity` are ""
    and 0 where the line is about the whole order. `at` is when it was booked (epoch s). `line_id` is unique within its
    statement; where the marketplace gives none it is made of what the line says, so that reading again makes the same.
    """

    store_id: str
    statement_id: str
    line_id: str
    order_no: str
    at: int
    amount: Money
    parts: tuple[Part, ...]
    raw_kind: str = ""
    sku: str = ""
    sku_id: str = ""
    quantity: int = 0
    order_line_id: str = ""
    return_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Money of an order that is not settled yet, as the marketplace estimates. `expected_at` is None when unsaid."""

    store_id: str
    order_no: str
    amount: Money
    expected_at: int | None = None
    delivered_at: int | None = None
    reason: str = ""


class MoveKind(StrEnum):
    """What moved a wallet."""

    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"
    PAYMENT = "payment"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class WalletMove:
    """Money in or out of a store's wallet. `balance` is what was there after it, None where the marketplace is silent.

    `done` is False while it is on its way or when it failed: such moves change no balance.
    """

    store_id: str
    move_id: str
    at: int
    kind: MoveKind
    amount: Money
    balance: Money | None = None
    done: bool = True
    order_no: str = ""
    raw_kind: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """What a store's account holds at the marketplace.

    `derived` says that the marketplace tells no balance and it was added up from what it does tell; `basis` names from
    what: `wallet`, `statements`, `moves`. `pending` is what is sold and not settled yet, None when unsaid.
    `next_payout` and `next_payout_at` are None when unknown.
    """

    store_id: str
    at: int
    amount: Money
    derived: bool
    basis: str
    pending: Money | None = None
    next_payout: Money | None = None
    next_payout_at: int | None = None


def total(amounts: tuple[Money, ...], currency: str) -> Money:
    """The exact sum. Raises MoneyError when one is of another currency."""
    found = Money(0, currency)
    for amount in amounts:
        found = found + amount
    return found

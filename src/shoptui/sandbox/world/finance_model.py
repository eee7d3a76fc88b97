"""What a store's money is made of, in words no marketplace owns. Amounts are minor units, the seller's signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .fees import FeeSchedule, share
from .model import Line, Order, Shipping


class Piece(StrEnum):
    """What a part of an amount is for: what comes in is positive, what is taken negative."""

    ITEM = "item"
    SELLER_DISCOUNT = "seller_discount"
    COMMISSION = "commission"
    PAYMENT = "payment"
    SERVICE = "service"
    ORDER_FEE = "order_fee"
    SHIPPING_BUYER = "shipping_buyer"
    SHIPPING = "shipping"
    SUBSIDY = "subsidy"
    SHIPPING_BACK = "shipping_back"
    TAX = "tax"
    REFUND = "refund"
    ADS = "ads"
    PENALTY = "penalty"
    COMPENSATION = "compensation"


class EntryKind(StrEnum):
    ORDER = "order"
    REFUND = "refund"
    ADS = "ads"
    PENALTY = "penalty"
    COMPENSATION = "compensation"


ACCOUNT_PIECES = {
    EntryKind.ADS: Piece.ADS,
    EntryKind.PENALTY: Piece.PENALTY,
    EntryKind.COMPENSATION: Piece.COMPENSATION,
}
"""The one piece of what belongs to no order."""

#: What is divided over an order's units by their price; the rest of an order is divided evenly.
PIECES_OF_GOODS = frozenset({Piece.COMMISSION, Piece.PAYMENT, Piece.SERVICE, Piece.TAX, Piece.REFUND})


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One amount that was settled. `lines` are the units it is about, none for what belongs to no order."""

    id: str
    kind: EntryKind
    at: int
    order: Order | None
    lines: tuple[Line, ...]
    pieces: Mapping[Piece, int]
    net: int
    return_id: str = ""

    def sum_of(self, *pieces: Piece) -> int:
        """The sum of these pieces."""
        return sum(self.pieces.get(piece, 0) for piece in pieces)


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One closed period of a store: its entries are `entries[first:last]` of the book.

    `closing` is `opening` and the entries; it is paid out when positive, else it is the next one's opening.
    """

    number: int
    start_at: int
    end_at: int
    first: int
    last: int
    net: int
    opening: int
    closing: int
    paid_at: int | None
    """World time at which the money is (or will be) paid; None when nothing is."""

    @property
    def payout(self) -> int:
        return max(self.closing, 0)


class MoveKind(StrEnum):
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """Money in or out of a store's wallet. `entry` is what was settled, None for statements and withdrawals."""

    id: str
    kind: MoveKind
    at: int
    amount: int
    balance: int
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """An order whose money is not settled. `due_at` is when it will be, None before it is completed."""

    order: Order
    pieces: Mapping[Piece, int]
    net: int
    due_at: int | None


class Fault(StrEnum):
    """A known error in what a marketplace settled."""

    COMMISSION = "commission"
    SHIPPING = "shipping"
    NEVER_SETTLED = "never_settled"
    SETTLED_TWICE = "settled_twice"
    REFUND_WITHOUT_RETURN = "refund_without_return"
    DOUBLE_REFUND = "double_refund"


@dataclass(frozen=True, slots=True)
class Planted:
    """An error that was made on purpose. `amount_minor` is what was paid less what was right: mostly negative."""

    order: Order
    fault: Fault
    amount_minor: int


def pieces_of_sale(order: Order, fees: FeeSchedule) -> dict[Piece, int]:
    """What a completed order brings and costs by the schedule; pieces of nothing are left out."""
    lines = order.open_lines
    goods = sum(line.price_minor - line.seller_discount_minor for line in lines)
    carriage = order.shipping_fee_minor - order.shipping_discount_minor
    paid = sum(line.paid_minor for line in lines) + carriage
    pieces = {
        Piece.ITEM: sum(line.price_minor for line in lines),
        Piece.SELLER_DISCOUNT: -sum(line.seller_discount_minor for line in lines),
        Piece.COMMISSION: -share(goods, fees.commission),
        Piece.PAYMENT: -share(paid, fees.payment),
        Piece.SERVICE: -share(goods, fees.service),
        Piece.ORDER_FEE: -fees.order_fee_minor,
        Piece.SHIPPING_BUYER: carriage,
        Piece.SUBSIDY: order.shipping_discount_minor,
        Piece.SHIPPING: -order.shipping_fee_minor if order.shipping is Shipping.PLATFORM else 0,
        Piece.TAX: -share(goods, fees.tax),
    }
    return {piece: amount for piece, amount in pieces.items() if amount}


def pieces_of_refund(order: Order, amount_minor: int, fees: FeeSchedule, *, goods_back: bool) -> dict[Piece, int]:
    """What a refund of so much costs: the money, less fees that follow the goods, and the parcel's way back."""
    back = amount_minor if fees.gives_back else 0
    pieces = {
        Piece.REFUND: -amount_minor,
        Piece.COMMISSION: share(back, fees.commission),
        Piece.SERVICE: share(back, fees.service),
        Piece.TAX: share(back, fees.tax),
        Piece.SHIPPING_BACK: -share(order.shipping_fee_minor, fees.back) if goods_back else 0,
    }
    return {piece: amount for piece, amount in pieces.items() if amount}


def spread(total: int, weights: list[int]) -> list[int]:
    """A total in parts by their weights that add up to it exactly; equal parts where nothing weighs anything."""
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    parts: list[int] = []
    given, weighed = 0, 0
    for weight in weights:
        weighed += weight
        until = total * weighed // whole
        parts.append(until - given)
        given = until
    return parts


def pieces_by_line(entry: Entry) -> list[dict[Piece, int]]:
    """An entry's pieces for each of its units; per piece they add up to the entry's."""
    lines = entry.lines
    prices = [line.price_minor - line.seller_discount_minor for line in lines]
    exact = {
        Piece.ITEM: [line.price_minor for line in lines],
        Piece.SELLER_DISCOUNT: [-line.seller_discount_minor for line in lines],
    }
    found: list[dict[Piece, int]] = [{} for _ in lines]
    for piece, amount in entry.pieces.items():
        parts = exact.get(piece)
        if parts is None or sum(parts) != amount:
            parts = spread(amount, prices if piece in PIECES_OF_GOODS else [1] * len(lines))
        for part, here in zip(parts, found, strict=True):
            if part:
                here[piece] = part
    return found

"""Checks settlements: each settled order against what was sold, the fee rules of its day and its returns.

Everything is pure and exact: amounts are integers of minor units, moments are arguments. Signs are the seller's: what
is taken is negative, so a difference below zero is money that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from shoptui.domain.anomalies import Anomaly, AnomalyKind, Booked, Known, Terms, Verified, anomaly_of, price_of
from shoptui.domain.clocks import DAY_S
from shoptui.domain.fee_rules import FeeBase
from shoptui.domain.finance import FeeKind, Statement, Unsettled
from shoptui.domain.money import Money
from shoptui.domain.orders import Order, Status
from shoptui.domain.verify_order import OrderCheck


def verify_statement(
    terms: Terms,
    statement: Statement,
    lines: Iterable[Booked],
    known: Callable[[str], Known],
    *,
    complete: bool = True,
) -> Verified:
    """Compare a statement's lines with what the house knows of their orders (`known` is asked once per order number).

    `complete` says that all lines are there, so that they must add up to the payout.
    """
    currency = statement.payout.currency
    by_order: dict[str, list[Booked]] = {}
    for line in lines:
        by_order.setdefault(line.order_no, []).append(line)
    found: list[Anomaly] = []
    paid = sold = agreeing = 0
    unbound = by_order.pop("", [])
    for order_no, own in by_order.items():
        check = OrderCheck(terms, statement, order_no, own, known(order_no))
        anomalies = check.run()
        found.extend(anomalies)
        agreeing += not anomalies
        paid += check.own.net
        sold += check.own.goods
    for line in unbound:
        paid += line.net
        found.extend(_unknown_charges(statement, line))
    if complete:
        found.extend(_payout_differs(statement, paid))
    return _verified(found, len(by_order), agreeing, sold, paid, currency)


def merged(statement: Statement, pieces: Iterable[Verified], *, complete: bool = True) -> Verified:
    """One answer of several, each about other orders of the same statement and made with `complete=False`."""
    found: list[Anomaly] = []
    orders = agreeing = sold = paid = 0
    for piece in pieces:
        found.extend(piece.anomalies)
        orders += piece.orders
        agreeing += piece.agreeing
        sold += piece.sold.minor
        paid += piece.paid.minor
    if complete:
        found.extend(_payout_differs(statement, paid))
    return _verified(found, orders, agreeing, sold, paid, statement.payout.currency)


def _verified(found: list[Anomaly], orders: int, agreeing: int, sold: int, paid: int, currency: str) -> Verified:
    difference = sum(one.difference.minor for one in found)
    return Verified(
        anomalies=tuple(found),
        orders=orders,
        agreeing=agreeing,
        sold=Money(sold, currency),
        paid=Money(paid, currency),
        expected=Money(paid - difference, currency),
    )


def _payout_differs(statement: Statement, lines_minor: int) -> Iterable[Anomaly]:
    """The lines do not add up to the payout in any way a statement may be drawn up."""
    payout = statement.payout
    opening = statement.opening.minor if statement.opening is not None else 0
    reached = opening + lines_minor
    closing = statement.closing.minor if statement.closing is not None else None
    if payout.minor in (lines_minor, reached, max(reached, 0)) or closing == reached:
        return
    expected = Money(lines_minor, payout.currency)
    args = (("lines", expected.plain()), ("payout", payout.plain()))
    yield anomaly_of(
        statement, AnomalyKind.AMOUNT_DIFFERS, "", expected, payout, "payout_differs", args, statement.end_at
    )


def _unknown_charges(statement: Statement, line: Booked) -> Iterable[Anomaly]:
    currency = statement.payout.currency
    for kind, minor, raw in line.parts:
        if kind is FeeKind.OTHER and minor < 0:
            args = (("fee", raw or line.raw_kind),)
            yield anomaly_of(
                statement,
                AnomalyKind.UNKNOWN_FEE,
                "",
                Money(0, currency),
                Money(minor, currency),
                "no_rule",
                args,
                line.at,
                FeeKind.OTHER,
            )


def never_settled(
    terms: Terms,
    orders: Iterable[Order],
    is_settled: Callable[[str], bool],
    pending: Mapping[str, Unsettled],
    *,
    covered_from: int,
    covered_until: int,
    returned: Mapping[str, int] | None = None,
) -> list[Anomaly]:
    """Delivered and completed orders that are in no statement although they should be by now.

    Only what ended after `covered_from` and should have been settled by `covered_until` is judged: the house has read
    all settlements between those moments (epoch s). `pending` are orders the marketplace still promises to settle; one
    with a day ahead is not late. `returned` is what returns pay back of an order (minor units): one that brings nothing
    is not missed.
    """
    found = []
    for order in orders:
        ended = ended_at(order)
        if ended is None or ended < covered_from:
            continue
        rule = terms.settlement(order.created_at)
        if rule is None:
            continue
        days = rule.settle_after_days if order.status is Status.COMPLETED else rule.settle_after_delivery_days
        due_at = ended + days * DAY_S
        promised = pending.get(order.order_no)
        if promised is not None and promised.expected_at is not None:
            due_at = max(due_at, promised.expected_at)
        if due_at > covered_until or is_settled(order.order_no):
            continue
        told = promised is not None and promised.amount.currency == order.total.currency
        expected = promised.amount if promised is not None and told else expected_net(terms, order)
        if not told and returned is not None:
            expected = Money(expected.minor - returned.get(order.order_no, 0), expected.currency)
        if expected.minor <= 0:
            continue
        args = (("status", order.status.value), ("since", str(ended)))
        nothing = Money(0, expected.currency)
        found.append(
            Anomaly(
                AnomalyKind.NEVER_SETTLED,
                order.store_id,
                "",
                order.order_no,
                expected,
                nothing,
                "not_settled",
                args,
                due_at,
            )
        )
    return found


def ended_at(order: Order) -> int | None:
    """When an order was completed or delivered (epoch s), None when it is neither.

    Marketplaces tell of completion only by the order's version, which is never earlier.
    """
    if order.status is Status.COMPLETED:
        return order.updated_at
    if order.status is not Status.DELIVERED:
        return None
    delivered = [event.at for event in order.history if event.what == "delivered"]
    return max(delivered) if delivered else order.updated_at


def expected_net(terms: Terms, order: Order) -> Money:
    """What an order should bring by the book: its goods less the fees worked out of them; an estimate."""
    goods = price_of(order)
    bases = {FeeBase.GOODS: goods, FeeBase.PAID: order.total.minor, FeeBase.CARRIAGE: 0, FeeBase.ORDER: 0}
    fees = sum(
        rule.expected(bases[rule.base], order.total.currency)
        for kind, rule in terms.fees(order.created_at).items()
        if kind is not FeeKind.SHIPPING and not rule.varies
    )
    return Money(goods - fees, order.total.currency)

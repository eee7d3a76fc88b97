"""Verification of settlements: every kind of anomaly is found with its amount, and clean ones raise no alarm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.anomalies import Anomaly, AnomalyKind, Known, Returned, Verified, as_booked, as_sold, decode_sold
from shoptui.domain.clocks import DAY_S
from shoptui.domain.codec import encode_order
from shoptui.domain.finance import FeeKind, Part, StatementLine, Unsettled
from shoptui.domain.money import Money
from shoptui.domain.orders import HistoryEvent, Order, Package, Status
from shoptui.domain.stores import REGIONS, Store
from shoptui.domain.verify import expected_net, never_settled, verify_statement
from tests.domain.settlement_builders import AT, Sale, a_line, a_shop, a_statement, terms_of, unit_lines

SHOP = a_shop()
SALE = Sale()
RIGHT = SALE.parts(SHOP)
DISCOUNTED = Sale(seller_off=1200)
#: So little that its fees are no more than what rounding is allowed.
TINY = Sale(price=12, buyer_ships=0, subsidy=0)


def check(
    lines: list[StatementLine], known: Known | None = None, store: Store = SHOP, payout: int | None = None
) -> Verified:
    total = sum(line.amount.minor for line in lines)
    statement = a_statement(store, total if payout is None else payout)
    told = known if known is not None else knows(SALE.order(store), returns=())
    return verify_statement(terms_of(store), statement, map(as_booked, lines), lambda order_no: told)


def knows(order: Order, earlier: Sequence[StatementLine] = (), **more: Any) -> Known:
    return Known(as_sold(order), [as_booked(line) for line in earlier], **more)


def sale_line(**changed: int) -> StatementLine:
    return a_line(SHOP, SALE.order_no, {**RIGHT, **{FeeKind(kind): minor for kind, minor in changed.items()}})


def refund_line(minor: int, line_id: str = "r", **more: Any) -> StatementLine:
    return replace(a_line(SHOP, SALE.order_no, {FeeKind.REFUND: -minor}, line_id), **more)


def one(found: Verified) -> Anomaly:
    assert len(found.anomalies) == 1, found.anomalies
    return found.anomalies[0]


def test_a_settlement_by_the_book_agrees() -> None:
    found = check([sale_line()])
    assert (found.anomalies, found.orders, found.agreeing) == ((), 1, 1)
    assert found.paid == found.expected == Money(sum(RIGHT.values()), "MYR")
    assert found.sold == Money(4783, "MYR")


CASES: Mapping[str, tuple[Callable[[], Verified], AnomalyKind, int, int, str]] = {
    "commission at one and a half times the rate": (
        lambda: check([sale_line(commission=-574)]),
        AnomalyKind.FEE_RATE,
        -383,
        -574,
        "rate_differs",
    ),
    "a fee below the book": (
        lambda: check([sale_line(commission=-300)]),
        AnomalyKind.FEE_RATE,
        -383,
        -300,
        "rate_differs",
    ),
    "a fee of every sale that was not taken": (
        lambda: check([sale_line(commission=0)]),
        AnomalyKind.FEE_MISSING,
        -383,
        0,
        "fee_missing",
    ),
    "the fixed fee of an order twice": (
        lambda: check([sale_line(service_fee=RIGHT[FeeKind.SERVICE_FEE] - 50)]),
        AnomalyKind.FEE_RATE,
        RIGHT[FeeKind.SERVICE_FEE],
        RIGHT[FeeKind.SERVICE_FEE] - 50,
        "rate_differs",
    ),
    "carriage above what was given for it": (
        lambda: check([sale_line(shipping=-840)]),
        AnomalyKind.SHIPPING_OVER_QUOTE,
        -490,
        -840,
        "over_quote",
    ),
    "carriage above a quote the house knows": (
        lambda: check([sale_line()], knows(SALE.order(SHOP), returns=(), quote_minor=400)),
        AnomalyKind.SHIPPING_OVER_QUOTE,
        -400,
        -490,
        "over_quote",
    ),
    "settled twice in one statement": (
        lambda: check([sale_line(), replace(sale_line(), line_id="again")]),
        AnomalyKind.SETTLED_TWICE,
        sum(RIGHT.values()),
        2 * sum(RIGHT.values()),
        "settled_again",
    ),
    "settled again in a later statement": (
        lambda: check([sale_line()], knows(SALE.order(SHOP), earlier=[sale_line()], returns=())),
        AnomalyKind.SETTLED_TWICE,
        0,
        sum(RIGHT.values()),
        "settled_again",
    ),
    "settled twice, the order unknown here": (
        lambda: check([sale_line(), replace(sale_line(), line_id="again")], Known()),
        AnomalyKind.SETTLED_TWICE,
        sum(RIGHT.values()),
        2 * sum(RIGHT.values()),
        "settled_again",
    ),
    "settled twice, row by row": (
        lambda: check([line for _ in range(2) for line in unit_lines(SHOP, SALE, RIGHT)]),
        AnomalyKind.SETTLED_TWICE,
        sum(RIGHT.values()),
        2 * sum(RIGHT.values()),
        "settled_again",
    ),
    "settled twice, row by row and with a discount": (
        lambda: check(
            [line for _ in range(2) for line in unit_lines(SHOP, DISCOUNTED, DISCOUNTED.parts(SHOP))],
            knows(DISCOUNTED.order(SHOP), returns=()),
        ),
        AnomalyKind.SETTLED_TWICE,
        sum(DISCOUNTED.parts(SHOP).values()),
        2 * sum(DISCOUNTED.parts(SHOP).values()),
        "settled_again",
    ),
    "a refund nobody asked for": (
        lambda: check([sale_line(), refund_line(1290)]),
        AnomalyKind.REFUND_WITHOUT_RETURN,
        0,
        -1290,
        "no_return",
    ),
    "a refund nobody asked for, again in a later statement": (
        lambda: check(
            [refund_line(1290, "b")],
            knows(SALE.order(SHOP), earlier=[sale_line(), refund_line(1290, "a")], returns=()),
        ),
        AnomalyKind.REFUND_WITHOUT_RETURN,
        0,
        -1290,
        "refunded_twice",
    ),
    "a refund that was refused": (
        lambda: check([sale_line(), refund_line(1290)], asked(Returned("R1", 1290, allowed=False))),
        AnomalyKind.REFUND_WITHOUT_RETURN,
        0,
        -1290,
        "return_refused",
    ),
    "one return refunded twice": (
        lambda: check(
            [sale_line(), refund_line(1290, "a", return_id="R1"), refund_line(1290, "b", return_id="R1")],
            asked(Returned("R1", 1290)),
        ),
        AnomalyKind.REFUND_WITHOUT_RETURN,
        -1290,
        -2580,
        "refunded_twice",
    ),
    "refunded again in a later statement": (
        lambda: check(
            [refund_line(1290, "b")],
            replace(asked(Returned("R1", 1290)), earlier=[as_booked(sale_line()), as_booked(refund_line(1290, "a"))]),
        ),
        AnomalyKind.REFUND_WITHOUT_RETURN,
        0,
        -1290,
        "refunded_twice",
    ),
    "more refunded than was asked": (
        lambda: check([sale_line(), refund_line(3000)], asked(Returned("R1", 1290))),
        AnomalyKind.REFUND_WITHOUT_RETURN,
        -1290,
        -3000,
        "more_than_asked",
    ),
    "fewer goods settled than sold": (
        lambda: check([a_line(SHOP, SALE.order_no, Sale(price=4000).parts(SHOP))], knows(SALE.order(SHOP))),
        AnomalyKind.AMOUNT_DIFFERS,
        4783,
        4000,
        "goods_differ",
    ),
    "a fee no rule has": (
        lambda: check([sale_line(other=-250)]),
        AnomalyKind.UNKNOWN_FEE,
        0,
        -250,
        "no_rule",
    ),
    "a tax where none is withheld": (
        lambda: check([sale_line(tax=-70)]),
        AnomalyKind.UNKNOWN_FEE,
        0,
        -70,
        "no_rule",
    ),
    "a payout that is not the sum of its lines": (
        lambda: check([sale_line()], payout=1000),
        AnomalyKind.AMOUNT_DIFFERS,
        sum(RIGHT.values()),
        1000,
        "payout_differs",
    ),
}


def asked(*returns: Returned) -> Known:
    return knows(SALE.order(SHOP), returns=returns)


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_kind_of_anomaly_is_found_with_its_amounts(name: str) -> None:
    make, kind, expected, paid, why = CASES[name]
    found = make()
    anomaly = next(one for one in found.anomalies if one.kind is kind)
    assert {one.kind for one in found.anomalies} <= {kind, AnomalyKind.AMOUNT_DIFFERS}
    assert (anomaly.expected.minor, anomaly.paid.minor, anomaly.why) == (expected, paid, why)
    assert anomaly.difference.minor == paid - expected
    assert found.paid.minor - found.expected.minor == sum(each.difference.minor for each in found.anomalies)


def test_the_rate_taken_and_the_books_are_named() -> None:
    found = one(check([sale_line(commission=-574)]))
    assert dict(found.args) == {"rule": "shopee-commission-my", "book": "8.00", "taken": "12"}
    assert found.fee == "commission"


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        # It may be a programme's the store is not in.
        (lambda: [sale_line(service_fee=0)], None),
        # What is paid back may take its fees along.
        (lambda: [sale_line(commission=0), refund_line(1290)], lambda: asked(Returned("R1", 1290))),
        # The rest of the order's money was settled before.
        (lambda: [sale_line(commission=0)], lambda: knows(SALE.order(SHOP), earlier=[refund_line(1290)], returns=None)),
        # A later statement took it.
        (
            lambda: [sale_line(commission=0)],
            lambda: knows(SALE.order(SHOP), later=[as_booked(a_line(SHOP, SALE.order_no, {FeeKind.COMMISSION: -383}))]),
        ),
        # No more than rounding.
        (
            lambda: [a_line(SHOP, SALE.order_no, TINY.parts(SHOP) | {FeeKind.COMMISSION: 0})],
            lambda: knows(TINY.order(SHOP)),
        ),
    ],
)
def test_a_fee_that_need_not_be_there_is_not_missed(
    lines: Callable[[], list[StatementLine]], known: Callable[[], Known] | None
) -> None:
    found = check(lines(), *([known()] if known is not None else []))
    assert AnomalyKind.FEE_MISSING not in {each.kind for each in found.anomalies}


def test_the_weight_is_named_where_carriage_is_too_dear() -> None:
    sold = replace(SALE.order(SHOP), packages=(Package("P", Status.COMPLETED, "DONE", weight_g=600),))
    found = one(check([sale_line(shipping=-840)], knows(sold, returns=())))
    assert dict(found.args) == {"quote": "4.90", "weight_g": "600"}


def test_an_anomaly_of_an_earlier_statement_is_not_told_again() -> None:
    wrong = sale_line(commission=-574)
    known = knows(SALE.order(SHOP), earlier=[wrong], returns=(Returned("R", 500),))
    assert check([refund_line(500)], known).anomalies == ()


def test_what_cannot_be_told_raises_no_alarm() -> None:
    quiet = [
        # Returns are not read in this house.
        check([sale_line(), refund_line(1290)], knows(SALE.order(SHOP), returns=None)),
        # The order was cancelled on its way, so that the money went back without a return.
        check([sale_line(), refund_line(4783)], knows(SALE.order(SHOP, Status.CANCELLED), returns=())),
        # Fees whose amount depends on what no order says.
        check([sale_line(affiliate=-300, marketing=-20)]),
        # Nobody says what carriage was quoted.
        check([a_line(SHOP, "X", {FeeKind.SHIPPING: -400})], Known()),
        # A market the book knows nothing of charges what it likes.
        check([a_line(SHOP, "X", {FeeKind.ITEM: 100, FeeKind.COMMISSION: -50})], Known(), a_shop("bazaar")),
        # Part of the fees came with a later statement.
        check([a_line(SHOP, "1J8C3T", {FeeKind.COMMISSION: RIGHT[FeeKind.COMMISSION]})]),
    ]
    assert [found.anomalies for found in quiet] == [()] * len(quiet)


def test_commission_given_back_with_a_refund_agrees() -> None:
    back = a_line(SHOP, SALE.order_no, {FeeKind.REFUND: -4783, FeeKind.COMMISSION: 383, FeeKind.SERVICE_FEE: 143}, "r")
    assert check([sale_line(), back], asked(Returned("R1", 4783))).anomalies == ()


def test_two_units_of_one_sku_are_not_one_settled_twice() -> None:
    order = SALE.order(SHOP)
    sold = replace(order, lines=(replace(order.lines[0], quantity=2, unit_price=Money(1000, "MYR")),))
    unit = replace(a_line(SHOP, SALE.order_no, {FeeKind.ITEM: 4783}), sku="BAG", quantity=1)
    found = check([unit, replace(unit, line_id="2")], knows(sold, returns=()))
    assert {each.kind for each in found.anomalies} == {AnomalyKind.FEE_MISSING}, "these lines are the goods alone"
    found = check([replace(unit, line_id=str(n)) for n in range(4)], knows(sold, returns=()))
    assert one(found).difference.minor == 2 * 4783


def test_charges_to_the_account_are_no_anomalies_but_unknown_ones_are() -> None:
    ads = a_line(SHOP, "", {FeeKind.MARKETING: -900}, "ads")
    penalty = a_line(SHOP, "", {FeeKind.PENALTY: -500}, "penalty")
    assert check([ads, penalty]).anomalies == ()
    strange = replace(ads, parts=(Part(FeeKind.OTHER, Money(-900, "MYR"), "stock storage"),))
    assert dict(one(check([strange])).args) == {"fee": "stock storage"}


# Any clean statement, in every market and currency


@st.composite
def shops_and_sales(draw: st.DrawFn) -> tuple[Store, list[Sale]]:
    store = a_shop(draw(st.sampled_from(["tiktok", "shopee", "lazada"])), draw(st.sampled_from(sorted(REGIONS))))
    sales = []
    for number in range(draw(st.integers(1, 4))):
        price = draw(st.integers(1, 10**9))
        off = draw(st.integers(0, price // 2))
        sales.append(
            Sale(
                f"N{number}",
                price,
                off,
                draw(st.integers(0, (price - off) // 3)),
                draw(st.integers(0, 10**6)),
                draw(st.integers(0, 10**6)),
            )
        )
    return store, sales


@given(shops_and_sales(), st.booleans())
def test_clean_statements_raise_no_alarm(drawn: tuple[Store, list[Sale]], row_by_row: bool) -> None:
    store, sales = drawn
    lines: list[StatementLine] = []
    for sale in sales:
        parts = sale.parts(store)
        lines += unit_lines(store, sale, parts) if row_by_row else [a_line(store, sale.order_no, parts)]
    orders = {sale.order_no: knows(sale.order(store), returns=()) for sale in sales}
    total = sum(line.amount.minor for line in lines)
    found = verify_statement(terms_of(store), a_statement(store, total), map(as_booked, lines), orders.__getitem__)
    assert found.anomalies == ()
    assert (found.orders, found.agreeing) == (len(sales), len(sales))
    assert found.paid == found.expected == Money(total, store.currency)
    assert found.sold.minor == sum(sale.price - sale.seller_off for sale in sales)
    unknown = verify_statement(
        terms_of(store), a_statement(store, total), map(as_booked, lines), lambda order_no: Known()
    )
    assert unknown.anomalies == () or any(sale.platform_off for sale in sales)


# Orders that are never settled

DONE_AT = AT - 10 * DAY_S


@pytest.mark.parametrize(
    ("changes", "settled", "late"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"status": Status.IN_TRANSIT}, False, False),
        ({"status": Status.CANCELLED}, False, False),
        ({"updated_at": AT - 2 * DAY_S}, False, False),
        ({"updated_at": AT - 90 * DAY_S}, False, False),
        ({"status": Status.DELIVERED, "history": (HistoryEvent(AT - 40 * DAY_S, "delivered"),)}, False, True),
        ({"status": Status.DELIVERED, "history": (HistoryEvent(AT - 20 * DAY_S, "delivered"),)}, False, False),
    ],
)
def test_orders_not_settled_when_they_should_be_are_told(changes: dict[str, Any], settled: bool, late: bool) -> None:
    order = replace(SALE.order(SHOP), **{"updated_at": DONE_AT, **changes})
    found = never_settled(
        terms_of(SHOP), [order], lambda order_no: settled, {}, covered_from=AT - 60 * DAY_S, covered_until=AT
    )
    assert [anomaly.kind for anomaly in found] == [AnomalyKind.NEVER_SETTLED] * late
    if late:
        assert (found[0].expected, found[0].paid) == (expected_net(terms_of(SHOP), order), Money(0, "MYR"))


def test_an_order_that_is_still_promised_is_not_late_before_its_day() -> None:
    order = replace(SALE.order(SHOP), updated_at=DONE_AT)
    promised = Unsettled(SHOP.store_id, order.order_no, Money(4100, "MYR"), AT + DAY_S)

    def late(until: int) -> list[Anomaly]:
        pending = {order.order_no: promised}
        return never_settled(terms_of(SHOP), [order], lambda no: False, pending, covered_from=0, covered_until=until)

    assert late(AT) == []
    (found,) = late(AT + 2 * DAY_S)
    assert (found.expected, found.at) == (Money(4100, "MYR"), AT + DAY_S)


def test_a_refund_repeated_in_an_earlier_statement_is_not_told_again_with_another() -> None:
    earlier = (sale_line(), refund_line(900, "a"), refund_line(900, "b"), refund_line(900, "c"))
    returns = (Returned("R1", 900), Returned("R2", 3000))
    assert check([refund_line(700, "d")], knows(SALE.order(SHOP), earlier=earlier, returns=returns)).anomalies == ()


@pytest.mark.parametrize(("back", "expected"), [(0, 1), (1000, 1), (4783, 0)])
def test_an_order_that_was_paid_back_brings_nothing_to_be_missed(back: int, expected: int) -> None:
    order = replace(SALE.order(SHOP), updated_at=DONE_AT)
    found = never_settled(
        terms_of(SHOP),
        [order],
        lambda order_no: False,
        {},
        covered_from=0,
        covered_until=AT,
        returned={order.order_no: back},
    )
    assert len(found) == expected
    assert all(one.expected.minor == expected_net(terms_of(SHOP), order).minor - back for one in found)


@given(
    st.lists(st.tuples(st.sampled_from(Status), st.integers(1, 9), st.integers(0, 10**12)), min_size=1, max_size=4),
    st.lists(st.none() | st.integers(0, 9000), max_size=3),
)
def test_of_a_kept_order_is_read_what_is_read_of_the_order_itself(
    lines: list[tuple[Status, int, int]], weights_g: list[int | None]
) -> None:
    order = SALE.order(SHOP)
    first = order.lines[0]
    order = replace(
        order,
        lines=tuple(
            replace(
                first, sku=f"A{place}", sku_id=f"S{place}", status=status, quantity=units, unit_price=Money(at, "MYR")
            )
            for place, (status, units, at) in enumerate(lines)
        ),
        packages=tuple(Package(f"P{place}", Status.COMPLETED, "", weight_g=g) for place, g in enumerate(weights_g)),
    )
    assert decode_sold(encode_order(order)) == as_sold(order)

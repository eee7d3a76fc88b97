"""The world's returns: enough of them at the start, the same for equal seeds, and every refund adds up."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.sandbox.sandbox import Sandbox
from shoptui.sandbox.sides import SIDES
from shoptui.sandbox.world.model import Order, OrderStatus
from shoptui.sandbox.world.refusal import Reason, Refused
from shoptui.sandbox.world.regions import REGIONS
from shoptui.sandbox.world.returns_model import OPEN, Ask, ReturnCase, Stage, Trouble

from .caller import START_AT

HOUR = 3600
DAY = 86_400


def world_of(*, seed: int = 1, stores: int = 18, orders: int = 3000, returns: int = 200, rate: float = 0.0) -> Sandbox:
    return Sandbox(
        seed=seed,
        stores=stores,
        orders=orders,
        returns=returns,
        return_rate=rate,
        frozen=True,
        start_at=START_AT,
        markets=tuple(SIDES),
    )


def usd(case: ReturnCase) -> float:
    region = REGIONS[case.store.region]
    return case.asked_minor / 10**region.minor_digits / region.price_factor


def told(case: ReturnCase) -> tuple[object, ...]:
    units = [(unit.line.id, unit.refund_minor) for unit in case.units]
    return (case.id, case.order.id, case.ask, case.stage, case.due_at, case.note, case.pictures, units)


@pytest.fixture(scope="module")
def demo() -> Sandbox:
    """A world as large as the demo's."""
    return world_of()


def test_the_demo_has_open_requests_of_every_kind_small_ones_too(demo: Sandbox) -> None:
    cases = demo.world.returns.every()
    waiting = [case for case in cases if case.is_open]
    small = [case for case in waiting if case.stage is Stage.ASKED and usd(case) < 5]
    assert len(waiting) > 100 and len(small) >= 10 and len({case.store.id for case in small}) >= 8
    assert {case.stage for case in waiting} == OPEN
    assert {case.ask for case in waiting} == set(Ask)
    assert {case.store.id for case in waiting} == set(demo.world.stores)
    assert len({case.note for case in cases}) > 60 and {case.trouble for case in cases} >= set(Trouble) - {
        Trouble.NOT_RECEIVED
    }


def test_the_deadlines_are_spread_from_one_hour_to_days(demo: Sandbox) -> None:
    left = [case.due_at - START_AT for case in demo.world.returns.every() if case.due_at and case.stage is Stage.ASKED]
    assert min(left) >= HOUR - 1
    bands = Counter("soon" if s < 2 * HOUR else "near" if s < 12 * HOUR else "day" if s < DAY else "days" for s in left)
    assert all(bands[band] >= 5 for band in ("soon", "near", "day", "days"))


def test_equal_seeds_make_equal_requests_and_others_do_not(demo: Sandbox) -> None:
    first = [told(case) for case in demo.world.returns.every()]
    assert first == [told(case) for case in world_of().world.returns.every()]
    assert first != [told(case) for case in world_of(seed=2).world.returns.every()]


def test_a_world_that_is_not_asked_for_returns_has_none() -> None:
    sandbox = world_of(stores=3, orders=90, returns=0)
    sandbox.clocks.advance(3 * DAY)
    sandbox.world.catch_up()
    assert len(sandbox.world.returns) == 0
    assert not any(order.has_open_return for order in sandbox.world.orders.values())


def test_requests_keep_coming_at_their_rate() -> None:
    sandbox = world_of(stores=3, orders=600, returns=0, rate=0.5)
    for _ in range(4):
        sandbox.clocks.advance(900)
        sandbox.world.catch_up()
    assert 15 <= len(sandbox.world.returns) <= 50


def test_left_alone_every_request_comes_to_an_end_and_is_paid_at_most_once() -> None:
    sandbox = world_of(stores=9, orders=900, returns=90)
    world = sandbox.world
    for _ in range(60):
        sandbox.clocks.advance(DAY)
        world.catch_up()
    cases = world.returns.every()
    assert not any(case.is_open for case in cases)
    assert not any(order.has_open_return for order in world.orders.values())
    paid = {refund.return_id: refund for refund in world.returns.refunds}
    assert len(paid) == len(world.returns.refunds) == sum(case.stage is Stage.REFUNDED for case in cases)
    assert [refund.at for refund in world.returns.refunds] == sorted(refund.at for refund in world.returns.refunds)
    for case in cases:
        if case.stage is Stage.REFUNDED:
            assert 0 < paid[case.id].amount_minor <= case.asked_minor
            assert paid[case.id].amount_minor in (case.asked_minor, case.offer_minor)
    for order in world.orders.values():
        back = sum(paid[case.id].amount_minor for case in world.returns.of_order(order) if case.id in paid)
        price = sum(line.paid_minor for line in order.lines)
        assert back <= price + order.shipping_fee_minor - order.shipping_discount_minor


@pytest.fixture(scope="module")
def small() -> Sandbox:
    return world_of(stores=3, orders=500, returns=0)


def _free(sandbox: Sandbox) -> Order:
    world = sandbox.world
    return next(
        order
        for order in world.orders.values()
        if order.status is OrderStatus.COMPLETED and len(world.returns.free_lines(order)) >= 2
    )


@settings(max_examples=40)
@given(part=st.integers(1, 10**6), units=st.integers(1, 2))
def test_a_part_of_the_price_is_spread_over_the_units_without_loss(small: Sandbox, part: int, units: int) -> None:
    returns, order = small.world.returns, _free(small)
    lines = returns.free_lines(order)[:units]
    case = returns.open_case(order, lines, Ask.REFUND, Trouble.BROKEN, START_AT, part_minor=part)
    assert case.asked_minor == part == sum(unit.refund_minor for unit in case.units)
    returns.withdraw(case, START_AT)


def test_units_are_part_of_one_request_at_a_time(small: Sandbox) -> None:
    returns, order = small.world.returns, _free(small)
    first, second = returns.free_lines(order)[:2]
    case = returns.open_case(order, [first], Ask.RETURN, Trouble.BROKEN, START_AT)
    with pytest.raises(Refused) as caught:
        returns.open_case(order, [first, second], Ask.RETURN, Trouble.BROKEN, START_AT)
    assert caught.value.reason is Reason.REQUEST_RUNNING
    other = returns.open_case(order, [second], Ask.REFUND, Trouble.MISSING, START_AT)
    assert returns.of_order(order)[-2:] == [case, other]
    returns.withdraw(case, START_AT)
    returns.withdraw(other, START_AT)
    assert first in returns.free_lines(order)


def test_orders_on_their_way_can_only_be_missed(small: Sandbox) -> None:
    returns = small.world.returns
    order = next(one for one in small.world.orders.values() if one.status is OrderStatus.IN_TRANSIT)
    with pytest.raises(Refused):
        returns.open_case(order, returns.free_lines(order), Ask.RETURN, Trouble.BROKEN, START_AT)
    case = returns.open_case(order, returns.free_lines(order), Ask.RETURN, Trouble.NOT_RECEIVED, START_AT)
    assert case.ask is Ask.REFUND
    returns.withdraw(case, START_AT)

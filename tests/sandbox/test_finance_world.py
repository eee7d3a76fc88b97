"""The books of simulated stores: everything adds up to the orders, in every currency, and errors are those planted."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.sandbox.sandbox import Sandbox
from shoptui.sandbox.sides import SIDES
from shoptui.sandbox.world.fees import share
from shoptui.sandbox.world.finance import IN_DEBT_S, Book
from shoptui.sandbox.world.finance_model import EntryKind, Fault, Piece, pieces_by_line, pieces_of_sale, spread
from shoptui.sandbox.world.model import Order, OrderStatus

from .caller import START_AT

DAY = 86_400
PLACES = [
    *(("tiktok", region) for region in ("VN", "TH", "MY", "PH", "SG", "ID", "GB", "US", "JP")),
    *((market, region) for market in ("shopee", "lazada") for region in ("MY", "SG", "TH", "VN", "ID", "PH")),
]


def world_of(market: str, region: str, **options: int) -> Sandbox:
    return Sandbox(
        seed=5, stores=1, orders=120, start_at=START_AT, frozen=True, regions=(region,), markets=(market,), **options
    )


def book_of(sandbox: Sandbox) -> Book:
    return sandbox.world.finance.book(next(iter(sandbox.world.stores.values())))


def settled_by_hand(order: Order) -> int:
    """What an order has to bring, worked out apart from the world's own sums."""
    fees = SIDES[order.store.marketplace].market.fees.schedule(order.store.region)
    goods = sum(line.price_minor - line.seller_discount_minor for line in order.open_lines)
    carriage = order.shipping_fee_minor
    paid = goods - sum(line.platform_discount_minor for line in order.open_lines)
    paid += carriage - order.shipping_discount_minor
    taken = share(goods, fees.commission) + share(goods, fees.service) + share(goods, fees.tax)
    taken += share(paid, fees.payment) + fees.order_fee_minor
    return goods - taken + (0 if order.shipping.value == "platform" else carriage)


@pytest.mark.parametrize(("market", "region"), PLACES)
def test_statements_and_wallet_add_up_to_the_orders(market: str, region: str) -> None:
    sandbox = world_of(market, region)
    for days in (0, 3, 12):
        sandbox.clocks.advance(days * DAY)
        now = sandbox.world.catch_up()
        book = book_of(sandbox)
        sales = [entry for entry in book.entries if entry.kind is EntryKind.ORDER]
        late = max(book.times)
        wanted = {
            order.id: settled_by_hand(order)
            for order in sandbox.world.orders_of(book.store.id, OrderStatus.COMPLETED)
            if order.completed_at is not None and order.completed_at < now - 2 * DAY
        }
        found = {entry.order.id: entry.net for entry in sales if entry.order is not None}
        assert len(found) == len(sales)
        assert wanted.items() <= found.items()
        assert all(entry.net == sum(entry.pieces.values()) for entry in book.entries)
        assert book.times == sorted(book.times)
        assert late <= now
        for one in book.statements:
            entries = book.entries_of(one)
            assert one.net == sum(entry.net for entry in entries)
            assert all(one.start_at <= entry.at < one.end_at for entry in entries)
            assert one.closing == one.opening + one.net
        if book.statements:
            assert sum(one.net for one in book.statements) == sum(
                entry.net for entry in book.entries[: book.statements[-1].last]
            )
        assert book.balance == sum(move.amount for move in book.moves)
        assert not found.keys() & {one.order.id for one in book.unsettled(0, now)}


def test_what_was_shown_once_stays_as_it_was() -> None:
    asked, silent = world_of("tiktok", "TH"), world_of("tiktok", "TH")
    shown = []
    for _ in range(6):
        book = book_of(asked)
        assert [entry.id for entry in book.entries[: len(shown)]] == shown
        shown = [entry.id for entry in book.entries]
        asked.clocks.advance(36 * 3600)
        asked.world.catch_up()
    silent.clocks.advance(6 * 36 * 3600)
    silent.world.catch_up()
    # Asking early or late makes no difference to what is found.
    assert [(entry.id, entry.at, entry.net) for entry in book_of(asked).entries] == [
        (entry.id, entry.at, entry.net) for entry in book_of(silent).entries
    ]


def test_an_amount_spread_over_units_loses_nothing() -> None:
    for entry in book_of(world_of("lazada", "TH")).entries:
        total: Counter[Piece] = Counter()
        for pieces in pieces_by_line(entry):
            total.update(pieces)
        if entry.lines:
            assert {piece: amount for piece, amount in total.items() if amount} == dict(entry.pieces)


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=9))
def test_parts_add_up_to_their_total(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    assert all(abs(part) <= abs(total) for part in parts)


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_a_share_is_rounded_half_up_whatever_its_sign(minor: int, rate: int) -> None:
    assert share(-minor, rate) == -share(minor, rate)
    assert abs(share(minor, rate) * 10_000 - minor * rate) <= 5_000


def test_planted_errors_are_what_is_wrong_and_nothing_else() -> None:
    sandbox = Sandbox(
        seed=3, stores=9, orders=1500, start_at=START_AT, frozen=True, markets=("tiktok", "shopee", "lazada"),
        money_errors=30, returns=60,
    )  # fmt: skip
    finance, world = sandbox.world.finance, sandbox.world
    planted = {one.order.id: one for one in finance.planted()}
    assert len(planted) == 30
    assert Counter(one.order.store.marketplace for one in planted.values()) == dict.fromkeys(world.markets, 10)
    assert {one.fault for one in planted.values()} == set(Fault)
    wrong: Counter[str] = Counter()
    for store in world.stores.values():
        book = finance.book(store)
        for order in world.orders_of(store.id, OrderStatus.COMPLETED):
            if order.completed_at is None or order.completed_at > START_AT - 9 * DAY:
                continue
            right = sum(pieces_of_sale(order, book.fees).values())
            wrong[order.id] = sum(entry.net for entry in book.of_order(order)) - right
    assert {order_id: amount for order_id, amount in wrong.items() if amount} == {
        order_id: one.amount_minor for order_id, one in planted.items()
    }


def test_one_store_is_in_debt_for_nine_days() -> None:
    sandbox = world_of("shopee", "PH", money_errors=1)
    book = book_of(sandbox)
    first = next(at for at, move in enumerate(book.moves) if move.at >= START_AT - IN_DEBT_S)
    assert all(move.balance < 0 for move in book.moves[first:])
    assert book.moves[first].at == START_AT - IN_DEBT_S
    assert book.moves[first - 1].balance >= 0
    assert -10_000 * 57 < book.balance < 0
    assert book_of(world_of("shopee", "PH")).balance >= 0

"""Shopee's money over HTTP: weeks of the wallet, released orders in their terms, the balance, what is pending."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shoptui.adapters.base import ScopeError, Unsupported
from shoptui.adapters.finance_records import REST
from shoptui.adapters.shopee.finance_mapping import to_escrow_line, to_move, to_wallet_line
from shoptui.adapters.shopee.finance_wire import EscrowDetail, EscrowRecord, WalletRecord
from shoptui.adapters.shopee.weeks import weeks_ending
from shoptui.clock import DrivenClock
from shoptui.domain.finance import (
    Balance,
    FeeKind,
    MoveKind,
    PaidState,
    Part,
    StatementLine,
    total,
)
from shoptui.domain.money import Money
from shoptui.sandbox.world.finance_model import EntryKind
from tests.adapters.money import (
    DAY,
    WEEK,
    book_of,
    finance_of,
    kinds_of,
    lines,
    moves,
    statements,
    unsettled,
    wanted_of,
)
from tests.adapters.shopee.sandboxed import START_AT, House, house
from tests.adapters.shopee.support import STORE, ScriptedShop, ok


@pytest.fixture(params=["VN", "PH"])
async def at(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with house(regions=(request.param,), orders=200) as found:
        yield found


async def test_weeks_add_up_to_the_wallet_and_lines_to_their_week(at: House) -> None:
    book = book_of(at)
    found = await statements(at, until=START_AT + WEEK)
    assert sum(one.payout.minor for one in found) == sum(entry.net for entry in book.entries)
    assert [one.paid for one in found] == [PaidState.PAID] * (len(found) - 1) + [PaidState.OPEN]
    zone = ZoneInfo(at.store.time_zone)
    for one in found:
        local = [datetime.fromtimestamp(moment, zone) for moment in (one.start_at, one.end_at)]
        assert [(moment.weekday(), moment.hour) for moment in local] == [(0, 0), (0, 0)]
        assert one.statement_id == f"wallet-{local[0]:%G-W%V}"
        read = await lines(at, one)
        assert total(tuple(line.amount for line in read), at.store.currency) == one.payout
        assert len({line.line_id for line in read}) == len(read)
        entries = book.between(one.start_at, one.end_at)
        wanted = Counter((entry.order.id if entry.order else "", entry.at, entry.net) for entry in entries)
        assert Counter((line.order_no, line.at, line.amount.minor) for line in read) == wanted


async def test_an_order_s_parts_are_the_terms_of_its_income(at: House) -> None:
    book = book_of(at)
    read = {line.line_id: line for one in await statements(at, until=START_AT + WEEK) for line in await lines(at, one)}
    for entry in book.entries:
        if entry.kind is not EntryKind.ORDER or entry.order is None:
            continue
        line = read[f"{entry.order.id}@{entry.at}"]
        # A discount of the platform's is given and taken again.
        assert kinds_of([line]) == wanted_of([entry], SELLER_DISCOUNT=FeeKind.ITEM)
        assert total(tuple(part.amount for part in line.parts), at.store.currency) == line.amount
        assert REST not in {part.raw for part in line.parts}


async def test_planted_errors_come_through_the_wire() -> None:
    async with house(regions=("MY", "TH"), orders=700) as at:
        finance = at.sandbox.world.finance
        finance.plant(6)
        planted = {one.order.id: one for one in finance.planted()}
        store = next(one for one in at.stores if one.shop_id == next(iter(planted.values())).order.store.id)
        found: Counter[str] = Counter()
        async for page in finance_of(at).statements(store, START_AT - 8 * WEEK, START_AT + WEEK):
            for one in page.statements:
                async for listed in finance_of(at).lines(store, one):
                    for line in listed.lines:
                        found[line.order_no] += line.amount.minor
        book = finance.book(at.sandbox.world.stores[store.shop_id])
        for order_id, one in planted.items():
            assert found[order_id] == sum(entry.net for entry in book.of_order(one.order))


async def test_the_balance_is_that_of_the_newest_row(at: House) -> None:
    balance = await finance_of(at).balance(at.store, START_AT)
    book = book_of(at)
    assert isinstance(balance, Balance)
    assert (balance.amount.minor, balance.derived, balance.basis) == (book.balance, False, "wallet")
    assert balance.pending is not None
    assert balance.pending.minor == sum(one.net for one in book.unsettled(0, START_AT + 1))


async def test_a_store_in_debt_has_been_so_for_nine_days() -> None:
    async with house(regions=("PH",), orders=200) as at:
        at.sandbox.world.finance.plant(1)
        balance = await finance_of(at).balance(at.store, START_AT)
        assert isinstance(balance, Balance)
        assert balance.amount.minor < 0
        above = max(
            move.at for move in await moves(at, days=20) if move.balance is not None and move.balance.minor >= 0
        )
        assert START_AT - 20 * DAY < above <= START_AT - 9 * DAY + 2 * 3600


async def test_a_wallet_without_rows_has_no_balance(clock: DrivenClock) -> None:
    empty = ok({"transaction_list": [], "more": False})
    finance = ScriptedShop(clock, {"/payment/get_wallet_transaction_list": empty}).shop.finance
    assert finance is not None
    assert isinstance(await finance.balance(STORE, int(clock.now())), Unsupported)


async def test_moves_are_read_window_by_window_each_once(at: House) -> None:
    found = await moves(at)
    book = book_of(at)
    assert Counter((one.at, one.amount.minor, one.balance) for one in found) == Counter(
        (one.at, one.amount, Money(one.balance, at.store.currency)) for one in book.moves
    )
    assert len({one.move_id for one in found}) == len(found)
    assert {MoveKind.SETTLED, MoveKind.WITHDRAWN} <= {one.kind for one in found}


async def test_pending_income_comes_with_its_day(at: House) -> None:
    found = await unsettled(at)
    open_now = {one.order.id: one for one in book_of(at).unsettled(0, START_AT + 1)}
    assert {one.order_no: (one.amount.minor, one.expected_at) for one in found} == {
        name: (one.net, one.due_at) for name, one in open_now.items()
    }


async def test_without_the_permission_it_says_so(at: House) -> None:
    at.sandbox.sandbox.sides["shopee"].revoke_scope(at.store.shop_id, "payment")
    with pytest.raises(ScopeError):
        await statements(at)


INCOME = {
    "escrow_amount": Decimal("86.53"), "buyer_total_amount": Decimal("99.9"), "original_price": Decimal("109.9"),
    "original_cost_of_goods_sold": Decimal("99.9"), "cost_of_goods_sold": Decimal("99.9"), "voucher_from_seller": 3,
    "voucher_from_shopee": 2, "buyer_paid_shipping_fee": 5, "actual_shipping_fee": Decimal("6.5"),
    "shopee_shipping_rebate": Decimal("1.5"), "commission_fee": Decimal("4.84"), "service_fee": Decimal("2.97"),
    "seller_transaction_fee": Decimal("2.06"), "credit_card_transaction_fee": Decimal("2.06"),
    "seller_order_processing_fee": Decimal("0.5"), "buyer_payment_method": "Online Banking",
}  # fmt: skip


def escrow_line(paid: object = Decimal("86.53"), **income: object) -> StatementLine:
    released = EscrowRecord.model_validate(
        {"order_sn": "260928K3T7WQ9P", "payout_amount": paid, "escrow_release_time": START_AT}
    )
    detail = EscrowDetail.model_validate({"order_sn": "260928K3T7WQ9P", "order_income": {**INCOME, **income}})
    return to_escrow_line(released, detail, STORE, "wallet-2025-W41")


def test_the_documented_order_adds_up() -> None:
    line = escrow_line()
    assert [(part.kind, part.amount.minor) for part in line.parts] == [
        (FeeKind.ITEM, 9_990),
        (FeeKind.SHIPPING_BUYER, 500),
        (FeeKind.SHIPPING_SUBSIDY, 150),
        (FeeKind.SELLER_DISCOUNT, -300),
        (FeeKind.SHIPPING, -650),
        (FeeKind.PAYMENT_FEE, -206),
        (FeeKind.SERVICE_FEE, -297),
        (FeeKind.SERVICE_FEE, -50),
        (FeeKind.COMMISSION, -484),
    ]
    assert line.amount == Money(8_653, "MYR")


def test_what_the_terms_leave_over_is_a_part_marked_so() -> None:
    line = escrow_line(paid=Decimal("80.00"))
    assert line.parts[-1] == Part(FeeKind.OTHER, Money(-653, "MYR"), REST)


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=6))
def test_whatever_the_terms_are_parts_add_up(minors: list[int]) -> None:
    names = ("commission_fee", "escrow_tax", "shopee_discount", "campaign_fee", "seller_return_refund", "fbs_fee")
    terms = {name: Decimal(minor).scaleb(-2) for name, minor in zip(names, minors, strict=False)}
    line = escrow_line(**terms)
    assert total(tuple(part.amount for part in line.parts), "MYR") == line.amount


def wallet(**over: object) -> WalletRecord:
    return WalletRecord.model_validate(
        {"status": "COMPLETED", "transaction_type": "ADJUSTMENT_MINUS", "amount": Decimal("-5.00"),
         "current_balance": Decimal("12.5"), "create_time": START_AT, "money_flow": "MONEY_OUT", **over}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("record", "kind", "minor"),
    [
        (wallet(reason="Penalty for late shipping"), FeeKind.PENALTY, -500),
        (wallet(reason="Other"), FeeKind.ADJUSTMENT, -500),
        (wallet(transaction_type="PAID_ADS_CHARGE", amount=5), FeeKind.MARKETING, -500),
        (wallet(transaction_type="ADJUSTMENT_FOR_RR_AFTER_ESCROW_VERIFIED"), FeeKind.REFUND, -500),
        (wallet(transaction_type="SELLER_COMPENSATE_ADD", amount=5, money_flow="MONEY_IN"), FeeKind.COMPENSATION, 500),
        (wallet(transaction_type="BRAND_NEW_THING"), FeeKind.OTHER, -500),
    ],
)
def test_a_row_of_the_wallet_is_known_by_its_type(record: WalletRecord, kind: FeeKind, minor: int) -> None:
    line = to_wallet_line(record, STORE, "wallet-2025-W41")
    assert line is not None
    assert [(part.kind, part.amount.minor) for part in line.parts] == [(kind, minor)]


@pytest.mark.parametrize(
    "record",
    [
        wallet(transaction_type="ESCROW_VERIFIED_ADD", amount=5, money_flow="MONEY_IN"),
        wallet(transaction_type="WITHDRAWAL_CREATED"),
        wallet(transaction_type="SPM_DEDUCT"),
        wallet(status="PENDING"),
    ],
)
def test_other_rows_are_no_lines(record: WalletRecord) -> None:
    assert to_wallet_line(record, STORE, "wallet-2025-W41") is None


def test_a_withdrawal_counts_once() -> None:
    assert to_move(wallet(transaction_type="WITHDRAWAL_CREATED"), STORE).done
    assert not to_move(wallet(transaction_type="WITHDRAWAL_COMPLETED"), STORE).done


async def test_numbers_keep_every_digit_and_a_bad_row_is_set_aside(clock: DrivenClock) -> None:
    body = {"error": "", "message": "", "request_id": "r", "response": {"more": False, "transaction_list": "ROWS"}}
    good = {"status": "COMPLETED", "transaction_type": "ADJUSTMENT_ADD", "create_time": START_AT, "amount": "BIG"}
    rows = json.dumps([good, {**good, "amount": 1.234}])
    text = json.dumps(body).replace('"ROWS"', rows).replace('"BIG"', "90071992547409.93")
    finance = ScriptedShop(clock, {"/payment/get_wallet_transaction_list": httpx.Response(200, text=text)}).shop.finance
    assert finance is not None
    pages = [page async for page in finance.moves(STORE, START_AT, START_AT + DAY)]  # type: ignore[union-attr]
    assert [move.amount.minor for page in pages for move in page.moves] == [9_007_199_254_740_993]
    assert ["more decimals" in one.reason for page in pages for one in page.set_aside] == [True]


HOUR = 3600
#: The first second of a week in which clocks go back, and of one in which they go forward.
LONG_WEEK = int(datetime(2025, 10, 20, tzinfo=ZoneInfo("Europe/Warsaw")).timestamp())
SHORT_WEEK = int(datetime(2026, 3, 23, tzinfo=ZoneInfo("Europe/Warsaw")).timestamp())


@given(
    st.integers(START_AT, START_AT + 400 * DAY),
    st.integers(0, 60 * DAY),
    st.sampled_from(["Asia/Manila", "America/Sao_Paulo", "Europe/Warsaw"]),
)
@example(LONG_WEEK + 1, WEEK, "Europe/Warsaw")
@example(SHORT_WEEK, WEEK, "Europe/Warsaw")
def test_weeks_follow_each_other_without_gap(since: int, span: int, zone: str) -> None:
    found = list(weeks_ending(since, since + span, ZoneInfo(zone)))
    assert all(since <= week.end_at < since + span for week in found)
    assert all(before.end_at == after.start_at for before, after in pairwise(found))
    assert all(datetime.fromtimestamp(week.start_at, UTC).astimezone(ZoneInfo(zone)).weekday() == 0 for week in found)
    assert {week.end_at - week.start_at for week in found} <= {WEEK - HOUR, WEEK, WEEK + HOUR}
    assert (span - HOUR) // WEEK <= len(found) <= (span + HOUR) // WEEK + 1


@pytest.mark.parametrize(("start", "hours"), [(LONG_WEEK, 169), (SHORT_WEEK, 167)])
async def test_a_week_in_which_clocks_change_has_what_came_in_its_hours(start: int, hours: int) -> None:
    """One row in the week's first second, one in its last, and one beside it at either end."""
    moments = [start - 1, start, start + hours * HOUR - 1, start + hours * HOUR]

    def listed(request: httpx.Request) -> httpx.Response:
        first, last = (int(request.url.params[f"create_time_{end}"]) for end in ("from", "to"))
        assert 0 <= last - first < 14 * DAY
        rows = [
            {"status": "COMPLETED", "transaction_type": "ADJUSTMENT_ADD", "create_time": at, "amount": 10**place}
            for place, at in enumerate(moments)
            if first <= at <= last
        ]
        return ok({"transaction_list": rows, "more": False})

    clock = DrivenClock(start + 2 * WEEK)
    finance = ScriptedShop(clock, {"/payment/get_wallet_transaction_list": listed}).shop.finance
    assert finance is not None
    warsaw = replace(STORE, time_zone="Europe/Warsaw")
    pages = finance.statements(warsaw, start + 1, start + WEEK + HOUR + 1)
    found = [one async for page in pages for one in page.statements]
    assert [(one.start_at, one.end_at, one.payout.minor) for one in found] == [(start, start + hours * HOUR, 11_000)]

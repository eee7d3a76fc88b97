"""Lazada's money over HTTP: weekly statements that carry debts on, rows per unit and fee, the account, the balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from shoptui.adapters.base import ScopeError, Unsupported
from shoptui.adapters.lazada.fee_types import kind_of
from shoptui.adapters.lazada.finance_mapping import period_end, periods, to_line, to_move, to_payout, to_statement
from shoptui.adapters.lazada.finance_wire import MoveRecord, PayoutRecord, RowRecord
from shoptui.adapters.lazada.ventures import offset_s
from shoptui.clock import DrivenClock
from shoptui.domain.finance import Balance, FeeKind, MoveKind, PaidState, Part, Statement, StatementLine, total
from shoptui.domain.money import Money, MoneyError
from shoptui.sandbox.world.fees import share
from shoptui.sandbox.world.finance_model import EntryKind
from shoptui.sandbox.world.returns_model import Ask, Trouble
from tests.adapters.lazada.sandboxed import House, house
from tests.adapters.lazada.support import STORE, ScriptedShop, ok
from tests.adapters.money import DAY, WEEK, book_of, finance_of, kinds_of, lines, moves, pages, statements, wanted_of
from tests.adapters.sandboxed import START_AT


@pytest.fixture(params=["VN", "MY"])
async def at(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with house(regions=(request.param,), orders=200) as found:
        yield found


async def test_statements_are_their_opening_and_their_rows(at: House) -> None:
    book = book_of(at)
    found = await statements(at)
    made = [one for one in book.statements if one.end_at + 2 * DAY < START_AT]
    assert [(one.start_at, one.end_at) for one in found] == [(one.start_at, one.end_at) for one in made]
    for one, true in zip(found, made, strict=True):
        read = await lines(at, one)
        settled = total(tuple(line.amount for line in read), at.store.currency)
        assert one.opening is not None
        assert one.closing == one.opening + settled
        assert one.payout == Money(max(one.closing.minor, 0), at.store.currency)
        assert len({line.line_id for line in read}) == len(read)
        entries = book.entries_of(true)
        assert kinds_of(read) == wanted_of(entries)
        for entry in entries:
            if entry.order is not None:
                own = [line for line in read if line.order_no == entry.order.id]
                assert {line.order_line_id for line in own} <= {line.id for line in entry.order.lines}
                assert all(line.sku and line.quantity == 1 for line in own)
        is_paid = true.paid_at is not None and true.paid_at <= START_AT
        assert (one.paid, one.paid_at) == ((PaidState.PAID, true.paid_at) if is_paid else (PaidState.OPEN, None))


async def test_every_order_comes_to_what_was_settled_for_it(at: House) -> None:
    book = book_of(at)
    found: Counter[str] = Counter()
    for one in await statements(at):
        for line in await lines(at, one):
            assert total(tuple(part.amount for part in line.parts), at.store.currency) == line.amount
            found[line.order_no] += line.amount.minor
    last = (await statements(at))[-1].end_at
    wanted: Counter[str] = Counter()
    for entry in book.entries:
        if entry.at < last:
            wanted[entry.order.id if entry.order else ""] += entry.net
    assert found == wanted


async def test_rows_come_in_pages_each_once() -> None:
    async with house(regions=("MY",), orders=2400) as at:
        one = max(await statements(at), key=lambda one: one.payout.minor)
        read = await pages(at, one)
        assert len(read) > 1
        assert [len(page.lines) for page in read[:-1]] == [500] * (len(read) - 1)
        every = [line.line_id for page in read for line in page.lines]
        assert len(set(every)) == len(every)
        assert total(tuple(line.amount for page in read for line in page.lines), "MYR") == one.payout


async def test_the_balance_is_what_is_not_paid(at: House) -> None:
    at.sandbox.advance(4 * DAY)
    now = START_AT + 4 * DAY
    book = book_of(at)
    balance = await finance_of(at).balance(at.store, now)
    assert isinstance(balance, Balance)
    unpaid = [one for one in book.statements if one.end_at + 2 * DAY < now and one.paid_at and one.paid_at > now]
    assert balance.amount.minor == sum(one.payout for one in unpaid)
    assert (balance.derived, balance.basis, balance.pending) == (True, "statements", None)


async def test_a_debt_is_the_balance_and_opens_the_next_statement() -> None:
    async with house(regions=("PH",), orders=60) as at:
        at.sandbox.world.finance.plant(1)
        found = await statements(at)
        in_debt = [one for one in found if one.closing is not None and one.closing.minor < 0]
        assert in_debt
        assert all(one.payout.minor == 0 for one in in_debt)
        after = {one.start_at: one for one in found}
        assert all(after[one.end_at].opening == one.closing for one in in_debt if one.end_at in after)
        balance = await finance_of(at).balance(at.store, START_AT)
        assert isinstance(balance, Balance)
        assert balance.amount == found[-1].closing


async def test_the_account_shows_what_came_in_and_went_out(at: House) -> None:
    found = await moves(at)
    assert [(one.at, one.amount.minor) for one in found] == [(one.at, one.amount) for one in book_of(at).moves]
    assert {one.kind for one in found} == {MoveKind.SETTLED, MoveKind.WITHDRAWN}


async def test_there_are_no_estimates(at: House) -> None:
    assert isinstance(finance_of(at).unsettled(at.store, 0, START_AT), Unsupported)


async def test_without_the_permission_it_says_so(at: House) -> None:
    at.sandbox.sandbox.sides["lazada"].revoke_scope(at.store.shop_id, "finance")
    with pytest.raises(ScopeError):
        await statements(at)


@pytest.mark.parametrize(
    ("fee_type", "group", "kind"),
    [
        ("13", "Orders-Sales", FeeKind.ITEM),
        ("14", "Refunds-Sales", FeeKind.REFUND),
        ("16", "Orders-Lazada Fees", FeeKind.COMMISSION),
        ("15", "Refunds-Lazada Fees", FeeKind.COMMISSION),
        ("3", "Orders-Lazada Fees", FeeKind.PAYMENT_FEE),
        ("8", "Orders-Logistics", FeeKind.SHIPPING_BUYER),
        ("7", "Orders-Logistics", FeeKind.SHIPPING),
        ("157", "Orders-Logistics", FeeKind.SHIPPING_SUBSIDY),
        ("118", "Orders-Marketing Fees", FeeKind.SELLER_DISCOUNT),
        ("54", "Orders-Lazada Fees", FeeKind.PENALTY),
        ("85", "Refunds-Claims", FeeKind.COMPENSATION),
        ("239", "Other Services-Marketing Fees", FeeKind.AFFILIATE),
        ("987654", "orders-logistics", FeeKind.SHIPPING),
        ("987654", "Orders-Moon Fees", FeeKind.OTHER),
        ("", "", FeeKind.OTHER),
    ],
)
def test_a_fee_type_is_known_by_id_or_by_its_group(fee_type: str, group: str, kind: FeeKind) -> None:
    assert kind_of(fee_type, group) is kind


PAYOUT = {
    "statement_number": "MY10QX7-2026-0105", "created_at": "2026-01-06 02:18:40", "updated_at": "2026-01-06 02:18:40",
    "opening_balance": "0.00", "item_revenue": "8420.50", "other_revenue_total": "212.40", "fees_total": "1190.36",
    "refunds": "320.00", "closing_balance": "7122.54", "payout": "7122.54 MYR", "paid": "0",
}  # fmt: skip
JAN_5 = int(datetime(2026, 1, 4, 16, tzinfo=UTC).timestamp())


def statement_of(**over: object) -> Statement:
    payout = to_payout(PayoutRecord.model_validate({**PAYOUT, **over}), STORE)
    return next(to_statement(one, start_at, STORE) for one, start_at in periods([payout]))


def test_the_documented_payout_is_a_week() -> None:
    one = statement_of()
    assert (one.start_at, one.end_at) == (JAN_5 - WEEK, JAN_5)
    assert (one.payout, one.paid, one.paid_at) == (Money(712_254, "MYR"), PaidState.OPEN, None)
    assert (one.fees, one.refunds) == (Money(-119_036, "MYR"), Money(-32_000, "MYR"))
    assert one.revenue == Money(842_050 + 21_240, "MYR")


@pytest.mark.parametrize("number", ["MY10QX7-2026-02006", "EG100RT-20141228", "MY10QX7-2026-1399", "x"])
def test_a_number_without_a_day_leaves_the_day_it_was_made(number: str) -> None:
    assert statement_of(statement_number=number).end_at == JAN_5


def test_a_period_begins_where_the_one_before_ended() -> None:
    days = ("2026-0105", "2026-0106", "2026-0113", "2026-0303")
    payouts = [
        to_payout(PayoutRecord.model_validate({**PAYOUT, "statement_number": f"MY1-{day}"}), STORE) for day in days
    ]
    spans = [(one.end_at - start_at) // DAY for one, start_at in periods(reversed(payouts))]
    assert spans == [7, 1, 7, 7]


@pytest.mark.parametrize("payout", ["7122.54 THB", "7122.545 MYR", "", "nothing"])
def test_a_payout_that_is_no_amount_is_refused(payout: str) -> None:
    with pytest.raises(MoneyError):
        statement_of(payout=payout)


async def test_one_bad_payout_costs_no_other(clock: DrivenClock) -> None:
    rows = [PAYOUT, {**PAYOUT, "statement_number": "MY10QX7-2026-0112", "payout": "x"}, {"payout": "1.00 MYR"}]
    finance = ScriptedShop(clock, {"/rest/finance/payout/status/get": ok(rows)}).shop.finance
    assert finance is not None
    found = [page async for page in finance.statements(STORE, JAN_5, JAN_5 + 3 * WEEK)]
    assert [one.statement_id for page in found for one in page.statements] == ["MY10QX7-2026-0105"]
    assert sorted(one.order_no for page in found for one in page.set_aside) == ["", "MY10QX7-2026-0112"]


ROW = {
    "transaction_number": "MY10QX7-3K9ZT2B", "transaction_date": "04 Jan 2026", "transaction_type": "Orders-Sales",
    "fee_type": "13", "fee_name": "Item Price Credit", "amount": "559.00", "VAT_in_amount": "0.00",
    "WHT_amount": "0.00", "WHT_included_in_amount": "No", "statement": "29 Dec 2025 - 04 Jan 2026",
    "paid_status": "Not paid", "order_no": "497001882128842", "orderItem_no": "497001882228842",
    "seller_sku": "KETTLE-17L-BLK", "lazada_sku": "3120457781_MY-15220933418",
}  # fmt: skip


def row(**over: object) -> StatementLine | None:
    return to_line(RowRecord.model_validate({**ROW, **over}), statement_of(), STORE)


def test_the_documented_row_is_a_line() -> None:
    line = row()
    assert line is not None
    assert (line.order_no, line.order_line_id, line.sku) == ("497001882128842", "497001882228842", "KETTLE-17L-BLK")
    assert line.parts == (Part(FeeKind.ITEM, Money(55_900, "MYR"), "Item Price Credit"),)
    assert line.at == JAN_5 - DAY


def test_tax_in_the_amount_is_a_part_and_tax_beside_it_is_not() -> None:
    inside, beside = (row(WHT_amount="-5.59", WHT_included_in_amount=word) for word in ("Yes", "No"))
    assert inside is not None
    assert beside is not None
    assert [(part.kind, part.amount.minor) for part in inside.parts] == [(FeeKind.ITEM, 56_459), (FeeKind.TAX, -559)]
    assert [part.kind for part in beside.parts] == [FeeKind.ITEM]
    assert inside.amount == beside.amount == Money(55_900, "MYR")


def test_a_row_of_another_statement_is_left_to_it() -> None:
    assert row(statement="05 Jan 2026 - 11 Jan 2026") is None
    assert row(statement="") is not None


@pytest.mark.parametrize("amount", ["\u22121.208,00", "-1,208.00", "-1208"])
def test_amounts_of_any_country_are_read(amount: str) -> None:
    line = row(amount=amount)
    assert line is not None
    assert line.amount == Money(-120_800, "MYR")


@pytest.mark.parametrize("over", [{"amount": "6****67"}, {"transaction_date": "2026-01-04"}, {"amount": None}])
def test_a_row_that_cannot_be_read_is_refused(over: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no "):
        row(**over)


def test_a_period_ends_with_its_last_day() -> None:
    assert period_end("11 May 2016 - 17 May 2016", 0) == int(datetime(2016, 5, 18, tzinfo=UTC).timestamp())
    assert period_end("20 Sep 2026 - 20 Sep 2026", 0) == int(datetime(2026, 9, 21, tzinfo=UTC).timestamp())
    assert period_end("soon", 0) is None
    assert period_end("1 Foo 2026 - 2 Foo 2026", 0) is None


@pytest.mark.parametrize(
    ("kind", "sub_kind", "minor"),
    [
        ("Deposit", "Settlement", 1_250),
        ("Withdrawal", "Auto Withdrawal", -1_250),
        ("Payment", "Settlement", 1_250),
        ("Payment", "Sponsored Solutions Top-up", -1_250),
    ],
)
def test_a_movement_has_the_sign_of_its_type(kind: str, sub_kind: str, minor: int) -> None:
    record = MoveRecord.model_validate(
        {"transaction_number": "1", "transaction_time": "2026-01-05 10:00:00", "type": kind, "sub_type": sub_kind,
         "amount": "12.50", "currency": "MYR"}
    )  # fmt: skip
    move = to_move(record, STORE)
    assert move.amount == Money(minor, "MYR")
    assert move.at == int((datetime(2026, 1, 5, 10, tzinfo=UTC) - timedelta(seconds=offset_s("MY"))).timestamp())


async def test_a_refund_brings_its_fees_back() -> None:
    async with house(regions=("TH",), orders=120) as at:
        world, book = at.sandbox.world, book_of(at)
        entry = next(one for one in reversed(book.entries) if one.kind is EntryKind.ORDER)
        assert entry.order is not None
        case = world.returns.open_case(entry.order, [entry.lines[0]], Ask.REFUND, Trouble.BROKEN, START_AT)
        world.returns.pay_now(case, START_AT)
        at.sandbox.advance(10 * DAY)
        read = [line for one in await statements(at, until=START_AT + 10 * DAY) for line in await lines(at, one)]
        own = [line for line in read if line.order_no == entry.order.id and line.at >= START_AT - DAY]
        kinds = kinds_of(own)
        assert kinds[FeeKind.REFUND] == -case.paid_minor
        assert kinds[FeeKind.COMMISSION] == share(case.paid_minor, book.fees.commission)
        assert kinds[FeeKind.SERVICE_FEE] == share(case.paid_minor, book.fees.service)
        assert FeeKind.SHIPPING_BACK not in kinds

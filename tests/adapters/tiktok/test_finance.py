"""TikTok Shop's money over HTTP: statements and their lines, what is open, the wallet, a balance added up."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shoptui.adapters.base import Malformed, ScopeError
from shoptui.adapters.finance_records import REST
from shoptui.adapters.rows import read_rows
from shoptui.adapters.tiktok.finance_mapping import to_line, to_statement, to_unsettled
from shoptui.adapters.tiktok.finance_wire import StatementRecord, UnsettledRecord
from shoptui.clock import DrivenClock
from shoptui.domain.finance import Balance, FeeKind, MoveKind, PaidState, Part, Statement, total
from shoptui.domain.money import Money, MoneyError
from shoptui.sandbox.world.finance_model import EntryKind
from tests.adapters.money import (
    DAY,
    book_of,
    finance_of,
    kinds_of,
    lines,
    moves,
    pages,
    statements,
    unsettled,
    wanted_of,
)
from tests.adapters.tiktok.sandboxed import START_AT, House, fault, house
from tests.adapters.tiktok.support import ScriptedShop, ok, store


@pytest.fixture(params=["VN", "GB"])
async def at(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with house(regions=(request.param,), orders=160) as found:
        yield found


async def test_every_statement_is_the_sum_of_its_lines_and_these_of_their_parts(at: House) -> None:
    book = book_of(at)
    found = await statements(at)
    assert [(one.end_at, one.payout.minor) for one in found] == [(one.end_at, one.net) for one in book.statements]
    for one, true in zip(found, book.statements, strict=True):
        read = await lines(at, one)
        assert total(tuple(line.amount for line in read), at.store.currency) == one.payout
        entries = {entry.id: entry for entry in book.entries_of(true)}
        assert {line.line_id for line in read} == entries.keys()
        for line in read:
            entry = entries[line.line_id]
            assert line.order_no == (entry.order.id if entry.order else "")
            assert kinds_of([line]) == wanted_of([entry])
            assert total(tuple(part.amount for part in line.parts), at.store.currency) == line.amount
        is_paid = true.paid_at is not None and true.paid_at <= START_AT
        assert (one.paid, one.paid_at) == ((PaidState.PAID, true.paid_at) if is_paid else (PaidState.PROCESSING, None))


async def test_only_days_that_ended_in_the_window_are_read(at: House) -> None:
    every = await statements(at)
    middle = every[len(every) // 2].end_at
    assert await statements(at, until=middle) + await statements(at, since=middle) == every
    assert await statements(at, middle, middle) == []


async def test_a_statement_of_the_older_generation_has_the_same_lines(at: House) -> None:
    one = max(await statements(at), key=lambda one: abs(one.payout.minor))
    nested = await lines(at, one)
    at.sandbox.faults.replace([fault("/finance/202501/", times=9, code=36009014)])
    flat = await lines(at, one)
    assert [(line.line_id, line.amount, sorted(part.amount.minor for part in line.parts)) for line in flat] == [
        (line.line_id, line.amount, sorted(part.amount.minor for part in line.parts)) for line in nested
    ]


async def test_open_orders_come_with_the_estimate_and_its_day(at: House) -> None:
    found = await unsettled(at)
    open_now = {one.order.id: one for one in book_of(at).unsettled(0, START_AT + 1)}
    assert {one.order_no: one.amount.minor for one in found} == {name: one.net for name, one in open_now.items()}
    assert any(one.expected_at is None for one in found)
    assert all((one.expected_at is None) or one.expected_at > (one.delivered_at or 0) for one in found)


async def test_wallet_moves_have_the_sign_of_their_direction(at: House) -> None:
    found = await moves(at)
    book = book_of(at)
    assert [(move.at, move.amount.minor) for move in found] == [(move.at, move.amount) for move in book.moves]
    assert {move.kind for move in found} == {MoveKind.SETTLED, MoveKind.WITHDRAWN}


async def test_the_balance_is_added_up_and_says_so(at: House) -> None:
    balance = await finance_of(at).balance(at.store, START_AT)
    book = book_of(at)
    unpaid = sum(one.net for one in book.statements if (one.paid_at or START_AT + 1) > START_AT)
    assert isinstance(balance, Balance)
    assert balance.amount.minor == book.balance + unpaid
    assert (balance.derived, balance.basis) == (True, "moves")
    assert balance.pending is not None
    assert balance.pending.minor == sum(one.net for one in book.unsettled(0, START_AT + 1))


async def test_pages_are_streamed_and_the_first_says_how_many_there_are() -> None:
    async with house(regions=("VN",), orders=60) as at:
        book = book_of(at)
        one = (await statements(at))[-1]
        true = book.statements[-1]
        # A day of 250 settled amounts.
        entry = next(entry for entry in book.entries if entry.kind is EntryKind.ORDER)
        at.sandbox.sandbox.sides["tiktok"].ledgers.entries(book, true)[:] = [  # type: ignore[attr-defined]
            ((number, f"{number:09d}"), type(entry)(f"{number:09d}", entry.kind, entry.at, entry.order, entry.lines,
                                                    entry.pieces, entry.net))
            for number in range(250)
        ]  # fmt: skip
        read = await pages(at, one)
        assert [(len(page.lines), page.total) for page in read] == [(100, 250), (100, None), (50, None)]
        assert len({line.line_id for page in read for line in page.lines}) == 250


async def test_without_the_permission_it_says_so(at: House) -> None:
    at.sandbox.sandbox.sides["tiktok"].revoke_scope(at.store.shop_id, "seller.finance.info")
    with pytest.raises(ScopeError):
        await statements(at)


STATEMENT = Statement("tt-my", "749", START_AT - DAY, START_AT, Money(0, "MYR"), PaidState.PAID)


def record(**fields: object) -> dict[str, object]:
    return {"id": "1", "type": "ORDER", "order_id": "57", "settlement_amount": "80.00", **fields}


def test_a_fee_nobody_knows_is_a_part_under_its_own_name() -> None:
    line = to_line(
        record(
            revenue_amount="100.00",
            revenue_breakdown={"subtotal_before_discount_amount": "100.00"},
            fee_tax_amount="-20.00",
            fee_tax_breakdown={"fee": {"platform_commission_amount": "-6.00", "moon_fee_amount": "-9.00"}, "tax": {}},
        ),
        STATEMENT,
    )
    assert line.parts == (
        Part(FeeKind.ITEM, Money(10_000, "MYR"), "subtotal_before_discount_amount"),
        Part(FeeKind.COMMISSION, Money(-600, "MYR"), "platform_commission_amount"),
        Part(FeeKind.OTHER, Money(-900, "MYR"), "moon_fee_amount"),
        Part(FeeKind.OTHER, Money(-500, "MYR"), f"fee_tax_amount: {REST}"),
    )
    assert total(tuple(part.amount for part in line.parts), "MYR") == line.amount


def test_groups_that_miss_the_settlement_leave_a_rest() -> None:
    line = to_line(record(revenue_amount="70.00", revenue_breakdown={}), STATEMENT)
    assert [part.amount.minor for part in line.parts] == [7_000, 1_000]
    assert line.parts[-1] == Part(FeeKind.OTHER, Money(1_000, "MYR"), REST)


def test_what_carriage_is_made_of_is_not_counted_twice() -> None:
    line = to_line(
        record(
            settlement_amount="-2.50",
            shipping_cost_amount="-2.50",
            shipping_cost_breakdown={
                "actual_shipping_fee_amount": "-5.00",
                "shipping_fee_discount_amount": "2.50",
                "supplementary_component": {"platform_shipping_fee_discount_amount": "2.50"},
            },
        ),
        STATEMENT,
    )
    assert [part.kind for part in line.parts] == [FeeKind.SHIPPING, FeeKind.SHIPPING_SUBSIDY]


def test_a_penalty_is_known_by_its_type() -> None:
    line = to_line(
        {"id": "9", "type": "PLATFORM_PENALTY", "settlement_amount": "-5", "adjustment_amount": "-5"}, STATEMENT
    )
    assert line.parts == (Part(FeeKind.PENALTY, Money(-500, "MYR"), "PLATFORM_PENALTY"),)
    assert line.order_no == ""


@pytest.mark.parametrize("amount", ["1.234", "12.00 THB", "", "99999999999999999999", None])
def test_an_amount_that_cannot_be_read_is_refused(amount: object) -> None:
    with pytest.raises(MoneyError):
        to_line(record(settlement_amount=amount), STATEMENT)


def test_a_statement_with_strange_words_is_read_all_the_same() -> None:
    record = StatementRecord.model_validate(
        {"id": 749, "statement_time": START_AT, "currency": "MYR", "settlement_amount": "-1.50",
         "revenue_amount": "", "payment_status": "MOONED"}
    )  # fmt: skip
    found = to_statement(record, "tt-my")
    assert (found.paid, found.raw_paid, found.payout.minor) == (PaidState.UNKNOWN, "MOONED", -150)
    assert (found.start_at, found.end_at, found.revenue) == (START_AT - DAY, START_AT, None)


@pytest.mark.parametrize(
    ("words", "expected_at"),
    [("Delivered + 8 days", START_AT + 8 * DAY), (str(START_AT + 99), START_AT + 99), ("some day", None), (None, None)],
)
def test_an_expected_day_is_a_moment_or_days_after_delivery(words: str | None, expected_at: int | None) -> None:
    raw = {"order_id": "57", "currency": "VND", "est_settlement_amount": "12000", "order_delivery_time": START_AT}
    found = to_unsettled(UnsettledRecord.model_validate({**raw, "estimated_settlement": words}), "tt-vn")
    assert found is not None
    assert found.expected_at == expected_at


def test_a_bad_row_is_set_aside_and_costs_no_other() -> None:
    rows = [record(id="1"), "nonsense", record(id="2", settlement_amount="x"), record(id="3")]
    found, aside = read_rows(rows, "tt-my", "id", lambda raw: to_line(raw, STATEMENT))
    assert [line.line_id for line in found] == ["1", "3"]
    assert [(one.store_id, one.order_no) for one in aside] == [("tt-my", ""), ("tt-my", "2")]
    assert "no amount of money" in aside[1].reason
    assert all(one.raw for one in aside)


async def test_pages_in_a_circle_end(clock: DrivenClock) -> None:
    again = ok({"statements": [], "next_page_token": "again"})
    finance = ScriptedShop(clock, {"/finance/202309/statements": again}).shop.finance
    assert finance is not None
    with pytest.raises(Malformed, match="circle"):
        [one async for one in finance.statements(store(), 0, START_AT)]

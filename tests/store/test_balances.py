"""The Money screen's rows: one per store with its next loss, its days, its payouts, and exact totals by currency."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shoptui.domain.finance import Balance, PaidState
from shoptui.domain.money import Money
from shoptui.domain.stores import Store
from shoptui.paths import DataDir
from shoptui.queries.money import BalanceRow, Balances
from shoptui.queries.money_fields import parse_money
from shoptui.queries.money_views import MONEY_VIEWS, filtered, names_anomalies
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.domain.settlement_builders import AT, BOOK, a_shop, a_statement
from tests.store.money_factories import NOW, RATES, check, put_statement

DAY = 86_400
MALAYSIA = replace(a_shop("shopee", "MY"), store_id="sp-my-1")
MANILA = replace(a_shop("lazada", "PH"), store_id="lz-ph-1")
SAIGON = replace(a_shop("tiktok", "VN"), store_id="tt-vn-1")
STORES = (MALAYSIA, MANILA, SAIGON)


@pytest.fixture
async def shop(house: DataDir) -> AsyncIterator[Writer]:
    async with await Writer.open(house, NOW) as writer:
        for store in STORES:
            await writer.put_store(store)
        yield writer


async def told(house: DataDir, now: int = NOW) -> Balances:
    async with await Reader.open(house) as reader:
        return await reader.money.balances(now, BOOK, RATES)


def balance(store: Store, minor: int, at: int = NOW, **more: object) -> Balance:
    return Balance(store.store_id, at, Money(minor, store.currency), False, "wallet", **more)  # type: ignore[arg-type]


async def row_of(house: DataDir, store: Store, now: int = NOW) -> BalanceRow:
    return next(row for row in (await told(house, now)).rows if row.store_id == store.store_id)


async def test_a_house_without_money_has_a_row_for_every_store(shop: Writer, house: DataDir) -> None:
    found = await told(house)
    assert [row.store_id for row in found.rows] == ["lz-ph-1", "sp-my-1", "tt-vn-1"]
    assert all(row.balance is None and row.days == (None,) * 30 and row.next_at is None for row in found.rows)
    assert (found.totals, found.rates_date) == ((), RATES.date)


async def test_totals_are_exact_by_currency_and_a_converted_sum_names_its_date(shop: Writer, house: DataDir) -> None:
    await shop.money.put_balance(MALAYSIA, balance(MALAYSIA, 42_000))
    await shop.money.put_balance(MANILA, balance(MANILA, -5_800))
    await shop.money.put_balance(SAIGON, balance(SAIGON, 2**62))
    found = await told(house)
    assert found.totals == (Money(42_000, "MYR"), Money(-5_800, "PHP"), Money(2**62, "VND"))
    assert found.converted is not None and found.converted.converted
    vnd = RATES.convert(Money(2**62, "VND"), "USD")
    assert vnd is not None and found.converted.total == Money(10_000 - 100 + vnd.minor, "USD")
    async with await Reader.open(house) as reader:
        without = await reader.money.balances(NOW, BOOK, None)
    assert without.converted is None and without.totals == found.totals


async def test_an_older_balance_fills_its_day_and_leaves_todays(shop: Writer, house: DataDir) -> None:
    await shop.money.put_balance(MALAYSIA, balance(MALAYSIA, 700))
    await shop.money.put_balance(MALAYSIA, balance(MALAYSIA, 100, NOW - 40 * DAY))
    await shop.money.put_balance(MALAYSIA, balance(MALAYSIA, 300, NOW - 3 * DAY))
    await shop.money.put_balance(MALAYSIA, balance(MALAYSIA, 200, NOW - 3 * DAY - 60))
    row = await row_of(house, MALAYSIA)
    assert row.balance == Money(700, "MYR")
    assert row.days == (*[100] * 26, 300, 300, 300, 700)


async def test_a_debt_is_the_next_loss_with_its_days_and_its_limit(shop: Writer, house: DataDir) -> None:
    for day in range(9):
        await shop.money.put_balance(MANILA, balance(MANILA, -120_450, NOW - day * DAY))
    await shop.money.put_balance(MANILA, balance(MANILA, 5, NOW - 9 * DAY))
    row = await row_of(house, MANILA)
    assert row.debt is not None and (row.debt.days, row.debt.left) == (9, Money(459_550, "PHP"))
    assert (row.next_kind, row.next_at) == ("neg", row.debt.frozen_at)
    assert (await told(house)).rows[0].store_id == "lz-ph-1"
    later = await row_of(house, MANILA, NOW + 3 * DAY)
    assert (later.missed, later.last_missed_kind) == (1, "neg")


async def test_payouts_are_awaited_from_statements_else_from_the_promise(shop: Writer, house: DataDir) -> None:
    promised = balance(SAIGON, 10, next_payout=Money(9, "VND"), next_payout_at=NOW + DAY)
    await shop.money.put_balance(SAIGON, promised)
    row = await row_of(house, SAIGON)
    assert (row.next_payout, row.next_payout_at, row.next_kind) == (Money(9, "VND"), NOW + DAY, "pay")
    open_one = replace(a_statement(SAIGON, 5_000, "D1"), store_id="tt-vn-1", paid=PaidState.OPEN, paid_at=None)
    await put_statement(shop, open_one, [])
    row = await row_of(house, SAIGON)
    assert (row.next_payout, row.next_payout_at) == (Money(5_000, "VND"), AT + 1 + 3 * DAY)
    assert not row.payout_overdue
    assert (await row_of(house, SAIGON, NOW + 4 * DAY)).payout_overdue
    await put_statement(shop, replace(open_one, paid=PaidState.PAID, paid_at=NOW), [])
    assert (await row_of(house, SAIGON)).next_payout_at == NOW + DAY


async def test_statements_wait_to_be_verified(shop: Writer, house: DataDir) -> None:
    for number in range(3):
        statement = replace(a_statement(MALAYSIA, 0, f"W{number}", AT - number * DAY), store_id="sp-my-1")
        await put_statement(shop, statement, [])
        await check(shop, ("sp-my-1", f"W{number}"), MALAYSIA)
    await shop.money.mark_verified([("sp-my-1", "W2")], "mei", NOW)
    row = await row_of(house, MALAYSIA)
    assert (row.unverified, row.unchecked, row.last_id, row.last_end_at) == (2, 0, "W0", AT + 1)
    # Older than the house: the days begin when it first saw them, and a later look does not begin them anew.
    assert (row.next_kind, row.next_at) == ("vfy", NOW + 7 * DAY)
    again = replace(a_statement(MALAYSIA, 0, "W1", AT - DAY), store_id="sp-my-1", payment_id="P9")
    assert await shop.money.put_statements([again], NOW + DAY)
    assert (await row_of(house, MALAYSIA)).next_at == NOW + 7 * DAY


async def test_views_and_filters_mean_balances(shop: Writer, house: DataDir) -> None:
    await shop.money.put_balance(MANILA, balance(MANILA, -5))
    await put_statement(shop, replace(a_statement(MALAYSIA, 0), store_id="sp-my-1"), [])
    rows = (await told(house)).rows

    def found(text: str) -> set[str]:
        return {row.store_id for row in filtered(rows, parse_money(text), STORES)}

    assert {digit: found(view.filter_text) for digit, view in MONEY_VIEWS.items()} == {
        "0": {"lz-ph-1", "sp-my-1", "tt-vn-1"},
        "1": {"lz-ph-1", "sp-my-1", "tt-vn-1"},
        "2": {"sp-my-1"},
        "3": {"lz-ph-1"},
        "4": set(),
    }
    assert found("market:tiktok or region:my") == {"tt-vn-1", "sp-my-1"}
    assert found("-store:sp-*") == {"lz-ph-1", "tt-vn-1"}
    assert found("php") == {"lz-ph-1"}
    assert found("diff:>5") == set()
    assert names_anomalies(parse_money("store:x or -diff:>5")) and not names_anomalies(parse_money("status:negative"))

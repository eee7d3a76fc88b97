"""Money: exact parsing, exact printing, and sums that never mix currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.money import Money, MoneyError, minor_digits

CURRENCIES = st.sampled_from(["THB", "VND", "IDR", "JPY", "GBP", "USD", "MYR", "PHP", "SGD"])
AMOUNTS = st.integers(min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("747.00", "THB", 74700),
        ("747", "THB", 74700),
        ("1,118.00", "THB", 111800),
        ("12,345,678.9", "USD", 1234567890),
        ("-3.5", "GBP", -350),
        ("+0.05", "GBP", 5),
        ("249000", "VND", 249000),
        ("249000.00", "VND", 249000),
        ("41,220,000", "IDR", 41220000),
        ("1980", "JPY", 1980),
        ("10.500", "USD", 1050),
        (" 8.20 ", "SGD", 820),
        ("-0.00", "USD", 0),
    ],
)
def test_reads_the_amounts_marketplaces_send(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "free",
        "1.2.3",
        "1,18.00",
        ",118",
        "1 118",
        "--1",
        "1e3",
        "0x10",
        "NaN",
        "฿12",
        "12.",
        ".5",
        "๑๒",
        "1\n2",
    ],
)
def test_refuses_what_is_no_plain_number(text: str) -> None:
    with pytest.raises(MoneyError, match="no amount of money"):
        Money.parse(text, "THB")


@pytest.mark.parametrize(("text", "currency"), [("0.005", "USD"), ("1.5", "VND"), ("99.01", "IDR"), ("7.1", "JPY")])
def test_refuses_decimals_that_would_be_lost(text: str, currency: str) -> None:
    with pytest.raises(MoneyError, match=f"more decimals than {currency}"):
        Money.parse(text, currency)


@given(AMOUNTS, CURRENCIES)
def test_printing_and_reading_are_inverse(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert Money.parse(amount.plain(), currency) == amount


@given(AMOUNTS, CURRENCIES)
def test_prints_exactly_the_decimals_of_the_currency(minor: int, currency: str) -> None:
    text = Money(minor, currency).plain()
    _, _, decimals = text.partition(".")
    assert len(decimals) == minor_digits(currency)
    assert Decimal(text).scaleb(minor_digits(currency)) == minor


@given(st.lists(AMOUNTS, max_size=50), CURRENCIES)
def test_sums_are_exact_in_any_order(amounts: list[int], currency: str) -> None:
    forward = backward = Money(0, currency)
    for minor in amounts:
        forward += Money(minor, currency)
    for minor in reversed(amounts):
        backward -= Money(-minor, currency)
    assert forward == backward == Money(sum(amounts), currency)


@given(AMOUNTS, st.integers(min_value=0, max_value=500), CURRENCIES)
def test_a_multiple_is_the_repeated_sum(minor: int, times: int, currency: str) -> None:
    total = Money(0, currency)
    for _ in range(times):
        total += Money(minor, currency)
    assert Money(minor, currency) * times == total
    assert total + (-total) == Money(0, currency)


def test_currencies_never_mix() -> None:
    with pytest.raises(MoneyError, match="cannot add VND to USD"):
        Money(1, "USD") + Money(1, "VND")
    with pytest.raises(MoneyError, match="cannot add USD to THB"):
        Money(1, "THB") - Money(1, "USD")

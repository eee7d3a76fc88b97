"""Amounts as marketplaces write them: read to the last digit, or refused with a sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.amounts import currency_of, exact_json, read_amount, read_if_given
from shoptui.domain.money import Money, MoneyError, minor_digits

CURRENCIES = ("VND", "IDR", "JPY", "MYR", "THB", "PHP", "SGD", "USD", "GBP", "EUR")


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("1,118.00", "MYR", 111_800),
        ("1,707", "MYR", 170_700),
        ("99303.00 VND", "VND", 99_303),
        ("99,303.00 VND", "VND", 99_303),
        ("7122.54 MYR", "MYR", 712_254),
        ("VND 99303", "VND", 99_303),
        ("\u22121.208,00", "MYR", -120_800),
        ("-3.5", "USD", -350),
        ("12-", "MYR", -1_200),
        ("1\u00a0208,50", "EUR", 120_850),
        ("1.208.000", "IDR", 1_208_000),
        ("12,5", "EUR", 1_250),
        ("0.500", "MYR", 50),
        ("-0.00", "MYR", 0),
        ("1.0E7", "VND", 10_000_000),
        (86.53, "MYR", 8_653),
        (0.1 + 0.2, "MYR", 30),
        (Decimal("2.4500000000000002"), "MYR", 245),
        (Decimal("1E-99999"), "MYR", 0),
        (249000, "VND", 249_000),
        ("92233720368547758.07", "MYR", 2**63 - 1),
        (-(2**63) + 1, "VND", -(2**63) + 1),
    ],
)
def test_what_is_an_amount_is_read_exactly(value: object, currency: str, minor: int) -> None:
    assert read_amount(value, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("value", "currency", "words"),
    [
        ("1.208", "MYR", "could mean two amounts"),
        ("1.2345", "MYR", "more decimals"),
        ("249000.50", "VND", "more decimals"),
        (12.345, "MYR", "more decimals"),
        ("1E-99", "MYR", "more decimals"),
        ("1." + "0" * 40 + "1", "MYR", "more decimals"),
        ("12.00 THB", "MYR", "is in THB"),
        ("92233720368547758.08", "MYR", "64 bits"),
        (2**63, "VND", "64 bits"),
        (Decimal("1E+99999"), "MYR", "64 bits"),
        ("9" * 100, "MYR", "64 characters"),
        ("", "MYR", "no amount"),
        ("-", "MYR", "no amount"),
        ("--1", "MYR", "no amount"),
        ("-1-", "MYR", "no amount"),
        ("1,2,3", "MYR", "no amount"),
        ("1.23,456.7", "MYR", "no amount"),
        ("\u0663", "MYR", "no amount"),
        ("6****67", "MYR", "no amount"),
        (float("inf"), "MYR", "no amount"),
        (Decimal("NaN"), "MYR", "no amount"),
        (True, "MYR", "no amount"),
        (None, "MYR", "no amount"),
        (["1"], "MYR", "not list"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(value: object, currency: str, words: str) -> None:
    with pytest.raises(MoneyError, match=words):
        read_amount(value, currency)


@given(
    minor=st.integers(-(2**63) + 1, 2**63 - 1),
    currency=st.sampled_from(CURRENCIES),
    grouped=st.booleans(),
    comma=st.booleans(),
    minus=st.sampled_from(["-", "\u2212"]),
    behind=st.booleans(),
)
def test_every_way_of_writing_an_amount_reads_back(
    minor: int, currency: str, grouped: bool, comma: bool, minus: str, behind: bool
) -> None:
    plain = Money(minor, currency).plain()
    whole, _, part = plain.lstrip("-").partition(".")
    text = f"{int(whole):,}" if grouped else whole
    text = f"{text}.{part}" if part else text
    if comma and (part or "," not in text):
        text = text.translate(str.maketrans(",.", ".,"))
    text = (minus if minor < 0 else "") + text + (f" {currency}" if behind else "")
    assert read_amount(text, currency) == Money(minor, currency)


@given(st.integers(-(10**13), 10**13), st.sampled_from(CURRENCIES))
def test_a_json_number_loses_nothing(minor: int, currency: str) -> None:
    plain = Money(minor, currency).plain()
    assert read_amount(exact_json(plain), currency) == Money(minor, currency)
    assert read_amount(float(plain), currency) == Money(minor, currency)


@given(st.text(max_size=80) | st.floats() | st.decimals() | st.integers(), st.sampled_from(CURRENCIES))
def test_whatever_comes_is_read_or_refused(value: object, currency: str) -> None:
    try:
        found = read_amount(value, currency)
    except MoneyError:
        return
    assert abs(found.minor) < 2**63
    assert minor_digits(found.currency) == minor_digits(currency)


def test_json_keeps_digits_a_float_would_lose() -> None:
    assert exact_json('{"amount": 90071992547409.93}') == {"amount": Decimal("90071992547409.93")}
    with pytest.raises(ValueError, match="NaN"):
        exact_json('{"amount": NaN}')


def test_an_amount_that_is_left_out_is_none() -> None:
    assert read_if_given(None, "MYR") is None
    assert read_if_given("", "MYR") is None
    assert read_if_given("0", "MYR") == Money(0, "MYR")
    assert currency_of("99303.00 vnd") == "VND"
    assert currency_of("99303.00") == ""

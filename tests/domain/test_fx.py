"""Exchange rates: exact conversion, and files that are refused in one sentence."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.fx import Rates, RatesError, parse_rates
from shoptui.domain.money import Money, minor_digits
from shoptui.domain.stores import REGIONS
from shoptui.exchange import load_rates

RATES = Rates(date(2026, 11, 20), "a bank", {"THB": "32.50", "VND": "26100", "MYR": "4.20", "EUR": "0.85"})
CODES = st.sampled_from(sorted(RATES.currencies))


@pytest.mark.parametrize(
    ("amount", "to", "expected"),
    [
        (Money(325_000, "THB"), "USD", Money(10_000, "USD")),
        (Money(26_100, "VND"), "USD", Money(100, "USD")),
        (Money(100, "USD"), "VND", Money(26_100, "VND")),
        (Money(1, "VND"), "USD", Money(0, "USD")),
        (Money(-42_000, "MYR"), "THB", Money(-325_000, "THB")),
        (Money(12, "USD"), "USD", Money(12, "USD")),
    ],
)
def test_converts_between_currencies_of_any_decimals(amount: Money, to: str, expected: Money) -> None:
    assert RATES.convert(amount, to) == expected


@pytest.mark.parametrize(("minor", "expected"), [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2)])
def test_rounds_half_to_even(minor: int, expected: int) -> None:
    rates = Rates(date(2026, 1, 1), "s", {"AAA": "2"})
    assert rates.convert(Money(minor, "AAA"), "USD") == Money(expected, "USD")


def test_what_has_no_rate_is_not_guessed() -> None:
    assert RATES.convert(Money(1, "XTS"), "USD") is None
    assert RATES.convert(Money(1, "USD"), "XTS") is None
    assert RATES.convert(Money(5, "XTS"), "XTS") == Money(5, "XTS")


@given(st.integers(-(10**15), 10**15), CODES, CODES)
def test_a_conversion_is_never_off_by_more_than_half_a_unit(minor: int, ours: str, theirs: str) -> None:
    converted = RATES.convert(Money(minor, ours), theirs)
    assert converted is not None
    per = {**RATES.per_usd, "USD": "1"}
    exact = (
        Fraction(minor, 10 ** minor_digits(ours)) / Fraction(per[ours]) * Fraction(per[theirs])
    ) * 10 ** minor_digits(theirs)
    assert abs(converted.minor - exact) <= Fraction(1, 2)


def test_a_sum_converts_each_currency_once_and_names_what_it_left_out() -> None:
    found = RATES.sum_in([Money(13_050, "VND"), Money(13_050, "VND"), Money(7, "XTS")], "USD")
    assert (found.total, found.left_out, found.converted) == (Money(100, "USD"), ("XTS",), True)
    assert not RATES.sum_in([Money(3, "USD"), Money(4, "USD")], "USD").converted


def test_the_packaged_rates_know_every_currency_of_the_regions() -> None:
    assert {currency for _, currency in REGIONS.values()} <= load_rates().currencies


GOOD: dict[str, object] = {"format": 1, "date": date(2026, 11, 1), "source": "bank", "per_usd": {"THB": "32.5"}}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": 2}, "write format = 1"),
        ({"date": "2026-11-01"}, "date must be a date without quotes"),
        ({"date": None}, "date"),
        ({"source": " "}, "source must be a text"),
        ({"per_usd": {}}, "[per_usd]"),
        ({"per_usd": {"thb": "3"}}, "three capital letters"),
        ({"per_usd": {"THB": 32.5}}, "decimal number in quotes"),
        ({"per_usd": {"THB": "0.00"}}, "is 0"),
        ({"per_usd": {"THB": "-3"}}, "plain decimal"),
        ({"per_usd": {"THB": "3e5"}}, "plain decimal"),
        ({"per_usd": {"THB": "1" * 30}}, "plain decimal"),
        ({"per_usd": {"USD": "2"}}, "write 1 or leave it out"),
        ({"rates": {}}, "'rates' is not known"),
    ],
)
def test_a_faulty_file_is_refused_in_one_sentence(change: dict[str, object], says: str) -> None:
    with pytest.raises(RatesError) as refused:
        parse_rates({**GOOD, **change}, "rates.toml")
    assert str(refused.value).startswith("rates.toml: ")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_operators_file_replaces_the_packaged_one_wholly(tmp_path: Path) -> None:
    (tmp_path / "rates.toml").write_text(
        'format = 1\ndate = 2026-11-20\nsource = "our bank"\n[per_usd]\nTHB = "33"\n', encoding="utf-8"
    )
    rates = load_rates(tmp_path)
    assert (rates.date, rates.source, rates.currencies) == (date(2026, 11, 20), "our bank", {"THB", "USD"})


@pytest.mark.parametrize("content", [b"\xff\xfe", b"format = ", b"format = 1"])
def test_an_unusable_own_file_is_said_and_not_passed_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rates.toml").write_bytes(content)
    with pytest.raises(RatesError, match=r"rates\.toml: "):
        load_rates(tmp_path)


def test_without_an_own_file_the_packaged_rates_serve(tmp_path: Path) -> None:
    assert load_rates(tmp_path) == load_rates()

"""What answers are read with, whatever the marketplace."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shoptui.adapters.records import AmountText, Id, Wire, read_json
from shoptui.domain.money import Money


class Priced(Wire):
    price: AmountText


@given(st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1))
def test_an_amount_sent_as_a_number_keeps_every_cent(minor: int) -> None:
    body = b'{"price":%s}' % str(Decimal(minor) / 100).encode()
    text = Priced.model_validate(read_json(body)).price
    assert Money(int(Decimal(text) * 100), "MYR") == Money(minor, "MYR")


@pytest.mark.parametrize("number", [b"10000000000000.5", b"-1.5e15", b"1e400"])
def test_a_fraction_too_large_to_be_exact_is_refused(number: bytes) -> None:
    with pytest.raises(ValidationError, match="too large"):
        Priced.model_validate(read_json(b'{"price":' + number + b"}"))


@pytest.mark.parametrize("amount", [b"123456789012345678", b'"12,345,678,901,234.56"'])
def test_whole_numbers_and_text_are_exact_at_any_size(amount: bytes) -> None:
    text = Priced.model_validate(read_json(b'{"price":' + amount + b"}")).price
    assert text == amount.decode().strip('"')


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (b'{"note":"nice \\ud83d"}', "nice \ufffd"),
        (b'{"note":"nice \\uD83D\\uDE00"}', "nice \U0001f600"),
        (b'{"note":"nice \xff"}', "nice \ufffd"),
    ],
)
def test_cut_off_characters_do_not_cost_the_answer(body: bytes, note: str) -> None:
    assert read_json(body) == read_json(body, exact=True) == {"note": note}


def test_characters_are_mended_wherever_they_stand_and_digits_kept() -> None:
    body = b'{"rows":[{"\\ud83d":["nice \\ud83d",90071992547409.93,null]}]}'
    fraction = Decimal("90071992547409.93")
    assert read_json(body, exact=True) == {"rows": [{"\ufffd": ["nice \ufffd", fraction, None]}]}
    with pytest.raises(ValueError, match="NaN"):
        read_json(b'{"amount":NaN}', exact=True)


@given(st.integers(-(2**70), 2**70), st.integers(0, 4))
def test_a_fraction_read_exactly_keeps_every_digit(number: int, places: int) -> None:
    text = f"{Decimal(number).scaleb(-places):f}"
    assert Priced.model_validate(read_json(b'{"price":%s}' % text.encode(), exact=True)).price == text


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":', b"[" * 100_000, json.dumps("x").encode()[:-1]])
@pytest.mark.parametrize("exact", [False, True])
def test_what_is_no_json_is_said_to_be_none(body: bytes, exact: bool) -> None:
    with pytest.raises(ValueError):
        read_json(body, exact=exact)


class _Named(Wire):
    id: Id


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b'{"id":"5-A_b"}', "5-A_b"),
        (b'{"id":577086512345678901234567}', "577086512345678901234567"),
        (b'{"id":5.0}', None),
        (b'{"id":5.5}', None),
        (b'{"id":1e5}', None),
        (b'{"id":1e30}', None),
        (b'{"id":true}', None),
        (b'{"id":"5.0"}', None),
        (b'{"id":"../5"}', None),
        (b'{"id":""}', None),
    ],
)
def test_an_id_is_the_same_whichever_way_its_page_is_read(sent: bytes, expected: str | None) -> None:
    for read in (lambda: _Named.model_validate_json(sent), lambda: _Named.model_validate(read_json(sent))):
        if expected is None:
            with pytest.raises(ValidationError):
                read()
        else:
            assert read().id == expected

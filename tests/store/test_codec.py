"""Orders survive their compact form whole, and a strange form is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from pydantic_core import to_json

from shoptui.domain.codec import CodecError, decode_order, encode_order, order_fields
from shoptui.domain.orders import Order
from tests.store.factories import order, orders_of_any_kind


@given(orders_of_any_kind)
def test_an_order_reads_back_as_it_was(made: Order) -> None:
    assert decode_order(encode_order(made)) == made


@given(orders_of_any_kind)
def test_the_form_is_one_line_and_the_same_for_the_same_order(made: Order) -> None:
    text = encode_order(made)
    assert "\n" not in text
    assert text == encode_order(decode_order(text))


@given(orders_of_any_kind)
def test_the_quicker_writer_makes_the_same_text(made: Order) -> None:
    assert to_json(order_fields(made)).decode() == encode_order(made)


@pytest.mark.parametrize("character", [*map(chr, range(0x20)), '"', "\\", "/", "\x7f", "\u2028", "\ufffd", "😀"])
def test_the_quicker_writer_writes_every_character_the_same(character: str) -> None:
    made = order(buyer_note=f"a{character}b")
    assert to_json(order_fields(made)).decode() == encode_order(made)


@pytest.mark.parametrize("text", ["", "null", "{}", "[]", "[1]", '[1,"a"]', "[1,2,3", '{"0":1}', "12"])
def test_what_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(CodecError):
        decode_order(text)


def test_another_form_is_named() -> None:
    fields = json.loads(encode_order(order()))
    fields[0] = 99
    with pytest.raises(CodecError, match="form 99; this program reads form 1"):
        decode_order(json.dumps(fields))


def test_an_unknown_word_is_refused_rather_than_guessed() -> None:
    with pytest.raises(CodecError):
        decode_order(encode_order(order()).replace('"to_ship"', '"teleported"'))

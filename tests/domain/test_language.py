"""Which language a buyer writes in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.language import LANGUAGES, guess_language, language_of_talk


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Hello, where is my order? It has not arrived yet"),
        ("en", "When will my iPhone 套 arrive please"),
        ("zh", "你好，我买的红色包包什么时候发货？"),
        ("zh", "這個 iPhone 15 Pro 可以退嗎"),
        ("th", "สินค้ายังไม่จัดส่งใช่ไหมคะ"),
        ("th", "ขอเลข tracking ด้วยค่ะ"),
        ("vi", "Shop ơi cho mình huỷ đơn này"),
        ("vi", "shop oi bao gio giao hang vay"),
        ("id", "Kak, kapan dikirim ya? Sudah 3 hari"),
        ("id", "Barang rusak, saya minta refund"),
        ("ms", "Bila barang saya nak sampai? Dah seminggu"),
        ("ms", "Boleh tukar saiz tak"),
        ("tl", "Pa-follow up po ng order ko, wala pa rin"),
        ("tl", "Magkano po ang shipping?"),
        ("ja", "いつ届きますか？注文番号は"),
        ("ja", "返品したいです"),
        ("ko", "언제 배송되나요"),
        ("", ""),
        ("", "ok"),
        ("", "12345 😀"),
        ("", "https://shop.test/where-is-my-order"),
        ("", "hvala lijepo na svemu"),
    ],
)
def test_the_language_is_told_or_left_open(code: str, text: str) -> None:
    assert guess_language(text) == code


@pytest.mark.parametrize(("region", "code"), [("ID", "id"), ("MY", "ms"), ("TH", ""), ("", "")])
def test_where_indonesian_and_malay_say_the_same_the_store_decides(region: str, code: str) -> None:
    assert guess_language("barang belum sampai", region) == code


def test_the_store_does_not_overrule_what_is_plain() -> None:
    assert guess_language("Bila barang saya nak sampai? Dah seminggu", "ID") == "ms"
    assert guess_language("where is my order", "MY") == "en"


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ([], ""),
        (["ok", "😀"], ""),
        (["你好", "please ship my order", "什么时候发货"], "zh"),
        (["ok", "please ship my order"], "en"),
    ],
)
def test_a_talk_is_in_the_language_of_most_of_it(texts: list[str], code: str) -> None:
    assert language_of_talk(texts) == code


@given(st.text(max_size=200), st.sampled_from(["", "ID", "MY", "TH"]))
def test_any_text_has_a_known_language_or_none(text: str, region: str) -> None:
    assert guess_language(text, region) in {"", *LANGUAGES}

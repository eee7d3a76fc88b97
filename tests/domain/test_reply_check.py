"""What is refused in a reply before the marketplace would refuse it, and what passes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.reply_check import RefusalId, Standing, first_contact, first_link, refusals


@dataclass(frozen=True, slots=True)
class Given:
    text_max: int = 600
    links: bool = False
    contacts: bool = False
    unanswered_max: int | None = 5


STRICT = Given()


def ids(text: str, limits: Given = STRICT, standing: Standing | None = None) -> list[RefusalId]:
    found = refusals(text, limits, standing) if standing else refusals(text, limits)
    return [refusal.id for refusal in found]


@pytest.mark.parametrize(
    "text",
    [
        "Hi Dewi, your order 576461413048483920 leaves today at 18:00.",
        "您好！订单 2607142N5TR8 今天 18:00 交给 SPX Express，预计 7月17日 送达。",
        "Tracking JNT0441029384, carrier J&T. Arrives 2026-11-24.",
        "Your parcel TH0123456789A is on its way",
        "The price is 1,299,000 VND, was 1.299.000, size 40.5",
        "We are open 09:00-18:00, Mon. to Fri.",
        "Please wait.Your order ships soon.Thanks.",
        "It is in the next line, please read on",
        "line 2 of your order was sent",
        "Lazada order 501234567890123 / item 0001",
        "20 x 30 x 0.5 cm, 0.25 kg",
        "สินค้าจะจัดส่งวันนี้ค่ะ",
        "Đơn của bạn sẽ được giao ngày 24.11.2026",
        "Version v1.2.3 of bag_red.2 fits",
        "We offer 0% for 12 months, code SAVE2026",
    ],
)
def test_what_sellers_write_passes(text: str) -> None:
    assert ids(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://shop.test/a?b=1 for it", "https://shop.test/a?b=1"),
        ("See www.bags.test/sale", "www.bags.test/sale"),
        ("our shop bags-red.com has more", "bags-red.com"),
        ("visit bags.co.th/sale now", "bags.co.th/sale"),
        ("ｂａｇｓ．ｃｏｍ", "bags.com"),
        ("ba\u200bgs.co\u200bm", "bags.com"),
        ("点击bags.com购买", ""),
        ("HTTP://BAGS.TEST", "HTTP://BAGS.TEST"),
    ],
)
def test_links_are_found(text: str, found: str) -> None:
    assert first_link(text) == (found or "bags.com")
    assert RefusalId.NO_LINKS in ids(text)
    assert ids(text, Given(links=True, contacts=True)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call +66 81 234 5678", "+66 81 234 5678"),
        ("call 081-234-5678 please", "081-234-5678"),
        ("call (02) 1234 5678", "(02) 1234 5678"),
        ("ＷｈａｔｓＡｐｐ me", "WhatsApp"),
        ("add our LINE id @bags", "LINE id @bags"),
        ("line: bags99", "line: bags99"),
        ("加我微信吧", "微信"),
        ("ทักไลน์ได้เลย", "ไลน์"),
        ("mail an.test@example.test now", "an.test@example.test"),
        ("zalo 0912345678", "zalo"),
        ("０８１２３４５６７８", "0812345678"),
        ("IG: bags_red", "IG: bags_red"),
    ],
)
def test_contacts_are_found(text: str, found: str) -> None:
    assert first_contact(text) == found
    assert RefusalId.NO_CONTACTS in ids(text)
    assert RefusalId.NO_CONTACTS not in ids(text, Given(contacts=True))


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u200d\ufeff"])
def test_nothing_to_read_is_nothing_to_send(text: str) -> None:
    assert ids(text) == [RefusalId.EMPTY]


def test_length_is_counted_in_characters() -> None:
    assert ids("陈" * 600) == []
    (refusal,) = refusals("陈" * 612, STRICT)
    assert (refusal.id, dict(refusal.args)) == (RefusalId.TOO_LONG, {"limit": "600", "length": "612", "over": "12"})


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(), []),
        (Standing(unanswered=4, can_send=True), []),
        (Standing(unanswered=5), [RefusalId.UNANSWERED]),
        (Standing(can_send=False), [RefusalId.CANNOT_SEND]),
    ],
)
def test_the_thread_must_take_one_more(standing: Standing, expected: list[RefusalId]) -> None:
    assert ids("Hello", STRICT, standing) == expected
    assert ids("Hello", Given(unanswered_max=None), Standing(unanswered=99)) == []


def test_a_variable_without_its_value_is_not_sent() -> None:
    (refusal,) = refusals("Order {order} of {Buyer} leaves {soon} :-{", STRICT)
    assert (refusal.id, refusal.args["names"]) == (RefusalId.UNFILLED, "{order} {buyer}")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    text = "https://bags.test +6681234567890 " + "x" * 600
    assert ids(text) == [RefusalId.TOO_LONG, RefusalId.NO_LINKS, RefusalId.NO_CONTACTS]


@given(st.text(max_size=80))
def test_any_text_is_judged(text: str) -> None:
    for refusal in refusals(text, STRICT):
        if refusal.id in (RefusalId.NO_LINKS, RefusalId.NO_CONTACTS):
            assert refusal.args["found"]

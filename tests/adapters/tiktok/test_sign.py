"""Every published and own signature vector, and that a sent request carries exactly what was signed."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.tiktok.auth import Signature, sign
from shoptui.clock import DrivenClock
from tests.adapters.tiktok.support import APP, CIPHER

_HOOKS = [("app_key", "68xu9ks5p4i8"), ("timestamp", "1696909648"), ("shop_cipher", "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK")]

PUBLISHED = [
    (
        "/authorization/202309/shops",
        [("app_key", "29a39d"), ("timestamp", "1623812664")],
        "",
        "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
    ),
    ("/event/202309/webhooks", _HOOKS, "", "ed58e1b5e59865c22a7b828c1cab65007441f43cc91a6cb2f2cdc638e0995a37"),
    (
        "/event/202309/webhooks",
        _HOOKS,
        '{"event_type":"PACKAGE_UPDATE","address":"https://partner.tiktokshop.com"}',
        "701dd6deb2389fe4c469b89bd37fc56f96a6da6afeb4d01c9077a65169752fa7",
    ),
    (
        "/event/202309/webhooks",
        _HOOKS,
        '{"address":"https://partner.tiktokshop.com","event_type":"PACKAGE_UPDATE"}',
        "cd0d6268252f4ba293bf7ea4c0a2873bf9beec600d22530638564ab301435f7a",
    ),
]

_MESSAGES = "/customer_service/202309/conversations/7494560109732334261/messages"
_HELLO = '{"type":"TEXT","content":"{\\"content\\": \\"Xin chào 👋, đơn hàng đã gửi.\\"}"}'
_SEARCH_BODY = '{"order_status":"AWAITING_SHIPMENT","create_time_ge":1767139200,"create_time_lt":1767225600}'
_SEARCH = {"page_size": "50", "page_token": "b2Zmc2V0PTIw+/8=", "sort_field": "create_time", "sort_order": "ASC"}
_JSON = "application/json"
_V5 = "e40cc8b4da810e412ed47f1659a4e06cd7e668cd9adf1a04c400db056f39a671"
_V5B = "01f773370583117e1192243100d846d9d3db83750274c3d256f72ad0f80c13fe"
_SHIP = "/fulfillment/202309/packages/1153132168123456789/ship"

OWN = {
    "V1": (
        ("GET", "/order/202507/orders", {"ids": "577086512123755123,577086512123755999"}, "", _JSON),
        "0ef9943fd370dd4281c8c26a70527952ec89d5de1b8031a7d98f05fcd9e8e1b0",
    ),
    "V2": (
        ("POST", "/order/202309/orders/search", _SEARCH, _SEARCH_BODY, _JSON),
        "c1c5c22e39f4a16f80ffaa8674c173882dac257f020bda063b8d83dfca29fb18",
    ),
    "V3": (
        ("POST", _MESSAGES, {}, _HELLO, "application/json; charset=utf-8"),
        "6f602dc5e230c420ceaec52e1468314049797c2f9abbc5ef8a15f81b7a138f6b",
    ),
    "V4": (
        ("POST", "/customer_service/202309/images/upload", {}, "any bytes", "multipart/form-data; boundary=b1"),
        "9906c09f2a78ce9a73e82be08ad17a599a9811364825e63babf2478d6aa97eae",
    ),
    "V5": (("POST", _SHIP, {}, "{}", _JSON), _V5),
    "V5b": (("POST", _SHIP, {}, "", _JSON), _V5B),
}


@pytest.mark.parametrize(("path", "params", "body", "expected"), PUBLISHED)
def test_published_vectors(path: str, params: list[tuple[str, str]], body: str, expected: str) -> None:
    assert sign("e59af819cc", path, params, body.encode(), _JSON) == expected


def signed(request: httpx.Request, clock: DrivenClock) -> httpx.Request:
    return next(Signature(APP, "ROW_token", clock).auth_flow(request))


@pytest.mark.parametrize("name", OWN)
def test_own_vectors_on_requests_as_they_are_sent(name: str, clock: DrivenClock) -> None:
    (method, path, params, body, content_type), expected = OWN[name]
    request = httpx.Request(
        method,
        f"http://api.test{path}",
        params={**params, "shop_cipher": CIPHER},
        content=body.encode(),
        headers={"content-type": content_type},
    )
    sent = signed(request, clock)
    assert sent.url.params["sign"] == expected
    assert sent.url.params["timestamp"] == "1767225600"
    assert sent.headers["x-tts-access-token"] == "ROW_token"


def test_special_characters_travel_encoded_and_are_signed_decoded(clock: DrivenClock) -> None:
    (method, path, params, body, content_type), _ = OWN["V2"]
    request = httpx.Request(
        method, f"http://api.test{path}", params=params, content=body.encode(), headers={"content-type": content_type}
    )
    sent = signed(request, clock)
    assert b"page_token=b2Zmc2V0PTIw%2B%2F8%3D" in sent.url.query
    assert sent.url.params["page_token"] == "b2Zmc2V0PTIw+/8="


def test_each_attempt_is_signed_afresh(clock: DrivenClock) -> None:
    request = httpx.Request("GET", "http://api.test/order/202309/orders", params={"ids": "1"})
    first = dict(signed(request, clock).url.params)
    clock.advance(7)
    second = dict(signed(request, clock).url.params)
    assert int(second["timestamp"]) - int(first["timestamp"]) == 7
    assert first["sign"] != second["sign"]
    assert set(first) == {"ids", "app_key", "timestamp", "sign"} == set(second)


def test_world_time_does_not_reach_the_signature(clock: DrivenClock) -> None:
    clock.advance_world(86400)
    sent = signed(httpx.Request("GET", "http://api.test/x"), clock)
    assert sent.url.params["timestamp"] == "1767225600"


@given(st.dictionaries(st.text("abcdefgh_", min_size=1), st.text(max_size=12), max_size=6), st.randoms())
def test_the_order_of_parameters_does_not_matter(params: dict[str, str], random: object) -> None:
    pairs = list(params.items())
    shuffled = pairs[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sign("s", "/p", pairs) == sign("s", "/p", shuffled)
    assert sign("s", "/p", [*pairs, ("sign", "x"), ("access_token", "y")]) == sign("s", "/p", pairs)

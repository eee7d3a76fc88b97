"""Signatures, against the sheet's vectors; links, codes and moments."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shoptui.adapters.consent import CodeWrong
from shoptui.adapters.lazada.auth import FORM, Signature, pasted_code, sign
from shoptui.adapters.lazada.times import from_number, moment, wire_time
from shoptui.adapters.lazada.ventures import VENTURES, base_url_for, offset_s, venture_of
from shoptui.clock import DrivenClock
from tests.adapters.lazada.support import APP, ScriptedShop, params_of

SECRET = APP.app_secret
COMMON = {"app_key": "900001", "sign_method": "sha256"}
TOKEN = "50000600531rOf4aPkTzGq1"
PACK_REQ = (
    '{"pack_order_list":[{"order_id":881234567890123,"order_item_list":[881234567990123,881234568090123]}],'
    '"delivery_type":"dropship","shipping_allocate_type":"TFS"}'
)
REFRESH_TOKEN = "50001600212wcwiOabwyjtEH11acc19aBOvQr9ZYkYDlr987D8BB88LIB8bj"

VECTORS = [
    (
        SECRET,
        "/auth/token/create",
        {**COMMON, "code": "0_900001_Zt7kQmV2p9", "timestamp": "1767225600000"},
        "A58D33FF3CE8DA4CA44FF7B48CF94FFD0229563DCCB3EA53DAD774D1EBBFEF8D",
    ),
    (
        SECRET,
        "/orders/get",
        {
            **COMMON,
            "access_token": TOKEN,
            "created_after": "2025-12-31T00:00:00+08:00",
            "limit": "100",
            "offset": "0",
            "sort_by": "updated_at",
            "sort_direction": "ASC",
            "status": "pending",
            "timestamp": "1767225601000",
        },
        "497F0ACE393E018EB91E8634BF8513727332751CF38F7B2C6FE4A0FB3AD1F419",
    ),
    (
        SECRET,
        "/order/fulfill/pack",
        {**COMMON, "access_token": TOKEN, "packReq": PACK_REQ, "timestamp": "1767225602000"},
        "2D2422C9A7C9DE452EAC746496BDBE75E464929F356F9A5424E07483C6E85F27",
    ),
    (
        SECRET,
        "/im/message/send",
        {
            **COMMON,
            "access_token": TOKEN,
            "partner_id": "lazop-sdk-python-20181207",
            "session_id": "100200300_2_400500600_1_103",
            "template_id": "1",
            "txt": "สวัสดีค่ะ – đơn hàng #881 & 10% off ✓",
            "timestamp": "1767225603000",
        },
        "824E45EC943F7351E91DC2DD88914E167F5BE0248EE61F10F8B7B99BC62A13F7",
    ),
    (
        SECRET,
        "/auth/token/refresh",
        {**COMMON, "access_token": "", "refresh_token": REFRESH_TOKEN, "timestamp": "1767225604000"},
        "2DEFC5C05751E5C9F4F1A363BE7A0D0F3054083A2709967C25CFD0350E61E202",
    ),
    (
        SECRET,
        "/auth/token/refresh",
        {**COMMON, "refresh_token": REFRESH_TOKEN, "timestamp": "1767225604000"},
        "2FC70ED6620387D33D790CF3EF8F275533C255D85B45B95B28D8FB470C3A17AE",
    ),
    (
        "helloworld",
        "/order/get",
        {
            "access_token": "test",
            "app_key": "123456",
            "order_id": "1234",
            "sign_method": "sha256",
            "timestamp": "1517820392000",
        },
        "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A",
    ),
    (
        "test-secret",
        "/order/cancel",
        {"app_key": "123456", "timestamp": "1700000000000", "sign_method": "sha256", "access_token": "test-token"},
        "91375F42B474CECEE7172759B6400E74F10FBB6E9E9E145EA2A27DFA17556B18",
    ),
    (
        "1234",
        "/test/api",
        {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4"},
        "988085883BF9D32D251478D23122C7ECC91518CDF63BA22F792000A378F52409",
    ),
]


@pytest.mark.parametrize(("secret", "path", "params", "expected"), VECTORS)
def test_vectors(secret: str, path: str, params: dict[str, str], expected: str) -> None:
    assert sign(secret, path, params.items()) == expected
    # What is signed already does not change what is signed.
    assert sign(secret, path, [*params.items(), ("sign", "x")]) == expected


def test_upper_case_names_come_before_lower_case_ones() -> None:
    pairs = [("access_token", "t"), ("TradeOrderId", "1")]
    assert sign("s", "/p", pairs) == sign("s", "/p", reversed(pairs))
    assert sign("s", "/pTradeOrderId1access_tokent", []) == sign("s", "/p", pairs)


def test_a_form_is_signed_with_its_query_and_every_attempt_anew(clock: DrivenClock) -> None:
    auth = Signature(APP, clock, "/order/fulfill/pack", TOKEN)
    clock.advance(2)
    seen = []
    for _ in range(2):
        request = httpx.Request(
            "POST",
            "http://api.test/rest/order/fulfill/pack",
            content=httpx.QueryParams({"packReq": PACK_REQ}).__str__().encode(),
            headers={"content-type": FORM},
        )
        next(auth.auth_flow(request))
        seen.append(params_of(request))
        clock.advance(1)
    assert seen[0]["sign"] == VECTORS[2][3]
    assert seen[0]["packReq"] == PACK_REQ
    assert seen[0]["access_token"] == TOKEN
    assert [int(each["timestamp"]) for each in seen] == [1767225602000, 1767225603000]
    assert seen[1]["sign"] != seen[0]["sign"]


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        ("0_900001_Zt7kQmV2p9", "0_900001_Zt7kQmV2p9", None),
        ("  0_900001_Zt7kQmV2p9\n", "0_900001_Zt7kQmV2p9", None),
        ("https://shop.invalid/back?code=0_900001_Zt7kQmV2p9&state=abc", "0_900001_Zt7kQmV2p9", "abc"),
        ("code=0_900001_Zt7kQmV2p9&state=abc", "0_900001_Zt7kQmV2p9", "abc"),
    ],
)
def test_codes_are_found_in_what_is_pasted(text: str, code: str, state: str | None) -> None:
    found = pasted_code(text, "900001")
    assert (found.code, found.state) == (code, state)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_a_code"),
        ("hello world", "not_a_code"),
        ("https://shop.invalid/back?state=abc", "not_a_code"),
        ("https://shop.invalid/back?code=null", "not_a_code"),
        ("https://shop.invalid/back?error=access_denied", "seller_refused"),
        ("0_123456_Zt7kQmV2p9", "other_app"),
    ],
)
def test_what_is_no_code_of_this_app_is_said(text: str, reason: str) -> None:
    with pytest.raises(CodeWrong) as caught:
        pasted_code(text, "900001")
    assert caught.value.reason == reason
    assert caught.value.message.endswith((".", "?"))


@pytest.mark.parametrize(
    ("consent_url", "page", "callback"),
    [
        ("", "http://auth.test/oauth/authorize", "http://auth.test"),
        ("https://shop.invalid/back", "http://auth.test/oauth/authorize", "https://shop.invalid/back"),
        (
            "https://auth.lazada.com/oauth/authorize?response_type=token&client_id=900001"
            "&redirect_uri=https://shop.invalid/cb&country=my,sg",
            "https://auth.lazada.com/oauth/authorize",
            "https://shop.invalid/cb",
        ),
    ],
)
def test_the_link_names_app_callback_and_state(consent_url: str, page: str, callback: str, clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {}, app=replace(APP, consent_url=consent_url))
    parts = urlsplit(shop.shop.consent.link("s t&te"))
    query = parse_qs(parts.query)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == page
    assert query["redirect_uri"] == [callback]
    assert query["state"] == ["s t&te"]
    assert query["client_id"] == ["900001"]
    assert query["response_type"] == ["code"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-05 09:14:22 +0800", 1767575662),
        ("2026-01-05 09:14:22", 1767575662),
        ("2026-01-05T01:14:22+00:00", 1767575662),
        ("2026-01-07T23:59:59+08:00", 1767801599),
    ],
)
def test_moments_of_every_form(text: str, at: int) -> None:
    assert moment(text, offset_s("MY")) == at


def test_a_moment_without_offset_is_the_ventures_own() -> None:
    assert moment("2026-01-05 09:14:22", offset_s("TH")) - moment("2026-01-05 09:14:22", offset_s("MY")) == 3600
    with pytest.raises(ValueError, match="no time"):
        moment("soon", 0)


def test_written_moments_are_read_back() -> None:
    for region in VENTURES:
        text = wire_time(1767575662, offset_s(region))
        assert text[-6] == "+"
        assert moment(text, 0) == 1767575662


@pytest.mark.parametrize(
    ("number", "at"), [(1767575680000, 1767575680), (1734669213, 1734669213), (0, None), (None, None)]
)
def test_milliseconds_and_seconds_are_told_apart(number: int | None, at: int | None) -> None:
    assert from_number(number) == at


def test_every_venture_has_its_own_host_and_other_addresses_serve_all() -> None:
    hosts = {urlsplit(base_url_for("https://api.lazada.sg/rest", region)).hostname for region in VENTURES}
    assert hosts == {venture.host for venture in VENTURES.values()}
    assert base_url_for("http://127.0.0.1:9/rest/", "MY") == "http://127.0.0.1:9/rest"
    assert base_url_for("http://127.0.0.1:9/{country}/rest", "MY") == "http://127.0.0.1:9/my/rest"
    assert (
        base_url_for("http://127.0.0.1:9", "MY")
        == base_url_for("http://127.0.0.1:9/", "MY")
        == "http://127.0.0.1:9/rest"
    )
    assert base_url_for("https://api.lazada.sg", "TH") == "https://api.lazada.co.th/rest"
    assert (venture_of("VN344XRB8H"), venture_of("my"), venture_of("cb")) == ("VN", "MY", "")

"""The signature against published vectors and against one computed for the sandbox's sheet."""

from __future__ import annotations

import pytest

from shoptui.sandbox.lazada.signing import base_string, is_signed, sign

SECRET = "5and80x5hopTu1SecretKey00000001"
COMMON = {"app_key": "900001", "sign_method": "sha256"}
TOKEN = {"access_token": "50000600531rOf4aPkTzGq1"}
PACK = (
    '{"pack_order_list":[{"order_id":881234567890123,"order_item_list":[881234567990123,881234568090123]}],'
    '"delivery_type":"dropship","shipping_allocate_type":"TFS"}'
)
REFRESH = {
    "timestamp": "1767225604000",
    "access_token": "",
    "refresh_token": "50001600212wcwiOabwyjtEH11acc19aBOvQr9ZYkYDlr987D8BB88LIB8bj",
}

VECTORS = [
    (
        SECRET,
        "/auth/token/create",
        COMMON | {"code": "0_900001_Zt7kQmV2p9", "timestamp": "1767225600000"},
        "A58D33FF3CE8DA4CA44FF7B48CF94FFD0229563DCCB3EA53DAD774D1EBBFEF8D",
    ),
    (
        SECRET,
        "/orders/get",
        COMMON
        | TOKEN
        | {
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
        COMMON | TOKEN | {"timestamp": "1767225602000", "packReq": PACK},
        "2D2422C9A7C9DE452EAC746496BDBE75E464929F356F9A5424E07483C6E85F27",
    ),
    (
        SECRET,
        "/im/message/send",
        COMMON
        | TOKEN
        | {
            "timestamp": "1767225603000",
            "partner_id": "lazop-sdk-python-20181207",
            "session_id": "100200300_2_400500600_1_103",
            "template_id": "1",
            "txt": "สวัสดีค่ะ – đơn hàng #881 & 10% off ✓",
        },
        "824E45EC943F7351E91DC2DD88914E167F5BE0248EE61F10F8B7B99BC62A13F7",
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
        {
            "app_key": "123456",
            "timestamp": "1700000000000",
            "sign_method": "sha256",
            "access_token": "test-token",
        },
        "91375F42B474CECEE7172759B6400E74F10FBB6E9E9E145EA2A27DFA17556B18",
    ),
    (
        "1234",
        "/test/api",
        {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4"},
        "988085883BF9D32D251478D23122C7ECC91518CDF63BA22F792000A378F52409",
    ),
]


@pytest.mark.parametrize(("secret", "path", "parameters", "wanted"), VECTORS)
def test_vectors(secret: str, path: str, parameters: dict[str, str], wanted: str) -> None:
    assert sign(secret, path, parameters) == wanted
    assert is_signed(wanted, secret, path, parameters | {"sign": wanted})
    assert not is_signed(wanted.lower(), secret, path, parameters)


def test_both_ways_with_empty_parameters_pass() -> None:
    kept = sign(SECRET, "/auth/token/refresh", COMMON | REFRESH)
    skipped = sign(SECRET, "/auth/token/refresh", COMMON | REFRESH, skip_empty=True)
    assert kept == "2DEFC5C05751E5C9F4F1A363BE7A0D0F3054083A2709967C25CFD0350E61E202"
    assert skipped == "2FC70ED6620387D33D790CF3EF8F275533C255D85B45B95B28D8FB470C3A17AE"
    for one in (kept, skipped):
        assert is_signed(one, SECRET, "/auth/token/refresh", COMMON | REFRESH)


def test_upper_case_sorts_before_lower_case() -> None:
    assert base_string("/p", {"a": "1", "_b": "2", "Z": "3"}) == "/pZ3_b2a1"

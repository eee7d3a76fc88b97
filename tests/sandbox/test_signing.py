"""The published and our own signature vectors against the sandbox's verifier."""

from __future__ import annotations

import pytest

from shoptui.sandbox.tiktok.signing import is_signed, sign

OFFICIAL = "e59af819cc"
OWN = "7f3a9c5e1b2d4f6081a2b3c4d5e6f70819a2b3c4"
CIPHER = "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK"
WEBHOOK_QUERY = [("app_key", "68xu9ks5p4i8"), ("timestamp", "1696909648"), ("shop_cipher", CIPHER)]
COMMON = [
    ("app_key", "6abcd12efgh34"),
    ("timestamp", "1767225600"),
    ("shop_cipher", "ROW_k9Xw2AAAAAB-cD_3fG7hJ=="),
]

VECTORS = {
    "authorized shops": (
        OFFICIAL,
        "/authorization/202309/shops",
        [("app_key", "29a39d"), ("timestamp", "1623812664")],
        b"",
        "",
        "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
    ),
    "webhooks": (
        OFFICIAL,
        "/event/202309/webhooks",
        WEBHOOK_QUERY,
        b"",
        "",
        "ed58e1b5e59865c22a7b828c1cab65007441f43cc91a6cb2f2cdc638e0995a37",
    ),
    "webhook body": (
        OFFICIAL,
        "/event/202309/webhooks",
        WEBHOOK_QUERY,
        b'{"event_type":"PACKAGE_UPDATE","address":"https://partner.tiktokshop.com"}',
        "application/json",
        "701dd6deb2389fe4c469b89bd37fc56f96a6da6afeb4d01c9077a65169752fa7",
    ),
    "body keys swapped": (
        OFFICIAL,
        "/event/202309/webhooks",
        WEBHOOK_QUERY,
        b'{"address":"https://partner.tiktokshop.com","event_type":"PACKAGE_UPDATE"}',
        "application/json",
        "cd0d6268252f4ba293bf7ea4c0a2873bf9beec600d22530638564ab301435f7a",
    ),
    "V1 list parameter": (
        OWN,
        "/order/202507/orders",
        [*COMMON, ("ids", "577086512123755123,577086512123755999")],
        b"",
        "",
        "0ef9943fd370dd4281c8c26a70527952ec89d5de1b8031a7d98f05fcd9e8e1b0",
    ),
    "V2 page token": (
        OWN,
        "/order/202309/orders/search",
        [
            *COMMON,
            ("page_size", "50"),
            ("page_token", "b2Zmc2V0PTIw+/8="),
            ("sort_field", "create_time"),
            ("sort_order", "ASC"),
        ],
        b'{"order_status":"AWAITING_SHIPMENT","create_time_ge":1767139200,"create_time_lt":1767225600}',
        "application/json",
        "c1c5c22e39f4a16f80ffaa8674c173882dac257f020bda063b8d83dfca29fb18",
    ),
    "V3 non-ASCII body": (
        OWN,
        "/customer_service/202309/conversations/7494560109732334261/messages",
        COMMON,
        '{"type":"TEXT","content":"{\\"content\\": \\"Xin chào 👋, đơn hàng đã gửi.\\"}"}'.encode(),
        "application/json; charset=utf-8",
        "6f602dc5e230c420ceaec52e1468314049797c2f9abbc5ef8a15f81b7a138f6b",
    ),
    "V4 multipart": (
        OWN,
        "/customer_service/202309/images/upload",
        COMMON,
        b"--b1 whatever --b1--",
        "multipart/form-data; boundary=b1",
        "9906c09f2a78ce9a73e82be08ad17a599a9811364825e63babf2478d6aa97eae",
    ),
    "V5 empty object signed literally": (
        OWN,
        "/fulfillment/202309/packages/1153132168123456789/ship",
        COMMON,
        b"{}",
        "application/json",
        "e40cc8b4da810e412ed47f1659a4e06cd7e668cd9adf1a04c400db056f39a671",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_gives_its_signature_and_passes(name: str) -> None:
    secret, path, query, body, content_type, expected = VECTORS[name]
    assert sign(secret, path, query, body, content_type) == expected
    signed = [*query, ("sign", expected)]
    assert is_signed(secret, path, signed, body, content_type, is_get=not body)


def test_an_empty_object_may_be_signed_as_no_body() -> None:
    path = "/fulfillment/202309/packages/1153132168123456789/ship"
    empty = "01f773370583117e1192243100d846d9d3db83750274c3d256f72ad0f80c13fe"
    assert sign(OWN, path, COMMON) == empty
    signed = [*COMMON, ("sign", empty)]
    assert is_signed(OWN, path, signed, b"{}", "application/json", is_get=False)
    assert not is_signed(OWN, path, signed, b'{"a":1}', "application/json", is_get=False)


def test_uppercase_hex_is_refused() -> None:
    secret, path, query, body, content_type, expected = VECTORS["V2 page token"]
    assert not is_signed(secret, path, [*query, ("sign", expected.upper())], body, content_type, is_get=False)


def test_a_body_on_get_does_not_count() -> None:
    secret, path, query, _, content_type, expected = VECTORS["authorized shops"]
    assert is_signed(secret, path, [*query, ("sign", expected)], b'{"x":1}', content_type, is_get=True)


def test_access_token_in_the_query_is_not_signed_but_shop_id_is() -> None:
    secret, path, query, _, _, expected = VECTORS["authorized shops"]
    assert sign(secret, path, [*query, ("access_token", "ROW_abc")]) == expected
    assert sign(secret, path, [*query, ("shop_id", "")]) != expected

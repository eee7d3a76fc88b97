"""The sheet's signature vectors against the sandbox's verifier."""

from __future__ import annotations

import pytest

from shoptui.sandbox.shopee.signing import same, sign

KEY = "6f3d9a1c5be24870a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778"
TOKEN = "4f6c7a715357776d6b4d6e5a78414142"
MERCHANT_TOKEN = "71756b654d65726368616e74546f6b31"


@pytest.mark.parametrize(
    ("path", "token", "object_id", "wanted"),
    [
        ("/api/v2/auth/token/get", "", "", "678ff814febe7cc12c906b0fc379bb2c78afd0e8c4c026dd00e697caf8f99cd1"),
        (
            "/api/v2/order/get_order_list",
            TOKEN,
            "224460123",
            "f22edc4dad4c0482aed2bad3a09c69a352878e78bdcc74fd92f385c8513253cc",
        ),
        (
            "/api/v2/merchant/get_shop_list_by_merchant",
            MERCHANT_TOKEN,
            "1000321",
            "d3734021aabcc3421a66ea9eef2d185d7398e6dd9e153e192b90c1b1fbd4917e",
        ),
        ("/api/v2/shop/auth_partner", "", "", "551aeeb5794bd7aaa8441b4a6adeecae96b0c0a59d07efe1312aa237cb516bbe"),
    ],
)
def test_vectors(path: str, token: str, object_id: str, wanted: str) -> None:
    assert same(sign(KEY, "2007001", path, "1760000000", token, object_id), wanted)


def test_the_key_is_text_and_its_prefix_counts() -> None:
    plain = sign(KEY, "2007001", "/api/v2/auth/token/get", "1760000000")
    assert not same(sign(f"shpk{KEY}", "2007001", "/api/v2/auth/token/get", "1760000000"), plain)
    assert not same(sign(KEY.upper(), "2007001", "/api/v2/auth/token/get", "1760000000"), plain)

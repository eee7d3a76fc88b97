"""Who gets in: the order of checks, their words and HTTP statuses, permissions and rates."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.shopee.signing import sign
from shoptui.sandbox.testing import running_sandbox

from .caller import PREFIX, Caller

INFO = PREFIX + "shop/get_shop_info"


async def _altered(caller: Caller, change: dict[str, Any]) -> tuple[int, str, str]:
    """Send a good call with some parameters replaced after signing (None: left out)."""
    params = {**caller.common(INFO), **change}
    reply = await caller.raw("GET", INFO, {name: value for name, value in params.items() if value is not None})
    return reply.status, reply.error, reply.message


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"partner_id": None}, "error_param", "There is no partner_id in query."),
        ({"partner_id": "abc"}, "error_param", "Invalid partner_id."),
        ({"partner_id": "4294967296"}, "error_param", "Invalid partner_id."),
        ({"partner_id": "2999999"}, "invalid_partner_id", "partner_id is invalid"),
        ({"timestamp": None}, "error_param", "no timestamp"),
        ({"timestamp": "now"}, "error_param", "Invalid timestamp"),
        ({"timestamp": "1500000000"}, "error_param", "Timestamp is expired."),
        ({"sign": None}, "error_param", "There is no sign in query."),
        ({"sign": "0" * 64}, "error_sign", "Wrong sign."),
        ({"shop_id": "1"}, "error_sign", "Wrong sign."),
    ],
)
async def test_common_parameters(caller: Caller, change: dict[str, Any], error: str, message: str) -> None:
    assert await _altered(caller, change) == (200, error, message)


async def test_other_parameters_are_not_signed(caller: Caller) -> None:
    assert (await _altered(caller, {"unknown": "1"}))[1] == ""


async def test_token_and_shop_are_wanted_after_the_signature(caller: Caller) -> None:
    public = caller.common(INFO, public=True)
    assert (await caller.raw("GET", INFO, public)).message == "There is no access_token in query."
    timestamp = public["timestamp"]
    token = caller.shop.access_token
    signature = sign(caller.sandbox.app_secret, caller.sandbox.app_key, INFO, timestamp, token)
    params = {**public, "access_token": token, "sign": signature}
    assert (await caller.raw("GET", INFO, params)).message == "There is no shop_id in query."


async def _signed(caller: Caller, token: str, shop_id: str) -> tuple[str, str]:
    timestamp = str(int(caller.sandbox.clocks.wire_now()))
    key, secret = caller.sandbox.app_key, caller.sandbox.app_secret
    params = {
        "partner_id": key,
        "timestamp": timestamp,
        "access_token": token,
        "shop_id": shop_id,
        "sign": sign(secret, key, INFO, timestamp, token, shop_id),
    }
    reply = await caller.raw("GET", INFO, params)
    return reply.error, reply.message


async def test_tokens_are_checked_against_their_shop(caller: Caller) -> None:
    mine, other = caller.sandbox.shops[:2]
    assert await _signed(caller, mine.access_token, mine.id) == ("", "")
    wrong = ("invalid_acceess_token", "Invalid access_token, please have a check.")
    assert await _signed(caller, "f" * 32, mine.id) == wrong
    assert await _signed(caller, other.access_token, mine.id) == ("error_auth", "Invalid partner_id or shopid.")
    caller.sandbox.poke("expire_token", shop_id=mine.id)
    assert await _signed(caller, mine.access_token, mine.id) == wrong
    caller.sandbox.poke("revoke_token", shop_id=other.id)
    assert (await _signed(caller, other.access_token, other.id))[0] == "shop_no_linked"


@pytest.mark.parametrize(
    ("method", "operation"),
    [("GET", "logistics/get_order_list"), ("POST", "order/get_order_list"), ("GET", "nothing")],
)
async def test_an_unknown_path_is_a_404_with_a_bare_body(caller: Caller, method: str, operation: str) -> None:
    path = PREFIX + operation
    reply = await caller.raw(method, path, caller.common(path))
    assert (reply.status, reply.body) == (404, {"error": "error_not_found"})


async def test_public_calls_may_be_signed_like_shop_calls(caller: Caller) -> None:
    plain = await caller.get("public/get_shops_by_partner", public=True, page_size=3, page_no=1)
    assert plain.error == "" and plain.data is None
    assert [row["shop_id"] for row in plain.body["authed_shop_list"]] == [
        int(shop.id) for shop in caller.sandbox.shops[:3]
    ]
    assert plain.body["more"] is True
    assert (await caller.get("public/get_shops_by_partner", page_no=2, page_size=3)).body["more"] is False


async def test_a_module_taken_away_closes_only_its_calls(caller: Caller) -> None:
    caller.sandbox.poke("revoke_scope", shop_id=caller.shop.id, scope="order")
    assert (await caller.listed()).error == "error_api_permission"
    assert (await caller.get("logistics/get_channel_list")).error == ""


async def test_the_shop_tells_itself_beside_the_error(caller: Caller) -> None:
    reply = await caller.get("shop/get_shop_info")
    assert reply.data is None and reply.body["shop_name"] == caller.shop.name
    assert reply.body["expire_time"] - reply.body["auth_time"] == 365 * 86_400
    assert len(reply.body["request_id"]) == 32


class Watch:
    """A wire clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("age_s", "error"), [(300, ""), (301, "error_param"), (-300, ""), (-301, "error_param")])
async def test_the_time_window_is_five_minutes_to_either_side(http: httpx.AsyncClient, age_s: int, error: str) -> None:
    watch = Watch()
    async with running_sandbox(stores=1, orders=0, wire=watch, markets=("shopee",)) as live:
        caller = Caller(live, http)
        params = caller.common(INFO)
        watch.now += age_s
        assert (await caller.raw("GET", INFO, params)).error == error


async def test_too_many_calls_are_refused_with_status_200(http: httpx.AsyncClient) -> None:
    watch = Watch()
    settings = Settings(calls_per_s=3)
    async with running_sandbox(stores=2, orders=0, wire=watch, settings=settings, markets=("shopee",)) as live:
        caller = Caller(live, http)
        assert [(await caller.get("shop/get_shop_info")).error for _ in range(3)] == [""] * 3
        refused = await caller.get("shop/get_shop_info")
        assert (refused.status, refused.error) == (200, "error_rate_limit")
        assert (await Caller(live, http, live.shops[1]).get("shop/get_shop_info")).error == ""
        watch.now += 1.01
        assert (await caller.get("shop/get_shop_info")).error == ""


@pytest.mark.parametrize(
    ("do", "status", "error", "retry_after"),
    [
        ({"status": 429, "retry_after_s": 3}, 429, "error_rate_limit", "3"),
        ({"status": 403}, 403, "source_ip_undeclared", None),
        ({"code": "error_kyc_auth", "message": "registration"}, 200, "error_kyc_auth", None),
        ({"expired_token": True}, 200, "invalid_acceess_token", None),
    ],
)
async def test_faults_speak_the_marketplaces_words(
    caller: Caller, do: dict[str, Any], status: int, error: str, retry_after: str | None
) -> None:
    rule = {"match": {"path": "get_shop_info$", "shop_id": caller.shop.id}, "do": do}
    caller.sandbox.faults.replace([rule])
    reply = await caller.get("shop/get_shop_info")
    assert (reply.status, reply.error, reply.headers.get("retry-after")) == (status, error, retry_after)
    assert (await Caller(caller.sandbox, caller.client, caller.sandbox.shops[1]).get("shop/get_shop_info")).error == ""

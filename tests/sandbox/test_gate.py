"""Who gets in: the order of checks, their codes and HTTP statuses, versions, sizes and rates."""

from __future__ import annotations

import httpx
import pytest

from shoptui.sandbox.settings import Settings
from shoptui.sandbox.testing import LiveSandbox, running_sandbox
from shoptui.sandbox.tiktok.signing import sign

from .caller import Caller, Pairs

SEARCH = "/order/202309/orders/search"


async def _altered(
    caller: Caller, change: dict[str, str | None], path: str = SEARCH, *, resign: bool = True
) -> tuple[int, int, str]:
    """Send a good call with some parameters replaced (None: left out); signed after the change or before it."""
    pairs: Pairs = caller.pairs([("page_size", "10")])
    signature = sign(caller.sandbox.app_secret, path, pairs, b"{}")
    changed = [(name, change.get(name, value)) for name, value in pairs]
    changed += [(name, value) for name, value in change.items() if name not in dict(pairs)]
    kept = [(name, value) for name, value in changed if value is not None]
    if "sign" not in change:
        kept.append(("sign", sign(caller.sandbox.app_secret, path, kept, b"{}") if resign else signature))
    reply = await caller.raw("POST", path, kept, b"{}", caller.headers())
    return reply.status, reply.code, reply.message


@pytest.mark.parametrize(
    ("change", "status", "code", "word"),
    [
        ({"app_key": None}, 400, 36009004, "app_key"),
        ({"app_key": "6nosuchkey"}, 400, 36009004, "app_key"),
        ({"timestamp": None}, 400, 36009004, "timestamp"),
        ({"timestamp": "-1767225600"}, 400, 36009004, "timestamp"),
        ({"timestamp": "1767225600000"}, 400, 36009004, "timestamp"),
        ({"timestamp": "1600000000"}, 400, 36009004, "timestamp"),
        ({"sign": None}, 400, 36009004, "sign"),
        ({"sign": "0" * 64}, 401, 106001, "sign"),
        ({"shop_cipher": None}, 400, 106013, "shop_cipher"),
        ({"shop_cipher": "ROW_unknown"}, 400, 36009004, "shop_cipher"),
        ({"shop_id": "123"}, 400, 36009004, "shop_id"),
        ({"page_size": None}, 400, 36009004, "page_size"),
        ({"page_size": "0"}, 400, 36009004, "page_size"),
        ({"page_size": "101"}, 400, 36009004, "page_size"),
        ({"page_size": "ten"}, 400, 36009004, "page_size"),
        ({"sort_field": "total"}, 400, 36009004, "sort_field"),
        ({"sort_order": "asc"}, 400, 36009004, "sort_order"),
        ({"page_token": "bm90IG91cnM="}, 400, 36009004, "page_token"),
    ],
)
async def test_a_wrong_parameter_is_named(
    caller: Caller, change: dict[str, str | None], status: int, code: int, word: str
) -> None:
    got_status, got_code, message = await _altered(caller, change)
    assert (got_status, got_code) == (status, code)
    assert word in message


@pytest.mark.parametrize("extra", [{"shop_id": ""}, {"version": "202309"}, {"access_token": "ROW_x"}])
async def test_parameters_of_the_testing_tool_are_tolerated(caller: Caller, extra: dict[str, str | None]) -> None:
    assert (await _altered(caller, extra))[1] == 0


async def test_a_parameter_changed_after_signing_is_noticed(caller: Caller) -> None:
    assert (await _altered(caller, {"page_size": "11"}, resign=False))[1] == 106001


async def test_app_key_is_checked_before_the_signature_and_the_signature_before_the_token(caller: Caller) -> None:
    assert (await _altered(caller, {"app_key": "6nope", "sign": "0" * 64}))[1] == 36009004
    pairs = caller.pairs([("sign", "0" * 64)])
    assert (await caller.raw("POST", SEARCH, pairs, b"", {})).code == 106001


@pytest.mark.parametrize(("token", "code"), [("", 36009004), ("garbage", 36009004), ("ROW_0123456789abcdef", 105001)])
async def test_tokens_are_checked(caller: Caller, token: str, code: int) -> None:
    pairs = caller.pairs([("page_size", "10")])
    pairs.append(("sign", sign(caller.sandbox.app_secret, SEARCH, pairs)))
    reply = await caller.raw("POST", SEARCH, pairs, b"", {"x-tts-access-token": token} if token else {})
    assert reply.code == code


async def test_a_token_of_another_shop_does_not_match_the_cipher(caller: Caller) -> None:
    other = caller.sandbox.shops[1]
    pairs = caller.pairs([("page_size", "10")])
    pairs.append(("sign", sign(caller.sandbox.app_secret, SEARCH, pairs)))
    reply = await caller.raw("POST", SEARCH, pairs, b"", {"x-tts-access-token": other.access_token})
    assert reply.code == 101000


async def test_a_withdrawn_scope_closes_only_its_endpoints(caller: Caller) -> None:
    caller.sandbox.poke("revoke_scope", shop_id=caller.shop.id, scope="seller.order.info")
    assert (await caller.search()).code == 105005
    assert (await caller.get("/logistics/202309/warehouses")).code == 0


@pytest.mark.parametrize("path", ["/authorization/202309/shops", "/seller/202309/shops"])
async def test_shop_cipher_is_refused_where_it_is_not_expected(caller: Caller, path: str) -> None:
    with_cipher = await caller.call("GET", path)
    assert (with_cipher.status, with_cipher.code) == (400, 36009004)
    assert "shop_cipher" in with_cipher.message
    without = await caller.call("GET", path, cipher=False)
    assert [shop["id"] for shop in without.data["shops"]] == [caller.shop.id]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/order/202309/orders/find", 404, 36009009),
        ("GET", "/api/orders/search", 404, 36009009),
        ("GET", SEARCH, 405, 36009010),
        ("DELETE", "/order/202309/orders", 405, 36009010),
        ("POST", "/order/202501/orders/search", 400, 36009014),
        ("GET", "/order/209912/orders", 400, 36009014),
    ],
)
async def test_paths_methods_and_versions(caller: Caller, method: str, path: str, status: int, code: int) -> None:
    reply = await caller.call(method, path)
    assert (reply.status, reply.code) == (status, code)


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"{not json", "application/json", 36009022),
        (b"a=1", "application/x-www-form-urlencoded", 36009022),
        (b'"text"', "application/json", 36009004),
        (b"[]", "application/json", 0),
        (b'{"order_status":"SENT"}', "application/json", 36009004),
        (b'{"order_status":["UNPAID"]}', "application/json", 36009004),
        (b'{"create_time_ge":"1767139200"}', "application/json", 36009004),
        (b'{"create_time_ge":20,"create_time_lt":10}', "application/json", 36009004),
        (b'{"is_buyer_request_cancel":"true"}', "application/json", 36009004),
        (b'{"warehouse_ids":"1"}', "application/json", 36009004),
        (b'{"shipping_type":"PIGEON"}', "application/json", 36009004),
        (b'{"order_status":"UNPAID", "unknown_field": 1}', "application/json; charset=utf-8", 0),
    ],
)
async def test_bodies_are_read_strictly(caller: Caller, body: bytes, content_type: str, code: int) -> None:
    pairs = caller.pairs([("page_size", "10")])
    pairs.append(("sign", sign(caller.sandbox.app_secret, SEARCH, pairs, body, content_type)))
    headers = {**caller.headers(), "content-type": content_type}
    assert (await caller.raw("POST", SEARCH, pairs, body, headers)).code == code


class Watch:
    """A wire clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("age_s", "code"), [(300, 0), (301, 36009004), (-30, 0), (-31, 36009004)])
async def test_the_time_window_is_five_minutes_back_and_thirty_seconds_ahead(
    http: httpx.AsyncClient, age_s: int, code: int
) -> None:
    watch = Watch()
    async with running_sandbox(stores=1, orders=5, wire=watch) as live:
        caller = Caller(live, http)
        pairs = caller.pairs([("page_size", "10")])
        watch.now += age_s
        pairs.append(("sign", sign(live.app_secret, SEARCH, pairs)))
        assert (await caller.raw("POST", SEARCH, pairs, b"", caller.headers())).code == code


async def test_the_rate_limit_counts_per_shop_and_endpoint(http: httpx.AsyncClient) -> None:
    watch = Watch()
    async with running_sandbox(stores=2, orders=10, wire=watch, settings=Settings(calls_per_s=5)) as live:
        caller = Caller(live, http)
        assert [(await caller.search()).code for _ in range(5)] == [0] * 5
        refused = await caller.search()
        assert (refused.status, refused.code) == (429, 36009002)
        assert "retry-after" not in refused.headers
        assert (await caller.get("/logistics/202309/warehouses")).code == 0
        assert (await Caller(live, http, live.shops[1]).search()).code == 0
        live.settings.change({"retry_after_s": 2})
        assert (await caller.search()).headers["retry-after"] == "2"
        watch.now += 1.01
        assert (await caller.search()).code == 0


async def test_the_documented_limit_is_fifty_calls_a_second(sandbox: LiveSandbox) -> None:
    assert Settings().calls_per_s == 50

"""Consent, tokens and their ageing in world time."""

from __future__ import annotations

from typing import Any

import httpx

from shoptui.sandbox.testing import LiveSandbox
from shoptui.sandbox.tiktok.signing import sign

from .caller import Caller, Reply, read

DAY = 86_400


async def _token(sandbox: LiveSandbox, http: httpx.AsyncClient, action: str, **params: Any) -> Reply:
    query = {"app_key": sandbox.app_key, "app_secret": sandbox.app_secret, **params}
    return read(await http.get(f"{sandbox.auth_url}/api/v2/token/{action}", params=query))


async def _refresh(sandbox: LiveSandbox, http: httpx.AsyncClient, token: str) -> Reply:
    return await _token(sandbox, http, "refresh", refresh_token=token, grant_type="refresh_token")


async def _works(caller: Caller, token: str) -> int:
    pairs = caller.pairs([("page_size", "1")])
    path = "/order/202309/orders/search"
    pairs.append(("sign", sign(caller.sandbox.app_secret, path, pairs)))
    return (await caller.raw("POST", path, pairs, b"", {"x-tts-access-token": token})).code


async def test_a_refresh_gives_a_new_pair_and_leaves_the_old_access_token_alive(caller: Caller) -> None:
    sandbox, http, shop = caller.sandbox, caller.client, caller.shop
    sandbox.advance(DAY)
    fresh = (await _refresh(sandbox, http, shop.refresh_token)).data
    now = sandbox.world.clocks.world_now()
    assert fresh["access_token_expire_in"] == now + 7 * DAY
    assert fresh["refresh_token"] != shop.refresh_token
    assert fresh["access_token"].startswith("ROW_") and fresh["user_type"] == 0
    assert await _works(caller, shop.access_token) == 0
    assert await _works(caller, fresh["access_token"]) == 0
    sandbox.advance(6 * DAY)
    assert await _works(caller, shop.access_token) == 105002
    assert await _works(caller, fresh["access_token"]) == 0


async def test_the_replaced_refresh_token_works_until_the_new_pair_was_used(caller: Caller) -> None:
    sandbox, http = caller.sandbox, caller.client
    old = caller.shop.refresh_token
    assert (await _refresh(sandbox, http, old)).code == 0
    again = (await _refresh(sandbox, http, old)).data
    assert await _works(caller, again["access_token"]) == 0
    assert (await _refresh(sandbox, http, old)).code == 36004004
    assert (await _refresh(sandbox, http, again["refresh_token"])).code == 0


async def test_the_sdks_grant_type_on_refresh_is_accepted_and_others_are_not(caller: Caller) -> None:
    token = caller.shop.refresh_token
    for kind, code in (("authorized_code", 0), ("password", 36009004)):
        reply = await _token(caller.sandbox, caller.client, "refresh", refresh_token=token, grant_type=kind)
        assert reply.code == code


async def test_a_code_is_good_once_and_for_half_an_hour(caller: Caller) -> None:
    sandbox, http = caller.sandbox, caller.client
    for wait_s, first, second in ((1799, 0, 36004004), (1800, 36004004, 36004004)):
        code = sandbox.poke("authorize", shop_id=caller.shop.id)["code"]
        sandbox.advance(wait_s)
        replies = [
            (await _token(sandbox, http, "get", auth_code=code, grant_type="authorized_code")).code for _ in range(2)
        ]
        assert replies == [first, second]


async def test_wrong_credentials_are_named(caller: Caller) -> None:
    reply = await _token(
        caller.sandbox, caller.client, "refresh", app_secret="x", refresh_token="y", grant_type="refresh_token"
    )
    assert reply.code == 36009004 and "app_secret" in reply.message


async def test_a_revoked_consent_closes_everything_until_the_seller_agrees_again(caller: Caller) -> None:
    sandbox, http = caller.sandbox, caller.client
    sandbox.poke("revoke_token", shop_id=caller.shop.id)
    assert (await caller.search()).code == 105001
    assert (await _refresh(sandbox, http, caller.shop.refresh_token)).code == 36004004
    code = sandbox.poke("authorize", shop_id=caller.shop.id)["code"]
    data = (await _token(sandbox, http, "get", auth_code=code, grant_type="authorized_code")).data
    assert await _works(caller, data["access_token"]) == 0


async def test_access_tokens_can_be_made_to_expire(caller: Caller) -> None:
    caller.sandbox.poke("expire_token", shop_id=caller.shop.id)
    assert (await caller.search()).code == 105002
    assert (await _refresh(caller.sandbox, caller.client, caller.shop.refresh_token)).code == 0
    assert (await caller.search()).code == 0


async def test_refreshes_are_in_the_journal(caller: Caller) -> None:
    await _refresh(caller.sandbox, caller.client, caller.shop.refresh_token)
    await _refresh(caller.sandbox, caller.client, "ROW_unknown")
    assert [(row["op"], row["effect"], row["shop_id"]) for row in caller.sandbox.journal()] == [
        ("token_refresh", "applied", caller.shop.id),
        ("token_refresh", "refused", ""),
    ]

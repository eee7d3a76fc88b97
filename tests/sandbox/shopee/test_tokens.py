"""Consents, codes and tokens: single use, the loser's error, main accounts, ageing in world time."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from shoptui.sandbox.shopee.signing import sign

from .caller import PREFIX, Caller

HOUR = 3600
DAY = 86_400


async def _refresh(caller: Caller, token: str, shop_id: str | None = None) -> tuple[str, dict[str, object]]:
    reply = await caller.token("access_token/get", refresh_token=token, shop_id=int(shop_id or caller.shop.id))
    return reply.error, reply.body


async def _works(caller: Caller, token: str) -> str:
    path = PREFIX + "shop/get_shop_info"
    params = caller.common(path)
    base = (caller.sandbox.app_secret, caller.sandbox.app_key, path, params["timestamp"])
    params |= {"access_token": token, "sign": sign(*base, token, caller.shop.id)}
    return (await caller.raw("GET", path, params)).error


async def test_a_refresh_gives_a_new_pair_and_five_minutes_to_the_old_token(caller: Caller) -> None:
    error, fresh = await _refresh(caller, caller.shop.refresh_token)
    assert error == "" and fresh["shop_id"] == int(caller.shop.id) and fresh["expire_in"] == 4 * HOUR
    assert "response" not in fresh
    new = str(fresh["access_token"])
    assert [await _works(caller, token) for token in (caller.shop.access_token, new)] == ["", ""]
    caller.sandbox.advance(300)
    assert [await _works(caller, token) for token in (caller.shop.access_token, new)] == ["invalid_acceess_token", ""]
    caller.sandbox.advance(4 * HOUR - 300)
    assert await _works(caller, new) == "invalid_acceess_token"


async def test_a_refresh_token_works_once_and_the_loser_is_told(caller: Caller) -> None:
    answers = await asyncio.gather(*(_refresh(caller, caller.shop.refresh_token) for _ in range(2)))
    assert sorted(error for error, _ in answers) == ["", "error_auth"]
    loser = next(body for error, body in answers if error)
    winner = next(body for error, body in answers if not error)
    assert loser["message"] == "Invalid refresh_token."
    assert (await _refresh(caller, str(winner["refresh_token"])))[0] == ""
    rows = caller.effects("token_refresh")
    assert {row["shop_id"] for row in caller.sandbox.journal()} == {caller.shop.id}
    assert [(effect, code) for _, effect, code in rows] == [("applied", ""), ("refused", "error_auth"), ("applied", "")]


async def test_refreshing_has_its_own_errors(caller: Caller) -> None:
    mine, other = caller.sandbox.shops[:2]
    assert (await _refresh(caller, "f" * 32))[0] == "error_auth"
    assert (await _refresh(caller, mine.refresh_token, other.id))[0] == "error_shop_refresh_token"
    assert (await _refresh(caller, mine.refresh_token, "1"))[0] == "shop_no_linked"
    caller.sandbox.poke("revoke_token", shop_id=other.id)
    assert (await _refresh(caller, other.refresh_token, other.id))[0] == "shop_no_linked"
    caller.sandbox.advance(30 * DAY)
    assert (await _refresh(caller, mine.refresh_token))[0] == "refresh_token_expired"
    caller.sandbox.advance(335 * DAY)
    assert (await _refresh(caller, mine.refresh_token))[0] == "shop_access_expired"


async def test_token_calls_want_the_partner_in_the_body_too(caller: Caller) -> None:
    body = {"refresh_token": caller.shop.refresh_token, "shop_id": int(caller.shop.id)}
    path = "auth/access_token/get"
    assert (await caller.post(path, body, public=True)).error == "error_param"
    assert (await caller.post(path, {**body, "partner_id": 1}, public=True)).error == "invalid_partner_id"
    text = {**body, "partner_id": caller.sandbox.app_key}
    assert "Expected: integer" in (await caller.post(path, text, public=True)).message
    both = {**body, "partner_id": int(caller.sandbox.app_key), "merchant_id": 1}
    assert (await caller.post(path, both, public=True)).error == "error_param"


async def test_a_code_lives_ten_minutes_and_works_once(caller: Caller) -> None:
    shop_id = int(caller.shop.id)
    late = caller.sandbox.poke("authorize", shop_id=caller.shop.id)["code"]
    caller.sandbox.advance(600)
    assert (await caller.token("token/get", code=late, shop_id=shop_id)).error == "invalid_code"
    code = caller.sandbox.poke("authorize", shop_id=caller.shop.id)["code"]
    other = int(caller.sandbox.shops[1].id)
    assert (await caller.token("token/get", code=code, shop_id=other)).error == "invalid_shop_id"
    first = await caller.token("token/get", code=code, shop_id=shop_id)
    assert first.error == "" and first.body["expire_in"] == 4 * HOUR and "shop_id_list" not in first.body
    assert (await caller.token("token/get", code=code, shop_id=shop_id)).error == "invalid_code"
    assert await _works(caller, first.body["access_token"]) == ""


async def _agree(caller: Caller, shop_ids: list[str], **query: str) -> dict[str, list[str]]:
    """Tick shops on the consent page and return the query of the address the seller is sent back to."""
    params = {"partner_id": caller.sandbox.app_key, "auth_type": "seller", "response_type": "code", **query}
    page = await caller.client.get(f"{caller.sandbox.auth_url}/auth", params=params)
    assert page.status_code == 200 and all(shop_id in page.text for shop_id in shop_ids)
    form = {"shop_id": shop_ids, "answer": "agree"}
    back = await caller.client.post(f"{caller.sandbox.auth_url}/auth", params=params, data=form)
    assert back.status_code == 302
    return parse_qs(urlsplit(back.headers["location"]).query)


async def test_one_shop_comes_back_with_its_id(caller: Caller) -> None:
    caller.sandbox.poke("revoke_token", shop_id=caller.shop.id)
    back = await _agree(caller, [caller.shop.id], state="s 1", redirect_uri="http://localhost/done?from=shopee")
    assert (back["shop_id"], back["state"], back["from"]) == ([caller.shop.id], ["s 1"], ["shopee"])
    pair = await caller.token("token/get", code=back["code"][0], shop_id=int(caller.shop.id))
    assert pair.error == "" and await _works(caller, pair.body["access_token"]) == ""


async def test_a_link_back_to_the_sandbox_itself_ends_on_a_page(caller: Caller) -> None:
    params = {"partner_id": caller.sandbox.app_key, "auth_type": "seller", "response_type": "code"}
    params |= {"redirect_uri": caller.sandbox.auth_url, "state": "s"}
    form = {"shop_id": [caller.shop.id], "answer": "agree"}
    url = f"{caller.sandbox.auth_url}/auth"
    page = await caller.client.post(url, params=params, data=form, follow_redirects=True)
    assert page.status_code == 200 and "Copy the address" in page.text and page.url.params["shop_id"] == caller.shop.id
    refused = await caller.client.post(url, params=params, data={**form, "answer": "refuse"})
    assert refused.status_code == 200 and "Nothing has changed" in refused.text


async def test_a_main_accounts_pair_is_shared_until_each_shop_has_its_own(caller: Caller) -> None:
    mine, other = caller.sandbox.shops[:2]
    back = await _agree(caller, [mine.id, other.id])
    assert "shop_id" not in back
    account = int(back["main_account_id"][0])
    wrong = await caller.token("token/get", code=back["code"][0], main_account_id=account + 1)
    assert wrong.error == "invalid_main_acount_id"
    pair = await caller.token("token/get", code=back["code"][0], main_account_id=account)
    assert pair.body["shop_id_list"] == [int(mine.id), int(other.id)]
    first = str(pair.body["refresh_token"])
    error, own = await _refresh(caller, first)
    assert error == "" and own["refresh_token"] != first
    assert (await _refresh(caller, first, other.id))[0] == ""
    assert (await _refresh(caller, first))[0] == (await _refresh(caller, first, other.id))[0] == "error_auth"


@pytest.mark.parametrize(
    "query",
    [
        {"redirect_uri": "https://elsewhere.example/done"},
        {"response_type": "token"},
        {"auth_type": "nobody"},
        {"partner_id": "1"},
    ],
)
async def test_a_wrong_consent_link_answers_in_the_pages_own_shape(caller: Caller, query: dict[str, str]) -> None:
    params = {"partner_id": caller.sandbox.app_key, "auth_type": "seller", "response_type": "code", **query}
    answer = (await caller.client.get(f"{caller.sandbox.auth_url}/auth", params=params)).json()
    assert answer["code"] == 1 and answer["msg"] and answer["debug_message"] == "" and "message" not in answer


async def test_the_older_consent_link_is_signed(caller: Caller) -> None:
    path = PREFIX + "shop/auth_partner"
    params = {**caller.common(path, public=True), "redirect": "http://127.0.0.1/done"}
    assert "<form" in (await caller.client.get(caller.sandbox.base_url + path, params=params)).text
    spoilt = {**params, "sign": "0" * 64}
    assert (await caller.client.get(caller.sandbox.base_url + path, params=spoilt)).json()["error"] == "error_sign"


async def test_a_seller_takes_the_shop_away(caller: Caller) -> None:
    params = {"partner_id": caller.sandbox.app_key, "auth_type": "seller", "response_type": "code"}
    url = f"{caller.sandbox.auth_url}/cancel_auth"
    form = {"shop_id": [caller.shop.id], "answer": "agree"}
    assert (await caller.client.post(url, params=params, data=form)).status_code == 302
    assert await _works(caller, caller.shop.access_token) == "shop_no_linked"

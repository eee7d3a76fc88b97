"""Consents and tokens: one country or several, codes that work once, refreshing."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from .caller import Caller

CALLBACK = "http://127.0.0.1:9/callback"


async def _agree(caller: Caller, shop_ids: list[str], **query: str) -> httpx.Response:
    params = {
        "response_type": "code",
        "force_auth": "true",
        "redirect_uri": CALLBACK,
        "client_id": caller.sandbox.app_key,
        **query,
    }
    form = {"answer": "agree", "shop_id": shop_ids}
    url = f"{caller.sandbox.auth_url}/oauth/authorize"
    return await caller.client.post(url, params=params, data=form)


async def _code(caller: Caller, shop_ids: list[str]) -> str:
    back = await _agree(caller, shop_ids, state="s 1")
    assert back.status_code == 302
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert query["state"] == ["s 1"]
    return query["code"][0]


@pytest.mark.parametrize("path", ["/auth/token/create", "/auth/token/createWithOpenId"])
async def test_a_consent_gives_a_code_that_works_once(caller: Caller, path: str) -> None:
    code = await _code(caller, [caller.shop.id])
    assert code.startswith(f"0_{caller.sandbox.app_key}_")
    made = (await caller.public(path, code=code)).body
    assert (made["country"], made["code"]) == (caller.shop.region.lower(), "0")
    assert made["country_user_info"][0]["seller_id"] == caller.shop.id
    assert (made["expires_in"], made["refresh_expires_in"]) == (604_800, 2_592_000)
    assert made["access_token"] == caller.token
    assert (await caller.get("/seller/get")).data["seller_id"] == int(caller.shop.id)
    assert (await caller.public("/auth/token/create", code=code)).code == "InvalidCode"


async def test_a_code_lives_half_an_hour(caller: Caller) -> None:
    code = await _code(caller, [caller.shop.id])
    caller.sandbox.advance(1801)
    assert (await caller.public("/auth/token/create", code=code)).code == "InvalidCode"


async def test_one_token_serves_several_countries_by_their_gateways(caller: Caller) -> None:
    shops = caller.sandbox.shops[:3]
    made = (await caller.public("/auth/token/create", code=await _code(caller, [one.id for one in shops]))).body
    assert made["country"] == "cb"
    assert [one["country"] for one in made["country_user_info"]] == [one.region.lower() for one in shops]
    params = caller.params("/seller/get", {})
    for shop in shops:
        url = caller.sandbox.base_url.replace("{country}", shop.region.lower()) + "/seller/get"
        body = (await caller.client.get(url, params=params)).json()
        assert body["data"]["seller_id"] == int(shop.id)
    host = {"host": "api.lazada.co.th"}
    body = (await caller.client.get(f"{caller.gateway}/seller/get", params=params, headers=host)).json()
    assert body["data"]["seller_id"] == int(next(one.id for one in shops if one.region == "TH"))
    assert (await caller.raw("GET", "/seller/get", params=params)).code == "InvalidParameter"
    elsewhere = caller.sandbox.shops[3]
    url = f"{caller.sandbox.origin}/{elsewhere.region.lower()}/rest/seller/get"
    assert (await caller.client.get(url, params=params)).json()["code"] == "IllegalAccessToken"


async def test_refreshing_keeps_the_end_of_the_refresh_token(caller: Caller) -> None:
    old = caller.side.access(caller.shop.id)
    caller.sandbox.advance(86_400)
    made = (await caller.public("/auth/token/refresh", refresh_token=old.refresh_token)).body
    assert made["refresh_expires_in"] == 2_592_000 - 86_400
    assert made["expires_in"] == 604_800
    assert made["country_user_info_list"][0]["seller_id"] == caller.shop.id
    assert made["access_token"] != old.access_token
    again = await caller.public("/auth/token/refresh", refresh_token=old.refresh_token)
    assert (again.code, again.body["message"]) == (
        "IllegalRefreshToken",
        "The specified refresh token is invalid or expired",
    )
    caller.sandbox.advance(30 * 86_400)
    late = await caller.public("/auth/token/refresh", refresh_token=made["refresh_token"])
    assert late.code == "IllegalRefreshToken"
    ops = [(entry["op"], entry["effect"]) for entry in caller.sandbox.journal()]
    assert ops == [("token_refresh", "applied"), ("token_refresh", "refused"), ("token_refresh", "refused")]


async def test_an_empty_access_token_is_no_obstacle(caller: Caller) -> None:
    refresh = caller.side.access(caller.shop.id).refresh_token
    reply = await caller.public("/auth/token/refresh", access_token="", refresh_token=refresh)
    assert reply.code == "0"


@pytest.mark.parametrize(
    "query",
    [{"client_id": "1"}, {"response_type": "token"}, {"redirect_uri": "https://elsewhere.invalid/"}],
)
async def test_the_page_refuses_what_the_console_does_not_know(caller: Caller, query: dict[str, str]) -> None:
    assert (await _agree(caller, [caller.shop.id], **query)).status_code == 400


async def test_an_app_without_a_callback_lands_on_a_page_that_says_what_to_do(caller: Caller) -> None:
    back = await _agree(caller, [caller.shop.id], redirect_uri=caller.sandbox.origin)
    landed = await caller.client.get(httpx.URL(caller.sandbox.origin).join(back.headers["location"]))
    assert landed.status_code == 200 and "Copy the address of this page" in landed.text
    assert landed.url.params["code"].startswith("0_")


async def test_the_page_shows_the_countries_asked_for(caller: Caller) -> None:
    shops = {one.region: one for one in caller.sandbox.shops}
    params = {"response_type": "code", "client_id": caller.sandbox.app_key, "country": "my,th"}
    page = (await caller.client.get(f"{caller.sandbox.auth_url}/oauth/authorize", params=params)).text
    assert shops["MY"].id in page and shops["TH"].id in page and shops["VN"].id not in page
    assert (await _agree(caller, [shops["VN"].id], country="my")).status_code == 400
    assert (await _agree(caller, [])).status_code == 400

"""The consent page: a seller agrees in the browser, and what comes back can be exchanged once."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx

from shoptui.sandbox.testing import LiveSandbox, running_sandbox


async def send(http: httpx.AsyncClient, sandbox: LiveSandbox, form: dict[str, str | list[str]], **query: str) -> str:
    """Send the page's form; the address the seller is sent to."""
    address = f"{sandbox.auth_url}/oauth/authorize"
    page = await http.get(address, params=query)
    assert page.status_code == 200 and all(shop.id in page.text for shop in sandbox.shops)
    answer = await http.post(address, params=query, data=form)
    assert answer.status_code == 302
    return str(answer.headers["location"])


async def exchange(http: httpx.AsyncClient, sandbox: LiveSandbox, code: str) -> int:
    params = {
        "app_key": sandbox.app_key,
        "app_secret": sandbox.app_secret,
        "auth_code": code,
        "grant_type": "authorized_code",
    }
    answer = await http.get(f"{sandbox.auth_url}/api/v2/token/get", params=params)
    return int(answer.json()["code"])


async def test_agreeing_brings_a_code_and_the_state_back(sandbox: LiveSandbox, http: httpx.AsyncClient) -> None:
    shop = sandbox.shops[0]
    form: dict[str, str | list[str]] = {"shop_id": shop.id, "answer": "agree"}
    query = parse_qs(urlsplit(await send(http, sandbox, form, app_key=sandbox.app_key, state="s 1")).query)
    assert query["state"] == ["s 1"] and query["app_key"] == [sandbox.app_key]
    assert query["shop_region"] == [shop.region]
    assert await exchange(http, sandbox, query["code"][0]) == 0
    assert await exchange(http, sandbox, query["code"][0]) == 36004004


async def test_one_consent_may_cover_several_shops(sandbox: LiveSandbox, http: httpx.AsyncClient) -> None:
    first, second = sandbox.shops[:2]
    form: dict[str, str | list[str]] = {"shop_id": [first.id, second.id], "answer": "agree"}
    query = parse_qs(urlsplit(await send(http, sandbox, form, app_key=sandbox.app_key)).query)
    assert "state" not in query
    assert await exchange(http, sandbox, query["code"][0]) == 0


async def test_refusing_brings_an_error(sandbox: LiveSandbox, http: httpx.AsyncClient) -> None:
    back = await send(http, sandbox, {"answer": "refuse"}, app_key=sandbox.app_key, state="x")
    assert parse_qs(urlsplit(back).query) == {"code": ["null"], "error": ["auth_denied"], "state": ["x"]}


async def test_an_unknown_app_gets_no_page(sandbox: LiveSandbox, http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{sandbox.auth_url}/open/authorize", params={"service_id": "1"})
    assert answer.status_code == 400


async def test_two_marketplaces_on_one_origin_know_their_sellers_links_by_the_app(http: httpx.AsyncClient) -> None:
    async with running_sandbox(stores=2, orders=0, markets=("lazada", "tiktok")) as live:
        for name in ("lazada", "tiktok"):
            app_key = live.sandbox.sides[name].app_key
            params = {"client_id" if name == "lazada" else "app_key": app_key, "response_type": "code", "state": "s"}
            page = await http.get(f"{live.origin}/oauth/authorize", params=params)
            assert page.status_code == 200
            shown = {
                shop.id for side in live.sandbox.sides for shop in live.sandbox.shops(side) if shop.id in page.text
            }
            assert shown == {shop.id for shop in live.sandbox.shops(name)}

"""Authorising sellers: the link, what is pasted, the exchange and the shops."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from shoptui.adapters.base import ScopeError, Temporary
from shoptui.adapters.consent import CodeWrong, OfferedShop
from shoptui.clock import DrivenClock
from tests.adapters.shopee.sandboxed import house
from tests.adapters.shopee.support import APP, INFO, ScriptedShop, no, ok

EXCHANGE = "/auth/token/get"
CODE = "5a6b6c6d4e4f505152535455"


def query_of(link: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(link).query)


@pytest.mark.parametrize(
    ("consent_url", "page", "redirect"),
    [
        ("", "http://open.test/auth", "http://open.test"),
        ("https://ops.example.test/back", "http://open.test/auth", "https://ops.example.test/back"),
        (
            "https://open.shopee.com/auth?partner_id=1&redirect_uri=https%3A%2F%2Fops.example.test&auth_type=user",
            "https://open.shopee.com/auth",
            "https://ops.example.test",
        ),
    ],
)
def test_the_link_is_the_unsigned_form_and_carries_the_state(
    clock: DrivenClock, consent_url: str, page: str, redirect: str
) -> None:
    shop = ScriptedShop(clock, {}, app=replace(APP, consent_url=consent_url)).shop
    link = shop.consent.link("s-42")
    assert link.partition("?")[0] == page
    assert query_of(link) == {
        "partner_id": ["2007001"],
        "auth_type": ["seller"],
        "response_type": ["code"],
        "redirect_uri": [redirect],
        "state": ["s-42"],
    }


@pytest.mark.parametrize(
    ("pasted", "owner"),
    [
        (f"https://ops.example.test/back?code={CODE}&shop_id=224460123&state=s-42", "shop_id=224460123"),
        (f" ?state=s-42&main_account_id=7788&code={CODE}\n", "main_account_id=7788"),
        (f"code={CODE}&shop_id=224460123&state=s-42", "shop_id=224460123"),
    ],
)
def test_a_pasted_address_gives_code_owner_and_state(clock: DrivenClock, pasted: str, owner: str) -> None:
    found = ScriptedShop(clock, {}).shop.consent.read_pasted(pasted)
    assert (found.code, found.state) == (f"{CODE}?{owner}", "s-42")


@pytest.mark.parametrize(
    ("pasted", "reason", "words"),
    [
        ("", "not_a_code", "There is no authorisation code"),
        (CODE, "not_a_code", "whose the code is"),
        ("rm -rf", "not_a_code", "no address with an authorisation code"),
        ("https://ops.example.test/back?shop_id=224460123", "not_a_code", "copy it whole"),
        (f"https://ops.example.test/back?code={CODE}&shop_id=mine", "not_a_code", "whose the code is"),
        ("https://ops.example.test/back?error=access_denied", "seller_refused", "did not consent"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(clock: DrivenClock, pasted: str, reason: str, words: str) -> None:
    with pytest.raises(CodeWrong, match=words) as caught:
        ScriptedShop(clock, {}).shop.consent.read_pasted(pasted)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("refusal", "reason", "words"),
    [
        (no("invalid_code", "Invalid code"), "code_refused", "older than 10 minutes"),
        (no("error_auth", "Invalid code"), "code_refused", "older than 10 minutes"),
        (no("error_sign", "Wrong sign."), "app_refused", "partner id or key"),
        (no("invalid_partner_id", ""), "app_refused", "partner id or key"),
        (no("shop_banned", ""), "code_refused", "blocked this shop"),
    ],
)
async def test_a_refused_exchange_says_why(
    clock: DrivenClock, refusal: httpx.Response, reason: str, words: str
) -> None:
    shop = ScriptedShop(clock, {EXCHANGE: refusal}).shop
    with pytest.raises(CodeWrong, match=words) as caught:
        await shop.consent.exchange(f"{CODE}?shop_id=224460123")
    assert caught.value.reason == reason


async def test_the_exchange_of_a_main_account_offers_all_its_shops(clock: DrivenClock) -> None:
    granted = ok(access_token="access1", refresh_token="refresh1", expire_in=14400, shop_id_list=[224460123, 224560126])
    script: dict[str, Any] = {
        EXCHANGE: granted,
        INFO: [
            ok(shop_name="Tote\x1b[31m House", region="MY", is_cb=False),
            ok(shop_name="Mug House", region="sg", is_cb=True),
        ],
    }
    scripted = ScriptedShop(clock, script)
    consent = scripted.shop.consent
    tokens = await consent.exchange(f"{CODE}?main_account_id=7788")
    assert json.loads(scripted.asked[0].content) == {
        "code": CODE,
        "partner_id": 2007001,
        "main_account_id": 7788,
    }
    assert await consent.shops(tokens) == [
        OfferedShop("224460123", "Tote House", "MY"),
        OfferedShop("224560126", "Mug House", "SG", cross_border=True),
    ]
    assert [request.url.params["shop_id"] for request in scripted.asked[1:]] == ["224460123", "224560126"]


async def test_tokens_of_another_process_offer_those_of_the_apps_shops_that_they_open(clock: DrivenClock) -> None:
    tokens_of = {"224460123": ok(shop_name="Tote House", region="MY"), "224560126": no("error_auth", "Invalid shopid.")}
    script: dict[str, Any] = {
        "/public/get_shops_by_partner": [
            ok(authed_shop_list=[{"shop_id": 224460123}], more=True),
            ok(authed_shop_list=[{"shop_id": "224560126"}], more=False),
        ],
        INFO: lambda request: tokens_of[request.url.params["shop_id"]],
    }
    scripted = ScriptedShop(clock, script)
    held = scripted.vault.tokens["sp-my-1"]
    assert [shop.shop_id for shop in await scripted.shop.consent.shops(held)] == ["224460123"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [(no("error_api_permission", ""), ScopeError), (no("error_server", "busy"), Temporary)],
)
async def test_shops_that_cannot_be_asked_are_an_error_not_an_empty_list(
    clock: DrivenClock, answer: httpx.Response, error: type[Exception]
) -> None:
    granted = ok(access_token="access1", refresh_token="refresh1", expire_in=14400)
    consent = ScriptedShop(clock, {EXCHANGE: granted, INFO: answer}).shop.consent
    tokens = await consent.exchange(f"{CODE}?shop_id=224460123")
    with pytest.raises(error):
        await consent.shops(tokens)


async def test_a_seller_consents_at_the_simulated_shopee() -> None:
    async with house(regions=("MY", "SG"), orders=10) as at:
        consent = at.shop.consent  # type: ignore[attr-defined]
        link = consent.link("state-1")
        async with httpx.AsyncClient() as browser:
            shops = [store.shop_id for store in at.stores]
            form = urlencode([*(("shop_id", shop_id) for shop_id in shops), ("answer", "agree")])
            sent_back = await browser.post(link, content=form)
        assert sent_back.status_code == 302
        pasted = consent.read_pasted(sent_back.headers["location"])
        assert pasted.state == "state-1"
        tokens = await consent.exchange(pasted.code)
        assert {shop.shop_id: shop.region for shop in await consent.shops(tokens)} == dict(
            zip(shops, ("MY", "SG"), strict=True)
        )
        for store in at.stores:
            at.vault.tokens[store.store_id] = tokens
        # One pair for both shops, of which each renews its own.
        pairs = [await at.shop.refresh(store) for store in at.stores]
        assert len({pair.access_token for pair in pairs}) == 2
        for store in at.stores:
            await at.shop.orders_by_no(store, [])
        with pytest.raises(CodeWrong):
            await consent.exchange(pasted.code)

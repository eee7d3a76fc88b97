"""Authorising sellers: the link, what is pasted afterwards, the exchange, and the shops it opens up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shoptui.adapters.consent import CodeWrong, OfferedShop
from shoptui.adapters.tiktok.auth import pasted_code
from shoptui.adapters.tiktok.consent import TikTokConsent
from shoptui.clock import DrivenClock
from tests.adapters.tiktok.support import APP, ScriptedShop, no, ok, token_data, tokens

GET = "/api/v2/token/get"
SHOPS = "/authorization/202309/shops"


@pytest.mark.parametrize(
    ("consent_url", "link"),
    [
        ("", f"http://auth.test/oauth/authorize?app_key={APP.app_key}&state=a%20b"),
        ("https://s.test/open/authorize?service_id=7", "https://s.test/open/authorize?service_id=7&state=a%20b"),
        ("https://s.test/o?state=old&service_id=7", "https://s.test/o?service_id=7&state=a%20b"),
    ],
)
def test_the_link_carries_the_state(clock: DrivenClock, consent_url: str, link: str) -> None:
    client = ScriptedShop(clock, {}).shop._client
    assert TikTokConsent(replace(APP, consent_url=consent_url), client).link("a b") == link


@pytest.mark.parametrize(
    ("pasted", "state"),
    [
        ("ROW_code-1", None),
        ("  ROW_code-1\n", None),
        (f"https://app.test/callback?app_key={APP.app_key}&code=ROW_code-1&state=s&shop_region=VN", "s"),
        (f"app_key={APP.app_key}&code=ROW_code-1", None),
        ("?code=ROW_code-1&state=", None),
        ("https://app.test/callback?auth_code=ROW_code-1&state=s", "s"),
    ],
)
async def test_a_code_is_found_in_what_was_pasted(clock: DrivenClock, pasted: str, state: str | None) -> None:
    shop = ScriptedShop(clock, {GET: ok(token_data(clock))})
    found = shop.shop.consent.read_pasted(pasted)
    assert (found.code, found.state) == ("ROW_code-1", state)
    assert (await shop.shop.consent.exchange(found.code)).access_token == "ROW_access2"
    params = shop.asked[0].url.params
    assert (params["auth_code"], params["grant_type"]) == ("ROW_code-1", "authorized_code")


@pytest.mark.parametrize(
    ("pasted", "reason", "words"),
    [
        ("https://app.test/callback?code=null&error=auth_denied", "seller_refused", "did not consent.*auth_denied"),
        ("https://app.test/callback?state=s", "not_a_code", "no authorisation code"),
        ("", "not_a_code", "no authorisation code"),
        ("https://app.test/?code=null", "not_a_code", "no authorisation code"),
        ("cat pictures", "not_a_code", "That is no authorisation code"),
        ("ROW_c", "not_a_code", "That is no authorisation code"),
        ("https://app.test/?code=a%20b%20c%20d%20e", "not_a_code", "That is no authorisation code"),
        ("https://app.test/callback?app_key=6zz&code=ROW_code-1", "other_app", "for another app.*6zz"),
    ],
)
def test_what_holds_no_code_is_said_so(pasted: str, reason: str, words: str) -> None:
    with pytest.raises(CodeWrong, match=words) as caught:
        pasted_code(pasted, APP.app_key)
    assert caught.value.reason == reason
    assert str(caught.value).count(". ") <= 1


@pytest.mark.parametrize(
    ("number", "message", "reason", "words"),
    [
        (36004004, "auth_code is invalid", "code_refused", "older than 30 minutes, was used before"),
        (36009004, "auth_code is invalid", "code_refused", "older than 30 minutes"),
        (36009004, "app_secret is invalid", "app_refused", "app secret"),
        (36009004, "app_key is invalid", "app_refused", "app key"),
    ],
)
async def test_a_refused_code_is_told_from_a_refused_app(
    clock: DrivenClock, number: int, message: str, reason: str, words: str
) -> None:
    shop = ScriptedShop(clock, {GET: no(number, message)})
    with pytest.raises(CodeWrong, match=words) as caught:
        await shop.shop.consent.exchange("ROW_code-1")
    assert (caught.value.reason, caught.value.code) == (reason, str(number))
    assert len(shop.asked) == 1


async def test_shops_are_listed_without_a_cipher(clock: DrivenClock) -> None:
    shops = [
        {"id": "7495", "name": "Mug\x1b[2J House", "region": "VN", "cipher": "ROW_c==", "code": "VNMUG1"},
        {"id": "7496", "name": "Mug House TH", "region": "TH", "cipher": "ROW_d==", "seller_type": "CROSS_BORDER"},
    ]
    shop = ScriptedShop(clock, {SHOPS: ok({"shops": shops})})
    assert list(await shop.shop.consent.shops(tokens(clock))) == [
        OfferedShop("7495", "Mug House", "VN", False, {"cipher": "ROW_c=="}),
        OfferedShop("7496", "Mug House TH", "TH", True, {"cipher": "ROW_d=="}),
    ]
    assert "shop_cipher" not in shop.asked[0].url.params

"""Tokens: renewed in time, once for all stores of a consent, saved first; codes and the shops they open."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from shoptui.adapters.base import AuthError, Temporary, TokenSet
from shoptui.adapters.consent import CodeWrong
from shoptui.adapters.lazada.ventures import CROSS_BORDER, LOCAL
from shoptui.adapters.tokens import RENEW_AGAIN_AFTER_S, RENEW_BEFORE_END_S
from shoptui.clock import DrivenClock
from tests.adapters.lazada.support import (
    APP,
    CREATE,
    ITEMS,
    ORDER,
    ORDER_NO,
    REFRESH,
    STORE,
    WEEK_S,
    ScriptedShop,
    item,
    items_of,
    no,
    ok,
    order,
    params_of,
    store,
    token_answer,
    tokens,
)
from tests.adapters.vault import MemoryVault

READS = {ORDER: ok(order()), ITEMS: items_of(item())}
SELLER = "/rest/seller/get"
SECOND = store("lz-sg-1", "SG", "SGD")


async def read(shop: ScriptedShop) -> None:
    await shop.shop.orders_by_no(STORE, [ORDER_NO])


def vault(clock: DrivenClock, lasts_s: float) -> MemoryVault:
    return MemoryVault({STORE.store_id: tokens(clock, lasts_s=lasts_s)})


async def test_a_token_with_enough_left_is_used_as_it_is(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, READS, vault=vault(clock, RENEW_BEFORE_END_S + 1))
    await read(shop)
    assert REFRESH not in shop.paths()
    assert {asked["access_token"] for asked in shop.sent(ORDER)} == {"50000access1"}


async def test_a_token_near_its_end_is_renewed_and_saved_before_it_is_used(clock: DrivenClock) -> None:
    kept = vault(clock, RENEW_BEFORE_END_S)

    def one(request: httpx.Request) -> httpx.Response:
        assert [saved.access_token for _, saved in kept.saves] == ["50000access2"]
        return ok(order())

    shop = ScriptedShop(clock, {**READS, ORDER: one, REFRESH: token_answer()}, vault=kept)
    await read(shop)
    assert shop.sent(ORDER)[0]["access_token"] == "50000access2"
    asked = shop.sent(REFRESH)[0]
    assert asked["refresh_token"] == "50001refresh1"
    # Signed, but without a token.
    assert "access_token" not in asked
    assert asked["sign"]
    fresh = kept.load(STORE.store_id)
    assert fresh is not None
    assert fresh.access_expires_at == int(clock.now()) + WEEK_S


async def test_many_callers_and_all_stores_of_a_consent_share_one_renewal(clock: DrivenClock) -> None:
    shared = tokens(clock, lasts_s=100)
    kept = MemoryVault({STORE.store_id: shared, SECOND.store_id: shared})
    shop = ScriptedShop(clock, {**READS, REFRESH: token_answer()}, vault=kept)
    await asyncio.gather(*(shop.shop.orders_by_no(STORE, [ORDER_NO]) for _ in range(3)))
    # The second store was not heard of when the refresh token was used up.
    await shop.shop.orders_by_no(SECOND, [ORDER_NO])
    assert len(shop.sent(REFRESH)) == 1
    assert {saved for saved, _ in kept.saves} == {STORE.store_id, SECOND.store_id}
    assert kept.load(STORE.store_id) == kept.load(SECOND.store_id)


@pytest.mark.parametrize("name", ["1", "2"])
async def test_a_refresh_token_that_stays_is_used_again(name: str, clock: DrivenClock) -> None:
    answers: list[httpx.Response] = [
        token_answer("2", refresh_token=f"50001refresh{name}"),
        token_answer("3", refresh_token=f"50001refresh{name}"),
    ]
    shop = ScriptedShop(clock, {REFRESH: list(answers)})
    assert (await shop.shop.refresh(STORE)).access_token == "50000access2"
    assert (await shop.shop.refresh(STORE)).access_token == "50000access3"
    assert [asked["refresh_token"] for asked in shop.sent(REFRESH)] == ["50001refresh1", f"50001refresh{name}"]


async def test_a_token_lazada_does_not_know_is_renewed_once_and_the_call_made_again(clock: DrivenClock) -> None:
    stale = no("IllegalAccessToken", "The specified access token is invalid or expired")
    shop = ScriptedShop(clock, {**READS, ORDER: [stale, ok(order())], REFRESH: token_answer()})
    await read(shop)
    assert [asked["access_token"] for asked in shop.sent(ORDER)] == ["50000access1", "50000access2"]
    hopeless = ScriptedShop(clock, {**READS, ORDER: stale, REFRESH: token_answer()})
    with pytest.raises(AuthError, match="even a renewed token"):
        await read(hopeless)
    assert len(hopeless.sent(REFRESH)) == 1


async def test_the_old_token_is_used_while_it_lasts_when_no_new_one_is_to_be_had(clock: DrivenClock) -> None:
    refusal = no("IllegalRefreshToken", "The specified refresh token is invalid or expired")
    shop = ScriptedShop(clock, {**READS, REFRESH: refusal}, vault=vault(clock, 100))
    await read(shop)
    await read(shop)
    assert len(shop.sent(REFRESH)) == 1
    clock.advance(101)
    with pytest.raises(AuthError, match="authorise the store again"):
        await read(shop)
    # A refused token is not sent twice.
    assert len(shop.sent(REFRESH)) == 1


async def test_a_renewal_whose_answer_is_lost_keeps_the_old_token_and_is_tried_again(clock: DrivenClock) -> None:
    lost = httpx.ReadError("gone")
    shop = ScriptedShop(clock, {**READS, REFRESH: [lost, token_answer()]}, vault=vault(clock, 1000))
    await read(shop)
    clock.advance(RENEW_AGAIN_AFTER_S + 1)
    await read(shop)
    assert [asked["access_token"] for asked in shop.sent(ORDER)] == ["50000access1", "50000access2"]
    ended = ScriptedShop(clock, {**READS, REFRESH: lost}, vault=vault(clock, -1))
    with pytest.raises(Temporary):
        await read(ended)


async def test_a_consent_that_has_ended_is_not_asked_about(clock: DrivenClock) -> None:
    kept = MemoryVault({STORE.store_id: tokens(clock, lasts_s=-1, consent_s=-1)})
    shop = ScriptedShop(clock, READS, vault=kept)
    with pytest.raises(AuthError, match=r"consent .* has ended"):
        await read(shop)
    assert shop.asked == []


async def test_tokens_of_a_subscription_serve_until_they_end(clock: DrivenClock) -> None:
    kept = vault(clock, 1000)
    shop = ScriptedShop(clock, {**READS, REFRESH: no("AUTH_TYPE_UNSUPPORTED", "subscribers")}, vault=kept)
    assert await shop.shop.refresh(STORE) == kept.load(STORE.store_id)
    await read(shop)
    clock.advance(1001)
    with pytest.raises(AuthError, match="subscription"):
        await shop.shop.refresh(STORE)
    assert len(shop.sent(REFRESH)) == 1


async def test_tokens_that_cannot_be_renewed_end_with_the_access_token(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {CREATE: token_answer(refresh_expires_in=0)})
    granted = await shop.shop.consent.exchange("0_900001_Zt7kQmV2p9")
    assert granted.refresh_expires_at == granted.access_expires_at == int(clock.now()) + WEEK_S


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (no("InvalidCode", "code is invalid"), "code_refused"),
        (no("IncompleteSignature", "does not conform"), "app_refused"),
        (no("InvalidAppKey", "no such app"), "app_refused"),
    ],
)
async def test_a_refused_code_says_what_to_do(reply: httpx.Response, reason: str, clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {CREATE: reply})
    with pytest.raises(CodeWrong) as caught:
        await shop.shop.consent.exchange("0_900001_Zt7kQmV2p9")
    assert caught.value.reason == reason
    assert len(shop.asked) == 1


def seller(number: int, name: str, code: str, cross_border: bool = False) -> httpx.Response:
    return ok({"seller_id": number, "name": name, "short_code": code, "location": "Anywhere", "cb": cross_border})


async def test_a_consent_opens_the_shop_of_its_country(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {CREATE: token_answer(), SELLER: seller(100200300, "Rumah\x07 Dapur", "MY10QX7")})
    granted = await shop.shop.consent.exchange("0_900001_Zt7kQmV2p9")
    (offered,) = await shop.shop.consent.shops(granted)
    assert (offered.shop_id, offered.name, offered.region) == ("100200300", "Rumah Dapur", "MY")
    assert (offered.cross_border, offered.wire) == (False, LOCAL)


async def test_a_cross_border_consent_opens_a_shop_in_each_country(clock: DrivenClock) -> None:
    users = [{"country": each, "seller_id": f"10020030{at}"} for at, each in enumerate(("sg", "my", "th"))]
    answers = {
        f"/{each}/rest/seller/get": seller(100200300 + at, f"Shop {each}", f"{each.upper()}10QX7", True)
        for at, each in enumerate(("sg", "my", "th"))
    }

    app = replace(APP, base_url="http://api.test/{country}/rest")
    shop = ScriptedShop(clock, {CREATE: token_answer(country="cb", country_user_info=users), **answers}, app=app)
    granted = await shop.shop.consent.exchange("0_900001_Zt7kQmV2p9")
    offered = await shop.shop.consent.shops(granted)
    assert [(each.shop_id, each.region) for each in offered] == [
        ("100200300", "SG"),
        ("100200301", "MY"),
        ("100200302", "TH"),
    ]
    assert all(each.cross_border and each.wire == CROSS_BORDER for each in offered)


async def test_without_the_exchange_every_countrys_gateway_is_asked(clock: DrivenClock) -> None:
    stranger = no("IllegalAccessToken", "The specified access token is invalid or expired")

    def answer(request: httpx.Request) -> httpx.Response:
        assert params_of(request)["access_token"] == "50000accessX"
        return seller(100200300, "Rumah Dapur", "MY10QX7") if request.url.host == "api.lazada.com.my" else stranger

    shop = ScriptedShop(clock, {SELLER: answer}, app=replace(APP, base_url="https://api.lazada.sg/rest"))
    (offered,) = await shop.shop.consent.shops(TokenSet("50000accessX", "r", 0, 0))
    assert (offered.shop_id, offered.region) == ("100200300", "MY")
    assert len(shop.asked) == 6

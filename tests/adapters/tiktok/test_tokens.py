"""Tokens: renewed in time, once, saved first; and what happens when TikTok Shop refuses or says nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from shoptui.adapters.base import AuthError, Malformed, RateLimited, Temporary, TokenSet, Verdict
from shoptui.adapters.desks import Request
from shoptui.adapters.tokens import RENEW_AGAIN_AFTER_S, RENEW_BEFORE_END_S
from shoptui.clock import DrivenClock
from shoptui.domain.intents import ShipChoice, Verb
from tests.adapters.tiktok.support import (
    APP,
    DETAIL,
    REFRESH,
    ScriptedShop,
    no,
    ok,
    order,
    page,
    ship_path,
    store,
    token_data,
    tokens,
)
from tests.adapters.vault import MemoryVault


class SlowVault(MemoryVault):
    """Lets others run before what it saves is there."""

    async def save(self, store_id: str, tokens: TokenSet) -> None:
        await asyncio.sleep(0)
        await super().save(store_id, tokens)


STORE = store()
EXPIRED = 105002


def asked_refresh(shop: ScriptedShop) -> list[str]:
    return [request.url.params["refresh_token"] for request in shop.asked if request.url.path == REFRESH]


async def read(shop: ScriptedShop) -> None:
    await shop.shop.orders_by_no(STORE, ["577086512123700001"])


async def test_a_token_with_enough_left_is_used_as_it_is(clock: DrivenClock) -> None:
    vault = MemoryVault({STORE.store_id: tokens(clock, lasts_s=RENEW_BEFORE_END_S + 1)})
    shop = ScriptedShop(clock, {DETAIL: page(order())}, vault=vault)
    await read(shop)
    assert shop.paths() == [DETAIL]
    assert shop.asked[0].headers["x-tts-access-token"] == "ROW_access1"


async def test_a_token_near_its_end_is_renewed_and_saved_before_it_is_used(clock: DrivenClock) -> None:
    vault = MemoryVault({STORE.store_id: tokens(clock, lasts_s=RENEW_BEFORE_END_S)})

    def detail(request: httpx.Request) -> httpx.Response:
        assert [saved.access_token for _, saved in vault.saves] == ["ROW_access2"]
        return page(order())

    shop = ScriptedShop(clock, {DETAIL: detail, REFRESH: ok(token_data(clock))}, vault=vault)
    await read(shop)
    assert shop.paths() == [REFRESH, DETAIL]
    assert shop.asked[1].headers["x-tts-access-token"] == "ROW_access2"


async def test_the_refresh_is_unsigned_and_carries_the_credentials(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {REFRESH: ok(token_data(clock))})
    fresh = await shop.shop.refresh(STORE)
    assert fresh == shop.vault.load(STORE.store_id)
    request = shop.asked[0]
    assert request.method == "GET"
    assert request.url.host == "auth.test"
    assert dict(request.url.params) == {
        "app_key": "6abcd12efgh34",
        "app_secret": "7f3a9c5e1b2d4f6081a2b3c4d5e6f70819a2b3c4",
        "refresh_token": "ROW_refresh1",
        "grant_type": "refresh_token",
    }
    assert "x-tts-access-token" not in request.headers


async def test_many_callers_make_one_refresh_and_all_get_its_tokens(clock: DrivenClock) -> None:
    vault = SlowVault({STORE.store_id: tokens(clock)})
    shop = ScriptedShop(clock, {REFRESH: ok(token_data(clock))}, vault=vault)
    got = await asyncio.gather(*(shop.shop.refresh(STORE) for _ in range(5)))
    assert {fresh.access_token for fresh in got} == {"ROW_access2"}
    assert asked_refresh(shop) == ["ROW_refresh1"]


async def test_stores_of_one_consent_share_the_renewal(clock: DrivenClock) -> None:
    shared = tokens(clock)
    vault = SlowVault({"tt-vn-1": shared, "tt-th-1": shared, "tt-my-1": tokens(clock, "other")})
    shop = ScriptedShop(clock, {DETAIL: page(), REFRESH: ok(token_data(clock))}, vault=vault)
    stores = [store("tt-vn-1"), store("tt-th-1"), store("tt-my-1")]
    for each in stores:
        await shop.shop.orders_by_no(each, ["1"])
    await asyncio.gather(shop.shop.refresh(stores[0]), shop.shop.refresh(stores[1]))
    assert asked_refresh(shop) == ["ROW_refresh1"]
    assert [vault.tokens[each.store_id].access_token for each in stores] == [
        "ROW_access2",
        "ROW_access2",
        "ROW_accessother",
    ]


@pytest.mark.parametrize(
    "refusal",
    [
        lambda: no(105001, "access token is expired"),
        lambda: no(105002, "access token is expired"),
        lambda: no(36009004, "the x-tts-access-token header is invalid", status=400),
    ],
)
async def test_a_refused_token_is_renewed_and_the_call_made_again(
    clock: DrivenClock, refusal: Callable[[], httpx.Response]
) -> None:
    shop = ScriptedShop(clock, {DETAIL: [refusal(), page(order())], REFRESH: ok(token_data(clock))})
    assert len((await shop.shop.orders_by_no(STORE, ["577086512123700001"])).orders) == 1
    assert shop.paths() == [DETAIL, REFRESH, DETAIL]


async def test_a_write_refused_for_its_token_is_sent_again_since_it_had_no_effect(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ship_path("115"): [no(EXPIRED), ok({})], REFRESH: ok(token_data(clock))})
    answers = await shop.shop.desks[Verb.SHIP].send(STORE, [Request("577", "115", ShipChoice())])
    assert [answer.verdict for answer in answers] == [Verdict.DONE]
    assert shop.paths() == [ship_path("115"), REFRESH, ship_path("115")]


async def test_a_renewed_token_that_is_refused_too_signs_the_store_out(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {DETAIL: no(EXPIRED), REFRESH: ok(token_data(clock))})
    with pytest.raises(AuthError, match=r"tt-vn-1.*authorise the store again"):
        await read(shop)
    assert shop.paths() == [DETAIL, REFRESH, DETAIL]


async def test_a_refused_refresh_signs_the_store_out_and_is_not_asked_again(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {REFRESH: no(36004004, "refresh token is invalid")})
    for _ in range(3):
        with pytest.raises(AuthError, match="refresh token is invalid"):
            await shop.shop.refresh(STORE)
    assert len(shop.asked) == 1
    # Authorised again: the vault holds another grant, which is tried.
    shop.vault.tokens[STORE.store_id] = tokens(clock, "3")
    with pytest.raises(AuthError):
        await shop.shop.refresh(STORE)
    assert asked_refresh(shop) == ["ROW_refresh1", "ROW_refresh3"]


async def test_a_consent_that_has_ended_is_not_asked_about(clock: DrivenClock) -> None:
    vault = MemoryVault({STORE.store_id: tokens(clock, lasts_s=-10, consent_s=-1)})
    shop = ScriptedShop(clock, {}, vault=vault)
    with pytest.raises(AuthError, match="consent for tt-vn-1 has ended"):
        await read(shop)


async def test_a_store_without_tokens_is_signed_out(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {}, vault=MemoryVault({}))
    with pytest.raises(AuthError, match="tt-vn-1 has no tokens"):
        await read(shop)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (httpx.ReadTimeout("slow"), Temporary),
        (httpx.Response(503, html="<h1>busy</h1>"), Temporary),
        (no(36009003, "internal error"), Temporary),
        (no(36009002, "too many", status=429), RateLimited),
        (ok({"access_token": "x"}), Malformed),
        (ok(None), Malformed),
        (httpx.Response(200, text="<html>portal</html>"), Malformed),
    ],
)
async def test_without_an_answer_the_old_token_is_used_while_it_lasts(
    clock: DrivenClock, reply: httpx.Response | Exception, kind: type[Exception]
) -> None:
    lasts_s = RENEW_BEFORE_END_S / 2
    vault = MemoryVault({STORE.store_id: tokens(clock, lasts_s=lasts_s)})
    shop = ScriptedShop(clock, {DETAIL: page(), REFRESH: reply}, vault=vault)
    await read(shop)
    await read(shop)
    assert shop.paths() == [REFRESH, DETAIL, DETAIL]
    clock.advance(RENEW_AGAIN_AFTER_S)
    await read(shop)
    assert shop.paths()[3:] == [REFRESH, DETAIL]
    clock.advance(lasts_s)
    with pytest.raises(kind):
        await read(shop)


async def test_new_tokens_survive_a_vault_that_cannot_save_at_once(clock: DrivenClock) -> None:
    class FullDisk(MemoryVault):
        full = True

        async def save(self, store_id: str, tokens: TokenSet) -> None:
            if self.full:
                raise OSError("no space left")
            await super().save(store_id, tokens)

    vault = FullDisk({STORE.store_id: tokens(clock)})
    shop = ScriptedShop(clock, {REFRESH: [ok(token_data(clock)), no(36004004, "used already")]}, vault=vault)
    with pytest.raises(OSError, match="no space"):
        await shop.shop.refresh(STORE)
    vault.full = False
    assert (await shop.shop.refresh(STORE)).access_token == "ROW_access2"
    assert vault.tokens[STORE.store_id].access_token == "ROW_access2"
    assert len(shop.asked) == 1


async def test_expiry_follows_world_time(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {DETAIL: page(), REFRESH: lambda request: ok(token_data(clock))})
    clock.advance_world(7 * 86400)
    await read(shop)
    assert shop.paths() == [REFRESH, DETAIL]


async def test_an_unexpected_error_of_the_vault_is_not_swallowed(clock: DrivenClock) -> None:
    class Broken(MemoryVault):
        def load(self, store_id: str) -> TokenSet | None:
            raise PermissionError("readable by others")

    with pytest.raises(PermissionError):
        await read(ScriptedShop(clock, {}, vault=Broken({})))


def test_tokens_and_app_hide_their_secrets_in_repr(clock: DrivenClock) -> None:
    assert "ROW_" not in repr(tokens(clock))
    assert APP.app_secret not in repr(APP)

"""Tokens: renewed in time, once, saved first; and what happens when Shopee refuses or says nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shoptui.adapters.base import AuthError, Effect, RateLimited, Temporary, TokenSet
from shoptui.adapters.shopee.tokens import REFRESH_LIFETIME_S
from shoptui.adapters.tokens import RENEW_AGAIN_AFTER_S, RENEW_BEFORE_END_S
from shoptui.clock import DrivenClock
from tests.adapters.shopee.support import (
    DETAIL,
    FOUR_HOURS_S,
    INFO,
    REFRESH,
    STORE,
    ScriptedShop,
    no,
    ok,
    reading,
    store,
    token_answer,
    tokens,
)
from tests.adapters.vault import MemoryVault

NO_ORDERS = ok({"order_list": []})


class SlowVault(MemoryVault):
    """Lets others run before what it saves is there."""

    async def save(self, store_id: str, tokens: TokenSet) -> None:
        await asyncio.sleep(0)
        await super().save(store_id, tokens)


def vault_with(clock: DrivenClock, lasts_s: float) -> MemoryVault:
    return MemoryVault({STORE.store_id: tokens(clock, lasts_s=lasts_s)})


async def read(shop: ScriptedShop) -> None:
    await shop.shop.orders_by_no(STORE, ["251009T4K7WQ2P"])


def tokens_used(shop: ScriptedShop) -> list[str]:
    return [request.url.params["access_token"] for request in shop.asked if request.url.path.endswith(DETAIL)]


async def test_a_token_with_enough_left_is_used_as_it_is(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {DETAIL: NO_ORDERS}, vault=vault_with(clock, RENEW_BEFORE_END_S + 1))
    await read(shop)
    assert shop.paths() == [DETAIL]


async def test_a_token_near_its_end_is_renewed_and_saved_before_it_is_used(clock: DrivenClock) -> None:
    vault = vault_with(clock, RENEW_BEFORE_END_S)

    def detail(request: httpx.Request) -> httpx.Response:
        assert [saved.access_token for _, saved in vault.saves] == ["access2"]
        return NO_ORDERS

    shop = ScriptedShop(clock, {DETAIL: detail, REFRESH: token_answer()}, vault=vault)
    await read(shop)
    assert shop.paths() == [REFRESH, DETAIL]
    assert tokens_used(shop) == ["access2"]


async def test_the_refresh_is_a_public_call_with_numbers_in_its_body(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {REFRESH: token_answer()})
    fresh = await shop.shop.refresh(STORE)
    request = shop.asked[0]
    assert set(request.url.params) == {"partner_id", "timestamp", "sign"}
    assert json.loads(request.content) == {"refresh_token": "refresh1", "partner_id": 2007001, "shop_id": 224460123}
    now = int(clock.now())
    assert fresh == TokenSet("access2", "refresh2", now + FOUR_HOURS_S, now + REFRESH_LIFETIME_S)
    assert shop.vault.load(STORE.store_id) == fresh


async def test_an_end_that_comes_as_a_moment_is_read_as_one(clock: DrivenClock) -> None:
    end = int(clock.now()) + FOUR_HOURS_S
    shop = ScriptedShop(clock, {REFRESH: token_answer(expire_in=end)})
    assert (await shop.shop.refresh(STORE)).access_expires_at == end


async def test_many_callers_make_one_refresh_and_all_get_its_tokens(clock: DrivenClock) -> None:
    vault = SlowVault({STORE.store_id: tokens(clock)})
    shop = ScriptedShop(clock, {REFRESH: token_answer()}, vault=vault)
    got = await asyncio.gather(*(shop.shop.refresh(STORE) for _ in range(5)))
    assert {fresh.access_token for fresh in got} == {"access2"}
    assert shop.paths().count(REFRESH) == 1


async def test_stores_of_one_main_account_each_renew_the_pair_they_share(clock: DrivenClock) -> None:
    shared = tokens(clock)
    other = store("sp-my-2", "224560126")
    vault = MemoryVault({STORE.store_id: shared, other.store_id: shared})
    shop = ScriptedShop(clock, {REFRESH: [token_answer("2"), token_answer("3")]}, vault=vault)
    await shop.shop.refresh(STORE)
    await shop.shop.refresh(other)
    assert [body["shop_id"] for body in shop.bodies(REFRESH)] == [224460123, 224560126]
    assert [vault.tokens[each.store_id].access_token for each in (STORE, other)] == ["access2", "access3"]


@pytest.mark.parametrize(
    "refusal",
    [
        lambda: no("invalid_acceess_token", "Invalid access_token, please have a check."),
        lambda: no("invalid_access_token", "Invalid access_token."),
        lambda: no("error_auth", "Invalid access_token."),
    ],
)
async def test_a_refused_token_is_renewed_once_and_the_call_made_again(
    clock: DrivenClock, refusal: Callable[[], httpx.Response]
) -> None:
    shop = ScriptedShop(clock, {DETAIL: [refusal(), NO_ORDERS], REFRESH: token_answer()})
    await read(shop)
    assert shop.paths() == [DETAIL, REFRESH, DETAIL]
    assert tokens_used(shop) == ["access1", "access2"]


async def test_a_renewed_token_that_is_refused_too_ends_in_signed_out(clock: DrivenClock) -> None:
    refused = no("invalid_acceess_token", "Invalid access_token, please have a check.")
    shop = ScriptedShop(clock, {DETAIL: refused, REFRESH: token_answer()})
    with pytest.raises(AuthError, match="even a renewed token"):
        await read(shop)
    assert shop.paths() == [DETAIL, REFRESH, DETAIL]


async def test_the_loser_of_two_refreshes_takes_what_the_winner_saved(clock: DrivenClock) -> None:
    vault = MemoryVault({STORE.store_id: tokens(clock)})

    def spent(request: httpx.Request) -> httpx.Response:
        # Another process was faster by a breath: its pair is in the vault when our refusal comes.
        vault.tokens[STORE.store_id] = tokens(clock, "9")
        return no("error_auth", "Invalid refresh_token.")

    shop = ScriptedShop(clock, {REFRESH: spent}, vault=vault)
    assert (await shop.shop.refresh(STORE)).access_token == "access9"
    assert vault.saves == []


async def test_a_refused_refresh_says_so_once_and_asks_no_more(clock: DrivenClock) -> None:
    vault = vault_with(clock, -1)
    shop = ScriptedShop(clock, {REFRESH: no("error_auth", "Invalid refresh_token.")}, vault=vault)
    for _ in range(3):
        with pytest.raises(AuthError, match="authorise the store again"):
            await read(shop)
    assert shop.paths() == [REFRESH]


async def test_after_a_lost_answer_the_old_token_serves_while_it_lasts_and_then_the_store_is_signed_out(
    clock: DrivenClock,
) -> None:
    vault = vault_with(clock, 300)
    script: dict[str, Any] = {
        DETAIL: NO_ORDERS,
        REFRESH: [httpx.ReadTimeout("late"), no("error_auth", "Invalid refresh_token.")],
    }
    shop = ScriptedShop(clock, script, vault=vault)
    await read(shop)
    await read(shop)
    assert shop.paths() == [REFRESH, DETAIL, DETAIL]
    clock.advance(RENEW_AGAIN_AFTER_S + 1)
    # The refresh token turns out to be spent, but the old access token still opens.
    await read(shop)
    assert shop.paths()[3:] == [REFRESH, DETAIL]
    clock.advance(300)
    with pytest.raises(AuthError, match="authorise the store again"):
        await read(shop)
    assert shop.paths()[5:] == []
    assert tokens_used(shop) == ["access1"] * 3


@pytest.mark.parametrize(
    "answer", [httpx.ReadTimeout("late"), no("error_rate_limit"), no("error_auth", "Invalid refresh_token.")]
)
async def test_a_renewal_in_good_time_that_comes_to_nothing_keeps_the_store_going(
    clock: DrivenClock, answer: httpx.Response | Exception
) -> None:
    shop = ScriptedShop(clock, {REFRESH: answer}, vault=vault_with(clock, 3000))
    held = shop.vault.tokens[STORE.store_id]
    assert await shop.shop.refresh(STORE) == held
    clock.advance(3001)
    with pytest.raises((AuthError, Temporary, RateLimited)):
        await shop.shop.refresh(STORE)


async def test_a_lost_answer_without_a_token_left_is_told_as_it_is(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {REFRESH: httpx.ReadTimeout("late")}, vault=vault_with(clock, -1))
    with pytest.raises(Temporary) as caught:
        await read(shop)
    assert caught.value.effect is Effect.POSSIBLE


async def test_tokens_that_could_not_be_saved_are_kept_and_saved_next_time(clock: DrivenClock) -> None:
    class FullVault(MemoryVault):
        is_full = True

        async def save(self, store_id: str, tokens: TokenSet) -> None:
            if self.is_full:
                raise OSError("disk full")
            await super().save(store_id, tokens)

    vault = FullVault({STORE.store_id: tokens(clock)})
    shop = ScriptedShop(clock, {REFRESH: token_answer()}, vault=vault)
    with pytest.raises(OSError, match="disk full"):
        await shop.shop.refresh(STORE)
    vault.is_full = False
    assert (await shop.shop.refresh(STORE)).access_token == "access2"
    assert shop.paths().count(REFRESH) == 1


async def test_a_store_without_tokens_is_named(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {}, vault=MemoryVault({}))
    with pytest.raises(AuthError, match="sp-my-1 has no tokens"):
        await read(shop)


async def test_a_revoked_consent_is_no_reason_to_burn_a_refresh_token(clock: DrivenClock) -> None:
    script: dict[str, Any] = {**reading(), DETAIL: no("shop_no_linked", "The shop is not linked to this partner.")}
    shop = ScriptedShop(clock, script)
    with pytest.raises(AuthError, match="authorise the store again"):
        await read(shop)
    assert shop.paths() == [DETAIL]


@pytest.mark.parametrize(
    ("info", "ends_in_s"),
    [
        (lambda now: ok(region="MY", expire_time=now + 7 * 86400), 7 * 86400),
        (lambda now: ok(region="MY", expire_time=now + 365 * 86400), REFRESH_LIFETIME_S),
        (lambda now: ok(region="MY"), REFRESH_LIFETIME_S),
        (lambda now: no("error_permission", "no"), REFRESH_LIFETIME_S),
    ],
)
async def test_the_end_of_the_sellers_consent_is_noted_with_the_tokens(
    clock: DrivenClock, info: Callable[[int], httpx.Response], ends_in_s: int
) -> None:
    now = int(clock.now())
    shop = ScriptedShop(clock, {REFRESH: token_answer(), INFO: info(now)})
    fresh = await shop.shop.refresh(STORE)
    assert fresh.refresh_expires_at == now + ends_in_s
    assert shop.vault.tokens[STORE.store_id] == fresh

"""The keeper of tokens, over a marketplace whose renewals the test writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from shoptui.adapters.base import (
    AdapterError,
    AuthError,
    Effect,
    Malformed,
    RateLimited,
    Rejected,
    ScopeError,
    Temporary,
    TokenSet,
)
from shoptui.adapters.tokens import RENEW_AGAIN_AFTER_S, RENEW_BEFORE_END_S, TokenKeeper
from shoptui.clock import DrivenClock
from shoptui.domain.intents import Cause, CauseId
from shoptui.domain.stores import Store
from tests.adapters.vault import MemoryVault

DAY_S = 86400


def store(store_id: str) -> Store:
    return Store(
        store_id=store_id,
        marketplace="lazada",
        region="MY",
        shop_id=store_id,
        name="Tin Kettle",
        time_zone="Asia/Kuala_Lumpur",
        currency="MYR",
        app="main",
    )


ONE, TWO = store("lz-my-1"), store("lz-sg-1")
Reply = TokenSet | AdapterError | Callable[[], TokenSet]


class Source:
    """Answers renewals from its script, the last line for ever; others run before each answer."""

    def __init__(self, *script: Reply, shared: bool = True) -> None:
        self.shared = shared
        self.asked: list[tuple[str, str]] = []
        self._script = list(script)

    async def refreshed(self, store: Store, tokens: TokenSet) -> TokenSet:
        self.asked.append((store.store_id, tokens.refresh_token))
        await asyncio.sleep(0)
        reply = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(reply, AdapterError):
            raise reply
        return reply() if callable(reply) else reply


def pair(clock: DrivenClock, name: str, *, lasts_s: float = DAY_S, consent_s: float = 30 * DAY_S) -> TokenSet:
    now = int(clock.now())
    return TokenSet(f"access{name}", f"refresh{name}", int(now + lasts_s), int(now + consent_s))


def house(clock: DrivenClock, source: Source, **held: TokenSet) -> tuple[TokenKeeper, MemoryVault]:
    names = {"one": ONE.store_id, "two": TWO.store_id}
    vault = MemoryVault({names[name]: tokens for name, tokens in held.items()})
    return TokenKeeper(vault, clock, source), vault


REFUSED = AuthError("the refresh token is spent")
LOST = Temporary("no answer", effect=Effect.POSSIBLE)
CALL_REFUSED = Rejected(Cause(CauseId.NO_PERMISSION, "Ip", "This machine is not on the allow list."))


@pytest.mark.parametrize(
    "failure", [REFUSED, LOST, CALL_REFUSED, RateLimited("slow"), Malformed("?"), ScopeError("no")]
)
async def test_whatever_comes_of_a_renewal_the_old_token_serves_until_it_ends(
    clock: DrivenClock, failure: AdapterError
) -> None:
    source = Source(failure)
    keeper, vault = house(clock, source, one=pair(clock, "1", lasts_s=RENEW_BEFORE_END_S))
    held = vault.tokens[ONE.store_id]
    assert await keeper.valid(ONE) == held
    assert await keeper.valid(ONE) == held
    assert len(source.asked) == 1
    clock.advance(RENEW_BEFORE_END_S)
    with pytest.raises(AdapterError):
        await keeper.valid(ONE)
    assert vault.saves == []


@pytest.mark.parametrize("failure", [LOST, CALL_REFUSED])
async def test_what_may_be_mended_is_tried_again_after_a_while(clock: DrivenClock, failure: AdapterError) -> None:
    fresh = pair(clock, "2")
    keeper, _ = house(clock, Source(failure, fresh), one=pair(clock, "1", lasts_s=RENEW_BEFORE_END_S))
    await keeper.valid(ONE)
    clock.advance(RENEW_AGAIN_AFTER_S)
    assert await keeper.valid(ONE) == fresh


async def test_a_refused_token_is_sent_once_and_told_each_time_where_a_refusal_counts(clock: DrivenClock) -> None:
    source = Source(REFUSED)
    keeper, _ = house(clock, source, one=pair(clock, "1", lasts_s=RENEW_BEFORE_END_S))
    await keeper.valid(ONE)
    for _ in range(2):
        with pytest.raises(AuthError, match="spent"):
            await keeper.renew_ahead(ONE, refusal_counts=True)
        await keeper.valid(ONE)
    assert len(source.asked) == 1


async def test_a_lost_answer_is_no_refusal(clock: DrivenClock) -> None:
    keeper, vault = house(clock, Source(LOST), one=pair(clock, "1"))
    assert await keeper.renew_ahead(ONE, refusal_counts=True) == vault.tokens[ONE.store_id]


async def test_a_refused_call_names_the_marketplace_and_says_what_to_do(clock: DrivenClock) -> None:
    keeper, _ = house(clock, Source(CALL_REFUSED), one=pair(clock, "1", lasts_s=-1))
    with pytest.raises(AuthError, match=r"lz-my-1: Lazada gave no tokens; authorise .* allow list") as caught:
        await keeper.valid(ONE)
    assert caught.value.code == "Ip"


@pytest.mark.parametrize("shared", [True, False])
async def test_only_stores_that_share_are_given_what_another_renewed(clock: DrivenClock, shared: bool) -> None:
    both = pair(clock, "1")
    source = Source(pair(clock, "2"), pair(clock, "3"), shared=shared)
    keeper, vault = house(clock, source, one=both, two=both)
    first, second = await asyncio.gather(keeper.renew(ONE), keeper.renew(TWO))
    assert (first == second) is shared
    assert [vault.tokens[each.store_id] for each in (ONE, TWO)] == [first, second]
    assert len(source.asked) == (1 if shared else 2)


async def test_a_store_that_comes_late_takes_the_newest_of_several_renewals(clock: DrivenClock) -> None:
    both, newest = pair(clock, "1"), pair(clock, "3")
    source = Source(pair(clock, "2"), newest)
    keeper, vault = house(clock, source, one=both, two=both)
    await keeper.renew(ONE)
    await keeper.renew(ONE)
    assert await keeper.renew(TWO) == newest == vault.tokens[TWO.store_id]
    assert len(source.asked) == 2


async def test_what_was_renewed_for_another_and_has_ended_since_is_renewed_again(clock: DrivenClock) -> None:
    both = pair(clock, "1")
    source = Source(pair(clock, "2"), lambda: pair(clock, "3"))
    keeper, vault = house(clock, source, one=both, two=both)
    await keeper.renew(ONE)
    clock.advance(DAY_S)
    assert (await keeper.valid(TWO)).access_token == "access3"
    assert {tokens.access_token for tokens in vault.tokens.values()} == {"access3"}
    assert [token for _, token in source.asked] == ["refresh1", "refresh2"]


async def test_a_refresh_token_that_comes_back_is_no_end_of_the_line(clock: DrivenClock) -> None:
    source = Source(pair(clock, "2"), pair(clock, "1"), pair(clock, "3"))
    keeper, vault = house(
        clock, source, one=TokenSet("access0", "refresh1", int(clock.now()), int(clock.now()) + DAY_S)
    )
    for _ in range(3):
        await keeper.renew(ONE)
    assert [token for _, token in source.asked] == ["refresh1", "refresh2", "refresh1"]
    assert vault.tokens[ONE.store_id].access_token == "access3"


async def test_the_loser_of_a_race_takes_what_the_winner_saved(clock: DrivenClock) -> None:
    winners = pair(clock, "9")

    def spent() -> TokenSet:
        vault.tokens[ONE.store_id] = winners
        raise REFUSED

    keeper, vault = house(clock, Source(spent, shared=False), one=pair(clock, "1"))
    assert await keeper.renew(ONE) == winners
    assert vault.saves == []


async def test_a_store_that_goes_during_its_renewal_stays_gone(clock: DrivenClock) -> None:
    def removed() -> TokenSet:
        del vault.tokens[ONE.store_id]
        return pair(clock, "2")

    keeper, vault = house(clock, Source(removed, shared=False), one=pair(clock, "1"))
    await keeper.renew(ONE)
    assert vault.tokens == {}


@pytest.mark.parametrize(("ends_in_s", "noted_s"), [(7 * DAY_S, 7 * DAY_S), (90 * DAY_S, 30 * DAY_S)])
async def test_a_consent_that_ends_sooner_bounds_the_refresh_token(
    clock: DrivenClock, ends_in_s: int, noted_s: int
) -> None:
    keeper, vault = house(clock, Source(LOST), one=pair(clock, "1"))
    now = int(clock.now())
    known = await keeper.bounded(ONE, vault.tokens[ONE.store_id], now + ends_in_s)
    assert known.refresh_expires_at == now + noted_s
    assert vault.tokens[ONE.store_id] == known
    assert await keeper.bounded(ONE, known, 0) == known


async def test_the_end_of_a_consent_is_not_written_over_newer_tokens(clock: DrivenClock) -> None:
    keeper, vault = house(clock, Source(LOST), one=pair(clock, "2"))
    newer = vault.tokens[ONE.store_id]
    assert await keeper.bounded(ONE, pair(clock, "1"), int(clock.now()) + DAY_S) == newer
    assert vault.saves == []

"""The adapter over real HTTP against the simulated TikTok Shop, with its strictness and its faults."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shoptui.adapters.base import (
    AdapterError,
    AppCredentials,
    AuthError,
    Effect,
    HandoverOptions,
    Malformed,
    RateLimited,
    Rejected,
    ScopeError,
    Temporary,
    Verdict,
)
from shoptui.adapters.registry import build
from shoptui.adapters.tiktok.adapter import TikTokShop
from shoptui.domain.clocks import ClockKind, StopEvent
from shoptui.domain.intents import CauseId
from shoptui.domain.orders import BEFORE_CARRIER, ShippingType, Status
from tests.adapters.tiktok.sandboxed import START_AT, fault, house

SHIP = "/packages/ship"


ALL_REGIONS = ("TH", "VN", "MY", "PH", "SG", "ID", "GB", "US", "JP")


async def test_every_order_of_every_region_is_understood() -> None:
    async with house(regions=ALL_REGIONS, orders=450) as at:
        read = 0
        for store in at.stores:
            pages = await at.changed(store)
            orders = [order for page in pages for order in page.orders]
            assert not [aside.reason for page in pages for aside in page.set_aside]
            assert len({order.order_no for order in orders}) == len(orders) == pages[0].total
            for order in orders:
                assert order.status is not Status.UNKNOWN, order.raw_status
                assert order.shipping_type is not ShippingType.UNKNOWN
                assert order.total.currency == store.currency
                assert all(line.status is not Status.UNKNOWN for line in order.lines), order.lines
                assert all(package.status is not Status.UNKNOWN for package in order.packages)
                assert sum(line.quantity for line in order.lines) == len(at.sandbox.world.orders[order.order_no].lines)
                if order.status in {Status.COMPLETED, Status.CANCELLED}:
                    assert not [clock for clock in order.clocks if clock.running]
            read += len(orders)
        assert read == len(at.sandbox.world.orders)


async def test_open_deadlines_run_and_met_ones_do_not() -> None:
    async with house(orders=200) as at:
        orders = await at.orders()
        to_ship = [order for order in orders if order.status is Status.TO_SHIP]
        assert to_ship
        for order in to_ship:
            assert any(clock.kind is ClockKind.ARRANGE and clock.running for clock in order.clocks)
        for order in orders:
            if order.status in {Status.TO_HAND_OVER, Status.IN_TRANSIT}:
                assert not [clock for clock in order.clocks if clock.stopped_by is StopEvent.ARRANGED and clock.running]


async def test_the_sweep_finds_exactly_what_the_carrier_does_not_have() -> None:
    async with house(orders=300) as at:
        pages = [page async for page in at.shop.open_orders(at.store)]
        swept = {order.order_no for page in pages for order in page.orders}
        assert swept == {order.order_no for order in await at.orders() if order.status in BEFORE_CARRIER}
        assert sum(page.total or 0 for page in pages) == len(swept)


async def test_orders_by_number_are_those_of_the_search() -> None:
    async with house(orders=120) as at:
        orders = await at.orders()
        page = await at.shop.orders_by_no(at.store, [order.order_no for order in orders])
        assert {order.order_no: order for order in page.orders} == {order.order_no: order for order in orders}


async def test_shipping_one_then_many_moves_the_orders_and_repeats_are_already_done() -> None:
    async with house(orders=300) as at:
        first, *rest = (await at.shippable())[:12]
        assert len(rest) > 2
        assert [answer.verdict for answer in await at.ship.send(at.store, [first])] == [Verdict.DONE]
        answers = await at.ship.send(at.store, [first, *rest])
        assert [answer.verdict for answer in answers] == [Verdict.ALREADY, *[Verdict.DONE] * len(rest)]
        applied = [target for target, effect in at.effects() if effect == "applied"]
        assert sorted(map(str, applied)) == sorted(request.target_id for request in [first, *rest])
        evidence = await at.ship.read_back(at.store, [first, *rest])
        assert {each.verdict for each in evidence} == {Verdict.DONE}
        page = await at.shop.orders_by_no(at.store, [first.order_no])
        shipped = next(each for each in page.orders[0].packages if each.package_id == first.target_id)
        assert shipped.status is Status.TO_HAND_OVER


@pytest.mark.parametrize("many", [False, True])
async def test_an_answer_lost_after_the_effect_is_proven_done(many: bool) -> None:
    async with house(orders=300) as at:
        requests = (await at.shippable())[: 5 if many else 1]
        at.sandbox.faults.replace([fault(SHIP if many else "/ship$", drop_after=True)])
        with pytest.raises(Temporary) as caught:
            await at.ship.send(at.store, requests)
        assert caught.value.effect is Effect.POSSIBLE
        assert at.effects() == [(request.target_id, "applied") for request in requests]
        evidence = await at.ship.read_back(at.store, requests)
        assert {each.verdict for each in evidence} == {Verdict.DONE}


async def test_a_connection_lost_before_the_effect_is_proven_not_done() -> None:
    async with house(orders=300) as at:
        requests = (await at.shippable())[:3]
        at.sandbox.faults.replace([fault(SHIP, drop_before=True)])
        with pytest.raises(Temporary) as caught:
            await at.ship.send(at.store, requests)
        assert caught.value.effect is Effect.POSSIBLE
        assert at.effects() == []
        evidence = await at.ship.read_back(at.store, requests)
        assert {each.verdict for each in evidence} == {Verdict.NOT_DONE}
        assert {answer.verdict for answer in await at.ship.send(at.store, requests)} == {Verdict.DONE}


@pytest.mark.parametrize(
    ("do", "kind"),
    [
        ({"truncate": True}, (Malformed, Temporary)),
        ({"not_json": True}, (Malformed, Temporary)),
        ({"status": 502}, Temporary),
        ({"code": 36009003}, Temporary),
    ],
)
async def test_a_ship_answer_that_cannot_be_read_is_never_sent_again(
    do: dict[str, Any], kind: type[AdapterError]
) -> None:
    async with house(orders=300) as at:
        requests = (await at.shippable())[:2]
        at.sandbox.faults.replace([fault(SHIP, **do)])
        with pytest.raises(kind) as caught:
            await at.ship.send(at.store, requests)
        assert getattr(caught.value, "effect", None) is Effect.POSSIBLE
        counted = {row.feed: row.today for row in at.budget.snapshot()}
        assert counted["ship"] == 1


@pytest.mark.parametrize(
    "do",
    [
        {"truncate": True},
        {"not_json": True},
        {"status": 502},
        {"status": 429},
        {"code": 36009003},
        {"drop_before": True},
        {"drop_after": True},
        {"expired_token": True},
    ],
)
async def test_a_read_goes_on_over_a_passing_fault(do: dict[str, Any]) -> None:
    async with house() as at:
        whole = {order.order_no for order in await at.orders()}
        at.sandbox.faults.replace([fault("/orders/search", times=2 if "expired_token" not in do else 1, **do)])
        assert {order.order_no for order in await at.orders()} == whole


async def test_a_long_pause_is_handed_on() -> None:
    async with house() as at:
        at.sandbox.faults.replace([fault("/orders/search", status=429, retry_after_s=90)])
        with pytest.raises(RateLimited) as caught:
            await at.orders()
        assert caught.value.retry_after_s == 90


async def test_we_stay_below_the_documented_rate() -> None:
    async with house() as at:
        numbers = [order.order_no for order in await at.orders()]
        await asyncio.gather(*(at.shop.orders_by_no(at.store, numbers[:1]) for _ in range(70)))
        assert sum(row.refused_today for row in at.budget.snapshot()) == 0


async def test_one_bad_order_is_set_aside_and_an_unknown_word_is_kept() -> None:
    async with house() as at:
        orders = await at.orders()
        for number, how in enumerate(("missing_id", "bad_time", "bad_money", "null_lines", "not_an_object")):
            at.sandbox.poke("malform_order", order_id=orders[number].order_no, how=how)
        at.sandbox.poke("unknown_status", order_id=orders[5].order_no, status="AWAITING_TELEPORT")
        pages = await at.changed()
        aside = [each for page in pages for each in page.set_aside]
        assert sorted(each.order_no for each in aside) == sorted(["", *(order.order_no for order in orders[1:5])])
        by_no = {order.order_no: order for page in pages for order in page.orders}
        assert len(by_no) == len(orders) - 5
        strange = by_no[orders[5].order_no]
        assert (strange.status, strange.raw_status) == (Status.UNKNOWN, "AWAITING_TELEPORT")


async def test_pages_served_twice_bring_nothing_twice() -> None:
    async with house(orders=450) as at:
        whole = await at.orders()
        at.sandbox.poke("duplicate_page", pages=2)
        again = await at.orders()
        assert sorted(order.order_no for order in again) == sorted(order.order_no for order in whole)


async def test_an_expired_token_is_renewed_once_for_all_callers() -> None:
    async with house() as at:
        at.sandbox.poke("expire_token")
        await asyncio.gather(*(at.orders() for _ in range(4)))
        assert len(at.vault.saves) == 1


async def test_tokens_are_renewed_as_world_time_goes_by() -> None:
    async with house() as at:
        for _ in range(3):
            at.sandbox.advance(7 * 86400)
            await at.orders()
        assert len(at.vault.saves) == 3


async def test_a_revoked_consent_signs_the_store_out_until_it_is_given_again() -> None:
    async with house() as at:
        at.sandbox.poke("revoke_token")
        with pytest.raises(AuthError):
            await at.orders()
        code = at.sandbox.poke("authorize")["code"]
        assert isinstance(at.shop, TikTokShop)
        pasted = at.shop.consent.read_pasted(f"https://app.test/callback?code={code}&state=1")
        assert (pasted.code, pasted.state) == (code, "1")
        tokens = await at.shop.consent.exchange(pasted.code)
        await at.vault.save(at.store.store_id, tokens)
        assert await at.orders()
        with pytest.raises(AuthError):
            await at.shop.consent.exchange(code)


async def test_a_missing_scope_is_told_apart_from_being_signed_out() -> None:
    async with house() as at:
        at.sandbox.poke("revoke_scope", scope="seller.order.info")
        with pytest.raises(ScopeError):
            await at.orders()


async def test_the_tokens_shops_are_found() -> None:
    async with house(regions=("TH", "GB")) as at:
        for store in at.stores:
            tokens = at.vault.load(store.store_id)
            assert tokens is not None
            assert isinstance(at.shop, TikTokShop)
            shops = await at.shop.consent.shops(tokens)
            wanted = (store.shop_id, store.region, store.wire["cipher"])
            assert wanted in {(shop.shop_id, shop.region, shop.wire["cipher"]) for shop in shops}


@pytest.mark.parametrize(("skew_s", "side"), [(3600, "ahead of"), (-3600, "behind")])
async def test_a_wrong_clock_is_measured(skew_s: int, side: str) -> None:
    async with house() as at:
        at.clock.skew_s = skew_s
        with pytest.raises(Rejected) as caught:
            await at.orders()
        assert side in caught.value.message
        off_s = int(caught.value.message.split("clock is ")[1].split(" s ")[0])
        assert abs(off_s - 3600) < 60


async def test_a_wrong_secret_is_refused_in_words() -> None:
    async with house() as at:
        credentials = AppCredentials(
            "main", "tiktok", at.sandbox.app_key, "wrong", at.sandbox.base_url, at.sandbox.auth_url
        )
        shop = build(credentials, vault=at.vault, clock=at.clock)
        with pytest.raises(Rejected, match="signature"):
            await shop.orders_by_no(at.store, ["1"])
        await shop.close()


async def test_flawed_packages_are_refused_with_their_cause_and_the_others_go() -> None:
    flaws = {
        "frozen": (Verdict.REFUSED, CauseId.FROZEN),
        "bad_postcode": (Verdict.REFUSED, CauseId.ADDRESS),
        "address_too_long": (Verdict.REFUSED, CauseId.ADDRESS),
        "no_slot": (Verdict.REFUSED, CauseId.NO_SLOT),
        "not_ready": (Verdict.WAIT, CauseId.NOT_READY),
    }
    async with house(orders=400) as at:
        requests = (await at.shippable())[: len(flaws) + 1]
        for request, kind in zip(requests, flaws, strict=False):
            at.sandbox.poke("flaw", package_id=request.target_id, kind=kind)
        answers = await at.ship.send(at.store, requests)
        got = [(answer.verdict, answer.cause.id if answer.cause else None) for answer in answers]
        assert got == [*flaws.values(), (Verdict.DONE, None)]


async def test_a_package_too_heavy_for_its_service_is_refused() -> None:
    async with house(orders=200) as at:
        (request, *_) = await at.shippable()
        at.sandbox.poke("weight", package_id=request.target_id, weight_g=900_000)
        (answer,) = await at.ship.send(at.store, [request])
        assert answer.verdict is Verdict.REFUSED
        assert answer.cause is not None
        assert answer.cause.id in {CauseId.TOO_HEAVY, CauseId.NO_SERVICE}


async def test_the_buyer_who_was_first_wins() -> None:
    async with house(orders=200) as at:
        (request, *_) = await at.shippable()
        at.sandbox.poke("buyer_cancel_request", order_id=request.order_no)
        (answer,) = await at.ship.send(at.store, [request])
        assert answer.cause is not None and answer.cause.id is CauseId.CANCEL_REQUESTED
        page = await at.shop.orders_by_no(at.store, [request.order_no])
        refusal = at.ship.why_not(at.store, page.orders[0])
        assert refusal is not None and "asks to cancel" in refusal.reason


async def test_a_cancelled_order_is_refused_and_proven_not_shipped() -> None:
    async with house(orders=200) as at:
        (request, *_) = await at.shippable()
        at.sandbox.poke("cancel_order", order_id=request.order_no)
        (answer,) = await at.ship.send(at.store, [request])
        assert answer.cause is not None and answer.cause.id is CauseId.CANCELLED
        (evidence,) = await at.ship.read_back(at.store, [request])
        assert evidence.verdict is Verdict.NOT_DONE
        assert evidence.facts["order_status"] == "CANCELLED"


async def test_another_shops_package_is_not_ours() -> None:
    async with house(regions=("TH", "VN"), orders=200) as at:
        (foreign, *_) = await at.shippable(at.stores[1])
        (answer,) = await at.ship.send(at.store, [foreign])
        assert answer.cause is not None and answer.cause.id is CauseId.NOT_OURS
        (evidence,) = await at.ship.read_back(at.store, [foreign])
        assert evidence.verdict is Verdict.UNDECIDED


async def test_slots_packages_and_tracking_are_read() -> None:
    async with house(regions=("TH", "GB"), orders=300) as at:
        for store, honoured in zip(at.stores, (False, True), strict=True):
            (request, *_) = await at.shippable(store)
            options = await at.shop.handover_options(store, request.target_id)
            assert isinstance(options, HandoverOptions)
            assert options.honoured is honoured
            assert all(slot.start_at < slot.end_at for slot in options.slots)
            await at.ship.send(store, [request])
            at.sandbox.advance(3600)
            (order,) = (await at.shop.orders_by_no(store, [request.order_no])).orders
            detailed = await at.shop.order_packages(store, order)
            package = next(each for each in detailed.packages if each.package_id == request.target_id)
            assert package.tracking_number and package.weight_g and package.raw_sub_status
            at.sandbox.poke("collect", package_id=request.target_id)
            events = await at.shop.tracking(store, request.order_no)
            assert events and [event.at for event in events] == sorted(event.at for event in events)
            assert all(abs(event.at - START_AT) < 90 * 86400 for event in events)


@pytest.mark.parametrize("region", ["US", "JP"])
async def test_label_buying_markets_are_not_shipped_from_here(region: str) -> None:
    async with house(regions=(region,), orders=60) as at:
        orders = [order for order in await at.orders() if order.status is Status.TO_SHIP]
        assert orders
        assert all(at.ship.why_not(at.store, order) is not None for order in orders)

"""The adapter over real HTTP against the simulated Shopee, with its strictness, its lags and its faults."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shoptui.adapters.base import (
    AdapterError,
    AuthError,
    Effect,
    HandoverOptions,
    Malformed,
    RateLimited,
    Rejected,
    ScopeError,
    Temporary,
    Unsupported,
    Verdict,
)
from shoptui.adapters.desks import Request
from shoptui.adapters.limits import CallBudget
from shoptui.adapters.registry import build
from shoptui.domain.clocks import ClockKind
from shoptui.domain.intents import CauseId, ShipChoice, Verb
from shoptui.domain.orders import BEFORE_CARRIER, Flag, ShippingType, Status
from shoptui.domain.verbs import CancelAnswer, CancelChoice, DocumentChoice, OwnShipping, SellerNote, SplitChoice
from tests.adapters.shopee.sandboxed import House, house

LAG_S = 20 * 60 + 1
SHIP = "/logistics/(mass_)?ship_order$"
REGIONS = ("MY", "SG", "TH", "VN", "ID", "PH")


def fault(path: str, times: int = 1, **do: Any) -> dict[str, Any]:
    """A rule by which the next calls to a path go wrong."""
    return {"match": {"path": path, "times": times}, "do": do}


async def evidence(at: House, verb: Verb, *requests: Request) -> list[Verdict]:
    return [each.verdict for each in await at.desk(verb).read_back(at.store, requests)]


# -- reading ----------------------------------------------------------------------------------------------------------


async def test_every_order_of_every_region_is_understood() -> None:
    async with house(regions=REGIONS, orders=300) as at:
        read = 0
        kinds: set[ShippingType] = set()
        for store in at.stores:
            pages = await at.changed(store)
            orders = [order for page in pages for order in page.orders]
            assert not [aside.reason for page in pages for aside in page.set_aside]
            moments = [order.updated_at for order in orders]
            assert moments == sorted(moments)
            assert len({order.order_no for order in orders}) == len(orders)
            for order in orders:
                assert order.status is not Status.UNKNOWN, order.raw_status
                assert order.total.currency == store.currency
                assert all(package.status is not Status.UNKNOWN for package in order.packages)
                assert all(line.status is not Status.UNKNOWN for line in order.lines)
                assert sum(line.quantity for line in order.lines) == len(at.sandbox.world.orders[order.order_no].lines)
                assert len({line.line_id for line in order.lines}) == len(order.lines)
                if order.status in {Status.COMPLETED, Status.CANCELLED}:
                    assert not [clock for clock in order.clocks if clock.running]
                if order.status is Status.TO_SHIP:
                    assert any(clock.kind is ClockKind.ARRANGE and clock.running for clock in order.clocks)
                kinds.add(order.shipping_type)
            read += len(orders)
        assert read == len(at.sandbox.world.orders)
        assert kinds == {ShippingType.PLATFORM, ShippingType.SELLER}


async def test_the_sweep_finds_exactly_what_the_carrier_does_not_have() -> None:
    async with house(orders=200) as at:
        swept = [order.order_no async for page in at.shop.open_orders(at.store) for order in page.orders]
        assert len(set(swept)) == len(swept)
        assert set(swept) == {order.order_no for order in await at.orders() if order.status in BEFORE_CARRIER}


async def test_orders_by_number_are_those_of_the_search() -> None:
    async with house() as at:
        orders = await at.orders()
        page = await at.shop.orders_by_no(at.store, [order.order_no for order in orders] + ["260101STRANGE"])
        assert {order.order_no: order for order in page.orders} == {order.order_no: order for order in orders}
        assert await at.shop.order_packages(at.store, orders[0]) == orders[0]


@pytest.mark.parametrize("how", ["missing_id", "bad_time", "bad_money", "null_lines", "not_an_object"])
async def test_a_broken_record_is_set_aside(how: str) -> None:
    async with house(orders=40) as at:
        before = await at.orders()
        at.sandbox.poke("malform_order", order_id=before[-1].order_no, how=how)
        pages = await at.changed()
        assert len([aside for page in pages for aside in page.set_aside]) == 1
        assert sum(len(page.orders) for page in pages) == len(before) - 1


@pytest.mark.parametrize(
    "do",
    [
        {"truncate": True},
        {"not_json": True},
        {"status": 502},
        {"status": 429},
        {"code": "error_server"},
        {"code": "error_rate_limit"},
        {"drop_before": True},
        {"drop_after": True},
        {"expired_token": True},
    ],
)
async def test_a_read_goes_on_over_a_passing_fault(do: dict[str, Any]) -> None:
    async with house(orders=40) as at:
        whole = {order.order_no for order in await at.orders()}
        at.sandbox.faults.replace([fault("/order/get_order_list", times=1, **do)])
        assert {order.order_no for order in await at.orders()} == whole


async def test_a_clock_that_is_off_is_told() -> None:
    async with house(orders=10) as at:
        at.clock.skew_s = 400
        with pytest.raises(Rejected, match="clock is"):
            await at.orders()


async def test_a_wrong_key_is_told() -> None:
    async with house(orders=10) as at:
        wrong = replace(at.credentials, app_secret="shpk00")
        shop = build(wrong, vault=at.vault, clock=at.clock, budget=CallBudget(at.clock))
        with pytest.raises(Rejected, match="partner key"):
            await shop.orders_by_no(at.store, ["260101AAAAAAAA"])
        await shop.close()


async def test_taken_back_consents_and_permissions_are_told_apart() -> None:
    async with house(orders=10) as at:
        order_no = next(iter(at.sandbox.world.orders))
        at.sandbox.poke("expire_token", shop_id=at.store.shop_id)
        assert (await at.shop.orders_by_no(at.store, [order_no])).orders
        at.sandbox.poke("revoke_scope", shop_id=at.store.shop_id, scope="order")
        with pytest.raises(ScopeError):
            await at.shop.orders_by_no(at.store, [order_no])
        at.sandbox.poke("revoke_token", shop_id=at.store.shop_id)
        with pytest.raises(AuthError):
            await at.shop.orders_by_no(at.store, [order_no])


# -- tokens -----------------------------------------------------------------------------------------------------------


async def test_a_refresh_whose_answer_is_lost_leaves_the_old_token_for_a_while() -> None:
    async with house(orders=10) as at:
        order_no = next(iter(at.sandbox.world.orders))
        held = at.vault.tokens[at.store.store_id]
        at.sandbox.advance(held.access_expires_at - int(at.clock.now()) - 600)
        at.sandbox.faults.replace([fault("/auth/access_token/get", drop_after=True)])
        # Spent at Shopee's end, unknown at ours: the old token keeps working for five minutes.
        assert (await at.shop.orders_by_no(at.store, [order_no])).orders
        assert at.vault.saves == []
        at.sandbox.advance(120)
        assert (await at.shop.orders_by_no(at.store, [order_no])).orders
        at.sandbox.advance(240)
        with pytest.raises(AuthError, match="authorise the store again"):
            await at.shop.orders_by_no(at.store, [order_no])
        assert [effect for _, effect in at.effects("token_refresh")] == ["applied", "refused"]


async def test_two_processes_that_refresh_at_once_end_with_the_same_pair() -> None:
    async with house(orders=10) as at:
        other = build(at.credentials, vault=at.vault, clock=at.clock, budget=CallBudget(at.clock))
        before = at.vault.tokens[at.store.store_id]
        pairs = await asyncio.gather(at.shop.refresh(at.store), other.refresh(at.store))
        await other.close()
        # The loser may be told before the winner has saved; then the pair from before serves it for the moment.
        assert at.vault.tokens[at.store.store_id] in pairs
        assert {pair.access_token for pair in pairs} <= {
            before.access_token,
            at.vault.tokens[at.store.store_id].access_token,
        }
        await at.orders()
        assert [effect for _, effect in at.effects("token_refresh")].count("applied") == len(at.vault.saves) == 1


# -- shipping ---------------------------------------------------------------------------------------------------------


async def test_parcels_are_shipped_together_once_and_show_it() -> None:
    async with house(orders=160) as at:
        requests = (await at.waiting(Verb.SHIP, ShipChoice()))[:16]
        assert len(requests) == 16
        assert {answer.verdict for answer in await at.send(Verb.SHIP, *requests)} == {Verdict.DONE}
        assert sorted(at.effects("ship")) == sorted((request.target_id, "applied") for request in requests)
        assert {answer.verdict for answer in await at.send(Verb.SHIP, *requests)} == {Verdict.ALREADY}
        assert len(at.effects("ship")) == len(requests)
        order = await at.order(requests[0].order_no)
        assert order.status is Status.TO_HAND_OVER
        at.sandbox.advance(LAG_S)
        assert set(await evidence(at, Verb.SHIP, *requests)) == {Verdict.DONE}
        shipped = await at.order(requests[0].order_no)
        assert (shipped.raw_status, bool(shipped.tracking_number)) == ("PROCESSED", True)


async def test_an_operators_choice_of_hand_over_is_kept() -> None:
    async with house(orders=160) as at:
        for order in await at.able(Verb.SHIP):
            package = order.packages[0]
            found = await at.shop.handover_options(at.store, package.package_id)
            if isinstance(found, HandoverOptions) and found.slots and found.can_drop_off:
                break
        else:
            pytest.fail("no order with a choice")
        slot = found.slots[-1]
        picked = Request(order.order_no, package.package_id, ShipChoice("PICKUP", slot.start_at, slot.end_at))
        gone = replace(picked, args=ShipChoice("PICKUP", slot.start_at + 1, slot.end_at))
        (refused,) = await at.send(Verb.SHIP, gone)
        assert refused.cause is not None
        assert refused.cause.id is CauseId.SLOT_GONE
        (answer,) = await at.send(Verb.SHIP, picked)
        assert (answer.verdict, answer.facts["handover"]) == (Verdict.DONE, "pickup")
        assert isinstance(await at.shop.handover_options(at.store, package.package_id), Unsupported)


@pytest.mark.parametrize("many", [False, True])
async def test_an_answer_lost_after_the_effect_is_proven_done_and_not_sent_again(many: bool) -> None:
    async with house(orders=160) as at:
        requests = await at.waiting(Verb.SHIP, ShipChoice())
        if many:
            # Of one channel and warehouse, so that one call carries them all.
            orders = {order.order_no: order for order in await at.orders()}
            first = orders[requests[0].order_no]
            kind = (first.packages[0].carrier_id, first.warehouse_id)
            requests = [
                request
                for request in requests
                if (orders[request.order_no].packages[0].carrier_id, orders[request.order_no].warehouse_id) == kind
            ][:4]
            assert len(requests) > 1
        else:
            requests = requests[:1]
        at.sandbox.faults.replace([fault(SHIP, times=9, drop_after=True)])
        with pytest.raises(Temporary) as caught:
            await at.send(Verb.SHIP, *requests)
        assert caught.value.effect is Effect.POSSIBLE
        at.sandbox.faults.clear()
        assert sorted(at.effects("ship")) == sorted((request.target_id, "applied") for request in requests)
        at.sandbox.advance(LAG_S)
        assert set(await evidence(at, Verb.SHIP, *requests)) == {Verdict.DONE}
        assert {answer.verdict for answer in await at.send(Verb.SHIP, *requests)} == {Verdict.ALREADY}
        assert len(at.effects("ship")) == len(requests)


async def test_a_connection_lost_before_the_effect_is_proven_not_done() -> None:
    async with house(orders=60) as at:
        requests = (await at.waiting(Verb.SHIP, ShipChoice()))[:1]
        at.sandbox.faults.replace([fault(SHIP, drop_before=True)])
        with pytest.raises(Temporary):
            await at.send(Verb.SHIP, *requests)
        assert at.effects("ship") == []
        at.sandbox.advance(LAG_S)
        assert await evidence(at, Verb.SHIP, *requests) == [Verdict.NOT_DONE]
        assert [answer.verdict for answer in await at.send(Verb.SHIP, *requests)] == [Verdict.DONE]


@pytest.mark.parametrize(
    ("do", "kind"),
    [
        ({"truncate": True}, (Malformed, Temporary)),
        ({"not_json": True}, (Malformed, Temporary)),
        ({"status": 502}, Temporary),
        ({"code": "error_server"}, Temporary),
    ],
)
async def test_a_ship_answer_that_cannot_be_read_is_never_sent_again(
    do: dict[str, Any], kind: type[AdapterError]
) -> None:
    async with house(orders=60) as at:
        requests = (await at.waiting(Verb.SHIP, ShipChoice()))[:1]
        at.sandbox.faults.replace([fault(SHIP, times=5, **do)])
        with pytest.raises(kind) as caught:
            await at.send(Verb.SHIP, *requests)
        assert getattr(caught.value, "effect", None) is Effect.POSSIBLE
        assert len(at.effects("ship")) <= 1


async def test_a_rate_limit_has_no_effect() -> None:
    async with house(orders=60) as at:
        requests = (await at.waiting(Verb.SHIP, ShipChoice()))[:1]
        at.sandbox.faults.replace([fault(SHIP, code="error_rate_limit")])
        with pytest.raises(RateLimited):
            await at.send(Verb.SHIP, *requests)
        assert at.effects("ship") == []
        assert [answer.verdict for answer in await at.send(Verb.SHIP, *requests)] == [Verdict.DONE]


async def test_a_parcel_too_heavy_does_not_keep_the_others() -> None:
    async with house(orders=160) as at:
        requests = (await at.waiting(Verb.SHIP, ShipChoice()))[:8]
        at.sandbox.poke("weight", package_id=requests[0].target_id, weight_g=90_000)
        answers = await at.send(Verb.SHIP, *requests)
        assert [answer.verdict for answer in answers] == [Verdict.REFUSED, *[Verdict.DONE] * 7]
        assert answers[0].cause is not None
        assert answers[0].cause.id is CauseId.TOO_HEAVY


async def test_a_missed_pickup_is_arranged_again() -> None:
    async with house(orders=160) as at:
        for order in await at.able(Verb.SHIP):
            found = await at.shop.handover_options(at.store, order.packages[0].package_id)
            if isinstance(found, HandoverOptions) and found.can_pickup:
                break
        else:
            pytest.fail("no order that is picked up")
        request = Request(order.order_no, order.packages[0].package_id, ShipChoice("PICKUP"))
        assert [answer.verdict for answer in await at.send(Verb.SHIP, request)] == [Verdict.DONE]
        at.sandbox.advance(LAG_S)
        at.sandbox.poke("miss_pickup", package_id=request.target_id)
        missed = await at.order(order.order_no)
        assert (missed.status, missed.packages[0].raw_status) == (Status.TO_SHIP, "LOGISTICS_PICKUP_RETRY")
        assert await evidence(at, Verb.SHIP, request) == [Verdict.NOT_DONE]
        assert [answer.verdict for answer in await at.send(Verb.SHIP, request)] == [Verdict.DONE]
        at.sandbox.advance(LAG_S)
        assert await evidence(at, Verb.SHIP, request) == [Verdict.DONE]


async def test_an_own_carriers_parcel_goes_with_its_number() -> None:
    async with house(orders=500) as at:
        requests = (await at.waiting(Verb.SHIP_OWN, OwnShipping("JNT-00420042")))[:2]
        assert len(requests) == 2
        first, second = requests[0], replace(requests[1], args=OwnShipping("JNT-00420043"))
        answers = await at.send(Verb.SHIP_OWN, first, second)
        assert [answer.verdict for answer in answers] == [Verdict.DONE] * 2
        at.sandbox.advance(LAG_S)
        assert await evidence(at, Verb.SHIP_OWN, first, second) == [Verdict.DONE] * 2
        assert [answer.verdict for answer in await at.send(Verb.SHIP_OWN, first)] == [Verdict.ALREADY]
        other = replace(first, args=OwnShipping("JNT-99999999"))
        (refused,) = await at.send(Verb.SHIP_OWN, other)
        assert refused.cause is not None
        assert refused.cause.id is CauseId.ALREADY_SHIPPED
        assert await evidence(at, Verb.SHIP_OWN, other) == [Verdict.NOT_DONE]
        assert at.desk(Verb.SHIP_OWN).why_not(at.store, await at.order(first.order_no)) is not None


# -- labels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("region", "size"), [("MY", "normal"), ("MY", "thermal"), ("SG", "")])
async def test_labels_are_made_and_fetched_each_in_its_own_file(region: str, size: str) -> None:
    async with house(regions=(region,), orders=160) as at:
        shipped = (await at.waiting(Verb.SHIP, ShipChoice()))[:4]
        await at.send(Verb.SHIP, *shipped)
        requests = [replace(request, args=DocumentChoice(size=size)) for request in shipped]
        answers = await at.send(Verb.LABEL, *requests)
        assert {answer.verdict for answer in answers} == {Verdict.WAIT}
        at.sandbox.advance(3600)
        answers = await at.send(Verb.LABEL, *requests)
        at.sandbox.advance(60)
        answers = await at.send(Verb.LABEL, *requests)
        assert {answer.verdict for answer in answers} == {Verdict.DONE}
        documents = [answer.document for answer in answers if answer.document is not None]
        assert {document.format for document in documents} == {"pdf"}
        assert len({document.content for document in documents}) == 4
        packages = [package for request in requests for package in (await at.order(request.order_no)).packages]
        known = {package.package_id: package.tracking_number for package in packages}
        assert [document.tracking_number for document in documents] == [known[each.target_id] for each in requests]


async def test_a_label_of_a_parcel_that_waits_to_be_shipped_waits_too() -> None:
    async with house(orders=60) as at:
        (request, *_) = await at.waiting(Verb.LABEL, DocumentChoice())
        assert [answer.verdict for answer in await at.send(Verb.LABEL, request)] == [Verdict.WAIT]
        assert at.effects("create_document") == []


# -- the other verbs --------------------------------------------------------------------------------------------------


async def test_a_note_is_written_and_read_back() -> None:
    async with house(orders=30) as at:
        order = (await at.orders())[0]
        request = Request(order.order_no, order.order_no, SellerNote("易碎 / wrap twice"))
        assert await evidence(at, Verb.NOTE, request) == [Verdict.NOT_DONE]
        assert [answer.verdict for answer in await at.send(Verb.NOTE, request)] == [Verdict.DONE]
        assert await evidence(at, Verb.NOTE, request) == [Verdict.DONE]
        assert (await at.order(order.order_no)).seller_note == "易碎 / wrap twice"


@pytest.mark.parametrize("reason", ["OUT_OF_STOCK", "CUSTOMER_REQUEST", "UNDELIVERABLE_AREA"])
async def test_a_whole_order_is_cancelled_once(reason: str) -> None:
    async with house(orders=60) as at:
        order = (await at.able(Verb.CANCEL))[0]
        choices = await at.shop.choices(at.store, Verb.CANCEL, order)
        assert not isinstance(choices, Unsupported)
        assert reason in {each.reason_id for each in choices.reasons}
        request = Request(order.order_no, order.order_no, CancelChoice(reason))
        assert [answer.verdict for answer in await at.send(Verb.CANCEL, request)] == [Verdict.DONE]
        assert await evidence(at, Verb.CANCEL, request) == [Verdict.DONE]
        assert (await at.order(order.order_no)).status is Status.CANCELLED
        assert [answer.verdict for answer in await at.send(Verb.CANCEL, request)] == [Verdict.ALREADY]


async def test_single_items_are_cancelled_where_the_shop_may() -> None:
    async with house(orders=200) as at:
        order = next(each for each in await at.able(Verb.CANCEL) if len(each.lines) > 1 and each.paid_at)
        line = order.lines[0]
        request = Request(order.order_no, order.order_no, CancelChoice("OUT_OF_STOCK", "", (line.line_id,)))
        assert await evidence(at, Verb.CANCEL, request) == [Verdict.NOT_DONE]
        assert [answer.verdict for answer in await at.send(Verb.CANCEL, request)] == [Verdict.DONE]
        assert await evidence(at, Verb.CANCEL, request) == [Verdict.DONE]
        after = await at.order(order.order_no)
        assert [each.line_id for each in after.lines if each.status is Status.CANCELLED] == [line.line_id]
        assert after.status is not Status.CANCELLED


@pytest.mark.parametrize("accept", [True, False])
async def test_a_buyers_wish_to_cancel_is_answered(accept: bool) -> None:
    async with house(orders=60) as at:
        order = next(each for each in await at.able(Verb.SHIP) if each.paid_at)
        at.sandbox.poke("buyer_cancel_request", order_id=order.order_no)
        asked = await at.order(order.order_no)
        assert asked.flags & Flag.CANCEL_REQUESTED
        request = Request(order.order_no, order.order_no, CancelAnswer(accept))
        assert await evidence(at, Verb.ANSWER_CANCEL, request) == [Verdict.NOT_DONE]
        assert [answer.verdict for answer in await at.send(Verb.ANSWER_CANCEL, request)] == [Verdict.DONE]
        assert await evidence(at, Verb.ANSWER_CANCEL, request) == [Verdict.DONE]
        assert [answer.verdict for answer in await at.send(Verb.ANSWER_CANCEL, request)] == [Verdict.ALREADY]
        against = replace(request, args=CancelAnswer(not accept))
        assert [answer.verdict for answer in await at.send(Verb.ANSWER_CANCEL, against)] == [Verdict.REFUSED]
        assert not (await at.order(order.order_no)).flags & Flag.CANCEL_REQUESTED


async def test_an_order_is_split_and_each_parcel_shipped_by_its_own_number() -> None:
    async with house(orders=200) as at:
        for order in await at.able(Verb.SPLIT):
            if not isinstance(await at.shop.choices(at.store, Verb.SPLIT, order), Unsupported):
                break
        else:
            pytest.fail("no order that can be split")
        first, *rest = (line.line_id for line in order.lines if line.status is Status.TO_SHIP)
        request = Request(order.order_no, order.order_no, SplitChoice(((first,), tuple(rest))))
        assert await evidence(at, Verb.SPLIT, request) == [Verdict.NOT_DONE]
        assert [answer.verdict for answer in await at.send(Verb.SPLIT, request)] == [Verdict.DONE]
        assert await evidence(at, Verb.SPLIT, request) == [Verdict.DONE]
        assert [answer.verdict for answer in await at.send(Verb.SPLIT, request)] == [Verdict.ALREADY]
        split = await at.order(order.order_no)
        assert len(split.packages) == 2
        parcels = [Request(order.order_no, package.package_id, ShipChoice()) for package in split.packages]
        for parcel in parcels:
            assert [answer.verdict for answer in await at.send(Verb.SHIP, parcel)] == [Verdict.DONE]
        assert at.effects("ship") == [(parcel.target_id, "applied") for parcel in parcels]
        at.sandbox.advance(LAG_S)
        assert set(await evidence(at, Verb.SHIP, *parcels)) == {Verdict.DONE}
        assert len(await at.shop.tracking(at.store, order.order_no)) >= 2

"""The adapter over real HTTP against the simulated Lazada, with its strictness and its faults."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from shoptui.adapters.base import AuthError, Effect, Malformed, Rejected, ScopeError, Temporary, Verdict
from shoptui.adapters.consent import CodeWrong, consent_of
from shoptui.adapters.desks import Choices, Request
from shoptui.adapters.registry import build
from shoptui.domain.clocks import ClockKind, StopEvent
from shoptui.domain.intents import CauseId, ShipChoice, Verb
from shoptui.domain.orders import BEFORE_CARRIER, Flag, ShippingType, Status
from shoptui.domain.stores import REGIONS
from shoptui.domain.verbs import CancelAnswer, CancelChoice, DocumentChoice, DocumentKind, OwnShipping, SplitChoice
from tests.adapters.lazada.sandboxed import House, house
from tests.adapters.vault import MemoryVault

VENTURES = ("SG", "MY", "TH", "VN", "PH", "ID")
PACK, RTS = "/order/fulfill/pack$", "/order/package/rts$"
#: After this long Lazada has worked through what was declared ready.
SETTLED_S = 3600


async def test_every_order_of_every_venture_is_understood() -> None:
    async with house(regions=VENTURES, orders=360) as at:
        read = 0
        for store in at.stores:
            pages = await at.changed(store)
            orders = [order for page in pages for order in page.orders]
            assert not [aside.reason for page in pages for aside in page.set_aside]
            assert len({order.order_no for order in orders}) == len(orders) == pages[0].total
            for order in orders:
                real = at.sandbox.world.orders[order.order_no]
                assert order.status is not Status.UNKNOWN, order.raw_status
                assert order.shipping_type is not ShippingType.UNKNOWN
                assert order.total.currency == store.currency
                assert sum(line.quantity for line in order.lines) == len(real.lines)
                assert all(package.status is not Status.UNKNOWN for package in order.packages)
                in_parcels = {line_id for package in order.packages for line_id in package.line_ids}
                ours = not order.flags & Flag.FULFILLED_BY_PLATFORM
                if ours and order.status is Status.TO_SHIP:
                    assert {line.line_id for line in order.lines if line.status is Status.TO_SHIP} <= in_parcels
                    assert any(clock.kind is ClockKind.ARRANGE and clock.running for clock in order.clocks)
                if order.status in {Status.COMPLETED, Status.CANCELLED}:
                    assert not [clock for clock in order.clocks if clock.running]
                if order.status in {Status.TO_HAND_OVER, Status.IN_TRANSIT}:
                    assert not [c for c in order.clocks if c.stopped_by is StopEvent.ARRANGED and c.running]
            read += len(orders)
        assert read == len(at.sandbox.world.orders)


async def test_the_total_is_what_the_buyer_pays() -> None:
    async with house(regions=("MY", "VN"), orders=80) as at:
        for store in at.stores:
            for order in await at.orders(store):
                real = at.sandbox.world.orders[order.order_no]
                assert order.total.minor == sum(line.paid_minor for line in real.lines) + (
                    real.shipping_fee_minor - real.shipping_discount_minor
                )


async def test_small_pages_bring_the_same_orders_as_large_ones() -> None:
    async with house(orders=90) as at, house(orders=90, page_size=7) as small:
        assert [order.order_no for order in await small.orders()] == [order.order_no for order in await at.orders()]


async def test_the_sweep_finds_exactly_what_the_carrier_does_not_have() -> None:
    async with house(orders=200) as at:
        pages = [page async for page in at.shop.open_orders(at.store)]
        swept = [order.order_no for page in pages for order in page.orders]
        expected = {order.order_no for order in await at.orders() if order.status in BEFORE_CARRIER}
        assert len(swept) == len(set(swept))
        assert set(swept) == expected
        assert sum(page.total or 0 for page in pages) == len(swept)


async def test_orders_by_number_are_those_of_the_list() -> None:
    async with house(orders=60) as at:
        orders = {order.order_no: order for order in await at.orders()}
        page = await at.shop.orders_by_no(at.store, list(orders))
        # Only lists tell that an address was changed.
        alike = {order.order_no: replace(order, flags=order.flags | Flag.ADDRESS_CHANGED) for order in page.orders}
        assert alike == {no: replace(order, flags=order.flags | Flag.ADDRESS_CHANGED) for no, order in orders.items()}
        assert (await at.shop.orders_by_no(at.store, ["498120337128843"])).orders == ()


async def test_shipping_many_packs_and_declares_each_once_and_repeats_are_already_done() -> None:
    async with house(orders=200) as at:
        requests = (await at.waiting())[:20]
        outcomes = await at.desk(Verb.SHIP).send(at.store, requests)
        assert {outcome.verdict for outcome in outcomes} == {Verdict.DONE}, [each.cause for each in outcomes]
        assert at.applied("rts") == len(requests)
        at.sandbox.advance(SETTLED_S)
        again = await at.desk(Verb.SHIP).send(at.store, requests)
        assert {outcome.verdict for outcome in again} == {Verdict.ALREADY}
        assert at.applied("rts") == len(requests)
        evidence = await at.desk(Verb.SHIP).read_back(at.store, requests)
        assert {each.verdict for each in evidence} == {Verdict.DONE}
        order = await at.order(requests[0].order_no)
        parcel = next(package for package in order.packages if package.package_id == requests[0].target_id)
        assert parcel.status is Status.TO_HAND_OVER
        assert parcel.tracking_number


@pytest.mark.parametrize("path", [PACK, RTS])
@pytest.mark.parametrize("lost", ["drop_after", "drop_before"])
async def test_an_answer_lost_anywhere_on_the_way_ends_in_one_parcel_each(path: str, lost: str) -> None:
    async with house(orders=200) as at:
        requests = [request for request in await at.waiting() if await _is_pending(at, request)][:4]
        at.fault(path, **{lost: True})
        with pytest.raises(Temporary) as caught:
            await at.desk(Verb.SHIP).send(at.store, requests)
        assert caught.value.effect is Effect.POSSIBLE
        at.sandbox.advance(SETTLED_S)
        done = path == RTS and lost == "drop_after"
        evidence = await at.desk(Verb.SHIP).read_back(at.store, requests)
        assert {each.verdict for each in evidence} == {Verdict.DONE if done else Verdict.NOT_DONE}
        outcomes = await at.desk(Verb.SHIP).send(at.store, requests)
        assert {each.verdict for each in outcomes} == {Verdict.ALREADY if done else Verdict.DONE}
        assert at.applied("pack") == at.applied("rts") == len(requests)


async def _is_pending(at: House, request: Request) -> bool:
    return all(line.package is None for line in at.sandbox.world.orders[request.order_no].lines)


@pytest.mark.parametrize("do", [{"truncate": True}, {"not_json": True}, {"status": 502}])
async def test_an_answer_that_cannot_be_read_is_never_sent_again(do: dict[str, Any]) -> None:
    async with house(orders=200) as at:
        requests = (await at.waiting())[:2]
        at.fault(RTS, times=9, **do)
        with pytest.raises((Temporary, Malformed)) as caught:
            await at.desk(Verb.SHIP).send(at.store, requests)
        assert isinstance(caught.value, Temporary | Malformed)
        assert caught.value.effect is Effect.POSSIBLE
        assert len(at.effects("rts")) <= len(requests)


@pytest.mark.parametrize("do", [{"drop_before": True}, {"status": 503}, {"not_json": True}, {"truncate": True}])
async def test_a_read_goes_on_over_a_passing_fault(do: dict[str, Any]) -> None:
    async with house(orders=30) as at:
        expected = len(await at.orders())
        at.fault("/orders/", times=2, **do)
        assert len(await at.orders()) == expected


async def test_one_bad_order_is_set_aside_and_an_unknown_word_is_kept() -> None:
    async with house(orders=60) as at:
        orders = await at.orders()
        bad, odd = orders[3].order_no, orders[5].order_no
        at.sandbox.poke("malform_order", order_id=bad)
        at.sandbox.poke("unknown_status", order_id=odd)
        pages = await at.changed()
        found = {order.order_no: order for page in pages for order in page.orders}
        assert sum(len(page.set_aside) for page in pages) == 1
        assert len(found) == len(orders) - 1
        assert found[odd].status is Status.UNKNOWN
        assert found[odd].raw_status


async def test_pages_that_begin_with_the_last_row_bring_nothing_twice() -> None:
    async with house(orders=60, page_size=10) as at:
        at.sandbox.sandbox.sides["lazada"].repeats.order(at.store.shop_id, 3)
        numbers = [order.order_no for order in await at.orders()]
        assert len(numbers) == len(set(numbers)) == 60


async def test_the_label_is_there_as_soon_as_the_parcel_is_declared_and_keeps_its_name() -> None:
    async with house(orders=120) as at:
        request = (await at.waiting())[0]
        assert (await at.desk(Verb.SHIP).send(at.store, [request]))[0].verdict is Verdict.DONE
        for kind, form in (
            (DocumentKind.LABEL, "pdf"),
            (DocumentKind.LABEL_AND_SLIP, "pdf"),
            (DocumentKind.INVOICE, "html"),
        ):
            asked = Request(request.order_no, request.target_id, DocumentChoice(kind))
            (outcome,) = await at.desk(Verb.LABEL).send(at.store, [asked])
            assert outcome.verdict is Verdict.DONE, outcome.cause
            assert outcome.document is not None
            assert outcome.document.format == form
            assert outcome.document.tracking_number
        order = await at.order(request.order_no)
        assert request.target_id in {package.package_id for package in order.packages}
        events = await at.shop.tracking(at.store, request.order_no)
        assert [event.at for event in events] == sorted(event.at for event in events)


async def test_the_sellers_own_fleet_goes_with_carrier_and_number() -> None:
    async with house(orders=300) as at:
        order = (await at.able(Verb.SHIP_OWN))[0]
        refused = at.desk(Verb.SHIP).why_not(at.store, order)
        assert refused is not None
        assert refused.id == "seller_shipping"
        choices = await at.shop.choices(at.store, Verb.SHIP_OWN, order)
        assert isinstance(choices, Choices)
        carrier = choices.providers[-1]
        args = OwnShipping("FLEET-0001", carrier.provider_id)
        asked = Request(order.order_no, order.packages[0].package_id, args)
        (outcome,) = await at.desk(Verb.SHIP_OWN).send(at.store, [asked])
        assert outcome.verdict is Verdict.DONE, outcome.cause
        (again,) = await at.desk(Verb.SHIP_OWN).send(at.store, [asked])
        assert again.verdict is Verdict.ALREADY
        (evidence,) = await at.desk(Verb.SHIP_OWN).read_back(at.store, [asked])
        assert evidence.verdict is Verdict.DONE
        shown = (await at.order(order.order_no)).packages[0]
        assert (shown.tracking_number, shown.carrier_name) == ("FLEET-0001", carrier.name)


@pytest.mark.parametrize("lost", ["drop_after", "drop_before"])
async def test_an_own_parcel_whose_answer_is_lost_goes_once(lost: str) -> None:
    async with house(orders=300) as at:
        (asked, *_) = await at.waiting(Verb.SHIP_OWN, OwnShipping("FLEET-0002"))
        desk = at.desk(Verb.SHIP_OWN)
        at.fault("/order/rts$", **{lost: True})
        with pytest.raises(Temporary):
            await desk.send(at.store, [asked])
        done = lost == "drop_after"
        assert [each.verdict for each in await desk.read_back(at.store, [asked])] == [
            Verdict.DONE if done else Verdict.NOT_DONE
        ]
        assert [each.verdict for each in await desk.send(at.store, [asked])] == [
            Verdict.ALREADY if done else Verdict.DONE
        ]
        assert at.applied("rts") == 1


async def test_an_order_is_cancelled_for_one_of_lazadas_reasons_and_a_lost_answer_is_found() -> None:
    async with house(orders=120) as at:
        first, second = (order for order in (await at.able(Verb.CANCEL))[:2])
        choices = await at.shop.choices(at.store, Verb.CANCEL, first)
        assert isinstance(choices, Choices)
        assert any("sets the stock to 0" in reason.text for reason in choices.reasons)
        args = CancelChoice(choices.reasons[0].reason_id)
        asked = [Request(order.order_no, order.order_no, args) for order in (first, second)]
        (outcome,) = await at.desk(Verb.CANCEL).send(at.store, asked[:1])
        assert outcome.verdict is Verdict.DONE
        at.fault("/cancel/create$", drop_after=True)
        with pytest.raises(Temporary):
            await at.desk(Verb.CANCEL).send(at.store, asked[1:])
        evidence = await at.desk(Verb.CANCEL).read_back(at.store, asked)
        assert [each.verdict for each in evidence] == [Verdict.DONE, Verdict.DONE]
        assert (await at.order(second.order_no)).status is Status.CANCELLED
        repeated = await at.desk(Verb.CANCEL).send(at.store, asked)
        assert [each.verdict for each in repeated] == [Verdict.ALREADY, Verdict.ALREADY]
        assert at.applied("cancel") == 2


@pytest.mark.parametrize("accept", [True, False])
async def test_a_buyers_wish_has_a_clock_and_is_answered_once(accept: bool) -> None:
    async with house(orders=120) as at:
        order = next(each for each in await at.able(Verb.SHIP) if not each.flags & Flag.CANCEL_REQUESTED)
        at.sandbox.poke("buyer_cancel_request", order_id=order.order_no)
        asked_for = await at.order(order.order_no)
        assert asked_for.flags & Flag.CANCEL_REQUESTED
        assert any(clock.kind is ClockKind.CANCEL_REQUEST and clock.running for clock in asked_for.clocks)
        refusal = at.desk(Verb.SHIP).why_not(at.store, asked_for)
        assert refusal is not None
        assert refusal.id == "cancel_requested"
        request = Request(order.order_no, order.order_no, CancelAnswer(accept))
        desk = at.desk(Verb.ANSWER_CANCEL)
        assert [each.verdict for each in await desk.read_back(at.store, [request])] == [Verdict.NOT_DONE]
        assert [each.verdict for each in await desk.send(at.store, [request])] == [Verdict.DONE]
        assert [each.verdict for each in await desk.read_back(at.store, [request])] == [Verdict.DONE]
        assert [each.verdict for each in await desk.send(at.store, [request])] == [Verdict.ALREADY]
        after = await at.order(order.order_no)
        assert (after.status is Status.CANCELLED) is accept
        assert not after.flags & Flag.CANCEL_REQUESTED


async def test_an_order_is_split_and_its_parts_are_shipped_one_by_one() -> None:
    async with house(orders=300) as at:
        order = next(
            each
            for each in await at.able(Verb.SPLIT)
            if len(each.lines) > 1 and {line.raw_status for line in each.lines} == {"pending"}
        )
        groups = tuple((line.line_id,) for line in order.lines)
        request = Request(order.order_no, order.order_no, SplitChoice(groups))
        (outcome,) = await at.desk(Verb.SPLIT).send(at.store, [request])
        assert outcome.verdict is Verdict.DONE, outcome.cause
        parts = (await at.order(order.order_no)).packages
        assert len(parts) == len(groups)
        # What the order was called by before is one of its parts now.
        assert order.packages[0].package_id in {part.package_id for part in parts}
        asked = [Request(order.order_no, part.package_id, ShipChoice()) for part in parts]
        outcomes = await at.desk(Verb.SHIP).send(at.store, asked[:1])
        assert [each.verdict for each in outcomes] == [Verdict.DONE]
        shown = {part.package_id: part.status for part in (await at.order(order.order_no)).packages}
        assert [shown[one.target_id] for one in asked] == [Status.TO_HAND_OVER, *[Status.TO_SHIP] * (len(asked) - 1)]


async def test_a_cancelled_order_is_refused_and_proven_not_shipped() -> None:
    async with house(orders=120) as at:
        request = (await at.waiting())[0]
        at.sandbox.poke("cancel_order", order_id=request.order_no)
        (outcome,) = await at.desk(Verb.SHIP).send(at.store, [request])
        assert outcome.cause is not None
        assert (outcome.verdict, outcome.cause.id) == (Verdict.REFUSED, CauseId.CANCELLED)
        (evidence,) = await at.desk(Verb.SHIP).read_back(at.store, [request])
        assert evidence.verdict is Verdict.NOT_DONE


async def test_tokens_are_renewed_as_time_goes_by_and_end_with_the_consent() -> None:
    async with house(orders=20) as at:
        at.sandbox.advance(8 * 86400)
        assert await at.orders()
        assert len(at.vault.saves) == 1
        at.sandbox.sandbox.sides["lazada"].grants.revoke(at.store.shop_id)
        with pytest.raises(AuthError):
            await at.orders()


async def test_a_missing_permission_is_told_apart_from_being_signed_out() -> None:
    async with house(orders=20) as at:
        at.sandbox.sandbox.sides["lazada"].revoke_scope(at.store.shop_id, "order")
        with pytest.raises(ScopeError):
            await at.orders()


async def test_a_wrong_secret_and_a_wrong_clock_are_refused_in_words() -> None:
    async with house(orders=20) as at:
        wrong = build(replace(at.credentials, app_secret="x" * 32), vault=at.vault, clock=at.clock)
        with pytest.raises(Rejected, match="check the app secret"):
            await wrong.orders_by_no(at.store, ["498120337128842"])
        await wrong.close()
        at.clock.skew_s = 3 * 3600
        with pytest.raises(Rejected, match=r"clock is .* ahead"):
            await at.orders()


async def test_one_consent_opens_shops_in_several_countries_and_one_renewal_serves_them() -> None:
    async with house(regions=("MY", "SG"), orders=40) as at:
        async with httpx.AsyncClient(follow_redirects=False) as browser:
            link = at.consent.link("s1")
            ticked = {"answer": "agree", "shop_id": [store.shop_id for store in at.stores]}
            answer = await browser.post(link, data=ticked)
        pasted = at.consent.read_pasted(answer.headers["location"])
        assert pasted.state == "s1"
        granted = await at.consent.exchange(pasted.code)
        offered = await at.consent.shops(granted)
        assert {(shop.shop_id, shop.region) for shop in offered} == {(one.shop_id, one.region) for one in at.stores}
        with pytest.raises(CodeWrong):
            await at.consent.exchange(pasted.code)
        # Another process, which did not make the exchange, finds the same shops.
        kept = MemoryVault({store.store_id: granted for store in at.stores})
        fresh = build(at.credentials, vault=kept, clock=at.clock)
        try:
            consent = consent_of(fresh)
            assert consent is not None
            found = await consent.shops(granted)
            assert {(shop.shop_id, shop.region) for shop in found} == {(one.shop_id, one.region) for one in at.stores}
            at.sandbox.advance(8 * 86400)
            for store in at.stores:
                page = [each async for each in fresh.changed_orders(store, 0, 2 * 10**9)]
                assert {order.total.currency for each in page for order in each.orders} == {REGIONS[store.region][1]}
            assert len({saved.access_token for _, saved in kept.saves}) == 1
        finally:
            await fresh.close()

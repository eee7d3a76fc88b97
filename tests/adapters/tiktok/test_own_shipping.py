"""Parcels with the seller's own carrier: shipped or marked as shipped, corrected once, read back by their number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shoptui.adapters.base import Effect, Temporary, Unsupported, Verdict
from shoptui.adapters.desks import Choices, Outcome, Provider, Request
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.orders import Order, ShippingType, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import OwnShipping
from shoptui.sandbox.world import packing
from tests.adapters.tiktok.sandboxed import House, fault, house
from tests.adapters.tiktok.support import DETAIL, ScriptedShop, no, page, ship_path, unit
from tests.adapters.tiktok.support import order as order_record
from tests.adapters.tiktok.support import store as a_store

SHIP_BATCH = "/packages/ship$"
MARK = "/orders/[0-9]+/packages$"
CORRECT = "/shipping_info/update$"


async def own_orders(at: House, store: Store | None = None, count: int = 1) -> list[Order]:
    """Orders that wait for the seller's own carrier, with one package at most and nothing against them."""
    desk = at.desk(Verb.SHIP_OWN)
    there = store or at.store
    world = at.sandbox.world
    found = [
        order
        for order in await at.orders(there)
        if desk.why_not(there, order) is None
        and len(order.packages) <= 1
        and all(world.packages[package.package_id].flaw is None for package in order.packages)
        and all(world.packages[package.package_id].weight_g < 3000 for package in order.packages)
    ]
    assert len(found) >= count
    return found[:count]


async def providers(at: House, store: Store, order: Order) -> tuple[Provider, ...]:
    choices = await at.shop.choices(store, Verb.SHIP_OWN, order)
    assert isinstance(choices, Choices) and choices.providers
    return choices.providers


def request(order: Order, number: str, provider: Provider | None = None, *, name: str = "") -> Request:
    package_id = order.packages[0].package_id if order.packages else ""
    return Request(order.order_no, package_id, OwnShipping(number, provider.provider_id if provider else "", name))


def told(outcome: Outcome) -> tuple[Verdict, CauseId | None]:
    return outcome.verdict, outcome.cause.id if outcome.cause else None


@pytest.mark.parametrize("region", ["TH", "GB", "US", "JP"])
async def test_each_market_ships_in_its_own_way_and_shows_the_number(region: str) -> None:
    async with house(regions=(region,), orders=200) as at:
        desk = at.desk(Verb.SHIP_OWN)
        orders = await own_orders(at, count=2)
        (provider, *_) = await providers(at, at.store, orders[0])
        requests = [request(order, f"OWN-{place}.1", provider) for place, order in enumerate(orders)]
        assert all(bool(each.target_id) is (region != "US") for each in requests)
        outcomes = await desk.send(at.store, requests)
        assert [told(outcome) for outcome in outcomes] == [(Verdict.DONE, None)] * 2
        ops = {(entry["op"], entry["effect"]) for entry in at.sandbox.journal()}
        assert ops == {("ship" if region == "TH" else "mark_shipped", "applied")}
        for place, order in enumerate(orders):
            seen = await at.order(order.order_no)
            assert seen.status is Status.TO_HAND_OVER
            assert [package.tracking_number for package in seen.packages] == [f"OWN-{place}.1"]
            assert seen.packages[0].carrier_name == provider.name
        assert {each.verdict for each in await desk.read_back(at.store, requests)} == {Verdict.DONE}


@pytest.mark.parametrize("region", ["TH", "GB", "US"])
async def test_the_same_number_again_is_done_and_another_is_somebody_elses(region: str) -> None:
    async with house(regions=(region,), orders=200) as at:
        desk = at.desk(Verb.SHIP_OWN)
        (order,) = await own_orders(at)
        (provider, *_) = await providers(at, at.store, order)
        await desk.send(at.store, [request(order, "FIRST1", provider)])
        applied = len(at.sandbox.journal())
        same, other = request(order, "first1", provider), request(order, "SECOND", provider)
        assert told((await desk.send(at.store, [same]))[0]) == (Verdict.ALREADY, None)
        (refused,) = await desk.send(at.store, [other])
        assert told(refused) == (Verdict.REFUSED, CauseId.ALREADY_SHIPPED)
        assert refused.cause is not None and "FIRST1" in refused.cause.message
        assert len(at.sandbox.journal()) == applied
        (reading,) = await desk.read_back(at.store, [other])
        assert reading.verdict is Verdict.NOT_DONE and reading.facts["tracking_number"] == "FIRST1"


@pytest.mark.parametrize(("region", "path"), [("TH", "/ship$"), ("GB", MARK), ("US", MARK)])
async def test_an_answer_lost_after_the_effect_is_proven_by_the_number(region: str, path: str) -> None:
    async with house(regions=(region,), orders=200) as at:
        desk = at.desk(Verb.SHIP_OWN)
        (order,) = await own_orders(at)
        sent = [request(order, "LOST-1", (await providers(at, at.store, order))[0])]
        at.sandbox.faults.replace([fault(path, drop_after=True)])
        with pytest.raises(Temporary) as caught:
            await desk.send(at.store, sent)
        assert caught.value.effect is Effect.POSSIBLE
        assert [entry["effect"] for entry in at.sandbox.journal()] == ["applied"]
        assert [each.verdict for each in await desk.read_back(at.store, sent)] == [Verdict.DONE]


@pytest.mark.parametrize(("region", "path"), [("TH", "/ship$"), ("GB", MARK), ("US", MARK)])
async def test_an_answer_lost_before_the_effect_is_proven_not_done(region: str, path: str) -> None:
    async with house(regions=(region,), orders=200) as at:
        desk = at.desk(Verb.SHIP_OWN)
        (order,) = await own_orders(at)
        sent = [request(order, "LOST-2", (await providers(at, at.store, order))[0])]
        at.sandbox.faults.replace([fault(path, drop_before=True)])
        with pytest.raises(Temporary):
            await desk.send(at.store, sent)
        assert at.sandbox.journal() == []
        assert [each.verdict for each in await desk.read_back(at.store, sent)] == [Verdict.NOT_DONE]
        assert told((await desk.send(at.store, sent))[0]) == (Verdict.DONE, None)


async def test_one_lost_mark_among_many_is_that_rows_alone() -> None:
    async with house(regions=("GB",), orders=300) as at:
        desk = at.desk(Verb.SHIP_OWN)
        orders = await own_orders(at, count=3)
        provider = (await providers(at, at.store, orders[0]))[0]
        sent = [request(order, f"ROW-{place}-X", provider) for place, order in enumerate(orders)]
        at.sandbox.faults.replace([fault(f"/orders/{orders[1].order_no}/packages$", drop_after=True)])
        outcomes = await desk.send(at.store, sent)
        assert [outcome.verdict for outcome in outcomes] == [Verdict.DONE, Verdict.WAIT, Verdict.DONE]
        assert {each.verdict for each in await desk.read_back(at.store, sent)} == {Verdict.DONE}


async def test_a_batch_answer_is_taken_apart_row_by_row() -> None:
    async with house(orders=400) as at:
        desk = at.desk(Verb.SHIP_OWN)
        good, frozen, asked, gone = await own_orders(at, count=4)
        provider = (await providers(at, at.store, good))[0]
        at.sandbox.poke("flaw", package_id=frozen.packages[0].package_id, kind="frozen")
        at.sandbox.poke("buyer_cancel_request", order_id=asked.order_no)
        at.sandbox.poke("cancel_order", order_id=gone.order_no)
        orders = (good, frozen, asked, gone)
        outcomes = await desk.send(at.store, [request(each, f"BATCH-{each.order_no}", provider) for each in orders])
        assert [told(outcome) for outcome in outcomes] == [
            (Verdict.DONE, None),
            (Verdict.REFUSED, CauseId.FROZEN),
            (Verdict.REFUSED, CauseId.CANCEL_REQUESTED),
            (Verdict.REFUSED, CauseId.CANCELLED),
        ]


async def test_shipped_already_by_whom_is_found_out_later_when_it_cannot_be_read_now(clock: DrivenClock) -> None:
    waits = order_record(1, shipping_type="SELLER")
    path = ship_path(waits["packages"][0]["id"])
    shop = ScriptedShop(clock, {DETAIL: [page(waits), no(36009003)], path: no(21011020, "already shipped")})
    sent = Request(waits["id"], waits["packages"][0]["id"], OwnShipping("MINE-1", "5"))
    (outcome,) = await shop.shop.desks[Verb.SHIP_OWN].send(a_store(), [sent])
    assert told(outcome) == (Verdict.WAIT, None)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("MINE-1", (Verdict.ALREADY, None)),
        ("THEIRS", (Verdict.REFUSED, CauseId.ALREADY_SHIPPED)),
        ("", (Verdict.WAIT, None)),
    ],
)
@pytest.mark.parametrize("code", [21011020, 21011040, 21008099, 11006021, 21011006, 21011027])
async def test_shipped_already_is_only_ours_with_our_number(
    clock: DrivenClock, code: int, number: str, expected: tuple[Verdict, CauseId | None]
) -> None:
    waits = order_record(1, shipping_type="SELLER")
    gone = order_record(
        1,
        shipping_type="SELLER",
        status="AWAITING_COLLECTION",
        line_items=[unit(package_status="PROCESSING", tracking_number=number)],
    )
    package_id = waits["packages"][0]["id"]
    shop = ScriptedShop(clock, {DETAIL: [page(waits), page(gone)], ship_path(package_id): no(code, "already")})
    sent = Request(waits["id"], package_id, OwnShipping("MINE-1", "5"))
    (outcome,) = await shop.shop.desks[Verb.SHIP_OWN].send(a_store(), [sent])
    assert told(outcome) == expected


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (21011041, CauseId.CANCELLED),
        (21008044, CauseId.CANCEL_REQUESTED),
        (21011022, CauseId.TRACKING_WRONG),
        (11028006, CauseId.TRACKING_WRONG),
        (21011025, CauseId.TRACKING_USED),
        (21034012, CauseId.TRACKING_USED),
        (21008106, CauseId.NOT_IN_REGION),
        (21011028, CauseId.NOT_OURS),
        (21011003, CauseId.WRONG_STATE),
    ],
)
async def test_refusals_of_a_mark_have_their_causes(clock: DrivenClock, code: int, cause: CauseId) -> None:
    waits = order_record(1, shipping_type="SELLER")
    shop = ScriptedShop(
        clock, {DETAIL: page(waits), f"/fulfillment/202309/orders/{waits['id']}/packages": no(code, "no")}
    )
    sent = Request(waits["id"], waits["packages"][0]["id"], OwnShipping("MINE-1", "5"))
    (outcome,) = await shop.shop.desks[Verb.SHIP_OWN].send(a_store(region="GB"), [sent])
    assert told(outcome) == (Verdict.REFUSED, cause)
    assert shop.bodies()[-1] == {
        "order_line_item_ids": [waits["line_items"][0]["id"]],
        "tracking_number": "MINE-1",
        "shipping_provider_id": "5",
    }


async def test_a_number_used_for_another_buyer_is_refused() -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.SHIP_OWN)
        orders = await own_orders(at, count=6)
        first = orders[0]
        other = next(each for each in orders if each.buyer_id != first.buyer_id)
        provider = (await providers(at, at.store, first))[0]
        outcomes = [(await desk.send(at.store, [request(each, "TWICE-USED", provider)]))[0] for each in (first, other)]
        assert [told(each) for each in outcomes] == [
            (Verdict.DONE, None),
            (Verdict.REFUSED, CauseId.TRACKING_USED),
        ]


async def test_a_carrier_may_be_named_and_a_wrong_one_is_told_the_right_ones() -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.SHIP_OWN)
        named, strange, nobody, bad = await own_orders(at, count=4)
        known = await providers(at, at.store, named)
        outcomes = await desk.send(
            at.store,
            [
                request(named, "NAMED-1", name=known[0].name.upper()),
                request(strange, "STRANGE-1", name="Pigeon Post"),
                request(nobody, "NOBODY-1"),
                request(bad, "NO SLASH/1", known[0]),
            ],
        )
        assert [told(outcome) for outcome in outcomes] == [
            (Verdict.DONE, None),
            *[(Verdict.REFUSED, CauseId.TRACKING_WRONG)] * 3,
        ]
        assert outcomes[1].cause is not None and known[0].name in outcomes[1].cause.message
        assert (await at.order(named.order_no)).packages[0].carrier_id == known[0].provider_id


async def test_a_carrier_id_the_market_does_not_know_is_refused() -> None:
    async with house() as at:
        (order,) = await own_orders(at)
        (outcome,) = await at.desk(Verb.SHIP_OWN).send(at.store, [request(order, "ANY-1", Provider("1", "x"))])
        assert told(outcome) == (Verdict.REFUSED, CauseId.TRACKING_WRONG)


async def test_only_the_named_packages_of_a_split_order_are_marked() -> None:
    async with house(regions=("GB",), orders=400) as at:
        desk = at.desk(Verb.SHIP_OWN)
        whole = next(order for order in await own_orders(at, count=3) if sum(line.quantity for line in order.lines) > 1)
        world = at.sandbox.world
        units = [line.id for line in world.orders[whole.order_no].lines]
        packing.split(world, world.orders[whole.order_no], [units[:1], units[1:]], at.sandbox.clocks.world_now())
        order = await at.order(whole.order_no)
        first, second = order.packages
        provider = (await providers(at, at.store, order))[0]
        half = replace(request(order, "HALF-1", provider), target_id=first.package_id)
        rest = replace(request(order, "HALF-2", provider), target_id=second.package_id)
        assert told((await desk.send(at.store, [half]))[0]) == (Verdict.DONE, None)
        seen = {package.package_id: package for package in (await at.order(order.order_no)).packages}
        assert seen[first.package_id].tracking_number == "HALF-1"
        assert seen[second.package_id].status is Status.TO_SHIP
        readings = await desk.read_back(at.store, [half, rest])
        assert [each.verdict for each in readings] == [Verdict.DONE, Verdict.NOT_DONE]
        assert told((await desk.send(at.store, [rest]))[0]) == (Verdict.DONE, None)


async def test_what_is_not_for_the_sellers_carrier_says_why() -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.SHIP_OWN)
        await corrected(at)
        found: dict[str, Unsupported] = {}
        for order in await at.orders():
            if (why := desk.why_not(at.store, order)) is not None:
                found[why.id] = why
                assert why.reason.endswith(".")
        assert {"platform_shipping", "to_hand_over", "in_transit", "closed"} <= set(found)
        platform = next(
            each
            for each in await at.orders()
            if each.shipping_type is ShippingType.PLATFORM and each.status is Status.TO_SHIP
        )
        assert isinstance(await at.shop.choices(at.store, Verb.SHIP_OWN, platform), Unsupported)


# --- corrections ----------------------------------------------------------------------------------------------------


async def corrected(at: House) -> tuple[Order, tuple[Provider, ...]]:
    """An order just shipped with the number WRONG-1."""
    (order,) = await own_orders(at)
    known = await providers(at, at.store, order)
    await at.desk(Verb.SHIP_OWN).send(at.store, [request(order, "WRONG-1", known[0])])
    return await at.order(order.order_no), known


@pytest.mark.parametrize("region", ["TH", "GB"])
async def test_a_number_is_corrected_once_and_the_correction_is_not_wasted(region: str) -> None:
    async with house(regions=(region,), orders=200) as at:
        desk = at.desk(Verb.CHANGE_TRACKING)
        order, known = await corrected(at)
        assert desk.why_not(at.store, order) is None
        right = request(order, "RIGHT-1", known[-1])
        assert told((await desk.send(at.store, [request(order, "WRONG-1", known[0])]))[0]) == (Verdict.ALREADY, None)
        assert told((await desk.send(at.store, [right]))[0]) == (Verdict.DONE, None)
        seen = (await at.order(order.order_no)).packages[0]
        assert (seen.tracking_number, seen.carrier_id) == ("RIGHT-1", known[-1].provider_id)
        assert told((await desk.send(at.store, [right]))[0]) == (Verdict.ALREADY, None)
        again = request(order, "THIRD-1", known[0])
        assert told((await desk.send(at.store, [again]))[0]) == (Verdict.REFUSED, CauseId.ONLY_ONCE)
        assert [each.verdict for each in await desk.read_back(at.store, [right, again])] == [
            Verdict.DONE,
            Verdict.NOT_DONE,
        ]


@pytest.mark.parametrize(("fate", "verdict"), [("drop_after", Verdict.DONE), ("drop_before", Verdict.NOT_DONE)])
async def test_a_lost_correction_is_read_back(fate: str, verdict: Verdict) -> None:
    async with house(orders=200) as at:
        desk = at.desk(Verb.CHANGE_TRACKING)
        order, known = await corrected(at)
        at.sandbox.faults.replace([fault(CORRECT, **{fate: True})])
        with pytest.raises(Temporary):
            await desk.send(at.store, [request(order, "RIGHT-2", known[0])])
        (reading,) = await desk.read_back(at.store, [request(order, "RIGHT-2", known[0])])
        assert reading.verdict is verdict


async def test_a_carrier_alone_can_be_wrong() -> None:
    async with house(orders=200) as at:
        desk = at.desk(Verb.CHANGE_TRACKING)
        order, known = await corrected(at)
        assert told((await desk.send(at.store, [request(order, "WRONG-1", known[-1])]))[0]) == (Verdict.DONE, None)
        assert (await at.order(order.order_no)).packages[0].carrier_id == known[-1].provider_id


async def test_corrections_too_late_too_early_or_of_the_platforms_parcels_are_refused() -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.CHANGE_TRACKING)
        late, known = await corrected(at)
        package = at.sandbox.world.packages[late.packages[0].package_id]
        assert package.arranged_at is not None
        package.arranged_at -= 73 * 3600
        (waiting,) = await own_orders(at)
        ship = (await at.shippable())[0]
        await at.ship.send(at.store, [ship])
        at.sandbox.advance(60)
        platform = Request(ship.order_no, ship.target_id, OwnShipping("NEW-1", known[0].provider_id))
        outcomes = await desk.send(
            at.store, [request(late, "NEW-2", known[0]), request(waiting, "NEW-3", known[0]), platform]
        )
        assert [told(each) for each in outcomes] == [
            (Verdict.REFUSED, CauseId.TOO_LATE),
            (Verdict.REFUSED, CauseId.WRONG_STATE),
            (Verdict.REFUSED, CauseId.UNSUPPORTED),
        ]
        ids = [
            why.id if (why := desk.why_not(at.store, await at.order(no))) else None
            for no in (late.order_no, waiting.order_no, ship.order_no)
        ]
        assert ids == [None, "not_arranged", "platform_shipping"]


async def test_another_shops_package_is_not_corrected() -> None:
    async with house(regions=("TH", "VN"), orders=300) as at:
        (foreign,) = await own_orders(at, at.stores[1])
        (outcome,) = await at.desk(Verb.CHANGE_TRACKING).send(at.store, [request(foreign, "NEW-4", Provider("1", ""))])
        assert told(outcome) == (Verdict.REFUSED, CauseId.NOT_OURS)


async def test_delivered_orders_have_nothing_to_correct() -> None:
    async with house(orders=200) as at:
        order, _ = await corrected(at)
        at.sandbox.poke("deliver", package_id=order.packages[0].package_id)
        why = at.desk(Verb.CHANGE_TRACKING).why_not(at.store, await at.order(order.order_no))
        assert why is not None and why.id == "closed"

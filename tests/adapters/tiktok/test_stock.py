"""TikTok Shop's listings and their stock over HTTP: reading in blocks, writing with faults, and the mapping tables."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import AdapterError, Effect, Temporary, Verdict
from shoptui.adapters.desks import Request
from shoptui.adapters.stock import ListingPage
from shoptui.adapters.stock_records import floors
from shoptui.adapters.tiktok.errors import cause_of
from shoptui.adapters.tiktok.stock_mapping import state_of
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Settling, Verb
from shoptui.domain.stock import Listing, ListingState, StockChange, listing_target
from shoptui.sandbox.world.stock_model import Offer, OfferState, StockLock
from tests.adapters.stocking import offers, send, stock_of
from tests.adapters.tiktok.sandboxed import START_AT, House, fault, house
from tests.adapters.tiktok.support import ScriptedShop, no, ok
from tests.adapters.tiktok.support import store as scripted_store

PRODUCTS = "/product/202309/products/search"
SEARCH = "/product/202309/inventory/search"


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house(regions=("VN",), orders=80) as found:
        yield found


async def pages(at: House, since: int = 0) -> list[ListingPage]:
    return [page async for page in stock_of(at).listings(at.store, since)]


async def listings(at: House, since: int = 0) -> dict[str, Listing]:
    return {listing.sku_id: listing for page in await pages(at, since) for listing in page.listings}


def target(offer: Offer, place: int = 0) -> str:
    return listing_target(f"{offer.sku.product_id}/{offer.sku.id}", offer.places[place].warehouse.id)


def write(offer: Offer, shows: int, *, place: int = 0, seen: int | None = None) -> Request:
    return Request("", target(offer, place), StockChange(shows, seen), "key")


async def test_listings_come_with_stock_of_every_warehouse_and_what_orders_hold(at: House) -> None:
    found = await listings(at)
    assert len(found) == len(offers(at)) > 10
    reserved = at.sandbox.world.stock.reserved(at.sandbox.world.stores[at.store.shop_id])
    assert sum(one.units for one in reserved.values()) > 0
    for offer in offers(at):
        listing = found[offer.sku.id]
        assert (listing.sku, listing.product_name) == (offer.sku.code, offer.sku.product_name)
        assert listing.state is ListingState.LIVE and listing.shows == offer.shows
        assert listing.price is not None and listing.price.minor == offer.sku.price_minor
        held = {each.warehouse_id: each.reserved for each in listing.stock}
        assert held == {
            place.warehouse.id: one.units if (one := reserved.get((offer.sku.id, place.warehouse.id))) else 0
            for place in offer.places
        }


async def test_all_of_a_store_takes_one_search_a_hundred_products_and_one_of_stock(at: House) -> None:
    at.watch(PRODUCTS, SEARCH)
    await pages(at)
    assert at.seen() == [1, 1]


async def test_only_what_changed_since_comes_and_sales_change_no_version(at: House) -> None:
    at.sandbox.poke("new_orders", shop_id=at.store.shop_id, count=5)
    assert await listings(at, START_AT) == {}
    at.sandbox.advance(60)
    (outcome,) = await send(at, write(offers(at)[0], 7))
    assert outcome.verdict is Verdict.DONE
    same_product = [each for each in offers(at) if each.sku.product_id == offers(at)[0].sku.product_id]
    assert set(await listings(at, START_AT + 60)) == {each.sku.id for each in same_product}


async def test_one_warehouse_is_written_and_the_other_keeps_what_it_has(at: House) -> None:
    offer = offers(at)[3]
    other, before = offer.places[1].quantity, offer.places[0].quantity
    (outcome,) = await send(at, write(offer, 5, seen=before))
    assert outcome.verdict is Verdict.DONE
    assert {**outcome.facts, "window_ms": ""} == {"before": str(before), "after": "5", "window_ms": ""}
    assert int(outcome.facts["window_ms"]) >= 0
    assert [place.quantity for place in offer.places] == [5, other]
    reading = await stock_of(at).by_id(at.store, [f"{offer.sku.product_id}/{offer.sku.id}"])
    assert [each.shows for each in reading.stocks[0].stock] == [5, other]
    assert (target(offer), "applied") in at.effects("set_stock")


async def test_skus_of_a_product_go_in_one_call(at: House) -> None:
    product = next(
        group for group in at.sandbox.world.stock.products_of(at.sandbox.world.stores[at.store.shop_id]).values()
        if len(group) >= 3
    )  # fmt: skip
    at.watch("inventory/update", SEARCH)
    outcomes = await send(at, *(write(offer, 11, place=place) for offer in product for place in (0, 1)))
    assert {outcome.verdict for outcome in outcomes} == {Verdict.DONE}
    assert all(place.quantity == 11 for offer in product for place in offer.places)
    assert at.seen() == [1, 1]


async def test_half_the_skus_refused_each_for_its_own_reason(at: House) -> None:
    every = offers(at)
    bundle, auction, floored, plain, off = (every[number] for number in (0, 3, 4, 5, 8))
    bundle.lock, auction.lock = StockLock.BUNDLE, StockLock.AUCTION
    floored.places[0].floor = floored.places[0].quantity
    at.sandbox.world.stock.set_state(off, OfferState.BLOCKED, START_AT)
    outcomes = await send(at, *(write(offer, 9) for offer in (bundle, auction, floored, plain, off)))
    assert [outcome.verdict for outcome in outcomes] == [
        Verdict.REFUSED, Verdict.REFUSED, Verdict.REFUSED, Verdict.DONE, Verdict.REFUSED,
    ]  # fmt: skip
    causes = [outcome.cause.id for outcome in outcomes if outcome.cause is not None]
    assert causes == [CauseId.STOCK_LOCKED, CauseId.STOCK_LOCKED, CauseId.BELOW_FLOOR, CauseId.WRONG_STATE]
    assert plain.places[0].quantity == 9 and bundle.places[0].quantity != 9


async def test_what_sales_have_moved_is_not_written_over(at: House) -> None:
    offer = offers(at)[2]
    now = offer.places[0].quantity
    (outcome,) = await send(at, write(offer, 3, seen=now + 2))
    assert outcome.verdict is Verdict.REFUSED and outcome.cause is not None
    assert outcome.cause.id is CauseId.STOCK_MOVED and outcome.facts == {"shows": str(now)}
    assert at.effects("set_stock") == []


async def test_what_is_there_already_costs_no_call(at: House) -> None:
    offer = offers(at)[2]
    (outcome,) = await send(at, write(offer, offer.places[0].quantity))
    assert outcome.verdict is Verdict.ALREADY and at.effects("set_stock") == []


@pytest.mark.parametrize(("kind", "wrote"), [("drop_before", False), ("drop_after", True), ("truncate", True)])
async def test_a_lost_answer_is_neither_repeated_nor_taken_for_done(at: House, kind: str, wrote: bool) -> None:
    offer = offers(at)[2]
    at.sandbox.faults.replace([fault("inventory/update", times=1, **{kind: True})])
    with pytest.raises(AdapterError):
        await send(at, write(offer, 4))
    assert (offer.places[0].quantity == 4) is wrote
    assert len(at.effects("set_stock")) == (2 if wrote else 0)
    at.sandbox.poke("new_orders", shop_id=at.store.shop_id, count=1)
    (evidence,) = await at.desk(Verb.SET_STOCK).read_back(at.store, [write(offer, 4)])
    assert evidence.verdict is Verdict.UNDECIDED
    assert evidence.facts == {"wanted": "4", "shows": str(offer.places[0].quantity)}
    assert at.desk(Verb.SET_STOCK).rule.settling is Settling.RECOMPUTE


async def test_where_the_reading_before_fails_nothing_is_written(at: House) -> None:
    at.sandbox.faults.replace([fault("inventory/search", times=9, status=503)])
    with pytest.raises(Temporary) as caught:
        await send(at, write(offers(at)[0], 4))
    assert caught.value.effect is Effect.NONE and at.effects("set_stock") == []


async def test_what_names_no_listing_is_refused_and_costs_no_other(at: House) -> None:
    offer = offers(at)[0]
    odd, unknown, done = await send(
        at,
        Request("", "nonsense", StockChange(1), "key"),
        Request("", listing_target("1/2", "3"), StockChange(1), "key"),
        write(offer, 4),
    )
    assert [each.cause.id for each in (odd, unknown) if each.cause] == [CauseId.LISTING_GONE] * 2
    assert done.verdict is Verdict.DONE


async def test_one_lost_answer_of_many_leaves_the_others_done(at: House) -> None:
    first, second = offers(at)[0], offers(at)[4]
    path = f"{first.sku.product_id}/inventory/update"
    at.sandbox.faults.replace([fault(path, times=1, drop_after=True)])
    lost, done = await send(at, write(first, 4), write(second, 6))
    assert (lost.verdict, done.verdict) == (Verdict.WAIT, Verdict.DONE)
    assert lost.cause is not None and lost.cause.id is CauseId.ANSWER_LOST


async def test_a_listing_that_is_gone_hides_no_other(at: House) -> None:
    gone, here = offers(at)[0], offers(at)[6]
    at.sandbox.world.stock.set_state(gone, OfferState.DELETED, START_AT)
    ids = [f"{each.sku.product_id}/{each.sku.id}" for each in (gone, here)]
    reading = await stock_of(at).by_id(at.store, [*ids, "1/2"])
    assert [one.listing_id for one in reading.stocks] == [ids[1]]
    refused, done = await send(at, write(gone, 4), write(here, 6))
    assert refused.cause is not None and refused.cause.id is CauseId.LISTING_GONE and done.verdict is Verdict.DONE


async def test_numbers_no_marketplace_takes_are_refused_before_anything_is_sent(at: House) -> None:
    outcomes = await send(at, write(offers(at)[0], 100_000), write(offers(at)[1], 10**15))
    assert [each.cause.id for each in outcomes if each.cause] == [CauseId.QUANTITY] * 2
    assert at.effects("set_stock") == []


async def test_what_is_written_less_what_sells_is_what_the_world_says(at: House) -> None:
    wrote = {offer: 5 + number for number, offer in enumerate(offers(at)[:6])}
    await send(at, *(write(offer, shows, place=place) for offer, shows in wrote.items() for place in (0, 1)))
    at.sandbox.poke("new_orders", shop_id=at.store.shop_id, count=30)
    orders = at.sandbox.world.orders_of(at.store.shop_id)[-30:]
    for offer, shows in wrote.items():
        sold = sum(line.sku is offer.sku for order in orders for line in order.open_lines)
        assert offer.shows == 2 * shows - sold
    found = await listings(at)
    assert all(found[offer.sku.id].shows == offer.shows for offer in wrote)


# --- answers no sandbox gives ---------------------------------------------------------------------------------


def sku_stock(sku_id: str = "2", available: object = 5) -> dict[str, object]:
    house = {"warehouse_id": "9", "available_quantity": available, "committed_quantity": 0}
    return {"id": sku_id, "warehouse_inventory": [house]}


def inventory(*products: tuple[str, dict[str, object]]) -> dict[str, object]:
    return {"inventory": [{"product_id": product_id, "skus": [sku]} for product_id, sku in products]}


async def test_a_number_beyond_64_bits_is_set_aside_with_a_sentence(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {SEARCH: ok(inventory(("1", sku_stock(available=2**63)), ("3", sku_stock("4"))))})
    assert shop.shop.stock is not None
    reading = await shop.shop.stock.by_id(scripted_store(), ["1/2", "3/4"])
    assert [one.listing_id for one in reading.stocks] == ["3/4"]
    (aside,) = reading.set_aside
    assert aside.order_no == "1" and "available_quantity" in aside.reason and str(2**63) in aside.raw


async def test_an_error_of_no_sku_of_ours_makes_nothing_done(clock: DrivenClock) -> None:
    update = "/product/202309/products/1/inventory/update"
    stray = {"errors": [{"code": 12052037, "message": "busy", "detail": {"sku_id": "77"}}]}
    shop = ScriptedShop(clock, {SEARCH: ok(inventory(("1", sku_stock()))), update: ok(stray)})
    request = Request("", "1/2@9", StockChange(3), "key")
    (outcome,) = await shop.shop.desks[Verb.SET_STOCK].send(scripted_store(), [request])
    assert outcome.verdict is Verdict.WAIT
    assert shop.bodies()[-1] == {"skus": [{"id": "2", "inventory": [{"quantity": 3, "warehouse_id": "9"}]}]}


async def test_the_warehouses_own_error_is_the_cause(clock: DrivenClock) -> None:
    update = "/product/202309/products/1/inventory/update"
    extra = [{"warehouse_id": "9", "code": 12052055, "message": "too many"}]
    error = {"code": 12052990, "message": "check failed", "detail": {"sku_id": "2", "extra_errors": extra}}
    shop = ScriptedShop(clock, {SEARCH: ok(inventory(("1", sku_stock()))), update: ok({"errors": [error]})})
    (outcome,) = await shop.shop.desks[Verb.SET_STOCK].send(
        scripted_store(), [Request("", "1/2@9", StockChange(3), "key")]
    )
    assert outcome.cause is not None and outcome.cause.id is CauseId.QUANTITY and "too many" in outcome.cause.message


async def test_a_call_refused_for_two_names_neither_of_them(clock: DrivenClock) -> None:
    update = "/product/202309/products/1/inventory/update"
    both = {"inventory": [{"product_id": "1", "skus": [sku_stock("2"), sku_stock("3")]}]}
    shop = ScriptedShop(clock, {SEARCH: ok(both), update: no(12052990, "no")})
    requests = [Request("", f"1/{sku}@9", StockChange(3), "key") for sku in ("2", "3")]
    outcomes = await shop.shop.desks[Verb.SET_STOCK].send(scripted_store(), requests)
    assert all(outcome.verdict is Verdict.REFUSED and outcome.whole_call for outcome in outcomes)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ACTIVATE", ListingState.LIVE),
        ("DRAFT", ListingState.OFF),
        ("PENDING", ListingState.OFF),
        ("SELLER_DEACTIVATED", ListingState.OFF),
        ("FAILED", ListingState.BLOCKED),
        ("PLATFORM_DEACTIVATED", ListingState.BLOCKED),
        ("FREEZE", ListingState.BLOCKED),
        ("DELETED", ListingState.DELETED),
        ("TELEPORTED", ListingState.UNKNOWN),
    ],
)
def test_every_status_of_a_product_has_its_meaning(word: str, state: ListingState) -> None:
    assert state_of(word) is state


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("12052032", CauseId.LISTING_GONE),
        ("12052260", CauseId.LISTING_GONE),
        ("12019028", CauseId.WAREHOUSE),
        ("12052532", CauseId.WAREHOUSE),
        ("12052055", CauseId.QUANTITY),
        ("12052393", CauseId.BELOW_FLOOR),
        ("12052371", CauseId.STOCK_LOCKED),
        ("12052850", CauseId.STOCK_LOCKED),
        ("12052921", CauseId.STOCK_LOCKED),
        ("12052037", CauseId.STOCK_LOCKED),
        ("12052901", CauseId.WRONG_STATE),
        ("12052700", CauseId.NO_PERMISSION),
    ],
)
def test_every_code_of_stock_has_its_cause(code: str, cause: CauseId) -> None:
    assert cause_of(code, "").id is cause


@given(st.integers(0, 200), st.lists(st.integers(0, 100), min_size=1, max_size=4))
def test_floors_together_keep_what_is_held_while_each_is_written_alone(held: int, shows: list[int]) -> None:
    least = floors(held, shows)
    for own, floor in zip(shows, least, strict=True):
        assert 0 <= floor <= own
        assert sum(shows) - own + floor >= min(held, sum(shows))

"""Shopee's listings and their stock over HTTP: items and models, places, partial failures, and the mapping tables."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shoptui.adapters.base import AdapterError, Verdict
from shoptui.adapters.desks import Request
from shoptui.adapters.query import Repeated, encoded
from shoptui.adapters.shopee.stock_errors import row_cause, stock_cause
from shoptui.adapters.shopee.stock_mapping import SHOPEES_OWN, state_of
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.stock import ListingState, StockChange, listing_target
from shoptui.domain.stores import Store
from shoptui.sandbox.shopee.states import location_id
from shoptui.sandbox.world.stock_model import Offer, OfferState, StockLock
from tests.adapters.scripted import Reply
from tests.adapters.shopee.sandboxed import START_AT, House, house
from tests.adapters.shopee.support import STORE, ScriptedShop, no, ok
from tests.adapters.stocking import listings, offers, send

LIST, INFO, MODELS = "/product/get_item_list", "/product/get_item_base_info", "/product/get_model_list"
UPDATE, PLACES = "/product/update_stock", "/shop/get_warehouse_detail"


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house(regions=("MY", "VN"), orders=60) as found:
        yield found


def product(at: House, size: int, store: Store | None = None, nth: int = 0) -> list[Offer]:
    """The n-th item with so many variations, or more where more than one are asked for."""
    world = at.sandbox.world
    products = world.stock.products_of(world.stores[(store or at.store).shop_id]).values()
    return [group for group in products if len(group) == size or len(group) > size > 1][nth]


def listing_id(at: House, offer: Offer) -> str:
    several = len(at.sandbox.world.stock.products_of(offer.store)[offer.sku.product_id]) > 1
    return f"{offer.sku.product_id}/{offer.sku.id if several else 0}"


def write(at: House, offer: Offer, shows: int, place: str = "", seen: int | None = None) -> Request:
    return Request("", listing_target(listing_id(at, offer), place), StockChange(shows, seen), "key")


async def test_items_with_and_without_models_are_listings_with_their_names(at: House) -> None:
    found = await listings(at)
    assert found.keys() == {listing_id(at, offer) for offer in offers(at)}
    for offer in offers(at):
        listing = found[listing_id(at, offer)]
        assert (listing.sku, listing.product_name) == (offer.sku.code, offer.sku.product_name)
        assert listing.shows == offer.shows and listing.state is ListingState.LIVE
        assert listing.price is not None and listing.price.minor == offer.sku.price_minor
        assert listing.variant_name == (offer.sku.variant if listing.sku_id != "0" else "")
        assert [each.warehouse_id for each in listing.stock] == [""] and listing.stock[0].reserved is None


async def test_a_shop_with_warehouses_names_them_and_is_asked_once(at: House) -> None:
    vietnamese = at.stores[1]
    at.watch(PLACES, LIST, INFO, MODELS)
    found = await listings(at, vietnamese)
    await listings(at, vietnamese, since=START_AT + 10**6)
    several = sum(
        1 for each in at.sandbox.world.stock.products_of(offers(at, vietnamese)[0].store).values() if each[1:]
    )
    assert at.seen() == [1, 2, 1, several]
    offer = product(at, 1, vietnamese)[0]
    assert {each.warehouse_id: each.shows for each in found[listing_id(at, offer)].stock} == {
        location_id(offer.store, place.warehouse.id): place.quantity for place in offer.places
    }


async def test_only_what_changed_since_comes(at: House) -> None:
    at.sandbox.advance(60)
    offer = product(at, 2)[0]
    assert [each.verdict for each in await send(at, write(at, offer, 7))] == [Verdict.DONE]
    same_item = at.sandbox.world.stock.products_of(offer.store)[offer.sku.product_id]
    assert set(await listings(at, since=START_AT + 60)) == {listing_id(at, each) for each in same_item}


async def test_models_of_an_item_go_in_one_call_and_items_without_in_their_own(at: House) -> None:
    models, single = product(at, 2), product(at, 1)[0]
    before = {offer: offer.shows for offer in [*models, single]}
    at.watch(UPDATE, INFO, MODELS)
    outcomes = await send(at, *(write(at, offer, 9, seen=before[offer]) for offer in [*models, single]))
    assert [each.verdict for each in outcomes] == [Verdict.DONE] * len(outcomes)
    assert at.seen() == [2, 1, 1]
    assert {offer.shows for offer in before} == {9}
    assert [(each.facts["before"], each.facts["after"]) for each in outcomes] == [
        (str(n), "9") for n in before.values()
    ]
    assert (listing_target(listing_id(at, single), ""), "applied") in at.effects("set_stock")


async def test_one_place_of_several_is_written_alone(at: House) -> None:
    vietnamese = at.stores[1]
    offer = product(at, 2, vietnamese)[0]
    places = [location_id(offer.store, place.warehouse.id) for place in offer.places]
    other = offer.places[0].quantity
    (outcome,) = await send(at, write(at, offer, 4, places[1]), store=vietnamese)
    assert outcome.verdict is Verdict.DONE
    assert [place.quantity for place in offer.places] == [other, 4]
    (refused,) = await send(at, write(at, offer, 4), store=vietnamese)
    assert refused.cause is not None and refused.cause.id is CauseId.WAREHOUSE


async def test_half_the_models_refused_each_for_its_own_reason(at: House) -> None:
    locked, bundle, free = product(at, 3)[:3]
    locked.lock, bundle.lock = StockLock.AUCTION, StockLock.BUNDLE
    outcomes = await send(at, *(write(at, offer, 6) for offer in (locked, bundle, free)))
    assert [each.verdict for each in outcomes] == [Verdict.REFUSED, Verdict.REFUSED, Verdict.DONE]
    assert [each.cause.id for each in outcomes if each.cause] == [CauseId.STOCK_LOCKED] * 2
    assert free.shows == 6 and locked.shows != 6


async def test_what_a_promotion_reserves_is_a_floor(at: House) -> None:
    offer = product(at, 1)[0]
    offer.places[0].floor = 20
    assert (await listings(at))[listing_id(at, offer)].stock[0].floor == 20
    below, at_floor = await send(at, write(at, offer, 19)), await send(at, write(at, offer, 20))
    assert below[0].cause is not None and below[0].cause.id is CauseId.BELOW_FLOOR
    assert at_floor[0].verdict is Verdict.DONE


async def test_shopees_own_stock_is_shown_and_never_written(at: House) -> None:
    offer = product(at, 2)[0]
    offer.platform = 30
    listing = (await listings(at))[listing_id(at, offer)]
    assert listing.shows == offer.shows and not listing.stock[1].ours and listing.stock[1].shows == 30
    (outcome,) = await send(at, write(at, offer, 5, SHOPEES_OWN))
    assert outcome.cause is not None and outcome.cause.id is CauseId.WAREHOUSE


async def test_banned_and_deleted_items(at: House) -> None:
    banned, gone, fine = product(at, 1)[0], product(at, 2)[0], product(at, 2, nth=1)[0]
    at.sandbox.world.stock.set_state(banned, OfferState.BLOCKED, START_AT)
    at.sandbox.world.stock.set_state(gone, OfferState.DELETED, START_AT)
    found = await listings(at)
    assert found[listing_id(at, banned)].state is ListingState.BLOCKED and found[listing_id(at, banned)].why_locked
    outcomes = await send(at, write(at, banned, 5), write(at, gone, 5), write(at, fine, 5))
    assert [each.cause.id for each in outcomes if each.cause] == [CauseId.STOCK_LOCKED, CauseId.LISTING_GONE]
    assert fine.shows == 5


async def test_what_sales_have_moved_is_not_written_over(at: House) -> None:
    offer = product(at, 1)[0]
    now = offer.shows
    (outcome,) = await send(at, write(at, offer, 3, seen=now + 1))
    assert outcome.cause is not None and outcome.cause.id is CauseId.STOCK_MOVED
    assert outcome.facts == {"shows": str(now)} and at.effects("set_stock") == []


@pytest.mark.parametrize(("kind", "wrote"), [("drop_before", False), ("drop_after", True)])
async def test_a_lost_answer_is_not_repeated(at: House, kind: str, wrote: bool) -> None:
    offer = product(at, 1)[0]
    at.sandbox.faults.replace([{"match": {"path": UPDATE, "times": 1}, "do": {kind: True}}])
    with pytest.raises(AdapterError):
        await send(at, write(at, offer, 4))
    assert len(at.effects("set_stock")) == int(wrote)
    (evidence,) = await at.desk(Verb.SET_STOCK).read_back(at.store, [write(at, offer, 4)])
    assert evidence.verdict is Verdict.UNDECIDED and evidence.facts["shows"] == str(offer.shows)


async def test_what_is_written_less_what_sells_is_what_the_world_says(at: House) -> None:
    wrote = {offer: 4 + number for number, offer in enumerate(product(at, 2) + product(at, 1))}
    await send(at, *(write(at, offer, shows) for offer, shows in wrote.items()))
    at.sandbox.poke("new_orders", shop_id=at.store.shop_id, count=25)
    orders = at.sandbox.world.orders_of(at.store.shop_id)[-25:]
    found = await listings(at)
    for offer, shows in wrote.items():
        sold = sum(line.sku is offer.sku for order in orders for line in order.open_lines)
        assert found[listing_id(at, offer)].shows == offer.shows == shows - sold


# --- answers no sandbox gives ---------------------------------------------------------------------------------


def model(model_id: int, stock: object, **over: object) -> dict[str, object]:
    info = {"summary_info": {"total_reserved_stock": 0}, "seller_stock": [{"stock": stock}], **over}
    return {"model_id": model_id, "model_sku": f"S-{model_id}", "stock_info_v2": info}


def shop(clock: DrivenClock, *models: object, update: Reply | None = None) -> ScriptedShop:
    return ScriptedShop(
        clock,
        {
            PLACES: no("warehouse.error_not_in_whitelist", "no multi-warehouse"),
            MODELS: ok({"tier_variation": [], "model": list(models)}),
            UPDATE: update or ok({"success_list": [], "failure_list": []}),
        },
    )


async def test_a_number_beyond_64_bits_is_set_aside_and_text_is_read(clock: DrivenClock) -> None:
    own = {"shopee_stock": [{"location_id": "X", "stock": "12"}]}
    scripted = shop(clock, model(1, 10**25), model(2, 5, **own), model(3, "none"))
    assert scripted.shop.stock is not None
    reading = await scripted.shop.stock.by_id(STORE, ["9/1", "9/2", "9/3"])
    assert [one.listing_id for one in reading.stocks] == ["9/2"]
    assert [each.shows for each in reading.stocks[0].stock] == [5, 12]
    assert sorted(each.order_no for each in reading.set_aside) == ["1", "3"]


async def test_an_answer_that_names_no_model_makes_nothing_done(clock: DrivenClock) -> None:
    scripted = shop(clock, model(1, 5))
    requests = [Request("", "9/1@", StockChange(3), "key")]
    (outcome,) = await scripted.shop.desks[Verb.SET_STOCK].send(STORE, requests)
    assert outcome.verdict is Verdict.WAIT
    assert scripted.bodies(UPDATE) == [{"item_id": 9, "stock_list": [{"model_id": 1, "seller_stock": [{"stock": 3}]}]}]


@pytest.mark.parametrize(
    ("code", "message", "cause"),
    [
        ("error_auth", "The location_id MYZ does not belong to the shop.", CauseId.WAREHOUSE),
        ("error_auth", "The stock is below total reserved stock.", CauseId.BELOW_FLOOR),
        ("error_auth", "The shop is an FBS shop.", CauseId.STOCK_LOCKED),
        ("error_busi", "multi-warehouse shop needs location id", CauseId.WAREHOUSE),
        ("product.error_param", "model_id 5 is repeated", CauseId.LISTING_GONE),
        ("error_holiday_mode_change_stock", "", CauseId.STOCK_LOCKED),
        ("error_model_update_stock_model_in_promotion", "", CauseId.STOCK_LOCKED),
        ("product.error_item_not_found", "", CauseId.LISTING_GONE),
        ("error_wms_shop_block_upate_stock", "", CauseId.STOCK_LOCKED),
        ("product.error_busi_cannot_edit_vsku", "", CauseId.STOCK_LOCKED),
        ("error_seller_under_penalty", "", CauseId.NO_PERMISSION),
    ],
)
def test_umbrella_codes_are_told_apart_by_their_words(code: str, message: str, cause: CauseId) -> None:
    found = stock_cause(code, message)
    assert found is not None and found.id is cause and message in found.message


@pytest.mark.parametrize(
    ("code", "message"),
    [("error_auth", "Invalid access_token."), ("error_busi", "internal error"), ("error_sign", "Wrong sign.")],
)
def test_what_is_no_matter_of_stock_is_left_to_the_gateways_table(code: str, message: str) -> None:
    assert stock_cause(code, message) is None


def test_words_nobody_knows_are_still_a_refusal() -> None:
    assert row_cause("Because of the moon.").id is CauseId.OTHER


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("NORMAL", ListingState.LIVE),
        ("UNLIST", ListingState.OFF),
        ("REVIEWING", ListingState.BLOCKED),
        ("BANNED", ListingState.BLOCKED),
        ("SELLER_DELETE", ListingState.DELETED),
        ("SHOPEE_DELETE", ListingState.DELETED),
        ("DELETED", ListingState.DELETED),
        ("DREAMING", ListingState.UNKNOWN),
    ],
)
def test_every_status_of_an_item_has_its_meaning(word: str, state: ListingState) -> None:
    assert state_of(word) is state


def test_a_name_with_several_values_is_repeated() -> None:
    assert encoded({"a": "1", "s": Repeated("X", "Y Z")}) == "a=1&s=X&s=Y%20Z"

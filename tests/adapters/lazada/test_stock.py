"""Lazada's listings and their stock over HTTP: warehouses, campaign floors, summary errors, and the mapping tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from shoptui.adapters.base import AdapterError, RateLimited, Verdict
from shoptui.adapters.desks import Request
from shoptui.adapters.lazada.stock_mapping import LAZADAS_OWN, state_of
from shoptui.adapters.lazada.stock_wire import payload
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.stock import ListingState, StockChange, listing_target
from shoptui.sandbox.world.stock_model import NOTHING_RESERVED, Offer, OfferState, StockLock
from tests.adapters.lazada.sandboxed import House, house
from tests.adapters.lazada.support import STORE, ScriptedShop
from tests.adapters.sandboxed import START_AT
from tests.adapters.stocking import listings, offers, send, stock_of

PRODUCTS, ITEM = "/rest/products/get", "/rest/product/item/get"
WAREHOUSES, UPDATE = "/rest/seller/warehouse/get", "/rest/product/stock/sellable/update"


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house(regions=("MY", "VN"), orders=80) as found:
        yield found


def listing_id(offer: Offer) -> str:
    return f"{offer.sku.product_id}/{offer.sku.id}"


def write(offer: Offer, shows: int, place: str = "", seen: int | None = None) -> Request:
    return Request("", listing_target(listing_id(offer), place), StockChange(shows, seen), "key")


async def test_listings_say_what_is_sellable_and_what_orders_hold(at: House) -> None:
    at.watch(PRODUCTS, WAREHOUSES)
    found = await listings(at)
    assert at.seen() == [1, 1]
    assert found.keys() == {listing_id(offer) for offer in offers(at)}
    reserved = at.sandbox.world.stock.reserved(offers(at)[0].store)
    for offer in offers(at):
        listing = found[listing_id(offer)]
        assert (listing.sku, listing.product_name) == (offer.sku.code, offer.sku.product_name)
        assert (listing.variant_name, listing.shows) == (offer.sku.variant, offer.shows)
        assert listing.price is not None and listing.price.minor == offer.sku.price_minor
        (place,) = listing.stock
        held = reserved.get((offer.sku.id, offer.places[0].warehouse.id), NOTHING_RESERVED)
        assert (place.warehouse_id, place.reserved) == ("", held.unpaid + held.paid)


async def test_empty_warehouses_are_shown_although_lazada_leaves_them_out(at: House) -> None:
    vietnamese = at.stores[1]
    offer = next(one for one in offers(at, vietnamese) if not at.sandbox.world.stock.reserved(one.store).get(
        (one.sku.id, one.places[1].warehouse.id)
    ))  # fmt: skip
    offer.places[1].quantity = 0
    listing = (await listings(at, vietnamese))[listing_id(offer)]
    codes = [f"WH-{place.warehouse.id}" for place in offer.places]
    assert {each.warehouse_id: each.shows for each in listing.stock} == {codes[0]: offer.shows, codes[1]: 0}
    (outcome,) = await send(at, write(offer, 6, codes[1], seen=0), store=vietnamese)
    assert outcome.verdict is Verdict.DONE and offer.places[1].quantity == 6


async def test_listings_are_re_read_fifty_products_a_call_and_alone_by_their_id(at: House) -> None:
    every = [listing_id(offer) for offer in offers(at)]
    at.watch(PRODUCTS, ITEM)
    cold = await stock_of(at).by_id(at.store, every)
    items = len({one.partition("/")[0] for one in every})
    assert len(cold.stocks) == len(every) and at.seen() == [0, items]
    warm = await stock_of(at).by_id(at.store, every)
    assert warm == cold and at.seen() == [1, items]
    await stock_of(at).by_id(at.store, every[:1])
    assert at.seen() == [1, items + 1]


async def test_only_what_changed_since_comes(at: House) -> None:
    at.sandbox.advance(60)
    offer = offers(at)[0]
    assert [each.verdict for each in await send(at, write(offer, 7))] == [Verdict.DONE]
    same = {listing_id(one) for one in offers(at) if one.sku.product_id == offer.sku.product_id}
    assert set(await listings(at, since=START_AT + 60)) == same


async def test_twenty_skus_go_in_one_call_whatever_their_product(at: House) -> None:
    some = offers(at)[:13]
    before = [offer.shows for offer in some]
    at.watch(UPDATE)
    outcomes = await send(at, *(write(offer, 9, seen=shows) for offer, shows in zip(some, before, strict=True)))
    assert at.seen() == [1] and {each.verdict for each in outcomes} == {Verdict.DONE}
    assert {offer.shows for offer in some} == {9}
    assert [each.facts["before"] for each in outcomes] == [str(shows) for shows in before]
    assert (listing_target(listing_id(some[0]), ""), "applied") in at.effects("set_stock")


async def test_some_refused_in_a_call_leave_the_others_done(at: House) -> None:
    some = offers(at)[:6]
    some[0].lock, some[3].lock = StockLock.BUNDLE, StockLock.AUCTION
    outcomes = await send(at, *(write(offer, 8) for offer in some))
    assert [each.verdict is Verdict.DONE for each in outcomes] == [False, True, True, False, True, True]
    assert {each.cause.id for each in outcomes if each.cause} == {CauseId.STOCK_LOCKED}
    assert [offer.shows == 8 for offer in some] == [False, True, True, False, True, True]


async def test_a_campaign_is_a_floor(at: House) -> None:
    offer = offers(at)[1]
    offer.places[0].floor = 15
    assert (await listings(at))[listing_id(offer)].stock[0].floor == 15
    (below,) = await send(at, write(offer, 14))
    assert below.cause is not None and below.cause.id is CauseId.BELOW_FLOOR and below.facts["floor"] == "15"
    (enough,) = await send(at, write(offer, 15))
    assert enough.verdict is Verdict.DONE and offer.shows == 15


async def test_lazadas_own_stock_and_what_is_taken_down_are_not_written(at: House) -> None:
    own, down, gone = offers(at)[1], offers(at)[4], offers(at)[7]
    own.platform = 11
    at.sandbox.world.stock.set_state(down, OfferState.BLOCKED, START_AT)
    at.sandbox.world.stock.set_state(gone, OfferState.DELETED, START_AT)
    found = await listings(at)
    assert found[listing_id(own)].shows == own.shows and found[listing_id(down)].state is ListingState.BLOCKED
    assert listing_id(gone) not in found
    outcomes = await send(at, write(own, 3, LAZADAS_OWN), write(down, 3), write(gone, 3))
    causes = [each.cause.id for each in outcomes if each.cause]
    assert causes == [CauseId.WAREHOUSE, CauseId.STOCK_LOCKED, CauseId.LISTING_GONE]
    assert at.effects("set_stock") == []


async def test_what_sales_have_moved_is_not_written_over(at: House) -> None:
    offer = offers(at)[2]
    now = offer.shows
    (outcome,) = await send(at, write(offer, 3, seen=now + 1))
    assert outcome.cause is not None and outcome.cause.id is CauseId.STOCK_MOVED
    assert outcome.facts == {"shows": str(now)} and at.effects("set_stock") == []


@pytest.mark.parametrize(("kind", "wrote"), [("drop_before", False), ("drop_after", True)])
async def test_a_lost_answer_is_not_repeated(at: House, kind: str, wrote: bool) -> None:
    offer = offers(at)[2]
    at.fault(UPDATE, **{kind: True})
    with pytest.raises(AdapterError):
        await send(at, write(offer, 4))
    assert at.applied("set_stock") == int(wrote)
    (evidence,) = await at.desk(Verb.SET_STOCK).read_back(at.store, [write(offer, 4)])
    assert evidence.verdict is Verdict.UNDECIDED and evidence.facts["shows"] == str(offer.shows)


async def test_a_limit_of_the_whole_app_lets_all_wait_and_nothing_happen(at: House) -> None:
    at.fault(UPDATE, code="AppCallLimit")
    with pytest.raises(RateLimited):
        await send(at, write(offers(at)[2], 4))
    assert at.applied("set_stock") == 0


async def test_what_is_written_less_what_sells_is_what_the_world_says(at: House) -> None:
    wrote = {offer: 4 + number for number, offer in enumerate(offers(at)[:6])}
    await send(at, *(write(offer, shows) for offer, shows in wrote.items()))
    at.sandbox.poke("new_orders", shop_id=at.store.shop_id, count=25)
    orders = at.sandbox.world.orders_of(at.store.shop_id)[-25:]
    found = await listings(at)
    for offer, shows in wrote.items():
        sold = sum(line.sku is offer.sku for order in orders for line in order.open_lines)
        assert found[listing_id(offer)].shows == offer.shows == shows - sold


# --- answers no sandbox gives ---------------------------------------------------------------------------------


def ok(data: Any = None) -> httpx.Response:
    return httpx.Response(200, json={"code": "0", "request_id": "r", "data": data if data is not None else {}})


def houses(*codes: str) -> httpx.Response:
    modules = [{"code": code, "name": code} for code in codes]
    return httpx.Response(200, json={"code": "0", "request_id": "r", "result": {"success": True, "module": modules}})


def product(item_id: int, *skus: dict[str, Any], **over: Any) -> dict[str, Any]:
    return {"item_id": item_id, "status": "Active", "attributes": {"name": "Kettle"}, "skus": list(skus), **over}


def sku(sku_id: int, units: object = 5, code: str = "K", **over: Any) -> dict[str, Any]:
    house = {"warehouseCode": "dropshipping", "sellableQuantity": units, "occupyQuantity": 1, "withholdQuantity": 0}
    return {"SkuId": sku_id, "SellerSku": code, "multiWarehouseInventories": [house], **over}


def failure(*rows: tuple[str, str]) -> httpx.Response:
    detail = [{"field": "SellableQuantity", "seller_sku": code, "message": message} for code, message in rows]
    return httpx.Response(200, json={"type": "ISV", "code": "501", "message": "E501", "detail": detail})


def shop(clock: DrivenClock, update: Any = None, *skus: dict[str, Any]) -> ScriptedShop:
    script = {WAREHOUSES: houses("dropshipping"), ITEM: ok(product(1, *skus)), UPDATE: update or ok()}
    return ScriptedShop(clock, script)


async def test_a_number_beyond_64_bits_is_set_aside(clock: DrivenClock) -> None:
    scripted = shop(clock, None, sku(2, 2**63))
    assert scripted.shop.stock is not None
    reading = await scripted.shop.stock.by_id(STORE, ["1/2"])
    assert reading.stocks == () and [each.order_no for each in reading.set_aside] == ["1"]


async def test_camel_case_and_a_product_without_warehouses_are_read(clock: DrivenClock) -> None:
    bare = {"skuId": 2, "sellerSku": "K", "available": 4, "quantity": 7}
    scripted = ScriptedShop(
        clock, {WAREHOUSES: houses("dropshipping"), ITEM: ok({"itemId": 1, "status": "Active", "skus": [bare]})}
    )
    assert scripted.shop.stock is not None
    reading = await scripted.shop.stock.by_id(STORE, ["1/2"])
    assert [(each.warehouse_id, each.shows) for each in reading.stocks[0].stock] == [("", 4)]


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("negative sellable on channel inventory", CauseId.BELOW_FLOOR),
        ("E4170: campaign stock", CauseId.BELOW_FLOOR),
        ("SKU_NOT_FOUND", CauseId.LISTING_GONE),
        ("warehouse WH-1 is unknown", CauseId.WAREHOUSE),
        ("invalid quantity", CauseId.QUANTITY),
        ("the moon", CauseId.OTHER),
    ],
)
async def test_a_detail_says_why_in_words_alone(clock: DrivenClock, message: str, cause: CauseId) -> None:
    scripted = shop(clock, failure(("K", message)), sku(2))
    request = Request("", "1/2@", StockChange(3), "key")
    (outcome,) = await scripted.shop.desks[Verb.SET_STOCK].send(STORE, [request])
    assert outcome.cause is not None and outcome.cause.id is cause and message in outcome.cause.message


async def test_of_two_with_one_code_neither_is_taken_for_refused_unseen(clock: DrivenClock) -> None:
    scripted = ScriptedShop(
        clock,
        {
            WAREHOUSES: houses("dropshipping"),
            ITEM: [ok(product(1, sku(2), sku(3))), ok(product(1, sku(2, 3), sku(3)))],
            UPDATE: failure(("K", "invalid quantity")),
        },
    )
    requests = [Request("", f"1/{one}@", StockChange(3), "key") for one in (2, 3)]
    first, second = await scripted.shop.desks[Verb.SET_STOCK].send(STORE, requests)
    assert first.verdict is Verdict.DONE and second.verdict is Verdict.REFUSED and second.whole_call


async def test_a_refusal_without_details_is_the_only_ones(clock: DrivenClock) -> None:
    refusal = httpx.Response(200, json={"type": "ISV", "code": "4170", "message": "campaign"})
    scripted = shop(clock, refusal, sku(2))
    (outcome,) = await scripted.shop.desks[Verb.SET_STOCK].send(STORE, [Request("", "1/2@", StockChange(3), "key")])
    assert outcome.cause is not None and outcome.cause.id is CauseId.BELOW_FLOOR


def test_the_payload_names_warehouses_only_where_there_are_several() -> None:
    tree = ElementTree.fromstring(payload([("1", "2", {"": 3}), ("4", "5", {"WH-<1>": 6, "WH-2": 0})]))
    one, several = tree.findall("Product/Skus/Sku")
    assert [(node.tag, node.text) for node in one] == [("ItemId", "1"), ("SkuId", "2"), ("SellableQuantity", "3")]
    found = [[node.text for node in house] for house in several.findall("MultiWarehouseInventories/*")]
    assert found == [["WH-<1>", "6"], ["WH-2", "0"]]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Active", ListingState.LIVE),
        ("InActive", ListingState.OFF),
        ("Pending QC", ListingState.BLOCKED),
        ("Suspended", ListingState.BLOCKED),
        ("Deleted", ListingState.DELETED),
        ("Vanished", ListingState.UNKNOWN),
    ],
)
def test_every_status_of_a_product_has_its_meaning(word: str, state: ListingState) -> None:
    assert state_of(word) is state

"""Reading and writing a simulated store's stock, as the tests of all three marketplaces do."""

from __future__ import annotations

from shoptui.adapters.desks import Outcome, Request
from shoptui.adapters.stock import Stock
from shoptui.domain.intents import Verb
from shoptui.domain.stock import Listing
from shoptui.domain.stores import Store
from shoptui.sandbox.world.stock_model import Offer
from tests.adapters.sandboxed import House


def stock_of(at: House) -> Stock:
    assert at.shop.stock is not None
    return at.shop.stock


def offers(at: House, store: Store | None = None) -> list[Offer]:
    """What the store truly offers."""
    world = at.sandbox.world
    return list(world.stock.offers_of(world.stores[(store or at.store).shop_id]).values())


async def listings(at: House, store: Store | None = None, since: int = 0) -> dict[str, Listing]:
    """What the adapter reads of it, by the listings' ids."""
    found = [page async for page in stock_of(at).listings(store or at.store, since)]
    return {listing.listing_id: listing for page in found for listing in page.listings}


async def send(at: House, *requests: Request, store: Store | None = None) -> list[Outcome]:
    return list(await at.desk(Verb.SET_STOCK).send(store or at.store, list(requests)))

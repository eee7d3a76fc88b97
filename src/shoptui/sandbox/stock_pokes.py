"""What a test may do to stock from outside: buyers who order one thing, marketplaces that lock it or take it down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .poking import Poke, PokeError, count_in, store_in, word_in, word_or_none_in
from .world.life import Life
from .world.refusal import Reason, Refused
from .world.stock_model import Offer, OfferState, StockLock
from .world.world import World


class StockPokes:
    """The pokes on offers by name, in the form `Pokes` has; what does not exist is a PokeError."""

    def __init__(self, world: World, life: Life) -> None:
        self._world = world
        self._life = life
        self.by_name: Mapping[str, Poke] = {
            "sell": self._sell,
            "set_stock": self._set_stock,
            "stock_floor": self._stock_floor,
            "stock_lock": self._stock_lock,
            "listing_state": self._listing_state,
        }

    def _sell(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """A buyer orders so many units of one SKU, if they are on offer."""
        offer, units = self._offer(arguments), count_in(arguments, "units", 1)
        if not 1 <= units <= offer.shows:
            raise Refused(Reason.SOLD_OUT, f"{units} units cannot be ordered, {offer.shows} are on offer")
        paid = arguments.get("paid", True) is True
        order = self._life.new_order(offer.store, now, paid=paid, only=(offer.sku, units))
        return _named(offer) | {"order_id": order.id}

    def _set_stock(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """Somebody of the store writes a number in Seller Center."""
        offer = self._offer(arguments)
        shows = count_in(arguments, "shows", 0)
        self._world.stock.write(offer, {self._house(offer, arguments): shows}, now)
        return _named(offer)

    def _stock_floor(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """A promotion begins to hold so many units, or with 0 ends."""
        offer = self._offer(arguments)
        house = self._house(offer, arguments)
        for place in offer.places:
            if place.warehouse.id == house:
                place.floor = count_in(arguments, "floor", 0)
        return _named(offer)

    def _stock_lock(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """It becomes a bundle, is put into a live auction, or with no kind is free again."""
        offer = self._offer(arguments)
        offer.lock = word_or_none_in(StockLock, arguments, "kind")
        return _named(offer)

    def _listing_state(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """The whole product is put on sale, taken off, taken down or deleted."""
        offer = self._offer(arguments)
        self._world.stock.set_state(offer, word_in(OfferState, arguments, "state"), now)
        return _named(offer)

    def _offer(self, arguments: Mapping[str, Any]) -> Offer:
        """By the shop (the first one if none is named) and the SKU's id or the seller's own code."""
        store = store_in(self._world, arguments)
        wanted = str(arguments.get("sku_id") or arguments.get("sku"))
        for sku_id, offer in self._world.stock.offers_of(store).items():
            if wanted in (sku_id, offer.sku.code):
                return offer
        raise PokeError(f"The shop has no SKU {wanted!r}: give sku_id or sku.")

    def _house(self, offer: Offer, arguments: Mapping[str, Any]) -> str:
        return str(arguments.get("warehouse_id") or offer.places[0].warehouse.id)


def _named(offer: Offer) -> dict[str, Any]:
    return {
        "shop_id": offer.store.id,
        "product_id": offer.sku.product_id,
        "sku_id": offer.sku.id,
        "sku": offer.sku.code,
        "shows": offer.shows,
    }

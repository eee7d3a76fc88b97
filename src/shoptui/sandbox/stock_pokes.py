"""What a test may do to stock from outside: buyers who order one thing, marketplaces that lock it or take it down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .world.life import Life
from .world.refusal import Reason, Refused
from .world.stock_model import Offer, OfferState, StockLock
from .world.world import World

Poke = Callable[[Mapping[str, Any], int], dict[str, Any]]


class StockPokes:
    """The pokes on offers by name, in the form `Pokes` has; what does not exist is Refused."""

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
        offer, units = self._offer(arguments), _number(arguments, "units", 1)
        if not 1 <= units <= offer.shows:
            raise Refused(Reason.SOLD_OUT, f"{units} units cannot be ordered, {offer.shows} are on offer")
        paid = arguments.get("paid", True) is True
        order = self._life.new_order(offer.store, now, paid=paid, only=(offer.sku, units))
        return _named(offer) | {"order_id": order.id}

    def _set_stock(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """Somebody of the store writes a number in Seller Center."""
        offer = self._offer(arguments)
        shows = _number(arguments, "shows", 0)
        self._world.stock.write(offer, {self._house(offer, arguments): shows}, now)
        return _named(offer)

    def _stock_floor(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """A promotion begins to hold so many units, or with 0 ends."""
        offer = self._offer(arguments)
        house = self._house(offer, arguments)
        for place in offer.places:
            if place.warehouse.id == house:
                place.floor = _number(arguments, "floor", 0)
        return _named(offer)

    def _stock_lock(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """It becomes a bundle, is put into a live auction, or with no kind is free again."""
        offer, kind = self._offer(arguments), arguments.get("kind")
        if kind is not None and kind not in list(StockLock):
            raise Refused(Reason.NOT_FOUND, f"kind must be null or one of {', '.join(StockLock)}")
        offer.lock = StockLock(kind) if kind is not None else None
        return _named(offer)

    def _listing_state(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """The whole product is put on sale, taken off, taken down or deleted."""
        offer, state = self._offer(arguments), arguments.get("state")
        if state not in list(OfferState):
            raise Refused(Reason.NOT_FOUND, f"state must be one of {', '.join(OfferState)}")
        self._world.stock.set_state(offer, OfferState(state), now)
        return _named(offer)

    def _offer(self, arguments: Mapping[str, Any]) -> Offer:
        """By the shop (the first one if none is named) and the SKU's id or the seller's own code."""
        shop_id = str(arguments.get("shop_id") or next(iter(self._world.stores), ""))
        store = self._world.stores.get(shop_id)
        if store is None:
            raise Refused(Reason.NOT_FOUND, f"there is no shop {shop_id!r}")
        wanted = str(arguments.get("sku_id") or arguments.get("sku"))
        for sku_id, offer in self._world.stock.offers_of(store).items():
            if wanted in (sku_id, offer.sku.code):
                return offer
        raise Refused(Reason.NOT_FOUND, f"the shop has no SKU {wanted!r}, give sku_id or sku")

    def _house(self, offer: Offer, arguments: Mapping[str, Any]) -> str:
        return str(arguments.get("warehouse_id") or offer.places[0].warehouse.id)


def _number(arguments: Mapping[str, Any], name: str, default: int) -> int:
    value = arguments.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Refused(Reason.NOT_FOUND, f"{name} must be a whole number of at least 0, not {value!r}")
    return value


def _named(offer: Offer) -> dict[str, Any]:
    return {
        "shop_id": offer.store.id,
        "product_id": offer.sku.product_id,
        "sku_id": offer.sku.id,
        "sku": offer.sku.code,
        "shows": offer.shows,
    }

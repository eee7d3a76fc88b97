"""The world's stock: what each store offers, what open orders hold, and what the house really has of each pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .model import Line, Order, OrderStatus, PackageStatus, Sku, Store
from .refusal import Reason, Refused
from .stock_model import NOTHING_RESERVED, Offer, OfferState, Place, Pool, Reserved, StockLock, pool_key

if TYPE_CHECKING:
    from .world import World

_OPEN = (
    OrderStatus.UNPAID,
    OrderStatus.ON_HOLD,
    OrderStatus.TO_SHIP,
    OrderStatus.PARTLY_ARRANGED,
    OrderStatus.ARRANGED,
)
_IN_HOUSE = frozenset({PackageStatus.TO_ARRANGE, PackageStatus.ARRANGED})
_PLENTY = (300, 900)
_FILL_UP_BELOW = 50
_FILL_UP_BY = 600

ReservedUnits = Mapping[tuple[str, str], Reserved]
"""By SKU and warehouse id."""


class StockBook:
    """Stock of all stores.

    It opens when it is first asked for, with plenty of everything, so that worlds whose stock nobody looks at pay
    nothing for it. From then on sales take from it and cancellations give back.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.skew = 1.0
        """How much likelier a store's first goods are ordered than its last ones; 1 orders all alike."""
        self.is_open = False
        self.pools: dict[str, Pool] = {}
        self._offers: dict[str, dict[str, Offer]] = {}
        self._products: dict[str, dict[str, list[Offer]]] = {}
        self._taken: dict[Line, Place] = {}
        #: What was taken from the marketplaces' own warehouses, which is none of the house's goods.
        self._theirs: set[Line] = set()
        self._reserved: dict[str, tuple[int, ReservedUnits]] = {}

    # --- looking ------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Put plenty of everything on offer, unless the book is open already."""
        if self.is_open:
            return
        self.is_open = True
        began_at = self.world.clocks.started_at
        for store in self.world.stores.values():
            offers = {sku.id: self._invent(store, sku, began_at) for sku in store.skus}
            products: dict[str, list[Offer]] = {}
            for offer in offers.values():
                products.setdefault(offer.sku.product_id, []).append(offer)
                pool = self.pools.setdefault(pool_key(offer.sku.code), Pool(offer.sku.code))
                pool.offers.append(offer)
                pool.free += sum(place.quantity for place in offer.places)
            self._offers[store.id], self._products[store.id] = offers, products

    def _invent(self, store: Store, sku: Sku, began_at: int) -> Offer:
        places = [
            Place(house, self.world.between(*_PLENTY, "stock", sku.id, house.id))
            for house in store.warehouses
            if not house.is_return
        ]
        age_s = self.world.between(86_400, 90 * 86_400, "listed", sku.product_id)
        return Offer(sku, store, places, began_at - age_s, began_at - age_s // 2)

    def offers_of(self, store: Store) -> Mapping[str, Offer]:
        """A store's offers by SKU id."""
        self.open()
        return self._offers[store.id]

    def products_of(self, store: Store) -> Mapping[str, list[Offer]]:
        """A store's offers by product id."""
        self.open()
        return self._products[store.id]

    def pool_of(self, sku: Sku) -> Pool:
        self.open()
        return self.pools[pool_key(sku.code)]

    def reserved(self, store: Store) -> ReservedUnits:
        """What the store's open orders hold."""
        shelf = self.world.shelves[store.id]
        kept = self._reserved.get(store.id)
        if kept is not None and kept[0] == shelf.changes:
            return kept[1]
        unpaid: Counter[tuple[str, str]] = Counter()
        paid: Counter[tuple[str, str]] = Counter()
        arranged: Counter[tuple[str, str]] = Counter()
        for status in _OPEN:
            for order in self.world.orders_of(store.id, status):
                for line in order.lines:
                    if is_in_house(line) and line not in self._theirs:
                        taken = self._taken.get(line)
                        house = taken.warehouse if taken is not None else order.warehouse
                        is_arranged = line.package is not None and line.package.status is PackageStatus.ARRANGED
                        units = unpaid if status is OrderStatus.UNPAID else arranged if is_arranged else paid
                        units[(line.sku.id, house.id)] += 1
        keys = unpaid.keys() | paid.keys() | arranged.keys()
        found = {key: Reserved(unpaid[key], paid[key], arranged[key]) for key in keys}
        self._reserved[store.id] = (shelf.changes, found)
        return found

    def reserved_of(self, pool: Pool) -> int:
        """What open orders wait for; with what is free it is what the house really has of a pool."""
        return sum(
            self.reserved(offer.store).get((offer.sku.id, place.warehouse.id), NOTHING_RESERVED).units
            for offer in pool.offers
            for place in offer.places
        )

    # --- orders -------------------------------------------------------------------------------------------

    def draw(self, store: Store, roll: float, goods: int, lines: Iterable[Line]) -> Sku | None:
        """The SKU a roll in [0, 1) falls on among the store's first `goods`, or the next one that can be ordered.

        `lines` are the order's own so far. None when nothing is left; while the book is closed there is always plenty.
        """
        at = int(roll**self.skew * goods)
        if not self.is_open:
            return store.skus[at]
        for step in range(goods):
            sku = store.skus[(at + step) % goods]
            if self.left(sku, store, lines) > 0:
                return sku
        return None

    def left(self, sku: Sku, store: Store, lines: Iterable[Line]) -> int:
        """How many more of it an order with these lines can have."""
        return self._offers[store.id][sku.id].shows - sum(1 for line in lines if line.sku is sku)

    def at_most(self, units: int, sku: Sku, store: Store, lines: Iterable[Line]) -> int:
        """So many units, or as many as there are."""
        return min(units, self.left(sku, store, lines)) if self.is_open else units

    def arrived(self, order: Order) -> None:
        """An order was placed: what it has is no longer on offer.

        One that comes whole from the marketplace's own warehouse is the marketplace's to ship.
        """
        if not self.is_open:
            return
        short: set[Pool] = set()
        for line in order.lines:
            offer = self._offers[order.store.id].get(line.sku.id)
            if offer is None:
                continue
            self._take(offer, line, order)
            pool = self.pool_of(line.sku)
            pool.sold += 1
            if line in self._theirs:
                continue
            pool.free -= 1
            if pool.free < 0:
                short.add(pool)
        for pool in short:
            pool.oversold_orders += 1
        if self._theirs.issuperset(order.lines):
            order.is_platform_fulfilled = True

    def _take(self, offer: Offer, line: Line, order: Order) -> None:
        own_first = sorted(offer.places, key=lambda place: place.warehouse is not order.warehouse)
        place = next((one for one in own_first if one.quantity > 0), None)
        if place is None and offer.platform > 0:
            offer.platform -= 1
            self._theirs.add(line)
            return
        if place is None:
            return
        place.quantity -= 1
        self._taken[line] = place
        if place.quantity < _FILL_UP_BELOW and not offer.is_written:
            place.quantity += _FILL_UP_BY
            self.pool_of(offer.sku).free += _FILL_UP_BY

    def cancelled(self, order: Order, lines: Iterable[Line]) -> None:
        """Lines were cancelled before they left: they can be ordered again where they were taken from."""
        if not self.is_open:
            return
        for line in lines:
            offer = self._offers[order.store.id].get(line.sku.id)
            if offer is None or not _not_left(line):
                continue
            if line in self._theirs:
                self._theirs.discard(line)
                offer.platform += 1
                continue
            place = self._taken.pop(line, None) or offer.place(order.warehouse.id) or offer.places[0]
            place.quantity += 1
            self.pool_of(line.sku).free += 1

    # --- the seller ---------------------------------------------------------------------------------------

    def write(self, offer: Offer, quantities: Mapping[str, int], at: int) -> dict[str, int]:
        """Set what buyers can order, by warehouse id; gives what was there. Raises Refused and changes nothing."""
        check_open(offer)
        for refused in faults(offer, quantities).values():
            raise refused
        before: dict[str, int] = {}
        for place in offer.places:
            if place.warehouse.id in quantities:
                before[place.warehouse.id] = place.quantity
                place.quantity = quantities[place.warehouse.id]
        offer.is_written = True
        offer.updated_at = max(offer.updated_at, at)
        return before

    def set_state(self, offer: Offer, state: OfferState, at: int) -> None:
        """Put a product on sale, take it off, or take it down: all its SKUs together."""
        for one in self._products[offer.store.id][offer.sku.product_id]:
            one.state = state
            one.updated_at = max(one.updated_at, at)


def check_open(offer: Offer) -> None:
    """Raises Refused where nobody can write the offer's stock."""
    if offer.lock is StockLock.BUNDLE:
        raise Refused(Reason.STOCK_OF_BUNDLE, "the stock of a bundle follows its parts and cannot be edited")
    if offer.lock is StockLock.AUCTION:
        raise Refused(Reason.STOCK_IN_AUCTION, "the SKU is in a live auction, its stock cannot be edited")
    if offer.state in (OfferState.BLOCKED, OfferState.DELETED):
        raise Refused(Reason.OFF_SALE, f"the product is {offer.state} and its stock cannot be edited")


def faults(offer: Offer, quantities: Mapping[str, int]) -> dict[str, Refused]:
    """What speaks against single quantities, by warehouse id."""
    found: dict[str, Refused] = {}
    for warehouse_id, quantity in quantities.items():
        place = offer.place(warehouse_id)
        if place is None:
            found[warehouse_id] = Refused(Reason.NO_WAREHOUSE, f"the SKU is not in warehouse {warehouse_id}")
        elif quantity < place.held:
            detail = f"a promotion holds {place.held}, {quantity} would be less"
            found[warehouse_id] = Refused(Reason.BELOW_FLOOR, detail)
    return found


def is_in_house(line: Line) -> bool:
    """Whether the unit is promised to its order and has not left."""
    return line.cancelled_at is None and _not_left(line)


def _not_left(line: Line) -> bool:
    return line.package is None or line.package.status in _IN_HOUSE

"""The simulated shops' state, its look-ups and the queue of what will happen by itself."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from ..clock import Clocks
from ..settings import Settings
from .chats import Chats
from .dice import between, chance
from .finance import Finance
from .index import StatusIndex
from .market import Market
from .model import CancelRequest, Order, OrderStatus, Package, PackageStatus, Store
from .regions import ORDER_WEIGHT, REGIONS, Region
from .returns import Returns
from .stock import StockBook

Handler: TypeAlias = Callable[[str, int], None]

_STAGE = {
    PackageStatus.TO_ARRANGE: 0,
    PackageStatus.ARRANGED: 1,
    PackageStatus.COLLECTED: 2,
    PackageStatus.DELIVERED: 3,
    PackageStatus.CANCELLED: 0,
}
_STATUS_OF_STAGE = {1: OrderStatus.ARRANGED, 2: OrderStatus.IN_TRANSIT, 3: OrderStatus.DELIVERED}
_FIXED = frozenset({OrderStatus.UNPAID, OrderStatus.ON_HOLD, OrderStatus.COMPLETED, OrderStatus.CANCELLED})


@dataclass(slots=True)
class Shelf:
    """The look-ups of one store."""

    orders: StatusIndex = field(default_factory=StatusIndex)
    packages: StatusIndex = field(default_factory=StatusIndex)
    cancels: dict[str, CancelRequest] = field(default_factory=dict)
    changes: int = 0
    """How often an order of the store changed."""


class World:
    """Everything that exists. All changes of orders and parcels end in `touch` or `touch_package`."""

    def __init__(self, clocks: Clocks, seed: int, settings: Settings, markets: dict[str, Market]) -> None:
        self.clocks = clocks
        self.seed = seed
        self.settings = settings
        self.markets = markets
        self.stores: dict[str, Store] = {}
        self.shelves: dict[str, Shelf] = {}
        self.orders: dict[str, Order] = {}
        self.packages: dict[str, Package] = {}
        self.cancels: dict[str, CancelRequest] = {}
        self.tracking_users: dict[str, set[str]] = {}
        """Which orders a seller-given tracking number was used for."""
        self.chats = Chats(self)
        self.stock = StockBook(self)
        self._counters: dict[str, count[int]] = {}
        self._queue: list[tuple[int, int, str, str]] = []
        self._queue_numbers = count()
        self._handlers: dict[str, Handler] = {}
        self.returns = Returns(self)
        self.finance = Finance(self)

    # --- time ---------------------------------------------------------------------------------------------

    def on(self, kind: str, handler: Handler) -> None:
        """Say what happens when an event of this kind falls due: called with target id and the due time."""
        self._handlers[kind] = handler

    def schedule(self, at: int, kind: str, target: str) -> None:
        """Let something happen by itself at a world time; handlers check that it still applies."""
        heapq.heappush(self._queue, (at, next(self._queue_numbers), kind, target))

    def schedule_many(self, events: list[tuple[int, str, str]]) -> None:
        """Queue (time, kind, target) rows at once."""
        numbers = self._queue_numbers
        self._queue.extend((at, next(numbers), kind, target) for at, kind, target in events)
        heapq.heapify(self._queue)

    def catch_up(self) -> int:
        """Let everything due happen, each at its own time, and return the world time now."""
        now = self.clocks.world_now()
        queue = self._queue
        while queue and queue[0][0] <= now:
            at, _, kind, target = heapq.heappop(queue)
            self._handlers[kind](target, at)
        return now

    # --- look-ups -----------------------------------------------------------------------------------------

    def market_of(self, store: Store) -> Market:
        return self.markets[store.marketplace]

    def stores_of(self, marketplace: str) -> list[Store]:
        """The stores of one marketplace, in the order they were made."""
        return [store for store in self.stores.values() if store.marketplace == marketplace]

    def region_of(self, store: Store) -> Region:
        return REGIONS[store.region]

    def price_of(self, store: Store, minor: int) -> int:
        """An amount rounded down to one its marketplace has prices of, but never to nothing."""
        step = self.market_of(store).price_step_for(self.region_of(store))
        return max(step, minor // step * step)

    def price_of_usd(self, store: Store, cents: int) -> int:
        """So many cents of a US dollar as a price of the store's, rounded down."""
        region = self.region_of(store)
        return self.price_of(store, int(cents * region.price_factor * 10**region.minor_digits) // 100)

    def order_of(self, store: Store, order_id: str) -> Order | None:
        """The store's order, None when it does not exist or belongs to another store."""
        order = self.orders.get(order_id)
        return order if order is not None and order.store is store else None

    def package_of(self, store: Store, package_id: str) -> Package | None:
        package = self.packages.get(package_id)
        return package if package is not None and package.store is store else None

    def orders_of(self, shop_id: str, status: OrderStatus | None = None) -> list[Order]:
        """A store's orders from the oldest creation on, all or those of one status."""
        lookup = self.shelves[shop_id].orders.lookup("created", status)
        return [self.orders[key[1]] for key in lookup.walk(ge=None, lt=None, descending=False, after=None)]

    def packages_of(self, shop_id: str, status: PackageStatus | None = None) -> list[Package]:
        lookup = self.shelves[shop_id].packages.lookup("created", status)
        return [self.packages[key[1]] for key in lookup.walk(ge=None, lt=None, descending=False, after=None)]

    # --- ids and chance -----------------------------------------------------------------------------------

    def next_number(self, kind: str) -> int:
        """Running numbers per kind of thing, from 0."""
        return next(self._counters.setdefault(kind, count()))

    def chance(self, *parts: object) -> float:
        return chance(self.seed, *parts)

    def between(self, low: int, high: int, *parts: object) -> int:
        return between(self.seed, low, high, *parts)

    # --- changes ------------------------------------------------------------------------------------------

    def add_store(self, store: Store) -> None:
        self.stores[store.id] = store
        self.shelves[store.id] = Shelf()

    def add_order(self, order: Order) -> None:
        """Make one order and its parcels findable."""
        self.orders[order.id] = order
        self._index_order(order)
        for package in order.packages:
            self.add_package(package)
        self.stock.arrived(order)

    def add_package(self, package: Package) -> None:
        self.packages[package.id] = package
        self._index_package(package)

    def load_orders(self, orders: list[Order]) -> None:
        """Make many orders findable at once; for the first filling only."""
        order_rows: dict[str, list[tuple[str, str, int, int]]] = {}
        package_rows: dict[str, list[tuple[str, str, int, int]]] = {}
        for order in orders:
            self.orders[order.id] = order
            order.indexed = (order.updated_at, order.status)
            order_rows.setdefault(order.store.id, []).append(
                (order.id, order.status, order.created_at, order.updated_at)
            )
            for package in order.packages:
                self.packages[package.id] = package
                package.indexed = (package.updated_at, package.status)
                package_rows.setdefault(order.store.id, []).append(
                    (package.id, package.status, package.created_at, package.updated_at)
                )
        for shop_id, rows in order_rows.items():
            self.shelves[shop_id].orders.load(rows)
        for shop_id, rows in package_rows.items():
            self.shelves[shop_id].packages.load(rows)

    def add_cancel(self, request: CancelRequest) -> None:
        self.cancels[request.id] = request
        self.shelves[request.order.store.id].cancels[request.id] = request

    def touch(self, order: Order, at: int) -> None:
        """Settle the order's status from its parcels and record that it changed."""
        order.status = settled_status(order)
        order.updated_at = max(order.updated_at, at)
        order.version += 1
        self._index_order(order)

    def touch_package(self, package: Package, at: int) -> None:
        """Record that a parcel changed, which is a change of its orders too."""
        package.updated_at = max(package.updated_at, at)
        self._index_package(package)
        for order in package.orders:
            self.touch(order, at)

    def _index_order(self, order: Order) -> None:
        self.shelves[order.store.id].changes += 1
        shelf = self.shelves[order.store.id].orders
        if order.indexed is not None:
            updated_at, status = order.indexed
            shelf.discard(order.id, status, order.created_at, updated_at)
        order.indexed = (order.updated_at, order.status)
        shelf.add(order.id, order.status, order.created_at, order.updated_at)

    def _index_package(self, package: Package) -> None:
        shelf = self.shelves[package.store.id].packages
        if package.indexed is not None:
            updated_at, status = package.indexed
            shelf.discard(package.id, status, package.created_at, updated_at)
        package.indexed = (package.updated_at, package.status)
        shelf.add(package.id, package.status, package.created_at, package.updated_at)


def settled_status(order: Order) -> OrderStatus:
    """What an order's lines and parcels make of its status."""
    if order.status in _FIXED:
        return order.status
    stages = {
        0 if line.package is None else _STAGE[line.package.status] for line in order.lines if line.cancelled_at is None
    }
    if not stages:
        return OrderStatus.CANCELLED
    lowest = min(stages)
    if lowest == 0:
        return OrderStatus.TO_SHIP if max(stages) == 0 else OrderStatus.PARTLY_ARRANGED
    return _STATUS_OF_STAGE[lowest]


def pick_store(stores: list[Store], roll: float) -> Store:
    """The store a roll in [0, 1) falls on, by how many orders its region gets."""
    left = roll * sum(ORDER_WEIGHT.get(store.region, 1.0) for store in stores)
    for store in stores:
        left -= ORDER_WEIGHT.get(store.region, 1.0)
        if left < 0:
            return store
    return stores[-1]

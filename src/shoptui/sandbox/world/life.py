"""What happens in the world by itself: payments, holds, carriers, deadlines, buyers who change their minds."""

from __future__ import annotations

from contextlib import suppress
from math import log
from random import Random

from . import cancelling, shipping
from .chat_life import ChatLife
from .invent import begin_handling, invent_order, make_parcels
from .market import CancelReasons
from .model import CancelState, Order, OrderStatus, Role, Sku, Store
from .refusal import Reason, Refused
from .returns_life import ReturnsLife
from .world import World, pick_store

_BUYER_CHANGES_MIND = 0.03
_NEVER_PAYS = 0.05
_FLOOD_WINDOW_S = 3600
_FLOOD_ORDERS = 2000


class Life:
    """Installs the handlers of all events and keeps new orders coming at `rate` per world minute."""

    def __init__(self, world: World, rate: float, chat_rate: float = 0.0, return_rate: float = 0.0) -> None:
        self.world = world
        self.rate = rate
        self.chats = ChatLife(world, chat_rate)
        self.returns = ReturnsLife(world, return_rate)
        self._next_arrival_at = 0.0
        for kind, handler in (
            ("pay", self._pay),
            ("unpaid_timeout", self._unpaid_timeout),
            ("release_hold", self._release_hold),
            ("cancel_unarranged", self._cancel_unarranged),
            ("cancel_uncollected", self._cancel_uncollected),
            ("tracking_known", self._tracking_known),
            ("collect", self._collect),
            ("deliver", self._deliver),
            ("complete", self._complete),
            ("answer_cancel", self._answer_cancel),
            ("refund_done", self._refund_done),
            ("buyer_asks", self._buyer_asks),
            ("arrival", self._arrival),
        ):
            world.on(kind, handler)

    def start(self, at: int) -> None:
        """Let the first new order come; without a rate none ever does."""
        if self.rate > 0:
            self._next_arrival_at = at + self._gap_s(0)
            self.world.schedule(int(self._next_arrival_at), "arrival", "1")

    def new_order(self, store: Store, at: int, *, paid: bool, only: tuple[Sku, int] | None = None) -> Order:
        """One order placed now, of anything or of so many units of one SKU. Raises Refused when all is sold out.

        `paid` skips the wait for its payment.
        """
        rng = Random(f"{self.world.seed}/new/{self.world.next_number('new_order')}")
        order = invent_order(self.world, rng, store, at, only=only)
        if not order.lines:
            raise Refused(Reason.SOLD_OUT, f"the shop {store.name} has nothing left to order")
        self.world.add_order(order)
        if paid or order.is_cod:
            self._pay(order.id, at)
        elif rng.random() < _NEVER_PAYS:
            self.world.schedule(at + self.world.market_of(store).unpaid_s, "unpaid_timeout", order.id)
        else:
            self.world.schedule(at + rng.randint(30, 600), "pay", order.id)
        return order

    def bring_to(self, order: Order, wanted: OrderStatus, at: int) -> None:
        """Let the steps on an order's way happen now, until it has the wished status or can go no further."""
        for _ in OrderStatus:
            if order.status is wanted:
                return
            if wanted is OrderStatus.CANCELLED:
                cancelling.end_order(self.world, order, Role.SYSTEM, self._reasons(order).late, at)
                return
            match order.status:
                case OrderStatus.UNPAID:
                    self._pay(order.id, at)
                case OrderStatus.ON_HOLD:
                    self._start_handling(order, at)
                case OrderStatus.TO_SHIP | OrderStatus.PARTLY_ARRANGED:
                    shipping.send_all(self.world, order, at)
                case OrderStatus.ARRANGED:
                    for package in order.open_packages:
                        shipping.collect(self.world, package, at)
                case OrderStatus.IN_TRANSIT:
                    for package in order.open_packages:
                        shipping.deliver(self.world, package, at)
                case OrderStatus.DELIVERED:
                    self._complete(order.id, at)
                case OrderStatus.COMPLETED | OrderStatus.CANCELLED:
                    return

    def expect(self, order: Order, at: int) -> list[tuple[int, str, str]]:
        """What lies ahead of a paid order that waits to be handled, as (time, kind, target) rows."""
        rows: list[tuple[int, str, str]] = []
        if order.deadlines.cancel_unarranged_at is not None:
            rows.append((order.deadlines.cancel_unarranged_at, "cancel_unarranged", order.id))
        if self.world.chance("asks", order.id) < _BUYER_CHANGES_MIND:
            wait_s = self.world.between(600, 20 * 3600, "asks when", order.id)
            rows.append((at + wait_s, "buyer_asks", order.id))
        return rows

    def _reasons(self, order: Order) -> CancelReasons:
        return self.world.market_of(order.store).cancel_reasons

    # --- payment and hold ---------------------------------------------------------------------------------

    def _pay(self, order_id: str, at: int) -> None:
        order = self.world.orders[order_id]
        if order.status is not OrderStatus.UNPAID:
            return
        order.paid_at = at
        if order.store.has_hold:
            order.status = OrderStatus.ON_HOLD
            order.hold_until = at + self.world.market_of(order.store).hold_s
            self._found_parcels(order, at)
            self.world.schedule(order.hold_until, "release_hold", order.id)
            return
        self._start_handling(order, at)

    def _start_handling(self, order: Order, at: int) -> None:
        begin_handling(self.world, order, at)
        self._found_parcels(order, at)
        for row in self.expect(order, at):
            self.world.schedule(*row)

    def _found_parcels(self, order: Order, at: int) -> None:
        if not order.packages:
            make_parcels(self.world, order, at)
            for package in order.packages:
                self.world.add_package(package)
        self.world.touch(order, at)

    def _unpaid_timeout(self, order_id: str, at: int) -> None:
        order = self.world.orders[order_id]
        if order.status is OrderStatus.UNPAID:
            cancelling.end_order(self.world, order, Role.SYSTEM, self._reasons(order).unpaid, at)

    def _release_hold(self, order_id: str, at: int) -> None:
        order = self.world.orders[order_id]
        if order.status is OrderStatus.ON_HOLD:
            self._start_handling(order, at)

    # --- deadlines ----------------------------------------------------------------------------------------

    def _cancel_unarranged(self, order_id: str, at: int) -> None:
        order = self.world.orders[order_id]
        if order.status in (OrderStatus.TO_SHIP, OrderStatus.PARTLY_ARRANGED):
            cancelling.end_order(self.world, order, Role.SYSTEM, self._reasons(order).late, at)

    def _cancel_uncollected(self, order_id: str, at: int) -> None:
        order = self.world.orders[order_id]
        if order.status in (OrderStatus.ARRANGED, OrderStatus.PARTLY_ARRANGED):
            cancelling.end_order(self.world, order, Role.SYSTEM, self._reasons(order).uncollected, at)

    # --- parcels ------------------------------------------------------------------------------------------

    def _tracking_known(self, package_id: str, at: int) -> None:
        package = self.world.packages[package_id]
        if package.is_open:
            self.world.touch_package(package, at)

    def _collect(self, package_id: str, at: int) -> None:
        shipping.collect(self.world, self.world.packages[package_id], at)

    def _deliver(self, package_id: str, at: int) -> None:
        shipping.deliver(self.world, self.world.packages[package_id], at)

    def _complete(self, order_id: str, at: int) -> None:
        order = self.world.orders[order_id]
        if order.status is OrderStatus.DELIVERED:
            order.status = OrderStatus.COMPLETED
            order.completed_at = at
            self.world.touch(order, at)

    # --- cancellations ------------------------------------------------------------------------------------

    def _answer_cancel(self, request_id: str, at: int) -> None:
        request = self.world.cancels[request_id]
        if request.state is CancelState.PENDING:
            cancelling.approve(self.world, request, at)

    def _refund_done(self, request_id: str, at: int) -> None:
        request = self.world.cancels[request_id]
        if request.state is CancelState.ACCEPTED:
            request.state = CancelState.REFUNDED
            request.updated_at = at

    def _buyer_asks(self, order_id: str, at: int) -> None:
        order = self.world.orders[order_id]
        reasons = self._reasons(order).buyer
        reason = reasons[self.world.between(0, len(reasons) - 1, "why", order_id)]
        try:
            cancelling.request_by_buyer(self.world, order, reason, at)
        except Refused:
            # The parcel left or the order ended before the buyer changed their mind: nothing to ask for.
            return

    # --- new orders ---------------------------------------------------------------------------------------

    def _arrival(self, number_text: str, at: int) -> None:
        number = int(number_text)
        store = pick_store(list(self.world.stores.values()), self.world.chance("store", number))
        with suppress(Refused):
            self.new_order(store, at, paid=False)
        # After a jump of the clock only the last hour's orders arrive (fewer at high rates), not days of them.
        window_s = min(_FLOOD_WINDOW_S, _FLOOD_ORDERS * 60 / self.rate)
        earliest = self.world.clocks.world_now() - window_s
        self._next_arrival_at = max(self._next_arrival_at + self._gap_s(number), earliest)
        self.world.schedule(int(self._next_arrival_at), "arrival", str(number + 1))

    def _gap_s(self, number: int) -> float:
        """Time between two orders; fractions add up, so that many may come in one second."""
        return -log(1 - self.world.chance("gap", number)) * 60 / self.rate

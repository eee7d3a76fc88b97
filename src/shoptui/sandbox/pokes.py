"""What a test may do to the world from outside: buyers, carriers and accidents at its command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .chat_pokes import ChatPokes
from .poking import Poke, PokeError, count_in, order_in, store_in, word_in, word_or_none_in
from .return_pokes import ReturnPokes
from .side_base import Side
from .stock_pokes import StockPokes
from .world import cancelling, shipping
from .world.life import Life
from .world.model import Flaw, FlawKind, OrderStatus, Package, PackageStatus, Role
from .world.refusal import Refused
from .world.world import World

#: The lists whose pages may be disturbed.
_LISTS = ("orders", "chats", "messages")


class Pokes:
    """Named changes, each taking a mapping of arguments and returning what it changed."""

    def __init__(self, world: World, life: Life, sides: Mapping[str, Side[Any]]) -> None:
        self._world = world
        self._life = life
        self._sides = sides
        self._pokes: dict[str, Poke] = {
            "cancel_order": self._cancel_order,
            "buyer_cancel_request": self._buyer_cancel_request,
            "withdraw_cancel": self._withdraw_cancel,
            "collect": self._collect,
            "miss_pickup": self._miss_pickup,
            "deliver": self._deliver,
            "revoke_token": self._revoke_token,
            "expire_token": self._expire_token,
            "authorize": self._authorize,
            "revoke_scope": self._revoke_scope,
            "new_orders": self._new_orders,
            "set_status": self._set_status,
            "malform_order": self._malform_order,
            "unknown_status": self._unknown_status,
            "duplicate_page": self._duplicate_page,
            "mix_page": self._mix_page,
            "weight": self._weight,
            "flaw": self._flaw,
            "fix_address": self._fix_address,
            **ChatPokes(world, life).by_name,
            **StockPokes(world, life).by_name,
            **ReturnPokes(world, life).by_name,
        }

    def do(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out `{"do": name, …}`. Raises PokeError with one sentence."""
        name = arguments.get("do")
        poke = self._pokes.get(name) if isinstance(name, str) else None
        if poke is None:
            raise PokeError(f"There is no poke {name!r}: use one of {', '.join(self._pokes)}.")
        now = self._world.catch_up()
        try:
            return poke(arguments, now)
        except Refused as refused:
            raise PokeError(f"{name} is not possible now: {refused.detail}.") from refused

    # --- finding ------------------------------------------------------------------------------------------

    def _package(self, arguments: Mapping[str, Any]) -> Package:
        package = self._world.packages.get(str(arguments.get("package_id")))
        if package is None:
            raise PokeError(f"There is no package {arguments.get('package_id')!r}: give package_id.")
        return package

    def _side_of(self, shop_id: str) -> Side[Any]:
        return self._sides[self._world.stores[shop_id].marketplace]

    # --- buyers and deadlines -----------------------------------------------------------------------------

    def _cancel_order(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        order = order_in(self._world, arguments)
        by = word_in(Role, arguments, "by", Role.SYSTEM)
        if order.status in (OrderStatus.CANCELLED, OrderStatus.COMPLETED):
            raise PokeError(f"Order {order.id} is {order.status} already.")
        reason = str(arguments.get("reason") or self._world.market_of(order.store).cancel_reasons.buyer[0])
        request = cancelling.end_order(self._world, order, by, reason, now)
        return {"order_id": order.id, "cancel_id": request.id}

    def _buyer_cancel_request(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        order = order_in(self._world, arguments)
        reason = str(arguments.get("reason") or self._world.market_of(order.store).cancel_reasons.buyer[0])
        request = cancelling.request_by_buyer(self._world, order, reason, now)
        return {"order_id": order.id, "cancel_id": request.id, "state": request.state}

    def _withdraw_cancel(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        order = order_in(self._world, arguments)
        if order.cancel_request is None:
            raise PokeError(f"Order {order.id} has no open cancellation request.")
        request = order.cancel_request
        cancelling.close(self._world, request, now)
        return {"order_id": order.id, "cancel_id": request.id}

    def _fix_address(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        order = order_in(self._world, arguments)
        for package in order.open_packages:
            if package.flaw is not None and package.flaw.kind in (
                FlawKind.BAD_POSTCODE,
                FlawKind.ADDRESS_TOO_LONG,
            ):
                package.flaw = None
        order.address_changed = True
        self._world.touch(order, now)
        return {"order_id": order.id}

    # --- parcels ------------------------------------------------------------------------------------------

    def _collect(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        package = self._package(arguments)
        if package.status is not PackageStatus.ARRANGED:
            raise PokeError(f"Package {package.id} is {package.status}, only an arranged one is collected.")
        shipping.collect(self._world, package, now)
        return {"package_id": package.id, "status": package.status}

    def _miss_pickup(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        package = self._package(arguments)
        shipping.miss_pickup(self._world, package, now)
        return {"package_id": package.id, "status": package.status}

    def _deliver(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        package = self._package(arguments)
        if package.status not in (PackageStatus.ARRANGED, PackageStatus.COLLECTED):
            raise PokeError(f"Package {package.id} is {package.status} and cannot be delivered.")
        shipping.deliver(self._world, package, now)
        return {"package_id": package.id, "status": package.status}

    def _weight(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        package = self._package(arguments)
        package.weight_g = count_in(arguments, "weight_g", package.weight_g)
        self._world.touch_package(package, now)
        return {"package_id": package.id, "weight_g": package.weight_g}

    def _flaw(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        package = self._package(arguments)
        kind = word_or_none_in(FlawKind, arguments, "kind")
        lasts_s = count_in(arguments, "lasts_s", 0)
        package.flaw = Flaw(kind, now + lasts_s if lasts_s else None) if kind is not None else None
        self._world.touch_package(package, now)
        return {"package_id": package.id, "kind": kind}

    # --- orders -------------------------------------------------------------------------------------------

    def _new_orders(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        store = store_in(self._world, arguments)
        count = count_in(arguments, "count", 1)
        made = [self._life.new_order(store, now, paid=arguments.get("paid", True) is True) for _ in range(count)]
        return {"order_ids": [order.id for order in made]}

    def _set_status(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        order = order_in(self._world, arguments)
        wanted = word_in(OrderStatus, arguments, "status")
        self._life.bring_to(order, wanted, now)
        if order.status != wanted:
            raise PokeError(f"Order {order.id} is {order.status} and cannot become {wanted}.")
        return {"order_id": order.id, "status": order.status}

    def _malform_order(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        order = order_in(self._world, arguments)
        breakages = self._side_of(order.store.id).breakages
        how = arguments.get("how", breakages[0])
        if how and how not in breakages:
            raise PokeError(f"how must be empty or one of {', '.join(breakages)}.")
        order.malformed = how or ""
        self._world.touch(order, now)
        return {"order_id": order.id, "how": order.malformed}

    def _unknown_status(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        order = order_in(self._world, arguments)
        order.strange_status = str(arguments.get("status", "AWAITING_TELEPORT") or "")
        self._world.touch(order, now)
        return {"order_id": order.id, "status": order.strange_status}

    def _duplicate_page(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        shop_id = store_in(self._world, arguments).id
        pages = count_in(arguments, "pages", 1)
        self._side_of(shop_id).repeats.order(_list_of(shop_id, arguments), pages)
        return {"shop_id": shop_id, "pages": pages}

    def _mix_page(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        shop_id = store_in(self._world, arguments).id
        pages = count_in(arguments, "pages", 1)
        self._side_of(shop_id).repeats.mix(_list_of(shop_id, arguments), pages)
        return {"shop_id": shop_id, "pages": pages}

    # --- consent ------------------------------------------------------------------------------------------

    def _revoke_token(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        shop_id = store_in(self._world, arguments).id
        self._side_of(shop_id).grants.revoke(shop_id)
        return {"shop_id": shop_id}

    def _expire_token(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        shop_id = store_in(self._world, arguments).id
        self._side_of(shop_id).grants.expire_access(shop_id, now)
        return {"shop_id": shop_id}

    def _authorize(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        shop_id = store_in(self._world, arguments).id
        return {"shop_id": shop_id, "code": self._side_of(shop_id).grants.mint_code(shop_id, now)}

    def _revoke_scope(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        shop_id = store_in(self._world, arguments).id
        try:
            left = self._side_of(shop_id).revoke_scope(shop_id, str(arguments.get("scope")))
        except ValueError as error:
            raise PokeError(str(error)) from error
        return {"shop_id": shop_id, "scopes": left}


def _list_of(shop_id: str, arguments: Mapping[str, Any]) -> str:
    """What a shop's list is called where its pages are made; without `list` that of its orders."""
    name = str(arguments.get("list", "orders"))
    if name not in _LISTS:
        raise PokeError(f"list must be one of {', '.join(_LISTS)}.")
    return shop_id if name == "orders" else f"{shop_id}/{name}"

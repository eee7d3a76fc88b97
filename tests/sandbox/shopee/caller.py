"""A strict little client for the sandbox's Shopee side, so that tests can send exactly what they mean."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from shoptui.sandbox.access import ShopAccess
from shoptui.sandbox.shopee.side import ShopeeSide
from shoptui.sandbox.shopee.signing import sign
from shoptui.sandbox.testing import LiveSandbox
from shoptui.sandbox.world.model import Order, OrderStatus, Package, Shipping

START_AT = 1_767_225_600
"""2026-01-01 00:00 UTC, the world time most tests begin at."""

PREFIX = "/api/v2/"


@dataclass
class Reply:
    status: int
    error: str
    message: str
    body: dict[str, Any]
    content: bytes
    headers: httpx.Headers

    @property
    def data(self) -> Any:
        return self.body.get("response")


class Caller:
    """Signs and sends calls for one shop of a sandbox."""

    def __init__(self, sandbox: LiveSandbox, client: httpx.AsyncClient, shop: ShopAccess | None = None) -> None:
        self.sandbox = sandbox
        self.client = client
        self.shop = shop or sandbox.shops[0]

    @property
    def side(self) -> ShopeeSide:
        side = self.sandbox.sandbox.sides["shopee"]
        assert isinstance(side, ShopeeSide)
        return side

    def for_region(self, region: str) -> Caller:
        shop = next(one for one in self.sandbox.shops if one.region == region)
        return Caller(self.sandbox, self.client, shop)

    def with_own_fleet(self) -> Caller:
        """A caller for a shop that has waiting parcels which it delivers itself."""
        callers = (Caller(self.sandbox, self.client, shop) for shop in self.sandbox.shops)
        return next(caller for caller in callers if caller.shippable(Shipping.SELLER))

    async def raw(self, method: str, path: str, params: dict[str, Any], body: bytes = b"") -> Reply:
        """Send exactly these parameters; nothing is added."""
        headers = {"content-type": "application/json"}
        url = self.sandbox.base_url + path
        return read(await self.client.request(method, url, params=params, content=body, headers=headers))

    def common(self, path: str, *, public: bool = False) -> dict[str, Any]:
        """The signed parameters of a call."""
        timestamp = str(int(self.sandbox.clocks.wire_now()))
        params = {"partner_id": self.sandbox.app_key, "timestamp": timestamp}
        base = (self.sandbox.app_secret, self.sandbox.app_key, path, timestamp)
        if public:
            return {**params, "sign": sign(*base)}
        token = self.sandbox.sandbox.access(self.shop.id).access_token
        return {**params, "access_token": token, "shop_id": self.shop.id, "sign": sign(*base, token, self.shop.id)}

    async def get(self, operation: str, *, public: bool = False, **params: Any) -> Reply:
        path = PREFIX + operation
        return await self.raw("GET", path, {**params, **self.common(path, public=public)})

    async def post(self, operation: str, body: Any, *, public: bool = False) -> Reply:
        path = PREFIX + operation
        return await self.raw("POST", path, self.common(path, public=public), json.dumps(body).encode())

    async def token(self, operation: str, **body: Any) -> Reply:
        return await self.post(f"auth/{operation}", {"partner_id": int(self.sandbox.app_key), **body}, public=True)

    async def listed(self, **params: Any) -> Reply:
        """The order list of the last 15 days by update time, unless told otherwise."""
        now = self.sandbox.clocks.world_now()
        window = {"time_range_field": "update_time", "time_from": now - 15 * 86_400, "time_to": now, "page_size": 100}
        return await self.get("order/get_order_list", **{**window, **params})

    async def order(self, order_sn: str, fields: str = "package_list,item_list", **params: Any) -> dict[str, Any]:
        wanted = {"order_sn_list": order_sn, "response_optional_fields": fields, **params}
        row: dict[str, Any] = (await self.get("order/get_order_detail", **wanted)).data["order_list"][0]
        return row

    async def package(self, package_number: str) -> dict[str, Any]:
        reply = await self.get("order/get_package_detail", package_number_list=package_number)
        row: dict[str, Any] = reply.data["package_list"][0]
        return row

    async def wish(self, package: Package) -> dict[str, Any]:
        """The method object of the first way in which a parcel may go, filled with what is offered first."""
        order_sn = package.orders[0].id
        offer = (await self.get("logistics/get_shipping_parameter", order_sn=order_sn, **named(package))).data
        needed = offer["info_needed"]
        if "pickup" in needed:
            place = offer["pickup"]["address_list"][0]
            slot = place["time_slot_list"][0]["pickup_time_id"]
            return {"pickup": {"address_id": place["address_id"], "pickup_time_id": slot}}
        if "non_integrated" in needed:
            return {"non_integrated": {"tracking_number": f"OWN{package.id[-8:]}"}}
        counters = offer["dropoff"]["branch_list"]
        return {"dropoff": {"branch_id": counters[0]["branch_id"]} if counters else {}}

    async def ship(self, package: Package, **wish: Any) -> Reply:
        body = {"order_sn": package.orders[0].id, **named(package), **(wish or await self.wish(package))}
        return await self.post("logistics/ship_order", body)

    def renew(self) -> None:
        """Refresh the shop's tokens, as any client that lives longer than four hours must."""
        grants = self.side.grants
        grants.refresh(grants.consent_of(self.shop.id).refresh, self.shop.id, self.sandbox.clocks.world_now())

    # --- choosing subjects --------------------------------------------------------------------------------

    def orders(self, status: OrderStatus, shipping: Shipping | None = None) -> list[Order]:
        found = self.sandbox.world.orders_of(self.shop.id, status)
        return [order for order in found if shipping is None or order.shipping is shipping]

    def shippable(self, shipping: Shipping = Shipping.PLATFORM) -> list[Package]:
        """Waiting parcels that nothing stands in the way of, each alone in its order."""
        return [
            order.packages[0]
            for order in self.orders(OrderStatus.TO_SHIP, shipping)
            if len(order.packages) == 1
            and order.cancel_request is None
            and not order.is_platform_fulfilled
            and order.packages[0].flaw is None
            and order.packages[0].weight_g <= order.option.weight_limit_g
        ]

    def effects(self, op: str) -> list[tuple[object, object, object]]:
        rows = self.sandbox.journal()
        return [(row["target"], row["effect"], row["code"]) for row in rows if row["op"] == op]


def named(package: Package) -> dict[str, Any]:
    """`package_number` where the order is split."""
    return {"package_number": package.id} if len(package.orders[0].open_packages) > 1 else {}


def read(response: httpx.Response) -> Reply:
    is_json = response.headers.get("content-type", "").startswith("application/json")
    body = response.json() if is_json else {}
    return Reply(
        response.status_code,
        body.get("error", ""),
        body.get("message", ""),
        body,
        response.content,
        response.headers,
    )

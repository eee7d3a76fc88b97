"""A strict little client for the sandbox's Lazada side, so that tests can send exactly what they mean."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from shoptui.sandbox.access import ShopAccess
from shoptui.sandbox.lazada.side import LazadaSide
from shoptui.sandbox.lazada.signing import sign
from shoptui.sandbox.testing import LiveSandbox
from shoptui.sandbox.world.model import Order, OrderStatus, PackageStatus, Shipping

START_AT = 1_767_225_600
"""2026-01-01 00:00 UTC, the world time the tests begin at."""


@dataclass
class Reply:
    status: int
    body: dict[str, Any]

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def result(self) -> Any:
        """What a fulfilment call brings, once it succeeded as a whole."""
        assert self.body["result"]["success"] is True, self.body
        return self.body["result"]["data"]


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


class Caller:
    """Signs and sends calls for one shop of a sandbox."""

    def __init__(self, sandbox: LiveSandbox, client: httpx.AsyncClient, shop: ShopAccess | None = None) -> None:
        self.sandbox = sandbox
        self.client = client
        self.shop = shop or sandbox.shops[0]

    def for_region(self, region: str) -> Caller:
        shop = next(one for one in self.sandbox.shops if one.region == region)
        return Caller(self.sandbox, self.client, shop)

    @property
    def gateway(self) -> str:
        """The gateway that takes the country from the token."""
        return f"{self.sandbox.origin}/rest"

    @property
    def side(self) -> LazadaSide:
        side = self.sandbox.sandbox.sides["lazada"]
        assert isinstance(side, LazadaSide)
        return side

    @property
    def token(self) -> str:
        return self.side.access(self.shop.id).access_token

    def params(self, path: str, business: dict[str, str], *, token: bool = True) -> dict[str, str]:
        """Everything a well-formed call sends, signed."""
        values = {
            "app_key": self.sandbox.app_key,
            "timestamp": f"{int(self.sandbox.clocks.wire_now())}000",
            "sign_method": "sha256",
            **({"access_token": self.token} if token else {}),
            **business,
        }
        return values | {"sign": sign(self.sandbox.app_secret, path, values)}

    async def raw(self, method: str, path: str, **how: Any) -> Reply:
        """Send exactly this; nothing is added."""
        response = await self.client.request(method, self.gateway + path, **how)
        return Reply(response.status_code, response.json())

    async def get(self, path: str, **business: str) -> Reply:
        return await self.raw("GET", path, params=self.params(path, business))

    async def post(self, path: str, **business: str) -> Reply:
        return await self.raw("POST", path, data=self.params(path, business))

    async def public(self, path: str, **business: str) -> Reply:
        return await self.raw("POST", path, data=self.params(path, business, token=False))

    async def items(self, order: Order) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await self.get("/order/items/get", order_id=order.id)).data
        return rows

    async def statuses(self, order: Order) -> list[str]:
        return [row["status"] for row in await self.items(order)]

    async def pack(self, order: Order, line_ids: list[str] | None = None, **more: Any) -> list[dict[str, Any]]:
        """Pack units of an order, all of them when none are named; the rows of the units."""
        ids = [int(one) for one in line_ids or [line.id for line in order.open_lines]]
        request = {
            "pack_order_list": [{"order_id": int(order.id), "order_item_list": ids}],
            "delivery_type": "dropship",
            "shipping_allocate_type": "TFS",
            **more,
        }
        reply = await self.post("/order/fulfill/pack", packReq=compact(request))
        rows: list[dict[str, Any]] = reply.result["pack_order_list"][0]["order_item_list"]
        return rows

    async def batch(self, path: str, name: str, package_ids: list[str]) -> dict[str, str]:
        """A call about parcels; each one's row code."""
        request = {"packages": [{"package_id": one} for one in package_ids]}
        reply = await self.post(path, **{name: compact(request)})
        return {row["package_id"]: row["item_err_code"] for row in reply.result["packages"]}

    async def ready(self, *package_ids: str) -> dict[str, str]:
        return await self.batch("/order/package/rts", "readyToShipReq", list(package_ids))

    # --- choosing subjects --------------------------------------------------------------------------------

    def orders(self, status: OrderStatus, shipping: Shipping | None = None) -> list[Order]:
        found = self.sandbox.world.orders_of(self.shop.id, status)
        return [order for order in found if shipping is None or order.shipping is shipping]

    def packable(self, shipping: Shipping = Shipping.PLATFORM, units: int = 1) -> list[Order]:
        """Waiting orders of at least so many units of which nothing is packed and nothing stands in the way."""
        return [
            order
            for order in self.orders(OrderStatus.TO_SHIP, shipping)
            if not order.packages
            and len(order.lines) >= units
            and order.cancel_request is None
            and not order.is_platform_fulfilled
        ]

    def packed(self) -> list[Order]:
        return [
            order
            for order in self.orders(OrderStatus.TO_SHIP, Shipping.PLATFORM)
            if order.packages
            and all(one.status is PackageStatus.TO_ARRANGE and one.flaw is None for one in order.packages)
            and order.cancel_request is None
            and not order.is_platform_fulfilled
        ]

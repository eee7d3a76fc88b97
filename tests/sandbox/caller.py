"""A strict little client for the sandbox's TikTok side, so that tests can send exactly what they mean."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from shoptui.sandbox.access import ShopAccess
from shoptui.sandbox.testing import LiveSandbox
from shoptui.sandbox.tiktok.side import TikTokSide
from shoptui.sandbox.tiktok.signing import sign
from shoptui.sandbox.world.model import Flow, Order, OrderStatus, Package, Shipping

Pairs = list[tuple[str, str]]

START_AT = 1_767_225_600
"""2026-01-01 00:00 UTC, the world time most tests begin at."""


@dataclass
class Reply:
    status: int
    code: int
    message: str
    data: Any
    headers: httpx.Headers


class Caller:
    """Signs and sends calls for one shop of a sandbox."""

    def __init__(self, sandbox: LiveSandbox, client: httpx.AsyncClient, shop: ShopAccess | None = None) -> None:
        self.sandbox = sandbox
        self.client = client
        self.shop = shop or sandbox.shops[0]

    def for_region(self, region: str) -> Caller:
        shop = next(one for one in self.sandbox.shops if one.region == region)
        return Caller(self.sandbox, self.client, shop)

    async def raw(
        self,
        method: str,
        path: str,
        pairs: Pairs,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send exactly these parameters; nothing is added."""
        url = httpx.URL(self.sandbox.base_url + path, params=pairs)
        response = await self.client.request(method, url, content=body, headers=headers or {})
        return read(response)

    def pairs(self, extra: Pairs, *, cipher: bool = True) -> Pairs:
        wire = str(int(self.sandbox.clocks.wire_now()))
        common = [("app_key", self.sandbox.app_key), ("timestamp", wire)]
        if cipher:
            common.append(("shop_cipher", self.shop.cipher))
        return [*common, *extra]

    def headers(self) -> dict[str, str]:
        access = self.sandbox.sandbox.access(self.shop.id)
        return {"x-tts-access-token": access.access_token, "content-type": "application/json"}

    async def call(
        self, method: str, path: str, extra: Pairs | None = None, body: Any = None, *, cipher: bool = True
    ) -> Reply:
        """A well-formed, signed call."""
        raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        pairs = self.pairs(extra or [], cipher=cipher)
        pairs.append(("sign", sign(self.sandbox.app_secret, path, pairs, raw, "application/json")))
        return await self.raw(method, path, pairs, raw, self.headers())

    async def get(self, path: str, **params: str) -> Reply:
        return await self.call("GET", path, list(params.items()))

    async def post(self, path: str, body: Any = None, **params: str) -> Reply:
        return await self.call("POST", path, list(params.items()), body)

    async def search(self, body: Any = None, **params: str) -> Reply:
        return await self.post("/order/202309/orders/search", body, **{"page_size": "20", **params})

    async def ship(self, package_id: str, body: Any = None) -> Reply:
        return await self.post(f"/fulfillment/202309/packages/{package_id}/ship", body)

    async def package(self, package_id: str) -> dict[str, Any]:
        data: dict[str, Any] = (await self.get(f"/fulfillment/202309/packages/{package_id}")).data
        return data

    async def order(self, order_id: str) -> dict[str, Any]:
        data: dict[str, Any] = (await self.get("/order/202507/orders", ids=order_id)).data["orders"][0]
        return data

    def renew(self) -> None:
        """Refresh the shop's tokens, as any client that lives longer than a week must."""
        side = self.sandbox.sandbox.sides["tiktok"]
        assert isinstance(side, TikTokSide)
        grants = side.grants
        grants.refresh(grants.consent_of(self.shop.id).refresh, self.sandbox.world.clocks.world_now())

    # --- choosing subjects --------------------------------------------------------------------------------

    def orders(self, status: OrderStatus, shipping: Shipping | None = None) -> list[Order]:
        found = self.sandbox.world.orders_of(self.shop.id, status)
        return [order for order in found if shipping is None or order.shipping is shipping]

    def shippable(self, shipping: Shipping = Shipping.PLATFORM) -> list[Package]:
        """Waiting parcels that nothing stands in the way of."""
        world = self.sandbox.world
        return [
            order.packages[0]
            for order in self.orders(OrderStatus.TO_SHIP, shipping)
            if len(order.packages) == 1
            and order.cancel_request is None
            and not order.is_platform_fulfilled
            and order.packages[0].flaw is None
            and order.packages[0].weight_g <= order.option.weight_limit_g
            and world.market_of(order.store).flow_for(world.region_of(order.store), shipping) is not Flow.BUY
        ]


def read(response: httpx.Response) -> Reply:
    envelope = response.json()
    return Reply(response.status_code, envelope["code"], envelope["message"], envelope.get("data"), response.headers)

"""Authorising TikTok Shop sellers: the link, the pasted code, the exchange and the shops (sheet, section 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.base import AppCredentials, TokenSet
from shoptui.adapters.consent import Addresses, OfferedShop, Pasted, with_query
from shoptui.adapters.http import DIRECT, Answer, StoreHttpOptions
from shoptui.adapters.tiktok.auth import pasted_code
from shoptui.adapters.tiktok.client import ShopClient
from shoptui.adapters.tiktok.wire import AuthorisedShop, ShopsAnswer, read_envelope
from shoptui.text import sanitise_cell

#: The hosts of all regions but mainland China (sheet, sections 1 and 2.2).
ADDRESSES = Addresses("https://open-api.tiktokglobalshop.com", "https://auth.tiktok-shops.com")


class TikTokConsent:
    """Authorises sellers through one app."""

    def __init__(self, app: AppCredentials, client: ShopClient) -> None:
        self._app = app
        self._client = client

    def link(self, state: str) -> str:
        if self._app.consent_url:
            return with_query(self._app.consent_url, {"state": state})
        # Needs nothing but the app key, and is served for all regions.
        page = f"{self._app.auth_url.rstrip('/')}/oauth/authorize"
        return with_query(page, {"app_key": self._app.app_key, "state": state})

    def read_pasted(self, text: str) -> Pasted:
        return pasted_code(text, self._app.app_key)

    async def exchange(self, code: str, *, options: StoreHttpOptions = DIRECT) -> TokenSet:
        return await self._client.token_calls.exchange(code, options)

    async def shops(self, tokens: TokenSet, *, options: StoreHttpOptions = DIRECT) -> Sequence[OfferedShop]:
        return await self._client.call_with(
            tokens,
            "authorization.shops",
            "GET",
            "/authorization/202309/shops",
            _read_shops,
            feed="tokens",
            options=options,
        )


def _read_shops(answer: Answer) -> Sequence[OfferedShop]:
    data = read_envelope(answer, ShopsAnswer).data
    return [_shop(shop) for shop in (data.shops if data else None) or ()]


def _shop(shop: AuthorisedShop) -> OfferedShop:
    wire: Mapping[str, str] = MappingProxyType({"cipher": shop.cipher})
    return OfferedShop(
        shop_id=shop.id,
        name=sanitise_cell(shop.name or ""),
        region=sanitise_cell(shop.region or ""),
        cross_border=(shop.seller_type or "").upper() == "CROSS_BORDER",
        wire=wire,
    )

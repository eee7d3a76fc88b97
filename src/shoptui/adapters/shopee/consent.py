"""Authorising Shopee sellers: the link, the pasted address, the exchange and the shops (sheet, section 2)."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import AdapterError, AppCredentials, AuthError, Rejected, ScopeError, TokenSet
from shoptui.adapters.consent import Addresses, OfferedShop, Pasted, consent_link
from shoptui.adapters.http import DIRECT, Answer, StoreHttpOptions
from shoptui.adapters.shopee.auth import OwnedCode, pasted_code
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.wire import AuthorisedShops, ShopInfo, read_flat
from shoptui.adapters.singles import each
from shoptui.text import sanitise_cell

#: All regions but mainland China and the Americas (sheet, section 1).
ADDRESSES = Addresses("https://partner.shopeemobile.com", "https://open.shopee.com")

_PAGE = 100
_PAGES_MAX = 50


class ShopeeConsent:
    """Authorises sellers through one app."""

    def __init__(self, app: AppCredentials, client: ShopClient) -> None:
        self._app = app
        self._client = client
        # Which shops a pair of tokens was granted for; only the exchange tells.
        self._granted: dict[str, tuple[str, ...]] = {}

    def link(self, state: str) -> str:
        """The current, unsigned form, which does not run out."""
        wanted = {
            "partner_id": self._app.app_key,
            "auth_type": "seller",
            "response_type": "code",
            "state": state,
        }
        return consent_link(self._app, f"{self._app.auth_url.rstrip('/')}/auth", wanted, key="partner_id")

    def read_pasted(self, text: str) -> Pasted:
        return pasted_code(text)

    async def exchange(self, code: str, *, options: StoreHttpOptions = DIRECT) -> TokenSet:
        granted = await self._client.token_calls.exchange(OwnedCode.from_text(code), options)
        self._granted[granted.tokens.access_token] = granted.shop_ids
        return granted.tokens

    async def shops(self, tokens: TokenSet, *, options: StoreHttpOptions = DIRECT) -> Sequence[OfferedShop]:
        shop_ids = self._granted.get(tokens.access_token)
        known = shop_ids is not None
        if shop_ids is None:
            # Another process made the exchange: of all the app's shops, those are meant that these tokens open.
            shop_ids = await self._all_shops(options)

        async def one(shop_id: str) -> OfferedShop:
            info = await self._client.get_with(
                tokens, shop_id, "/shop/get_shop_info", _read_info, feed="tokens", options=options
            )
            return OfferedShop(
                shop_id=shop_id,
                name=sanitise_cell(info.shop_name or ""),
                region=sanitise_cell(info.region or "").upper(),
                cross_border=bool(info.is_cb),
            )

        found = await each(shop_ids, one)
        offered = [shop for shop in found if isinstance(shop, OfferedShop)]
        failures = [error for error in found if isinstance(error, AdapterError)]
        closed = [error for error in failures if isinstance(error, (AuthError, ScopeError, Rejected))]
        if len(closed) < len(failures) or (known and closed and not offered):
            raise failures[0]
        return offered

    async def _all_shops(self, options: StoreHttpOptions) -> tuple[str, ...]:
        found: list[str] = []
        for page in range(1, _PAGES_MAX + 1):
            listed = await self._client.token_calls.public(
                "GET",
                "/public/get_shops_by_partner",
                _read_shops,
                params={"page_size": str(_PAGE), "page_no": str(page)},
                options=options,
            )
            found += [shop.shop_id for shop in listed.authed_shop_list or ()]
            if not listed.more:
                break
        return tuple(dict.fromkeys(found))


def _read_info(answer: Answer) -> ShopInfo:
    return read_flat(answer, ShopInfo)


def _read_shops(answer: Answer) -> AuthorisedShops:
    return read_flat(answer, AuthorisedShops)

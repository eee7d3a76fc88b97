"""Authorising Lazada sellers: the link, the pasted code, the exchange and the shops (sheet, section 2)."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import AdapterError, AppCredentials, AuthError, Rejected, ScopeError, TokenSet
from shoptui.adapters.consent import Addresses, OfferedShop, Pasted, consent_link
from shoptui.adapters.http import DIRECT, Answer, StoreHttpOptions
from shoptui.adapters.lazada.auth import pasted_code
from shoptui.adapters.lazada.client import ShopClient
from shoptui.adapters.lazada.ventures import CROSS_BORDER, LOCAL, VENTURES, venture_of
from shoptui.adapters.lazada.wire import CountryUser, Seller, country_users, read_data
from shoptui.adapters.singles import each
from shoptui.text import sanitise_cell

#: Singapore's host stands for all: each store is called at its own country's.
ADDRESSES = Addresses("https://api.lazada.sg/rest", "https://auth.lazada.com")


class LazadaConsent:
    """Authorises sellers through one app."""

    def __init__(self, app: AppCredentials, client: ShopClient) -> None:
        self._app = app
        self._client = client
        # Which sellers an access token was granted for; only the exchange tells.
        self._granted: dict[str, list[CountryUser]] = {}

    def link(self, state: str) -> str:
        """Lazada's page shows an error for any other way back than the registered one, and for none."""
        wanted = {
            "response_type": "code",
            "force_auth": "true",
            "client_id": self._app.app_key,
            "state": state,
        }
        return consent_link(self._app, f"{self._app.auth_url.rstrip('/')}/oauth/authorize", wanted, key="client_id")

    def read_pasted(self, text: str) -> Pasted:
        return pasted_code(text, self._app.app_key)

    async def exchange(self, code: str, *, options: StoreHttpOptions = DIRECT) -> TokenSet:
        tokens, answer = await self._client.token_calls.exchange(code, options)
        self._granted[tokens.access_token] = country_users(answer)
        return tokens

    async def shops(self, tokens: TokenSet, *, options: StoreHttpOptions = DIRECT) -> Sequence[OfferedShop]:
        """One shop for each country of the seller's consent."""
        users = self._granted.get(tokens.access_token)
        regions = [venture_of(user.country or user.short_code or "") for user in users or ()]
        asked = [region for region in dict.fromkeys(regions) if region]
        known = bool(asked)
        if not known:
            # Another process made the exchange, or the answer named nobody: each country's gateway is asked.
            asked = list({self._client.base_url(region): region for region in VENTURES}.values())

        async def one(region: str) -> Seller:
            return await self._client.get_with(
                tokens, region, "/seller/get", _read_seller, feed="tokens", options=options
            )

        found = await each(asked, one)
        failures = [error for error in found if isinstance(error, AdapterError)]
        # A gateway that does not know the token is another country's; any other trouble may hide a shop.
        closed = [error for error in failures if isinstance(error, AuthError | ScopeError | Rejected)]
        if known and all(isinstance(error, ScopeError) for error in failures) and len(failures) == len(asked):
            # The category of chat apps has no calls about sellers: the consent itself names them.
            return [_named(user) for user in users or () if venture_of(user.country or user.short_code or "")]
        sellers = [(region, seller) for region, seller in zip(asked, found, strict=True) if isinstance(seller, Seller)]
        if len(closed) < len(failures) or (failures and (known or not sellers)):
            raise next((error for error in failures if error not in closed), failures[0])
        several = len(sellers) > 1
        return [_shop(region if known else "", seller, several) for region, seller in sellers]


def _read_seller(answer: Answer) -> Seller:
    return read_data(answer, Seller)


def _named(user: CountryUser) -> OfferedShop:
    """A shop of which only the consent tells."""
    return OfferedShop(shop_id=user.seller_id, name="", region=venture_of(user.country or user.short_code or ""))


def _shop(region: str, seller: Seller, several: bool) -> OfferedShop:
    """`location` of a seller is free text, so the country is the consent's, or that of the seller's short code."""
    cross_border = bool(seller.cb) or several
    return OfferedShop(
        shop_id=seller.seller_id,
        name=sanitise_cell(seller.name or seller.name_company or seller.short_code or ""),
        region=region or venture_of(seller.short_code or ""),
        cross_border=cross_border,
        wire=CROSS_BORDER if seller.cb else LOCAL,
    )

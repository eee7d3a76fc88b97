"""Signed calls to Shopee for one store: address, token, signature, and one renewal when the token is stale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from shoptui.adapters.base import AppCredentials, AuthError, TokenSet, TokenVault
from shoptui.adapters.codes import StaleToken
from shoptui.adapters.http import DIRECT, Answer, Call, HttpClients, StoreHttpOptions
from shoptui.adapters.shopee.auth import Signature
from shoptui.adapters.shopee.tokens import API, JSON, TokenKeeper, encoded
from shoptui.clock import Clock
from shoptui.domain.stores import Store

T = TypeVar("T")


class ShopClient:
    """What all of Shopee's endpoints have in common."""

    def __init__(
        self,
        app: AppCredentials,
        vault: TokenVault,
        clock: Clock,
        http: HttpClients,
        stores_http: Mapping[str, StoreHttpOptions],
    ) -> None:
        self.tokens = TokenKeeper(app, vault, clock, http, stores_http)
        self.clock = clock
        self._app = app
        self._http = http
        self._stores_http = stores_http

    async def get(
        self,
        store: Store,
        path: str,
        read: Callable[[Answer], T],
        *,
        feed: str,
        params: Mapping[str, str] | None = None,
    ) -> T:
        """Read for a store. List-valued `params` come joined with commas; parameters without a value are left out."""
        given = {name: value for name, value in (params or {}).items() if value}
        return await self._call(store, self._made("GET", path, feed, store.shop_id, params=given), read)

    async def post(
        self,
        store: Store,
        path: str,
        read: Callable[[Answer], T],
        *,
        feed: str,
        body: Mapping[str, object],
        write: bool = False,
    ) -> T:
        """Ask for a store with a body. `write` calls change something and are never repeated by themselves."""
        return await self._call(store, self._made("POST", path, feed, store.shop_id, body=body, write=write), read)

    async def get_with(
        self,
        tokens: TokenSet,
        shop_id: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        feed: str,
        options: StoreHttpOptions = DIRECT,
    ) -> T:
        """Read for a shop that is no store yet, with given tokens."""
        signature = Signature(self._app, self.clock, tokens.access_token, shop_id)
        return await self._http.fetch(self._made("GET", path, feed, shop_id), read, options=options, auth=signature)

    async def close(self) -> None:
        await self._http.close()

    async def _call(self, store: Store, call: Call, read: Callable[[Answer], T]) -> T:
        """A refused token is renewed once and the call made again, writes too: a refused call had no effect."""
        options = self._stores_http.get(store.store_id, DIRECT)
        tokens = await self.tokens.valid(store)
        try:
            return await self._http.fetch(call, read, options=options, auth=self._signature(store, tokens))
        except StaleToken:
            tokens = await self.tokens.renew(store, tokens.access_token)
        try:
            return await self._http.fetch(call, read, options=options, auth=self._signature(store, tokens))
        except StaleToken as error:
            refused = AuthError(
                f"{store.store_id}: Shopee refuses even a renewed token; authorise the store again",
                code=error.code,
                request_id=error.request_id,
            )
        raise refused

    def _made(
        self,
        method: str,
        path: str,
        feed: str,
        shop_id: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        write: bool = False,
    ) -> Call:
        return Call(
            method,
            f"{self._app.base_url.rstrip('/')}{API}{path}",
            endpoint=path.lstrip("/"),
            app=self._app.app,
            marketplace=self._app.marketplace,
            feed=feed,
            shop_id=shop_id,
            params=params or {},
            body=encoded(body),
            headers=JSON,
            write=write,
        )

    def _signature(self, store: Store, tokens: TokenSet) -> Signature:
        return Signature(self._app, self.clock, tokens.access_token, store.shop_id)

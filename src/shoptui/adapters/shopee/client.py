"""Signed calls to Shopee for one store: address, token, signature, and one renewal when the token is stale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from shoptui.adapters.base import TokenSet, TokenVault
from shoptui.adapters.calls import JSON, AppCalls, multipart, packed_json
from shoptui.adapters.http import DIRECT, Answer, Call, StoreHttpOptions
from shoptui.adapters.shopee.auth import Signature
from shoptui.adapters.shopee.tokens import API, TokenCalls
from shoptui.adapters.tokens import TokenKeeper
from shoptui.domain.stores import Store

T = TypeVar("T")


class ShopClient:
    """What all of Shopee's endpoints have in common."""

    def __init__(self, calls: AppCalls, vault: TokenVault) -> None:
        self.token_calls = TokenCalls(calls)
        self.tokens = TokenKeeper(vault, calls.clock, self.token_calls)
        self.clock = calls.clock
        self._calls = calls

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

    async def upload(
        self,
        store: Store,
        path: str,
        read: Callable[[Answer], T],
        *,
        feed: str,
        fields: Mapping[str, str],
        file: tuple[str, str, str, bytes],
    ) -> T:
        """Hand in a file (part, file name, type, content) with some texts; that may be repeated."""
        kind, body = multipart(fields, file)
        call = self._calls.made(
            "POST",
            f"{self._calls.app.base_url.rstrip('/')}{API}{path}",
            endpoint=path.lstrip("/"),
            feed=feed,
            shop_id=store.shop_id,
            body=body,
            headers={"content-type": kind},
        )
        return await self._call(store, call, read)

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
        call = self._made("GET", path, feed, shop_id)
        return await self._calls.http.fetch(call, read, options=options, auth=self._signature(shop_id, tokens))

    async def close(self) -> None:
        await self._calls.close()

    async def _call(self, store: Store, call: Call, read: Callable[[Answer], T]) -> T:
        def sign(tokens: TokenSet) -> Signature:
            return self._signature(store.shop_id, tokens)

        return await self._calls.fetch_for(store, call, read, keeper=self.tokens, sign=sign)

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
        return self._calls.made(
            method,
            f"{self._calls.app.base_url.rstrip('/')}{API}{path}",
            endpoint=path.lstrip("/"),
            feed=feed,
            shop_id=shop_id,
            params=params or {},
            body=None if body is None else packed_json(body).encode(),
            headers=JSON,
            write=write,
        )

    def _signature(self, shop_id: str, tokens: TokenSet) -> Signature:
        return Signature(self._calls.app, self.clock, tokens.access_token, shop_id)

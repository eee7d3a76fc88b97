"""Signed calls to Lazada for one store: address, token, signature, and one renewal when the token is stale."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from shoptui.adapters.base import TokenSet, TokenVault
from shoptui.adapters.calls import AppCalls, multipart
from shoptui.adapters.http import DIRECT, Answer, Call, StoreHttpOptions
from shoptui.adapters.lazada.auth import FORM_HEADERS, Signature
from shoptui.adapters.lazada.tokens import TokenCalls
from shoptui.adapters.lazada.ventures import base_url_for
from shoptui.adapters.query import encoded
from shoptui.adapters.tokens import TokenKeeper
from shoptui.domain.stores import Store

T = TypeVar("T")


class ShopClient:
    """What all of Lazada's endpoints have in common."""

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
        write: bool = False,
    ) -> T:
        """Read for a store. With `write` the call changes something: Lazada documents some writes as GET."""
        # Empty values are signed in two ways; none are sent (sheet, section 15, trap 8).
        given = {name: value for name, value in (params or {}).items() if value}
        return await self._call(
            store, path, self._made("GET", store.region, path, feed, store.shop_id, given, write), read
        )

    async def post(
        self, store: Store, path: str, read: Callable[[Answer], T], *, feed: str, fields: Mapping[str, str], write: bool
    ) -> T:
        """Ask for a store with a form. `write` calls change something and are never repeated by themselves."""
        given = {name: value for name, value in fields.items() if value}
        call = self._made("POST", store.region, path, feed, store.shop_id, {}, write, body=given)
        return await self._call(store, path, call, read, form=given)

    async def upload(
        self,
        store: Store,
        path: str,
        read: Callable[[Answer], T],
        *,
        feed: str,
        file: tuple[str, str, str, bytes],
    ) -> T:
        """Hand in a file (part, file name, type, content), which is not signed; that may be repeated."""
        kind, body = multipart({}, file)
        call = self._calls.made(
            "POST",
            self.base_url(store.region) + path,
            endpoint=path.lstrip("/"),
            feed=feed,
            shop_id=store.shop_id,
            body=body,
            headers={"content-type": kind},
        )
        return await self._call(store, path, call, read)

    async def get_with(
        self,
        tokens: TokenSet,
        region: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        feed: str,
        options: StoreHttpOptions = DIRECT,
    ) -> T:
        """Read for a shop that is no store yet, with given tokens, at its venture."""
        call = self._made("GET", region, path, feed, "", {}, False)
        return await self._calls.http.fetch(call, read, options=options, auth=self._signature(path, tokens))

    async def download(self, store: Store, link: str, read: Callable[[Answer], T], *, feed: str) -> T:
        """Read a file behind a link Lazada gave; see `AppCalls.download`."""
        return await self._calls.download(store, "document.file", link, read, feed=feed)

    def base_url(self, region: str) -> str:
        """Where a venture's calls go."""
        return base_url_for(self._calls.app.base_url, region)

    async def close(self) -> None:
        await self._calls.close()

    async def _call(
        self,
        store: Store,
        path: str,
        call: Call,
        read: Callable[[Answer], T],
        *,
        form: Mapping[str, str] | None = None,
    ) -> T:
        def sign(tokens: TokenSet) -> Signature:
            return self._signature(path, tokens, form)

        return await self._calls.fetch_for(store, call, read, keeper=self.tokens, sign=sign)

    def _made(
        self,
        method: str,
        region: str,
        path: str,
        feed: str,
        shop_id: str,
        params: Mapping[str, str],
        write: bool,
        body: Mapping[str, str] | None = None,
    ) -> Call:
        return self._calls.made(
            method,
            self.base_url(region) + path,
            endpoint=path.lstrip("/"),
            feed=feed,
            shop_id=shop_id,
            params=params,
            body=None if body is None else encoded(body).encode(),
            headers={} if body is None else FORM_HEADERS,
            write=write,
        )

    def _signature(self, path: str, tokens: TokenSet, form: Mapping[str, str] | None = None) -> Signature:
        return Signature(self._calls.app, self.clock, path, tokens.access_token, form)


def numbers(ids: Sequence[str]) -> list[int | str]:
    """Ids as the documents want them inside nested parameters: numbers. What is none is sent as it is."""
    return [int(each) if each.isascii() and each.isdigit() else each for each in ids]


def id_list(ids: Sequence[str]) -> str:
    """Ids as a parameter: `[1,2]`; a bare `1,2` is refused (sheet, section 15, trap 23)."""
    return json.dumps(numbers(ids), separators=(",", ":"))

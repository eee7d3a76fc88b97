"""Signed calls to Lazada for one store: address, token, signature, and one renewal when the token is stale."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

from shoptui.adapters.base import AppCredentials, AuthError, Effect, Malformed, TokenSet, TokenVault
from shoptui.adapters.codes import StaleToken
from shoptui.adapters.http import DIRECT, Answer, Call, HttpClients, StoreHttpOptions
from shoptui.adapters.lazada.auth import FORM, Signature
from shoptui.adapters.lazada.tokens import TokenKeeper
from shoptui.adapters.lazada.ventures import base_url_for
from shoptui.clock import Clock
from shoptui.domain.stores import Store

T = TypeVar("T")


class ShopClient:
    """What all of Lazada's endpoints have in common."""

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
        signature = Signature(self._app, self.clock, path, tokens.access_token)
        call = self._made("GET", region, path, feed, "", {}, False)
        return await self._http.fetch(call, read, options=options, auth=signature)

    async def download(self, store: Store, link: str, read: Callable[[Answer], T], *, feed: str) -> T:
        """Read a file behind a link Lazada gave: unsigned and without the token, by the store's own way out.

        Raises Malformed for a link that leaves the safety of the API's own scheme.
        """
        parts = urlsplit(link)
        if parts.scheme not in {"https", urlsplit(self._app.base_url).scheme} or not parts.hostname:
            raise Malformed("Lazada gave a link that is no https address", effect=Effect.NONE)
        call = Call(
            "GET",
            link,
            endpoint="document.file",
            app=self._app.app,
            marketplace=self._app.marketplace,
            feed=feed,
            shop_id=store.shop_id,
        )
        return await self._http.fetch(call, read, options=self._stores_http.get(store.store_id, DIRECT))

    def base_url(self, region: str) -> str:
        """Where a venture's calls go."""
        return base_url_for(self._app.base_url, region)

    async def close(self) -> None:
        await self._http.close()

    async def _call(self, store: Store, path: str, call: Call, read: Callable[[Answer], T]) -> T:
        """A refused token is renewed once and the call made again, writes too: a refused call had no effect."""
        options = self._stores_http.get(store.store_id, DIRECT)
        tokens = await self.tokens.valid(store.store_id)
        try:
            return await self._http.fetch(call, read, options=options, auth=self._signature(path, tokens))
        except StaleToken:
            tokens = await self.tokens.renew(store.store_id, tokens.access_token)
        try:
            return await self._http.fetch(call, read, options=options, auth=self._signature(path, tokens))
        except StaleToken as error:
            refused = AuthError(
                f"{store.store_id}: Lazada refuses even a renewed token; authorise the store again",
                code=error.code,
                request_id=error.request_id,
            )
        raise refused

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
        return Call(
            method,
            self.base_url(region) + path,
            endpoint=path.lstrip("/"),
            app=self._app.app,
            marketplace=self._app.marketplace,
            feed=feed,
            shop_id=shop_id,
            params=params,
            body=None if body is None else urlencode(body, quote_via=quote, safe="").encode(),
            headers={} if body is None else {"content-type": FORM},
            write=write,
        )

    def _signature(self, path: str, tokens: TokenSet) -> Signature:
        return Signature(self._app, self.clock, path, tokens.access_token)


def packed_json(value: Mapping[str, object]) -> str:
    """A nested parameter: one string of compact JSON (sheet, section 1)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def numbers(ids: Sequence[str]) -> list[int | str]:
    """Ids as the documents want them inside nested parameters: numbers. What is none is sent as it is."""
    return [int(each) if each.isascii() and each.isdigit() else each for each in ids]


def id_list(ids: Sequence[str]) -> str:
    """Ids as a parameter: `[1,2]`; a bare `1,2` is refused (sheet, section 15, trap 23)."""
    return json.dumps(numbers(ids), separators=(",", ":"))

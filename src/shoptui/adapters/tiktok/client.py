"""Signed calls to TikTok Shop for one store: address, token, signature, and one renewal when the token is stale."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from shoptui.adapters.base import AppCredentials, AuthError, Effect, Malformed, TokenSet, TokenVault
from shoptui.adapters.codes import StaleToken
from shoptui.adapters.http import DIRECT, Answer, Call, HttpClients, StoreHttpOptions
from shoptui.adapters.records import ID_PATTERN
from shoptui.adapters.tiktok.auth import Signature, TokenKeeper
from shoptui.clock import Clock
from shoptui.domain.stores import Store

T = TypeVar("T")

_SEGMENT = re.compile(ID_PATTERN)
_JSON = {"content-type": "application/json"}


class ShopClient:
    """What all of TikTok Shop's endpoints have in common."""

    def __init__(
        self,
        app: AppCredentials,
        vault: TokenVault,
        clock: Clock,
        http: HttpClients,
        stores_http: Mapping[str, StoreHttpOptions],
    ) -> None:
        self.tokens = TokenKeeper(app, vault, clock, http, stores_http)
        self._app = app
        self._clock = clock
        self._http = http
        self._stores_http = stores_http

    async def call(
        self,
        store: Store,
        endpoint: str,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        feed: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        write: bool = False,
    ) -> T:
        """Call for a store. List-valued `params` come joined with commas; an empty `body` is not sent at all.

        A refused token is renewed once and the call made again; for writes too, since a refused call had no effect.
        """
        cipher = store.wire.get("cipher")
        if not cipher:
            raise AuthError(f"{store.store_id} has no shop cipher: authorise the store again")
        call = Call(
            method,
            self._url(path),
            endpoint=endpoint,
            app=self._app.app,
            marketplace=self._app.marketplace,
            feed=feed,
            shop_id=store.shop_id,
            params={**(params or {}), "shop_cipher": cipher},
            body=_body(body),
            headers=_JSON,
            write=write,
        )
        options = self._stores_http.get(store.store_id, DIRECT)
        tokens = await self.tokens.valid(store.store_id)
        try:
            return await self._http.fetch(call, read, options=options, auth=self._signature(tokens))
        except StaleToken:
            tokens = await self.tokens.renew(store.store_id, tokens.access_token)
        try:
            return await self._http.fetch(call, read, options=options, auth=self._signature(tokens))
        except StaleToken as error:
            refused = AuthError(
                f"{store.store_id}: TikTok Shop refuses even a renewed token; authorise the store again",
                code=error.code,
                request_id=error.request_id,
            )
        raise refused

    async def call_with(
        self,
        tokens: TokenSet,
        endpoint: str,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        feed: str,
        options: StoreHttpOptions = DIRECT,
    ) -> T:
        """Call with given tokens and without a shop (authorisation and seller endpoints refuse a cipher)."""
        call = Call(
            method,
            self._url(path),
            endpoint=endpoint,
            app=self._app.app,
            marketplace=self._app.marketplace,
            feed=feed,
            headers=_JSON,
        )
        return await self._http.fetch(call, read, options=options, auth=self._signature(tokens))

    async def download(self, store: Store, endpoint: str, link: str, read: Callable[[Answer], T], *, feed: str) -> T:
        """Read a file behind a link TikTok Shop gave: unsigned and without the token, by the store's own way out.

        Raises Malformed for a link that leaves the safety of the API's own scheme.
        """
        parts = urlsplit(link)
        if parts.scheme not in {"https", urlsplit(self._app.base_url).scheme} or not parts.hostname:
            raise Malformed("TikTok Shop gave a link that is no https address", effect=Effect.NONE)
        call = Call(
            "GET",
            # A signed link is opened as it is: its query is part of what was signed.
            link,
            endpoint=endpoint,
            app=self._app.app,
            marketplace=self._app.marketplace,
            feed=feed,
            shop_id=store.shop_id,
        )
        return await self._http.fetch(call, read, options=self._stores_http.get(store.store_id, DIRECT))

    async def close(self) -> None:
        await self._http.close()

    def _url(self, path: str) -> str:
        return self._app.base_url.rstrip("/") + path

    def _signature(self, tokens: TokenSet) -> Signature:
        return Signature(self._app, tokens.access_token, self._clock)


def segment(wire_id: str) -> str:
    """An id as part of a path. Raises ValueError for anything that would change the path's meaning."""
    if not _SEGMENT.fullmatch(wire_id):
        raise ValueError(f"{wire_id[:64]!r} is no id of TikTok Shop: ids are letters, digits, - and _")
    return wire_id


def _body(body: Mapping[str, object] | None) -> bytes | None:
    # Clients disagree on how `{}` is signed; no body at all is signed the same by everybody (sheet, section 3.2).
    if not body:
        return None
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

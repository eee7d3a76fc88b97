"""Signed calls to TikTok Shop for one store: address, token, signature, and one renewal when the token is stale."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from shoptui.adapters.base import AuthError, TokenSet, TokenVault
from shoptui.adapters.calls import JSON, AppCalls, multipart, packed_json
from shoptui.adapters.http import DIRECT, Answer, StoreHttpOptions
from shoptui.adapters.records import ID_PATTERN
from shoptui.adapters.tiktok.auth import Signature
from shoptui.adapters.tiktok.tokens import TokenCalls
from shoptui.adapters.tokens import TokenKeeper
from shoptui.domain.stores import Store

T = TypeVar("T")

_SEGMENT = re.compile(ID_PATTERN)


class ShopClient:
    """What all of TikTok Shop's endpoints have in common."""

    def __init__(self, calls: AppCalls, vault: TokenVault) -> None:
        self.token_calls = TokenCalls(calls)
        self.tokens = TokenKeeper(vault, calls.clock, self.token_calls)
        self._calls = calls

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
        """Call for a store. List-valued `params` come joined with commas; an empty `body` is not sent at all."""
        cipher = store.wire.get("cipher")
        if not cipher:
            raise AuthError(f"{store.store_id} has no shop cipher: authorise the store again")
        call = self._calls.made(
            method,
            self._url(path),
            endpoint=endpoint,
            feed=feed,
            shop_id=store.shop_id,
            params={**(params or {}), "shop_cipher": cipher},
            body=_body(body),
            headers=JSON,
            write=write,
        )
        return await self._calls.fetch_for(store, call, read, keeper=self.tokens, sign=self._signature)

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
        call = self._calls.made(method, self._url(path), endpoint=endpoint, feed=feed, headers=JSON)
        return await self._calls.http.fetch(call, read, options=options, auth=self._signature(tokens))

    async def upload(
        self,
        store: Store,
        endpoint: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        feed: str,
        file: tuple[str, str, str, bytes],
    ) -> T:
        """Hand in a file (part, file name, type, content); uploads refuse a cipher and may be repeated."""
        kind, body = multipart({}, file)
        call = self._calls.made(
            "POST",
            self._url(path),
            endpoint=endpoint,
            feed=feed,
            shop_id=store.shop_id,
            body=body,
            headers={"content-type": kind},
        )
        return await self._calls.fetch_for(store, call, read, keeper=self.tokens, sign=self._signature)

    async def download(self, store: Store, endpoint: str, link: str, read: Callable[[Answer], T], *, feed: str) -> T:
        """Read a file behind a link TikTok Shop gave; see `AppCalls.download`."""
        return await self._calls.download(store, endpoint, link, read, feed=feed)

    async def close(self) -> None:
        await self._calls.close()

    def _url(self, path: str) -> str:
        return self._calls.app.base_url.rstrip("/") + path

    def _signature(self, tokens: TokenSet) -> Signature:
        return Signature(self._calls.app, tokens.access_token, self._calls.clock)


def segment(wire_id: str) -> str:
    """An id as part of a path. Raises ValueError for anything that would change the path's meaning."""
    if not _SEGMENT.fullmatch(wire_id):
        raise ValueError(f"{wire_id[:64]!r} is no id of TikTok Shop: ids are letters, digits, - and _")
    return wire_id


def _body(body: Mapping[str, object] | None) -> bytes | None:
    # Clients disagree on how `{}` is signed; no body at all is signed the same by everybody (sheet, section 3.2).
    if not body:
        return None
    return packed_json(body).encode()

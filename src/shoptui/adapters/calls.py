"""How one app's calls leave: made out in its name, by each store's own way out, with a token that is valid."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from shoptui.adapters.base import AppCredentials, AuthError, Effect, Malformed, TokenSet
from shoptui.adapters.codes import StaleToken
from shoptui.adapters.http import DIRECT, Answer, Call, HttpClients, StoreHttpOptions
from shoptui.adapters.tokens import TokenKeeper
from shoptui.clock import Clock
from shoptui.domain.marketplaces import title_of
from shoptui.domain.stores import Store

T = TypeVar("T")

_NONE: Mapping[str, str] = MappingProxyType({})

#: The headers of calls with a JSON body.
JSON: Mapping[str, str] = MappingProxyType({"content-type": "application/json"})


def packed_json(value: Mapping[str, object]) -> str:
    """JSON without a blank to spare and with every script as it is, the form in which it is signed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def multipart(fields: Mapping[str, str], file: tuple[str, str, str, bytes]) -> tuple[str, bytes]:
    """Texts and one file as a multipart body, with its content type; the file is (part, file name, type, content)."""
    boundary = secrets.token_hex(16)
    part, name, kind, content = file
    safe = "".join(letter if letter.isascii() and (letter.isalnum() or letter in ".-") else "_" for letter in name)
    lines: list[bytes] = []
    for field, value in fields.items():
        lines += [f'--{boundary}\r\ncontent-disposition: form-data; name="{field}"\r\n'.encode(), value.encode()]
    head = f'content-disposition: form-data; name="{part}"; filename="{safe}"\r\ncontent-type: {kind}\r\n'
    lines += [f"--{boundary}\r\n{head}".encode(), content]
    return f"multipart/form-data; boundary={boundary}", b"\r\n".join([*lines, f"--{boundary}--\r\n".encode()])


@dataclass(frozen=True, slots=True)
class AppCalls:
    """One app's calls. `stores_http`, by store id, is looked at for each call: stores come and go."""

    app: AppCredentials
    clock: Clock
    http: HttpClients
    stores_http: Mapping[str, StoreHttpOptions]

    def made(
        self,
        method: str,
        url: str,
        *,
        endpoint: str,
        feed: str,
        shop_id: str = "",
        params: Mapping[str, str] = _NONE,
        body: bytes | None = None,
        headers: Mapping[str, str] = _NONE,
        write: bool = False,
    ) -> Call:
        """A call in the app's name; see `Call` for what its parts are."""
        return Call(
            method,
            url,
            endpoint=endpoint,
            app=self.app.app,
            marketplace=self.app.marketplace,
            feed=feed,
            shop_id=shop_id,
            params=params,
            body=body,
            headers=headers,
            write=write,
        )

    def way_out(self, store: Store) -> StoreHttpOptions:
        """How this store's calls leave."""
        return self.stores_http.get(store.store_id, DIRECT)

    async def fetch_for(
        self,
        store: Store,
        call: Call,
        read: Callable[[Answer], T],
        *,
        keeper: TokenKeeper,
        sign: Callable[[TokenSet], httpx.Auth],
    ) -> T:
        """Make a store's call, signed with its token. Raises AdapterError.

        A refused token is renewed once and the call made again, writes too: a refused call had no effect.
        """
        options = self.way_out(store)
        tokens = await keeper.valid(store)
        try:
            return await self.http.fetch(call, read, options=options, auth=sign(tokens))
        except StaleToken:
            tokens = await keeper.renew(store, tokens.access_token)
        try:
            return await self.http.fetch(call, read, options=options, auth=sign(tokens))
        except StaleToken as error:
            refused = AuthError(
                f"{store.store_id}: {self._title} refuses even a renewed token; authorise the store again",
                code=error.code,
                request_id=error.request_id,
            )
        raise refused

    async def download(self, store: Store, endpoint: str, link: str, read: Callable[[Answer], T], *, feed: str) -> T:
        """Read a file behind a link the marketplace gave: unsigned and without the token, by the store's own way out.

        Raises Malformed for a link that leaves the safety of the API's own scheme, or another AdapterError.
        """
        parts = urlsplit(link)
        if parts.scheme not in {"https", urlsplit(self.app.base_url).scheme} or not parts.hostname:
            raise Malformed(f"{self._title} gave a link that is no https address", effect=Effect.NONE)
        # A signed link is opened as it is: its query is part of what was signed.
        call = self.made("GET", link, endpoint=endpoint, feed=feed, shop_id=store.shop_id)
        return await self.http.fetch(call, read, options=self.way_out(store))

    async def close(self) -> None:
        """Close all connections."""
        await self.http.close()

    @property
    def _title(self) -> str:
        return title_of(self.app.marketplace)

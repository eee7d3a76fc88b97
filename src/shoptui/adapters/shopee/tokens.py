"""Shopee's tokens of each store: renewed in one flight, saved before they are used, never renewed twice with one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from shoptui.adapters.base import (
    AdapterError,
    AppCredentials,
    AuthError,
    Malformed,
    RateLimited,
    Rejected,
    Temporary,
    TokenSet,
    TokenVault,
)
from shoptui.adapters.consent import CodeWrong
from shoptui.adapters.http import DIRECT, Answer, Call, HttpClients, StoreHttpOptions
from shoptui.adapters.shopee.auth import OwnedCode, Signature
from shoptui.adapters.shopee.errors import last_segment
from shoptui.adapters.shopee.wire import Tokens, as_number, read_flat
from shoptui.clock import Clock
from shoptui.domain.stores import Store

T = TypeVar("T")

API = "/api/v2"

#: Access tokens live 4 hours; this much before their end they are renewed.
RENEW_BEFORE_END_S = 1800
#: After a renewal that got no answer the old token is used this long before the next try.
RENEW_AGAIN_AFTER_S = 30
#: Refresh tokens live 30 days (sheet, section 2.2); Shopee does not tell their end.
REFRESH_LIFETIME_S = 30 * 86400

# A larger `expire_in` is a moment, not a duration (sheet, section 2.2).
_MOMENT_FROM = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code was exchanged for, and the shops it covers."""

    tokens: TokenSet
    shop_ids: tuple[str, ...]


class TokenKeeper:
    """Gives out valid access tokens.

    Stores of one main account start with the same pair; the first renewal of each makes a pair of its own, so what
    must be guarded is one store's use of one refresh token.
    """

    def __init__(
        self,
        app: AppCredentials,
        vault: TokenVault,
        clock: Clock,
        http: HttpClients,
        stores_http: Mapping[str, StoreHttpOptions],
    ) -> None:
        self._app = app
        self._vault = vault
        self._clock = clock
        self._http = http
        self._stores_http = stores_http
        self._locks: dict[str, asyncio.Lock] = {}
        # All by store and refresh token.
        self._unsaved: dict[tuple[str, str], TokenSet] = {}
        self._refused: dict[tuple[str, str], str] = {}
        self._try_again_at: dict[tuple[str, str], float] = {}

    async def valid(self, store: Store) -> TokenSet:
        """Tokens that last longer than the margin, or the old ones while they last and a renewal was of no avail.

        Raises AuthError when the store must be authorised again.
        """
        tokens = self.held(store)
        now = self._clock.now()
        if tokens.access_expires_at - now > RENEW_BEFORE_END_S:
            return tokens
        lasts = tokens.access_expires_at > now
        key = (store.store_id, tokens.refresh_token)
        if lasts and (key in self._refused or self._try_again_at.get(key, 0.0) > now):
            return tokens
        return await self.renewed_or_held(store, tokens.access_token)

    async def renewed_or_held(self, store: Store, stale_access_token: str) -> TokenSet:
        """Renewed tokens, or those there are while they last: a refresh of no avail does not end the access token.

        Raises AuthError when the store must be authorised again.
        """
        try:
            return await self.renew(store, stale_access_token)
        except (Temporary, RateLimited, Malformed, AuthError):
            held, now = self.held(store), self._clock.now()
            if held.access_expires_at <= now:
                raise
            self._try_again_at[store.store_id, held.refresh_token] = now + RENEW_AGAIN_AFTER_S
            return held

    async def renew(self, store: Store, stale_access_token: str | None = None) -> TokenSet:
        """Renew now, unless somebody did since `stale_access_token` was read (None: what the vault holds now).

        Several callers at once make one request and all get its tokens. Raises AuthError when the refresh is refused.
        """
        tokens = self.held(store)
        stale = tokens.access_token if stale_access_token is None else stale_access_token
        async with self._locks.setdefault(store.store_id, asyncio.Lock()):
            tokens = self.held(store)
            if tokens.access_token != stale:
                return tokens
            key = (store.store_id, tokens.refresh_token)
            fresh = self._unsaved.get(key)
            if fresh is None:
                try:
                    fresh = await self._refresh(store, tokens)
                except AuthError as error:
                    # A refresh token works once: whoever was faster, in another process even, has saved what it gave.
                    held = self.held(store)
                    if held.refresh_token != tokens.refresh_token:
                        return held
                    self._refused[key] = error.message
                    raise
            # Kept until the save has succeeded: the old refresh token is worthless from here on.
            self._unsaved[key] = fresh
            await self._vault.save(store.store_id, fresh)
            self._unsaved.pop(key, None)
            self._try_again_at.pop(key, None)
        return fresh

    async def bounded(self, store: Store, tokens: TokenSet, consent_ends_at: int) -> TokenSet:
        """The tokens with the end of the seller's consent where that is nearer than the refresh token's, saved.

        `consent_ends_at` is epoch seconds, 0 where Shopee did not say.
        """
        if not 0 < consent_ends_at < tokens.refresh_expires_at:
            return tokens
        async with self._locks.setdefault(store.store_id, asyncio.Lock()):
            held = self.held(store)
            if held.refresh_token != tokens.refresh_token:
                return held
            known = replace(tokens, refresh_expires_at=consent_ends_at)
            await self._vault.save(store.store_id, known)
        return known

    async def exchange(self, owned: OwnedCode, options: StoreHttpOptions = DIRECT) -> Granted:
        """The tokens for an authorisation code, which lives 10 minutes and works once. Raises CodeWrong."""
        body = {"code": owned.code, "partner_id": as_number(self._app.app_key), owned.owner: int(owned.owner_id)}
        try:
            found = await self._token_call("/auth/token/get", body, options)
        except AuthError as error:
            raise CodeWrong("code_refused", _why_no_tokens(), code=error.code, request_id=error.request_id) from None
        except Rejected as error:
            raise _app_or_code(error) from None
        listed = tuple(found.shop_id_list or ())
        own = (owned.owner_id,) if owned.owner == "shop_id" else ()
        return Granted(self._of(found), tuple(dict.fromkeys((*own, *listed))))

    def held(self, store: Store) -> TokenSet:
        """The tokens the vault holds. Raises AuthError for a store that was never authorised."""
        tokens = self._vault.load(store.store_id)
        if tokens is None:
            raise AuthError(f"{store.store_id} has no tokens: authorise it")
        return tokens

    async def _refresh(self, store: Store, tokens: TokenSet) -> TokenSet:
        refused = self._refused.get((store.store_id, tokens.refresh_token))
        if refused is not None:
            # Asking again with the same token cannot help and only spends calls.
            raise AuthError(refused)
        if tokens.refresh_expires_at <= self._clock.now():
            raise AuthError(f"the seller's consent for {store.store_id} has ended: authorise the store again")
        body = {
            "refresh_token": tokens.refresh_token,
            "partner_id": as_number(self._app.app_key),
            "shop_id": as_number(store.shop_id),
        }
        options = self._stores_http.get(store.store_id, DIRECT)
        try:
            return self._of(await self._token_call("/auth/access_token/get", body, options))
        except Rejected as refusal:
            raise AuthError(
                f"{store.store_id}: Shopee gave no tokens; authorise the store again. {refusal.message}",
                code=refusal.code,
                request_id=refusal.request_id,
            ) from None

    def _of(self, found: Tokens) -> TokenSet:
        now = int(self._clock.now())
        ends_at = found.expire_in if found.expire_in >= _MOMENT_FROM else now + found.expire_in
        return TokenSet(found.access_token, found.refresh_token, ends_at, now + REFRESH_LIFETIME_S)

    async def _token_call(self, path: str, body: Mapping[str, object], options: StoreHttpOptions) -> Tokens:
        def read(answer: Answer) -> Tokens:
            return read_flat(answer, Tokens)

        # Both codes and refresh tokens are used up, so neither call is ever repeated by itself.
        return await self.public_call("POST", path, read, body=body, options=options, write=True)

    async def public_call(
        self,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        options: StoreHttpOptions = DIRECT,
        write: bool = False,
    ) -> T:
        """A call of the app itself, signed without token and shop. Raises AdapterError."""
        call = Call(
            method,
            f"{self._app.base_url.rstrip('/')}{API}{path}",
            endpoint=path.lstrip("/"),
            app=self._app.app,
            marketplace=self._app.marketplace,
            feed="tokens",
            params=params or {},
            body=encoded(body),
            headers=JSON,
            write=write,
        )
        return await self._http.fetch(call, read, options=options, auth=Signature(self._app, self._clock))


JSON = {"content-type": "application/json"}


def encoded(body: Mapping[str, object] | None) -> bytes | None:
    """A body as it goes over the wire; None is no body."""
    if body is None:
        return None
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _why_no_tokens() -> str:
    return (
        "Shopee does not accept this code: it is older than 10 minutes, was used before, or is for another app or "
        "shop. Open the link again and paste the address it brings."
    )


def _app_or_code(error: AdapterError) -> CodeWrong:
    if last_segment(error.code) in {"error_sign", "invalid_partner_id"}:
        words = "Shopee does not accept the partner id or key. Set the app up again with the right ones."
        return CodeWrong("app_refused", words, code=error.code, request_id=error.request_id)
    return CodeWrong("code_refused", error.message, code=error.code, request_id=error.request_id)

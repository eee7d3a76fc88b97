"""Lazada's tokens of each store: renewed in one flight, saved before they are used, shared by stores of one consent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import quote, urlencode

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
from shoptui.adapters.lazada.auth import FORM, Signature
from shoptui.adapters.lazada.wire import Tokens, read_flat
from shoptui.clock import Clock

#: Tokens live 7 to 30 days; this much before their end they are renewed at the latest.
RENEW_BEFORE_END_S = 1800
#: After a renewal that was of no avail the old token is used this long before the next try.
RENEW_AGAIN_AFTER_S = 60

_APP_FAULTS = frozenset({"IncompleteSignature", "InvalidAppKey"})


class TokenKeeper:
    """Gives out valid access tokens.

    A cross-border seller's consent covers several stores: they hold the same refresh token, and a renewal, which may
    replace it, is made once and saved for all of them.
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
        self._seen: set[str] = set()
        # All by refresh token.
        self._locks: dict[str, asyncio.Lock] = {}
        self._unsaved: dict[str, TokenSet] = {}
        self._refused: dict[str, str] = {}
        self._try_again_at: dict[str, float] = {}
        # What replaced a refresh token, for stores of the same consent that come later.
        self._successors: dict[str, TokenSet] = {}

    async def valid(self, store_id: str) -> TokenSet:
        """Tokens that last longer than the margin, or the old ones while they last and a renewal was of no avail.

        Raises AuthError when the store must be authorised again.
        """
        tokens = self._load(store_id)
        now = self._clock.now()
        if tokens.access_expires_at - now > RENEW_BEFORE_END_S:
            return tokens
        lasts = tokens.access_expires_at > now
        if lasts and self._try_again_at.get(tokens.refresh_token, 0.0) > now:
            return tokens
        try:
            return await self.renew(store_id, tokens.access_token)
        except (Temporary, RateLimited, Malformed, AuthError):
            # A refused refresh does not end the access token: what it still opens is worth having.
            if not lasts:
                raise
            self._try_again_at[tokens.refresh_token] = now + RENEW_AGAIN_AFTER_S
            return tokens

    async def renew(self, store_id: str, stale_access_token: str | None = None) -> TokenSet:
        """Renew now, unless somebody did since `stale_access_token` was read (None: what the vault holds now).

        Several callers at once make one request and all get its tokens. Raises AuthError when the refresh is refused.
        """
        tokens = self._load(store_id)
        stale = tokens.access_token if stale_access_token is None else stale_access_token
        if tokens.access_token != stale:
            return tokens
        refresh_token = tokens.refresh_token
        async with self._locks.setdefault(refresh_token, asyncio.Lock()):
            tokens = self._load(store_id)
            if tokens.access_token != stale:
                return tokens
            fresh = self._unsaved.get(refresh_token) or self._successor(refresh_token)
            if fresh is None:
                fresh = await self._refresh(store_id, tokens)
            # Kept until every save has succeeded: the old refresh token may be worthless from here on.
            self._unsaved[refresh_token] = fresh
            for sharer in sorted(self._seen):
                held = self._vault.load(sharer)
                if held is not None and held.refresh_token == refresh_token:
                    await self._vault.save(sharer, fresh)
            for remembered in (self._unsaved, self._locks, self._try_again_at):
                remembered.pop(refresh_token, None)
            if fresh.refresh_token != refresh_token:
                self._successors[refresh_token] = fresh
        return fresh

    async def renew_ahead(self, store_id: str) -> TokenSet:
        """Renew before there is need; a refusal counts only once the access token has ended.

        Tokens of a subscription cannot be renewed and live as long as it does (sheet, section 2.3).
        """
        try:
            return await self.renew(store_id)
        except AuthError:
            held = self._load(store_id)
            if held.access_expires_at <= self._clock.now():
                raise
            return held

    async def exchange(self, code: str, options: StoreHttpOptions = DIRECT) -> tuple[TokenSet, Tokens]:
        """The tokens for a code, which lives 30 minutes and works once, and their answer. Raises CodeWrong."""
        try:
            found = await self._token_call("create", {"code": code}, options)
        except (AuthError, Rejected) as error:
            raise _why_no_tokens(error) from None
        return self._of(found, ""), found

    def _load(self, store_id: str) -> TokenSet:
        tokens = self._vault.load(store_id)
        if tokens is None:
            raise AuthError(f"{store_id} has no tokens: authorise it")
        self._seen.add(store_id)
        return tokens

    def _successor(self, refresh_token: str) -> TokenSet | None:
        """The newest tokens that came of a refresh token, None where it was not used here."""
        found = self._successors.get(refresh_token)
        while found is not None and (newer := self._successors.get(found.refresh_token)) is not None:
            found = newer
        return found

    async def _refresh(self, store_id: str, tokens: TokenSet) -> TokenSet:
        refused = self._refused.get(tokens.refresh_token)
        if refused is not None:
            # Asking again with the same token cannot help and only spends calls.
            raise AuthError(refused)
        if tokens.refresh_expires_at <= self._clock.now():
            raise AuthError(f"the seller's consent for {store_id} has ended: authorise the store again")
        options = self._stores_http.get(store_id, DIRECT)
        try:
            found = await self._token_call("refresh", {"refresh_token": tokens.refresh_token}, options)
        except AuthError as error:
            self._refused[tokens.refresh_token] = error.message
            raise
        except Rejected as refusal:
            raise AuthError(
                f"{store_id}: Lazada gave no tokens; authorise the store again. {refusal.message}",
                code=refusal.code,
                request_id=refusal.request_id,
            ) from None
        return self._of(found, tokens.refresh_token)

    def _of(self, found: Tokens, held_refresh_token: str) -> TokenSet:
        now = int(self._clock.now())
        return TokenSet(
            found.access_token,
            found.refresh_token or held_refresh_token,
            now + found.expires_in,
            # None or 0: it cannot be renewed, and the consent ends with the access token (sheet, section 2.3).
            now + (found.refresh_expires_in or found.expires_in),
        )

    async def _token_call(self, what: str, fields: Mapping[str, str], options: StoreHttpOptions) -> Tokens:
        path = f"/auth/token/{what}"
        call = Call(
            "POST",
            f"{self._app.auth_url.rstrip('/')}/rest{path}",
            endpoint=f"token.{what}",
            app=self._app.app,
            marketplace=self._app.marketplace,
            feed="tokens",
            body=urlencode(fields, quote_via=quote).encode(),
            headers={"content-type": FORM},
            # Codes and refresh tokens are used up, so neither call is ever repeated by itself.
            write=True,
        )
        return await self._http.fetch(call, _read_tokens, options=options, auth=Signature(self._app, self._clock, path))


def _read_tokens(answer: Answer) -> Tokens:
    return read_flat(answer, Tokens)


def _why_no_tokens(error: AdapterError) -> CodeWrong:
    if error.code in _APP_FAULTS:
        words = "Lazada does not accept the app key or secret. Set the app up again with the right ones."
        return CodeWrong("app_refused", words, code=error.code, request_id=error.request_id)
    words = (
        "Lazada does not accept this code: it is older than 30 minutes, was used before, or is for another app. Open "
        "the link again and paste what it brings."
    )
    if error.code != "InvalidCode":
        words = error.message
    return CodeWrong("code_refused", words, code=error.code, request_id=error.request_id)

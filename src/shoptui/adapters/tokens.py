"""Keeps stores' tokens: renewed in one flight, saved before they are used, and what a lost or refused renewal means."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Protocol

from shoptui.adapters.base import AdapterError, AuthError, Rejected, TokenSet, TokenVault
from shoptui.clock import Clock
from shoptui.domain.marketplaces import title_of
from shoptui.domain.stores import Store

#: This much before an access token's end it is renewed at the latest.
RENEW_BEFORE_END_S = 1800
#: After a renewal that came to nothing the old token is used this long before the next try.
RENEW_AGAIN_AFTER_S = 30

# What is guarded: one use of one refresh token, by one store where stores do not share what it brings ("" where they
# do).
_Key = tuple[str, str]


class TokenSource(Protocol):
    """A marketplace's own part: how it gives tokens for a refresh token, and to whom."""

    shared: bool
    """Whether stores of one consent go on sharing what replaces the refresh token they hold in common."""

    async def refreshed(self, store: Store, tokens: TokenSet) -> TokenSet:
        """What the refresh token of `tokens` brings, asked for once.

        Raises AuthError where the marketplace does not accept the refresh token, Rejected where it does not accept the
        call, which may be mended and made again, and other AdapterErrors where there was no answer.
        """


class TokenKeeper:
    """Gives out valid access tokens of one app's stores."""

    def __init__(self, vault: TokenVault, clock: Clock, source: TokenSource) -> None:
        self._vault = vault
        self._clock = clock
        self._source = source
        # Stores that were asked for, any of which may share a refresh token with another.
        self._seen: set[str] = set()
        self._locks: dict[_Key, asyncio.Lock] = {}
        self._unsaved: dict[_Key, TokenSet] = {}
        self._refused: dict[_Key, str] = {}
        self._try_again_at: dict[_Key, float] = {}
        # What replaced a shared refresh token, for stores of the same consent that come later.
        self._successors: dict[_Key, TokenSet] = {}

    def held(self, store: Store) -> TokenSet:
        """The tokens the vault holds. Raises AuthError for a store that was never authorised."""
        tokens = self._vault.load(store.store_id)
        if tokens is None:
            raise AuthError(f"{store.store_id} has no tokens: authorise it")
        self._seen.add(store.store_id)
        return tokens

    async def valid(self, store: Store) -> TokenSet:
        """Tokens that last longer than the margin, or the old ones while they last and a renewal came to nothing.

        Raises AuthError when the store must be authorised again.
        """
        tokens = self.held(store)
        if tokens.access_expires_at - self._clock.now() > RENEW_BEFORE_END_S:
            return tokens
        return await self.renew_ahead(store)

    async def renew_ahead(self, store: Store, *, refusal_counts: bool = False) -> TokenSet:
        """Renewed tokens, or those there are while they last: a renewal that comes to nothing does not end them.

        With `refusal_counts` a refused renewal is told at once all the same. Raises AdapterError.
        """
        tokens, now = self.held(store), self._clock.now()
        key = self._key(store, tokens)
        waits = self._try_again_at.get(key, 0.0) > now and not (refusal_counts and key in self._refused)
        if waits and tokens.access_expires_at > now:
            return tokens
        try:
            return await self.renew(store, tokens.access_token)
        except AdapterError as error:
            tokens, now = self.held(store), self._clock.now()
            if tokens.access_expires_at <= now or (refusal_counts and isinstance(error, AuthError)):
                raise
            self._try_again_at[self._key(store, tokens)] = now + RENEW_AGAIN_AFTER_S
            return tokens

    async def renew(self, store: Store, stale_access_token: str | None = None) -> TokenSet:
        """Renew now, unless somebody did since `stale_access_token` was read (None: what the vault holds now).

        Several callers at once make one request and all get its tokens. Raises AuthError when the renewal is refused,
        or another AdapterError when there was no answer.
        """
        tokens = self.held(store)
        stale = tokens.access_token if stale_access_token is None else stale_access_token
        if tokens.access_token != stale:
            return tokens
        key = self._key(store, tokens)
        async with self._locks.setdefault(key, asyncio.Lock()):
            tokens = self.held(store)
            if tokens.access_token != stale:
                return tokens
            known = self._unsaved.get(key) or self._successor(store, key)
            try:
                fresh = known or await self._asked(store, tokens)
            except AuthError:
                # A refresh token may work only once: whoever was faster, in another process even, has saved what it
                # brought.
                held = self.held(store)
                if held.refresh_token != tokens.refresh_token:
                    return held
                raise
            # Kept until every save has succeeded: the old refresh token may be worthless from here on.
            self._unsaved[key] = fresh
            for sharer in sorted(self._seen) if self._source.shared else [store.store_id]:
                held_by_sharer = self._vault.load(sharer)
                if held_by_sharer is not None and held_by_sharer.refresh_token == tokens.refresh_token:
                    await self._vault.save(sharer, fresh)
            for remembered in (self._unsaved, self._locks, self._try_again_at):
                remembered.pop(key, None)
            if self._source.shared and fresh.refresh_token != tokens.refresh_token:
                self._successors[key] = fresh
                # What is in use is never looked past, even where a marketplace brings an old token again.
                self._successors.pop(self._key(store, fresh), None)
        if known is not None and known.access_expires_at <= self._clock.now():
            # It was brought long ago and has ended since.
            return await self.renew(store, known.access_token)
        return fresh

    async def bounded(self, store: Store, tokens: TokenSet, consent_ends_at: int) -> TokenSet:
        """The tokens with the end of the seller's consent where that is nearer than the refresh token's, saved.

        `consent_ends_at` is epoch seconds, 0 where the marketplace did not say.
        """
        if not 0 < consent_ends_at < tokens.refresh_expires_at:
            return tokens
        async with self._locks.setdefault(self._key(store, tokens), asyncio.Lock()):
            held = self.held(store)
            if held.refresh_token != tokens.refresh_token:
                return held
            known = replace(tokens, refresh_expires_at=consent_ends_at)
            await self._vault.save(store.store_id, known)
        return known

    def _key(self, store: Store, tokens: TokenSet) -> _Key:
        return ("" if self._source.shared else store.store_id, tokens.refresh_token)

    def _successor(self, store: Store, key: _Key) -> TokenSet | None:
        """The newest tokens that came of a refresh token, None where it was not used here."""
        found = self._successors.get(key)
        while found is not None and (newer := self._successors.get(self._key(store, found))) is not None:
            found = newer
        return found

    async def _asked(self, store: Store, tokens: TokenSet) -> TokenSet:
        key = self._key(store, tokens)
        refused = self._refused.get(key)
        if refused is not None:
            # Asking again with the same token cannot help and only spends calls.
            raise AuthError(refused)
        try:
            if tokens.refresh_expires_at <= self._clock.now():
                raise AuthError(f"the seller's consent for {store.store_id} has ended: authorise the store again")
            return await self._source.refreshed(store, tokens)
        except AuthError as error:
            self._refused[key] = error.message
            raise
        except Rejected as refusal:
            raise AuthError(
                f"{store.store_id}: {title_of(store.marketplace)} gave no tokens; authorise the store again. "
                f"{refusal.message}",
                code=refusal.code,
                request_id=refusal.request_id,
            ) from None

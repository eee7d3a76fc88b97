"""Sellers' consents: codes that work once, tokens for one country or several, refreshing (section 2)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from ..settings import Settings
from ..world.model import Store
from .codes import BAD_CODE, REFRESH, REFRESH_TEXT, TOKEN, TOKEN_TEXT, ApiError

CODE_LIFETIME_S = 1800
ACCESS_LIFETIME_S = 7 * 86_400
REFRESH_LIFETIME_S = 30 * 86_400

SCOPES = ("order", "fulfillment", "reverse", "logistics", "product", "finance", "seller")
"""Groups of the API an app's category may lack."""

CHAT_SCOPES = ("im",)
"""What the category of chat apps has; the other apps' has all but this (section 2.1)."""


@dataclass(slots=True, eq=False)
class Consent:
    """What one seller allowed, in one country or in several at once, with the newest pair of tokens."""

    stores: tuple[Store, ...]
    refresh_until: int
    access: str = ""
    access_until: int = 0
    refresh: str = ""
    scopes: set[str] = field(default_factory=set)
    is_revoked: bool = False

    @property
    def country(self) -> str:
        """`cb` for a seller of several countries."""
        return self.stores[0].region.lower() if len(self.stores) == 1 else "cb"


@dataclass(frozen=True, slots=True)
class _Code:
    stores: tuple[Store, ...]
    valid_until: int


class Grants:
    """All consents of one app, ageing in world time; `scopes` are the groups of the API its category has."""

    def __init__(
        self, seed: int, settings: Settings, app_key: str, scopes: tuple[str, ...] = SCOPES, kind: str = "lazada"
    ) -> None:
        self._seed = seed
        self._settings = settings
        self._app_key = app_key
        self._scopes = scopes
        self._kind = kind
        self._of_shop: dict[str, Consent] = {}
        self._access: dict[str, tuple[Consent, int]] = {}
        self._refresh: dict[str, Consent] = {}
        self._codes: dict[str, _Code] = {}
        self._minted = 0

    def consent(self, stores: tuple[Store, ...], now: int) -> Consent:
        """A seller agrees and the app has a fresh pair; an earlier consent of these shops lives on with its tokens."""
        until = now + min(REFRESH_LIFETIME_S, self._settings.refresh_token_s)
        made = Consent(stores, until, scopes=set(self._scopes))
        for store in stores:
            self._of_shop[store.id] = made
        self._pair(made, now)
        return made

    def consent_of(self, shop_id: str) -> Consent:
        """The newest consent of a shop. Raises KeyError for a shop that is not Lazada's."""
        return self._of_shop[shop_id]

    def covers(self, shop_id: str) -> bool:
        """Whether a shop's seller ever agreed."""
        return shop_id in self._of_shop

    def ends_of(self, shop_id: str) -> tuple[int, int]:
        """When the newest access token of a shop ends and when its refresh token does."""
        consent = self._of_shop[shop_id]
        return consent.access_until, consent.refresh_until

    def shops_of(self, token: str) -> tuple[Store, ...]:
        """The shops an access token was given for, whether or not it still works."""
        known = self._access.get(token)
        return known[0].stores if known is not None else ()

    # --- codes and tokens ---------------------------------------------------------------------------------

    def mint_code(self, shop_id: str, now: int) -> str:
        """The code of a consent for one shop alone, whatever its present one covers."""
        return self.agree(tuple(one for one in self._of_shop[shop_id].stores if one.id == shop_id), now)

    def agree(self, stores: tuple[Store, ...], now: int) -> str:
        """The code a consent brings back to the app, alive for half an hour."""
        self._minted += 1
        code = f"0_{self._app_key}_{self._random('code')[:12]}"
        self._codes[code] = _Code(stores, now + CODE_LIFETIME_S)
        return code

    def exchange(self, text: str, now: int) -> Consent:
        """Trade a code for the first pair. Raises ApiError for one that is unknown, used or too old."""
        code = self._codes.pop(text, None)
        if code is None or now > code.valid_until:
            raise ApiError(BAD_CODE, "The specified authorization code is invalid or expired")
        return self.consent(code.stores, now)

    def refresh(self, token: str, now: int) -> Consent:
        """Trade a refresh token for the next pair, whose refresh token ends when the first one would have ended.

        Raises ApiError for a token that was traded before, ended or belongs to a consent taken back.
        """
        consent = self._refresh.get(token)
        if consent is None or consent.is_revoked or now >= consent.refresh_until:
            raise ApiError(REFRESH, REFRESH_TEXT)
        del self._refresh[token]
        self._pair(consent, now)
        return consent

    def check(self, token: str, now: int) -> Consent:
        """The consent a call stands on. Raises ApiError."""
        known = self._access.get(token)
        if known is None or known[0].is_revoked or now >= known[1]:
            raise ApiError(TOKEN, TOKEN_TEXT)
        return known[0]

    def expire_access(self, shop_id: str, now: int) -> None:
        """Let every access token for the shop end now."""
        for token, (consent, until) in self._access.items():
            if any(store.id == shop_id for store in consent.stores):
                self._access[token] = consent, min(until, now)
                consent.access_until = min(consent.access_until, now)

    def revoke(self, shop_id: str) -> None:
        """Every token for the shop is dead, those of earlier consents too."""
        for consent in [*(one for one, _ in self._access.values()), *self._refresh.values()]:
            if any(store.id == shop_id for store in consent.stores):
                consent.is_revoked = True

    def answer(self, consent: Consent, now: int, users: str) -> dict[str, Any]:
        """The tokens as the token calls answer them; `users` is the name of the list of sellers."""
        first = consent.stores[0]
        return {
            "access_token": consent.access,
            "refresh_token": consent.refresh,
            "expires_in": consent.access_until - now,
            "refresh_expires_in": consent.refresh_until - now,
            "country": consent.country,
            "account": account_of(first),
            "account_id": None,
            "account_platform": "seller_center",
            users: [
                {
                    "country": store.region.lower(),
                    "user_id": str(int(store.id) + 300_000_000_000),
                    "seller_id": store.id,
                    "short_code": short_code(store),
                }
                for store in consent.stores
            ],
        }

    def _pair(self, consent: Consent, now: int) -> None:
        self._minted += 1
        consent.access = f"50000{self._random('access')}"
        consent.refresh = f"50001{self._random('refresh')}"
        consent.access_until = now + min(ACCESS_LIFETIME_S, self._settings.access_token_s)
        self._access[consent.access] = consent, consent.access_until
        self._refresh[consent.refresh] = consent

    def _random(self, kind: str) -> str:
        text = f"{self._seed}/{self._kind} {kind}/{self._minted}"
        return hashlib.blake2b(text.encode(), digest_size=28).hexdigest()


def short_code(store: Store) -> str:
    """The seller's short code: the country and some letters."""
    return f"{store.region}{store.code[:8]}"


def account_of(store: Store) -> str:
    """The address the seller logs in with."""
    return f"seller-{store.id}@sandbox.invalid"

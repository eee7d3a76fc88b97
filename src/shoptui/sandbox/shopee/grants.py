"""Sellers' consents: codes, access tokens that live four hours, refresh tokens that work once (section 2)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from ..settings import Settings
from ..world.dice import between
from ..world.model import Store
from . import codes
from .codes import ApiError

CODE_LIFETIME_S = 600
ACCESS_LIFETIME_S = 4 * 3600
REFRESH_LIFETIME_S = 30 * 86_400
CONSENT_LIFETIME_S = 365 * 86_400
OLD_ACCESS_KEPT_S = 300
"""How much longer an access token works once a refresh has replaced it."""

SCOPES = ("order", "logistics", "product", "shop", "payment", "sellerchat")
"""Modules of the API an app may be kept out of."""


@dataclass(slots=True, eq=False)
class Consent:
    """What the seller of one shop allowed, with the newest pair of tokens for it."""

    store: Store
    given_at: int
    ends_at: int
    access: str = ""
    refresh: str = ""
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    is_revoked: bool = False


@dataclass(slots=True)
class _Access:
    expires_at: int
    shop_ids: frozenset[str]


@dataclass(slots=True)
class _Refresh:
    """A refresh token may be spent once for each shop it was given for."""

    expires_at: int
    shop_ids: frozenset[str]
    unspent: set[str]


@dataclass(frozen=True, slots=True)
class _Code:
    shop_ids: tuple[str, ...]
    main_account_id: str
    valid_until: int


class Grants:
    """All consents of the app, ageing in world time."""

    def __init__(self, seed: int, settings: Settings) -> None:
        self._seed = seed
        self._settings = settings
        self._consents: dict[str, Consent] = {}
        self._access: dict[str, _Access] = {}
        self._refresh: dict[str, _Refresh] = {}
        self._codes: dict[str, _Code] = {}
        self._minted = 0

    def consent(self, store: Store, now: int) -> None:
        """The seller of a shop agrees, and the app has its first pair."""
        self._consents[store.id] = Consent(store, now, now + CONSENT_LIFETIME_S)
        self._pair((store.id,), now)

    def consent_of(self, shop_id: str) -> Consent:
        """Raises KeyError for a shop that is not Shopee's."""
        return self._consents[shop_id]

    def consents(self) -> list[Consent]:
        """Those in force, in the order the shops were made."""
        return [one for one in self._consents.values() if not one.is_revoked]

    # --- codes --------------------------------------------------------------------------------------------

    def mint_code(self, shop_id: str, now: int) -> str:
        """The code of a consent given with a shop's own login."""
        return self._code((self._consents[shop_id].store.id,), "", now)

    def agree(self, shop_ids: list[str], now: int) -> tuple[str, str]:
        """A code for these shops, and the main account that gave it: empty for a single shop's own login."""
        if len(shop_ids) == 1:
            return self.mint_code(shop_ids[0], now), ""
        account = str(between(self._seed, 10_000_000, 99_999_999, "main account", *sorted(shop_ids)))
        return self._code(tuple(shop_ids), account, now), account

    def _code(self, shop_ids: tuple[str, ...], main_account_id: str, now: int) -> str:
        code = self._mint("code")
        self._codes[code] = _Code(shop_ids, main_account_id, now + CODE_LIFETIME_S)
        return code

    def exchange(self, text: str, shop_id: str, main_account_id: str, now: int) -> list[Consent]:
        """Trade a code for the first pair of its shops. Raises ApiError; a code is spent by its first success."""
        code = self._codes.get(text)
        if code is None or now >= code.valid_until:
            raise ApiError(codes.BAD_CODE, "Invalid code")
        if code.main_account_id:
            if main_account_id != code.main_account_id:
                raise ApiError(codes.BAD_MAIN_ACCOUNT, "Invalid main_account_id")
        elif shop_id != code.shop_ids[0]:
            raise ApiError(codes.BAD_SHOP, "Invalid shop_id")
        del self._codes[text]
        for one in code.shop_ids:
            store = self._consents[one].store
            self._consents[one] = Consent(store, now, now + CONSENT_LIFETIME_S)
        self._pair(code.shop_ids, now)
        return [self._consents[one] for one in code.shop_ids]

    # --- tokens -------------------------------------------------------------------------------------------

    def refresh(self, token: str, shop_id: str, now: int) -> Consent:
        """Trade a refresh token for a shop's next pair. Raises ApiError, also for a token spent before."""
        known = self._refresh.get(token)
        if known is None:
            raise ApiError(codes.AUTH, "Invalid refresh_token.")
        consent = self._consents.get(shop_id)
        if consent is None or consent.is_revoked:
            raise ApiError(codes.NOT_LINKED, "The shop is not linked to this partner.")
        if now >= consent.ends_at:
            raise ApiError(codes.GRANT_OVER, "The authorization of the shop has expired.")
        if shop_id not in known.shop_ids:
            raise ApiError(codes.REFRESH_OF_ANOTHER, "The refresh_token does not belong to this shop.")
        if shop_id not in known.unspent:
            raise ApiError(codes.AUTH, "Invalid refresh_token.")
        if now >= known.expires_at:
            raise ApiError(codes.REFRESH_EXPIRED, "Your refresh_token expired.")
        known.unspent.discard(shop_id)
        old = self._access[consent.access]
        if old.shop_ids == {shop_id}:
            old.expires_at = min(old.expires_at, now + OLD_ACCESS_KEPT_S)
        self._pair((shop_id,), now)
        return consent

    def check(self, token: str, shop_id: str, now: int) -> Consent:
        """The consent a shop call stands on. Raises ApiError."""
        access = self._access.get(token)
        if access is None or now >= access.expires_at:
            raise ApiError(codes.TOKEN, "Invalid access_token, please have a check.")
        consent = self._consents.get(shop_id)
        if consent is None or shop_id not in access.shop_ids:
            raise ApiError(codes.AUTH, "Invalid partner_id or shopid.")
        if consent.is_revoked:
            raise ApiError(codes.NOT_LINKED, "The shop is not linked to this partner.")
        return consent

    def ends_of(self, shop_id: str) -> tuple[int, int]:
        """When the newest access token of a shop ends and when its refresh token does."""
        consent = self._consents[shop_id]
        return self._access[consent.access].expires_at, self._refresh[consent.refresh].expires_at

    def revoke(self, shop_id: str) -> None:
        """The seller of the shop takes the consent back."""
        self._consents[shop_id].is_revoked = True

    def expire_access(self, shop_id: str, now: int) -> None:
        """Let every access token of the shop end now."""
        for access in self._access.values():
            if shop_id in access.shop_ids:
                access.expires_at = min(access.expires_at, now)

    def pair(self, consent: Consent, now: int) -> dict[str, Any]:
        """The tokens as both token calls answer them."""
        return {
            "access_token": consent.access,
            "refresh_token": consent.refresh,
            "expire_in": self._access[consent.access].expires_at - now,
        }

    def _pair(self, shop_ids: tuple[str, ...], now: int) -> None:
        """A fresh pair shared by these shops."""
        access, refresh = self._mint("access"), self._mint("refresh")
        consents = [self._consents[one] for one in shop_ids]
        ends_at = min(one.ends_at for one in consents)
        access_s = min(ACCESS_LIFETIME_S, self._settings.access_token_s)
        refresh_s = min(REFRESH_LIFETIME_S, self._settings.refresh_token_s)
        shops = frozenset(shop_ids)
        self._access[access] = _Access(min(now + access_s, ends_at), shops)
        self._refresh[refresh] = _Refresh(min(now + refresh_s, ends_at), shops, set(shops))
        for consent in consents:
            consent.access, consent.refresh = access, refresh

    def _mint(self, kind: str) -> str:
        self._minted += 1
        text = f"{self._seed}/shopee {kind}/{self._minted}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

"""Sellers' consents: authorization codes, access tokens and refresh tokens, all ageing in world time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from ..settings import Settings
from ..world.model import Store
from .codes import BAD_AUTH_CODE, TOKEN_EXPIRED, TOKEN_INVALID, ApiError, bad

AUTH_CODE_LIFETIME_S = 30 * 60

#: Off until the marketplace has approved the app for it (sheet section 2.5).
CHAT_SCOPE = "seller.customer_service"
SCOPES = (
    "seller.authorization.info",
    "seller.order.info",
    "seller.product.basic",
    "seller.product.write",
    "seller.fulfillment.basic",
    "seller.fulfillment.package.split_combine",
    "seller.logistics",
    "seller.return_refund.basic",
    "seller.shop.info",
    "seller.finance.info",
    CHAT_SCOPE,
)


@dataclass(slots=True)
class Access:
    """One access token. Replacing it by a refresh does not shorten its life."""

    token: str
    expires_at: int
    grant: Grant
    generation: int


@dataclass(slots=True, eq=False)
class Grant:
    """What one seller allowed the app. `refresh` is the newest refresh token."""

    seller_id: str
    stores: list[Store]
    expires_at: int
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    refresh: str = ""
    previous_refresh: str = ""
    access: str = ""
    generation: int = 0
    newest_used: bool = True
    is_revoked: bool = False


class Grants:
    """All consents of the app.

    A refresh gives a new pair each time. The refresh token it replaced is accepted until the new pair was used
    once, so that a caller whose answer was lost can ask again; afterwards it is refused for good.
    """

    def __init__(self, seed: int, settings: Settings) -> None:
        self._seed = seed
        self._settings = settings
        self._grants: list[Grant] = []
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Grant] = {}
        self._codes: dict[str, tuple[Grant, int]] = {}
        self._minted = 0

    def consent(self, stores: list[Store], now: int) -> Grant:
        """A seller agrees that the app works on these shops."""
        grant = Grant(
            seller_id=f"7010736057{int(stores[0].id) % 10**9:09d}",
            stores=stores,
            expires_at=now + self._settings.refresh_token_s,
        )
        self._grants.append(grant)
        self._renew(grant, now)
        return grant

    def consent_of(self, shop_id: str) -> Grant:
        """The consent that covers a shop. Raises KeyError when there is none."""
        for grant in self._grants:
            if any(store.id == shop_id for store in grant.stores):
                return grant
        raise KeyError(shop_id)

    def mint_code(self, shop_id: str, now: int) -> str:
        """A fresh single-use authorization code, as the consent page would hand out; it renews the consent."""
        grant = self.consent_of(shop_id)
        grant.is_revoked = False
        grant.scopes = set(SCOPES)
        grant.expires_at = now + self._settings.refresh_token_s
        code = self._mint("code", grant)
        self._codes[code] = (grant, now + AUTH_CODE_LIFETIME_S)
        return code

    def agree(self, stores: list[Store], now: int) -> str:
        """A code for these shops: of the consent there is for one shop, of a further consent for several together."""
        if len(stores) == 1:
            return self.mint_code(stores[0].id, now)
        grant = self.consent(stores, now)
        code = self._mint("code", grant)
        self._codes[code] = (grant, now + AUTH_CODE_LIFETIME_S)
        return code

    def exchange(self, code: str, now: int) -> Grant:
        """Trade a code for a first pair. Raises 36004004 for a used, late or unknown one."""
        grant, valid_until = self._codes.pop(code, (None, 0))
        if grant is None or now >= valid_until:
            raise ApiError(BAD_AUTH_CODE, "auth_code is invalid, expired or already used")
        self._renew(grant, now)
        return grant

    def refresh(self, token: str, now: int) -> Grant:
        """Trade a refresh token for a new pair. Raises 36004004 for an unknown, replaced or revoked one."""
        grant = self._refresh.get(token)
        replaced = grant is not None and token != grant.refresh
        repeatable = grant is not None and token == grant.previous_refresh and not grant.newest_used
        if grant is None or grant.is_revoked or (replaced and not repeatable):
            raise ApiError(BAD_AUTH_CODE, "refresh_token is invalid, the seller has to authorize again")
        if now >= grant.expires_at:
            raise ApiError(TOKEN_EXPIRED, "refresh_token is expired, the seller has to authorize again")
        grant.previous_refresh = token
        self._renew(grant, now, keep_previous=True)
        return grant

    def check(self, token: str, now: int) -> Grant:
        """The consent behind an access token. Raises 36009004, 105001 or 105002."""
        if not token or not token.isascii() or "_" not in token:
            raise bad("x-tts-access-token")
        access = self._access.get(token)
        if access is None or access.grant.is_revoked:
            raise ApiError(TOKEN_INVALID, "access token is invalid")
        if now >= access.expires_at:
            raise ApiError(TOKEN_EXPIRED, "access token is expired")
        if access.generation == access.grant.generation:
            access.grant.newest_used = True
        return access.grant

    def ends_of(self, shop_id: str) -> tuple[int, int]:
        """When the newest access token of a shop ends and when its refresh token does."""
        grant = self.consent_of(shop_id)
        return self._access[grant.access].expires_at, grant.expires_at

    def revoke(self, shop_id: str) -> None:
        """The seller takes the consent that covers the shop back."""
        self.consent_of(shop_id).is_revoked = True

    def expire_access(self, shop_id: str, now: int) -> None:
        """Let every access token of the consent that covers the shop end now."""
        grant = self.consent_of(shop_id)
        for access in self._access.values():
            if access.grant is grant:
                access.expires_at = min(access.expires_at, now)

    def answer(self, grant: Grant) -> dict[str, Any]:
        """`data` of both token calls; the `_in` fields are absolute epoch seconds."""
        first = grant.stores[0]
        return {
            "access_token": grant.access,
            "access_token_expire_in": self._access[grant.access].expires_at,
            "refresh_token": grant.refresh,
            "refresh_token_expire_in": grant.expires_at,
            "open_id": grant.seller_id,
            "seller_name": first.name,
            "seller_base_region": first.region,
            "user_type": 0,
            "granted_scopes": sorted(grant.scopes),
        }

    def _renew(self, grant: Grant, now: int, *, keep_previous: bool = False) -> None:
        if not keep_previous:
            grant.previous_refresh = ""
        grant.generation += 1
        grant.newest_used = False
        grant.access = self._mint("access", grant)
        grant.refresh = self._mint("refresh", grant)
        self._refresh[grant.refresh] = grant
        expires_at = min(now + self._settings.access_token_s, grant.expires_at)
        self._access[grant.access] = Access(grant.access, expires_at, grant, grant.generation)

    def _mint(self, kind: str, grant: Grant) -> str:
        self._minted += 1
        text = f"{self._seed}/{kind}/{grant.seller_id}/{self._minted}"
        cluster = grant.stores[0].cipher.split("_", 1)[0]
        return f"{cluster}_{hashlib.blake2b(text.encode(), digest_size=24).hexdigest()}"

"""What a client needs to work on one simulated shop, and what a side asks of its marketplace's consents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ShopAccess:
    """A shop with everything a client needs to work on it. Expiries are epoch seconds in world time.

    `cipher` and `code` are "" where the marketplace has no such thing.
    """

    id: str
    cipher: str
    region: str
    name: str
    code: str
    access_token: str
    refresh_token: str
    access_token_expires_at: int
    refresh_token_expires_at: int


@dataclass(frozen=True, slots=True)
class ChatAccess:
    """A second app that some marketplaces want for conversations, and the shops whose sellers agreed to it."""

    app_key: str
    app_secret: str
    shops: tuple[ShopAccess, ...]


class Consent(Protocol):
    """What one seller allowed the app, with the newest pair of tokens."""

    access: str
    refresh: str
    scopes: set[str]
    """The parts of the API that the app may use for this seller."""


class Consents(Protocol):
    """All consents of the app. Every method raises KeyError for a shop that is not this marketplace's."""

    def consent_of(self, shop_id: str) -> Consent:
        """The newest consent that covers a shop."""

    def ends_of(self, shop_id: str) -> tuple[int, int]:
        """When the newest access token of a shop ends and when its refresh token does, epoch seconds."""

    def revoke(self, shop_id: str) -> None:
        """The seller takes the consent back: every token of the shop is dead."""

    def expire_access(self, shop_id: str, now: int) -> None:
        """The shop's access tokens expire now; its refresh token lives on."""

    def mint_code(self, shop_id: str, now: int) -> str:
        """The code a seller's consent would bring back to the app."""

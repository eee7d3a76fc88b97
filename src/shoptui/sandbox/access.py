"""What a client needs to work on one simulated shop."""

from __future__ import annotations

from dataclasses import dataclass


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

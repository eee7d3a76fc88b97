"""Verifying request signatures: HMAC-SHA256 over partner, path, time and, on shop calls, token and shop (section 3)."""

from __future__ import annotations

import hashlib
import hmac


def sign(
    partner_key: str, partner_id: str, path: str, timestamp: str, access_token: str = "", object_id: str = ""
) -> str:
    """Lowercase hex signature of a call; neither body nor other parameters count.

    `object_id` is the shop, merchant or principal; with the token it is empty on public calls.
    """
    base = f"{partner_id}{path}{timestamp}{access_token}{object_id}"
    return hmac.new(partner_key.encode(), base.encode(), hashlib.sha256).hexdigest()


def same(given: str, wanted: str) -> bool:
    """Compare two signatures without telling by the time taken where they differ."""
    return hmac.compare_digest(given.encode(), wanted.encode())

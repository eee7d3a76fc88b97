"""Verifying request signatures: HMAC-SHA256 over path, decoded query and raw body (sheet section 3)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

_UNSIGNED = frozenset({"sign", "access_token"})


def sign(secret: str, path: str, query: Iterable[tuple[str, str]], body: bytes = b"", content_type: str = "") -> str:
    """Lowercase hex signature of a request; `query` holds decoded pairs, repeated names in their order."""
    pairs = sorted((pair for pair in query if pair[0] not in _UNSIGNED), key=lambda pair: pair[0])
    text = path + "".join(name + value for name, value in pairs)
    is_multipart = content_type.split(";", 1)[0].strip().lower() == "multipart/form-data"
    signed_body = b"" if is_multipart else body
    key = secret.encode()
    return hmac.new(key, key + text.encode() + signed_body + key, hashlib.sha256).hexdigest()


def is_signed(
    secret: str,
    path: str,
    query: list[tuple[str, str]],
    body: bytes,
    content_type: str,
    *,
    is_get: bool,
) -> bool:
    """Whether the `sign` parameter fits. A GET body never counts; `{}` may be signed literally or as empty."""
    given = next((value for name, value in query if name == "sign"), "").encode()
    counted = b"" if is_get else body
    candidates = [counted]
    if counted.strip() == b"{}":
        candidates.append(b"")
    return any(
        hmac.compare_digest(given, sign(secret, path, query, candidate, content_type).encode())
        for candidate in candidates
    )

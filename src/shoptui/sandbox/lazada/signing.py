"""Verifying request signatures: HMAC-SHA256 over the path and all parameters in byte order of names (section 4)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping


def base_string(path: str, parameters: Mapping[str, str], *, skip_empty: bool = False) -> str:
    """What is signed: the path without `/rest`, then each name with its decoded value, without anything between."""
    names = sorted(name for name in parameters if name != "sign" and not (skip_empty and parameters[name] == ""))
    return path + "".join(f"{name}{parameters[name]}" for name in names)


def sign(app_secret: str, path: str, parameters: Mapping[str, str], *, skip_empty: bool = False) -> str:
    """The upper-case hex signature of a call; a `sign` among the parameters does not count."""
    base = base_string(path, parameters, skip_empty=skip_empty)
    return hmac.new(app_secret.encode(), base.encode(), hashlib.sha256).hexdigest().upper()


def is_signed(given: str, app_secret: str, path: str, parameters: Mapping[str, str]) -> bool:
    """Whether the signature fits; clients disagree on empty parameters, so both ways pass (section 4, rule 4)."""
    wanted = [sign(app_secret, path, parameters, skip_empty=skip) for skip in (False, True)]
    return any(hmac.compare_digest(given.encode(), one.encode()) for one in wanted)

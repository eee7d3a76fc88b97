"""Lazada's request signature, and what a seller brings back from the consent page."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Generator, Iterable, Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl

import httpx

from shoptui.adapters.base import AppCredentials
from shoptui.adapters.consent import CodeWrong, Pasted, checked_code, is_address, no_code_there, sent_back
from shoptui.adapters.query import params_of, with_params
from shoptui.clock import Clock

FORM = "application/x-www-form-urlencoded"
FORM_HEADERS: Mapping[str, str] = MappingProxyType({"content-type": FORM})

_COMMON = frozenset({"app_key", "timestamp", "sign_method", "sign", "access_token"})

#: Codes carry the key of the app they are for: `0_<app key>_<random>` (sheet, section 2.1).
_CODE_OF_APP = re.compile(r"[0-9]+_([0-9]+)_.+")


def sign(app_secret: str, path: str, params: Iterable[tuple[str, str]]) -> str:
    """The `sign` parameter: upper-case hex HMAC-SHA256 of path and parameters (sheet, section 4).

    `path` begins after `/rest`. `params` are decoded names and values of query and body alike, without files.
    """
    message = path + "".join(name + value for name, value in sorted(params) if name != "sign")
    return hmac.new(app_secret.encode(), message.encode(), hashlib.sha256).hexdigest().upper()


class Signature(httpx.Auth):
    """Signs a request at the moment it leaves: app key, time and token go into the query, whatever the method.

    `form` are the fields of its body; None leaves it to the body to tell, which takes long for large ones.
    """

    requires_request_body = True

    def __init__(
        self,
        app: AppCredentials,
        clock: Clock,
        path: str,
        access_token: str = "",
        form: Mapping[str, str] | None = None,
    ) -> None:
        self._app = app
        self._clock = clock
        self._path = path
        self._access_token = access_token
        self._form = form

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        # Milliseconds.
        at_ms = int(self._clock.wire_now() * 1000)
        own = {"app_key": self._app.app_key, "timestamp": str(at_ms), "sign_method": "sha256"}
        if self._access_token:
            own["access_token"] = self._access_token
        signed = {**params_of(request.url, without=_COMMON), **own}
        if self._form is not None:
            signed.update(self._form)
        elif request.headers.get("content-type", "").startswith(FORM):
            signed.update(parse_qsl(request.content.decode(), keep_blank_values=True))
        own["sign"] = sign(self._app.app_secret, self._path, signed.items())
        request.url = with_params(request.url, own, instead_of=_COMMON)
        yield request


def pasted_code(text: str, app_key: str) -> Pasted:
    """The authorisation code in what was pasted: itself, or the address (or its query) the seller was sent back to.

    Raises CodeWrong: the seller refused, there is no code in it, or it is for another app.
    """
    text = text.strip()
    if not is_address(text):
        return Pasted(_checked(text, app_key))
    query = sent_back(text)
    code = query.get("code") or ""
    if code in {"", "null"}:
        raise no_code_there()
    return Pasted(_checked(code, app_key), query.get("state"))


def _checked(code: str, app_key: str) -> str:
    named = _CODE_OF_APP.fullmatch(checked_code(code))
    if named is not None and named[1] != app_key:
        raise CodeWrong(
            "other_app",
            f"That code is for another app (its key begins with {named[1][:6]}). Open the link shown here and paste "
            "what it brings.",
        )
    return code

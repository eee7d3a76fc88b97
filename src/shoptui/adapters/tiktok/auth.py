"""TikTok Shop's request signature, and what a seller brings back from the consent page."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Generator, Iterable

import httpx

from shoptui.adapters.base import AppCredentials
from shoptui.adapters.consent import CodeWrong, Pasted, checked_code, is_address, no_code_there, sent_back
from shoptui.adapters.query import params_of, with_params
from shoptui.clock import Clock
from shoptui.text import sanitise_cell

_UNSIGNED = frozenset({"sign", "access_token"})
_COMMON = _UNSIGNED | {"app_key", "timestamp"}

#: TikTok Shop's codes may be pasted with their special characters still written as %xx.
_CODE = re.compile(r"[A-Za-z0-9._~=+/%-]{8,512}")


def sign(
    app_secret: str, path: str, params: Iterable[tuple[str, str]], body: bytes = b"", content_type: str = ""
) -> str:
    """The `sign` parameter: lowercase hex HMAC-SHA256 (developer guide "Sign your API request").

    `params` are decoded names and values; `path` has neither host nor query; `body` is what goes over the wire, byte
    for byte. A multipart body is left out.
    """
    pairs = "".join(name + value for name, value in sorted(params) if name not in _UNSIGNED)
    message = (path + pairs).encode()
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        message += body
    secret = app_secret.encode()
    return hmac.new(secret, secret + message + secret, hashlib.sha256).hexdigest()


class Signature(httpx.Auth):
    """Signs a request at the moment it leaves: time, app key, signature, and the access token as a header."""

    requires_request_body = True

    def __init__(self, app: AppCredentials, access_token: str, clock: Clock) -> None:
        self._app = app
        self._access_token = access_token
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        own = {"app_key": self._app.app_key, "timestamp": str(int(self._clock.wire_now()))}
        params = {**params_of(request.url, without=_UNSIGNED), **own}
        own["sign"] = sign(
            self._app.app_secret,
            request.url.path,
            params.items(),
            request.content,
            request.headers.get("content-type", ""),
        )
        request.url = with_params(request.url, own, instead_of=_COMMON)
        request.headers["x-tts-access-token"] = self._access_token
        yield request


def pasted_code(text: str, app_key: str = "") -> Pasted:
    """The authorisation code in what was pasted: itself, or the address (or its query) the seller was sent back to.

    Raises CodeWrong: the seller refused, there is no code in it, or it names another app than `app_key` ("": not
    looked at).
    """
    text = text.strip()
    if not is_address(text):
        return Pasted(checked_code(text, _CODE))
    query = sent_back(text)
    if app_key and query.get("app_key", app_key) != app_key:
        raise CodeWrong(
            "other_app",
            f"That address is for another app (its key begins with {sanitise_cell(query['app_key'], limit=6)}). "
            "Open the link shown here and paste what it brings.",
        )
    code = query.get("code") or query.get("auth_code") or ""
    if code in {"", "null"}:
        raise no_code_there()
    return Pasted(checked_code(code, _CODE), query.get("state"))

"""Shopee's request signature, and what a seller brings back from the consent page."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Generator
from dataclasses import dataclass

import httpx

from shoptui.adapters.base import AppCredentials
from shoptui.adapters.consent import CODE, CodeWrong, Pasted, is_address, no_code_there, sent_back
from shoptui.adapters.query import with_params
from shoptui.clock import Clock

_COMMON = frozenset({"partner_id", "timestamp", "sign", "access_token", "shop_id"})

_NUMBER = re.compile(r"[0-9]{1,20}")
#: Between the parts of a code that carries whose it is.
_JOINT = "?"


def sign(
    partner_key: str, partner_id: str, path: str, timestamp: int, access_token: str = "", owner_id: str = ""
) -> str:
    """The `sign` parameter: lowercase hex HMAC-SHA256 of the parts written one after the other (sheet, section 3).

    `path` begins with /api/v2 and has neither host nor query. `owner_id` is the shop's or merchant's id; it and the
    token are "" for public calls. The key is used as the console shows it, not as the bytes its hex digits name.
    """
    message = f"{partner_id}{path}{timestamp}{access_token}{owner_id}"
    return hmac.new(partner_key.encode(), message.encode(), hashlib.sha256).hexdigest()


class Signature(httpx.Auth):
    """Signs a request at the moment it leaves. Without token and shop it is signed as a public call."""

    def __init__(self, app: AppCredentials, clock: Clock, access_token: str = "", shop_id: str = "") -> None:
        self._app = app
        self._clock = clock
        self._access_token = access_token
        self._shop_id = shop_id

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        at = int(self._clock.wire_now())
        own = {"partner_id": self._app.app_key, "timestamp": str(at)}
        if self._access_token:
            own["access_token"], own["shop_id"] = self._access_token, self._shop_id
        path = request.url.path
        own["sign"] = sign(self._app.app_secret, self._app.app_key, path, at, self._access_token, self._shop_id)
        request.url = with_params(request.url, own, instead_of=_COMMON)
        yield request


@dataclass(frozen=True, slots=True)
class OwnedCode:
    """A code and whose it is: a shop's, or a main account's that stands for many shops (sheet, section 2.1)."""

    code: str
    owner: str
    owner_id: str

    def as_text(self) -> str:
        return f"{self.code}{_JOINT}{self.owner}={self.owner_id}"

    @classmethod
    def from_text(cls, text: str) -> OwnedCode:
        """Raises CodeWrong for a code without its owner."""
        code, _, rest = text.partition(_JOINT)
        owner, _, owner_id = rest.partition("=")
        if owner not in _OWNERS or not _NUMBER.fullmatch(owner_id):
            raise _no_owner()
        return cls(code, owner, owner_id)


_OWNERS = ("shop_id", "main_account_id")


def pasted_code(text: str) -> Pasted:
    """The code and its owner in the address (or its query) the seller was sent back to.

    Raises CodeWrong: the seller refused, there is no code in it, or it does not say whose the code is.
    """
    text = text.strip()
    if not text:
        raise CodeWrong("not_a_code", "There is no authorisation code: paste the whole address you were sent back to.")
    if not is_address(text):
        if CODE.fullmatch(text):
            raise _no_owner()
        raise CodeWrong(
            "not_a_code",
            "That is no address with an authorisation code: paste the whole address you were sent back to.",
        )
    query = sent_back(text)
    code = query.get("code") or ""
    if not CODE.fullmatch(code):
        raise no_code_there()
    for owner in _OWNERS:
        if _NUMBER.fullmatch(query.get(owner, "")):
            return Pasted(OwnedCode(code, owner, query[owner]).as_text(), query.get("state"))
    raise _no_owner()


def _no_owner() -> CodeWrong:
    return CodeWrong(
        "not_a_code",
        "Shopee wants to know whose the code is, so the code alone is not enough: paste the whole address you were "
        "sent back to, with code and shop_id or main_account_id.",
    )

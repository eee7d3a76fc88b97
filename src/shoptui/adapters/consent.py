"""How stores are authorised: the link a seller opens, what is pasted afterwards, and the shops that were opened up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from shoptui.adapters.base import AppCredentials, AuthError, TokenSet
from shoptui.adapters.http import DIRECT, StoreHttpOptions
from shoptui.text import sanitise_cell

#: What authorisation codes are made of; shorter or stranger text is something else that was in the clipboard.
CODE = re.compile(r"[A-Za-z0-9._~=+/-]{8,512}")


class CodeWrong(AuthError):
    """What was pasted gives no access; the message says why and what to do.

    `reason` is one of `not_a_code`, `seller_refused`, `other_app`, `code_refused`, `app_refused`.
    """

    def __init__(self, reason: str, message: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class Pasted:
    """A code, and the state of the link it came from; `state` is None where only the code was pasted."""

    code: str
    state: str | None = None


@dataclass(frozen=True, slots=True)
class OfferedShop:
    """A shop the seller's consent covers. `wire` is what calls for it need besides tokens (TikTok Shop's cipher)."""

    shop_id: str
    name: str
    region: str
    cross_border: bool = False
    wire: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Consent(Protocol):
    """A marketplace's way of authorising stores through one app."""

    def link(self, state: str) -> str:
        """The address the seller opens; `state` comes back with the code and proves that it belongs to this link."""

    def read_pasted(self, text: str) -> Pasted:
        """The code in what was pasted: itself, or the address the seller was sent back to. Raises CodeWrong."""

    async def exchange(self, code: str, *, options: StoreHttpOptions = DIRECT) -> TokenSet:
        """The tokens for a code, which works once.

        Raises CodeWrong when it is refused, or another AdapterError: after a Temporary one with effect `possible` the
        code may be spent.
        """

    async def shops(self, tokens: TokenSet, *, options: StoreHttpOptions = DIRECT) -> Sequence[OfferedShop]:
        """The shops the tokens cover. May be asked again."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a marketplace is: the hosts of its calls and of its tokens."""

    base_url: str
    auth_url: str


def consent_of(market: object) -> Consent | None:
    """How stores are authorised at this marketplace, None for one whose stores cannot be authorised from here."""
    found: Consent | None = getattr(market, "consent", None)
    return found


def with_query(address: str, wanted: Mapping[str, str], if_missing: Mapping[str, str] = MappingProxyType({})) -> str:
    """The address with `wanted` set, whatever it carried under their names, and the others where it lacks them."""
    parts = urlsplit(address)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in wanted]
    there = {name for name, _ in kept}
    more = {name: value for name, value in if_missing.items() if name not in there}
    query = urlencode([*kept, *wanted.items(), *more.items()], quote_via=quote)
    return urlunsplit(parts._replace(query=query))


def consent_link(app: AppCredentials, page: str, wanted: Mapping[str, str], *, key: str) -> str:
    """The link a seller opens at `page`, with the parameters `wanted`, of which `key` is the app's.

    The app's `consent_url` may be the whole link as the developer site shows it, or the address sellers are sent back
    to with which the app is registered; without one, they are sent back to the marketplace's own page.
    """
    back, given = app.auth_url, app.consent_url
    if given and {"redirect_uri", key} & {name for name, _ in parse_qsl(urlsplit(given).query)}:
        page = given
    elif given:
        back = given
    return with_query(page, wanted, {"redirect_uri": back})


def is_address(text: str) -> bool:
    """Whether what was pasted is an address or its query, and not a code alone."""
    return "=" in text or "://" in text


def sent_back(text: str) -> Mapping[str, str]:
    """The parameters of the address (or its query) a seller was sent back to. Raises CodeWrong: the seller refused."""
    pairs = parse_qs(urlsplit(text).query or text.partition("?")[2] or text)
    query = {name: values[0] for name, values in pairs.items()}
    if query.get("error"):
        said = sanitise_cell(query["error"], limit=60)
        raise CodeWrong(
            "seller_refused",
            f"The seller did not consent ({said}). Nothing was changed; open the link again if that was a slip.",
        )
    return query


def no_code_there() -> CodeWrong:
    """For an address that carries no code."""
    return CodeWrong(
        "not_a_code", "There is no authorisation code in that address: copy it whole, with all after the ?."
    )


def checked_code(code: str, made_of: re.Pattern[str] = CODE) -> str:
    """The code. Raises CodeWrong for what cannot be one."""
    if not code:
        raise CodeWrong("not_a_code", "There is no authorisation code: paste it, or the whole address with it.")
    if not made_of.fullmatch(code):
        raise CodeWrong(
            "not_a_code",
            "That is no authorisation code: codes are letters and digits without spaces. Paste the code, or the whole "
            "address the seller was sent back to.",
        )
    return code

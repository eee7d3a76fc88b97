"""How stores are authorised: the link a seller opens, what is pasted afterwards, and the shops that were opened up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from shoptui.adapters.base import AuthError, TokenSet
from shoptui.adapters.http import DIRECT, StoreHttpOptions


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

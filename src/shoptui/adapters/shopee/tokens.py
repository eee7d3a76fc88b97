"""How Shopee gives tokens: for an authorisation code, and for a refresh token (sheet, section 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from shoptui.adapters.base import AdapterError, AuthError, Rejected, TokenSet
from shoptui.adapters.calls import JSON, AppCalls, packed_json
from shoptui.adapters.consent import CodeWrong
from shoptui.adapters.http import DIRECT, Answer, StoreHttpOptions
from shoptui.adapters.shopee.auth import OwnedCode, Signature
from shoptui.adapters.shopee.errors import last_segment
from shoptui.adapters.shopee.wire import Tokens, as_number, read_flat
from shoptui.domain.stores import Store

T = TypeVar("T")

API = "/api/v2"

#: Refresh tokens live 30 days and work once (sheet, section 2.2); Shopee does not tell their end.
REFRESH_LIFETIME_S = 30 * 86400

# A larger `expire_in` is a moment, not a duration (sheet, section 2.2).
_MOMENT_FROM = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code was exchanged for, and the shops it covers."""

    tokens: TokenSet
    shop_ids: tuple[str, ...]


class TokenCalls:
    """The calls of the app itself, signed without token and shop."""

    #: Stores of one main account start with the same pair; the first renewal of each makes a pair of its own.
    shared = False

    def __init__(self, calls: AppCalls) -> None:
        self._calls = calls

    async def exchange(self, owned: OwnedCode, options: StoreHttpOptions = DIRECT) -> Granted:
        """The tokens for an authorisation code, which lives 10 minutes and works once. Raises CodeWrong."""
        body = {"code": owned.code, "partner_id": as_number(self._calls.app.app_key), owned.owner: int(owned.owner_id)}
        try:
            found = await self._ask("/auth/token/get", body, options)
        except AuthError as error:
            raise CodeWrong("code_refused", _why_no_tokens(), code=error.code, request_id=error.request_id) from None
        except Rejected as error:
            raise _app_or_code(error) from None
        listed = tuple(found.shop_id_list or ())
        own = (owned.owner_id,) if owned.owner == "shop_id" else ()
        return Granted(self._of(found), tuple(dict.fromkeys((*own, *listed))))

    async def refreshed(self, store: Store, tokens: TokenSet) -> TokenSet:
        """What a refresh token brings, which works once. Raises AdapterError."""
        body = {
            "refresh_token": tokens.refresh_token,
            "partner_id": as_number(self._calls.app.app_key),
            "shop_id": as_number(store.shop_id),
        }
        return self._of(await self._ask("/auth/access_token/get", body, self._calls.way_out(store)))

    async def public(
        self,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        options: StoreHttpOptions = DIRECT,
        write: bool = False,
    ) -> T:
        """A call without token and shop. Raises AdapterError."""
        app = self._calls.app
        call = self._calls.made(
            method,
            f"{app.base_url.rstrip('/')}{API}{path}",
            endpoint=path.lstrip("/"),
            feed="tokens",
            params=params or {},
            body=None if body is None else packed_json(body).encode(),
            headers=JSON,
            write=write,
        )
        return await self._calls.http.fetch(call, read, options=options, auth=Signature(app, self._calls.clock))

    async def _ask(self, path: str, body: Mapping[str, object], options: StoreHttpOptions) -> Tokens:
        # Both codes and refresh tokens are used up, so neither call is ever repeated by itself.
        return await self.public("POST", path, _read_tokens, body=body, options=options, write=True)

    def _of(self, found: Tokens) -> TokenSet:
        now = int(self._calls.clock.now())
        ends_at = found.expire_in if found.expire_in >= _MOMENT_FROM else now + found.expire_in
        return TokenSet(found.access_token, found.refresh_token, ends_at, now + REFRESH_LIFETIME_S)


def _read_tokens(answer: Answer) -> Tokens:
    return read_flat(answer, Tokens)


def _why_no_tokens() -> str:
    return (
        "Shopee does not accept this code: it is older than 10 minutes, was used before, or is for another app or "
        "shop. Open the link again and paste the address it brings."
    )


def _app_or_code(error: AdapterError) -> CodeWrong:
    if last_segment(error.code) in {"error_sign", "invalid_partner_id"}:
        words = "Shopee does not accept the partner id or key. Set the app up again with the right ones."
        return CodeWrong("app_refused", words, code=error.code, request_id=error.request_id)
    return CodeWrong("code_refused", error.message, code=error.code, request_id=error.request_id)

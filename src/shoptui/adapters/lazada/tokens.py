"""How Lazada gives tokens: for an authorisation code, and for a refresh token (sheet, section 2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from shoptui.adapters.base import AdapterError, AuthError, Rejected, TokenSet
from shoptui.adapters.calls import AppCalls
from shoptui.adapters.consent import CodeWrong
from shoptui.adapters.http import DIRECT, Answer, StoreHttpOptions
from shoptui.adapters.lazada.auth import FORM_HEADERS, Signature
from shoptui.adapters.lazada.wire import Tokens, read_flat
from shoptui.domain.stores import Store

_APP_FAULTS = frozenset({"IncompleteSignature", "InvalidAppKey"})


class TokenCalls:
    """The token host's calls, signed without a token, for one app."""

    #: A cross-border seller's consent covers several stores, which then hold the same refresh token.
    shared = True

    def __init__(self, calls: AppCalls) -> None:
        self._calls = calls

    async def exchange(self, code: str, options: StoreHttpOptions = DIRECT) -> tuple[TokenSet, Tokens]:
        """The tokens for a code, which lives 30 minutes and works once, and their answer. Raises CodeWrong."""
        try:
            found = await self._ask("create", {"code": code}, options)
        except (AuthError, Rejected) as error:
            raise _why_no_tokens(error) from None
        return self._of(found, ""), found

    async def refreshed(self, store: Store, tokens: TokenSet) -> TokenSet:
        """What a refresh token brings; it may stay the same. Raises AdapterError."""
        found = await self._ask("refresh", {"refresh_token": tokens.refresh_token}, self._calls.way_out(store))
        return self._of(found, tokens.refresh_token)

    def _of(self, found: Tokens, held_refresh_token: str) -> TokenSet:
        now = int(self._calls.clock.now())
        return TokenSet(
            found.access_token,
            found.refresh_token or held_refresh_token,
            now + found.expires_in,
            # None or 0: it cannot be renewed, and the consent ends with the access token (sheet, section 2.3).
            now + (found.refresh_expires_in or found.expires_in),
        )

    async def _ask(self, what: str, fields: Mapping[str, str], options: StoreHttpOptions) -> Tokens:
        app, path = self._calls.app, f"/auth/token/{what}"
        call = self._calls.made(
            "POST",
            f"{app.auth_url.rstrip('/')}/rest{path}",
            endpoint=f"token.{what}",
            feed="tokens",
            body=urlencode(fields, quote_via=quote).encode(),
            headers=FORM_HEADERS,
            # Codes and refresh tokens are used up, so neither call is ever repeated by itself.
            write=True,
        )
        signature = Signature(app, self._calls.clock, path)
        return await self._calls.http.fetch(call, _read_tokens, options=options, auth=signature)


def _read_tokens(answer: Answer) -> Tokens:
    return read_flat(answer, Tokens)


def _why_no_tokens(error: AdapterError) -> CodeWrong:
    if error.code in _APP_FAULTS:
        words = "Lazada does not accept the app key or secret. Set the app up again with the right ones."
        return CodeWrong("app_refused", words, code=error.code, request_id=error.request_id)
    words = (
        "Lazada does not accept this code: it is older than 30 minutes, was used before, or is for another app. Open "
        "the link again and paste what it brings."
    )
    if error.code != "InvalidCode":
        words = error.message
    return CodeWrong("code_refused", words, code=error.code, request_id=error.request_id)

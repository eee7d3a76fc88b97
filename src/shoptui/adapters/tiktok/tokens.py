"""How TikTok Shop gives tokens: for an authorisation code, and for a refresh token (sheet, section 2.2)."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.adapters.base import AdapterError, AuthError, Malformed, RateLimited, Temporary, TokenSet
from shoptui.adapters.calls import AppCalls
from shoptui.adapters.consent import CodeWrong
from shoptui.adapters.http import DIRECT, Answer, StoreHttpOptions
from shoptui.adapters.tiktok.errors import SIGNED_OUT_AT_TOKEN_HOST
from shoptui.adapters.tiktok.wire import TokenAnswer, read_envelope
from shoptui.domain.stores import Store

#: TikTok Shop's codes for an authorisation code, app key or secret that it does not accept (sheet, section 2.2).
_CODE_REFUSED = "36004004"
_VALUE_REFUSED = "36009004"


class TokenCalls:
    """The token host's calls, unsigned, for one app."""

    #: One seller's consent may cover several stores, which then hold the same refresh token.
    shared = True

    def __init__(self, calls: AppCalls) -> None:
        self._calls = calls

    async def exchange(self, code: str, options: StoreHttpOptions = DIRECT) -> TokenSet:
        """The tokens for an authorisation code, which lives 30 minutes and works once. Raises CodeWrong."""
        try:
            return await self._ask("get", {"auth_code": code, "grant_type": "authorized_code"}, options)
        except AuthError as error:
            reason, sentence = _why_no_tokens(error)
            raise CodeWrong(reason, sentence, code=error.code, request_id=error.request_id) from None

    async def refreshed(self, store: Store, tokens: TokenSet) -> TokenSet:
        """What a refresh token brings. Raises AuthError when it is refused, or another AdapterError."""
        params = {"refresh_token": tokens.refresh_token, "grant_type": "refresh_token"}
        return await self._ask("refresh", params, self._calls.way_out(store))

    async def _ask(self, what: str, params: Mapping[str, str], options: StoreHttpOptions) -> TokenSet:
        app = self._calls.app
        call = self._calls.made(
            "GET",
            f"{app.auth_url.rstrip('/')}/api/v2/token/{what}",
            endpoint=f"token.{what}",
            feed="tokens",
            params={"app_key": app.app_key, "app_secret": app.app_secret, **params},
            # A GET that changes what it answers about: both codes and refresh tokens are used up.
            write=True,
        )
        return await self._calls.http.fetch(call, _read_tokens, options=options)


def _read_tokens(answer: Answer) -> TokenSet:
    try:
        data = read_envelope(answer, TokenAnswer).data
    except (Temporary, RateLimited, Malformed):
        raise
    except AdapterError as error:
        raise AuthError(
            f"{SIGNED_OUT_AT_TOKEN_HOST} {error.message}", code=error.code, request_id=error.request_id
        ) from None
    if data is None:
        raise Malformed(f"{answer.call.host} granted tokens but sent none", effect=answer.call.lost)
    return TokenSet(data.access_token, data.refresh_token, data.access_token_expire_in, data.refresh_token_expire_in)


def _why_no_tokens(error: AuthError) -> tuple[str, str]:
    """Why an exchange was refused: reason id and sentence."""
    theirs = error.message.lower()
    if error.code == _VALUE_REFUSED and "app_secret" in theirs:
        return "app_refused", "TikTok Shop does not accept the app secret. Set the app up again with the right one."
    if error.code == _VALUE_REFUSED and "app_key" in theirs:
        return "app_refused", "TikTok Shop does not know this app key. Set the app up again with the right one."
    if error.code in {_CODE_REFUSED, _VALUE_REFUSED}:
        return (
            "code_refused",
            "TikTok Shop does not accept this code: it is older than 30 minutes, was used before, or is for another "
            "app. Open the link again and paste what it brings.",
        )
    return "code_refused", error.message

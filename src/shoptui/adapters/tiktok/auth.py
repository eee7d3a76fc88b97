"""TikTok Shop's request signature and a store's tokens: renewed in one flight, saved before they are used."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Generator, Iterable, Mapping
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import httpx

from shoptui.adapters.base import (
    AdapterError,
    AppCredentials,
    AuthError,
    Malformed,
    RateLimited,
    Temporary,
    TokenSet,
    TokenVault,
)
from shoptui.adapters.consent import CodeWrong, Pasted
from shoptui.adapters.http import DIRECT, Answer, Call, HttpClients, StoreHttpOptions
from shoptui.adapters.tiktok.errors import SIGNED_OUT_AT_TOKEN_HOST
from shoptui.adapters.tiktok.wire import TokenAnswer, read_envelope
from shoptui.clock import Clock
from shoptui.text import sanitise_cell

#: Tokens live 7 days by default; this much before their end they are renewed.
RENEW_BEFORE_END_S = 1800
#: After a renewal that got no answer the old token is used this long before the next try.
RENEW_AGAIN_AFTER_S = 30

_UNSIGNED = frozenset({"sign", "access_token"})

#: What authorisation codes are made of; shorter or stranger text is something else that was in the clipboard.
_CODE = re.compile(r"[A-Za-z0-9._~=+/%-]{8,512}")
#: TikTok Shop's codes for an authorisation code, app key or secret that it does not accept (sheet, section 2.2).
_CODE_REFUSED = "36004004"
_VALUE_REFUSED = "36009004"


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
        query = request.url.query.decode("ascii")
        params = {name: value for name, value in parse_qsl(query, keep_blank_values=True) if name not in _UNSIGNED}
        params["app_key"] = self._app.app_key
        params["timestamp"] = str(int(self._clock.wire_now()))
        params["sign"] = sign(
            self._app.app_secret,
            request.url.path,
            params.items(),
            request.content,
            request.headers.get("content-type", ""),
        )
        encoded = urlencode(params, quote_via=quote, safe="")
        request.url = request.url.copy_with(query=encoded.encode("ascii"))
        request.headers["x-tts-access-token"] = self._access_token
        yield request


class TokenKeeper:
    """Gives out valid access tokens.

    One seller's consent may cover several stores: they then hold the same refresh token, and a renewal, which replaces
    it, is made once and saved for all of them.
    """

    def __init__(
        self,
        app: AppCredentials,
        vault: TokenVault,
        clock: Clock,
        http: HttpClients,
        stores_http: Mapping[str, StoreHttpOptions],
    ) -> None:
        self._app = app
        self._vault = vault
        self._clock = clock
        self._http = http
        self._stores_http = stores_http
        self._seen: set[str] = set()
        # Keyed by refresh token: what may be used once is what must be guarded.
        self._locks: dict[str, asyncio.Lock] = {}
        self._unsaved: dict[str, TokenSet] = {}
        self._refused: dict[str, str] = {}
        self._try_again_at: dict[str, float] = {}

    async def valid(self, store_id: str) -> TokenSet:
        """Tokens that last longer than the margin, or the old ones while they last and a renewal got no answer.

        Raises AuthError when the store must be authorised again.
        """
        tokens = self._load(store_id)
        now = self._clock.now()
        if tokens.access_expires_at - now > RENEW_BEFORE_END_S:
            return tokens
        lasts = tokens.access_expires_at > now
        if lasts and self._try_again_at.get(tokens.refresh_token, 0.0) > now:
            return tokens
        try:
            return await self.renew(store_id, tokens.access_token)
        except (Temporary, RateLimited, Malformed):
            if not lasts:
                raise
            self._try_again_at[tokens.refresh_token] = now + RENEW_AGAIN_AFTER_S
            return tokens

    async def renew(self, store_id: str, stale_access_token: str | None = None) -> TokenSet:
        """Renew now, unless somebody did since `stale_access_token` was read (None: what the vault holds now).

        Several callers at once make one request and all get its tokens. Raises AuthError when the refresh is refused.
        """
        tokens = self._load(store_id)
        stale = tokens.access_token if stale_access_token is None else stale_access_token
        if tokens.access_token != stale:
            return tokens
        refresh_token = tokens.refresh_token
        async with self._locks.setdefault(refresh_token, asyncio.Lock()):
            tokens = self._load(store_id)
            if tokens.access_token != stale:
                return tokens
            fresh = self._unsaved.get(refresh_token) or await self._refresh(store_id, tokens)
            # Kept until every save has succeeded: the old refresh token may be worthless from here on.
            self._unsaved[refresh_token] = fresh
            for sharer in sorted(self._seen):
                held = self._vault.load(sharer)
                if held is not None and held.refresh_token == refresh_token:
                    await self._vault.save(sharer, fresh)
            for remembered in (self._unsaved, self._locks, self._try_again_at):
                remembered.pop(refresh_token, None)
        return fresh

    async def exchange(self, code: str, options: StoreHttpOptions = DIRECT) -> TokenSet:
        """The tokens for an authorisation code, which lives 30 minutes and works once. Raises CodeWrong."""
        try:
            return await self._token_call("get", {"auth_code": code, "grant_type": "authorized_code"}, options)
        except AuthError as error:
            reason, sentence = _why_no_tokens(error)
            raise CodeWrong(reason, sentence, code=error.code, request_id=error.request_id) from None

    def _load(self, store_id: str) -> TokenSet:
        tokens = self._vault.load(store_id)
        if tokens is None:
            raise AuthError(f"{store_id} has no tokens: authorise it")
        self._seen.add(store_id)
        return tokens

    async def _refresh(self, store_id: str, tokens: TokenSet) -> TokenSet:
        refused = self._refused.get(tokens.refresh_token)
        if refused is not None:
            raise AuthError(refused)
        if tokens.refresh_expires_at <= self._clock.now():
            raise AuthError(f"the seller's consent for {store_id} has ended: authorise the store again")
        params = {"refresh_token": tokens.refresh_token, "grant_type": "refresh_token"}
        try:
            return await self._token_call("refresh", params, self._stores_http.get(store_id, DIRECT))
        except AuthError as error:
            # Asking again with the same token cannot help and only spends calls.
            self._refused[tokens.refresh_token] = error.message
            raise

    async def _token_call(self, what: str, params: Mapping[str, str], options: StoreHttpOptions) -> TokenSet:
        call = Call(
            "GET",
            f"{self._app.auth_url.rstrip('/')}/api/v2/token/{what}",
            endpoint=f"token.{what}",
            app=self._app.app,
            marketplace=self._app.marketplace,
            feed="tokens",
            params={"app_key": self._app.app_key, "app_secret": self._app.app_secret, **params},
            # A GET that changes what it answers about: both codes and refresh tokens are used up.
            write=True,
        )
        return await self._http.fetch(call, _read_tokens, options=options)


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


def pasted_code(text: str, app_key: str = "") -> Pasted:
    """The authorisation code in what was pasted: itself, or the address (or its query) the seller was sent back to.

    Raises CodeWrong: the seller refused, there is no code in it, or it names another app than `app_key` ("": not
    looked at).
    """
    text = text.strip()
    if "=" not in text and "://" not in text:
        return Pasted(_checked(text))
    pairs = parse_qs(urlsplit(text).query or text.partition("?")[2] or text)
    query = {name: values[0] for name, values in pairs.items()}
    if query.get("error"):
        said = sanitise_cell(query["error"], limit=60)
        raise CodeWrong(
            "seller_refused",
            f"The seller did not consent ({said}). Nothing was changed; open the link again if that was a slip.",
        )
    if app_key and query.get("app_key", app_key) != app_key:
        raise CodeWrong(
            "other_app",
            f"That address is for another app (its key begins with {sanitise_cell(query['app_key'], limit=6)}). "
            "Open the link shown here and paste what it brings.",
        )
    code = query.get("code") or query.get("auth_code") or ""
    if code in {"", "null"}:
        raise CodeWrong(
            "not_a_code", "There is no authorisation code in that address: copy it whole, with all after the ?."
        )
    return Pasted(_checked(code), query.get("state"))


def _checked(code: str) -> str:
    if not code:
        raise CodeWrong("not_a_code", "There is no authorisation code: paste it, or the whole address with it.")
    if not _CODE.fullmatch(code):
        raise CodeWrong(
            "not_a_code",
            "That is no authorisation code: codes are letters and digits without spaces. Paste the code, or the whole "
            "address the seller was sent back to.",
        )
    return code

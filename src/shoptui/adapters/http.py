"""The HTTP client of all adapters: time-outs, retries of reads, sizes, and what a failure means for a write."""

from __future__ import annotations

import asyncio
import math
import ssl
import sys
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from importlib.util import find_spec
from types import MappingProxyType, ModuleType
from typing import TypeVar, cast
from urllib.parse import urlsplit

import httpx
import stamina

from shoptui import __version__
from shoptui.adapters import connections
from shoptui.adapters.base import AdapterError, Effect, Malformed, RateLimited, Rejected, Temporary
from shoptui.adapters.limits import CallBudget, RateKey, RateLimits
from shoptui.adapters.query import encoded, with_query
from shoptui.clock import Clock
from shoptui.domain.intents import Cause, CauseId

T = TypeVar("T")

if find_spec("sniffio") is None:
    # httpcore tries to import it several times a call, and an import that fails searches the whole path each time: a
    # third of a call's processor time. None says at once that it is not there.
    sys.modules.setdefault("sniffio", cast(ModuleType, None))

#: No time at all would be read as no limit.
_SOON_S = 0.001
#: A pause longer than this is a mistake or a block; the lane looks again after it.
_LONGEST_PAUSE_S = 86400.0

# Failures of httpx after which the marketplace cannot have seen the request.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

_WORDS: tuple[tuple[type[httpx.HTTPError], str], ...] = (
    (httpx.ConnectTimeout, "did not accept a connection in time"),
    (httpx.PoolTimeout, "was not called: all our connections are busy"),
    (httpx.ProxyError, "cannot be reached: the proxy refused"),
    (httpx.ConnectError, "cannot be reached"),
    (httpx.UnsupportedProtocol, "was not called: its address must start with http:// or https://"),
    (httpx.ReadTimeout, "did not answer in time"),
    (httpx.WriteTimeout, "did not take the request in time"),
    (httpx.RemoteProtocolError, "broke off its answer"),
    (httpx.ReadError, "dropped the connection while answering"),
    (httpx.WriteError, "dropped the connection while being asked"),
    (httpx.DecodingError, "sent an answer that cannot be unpacked"),
)


@dataclass(frozen=True, slots=True)
class StoreHttpOptions:
    """How one store's calls leave. Without a proxy they go out directly; the environment's proxy is never used.

    `proxy` is an http:// or https:// address, with `user:password@` if it wants one. `user_agent` "" means ours.
    Raises ValueError for an address that is none.
    """

    proxy: str | None = None
    user_agent: str = ""

    def __post_init__(self) -> None:
        if self.proxy is None:
            return
        parts = urlsplit(self.proxy)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("a store's proxy must be written as http://host:port, with user:password@ if it wants one")

    def __repr__(self) -> str:
        return f"StoreHttpOptions(proxy={'set' if self.proxy else None}, user_agent={self.user_agent!r})"


DIRECT = StoreHttpOptions()


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Limits of the client.

    `calls_per_s` and `burst` hold per app, shop and endpoint; together they stay below the 50 calls in a second that
    TikTok Shop documents, the lowest of the three marketplaces. `app_calls_per_s` holds for all calls of an app; None
    where no limit of that kind is known. `patience_s` is the longest pause waited out inside a
    call; a longer one goes to the caller as RateLimited. `total_timeout_s` bounds one attempt, slow bodies included.
    """

    calls_per_s: float = 40.0
    burst: int = 8
    app_calls_per_s: float | None = None
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 20.0
    write_timeout_s: float = 10.0
    pool_timeout_s: float = 30.0
    total_timeout_s: float = 60.0
    max_body_bytes: int = 16 * 1024 * 1024
    max_connections: int = 64
    read_attempts: int = 4
    retry_wait_s: float = 0.5
    retry_wait_max_s: float = 8.0
    retry_total_s: float = 45.0
    patience_s: float = 8.0


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """One request before it is signed.

    `endpoint` names the operation for rate limits; `feed` what it is made for, for the call budget. `write` calls are
    never repeated here. `url` has no query, unless it is a signed link to be opened as it is; `params` are decoded
    values.
    """

    method: str
    url: str
    endpoint: str
    app: str
    marketplace: str
    feed: str
    shop_id: str = ""
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    write: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url

    @property
    def lost(self) -> Effect:
        """What may have happened when the request left and its answer is missing."""
        return Effect.POSSIBLE if self.write else Effect.NONE

    def __repr__(self) -> str:
        return f"Call({self.method} {self.endpoint}, app={self.app!r}, shop_id={self.shop_id!r}, feed={self.feed!r})"


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back. `retry_after_s` and `server_at` (epoch s, the server's own clock) are None when it did not say.

    `received_at` is our wire time when the headers were there.
    """

    call: Call
    status: int
    body: bytes
    received_at: float
    retry_after_s: float | None = None
    server_at: float | None = None

    def __repr__(self) -> str:
        return f"Answer({self.call!r}, status={self.status}, {len(self.body)} bytes)"


@cache
def _tls() -> ssl.SSLContext:
    """The one TLS set-up of all clients: reading the trusted certificates takes a fortieth of a second each time."""
    return httpx.create_ssl_context(trust_env=False)


class HttpClient:
    """Speaks HTTP for one shop, by its own way out (proxy, user agent).

    It hands requests to httpx's transport itself: what httpx's client does besides, such as cookies and redirects, is
    what must not happen here, and took a fifth of a call's processor time.
    """

    def __init__(
        self,
        options: StoreHttpOptions,
        settings: HttpSettings,
        clock: Clock,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        # A transport given from outside answers itself, without any proxy.
        self._transport = transport or connections.transport(
            proxy=options.proxy, verify=_tls(), max_connections=settings.max_connections
        )
        self._headers = {
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            "connection": "keep-alive",
            "user-agent": options.user_agent or f"shoptui/{__version__}",
        }
        timeout = httpx.Timeout(
            connect=settings.connect_timeout_s,
            read=settings.read_timeout_s,
            write=settings.write_timeout_s,
            pool=settings.pool_timeout_s,
        )
        self._extensions = {"timeout": timeout.as_dict()}

    async def send(self, call: Call, auth: httpx.Auth | None) -> Answer:
        """One attempt. Raises Temporary or Malformed, whose texts hold neither address parameters nor content."""
        failure: AdapterError
        try:
            async with asyncio.timeout(self._settings.total_timeout_s):
                return await self._exchange(call, auth)
        except TimeoutError:
            failure = Temporary(f"{call.host} was still answering when time was up", effect=call.lost)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = _failure(call, error)
        except _TooLarge:
            limit_mb = self._settings.max_body_bytes / 1e6
            failure = Malformed(f"{call.host} sent more than {limit_mb:.0f} MB", effect=call.lost)
        # Raised outside the handlers: the chained httpx error would carry the request with its tokens.
        raise failure

    async def close(self) -> None:
        await self._transport.aclose()

    async def _exchange(self, call: Call, auth: httpx.Auth | None) -> Answer:
        url = _parsed(call.url)
        if call.params:
            url = with_query(url, encoded(call.params))
        headers = {**self._headers, **call.headers}
        request = httpx.Request(call.method, url, headers=headers, content=call.body, extensions=self._extensions)
        if auth is not None:
            # A signature is made of the request alone and looks at no answer.
            request = next(auth.sync_auth_flow(request))
        response = await self._transport.handle_async_request(request)
        try:
            received_at = self._clock.wire_now()
            body = bytearray()
            async for chunk in _content_of(response):
                body += chunk
                if len(body) > self._settings.max_body_bytes:
                    raise _TooLarge
        finally:
            await response.aclose()
        server_at = _http_date(response.headers.get("date", ""))
        retry_after_s = _retry_after_s(response.headers.get("retry-after", ""), server_at or received_at)
        return Answer(call, response.status_code, bytes(body), received_at, retry_after_s, server_at)


class HttpClients:
    """All clients of one adapter, and what they share: rate limits, pauses and the call budget."""

    def __init__(
        self,
        clock: Clock,
        budget: CallBudget,
        settings: HttpSettings | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.settings = settings or HttpSettings()
        self.budget = budget
        self._clock = clock
        self._transport = transport
        self._limits = RateLimits(
            clock,
            calls_per_s=self.settings.calls_per_s,
            burst=self.settings.burst,
            app_calls_per_s=self.settings.app_calls_per_s,
            sleep=sleep,
        )
        # A client per shop: what a pool of connections does at each call grows with those it has.
        self._clients: dict[tuple[str, StoreHttpOptions], HttpClient] = {}

    async def fetch(
        self,
        call: Call,
        read: Callable[[Answer], T],
        *,
        options: StoreHttpOptions = DIRECT,
        auth: httpx.Auth | None = None,
    ) -> T:
        """Make the call and return what `read` makes of the answer; `read` raises AdapterError for a refusal.

        Reads are repeated a bounded number of times while the failure may pass; writes never. Each attempt is signed
        afresh by `auth`, waits its turn and counts in the budget.
        """
        begun_at = asyncio.get_running_loop().time()
        try:
            return await self._attempt(call, read, options, auth)
        except AdapterError as error:
            if call.write or not self._may_pass(error):
                raise
            failed: AdapterError | None = error
        # Nearly all calls succeed at once; the others are repeated as if the first attempt had been made in here.
        left_s = self.settings.retry_total_s - (asyncio.get_running_loop().time() - begun_at)
        async for attempt in stamina.retry_context(
            on=self._may_pass,
            attempts=self.settings.read_attempts,
            timeout=max(left_s, _SOON_S),
            wait_initial=self.settings.retry_wait_s,
            wait_max=self.settings.retry_wait_max_s,
        ):
            with attempt:
                if failed is not None:
                    first, failed = failed, None
                    raise first
                return await self._attempt(call, read, options, auth)
        raise AssertionError("a retry loop ends by returning or raising")

    async def close(self) -> None:
        """Close all connections."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.close()

    async def _attempt(
        self, call: Call, read: Callable[[Answer], T], options: StoreHttpOptions, auth: httpx.Auth | None
    ) -> T:
        key = RateKey(call.app, call.shop_id, call.endpoint)
        await self._limits.turn(key, patience_s=self.settings.patience_s)
        self.budget.count(call.app, call.marketplace, call.feed)
        answer = await self._client(call.shop_id, options).send(call, auth)
        if answer.server_at is not None:
            self.budget.saw_clock(call.marketplace, answer.server_at, answer.received_at)
        try:
            return read(answer)
        except RateLimited as refusal:
            self.budget.refused(call.app, call.marketplace, call.feed)
            if refusal.retry_after_s:
                self._limits.pause(key, refusal.retry_after_s)
            raise

    def _client(self, shop_id: str, options: StoreHttpOptions) -> HttpClient:
        client = self._clients.get((shop_id, options))
        if client is None:
            client = HttpClient(options, self.settings, self._clock, transport=self._transport)
            self._clients[shop_id, options] = client
        return client

    def _may_pass(self, error: Exception) -> bool:
        """True for a failure of a read that another attempt, soon, may not meet."""
        if isinstance(error, RateLimited):
            # The pause asked for is kept by the rate limits before the next attempt; a long one is the caller's.
            return error.retry_after_s is None or error.retry_after_s <= self.settings.patience_s
        return isinstance(error, (Temporary, Malformed))


def error_for_status(answer: Answer) -> AdapterError:
    """What an answer means that only its HTTP status explains: an error page of something between us and the API."""
    call, status = answer.call, answer.status
    if status == 429:
        return RateLimited(f"{call.host} asks us to slow down", retry_after_s=answer.retry_after_s, code="429")
    if status >= 500 or status == 408:
        return Temporary(f"{call.host} answered {status} without saying why", effect=call.lost, code=str(status))
    if status == 407:
        return Temporary("the proxy wants a name and a password", effect=Effect.NONE, code="407")
    if status >= 400:
        words = f"{call.host} refused with status {status} without saying why"
        return Rejected(Cause(CauseId.OTHER, str(status), words))
    if status >= 300:
        words = f"{call.host} sends us elsewhere (status {status}): check its address and the network's sign-in page"
        return Malformed(words, effect=Effect.NONE, code=str(status))
    return Malformed(f"{call.host} answered {status} with something that is no JSON of its API", effect=call.lost)


def _content_of(response: httpx.Response) -> AsyncIterable[bytes]:
    """The body as it comes in, unpacked if it is packed."""
    stream = response.stream
    if isinstance(stream, httpx.AsyncByteStream) and "content-encoding" not in response.headers:
        return stream
    return response.aiter_bytes()


class _TooLarge(Exception):
    """The body passed the cap."""


def _failure(call: Call, error: httpx.HTTPError | httpx.InvalidURL) -> AdapterError:
    words = next((words for kind, words in _WORDS if isinstance(error, kind)), "did not complete the exchange")
    if isinstance(error, httpx.DecodingError):
        return Malformed(f"{call.host} {words}", effect=call.lost)
    sent = not isinstance(error, (*_NEVER_SENT, httpx.InvalidURL))
    return Temporary(f"{call.host} {words}", effect=call.lost if sent else Effect.NONE)


@lru_cache(256)
def _parsed(address: str) -> httpx.URL:
    """An address taken apart; the same few are called over and over."""
    return httpx.URL(address)


@lru_cache(64)
def _http_date(text: str) -> float | None:
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _retry_after_s(text: str, now: float) -> float | None:
    """Seconds from a Retry-After header: a number, or a date counted from the server's own clock."""
    if not text:
        return None
    try:
        wait_s = float(text)
    except ValueError:
        at = _http_date(text)
        if at is None:
            return None
        wait_s = at - now
    if not math.isfinite(wait_s):
        return None
    return min(max(wait_s, 0.0), _LONGEST_PAUSE_S)

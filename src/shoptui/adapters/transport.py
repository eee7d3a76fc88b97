"""HTTP/1.1 straight to the server: httpx's transport over asyncio's own connections, which are kept and used again."""

from __future__ import annotations

import asyncio
import select
import ssl
from collections import deque
from collections.abc import AsyncIterator
from typing import NamedTuple, cast

import h11
import httpx

#: An idle connection is not used again after this, seconds: many servers end theirs soon after.
_IDLE_S = 5.0
#: A second address of a name is tried when the first has not answered within this, seconds (RFC 8305).
_NEXT_ADDRESS_S = 0.25
#: So much of a body waits to be taken before the connection is read no further.
_HELD_BYTES = 1024 * 1024
#: An answer's head, or the size line of a chunk, may be this long.
_HEAD_BYTES = 100 * 1024

_PORTS = {"http": 80, "https": 443}


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int


class _Limits(NamedTuple):
    """httpx's time-outs, seconds; None waits for ever."""

    connect: float | None
    read: float | None
    write: float | None
    pool: float | None

    @classmethod
    def of(cls, request: httpx.Request) -> _Limits:
        given = request.extensions.get("timeout", {})
        return cls(given.get("connect"), given.get("read"), given.get("write"), given.get("pool"))


class DirectTransport(httpx.AsyncBaseTransport):
    """Sends requests without a proxy. A body is sent whole, with its length; answers are read as they come in.

    Connections belong to one event loop. What fails is told in httpx's exceptions, by the same rules as in httpx's own
    transport: what is raised before anything was sent is a ConnectError, ConnectTimeout, PoolTimeout or
    UnsupportedProtocol.
    """

    def __init__(self, *, verify: ssl.SSLContext, max_connections: int) -> None:
        self._verify = verify
        self._max = max_connections
        self._slots = asyncio.Semaphore(max_connections)
        self._open: set[_Connection] = set()
        self._idle: dict[_Origin, deque[_Connection]] = {}
        self._closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        origin, limits = _origin_of(request.url), _Limits.of(request)
        body = request.content if hasattr(request, "_content") else await request.aread()
        await self._slot(limits.pool)
        connection: _Connection | None = None
        try:
            connection = self._kept(origin) or await self._connected(origin, limits.connect)
            head = await connection.ask(request, body, limits)
        except BaseException:
            self._give_back(connection)
            raise
        return httpx.Response(
            status_code=head.status_code,
            headers=head.headers.raw_items(),
            stream=_Body(self, connection),
            extensions={"http_version": b"HTTP/" + head.http_version, "reason_phrase": head.reason},
        )

    async def aclose(self) -> None:
        """End all connections, also those in use."""
        self._closed = True
        self._idle.clear()
        for connection in tuple(self._open):
            connection.end()
        self._open.clear()

    async def _slot(self, within_s: float | None) -> None:
        """Wait until one more connection may be in use."""
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(within_s):
                await self._slots.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("all connections are in use") from None

    def _kept(self, origin: _Origin) -> _Connection | None:
        """The connection to the origin that was used last and that the other end still keeps."""
        kept = self._idle.get(origin)
        while kept:
            connection = kept.pop()
            if connection.usable():
                return connection
            self._drop(connection)
        return None

    async def _connected(self, origin: _Origin, within_s: float | None) -> _Connection:
        if len(self._open) >= self._max:
            self._drop_one_idle()
        loop = asyncio.get_running_loop()
        connection = _Connection(loop, origin)
        try:
            async with asyncio.timeout(within_s):
                transport, _ = await loop.create_connection(
                    lambda: connection, origin.host, origin.port, happy_eyeballs_delay=_NEXT_ADDRESS_S
                )
            if origin.scheme == "https":
                async with asyncio.timeout(within_s):
                    secured = await loop.start_tls(
                        transport, connection, self._verify, server_hostname=origin.host, ssl_handshake_timeout=within_s
                    )
                if secured is None:
                    raise ConnectionResetError("the connection ended while it was secured")
                connection.secured(secured)
        except TimeoutError:
            connection.end()
            raise httpx.ConnectTimeout("no connection in time") from None
        except OSError as error:
            connection.end()
            raise httpx.ConnectError(str(error)) from None
        except BaseException:
            connection.end()
            raise
        self._open.add(connection)
        return connection

    def _give_back(self, connection: _Connection | None) -> None:
        """The exchange is over: the connection is kept if its answer was read to the end, and ended otherwise."""
        self._slots.release()
        if connection is None:
            return
        if not self._closed and connection.ready_again():
            self._idle.setdefault(connection.origin, deque()).append(connection)
        else:
            self._drop(connection)

    def _drop(self, connection: _Connection) -> None:
        self._open.discard(connection)
        connection.end()

    def _drop_one_idle(self) -> None:
        for kept in self._idle.values():
            if kept:
                self._drop(kept.popleft())
                return


class _Body(httpx.AsyncByteStream):
    """The body of an answer. Closing it gives its connection back, once."""

    def __init__(self, pool: DirectTransport, connection: _Connection) -> None:
        self._pool = pool
        self._connection: _Connection | None = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._connection is not None and (part := await self._connection.part()):
            yield part

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool._give_back(connection)


class _Connection(asyncio.Protocol):
    """One connection and the one exchange on it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, origin: _Origin) -> None:
        self.origin = origin
        self._loop = loop
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)
        self._transport: asyncio.Transport | None = None
        self._poll = select.poll()
        self._waiter: asyncio.Future[None] | None = None
        self._idle_since = 0.0
        self._begin(None)

    def _begin(self, limits: _Limits | None) -> None:
        self._limits = limits
        self._head: h11.Response | None = None
        self._parts: list[bytes] = []
        self._held = 0
        self._whole = False
        self._failure: httpx.TransportError | None = None
        self._full = self._blocked = False
        self._heard_at = self._loop.time()

    # -- used by the transport --------------------------------------------------------------------------------------

    def secured(self, transport: asyncio.Transport) -> None:
        """From now on what is sent and read goes through TLS."""
        self._transport = transport

    def usable(self) -> bool:
        """Whether another request may be sent: not idle for too long, and the other end has neither spoken nor gone."""
        transport = self._transport
        if transport is None or transport.is_closing() or self._loop.time() - self._idle_since > _IDLE_S:
            return False
        # The loop may not have come round to the end of it yet.
        return not self._poll.poll(0)

    async def ask(self, request: httpx.Request, body: bytes, limits: _Limits) -> h11.Response:
        """Send a request and wait for the head of its answer."""
        self._begin(limits)
        transport = self._transport
        assert transport is not None
        transport.write(_on_the_wire(self._http, request, body))
        while self._blocked and self._head is None and self._failure is None:
            await self._wait(limits.write, httpx.WriteTimeout("the request was not taken in time"))
        while self._head is None:
            self._raise_failure()
            await self._wait(limits.read, httpx.ReadTimeout("no answer in time"))
        return self._head

    async def part(self) -> bytes:
        """What of the body came since the last time, b"" at its end; waits until all of it or a lot of it is here."""
        while not self._whole and self._held < _HELD_BYTES:
            self._raise_failure()
            assert self._limits is not None
            await self._wait(self._limits.read, httpx.ReadTimeout("the answer stopped"))
        found = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts, self._held = [], 0
        if self._full and self._transport is not None:
            self._full = False
            self._transport.resume_reading()
        return found

    def ready_again(self) -> bool:
        """Whether the exchange came to its end in a way that lets another one follow; makes ready for it."""
        transport = self._transport
        if not self._whole or self._blocked or transport is None or transport.is_closing():
            return False
        http = self._http
        if http.our_state is not h11.DONE or http.their_state is not h11.DONE or http.trailing_data[0]:
            return False
        http.start_next_cycle()
        self._limits = None
        self._idle_since = self._loop.time()
        return True

    def end(self) -> None:
        """Close at once, whatever has not been sent or read."""
        if self._transport is not None:
            self._transport.abort()

    # -- called by the event loop -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if self._limits is None:
            # Something said unasked, which nobody could tell from the answer to the next request.
            self.end()
            return
        self._heard_at = self._loop.time()
        self._take(data)

    def eof_received(self) -> None:
        if self._limits is not None and not self._whole:
            self._take(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._fail(httpx.ReadError(str(exc)))
        else:
            self._fail(httpx.RemoteProtocolError("the connection ended before the answer did"))

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._wake()

    # -- within -----------------------------------------------------------------------------------------------------

    def _take(self, data: bytes) -> None:
        """Go through what came in; b"" is the end of the connection."""
        if self._failure is not None:
            return
        try:
            self._http.receive_data(data)
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    break
                if isinstance(event, h11.Data):
                    self._parts.append(bytes(event.data))
                    self._held += len(event.data)
                elif isinstance(event, h11.Response):
                    self._head = event
                    self._wake()
                elif isinstance(event, h11.EndOfMessage):
                    self._whole = True
                    self._wake()
                    break
                elif isinstance(event, h11.ConnectionClosed):
                    self._fail(httpx.RemoteProtocolError("the connection ended without an answer"))
                    break
        except h11.RemoteProtocolError as error:
            self._fail(httpx.RemoteProtocolError(str(error)))
            return
        if self._held >= _HELD_BYTES and not self._whole:
            self._wake()
            if not self._full and self._transport is not None:
                self._full = True
                self._transport.pause_reading()

    def _fail(self, failure: httpx.TransportError) -> None:
        if not self._whole and self._failure is None:
            self._failure = failure
        self._wake()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self, within_s: float | None, late: httpx.TimeoutException) -> None:
        """Until something happens, or nothing was heard for so long."""
        waiter = self._waiter = self._loop.create_future()
        since = self._loop.time()
        timer: asyncio.TimerHandle | None = None

        def look() -> None:
            nonlocal timer
            assert within_s is not None
            until = max(since, self._heard_at) + within_s
            if until <= self._loop.time():
                self._fail(late)
            else:
                timer = self._loop.call_at(until, look)

        if within_s is not None:
            timer = self._loop.call_at(since + within_s, look)
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()


def _origin_of(url: httpx.URL) -> _Origin:
    if url.scheme not in _PORTS or not url.raw_host:
        raise httpx.UnsupportedProtocol("an address must begin with http:// or https:// and name a host")
    return _Origin(url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme])


def _on_the_wire(http: h11.Connection, request: httpx.Request, body: bytes) -> bytes:
    """The request as it is sent. Raises httpx.LocalProtocolError for what HTTP cannot say, such as a line break."""
    headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"transfer-encoding"]
    if body and "content-length" not in request.headers:
        headers.append((b"content-length", str(len(body)).encode()))
    try:
        sent = http.send(h11.Request(method=request.method, target=request.url.raw_path, headers=headers)) or b""
        if body:
            sent += http.send(h11.Data(data=body)) or b""
        return sent + (http.send(h11.EndOfMessage()) or b"")
    except h11.LocalProtocolError as error:
        raise httpx.LocalProtocolError(str(error)) from None

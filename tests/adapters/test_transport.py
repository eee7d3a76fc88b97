"""Our way straight to a server does what httpx's own does, also when the server does not do what it should."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from shoptui.adapters.transport import DirectTransport

Script = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]

_TIMEOUT = {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 5.0}
_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


#: A certificate for 127.0.0.1 and localhost that nobody has any reason to trust, and its key.
_CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUZnEV4qvE1UO3slRak3FbAR9rNG4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJc2hvcC50ZXN0MCAXDTI2MTEyMjExMTcxNloYDzIxMjYxMDI5
MTExNzE2WjAUMRIwEAYDVQQDDAlzaG9wLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQbQ0B71C+8jfFdPQjYbTWGmGqJKUvJRqPKSRlUgQuubp1+xvYJ96or
yBMymtQXZ8J9RB1dGC0SQoiyVhWdTanOo28wbTAdBgNVHQ4EFgQUlDfichLg5sc4
GD4aw9G88i8YW50wHwYDVR0jBBgwFoAUlDfichLg5sc4GD4aw9G88i8YW50wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIgbj5eO3JrLYFXxyXOi9o7HmWPaavkT7HJ9UyhBvznPMACIQCK
wQncy1tQz6VBzbMmTIMMHAt0ntgVIuFV6mdfW7g9nQ==
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgewVHg4FcjdwgcGCi
lhQ8aHibnooTKGEHPeQqY385n6GhRANCAAQbQ0B71C+8jfFdPQjYbTWGmGqJKUvJ
RqPKSRlUgQuubp1+xvYJ96oryBMymtQXZ8J9RB1dGC0SQoiyVhWdTanO
-----END PRIVATE KEY-----
"""


class Server:
    """A server on the loopback that answers by a script; `heads` are those of the requests, `bodies` what they held."""

    def __init__(self, script: Script) -> None:
        self.url = ""
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.asked = asyncio.Event()
        self._script = script

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = dict(line.lower().partition(b": ")[::2] for line in head.split(b"\r\n")[1:])
                self.heads.append(head)
                self.asked.set()
                self.bodies.append(await reader.readexactly(int(fields.get(b"content-length", b"0"))))
                await self._script(head, writer)
                await writer.drain()


@asynccontextmanager
async def server(script: Script, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    made = Server(script)
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    made.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        for writer in made.writers:
            writer.close()
        listening.close()


def says(*parts: bytes, close: bool = False) -> Script:
    """Writes these parts, each on its own, and hangs up if told to."""

    async def script(head: bytes, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        if close:
            writer.close()

    return script


async def resets(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
    await writer.drain()
    # Without lingering, closing sends a reset.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def is_silent(head: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def stops_half_way(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
    await writer.drain()
    await asyncio.sleep(60)


Made = Callable[..., httpx.AsyncBaseTransport]


def direct(max_connections: int = 8, verify: ssl.SSLContext | None = None) -> httpx.AsyncBaseTransport:
    return DirectTransport(verify=verify or ssl.create_default_context(), max_connections=max_connections)


def of_httpx(max_connections: int = 8, verify: ssl.SSLContext | None = None) -> httpx.AsyncBaseTransport:
    limits = httpx.Limits(max_connections=max_connections)
    return httpx.AsyncHTTPTransport(verify=verify or ssl.create_default_context(), limits=limits, trust_env=False)


@pytest.fixture(params=[direct, of_httpx])
def way(request: pytest.FixtureRequest) -> Made:
    made: Made = request.param
    return made


def request_to(url: str, *, timeout: dict[str, float] | None = None, body: bytes | None = None) -> httpx.Request:
    method = "GET" if body is None else "POST"
    return httpx.Request(method, url, content=body, extensions={"timeout": timeout or _TIMEOUT})


async def exchange(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> tuple[int, bytes]:
    response = await transport.handle_async_request(request)
    try:
        return response.status_code, await response.aread()
    finally:
        await response.aclose()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (says(_OK), (200, b"ok")),
        (says(b"HTTP/1.1 200 OK\r\ncontent-le", b"ngth: 6\r\n\r\nsp", b"lit!"), (200, b"split!")),
        (
            says(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n3\r\n!!!\r\n0\r\n\r\n"),
            (200, b"ok!!!"),
        ),
        (says(b"HTTP/1.1 200 OK\r\n\r\nuntil the end", close=True), (200, b"until the end")),
        (says(b"HTTP/1.0 503 Busy\r\ncontent-length: 4\r\n\r\nbusy", close=True), (503, b"busy")),
        (says(b"HTTP/1.1 204 No Content\r\n\r\n"), (204, b"")),
        (says(b"HTTP/1.1 100 Continue\r\n\r\n", _OK), (200, b"ok")),
        (says(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + _OK), (200, b"ok")),
    ],
)
async def test_what_a_server_may_say_is_read(way: Made, script: Script, expected: tuple[int, bytes]) -> None:
    async with server(script) as there, way() as transport:
        assert await exchange(transport, request_to(there.url)) == expected


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        (says(close=True), httpx.RemoteProtocolError),
        (says(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", close=True), httpx.RemoteProtocolError),
        (says(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nha", close=True), httpx.RemoteProtocolError),
        (says(b"HTTP/1.1 200 OK\r\ncontent-le", close=True), httpx.RemoteProtocolError),
        (says(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), httpx.RemoteProtocolError),
        (says(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"), httpx.RemoteProtocolError),
        (says(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok"), httpx.RemoteProtocolError),
        (says(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000), httpx.RemoteProtocolError),
        (resets, httpx.ReadError),
        (is_silent, httpx.ReadTimeout),
        (stops_half_way, httpx.ReadTimeout),
    ],
)
async def test_what_a_server_must_not_do_is_told_by_the_same_exception(
    way: Made, script: Script, failure: type[Exception]
) -> None:
    async with server(script) as there, way() as transport:
        with pytest.raises(failure):
            await exchange(transport, request_to(there.url, timeout=_TIMEOUT | {"read": 0.2}))


@pytest.mark.parametrize(
    ("address", "failure"),
    [
        ("http://127.0.0.1:1/", httpx.ConnectError),
        ("http://no-such-host.invalid/", httpx.ConnectError),
        ("ftp://127.0.0.1/", httpx.UnsupportedProtocol),
        ("/no-host", httpx.UnsupportedProtocol),
    ],
)
async def test_what_never_left_is_told_apart(way: Made, address: str, failure: type[Exception]) -> None:
    async with way() as transport:
        with pytest.raises(failure):
            await exchange(transport, request_to(address))


async def test_a_server_that_does_not_answer_in_tls_is_given_up(way: Made) -> None:
    async with server(says(_OK)) as there, way() as transport:
        address = there.url.replace("http:", "https:")
        with pytest.raises(httpx.ConnectTimeout):
            await exchange(transport, request_to(address, timeout=_TIMEOUT | {"connect": 0.1}))


@pytest.fixture
def served(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side of TLS, and a client's that trusts it."""
    file = tmp_path / "server.pem"
    file.write_text(_CERTIFICATE)
    there = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    there.load_cert_chain(file)
    return there, ssl.create_default_context(cafile=str(file))


async def test_calls_go_through_tls_and_share_its_connection(
    way: Made, served: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    theirs, ours = served
    async with server(says(_OK), tls=theirs) as there, way(verify=ours) as transport:
        for _ in range(3):
            assert await exchange(transport, request_to(there.url, body=b"x" * 100_000)) == (200, b"ok")
        assert len(there.writers) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_certificate_nobody_vouches_for_is_refused(
    way: Made, served: tuple[ssl.SSLContext, ssl.SSLContext], host: str
) -> None:
    async with server(says(_OK), tls=served[0]) as there, way() as transport:
        with pytest.raises(httpx.ConnectError):
            await exchange(transport, request_to(there.url.replace("127.0.0.1", host)))
        assert not there.heads


async def test_a_certificate_for_another_name_is_refused(
    way: Made, served: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    theirs, ours = served
    async with server(says(_OK), tls=theirs) as there, way(verify=ours) as transport:
        with pytest.raises(httpx.ConnectError):
            await exchange(transport, request_to(there.url.replace("127.0.0.1", "127.0.0.2")))
        assert not there.heads


async def test_a_request_goes_out_as_it_was_made(way: Made) -> None:
    async with server(says(_OK)) as there, way() as transport:
        request = request_to(f"{there.url}/orders?ids=1%2C2&sign=%E4%BD%A0", body="退款".encode())
        request.headers["x-Token"] = "t"
        await exchange(transport, request)
        assert there.heads[0].startswith(b"POST /orders?ids=1%2C2&sign=%E4%BD%A0 HTTP/1.1\r\n")
        host = there.url.removeprefix("http://").encode()
        lines = there.heads[0].lower().split(b"\r\n")
        assert b"host: " + host in lines and b"x-token: t" in lines and b"content-length: 6" in lines
        assert there.bodies == ["退款".encode()]


@pytest.mark.parametrize("value", ["a\r\nx-injected: yes", "a\nb", "a\x00b"])
async def test_a_line_break_cannot_get_into_a_head(way: Made, value: str) -> None:
    async with server(says(_OK)) as there, way() as transport:
        request = request_to(there.url)
        request.headers["user-agent"] = value
        with pytest.raises(httpx.LocalProtocolError):
            await exchange(transport, request)
        assert not there.heads


async def test_a_large_body_goes_out_and_a_large_answer_comes_in(way: Made) -> None:
    sent, answered = b"q" * 3_000_000, b"a" * 5_000_000
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(answered)
    async with server(says(head, answered)) as there, way() as transport:
        assert await exchange(transport, request_to(there.url, body=sent)) == (200, answered)
        assert there.bodies == [sent]


async def test_an_answer_is_read_no_faster_than_it_is_taken() -> None:
    """An endless answer must not fill the memory before whoever reads it has had enough."""
    written = 0

    async def endless(head: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while written < 200_000_000:
            writer.write(b"x" * 100_000)
            written += 100_000
            await writer.drain()

    async with server(endless) as there, direct() as transport:
        response = await transport.handle_async_request(request_to(there.url))
        parts = response.stream
        assert isinstance(parts, httpx.AsyncByteStream)
        async for part in parts:
            assert part
            break
        for _ in range(100):
            await asyncio.sleep(0)
        assert written < 50_000_000
        await response.aclose()


async def test_connections_are_kept_and_given_back(way: Made) -> None:
    async with server(says(_OK)) as there, way() as transport:
        for _ in range(3):
            await exchange(transport, request_to(there.url))
        assert len(there.writers) == 1
        await asyncio.gather(*(exchange(transport, request_to(there.url)) for _ in range(4)))
        assert len(there.writers) == 4


@pytest.mark.parametrize(
    "script",
    [
        says(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"),
        says(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"),
    ],
)
async def test_a_connection_that_is_spent_is_not_used_again(way: Made, script: Script) -> None:
    async with server(script) as there, way() as transport:
        for _ in range(2):
            assert await exchange(transport, request_to(there.url)) == (200, b"ok")
        assert len(there.writers) == 2


async def test_what_follows_an_answer_unasked_is_not_taken_for_the_next_one() -> None:
    script = says(_OK + b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad")
    async with server(script) as there, direct() as transport:
        for _ in range(2):
            assert await exchange(transport, request_to(there.url)) == (200, b"ok")
        assert len(there.writers) == 2


async def test_what_comes_in_while_nobody_asks_ends_the_connection(way: Made) -> None:
    async with server(says(_OK)) as there, way() as transport:
        await exchange(transport, request_to(there.url))
        there.writers[0].write(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad")
        await there.writers[0].drain()
        assert await exchange(transport, request_to(there.url)) == (200, b"ok")
        assert len(there.writers) == 2


async def test_an_answer_that_is_not_read_to_its_end_costs_its_connection(way: Made) -> None:
    async with server(says(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")) as there, way() as transport:
        for _ in range(2):
            response = await transport.handle_async_request(request_to(there.url))
            await response.aclose()
        assert len(there.writers) == 2


async def test_a_call_that_is_cut_off_costs_its_connection_and_no_place(way: Made) -> None:
    async with server(is_silent) as there, way(1) as transport:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await exchange(transport, request_to(there.url))
        assert len(there.writers) == 3


async def test_no_more_connections_than_allowed() -> None:
    most = now = 0

    async def counting(head: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        writer.write(_OK)

    async with server(counting) as there, direct(2) as transport:
        await asyncio.gather(*(exchange(transport, request_to(there.url)) for _ in range(6)))
        assert most == 2 and len(there.writers) == 2


async def test_waiting_for_a_connection_has_an_end(way: Made) -> None:
    async with server(is_silent) as there, way(1) as transport:
        holding = asyncio.create_task(exchange(transport, request_to(there.url)))
        await there.asked.wait()
        with pytest.raises(httpx.PoolTimeout):
            await exchange(transport, request_to(there.url, timeout=_TIMEOUT | {"pool": 0.05}))
        holding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await holding


async def test_a_place_is_made_for_another_server_by_ending_an_idle_connection() -> None:
    async with server(says(_OK)) as one, server(says(_OK)) as other, direct(1) as transport:
        await exchange(transport, request_to(one.url))
        await exchange(transport, request_to(other.url))
        await exchange(transport, request_to(one.url))
        assert len(one.writers) == 2


async def test_a_request_nobody_takes_is_given_up(way: Made) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1024)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with way() as transport:
        with pytest.raises(httpx.WriteTimeout):
            await exchange(transport, request_to(url, timeout=_TIMEOUT | {"write": 0.2}, body=b"x" * 30_000_000))
    listening.close()


async def test_a_refusal_that_comes_before_the_body_is_taken_is_read() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig")
        await asyncio.sleep(60)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1024)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with direct() as transport:
        assert await exchange(transport, request_to(url, body=b"x" * 30_000_000)) == (413, b"big")
    listening.close()

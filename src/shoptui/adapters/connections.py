"""A store's way out: straight to the server, or by a proxy through httpx's own transport."""

from __future__ import annotations

import select
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from shoptui.adapters.transport import DirectTransport


def transport(*, proxy: str | None, verify: ssl.SSLContext, max_connections: int) -> httpx.AsyncBaseTransport:
    """What requests leave by; never by the environment's proxy."""
    if proxy is None:
        return DirectTransport(verify=verify, max_connections=max_connections)
    made = httpx.AsyncHTTPTransport(
        proxy=proxy, limits=httpx.Limits(max_connections=max_connections), verify=verify, trust_env=False
    )
    # httpcore takes a backend of one's own, but httpx has no way to hand it on.
    pool: Any = made._pool
    pool._network_backend = _Backend(pool._network_backend)
    return made


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens connections as httpcore would."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.connect_unix_socket(path, timeout, socket_options))

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that asks the kernel itself whether there is anything to read.

    The one below gathers both ends' addresses and more from the kernel each time before it does.
    """

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._socket = inner.get_extra_info("socket")
        self._poll = select.poll()
        self._poll.register(self._socket.fileno(), select.POLLIN)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # An idle connection has nothing to say but its end.
            return self._socket.fileno() < 0 or bool(self._poll.poll(0))
        return self._inner.get_extra_info(info)

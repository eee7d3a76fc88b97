"""Connections are used again while the other end keeps them, and only then."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from shoptui.adapters import connections

_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Server:
    """A server on the loopback that counts connections and can hang up on all of them."""

    def __init__(self) -> None:
        self.url = ""
        self.connections: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(_ANSWER)
                await writer.drain()

    async def hang_up(self) -> None:
        for writer in self.connections:
            writer.close()
            await writer.wait_closed()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    yield made
    await made.hang_up()
    listening.close()


async def test_a_connection_is_used_again_until_the_server_hangs_up(server: Server) -> None:
    way = connections.transport(proxy=None, verify=ssl.create_default_context(), max_connections=4)
    async with httpx.AsyncClient(transport=way) as client:
        for _ in range(3):
            assert (await client.get(server.url)).text == "ok"
        assert len(server.connections) == 1
        await server.hang_up()
        assert (await client.get(server.url)).text == "ok"
        assert len(server.connections) == 2

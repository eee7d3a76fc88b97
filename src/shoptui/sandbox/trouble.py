"""Making answers go wrong on the wire: late, broken, slow, or not at all with the connection really closed."""

from __future__ import annotations

import asyncio
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .faults import Fault, FaultBox

_CHUNKS = 8


class Dialect(Protocol):
    """What the faults need to know about a marketplace."""

    def shop_of(self, query: dict[str, str]) -> str: ...

    def fault_response(self, fault: Fault) -> Response | None: ...


class Connections:
    """Open TCP connections by the caller's address, so that a fault can cut exactly the one it came in on."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """uvicorn's HTTP protocol, made to report its connections here."""
        opened = self._open

        class ReportingProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None:
                    opened[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    opened.pop(self.client, None)
                super().connection_lost(exc)

        return ReportingProtocol

    def cut(self, scope: Scope) -> None:
        """Close the connection of this request at once, sending nothing more.

        Raises RuntimeError for a request that came over no connection of ours.
        """
        client = scope.get("client")
        transport = self._open.get(tuple(client)) if client else None
        if transport is None:
            raise RuntimeError("there is no connection to cut: serve the sandbox over TCP")
        transport.abort()


class TroubleMaker:
    """ASGI middleware that applies the faults in force to one marketplace's calls."""

    def __init__(self, app: ASGIApp, box: FaultBox, dialect: Dialect, connections: Connections) -> None:
        self._app = app
        self._box = box
        self._dialect = dialect
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        shop_id = self._dialect.shop_of(dict(request.query_params))
        fault = self._box.pick(request.method, request.url.path, shop_id)
        if fault is None:
            await self._app(scope, receive, send)
            return
        own = self._dialect.fault_response(fault)
        if own is not None:
            await own(scope, receive, send)
            return
        match fault.kind:
            case "latency":
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case "drop_before":
                await self._cut(scope, receive)
            case "drop_after":
                await _collect(self._app, scope, receive)
                await self._cut(scope, receive)
            case _:
                start, body = await _collect(self._app, scope, receive)
                await self._spoil(fault, start, body, scope, receive, send)

    async def _spoil(
        self, fault: Fault, start: Message, body: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send an answer that really was given, but not as it should be."""
        if fault.kind == "not_json":
            page = b"<html><head><title>Service</title></head><body>Please try again.</body></html>"
            await Response(page, 200, media_type="text/html")(scope, receive, send)
            return
        await send(start)
        if fault.kind == "truncate":
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            # Let the half leave the socket before the connection goes.
            await asyncio.sleep(0.01)
            await self._cut(scope, receive)
            return
        size = max(1, -(-len(body) // _CHUNKS))
        for at in range(0, len(body), size):
            await asyncio.sleep(fault.seconds / _CHUNKS)
            more = at + size < len(body)
            await send({"type": "http.response.body", "body": body[at : at + size], "more_body": more})

    async def _cut(self, scope: Scope, receive: Receive) -> None:
        self._connections.cut(scope)
        # Returning earlier would make the server answer 500 on a connection it still believes in.
        while (await receive())["type"] != "http.disconnect":
            pass


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """Run a call to its end and keep what it would have sent."""
    start: Message = {}
    body = bytearray()

    async def keep(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    await app(scope, receive, keep)
    return start, bytes(body)

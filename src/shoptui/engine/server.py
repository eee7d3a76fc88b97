"""Owns the engine's socket: connections, one JSON line each way, and what happens to clients that do not read."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

from shoptui.engine.fields import Refusal
from shoptui.engine.notices import Mailbox, NoticeHub
from shoptui.engine.peer import peer_of
from shoptui.engine.requests import Requests, Session
from shoptui.protocol import LINE_MAX, ProtocolError, decode, encode

log = logging.getLogger(__name__)

#: Unread bytes after which we wait for the client to catch up.
_UNREAD_MAX = 256 * 1024
#: Requests of one client that may be under way at once; further ones wait unread.
_AT_ONCE = 16


class Server:
    """Serves clients until closed.

    `unread_s`: a client that has not made room for this long is dropped. `notice_gap_s`: least time between two notices
    to one client, so that a first sync does not turn into a flood.
    """

    def __init__(
        self, requests: Requests, hub: NoticeHub, *, unread_s: float = 10.0, notice_gap_s: float = 0.1
    ) -> None:
        self._requests = requests
        self._hub = hub
        self._unread_s = unread_s
        self._notice_gap_s = notice_gap_s
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, listening: socket.socket) -> None:
        """Begin to serve on a bound, listening Unix socket."""
        self._server = await asyncio.start_unix_server(self._accept, sock=listening, limit=LINE_MAX)

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
        connections = list(self._connections)
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await _Connection(self, reader, writer).serve()
        except asyncio.CancelledError:
            # The server closes: asyncio would report a cancelled connection as an error of ours.
            return
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, session: Session, message: dict[str, Any]) -> dict[str, Any]:
        number = message.get("id")
        try:
            return {"id": number, "ok": await self._requests.handle(session, message)}
        except Refusal as refusal:
            return {"id": number, "no": {"reason": refusal.reason, "say": refusal.say, **refusal.details}}


class _Connection:
    """One client."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._writing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._box: Mailbox | None = None

    async def serve(self) -> None:
        connection = self._writer.get_extra_info("socket")
        session = Session(peer_of(connection))
        self._writer.transport.set_write_buffer_limits(high=_UNREAD_MAX)
        try:
            while (message := await self._next()) is not None:
                await self._room.acquire()
                task = asyncio.create_task(self._handle(session, message))
                self._tasks.add(task)
                task.add_done_callback(self._done)
                if session.role is None:
                    # Nothing else is looked at before hello has been answered.
                    await task
            # A client that has closed its side may still be owed answers: what it asked for was accepted or not.
            await asyncio.gather(*(task for task in self._tasks if task.get_name() != "notices"))
        finally:
            if self._box is not None:
                self._server._hub.unsubscribe(self._box)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _next(self) -> dict[str, Any] | None:
        """The next message, None at the end."""
        try:
            line = await self._reader.readline()
            return decode(line) if line else None
        except ValueError as error:
            # asyncio reports a line over its limit as a ValueError too, and what follows has no beginning.
            what = str(error) if isinstance(error, ProtocolError) else f"a line of more than {LINE_MAX} bytes"
            await self._send({"id": None, "no": {"reason": "bad_request", "say": f"The engine was sent {what}."}})
            return None
        except OSError:
            return None

    async def _handle(self, session: Session, message: dict[str, Any]) -> None:
        answer = await self._server._answer(session, message)
        await self._send(answer)
        if session.subscribed and self._box is None:
            self._box = self._server._hub.subscribe()
            task = asyncio.create_task(self._notify(self._box), name="notices")
            self._tasks.add(task)

    async def _notify(self, box: Mailbox) -> None:
        while True:
            changed = await box.take()
            await self._send(changed.to_message())
            await asyncio.sleep(self._server._notice_gap_s)

    async def _send(self, message: dict[str, Any]) -> None:
        async with self._writing:
            try:
                self._writer.write(encode(message))
                async with asyncio.timeout(self._server._unread_s):
                    await self._writer.drain()
            except TimeoutError:
                log.warning("dropped a client that did not read for %.0f s", self._server._unread_s)
                self._writer.transport.abort()
            except OSError:
                # It has gone; the reading side ends the connection.
                return

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            # An answer that cannot be given must not look like one that is still coming.
            log.error("a request failed: %s", type(error).__name__)
            self._writer.transport.abort()

"""Serving the sandbox with uvicorn on loopback, inside a running event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn

from .sandbox import Sandbox

HOST = "127.0.0.1"

_DATE_EVERY_S = 1.0
_LOOK_EVERY_S = 0.002


class _QuietServer(uvicorn.Server):
    """Leaves the process's signal handlers alone: whoever runs the loop decides about signals. Stops when told to.

    Uvicorn's own loop looks every tenth of a second whether it should stop, and then pauses for another one.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told_to_stop = asyncio.Event()

    def stop(self) -> None:
        """Let `serve` end once the answers under way are given."""
        self.should_exit = True
        self._told_to_stop.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        # Each tenth round renews the Date header, so every round here is a tenth one.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told_to_stop.wait(), _DATE_EVERY_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                # Uvicorn's connections take themselves off its list without telling anybody.
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK_EVERY_S)
        for task in list(self.server_state.tasks):
            task.cancel()


def bind(port: int) -> socket.socket:
    """A listening loopback socket; port 0 takes a free one. Raises OSError when the port is taken."""
    # Named as TCP, so that asyncio lets small writes of accepted connections go at once: an answer's head and body are
    # two, and the second would wait for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


@asynccontextmanager
async def serving(sandbox: Sandbox, port: int = 0, world_step_s: float = 0.0) -> AsyncIterator[str]:
    """Serve until the block ends; yields the origin, e.g. `http://127.0.0.1:40123`.

    `world_step_s` lets the world live on every so many wire seconds without any call; 0 waits for calls.
    """
    listener = bind(port)
    config = uvicorn.Config(
        sandbox.app,
        http=sandbox.connections.protocol(),
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="sandbox-server")
    ticker = asyncio.create_task(_live(sandbox, world_step_s)) if world_step_s > 0 else None
    try:
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the sandbox server stopped before it was ready")
            await asyncio.sleep(0.002)
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        if ticker is not None:
            ticker.cancel()
            with suppress(asyncio.CancelledError):
                await ticker
        server.stop()
        await task
        listener.close()


async def _live(sandbox: Sandbox, step_s: float) -> None:
    while True:
        await asyncio.sleep(step_s)
        sandbox.world.catch_up()

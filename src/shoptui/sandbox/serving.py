"""Serving the sandbox with uvicorn on loopback, inside a running event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn

from .sandbox import Sandbox

HOST = "127.0.0.1"


class _QuietServer(uvicorn.Server):
    """Leaves the process's signal handlers alone: whoever runs the loop decides about signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(port: int) -> socket.socket:
    """A listening loopback socket; port 0 takes a free one. Raises OSError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
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
        server.should_exit = True
        await task
        listener.close()


async def _live(sandbox: Sandbox, step_s: float) -> None:
    while True:
        await asyncio.sleep(step_s)
        sandbox.world.catch_up()

"""The client: light enough for a cockpit that starts in half a second, and honest about lost answers."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from shoptui import client as client_module
from shoptui.client import EngineClient, EngineGone, Refused
from shoptui.paths import DataDir
from shoptui.protocol import decode, encode

HEAVY = ("pydantic", "httpx", "click", "keyring", "aiosqlite", "textual", "shoptui.engine", "shoptui.store")


def test_it_imports_nothing_heavy() -> None:
    script = f"import sys, shoptui.client, shoptui.engine_start; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


HELLO = {"version": "1", "operator": "mei", "role": "admin", "pid": 1, "started_at": 1, "shared": False}


async def connected(tmp_path: Path, after_hello: bytes) -> EngineClient:
    """A client of an engine that says hello, then waits for one request, sends these bytes and goes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode({"id": decode(await reader.readline())["id"], "ok": HELLO}))
        await reader.readline()
        writer.write(after_hello)
        await writer.drain()
        writer.close()

    data_dir = DataDir(tmp_path)
    await asyncio.start_unix_server(serve, str(data_dir.socket))
    return await EngineClient.connect(data_dir)


@pytest.mark.parametrize("line", [b"", b"not json\n", b"[]\n", b'{"id": 2, "ok"', b'{"id": 77, "ok": {}}\n'])
async def test_an_answer_that_does_not_come_is_said_and_never_made_up(tmp_path: Path, line: bytes) -> None:
    async with await connected(tmp_path, line) as client:
        with pytest.raises(EngineGone):
            await client.request("status")
        assert client.gone
        with pytest.raises(EngineGone):
            await client.request("status")


async def test_notices_before_the_end_are_still_delivered(tmp_path: Path) -> None:
    notice = encode({"notice": "changed", "orders": [1], "batches": ["b"], "counts": True})
    async with await connected(tmp_path, notice * 3) as client:
        with pytest.raises(EngineGone):
            await client.request("status")
        seen = [changed async for changed in client.notices()]
    assert [changed.orders for changed in seen] == [(1,)] and seen[0].batches == ("b",)


async def test_a_request_nobody_answers_ends_in_time(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode({"id": decode(await reader.readline())["id"], "ok": HELLO}))
        await reader.read()

    await asyncio.start_unix_server(serve, str(data_dir.socket))
    async with await EngineClient.connect(data_dir) as client:
        with pytest.raises(EngineGone, match="did not answer"):
            await client.request("status", timeout_s=0.01)


async def test_no_engine(tmp_path: Path) -> None:
    with pytest.raises(EngineGone, match="No engine runs"):
        await EngineClient.connect(DataDir(tmp_path))


async def test_a_strangers_socket_gets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    received = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.read() == b""
        received.set()

    data_dir = DataDir(tmp_path)
    await asyncio.start_unix_server(serve, str(data_dir.socket))
    monkeypatch.setattr(client_module, "_peer_uid", lambda connection: 4242)
    with pytest.raises(Refused) as caught:
        await EngineClient.connect(data_dir)
    assert caught.value.reason == "not_allowed"
    await received.wait()

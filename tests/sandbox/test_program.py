"""The sandbox as a program: one ready line, options, and every way of stopping."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest


async def _start(*options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shoptui.sandbox",
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _ready(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    return line


async def test_the_ready_line_has_all_a_client_needs(http: httpx.AsyncClient, tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps([{"match": {"path": "token"}, "do": {"status": 503}}]), encoding="utf-8")
    process = await _start("--stores", "2", "--orders", "20", "--chats", "5", "--seed", "4", "--faults", str(faults))
    try:
        line = await _ready(process)
        tiktok = line["marketplaces"]["tiktok"]
        assert line["pid"] == process.pid
        assert tiktok["base_url"].startswith("http://127.0.0.1:")
        assert {"app_key", "app_secret", "auth_url", "base_url", "shops"} == set(tiktok)
        assert set(tiktok["shops"][0]) == {
            "id",
            "cipher",
            "region",
            "name",
            "code",
            "access_token",
            "refresh_token",
            "access_token_expires_at",
            "refresh_token_expires_at",
        }
        health = (await http.get(f"{line['admin_url']}/health")).json()
        assert (health["stores"], health["orders"], health["chats"], health["offset_s"]) == (2, 20, 5, 0)
        assert (await http.get(f"{tiktok['auth_url']}/api/v2/token/get")).status_code == 503
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_it_stops_when_its_parent_is_gone() -> None:
    process = await _start("--stores", "1", "--orders", "1", "--exit-with-parent")
    await _ready(process)
    assert process.stdin is not None
    process.stdin.write(b"noise")
    await process.stdin.drain()
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 20) == 0


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--stores", "0"], "at least one store"),
        (["--faults", "/nonexistent/faults.json"], "cannot be read"),
    ],
)
async def test_a_bad_option_is_one_sentence(options: list[str], word: str) -> None:
    process = await _start(*options)
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2 and out == b""
    assert word in err.decode() and len(err.decode().splitlines()) == 1


async def test_a_taken_port_is_one_sentence(http: httpx.AsyncClient) -> None:
    first = await _start("--stores", "1", "--orders", "1")
    try:
        port = (await _ready(first))["admin_url"].split(":")[2].split("/")[0]
        second = await _start("--stores", "1", "--orders", "1", "--port", port)
        _, err = await asyncio.wait_for(second.communicate(), 30)
        assert second.returncode == 2 and port in err.decode()
    finally:
        first.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(first.wait(), 20) == 0

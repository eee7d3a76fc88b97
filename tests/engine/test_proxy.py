"""Stores stay apart on the wire: each leaves by its own proxy and under its own name, from the very first call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from shoptui.config import Config, StoreConfig
from shoptui.domain.marketplaces import MARKETPLACES
from tests.engine.support import bench
from tests.engine.test_sign_in import Bench, EngineClient, Served, add, add_app, client, made, read_through, running

__all__ = ["client", "made", "running"]


@dataclass
class Proxy:
    """A forwarding HTTP proxy on loopback: paths and user agents of what went through it."""

    address: str = ""
    seen: list[tuple[str, str]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._forward(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = head.decode().rstrip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        parts = urlsplit(target)
        self.seen.append((parts.path, headers["user-agent"]))
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        there, back = await asyncio.open_connection(parts.hostname, parts.port)
        kept = [line for line in lines if not line.lower().startswith(("connection:", "proxy-"))]
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        back.write("\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""]).encode() + body)
        writer.write(await there.read())
        await writer.drain()
        back.close()
        # The origin closed its side, so the client must not expect more on this connection.
        writer.close()


@asynccontextmanager
async def proxy() -> AsyncIterator[Proxy]:
    found = Proxy()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    found.address = f"http://{host}:{port}"
    async with server:
        yield found


async def test_each_store_leaves_by_its_own_proxy(made: Bench, running: Served, client: EngineClient) -> None:
    async with proxy() as mine, proxy() as yours:
        made.data_dir.config.write_text(
            f'[stores.tt-vn-1]\nproxy = "{mine.address}"\nuser_agent = "vn-desk/1"\n'
            f'[stores.siam]\nproxy = "{yours.address}"\nuser_agent = "th-desk/1"\n'
        )
        await add_app(client, made)
        assert await add(client, made, "VN", name="tt-vn-1") == ["tt-vn-1"]
        assert await add(client, made, "TH", name="siam") == ["siam"]
        await add(client, made, "GB")
        await read_through(running, client, ["tt-vn-1", "siam", "tt-uk-1"])
        for through, agent in ((mine, "vn-desk/1"), (yours, "th-desk/1")):
            paths = {path for path, _ in through.seen}
            assert {"/api/v2/token/get", "/authorization/202309/shops", "/order/202309/orders/search"} <= paths
            assert {seen for _, seen in through.seen} == {agent}
        # Renewing goes the same way; the third store went by neither.
        before = len(mine.seen)
        lane = running.engine.lanes["tt-vn-1"]
        await lane.market.refresh(lane.store)
        # Returns and statements may be read at the same time.
        renewed = [path for path, _ in mine.seen[before:] if path.startswith("/api/v2/token")]
        assert renewed == ["/api/v2/token/refresh"]


async def test_every_marketplaces_stores_leave_by_their_own_proxy(tmp_path: Path) -> None:
    markets = tuple(MARKETPLACES)
    async with proxy() as mine:
        sold_here = [f"{line.short}-th-1" for line in MARKETPLACES.values()]
        stores = {store_id: StoreConfig(proxy=mine.address, user_agent=f"desk {store_id}") for store_id in sold_here}
        config = Config(stores=stores)
        regions = ("TH",) * len(markets) + ("VN",) * len(markets)
        async with bench(
            tmp_path, stores=len(regions), orders=60, regions=regions, markets=markets, config=config
        ) as several:
            engine = await several.engine()
            await several.synced(engine)
            assert not any(lane.failing for lane in engine.lanes.values())
            assert {agent for _path, agent in mine.seen} == {f"desk {store_id}" for store_id in sold_here}
            before = len(mine.seen)
            for name, line in MARKETPLACES.items():
                elsewhere = engine.lanes[f"{line.short}-vn-1"]
                assert elsewhere.store.marketplace == name
                await elsewhere.market.refresh(elsewhere.store)
            assert len(mine.seen) == before
            for store_id in sold_here:
                lane = engine.lanes[store_id]
                await lane.market.refresh(lane.store)
            renewed = list(dict.fromkeys(agent for _path, agent in mine.seen[before:]))
            assert renewed == [f"desk {store_id}" for store_id in sold_here]


async def test_a_proxy_that_is_gone_stops_its_store_and_no_other(
    made: Bench, running: Served, client: EngineClient
) -> None:
    async with proxy() as mine:
        made.data_dir.config.write_text(f'[stores.tt-vn-1]\nproxy = "{mine.address}"\n')
        await add_app(client, made)
        await add(client, made, "VN", "TH")
        await read_through(running, client, ["tt-vn-1", "tt-th-1"])
    await client.request("sync_now")
    async with asyncio.timeout(20):
        while not running.engine.lanes["tt-vn-1"].failing:
            await client.next_notice()
    assert not running.engine.lanes["tt-th-1"].failing


async def test_a_proxy_that_is_no_address_is_refused_by_name(
    made: Bench, running: Served, client: EngineClient
) -> None:
    made.data_dir.config.write_text('[stores.tt-vn-1]\nproxy = "10.0.0.1"\n')
    answer = await add_app(client, made)
    assert answer.reason == "bad_settings" and "http://host:port" in answer.say

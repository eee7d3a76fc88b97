"""Houses for end-to-end tests: real sandbox and engine processes, and what both of them know to be true."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import psutil

from shoptui.demo import DemoHouse, enrol_sandbox
from shoptui.domain.intents import Intent
from shoptui.engine.lease import holder
from shoptui.engine_start import ensure_engine
from shoptui.paths import DataDir
from shoptui.queries.filter import parse
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.returns import ReturnRow
from shoptui.queries.sorting import ReturnSort, Sort, ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.queries.types import Candidate, OrderRow, StoreRow
from shoptui.store.errors import NoHouse
from shoptui.store.reader import Reader

ReadT = TypeVar("ReadT")

SHOPTUI = (sys.executable, "-m", "shoptui")


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Look again and again until `holds` is true; raises AssertionError saying `what` did not come about."""
    end_at = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end_at:
            raise AssertionError(f"{what}: not within {seconds} s")
        select.select([], [], [], 0.05)


class Market:
    """The sandbox's admin side, seen from outside."""

    def __init__(self, admin_url: str, pid: int | None = None) -> None:
        """`pid` is the sandbox's process, for tests that make it silent."""
        self._admin_url = admin_url.rstrip("/")
        self._pid = pid

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Let the marketplaces answer nobody until the block ends, this object included; then they go on."""
        assert self._pid is not None
        os.kill(self._pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._pid, signal.SIGCONT)

    def ask(self, path: str, body: object | None = None) -> Any:
        """Call the sandbox's admin side; a body makes it a POST."""
        request = urllib.request.Request(
            self._admin_url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def poke(self, do: str, **arguments: object) -> Any:
        """Do something to the simulated world."""
        return self.ask("/world", {"do": do, **arguments})

    def faults(self, *rules: Mapping[str, object]) -> None:
        """Put these faults in force and no others."""
        self.ask("/faults", {"rules": list(rules)})

    def journal(self) -> list[dict[str, Any]]:
        """Every state-changing call with its effect, oldest first."""
        entries: list[dict[str, Any]] = self.ask("/journal")
        return entries

    def shipped(self) -> list[str]:
        """The package ids that were shipped, one entry for each time it took effect."""
        return [row["target"] for row in self.journal() if row["op"] == "ship" and row["effect"] == "applied"]


class Site(Market):
    """A data directory before a living sandbox: commands run on it, its files are read with the program's reader."""

    def __init__(self, data_dir: DataDir, admin_url: str, sandbox_pid: int | None = None) -> None:
        super().__init__(admin_url, sandbox_pid)
        self.data_dir = data_dir

    @property
    def env(self) -> dict[str, str]:
        return {"SHOPTUI_HOME": str(self.data_dir.root)}

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a shell command of shoptui to its end."""
        return subprocess.run(
            [*SHOPTUI, *arguments],
            env={**os.environ, "LANG": "C.UTF-8", **self.env},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a shell command of shoptui."""
        return subprocess.Popen(
            [*SHOPTUI, *arguments],
            env={**os.environ, "LANG": "C.UTF-8", **self.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def read(self, read: Callable[[Reader, int], Awaitable[ReadT]]) -> ReadT:
        """What `read` tells from the house's databases, with the time of now (epoch s)."""

        async def opened() -> ReadT:
            async with await Reader.open(self.data_dir) as reader:
                return await read(reader, int(time.time()))

        return asyncio.run(opened())

    def orders(self, filter_text: str) -> list[OrderRow]:
        """The orders of the cache that match a filter, next loss first."""

        async def rows(reader: Reader, now: int) -> list[OrderRow]:
            return await reader.rows(await _matching(reader, filter_text, now), now)

        return self.read(rows)

    def candidates(self, filter_text: str) -> list[Candidate]:
        """The same orders with their packages, as a ship order sees them."""

        async def found(reader: Reader, now: int) -> list[Candidate]:
            return await reader.candidates(await _matching(reader, filter_text, now), now, "")

        return self.read(found)

    def is_synced(self) -> bool:
        """Whether the first sync of every store is over."""
        try:
            stores = self.stores().values()
        except NoHouse:
            return False
        return bool(stores) and all(store.feed is not None and store.feed.first_done for store in stores)

    def stores(self) -> dict[str, StoreRow]:
        """The stores of the house by our names for them."""
        return {store.store_id: store for store in self.read(lambda reader, _now: reader.stores())}

    def threads(self, filter_text: str) -> list[ThreadRow]:
        """The conversations of the cache that match a filter, next loss first."""

        async def rows(reader: Reader, now: int) -> list[ThreadRow]:
            found = await reader.threads.index(parse_threads(filter_text), ThreadSort(), now=now, operator="")
            return await reader.threads.rows(found.ids, now)

        return self.read(rows)

    def returns(self, filter_text: str) -> list[ReturnRow]:
        """The return requests of the cache that match a filter, next loss first."""

        async def rows(reader: Reader, now: int) -> list[ReturnRow]:
            found = await reader.returns.index(parse_returns(filter_text), ReturnSort(), now=now, operator="")
            return await reader.returns.rows(found.ids, now)

        return self.read(rows)

    def shop_ids(self) -> dict[str, str]:
        """The marketplace's shop ids by our names of the stores."""
        return {store_id: store.shop_id for store_id, store in self.stores().items()}

    def outbox(self) -> list[Intent]:
        """Everything that was ever ordered in this house."""

        async def intents(reader: Reader, _now: int) -> list[Intent]:
            groups = await reader.batches(None, 500)
            return await reader.intents_of(intent_ids=[one for group in groups for one in group.intent_ids])

        return self.read(intents)

    @property
    def engine_pid(self) -> int | None:
        """The process that holds this house's engine lock."""
        found = holder(self.data_dir)
        return found.pid if found is not None else None

    def engine_processes(self) -> list[int]:
        """Every process that looks like an engine of this house."""
        found: list[int] = []
        for process in psutil.process_iter(["pid", "cmdline"]):
            command = process.info["cmdline"] or []
            if command[-1:] == ["engine"] and str(self.data_dir.root) in command:
                found.append(process.info["pid"])
        return found

    def end_late_engines(self) -> None:
        """End engines that somebody started and that have not come to the lock yet."""
        late = [psutil.Process(pid) for pid in self.engine_processes() if psutil.pid_exists(pid)]
        for process in late:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        _, alive = psutil.wait_procs(late, timeout=30)
        for process in alive:
            process.kill()

    def end_engine(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send the engine a signal and wait until it has let go of the house."""
        pid = self.engine_pid
        if pid is not None:
            os.kill(pid, number)
            wait_until(lambda: self.engine_pid != pid, "the engine's end", 60)


class LiveDemo(Site):
    """A running demo: keeper, sandbox and engine."""

    def __init__(self, house: DemoHouse) -> None:
        self.house = house
        self.facts = json.loads(house.ready.read_text())
        super().__init__(house.data_dir, self.facts["sandbox_url"], self.facts["sandbox_pid"])

    @property
    def env(self) -> dict[str, str]:
        return {"SHOPTUI_DEMO": str(self.house.root), **super().env}


class PersonalHouse(Site):
    """A house of one's own with a sandbox behind it and no engine yet: whoever needs one starts it."""

    def __init__(
        self,
        root: Path,
        *,
        stores: int = 2,
        orders: int = 120,
        hold_s: int = 1,
        config: str = "",
        seed: int = 7,
        markets: Sequence[str] = ("tiktok",),
        start_at: int | None = None,
        returns: int = 0,
        skus: int = 0,
        stock: str = "plenty",
    ) -> None:
        """`hold_s` is how long orders can be taken back; `config` replaces the whole settings file.

        `start_at` (epoch s) is the marketplaces' time at the start, None for now.
        """
        size = [f"--stores={stores}", f"--orders={orders}", f"--seed={seed}", "--rate=0"]
        size += [f"--returns={returns}", f"--skus={skus}", f"--stock={stock}"]
        served = [f"--market={name}" for name in markets]
        begins = () if start_at is None else (f"--start-at={start_at}",)
        # The sandbox ends when this pipe does, also when the test run is killed.
        self.sandbox = subprocess.Popen(
            [sys.executable, "-m", "shoptui.sandbox", *size, *served, *begins, "--port=0", "--exit-with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.sandbox.stdout is not None
        announced = json.loads(self.sandbox.stdout.readline())
        super().__init__(DataDir(root), announced["admin_url"], self.sandbox.pid)
        self.shops = {shop["region"]: shop["id"] for shop in announced["marketplaces"][markets[0]]["shops"]}
        """The first marketplace's shops by their regions."""
        self.regions = {
            shop["id"]: (name, shop["region"])
            for name, facts in announced["marketplaces"].items()
            for shop in facts["shops"]
        }
        """Marketplace and region of every shop."""
        self.store_ids: Sequence[str] = asyncio.run(enrol_sandbox(self.data_dir, announced))
        self.data_dir.config.write_text(config or f"[engine]\nhold_s = {hold_s}\n", encoding="utf-8")

    def start_engine(self) -> None:
        """Start the engine as a cockpit would, and wait until every store was read once."""
        asyncio.run(ensure_engine(self.data_dir))
        wait_until(self.is_synced, "the first sync", 120)

    def __enter__(self) -> PersonalHouse:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.end_engine()
            self.end_late_engines()
        finally:
            assert self.sandbox.stdin is not None and self.sandbox.stdout is not None
            self.sandbox.stdin.close()
            self.sandbox.wait(10)
            self.sandbox.stdout.close()


async def _matching(reader: Reader, filter_text: str, now: int) -> list[int]:
    ids: list[int] = []
    async for chunk in reader.index(parse(filter_text), Sort.parse("next"), now=now, operator=""):
        ids.extend(chunk.ids)
    return ids

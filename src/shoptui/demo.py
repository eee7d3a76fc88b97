"""The demo house: sandbox and engine kept alive beside the cockpit, so that a dropped link stops neither.

`keep` is a small process of its own that owns both. It ends them when it is told to, or when no cockpit has been there
for half an hour. `ensure_demo` starts it, or finds the one that runs, and waits until the first stores are enrolled.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoptui.paths import DataDir

if TYPE_CHECKING:
    from shoptui.adapters.base import TokenSet

#: How long sandbox and engine stay when no cockpit is attached.
LINGER_S = 1800
#: One code of so many is not counted in the demo.
_UNCOUNTED = 12
_READY_WITHIN_S = 90

#: What a house says of itself that no marketplace does, so that every quick reply finds its values.
SETTINGS = """[inbox]
van = "21:00"
delivery_days = 3
return_address = "Hall 3, 12 Example Road"
"""


class DemoError(RuntimeError):
    """The demo could not start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How big the simulated house is. `rate` is new orders per minute; without `markets` it has all there are.

    Every twelfth order has a conversation, and a new question comes with every fifteenth new order. There is a return
    or refund request for every fifteenth order, and a new one comes with every thirtieth new order.
    """

    stores: int = 18
    orders: int = 3000
    rate: float = 6.0
    seed: int = 1
    markets: tuple[str, ...] = ()


class DemoHouse:
    """The demo's files: the house itself beside the keeper's lock, the cockpits' lock and the ready mark."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data_dir = DataDir(root / "house")
        self.keeper_lock = root / "keeper.lock"
        self.cockpit_lock = root / "cockpit.lock"
        self.ready = root / "ready.json"
        self.faults = root / "faults.json"
        """What is to go wrong with the marketplaces' answers, as the sandbox takes it; nothing without the file."""
        self.log = root / "keeper.log"

    @classmethod
    def default(cls) -> DemoHouse:
        from platformdirs import user_cache_path

        return cls(Path(os.environ.get("SHOPTUI_DEMO") or user_cache_path("shoptui") / "demo"))

    def keeper_runs(self) -> bool:
        """True while a keeper holds its lock."""
        self.root.mkdir(parents=True, exist_ok=True)
        with self.keeper_lock.open("a") as lock:
            return not _try_lock(lock.fileno(), shared=True)

    @contextlib.contextmanager
    def attached(self) -> Iterator[None]:
        """Hold the cockpits' shared lock, by which the keeper sees that somebody is there."""
        with self.cockpit_lock.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    def stop(self) -> None:
        """Ask the keeper to end sandbox and engine, and wait until it has."""
        pid = json.loads(self.ready.read_text())["keeper_pid"] if self.ready.exists() else None
        if pid is None or not self.keeper_runs():
            return
        os.kill(pid, signal.SIGTERM)
        with self.keeper_lock.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)


def ensure_demo(demo: DemoHouse, size: DemoSize) -> bool:
    """Start the keeper unless it runs. True if it was running already. Raises DemoError when it does not come up."""
    if demo.keeper_runs():
        _wait_ready(demo, None)
        return True
    if find_spec("uvicorn") is None or find_spec("starlette") is None:
        raise DemoError("The simulated marketplaces are not installed here: pip install 'shoptui[demo]' brings them.")
    demo.ready.unlink(missing_ok=True)
    with demo.log.open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "shoptui.demo", str(demo.root), json.dumps(asdict(size))],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _wait_ready(demo, keeper)
    return False


def _wait_ready(demo: DemoHouse, keeper: subprocess.Popen[bytes] | None) -> None:
    end_at = time.monotonic() + _READY_WITHIN_S
    while not demo.ready.exists():
        if keeper is not None and keeper.poll() is not None:
            tail = demo.log.read_text(errors="replace").strip().splitlines()[-1:]
            raise DemoError(f"The demo could not start: {' '.join(tail) or 'no reason given'} (see {demo.log})")
        if time.monotonic() > end_at:
            raise DemoError(f"The demo was not ready after {_READY_WITHIN_S} s; see {demo.log}")
        # The keeper is another process that can only be watched through the file it writes.
        select.select([], [], [], 0.05)


async def keep(demo: DemoHouse, size: Mapping[str, Any]) -> int:
    """Run sandbox and engine until told to stop or nobody has been there for LINGER_S. The keeper's whole life."""
    lock = demo.keeper_lock.open("a")
    if not _try_lock(lock.fileno(), shared=False):
        return 0
    shutil.rmtree(demo.data_dir.root, ignore_errors=True)
    demo.data_dir.root.mkdir(parents=True)
    from shoptui.adapters.registry import marketplaces
    from shoptui.config import config_path

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)

    sandbox = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shoptui.sandbox",
        *(f"--{name}={size[name]:g}" for name in ("stores", "orders", "rate", "seed")),
        f"--chats={size['orders'] // 12}",
        f"--chat-rate={size['rate'] / 15:g}",
        f"--returns={size['orders'] // 15}",
        f"--skus={size['orders'] // 14}",
        "--stock=tight",
        f"--money-errors={min(30, size['orders'] // 100)}",
        f"--return-rate={size['rate'] / 30:g}",
        *(f"--market={name}" for name in size["markets"] or marketplaces()),
        "--port=0",
        *((f"--faults={demo.faults}",) if demo.faults.exists() else ()),
        "--exit-with-parent",
        # The sandbox stops when this pipe ends, however the keeper dies.
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert sandbox.stdout is not None
    line = await sandbox.stdout.readline()
    if not line:
        raise DemoError(f"the sandbox ended with code {await sandbox.wait()} before it was ready")
    announced = json.loads(line)
    await enrol_sandbox(demo.data_dir, announced)
    await _count_stock(demo.data_dir, announced["admin_url"])
    config_path(demo.data_dir).write_text(SETTINGS, encoding="utf-8")
    engine = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shoptui",
        "--data-dir",
        str(demo.data_dir.root),
        "engine",
        stdin=asyncio.subprocess.DEVNULL,
    )
    _write_ready(demo, sandbox.pid, engine.pid, announced["admin_url"])
    try:
        await _watch(demo, stop, sandbox, engine)
    finally:
        demo.ready.unlink(missing_ok=True)
        for process in (engine, sandbox):
            await _end(process)
        lock.close()
    return 0


async def enrol_sandbox(data_dir: DataDir, announced: Mapping[str, Any]) -> list[str]:
    """Enrol every shop a sandbox announced in its JSON line; returns the stores' short names, in the given order."""
    from shoptui.adapters.base import AppCredentials
    from shoptui.domain.stores import CHAT_APP, CONTACT_EMAIL, REGIONS, Store, propose_store_id
    from shoptui.engine.enrol import enrol

    credentials: list[AppCredentials] = []
    stores: list[tuple[Store, TokenSet]] = []
    chat_tokens: dict[str, TokenSet] = {}
    taken: set[str] = set()
    for marketplace, facts in announced["marketplaces"].items():
        chat = facts.get("chat")
        for name, app in ((marketplace, facts), (f"{marketplace}-chat", chat)):
            if app is not None:
                credentials.append(
                    AppCredentials(
                        app=name,
                        marketplace=marketplace,
                        app_key=app["app_key"],
                        app_secret=app["app_secret"],
                        base_url=facts["base_url"],
                        auth_url=facts["auth_url"],
                    )
                )
        talking = {shop["id"]: _tokens_of(shop) for shop in chat["shops"]} if chat is not None else {}
        for shop in facts["shops"]:
            store_id = propose_store_id(marketplace, shop["region"], taken)
            taken.add(store_id)
            time_zone, currency = REGIONS[shop["region"]]
            if shop["id"] in talking:
                chat_tokens[store_id] = talking[shop["id"]]
            store = Store(
                store_id=store_id,
                marketplace=marketplace,
                region=shop["region"],
                shop_id=shop["id"],
                name=shop["name"],
                time_zone=time_zone,
                currency=currency,
                app=marketplace,
                wire={
                    "cipher": shop["cipher"],
                    **({CHAT_APP: f"{marketplace}-chat"} if store_id in chat_tokens else {}),
                    CONTACT_EMAIL: "returns@house.example",
                },
            )
            stores.append((store, _tokens_of(shop)))
    await enrol(data_dir, credentials, stores, chat_tokens=chat_tokens)
    return [store.store_id for store, _ in stores]


async def _count_stock(data_dir: DataDir, admin_url: str) -> None:
    """Check in what the simulated house has, but for the few codes that nobody has got to."""
    from urllib.request import urlopen

    from shoptui.domain.counting import CountLine
    from shoptui.store.writer import Writer

    def read() -> Any:
        with urlopen(f"{admin_url}/stock") as answer:
            return json.load(answer)

    pools = (await asyncio.to_thread(read))["pools"]
    lines = [CountLine(pool["sku"], max(pool["hand"], 0)) for place, pool in enumerate(pools) if place % _UNCOUNTED]
    now = int(time.time())
    async with await Writer.open(data_dir, now) as writer:
        await writer.stock.count(lines, now, "file count.csv", "demo", now)


def _tokens_of(shop: Mapping[str, Any]) -> TokenSet:
    """The tokens of a shop as the sandbox's JSON line has them."""
    from shoptui.adapters.base import TokenSet

    return TokenSet(
        access_token=shop["access_token"],
        refresh_token=shop["refresh_token"],
        access_expires_at=shop["access_token_expires_at"],
        refresh_expires_at=shop["refresh_token_expires_at"],
    )


def _write_ready(demo: DemoHouse, sandbox_pid: int, engine_pid: int, sandbox_url: str) -> None:
    facts = {
        "keeper_pid": os.getpid(),
        "sandbox_pid": sandbox_pid,
        "engine_pid": engine_pid,
        "sandbox_url": sandbox_url,
    }
    beside = demo.ready.with_suffix(".new")
    beside.write_text(json.dumps(facts))
    beside.rename(demo.ready)


async def _watch(
    demo: DemoHouse, stop: asyncio.Event, sandbox: asyncio.subprocess.Process, engine: asyncio.subprocess.Process
) -> None:
    """Return when told to stop, when a child has ended, or when nobody has been attached for LINGER_S."""
    ended = [asyncio.ensure_future(process.wait()) for process in (sandbox, engine)]
    told = asyncio.ensure_future(stop.wait())
    alone_since = time.monotonic()
    while True:
        done, _ = await asyncio.wait([told, *ended], timeout=5, return_when=asyncio.FIRST_COMPLETED)
        if done:
            break
        if _somebody_attached(demo):
            alone_since = time.monotonic()
        elif time.monotonic() - alone_since > LINGER_S:
            break
    for task in (told, *ended):
        task.cancel()


def _somebody_attached(demo: DemoHouse) -> bool:
    with demo.cockpit_lock.open("a") as lock:
        return not _try_lock(lock.fileno(), shared=False)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()
        await process.wait()


def _try_lock(fd: int, *, shared: bool) -> bool:
    """Take the lock if nobody else has it. It is given back when the file closes."""
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(asyncio.run(keep(DemoHouse(Path(sys.argv[1])), json.loads(sys.argv[2]))))

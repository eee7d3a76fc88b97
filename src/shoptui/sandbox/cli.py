"""Running the sandbox as a program: reads its options, prints one JSON line when ready, serves until told to stop."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .faults import FaultError
from .sandbox import Sandbox
from .serving import serving
from .settings import PLENTY, TIGHT
from .sides import SIDES


class StartError(Exception):
    """The sandbox cannot start; the text is one sentence for the person who started it."""


def run(
    port: int,
    seed: int,
    stores: int,
    orders: int,
    rate: float,
    faults: Path | None,
    start_at: int | None,
    world_step: float = 1.0,
    *,
    markets: tuple[str, ...] = (),
    exit_with_parent: bool = False,
    chats: int = 0,
    chat_rate: float = 0.0,
    returns: int = 0,
    return_rate: float = 0.0,
    skus: int = 0,
    stock: str = PLENTY,
    money_errors: int = 0,
) -> None:
    """Serve until SIGTERM or SIGINT, or with `exit_with_parent` until standard input ends.

    `rate` is new orders per world minute, `start_at` the world time at the start (epoch seconds, None for now),
    `world_step` the wire seconds between two steps of the world's own life (0: only when a call comes). The stores are
    dealt to `markets` in turn; empty serves every marketplace there is. `chats` is how many conversations there are at
    the start, `chat_rate` how many questions of buyers come per world minute; `returns` and `return_rate` are the same
    for their requests for money or a return. `money_errors` is how many errors are planted in what is settled.
    Raises StartError with one sentence when an option or the port does not work.
    """
    if stores < 1 or min(orders, rate, world_step, chats, chat_rate, returns, return_rate, money_errors) < 0:
        raise StartError("The sandbox needs at least one store, and no negative numbers of anything.")
    if stock not in (PLENTY, TIGHT) or skus < 0:
        raise StartError(f"The stock is {PLENTY} or {TIGHT}, not {stock}, and there cannot be {skus} codes of goods.")
    for name in markets:
        if name not in SIDES:
            raise StartError(f"There is no marketplace {name!r} here: use {', '.join(SIDES)}.")
    sandbox = Sandbox(
        seed=seed,
        stores=stores,
        orders=orders,
        rate=rate,
        start_at=start_at,
        markets=markets or tuple(SIDES),
        chats=chats,
        chat_rate=chat_rate,
        returns=returns,
        return_rate=return_rate,
        skus=skus,
        stock=stock,
        money_errors=money_errors,
    )
    if faults is not None:
        _load_faults(sandbox, faults)
    # The filled world stays for the process's life: without this the collector walks it again and again.
    gc.freeze()
    try:
        asyncio.run(_serve(sandbox, port, world_step, exit_with_parent=exit_with_parent))
    except OSError as error:
        reason = error.strerror or error
        raise StartError(f"Port {port} cannot be used ({reason}): choose another or 0 for a free one.") from error


def _load_faults(sandbox: Sandbox, path: Path) -> None:
    try:
        rules = json.loads(path.read_text(encoding="utf-8"))
        sandbox.faults.replace(rules["rules"] if isinstance(rules, dict) else rules)
    except OSError as error:
        raise StartError(f"The fault file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        detail = str(error) if isinstance(error, FaultError) else "it must be a JSON list of rules"
        raise StartError(f"The fault file {path} is not usable: {detail}.") from error


def ready_line(sandbox: Sandbox, origin: str) -> dict[str, Any]:
    """What a client needs to begin: addresses, app credentials, shops with tokens."""
    return {
        "marketplaces": {
            name: {
                **side.addresses(origin),
                "app_key": side.app_key,
                "app_secret": side.app_secret,
                "shops": [asdict(shop) for shop in sandbox.shops(name)],
                **({"chat": asdict(chat)} if (chat := side.chat_access()) is not None else {}),
            }
            for name, side in sandbox.sides.items()
        },
        "admin_url": f"{origin}/_sandbox",
        "pid": os.getpid(),
    }


async def _serve(sandbox: Sandbox, port: int, world_step_s: float, *, exit_with_parent: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if exit_with_parent:
        loop.add_reader(sys.stdin.fileno(), _watch_stdin, loop, stop)
    async with serving(sandbox, port, world_step_s) as origin:
        sys.stdout.write(json.dumps(ready_line(sandbox, origin), ensure_ascii=False) + "\n")
        sys.stdout.flush()
        await stop.wait()


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Standard input became readable: throw away what comes, stop at its end."""
    if not os.read(sys.stdin.fileno(), 4096):
        loop.remove_reader(sys.stdin.fileno())
        stop.set()

"""Owns the engine as a process: lease, log, signals, socket, exit code."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Iterator

from shoptui import __version__
from shoptui.adapters.http import HttpSettings
from shoptui.clock import Clock, SystemClock
from shoptui.config import Config, ConfigError, config_path, load_config
from shoptui.domain.rule_types import RuleError
from shoptui.engine import logs
from shoptui.engine.core import Engine, failing
from shoptui.engine.lanes import describe
from shoptui.engine.lease import Lease, LeaseError, LeaseTaken
from shoptui.engine.requests import Requests
from shoptui.engine.rule_change import apply_rules
from shoptui.engine.secrets import SecretsError
from shoptui.engine.server import Server
from shoptui.paths import DataDir
from shoptui.store.errors import StoreError

log = logging.getLogger(__name__)

EXIT_OK = 0
EXIT_FAILED = 1
#: Another engine holds the data directory; who starts engines relies on this number.
EXIT_TAKEN = 3

#: Objects made before the collector looks at the young ones.
_GC_YOUNG = 250_000

#: Rounds of `--once`; a month of history is thirty, and a store that still wants more is left to the next run.
_ROUNDS_MAX = 200


def main(data_dir: DataDir, *, once: bool = False) -> int:
    """Run an engine in this process until it is told to stop; returns the exit code."""
    os.umask(0o027 if data_dir.shared else 0o077)
    # Pages of orders are thousands of young objects without cycles; at the default thresholds the collector walks them
    # again and again, which cost a sixth of the whole sync.
    gc.freeze()
    gc.set_threshold(_GC_YOUNG, 50, 100)
    gc.enable()
    try:
        return asyncio.run(run_engine(data_dir, once=once))
    except Exception as error:
        # The usual report would quote values: a token, a buyer's name.
        logs.complain(f"stopped by a mistake of its own: {describe(error)}. Its log is {data_dir.log}.")
        return EXIT_FAILED


async def run_engine(
    data_dir: DataDir,
    *,
    once: bool = False,
    clock: Clock | None = None,
    config: Config | None = None,
    http: HttpSettings | None = None,
    signals: bool = True,
) -> int:
    """One engine's whole life.

    Without `once` it serves its socket until stopped: 0. With `once` it reads every store, sends and settles what is
    due, and ends: 0, or 1 when a store failed (each is named on stderr). 1 also when it cannot start, with one sentence
    saying why, and 3 when another engine holds the directory.
    """
    try:
        settings = config if config is not None else load_config(config_path(data_dir))
        clock = clock if clock is not None else SystemClock(settings.test_clock_offset_s)
        with Lease.take(data_dir, int(clock.wire_now())) as lease:
            return await _run(lease, settings, clock, http, once=once, signals=signals)
    except LeaseTaken as error:
        logs.complain(str(error))
        return EXIT_TAKEN
    except (ConfigError, LeaseError, RuleError, SecretsError, StoreError, ValueError) as error:
        logs.complain(str(error))
        return EXIT_FAILED


async def _run(
    lease: Lease, config: Config, clock: Clock, http: HttpSettings | None, *, once: bool, signals: bool
) -> int:
    engine = await Engine.open(lease.data_dir, config, clock, http=http)
    handler = logs.set_up(lease.data_dir.log, lambda: _secrets_of(engine))
    try:
        log.info("engine %s starts, pid %d, %d stores", __version__, os.getpid(), len(engine.lanes))
        if signals:
            _listen_to_signals(engine)
        return await (_once(engine) if once else _serve(engine, lease))
    finally:
        await engine.quiet()
        await engine.close()
        log.info("engine stopped")
        logs.tear_down(handler)


async def _serve(engine: Engine, lease: Lease) -> int:
    server = Server(Requests(engine), engine.house.hub)
    await server.start(lease.bind_socket())
    try:
        engine.start()
        await engine.wait_stopped()
        # Clients hear "engine_stopping" while calls under way finish.
        await engine.quiet()
    finally:
        await server.close()
    return EXIT_OK


async def _once(engine: Engine) -> int:
    """Every store read to the end of its first sync, everything due sent and settled."""
    await apply_rules(engine.house)
    for lane in engine.lanes.values():
        lane.sync.ask_now()
    for _ in range(_ROUNDS_MAX):
        next_at = await engine.turn()
        if engine.stopping or next_at > engine.house.clock.now():
            break
    await engine.house.writer.counts(engine.house.now())
    failed = failing(list(engine.lanes.values()))
    for store, why in failed:
        logs.complain(f"{store.store_id}: {why}")
    return EXIT_FAILED if failed or not engine.all_served else EXIT_OK


def _listen_to_signals(engine: Engine) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, engine.stop, signal.Signals(number).name)


def _secrets_of(engine: Engine) -> Iterator[str]:
    secrets = engine.house.secrets
    for app in secrets.apps.values():
        yield app.app_secret
    for tokens in secrets.tokens():
        yield tokens.access_token
        yield tokens.refresh_token

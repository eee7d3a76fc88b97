"""The engine as a process would run it: once, twice at a time, with broken files, and with other rules."""

from __future__ import annotations

import asyncio
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shoptui.client import EngineClient
from shoptui.config import Config, EngineConfig
from shoptui.domain.intents import IntentState
from shoptui.engine.enrol import enrol
from shoptui.engine.lease import Lease, LeaseTaken
from shoptui.engine.main import run_engine
from shoptui.store.writer import Writer
from tests.engine.support import IMPATIENT, Bench, accept, bench, shippable, shipped


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path, orders=120) as found:
        yield found


async def once(made: Bench, config: Config | None = None) -> int:
    return await run_engine(
        made.data_dir, once=True, clock=made.clock, config=config or made.config, http=IMPATIENT, signals=False
    )


async def test_once_reads_everything_and_sends_what_is_due(made: Bench) -> None:
    assert await once(made) == 0
    engine = await made.engine()
    orders = [order for order in await shippable(engine, made.stores[0].store_id) if len(order.packages) == 1][:2]
    for package in made.live.world.packages.values():
        package.flaw, package.weight_g = None, 500
    (due,) = await accept(engine, orders[:1], batch_id="due", hold_s=0)
    (held,) = await accept(engine, orders[1:], batch_id="held", hold_s=60)
    assert all(lane.sync.feed.first_done for lane in engine.lanes.values())
    await made.close(engine)
    assert await once(made) == 0
    engine = await made.engine()
    states = [intent.state for intent in await engine.house.writer.intents([due.intent_id, held.intent_id])]
    assert states == [IntentState.DONE, IntentState.HELD]
    assert list(shipped(made.live)) == [due.target_id]


async def test_once_names_every_store_that_failed(made: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bad = made.stores[1]
    made.live.faults.replace([{"match": {"shop_id": bad.shop_id}, "do": {"status": 503}}])
    assert await once(made) == 1
    said = capsys.readouterr().err
    assert bad.store_id in said and made.stores[0].store_id not in said


async def test_the_second_engine_says_who_runs_and_exits_3(made: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    with Lease.take(made.data_dir, 1):
        assert await once(made) == 3
        assert re.search(r"already runs on .*: process \d+", capsys.readouterr().err)
        with pytest.raises(LeaseTaken):
            await enrol(made.data_dir, [], [])


async def test_secrets_others_can_read_stop_it_with_the_command_that_helps(
    made: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    made.data_dir.secrets.chmod(0o644)
    assert await once(made) == 1
    assert f"chmod 600 {made.data_dir.secrets}" in capsys.readouterr().err


async def test_a_damaged_ledger_stops_it_and_a_damaged_cache_does_not(
    made: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await once(made) == 0
    made.data_dir.cache.write_bytes(b"not a database at all" * 300)
    assert await once(made) == 0
    async with await Writer.open(made.data_dir, 1) as writer:
        assert [alert.kind for alert in await writer.alerts()] == ["cache_rebuilt"]
        assert await writer.open_order_nos(made.stores[0].store_id)
    made.data_dir.ledger.write_bytes(b"not a database at all" * 300)
    capsys.readouterr()
    assert await once(made) == 1
    assert "ledger.db" in capsys.readouterr().err


async def test_an_app_that_is_not_set_up_is_an_alert_and_a_failure(made: Bench) -> None:
    async with await Writer.open(made.data_dir, 1) as writer:
        (first, *_) = await writer.stores()
        await writer.put_store(type(first)(**{**_fields(first), "app": "gone"}))
    assert await once(made) == 1
    async with await Writer.open(made.data_dir, 1) as writer:
        assert [(alert.kind, alert.args["store"]) for alert in await writer.alerts()] == [("no_app", first.store_id)]


def _fields(store: object) -> dict[str, object]:
    return {name: getattr(store, name) for name in type(store).__slots__}  # type: ignore[attr-defined]  # slotted


RULE = """
format = 1
[[rule]]
id = "house-first-scan"
marketplace = "tiktok"
kind = "scan"
consequence = "late_dispatch"
stopped_by = "collected"
from = "paid"
hours = 8000
[rule.source]
who = "the house"
title = "our own promise"
seen = 2026-01-01
"""


async def sources(made: Bench) -> set[str]:
    """Where the clocks of all cached open orders are from."""
    found = set()
    async with await Writer.open(made.data_dir, 1) as writer:
        for store in made.stores:
            numbers = sorted(await writer.open_order_nos(store.store_id))
            for order in await writer.orders_by_no(store.store_id, numbers):
                found.update(clock.source for clock in order.clocks)
    return found


async def test_a_new_rule_reaches_orders_that_are_there_already(made: Bench) -> None:
    rules = made.data_dir.root / "rules.toml"
    assert await once(made) == 0
    assert "rule:house-first-scan" not in await sources(made)
    rules.write_text(RULE, encoding="utf-8")
    # The marketplace cannot be reached: whatever changes, changes because of the rules.
    made.live.faults.replace([{"match": {}, "do": {"status": 503}}])
    assert await once(made, Config(rules=rules)) == 1
    assert "rule:house-first-scan" in await sources(made)


async def test_a_rule_file_that_cannot_be_used_stops_it_with_its_name(
    made: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = made.data_dir.root / "rules.toml"
    rules.write_text(RULE.replace("hours", "houres"), encoding="utf-8")
    assert await once(made, Config(rules=rules)) == 1
    assert "rules.toml" in capsys.readouterr().err


async def test_it_serves_until_told_to_stop_and_leaves_nothing_behind(made: Bench) -> None:
    config = Config(engine=EngineConfig(hold_s=0))
    running = asyncio.create_task(
        run_engine(made.data_dir, clock=made.clock, config=config, http=IMPATIENT, signals=False)
    )
    while not made.data_dir.socket.exists():
        await asyncio.sleep(0.01)
        assert not running.done()
    async with await EngineClient.connect(made.data_dir) as client:
        assert (await client.request("stop")).ok
        assert await running == 0
    assert not made.data_dir.socket.exists()
    log = made.data_dir.log.read_text(encoding="utf-8")
    assert "engine stopped" in log
    assert stat.S_IMODE(made.data_dir.log.stat().st_mode) == 0o600
    for shop in made.live.shops:
        assert shop.access_token not in log and shop.refresh_token not in log
    Lease.take(made.data_dir, 1).release()


async def test_a_broken_audit_chain_is_an_alert(made: Bench) -> None:
    engine = await made.engine()
    for number in range(3):
        await engine.house.writer.audit(number, "mei", "pts/1", "note", "tt-th-1/1")
    assert await engine.check_audit() is None
    forge = "DROP TRIGGER audit_no_update; UPDATE audit SET operator = 'an' WHERE seq = 2"
    await engine.house.writer._ledger.run(lambda db: db.executescript(forge))
    assert await engine.check_audit() == 2
    assert {alert.alert_id: dict(alert.args) for alert in engine.house.alerts.standing()} == {
        "audit_broken": {"seq": "2"}
    }

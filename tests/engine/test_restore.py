"""Restoring a backup before a living marketplace: nothing goes out twice, nothing goes out that was taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.client import EngineClient
from shoptui.domain.intents import IntentState
from shoptui.domain.orders import Order
from shoptui.engine.core import Engine
from shoptui.engine.lease import Lease, LeaseTaken
from shoptui.settings import BackupConfig
from shoptui.store.backup import make_backup, read_manifest
from shoptui.store.backup_names import default_name
from shoptui.store.restore import restore
from tests.engine.support import Bench, accept, bench, served, shippable, shipped


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path, orders=120) as found:
        for package in found.live.world.packages.values():
            package.flaw, package.weight_g = None, 500
        yield found


async def sound_orders(made: Bench, engine: Engine, count: int) -> list[Order]:
    """So many orders of the first store with one parcel that can be shipped."""
    orders = [order for order in await shippable(engine, made.stores[0].store_id) if len(order.packages) == 1]
    assert len(orders) >= count
    return orders[:count]


async def test_what_went_out_after_the_backup_is_proved_and_the_rest_is_asked(made: Bench) -> None:
    engine = await made.engine()
    await made.synced(engine)
    orders = await sound_orders(made, engine, 4)
    intents = await accept(engine, orders, hold_s=30)
    sent, also_sent, taken_back, taken_back_too = (intent.intent_id for intent in intents)
    now = engine.house.now()
    archive = make_backup(made.data_dir, made.data_dir.root / "b.tar.gz", now=now).path

    # After the backup two are taken back, the others go out.
    await engine.house.writer.take_back(None, [taken_back, taken_back_too], engine.house.now())
    await made.until_quiet(engine)
    went = shipped(made.live)
    assert sorted(went) == sorted(intent.target_id for intent in intents[:2])
    await made.close(engine)

    # The disk dies, the backup is put back: by its ledger all four are still to be sent.
    with Lease.take(made.data_dir, 1):
        done = restore(made.data_dir, archive, now=int(made.clock.now()), operator="mei", origin="pts/1")
    assert done.asked == 4
    engine = await made.engine()
    assert {intent.state for intent in await engine.house.writer.batch("b1")} == {IntentState.NEEDS_PERSON}
    await made.synced(engine)
    await made.until_quiet(engine)
    states = {intent.intent_id: intent.state for intent in await engine.house.writer.batch("b1")}
    assert states == {
        sent: IntentState.DONE,
        also_sent: IntentState.DONE,
        taken_back: IntentState.NOT_DONE,
        taken_back_too: IntentState.NOT_DONE,
    }
    # Not one call more than before the restore: nothing was sent again, and nothing that had been taken back.
    assert shipped(made.live) == went


async def test_evidence_counts_only_from_the_restoring_on(made: Bench) -> None:
    engine = await made.engine()
    await made.synced(engine)
    (order,) = await sound_orders(made, engine, 1)
    (intent,) = await accept(engine, [order], hold_s=30)
    archive = make_backup(made.data_dir, made.data_dir.root / "b.tar.gz", now=engine.house.now()).path
    await made.close(engine)
    made.advance(600)
    restore(made.data_dir, archive, now=int(made.clock.now()), operator="mei", origin="pts/1")
    engine = await made.engine()
    # It may have gone out a second ago: what the marketplace says now proves nothing yet.
    await engine.turn()
    (now,) = await engine.house.writer.intents([intent.intent_id])
    assert now.state is IntentState.NEEDS_PERSON
    await made.until_quiet(engine)
    (later,) = await engine.house.writer.intents([intent.intent_id])
    assert later.state is IntentState.NOT_DONE
    assert shipped(made.live) == {}


async def test_no_restore_beside_a_running_engine(made: Bench) -> None:
    async with served(made):
        with pytest.raises(LeaseTaken, match="engine --stop"):
            Lease.take(made.data_dir, 1)


async def test_the_running_engine_makes_a_backup_and_writes_it_down(made: Bench, tmp_path: Path) -> None:
    made.config = replace(made.config, backup=BackupConfig(directory=str(tmp_path / "kept")))
    async with served(made) as running, await running.connect() as client:
        first = await client.request("backup")
        assert first.ok, first.say
        archive = Path(first.body["path"])
        assert archive.parent == tmp_path / "kept"
        assert archive.name == default_name(made.data_dir, first.body["made_at"])
        assert read_manifest(archive).store_ids == tuple(sorted(store.store_id for store in made.stores))
        running.advance(1)
        second = await client.request("backup", keep=1, with_secrets=True)
        assert second.ok and second.body["removed"] == [str(archive)]
        assert read_manifest(Path(second.body["path"])).entry("secrets.json") is not None
        named = await client.request("backup", path=str(tmp_path / "kept" / "mine.tar.gz"))
        assert named.ok and named.body["private"]
        await _refused(client, "bad_request", path="mine.tar.gz")
        await _refused(client, "bad_request", keep=0)
        await _refused(client, "store_error", path=named.body["path"])
        assert await running.engine.house.writer.verify_audit() is None
    backups = [path.name for path in (tmp_path / "kept").iterdir()]
    assert sorted(backups) == sorted(["mine.tar.gz", Path(second.body["path"]).name])


async def _refused(client: EngineClient, reason: str, **fields: object) -> None:
    answer = await client.request("backup", **fields)
    assert (answer.ok, answer.reason) == (False, reason), answer

"""Full disks, damaged and missing files, strange versions and places: said in a sentence, and nothing half done."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from shoptui.domain.intents import Verb
from shoptui.paths import DataDir
from shoptui.store import files
from shoptui.store.cache_schema import CACHE_MIGRATIONS
from shoptui.store.errors import (
    CacheDamaged,
    DiskFull,
    LedgerDamaged,
    NoHouse,
    SchemaTooNew,
    SchemaTooOld,
    WrongFileSystem,
)
from shoptui.store.migrations import Migration
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, STORES, intent, order, orders


def smash(path: Path) -> None:
    """Overwrite the second page and what follows, as a failing disk may."""
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xa5" * 8192
    path.write_bytes(bytes(content))


async def build(house: DataDir) -> None:
    async with await Writer.open(house, NOW) as writer:
        await writer.put_store(STORES[0])
        await writer.upsert_orders([order()], seen_at=NOW, now=NOW)
        await writer.audit(NOW, "mei", "tty", "ship", "tt-th-1/1")


async def test_a_damaged_cache_is_put_aside_and_built_anew(house: DataDir) -> None:
    await build(house)
    house.cache.write_bytes(b"no database at all" * 1000)
    async with await Writer.open(house, NOW + 5) as writer:
        assert writer.opened.cache_rebuilt
        assert await writer.orders_by_no("tt-th-1", [order().order_no]) == []
        assert [store.store_id for store in await writer.stores()] == ["tt-th-1"]
    assert house.cache.with_name(f"cache.db.damaged-{NOW + 5}").read_bytes().startswith(b"no database")


async def test_a_cache_that_was_not_closed_is_looked_through(house: DataDir) -> None:
    writer = await Writer.open(house, NOW)
    await writer.upsert_orders(orders(300), seen_at=NOW, now=NOW)
    await writer.close()
    db = sqlite3.connect(house.cache, isolation_level=None)
    db.execute("UPDATE meta SET value = 0 WHERE name = 'closed_cleanly'")
    db.close()
    smash(house.cache)
    async with await Writer.open(house, NOW) as reopened:
        assert reopened.opened.cache_rebuilt


async def test_a_cache_found_damaged_in_use_is_rebuilt_at_the_next_start(house: DataDir) -> None:
    async with await Writer.open(house, NOW) as writer:
        await writer.upsert_orders(orders(300), seen_at=NOW, now=NOW)
    db = sqlite3.connect(house.cache)
    page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'order_body'").fetchone()[0]
    db.close()
    content = bytearray(house.cache.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    house.cache.write_bytes(bytes(content))
    # It was closed cleanly, so the start trusts it; the first use of the bad page does not go unnoticed.
    async with await Writer.open(house, NOW) as writer:
        assert not writer.opened.cache_rebuilt
        with pytest.raises(CacheDamaged, match="Restart the engine"):
            await writer.orders_by_no("tt-th-1", [orders(1)[0].order_no])
    async with await Writer.open(house, NOW) as writer:
        assert writer.opened.cache_rebuilt
    async with await Writer.open(house, NOW) as writer:
        assert not writer.opened.cache_rebuilt


async def test_a_whole_cache_stays(house: DataDir) -> None:
    await build(house)
    async with await Writer.open(house, NOW) as writer:
        assert not writer.opened.cache_rebuilt
        assert len(await writer.orders_by_no("tt-th-1", [order().order_no])) == 1


@pytest.mark.parametrize("name", ["ledger", "vault"])
async def test_what_cannot_be_rebuilt_is_refused_when_damaged(house: DataDir, name: str) -> None:
    await build(house)
    path: Path = getattr(house, name)
    smash(path)
    before = path.read_bytes()
    with pytest.raises(LedgerDamaged, match=rf"{name}\.db is damaged .* put back the newest backup"):
        await Writer.open(house, NOW)
    assert path.read_bytes() == before


@pytest.mark.parametrize("how", ["gone", "empty"])
async def test_a_lost_ledger_is_not_replaced_in_silence(house: DataDir, how: str) -> None:
    await build(house)
    for path in house.root.glob("ledger.db*"):
        path.unlink()
    if how == "empty":
        house.ledger.touch()
    with pytest.raises(LedgerDamaged, match=r"ledger\.db is missing or empty, but cache\.db is there"):
        await Writer.open(house, NOW)


@pytest.mark.parametrize("name", ["cache", "ledger", "vault"])
async def test_files_of_a_newer_program_are_refused(house: DataDir, name: str) -> None:
    await build(house)
    db = sqlite3.connect(getattr(house, name), isolation_level=None)
    db.execute("INSERT INTO migration VALUES ('0999 from the future', 1)")
    db.close()
    with pytest.raises(SchemaTooNew, match=rf"{name}\.db was written by a newer shoptui \(0999 from the future\)"):
        await Writer.open(house, NOW)
    if name != "vault":
        with pytest.raises(SchemaTooNew):
            await Reader.open(house)


async def test_a_reader_says_that_the_engine_is_older(house: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    await build(house)
    ours = (*CACHE_MIGRATIONS, Migration("0999 of this program", ()))
    monkeypatch.setattr("shoptui.store.reader.CACHE_MIGRATIONS", ours)
    with pytest.raises(SchemaTooOld, match=r"0999 of this program is missing\)\. Restart the engine"):
        await Reader.open(house)


async def test_a_house_in_the_making_is_none_yet(house: DataDir) -> None:
    await build(house)
    house.cache.write_bytes(b"")
    for suffix in ("-wal", "-shm"):
        house.cache.with_name(house.cache.name + suffix).unlink()
    with pytest.raises(NoHouse):
        await Reader.open(house)


async def test_a_reader_says_that_there_is_no_house(tmp_path: Path) -> None:
    with pytest.raises(NoHouse, match="There is no shoptui house"):
        await Reader.open(DataDir(tmp_path / "nothing"))


async def test_a_full_disk_undoes_the_whole_batch(writer: Writer) -> None:
    await writer.accept_batch("b1", Verb.SHIP, "mei", "tty", [intent()], [NOW], NOW)
    await writer._ledger.run(_no_more_pages)
    many = [intent(str(number), f"P{number}", args={"note": "x" * 500}) for number in range(2, 500)]
    with pytest.raises(DiskFull, match=r"ledger\.db could not be written and nothing was changed"):
        await writer.accept_batch("b2", Verb.SHIP, "mei", "tty", many, [NOW] * len(many), NOW)
    assert [each.batch_id for each in await writer.open_intents()] == ["b1"]
    assert await writer.batch("b2") == []
    await writer._ledger.run(_room_again)
    answer = await writer.accept_batch("b2", Verb.SHIP, "mei", "tty", many, [NOW] * len(many), NOW)
    assert len(answer.intent_ids) == len(many)


async def test_a_full_disk_leaves_the_cache_as_it_was(writer: Writer) -> None:
    await writer.upsert_orders(orders(10), seen_at=NOW, now=NOW)
    await writer._cache.run(_no_more_pages)
    with pytest.raises(DiskFull, match=r"cache\.db"):
        await writer.upsert_orders([order(f"9{n:06d}") for n in range(2000)], seen_at=NOW, now=NOW)
    assert len(await writer.open_order_nos("tt-th-1")) == 10
    await writer._cache.run(_room_again)


def _no_more_pages(db: sqlite3.Connection) -> None:
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 2}")


def _room_again(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA max_page_count = 1000000")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/house", "ext4"),
        ("/net/house", "nfs4"),
        ("/net/local/house", "ext4"),
        ("/with blank/house", "cifs"),
        ("/netted/house", "ext4"),
    ],
)
def test_the_file_system_is_the_deepest_mount(tmp_path: Path, path: str, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\n"
        "server:/export /net nfs4 rw 0 0\n"
        "/dev/sdb1 /net/local ext4 rw 0 0\n"
        "//server/share /with\\040blank cifs rw 0 0\n",
        encoding="utf-8",
    )
    assert files.file_system_of(Path(path), mounts) == kind


def test_a_network_file_system_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("server:/export / nfs4 rw 0 0\n", encoding="utf-8")
    with pytest.raises(WrongFileSystem, match=r"network file system \(nfs4\).*--data-dir"):
        files.refuse_network(tmp_path, mounts)


def test_a_system_that_does_not_tell_is_trusted(tmp_path: Path) -> None:
    files.refuse_network(tmp_path, tmp_path / "no such file")

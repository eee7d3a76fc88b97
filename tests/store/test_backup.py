"""Backups: consistent beside a writer, verified, private; and restoring, which replaces nothing it has not checked."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from shoptui.domain.intents import OPEN_STATES, Cause, CauseId, Intent, IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.orders import Recipient
from shoptui.paths import DataDir
from shoptui.queries.labels import NewPrint, PrintState
from shoptui.store.backup import BackupError, Made, make_backup, note_in_audit, read_manifest
from shoptui.store.backup_names import backups_in, default_name
from shoptui.store.errors import LedgerDamaged, NoHouse, SchemaTooNew
from shoptui.store.reader import Reader
from shoptui.store.restore import Restored, restore, verify
from shoptui.store.writer import Writer

NOW = 1_800_000_000
LATER = NOW + 3600


def intents(count: int) -> list[NewIntent]:
    return [NewIntent(Verb.SHIP, "tt-th-1", f"577{n}", TargetKind.PACKAGE, f"115{n}") for n in range(count)]


async def fill(house: DataDir) -> dict[str, int]:
    """A house with a buyer and an intent in every state; their ids by state."""
    async with await Writer.open(house, NOW) as writer:
        await writer.put_vault(
            "tt-th-1", "5770", Recipient("Invented Buyer", "0800", "1 Nowhere", "Bangkok", "1", "TH")
        )
        await writer.audit(NOW, "mei", "pts/1", "note", "tt-th-1/5770")
        accepted = await writer.accept_batch("b1", Verb.SHIP, "mei", "pts/1", intents(9), [NOW] * 9, NOW)
        ids = dict(zip(IntentState, accepted.intent_ids, strict=True))
        steps = {
            IntentState.HELD: (),
            IntentState.QUEUED: ("queued",),
            IntentState.SENDING: ("queued", "sending"),
            IntentState.DONE: ("queued", "sending", "done"),
            IntentState.FAILED: ("failed",),
            IntentState.UNKNOWN: ("queued", "sending", "unknown"),
            IntentState.NOT_DONE: ("queued", "sending", "unknown", "not_done"),
            IntentState.NEEDS_PERSON: ("queued", "sending", "unknown", "needs_person"),
            IntentState.TAKEN_BACK: ("taken_back",),
        }
        for state, way in steps.items():
            for step in way:
                cause = Cause(CauseId.TOO_HEAVY) if step == "failed" else None
                evidence = {"read_at": NOW} if step == "needs_person" else None
                await writer.move(
                    [ids[state]], IntentState(step), now=NOW, cause=cause, evidence=evidence,
                    attempts_plus=1 if step == "sending" else 0,
                )  # fmt: skip
        return {state.value: number for state, number in ids.items()}


@pytest.fixture
async def house(tmp_path: Path) -> DataDir:
    made = DataDir(tmp_path / "house")
    await fill(made)
    return made


def back_up(house: DataDir, at: int = NOW, **options: bool | int) -> Made:
    target = house.root / "backups" / default_name(house, at)
    return make_backup(house, target, now=at, **options)  # type: ignore[arg-type]  # options are told apart by name


def put_back(house: DataDir, archive: Path, **options: bool) -> Restored:
    return restore(house, archive, now=LATER, operator="an", origin="pts/2", **options)


async def outbox(house: DataDir) -> dict[int, Intent]:
    async with await Writer.open(house, LATER) as writer:
        return {intent.intent_id: intent for intent in await writer.batch("b1")}


def test_a_backup_is_private_and_says_what_it_holds(house: DataDir) -> None:
    house.secrets.write_text("{}")
    house.config.write_text("[engine]\nhold_s = 3\n")
    made = back_up(house)
    assert made.private and stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700
    manifest = read_manifest(made.path)
    assert manifest == made.manifest == verify(made.path)
    assert [entry.name for entry in manifest.files] == ["ledger.db", "vault.db", "config.toml"]
    assert manifest.made_at == NOW
    assert manifest.open_intents == len(OPEN_STATES)
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]
    with_secrets = back_up(house, NOW + 1, with_secrets=True)
    assert with_secrets.manifest.entry("secrets.json") is not None


async def test_it_is_consistent_while_the_writer_goes_on(house: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    from shoptui.store import backup

    really_copy = backup._copy
    async with await Writer.open(house, NOW) as writer:
        seen: list[int] = []

        def copy_and_write(source: sqlite3.Connection, target: Path, path: Path) -> None:
            # Somebody writes into both databases between the two copies.
            for file in (house.ledger, house.vault):
                with closing(sqlite3.connect(file, isolation_level=None, timeout=5)) as other:
                    other.execute("DELETE FROM alert") if file == house.ledger else other.execute(
                        "DELETE FROM recipient"
                    )
            seen.append(1)
            really_copy(source, target, path)

        monkeypatch.setattr(backup, "_copy", copy_and_write)
        made = back_up(house)
        assert len(seen) == 2
        assert await writer.vault_recipient("tt-th-1", "5770") is None
    put_back(house, made.path)
    async with await Writer.open(house, LATER) as writer:
        recipient = await writer.vault_recipient("tt-th-1", "5770")
        assert recipient is not None and recipient.name == "Invented Buyer"
        assert await writer.verify_audit() is None


async def test_nothing_open_is_left_to_be_sent_by_itself(house: DataDir) -> None:
    before = await outbox(house)
    made = back_up(house)
    done = put_back(house, made.path)
    after = await outbox(house)
    assert done.asked == len(OPEN_STATES)
    for number, was in before.items():
        now = after[number]
        if was.state not in OPEN_STATES:
            assert now == was
            continue
        assert now.state is IntentState.NEEDS_PERSON
        assert now.cause == Cause(CauseId.RESTORED)
        # It may have gone out at any moment until now, so now is when evidence begins to count.
        assert (now.sent_at, now.look_at) == (LATER, LATER)
        assert now.attempts >= 1
        assert now.evidence is not None
        assert now.evidence["was"] == was.state.value
        assert now.evidence["backup_made_at"] == NOW
        assert dict(was.evidence or {}).items() <= dict(now.evidence).items()


async def test_a_print_under_way_is_not_looked_for_among_other_peoples_jobs(house: DataDir) -> None:
    async with await Writer.open(house, NOW) as writer:
        (first, *_) = await writer.batch("b1")
        new = NewPrint(first.intent_id, "tt-th-1", "5770", "1150", "label", "", "00", "mei")
        job = await writer.begin_print("b1", "dock1", "labels {job}", [new], NOW)
        await writer.note_job(job.print_job_id, 17)
    put_back(house, back_up(house).path)
    async with await Writer.open(house, LATER) as writer:
        assert await writer.open_print_jobs() == []
        ended = await writer.print_job_of(first.intent_id)
        assert ended is not None and (ended.state, ended.settled_at) == (PrintState.UNSURE, LATER)
        later = await writer.begin_print("b2", "dock1", "labels {job}", [new], LATER)
        assert later.print_job_id > job.print_job_id + 1


async def test_everybody_hears_of_it_and_no_number_means_something_else(house: DataDir) -> None:
    made = back_up(house)
    async with await Writer.open(house, NOW + 10) as writer:
        lost = await writer.accept_batch("lost", Verb.SHIP, "mei", "pts/1", intents(20)[10:11], [NOW], NOW)
    put_back(house, made.path)
    async with await Writer.open(house, LATER) as writer:
        (alert,) = await writer.alerts()
        assert (alert.kind, dict(alert.args)) == ("restored", {"made": "2027-01-15 08:00 UTC", "count": "5"})
        fresh = await writer.accept_batch("new", Verb.SHIP, "mei", "pts/1", intents(20)[11:12], [LATER], LATER)
        assert fresh.intent_ids[0] > lost.intent_ids[0]
        assert await writer.verify_audit() is None
        assert await writer.audit(LATER, "mei", "pts/1", "note", "x") == 3


async def test_a_restored_house_can_be_read_before_an_engine_has_opened_it(house: DataDir, tmp_path: Path) -> None:
    archive = back_up(house).path
    for place in (house, DataDir(tmp_path / "another machine")):
        put_back(place, archive)
        async with await Reader.open(place) as reader:
            assert [intent.state for intent in await reader.intents_of("b1")]
            assert await reader.candidates([1], LATER, "mei") == []
        async with await Writer.open(place, LATER) as writer:
            assert await writer.verify_audit() is None


def test_the_old_files_are_kept_and_the_cache_goes(house: DataDir) -> None:
    made = back_up(house)
    house.cache.write_bytes(b"whatever")
    house.secrets.write_text("newer tokens")
    with closing(sqlite3.connect(house.ledger, isolation_level=None)) as ledger:
        ledger.execute("DELETE FROM alert")
    before = house.ledger.read_bytes()
    done = put_back(house, made.path)
    assert done.aside is not None and (done.aside / "ledger.db").read_bytes() == before
    assert stat.S_IMODE(done.aside.stat().st_mode) == 0o700
    assert stat.S_IMODE(house.ledger.stat().st_mode) == 0o600
    assert house.cache.read_bytes() != b"whatever"
    assert house.secrets.read_text() == "newer tokens"
    assert not (house.root / ".restore").exists()
    # A second one within the same second does not overwrite what the first kept.
    assert put_back(house, made.path).aside != done.aside


def test_into_a_house_that_is_not_there_yet(house: DataDir, tmp_path: Path) -> None:
    house.config.write_text("[engine]\nhold_s = 3\n")
    house.secrets.write_text("old tokens")
    made = back_up(house, with_secrets=True)
    fresh = DataDir(tmp_path / "another machine")
    done = put_back(fresh, made.path, with_secrets=True)
    assert done.aside is None and done.config and done.secrets
    assert fresh.config.read_text() == "[engine]\nhold_s = 3\n"
    assert fresh.secrets.read_text() == "old tokens"
    assert stat.S_IMODE(fresh.secrets.stat().st_mode) == 0o600


def repacked(archive: Path, change: Callable[[str, bytes], bytes | None], *more: str) -> Path:
    """The archive with its members changed; None leaves one out."""
    target = archive.with_name("changed.tar.gz")
    with tarfile.open(archive) as source, tarfile.open(target, "w:gz") as out:
        members = [(member.name, source.extractfile(member)) for member in source]
        contents = [(name, change(name, file.read())) for name, file in members if file is not None]
        for name, content in [*contents, *((name, b"x") for name in more)]:
            if content is not None:
                about = tarfile.TarInfo(name)
                about.size = len(content)
                out.addfile(about, io.BytesIO(content))
    return target


def flip(content: bytes) -> bytes:
    return content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]


def newer(content: bytes) -> bytes:
    return json.dumps({**json.loads(content), "format": 99, "program": "9.0"}).encode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda name, content: flip(content) if name == "ledger.db" else content, "ledger.db in .* is damaged"),
        (lambda name, content: None if name == "vault.db" else content, "lacks vault.db"),
        (lambda name, content: None if name == "manifest.json" else content, "no backup of shoptui"),
        (lambda name, content: newer(content) if name == "manifest.json" else content, "newer shoptui .9.0."),
        (lambda name, content: b"[]" if name == "manifest.json" else content, "no backup of shoptui"),
        (lambda name, content: content[:-512] if name == "vault.db" else content, "its list does not"),
    ],
)
def test_what_is_not_as_it_was_made_is_refused_and_nothing_changes(
    house: DataDir, change: Callable[[str, bytes], bytes | None], words: str
) -> None:
    changed = repacked(back_up(house).path, change)
    before = {path.name: path.read_bytes() for path in house.root.iterdir() if path.is_file()}
    with pytest.raises(BackupError, match=words):
        put_back(house, changed)
    with pytest.raises(BackupError, match=words):
        verify(changed)
    assert {path.name: path.read_bytes() for path in house.root.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("stray", ["../outside.db", "/tmp/outside.db", "cache.db"])
def test_a_file_that_is_not_on_the_list_is_refused(house: DataDir, stray: str) -> None:
    changed = repacked(back_up(house).path, lambda name, content: content, stray)
    with pytest.raises(BackupError, match="its list does not"):
        put_back(house, changed)


def test_half_a_file_and_no_backup_at_all_are_refused(house: DataDir, tmp_path: Path) -> None:
    archive = back_up(house).path
    half = tmp_path / "half.tar.gz"
    half.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    for wrong in (half, house.ledger, tmp_path / "none.tar.gz"):
        with pytest.raises(BackupError, match=r"backup|breaks off"):
            put_back(house, wrong)


def test_a_newer_schema_is_refused(house: DataDir) -> None:
    with closing(sqlite3.connect(house.ledger, isolation_level=None)) as ledger:
        ledger.execute("INSERT INTO migration (name, applied_at) VALUES ('9999 of the future', 1)")
    archive = back_up(house).path
    before = house.ledger.read_bytes()
    with pytest.raises(SchemaTooNew, match="9999 of the future"):
        put_back(house, archive)
    assert house.ledger.read_bytes() == before


def test_a_damaged_ledger_makes_no_backup_and_removes_none(house: DataDir) -> None:
    good = back_up(house).path
    content = bytearray(house.ledger.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    house.ledger.write_bytes(bytes(content))
    with pytest.raises((LedgerDamaged, BackupError)):
        back_up(house, NOW + 60, keep=1)
    assert [path for _, path in backups_in(good.parent, house)] == [good]


def test_no_file_is_ever_overwritten_and_no_house_is_said(house: DataDir, tmp_path: Path) -> None:
    made = back_up(house)
    with pytest.raises(BackupError, match="is there already"):
        back_up(house)
    with pytest.raises(BackupError, match="no secrets"):
        back_up(house, NOW + 1, with_secrets=True)
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]
    with pytest.raises(NoHouse):
        back_up(DataDir(tmp_path / "empty"))


def test_keep_removes_this_houses_oldest_only(house: DataDir) -> None:
    folder = house.root / "backups"
    folder.mkdir(mode=0o700)
    another = folder / default_name(DataDir(house.root.parent / "other"), NOW - 9)
    note = folder / "note.txt"
    for stranger in (another, note):
        stranger.write_text("not ours")
    made = [back_up(house, NOW + number, keep=2) for number in range(4)]
    assert [path for _, path in backups_in(folder, house)] == [made[2].path, made[3].path]
    assert made[3].removed == (made[1].path,)
    assert another.exists() and note.exists()


async def test_a_backup_without_an_engine_is_in_the_audit_log(house: DataDir) -> None:
    note_in_audit(house, NOW, "mei", "pts/1", "to /elsewhere")
    async with await Writer.open(house, NOW) as writer:
        assert await writer.verify_audit() is None
        assert await writer.audit(NOW, "mei", "pts/1", "note", "x") == 3


def test_a_disk_that_fails_in_the_middle_leaves_the_house_as_it_was(
    house: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = back_up(house).path
    before = (house.ledger.read_bytes(), house.vault.read_bytes())
    really_rename = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if target == house.ledger and ".restore" in str(path):
            raise OSError(5, "Input/output error")
        return really_rename(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(BackupError, match="The house is as it was"):
        put_back(house, archive)
    assert (house.ledger.read_bytes(), house.vault.read_bytes()) == before


async def test_a_crash_in_the_middle_lets_no_engine_start_on_half_a_house(
    house: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = back_up(house).path
    really_rename = Path.rename

    class PowerCut(BaseException):
        pass

    def rename(path: Path, target: Path) -> Path:
        if target == house.ledger and ".restore" in str(path):
            raise PowerCut
        return really_rename(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(PowerCut):
        put_back(house, archive)
    monkeypatch.undo()
    with pytest.raises(LedgerDamaged, match="Put back the newest backup"):
        await Writer.open(house, LATER)
    put_back(house, archive)
    async with await Writer.open(house, LATER) as writer:
        assert await writer.verify_audit() is None

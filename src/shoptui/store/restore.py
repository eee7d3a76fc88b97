"""Restoring a backup: verified in full before anything is replaced, the old state kept, nothing sent blindly after it.

What was open when the backup was made may have been sent since, or taken back since: the ledger that knew is gone. So
nothing of it is sent by itself. It is put before a person, and the marketplace is read for evidence that may spare them
the question.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shoptui.domain.intents import CauseId, IntentState
from shoptui.paths import DataDir
from shoptui.queries.labels import PrintState
from shoptui.queries.types import Alert
from shoptui.store import audit, desk, files, vault
from shoptui.store.backup import (
    CONFIG,
    FILES,
    LEDGER,
    SECRETS,
    VAULT,
    BackupError,
    FileEntry,
    Manifest,
    checked_for_backup,
    digest_of,
    manifest_of,
    open_archive,
    refuse_full,
    sync_folder,
)
from shoptui.store.database import transaction, translated
from shoptui.store.ledger_schema import LEDGER_MIGRATIONS, OPEN_STATES_SQL, VAULT_MIGRATIONS
from shoptui.store.migrations import Migration, migrate, refuse_newer
from shoptui.store.opening import make_empty_cache

#: The kind of the alert that says it to every cockpit.
ALERT = "restored"

_BLOCK_BYTES = 1024 * 1024
_SUFFIXES = ("", "-wal", "-shm")

#: Numbers given out between the backup and its restoring may still be remembered by cockpits and written in logs: they
#: must not come to mean something else.
_NUMBERS_SKIPPED = 1_000_000

#: Stands where the cache was while files are replaced. An engine that starts after a crash in between finds a cache and
#: no ledger, and refuses; once the ledger is there, it finds a damaged cache, and reads it anew.
_PLACEHOLDER = b"shoptui: a backup is being restored into this house\n"

_LEDGER_FILES: Mapping[str, tuple[Migration, ...]] = {LEDGER: LEDGER_MIGRATIONS, VAULT: VAULT_MIGRATIONS}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done. `asked` intents are put before a person; `aside` is where the old files are, None without any.

    `audit_broken_at`: the backup's audit log did not fit from that entry on, None when it is whole.
    """

    manifest: Manifest
    asked: int
    aside: Path | None
    secrets: bool
    config: bool
    audit_broken_at: int | None


def restore(
    data_dir: DataDir, archive: Path, *, now: int, operator: str, origin: str, with_secrets: bool = False
) -> Restored:
    """Put a backup's ledger and vault in the place of the house's; the caller holds the house's lock.

    The cache is emptied: the engine reads it anew. Secrets are replaced only with `with_secrets`, the settings file
    only where there is none. `now` is world time, epoch seconds. Raises BackupError, SchemaTooNew or LedgerDamaged; the
    house is then as it was.
    """
    files.prepare_directory(data_dir)
    files.refuse_network(data_dir.root)
    work = data_dir.root / ".restore"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        manifest = _unpack(archive, work)
        if with_secrets and manifest.entry(SECRETS) is None:
            raise BackupError(
                f"{archive} holds no secrets. Restore it without --with-secrets, then sign the stores in."
            )
        asked, broken_at = _bring_up_to_date(work, manifest, now, operator, origin)
        make_empty_cache(work / data_dir.cache.name, now)
        aside = _replace(data_dir, work, now, with_secrets=with_secrets)
        config = _place_config(data_dir, work)
    except OSError as error:
        raise BackupError(
            f"{archive} could not be restored: {error.strerror or type(error).__name__}. The house is as it was."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Restored(manifest, asked, aside, with_secrets, config, broken_at)


def verify(archive: Path) -> Manifest:
    """Take an archive out into a temporary folder and check all of it.

    Raises BackupError, SchemaTooNew or LedgerDamaged.
    """
    with tempfile.TemporaryDirectory(prefix="shoptui-") as folder:
        work = Path(folder)
        manifest = _unpack(archive, work)
        for name, migrations in _LEDGER_FILES.items():
            with closing(_open(work / name)) as db:
                with translated(work / name):
                    refuse_newer(db, migrations, work / name)
                checked_for_backup(db, work / name)
    return manifest


# -- taking out and verifying ----------------------------------------------------------------------------------------


def _unpack(archive: Path, work: Path) -> Manifest:
    """All files of the archive in `work`, each as the manifest says. Raises BackupError."""
    with open_archive(archive) as tar:
        manifest = manifest_of(tar, archive)
        refuse_full(work, sum(entry.size_bytes for entry in manifest.files))
        wanted = {entry.name: entry for entry in manifest.files}
        try:
            while (member := tar.next()) is not None:
                entry = wanted.pop(member.name, None)
                if entry is None or entry.name not in FILES or not member.isfile() or member.size != entry.size_bytes:
                    raise BackupError(
                        f"{archive} holds {member.name!r}, which its list does not. Nothing was replaced."
                    )
                _take_out(tar, member, work / entry.name)
        except (tarfile.TarError, EOFError) as error:
            raise BackupError(f"{archive} breaks off. Nothing was replaced; take an older backup.") from error
    missing = sorted(wanted) or [name for name in (LEDGER, VAULT) if manifest.entry(name) is None]
    if missing:
        raise BackupError(f"{archive} lacks {', '.join(missing)}. Nothing was replaced; take an older backup.")
    for entry in manifest.files:
        _verify(archive, work, entry)
    return manifest


def _take_out(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    source = tar.extractfile(member)
    assert source is not None
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(source, file, _BLOCK_BYTES)
        file.flush()
        os.fsync(file.fileno())


def _verify(archive: Path, work: Path, entry: FileEntry) -> None:
    if digest_of(work / entry.name) != entry.sha256:
        raise BackupError(f"{entry.name} in {archive} is damaged. Nothing was replaced; take an older backup.")


# -- what the restored ledger has to say -----------------------------------------------------------------------------


def _bring_up_to_date(work: Path, manifest: Manifest, now: int, operator: str, origin: str) -> tuple[int, int | None]:
    """Migrate the copies and write into them what restoring means; how many are asked about, and a broken audit log."""
    with closing(_open(work / LEDGER)) as ledger, closing(_open(work / VAULT)) as vault_db:
        for name, db in ((LEDGER, ledger), (VAULT, vault_db)):
            with translated(work / name):
                migrate(db, _LEDGER_FILES[name], work / name, now)
            checked_for_backup(db, work / name)
        with translated(work / LEDGER):
            broken_at = audit.first_broken(ledger, vault.audit_head(vault_db))
            asked = ask_about_open(ledger, now, manifest.made_at)
            arguments = {
                "made": f"{datetime.fromtimestamp(manifest.made_at, UTC):%Y-%m-%d %H:%M} UTC",
                "count": str(asked),
            }
            desk.raise_alert(ledger, Alert(f"{ALERT}:{now}", ALERT, now, arguments))
            detail = f"of {manifest.made_at}, {asked} open orders put before a person"
            seq, tie = audit.append(ledger, now, operator, origin, "restore", "house", detail)
            vault.note_audit_head(vault_db, seq, tie)
    return asked, broken_at


def ask_about_open(ledger: sqlite3.Connection, now: int, made_at: int) -> int:
    """Put everything that is open before a person, prints under way included; returns how many intents that are.

    `now` counts as the moment of sending: it is the last one at which it may have happened, so evidence is not trusted
    too early.
    """
    facts = json.dumps({"restored_at": now, "backup_made_at": made_at})
    with transaction(ledger):
        asked = ledger.execute(
            f"""
            UPDATE outbox SET
                evidence = json_patch(json_patch(coalesce(evidence, '{{}}'), ?), json_object('was', state)),
                state = ?, cause_id = ?, cause_code = '', cause_message = '',
                sent_at = ?, look_at = ?, attempts = max(attempts, 1)
            WHERE state IN ({OPEN_STATES_SQL})
            """,
            (facts, IntentState.NEEDS_PERSON.value, CauseId.RESTORED.value, now, now),
        ).rowcount
        # The print system's numbers belong to other jobs by now: none of these may be looked for, or let go.
        ledger.execute(
            "UPDATE print_job SET state = ?, settled_at = ?, detail = ? WHERE settled_at IS NULL",
            (PrintState.UNSURE.value, now, "vanished: a backup was restored"),
        )
        ledger.execute("UPDATE sqlite_sequence SET seq = seq + ?", (_NUMBERS_SKIPPED,))
    return asked


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = FULL")
    return db


# -- replacing -------------------------------------------------------------------------------------------------------


def _replace(data_dir: DataDir, work: Path, now: int, *, with_secrets: bool) -> Path | None:
    """Put the new files in place; returns where the old ones went. When that fails the old ones are put back."""
    replaced = [data_dir.vault, data_dir.ledger, *([data_dir.secrets] if with_secrets else [])]
    aside = _free_folder(data_dir.root / f"before-restore-{now}")
    moved: list[tuple[Path, Path]] = []
    _block_cache(data_dir.cache)
    try:
        for path in replaced:
            for suffix in _SUFFIXES:
                part = path.with_name(path.name + suffix)
                if part.exists():
                    aside.mkdir(mode=0o700, exist_ok=True)
                    part.rename(aside / part.name)
                    moved.append((aside / part.name, part))
        sync_folder(data_dir.root)
        # The ledger last: an engine starts on nothing less.
        for path, private in ((data_dir.secrets, True), (data_dir.vault, True), (data_dir.ledger, False)):
            if path in replaced:
                (work / path.name).chmod(files.mode_for(data_dir, private=private))
                (work / path.name).rename(path)
        sync_folder(data_dir.root)
    except (OSError, KeyboardInterrupt):
        for away, home in moved:
            away.rename(home)
        data_dir.cache.unlink(missing_ok=True)
        raise
    empty = work / data_dir.cache.name
    empty.chmod(files.mode_for(data_dir, private=False))
    empty.replace(data_dir.cache)
    sync_folder(data_dir.root)
    return aside if moved else None


def _block_cache(cache: Path) -> None:
    draft = cache.with_name(f"{cache.name}.restoring")
    draft.write_bytes(_PLACEHOLDER)
    draft.replace(cache)
    for suffix in ("-wal", "-shm", ".suspect"):
        cache.with_name(cache.name + suffix).unlink(missing_ok=True)
    sync_folder(cache.parent)


def _free_folder(wanted: Path) -> Path:
    folder, number = wanted, 1
    while folder.exists():
        number += 1
        folder = wanted.with_name(f"{wanted.name}-{number}")
    return folder


def _place_config(data_dir: DataDir, work: Path) -> bool:
    """Put the backup's settings file in place where there is none; True if that was done."""
    if data_dir.shared or data_dir.config.exists() or not (work / CONFIG).exists():
        return False
    (work / CONFIG).rename(data_dir.config)
    return True

"""Backups: one archive with consistent copies of ledger and vault, and a manifest by which they are verified.

The archive is a gzipped tar: `manifest.json` first, then `ledger.db`, `vault.db`, `config.toml` where there is one, and
`secrets.json` where it was asked for. The cache is not in it: the marketplaces have what it holds.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

from shoptui import __version__
from shoptui.paths import DataDir
from shoptui.store import audit, vault
from shoptui.store.backup_names import backups_in
from shoptui.store.database import BUSY_MS, read_only_uri, translated
from shoptui.store.errors import LedgerDamaged, NoHouse, StoreError, damaged_sentence
from shoptui.store.ledger_schema import LEDGER_MIGRATIONS, OPEN_STATES_SQL
from shoptui.store.migrations import applied, refuse_newer

FORMAT = 1
MANIFEST, LEDGER, VAULT, CONFIG, SECRETS = "manifest.json", "ledger.db", "vault.db", "config.toml", "secrets.json"
#: All an archive may hold beside its manifest.
FILES = (LEDGER, VAULT, CONFIG, SECRETS)

_BLOCK_BYTES = 1024 * 1024
#: Fast, and the databases' text still shrinks to a quarter.
_GZIP_LEVEL = 3


class BackupError(StoreError):
    """A backup cannot be made, read or restored; the message says why and what to do. Nothing was replaced."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of an archive, as it must be when it is taken out again. `sha256` is in hexadecimal digits."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says about itself. `made_at` is epoch seconds; `migrations` are those of each database."""

    program: str
    made_at: int
    files: tuple[FileEntry, ...]
    migrations: Mapping[str, tuple[str, ...]]
    store_ids: tuple[str, ...]
    open_intents: int

    def entry(self, name: str) -> FileEntry | None:
        """The entry of a file, None when the archive does not have it."""
        return next((entry for entry in self.files if entry.name == name), None)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made. `private` False: its file system lets others read it, whatever mode is asked for."""

    path: Path
    size_bytes: int
    manifest: Manifest
    private: bool
    removed: tuple[Path, ...] = ()


def make_backup(
    data_dir: DataDir, target: Path, *, now: int, with_secrets: bool = False, keep: int | None = None
) -> Made:
    """Write an archive of the house to `target`, verified and readable by its owner alone; may run beside an engine.

    `keep`: afterwards remove this house's older backups in that folder beyond the newest so many; None removes none.
    Raises BackupError, LedgerDamaged or NoHouse; then there is no file, and no older one was removed.
    """
    for path in (data_dir.ledger, data_dir.vault):
        if not path.exists():
            raise NoHouse(f"There is nothing to back up: {path} is not there.")
    if target.exists():
        raise BackupError(f"{target} is there already and is left as it is. Name another file.")
    part = target.with_name(f".{target.name}.part")
    try:
        _prepare_folder(target.parent)
        # The copies, and in the worst case an archive of the same size.
        refuse_full(target.parent, 2 * (_bytes_of(data_dir.ledger) + _bytes_of(data_dir.vault)))
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            manifest = _copy_all(data_dir, Path(folder), now, with_secrets)
            _pack(Path(folder), manifest, part)
        part.rename(target)
        sync_folder(target.parent)
        private = target.stat().st_mode & 0o077 == 0
        size_bytes = target.stat().st_size
    except OSError as error:
        part.unlink(missing_ok=True)
        why = error.strerror or type(error).__name__
        raise BackupError(f"{target} cannot be written: {why}. Name another place, or make room there.") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    removed = _prune(target.parent, data_dir, keep) if keep is not None else ()
    return Made(target, size_bytes, manifest, private, removed)


def note_in_audit(data_dir: DataDir, at: int, operator: str, origin: str, detail: str) -> None:
    """Write the backup into the audit log where no engine runs to do it; the caller holds the house's lock."""
    with ExitStack() as stack:
        ledger, vault_db = (_open(stack, path, read_only=False) for path in (data_dir.ledger, data_dir.vault))
        with translated(data_dir.ledger):
            refuse_newer(ledger, LEDGER_MIGRATIONS, data_dir.ledger)
            seq, tie = audit.append(ledger, at, operator, origin, "backup", "house", detail)
        with translated(data_dir.vault):
            vault.note_audit_head(vault_db, seq, tie)


def read_manifest(archive: Path) -> Manifest:
    """What an archive says about itself; its files are not looked at. Raises BackupError."""
    with open_archive(archive) as tar:
        return manifest_of(tar, archive)


def open_archive(archive: Path) -> tarfile.TarFile:
    """The archive for reading, member by member. Raises BackupError."""
    try:
        return tarfile.open(archive, "r|gz")
    except (OSError, tarfile.TarError, EOFError) as error:
        raise BackupError(f"{archive} cannot be read as a backup: {_why(error)}.") from error


def manifest_of(tar: tarfile.TarFile, archive: Path) -> Manifest:
    """The manifest, which is the first member. Raises BackupError."""
    strange = f"{archive} is no backup of shoptui, or it is damaged."
    try:
        first = tar.next()
        file = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
        if first is None or file is None or first.size > _BLOCK_BYTES:
            raise BackupError(strange)
        found = json.loads(file.read())
        if found["format"] != FORMAT:
            raise BackupError(f"{archive} was made by a newer shoptui ({found['program']}). Update this one first.")
        return Manifest(
            program=str(found["program"]),
            made_at=int(found["made_at"]),
            files=tuple(FileEntry(str(e["name"]), int(e["size_bytes"]), str(e["sha256"])) for e in found["files"]),
            migrations={str(name): tuple(map(str, ran)) for name, ran in found["migrations"].items()},
            store_ids=tuple(map(str, found["store_ids"])),
            open_intents=int(found["open_intents"]),
        )
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(strange) from error


def checked_for_backup(db: sqlite3.Connection, path: Path) -> None:
    """Raise LedgerDamaged unless a database is whole."""
    with translated(path):
        finding = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if finding != "ok":
        raise LedgerDamaged(damaged_sentence(path, str(finding).splitlines()[-1]))


# -- making ---------------------------------------------------------------------------------------------------------


def _copy_all(data_dir: DataDir, folder: Path, now: int, with_secrets: bool) -> Manifest:
    """Copies of all files in `folder`, and what is to be said about them."""
    sources = {VAULT: data_dir.vault, LEDGER: data_dir.ledger}
    with ExitStack() as stack:
        # Both are held as they are at one moment before either is copied. The vault comes first: what it notes of the
        # audit log is written after the log, so the ledger's copy always has what the vault's copy speaks of.
        pinned = {name: _pin(stack, path) for name, path in sources.items()}
        for name, source in pinned.items():
            _copy(source, folder / name, sources[name])
        ledger = pinned[LEDGER]
        migrations = {name: tuple(applied(db)) for name, db in pinned.items()}
        store_ids = tuple(row[0] for row in ledger.execute("SELECT store_id FROM store ORDER BY store_id"))
        (waiting,) = ledger.execute(f"SELECT count(*) FROM outbox WHERE state IN ({OPEN_STATES_SQL})").fetchone()
    if data_dir.config.exists():
        shutil.copyfile(data_dir.config, folder / CONFIG)
    if with_secrets:
        if not data_dir.secrets.exists():
            raise BackupError(f"There are no secrets to back up: {data_dir.secrets} is not there.")
        shutil.copyfile(data_dir.secrets, folder / SECRETS)
    names = [name for name in FILES if (folder / name).exists()]
    return Manifest(
        program=__version__,
        made_at=now,
        files=tuple(FileEntry(name, _bytes_of(folder / name), digest_of(folder / name)) for name in names),
        migrations=migrations,
        store_ids=store_ids,
        open_intents=waiting,
    )


def _open(stack: ExitStack, path: Path, *, read_only: bool) -> sqlite3.Connection:
    address = read_only_uri(path) if read_only else read_only_uri(path).replace("?mode=ro", "?mode=rw")
    with translated(path):
        return stack.enter_context(
            closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_MS / 1000))
        )


def _pin(stack: ExitStack, path: Path) -> sqlite3.Connection:
    """A connection that sees the database as it is now, whatever is written meanwhile."""
    db = _open(stack, path, read_only=True)
    with translated(path):
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return db


def _copy(source: sqlite3.Connection, target: Path, path: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        with translated(path):
            # A copy that is not finished is thrown away, so nothing is gained by waiting for the disk.
            copy.execute("PRAGMA synchronous = OFF")
            source.backup(copy)
            # One file without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        checked_for_backup(copy, path)


def _pack(folder: Path, manifest: Manifest, part: Path) -> None:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        # The name stays out of the gzip header: a renamed backup says nothing of where it was.
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=_GZIP_LEVEL) as tar:
            content = {"format": FORMAT, **asdict(manifest)}
            _add(tar, MANIFEST, json.dumps(content, ensure_ascii=False, indent=1).encode(), manifest.made_at)
            for entry in manifest.files:
                about = _about(entry.name, entry.size_bytes, manifest.made_at)
                with (folder / entry.name).open("rb") as copy:
                    tar.addfile(about, copy)
        file.flush()
        os.fsync(file.fileno())


def _about(name: str, size_bytes: int, at: int) -> tarfile.TarInfo:
    about = tarfile.TarInfo(name)
    about.size, about.mtime, about.mode = size_bytes, at, 0o600
    return about


def _add(tar: tarfile.TarFile, name: str, content: bytes, at: int) -> None:
    tar.addfile(_about(name, len(content), at), io.BytesIO(content))


def _prune(directory: Path, data_dir: DataDir, keep: int) -> tuple[Path, ...]:
    """Remove this house's oldest backups beyond the newest `keep`; returns what went."""
    old = [path for _, path in backups_in(directory, data_dir)][:-keep] if keep > 0 else []
    for path in old:
        path.unlink(missing_ok=True)
    return tuple(old)


# -- small things ----------------------------------------------------------------------------------------------------


def digest_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bytes_of(path: Path) -> int:
    """The file's size, with what still stands in its write-ahead log."""
    log = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)


def _prepare_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)


def refuse_full(folder: Path, needed_bytes: int) -> None:
    """Raise BackupError when a disk has not this much room."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise BackupError(
            f"There is not enough room in {folder}: {needed_bytes / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} are "
            "free. Make room, or name another place."
        )


def sync_folder(folder: Path) -> None:
    """Have renames in a folder on the disk before going on."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _why(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is damaged or something else"

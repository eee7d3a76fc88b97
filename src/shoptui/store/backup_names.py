"""Where backups go and what they are called, so that they are found, counted and kept apart per house."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from shoptui.paths import DataDir

_STAMP = "%Y%m%dT%H%M%SZ"


def backup_directory(data_dir: DataDir, configured: str) -> Path:
    """Where backups go: the configured folder ("" means `backups` in the data directory)."""
    return Path(configured).expanduser() if configured else data_dir.root / "backups"


def default_name(data_dir: DataDir, made_at: int) -> str:
    """The name of a backup: whose it is, so that houses may share a folder, and when it was made (UTC)."""
    return f"{_stem(data_dir)}{datetime.fromtimestamp(made_at, UTC).strftime(_STAMP)}.tar.gz"


def backups_in(directory: Path, data_dir: DataDir) -> list[tuple[int, Path]]:
    """This house's backups by the names we gave them: when each was made (epoch s) and where it is, oldest first."""
    pattern = re.compile(re.escape(_stem(data_dir)) + r"(\d{8}T\d{6}Z)\.tar\.gz")
    found = []
    for path in directory.iterdir() if directory.is_dir() else ():
        if match := pattern.fullmatch(path.name):
            made = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
            found.append((int(made.timestamp()), path))
    return sorted(found)


def _stem(data_dir: DataDir) -> str:
    mark = hashlib.sha256(os.fsencode(data_dir.root)).hexdigest()[:6]
    return f"shoptui-{data_dir.root.name}-{mark}-"

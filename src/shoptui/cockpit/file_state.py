"""By what it is seen that a file has changed."""

from __future__ import annotations

from pathlib import Path

FileState = tuple[int, int]


def state_of(path: Path | None) -> FileState | None:
    """When a file was changed and how long it is; None for one that is not there or cannot be seen."""
    try:
        found = None if path is None else path.stat()
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size)

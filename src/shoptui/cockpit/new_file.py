"""Writing a file that was not there before, for this user's eyes only."""

from __future__ import annotations

import os
from pathlib import Path


def write_new(folder: Path, stem: str, ending: str, content: bytes) -> Path:
    """Write `stem.ending`, or `stem-2.ending` and so on where that exists; the path. Raises OSError."""
    path = folder / f"{stem}.{ending}"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}.{ending}"
        number += 1
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return path

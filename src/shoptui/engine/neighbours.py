"""Owns the note, common to all houses of a host, of the shops each holds: two houses would both work on one order.

Each house has one small file in a directory that everybody may read and add to. It names shops by digests only. What is
read there comes from other users and is believed for a warning, nothing else.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import pwd
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from shoptui.text import sanitise_cell

log = logging.getLogger(__name__)

#: Survives a restart of the machine, unlike /tmp and /run (Filesystem Hierarchy Standard 3.0, section 5.15).
DEFAULT_DIRECTORY = Path("/var/tmp/shoptui-houses")
_FILE_MAX_BYTES = 256 * 1024
_OPEN_TO_ALL = 0o1777


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another house of this host. `user` is the owner of its note as the system knows it."""

    root: str
    user: str


def directory() -> Path:
    """Where the notes are."""
    return Path(os.environ.get("SHOPTUI_NEIGHBOURS") or DEFAULT_DIRECTORY)


def shop_digest(base_url: str, marketplace: str, shop_id: str) -> str:
    """A shop's name in the notes. The host counts, so that a sandbox's shops are not taken for real ones."""
    host = urlsplit(base_url).netloc
    return hashlib.sha256(f"{host}\0{marketplace}\0{shop_id}".encode()).hexdigest()[:32]


def note(root: Path, digests: Iterable[str]) -> None:
    """Write down which shops the house at `root` holds; none at all removes its note.

    A note that cannot be written is logged: the warning it is for is worth less than the store.
    """
    held = sorted(set(digests))
    path = _path(root)
    try:
        if not held:
            path.unlink(missing_ok=True)
            return
        _make(path.parent)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o644)
            json.dump({"root": str(root), "shops": held}, file)
        draft.replace(path)
    except OSError as error:
        log.warning("other houses on this machine cannot be told which shops are here: %s", error.strerror)


def holders(root: Path, digests: Collection[str]) -> dict[str, Neighbour]:
    """Which of these shops another house of this host says it holds, by digest."""
    found: dict[str, Neighbour] = {}
    for path in _notes(root):
        read = _read(path)
        if read is not None:
            neighbour, shops = read
            found.update({digest: neighbour for digest in digests if digest in shops})
    return found


def _path(root: Path) -> Path:
    return directory() / (hashlib.sha256(os.fsencode(root)).hexdigest()[:16] + ".json")


def _make(path: Path) -> None:
    if not path.exists():
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
        # Everybody may add a note, nobody may take another's away.
        path.chmod(_OPEN_TO_ALL)


def _notes(root: Path) -> Iterator[Path]:
    own = _path(root).name
    try:
        names = sorted(entry.name for entry in directory().iterdir())
    except OSError:
        return
    for name in names:
        if name.endswith(".json") and not name.startswith(".") and name != own:
            yield directory() / name


def _read(path: Path) -> tuple[Neighbour, frozenset[str]] | None:
    """A note's house and shops; None for anything that is no note, or whose house is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return None
            content = json.loads(file.read(_FILE_MAX_BYTES))
        root, shops = str(content["root"]), frozenset(str(shop) for shop in content["shops"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if status.st_uid == os.geteuid() and not Path(root).exists():
        path.unlink(missing_ok=True)
        return None
    return Neighbour(sanitise_cell(root, limit=200), _user(status.st_uid)), shops


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"

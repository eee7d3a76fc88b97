"""The database files themselves: where they may lie, who may read them, and how a damaged one is put aside."""

from __future__ import annotations

import os
from pathlib import Path

from shoptui.paths import DataDir
from shoptui.store.errors import WrongFileSystem

#: SQLite's write-ahead log needs shared memory and honest locks; between hosts these give neither
#: (sqlite.org/wal.html).
NETWORK_FILE_SYSTEMS = frozenset(
    {
        "afs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.ceph",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    }
)

_SUFFIXES = ("", "-wal", "-shm")


def file_system_of(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The type of the file system `path` lies on, "" where the system does not say (no /proc)."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    there = os.path.realpath(path)
    best, found = -1, ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # Blanks in mount points are written as octal escapes (proc(5), fstab(5)).
        point = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = there == point or there.startswith(point.rstrip("/") + "/")
        # A later mount on the same point hides the earlier one.
        if inside and len(point) >= best:
            best, found = len(point), fields[2]
    return found


def refuse_network(root: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Raise WrongFileSystem when the data directory lies on a network file system."""
    kind = file_system_of(root, mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise WrongFileSystem(
            f"{root} lies on a network file system ({kind}), where locks between machines do not hold. "
            "Choose a directory on a local disk with --data-dir."
        )


def prepare_directory(data_dir: DataDir) -> None:
    """Create the data directory: ours alone, or for the group when the house is shared.

    An existing directory keeps its mode: whoever set it up decided who may look.
    """
    if not data_dir.root.is_dir():
        data_dir.root.mkdir(parents=True, mode=0o700)
        # The set-group bit hands the group down to files made later (WAL and shared memory among them).
        data_dir.root.chmod(0o2750 if data_dir.shared else 0o700)


def prepare_file(path: Path, mode: int) -> None:
    """Create an empty database file with its mode before SQLite does: WAL and shared memory copy that mode."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, mode)
    try:
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def mode_for(data_dir: DataDir, *, private: bool) -> int:
    """0600, or 0640 for what operators of a shared house may read."""
    return 0o640 if data_dir.shared and not private else 0o600


def put_aside(path: Path, now: int) -> Path:
    """Rename a damaged database with its WAL and shared memory to `<name>.damaged-<now>`; returns where it went.

    Readers that have it open go on with what they have: a rename does not touch their descriptors.
    """
    target = path.with_name(f"{path.name}.damaged-{now}")
    for suffix in _SUFFIXES:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(target.with_name(target.name + suffix))
    return target


def identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, None when it is not there: tells whether a name still means the same file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino)

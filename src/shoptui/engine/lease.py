"""Owns the right to be the one engine of a data directory: the lock file, and the socket bound under it."""

from __future__ import annotations

import fcntl
import json
import os
import select
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from shoptui.paths import DataDir

_TRIES = 4
_TRY_AGAIN_S = 0.02


class LeaseTaken(RuntimeError):
    """Another engine holds the data directory; the message says which process and since when."""

    def __init__(self, pid: int | None, since_at: int | None, root: Path) -> None:
        who = f"process {pid}" if pid is not None else "another process"
        super().__init__(
            f"An engine already runs on {root}: {who}. Use that one, or stop it first with `shoptui engine --stop`."
        )
        self.pid = pid
        self.since_at = since_at


class LeaseError(RuntimeError):
    """The data directory cannot be used by an engine; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease. `since_at` is epoch seconds; both are None when the file does not say."""

    pid: int | None
    since_at: int | None


def prepare_directory(data_dir: DataDir) -> None:
    """Create the data directory, closed to others: 0700 for one person, 2750 (group may read) when shared.

    An existing directory keeps its mode. Raises LeaseError when it cannot be made, belongs to somebody else or can be
    written by others.
    """
    root = data_dir.root
    try:
        if not root.exists():
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            # mkdir's mode passes through the umask and drops the set-group-id bit.
            root.chmod(0o2750 if data_dir.shared else 0o700)
        status = root.stat()
    except OSError as error:
        raise LeaseError(
            f"The data directory {root} cannot be made: {error.strerror}. Name another with --data-dir."
        ) from error
    if status.st_uid != os.geteuid():
        raise LeaseError(
            f"The data directory {root} belongs to another user. Run the engine as its owner, "
            "or name another directory with --data-dir."
        )
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise LeaseError(f"Other users can write to the data directory {root}. Run: chmod go-w {root}")


class Lease:
    """The held lock. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, data_dir: DataDir, descriptor: int) -> None:
        self.data_dir = data_dir
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, data_dir: DataDir, now: int) -> Lease:
        """Become this directory's engine. Raises LeaseTaken when one runs, LeaseError when the directory is unfit."""
        prepare_directory(data_dir)
        descriptor = os.open(data_dir.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640 if data_dir.shared else 0o600)
        if not _lock(descriptor):
            holder = _read_holder(descriptor)
            os.close(descriptor)
            raise LeaseTaken(holder.pid, holder.since_at, data_dir.root)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since_at": now}).encode(), 0)
        return cls(data_dir, descriptor)

    def bind_socket(self) -> socket.socket:
        """The listening socket. Only the lock's holder may remove what an earlier engine left at the path."""
        path = self.data_dir.socket
        _prepare_socket_directory(path.parent, self.data_dir)
        path.unlink(missing_ok=True)
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # The mask makes the socket right from its first moment; chmod afterwards would leave a gap.
            previous = os.umask(0o117 if self.data_dir.shared else 0o177)
            try:
                server.bind(str(path))
            finally:
                os.umask(previous)
            server.listen(64)
        except OSError as error:
            server.close()
            raise LeaseError(f"The engine's socket {path} cannot be opened: {error.strerror or error}.") from error
        server.setblocking(False)
        return server

    def release(self) -> None:
        """Take the socket away and let go of the lock; harmless when repeated."""
        if self._descriptor is None:
            return
        self.data_dir.socket.unlink(missing_ok=True)
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(descriptor: int) -> bool:
    """Lock the file for this process; False when an engine has it."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # It may be somebody who asks `holder` just now, who has it for a moment only.
            select.select([], [], [], _TRY_AGAIN_S)
        else:
            return True
    return False


def holder(data_dir: DataDir) -> Holder | None:
    """Who runs the engine of this directory now, None when nobody does."""
    try:
        descriptor = os.open(data_dir.lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        # A shared lock is enough to find out, and two who ask at once do not take each other for an engine.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _read_holder(descriptor: int) -> Holder:
    try:
        said = json.loads(os.pread(descriptor, 4096, 0))
        return Holder(int(said["pid"]), int(said["since_at"]))
    except (ValueError, KeyError, TypeError):
        return Holder(None, None)


def _prepare_socket_directory(directory: Path, data_dir: DataDir) -> None:
    if directory == data_dir.root:
        return
    try:
        directory.mkdir(mode=0o750 if data_dir.shared else 0o700, parents=True, exist_ok=True)
        status = directory.stat()
    except OSError as error:
        raise LeaseError(f"The socket's directory {directory} cannot be made: {error.strerror}.") from error
    # A directory that anybody could have made in advance would let them put their own socket there.
    if status.st_uid not in (os.geteuid(), 0):
        raise LeaseError(f"The socket's directory {directory} belongs to another user; remove it or ask them to.")

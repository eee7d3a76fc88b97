"""Owns who is at the other end of the socket, as the kernel tells it: process, user and terminal."""

from __future__ import annotations

import os
import pwd
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

_UCRED = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Peer:
    """The connected process. `user` is the OS user's name, `#<uid>` when the system has no name for it.

    `terminal` is the process's controlling terminal (`pts/3`), "" without one.
    """

    pid: int
    uid: int
    user: str
    groups: tuple[str, ...]
    terminal: str

    @property
    def origin(self) -> str:
        """Where an order came from, for the audit log."""
        return self.terminal or f"process {self.pid}"


def peer_of(connection: socket.socket) -> Peer:
    """Ask the kernel who connected (Linux SO_PEERCRED, unix(7))."""
    pid, uid, gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    try:
        user = pwd.getpwuid(uid).pw_name
        groups = _group_names(os.getgrouplist(user, gid))
    except KeyError:
        user, groups = f"#{uid}", _group_names([gid])
    return Peer(pid, uid, user, groups, _terminal(pid))


def _group_names(gids: list[int]) -> tuple[str, ...]:
    import grp

    names = []
    for gid in gids:
        try:
            names.append(grp.getgrgid(gid).gr_name)
        except KeyError:
            continue
    return tuple(names)


def _terminal(pid: int) -> str:
    """The controlling terminal from /proc/<pid>/stat, "" when it has none or may not be read (proc(5), tty_nr)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        # The command's name may hold spaces and brackets; everything after the last bracket is fields.
        number = int(text.rpartition(")")[2].split()[4])
    except (OSError, ValueError, IndexError):
        return ""
    major, minor = number >> 8 & 0xFFF, (number & 0xFF) | (number >> 12 & 0xFFF00)
    if 136 <= major <= 143:
        return f"pts/{(major - 136) * 256 + minor}"
    if major == 4:
        return f"tty{minor}"
    return ""

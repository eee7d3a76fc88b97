"""Owns the checks of the machine: data directory, file system, secrets file, own state, socket path, disk, printers."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from shoptui.doctor.finding import Finding, State
from shoptui.i18n import _
from shoptui.paths import DataDir
from shoptui.store.files import NETWORK_FILE_SYSTEMS, file_system_of

#: A Unix socket's path may have 107 bytes (Linux unix(7)).
_SOCKET_PATH_MAX = 107
_FREE_LEAST_BYTES = 200_000_000
_FREE_GOOD_BYTES = 1_000_000_000
_LPSTAT_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Whose a file is and who may use it. `mode` holds the permission bits; `readable` is for this process."""

    owner_uid: int
    mode: int
    readable: bool
    writable: bool


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What is read of the machine; None stands for a file that is not there. `printers` None: no print system.

    `state_folder` is the folder of the operator's own state, or the nearest one above it that is there.
    """

    uid: int
    root: FileFacts | None
    file_system: str
    secrets: FileFacts | None
    state_folder: FileFacts | None
    free_bytes: int | None
    printers: tuple[tuple[str, str], ...] | None


def read_machine(data_dir: DataDir) -> MachineFacts:
    """Look at the machine; takes up to five seconds where the print system does not answer."""
    nearest = _nearest_existing(data_dir.root)
    return MachineFacts(
        uid=os.geteuid(),
        root=_facts(data_dir.root),
        file_system=file_system_of(nearest),
        secrets=_facts(data_dir.secrets),
        state_folder=_facts(_nearest_existing(data_dir.operator_state.parent)),
        free_bytes=_free_bytes(nearest),
        printers=_printers(),
    )


def check_machine(data_dir: DataDir, facts: MachineFacts, printer: str = "") -> list[Finding]:
    """Everything about the machine; `printer` is the one the settings name, "" for the print system's own default."""
    return [
        _directory(data_dir, facts),
        _file_system(data_dir, facts),
        _secrets(data_dir, facts),
        _own_state(data_dir, facts),
        _socket(data_dir),
        _disk(facts),
        *_printing(facts, printer),
    ]


def _directory(data_dir: DataDir, facts: MachineFacts) -> Finding:
    root = data_dir.root
    if facts.root is None:
        said = _("There is no house in {root} yet.").format(root=root)
        return Finding("directory", State.WARN, said, _("The first engine makes it; `shoptui demo` needs none."))
    if facts.root.mode & 0o022:
        said = _("Others can write to {root}.").format(root=root)
        return Finding("directory", State.BAD, said, f"chmod go-w {root}")
    if not data_dir.shared and facts.root.owner_uid not in (facts.uid, 0):
        said = _("{root} belongs to another user.").format(root=root)
        return Finding("directory", State.BAD, said, _("Name your own with --data-dir or SHOPTUI_HOME."))
    if not facts.root.readable:
        said = _("You may not read {root}.").format(root=root)
        return Finding("directory", State.BAD, said, _("Ask its owner to add you to its group."))
    if not data_dir.shared and facts.root.mode & 0o055:
        said = _("Others can look into {root}.").format(root=root)
        return Finding("directory", State.WARN, said, f"chmod 700 {root}")
    kind = _("shared") if data_dir.shared else _("your own")
    return Finding("directory", State.OK, f"{root} ({kind}, {facts.root.mode:04o})")


def _file_system(data_dir: DataDir, facts: MachineFacts) -> Finding:
    if facts.file_system in NETWORK_FILE_SYSTEMS:
        said = _("{root} lies on a network file system ({kind}), where locks do not hold.").format(
            root=data_dir.root, kind=facts.file_system
        )
        return Finding("file system", State.BAD, said, _("Choose a directory on a local disk."))
    if not facts.file_system:
        return Finding("file system", State.UNKNOWN, _("The system does not say which it is."))
    return Finding("file system", State.OK, facts.file_system)


def _secrets(data_dir: DataDir, facts: MachineFacts) -> Finding:
    path = data_dir.secrets
    if facts.secrets is None:
        if facts.root is not None and not facts.root.readable:
            return Finding("secrets", State.UNKNOWN, _("You may not look."))
        return Finding("secrets", State.UNKNOWN, _("There are none yet: no app is set up."))
    if facts.secrets.mode & 0o077:
        said = _("{path} can be read by others; the engine refuses it.").format(path=path)
        return Finding("secrets", State.BAD, said, f"chmod 600 {path}")
    if facts.root is not None and facts.secrets.owner_uid != facts.root.owner_uid:
        said = _("{path} does not belong to the engine's user; the engine refuses it.").format(path=path)
        return Finding("secrets", State.BAD, said, f"chown {facts.root.owner_uid} {path}")
    return Finding("secrets", State.OK, _("only the engine's user can read them"))


def _own_state(data_dir: DataDir, facts: MachineFacts) -> Finding:
    path = data_dir.operator_state
    if facts.state_folder is None or not facts.state_folder.writable:
        said = _("Views, marks and drafts cannot be kept: {folder} cannot be written.").format(folder=path.parent)
        return Finding("own state", State.WARN, said, _("Name a folder of your own in SHOPTUI_STATE."))
    return Finding("own state", State.OK, str(path))


def _socket(data_dir: DataDir) -> Finding:
    length = len(os.fsencode(data_dir.socket))
    if length > _SOCKET_PATH_MAX:
        said = _("{path} has {length} bytes; a socket's path may have {most}.").format(
            path=data_dir.socket, length=length, most=_SOCKET_PATH_MAX
        )
        return Finding("socket", State.BAD, said, _("Name a shorter one: socket = ... in the system's file."))
    return Finding("socket", State.OK, str(data_dir.socket))


def _disk(facts: MachineFacts) -> Finding:
    if facts.free_bytes is None:
        return Finding("disk", State.UNKNOWN, _("The system does not say how full it is."))
    free = _("{size} free").format(size=_size(facts.free_bytes))
    if facts.free_bytes < _FREE_LEAST_BYTES:
        todo = _("Make room now: when it is full, nothing is accepted any more.")
        return Finding("disk", State.BAD, free, todo)
    if facts.free_bytes < _FREE_GOOD_BYTES:
        return Finding("disk", State.WARN, free, _("Make room; labels and the cache grow."))
    return Finding("disk", State.OK, free)


def _printing(facts: MachineFacts, wanted: str) -> list[Finding]:
    if wanted and wanted not in [name for name, _said in facts.printers or ()]:
        said = _("The settings name the printer {name}, which is not there.").format(name=wanted)
        todo = _("`lpstat -p` lists those there are; printer = ... under [printing] names one.")
        return [Finding("printers", State.WARN, said, todo)]
    if facts.printers is None:
        return [
            Finding(
                "printers",
                State.UNKNOWN,
                _("There is no print system here (lpstat)."),
                _("Labels can be saved to a file; to print them install CUPS (cups-client)."),
            )
        ]
    if not facts.printers:
        said = _("The print system knows no printer.")
        return [Finding("printers", State.UNKNOWN, said, _("Add one with lpadmin, or in the desktop's settings."))]
    return [
        Finding(f"printer:{name}", State.OK, said)
        if not said.startswith("disabled")
        else Finding(f"printer:{name}", State.WARN, _("It is stopped: {why}").format(why=said), f"cupsenable {name}")
        for name, said in facts.printers
    ]


def read_printers(said: str) -> tuple[tuple[str, str], ...]:
    """Name and state of each printer from what `lpstat -p` says in the C locale."""
    found = []
    for line in said.splitlines():
        if match := re.match(r"printer (\S+) (?:is |now )?(.+)", line):
            words = match[2].partition(".")[0].strip()
            found.append((match[1], re.sub(r" since .*", "", words)))
    return tuple(found)


def _printers() -> tuple[tuple[str, str], ...] | None:
    try:
        done = subprocess.run(
            ["lpstat", "-p"],
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LPSTAT_WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return read_printers(done.stdout.decode(errors="replace"))


def _facts(path: Path) -> FileFacts | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return FileFacts(
        owner_uid=status.st_uid,
        mode=stat.S_IMODE(status.st_mode),
        readable=os.access(path, os.R_OK),
        writable=os.access(path, os.W_OK),
    )


def _nearest_existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _free_bytes(path: Path) -> int | None:
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"

"""A real sshd on loopback for tests: own host key, own authorised key, ended with the test."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


@dataclass(frozen=True, slots=True)
class SshServer:
    """Where the test's sshd listens and how to log in."""

    port: int
    key: Path
    process: subprocess.Popen[bytes]

    def command(self, *remote: str) -> list[str]:
        """An ssh command line that runs `remote` there on a terminal."""
        options = [
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            "IdentitiesOnly=yes",
            "Compression=yes",
        ]
        flags = [part for option in options for part in ("-o", option)]
        return [
            "ssh",
            "-tt",
            "-p",
            str(self.port),
            "-i",
            str(self.key),
            *flags,
            f"{getpass.getuser()}@127.0.0.1",
            *remote,
        ]


@contextlib.contextmanager
def sshd_on_loopback(home: Path) -> Iterator[SshServer]:
    """Run sshd in the foreground on a free loopback port. Skips where OpenSSH is not installed."""
    if not os.path.exists(_SSHD) or shutil.which("ssh") is None:
        pytest.skip("OpenSSH (sshd and ssh) is not installed")
    home.mkdir(parents=True, exist_ok=True)
    for name in ("host_key", "login_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)], check=True)
    authorised = home / "authorized_keys"
    authorised.write_bytes((home / "login_key.pub").read_bytes())
    authorised.chmod(0o600)
    # Started as root, sshd wants its privilege separation directory.
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = home / "sshd_config"
    config.write_text(
        f"""Port {port}
ListenAddress 127.0.0.1
HostKey {home / "host_key"}
AuthorizedKeysFile {authorised}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PermitUserEnvironment no
AcceptEnv SHOPTUI_* LANG TERM COLORTERM
"""
    )
    process = subprocess.Popen([_SSHD, "-D", "-e", "-f", str(config)], stderr=subprocess.DEVNULL)
    try:
        _wait_listening(port, process)
        yield SshServer(port, home / "login_key", process)
    finally:
        process.terminate()
        process.wait(10)


def _wait_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise AssertionError(f"sshd ended with code {process.returncode} at start")
        with socket.socket() as probe:
            probe.settimeout(0.05)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    raise AssertionError("sshd did not listen within 10 s")

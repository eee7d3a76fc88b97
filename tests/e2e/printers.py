"""A print system of the tests' own: CUPS on a free port of loopback, and an IPP printer that keeps what it prints."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from pypdf import PdfReader

from tests.e2e.live import wait_until

#: What has to be there, and Debian's package for it.
NEEDED = {
    "cupsd": "cups",
    "lpadmin": "cups-client",
    "ippeveprinter": "cups-ipp-utils",
    "dbus-daemon": "dbus",
    "avahi-daemon": "avahi-daemon",
}
_SYSTEM_DIRECTORIES = ("/usr/sbin", "/sbin")

#: ippeveprinter announces itself and does not start where nobody listens, so the bus and the announcer are ours too.
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={root}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""
_ANNOUNCER = """[server]
host-name=shoptui-test
use-ipv6=no
allow-interfaces=lo
[wide-area]
enable-wide-area=no
"""
#: The private values are Debian's own: a job's name is shown to its owner alone.
_CUPSD = """LogLevel info
Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
ErrorPolicy retry-job
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""
_CUPS_FILES = """ServerRoot {root}/root
ServerBin /usr/lib/cups
RequestRoot {root}/spool
CacheDir {root}/cache
StateDir {root}/state
TempDir {root}/tmp
AccessLog {root}/log/access
ErrorLog {root}/log/error
PageLog {root}/log/page
SystemGroup root
"""
#: A label printer: A6 and nothing else, a millimetre of margin.
_MARGINS = "\n".join(f"  MEMBER integer media-{side}-margin 100" for side in ("top", "bottom", "left", "right"))
_A6 = "MEMBER integer x-dimension 10500\nMEMBER integer y-dimension 14800"
_LABEL_PRINTER = f"""ATTR keyword media-supported iso_a6_105x148mm
ATTR keyword media-default iso_a6_105x148mm
ATTR keyword media-ready iso_a6_105x148mm
ATTR collection media-size-supported {{
{_A6}
}}
ATTR collection media-col-default {{
MEMBER collection media-size {{
{_A6}
}}
{_MARGINS}
}}
ATTR collection media-col-database {{
MEMBER collection media-size {{
{_A6}
}}
{_MARGINS}
}}
ATTR mimeMediaType document-format-supported application/pdf,image/png,application/octet-stream
"""


def why_not() -> str:
    """Why there can be no print system here, "" when there can."""
    if os.geteuid() != 0:
        return "a print system of one's own needs root"
    missing = [package for command, package in NEEDED.items() if _command(command) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def _command(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *_SYSTEM_DIRECTORIES)))


class NoPrintSystem(Exception):
    """This machine does not let a program of the print system come up; the text says which, and its last words."""


class PrintSystem:
    """CUPS with one label printer, `dock2`. Everything it starts ends with the block."""

    def __init__(self) -> None:
        # Not under pytest's own directory: filters run as another user, and a socket's path has to be short.
        self.root = Path(tempfile.mkdtemp(prefix="shoptui-print-"))
        self.port = _free_port()
        self._printer_port = _free_port()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._env = {**os.environ, "CUPS_SERVER": self.server, "LC_ALL": "C"}

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> PrintSystem:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _start(self) -> None:
        self.root.chmod(0o755)
        for name in ("root", "spool", "cache", "state", "tmp", "log", "paper"):
            (self.root / name).mkdir()
        if not self._announced_by_the_system():
            self._write("bus.conf", _BUS)
            self._write("announcer.conf", _ANNOUNCER)
            self._run("dbus-daemon", f"--config-file={self.root}/bus.conf", "--nofork")
            self._comes_up("dbus-daemon", lambda: (self.root / "bus").exists())
            self._env["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={self.root}/bus"
            options = ("--no-drop-root", "--no-chroot", "--no-rlimits")
            self._run("avahi-daemon", "-f", f"{self.root}/announcer.conf", *options)
            self._comes_up("avahi-daemon", lambda: "startup complete" in self._log("avahi-daemon"))
        self._write("root/cupsd.conf", _CUPSD)
        self._write("cups-files.conf", _CUPS_FILES)
        self._run("cupsd", "-f", "-c", f"{self.root}/root/cupsd.conf", "-s", f"{self.root}/cups-files.conf")
        self._comes_up("cupsd", lambda: _listens(self.port))
        self._write("label-printer.conf", _LABEL_PRINTER)
        paper = ("-d", f"{self.root}/paper", "-k", "-c", "/bin/true")
        place = ("-p", str(self._printer_port), "-n", "localhost", "-r", "off")
        self._run("ippeveprinter", *place, *paper, "-a", f"{self.root}/label-printer.conf", "Label printer")
        self._comes_up("ippeveprinter", lambda: _listens(self._printer_port))
        self.add("dock2")

    def _comes_up(self, command: str, is_up: Callable[[], bool]) -> None:
        """Wait for a program of the print system. Raises NoPrintSystem where the machine does not let it run."""
        try:
            wait_until(is_up, command)
        except AssertionError as error:
            words = self._log(command).strip().splitlines()[-1:]
            raise NoPrintSystem(f"{command} does not come up here: {' '.join(words) or 'it says nothing'}") from error

    def add(self, name: str) -> None:
        """A queue for the printer, which knows the printer's paper."""
        self.tell(
            "lpadmin", "-p", name, "-E", "-v", f"ipp://127.0.0.1:{self._printer_port}/ipp/print", "-m", "everywhere"
        )
        described = self.root / "root" / "ppd" / f"{name}.ppd"
        wait_until(lambda: described.exists() and b"DefaultPageSize: A6" in described.read_bytes(), "its description")

    def tell(self, *argv: str) -> str:
        """Run one of CUPS' own commands on this print system."""
        found = _command(argv[0])
        assert found is not None
        done = subprocess.run(
            [found, *argv[1:]], env=self._env, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, f"{argv[0]}: {done.stderr}"
        return done.stdout

    def pieces(self) -> list[Path]:
        """What the printer has got, one file per job, oldest first."""
        found = [path for path in (self.root / "paper").iterdir() if path.suffix != ".prn"]
        return sorted(found, key=lambda path: int(path.name.partition("-")[0]))

    def pages(self, *, since: int = 0) -> list[tuple[str, float, float, float]]:
        """Every page printed after the first `since` jobs: first words, width, height (points), its drawing's scale."""
        return [page for path in self.pieces()[since:] for page in _pages(path)]

    def _announced_by_the_system(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect("/run/avahi-daemon/socket")
        except OSError:
            return False
        return True

    def _write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text.replace("{root}", str(self.root)).replace("{port}", str(self.port)))

    def _run(self, command: str, *arguments: str) -> None:
        found = _command(command)
        assert found is not None
        with (self.root / "log" / command).open("wb") as log:
            made = subprocess.Popen(
                [found, *arguments], env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._processes.append(made)

    def _log(self, command: str) -> str:
        return (self.root / "log" / command).read_text(errors="replace")

    def _stop(self) -> None:
        for process in reversed(self._processes):
            helpers: Sequence[psutil.Process] = ()
            with contextlib.suppress(psutil.NoSuchProcess):
                helpers = psutil.Process(process.pid).children(recursive=True)
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
            for one in helpers:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.send_signal(signal.SIGKILL)
        shutil.rmtree(self.root, ignore_errors=True)


def _pages(path: Path) -> list[tuple[str, float, float, float]]:
    found = []
    for page in PdfReader(path).pages:
        contents = page.get_contents()
        drawn = [] if contents is None else contents.operations
        # CUPS draws the document as one picture on the printer's page, through a matrix of its own.
        scales = [float(arguments[0]) for arguments, operator in drawn if operator == b"cm"]
        words = page.extract_text().split("\n")[0]
        found.append((words, float(page.mediabox.width), float(page.mediabox.height), min(scales, default=1.0)))
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

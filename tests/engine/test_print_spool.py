"""CUPS as it is spoken to: commands without a shell, questions in IPP, and what their failures mean."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import struct
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.engine import ipp
from shoptui.engine.ipp import IppError, Server
from shoptui.engine.spool import Cups, JobState, SpoolError, SpoolTrouble, check_printer_name

Commands = Callable[..., Path]


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Makes `lp`, `cancel` and `lpstat` that note how they were called, and answer as told."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    noted = tmp_path / "noted"

    def make(name: str, says: str = "", complains: str = "", code: int = 0) -> Path:
        script = folder / name
        note = {
            "argv": "sys.argv",
            "stdin": "sys.stdin.buffer.read().decode('latin-1')",
            "lang": "os.environ['LC_ALL']",
        }
        asked = ", ".join(f"{key!r}: {value}" for key, value in note.items())
        script.write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            f"open({str(noted)!r}, 'a').write(json.dumps({{{asked}}}) + '\\n')\n"
            f"print({says!r})\nprint({complains!r}, file=sys.stderr)\nsys.exit({code})\n"
        )
        script.chmod(0o755)
        return noted

    return make


def calls(noted: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in noted.read_text().splitlines()]


def a_file(tmp_path: Path, content: bytes) -> io.BufferedRandom:
    path = tmp_path / "content"
    path.write_bytes(content)
    return path.open("r+b")


async def test_a_file_is_put_held_unscaled_and_without_a_shell(commands: Commands, tmp_path: Path) -> None:
    noted = commands("lp", says="request id is dock-2-417 (0 file(s))")
    title = "shoptui $(reboot); 'x' (2 labels)"
    with a_file(tmp_path, b"%PDF-1.4 \x80") as content:
        assert await Cups().put("dock-2", title, content, raw=False) == 417
    with a_file(tmp_path, b"^XA^XZ") as content:
        await Cups().put("dock-2", "zpl", content, raw=True)
    first, second = calls(noted)
    options = ["-o", "print-scaling=none", "-o", "fit-to-page=false"]
    assert first["argv"][1:] == ["-d", "dock-2", "-H", "indefinite", "-t", title, *options]  # type: ignore[index]
    assert (first["stdin"], first["lang"]) == ("%PDF-1.4 \x80", "C")
    assert second["argv"][1:] == ["-d", "dock-2", "-H", "indefinite", "-t", "zpl", "-o", "raw"]  # type: ignore[index]


async def test_letting_go_and_cancelling_name_the_job(commands: Commands) -> None:
    noted = commands("lp")
    commands("cancel")
    await Cups().let_go(417)
    await Cups().cancel(418)
    assert [call["argv"][1:] for call in calls(noted)] == [["-i", "417", "-H", "resume"], ["418"]]  # type: ignore[index]


@pytest.mark.parametrize(
    ("complaint", "trouble"),
    [
        ("lp: Error - The printer or class does not exist.", SpoolTrouble.NO_PRINTER),
        ('lp: Destination "dock2" is not accepting jobs.', SpoolTrouble.REJECTING),
        ("lp: Error - scheduler not responding.", SpoolTrouble.SILENT),
        ("lp: Unable to connect to server", SpoolTrouble.SILENT),
        ("lp: Bad file descriptor", SpoolTrouble.SILENT),
        ("lp: Unsupported document-format", SpoolTrouble.REFUSED),
    ],
)
async def test_what_lp_complains_of(commands: Commands, tmp_path: Path, complaint: str, trouble: SpoolTrouble) -> None:
    commands("lp", complains=f"something before\n{complaint}", code=1)
    with pytest.raises(SpoolError, match=complaint[:12]) as refused, a_file(tmp_path, b"x") as content:
        await Cups().put("dock2", "t", content, raw=False)
    assert refused.value.trouble is trouble


async def test_an_answer_without_a_number_is_no_answer(commands: Commands, tmp_path: Path) -> None:
    commands("lp", says="fine")
    with pytest.raises(SpoolError), a_file(tmp_path, b"x") as content:
        await Cups().put("dock2", "t", content, raw=False)


async def test_a_machine_without_cups_says_what_to_install(commands: Commands) -> None:
    with pytest.raises(SpoolError, match="cups-client") as missing:
        await Cups().printers()
    assert missing.value.trouble is SpoolTrouble.NO_CUPS


@pytest.mark.parametrize("name", ["-x", "two words", "a/b", "a#b", "", "x" * 128, "tab\t", "quote'"])
def test_names_no_printer_can_have(name: str) -> None:
    with pytest.raises(SpoolError, match="No printer can be called"):
        check_printer_name(name)


@pytest.mark.parametrize("name", ["dock2", "Zebra_ZD421-203dpi", "打印机", "x" * 127])
def test_names_a_printer_can_have(name: str) -> None:
    assert check_printer_name(name) == name


# IPP


def attribute(tag: int, name: str, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(value)) + value


def number(value: int) -> bytes:
    return struct.pack(">i", value)


def answer(*groups: bytes, status: int = 0) -> bytes:
    operation = b"\x01" + attribute(0x47, "attributes-charset", b"utf-8")
    return b"\x02\x00" + struct.pack(">HI", status, 1) + operation + b"".join(groups) + b"\x03"


def job(job_id: int, state: int, title: str = "", begun: bool = False) -> bytes:
    parts = [
        attribute(0x21, "job-id", number(job_id)),
        attribute(0x23, "job-state", number(state)),
        attribute(0x45, "job-printer-uri", b"ipp://localhost/printers/dock%202"),
        # Time at which it began: a moment, or no value.
        attribute(0x21, "time-at-processing", number(1_790_000_000))
        if begun
        else attribute(0x13, "time-at-processing", b""),
    ]
    if title:
        parts.append(
            attribute(0x36, "job-name", b"\x00\x02en" + struct.pack(">H", len(title.encode())) + title.encode())
        )
    return b"\x02" + b"".join(parts)


def printer(name: str, state: int, *reasons: str, message: str = "", accepts: bool = True) -> bytes:
    listed = b"".join(
        attribute(0x44, "printer-state-reasons" if place == 0 else "", reason.encode())
        for place, reason in enumerate(reasons)
    )
    return b"\x04" + b"".join(
        (
            attribute(0x42, "printer-name", name.encode()),
            attribute(0x23, "printer-state", number(state)),
            listed,
            attribute(0x41, "printer-state-message", message.encode()),
            attribute(0x22, "printer-is-accepting-jobs", b"\x01" if accepts else b"\x00"),
            attribute(0x21, "queued-job-count", number(3)),
        )
    )


@asynccontextmanager
async def cups_that_says(commands: Commands, *bodies: bytes, http: bytes = b"") -> AsyncIterator[list[bytes]]:
    """A print system on loopback that answers one body after the other; yields what it was asked."""
    asked: list[bytes] = []
    waiting = list(bodies)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        asked.append(await reader.readexactly(length))
        body = waiting.pop(0) if waiting else answer()
        writer.write(http or b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        commands("lpstat", says=f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        yield asked


@pytest.mark.parametrize(
    ("state", "word", "begun"),
    [
        (3, JobState.PENDING, False),
        (4, JobState.HELD, False),
        (5, JobState.PROCESSING, True),
        (6, JobState.STOPPED, True),
        (7, JobState.CANCELLED, False),
        (8, JobState.ABORTED, True),
        (9, JobState.COMPLETED, True),
    ],
)
async def test_how_a_job_does(commands: Commands, state: int, word: JobState, begun: bool) -> None:
    async with cups_that_says(commands, answer(job(7, state, "shoptui b1-1 (打)", begun))) as asked:
        found = await Cups().job(7)
    assert found is not None
    assert (found.number, found.printer, found.title, found.state, found.begun) == (
        7,
        "dock 2",
        "shoptui b1-1 (打)",
        word,
        begun,
    )
    assert attribute(0x21, "job-id", number(7)) in asked[0]


async def test_a_job_that_is_not_known(commands: Commands) -> None:
    async with cups_that_says(commands, answer(status=ipp.NOT_FOUND), answer(status=0x0500)):
        cups = Cups()
        assert await cups.job(7) is None
        with pytest.raises(SpoolError, match="0x0500"):
            await cups.job(7)


@pytest.mark.parametrize(
    ("group", "state", "trouble"),
    [
        (printer("p", 3, "none"), "idle", ""),
        (printer("p", 4, "none", message="Printing."), "printing", ""),
        (printer("p", 5, "paused", message="out of labels"), "stopped", "paused"),
        (printer("p", 5, "none", message="Filter  failed\n"), "stopped", "Filter failed"),
        (printer("p", 5, "none"), "stopped", "stopped"),
        (printer("p", 4, "media-empty-error", "cover-open-warning"), "printing", "media empty"),
        (printer("p", 3, "toner-low-report", "marker-supply-low-warning"), "idle", ""),
        (printer("p", 3, "offline-report"), "idle", "offline"),
        (printer("p", 3, "none", accepts=False), "idle", "rejecting jobs"),
    ],
)
async def test_how_a_printer_does(commands: Commands, group: bytes, state: str, trouble: str) -> None:
    async with cups_that_says(commands, answer(group), answer(printer("p", 3, "none"))):
        (found,) = await Cups().printers()
    assert (found.name, found.state, found.trouble, found.waiting, found.is_default) == ("p", state, trouble, 3, True)


async def test_a_house_without_a_printer(commands: Commands) -> None:
    async with cups_that_says(commands, answer(status=ipp.NOT_FOUND), answer(status=ipp.NOT_FOUND)):
        assert await Cups().printers() == ()


async def test_several_jobs(commands: Commands) -> None:
    async with cups_that_says(commands, answer(job(1, 4), job(2, 3))) as asked:
        assert [one.number for one in await Cups().jobs()] == [1, 2]
    assert attribute(0x44, "which-jobs", b"not-completed") in asked[0]


@pytest.mark.parametrize(
    "http",
    [
        b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\x02\x00\x00\x00",
        b"not HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
    ],
)
async def test_an_answer_that_is_none(commands: Commands, http: bytes) -> None:
    async with cups_that_says(commands, http=http):
        with pytest.raises(SpoolError) as silent:
            await Cups().jobs()
    assert silent.value.trouble is SpoolTrouble.SILENT


async def test_an_answer_in_pieces(commands: Commands) -> None:
    body = answer(job(1, 4))
    pieces = b"%x\r\n%s\r\n%x;note=1\r\n%s\r\n0\r\n\r\n" % (9, body[:9], len(body) - 9, body[9:])
    http = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces
    async with cups_that_says(commands, http=http):
        assert [one.number for one in await Cups().jobs()] == [1]


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("/run/cups/cups.sock\n", Server(path="/run/cups/cups.sock")),
        ("/run/cups/cups.sock:631", Server(path="/run/cups/cups.sock")),
        ("localhost:631", Server(host="localhost", port=631)),
        ("printhost", Server(host="printhost", port=631)),
        ("[::1]:6631", Server(host="::1", port=6631)),
        ("[::1]", Server(host="::1", port=631)),
    ],
)
def test_where_cups_is(text: str, server: Server) -> None:
    assert Server.named(text) == server


@pytest.mark.parametrize("text", ["", "host:", ":631", "host:port"])
def test_where_cups_cannot_be(text: str) -> None:
    with pytest.raises(IppError):
        Server.named(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_said_to_be_none(body: bytes) -> None:
    # Whatever else is raised fails the test.
    with contextlib.suppress(IppError):
        assert ipp.decode(body).status < 1 << 16


@given(st.data())
def test_a_cut_answer_is_never_taken_for_a_whole_one(data: st.DataObject) -> None:
    whole = answer(job(7, 9, "title", begun=True))
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(IppError):
        ipp.decode(whole[:cut])

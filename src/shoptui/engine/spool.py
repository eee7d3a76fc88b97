"""Owns the way to the printers: CUPS, through `lp` and `cancel` for what changes something and IPP for what is asked.

A job is handed over in two steps, so that nothing is printed twice whatever is cut off in between: it is put into the
queue *held*, which prints nothing, and let go only once its number is written down here. Letting go twice is once.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol
from urllib.parse import unquote

from shoptui.engine import ipp

#: How long a command or a question may take, seconds.
COMMAND_S = 60.0
_QUESTION_S = 15.0

#: Labels are printed as they come: marketplaces and carriers measure their bars (TikTok Shop, fulfilment 6.6).
_UNSCALED = ("-o", "print-scaling=none", "-o", "fit-to-page=false")

#: CUPS takes these names and no others (cups.org, lpadmin: no space, tab, / or #); at most 127 characters.
_PRINTER_NAME = re.compile(r"[^\s/#'\"?\x00-\x1f\x7f-][^\s/#'\"?\x00-\x1f\x7f]{0,126}")
_REQUEST_ID = re.compile(r"request id is (\S+)-(\d+)")


class SpoolTrouble(StrEnum):
    """Why a printer or the print system cannot be used."""

    #: There is no `lp` on this machine.
    NO_CUPS = "no_cups"
    #: The print system does not answer.
    SILENT = "silent"
    NO_PRINTER = "no_printer"
    REJECTING = "rejecting"
    REFUSED = "refused"


class SpoolError(RuntimeError):
    """Something could not be handed to the print system; the message is a sentence for the operator."""

    def __init__(self, trouble: SpoolTrouble, say: str) -> None:
        super().__init__(say)
        self.trouble = trouble


class JobState(StrEnum):
    """A job as CUPS has it (RFC 8011, job-state)."""

    HELD = "held"
    PENDING = "pending"
    PROCESSING = "processing"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    ABORTED = "aborted"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class SpooledJob:
    """One job of the print system. `title` is "" where CUPS keeps it private; `begun`: a printer has worked on it."""

    number: int
    printer: str
    title: str
    state: JobState
    begun: bool


@dataclass(frozen=True, slots=True)
class Printer:
    """A printer. `trouble` is why nothing comes out, "" while it works; `waiting` are jobs in its queue.

    `state` is `idle`, `printing` or `stopped`.
    """

    name: str
    state: str
    trouble: str
    accepts: bool
    waiting: int
    is_default: bool


class Spooler(Protocol):
    """The print system as the engine uses it. Every method raises SpoolError when it cannot be used."""

    async def printers(self) -> Sequence[Printer]:
        """All printers by name."""

    async def put(self, printer: str, title: str, content: BinaryIO, *, raw: bool) -> int:
        """Put a file into a printer's queue, held: nothing of it is printed yet. Returns the job's number."""

    async def let_go(self, job: int) -> None:
        """Have a held job printed; nothing happens when it was let go before."""

    async def cancel(self, job: int) -> None:
        """Take a job out of the queue."""

    async def job(self, job: int) -> SpooledJob | None:
        """One job, None when the print system knows it no longer."""

    async def jobs(self) -> Sequence[SpooledJob]:
        """All jobs still in a queue."""

    async def past_jobs(self) -> Sequence[SpooledJob]:
        """Jobs that have left their queue, as far as the print system remembers them; empty when it keeps none."""


def check_printer_name(name: str) -> str:
    """The name, if CUPS could have a printer of it. Raises SpoolError."""
    if not _PRINTER_NAME.fullmatch(name):
        raise SpoolError(SpoolTrouble.NO_PRINTER, f"No printer can be called {name!r}. See shoptui printers.")
    return name


class Cups:
    """CUPS on this machine, or where CUPS_SERVER and its client.conf say."""

    def __init__(self) -> None:
        self._server: ipp.Server | None = None

    async def printers(self) -> Sequence[Printer]:
        fields = ("printer-name", "printer-state", "printer-state-reasons", "printer-state-message")
        more = ("printer-is-accepting-jobs", "queued-job-count")
        answer = await self._ask(ipp.GET_PRINTERS, [], (*fields, *more))
        default = await self._ask(ipp.GET_DEFAULT, [], ("printer-name",))
        default_name = _text(default.groups[0], "printer-name") if default.ok and default.groups else ""
        if not answer.ok:
            # CUPS answers "not found" while it has no printer at all.
            return ()
        return sorted((_printer(group, default_name) for group in answer.groups), key=lambda one: one.name)

    async def put(self, printer: str, title: str, content: BinaryIO, *, raw: bool) -> int:
        options = ("-o", "raw") if raw else _UNSCALED
        name = check_printer_name(printer)
        said = await _run(("lp", "-d", name, "-H", "indefinite", "-t", title, *options), content)
        found = _REQUEST_ID.search(said)
        if found is None:
            raise SpoolError(SpoolTrouble.REFUSED, "lp gave no job number.")
        return int(found[2])

    async def let_go(self, job: int) -> None:
        await _run(("lp", "-i", str(job), "-H", "resume"))

    async def cancel(self, job: int) -> None:
        await _run(("cancel", str(job)))

    async def job(self, job: int) -> SpooledJob | None:
        answer = await self._ask(ipp.GET_JOB_ATTRIBUTES, [("job-id", job)], _JOB_FIELDS)
        if answer.status == ipp.NOT_FOUND or (answer.ok and not answer.groups):
            return None
        if not answer.ok:
            raise SpoolError(SpoolTrouble.SILENT, f"CUPS did not say how job {job} does ({answer.status:#06x}).")
        return _job(answer.groups[0])

    async def jobs(self) -> Sequence[SpooledJob]:
        return await self._jobs("not-completed")

    async def past_jobs(self) -> Sequence[SpooledJob]:
        return await self._jobs("completed")

    async def _jobs(self, which: str) -> list[SpooledJob]:
        answer = await self._ask(ipp.GET_JOBS, [("which-jobs", which)], _JOB_FIELDS)
        return [_job(group) for group in answer.groups] if answer.ok else []

    async def _ask(self, operation: int, fields: Sequence[tuple[str, ipp.Value]], wanted: Sequence[str]) -> ipp.Answer:
        try:
            if self._server is None:
                self._server = ipp.Server.named(await _run(("lpstat", "-H")))
            about: list[tuple[str, ipp.Value]] = []
            if operation in (ipp.GET_JOBS, ipp.GET_JOB_ATTRIBUTES):
                about.append(("printer-uri", "ipp://localhost/"))
            # CUPS shows a job's name to its owner.
            who: list[tuple[str, ipp.Value]] = [("requesting-user-name", getpass.getuser())]
            order = about + [one for one in fields if one[0] == "job-id"] + who
            rest = [one for one in fields if one[0] != "job-id"]
            return await self._server.ask(ipp.encode(operation, order + rest, wanted), within_s=_QUESTION_S)
        except ipp.IppError as error:
            # It may have moved: its address is asked anew next time.
            self._server = None
            raise SpoolError(SpoolTrouble.SILENT, str(error)) from error


_JOB_FIELDS = ("job-id", "job-name", "job-state", "job-printer-uri", "time-at-processing")

#: RFC 8011, section 5.3.7.
_JOB_STATES = {
    3: JobState.PENDING,
    4: JobState.HELD,
    5: JobState.PROCESSING,
    6: JobState.STOPPED,
    7: JobState.CANCELLED,
    8: JobState.ABORTED,
    9: JobState.COMPLETED,
}
#: RFC 8011, section 5.4.11.
_PRINTER_STATES = {3: "idle", 4: "printing", 5: "stopped"}
_STOPPED = 5

#: Reasons with which nothing comes out although they are not called an error (RFC 8011, section 5.4.12).
_BLOCKING = frozenset(
    {
        "media-empty",
        "media-needed",
        "media-jam",
        "cover-open",
        "door-open",
        "offline",
        "timed-out",
        "paused",
        "shutdown",
    }
)


def _printer(group: ipp.Attributes, default_name: str) -> Printer:
    name = _text(group, "printer-name")
    state = _number(group, "printer-state")
    accepts = bool(next(iter(group.get("printer-is-accepting-jobs", ())), True))
    return Printer(
        name=name,
        state=_PRINTER_STATES.get(state, "idle"),
        trouble=_trouble(group, stopped=state == _STOPPED, accepts=accepts),
        accepts=accepts,
        waiting=_number(group, "queued-job-count"),
        is_default=name == default_name,
    )


def _trouble(group: ipp.Attributes, *, stopped: bool, accepts: bool) -> str:
    message = " ".join(_text(group, "printer-state-message").split())
    reasons = []
    for reason in group.get("printer-state-reasons", ()):
        word, _, weight = str(reason).rpartition("-")
        if weight not in ("error", "warning", "report"):
            word, weight = str(reason), ""
        if weight == "error" or (word in _BLOCKING and weight != "warning"):
            reasons.append(word.replace("-", " "))
    if reasons:
        return ", ".join(dict.fromkeys(reasons))
    if stopped:
        return message or "stopped"
    return "" if accepts else message or "rejecting jobs"


def _job(group: ipp.Attributes) -> SpooledJob:
    begun = group.get("time-at-processing", ())
    return SpooledJob(
        number=_number(group, "job-id"),
        printer=unquote(_text(group, "job-printer-uri").rpartition("/")[2]),
        title=_text(group, "job-name"),
        state=_JOB_STATES.get(_number(group, "job-state"), JobState.PENDING),
        begun=any(isinstance(moment, int) and moment > 0 for moment in begun),
    )


def _text(group: ipp.Attributes, name: str) -> str:
    return str(next(iter(group.get(name, ())), ""))


def _number(group: ipp.Attributes, name: str) -> int:
    value = next(iter(group.get(name, ())), 0)
    return value if isinstance(value, int) else 0


async def _run(argv: Sequence[str], content: BinaryIO | None = None) -> str:
    """A command's output. Raises SpoolError with the last line it complained."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL if content is None else content,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # Its answers are read by this program.
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise SpoolError(
            SpoolTrouble.NO_CUPS,
            f"There is no {argv[0]} on the engine's machine. Install CUPS' commands (cups-client).",
        ) from error
    except OSError as error:
        raise SpoolError(SpoolTrouble.SILENT, f"{argv[0]} cannot be run: {error.strerror}.") from error
    try:
        async with asyncio.timeout(COMMAND_S):
            out, complaint = await process.communicate()
    except BaseException as error:
        if process.returncode is None:
            process.kill()
            await process.wait()
        if isinstance(error, TimeoutError):
            raise SpoolError(SpoolTrouble.SILENT, f"{argv[0]} did not end within {COMMAND_S:.0f} s.") from error
        raise
    if process.returncode == 0:
        return out.decode("utf-8", "replace")
    said = complaint.decode("utf-8", "replace").strip().splitlines() or [f"exit code {process.returncode}"]
    raise SpoolError(_meaning(said[-1]), said[-1][:300])


def _meaning(complaint: str) -> SpoolTrouble:
    words = complaint.lower()
    if "does not exist" in words and ("printer" in words or "destination" in words or "class" in words):
        return SpoolTrouble.NO_PRINTER
    if "not accepting" in words:
        return SpoolTrouble.REJECTING
    if any(
        hint in words
        for hint in ("connect", "scheduler", "unable to contact", "bad file descriptor", "broken pipe", "timed out")
    ):
        return SpoolTrouble.SILENT
    return SpoolTrouble.REFUSED

"""Owns print jobs from the moment they are written down until their end is known, across any crash.

A job is written down (`spooling`), put into the printer's queue held, its number is written down, and only then is it
let go (`spooled`), which is written down before the print system hears of it. Whatever ends the engine in between, the
next start finds the job: without a number nothing of it can have been printed, with one the print system says how it
does.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, cast

from shoptui.domain.intents import Cause, CauseId, Intent, IntentState
from shoptui.engine.failpoints import around
from shoptui.engine.house import House
from shoptui.engine.intake import shown
from shoptui.engine.moves import Move, Recorder
from shoptui.engine.sheets import Bad, Damaged, check, merge
from shoptui.engine.spool import COMMAND_S, JobState, Printer, SpooledJob, Spooler, SpoolError, SpoolTrouble
from shoptui.protocol import Changed
from shoptui.queries.labels import LabelRow, NewPrint, PrintJob, PrintState

log = logging.getLogger(__name__)

#: How often open jobs are looked at, seconds: while they move on, and while their printer has stopped.
_LOOK_S = 2.0
_LOOK_STOPPED_S = 5.0
#: How long a refused or unanswered attempt rests before the next, seconds.
RETRY_S = 15
#: A job that has not ended after this long, and so much more per label, gets its printer a word in the alerts, seconds.
_SLOW_S = 120
_SLOW_PER_LABEL_S = 5


class End(StrEnum):
    """How a job ended; the first word of its `detail` in the ledger."""

    COMPLETED = "completed"
    #: Out of the queue before the printer began.
    CANCELLED = "cancelled"
    #: Out of the queue after the printer began.
    BROKEN = "broken"
    #: The print system never had it.
    NOT_TAKEN = "not_taken"
    REFUSED = "refused"
    PRINTER_GONE = "printer_gone"
    #: Nobody can say: the print system remembers other jobs, but not this one.
    VANISHED = "vanished"


_STATE_AFTER = {
    End.COMPLETED: PrintState.SENT,
    End.CANCELLED: PrintState.FAILED,
    End.BROKEN: PrintState.UNSURE,
    End.NOT_TAKEN: PrintState.FAILED,
    End.REFUSED: PrintState.FAILED,
    End.PRINTER_GONE: PrintState.FAILED,
    End.VANISHED: PrintState.UNSURE,
}

_CAUSE_AFTER = {
    End.CANCELLED: CauseId.PRINT_CANCELLED,
    End.BROKEN: CauseId.PRINT_BROKEN,
    End.REFUSED: CauseId.PRINT_REFUSED,
    End.PRINTER_GONE: CauseId.PRINTER_GONE,
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document that is to be printed now: for which intent, and why again ("" for a first print)."""

    intent: Intent
    label: LabelRow
    reason: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look at the open jobs found. `next_at` is when to look again (epoch s), infinity for never.

    `stopped` are the printers from which nothing comes out, with the reason, `waiting` how many of our labels wait at
    each. `silent` says why the print system could not be asked, "" when it answered.
    """

    next_at: float
    stopped: Mapping[str, str]
    waiting: Mapping[str, int]
    silent: str = ""


class PrintJobs:
    """Hands jobs over and watches them. `recorder` writes down what becomes of their intents."""

    def __init__(self, house: House, spooler: Spooler, recorder: Recorder) -> None:
        self._house = house
        self._spooler = spooler
        self._recorder = recorder
        #: Titles of jobs whose handing over was cut off, and until when they may still turn up, held (epoch s).
        self._strays: dict[str, float] = {}

    # -- handing over -----------------------------------------------------------------------------------------------

    async def hand_over(self, printer: str, sheets: Sequence[Sheet], *, merged: bool, raw: bool) -> None:
        """Put one job for these documents into the printer's queue.

        What was taken back meanwhile is left out; what is damaged fails by itself and holds up nothing.
        """
        now = self._house.now()
        wanted = {sheet.intent.intent_id: sheet for sheet in sheets}
        moved = await self._recorder.move(
            "print.sending",
            [sheet.intent for sheet in sheets],
            IntentState.SENDING,
            sent_at=now,
            attempts_plus=1,
        )
        taken = {intent.intent_id for intent in moved}
        going = [sheet for sheet in sheets if sheet.intent.intent_id in taken]
        # On the house's own disk, without a name, gone with the engine: labels are buyers' addresses.
        with tempfile.TemporaryFile(dir=self._house.data_dir.root) as file:
            content = cast(BinaryIO, file)
            try:
                good, bad = await self._write(going, content, merged=merged)
            except OSError as error:
                # Nothing has left the house: back to waiting, and the try does not count.
                log.error("labels for %s could not be written: %s", printer, error.strerror)
                await self._wait_again(moved)
                return
            await self._recorder.record(
                [
                    Move(intent, IntentState.FAILED, Cause(CauseId.LABEL_DAMAGED, message=why))
                    for intent in moved
                    if (why := bad.get(intent.intent_id)) is not None
                ]
            )
            if good:
                await self._put(printer, [wanted[intent_id] for intent_id in good], content, raw=raw)

    async def _write(self, sheets: Sequence[Sheet], out: BinaryIO, *, merged: bool) -> tuple[list[int], dict[int, str]]:
        """Write the documents as one file; returns whose are in it, in order, and what was wrong with the others'."""
        bad: dict[int, str] = {}
        parts: list[tuple[int, bytes]] = []
        for sheet in sheets:
            label = sheet.label
            stored = await self._house.writer.document(label.store_id, label.package_id, label.kind, label.size)
            if stored is None:
                bad[sheet.intent.intent_id] = "it was forgotten a moment ago"
                continue
            try:
                check(stored)
            except Damaged as error:
                bad[sheet.intent.intent_id] = str(error)
                continue
            parts.append((sheet.intent.intent_id, stored.content))
        left_out: Sequence[Bad] = ()
        if merged:
            left_out = await asyncio.to_thread(merge, [content for _, content in parts], out)
        else:
            for _, content in parts:
                out.write(content)
        bad.update({parts[one.place][0]: one.why for one in left_out})
        out.flush()
        out.seek(0)
        return [intent_id for intent_id, _ in parts if intent_id not in bad], bad

    async def _put(self, printer: str, sheets: Sequence[Sheet], content: BinaryIO, *, raw: bool) -> None:
        house = self._house
        intents = [sheet.intent for sheet in sheets]
        count = len(sheets)
        # Only what no print system changes: the job is recognised by it.
        batch = "".join(one for one in intents[0].batch_id if one.isascii() and one.isalnum())[:8]
        title = f"shoptui {batch}-{{job}} ({count} label{'' if count == 1 else 's'})"
        for sheet in sheets:
            if sheet.reason:
                await self._audit_reprint(printer, sheet)
        begun = house.writer.begin_print(
            intents[0].batch_id, printer, title, [_new_print(sheet) for sheet in sheets], house.now()
        )
        job = await around(house.points, "print.begin", begun)
        try:
            number = await around(house.points, "print.put", self._spooler.put(printer, job.title, content, raw=raw))
        except SpoolError as error:
            await self._not_put(job, intents, error)
            return
        await around(house.points, "print.number", house.writer.note_job(job.print_job_id, number))
        try:
            await self._let_go(job, number)
        except SpoolError as error:
            # It is in the queue, held: the next look tries again.
            log.warning("job %d at %s was not let go: %s", number, printer, error)

    async def _not_put(self, job: PrintJob, intents: Sequence[Intent], error: SpoolError) -> None:
        """A job that is surely not going to be printed by itself: at most it lies in the queue, held."""
        log.warning("labels for %s were not taken: %s", job.printer, error)
        if error.trouble is SpoolTrouble.REFUSED:
            await self._end(job, End.REFUSED, str(error))
            return
        self._expect_stray(job)
        await self._house.writer.settle_print(
            job.print_job_id, PrintState.FAILED, self._house.now(), f"{End.NOT_TAKEN}: {error}"
        )
        await self._wait_again(intents)

    async def _let_go(self, job: PrintJob, number: int) -> None:
        points, writer = self._house.points, self._house.writer
        if not job.may_print:
            await around(points, "print.letting_go", writer.note_may_print(job.print_job_id, True))
        try:
            await around(points, "print.let_go", self._spooler.let_go(number))
        except SpoolError as error:
            # An earlier try may have been heard, this one surely was not.
            if not job.may_print and error.trouble is not SpoolTrouble.SILENT:
                await writer.note_may_print(job.print_job_id, False)
            raise
        await around(points, "print.spooled", writer.note_spooled(job.print_job_id))
        await self._tell(job)

    async def _wait_again(self, intents: Sequence[Intent]) -> None:
        look_at = self._house.now() + RETRY_S
        await self._recorder.record(
            [Move(intent, IntentState.QUEUED, look_at=look_at, attempts_plus=-1) for intent in intents]
        )

    async def _audit_reprint(self, printer: str, sheet: Sheet) -> None:
        intent, label = sheet.intent, sheet.label
        target = f"{label.store_id}/{label.order_no}/{label.package_id}"
        detail = f"{label.kind} at {printer}: {sheet.reason}"
        await self._house.writer.audit(self._house.now(), intent.operator, intent.batch_id, "reprint", target, detail)

    # -- watching ---------------------------------------------------------------------------------------------------

    async def watch(self) -> Watched:
        """Look at all open jobs once and write down what became of them."""
        house = self._house
        jobs = await house.writer.open_print_jobs()
        if not jobs and not self._strays:
            return Watched(float("inf"), {}, {})
        waiting: dict[str, int] = {}
        try:
            printers = {printer.name: printer for printer in await self._spooler.printers()}
            await self._clear_strays()
            stopped: dict[str, str] = {}
            for job in jobs:
                reason = await self._look(job, printers)
                if reason is None:
                    continue
                waiting[job.printer] = waiting.get(job.printer, 0) + len(job.intent_ids)
                if reason:
                    stopped.setdefault(job.printer, reason)
        except SpoolError as error:
            for job in jobs:
                waiting[job.printer] = waiting.get(job.printer, 0) + len(job.intent_ids)
            return Watched(house.clock.now() + RETRY_S, {}, waiting, silent=str(error))
        if not waiting and not self._strays:
            return Watched(float("inf"), {}, {})
        moving = any(name not in stopped for name in waiting)
        return Watched(house.clock.now() + (_LOOK_S if moving else _LOOK_STOPPED_S), stopped, waiting)

    async def _look(self, job: PrintJob, printers: Mapping[str, Printer]) -> str | None:
        """One job: None when it has ended, otherwise why it does not move, "" while it does."""
        if job.job is None:
            return await self._recover(job)
        found = await self.find(job, job.job)
        # An administrator may have moved it: the queue it is in now is the one to look at.
        printer = printers.get(job.printer if found is None else found.printer)
        if found is None:
            await self._end(job, await self._lost(job))
            return None
        if found.state is JobState.HELD and job.state is PrintState.SPOOLING:
            await self._let_go(job, job.job)
            return ""
        if found.state is JobState.COMPLETED:
            await self._end(job, End.COMPLETED)
            return None
        if found.state in (JobState.CANCELLED, JobState.ABORTED):
            await self._end(job, End.BROKEN if found.begun or job.begun else End.CANCELLED)
            return None
        if job.state is PrintState.SPOOLING or (found.begun and not job.begun):
            await self._house.writer.note_spooled(job.print_job_id, begun=found.begun)
        return self._why_still(job, found, printer)

    async def find(self, job: PrintJob, number: int) -> SpooledJob | None:
        """Our job as the print system has it, None when it is gone.

        Numbers begin anew on another machine or after a new installation: under ours may stand somebody else's job.
        """
        found = await self._spooler.job(number)
        return found if found is not None and found.title in ("", job.title) else None

    def _why_still(self, job: PrintJob, found: SpooledJob, printer: Printer | None) -> str:
        if found.state is JobState.HELD:
            return "held in the queue"
        if printer is not None and printer.trouble and printer.state != "printing":
            return printer.trouble
        if printer is not None and printer.trouble and found.begun:
            return printer.trouble
        slow_s = _SLOW_S + _SLOW_PER_LABEL_S * len(job.intent_ids)
        alone = printer is None or printer.waiting <= 1 or found.begun
        return "no answer" if alone and self._house.now() - job.at > slow_s else ""

    async def _lost(self, job: PrintJob) -> End:
        """How a job ended that the print system does not know any more."""
        # Asked after the job was: a printer that is removed between two questions takes its jobs along.
        printer = next((each for each in await self._spooler.printers() if each.name == job.printer), None)
        if printer is None and not job.may_print:
            # It lay in the queue, held, and went with its printer.
            return End.PRINTER_GONE
        if job.state is PrintState.SPOOLING:
            # It was held when it was last heard of; whoever took it out did so before anything was printed, unless it
            # was let go just before the engine ended.
            return End.VANISHED
        if printer is None:
            return End.BROKEN if job.begun else End.PRINTER_GONE
        past = await self._spooler.past_jobs()
        # A print system that keeps no history forgets what it has printed; one that does would know this one.
        return End.VANISHED if past else End.COMPLETED

    async def _recover(self, job: PrintJob) -> str | None:
        """A job without a number: the engine ended while it was handed over, so at most it lies in the queue, held."""
        stray = _titled(await self._spooler.jobs(), job.title)
        if stray is None:
            stray = _titled(await self._spooler.past_jobs(), job.title)
        if stray is not None and stray.state in (JobState.CANCELLED, JobState.ABORTED) and not stray.begun:
            # Taken out while it was held, most likely by us, just before the engine ended once more.
            await self._end(job, End.NOT_TAKEN)
            return None
        if stray is not None and stray.state is not JobState.HELD:
            # Somebody let it go by hand.
            await self._house.writer.note_job(job.print_job_id, stray.number)
            await self._house.writer.note_spooled(job.print_job_id, begun=stray.begun)
            return ""
        if stray is not None:
            # Whether all of the file got into it is not known; a fresh one is whole.
            await self._spooler.cancel(stray.number)
        else:
            self._expect_stray(job)
        await self._end(job, End.NOT_TAKEN)
        return None

    async def _clear_strays(self) -> None:
        """Take out of the queues what was put there after we had stopped waiting for it; it is held."""
        if not self._strays:
            return
        for job in await self._spooler.jobs():
            if job.title in self._strays and job.state is JobState.HELD:
                await self._spooler.cancel(job.number)
                del self._strays[job.title]
        now = self._house.clock.now()
        self._strays = {title: until for title, until in self._strays.items() if until > now}

    def _expect_stray(self, job: PrintJob) -> None:
        # The command may still be at it, or the print system slow to list what it was given.
        self._strays[job.title] = self._house.clock.now() + 2 * COMMAND_S

    # -- ends -------------------------------------------------------------------------------------------------------

    async def _end(self, job: PrintJob, end: End, say: str = "") -> None:
        """Write down how a job ended, and then what that means for its intents."""
        house = self._house
        detail = f"{end}: {say}" if say else end.value
        settle = house.writer.settle_print(job.print_job_id, _STATE_AFTER[end], house.now(), detail)
        await around(house.points, "print.settle", settle)
        intents = await house.writer.intents(job.intent_ids)
        await self.follow([intent for intent in intents if intent.state is IntentState.SENDING], job, end, say)

    async def follow(self, intents: Sequence[Intent], job: PrintJob, end: End, say: str = "") -> None:
        """Move the intents of a job on to what its end means for them."""
        facts = {"printer": job.printer, "job": "" if job.job is None else str(job.job)}
        if end is End.COMPLETED:
            await self._recorder.record([Move(intent, IntentState.DONE, evidence=facts) for intent in intents])
        elif end is End.NOT_TAKEN:
            await self._wait_again(intents)
        elif end is End.VANISHED:
            await self._recorder.record([Move(intent, IntentState.UNKNOWN, evidence=facts) for intent in intents])
            await self._recorder.record([Move(intent, IntentState.NEEDS_PERSON, evidence=facts) for intent in intents])
        else:
            cause = Cause(_CAUSE_AFTER[end], message=say or job.printer)
            await self._recorder.record([Move(intent, IntentState.FAILED, cause, facts) for intent in intents])

    async def adopt(self, intents: Sequence[Intent]) -> None:
        """Take up what an engine that ended left between two writes: `sending` without an open job, or `unknown`."""
        still_open = {intent_id for job in await self._house.writer.open_print_jobs() for intent_id in job.intent_ids}
        for intent in intents:
            if intent.state is IntentState.UNKNOWN:
                await self._recorder.record([Move(intent, IntentState.NEEDS_PERSON)])
            if intent.state is not IntentState.SENDING or intent.intent_id in still_open:
                continue
            job = await self._house.writer.print_job_of(intent.intent_id)
            if job is None or job.settled_at is None or job.at < (intent.sent_at or 0):
                # Its own job was never written down, so nothing of it has left the house.
                await self._wait_again([intent])
                continue
            word, _, say = job.detail.partition(": ")
            await self.follow([intent], job, End(word), say)

    async def _tell(self, job: PrintJob) -> None:
        intents = await self._house.writer.intents(job.intent_ids)
        rows = await self._house.writer.row_ids([(intent.store_id, intent.order_no) for intent in intents])
        self._house.hub.publish(Changed(orders=shown(rows), batches=(job.batch_id,)))


def _new_print(sheet: Sheet) -> NewPrint:
    label = sheet.label
    return NewPrint(
        intent_id=sheet.intent.intent_id,
        store_id=label.store_id,
        order_no=label.order_no,
        package_id=label.package_id,
        kind=label.kind,
        size=label.size,
        sha256=label.sha256,
        operator=sheet.intent.operator,
        reason=sheet.reason,
    )


def _titled(jobs: Sequence[SpooledJob], title: str) -> SpooledJob | None:
    return next((job for job in jobs if job.title == title), None)

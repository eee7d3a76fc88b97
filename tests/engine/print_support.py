"""What the tests of printing share: a house with labels in it, and a print system whose paper can be looked at."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from pypdf import PdfReader

from shoptui.adapters.base import AppCredentials, Marketplace
from shoptui.adapters.desks import Document
from shoptui.adapters.limits import CallBudget
from shoptui.config import Config, PrintingConfig
from shoptui.domain.intents import Intent, IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.orders import Status
from shoptui.domain.verbs import DocumentKind
from shoptui.engine.alerts import AlertBoard
from shoptui.engine.chat_turns import Turns
from shoptui.engine.failpoints import Points, Recorder, Unarmed
from shoptui.engine.house import House
from shoptui.engine.notices import NoticeHub
from shoptui.engine.printing import PrintRoom
from shoptui.engine.secrets import SecretsFile
from shoptui.engine.spool import JobState, Printer, SpooledJob, SpoolError, SpoolTrouble
from shoptui.exchange import load_rates
from shoptui.fee_book import load_fee_book
from shoptui.paths import DataDir
from shoptui.sandbox.labels import pdf
from shoptui.store.writer import Writer
from tests.engine.support import rule_book
from tests.store.factories import NOW, STORES, order, package

SIZE = "A6"

SILENT = SpoolError(SpoolTrouble.SILENT, "The print system cannot be reached.")


class HandClock:
    """Time that moves when a test says so."""

    def __init__(self) -> None:
        self.at = float(NOW)

    def now(self) -> float:
        return self.at

    def wire_now(self) -> float:
        return self.at


@dataclass(slots=True)
class _Job:
    number: int
    printer: str
    title: str
    content: bytes
    raw: bool
    state: JobState = JobState.HELD
    begun: bool = False


@dataclass(slots=True)
class Paper:
    """What a print system really does, in memory: `run` prints what was let go, and `came_out` is the paper."""

    names: list[str] = field(default_factory=lambda: ["dock1", "dock2"])
    stopped: dict[str, str] = field(default_factory=dict)
    rejecting: set[str] = field(default_factory=set)
    came_out: list[tuple[str, bytes]] = field(default_factory=list)
    queue: dict[int, _Job] = field(default_factory=dict)
    keeps_history: bool = True
    shows_titles: bool = True
    #: Raised by the next calls of these names, in turn.
    failures: dict[str, list[SpoolError]] = field(default_factory=dict)
    #: Every call that changed something.
    calls: list[str] = field(default_factory=list)
    _next: int = 1

    async def printers(self) -> Sequence[Printer]:
        self._fail("printers")
        return [
            Printer(
                name,
                "stopped" if name in self.stopped else "idle",
                self.stopped.get(name, ""),
                name not in self.rejecting,
                sum(1 for job in self._waiting() if job.printer == name),
                name == self.names[0],
            )
            for name in self.names
        ]

    async def put(self, printer: str, title: str, content: BinaryIO, *, raw: bool) -> int:
        self._fail("put")
        if printer not in self.names:
            raise SpoolError(SpoolTrouble.NO_PRINTER, "lp: Error - The printer or class does not exist.")
        number, self._next = self._next, self._next + 1
        self.queue[number] = _Job(number, printer, title, content.read(), raw)
        self.calls.append(f"put {number}")
        self._fail("answer of put")
        return number

    async def let_go(self, job: int) -> None:
        self._fail("let_go")
        if job not in self.queue:
            raise SpoolError(SpoolTrouble.REFUSED, f"lp: Job #{job} does not exist.")
        found = self.queue[job]
        if found.state is JobState.HELD:
            found.state = JobState.PENDING
        self.calls.append(f"let go {job}")

    async def cancel(self, job: int) -> None:
        self._fail("cancel")
        self.queue[job].state = JobState.CANCELLED
        self.calls.append(f"cancel {job}")

    async def job(self, job: int) -> SpooledJob | None:
        self._fail("job")
        found = self.queue.get(job)
        return None if found is None else self._seen(found)

    async def jobs(self) -> Sequence[SpooledJob]:
        self._fail("jobs")
        return [self._seen(job) for job in self._waiting()]

    async def past_jobs(self) -> Sequence[SpooledJob]:
        waiting = {job.number for job in self._waiting()}
        return [self._seen(job) for job in self.queue.values() if job.number not in waiting]

    def run(self, *, most: int = 1000) -> None:
        """Print what waits, oldest first, at printers that are not stopped."""
        for job in list(self.queue.values())[:]:
            if most and job.state is JobState.PENDING and job.printer in self.names and job.printer not in self.stopped:
                most -= 1
                job.begun = True
                self.came_out.append((job.printer, job.content))
                job.state = JobState.COMPLETED
                if not self.keeps_history:
                    del self.queue[job.number]

    def labels(self, printer: str | None = None) -> list[str]:
        """The first words of every page that came out, in order."""
        return [
            page.extract_text().split("\n")[0]
            for name, content in self.came_out
            if printer in (None, name)
            for page in PdfReader(io.BytesIO(content)).pages
        ]

    def remove(self, name: str) -> None:
        """Take a printer away; its jobs go with it."""
        self.names.remove(name)
        self.queue = {number: job for number, job in self.queue.items() if job.printer != name}

    def _waiting(self) -> list[_Job]:
        ended = (JobState.COMPLETED, JobState.CANCELLED, JobState.ABORTED)
        return [job for job in self.queue.values() if job.state not in ended]

    def _seen(self, job: _Job) -> SpooledJob:
        return SpooledJob(job.number, job.printer, job.title if self.shows_titles else "", job.state, job.begun)

    def _fail(self, call: str) -> None:
        if waiting := self.failures.get(call):
            raise waiting.pop(0)


@dataclass(slots=True)
class Shop:
    """A house with labels, its clock and its printers."""

    data_dir: DataDir
    clock: HandClock
    paper: Paper
    writer: Writer
    house: House
    room: PrintRoom

    async def label(
        self, number: int, *, content: bytes | None = None, form: str = "pdf", store: int = 0, tracking: str = ""
    ) -> None:
        """An arranged order and its label, which begins with the number; `tracking` is the parcel's own number."""
        store_id, order_no = STORES[store].store_id, f"{5000 + number}"
        made = order(
            order_no,
            store_id=store_id,
            status=Status.TO_HAND_OVER,
            packages=(package(f"P{number}", status=Status.TO_HAND_OVER, tracking_number=tracking or f"TH{number}"),),
        )
        await self.writer.upsert_orders([made], seen_at=NOW, now=NOW)
        body = pdf([(f"TH{number}", [str(number)])], SIZE) if content is None else content
        document = Document(DocumentKind.LABEL, form, body, f"TH{number}")
        await self.writer.put_document(store_id, order_no, f"P{number}", document, now=NOW)

    async def order_prints(
        self,
        numbers: Sequence[int],
        *,
        printer: str = "dock2",
        batch_id: str = "b1",
        hold_s: int = 0,
        after: Sequence[int | None] | None = None,
        reason: str = "",
        store: int = 0,
    ) -> list[Intent]:
        """Write prints down as the order request does."""
        args: dict[str, object] = {"printer": printer} | ({"reason": reason} if reason else {})
        first = after or [None] * len(numbers)
        store_id = STORES[store].store_id
        intents = [
            NewIntent(
                Verb.PRINT, store_id, f"{5000 + number}", TargetKind.PACKAGE, f"P{number}", args, after_intent_id=before
            )
            for number, before in zip(numbers, first, strict=True)
        ]
        now = self.house.now()
        accepted = await self.writer.accept_batch(
            batch_id, Verb.PRINT, "mei", "pts/1", intents, [now + hold_s] * len(intents), now
        )
        return await self.writer.intents(accepted.intent_ids)

    async def states(self, batch_id: str = "b1") -> list[IntentState]:
        return [intent.state for intent in await self.writer.batch(batch_id)]

    async def causes(self, batch_id: str = "b1") -> list[str]:
        return [intent.cause.id.value if intent.cause else "" for intent in await self.writer.batch(batch_id)]

    async def until_quiet(self, *, steps: int = 60) -> None:
        """Take steps, letting the printers run and time pass to what is due next, until no print is open."""
        for _ in range(steps):
            next_at = await self.room.step()
            self.paper.run()
            if not any(one.state is not IntentState.NEEDS_PERSON for one in await self.writer.open_of(Verb.PRINT)):
                await self.room.step()
                return
            self.clock.at = max(self.clock.at, min(next_at, self.clock.at + 600))
        raise AssertionError("the prints never came to rest")


def _house(data_dir: DataDir, writer: Writer, clock: HandClock, printing: PrintingConfig, points: Points) -> House:
    def connect(app: AppCredentials) -> Marketplace:
        raise AssertionError("printing asks no marketplace")

    hub = NoticeHub()
    return House(
        data_dir=data_dir,
        config=replace(Config(), printing=printing),
        clock=clock,
        writer=writer,
        secrets=SecretsFile.open(data_dir.secrets),
        rules=rule_book(),
        hub=hub,
        alerts=AlertBoard(writer, hub, clock),
        markets={},
        connect=connect,
        stores_http={},
        budget=CallBudget(clock),
        ask_stop=lambda reason: None,
        turns=Turns(data_dir.root / "inbox.turns"),
        rates=load_rates(),
        fees=load_fee_book(),
        points=points,
    )


@asynccontextmanager
async def shop(
    root: Path,
    *,
    labels: int = 0,
    printing: PrintingConfig | None = None,
    points: Points | None = None,
    paper: Paper | None = None,
    clock: HandClock | None = None,
) -> AsyncIterator[Shop]:
    """A house in a directory, new or taken up again, with so many labels in it."""
    data_dir = DataDir(root / "house")
    time = clock or HandClock()
    async with await Writer.open(data_dir, int(time.now())) as writer:
        for store in STORES:
            await writer.put_store(store)
        house = _house(data_dir, writer, time, printing or PrintingConfig(), points or Unarmed())
        await house.alerts.load()
        spooler = paper or Paper()
        made = Shop(data_dir, time, spooler, writer, house, PrintRoom(house, spooler))
        for number in range(labels):
            await made.label(number)
        yield made


async def reached_points(root: Path) -> list[str]:
    """The named points one whole print of two jobs passes, in order."""
    noted = Recorder()
    async with shop(root, labels=3, points=noted, printing=PrintingConfig(labels_per_job=2)) as made:
        await made.order_prints([0, 1, 2])
        await made.until_quiet()
    return noted.reached

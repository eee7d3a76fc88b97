"""Owns the house's printing: which prints of which batch go to which printer now, in which order, and what stopped.

Printing is the house's, not a store's: one batch has parcels of many stores, and its labels lie on one stack. Prints of
one batch and printer go together in the batch's order, first of the list first out. That puts the first on top where a
printer stacks face down and the stack is turned over, or where labels come off a roll; `[printing] reverse` is for
printers that stack face up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence

from shoptui.domain.intents import OPEN_STATES, Cause, CauseId, Intent, IntentState, Verb
from shoptui.domain.orders import Order
from shoptui.domain.verbs import BadArguments, PrintChoice, read_args
from shoptui.engine.admission import reason_to_stop
from shoptui.engine.house import House
from shoptui.engine.lanes import describe
from shoptui.engine.moves import Move, Recorder
from shoptui.engine.print_jobs import RETRY_S, PrintJobs, Sheet, Watched
from shoptui.engine.sheets import WAYS, Way, in_jobs
from shoptui.engine.spool import Spooler, SpoolError
from shoptui.engine.touched import touched
from shoptui.engine.turns import in_their_turn
from shoptui.queries.labels import LABEL_KINDS, LabelRow, is_outdated
from shoptui.store.errors import DiskFull, StoreError

log = logging.getLogger(__name__)

#: What one merged file may have at most, bytes: it is in memory while it is made.
_JOB_OCTETS_MAX = 32 * 1024 * 1024
_LONGEST_WAIT_S = 60.0
_REST_S = 30.0
_FORGET_EVERY_S = 24 * 3600
_FORGET_AT_ONCE = 200
_NEVER = float("inf")

#: One batch's prints at one printer.
Lot = tuple[str, str]
#: Orders by store and number.
Orders = Mapping[tuple[str, str], Order]


class PrintRoom:
    """Prints what is ordered. `step` does all that is due; `start` keeps doing it."""

    def __init__(self, house: House, spooler: Spooler) -> None:
        self.spooler = spooler
        self._house = house
        self._recorder = Recorder(house, lambda intents: None)
        self._jobs = PrintJobs(house, spooler, self._recorder)
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        #: Since when some of a lot could be printed while others of it are still on their way (epoch s).
        self._ready_since: dict[Lot, float] = {}
        #: Printers that take nothing now: when to try again (epoch s), and why.
        self._shut: dict[str, tuple[float, str]] = {}
        self._silent = ""
        self._not_before = 0.0
        self._forget_at = 0.0

    # -- running ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to print by itself."""
        self._tasks = [
            asyncio.create_task(self._loop(), name="printing"),
            asyncio.create_task(self._listen(), name="printing notices"),
        ]

    async def stop(self, within_s: float) -> None:
        """Let what is being handed over finish for so long, then cut it off; the next start takes it up."""
        self._stopping = True
        self._woken.set()
        if not self._tasks:
            return
        loop, listener = self._tasks
        listener.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await asyncio.gather(loop, return_exceptions=True)
        loop.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """Something was ordered, or a printer was mended: everything is tried at once."""
        self._not_before = 0.0
        self._shut.clear()
        self._woken.set()

    async def take_off(self, printer: str) -> tuple[int, int]:
        """Take our jobs that wait at a printer off its queue; returns how many labels, and how many had begun.

        Their prints fail at the next look. Raises SpoolError.
        """
        taken = begun = 0
        for job in await self._house.writer.open_print_jobs():
            if job.printer != printer or job.job is None:
                continue
            found = await self._jobs.find(job, job.job)
            if found is None or found.begun or job.begun:
                begun += len(job.intent_ids)
                continue
            await self.spooler.cancel(job.job)
            taken += len(job.intent_ids)
        self._woken.set()
        return taken, begun

    async def _listen(self) -> None:
        """A print's turn comes when what it waits for is done, which shows in the engine's own notices."""
        box = self._house.hub.subscribe()
        try:
            while True:
                if (await box.take()).batches:
                    self._woken.set()
        finally:
            self._house.hub.unsubscribe(box)

    async def _loop(self) -> None:
        house = self._house
        while not self._stopping:
            self._woken.clear()
            try:
                at = await self.step()
            except Exception as error:
                # A fault of ours must not end the engine; it is logged without values.
                log.error("printing: unforeseen %s", describe(error))
                at = house.clock.now() + _REST_S
            if self._stopping:
                return
            await house.wait(self._woken, min(max(at - house.clock.now(), 0.0), _LONGEST_WAIT_S))

    async def step(self) -> float:
        """Print and watch what is due; returns when to look again (epoch seconds), infinity for never."""
        house = self._house
        try:
            return await self._step()
        except DiskFull:
            await house.alerts.put("disk_full")
        except StoreError as error:
            log.error("printing: %s", error)
        return house.clock.now() + _REST_S

    async def _step(self) -> float:
        house = self._house
        await self._recorder.catch_up()
        watched = await self._jobs.watch()
        intents = await house.writer.open_of(Verb.PRINT)
        await self._jobs.adopt(intents)
        queued = [intent for intent in intents if intent.state is IntentState.QUEUED]
        queued += await self._release(intents)
        if not intents or (watched.waiting and not watched.silent):
            self._silent = ""
        if queued and house.clock.now() >= self._not_before:
            await self._print_ready(queued, intents)
        await self._forget_old()
        if intents:
            # What was just handed over, and what else has to be waited for.
            watched = await self._jobs.watch()
        left = await house.writer.open_of(Verb.PRINT) if intents else []
        await self._tell_trouble(watched, left)
        await self._tell_waiting(watched, left)
        return min(watched.next_at, await self._next_at())

    async def _release(self, intents: Sequence[Intent]) -> list[Intent]:
        now = self._house.now()
        due = [intent for intent in intents if intent.state is IntentState.HELD and intent.release_at <= now]
        return await self._recorder.move("print.release", due, IntentState.QUEUED) if due else []

    async def _next_at(self) -> float:
        intents = await self._house.writer.open_of(Verb.PRINT)
        earlier = await self._house.writer.intents([each.after_intent_id or 0 for each in intents])
        open_ids = {intent.intent_id for intent in earlier if intent.state in OPEN_STATES}
        moments = [now_at for lot in self._ready_since if (now_at := self._lot_at(lot)) is not None]
        for intent in intents:
            if intent.state is IntentState.HELD:
                moments.append(float(intent.release_at))
            elif intent.state is IntentState.QUEUED and intent.after_intent_id not in open_ids:
                printer = str(intent.args.get("printer", ""))
                shut_until = self._shut.get(printer, (0.0, ""))[0]
                since = self._lot_at((intent.batch_id, printer)) or 0.0
                moments.append(max(self._not_before, float(intent.look_at or 0), shut_until, since))
        if self._recorder.behind:
            moments.append(self._house.clock.now() + 1.0)
        return min(moments, default=_NEVER)

    def _lot_at(self, lot: Lot) -> float | None:
        """When a lot's labels stop waiting for those before them in the list, None when nothing waits for that."""
        since = self._ready_since.get(lot)
        return None if since is None else since + self._house.config.printing.order_wait_s

    # -- what goes now ----------------------------------------------------------------------------------------------

    async def _print_ready(self, queued: Sequence[Intent], every: Sequence[Intent]) -> None:
        turn, failed = await in_their_turn(self._house, queued)
        await self._recorder.record(failed)
        now = self._house.now()
        ready, orders = await self._still_wanted([intent for intent in turn if (intent.look_at or 0) <= now])
        lots: dict[Lot, list[Intent]] = {}
        for intent in every:
            if intent.state in (IntentState.HELD, IntentState.QUEUED):
                lots.setdefault(_lot(intent), []).append(intent)
        gone = set(self._ready_since) - {_lot(intent) for intent in ready}
        for lot in gone:
            del self._ready_since[lot]
        ready_ids = {intent.intent_id for intent in ready}
        queued_ids = {intent.intent_id for intent in queued}
        waits = await self._house.writer.intents(sorted(queued_ids - ready_ids))
        still = ready_ids | {intent.intent_id for intent in waits if intent.state in OPEN_STATES}
        still |= {
            intent.intent_id
            for intent in every
            if intent.state is IntentState.HELD and intent.intent_id not in queued_ids
        }
        for lot, inside in lots.items():
            in_list = [intent for intent in inside if intent.intent_id in still]
            if going := self._going(lot, in_list, ready_ids):
                try:
                    await self._print(lot[1], going, orders)
                except SpoolError as error:
                    self._silent = str(error)
                    self._not_before = self._house.clock.now() + RETRY_S
                    return

    def _going(self, lot: Lot, in_list: Sequence[Intent], ready_ids: set[int]) -> list[Intent]:
        """Those of a lot that go now: all that can if none is missing, whole jobs from its beginning, or, after a
        while, all that can whatever is missing."""
        ready = [intent for intent in in_list if intent.intent_id in ready_ids]
        if not ready:
            return []
        now = self._house.clock.now()
        since = self._ready_since.setdefault(lot, now)
        if len(ready) == len(in_list) or now >= since + self._house.config.printing.order_wait_s:
            del self._ready_since[lot]
            return ready
        before_gap = next(place for place, intent in enumerate(in_list) if intent.intent_id not in ready_ids)
        most = self._house.config.printing.labels_per_job
        return list(in_list[: before_gap // most * most])

    async def _still_wanted(self, ready: Sequence[Intent]) -> tuple[list[Intent], Orders]:
        """Drop what must not be printed any more: held, cancelled or asked to be cancelled since, printed by others.

        Returns the rest, and the orders as the cache has them.
        """
        house = self._house
        by_store: dict[str, set[str]] = {}
        for intent in ready:
            by_store.setdefault(intent.store_id, set()).add(intent.order_no)
        orders: dict[tuple[str, str], Order] = {}
        for store_id, numbers in by_store.items():
            for order in await house.writer.orders_by_no(store_id, sorted(numbers)):
                orders[(store_id, order.order_no)] = order
        held = await house.writer.held(sorted((store_id, no) for store_id, nos in by_store.items() for no in nos))
        stopped, wanted = [], []
        for intent in ready:
            key = (intent.store_id, intent.order_no)
            if (cause := reason_to_stop(intent, orders.get(key), held.get(key, ""))) is not None:
                stopped.append(Move(intent, IntentState.FAILED, cause))
            else:
                wanted.append(intent)
        await self._recorder.record(stopped)
        return wanted, orders

    # -- one lot ----------------------------------------------------------------------------------------------------

    async def _print(self, name: str, going: Sequence[Intent], orders: Orders) -> None:
        """Hand a lot over, cut into jobs. Raises SpoolError when the print system does not answer."""
        settings = self._house.config.printing
        until, why = self._shut.get(name, (0.0, ""))
        if why and self._house.clock.now() < until:
            return
        self._shut.pop(name, None)
        printer = next((each for each in await self.spooler.printers() if each.name == name), None)
        self._silent = ""
        if printer is None:
            cause = Cause(CauseId.PRINTER_GONE, message=name)
            await self._recorder.record([Move(intent, IntentState.FAILED, cause) for intent in going])
            return
        if not printer.accepts:
            self._shut[name] = (self._house.clock.now() + RETRY_S, printer.trouble or "rejecting jobs")
            return
        sheets = await self._sheets(going, orders)
        if settings.reverse:
            sheets.reverse()
        ways = [WAYS[sheet.label.format] for sheet in sheets]
        sizes = [(way is Way.MERGED, sheet.label.octets) for way, sheet in zip(ways, sheets, strict=True)]
        for places in in_jobs(sizes, most=settings.labels_per_job, most_octets=_JOB_OCTETS_MAX):
            way = ways[places[0]]
            job = [sheets[place] for place in places]
            await self._jobs.hand_over(name, job, merged=way is Way.MERGED, raw=way is Way.RAW)

    async def _sheets(self, going: Sequence[Intent], orders: Orders) -> list[Sheet]:
        """What is to be printed for these intents; those that cannot be fail with the reason."""
        writer = self._house.writer
        labels = await writer.labels([(intent.store_id, intent.order_no) for intent in going])
        chosen: dict[int, PrintChoice] = {}
        failed: list[Move] = []
        for intent in going:
            try:
                choice = read_args(intent.verb, intent.args)
            except BadArguments as error:
                failed.append(Move(intent, IntentState.FAILED, Cause(CauseId.OTHER, message=str(error))))
                continue
            assert isinstance(choice, PrintChoice)
            chosen[intent.intent_id] = choice
        kinds = [
            (intent.store_id, intent.target_id, chosen[intent.intent_id].document.kind.value)
            for intent in going
            if intent.intent_id in chosen
        ]
        printed = await writer.printed_before(kinds)
        sheets: list[Sheet] = []
        for intent in going:
            if (mine := chosen.get(intent.intent_id)) is None:
                continue
            kind, size = mine.document.kind.value, mine.document.size
            label = choose(labels.get((intent.store_id, intent.order_no), ()), intent.target_id, kind, size)
            before = printed.get((intent.store_id, intent.target_id, kind))
            if label is None:
                failed.append(Move(intent, IntentState.FAILED, Cause(CauseId.LABEL_MISSING)))
            elif now_on := _new_number(intent, label, orders.get((intent.store_id, intent.order_no))):
                numbers = f"{label.tracking_number} > {now_on}"
                failed.append(Move(intent, IntentState.FAILED, Cause(CauseId.LABEL_OUTDATED, message=numbers)))
            elif label.format not in WAYS:
                failed.append(Move(intent, IntentState.FAILED, Cause(CauseId.NOT_PRINTABLE, message=label.format)))
            elif before is not None and not mine.reason:
                where = f"{before.printer}, {before.operator}"
                failed.append(Move(intent, IntentState.FAILED, Cause(CauseId.PRINTED_BEFORE, message=where)))
            else:
                sheets.append(Sheet(intent, label, mine.reason if before is not None else ""))
        await self._recorder.record(failed)
        return sheets

    # -- telling and tidying ----------------------------------------------------------------------------------------

    async def _tell_trouble(self, watched: Watched, intents: Sequence[Intent]) -> None:
        """Keep the alerts about printers in step with what is stopped and what waits for it."""
        alerts = self._house.alerts
        silent = watched.silent or self._silent
        waiting: dict[str, int] = dict(watched.waiting)
        for intent in intents:
            if intent.state is IntentState.QUEUED and (name := str(intent.args.get("printer", ""))) in self._shut:
                waiting[name] = waiting.get(name, 0) + 1
        if silent:
            queued = sum(1 for intent in intents if intent.state in (IntentState.QUEUED, IntentState.SENDING))
            await alerts.put("printing_down", reason=silent, waiting=str(max(queued, sum(waiting.values()))))
            return
        await alerts.clear("printing_down")
        stopped: dict[str, str] = {name: why for name, (_, why) in self._shut.items()} | dict(watched.stopped)
        await alerts.keep_only("printer_stopped", stopped)
        for name, reason in stopped.items():
            if waiting.get(name):
                await alerts.put(
                    "printer_stopped", name, subject_is="printer", reason=reason, waiting=str(waiting[name])
                )

    async def _tell_waiting(self, watched: Watched, intents: Sequence[Intent]) -> None:
        """Say of what is ready to be printed, or was handed over, that it waits for its printer while it does."""
        silent = bool(watched.silent or self._silent)
        # What waits for a label of its own is not its printer's to mend.
        before = await self._house.writer.intents([each.after_intent_id or 0 for each in intents])
        unready = {intent.intent_id for intent in before if intent.state in OPEN_STATES}
        causes: dict[int, Cause | None] = {}
        for intent in intents:
            if intent.state not in (IntentState.QUEUED, IntentState.SENDING):
                continue
            name = str(intent.args.get("printer", ""))
            stops = silent or name in self._shut or name in watched.stopped
            waits = stops and intent.after_intent_id not in unready
            cause = Cause(CauseId.PRINTER_WAITS, message=name) if waits else None
            if cause != intent.cause:
                causes[intent.intent_id] = cause
        if told := await self._house.writer.say_why(causes):
            self._house.hub.publish(await touched(self._house.writer, told))

    async def _forget_old(self) -> None:
        """Let go of documents nobody needs any more; they show buyers' addresses."""
        house = self._house
        if house.clock.now() < self._forget_at:
            return
        before_at = house.now() - house.config.printing.keep_days * 86_400
        gone = _FORGET_AT_ONCE
        while gone == _FORGET_AT_ONCE:
            gone = await house.writer.forget_documents(before_at, _FORGET_AT_ONCE)
        self._forget_at = house.clock.now() + _FORGET_EVERY_S


def choose(labels: Sequence[LabelRow], package_id: str, kind: str, size: str) -> LabelRow | None:
    """The document that is meant: of that size, or without one asked for the usual one, or else the newest."""
    fitting = [row for row in labels if row.package_id == package_id and row.kind == kind]
    exact = next((row for row in fitting if row.size == size), None)
    if exact is not None or size:
        return exact
    return max(fitting, key=lambda row: row.fetched_at, default=None)


def _new_number(intent: Intent, label: LabelRow, order: Order | None) -> str:
    """The parcel's tracking number where it is not the label's any more, "" otherwise.

    A label that was fetched for this very print is newer than what the cache knows of the parcel.
    """
    if order is None or intent.after_intent_id is not None or label.kind not in LABEL_KINDS:
        return ""
    now_on = next((each.tracking_number for each in order.packages if each.package_id == intent.target_id), "")
    return now_on if is_outdated(label.tracking_number, now_on) else ""


def _lot(intent: Intent) -> Lot:
    return intent.batch_id, str(intent.args.get("printer", ""))

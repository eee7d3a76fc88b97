"""What the engine writes down in the ledger alone: orders given, prints, the operators' desk, alerts.

Each method is one transaction, and on the disk when it returns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from shoptui.domain.intents import Cause, Intent, IntentState, NewIntent, Verb
from shoptui.queries.labels import NewPrint, PrintedRow, PrintJob, PrintState
from shoptui.queries.types import Alert
from shoptui.store import desk, documents, outbox, outbox_reads
from shoptui.store.database import Database
from shoptui.store.desk import CLAIM_S, OrderKey
from shoptui.store.results import Accepted, TakenBack


class LedgerWriter:
    """The part of `Writer` that needs no other database."""

    def __init__(self, ledger: Database) -> None:
        self._ledger = ledger
        #: What is to be moved and not on the disk yet. Only the event loop's thread changes it.
        self._moving: list[outbox.Moving] = []

    # Outbox

    async def accept_batch(
        self,
        batch_id: str,
        verb: Verb,
        operator: str,
        origin: str,
        intents: Sequence[NewIntent],
        release_at_by_index: Sequence[int],
        now: int,
        *,
        retry_of_by_index: Sequence[int | None] | None = None,
    ) -> Accepted:
        """Write a batch down, durable on return. A repeated `batch_id` gets its first answer and changes nothing.

        An intent on a target that has an open one of the same verb is refused with `open_intent`, and with it all that
        hangs together with it by `after_index`.
        """
        retry_of = retry_of_by_index or [None] * len(intents)
        return await self._ledger.run(
            outbox.accept, batch_id, verb, operator, origin, intents, release_at_by_index, retry_of, now
        )

    async def take_back(self, batch_id: str | None, intent_ids: Sequence[int] | None, now: int) -> TakenBack:
        """Stop what has not been sent, and what comes after it."""
        return await self._ledger.run(outbox.take_back, batch_id, intent_ids, now)

    async def due_intents(self, now: int, store_id: str | None = None) -> list[Intent]:
        """Held intents whose hold has ended; the caller moves them on."""
        return await self._ledger.run(outbox_reads.due, now, store_id)

    async def move(
        self,
        intent_ids: Sequence[int],
        new_state: IntentState,
        *,
        now: int,
        cause: Cause | None = None,
        evidence: Mapping[str, object] | None = None,
        sent_at: int | None = None,
        look_at: int | None = None,
        attempts_plus: int = 0,
        facts: Mapping[int, Mapping[str, object]] | None = None,
    ) -> list[Intent]:
        """Move intents on where domain.intents.TRANSITIONS has a way; returns those that really moved.

        `evidence` and `sent_at` None keep what is there; `cause` and `look_at` are replaced, None included. `facts` is
        each intent's own evidence, by its id, where they differ. What several stores move at the same moment is one
        transaction.
        """
        asked = outbox.Moving(intent_ids, new_state, now, cause, evidence, sent_at, look_at, attempts_plus, facts)
        self._moving.append(asked)
        try:
            return await self._ledger.run(self._moved, asked)
        finally:
            self._moving.remove(asked)

    def _moved(self, db: sqlite3.Connection, asked: outbox.Moving) -> list[Intent]:
        """Move these, and with them what waits to be moved behind them: getting it onto the disk takes the longest."""
        if asked.moved is None:
            waiting = [one for one in self._moving.copy() if one.moved is None and one is not asked]
            try:
                outbox.move(db, [asked, *waiting])
            except Exception:
                if not waiting:
                    raise
                # Whose failure it was shows when each is moved by itself.
                outbox.move(db, [asked])
        assert asked.moved is not None
        return asked.moved

    async def look_later(
        self, intent_ids: Sequence[int], look_at: int, evidence: Mapping[str, object] | None = None
    ) -> None:
        """Set when open intents that stay in their state are looked at next."""
        await self._ledger.run(outbox.look_later, intent_ids, look_at, evidence)

    async def say_why(self, causes: Mapping[int, Cause | None]) -> list[Intent]:
        """Note why open intents wait, None for no reason of their own; returns those that were told anew."""
        return await self._ledger.run(outbox.say_why, causes) if causes else []

    async def open_intents(self, store_id: str | None = None) -> list[Intent]:
        """Everything that is not settled, oldest first."""
        return await self._ledger.run(outbox_reads.open_intents, store_id)

    async def open_of(self, verb: Verb) -> list[Intent]:
        """Everything of one verb that is not settled, in all stores, oldest first."""
        return await self._ledger.run(outbox_reads.open_of, verb)

    async def intents(self, intent_ids: Sequence[int]) -> list[Intent]:
        """The named intents, oldest first."""
        return await self._ledger.run(outbox_reads.by_ids, intent_ids)

    async def followers(self, intent_ids: Sequence[int]) -> list[Intent]:
        """Everything that comes after any of the named intents, near and far, oldest first."""
        return await self._ledger.run(outbox_reads.followers, intent_ids)

    async def batch(self, batch_id: str) -> list[Intent]:
        """The intents of a batch, oldest first; empty for an unknown one."""
        return await self._ledger.run(outbox_reads.of_batch, batch_id)

    async def sending_at_start(self) -> list[Intent]:
        """Intents a crash left between sending and answer: they may have gone out."""
        return await self._ledger.run(outbox_reads.in_states, (IntentState.SENDING,), None)

    async def ack(self, batch_id: str, operator: str, now: int) -> int:
        """Note that a batch's settled results were seen; returns how many."""
        return await self._ledger.run(outbox.acknowledge, batch_id, None, operator, now)

    async def ack_intents(self, intent_ids: Sequence[int], operator: str, now: int) -> int:
        """Note that these settled results were seen (or given up on); returns how many."""
        return await self._ledger.run(outbox.acknowledge, None, intent_ids, operator, now)

    async def unacked(self) -> list[str]:
        """Batches with settled results nobody has seen, oldest first."""
        return await self._ledger.run(outbox_reads.unacked_batches)

    # The operators' desk

    async def hold(self, targets: Sequence[OrderKey], operator: str, on: bool, now: int) -> list[OrderKey]:
        """Hold orders back, or release them; returns those that changed."""
        return await self._ledger.run(desk.hold, targets, operator, on, now)

    async def held(self, targets: Sequence[OrderKey]) -> dict[OrderKey, str]:
        """Which of the orders are held, and by whom."""
        return await self._ledger.run(desk.held, targets)

    async def claimed(self, targets: Sequence[OrderKey], now: int) -> dict[OrderKey, str]:
        """Which of the orders somebody is on now, and who."""
        return await self._ledger.run(desk.claimed, targets, now)

    async def claim(
        self, targets: Sequence[OrderKey], operator: str, on: bool, now: int, *, for_s: int = CLAIM_S
    ) -> list[OrderKey]:
        """Take orders on for `for_s` seconds, or give up one's own; returns those that changed."""
        return await self._ledger.run(desk.claim, targets, operator, on, now, for_s)

    async def tag(self, targets: Sequence[OrderKey], name: str, operator: str, on: bool, now: int) -> list[OrderKey]:
        """Put a tag on orders or take it off; returns those that changed. Raises ValueError for an empty tag."""
        return await self._ledger.run(desk.tag, targets, name, operator, on, now)

    async def note(self, target: OrderKey, operator: str, text: str, now: int) -> int:
        """Add a note to an order; returns its id."""
        return await self._ledger.run(desk.note, target, operator, text, now)

    # Prints

    async def begin_print(
        self, batch_id: str, printer: str, title: str, prints: Sequence[NewPrint], now: int
    ) -> PrintJob:
        """Write a print job down before the print system hears of it; `{job}` in the title becomes its number here."""
        return await self._ledger.run(documents.begin_print, batch_id, printer, title, prints, now)

    async def note_job(self, print_job_id: int, job: int) -> None:
        """The print system holds the job under this number and prints nothing of it yet."""
        await self._ledger.run(documents.note_job, print_job_id, job)

    async def note_may_print(self, print_job_id: int, may_print: bool) -> None:
        """The print system is about to be told to print the job, or surely was not told after all."""
        await self._ledger.run(documents.note_may_print, print_job_id, may_print)

    async def note_spooled(self, print_job_id: int, *, begun: bool = False) -> None:
        """The job was let go to the printer; with `begun` the printer was seen working on it."""
        await self._ledger.run(documents.note_spooled, print_job_id, begun=begun)

    async def settle_print(self, print_job_id: int, state: PrintState, now: int, detail: str = "") -> bool:
        """How a print job ended; True if that was not known before."""
        return await self._ledger.run(documents.settle_job, print_job_id, state, now, detail)

    async def open_print_jobs(self) -> list[PrintJob]:
        """Print jobs whose end is not known yet, oldest first."""
        return await self._ledger.run(documents.open_jobs)

    async def print_job_of(self, intent_id: int) -> PrintJob | None:
        """The newest print job an intent was in, None before it was in one."""
        return await self._ledger.run(documents.job_of_intent, intent_id)

    async def printed_of(self, store_id: str, package_id: str) -> list[PrintedRow]:
        """All prints of a package's documents, newest first, those that failed included."""
        return await self._ledger.run(documents.printed_of, store_id, package_id)

    async def printed_before(self, targets: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], PrintedRow]:
        """The newest print of each (store, package, kind) that may have come out of a printer before."""
        return await self._ledger.run(documents.printed_before, targets)

    # Alerts

    async def raise_alert(self, alert: Alert) -> None:
        """Raise an alert, or bring one that stands up to date."""
        await self._ledger.run(desk.raise_alert, alert)

    async def clear_alert(self, alert_id: str) -> bool:
        """The condition is over; True if there was such an alert."""
        return await self._ledger.run(desk.clear_alert, alert_id)

    async def alerts(self, *, seen_too: bool = False) -> list[Alert]:
        """Alerts nobody has seen, newest first; or all that stand."""
        return await self._ledger.run(desk.alerts, seen_too=seen_too)

    async def see_alert(self, alert_id: str, operator: str, now: int) -> bool:
        """An operator has seen it; True if it was still to be seen."""
        return await self._ledger.run(desk.see_alert, alert_id, operator, now)

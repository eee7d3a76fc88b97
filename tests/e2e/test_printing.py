"""Labels on paper: through a real engine, a real CUPS and an IPP printer that keeps what it prints."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from shoptui.client import EngineClient
from shoptui.domain.intents import OPEN_STATES, Intent, IntentState, Verb
from shoptui.engine.spool import Cups, JobState, SpoolError, SpoolTrouble
from shoptui.queries.labels import PrintState
from shoptui.queries.types import Alert
from shoptui.sandbox.labels import pdf
from tests.e2e.live import SHOPTUI, PersonalHouse, wait_until
from tests.e2e.printers import NoPrintSystem, PrintSystem, why_not

pytestmark = [
    pytest.mark.e2e,
    # One announcer per machine: both workers at once would be in each other's way.
    pytest.mark.xdist_group("printing"),
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "a print system can be started"),
]

#: Points of an A6 page.
A6 = (297.6, 419.5)


@pytest.fixture(scope="module")
def cups() -> Iterator[PrintSystem]:
    with contextlib.ExitStack() as stack:
        try:
            made = stack.enter_context(PrintSystem())
        except NoPrintSystem as error:
            pytest.skip(str(error))
        yield made


class Warehouse(PersonalHouse):
    """A house whose engine prints at the tests' own print system."""

    def __init__(self, root: Path, cups: PrintSystem) -> None:
        super().__init__(root, stores=2, orders=80)
        self._cups = cups
        self._engine: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        env = {**os.environ, **self.env, "CUPS_SERVER": self._cups.server}
        self._engine = subprocess.Popen([*SHOPTUI, "engine"], env=env, stdin=subprocess.DEVNULL)
        wait_until(lambda: self.engine_pid == self._engine_pid() and self.is_synced(), "the engine's first sync")

    def _engine_pid(self) -> int:
        assert self._engine is not None
        return self._engine.pid

    def end_engine(self, number: signal.Signals = signal.SIGTERM) -> None:
        super().end_engine(number)
        if self._engine is not None:
            self._engine.wait(20)
            self._engine = None

    def request(self, do: str, **fields: object) -> Mapping[str, Any]:
        """Ask the engine something; a refusal fails the test."""

        async def go() -> Mapping[str, Any]:
            async with await EngineClient.connect(self.data_dir) as client:
                answer = await client.request(do, **fields)
            assert answer.ok, answer.say
            return answer.body

        return asyncio.run(go())

    def parcels(self, count: int) -> list[dict[str, object]]:
        """So many parcels to be arranged, of both stores in turn, as an order request names them."""
        by_store: dict[str, list[dict[str, object]]] = {}
        for each in self.candidates("status:to_ship"):
            if each.package_ids and not each.ship_block and not each.flags and not each.held_by:
                parcel = {"target_kind": "package", "target_id": each.package_ids[0], "args": {}}
                by_store.setdefault(each.store_id, []).append(
                    {"store_id": each.store_id, "order_no": each.order_no, **parcel}
                )
        turns = [parcel for row in zip(*by_store.values(), strict=False) for parcel in row]
        assert len(turns) >= count, "too few orders that can be shipped"
        return turns[:count]

    def order(self, batch_id: str, verb: str, parcels: Sequence[object], **fields: object) -> Mapping[str, Any]:
        answer = self.request("order", batch_id=batch_id, verb=verb, intents=list(parcels), hold_s=0, **fields)
        assert answer["refused"] == []
        return answer

    def prints(self, batch_id: str) -> list[Intent]:
        intents = self.read(lambda reader, _now: reader.intents_of(batch_id))
        return [one for one in intents if one.verb is Verb.PRINT]

    def alerts(self) -> dict[str, Alert]:
        return {alert.kind: alert for alert in self.read(lambda reader, _now: reader.alerts())}

    def tracking(self, parcels: Sequence[Mapping[str, object]]) -> list[str]:
        """The tracking numbers on these parcels' labels, by what the ledger says of them."""
        keys = [(str(each["store_id"]), str(each["order_no"])) for each in parcels]
        found = self.read(lambda reader, _now: reader.labels(keys))
        return [found[key][0].tracking_number for key in keys]

    def printed(self, parcel: Mapping[str, object]) -> list[tuple[str, PrintState]]:
        """The prints of a parcel's order, newest first: where, and how each does."""
        store_id, order_no = str(parcel["store_id"]), str(parcel["order_no"])
        rows = self.read(lambda reader, _now: reader.printed_of(store_id, order_no))
        return [(row.printer, row.state) for row in rows]

    def settled(self, batch_id: str) -> list[Intent]:
        def over() -> bool:
            prints = self.prints(batch_id)
            return bool(prints) and not any(intent.state in OPEN_STATES for intent in prints)

        wait_until(over, "the prints' end", 60)
        return self.prints(batch_id)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, cups: PrintSystem) -> Iterator[Warehouse]:
    with Warehouse(tmp_path_factory.mktemp("printing") / "house", cups) as made:
        made.begin()
        yield made


@pytest.fixture(scope="module")
def printed(warehouse: Warehouse, cups: PrintSystem) -> list[dict[str, object]]:
    """Four parcels, shipped, their labels fetched and printed."""
    parcels = warehouse.parcels(4)
    then = [{"verb": "label", "args": {"size": "A6"}}, {"verb": "print", "args": {"printer": "dock2", "size": "A6"}}]
    warehouse.order("ship-print", "ship", parcels, then=then)
    states = [intent.state for intent in warehouse.settled("ship-print")]
    assert states == [IntentState.DONE] * 4
    return parcels


def test_a_batch_comes_out_in_its_order_on_its_own_paper_unscaled(
    warehouse: Warehouse, cups: PrintSystem, printed: list[dict[str, object]]
) -> None:
    pages = cups.pages()
    assert [words for words, *_ in pages] == warehouse.tracking(printed)
    for _, width, height, scale in pages:
        assert (width, height) == (pytest.approx(A6[0], abs=0.5), pytest.approx(A6[1], abs=0.5))
        assert scale == pytest.approx(1.0)
    assert len(cups.pieces()) == 1, "one job for all of them"


def test_who_printed_a_label_is_known_and_a_second_one_is_refused(
    warehouse: Warehouse, printed: list[dict[str, object]]
) -> None:
    assert warehouse.printed(printed[0]) == [("dock2", PrintState.SENT)]
    again = [{**printed[0], "args": {"printer": "dock2", "size": "A6"}}]
    answer = warehouse.request("order", batch_id="again", verb="print", intents=again)
    assert [item["reason"] for item in answer["refused"]] == ["printed_before"]


def test_documents_and_printers_are_told_over_the_socket(
    warehouse: Warehouse, printed: list[dict[str, object]]
) -> None:
    (printer,) = warehouse.request("printers")["printers"]
    assert (printer["name"], printer["state"], printer["reason"]) == ("dock2", "idle", "")
    targets = [[each["store_id"], each["target_id"]] for each in printed]
    answer = warehouse.request("documents", targets=[*targets, ["tt-th-1", "no such"]], kind="label")
    assert [each["package_id"] for each in answer["documents"]] == [target[1] for target in targets]
    assert answer["missing"] == [["tt-th-1", "no such"]] and answer["left"] == []


def reprint(warehouse: Warehouse, batch_id: str, parcel: Mapping[str, object], printer: str = "dock2") -> None:
    args = {"printer": printer, "size": "A6", "reason": "the paper jammed"}
    warehouse.order(batch_id, "print", [{**parcel, "args": args}])


def test_a_paused_printer_keeps_the_label_through_a_killed_engine(
    warehouse: Warehouse, cups: PrintSystem, printed: list[dict[str, object]]
) -> None:
    before = len(cups.pieces())
    cups.tell("cupsdisable", "-r", "out of labels", "dock2")
    reprint(warehouse, "paused", printed[1])
    wait_until(lambda: "printer_stopped" in warehouse.alerts(), "the alert")
    args = warehouse.alerts()["printer_stopped"].args
    assert (args["printer"], args["waiting"]) == ("dock2", "1")
    warehouse.end_engine(signal.SIGKILL)
    warehouse.begin()
    assert [intent.state for intent in warehouse.prints("paused")] == [IntentState.SENDING]
    cups.tell("cupsenable", "dock2")
    assert [intent.state for intent in warehouse.settled("paused")] == [IntentState.DONE]
    assert [words for words, *_ in cups.pages(since=before)] == warehouse.tracking(printed[1:2]), "once"
    wait_until(lambda: "printer_stopped" not in warehouse.alerts(), "the alert's end")


def test_what_waits_at_a_removed_printer_can_go_to_another(
    warehouse: Warehouse, cups: PrintSystem, printed: list[dict[str, object]]
) -> None:
    before = len(cups.pieces())
    cups.add("dock7")
    cups.tell("cupsdisable", "dock7")
    reprint(warehouse, "removed", printed[2], "dock7")
    wait_until(lambda: warehouse.printed(printed[2])[:1] == [("dock7", PrintState.SPOOLED)], "the job let go")
    cups.tell("lpadmin", "-x", "dock7")
    (intent,) = warehouse.settled("removed")
    assert intent.cause is not None and (intent.cause.id.value, intent.cause.message) == ("printer_gone", "dock7")
    reprint(warehouse, "elsewhere", printed[2])
    assert [one.state for one in warehouse.settled("elsewhere")] == [IntentState.DONE]
    assert [words for words, *_ in cups.pages(since=before)] == warehouse.tracking(printed[2:3])


async def test_a_job_prints_nothing_before_it_is_let_go_and_its_end_is_known(
    cups: PrintSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUPS_SERVER", cups.server)
    spooler = Cups()
    before = len(cups.pieces())
    label = tmp_path / "label.pdf"
    label.write_bytes(pdf([("WIDE1", ["larger than the paper"])], "A5"))
    with label.open("rb") as content:
        number = await spooler.put("dock2", "shoptui wide-1 (1 label)", content, raw=False)
    held = await spooler.job(number)
    assert held is not None and (held.state, held.begun, held.printer) == (JobState.HELD, False, "dock2")
    assert held.title == "shoptui wide-1 (1 label)", "its owner may see its name"
    assert number in [job.number for job in await spooler.jobs()]
    await spooler.let_go(number)
    await asyncio.to_thread(wait_until, lambda: f"dock2-{number}" not in cups.tell("lpstat", "-o"), "the print")
    job = await spooler.job(number)
    assert job is not None and (job.state, job.begun) == (JobState.COMPLETED, True)
    assert number in [one.number for one in await spooler.past_jobs()]
    ((_, _, _, scale),) = cups.pages(since=before)
    assert scale == pytest.approx(1.0), "a label that is larger than the paper is cut, not shrunk"

    with label.open("rb") as content:
        other = await spooler.put("dock2", "shoptui wide-2 (1 label)", content, raw=False)
    await spooler.cancel(other)
    cancelled = await spooler.job(other)
    assert cancelled is not None and (cancelled.state, cancelled.begun) == (JobState.CANCELLED, False)
    assert await spooler.job(99_999) is None
    with pytest.raises(SpoolError) as refused, label.open("rb") as content:
        await spooler.put("dock9", "t", content, raw=False)
    assert refused.value.trouble is SpoolTrouble.NO_PRINTER


async def test_a_print_system_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", "127.0.0.1:9")
    with pytest.raises(SpoolError) as silent:
        await Cups().printers()
    assert silent.value.trouble is SpoolTrouble.SILENT

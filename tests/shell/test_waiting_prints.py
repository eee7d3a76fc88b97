"""What a script is told about labels that have not come out of their printer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest

from shoptui.client import Answer, EngineClient, EngineGone
from shoptui.domain.intents import Intent, IntentState, TargetKind, Verb
from shoptui.shell.connect import Stop
from shoptui.shell.exits import Exit
from shoptui.shell.order_batch import _known_printers, _say_printers

DOCK: dict[str, Any] = {"name": "dock2", "state": "stopped", "reason": "out of labels"}


@dataclass
class Asked:
    """An engine that answers about its printers, or has gone."""

    answer: Answer | None

    async def request(self, do: str) -> Answer:
        assert do == "printers"
        if self.answer is None:
            raise EngineGone("gone")
        return self.answer


def waiting(number: int, state: IntentState = IntentState.SENDING) -> Intent:
    return Intent(
        intent_id=number,
        batch_id="b1",
        verb=Verb.PRINT,
        store_id="tt-th-1",
        order_no=f"{number}",
        target_kind=TargetKind.PACKAGE,
        target_id=f"P{number}",
        args={"printer": "dock2"},
        state=state,
        operator="mei",
        created_at=0,
        release_at=0,
    )


def having(*printers: Mapping[str, Any]) -> Answer:
    return Answer(True, {"printers": list(printers)})


@pytest.mark.parametrize(
    ("answer", "count", "says"),
    [
        (having(DOCK), 1, ["1 label at dock2", "stopped (out of labels)", "not lost", "cupsenable dock2"]),
        (having({**DOCK, "reason": ""}), 2, ["2 labels at dock2", "stopped (stopped)", "cupsenable dock2"]),
        (having({**DOCK, "state": "printing", "reason": ""}), 1, ["1 label still at dock2 (printing)"]),
        (having(), 1, ["no such printer", "--printer"]),
        (Answer(False, {}, "no_printing", "CUPS does not answer."), 1, ["1 label for dock2: CUPS does not answer."]),
        (None, 1, ["The engine stopped"]),
    ],
)
async def test_the_printer_is_named_with_its_state_and_what_helps(
    capsys: pytest.CaptureFixture[str], answer: Answer | None, count: int, says: list[str]
) -> None:
    intents = [waiting(number) for number in range(count)] + [waiting(9, IntentState.DONE)]
    await _say_printers(cast(EngineClient, Asked(answer)), intents)
    said = capsys.readouterr().err
    for words in says:
        assert words in said


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (having(DOCK), Exit.USAGE, "no printer dock9. There are: dock2. Nothing was ordered."),
        (having(), Exit.USAGE, "no printer dock9. It has none; lpadmin adds one. Nothing was ordered."),
        (Answer(False, {}, "no_printing", "CUPS does not answer."), Exit.FAILED, "CUPS does not answer. Nothing was"),
    ],
)
async def test_nothing_is_ordered_for_a_printer_that_is_not_there(
    capsys: pytest.CaptureFixture[str], answer: Answer, code: int, says: str
) -> None:
    with pytest.raises(Stop) as stopped:
        await _known_printers(cast(EngineClient, Asked(answer)), {"dock9"})
    assert stopped.value.code == code
    assert says in capsys.readouterr().err


async def test_a_printer_that_is_there_may_be_ordered_to_and_no_printer_asks_nothing() -> None:
    await _known_printers(cast(EngineClient, Asked(having(DOCK))), {"dock2"})
    await _known_printers(cast(EngineClient, Asked(None)), set())

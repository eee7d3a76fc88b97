"""Answering simulated buyers' return requests, as the tests of all three marketplaces do."""

from __future__ import annotations

from typing import Any

import pytest

from shoptui.adapters.base import Effect, Temporary, Unsupported, Verdict
from shoptui.adapters.desks import Outcome, Request
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.returns import ReturnAnswer, ReturnState
from shoptui.domain.verbs import ReturnDecision
from tests.adapters.sandboxed import House

#: An outcome as tests compare it: what became of the answer, and why.
Told = tuple[Verdict, CauseId | None]
#: Whether the answer gets lost behind its effect or before it, and what reading back then says.
FATES = [("drop_after", Verdict.DONE), ("drop_before", Verdict.NOT_DONE)]


def answer(return_id: str, word: ReturnAnswer, *, key: str = "k1", **more: Any) -> Request:
    return Request("", return_id, ReturnDecision(word, **more), key)


def told(outcome: Outcome) -> Told:
    return outcome.verdict, outcome.cause.id if outcome.cause else None


async def give(at: House, request: Request) -> Told:
    (outcome,) = await at.send(Verb.ANSWER_RETURN, request)
    return told(outcome)


async def read_back(at: House, request: Request) -> Verdict:
    (evidence,) = await at.desk(Verb.ANSWER_RETURN).read_back(at.store, [request])
    return evidence.verdict


async def has_its_effect_once(at: House, request: Request, word: ReturnAnswer, then: ReturnState) -> None:
    """An answer that may be given leads to `then`, is seen by reading back, and has no effect a second time."""
    found = await at.returned(request.target_id)
    assert not isinstance(await at.returns.needs(at.store, found, word), Unsupported)
    assert await read_back(at, request) is Verdict.NOT_DONE
    assert await give(at, request) == (Verdict.DONE, None)
    after = await at.returned(request.target_id)
    assert after.state is then and len(after.lines) == len(found.lines)
    assert await read_back(at, request) is Verdict.DONE
    before = at.effects()
    assert await give(at, request) == (Verdict.ALREADY, None)
    assert at.effects() == before and {effect for _, effect in before} == {"applied"}


async def is_known_before(at: House, about: dict[str, Any], word: ReturnAnswer, why: str, expected: Told) -> None:
    """What cannot be answered is said before, for the reason `why`, and nothing is sent when it is ordered."""
    return_id = at.asks(**about)
    needs = await at.returns.needs(at.store, await at.returned(return_id), word)
    assert isinstance(needs, Unsupported) and needs.id == why
    more = {"offer_minor": 100} if word is ReturnAnswer.OFFER else {}
    assert await give(at, answer(return_id, word, **more)) == expected
    assert not at.effects()


async def is_read_back(at: House, request: Request, path: str, fate: str, verdict: Verdict) -> None:
    """An answer lost behind or before its effect (`fate`) at a path is read back, and given again has one effect."""
    at.sandbox.faults.replace([{"match": {"path": path, "times": 1}, "do": {fate: True}}])
    with pytest.raises(Temporary) as caught:
        await give(at, request)
    assert caught.value.effect is Effect.POSSIBLE
    assert len(at.effects()) == (fate == "drop_after")
    assert await read_back(at, request) is verdict
    assert await give(at, request) == (Verdict.ALREADY if fate == "drop_after" else Verdict.DONE, None)
    assert sum(effect == "applied" for _, effect in at.effects()) == 1

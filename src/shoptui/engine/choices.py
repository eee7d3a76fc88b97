"""Owns the question what an operator may choose from for a verb: reasons, carriers, documents, parts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shoptui.adapters.base import AdapterError, Unsupported
from shoptui.adapters.desks import Choices
from shoptui.domain.intents import Verb
from shoptui.engine.fields import Refusal, pairs, text

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.lanes import Lane
    from shoptui.engine.requests import Session

#: How long an answer that is the same for all orders of a store is kept, seconds.
KEPT_S = 600.0


class ChoiceMemory:
    """Answers that hold for all orders of a store, by store and verb, each for ten minutes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Verb], tuple[float, Choices]] = {}

    def get(self, store_id: str, verb: Verb, now: float) -> Choices | None:
        """What was answered lately, None when nothing was."""
        until_at, choices = self._kept.get((store_id, verb), (0.0, None))
        return choices if now < until_at else None

    def keep(self, store_id: str, verb: Verb, choices: Choices, now: float) -> None:
        """Remember an answer if it holds for other orders too."""
        if choices.same_for_all_orders:
            self._kept[(store_id, verb)] = (now + KEPT_S, choices)


async def choices(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """What may be chosen for a verb, asked for the first order of each store."""
    word = text(message, "verb")
    try:
        verb = Verb(word)
    except ValueError as error:
        raise Refusal("bad_request", f"This engine does not know the verb {word!r}.") from error
    first: dict[str, str] = {}
    for store_id, order_no in pairs(message, "targets"):
        first.setdefault(store_id, order_no)
    lanes = [engine.lane(store_id) for store_id in first]
    answers = await asyncio.gather(*(_of_store(engine, lane, verb, first[lane.store.store_id]) for lane in lanes))
    return {"options": {lane.store.store_id: answer for lane, answer in zip(lanes, answers, strict=True)}}


async def _of_store(engine: Engine, lane: Lane, verb: Verb, order_no: str) -> dict[str, Any]:
    store_id, now = lane.store.store_id, engine.house.clock.now()
    kept = engine.choices.get(store_id, verb, now)
    if kept is not None:
        return _told(kept)
    found = await engine.house.writer.orders_by_no(store_id, [order_no])
    if not found:
        return {"unsupported": f"{store_id} has no order {order_no} in the cache; check the store first."}
    try:
        answer = await lane.market.choices(lane.store, verb, found[0])
    except AdapterError as error:
        # One store that does not answer must not keep the others' choices from the operator.
        return {"unsupported": error.message}
    if isinstance(answer, Unsupported):
        return {"unsupported": answer.reason}
    engine.choices.keep(store_id, verb, answer, now)
    return _told(answer)


def _told(answer: Choices) -> dict[str, Any]:
    return {
        "reasons": [[each.reason_id, each.text] for each in answer.reasons],
        "providers": [[each.provider_id, each.name] for each in answer.providers],
        "documents": [[each.kind.value, list(each.sizes), each.format] for each in answer.documents],
        "can_split": answer.can_split,
        "combinable": [list(each) for each in answer.combinable],
        "whole_only": answer.whole_only,
        "line_reasons": list(answer.line_reasons),
    }

"""Owns the requests about returns: reading one anew, what an answer wants, pictures for it, checking a parcel in."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shoptui.adapters.base import AdapterError, Unsupported
from shoptui.adapters.returns import AnswerNeeds
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ReturnAnswer, ReturnAsk
from shoptui.engine.fields import NOTE_MAX, Refusal, choice, optional_text, pair, pairs, text
from shoptui.engine.intake import shown
from shoptui.engine.order_requests import audit, names_of
from shoptui.protocol import Changed
from shoptui.store.results import ReturnFacts
from shoptui.text import sanitise

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.lanes import Lane
    from shoptui.engine.requests import Session

#: The longest picture in base64 that goes over the socket, characters (a line has its limit).
PICTURE_MAX = 3_500_000


async def return_refresh(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Read a request and what happened to it from the marketplace now."""
    lane, facts = await _known(engine, *pair(message, "return"))
    if facts.request.ask is ReturnAsk.CANCEL:
        engine.reread(facts.request.store_id, [facts.request.order_no])
        return {"found": True}
    found = await lane.returns.read_now([facts.request.return_id])
    for request in found:
        await lane.returns.read_history(request)
    return {"found": bool(found)}


async def return_needs(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer wants beside the word, asked for one request of each store and kind of request."""
    answer = choice(message, "answer", ReturnAnswer)
    first: dict[tuple[str, str, str], ReturnFacts] = {}
    for store_id, return_id in pairs(message, "targets"):
        _, facts = await _known(engine, store_id, return_id)
        request = facts.request
        first.setdefault((store_id, request.ask.value, request.state.value), facts)
    answers = await asyncio.gather(*(_needs(engine, facts, answer) for facts in first.values()))
    return {
        "needs": [
            {"store_id": store_id, "ask": ask, "state": state, **found}
            for (store_id, ask, state), found in zip(first, answers, strict=True)
        ]
    }


async def _needs(engine: Engine, facts: ReturnFacts, answer: ReturnAnswer) -> dict[str, Any]:
    lane = engine.lanes[facts.request.store_id]
    assert lane.market.returns is not None
    try:
        needs = await lane.market.returns.needs(lane.store, facts.request, answer)
    except AdapterError as error:
        return {"no": {"reason": "unreachable", "say": error.message}}
    if isinstance(needs, Unsupported):
        return {"no": {"reason": needs.id, "say": needs.reason}}
    return _written(needs)


def _written(needs: AnswerNeeds) -> dict[str, Any]:
    return {
        "reasons": [{"id": reason.reason_id, "text": reason.text} for reason in needs.reasons],
        "comment_needed": needs.comment_needed,
        "comment_max": needs.comment_max,
        "pictures": needs.pictures,
        "batch": needs.batch,
        "ship_to": needs.ship_to,
    }


async def return_picture(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Hand a picture for a refusal in at the marketplace; `link` is what the answer then names."""
    lane, facts = await _known(engine, *pair(message, "return"))
    name = text(message, "name")
    try:
        content = base64.b64decode(text(message, "content", longest=PICTURE_MAX), validate=True)
    except binascii.Error as error:
        raise Refusal("bad_request", "content must be the picture in base64.") from error
    assert lane.market.returns is not None
    await audit(engine, session, "hand in picture", f"{facts.request.store_id}/{facts.request.return_id}", name)
    link = await lane.market.returns.upload(lane.store, facts.request, name, content)
    if isinstance(link, Unsupported):
        raise Refusal(link.id, link.reason)
    return {"link": link}


async def check_in(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Note what was found in parcels that came back; the answer to the buyer is another step."""
    targets = pairs(message, "returns")
    condition = choice(message, "condition", ParcelCondition)
    for store_id, return_id in targets:
        await _known(engine, store_id, return_id)
    note = sanitise(optional_text(message, "note", longest=NOTE_MAX)).strip()
    await audit(engine, session, "check in", names_of(targets), condition.value)
    house = engine.house
    rows = await house.writer.returns.check_in(targets, condition, note, session.operator, house.now())
    house.hub.publish(Changed(returns=shown(rows), counts=True))
    return {"changed": len(rows)}


async def _known(engine: Engine, store_id: str, return_id: str) -> tuple[Lane, ReturnFacts]:
    lane = engine.lane(store_id)
    if lane.market.returns is None:
        raise Refusal("unsupported", "This marketplace has no returns for programs.")
    facts = await engine.house.writer.returns.facts(store_id, return_id)
    if facts is None:
        raise Refusal("unknown_return", f"{store_id} has no return {return_id} here; check the store first.")
    return lane, facts

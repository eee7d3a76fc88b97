"""Owns the requests about money: marks on statements that were looked through, and disputes with their way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shoptui.domain.anomalies import Anomaly
from shoptui.domain.claims import order_claim, return_claim
from shoptui.domain.disputes import ARGUED, DISPUTE_MOVES, DisputeState, Language, claimed
from shoptui.engine.fields import (
    NOTE_MAX,
    Refusal,
    choice,
    numbers,
    optional_text,
    optional_whole,
    pairs,
    sequence,
    text,
    whole,
)
from shoptui.engine.order_requests import audit, names_of
from shoptui.protocol import Changed
from shoptui.queries.claims import claim_row
from shoptui.queries.money import AnomalyRow
from shoptui.store.money_desk import DisputedItem
from shoptui.store.reader import Reader
from shoptui.text import sanitise

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.house import House
    from shoptui.engine.requests import Session

#: The longest folder a pack may lie in, characters.
_FOLDER_MAX = 1000

_NOT_MARKED: Mapping[str, str] = {
    "no_statement": "{store_id} has no statement {statement_id} here.",
    "not_whole": "Not all lines of {statement_id} are here yet: wait until it has been read.",
    "not_checked": "{statement_id} is being compared with what was sold: again in a moment.",
    "changed_since": "{statement_id} was compared anew after you read it: look at it again, then mark it.",
}


async def mark_verified(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Note that statements were looked through. With `seen_at` those checked anew since then are refused."""
    keys, seen_at = pairs(message, "statements"), optional_whole(message, "seen_at")
    house = engine.house
    await audit(engine, session, "verify statement", names_of(keys), "")
    marked = await house.writer.money.mark_verified(keys, session.operator, house.now(), seen_at=seen_at)
    await _tell(engine)
    return {
        "changed": [list(key) for key in marked.changed],
        "refused": [
            {
                "store_id": store_id,
                "statement_id": statement_id,
                "reason": reason,
                "say": _NOT_MARKED[reason].format(store_id=store_id, statement_id=statement_id),
            }
            for (store_id, statement_id), reason in marked.refused.items()
        ],
    }


async def withdraw_marks(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Take the marks off statements again."""
    keys, house = pairs(message, "statements"), engine.house
    await audit(engine, session, "withdraw verification", names_of(keys), "")
    changed = await house.writer.money.withdraw_marks(keys, session.operator, house.now())
    await _tell(engine)
    return {"changed": [list(key) for key in changed]}


async def make_dispute(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Note that a pack was made of these anomalies, and of claims of the house's own, to be tracked.

    A claim names its order, and the return it is about ("" for the order itself). `amount_minor` is what the pack
    claims: when anomalies and claims say something else by now, nothing is noted.
    """
    house, store_id = engine.house, text(message, "store_id")
    claims = sequence(message, "claims") if message.get("claims") else []
    row_ids = numbers(message, "anomalies") if message.get("anomalies") or not claims else []
    language = choice(message, "language", Language)
    folder = text(message, "folder", longest=_FOLDER_MAX)
    wanted = whole(message, "amount_minor")
    async with await Reader.open(house.data_dir) as reader:
        rows = await reader.money.anomalies(list(dict.fromkeys(row_ids)))
        own = await _claims(house, reader, store_id, claims)
    if len(rows) < len(set(row_ids)) or any(row.anomaly.store_id != store_id for row in rows):
        raise Refusal("changed_since", "Some of these lines are settled or gone by now: look again and make it anew.")
    rows += own
    if argued := [row for row in rows if row.dispute_state in ARGUED]:
        number = argued[0].dispute_id
        raise Refusal("in_dispute", f"{_about(argued[0])} is in dispute {number} already.", dispute_id=number)
    amount = claimed([row.anomaly for row in rows])
    if amount.minor != wanted or amount.minor <= 0:
        raise Refusal("changed_since", "The amounts are others than in the pack by now: look again and make it anew.")
    await audit(engine, session, "make dispute", f"{store_id} {len(rows)} lines", f"{amount.plain()} {amount.currency}")
    items = [DisputedItem(row.anomaly, row.about) for row in rows]
    dispute_id = await house.writer.money.make_dispute(store_id, items, folder, language, session.operator, house.now())
    await _tell(engine)
    return {"dispute_id": dispute_id}


async def _claims(house: House, reader: Reader, store_id: str, claims: Sequence[Any]) -> list[AnomalyRow]:
    """What is claimed of orders and returns, by what is known of them now."""
    found: dict[tuple[str, str], Anomaly] = {}
    for item in claims:
        if not isinstance(item, dict):
            raise Refusal("bad_request", "Each of claims must be an object with order_no, and return_id for a return.")
        order_no, return_id = text(item, "order_no"), optional_text(item, "return_id")
        claim = await _claim(house, store_id, order_no, return_id)
        if claim is None:
            raise Refusal("changed_since", f"{return_id or order_no} is not here any more: look again.")
        found[claim.order_no, return_id or order_no] = claim
    known = await reader.money.disputed([(store_id, order_no) for order_no, _about in found])
    return [claim_row(claim, about, None, known) for (_order_no, about), claim in found.items()]


async def _claim(house: House, store_id: str, order_no: str, return_id: str) -> Anomaly | None:
    if return_id:
        facts = await house.writer.returns.facts(store_id, return_id)
        return None if facts is None else return_claim(facts.request, None, house.now())
    orders = await house.writer.orders_by_no(store_id, [order_no])
    return order_claim(orders[0], house.now()) if orders else None


async def set_dispute(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Note where a dispute stands; with the state it has already only a note."""
    house, dispute_id, state = engine.house, whole(message, "dispute_id"), choice(message, "state", DisputeState)
    note = sanitise(optional_text(message, "note", longest=NOTE_MAX)).strip()
    async with await Reader.open(house.data_dir) as reader:
        found = await reader.money.dispute(dispute_id)
    if found is None:
        raise Refusal("unknown_dispute", f"There is no dispute {dispute_id}.")
    if state is found.state and not note:
        raise Refusal("bad_request", f"Dispute {dispute_id} is {state.value} already; a note would change something.")
    if state is not found.state and state not in DISPUTE_MOVES[found.state]:
        after = ", ".join(sorted(each.value for each in DISPUTE_MOVES[found.state]))
        raise Refusal("not_now", f"Dispute {dispute_id} is {found.state.value}; what can follow is {after}.")
    await audit(engine, session, "set dispute", f"{found.store_id} dispute {dispute_id}", state.value)
    changed = await house.writer.money.set_dispute(dispute_id, state, session.operator, house.now(), note)
    await _tell(engine)
    return {"changed": changed}


async def _tell(engine: Engine) -> None:
    engine.money.changed()
    # At once: an alert about what was just decided would stand for another minute.
    await engine.money.pass_clocks()
    engine.house.hub.publish(Changed(money=True, counts=True))


def _about(row: AnomalyRow) -> str:
    return row.anomaly.order_no or row.about

"""Owns the request to forget a buyer: what that reaches, and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shoptui.domain.orders import Recipient
from shoptui.engine.fields import Refusal, flag, pair
from shoptui.engine.order_requests import audit, tell_intents
from shoptui.protocol import Changed

if TYPE_CHECKING:
    from shoptui.engine.core import Engine
    from shoptui.engine.requests import Session


async def erase_buyer(engine: Engine, session: Session, message: Mapping[str, Any]) -> dict[str, Any]:
    """Forget an order's buyer, with `sure` only; without it say what that reaches.

    The audit log gets the order's number and a digest that says nothing once its salt is gone, which it then is.
    """
    house, (store_id, order_no) = engine.house, pair(message, "order")
    reach = await house.writer.buyer_reach(store_id, order_no)
    if not reach.known:
        raise Refusal("unknown_order", f"Nothing is kept here of the buyer of {store_id}/{order_no}.")
    told = {
        "address": reach.recipient is not None,
        "documents": reach.documents,
        "conversations": len(reach.threads),
        "returns": len(reach.returns),
        "taken_back": len(reach.replies),
    }
    if not flag(message, "sure", default=False):
        return {"erased": False, **told, "on_their_way": 0}
    digest = await house.writer.digest(store_id, order_no, _words(reach.recipient))
    await audit(engine, session, "erase buyer", f"{store_id}/{order_no}", f"buyer {digest}")
    erased = await house.writer.erase_buyer(store_id, order_no, house.now())
    replies = await house.writer.intents(reach.replies)
    await tell_intents(engine, replies)
    await engine.tell_orders([(store_id, order_no)])
    await engine.tell_threads(erased.threads)
    await engine.tell_returns([(store_id, return_id) for return_id in reach.returns])
    house.hub.publish(Changed(counts=True))
    told["taken_back"] = len(reach.replies) - erased.on_their_way
    return {"erased": True, **told, "on_their_way": erased.on_their_way}


def _words(recipient: Recipient | None) -> str:
    if recipient is None:
        return ""
    return "\n".join((recipient.name, recipient.phone, recipient.street, recipient.city, recipient.postal_code))

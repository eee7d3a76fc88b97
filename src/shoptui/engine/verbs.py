"""Owns how an intent becomes a desk's request, and which verbs the house does itself."""

from __future__ import annotations

import uuid

from shoptui.adapters.desks import Request
from shoptui.domain.intents import Intent, Verb
from shoptui.domain.verbs import read_args

#: No marketplace does these; a store's outbox leaves them to the house.
HOUSE_VERBS = frozenset({Verb.PRINT})

#: What the keys of requests are derived under; a fixed value, so that every engine derives the same key.
_KEYS = uuid.UUID("6d1f6c3e-5d0b-4c5a-9a43-0f3f3c1f7b52")


def request_of(intent: Intent) -> Request:
    """The request for an intent, the same at every try. Raises BadArguments for what this program cannot read."""
    # Intent ids begin anew in a new ledger, batch ids do not: only both together are one intent's own.
    key = str(uuid.uuid5(_KEYS, f"{intent.batch_id}/{intent.intent_id}"))
    return Request(intent.order_no, intent.target_id, read_args(intent.verb, intent.args), key)

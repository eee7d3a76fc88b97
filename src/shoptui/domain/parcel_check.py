"""What a person found in a parcel that came back."""

from __future__ import annotations

from enum import StrEnum


class ParcelCondition(StrEnum):
    """How the goods came back; what it means for the answer is the operator's to decide."""

    AS_SENT = "as_sent"
    OPENED = "opened"
    USED = "used"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"
    WRONG_GOODS = "wrong_goods"
    EMPTY = "empty"


#: These speak against paying, and are what a dispute is built on.
NOT_AS_SENT = frozenset(ParcelCondition) - {ParcelCondition.AS_SENT, ParcelCondition.OPENED}

"""Which statuses say that a step of a parcel's way lies behind it."""

from __future__ import annotations

from shoptui.domain.orders import Status

#: The carrier has, or has had, the parcel.
COLLECTED = frozenset(
    {Status.IN_TRANSIT, Status.DELIVERY_FAILED, Status.RETURNING, Status.DELIVERED, Status.COMPLETED, Status.LOST}
)
#: Its shipment is arranged.
ARRANGED = COLLECTED | {Status.TO_HAND_OVER}

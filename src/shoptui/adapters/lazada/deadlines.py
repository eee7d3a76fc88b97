"""Lazada's deadline fields as clocks (sheet, section 6.5)."""

from __future__ import annotations

from collections.abc import Sequence, Set

from shoptui.adapters.lazada.parcels import Parcel, by_lazada, unit_status
from shoptui.adapters.lazada.times import from_number, moment
from shoptui.adapters.lazada.wire import ItemRecord, OrderRecord
from shoptui.adapters.stages import ARRANGED, COLLECTED
from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.orders import CLOSED, Status

_ARRANGED_OR_GONE = ARRANGED | {Status.CANCELLED}
_COLLECTED_OR_GONE = COLLECTED | {Status.CANCELLED}
_DELIVERED_OR_GONE = frozenset({Status.DELIVERED, Status.COMPLETED, Status.CANCELLED})


def clocks_of(
    record: OrderRecord, units: Sequence[ItemRecord], parcels: Sequence[Parcel], offset_s: int
) -> tuple[Clock, ...]:
    """The clocks of an order; an empty field is no deadline. Raises ValueError for a deadline that is no time.

    The ship-by moment of a parcel is the earliest of its units'. It is one deadline for two things, of which one is
    shown at a time: declaring the hand-over, and from then on the hand-over itself.
    """
    clocks: list[Clock] = []
    in_parcels = {unit.order_item_id for parcel in parcels for unit in parcel.units}
    groups = [(parcel.units, parcel.parcel_id) for parcel in parcels]
    loose = tuple(unit for unit in units if unit.order_item_id not in in_parcels and not by_lazada(unit))
    if parcels:
        # What was cancelled before it was packed holds nothing up.
        loose = tuple(unit for unit in loose if unit_status(unit) is not Status.CANCELLED)
    if loose:
        groups.append((loose, ""))
    many = len(groups) > 1
    for group, parcel_id in groups:
        clocks += _ship_by(record, group, parcel_id if many else "", offset_s)
    clocks += _cancel_requests(units, offset_s)
    return tuple(clocks)


def _ship_by(record: OrderRecord, group: Sequence[ItemRecord], parcel_id: str, offset_s: int) -> list[Clock]:
    every = [unit_status(unit) for unit in group]
    waiting = [unit for unit, status in zip(group, every, strict=True) if status not in CLOSED] or group
    statuses = {status for status in every if status not in CLOSED} or set(every)
    field, due_at = _due(record, waiting, offset_s)
    if due_at is None:
        return []
    scope = ClockScope.PACKAGE if parcel_id else ClockScope.ORDER
    arranged_at = _stopped_at(waiting, statuses, _ARRANGED_OR_GONE, record, offset_s)
    source = f"lazada:{field}"
    clocks = [
        Clock(
            ClockKind.ARRANGE,
            due_at,
            Consequence.LATE_DISPATCH,
            StopEvent.ARRANGED,
            source,
            scope,
            parcel_id,
            arranged_at,
        )
    ]
    if arranged_at is not None and not statuses.isdisjoint(ARRANGED):
        collected_at = _stopped_at(waiting, statuses, _COLLECTED_OR_GONE, record, offset_s)
        clocks.append(
            Clock(
                ClockKind.HAND_OVER,
                due_at,
                Consequence.LATE_DISPATCH,
                StopEvent.COLLECTED,
                source,
                scope,
                parcel_id,
                collected_at,
            )
        )
    scheduled = [at for unit in waiting if (at := from_number(unit.schedule_delivery_end_timeslot)) is not None]
    if scheduled:
        clocks.append(
            Clock(
                ClockKind.DELIVER,
                min(scheduled),
                # Only parcels of the seller's own fleet are late by the seller.
                Consequence.LATE_DELIVERY if any(unit.delivery_option_sof for unit in waiting) else Consequence.ADVICE,
                StopEvent.DELIVERED,
                "lazada:schedule_delivery_end_timeslot",
                scope,
                parcel_id,
                _stopped_at(waiting, statuses, _DELIVERED_OR_GONE, record, offset_s),
            )
        )
    return clocks


def _due(record: OrderRecord, group: Sequence[ItemRecord], offset_s: int) -> tuple[str, int | None]:
    dues = [moment(stamp, offset_s) for unit in group if (stamp := unit.sla_time_stamp)]
    if dues:
        return "sla_time_stamp", min(dues)
    # Usually empty; where it is not, it is the older form of the same promise.
    promised = [unit.promised_shipping_time for unit in group if unit.promised_shipping_time]
    if not promised and record.promised_shipping_times:
        promised = [record.promised_shipping_times]
    found = [at for text in promised if (at := _perhaps(text, offset_s)) is not None]
    return "promised_shipping_time", min(found, default=None)


def _cancel_requests(units: Sequence[ItemRecord], offset_s: int) -> list[Clock]:
    """A buyer's request runs out by the seller's silence; it is the order's, however many units it names."""
    asked = [
        (at, unit)
        for unit in units
        if unit.cancel_trigger_time and (at := from_number(unit.cancel_trigger_time)) is not None
    ]
    if not asked:
        return []
    running = [at for at, unit in asked if unit.need_cancel_confirm]
    changed = [at for _, unit in asked if (at := _perhaps(unit.updated_at or "", offset_s)) is not None]
    stopped_at = None if running else max(changed, default=min(at for at, _ in asked))
    return [
        Clock(
            ClockKind.CANCEL_REQUEST,
            min(running or [at for at, _ in asked]),
            Consequence.AUTO_APPROVED,
            StopEvent.ANSWERED,
            "lazada:cancel_trigger_time",
            stopped_at=stopped_at,
        )
    ]


def _stopped_at(
    group: Sequence[ItemRecord],
    statuses: Set[Status],
    stops: frozenset[Status],
    record: OrderRecord,
    offset_s: int,
) -> int | None:
    """When a clock stopped, None while it runs. Lazada names no moment but that of a unit's latest change.

    `statuses` are the group's; `stops` those with which it no longer runs.
    """
    if not statuses <= stops:
        return None
    changed = [at for unit in group if (at := _perhaps(unit.updated_at or "", offset_s)) is not None]
    return max(changed, default=None) or moment(record.updated_at, offset_s)


def _perhaps(text: str, offset_s: int) -> int | None:
    try:
        return moment(text, offset_s)
    except ValueError:
        return None

"""TikTok Shop's deadline fields as clocks."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter

from shoptui.adapters.tiktok.wire import OrderRecord
from shoptui.domain.clocks import Clock, ClockKind, Consequence, StopEvent
from shoptui.domain.orders import Status


@dataclass(frozen=True, slots=True)
class DeadlineField:
    """One field of an order: which clock it is, what is lost at its time, and what stops it."""

    name: str
    kind: ClockKind
    consequence: Consequence
    stopped_by: StopEvent

    @property
    def source(self) -> str:
        return f"tiktok:{self.name}"


_ARRANGED, _COLLECTED, _DELIVERED = StopEvent.ARRANGED, StopEvent.COLLECTED, StopEvent.DELIVERED

#: Sheet, section 5.5 (changelog "SLA information now available in orders API" and later ones).
DEADLINE_FIELDS: tuple[DeadlineField, ...] = (
    DeadlineField("rts_sla_time", ClockKind.ARRANGE, Consequence.LATE_DISPATCH, _ARRANGED),
    DeadlineField("tts_sla_time", ClockKind.HAND_OVER, Consequence.LATE_DISPATCH, _COLLECTED),
    DeadlineField("shipping_due_time", ClockKind.AUTO_CANCEL, Consequence.AUTO_CANCEL, _ARRANGED),
    DeadlineField("collection_due_time", ClockKind.AUTO_CANCEL, Consequence.AUTO_CANCEL, _COLLECTED),
    DeadlineField("delivery_due_time", ClockKind.AUTO_CANCEL, Consequence.AUTO_CANCEL, _DELIVERED),
    DeadlineField("delivery_sla_time", ClockKind.DELIVER, Consequence.LATE_DELIVERY, _DELIVERED),
    DeadlineField("delivery_option_required_delivery_time", ClockKind.DELIVER, Consequence.LATE_DELIVERY, _DELIVERED),
    DeadlineField("pick_up_cut_off_time", ClockKind.PICKUP, Consequence.LATE_DISPATCH, _COLLECTED),
    DeadlineField("fast_dispatch_sla_time", ClockKind.FAST, Consequence.INCENTIVE_LOST, _COLLECTED),
    DeadlineField("fast_rts_sla_time", ClockKind.FAST, Consequence.INCENTIVE_LOST, _ARRANGED),
    DeadlineField("fast_collection_sla_time", ClockKind.FAST, Consequence.INCENTIVE_LOST, _COLLECTED),
    DeadlineField("recommended_shipping_time", ClockKind.ARRANGE, Consequence.ADVICE, _ARRANGED),
    # The buyer fetches; no source says what missing it costs the seller.
    DeadlineField("instore_pickup_sla_time", ClockKind.PICKUP, Consequence.ADVICE, _DELIVERED),
)

#: The older single auto-cancel time, declared deprecated in favour of the three `*_due_time` fields but still sent.
LEGACY_AUTO_CANCEL = DeadlineField("cancel_order_sla_time", ClockKind.AUTO_CANCEL, Consequence.AUTO_CANCEL, _ARRANGED)

# What the loops below need of each field, computed once: mapping is the sync's hot path.
_COLUMNS = tuple((row.kind, row.consequence, row.stopped_by, row.source) for row in DEADLINE_FIELDS)
_dues_of = attrgetter(*(row.name for row in DEADLINE_FIELDS))

_ARRANGED_STATUSES = frozenset(
    {Status.TO_HAND_OVER, Status.IN_TRANSIT, Status.DELIVERY_FAILED, Status.DELIVERED, Status.COMPLETED}
)
_COLLECTED_STATUSES = _ARRANGED_STATUSES - {Status.TO_HAND_OVER}
_DELIVERED_STATUSES = frozenset({Status.DELIVERED, Status.COMPLETED})
_OVER = frozenset({Status.CANCELLED, Status.COMPLETED})


def clocks_of(record: OrderRecord, status: Status) -> tuple[Clock, ...]:
    """The order's clocks; a field that is missing or 0 is no deadline.

    The status decides whether a clock has stopped and the event's own time says when: an order of which one package is
    arranged carries `rts_time` while another still waits. Where that time is missing, `update_time` stands for it.
    """
    stops = _stops(record, status)
    clocks = [
        Clock(kind, due_at, consequence, stopped_by, source, stopped_at=stops.get(stopped_by))
        for due_at, (kind, consequence, stopped_by, source) in zip(_dues_of(record), _COLUMNS, strict=True)
        if due_at is not None and due_at > 0
    ]
    legacy = record.cancel_order_sla_time
    if legacy is not None and legacy > 0 and not _has_due_times(record):
        row = LEGACY_AUTO_CANCEL
        stopped_at = stops.get(row.stopped_by)
        clocks.append(Clock(row.kind, legacy, row.consequence, row.stopped_by, row.source, stopped_at=stopped_at))
    return tuple(clocks)


def _has_due_times(record: OrderRecord) -> bool:
    return bool(
        (record.shipping_due_time or 0) > 0
        or (record.collection_due_time or 0) > 0
        or (record.delivery_due_time or 0) > 0
    )


def _stops(record: OrderRecord, status: Status) -> dict[StopEvent, int]:
    """When each event stopped its clocks; events that are still to come are absent."""
    version = record.update_time
    if status in _OVER:
        end = record.cancel_time if status is Status.CANCELLED else None
        return {
            _ARRANGED: record.rts_time or end or version,
            _COLLECTED: record.collection_time or end or version,
            _DELIVERED: record.delivery_time or end or version,
        }
    stops: dict[StopEvent, int] = {}
    if status is Status.UNKNOWN:
        # A word we do not know says nothing; the events' own times do.
        events = (
            (_ARRANGED, record.rts_time),
            (_COLLECTED, record.collection_time),
            (_DELIVERED, record.delivery_time),
        )
        return {event: at for event, at in events if at}
    if status in _ARRANGED_STATUSES:
        stops[_ARRANGED] = record.rts_time or version
    if status in _COLLECTED_STATUSES:
        stops[_COLLECTED] = record.collection_time or version
    if status in _DELIVERED_STATUSES:
        stops[_DELIVERED] = record.delivery_time or version
    return stops

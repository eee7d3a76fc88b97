"""Shopee's deadline fields as clocks.

`return_request_due_date` is left out: it is the buyer's last moment, and nothing of the seller's is lost at it.
"""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.shopee.wire import OrderRecord, PackageDetail
from shoptui.adapters.stages import ARRANGED, COLLECTED
from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.orders import Package, Status

#: Badges that name a moment (sheet, section 5.9).
MUST_SHIP, WILL_BE_CANCELLED = 2, 5


def clocks_of(
    record: OrderRecord, details: Sequence[PackageDetail], packages: Sequence[Package], status: Status
) -> tuple[Clock, ...]:
    """The clocks of an order; a field that is missing or 0 is no deadline.

    The ship-by date is one deadline for two things, of which one is shown at a time: arranging, and from then on
    handing over. Packages of a split order have dates of their own.
    """
    own = {detail.package_number: detail for detail in details}
    split = len(packages) > 1
    clocks: list[Clock] = []
    if split and any(detail.ship_by_date for detail in details):
        for package in packages:
            detail = own.get(package.package_id)
            due_at = (detail.ship_by_date if detail is not None else None) or record.ship_by_date
            clocks += _ship_by(
                due_at, "package_ship_by_date", package.status, _Place(package.package_id), record, detail
            )
    else:
        only = details[0] if len(details) == 1 else None
        due_at = record.ship_by_date or (only.ship_by_date if only is not None else None) or _tagged(only, MUST_SHIP)
        clocks += _ship_by(due_at, "ship_by_date", status, _Place(), record, only)
    for package in packages:
        detail = own.get(package.package_id)
        if detail is not None:
            clocks += _of_package(detail, package.status, _Place(package.package_id if split else ""), record)
    return tuple(clocks)


class _Place:
    """What a clock belongs to: a package of a split order, or the order."""

    def __init__(self, package_id: str = "") -> None:
        self.scope = ClockScope.PACKAGE if package_id else ClockScope.ORDER
        self.scope_id = package_id


def _ship_by(
    due_at: int | None, field: str, status: Status, place: _Place, record: OrderRecord, detail: PackageDetail | None
) -> list[Clock]:
    if not due_at or due_at <= 0:
        return []
    arranged_at = _stopped_at(status, ARRANGED, record, detail, None)
    collected_at = (detail.pickup_done_time if detail is not None else None) or record.pickup_done_time
    clocks = [
        _clock(ClockKind.ARRANGE, due_at, Consequence.LATE_DISPATCH, StopEvent.ARRANGED, field, place, arranged_at)
    ]
    if status in ARRANGED:
        stopped_at = _stopped_at(status, COLLECTED, record, detail, collected_at)
        clocks.append(
            _clock(
                ClockKind.HAND_OVER, due_at, Consequence.LATE_DISPATCH, StopEvent.COLLECTED, field, place, stopped_at
            )
        )
    return clocks


def _of_package(detail: PackageDetail, status: Status, place: _Place, record: OrderRecord) -> list[Clock]:
    clocks = []
    arranged_at = _stopped_at(status, ARRANGED, record, detail, None)
    if (due_at := _tagged(detail, WILL_BE_CANCELLED)) is not None:
        field = "status_info_tag"
        clocks.append(
            _clock(
                ClockKind.AUTO_CANCEL, due_at, Consequence.AUTO_CANCEL, StopEvent.ARRANGED, field, place, arranged_at
            )
        )
    if (due_at := detail.tracking_number_expiration_date) and due_at > 0:
        stopped_at = _stopped_at(status, COLLECTED, record, detail, detail.pickup_done_time)
        field = "tracking_number_expiration_date"
        clocks.append(
            _clock(ClockKind.HAND_OVER, due_at, Consequence.AUTO_CANCEL, StopEvent.COLLECTED, field, place, stopped_at)
        )
    if (due_at := detail.preparation_end_time) and due_at > 0:
        # At that moment Shopee arranges the shipment itself: the parcel should be packed, nothing else is lost.
        field = "preparation_end_time"
        clocks.append(
            _clock(ClockKind.ARRANGE, due_at, Consequence.ADVICE, StopEvent.ARRANGED, field, place, arranged_at)
        )
    return clocks


def _clock(
    kind: ClockKind,
    due_at: int,
    consequence: Consequence,
    stopped_by: StopEvent,
    field: str,
    place: _Place,
    stopped_at: int | None,
) -> Clock:
    return Clock(kind, due_at, consequence, stopped_by, f"shopee:{field}", place.scope, place.scope_id, stopped_at)


def _tagged(detail: PackageDetail | None, tag_id: int) -> int | None:
    tag = detail.status_info_tag if detail is not None else None
    if tag is None or tag.tag_id != tag_id or not tag.timestamp or tag.timestamp <= 0:
        return None
    return tag.timestamp


def _stopped_at(
    status: Status, stops: frozenset[Status], record: OrderRecord, detail: PackageDetail | None, at: int | None
) -> int | None:
    """When a clock stopped, None while it runs; without the event's own time the latest change stands for it."""
    if status is not Status.CANCELLED and status not in stops:
        return None
    return at or (detail.update_time if detail is not None else None) or record.update_time

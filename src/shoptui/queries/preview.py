"""What a verb would do to the marked orders before it is ordered: how many, which stores, what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from shoptui.domain.intents import CauseId
from shoptui.domain.orders import CLOSED, Flag, Status
from shoptui.queries.types import ShipCandidate

#: Failures that come again if the same is sent again: these orders wait in Activity for *fix and retry*.
NEEDS_CHANGE = frozenset(
    {
        CauseId.TOO_HEAVY,
        CauseId.TOO_LARGE,
        CauseId.SLOT_GONE,
        CauseId.NO_SLOT,
        CauseId.ADDRESS,
        CauseId.NO_SERVICE,
        CauseId.INVOICE,
        CauseId.MUST_SPLIT,
        CauseId.TRACKING_WRONG,
        CauseId.TRACKING_USED,
        CauseId.NOT_IN_REGION,
        CauseId.UNSUPPORTED,
        CauseId.FULFILLED_BY_PLATFORM,
        CauseId.NOT_OURS,
    }
)

_BY_STATUS: Mapping[str, str] = MappingProxyType(
    {
        Status.UNPAID: "unpaid",
        Status.ON_HOLD: "on_hold",
        Status.TO_HAND_OVER: "to_hand_over",
        Status.IN_TRANSIT: "in_transit",
        Status.DELIVERY_FAILED: "shipped",
        Status.RETURNING: "shipped",
        Status.DELIVERED: "shipped",
        Status.UNKNOWN: "unknown_status",
        **dict.fromkeys(CLOSED, "closed"),
    }
)


@dataclass(frozen=True, slots=True)
class ShipTarget:
    """One parcel that would be shipped. `next_at` is its order's next loss (epoch s), None without one."""

    row_id: int
    store_id: str
    order_no: str
    package_id: str
    next_at: int | None


class Group(NamedTuple):
    """Orders that share a reason: its id, its arguments, and their rows in the order of the marks."""

    reason_id: str
    args: Mapping[str, str]
    row_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShipPreview:
    """What ship would do.

    `ready` lists parcels in the order of the marks; `orders` and `asked` count orders. `left_out` has the largest
    group first. `claimed` are orders a colleague is on: they are included, and said. `first_due_at` is the earliest
    next loss among the ready ones, None without one. `by_market` counts orders per marketplace.
    """

    ready: tuple[ShipTarget, ...]
    left_out: tuple[Group, ...]
    claimed: tuple[Group, ...]
    asked: int
    orders: int
    stores: tuple[str, ...]
    first_due_at: int | None
    by_market: Mapping[str, int]


def ship_preview(candidates: Sequence[ShipCandidate], now: int) -> ShipPreview:
    """Sort marked orders into those that would be shipped and those left out, each with its reason.

    `now` (epoch s): a loss that has passed since the rows were read is not announced as the first one due.
    """
    ready: list[ShipTarget] = []
    shipped: list[ShipCandidate] = []
    left_out: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = {}
    claimed: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = {}
    for candidate in candidates:
        reason = why_not(candidate)
        if reason is not None:
            reason_id, args = reason
            left_out.setdefault((reason_id, tuple(args.items())), []).append(candidate.row_id)
            continue
        shipped.append(candidate)
        ready.extend(
            ShipTarget(candidate.row_id, candidate.store_id, candidate.order_no, package_id, candidate.next_at)
            for package_id in candidate.package_ids
        )
        if candidate.claimed_by:
            claimed.setdefault(("claimed", (("operator", candidate.claimed_by),)), []).append(candidate.row_id)
    ahead = [candidate.next_at for candidate in shipped if candidate.next_at is not None and candidate.next_at > now]
    return ShipPreview(
        ready=tuple(ready),
        left_out=_groups(left_out),
        claimed=_groups(claimed),
        asked=len(candidates),
        orders=len(shipped),
        stores=tuple(sorted({candidate.store_id for candidate in shipped})),
        first_due_at=min(ahead, default=None),
        by_market=MappingProxyType(dict(Counter(candidate.marketplace for candidate in shipped).most_common())),
    )


def why_not(candidate: ShipCandidate) -> tuple[str, Mapping[str, str]] | None:
    """Why this order is left out of a plain ship, as reason id and arguments; None when it is ready."""
    if candidate.open_state is not None:
        return "open_intent", {"state": candidate.open_state.value}
    if candidate.held_by:
        return "held", {"operator": candidate.held_by}
    if candidate.status in _BY_STATUS:
        return _BY_STATUS[candidate.status], {}
    if candidate.flags & Flag.CANCEL_REQUESTED:
        return "cancel_requested", {}
    if candidate.ship_block:
        return candidate.ship_block, {}
    if candidate.failed_cause in NEEDS_CHANGE:
        return "failed_before", {"cause": candidate.failed_cause}
    if not candidate.package_ids:
        return "no_package", {}
    return None


def _groups(found: Mapping[tuple[str, tuple[tuple[str, str], ...]], list[int]]) -> tuple[Group, ...]:
    groups = [
        Group(reason_id, MappingProxyType(dict(args)), tuple(row_ids)) for (reason_id, args), row_ids in found.items()
    ]
    groups.sort(key=lambda group: -len(group.row_ids))
    return tuple(groups)

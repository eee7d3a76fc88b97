"""Whether a verb can be ordered on an order by what the cache knows of it; the engine judges again by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from shoptui.domain.intents import OPEN_STATES, CauseId, IntentState, TargetKind, Verb
from shoptui.domain.orders import BEFORE_CARRIER, CLOSED, Flag, ShippingType, Status
from shoptui.domain.verbs import TARGETS
from shoptui.queries.types import Act, Candidate, Parcel

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

#: Statuses in which the carrier has, or has had, the parcel.
_GONE = frozenset({Status.IN_TRANSIT, Status.DELIVERY_FAILED, Status.RETURNING, Status.DELIVERED})

#: Ship blocks that say what kind of order it is; the others say in what state it is just now.
_KIND_BLOCKS = frozenset(
    {"fulfilled_by_platform", "seller_shipping", "digital", "store_pickup", "unknown_shipping", "buys_labels"}
)

_STATUS_REASON: Mapping[str, str] = MappingProxyType(
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


class Why(NamedTuple):
    """Why an order is left out: the reason's id and its arguments."""

    reason_id: str
    args: Mapping[str, str] = MappingProxyType({})


#: A verb to begin with, and the target it is ordered on.
Start = tuple[Verb, str]


def targets_of(chain: Sequence[Verb], candidate: Candidate) -> list[Start] | Why:
    """What the first verb of a chain would act on here, or why it cannot.

    A chain that begins with ship takes up each parcel where it stands: an arranged one goes on with its label, one
    whose label is in the house with the print. One of label and print fetches only what is outdated.
    """
    if len(chain) > 1 and chain[0] is Verb.SHIP:
        return _chain_targets(chain, candidate)
    if tuple(chain) == (Verb.LABEL, Verb.PRINT):
        return _again_targets(candidate)
    verb = chain[0]
    reason = why_not(verb, candidate)
    if reason is not None:
        return reason
    if TARGETS[verb] is TargetKind.ORDER:
        return [(verb, candidate.order_no)]
    if verb in {Verb.LABEL, Verb.PRINT}:
        return [(verb, parcel.package_id) for parcel in _arranged(candidate)]
    if verb is Verb.CHANGE_TRACKING:
        return [(verb, parcel.package_id) for parcel in _with_tracking(candidate)]
    return [(verb, package_id) for package_id in candidate.package_ids]


def why_not(verb: Verb, candidate: Candidate) -> Why | None:
    """Why an order is left out of a verb; None when it is ready."""
    if verb is Verb.NOTE:
        return _open(candidate, verb)
    return _open(candidate, verb) or _RULES[verb](candidate)


def printed(candidate: Candidate, package_id: str) -> Act | None:
    """The last print of a package's label, None when it was never printed."""
    return next(
        (act for act in reversed(_acts(candidate, Verb.PRINT, package_id)) if act.state is IntentState.DONE), None
    )


def label_is_stored(candidate: Candidate, package_id: str) -> bool:
    """Whether the package's label is in the house, with the tracking number the parcel has now."""
    return not label_outdated(candidate, package_id) and any(
        act.state is IntentState.DONE for act in _acts(candidate, Verb.LABEL, package_id)
    )


def label_outdated(candidate: Candidate, package_id: str) -> bool:
    """Whether the label in the house carries a tracking number that is not the parcel's any more."""
    return any(parcel.label_outdated for parcel in candidate.parcels if parcel.package_id == package_id)


def last_failure(candidate: Candidate, verb: Verb) -> str:
    """The cause of the newest intent of the verb if it failed, "" otherwise."""
    last = next((act for act in reversed(candidate.acts) if act.verb is verb), None)
    if last is None or last.state not in {IntentState.FAILED, IntentState.NOT_DONE}:
        return ""
    return last.cause or last.state.value


def _chain_targets(chain: Sequence[Verb], candidate: Candidate) -> list[Start] | Why:
    for verb in chain:
        if (reason := _open(candidate, verb)) is not None:
            return reason
    ship = why_not(Verb.SHIP, candidate)
    arranged = why_not(Verb.LABEL, candidate)
    starts: list[Start] = []
    if ship is None:
        starts += [(Verb.SHIP, package_id) for package_id in candidate.package_ids]
    done_before: Why | None = None
    if arranged is None:
        for parcel in _arranged(candidate):
            start = _where_it_stands(chain, candidate, parcel)
            if isinstance(start, Why):
                done_before = start
            else:
                starts.append((start, parcel.package_id))
    if starts:
        return starts
    if done_before is not None:
        return done_before
    # An order that is to be shipped is left out for what stands against shipping it, not for having no label.
    return (
        ship if ship is not None and candidate.status != Status.TO_HAND_OVER else arranged or ship or Why("no_package")
    )


def _again_targets(candidate: Candidate) -> list[Start] | Why:
    reason = _open(candidate, Verb.LABEL) or why_not(Verb.PRINT, candidate)
    if reason is not None:
        return reason
    return [(Verb.LABEL if parcel.label_outdated else Verb.PRINT, parcel.package_id) for parcel in _arranged(candidate)]


def _where_it_stands(chain: Sequence[Verb], candidate: Candidate, parcel: Parcel) -> Verb | Why:
    before = printed(candidate, parcel.package_id)
    if Verb.PRINT in chain and before is not None:
        reason_id = "printed_outdated" if parcel.label_outdated else "printed"
        return Why(reason_id, MappingProxyType({"operator": before.operator}))
    if label_is_stored(candidate, parcel.package_id):
        return Verb.PRINT if Verb.PRINT in chain else Why("label_stored")
    return Verb.LABEL


def _acts(candidate: Candidate, verb: Verb, target_id: str) -> list[Act]:
    return [act for act in candidate.acts if act.verb is verb and act.target_id == target_id]


def _arranged(candidate: Candidate) -> list[Parcel]:
    return [parcel for parcel in candidate.parcels if parcel.status == Status.TO_HAND_OVER]


def _with_tracking(candidate: Candidate) -> list[Parcel]:
    handed_over = {Status.TO_HAND_OVER, Status.IN_TRANSIT}
    return [parcel for parcel in candidate.parcels if parcel.status in handed_over]


def _open(candidate: Candidate, verb: Verb) -> Why | None:
    for act in candidate.acts:
        if act.verb is verb and act.state in OPEN_STATES:
            return Why("open_intent", MappingProxyType({"state": act.state.value}))
    return None


def _held(candidate: Candidate) -> Why | None:
    return Why("held", MappingProxyType({"operator": candidate.held_by})) if candidate.held_by else None


def _status(candidate: Candidate) -> Why | None:
    reason = _STATUS_REASON.get(candidate.status)
    return None if reason is None else Why(reason)


def _request(candidate: Candidate) -> Why | None:
    return Why("cancel_requested") if candidate.flags & Flag.CANCEL_REQUESTED else None


def _failed(candidate: Candidate, verb: Verb) -> Why | None:
    cause = last_failure(candidate, verb)
    return Why("failed_before", MappingProxyType({"cause": cause})) if cause in NEEDS_CHANGE else None


def _ship(candidate: Candidate) -> Why | None:
    reason = _held(candidate) or _status(candidate) or _request(candidate)
    if reason is not None:
        return reason
    if candidate.ship_block:
        return Why(candidate.ship_block)
    return _failed(candidate, Verb.SHIP) or (None if candidate.package_ids else Why("no_package"))


def _ship_own(candidate: Candidate) -> Why | None:
    reason = _held(candidate) or _status(candidate) or _request(candidate) or _own_kind(candidate)
    return reason or (None if candidate.package_ids else Why("no_package"))


def _own_kind(candidate: Candidate) -> Why | None:
    """The marketplace's own carriers bring their own tracking numbers."""
    if candidate.flags & Flag.FULFILLED_BY_PLATFORM:
        return Why("fulfilled_by_platform")
    if candidate.shipping_type == ShippingType.SELLER:
        return None
    if candidate.shipping_type == ShippingType.PLATFORM:
        return Why("platform_shipping")
    return Why(candidate.ship_block or "unknown_shipping")


def _change_tracking(candidate: Candidate) -> Why | None:
    reason = _own_kind(candidate)
    if reason is not None:
        return reason
    if candidate.status in CLOSED:
        return Why("closed")
    return None if _with_tracking(candidate) else Why("no_tracking")


def _cancel(candidate: Candidate) -> Why | None:
    if candidate.flags & Flag.CANCEL_REQUESTED:
        return Why("answer_first")
    if candidate.status in _GONE or candidate.status in CLOSED or candidate.status == Status.UNKNOWN:
        return _status(candidate)
    return None


def _answer_cancel(candidate: Candidate) -> Why | None:
    if not candidate.flags & Flag.CANCEL_REQUESTED:
        return Why("no_request")
    return Why("closed") if candidate.status in CLOSED else None


def _regroup(candidate: Candidate) -> Why | None:
    reason = _held(candidate) or _status(candidate) or _request(candidate)
    return reason or (None if candidate.package_ids else Why("no_package"))


def _label(candidate: Candidate) -> Why | None:
    reason = _held(candidate) or _request(candidate)
    if reason is not None:
        return reason
    if candidate.ship_block in _KIND_BLOCKS:
        return Why(candidate.ship_block)
    if _arranged(candidate):
        return None
    if candidate.status in BEFORE_CARRIER and candidate.status != Status.TO_HAND_OVER:
        return Why("not_arranged")
    return _status(candidate) or Why("no_package")


_RULES = {
    Verb.SHIP: _ship,
    Verb.SHIP_OWN: _ship_own,
    Verb.CHANGE_TRACKING: _change_tracking,
    Verb.CANCEL: _cancel,
    Verb.ANSWER_CANCEL: _answer_cancel,
    Verb.SPLIT: _regroup,
    Verb.COMBINE: _regroup,
    Verb.LABEL: _label,
    Verb.PRINT: _label,
}

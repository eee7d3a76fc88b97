"""What Lazada's desks have in common: where a target stands, packing and handing over in bulk, answers row by row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from shoptui.adapters import singles
from shoptui.adapters.base import Rejected, Verdict
from shoptui.adapters.codes import Means
from shoptui.adapters.desks import Outcome, Request
from shoptui.adapters.lazada.errors import UNKNOWN, row_cause, row_meaning, verdict_of_refusal
from shoptui.adapters.lazada.parcels import ITEM_STATUS, PACKABLE, PACKED, Parcel, parcel_with, parcels_of
from shoptui.adapters.lazada.wire import ItemRecord
from shoptui.adapters.singles import refused
from shoptui.domain.intents import CauseId
from shoptui.domain.orders import Status
from shoptui.text import sanitise_cell

_OK = "0"
_HANDED_OVER = frozenset(
    {
        Status.TO_HAND_OVER,
        Status.IN_TRANSIT,
        Status.DELIVERED,
        Status.COMPLETED,
        Status.DELIVERY_FAILED,
        Status.RETURNING,
    }
)


@dataclass(frozen=True, slots=True)
class Goal:
    """One parcel of one order that is to go."""

    order_no: str
    parcel: Parcel

    @property
    def kept(self) -> tuple[ItemRecord, ...]:
        """Its units that are not cancelled."""
        return tuple(unit for unit in self.parcel.units if ITEM_STATUS.get(unit.status) is not Status.CANCELLED)

    @property
    def is_packed(self) -> bool:
        return bool(self.parcel.package_no) and all(unit.status == PACKED for unit in self.kept)

    @property
    def is_packable(self) -> bool:
        return all(unit.status in PACKABLE for unit in self.kept)

    @property
    def is_handed_over(self) -> bool:
        """Lazada has been told that the parcel is ready, or more has happened since."""
        return all(ITEM_STATUS.get(unit.status) in _HANDED_OVER for unit in self.kept)

    def facts(self) -> dict[str, str]:
        """What a person would want to know of it."""
        found = {
            "item_status": self.parcel.words,
            "package_id": self.parcel.package_no,
            "tracking_number": self.parcel.tracking_number,
            "carrier": self.parcel.carrier,
        }
        return {name: sanitise_cell(value) for name, value in found.items() if value}


def goal_of(request: Request, units: Sequence[ItemRecord] | None) -> Goal | Outcome:
    """The parcel a request is about as it is now, or why there is none."""
    if units is None:
        return refused(CauseId.NOT_OURS, "Lazada does not show this order; read it again.")
    parcel = parcel_with(parcels_of(units), request.target_id)
    if parcel is not None:
        goal = Goal(request.order_no, parcel)
        return goal if goal.kept else _cancelled(goal.facts())
    unit = next((unit for unit in units if unit.order_item_id == request.target_id), None)
    if unit is None:
        return refused(CauseId.NOT_OURS, "The order has no such parcel (any more); read it again.")
    if ITEM_STATUS.get(unit.status) is Status.CANCELLED:
        return _cancelled({"item_status": sanitise_cell(unit.status)})
    return refused(CauseId.WRONG_STATE, f"The item is {unit.status}, so it goes into no parcel; read the order again.")


def not_to_go(goal: Goal) -> Outcome | None:
    """Why a parcel that is not handed over must not go, None when nothing speaks against it."""
    if any(unit.need_cancel_confirm for unit in goal.kept):
        return refused(CauseId.CANCEL_REQUESTED, "The buyer asks to cancel; answer that first.")
    if any(unit.is_cancel_pending for unit in goal.kept):
        return refused(CauseId.CANCELLED, "The items are being cancelled; do not ship them.")
    if goal.is_packed or goal.is_packable:
        return None
    return refused(CauseId.WRONG_STATE, f"The items are {goal.parcel.words}; read the order again.")


def row_outcome(code: str | None, message: str | None, retry: bool | None) -> Outcome | None:
    """A row's outcome, None for "look again": its state does not allow the step, perhaps because it is done."""
    if code == _OK:
        return Outcome(Verdict.DONE)
    code, message = code or "", message or ""
    meaning = row_meaning(code)
    cause = row_cause(code, message)
    if meaning.means is Means.LOOK:
        return None
    if meaning.means in {Means.WAIT, Means.TEMPORARY, Means.RATE} or (retry and meaning is UNKNOWN):
        return Outcome(Verdict.WAIT, cause)
    return Outcome(Verdict.REFUSED, cause)


def call_refused(refusal: Rejected, *, several: bool) -> Outcome:
    """The outcome of each row of a call that was refused as a whole."""
    return replace(refusal_outcome(refusal), whole_call=several)


def refusal_outcome(refusal: Rejected) -> Outcome:
    """A refusal of one request by its code: refused, or to be read back."""
    return Outcome(verdict_of_refusal(refusal), refusal.cause)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """One outcome for a parcel that became several packages: the one that says most against it."""
    ranked = sorted(outcomes, key=lambda outcome: _RANK.get(outcome.verdict, 0))
    return ranked[0]


_RANK: Mapping[Verdict, int] = {Verdict.REFUSED: 0, Verdict.WAIT: 1, Verdict.DONE: 2, Verdict.ALREADY: 3}


async def send_each(requests: Sequence[Request], one: Callable[[Request], Awaitable[Outcome]]) -> list[Outcome]:
    """One write per request; see `singles.send_each`."""
    return await singles.send_each(requests, one, refusal_outcome)


def _cancelled(facts: Mapping[str, str]) -> Outcome:
    found = refused(CauseId.CANCELLED, "The items are cancelled; do not ship them.")
    return replace(found, facts=facts)

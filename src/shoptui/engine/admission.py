"""Owns whether something may be ordered at all and whether it must still not be sent, by what the cache knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from shoptui.adapters.base import Marketplace
from shoptui.adapters.desks import no_desk, why_not
from shoptui.domain.intents import Cause, CauseId, Intent, NewIntent, TargetKind, Verb
from shoptui.domain.orders import CLOSED, Flag, Order, Package, Status, least_advanced
from shoptui.domain.verbs import TARGETS, DocumentChoice, PrintChoice, read_args
from shoptui.engine.verbs import HOUSE_VERBS

if TYPE_CHECKING:
    from shoptui.engine.lanes import Lane

#: What a hold of ours stops: whatever brings a parcel nearer to the carrier.
STOPPED_BY_HOLD = frozenset({Verb.SHIP, Verb.SHIP_OWN, Verb.SPLIT, Verb.COMBINE, Verb.LABEL, Verb.PRINT})

#: What may come directly after what; everything else is ordered by itself.
MAY_FOLLOW = {
    Verb.LABEL: frozenset({Verb.SHIP, Verb.SHIP_OWN}),
    Verb.PRINT: frozenset({Verb.LABEL}),
}

#: Verbs for packages that wait to be arranged, and verbs for packages that are arranged already.
_TO_ARRANGE = frozenset({Verb.SHIP, Verb.SHIP_OWN, Verb.COMBINE})
_ARRANGED = frozenset({Verb.LABEL, Verb.PRINT, Verb.CHANGE_TRACKING})
#: An order that the buyer wants to cancel goes no further before that is answered.
_STOPPED_BY_REQUEST = frozenset({*STOPPED_BY_HOLD, Verb.CANCEL})
#: Statuses in which the carrier has, or has had, the parcel.
_UNDER_WAY = frozenset({Status.IN_TRANSIT, Status.DELIVERY_FAILED, Status.RETURNING, Status.DELIVERED})
#: A shipped parcel whose number can be corrected.
_HANDED_OVER = frozenset({Status.TO_HAND_OVER, Status.IN_TRANSIT})

#: Which documents are in the house, as (store, package, kind, size).
Stored = Collection[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something may not be ordered: which verb of a chain, a reason id for programs, a sentence for people.

    `args` are the sentence's own, for programs that say it in another language.
    """

    verb: Verb
    reason: str
    say: str
    args: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class No:
    """Why something may not be ordered: an id, a sentence for people, and its arguments as text."""

    reason: str
    say: str
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rechecked:
    """Intents that may go now, those that must not with the cause, and when each one's clock ends (inf: none runs)."""

    going: list[Intent] = field(default_factory=list)
    stopped: list[tuple[Intent, Cause]] = field(default_factory=list)
    due_at: dict[int, float] = field(default_factory=dict)

    def go(self, intent: Intent, due_at: int | None) -> None:
        """Nothing speaks against it; its clock ends then (epoch s), None without one."""
        self.going.append(intent)
        self.due_at[intent.intent_id] = float("inf") if due_at is None else float(due_at)


#: What may be said of one intent on its store's lane: why not, or when its clock ends (epoch s, None without one).
Judge = Callable[["Lane", NewIntent], Awaitable[No | int | None]]


async def judge_each(
    lanes: Mapping[str, Lane], intents: Sequence[NewIntent], judge: Judge
) -> tuple[dict[int, int | None], dict[int, Refused]]:
    """By place in the list: when the clock of what may be ordered ends, and what is refused."""
    due_at: dict[int, int | None] = {}
    refused: dict[int, Refused] = {}
    for index, intent in enumerate(intents):
        lane = lanes.get(intent.store_id)
        found = _no_store(intent) if lane is None else await judge(lane, intent)
        if isinstance(found, No):
            refused[index] = Refused(intent.verb, found.reason, found.say, found.args)
        else:
            due_at[index] = found
    return due_at, refused


def unfit(market: Marketplace, intent: NewIntent) -> No | None:
    """Why the marketplace cannot do the verb on what the intent names, whatever that is like; None when it can."""
    if (no := _wrong_kind(intent)) is not None:
        return no
    if intent.verb in market.desks:
        return None
    never = no_desk(market, intent.verb)
    return No(never.id, never.reason)


def _no_store(intent: NewIntent) -> No:
    return No("unknown_store", f"There is no store {intent.store_id} here.")


def _wrong_kind(intent: NewIntent) -> No | None:
    kind = TARGETS[intent.verb]
    if intent.target_kind is kind:
        return None
    return No("bad_request", f"{intent.verb.value} acts on {kind.value}s; target_kind must be {kind.value}.")


def judge_chain(
    lane: Lane | None, order: Order | None, chain: Sequence[NewIntent], held_by: str, stored: Stored = ()
) -> Refused | None:
    """Why a chain of intents on one target may not be ordered; None when it may.

    What comes after another is judged by what will be true when that is done.
    """
    before: Verb | None = None
    for intent in chain:
        if (no := _judge(lane, order, intent, held_by, before, stored)) is not None:
            return Refused(intent.verb, no.reason, no.say)
        if order is not None:
            order = _once_done(order, intent)
        before = intent.verb
    return None


def reason_to_stop(intent: Intent, order: Order | None, held_by: str) -> Cause | None:
    """Why a queued intent must not be sent after all, None when nothing speaks against it.

    Only what somebody has decided since counts, and what no marketplace would do: its own state is its to judge.
    """
    if held_by and intent.verb in STOPPED_BY_HOLD:
        return Cause(CauseId.HELD, message=held_by)
    if order is None:
        return None
    if order.status is Status.CANCELLED and intent.verb in STOPPED_BY_HOLD:
        return Cause(CauseId.CANCELLED)
    if order.flags & Flag.CANCEL_REQUESTED and intent.verb in _STOPPED_BY_REQUEST:
        return Cause(CauseId.CANCEL_REQUESTED)
    if intent.attempts:
        # It may have been done by us: what the marketplace says to a second try decides.
        return None
    if intent.verb is Verb.CANCEL and order.status in _UNDER_WAY:
        return Cause(CauseId.WRONG_STATE, message=f"The order is {_words(order.status)}.")
    package = _package(order, intent.target_id)
    if intent.verb is Verb.SHIP_OWN and package is not None and package.status is not Status.TO_SHIP:
        return Cause(CauseId.WRONG_STATE, message=f"The package is {_words(package.status)}.")
    if intent.verb is Verb.ANSWER_CANCEL and not order.flags & Flag.CANCEL_REQUESTED:
        return Cause(CauseId.WRONG_STATE, message="The buyer does not ask to cancel any more.")
    return None


def _judge(
    lane: Lane | None, order: Order | None, intent: NewIntent, held_by: str, before: Verb | None, stored: Stored
) -> No | None:
    verb, no = intent.verb, intent.order_no
    if lane is None:
        return _no_store(intent)
    if order is None:
        return No("unknown_order", f"{intent.store_id} has no order {no} in the cache; check the store first.")
    if (wrong := _wrong_kind(intent)) is not None:
        return wrong
    if held_by and verb in STOPPED_BY_HOLD:
        return No("held", f"{no} is on hold ({held_by}). Take it off hold first.")
    if order.flags & Flag.CANCEL_REQUESTED and verb in _STOPPED_BY_REQUEST:
        return No("cancel_requested", f"The buyer of {no} asked to cancel. Answer that first.")
    if verb is Verb.PRINT and order.status is Status.CANCELLED:
        return No("closed", f"Order {no} is cancelled; its label would send a parcel nobody wants.")
    if verb is Verb.ANSWER_CANCEL and not order.flags & Flag.CANCEL_REQUESTED:
        return No("no_request", f"The buyer of {no} does not ask to cancel.")
    if verb not in HOUSE_VERBS and (refusal := why_not(lane.market, verb, lane.store, order)) is not None:
        return No(refusal.id, refusal.reason)
    if intent.target_kind is TargetKind.PACKAGE:
        return _judge_package(order, intent) or _judge_print(intent, before, stored)
    if intent.target_id != no:
        return No("bad_request", f"{verb.value} acts on a whole order; target_id must be its number.")
    return _judge_order(order, verb)


def _judge_package(order: Order, intent: NewIntent) -> No | None:
    package = _package(order, intent.target_id)
    if package is None and intent.target_id not in {line.package_id for line in order.lines}:
        return No("unknown_package", f"Order {intent.order_no} has no package {intent.target_id}.")
    status = package.status if package is not None else order.status
    named = f"Package {intent.target_id} is {_words(status)}"
    if intent.verb in _TO_ARRANGE and status is not Status.TO_SHIP:
        return No("status", f"{named}; there is nothing to arrange.")
    if intent.verb in _ARRANGED and status is Status.TO_SHIP:
        return No("not_arranged", f"{named}; ship it first.")
    if intent.verb is Verb.LABEL and status is not Status.TO_HAND_OVER:
        return No("status", f"{named}; a label is had only between arranging and handing over.")
    if intent.verb is Verb.CHANGE_TRACKING and status not in _HANDED_OVER:
        return No("status", f"{named}; its tracking number cannot be changed.")
    return None


def _judge_print(intent: NewIntent, before: Verb | None, stored: Stored) -> No | None:
    if intent.verb is not Verb.PRINT or before is Verb.LABEL:
        return None
    choice = read_args(Verb.PRINT, intent.args)
    assert isinstance(choice, PrintChoice)
    if any(_fits(each, intent, choice.document) for each in stored):
        return None
    return No(
        "no_label", f"The {_words(choice.document.kind)} of package {intent.target_id} is not here; fetch it first."
    )


def _fits(stored: tuple[str, ...], intent: NewIntent, wanted: DocumentChoice) -> bool:
    store_id, package_id, kind, size = stored
    return (
        store_id == intent.store_id
        and package_id == intent.target_id
        and kind == wanted.kind.value
        and (not wanted.size or size == wanted.size)
    )


def _judge_order(order: Order, verb: Verb) -> No | None:
    named = f"{order.order_no} is {_words(order.status)}"
    if verb is Verb.NOTE:
        return None
    if order.status in CLOSED:
        return No("status", f"{named}; nothing can be changed any more.")
    if verb is Verb.CANCEL and order.status in _UNDER_WAY:
        return No("status", f"{named}; only a return can undo it now.")
    if verb is Verb.SPLIT and order.status is not Status.TO_SHIP:
        return No("status", f"{named}; only what waits to be shipped can be split.")
    return None


def _once_done(order: Order, intent: NewIntent) -> Order:
    """The order as it will be when the intent is done."""
    if intent.verb not in (Verb.SHIP, Verb.SHIP_OWN):
        return order
    packages = tuple(
        replace(each, status=Status.TO_HAND_OVER) if each.package_id == intent.target_id else each
        for each in order.packages
    )
    status = least_advanced(each.status for each in packages) if packages else Status.TO_HAND_OVER
    return replace(order, packages=packages, status=status)


def _package(order: Order, package_id: str) -> Package | None:
    return next((each for each in order.packages if each.package_id == package_id), None)


def _words(value: str) -> str:
    return value.replace("_", " ")

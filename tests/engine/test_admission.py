"""What may be ordered and what must not be sent any more: a table per verb, and chains by what will be true."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import Unsupported
from shoptui.domain.intents import CauseId, Intent, IntentState, NewIntent, Verb
from shoptui.domain.orders import Flag, Order, Status
from shoptui.domain.verbs import ORDERLESS_VERBS, TARGETS
from shoptui.engine.admission import STOPPED_BY_HOLD, judge_chain, reason_to_stop
from shoptui.engine.lanes import Lane
from tests.store.factories import STORES, order, package

V, S = Verb, Status
STORE = STORES[0]
STORED = (("tt-th-1", "P1", "label", "A6"),)


def of(status: Status, flags: Flag = Flag.NONE) -> Order:
    """An order of one package, both in a status."""
    return order("1", status=status, flags=flags, packages=(package("P1", status=status),))


#: The verbs that act on orders and their parcels.
ORDER_VERBS = [verb for verb in Verb if verb not in ORDERLESS_VERBS]


class Willing:
    """A desk that would take any order."""

    def why_not(self, store: object, order: Order) -> Unsupported | None:
        return None


class Unwilling:
    """A desk that takes only arranged parcels."""

    def why_not(self, store: object, order: Order) -> Unsupported | None:
        return None if order.status is S.TO_HAND_OVER else Unsupported("Not arranged, says the marketplace.", "early")


def lane(**desks: object) -> Lane:
    market = SimpleNamespace(
        name="invented",
        desks={verb: Willing() for verb in Verb if verb is not V.NOTE}
        | {Verb(verb): each for verb, each in desks.items()},
        never={V.NOTE: Unsupported("No notes here.", "note")},
    )
    return cast(Lane, SimpleNamespace(store=STORE, market=market))


def wanted(*verbs: Verb, **changes: Any) -> list[NewIntent]:
    steps = []
    for verb in verbs:
        target = {"package": "P1", "order": "1"}[TARGETS[verb].value]
        args = {"printer": "dock2"} if verb is V.PRINT else {}
        fields = {"args": args, "target_id": target, "target_kind": TARGETS[verb], **changes}
        steps.append(NewIntent(verb=verb, store_id=STORE.store_id, order_no="1", **fields))
    return steps


def reason(found: Order | None, *verbs: Verb, held_by: str = "", stored: Sequence[tuple[str, ...]] = ()) -> str | None:
    no = judge_chain(lane(), found, wanted(*verbs), held_by, stored)
    return None if no is None else no.reason


@pytest.mark.parametrize(
    ("verb", "status", "says"),
    [
        (V.SHIP, S.TO_SHIP, None),
        (V.SHIP, S.TO_HAND_OVER, "status"),
        (V.SHIP, S.DELIVERED, "status"),
        (V.SHIP_OWN, S.TO_SHIP, None),
        (V.SHIP_OWN, S.IN_TRANSIT, "status"),
        (V.COMBINE, S.TO_SHIP, None),
        (V.COMBINE, S.TO_HAND_OVER, "status"),
        (V.CHANGE_TRACKING, S.TO_SHIP, "not_arranged"),
        (V.CHANGE_TRACKING, S.TO_HAND_OVER, None),
        (V.CHANGE_TRACKING, S.IN_TRANSIT, None),
        (V.CHANGE_TRACKING, S.DELIVERED, "status"),
        (V.LABEL, S.TO_SHIP, "not_arranged"),
        (V.LABEL, S.TO_HAND_OVER, None),
        (V.LABEL, S.IN_TRANSIT, "status"),
        (V.PRINT, S.TO_SHIP, "not_arranged"),
        (V.PRINT, S.TO_HAND_OVER, "no_label"),
        (V.CANCEL, S.UNPAID, None),
        (V.CANCEL, S.ON_HOLD, None),
        (V.CANCEL, S.TO_HAND_OVER, None),
        (V.CANCEL, S.IN_TRANSIT, "status"),
        (V.CANCEL, S.CANCELLED, "status"),
        (V.ANSWER_CANCEL, S.TO_SHIP, "no_request"),
        (V.SPLIT, S.TO_SHIP, None),
        (V.SPLIT, S.TO_HAND_OVER, "status"),
        (V.NOTE, S.TO_SHIP, "note"),
    ],
)
def test_what_a_state_allows(verb: Verb, status: Status, says: str | None) -> None:
    assert reason(of(status), verb) == says


@pytest.mark.parametrize("verb", ORDER_VERBS)
def test_a_hold_of_ours_stops_what_brings_a_parcel_on_its_way(verb: Verb) -> None:
    status = S.TO_HAND_OVER if verb in {V.LABEL, V.PRINT, V.CHANGE_TRACKING} else S.TO_SHIP
    assert (reason(of(status), verb, held_by="an") == "held") == (verb in STOPPED_BY_HOLD)


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        (V.SHIP, "cancel_requested"),
        (V.SPLIT, "cancel_requested"),
        (V.CANCEL, "cancel_requested"),
        (V.ANSWER_CANCEL, None),
    ],
)
def test_a_buyer_who_asks_to_cancel_is_answered_first(verb: Verb, says: str | None) -> None:
    assert reason(of(S.TO_SHIP, Flag.CANCEL_REQUESTED), verb) == says


def test_what_is_not_there_is_named() -> None:
    assert reason(None, V.SHIP) == "unknown_order"
    no = judge_chain(None, of(S.TO_SHIP), wanted(V.SHIP), "")
    assert no is not None and no.reason == "unknown_store"
    no = judge_chain(lane(), of(S.TO_SHIP), wanted(V.SHIP, target_id="P9"), "")
    assert no is not None and no.reason == "unknown_package" and "P9" in no.say
    no = judge_chain(lane(), of(S.TO_SHIP), wanted(V.CANCEL, target_id="P1"), "")
    assert no is not None and no.reason == "bad_request"
    no = judge_chain(lane(), of(S.TO_SHIP), wanted(V.SHIP, target_kind=TARGETS[V.CANCEL]), "")
    assert no is not None and no.reason == "bad_request" and "package" in no.say


def test_a_print_needs_its_document_here() -> None:
    arranged = of(S.TO_HAND_OVER)
    assert reason(arranged, V.PRINT, stored=STORED) is None
    slip = wanted(V.PRINT, args={"printer": "dock2", "document": "packing_slip"})
    no = judge_chain(lane(), arranged, slip, "", STORED)
    assert no is not None and no.reason == "no_label" and "packing slip" in no.say
    other_size = wanted(V.PRINT, args={"printer": "dock2", "size": "A5"})
    assert judge_chain(lane(), arranged, other_size, "", STORED) is not None


def test_a_chain_is_judged_by_what_will_be_true() -> None:
    waiting = of(S.TO_SHIP)
    assert reason(waiting, V.SHIP, V.LABEL, V.PRINT) is None
    assert reason(waiting, V.LABEL, V.PRINT) == "not_arranged"
    assert reason(of(S.TO_HAND_OVER), V.LABEL, V.PRINT) is None
    assert judge_chain(lane(label=Unwilling()), waiting, wanted(V.SHIP, V.LABEL), "") is None
    no = judge_chain(lane(ship=Unwilling()), waiting, wanted(V.SHIP, V.LABEL), "")
    assert no is not None and (no.verb, no.reason) == (V.SHIP, "early")


def test_a_second_parcel_that_waits_does_not_make_the_first_ones_label_early() -> None:
    two = order("1", status=S.TO_SHIP, packages=(package("P1"), package("P2")))
    assert reason(two, V.SHIP, V.LABEL) is None


def queued(verb: Verb, attempts: int = 0) -> Intent:
    (new,) = wanted(verb)
    return Intent(
        intent_id=1,
        batch_id="b",
        verb=verb,
        store_id=new.store_id,
        order_no="1",
        target_kind=new.target_kind,
        target_id=new.target_id,
        args=new.args,
        state=IntentState.QUEUED,
        operator="mei",
        created_at=1,
        release_at=1,
        attempts=attempts,
    )


@pytest.mark.parametrize(
    ("verb", "attempts", "found", "held_by", "cause"),
    [
        (V.SHIP, 0, of(S.TO_SHIP), "", None),
        (V.SHIP, 0, of(S.TO_SHIP), "an", CauseId.HELD),
        (V.SHIP, 1, of(S.TO_SHIP), "an", CauseId.HELD),
        (V.SHIP, 0, of(S.CANCELLED), "", CauseId.CANCELLED),
        (V.SHIP, 1, of(S.TO_SHIP, Flag.CANCEL_REQUESTED), "", CauseId.CANCEL_REQUESTED),
        # Somebody else arranged it: what the marketplace answers is the truth.
        (V.SHIP, 0, of(S.TO_HAND_OVER), "", None),
        (V.SHIP, 0, None, "", None),
        # Our own number would not be on the parcel.
        (V.SHIP_OWN, 0, of(S.TO_HAND_OVER), "", CauseId.WRONG_STATE),
        (V.SHIP_OWN, 1, of(S.TO_HAND_OVER), "", None),
        (V.LABEL, 0, of(S.TO_SHIP), "", None),
        (V.LABEL, 0, of(S.CANCELLED), "", CauseId.CANCELLED),
        (V.PRINT, 0, of(S.TO_HAND_OVER), "an", CauseId.HELD),
        (V.CANCEL, 0, of(S.TO_SHIP), "an", None),
        (V.CANCEL, 0, of(S.TO_SHIP, Flag.CANCEL_REQUESTED), "", CauseId.CANCEL_REQUESTED),
        (V.CANCEL, 0, of(S.IN_TRANSIT), "", CauseId.WRONG_STATE),
        (V.CANCEL, 0, of(S.CANCELLED), "", None),
        (V.ANSWER_CANCEL, 0, of(S.TO_SHIP, Flag.CANCEL_REQUESTED), "an", None),
        (V.ANSWER_CANCEL, 0, of(S.TO_SHIP), "", CauseId.WRONG_STATE),
        (V.ANSWER_CANCEL, 1, of(S.CANCELLED), "", None),
        (V.NOTE, 0, of(S.CANCELLED), "an", None),
    ],
)
def test_what_must_not_be_sent_any_more(
    verb: Verb, attempts: int, found: Order | None, held_by: str, cause: CauseId | None
) -> None:
    stopped = reason_to_stop(queued(verb, attempts), found, held_by)
    assert (stopped.id if stopped else None) is cause


@given(st.sampled_from(ORDER_VERBS), st.sampled_from(Status), st.sampled_from(Flag), st.sampled_from(["", "an"]))
def test_what_may_be_ordered_is_not_stopped_before_anything_changes(
    verb: Verb, status: Status, flag: Flag, held_by: str
) -> None:
    found = of(status, flag)
    if reason(found, verb, held_by=held_by, stored=STORED) is None:
        assert reason_to_stop(queued(verb), found, held_by) is None

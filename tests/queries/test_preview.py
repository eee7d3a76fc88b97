"""What ship would do, and why an order is left out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.intents import CauseId, IntentState, Verb
from shoptui.domain.orders import Flag, ShippingType, Status
from shoptui.queries.admission import NEEDS_CHANGE, Why, why_not
from shoptui.queries.ordering import chain_parts
from shoptui.queries.preview import SHIP_AND_PRINT, preview, reprint_preview, ship_preview
from shoptui.queries.types import Act, Candidate, Parcel

NOW = 1_780_000_000


def act(verb: Verb, state: IntentState, cause: str = "", target_id: str = "P1", **more: Any) -> Act:
    return Act(verb, target_id, state, cause, NOW - 60, "an", **more)


def failed(cause: str) -> tuple[Act, ...]:
    return (act(Verb.SHIP, IntentState.FAILED, cause),)


def candidate(row_id: int = 1, **changes: Any) -> Candidate:
    made = Candidate(
        row_id=row_id,
        store_id="tt-th-1",
        marketplace="tiktok",
        region="TH",
        order_no=str(row_id),
        status=Status.TO_SHIP.value,
        shipping_type=ShippingType.PLATFORM.value,
        flags=0,
        next_at=NOW + 600,
        ship_block="",
        package_ids=(f"P{row_id}",),
        acts=(),
        held_by="",
        claimed_by="",
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"acts": failed("unreachable")}, None),
        ({"claimed_by": "an"}, None),
        ({"flags": int(Flag.CASH_ON_DELIVERY)}, None),
        ({"acts": (act(Verb.SHIP, IntentState.UNKNOWN),)}, ("open_intent", {"state": "unknown"})),
        ({"held_by": "an"}, ("held", {"operator": "an"})),
        ({"status": "unpaid"}, ("unpaid", {})),
        ({"status": "on_hold"}, ("on_hold", {})),
        ({"status": "to_hand_over"}, ("to_hand_over", {})),
        ({"status": "in_transit"}, ("in_transit", {})),
        ({"status": "delivered"}, ("shipped", {})),
        ({"status": "cancelled"}, ("closed", {})),
        ({"status": "unknown"}, ("unknown_status", {})),
        ({"flags": int(Flag.CANCEL_REQUESTED)}, ("cancel_requested", {})),
        ({"ship_block": "seller_shipping"}, ("seller_shipping", {})),
        ({"acts": failed("too_heavy")}, ("failed_before", {"cause": "too_heavy"})),
        ({"package_ids": ()}, ("no_package", {})),
    ],
)
def test_each_reason_to_leave_out(changes: dict[str, Any], reason: object) -> None:
    assert why_not(Verb.SHIP, candidate(**changes)) == reason


@pytest.mark.parametrize("status", Status)
def test_only_orders_to_ship_are_shipped(status: Status) -> None:
    assert (why_not(Verb.SHIP, candidate(status=status.value)) is None) == (status is Status.TO_SHIP)


@pytest.mark.parametrize("cause", CauseId)
def test_a_failure_is_sent_again_only_when_nothing_needs_a_change(cause: CauseId) -> None:
    assert (why_not(Verb.SHIP, candidate(acts=failed(cause.value))) is None) == (cause not in NEEDS_CHANGE)


def test_a_preview_counts_orders_parcels_stores_and_markets() -> None:
    preview = ship_preview(
        [
            candidate(1, package_ids=("A", "B")),
            candidate(2, store_id="sp-vn-1", marketplace="shopee", next_at=NOW + 60, claimed_by="an"),
            candidate(3, next_at=NOW - 5),
            candidate(4, held_by="an"),
            candidate(5, held_by="bo"),
            candidate(6, held_by="an"),
        ],
        NOW,
    )
    assert (preview.asked, preview.orders, len(preview.ready)) == (6, 3, 4)
    assert preview.stores == ("sp-vn-1", "tt-th-1")
    assert dict(preview.by_market) == {"tiktok": 2, "shopee": 1}
    assert preview.first_due_at == NOW + 60
    assert [(group.args["operator"], group.row_ids) for group in preview.left_out] == [("an", (4, 6)), ("bo", (5,))]
    assert [(group.args["operator"], group.row_ids) for group in preview.claimed] == [("an", (2,))]


@given(
    st.lists(
        st.builds(
            lambda held, status, cause, packages: {
                "held_by": held,
                "status": status.value,
                "acts": failed(cause) if cause else (),
                "package_ids": packages,
            },
            st.sampled_from(["", "an"]),
            st.sampled_from(Status),
            st.sampled_from(["", "too_heavy", "unreachable"]),
            st.sampled_from([(), ("P",), ("P", "Q")]),
        ),
        max_size=8,
    )
)
def test_every_order_is_either_ready_or_left_out(changes: list[dict[str, Any]]) -> None:
    candidates = [candidate(row_id, **change) for row_id, change in enumerate(changes)]
    preview = ship_preview(candidates, NOW)
    ready = {target.row_id for target in preview.ready}
    left_out = [row_id for group in preview.left_out for row_id in group.row_ids]
    assert sorted([*ready, *left_out]) == [each.row_id for each in candidates]
    assert preview.orders == len(ready)


PRINTED = act(Verb.PRINT, IntentState.DONE, printer="dock1")
STORED = act(Verb.LABEL, IntentState.DONE)
ARRANGED: dict[str, Any] = {
    "status": "to_hand_over",
    "package_ids": (),
    "ship_block": "to_hand_over",
    "parcels": (Parcel("P1", "to_hand_over", "TH0001"),),
}


#: The carrier's number was changed outside after the label had been fetched.
OUTDATED = {**ARRANGED, "parcels": (Parcel("P1", "to_hand_over", "TH0002", label_outdated=True),)}


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({}, [Verb.SHIP]),
        ({**OUTDATED, "acts": (STORED,)}, [Verb.LABEL]),
        ({**OUTDATED, "acts": (STORED, PRINTED)}, "printed_outdated"),
        (ARRANGED, [Verb.LABEL]),
        ({**ARRANGED, "acts": (STORED,)}, [Verb.PRINT]),
        ({**ARRANGED, "acts": (STORED, PRINTED)}, "printed"),
        ({**ARRANGED, "acts": (act(Verb.PRINT, IntentState.NEEDS_PERSON),)}, "open_intent"),
        ({**ARRANGED, "held_by": "an"}, "held"),
        ({**ARRANGED, "ship_block": "seller_shipping"}, "seller_shipping"),
        ({"package_ids": ("P1",), "parcels": (Parcel("P1", "to_ship"), Parcel("P2", "to_hand_over"))}, None),
        ({"status": "delivered", "package_ids": ()}, "shipped"),
        ({"acts": failed("too_heavy")}, "failed_before"),
        ({"status": "unpaid"}, "unpaid"),
    ],
)
def test_ship_and_print_takes_up_each_parcel_where_it_stands(changes: dict[str, Any], first: object) -> None:
    found = preview(SHIP_AND_PRINT, [candidate(**changes)], NOW)
    if isinstance(first, str):
        assert [group.reason_id for group in found.left_out] == [first]
        assert not found.ready
    else:
        assert [target.verb for target in found.ready] == (first or [Verb.SHIP, Verb.LABEL])


def test_a_chain_counts_what_each_of_its_verbs_gets() -> None:
    found = preview(
        SHIP_AND_PRINT,
        [
            candidate(1),
            candidate(2, **{**ARRANGED, "parcels": (Parcel("P2", "to_hand_over"),)}),
            candidate(3, **{**ARRANGED, "acts": (act(Verb.LABEL, IntentState.DONE, target_id="P1"),)}),
        ],
        NOW,
    )
    assert [found.count(verb) for verb in SHIP_AND_PRINT] == [1, 2, 3]
    assert found.then(Verb.LABEL) == (Verb.PRINT,)
    assert [target.row_id for target in found.starting(Verb.PRINT)] == [3]


def test_a_second_print_fetches_the_label_anew_only_where_its_number_is_old() -> None:
    printed = {**ARRANGED, "acts": (STORED, PRINTED)}
    assert reprint_preview([candidate(1, **printed)], NOW).chain == (Verb.PRINT,)
    found = reprint_preview([candidate(1, **printed), candidate(2, **OUTDATED), candidate(3, **OUTDATED)], NOW)
    assert [group.reason_id for group in found.left_out] == ["not_printed"]
    found = reprint_preview([candidate(1, **printed), candidate(2, **{**OUTDATED, "acts": (STORED, PRINTED)})], NOW)
    assert [(target.row_id, target.verb) for target in found.ready] == [(1, Verb.PRINT), (2, Verb.LABEL)]
    assert [(part.verb, [verb for verb, _args in part.then]) for part in chain_parts(found, {})] == [
        (Verb.LABEL, [Verb.PRINT]),
        (Verb.PRINT, []),
    ]


SELLER: dict[str, Any] = {"shipping_type": "seller", "ship_block": "seller_shipping"}
SENT: dict[str, Any] = {**SELLER, "status": "in_transit", "parcels": (Parcel("P1", "in_transit", "X1"),)}
ASKED: dict[str, Any] = {"flags": int(Flag.CANCEL_REQUESTED)}


@pytest.mark.parametrize(
    ("verb", "changes", "reason"),
    [
        (Verb.SHIP_OWN, SELLER, None),
        (Verb.SHIP_OWN, {}, "platform_shipping"),
        (Verb.SHIP_OWN, {**SELLER, "status": "in_transit"}, "in_transit"),
        (Verb.SHIP_OWN, {**SELLER, "held_by": "an"}, "held"),
        (Verb.CHANGE_TRACKING, SENT, None),
        (Verb.CHANGE_TRACKING, SELLER, "no_tracking"),
        (Verb.CHANGE_TRACKING, {**SENT, "shipping_type": "platform", "ship_block": "in_transit"}, "platform_shipping"),
        (Verb.CANCEL, {}, None),
        (Verb.CANCEL, {"held_by": "an"}, None),
        (Verb.CANCEL, {"status": "unpaid"}, None),
        (Verb.CANCEL, {"status": "in_transit"}, "in_transit"),
        (Verb.CANCEL, {"status": "cancelled"}, "closed"),
        (Verb.CANCEL, ASKED, "answer_first"),
        (Verb.ANSWER_CANCEL, ASKED, None),
        (Verb.ANSWER_CANCEL, {}, "no_request"),
        (Verb.ANSWER_CANCEL, {**ASKED, "acts": (act(Verb.ANSWER_CANCEL, IntentState.HELD),)}, "open_intent"),
        (Verb.NOTE, {"status": "completed", "held_by": "an"}, None),
        (Verb.SPLIT, {}, None),
        (Verb.SPLIT, ARRANGED, "to_hand_over"),
        (Verb.COMBINE, {"package_ids": ()}, "no_package"),
        (Verb.PRINT, {}, "not_arranged"),
        (Verb.PRINT, ARRANGED, None),
    ],
)
def test_each_verb_leaves_out_what_it_cannot_do(verb: Verb, changes: dict[str, Any], reason: str | None) -> None:
    why = why_not(verb, candidate(**changes))
    assert (why.reason_id if why is not None else None) == reason


def test_what_the_engine_refuses_is_left_out_for_its_reason() -> None:
    before = ship_preview([candidate(1, package_ids=("A", "B")), candidate(2), candidate(3, claimed_by="bo")], NOW)
    refused = {("tt-th-1", "P3"): Why("no_desk", {"say": "Not here."}), ("tt-th-1", "P9"): Why("held")}
    after = before.without(refused)
    assert [target.target_id for target in after.ready] == ["A", "B", "P2"]
    assert [(group.reason_id, group.row_ids) for group in after.left_out] == [("no_desk", (3,))]
    assert (after.orders, after.claimed, after.left_out_count) == (2, (), 1)

"""What ship would do, and why an order is left out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.intents import CauseId, IntentState
from shoptui.domain.orders import Flag, Status
from shoptui.queries.preview import NEEDS_CHANGE, ship_preview, why_not
from shoptui.queries.types import ShipCandidate

NOW = 1_780_000_000


def candidate(row_id: int = 1, **changes: Any) -> ShipCandidate:
    made = ShipCandidate(
        row_id=row_id,
        store_id="tt-th-1",
        marketplace="tiktok",
        region="TH",
        order_no=str(row_id),
        status=Status.TO_SHIP.value,
        flags=0,
        next_at=NOW + 600,
        ship_block="",
        package_ids=(f"P{row_id}",),
        open_state=None,
        failed_cause="",
        held_by="",
        claimed_by="",
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"failed_cause": CauseId.UNREACHABLE}, None),
        ({"claimed_by": "an"}, None),
        ({"flags": int(Flag.CASH_ON_DELIVERY)}, None),
        ({"open_state": IntentState.UNKNOWN}, ("open_intent", {"state": "unknown"})),
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
        ({"failed_cause": CauseId.TOO_HEAVY}, ("failed_before", {"cause": "too_heavy"})),
        ({"package_ids": ()}, ("no_package", {})),
    ],
)
def test_each_reason_to_leave_out(changes: dict[str, Any], reason: object) -> None:
    assert why_not(candidate(**changes)) == reason


@pytest.mark.parametrize("status", Status)
def test_only_orders_to_ship_are_shipped(status: Status) -> None:
    assert (why_not(candidate(status=status.value)) is None) == (status is Status.TO_SHIP)


@pytest.mark.parametrize("cause", CauseId)
def test_a_failure_is_sent_again_only_when_nothing_needs_a_change(cause: CauseId) -> None:
    assert (why_not(candidate(failed_cause=cause.value)) is None) == (cause not in NEEDS_CHANGE)


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
                "failed_cause": cause,
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

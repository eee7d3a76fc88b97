"""What a house claims by itself of orders and returns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shoptui.domain.anomalies import CLAIMED, AnomalyKind
from shoptui.domain.claims import WHYS, ClaimWhy, order_claim, return_claim
from shoptui.domain.money import Money
from shoptui.domain.orders import Status
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ReturnAsk, ReturnState
from tests.store.factories import NOW, order
from tests.store.return_factories import request


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (Status.IN_TRANSIT, ClaimWhy.PARCEL_LOST),
        (Status.LOST, ClaimWhy.PARCEL_LOST),
        (Status.DELIVERED, ClaimWhy.NOT_PAID),
        (Status.COMPLETED, ClaimWhy.NOT_PAID),
    ],
)
def test_an_order_under_way_or_delivered_is_claimed_at_its_price(status: Status, why: ClaimWhy) -> None:
    sold = order(status=status)
    claim = order_claim(sold, NOW)
    price = sum(line.unit_price.minor * line.quantity for line in sold.lines)
    assert (claim.kind, claim.order_no, claim.why) == (AnomalyKind.ORDER_LOSS, sold.order_no, why)
    assert claim.difference == Money(-price, sold.total.currency)


@pytest.mark.parametrize("status", [Status.UNPAID, Status.TO_SHIP, Status.CANCELLED])
def test_what_has_not_left_the_house_is_no_loss(status: Status) -> None:
    assert order_claim(order(status=status), NOW).difference.minor == 0


@pytest.mark.parametrize(
    ("state", "condition", "come_back", "why"),
    [
        (ReturnState.ASKED, None, None, ClaimWhy.UNFOUNDED),
        (ReturnState.REFUNDED, None, True, ClaimWhy.GOODS_NOT_BACK),
        (ReturnState.REFUNDED, None, False, ClaimWhy.UNFOUNDED),
        (ReturnState.REFUNDED, ParcelCondition.AS_SENT, True, ClaimWhy.UNFOUNDED),
        (ReturnState.ARRIVED, ParcelCondition.EMPTY, True, ClaimWhy.NOT_AS_SENT),
    ],
)
def test_a_return_is_claimed_by_what_is_known_of_its_goods(
    state: ReturnState, condition: ParcelCondition | None, come_back: bool | None, why: ClaimWhy
) -> None:
    asked = replace(request(), state=state, goods_come_back=come_back)
    claim = return_claim(asked, condition, NOW)
    assert (claim.kind, claim.why, claim.expected) == (AnomalyKind.RETURN_LOSS, why, asked.value)


@pytest.mark.parametrize(
    "changes", [{"state": ReturnState.REFUSED}, {"state": ReturnState.WITHDRAWN}, {"ask": ReturnAsk.CANCEL}]
)
def test_what_pays_the_buyer_nothing_is_no_loss(changes: dict[str, object]) -> None:
    assert return_claim(replace(request(), **changes), None, NOW).difference.minor == 0  # type: ignore[arg-type]


def test_each_kind_of_claim_has_its_own_reasons() -> None:
    assert set(WHYS) == CLAIMED
    assert sorted(why for whys in WHYS.values() for why in whys) == sorted(ClaimWhy)

"""The PyPI client tiktok-shop-api reads and answers returns of the sandbox in the newest versions it knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shoptui.sandbox.world.model import OrderStatus
from shoptui.sandbox.world.returns_model import Stage

from .caller import Caller
from .published import api, connect, models

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("published")]


@pytest.fixture
async def returns(caller: Caller) -> AsyncIterator[Any]:
    async with connect(caller.sandbox, caller.shop.region) as client:
        yield client.return_and_refund


def asked(caller: Caller, **about: Any) -> Any:
    world = caller.sandbox.world
    orders = [*caller.orders(OrderStatus.DELIVERED), *caller.orders(OrderStatus.COMPLETED)]
    order = next(one for one in orders if len(world.returns.free_lines(one)) == len(one.lines))
    caller.sandbox.poke("buyer_returns", order_id=order.id, **about)
    return world.returns.every()[-1]


async def test_it_lists_reads_and_estimates(caller: Caller, returns: Any) -> None:
    cases = [asked(caller, ask=ask) for ask in ("refund", "return", "replace", "refund") * 3]
    found: list[Any] = []
    extra: dict[str, str] = {}
    while True:
        page = (await returns.search_returns(body=models.SearchReturnsRequest(), page_size="10", **extra)).data
        found += page.return_orders
        if not page.next_page_token:
            break
        extra = {"page_token": page.next_page_token}
    assert [one.return_id for one in found] == [case.id for case in cases] and page.total_count == len(cases)
    assert {str(one.return_type) for one in found} == {"REFUND", "RETURN_AND_REFUND", "REPLACEMENT"}
    case = cases[0]
    (record,) = (await returns.get_return_records(case.id)).data.records
    assert (record.event, record.note, len(record.images)) == ("ORDER_RETURN", case.note, len(case.pictures))
    body = models.CalculateRefundRequest(case.order.id, "REFUND", case.reason.id)
    assert (await returns.calculate_refund(body=body)).data.order_refund_amount.currency == "VND"


async def test_it_approves_offers_and_rejects(caller: Caller, returns: Any) -> None:
    agreed, offered, refused = (asked(caller, ask="return") for _ in range(3))
    decision = models.ApproveReturnRequestDecision
    await returns.approve_return(agreed.id, body=models.ApproveReturnRequest(decision=decision("APPROVE_RETURN")))
    part = models.PartialRefund(currency="VND", amount="1000")
    body = models.ApproveReturnRequest(decision=decision("OFFER_PARTIAL_REFUND"), partial_refund=part)
    await returns.approve_return(offered.id, body=body, idempotency_key="k1")
    reasons = (await returns.get_reject_reasons(return_or_cancel_id=refused.id)).data.reasons
    body = models.RejectReturnRequest(
        decision=models.RejectReturnRequestDecision("REJECT_RETURN"), reject_reason=reasons[0].name, comment="It fits."
    )
    await returns.reject_return(refused.id, body=body)
    assert [case.stage for case in (agreed, offered, refused)] == [Stage.BUYER_SENDS, Stage.OFFERED, Stage.REFUSED]
    with pytest.raises(api.TikTokShopError) as caught:
        await returns.reject_return(refused.id, body=body)
    assert caught.value.code == 25001010

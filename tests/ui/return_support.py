"""Invented returns in the house of the cockpit's tests, as an engine would have left them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.money import Money
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.return_clock import ReturnBook
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnEvent, ReturnLine, ReturnRequest, ReturnState
from shoptui.exchange import load_rates
from shoptui.paths import DataDir
from shoptui.rulebook import load_rule_book
from shoptui.store.writer import Writer
from tests.ui.app_support import DAY, HOUR, MINUTE, NOW, make_house, some_orders

ASKED_ANSWERS = frozenset({ReturnAnswer.AGREE, ReturnAnswer.REFUND_ONLY, ReturnAnswer.REFUSE, ReturnAnswer.OFFER})
GOODS_ANSWERS = frozenset({ReturnAnswer.GOODS_OK, ReturnAnswer.GOODS_REFUSED})


def request(number: int, *, due_s: int | None, minor: int, **changes: Any) -> ReturnRequest:
    """A request about the order of that number, whose time to answer ends `due_s` from now; None for no clock."""
    order = some_orders()[number]
    line = order.lines[0]
    kind = ClockKind.INSPECT if changes.get("state") is ReturnState.ARRIVED else ClockKind.RETURN
    return_id = str(changes.pop("return_id", f"4035{402_000 + number * 59:06d}"))
    clocks = ()
    if due_s is not None:
        clocks = (
            Clock(
                kind,
                NOW + due_s,
                Consequence.BUYER_PAID,
                StopEvent.ANSWERED,
                "tiktok:seller_next_action_response.deadline",
                ClockScope.RETURN,
                return_id,
            ),
        )
    value = Money(minor, order.total.currency)
    made = ReturnRequest(
        store_id=order.store_id,
        return_id=return_id,
        order_no=order.order_no,
        ask=ReturnAsk.REFUND,
        state=ReturnState.ASKED,
        raw_state="RETURN_OR_REFUND_REQUEST_PENDING",
        value=value,
        created_at=NOW - 30 * HOUR - number * MINUTE,
        updated_at=NOW - 30 * HOUR - number * MINUTE,
        reason_id="r1",
        reason="wrong colour",
        buyer_id=order.buyer_id,
        buyer_name=order.buyer_name,
        lines=(ReturnLine(f"RL{number}", line.line_id, line.sku, line.sku_id, line.product_name, "", 1, value),),
        answers=ASKED_ANSWERS,
        goods_come_back=False,
        clocks=clocks,
    )
    return replace(made, **changes)


def some_returns() -> list[ReturnRequest]:
    """Twelve requests: one missed, some urgent, goods here and on their way, a dispute, some over."""
    back = {"ask": ReturnAsk.RETURN, "goods_come_back": True}
    nothing: frozenset[ReturnAnswer] = frozenset()
    return [
        request(5, due_s=-3 * HOUR, minor=390, reason="arrived broken"),
        request(
            10,
            due_s=72 * MINUTE,
            minor=14_900,
            buyer_note="สีไม่ตรงกับรูป ขอเงินคืนค่ะ",
            evidence=("https://media.invalid/r/1.jpg", "https://media.invalid/r/2.jpg"),
            reason="not as shown",
        ),
        request(11, due_s=100 * MINUTE, minor=250, reason="broken"),
        request(8, due_s=4 * HOUR, minor=65_000, reason="missing item", buyer_note="Thiếu một cái"),
        request(9, due_s=6 * HOUR, minor=990, reason="wrong item", **back),
        request(13, due_s=10 * HOUR, minor=2_300, reason="wrong size", **back),
        request(
            12,
            due_s=14 * HOUR,
            minor=30_000,
            state=ReturnState.ARRIVED,
            raw_state="BUYER_SHIPPED_ITEM",
            answers=GOODS_ANSWERS,
            tracking_number="TH0441029937",
            carrier_name="J&T Express",
            **back,
        ),
        request(14, due_s=26 * HOUR, minor=41_000, reason="no longer wanted", ask=ReturnAsk.REPLACE),
        request(
            15,
            due_s=None,
            minor=1_500,
            state=ReturnState.ON_WAY_BACK,
            raw_state="BUYER_SHIPPED_ITEM",
            answers=nothing,
            tracking_number="MY7781120045",
            carrier_name="Pos Laju",
            **back,
        ),
        request(16, due_s=None, minor=7_700, state=ReturnState.JUDGED, answers=nothing, disputed=True),
        request(17, due_s=None, minor=4_400, state=ReturnState.REFUNDED, answers=nothing),
    ]


async def make_returns(root: Path) -> DataDir:
    """The invented house with orders and returns; order 6's buyer wants to cancel it."""
    data_dir = await make_house(root)
    writer = await Writer.open(data_dir, NOW)
    try:
        writer.returns.follow(ReturnBook(load_rule_book()), load_rates())
        await put_returns(writer, some_returns())
        await writer.counts(NOW)
    finally:
        await writer.close()
    return data_dir


async def put_returns(writer: Writer, requests: list[ReturnRequest]) -> None:
    """Keep them as the engine does, with a check, a history, a claim and a note on some."""
    await writer.returns.put_requests(requests, NOW - 30)
    told = requests[1]
    events = [
        ReturnEvent(told.created_at, "buyer", "asked", "สีไม่ตรงกับรูป"),
        ReturnEvent(told.created_at + HOUR, "system", "waiting for the seller"),
    ]
    await writer.returns.put_events(told.store_id, told.return_id, events)
    arrived = requests[6]
    key = (arrived.store_id, arrived.return_id)
    await writer.returns.check_in([key], ParcelCondition.USED, "worn, a stain on the strap", "an", NOW - DAY)
    await writer.claim([(requests[3].store_id, requests[3].order_no)], "an", True, NOW - 200)
    await writer.note((requests[4].store_id, requests[4].order_no), "mei", "asked for a picture", NOW - 4000)

"""Invented returns for the store's tests, and a rule book of one rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from shoptui.domain.clocks import HOUR_S, Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.money import Money
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnLine, ReturnRequest, ReturnState
from tests.store.factories import NOW

STORE = "tt-th-1"
KEY = (STORE, "R402118")


@dataclass(frozen=True, slots=True)
class WithinHours:
    """An answer is due so many seconds after the request, and after the goods are back."""

    answer_s: int = 48 * HOUR_S

    def clocks(self, request: ReturnRequest, goods_back_at: int | None = None) -> tuple[Clock, ...]:
        if request.clocks or request.state not in (ReturnState.ASKED, ReturnState.ARRIVED):
            return request.clocks
        back = request.state is ReturnState.ARRIVED
        started_at = goods_back_at if back else request.created_at
        assert started_at is not None
        kind = ClockKind.INSPECT if back else ClockKind.RETURN
        return (deadline(started_at + self.answer_s, kind=kind, source="rule:test"),)


@dataclass(frozen=True, slots=True)
class TenToTheDollar:
    """Ten of everything cost a dollar; nobody knows what a dong is worth."""

    def convert(self, money: Money, currency: str) -> Money | None:
        if money.currency == currency:
            return money
        return None if money.currency == "VND" else Money(money.minor // 10, currency)


def deadline(due_at: int, **changes: Any) -> Clock:
    """The marketplace's own time to answer."""
    made = Clock(
        ClockKind.RETURN,
        due_at,
        Consequence.BUYER_PAID,
        StopEvent.ANSWERED,
        "tiktok:deadline",
        ClockScope.RETURN,
        "R402118",
    )
    return replace(made, **changes)


def return_line(sku: str = "MUG-WH", **changes: Any) -> ReturnLine:
    """One mug."""
    made = ReturnLine(f"RL-{sku}", f"L-{sku}", sku, f"S-{sku}", "แก้วเซรามิก", "white", 1, Money(8900, "THB"))
    return replace(made, **changes)


def request(return_id: str = "R402118", *, store_id: str = STORE, **changes: Any) -> ReturnRequest:
    """A refund somebody asks for, twelve hours before its time runs out."""
    made = ReturnRequest(
        store_id=store_id,
        return_id=return_id,
        order_no="576461413048483920",
        ask=ReturnAsk.REFUND,
        state=ReturnState.ASKED,
        raw_state="RETURN_OR_REFUND_REQUEST_PENDING",
        value=Money(8900, "THB"),
        created_at=NOW - 36 * HOUR_S,
        updated_at=NOW - 36 * HOUR_S,
        reason_id="wrong_colour",
        reason="not as shown",
        buyer_note="颜色跟图片不一样",
        buyer_id="b1",
        buyer_name="Wipha P",
        lines=(return_line(),),
        evidence=("https://pictures.invalid/1.jpg",),
        answers=frozenset({ReturnAnswer.AGREE, ReturnAnswer.REFUSE}),
        goods_come_back=False,
        clocks=(deadline(NOW + 12 * HOUR_S),),
    )
    return replace(made, **changes)

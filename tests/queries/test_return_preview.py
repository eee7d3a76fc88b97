"""The preview of an answer: who takes it, who is left out and why, what it costs and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.fx import Rates
from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.money import Money
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnState
from shoptui.domain.verbs import CancelAnswer, ReturnDecision
from shoptui.queries.admission import Why
from shoptui.queries.return_preview import Effect, answer_preview, effects_of
from shoptui.queries.returns import ReturnCandidate

NOW = 1_780_000_000
RATES = Rates(date(2026, 11, 20), "test", {"SGD": "1.25", "THB": "32"})


def candidate(row_id: int = 1, **changes: Any) -> ReturnCandidate:
    made = ReturnCandidate(
        row_id=row_id,
        store_id="sp-sg-1",
        marketplace="shopee",
        return_id=f"R{row_id}",
        order_no=f"O{row_id}",
        ask=ReturnAsk.REFUND,
        state=ReturnState.ASKED,
        value_minor=390,
        currency="SGD",
        usd_minor=312,
        next_at=NOW + 100 * row_id,
        goods_come_back=False,
        answers=frozenset({ReturnAnswer.AGREE, ReturnAnswer.REFUND_ONLY, ReturnAnswer.REFUSE}),
        act=None,
        claimed_by="",
        condition=None,
    )
    return replace(made, **changes)


def test_ten_small_ones_and_what_they_cost() -> None:
    marked = [candidate(number) for number in range(1, 5)]
    marked.append(candidate(9, store_id="tt-th-1", currency="THB", value_minor=8900, usd_minor=278))
    found = answer_preview(ReturnAnswer.REFUND_ONLY, marked, NOW, RATES)
    assert [target.target_id for target in found.ready] == ["R1", "R2", "R3", "R4", "R9"]
    assert found.sums == (Money(1560, "SGD"), Money(8900, "THB"))
    assert found.usd == Money(1248 + 278, "USD")
    assert found.dearest is not None and found.dearest.usd_minor == 312
    assert (found.stores, found.first_due_at, found.asked) == (("sp-sg-1", "tt-th-1"), NOW + 100, 5)
    assert found.effects == {Effect.KEEP_GOODS: 5}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": ReturnState.REFUNDED}, "ended"),
        ({"state": ReturnState.JUDGED, "answers": frozenset()}, "not_our_turn"),
        ({"state": ReturnState.UNKNOWN}, "unknown_state"),
        ({"answers": frozenset({ReturnAnswer.REFUSE})}, "not_offered"),
        ({"act": IntentState.HELD}, "answer_ordered"),
        ({"ask": ReturnAsk.CANCEL, "answers": frozenset({ReturnAnswer.AGREE})}, "only_cancel_answers"),
    ],
)
def test_what_is_left_out_says_why(changes: dict[str, Any], reason: str) -> None:
    found = answer_preview(ReturnAnswer.REFUND_ONLY, [candidate(1, **changes), candidate(2)], NOW, RATES)
    assert [(group.reason_id, group.row_ids) for group in found.left_out] == [(reason, (1,))]
    assert [target.row_id for target in found.ready] == [2]
    assert found.left_out_count == 1


def test_a_refusal_costs_nothing_now() -> None:
    found = answer_preview(ReturnAnswer.REFUSE, [candidate()], NOW, RATES)
    assert (found.sums, found.usd, found.dearest) == ((), Money(0, "USD"), None)
    assert found.effects == {Effect.MAY_BE_DISPUTED: 1}


def test_currencies_without_a_rate_are_named() -> None:
    odd = candidate(1, currency="XTS", usd_minor=None)
    found = answer_preview(ReturnAnswer.REFUND_ONLY, [odd, candidate(2)], NOW, RATES)
    assert (found.usd, found.unconverted) == (Money(312, "USD"), ("XTS",))
    without = answer_preview(ReturnAnswer.REFUND_ONLY, [candidate(3, currency="USD")], NOW)
    assert (without.usd, without.unconverted) == (Money(390, "USD"), ())


def test_wishes_to_cancel_are_answered_on_their_orders() -> None:
    wish = candidate(
        1, ask=ReturnAsk.CANCEL, return_id="cancel:O1", answers=frozenset({ReturnAnswer.AGREE, ReturnAnswer.REFUSE})
    )
    found = answer_preview(ReturnAnswer.AGREE, [wish, candidate(2)], NOW, RATES)
    assert [(target.verb, target.target_id) for target in found.ready] == [
        (Verb.ANSWER_CANCEL, "O1"),
        (Verb.ANSWER_RETURN, "R2"),
    ]
    decision = ReturnDecision(ReturnAnswer.AGREE, reason_id="r", comment="c")
    assert found.args(found.ready[0], decision) == CancelAnswer(True, "r", "c")
    assert found.args(found.ready[1], decision) is decision
    assert found.effects == {Effect.ORDERS_CANCELLED: 1, Effect.PAID_AT_ONCE: 1}


@pytest.mark.parametrize(
    ("answer", "changes", "effects"),
    [
        (ReturnAnswer.REFUND_ONLY, {"ask": ReturnAsk.RETURN, "goods_come_back": None}, "keep_goods offered_goods"),
        (ReturnAnswer.AGREE, {"ask": ReturnAsk.RETURN, "goods_come_back": True}, "goods_come_back"),
        (ReturnAnswer.AGREE, {"ask": ReturnAsk.RETURN}, "paid_at_once"),
        (ReturnAnswer.AGREE, {"ask": ReturnAsk.REPLACE}, "replaced"),
        (ReturnAnswer.OFFER, {}, "buyer_decides"),
        (ReturnAnswer.GOODS_OK, {}, "paid_at_once unchecked"),
        (ReturnAnswer.GOODS_OK, {"condition": ParcelCondition.AS_SENT}, "paid_at_once"),
        (ReturnAnswer.GOODS_OK, {"condition": ParcelCondition.EMPTY}, "paid_at_once not_as_sent"),
        (ReturnAnswer.GOODS_REFUSED, {}, "may_be_disputed"),
        (ReturnAnswer.REFUSE, {"ask": ReturnAsk.CANCEL}, "orders_go_on"),
    ],
)
def test_what_follows(answer: ReturnAnswer, changes: dict[str, Any], effects: str) -> None:
    assert " ".join(effects_of(answer, candidate(1, **changes))) == effects


def test_what_the_engine_refuses_is_left_out_and_costs_nothing() -> None:
    found = answer_preview(ReturnAnswer.REFUND_ONLY, [candidate(1), candidate(2)], NOW, RATES)
    fewer = found.without({("sp-sg-1", "R2"): Why("one_by_one")}, RATES)
    assert [target.row_id for target in fewer.ready] == [1]
    assert fewer.usd == Money(312, "USD")
    assert [group.reason_id for group in fewer.left_out] == ["one_by_one"]


def test_a_colleagues_claim_is_said() -> None:
    found = answer_preview(ReturnAnswer.REFUND_ONLY, [candidate(1, claimed_by="an")], NOW, RATES)
    assert [group.args["operator"] for group in found.claimed] == ["an"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(ReturnAsk),
            st.sampled_from(ReturnState),
            st.frozensets(st.sampled_from(ReturnAnswer)),
            st.integers(0, 10**9),
            st.sampled_from(["SGD", "THB", "XTS"]),
        ),
        max_size=8,
    ),
    st.sampled_from(ReturnAnswer),
)
def test_every_request_is_ready_or_left_out_and_sums_are_exact(parts: list[Any], answer: ReturnAnswer) -> None:
    marked = [
        candidate(number, ask=ask, state=state, answers=answers, value_minor=minor, currency=currency)
        for number, (ask, state, answers, minor, currency) in enumerate(parts, 1)
    ]
    found = answer_preview(answer, marked, NOW, RATES)
    ready = {target.row_id for target in found.ready}
    left_out = {row_id for group in found.left_out for row_id in group.row_ids}
    assert ready | left_out == {one.row_id for one in marked} and not ready & left_out
    if found.sums:
        paid = [one for one in marked if one.row_id in ready and one.ask is not ReturnAsk.REPLACE]
        assert {money.currency: money.minor for money in found.sums} == {
            code: sum(one.value_minor for one in paid if one.currency == code) for code in {o.currency for o in paid}
        }

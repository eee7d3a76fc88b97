"""TikTok Shop's returns: every status mapped, searches, answers with reasons and pictures, lost answers read back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import Temporary, Unsupported, Verdict
from shoptui.adapters.returns import AnswerNeeds
from shoptui.adapters.tiktok.return_mapping import OPEN_STATUSES, STATES, to_request
from shoptui.adapters.tiktok.return_wire import ReturnRecord
from shoptui.clock import DrivenClock
from shoptui.domain.clocks import ClockKind, ClockScope, Consequence
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.money import Money
from shoptui.domain.returns import ENDED, ReturnAnswer, ReturnAsk, ReturnRequest, ReturnState
from tests.adapters.returning import FATES, answer, give, has_its_effect_once, is_known_before, is_read_back, told
from tests.adapters.tiktok.sandboxed import START_AT, House, house
from tests.adapters.tiktok.support import ScriptedShop, ok, store

SEARCH = "/return_refund/202309/returns/search"
A, S = ReturnAnswer, ReturnState
NO = "seller_reject_apply_item_is_correct"
GOODS_NO = "reverse_reject_return_parcel_reason_1"
HOUR = 3600


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house(regions=("VN", "TH"), orders=160) as found:
        yield found


def record(**over: Any) -> dict[str, Any]:
    return {
        "return_id": "4035318504086604100",
        "order_id": "577080000000411117",
        "return_type": "RETURN_AND_REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "create_time": START_AT,
        "update_time": START_AT,
        "refund_amount": {"currency": "VND", "refund_total": "135000"},
        "seller_next_action_response": [{"action": "SELLER_RESPOND_RETURN", "deadline": START_AT + 48 * HOUR}],
        **over,
    }


def mapped(**over: Any) -> ReturnRequest:
    return to_request(ReturnRecord.model_validate(record(**over)), "tt-vn-1")


# --- mapping --------------------------------------------------------------------------------------------------

#: Every status of the sheet's section 9.3 with where the request then stands.
STATUS_TABLE = {
    "RETURN_OR_REFUND_REQUEST_PENDING": S.ASKED,
    "AWAITING_BUYER_SHIP": S.BUYER_SENDS,
    "BUYER_SHIPPED_ITEM": S.ON_WAY_BACK,
    "RETURN_OR_REFUND_REQUEST_SUCCESS": S.REFUNDED,
    "RETURN_OR_REFUND_REQUEST_COMPLETE": S.REFUNDED,
    "REFUND_OR_RETURN_REQUEST_REJECT": S.REFUSED,
    "REJECT_RECEIVE_PACKAGE": S.REFUSED,
    "RETURN_OR_REFUND_REQUEST_CANCEL": S.WITHDRAWN,
    "AWAITING_BUYER_RESPONSE": S.OFFERED,
    "REPLACEMENT_REQUEST_PENDING": S.ASKED,
    "REPLACEMENT_REQUEST_REJECT": S.REFUSED,
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": S.REFUNDED,
    "REPLACEMENT_REQUEST_CANCEL": S.WITHDRAWN,
    "REPLACEMENT_REQUEST_COMPLETE": S.CLOSED,
    "EXCHANGE_REQUEST_PENDING": S.ASKED,
    "EXCHANGE_REQUEST_REFUND_SUCCESS": S.REFUNDED,
    "EXCHANGE_REQUEST_CANCEL": S.WITHDRAWN,
    "EXCHANGE_REQUEST_COMPLETE": S.CLOSED,
    "TELEPORTED": S.UNKNOWN,
}


@pytest.mark.parametrize(("status", "state"), STATUS_TABLE.items())
def test_every_status_has_its_place(status: str, state: ReturnState) -> None:
    found = mapped(return_status=status, seller_next_action_response=None)
    assert (found.state, found.raw_state, found.clocks) == (state, status, ())
    assert set(STATUS_TABLE) == {*STATES, "TELEPORTED"}
    assert (status in OPEN_STATUSES) == (state not in ENDED | {S.UNKNOWN})


@pytest.mark.parametrize(
    ("over", "ask", "state", "answers"),
    [
        ({}, ReturnAsk.RETURN, S.ASKED, {A.AGREE, A.REFUND_ONLY, A.REFUSE, A.OFFER}),
        ({"return_type": "REFUND"}, ReturnAsk.REFUND, S.ASKED, {A.AGREE, A.REFUND_ONLY, A.REFUSE, A.OFFER}),
        ({"return_type": "REPLACEMENT"}, ReturnAsk.REPLACE, S.ASKED, {A.AGREE, A.REFUND_ONLY, A.REFUSE}),
        ({"return_type": "EXCHANGE"}, ReturnAsk.REPLACE, S.ASKED, set()),
        ({"return_status": "BUYER_SHIPPED_ITEM"}, ReturnAsk.RETURN, S.ON_WAY_BACK, set()),
        ({"arbitration_status": "IN_PROGRESS"}, ReturnAsk.RETURN, S.JUDGED, set()),
    ],
)
def test_type_and_status_say_which_answers_there_are(
    over: dict[str, Any], ask: ReturnAsk, state: ReturnState, answers: set[ReturnAnswer]
) -> None:
    found = mapped(**over)
    assert (found.ask, found.state, set(found.answers)) == (ask, state, answers)


@pytest.mark.parametrize(
    ("quick", "answers"),
    [(False, {A.GOODS_OK, A.GOODS_REFUSED}), (True, {A.GOODS_OK}), (None, {A.GOODS_OK, A.GOODS_REFUSED})],
)
def test_goods_that_came_back_have_their_own_clock_and_answers(quick: bool | None, answers: set[ReturnAnswer]) -> None:
    action = {"action": "SELLER_RESPOND_RECEIVE_PACKAGE", "deadline": START_AT + HOUR}
    found = mapped(return_status="BUYER_SHIPPED_ITEM", seller_next_action_response=[action], is_quick_refund=quick)
    assert (found.state, set(found.answers)) == (S.ARRIVED, answers)
    (clock,) = found.clocks
    assert (clock.kind, clock.due_at, clock.scope) == (ClockKind.INSPECT, START_AT + HOUR, ClockScope.RETURN)


def test_the_deadline_of_a_request_is_a_clock_that_pays_the_buyer() -> None:
    (clock,) = mapped().clocks
    assert (clock.kind, clock.due_at, clock.consequence) == (
        ClockKind.RETURN,
        START_AT + 48 * HOUR,
        Consequence.BUYER_PAID,
    )
    assert clock.scope_id == mapped().return_id and clock.source.startswith("tiktok:")


@given(minor=st.integers(0, 2**63 - 1), currency=st.sampled_from(["VND", "IDR", "JPY", "THB", "USD", "MYR"]))
def test_amounts_are_read_exactly(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    found = mapped(refund_amount={"currency": currency, "refund_total": money.plain()})
    assert found.value == money


@pytest.mark.parametrize("total", ["135000.5", "9223372036854775808", "12,3.4.5", "NaN", "", "1e999"])
def test_amounts_that_are_none_are_refused_with_a_sentence(total: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        mapped(refund_amount={"currency": "VND", "refund_total": total})


# --- reading --------------------------------------------------------------------------------------------------


async def test_the_sweep_finds_every_open_request_and_the_changes_find_all() -> None:
    async with house(regions=("TH",), orders=900, returns=130) as at:
        world = [case for case in at.sandbox.world.returns.every() if case.is_open]
        pages = [page async for page in at.returns.waiting(at.store)]
        found = [request for page in pages for request in page.requests]
        assert {request.return_id for request in found} == {case.id for case in world}
        assert sum(page.total or 0 for page in pages) == len(found) > 100
        changed = [
            request async for page in at.returns.changed(at.store, 0, START_AT + 10**6) for request in page.requests
        ]
        assert len({request.return_id for request in changed}) == len(at.sandbox.world.returns)
        assert [request.updated_at for request in changed] == sorted(request.updated_at for request in changed)
        cases = {case.id: case for case in at.sandbox.world.returns.every()}
        assert all(
            request.value.minor == cases[request.return_id].asked_minor
            for request in found
            if request.state is not S.OFFERED
        )


async def test_a_request_in_full_has_the_buyers_words_and_pictures(at: House) -> None:
    return_id = at.asks("return", trouble="wrong_item")
    case = at.sandbox.world.returns.every()[-1]
    found = await at.returned(return_id)
    assert (found.buyer_note, found.evidence) == (case.note, case.pictures)
    assert (found.order_no, found.reason) == (case.order.id, "Wrong item was sent")
    assert [line.order_line_id for line in found.lines] == [unit.line.id for unit in case.units]
    assert await give(at, answer(return_id, A.AGREE)) == (Verdict.DONE, None)
    events = await at.returns.history(at.store, found)
    assert [(event.who, event.at) for event in events] == [("buyer", START_AT), ("store", START_AT)]


async def test_a_bad_record_is_set_aside_and_costs_no_other(at: House) -> None:
    good, money, nameless = (at.asks() for _ in range(3))
    at.sandbox.poke("malform_return", return_id=money, how="bad_money")
    at.sandbox.poke("malform_return", return_id=nameless, how="missing_id")
    pages = [page async for page in at.returns.waiting(at.store)]
    assert [request.return_id for page in pages for request in page.requests] == [good]
    assert [(aside.order_no, bool(aside.reason)) for page in pages for aside in page.set_aside] == [
        (money, True),
        ("", True),
    ]
    at.sandbox.poke("unknown_return_status", return_id=good)
    found = await at.returned(good)
    assert (found.state, found.raw_state, found.answers) == (S.UNKNOWN, "AWAITING_TELEPORT", frozenset())


# --- answering ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "about", "word", "more", "then"),
    [
        ("refund", {}, A.AGREE, {}, S.REFUNDED),
        ("refund", {}, A.REFUND_ONLY, {}, S.REFUNDED),
        ("refund", {}, A.REFUSE, {"reason_id": NO}, S.REFUSED),
        ("refund", {}, A.OFFER, {"offer_minor": 1000}, S.OFFERED),
        ("return", {}, A.AGREE, {}, S.BUYER_SENDS),
        ("return", {}, A.REFUND_ONLY, {}, S.REFUNDED),
        ("return", {}, A.REFUSE, {"reason_id": NO, "comment": "It fits."}, S.REFUSED),
        ("return", {"stage": "arrived"}, A.GOODS_OK, {}, S.REFUNDED),
        ("return", {"stage": "arrived"}, A.GOODS_REFUSED, {"reason_id": GOODS_NO}, S.REFUSED),
        ("replace", {}, A.AGREE, {}, S.CLOSED),
        ("replace", {}, A.REFUND_ONLY, {}, S.REFUNDED),
        ("replace", {}, A.REFUSE, {"reason_id": NO}, S.REFUSED),
    ],
)
async def test_every_answer_has_its_effect_once(
    at: House, ask: str, about: dict[str, Any], word: ReturnAnswer, more: dict[str, Any], then: ReturnState
) -> None:
    await has_its_effect_once(at, answer(at.asks(ask, **about), word, **more), word, then)
    assert len(at.effects()) == 1


async def test_a_refusal_takes_one_of_its_own_reasons_and_uploaded_pictures(at: House) -> None:
    return_id = at.asks("return")
    found = await at.returned(return_id)
    needs = await at.returns.needs(at.store, found, A.REFUSE)
    assert isinstance(needs, AnswerNeeds) and NO in {reason.reason_id for reason in needs.reasons}
    assert (needs.pictures, needs.comment_needed, needs.batch, needs.comment_max) == (0, False, True, 500)
    for wrong in ("", "because", GOODS_NO):
        assert await give(at, answer(return_id, A.REFUSE, reason_id=wrong)) == (Verdict.REFUSED, CauseId.REASON)
    long = answer(return_id, A.REFUSE, reason_id=NO, comment="x" * 501)
    assert await give(at, long) == (Verdict.REFUSED, CauseId.TOO_LONG)
    assert not at.effects()
    link = await at.returns.upload(at.store, found, "box.png", b"\x89PNG\r\n\x1a\n--x\r\n" + bytes(range(256)))
    assert isinstance(link, str) and list(at.sandbox.world.returns.pictures.values()) == [269]
    assert await give(at, answer(return_id, A.REFUSE, reason_id=NO, pictures=(link,))) == (Verdict.DONE, None)
    case = at.sandbox.world.returns.case_of(at.sandbox.world.stores[at.store.shop_id], return_id)
    assert case is not None and case.refusal_pictures == tuple(at.sandbox.world.returns.pictures)
    assert isinstance(await at.returns.upload(at.store, found, "box.gif", b"GIF"), Unsupported)


@pytest.mark.parametrize(
    ("about", "word", "why", "cause"),
    [
        ({"ask": "refund"}, A.GOODS_OK, "no_goods", CauseId.WRONG_STATE),
        ({"ask": "return", "stage": "arrived"}, A.AGREE, "goods_back", None),
        ({"ask": "return", "stage": "on_way"}, A.GOODS_OK, "goods_not_back", CauseId.WRONG_STATE),
        ({"ask": "return", "stage": "judged"}, A.REFUND_ONLY, "platform_decides", CauseId.PLATFORM_DECIDES),
        ({"ask": "refund", "stage": "offered"}, A.AGREE, "offer_open", CauseId.WRONG_STATE),
        ({"ask": "refund", "stage": "withdrawn"}, A.REFUSE, "return_closed", CauseId.REQUEST_CLOSED),
        ({"ask": "replace"}, A.OFFER, "no_such_answer", CauseId.UNSUPPORTED),
        (
            {"ask": "return", "stage": "arrived", "platform_checks": True},
            A.GOODS_REFUSED,
            "platform_decides",
            CauseId.PLATFORM_DECIDES,
        ),
    ],
)
async def test_what_cannot_be_answered_is_known_before_and_never_sent(
    at: House, about: dict[str, Any], word: ReturnAnswer, why: str, cause: CauseId | None
) -> None:
    await is_known_before(at, about, word, why, (Verdict.ALREADY, None) if cause is None else (Verdict.REFUSED, cause))


async def test_foreign_and_unknown_requests_are_not_ours(at: House) -> None:
    foreign = at.asks("refund", store=at.stores[1])
    for return_id in (foreign, "4035318504086604199"):
        assert await give(at, answer(return_id, A.AGREE)) == (Verdict.REFUSED, CauseId.NOT_OURS)


@pytest.mark.parametrize("minor", [0, 10**12])
async def test_an_offer_is_more_than_nothing_and_not_more_than_was_asked(at: House, minor: int) -> None:
    return_id = at.asks("refund")
    assert await give(at, answer(return_id, A.OFFER, offer_minor=minor)) == (Verdict.REFUSED, CauseId.AMOUNT)
    assert not at.effects()


async def test_a_declined_offer_is_a_persons_to_judge_and_a_taken_one_is_done(at: House) -> None:
    taken, declined = at.asks("refund"), at.asks("refund")
    requests = [answer(one, A.OFFER, offer_minor=2000) for one in (taken, declined)]
    assert [each.verdict for each in await at.send(Verb.ANSWER_RETURN, *requests)] == [Verdict.DONE] * 2
    assert (await at.returned(taken)).value == Money(2000, "VND")
    at.sandbox.poke("return_step", return_id=taken, step="take_offer")
    at.sandbox.poke("return_step", return_id=declined, step="decline_offer")
    evidence = await at.desk(Verb.ANSWER_RETURN).read_back(at.store, requests)
    assert [each.verdict for each in evidence] == [Verdict.DONE, Verdict.UNDECIDED]
    assert evidence[0].facts["request"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"


@pytest.mark.parametrize("word", [A.AGREE, A.REFUSE])
@pytest.mark.parametrize(("fate", "verdict"), FATES)
async def test_a_lost_answer_is_read_back(at: House, word: ReturnAnswer, fate: str, verdict: Verdict) -> None:
    request = answer(at.asks("return"), word, reason_id=NO if word is A.REFUSE else "")
    await is_read_back(at, request, "/(approve|reject)$", fate, verdict)


async def test_a_batch_is_answered_row_by_row(at: House) -> None:
    good, over, goods = at.asks("refund"), at.asks("refund", stage="withdrawn"), at.asks("return", stage="arrived")
    requests = [
        answer(good, A.REFUND_ONLY, key="a"),
        answer(over, A.REFUND_ONLY, key="b"),
        answer(goods, A.GOODS_OK, key="c"),
    ]
    outcomes = await at.send(Verb.ANSWER_RETURN, *requests)
    assert [told(each) for each in outcomes] == [
        (Verdict.DONE, None),
        (Verdict.REFUSED, CauseId.REQUEST_CLOSED),
        (Verdict.DONE, None),
    ]


@pytest.mark.parametrize(
    ("code", "then", "expected"),
    [
        (25020010, "RETURN_OR_REFUND_REQUEST_SUCCESS", (Verdict.ALREADY, None)),
        (25001010, "RETURN_OR_REFUND_REQUEST_CANCEL", (Verdict.REFUSED, CauseId.REQUEST_CLOSED)),
        (25011010, "RETURN_OR_REFUND_REQUEST_PENDING", (Verdict.REFUSED, CauseId.PLATFORM_DECIDES)),
        (25005005, "RETURN_OR_REFUND_REQUEST_PENDING", (Verdict.REFUSED, CauseId.AMOUNT)),
        (25001028, "RETURN_OR_REFUND_REQUEST_PENDING", None),
    ],
)
async def test_an_answer_overtaken_by_another_is_judged_by_what_it_became(
    clock: DrivenClock, code: int, then: str, expected: tuple[Verdict, CauseId | None] | None
) -> None:
    first = record(return_type="REFUND")
    shop = ScriptedShop(
        clock,
        {
            SEARCH: [ok({"return_orders": [first]}), ok({"return_orders": [{**first, "return_status": then}]})],
            f"/return_refund/202309/returns/{first['return_id']}/approve": httpx.Response(
                200, json={"code": code, "message": "no", "request_id": "r", "data": None}
            ),
        },
    )
    request = answer(first["return_id"], A.AGREE, key="same-key")
    if expected is None:
        with pytest.raises(Temporary):
            await shop.shop.desks[Verb.ANSWER_RETURN].send(store(), [request])
    else:
        (outcome,) = await shop.shop.desks[Verb.ANSWER_RETURN].send(store(), [request])
        assert told(outcome) == expected
    sent = next(each for each in shop.asked if each.url.path.endswith("/approve"))
    assert sent.url.params["idempotency_key"] == "same-key"

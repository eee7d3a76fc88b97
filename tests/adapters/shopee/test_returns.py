"""Shopee's returns: every status mapped, pages from 0 or 1, offers and counter-offers, disputes with evidence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import Unsupported, Verdict
from shoptui.adapters.returns import AnswerNeeds
from shoptui.adapters.shopee.return_mapping import OPEN_STATUSES, STATES, to_request
from shoptui.adapters.shopee.return_wire import DisputeReason, ReturnRecord
from shoptui.adapters.shopee.returns import evidence_list
from shoptui.clock import DrivenClock
from shoptui.domain.clocks import ClockKind
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.money import Money
from shoptui.domain.returns import ENDED, ReturnAnswer, ReturnAsk, ReturnRequest, ReturnState
from tests.adapters.returning import FATES, answer, give, has_its_effect_once, is_known_before, is_read_back, told
from tests.adapters.shopee.sandboxed import START_AT, House, house
from tests.adapters.shopee.support import ScriptedShop, ok, store

A, S = ReturnAnswer, ReturnState
PNG = b"\x89PNG\r\n\x1a\n" + bytes(99)
DAY = 86_400


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house(regions=("MY", "VN"), orders=200) as found:
        yield found


def record(**over: Any) -> dict[str, Any]:
    return {
        "return_sn": "2609270K4MW3TQX",
        "order_sn": "260920HB8V2RTC",
        "status": "REQUESTED",
        "reason": "PHYSICAL_DMG",
        "text_reason": "Handle torn on arrival",
        "image": ["https://cf.shopee.com.my/file/my-ret-1"],
        "refund_amount": 49.9,
        "currency": "MYR",
        "create_time": START_AT,
        "update_time": START_AT,
        "due_date": START_AT + 3 * DAY,
        "return_ship_due_date": 0,
        "return_seller_due_date": 0,
        "tracking_number": "",
        "needs_logistics": True,
        "negotiation_status": "PENDING_RESPOND",
        "return_solution": 0,
        "validation_type": "seller_validation",
        "item": [{"item_id": 23620853561, "model_id": 221404189791, "name": "Tote", "amount": 2}],
        **over,
    }


def mapped(**over: Any) -> ReturnRequest:
    return to_request(ReturnRecord.model_validate(record(**over)), "sp-my-1")


# --- mapping --------------------------------------------------------------------------------------------------

#: Every status of the sheet's section 7.5 with where a return of goods then stands.
STATUS_TABLE = {
    "REQUESTED": S.ASKED,
    "ACCEPTED": S.REFUNDED,
    "REFUND_PAID": S.REFUNDED,
    "CANCELLED": S.WITHDRAWN,
    "JUDGING": S.JUDGED,
    "SELLER_DISPUTE": S.JUDGED,
    "CLOSED": S.CLOSED,
    "PROCESSING": S.BUYER_SENDS,
    "TELEPORTED": S.UNKNOWN,
}


@pytest.mark.parametrize(("status", "state"), STATUS_TABLE.items())
def test_every_status_has_its_place(status: str, state: ReturnState) -> None:
    assert (mapped(status=status).state, mapped(status=status).raw_state) == (state, status)
    assert set(STATUS_TABLE) == {*STATES, "TELEPORTED"}
    assert (status in OPEN_STATUSES) == (state not in ENDED | {S.UNKNOWN})


@pytest.mark.parametrize(
    ("over", "ask", "state", "answers"),
    [
        ({}, ReturnAsk.RETURN, S.ASKED, {A.AGREE, A.REFUND_ONLY, A.REFUSE, A.OFFER}),
        ({"return_solution": 1}, ReturnAsk.REFUND, S.ASKED, {A.AGREE, A.REFUND_ONLY, A.REFUSE, A.OFFER}),
        ({"return_solution": None, "needs_logistics": False}, ReturnAsk.REFUND, S.ASKED, None),
        ({"negotiation_status": "PENDING_BUYER_RESPOND"}, ReturnAsk.RETURN, S.OFFERED, set()),
        ({"validation_type": "warehouse_validation"}, ReturnAsk.RETURN, S.ASKED, {A.REFUND_ONLY, A.REFUSE}),
        ({"status": "PROCESSING", "tracking_number": "X1"}, ReturnAsk.RETURN, S.ON_WAY_BACK, set()),
        (
            {"status": "PROCESSING", "return_seller_due_date": START_AT + DAY},
            ReturnAsk.RETURN,
            S.ARRIVED,
            {A.GOODS_OK, A.GOODS_REFUSED},
        ),
        ({"status": "PROCESSING", "logistics_status": "LOGISTICS_DELIVERY_DONE"}, ReturnAsk.RETURN, S.ARRIVED, None),
        ({"status": "PROCESSING", "return_solution": 1}, ReturnAsk.REFUND, S.REFUNDED, set()),
        ({"status": "CLOSED", "dispute_reason": ["50"]}, ReturnAsk.RETURN, S.REFUSED, set()),
        (
            {
                "negotiation": {
                    "negotiation_status": "PENDING_RESPOND",
                    "latest_solution": "REFUND",
                    "latest_offer_amount": 20.5,
                    "latest_offer_creator": "BUYER",
                    "counter_limit": 1,
                }
            },
            ReturnAsk.RETURN,
            S.ASKED,
            {A.AGREE, A.OFFER, A.REFUSE},
        ),
    ],
)
def test_what_stands_beside_the_status_says_the_rest(
    over: dict[str, Any], ask: ReturnAsk, state: ReturnState, answers: set[ReturnAnswer] | None
) -> None:
    found = mapped(**over)
    assert (found.ask, found.state) == (ask, state)
    assert answers is None or set(found.answers) == answers
    assert found.value == Money(2050 if "negotiation" in over else 4990, "MYR")


@pytest.mark.parametrize(
    ("over", "kind", "source"),
    [
        ({}, ClockKind.RETURN, "shopee:due_date"),
        (
            {"status": "PROCESSING", "return_seller_due_date": START_AT + DAY},
            ClockKind.INSPECT,
            "shopee:return_seller_due_date",
        ),
        (
            {
                "status": "JUDGING",
                "seller_proof": {"seller_proof_status": "PENDING", "seller_evidence_deadline": START_AT + DAY},
            },
            ClockKind.RETURN,
            "shopee:seller_evidence_deadline",
        ),
    ],
)
def test_deadlines_of_the_seller_are_clocks(over: dict[str, Any], kind: ClockKind, source: str) -> None:
    (clock,) = mapped(**over).clocks
    assert (clock.kind, clock.source, clock.scope_id) == (kind, source, "2609270K4MW3TQX")


def test_deadlines_of_others_are_none() -> None:
    assert mapped(due_date=0).clocks == ()
    assert mapped(status="PROCESSING", return_ship_due_date=START_AT + DAY).clocks == ()


@given(minor=st.integers(0, 10**13), currency=st.sampled_from(["MYR", "SGD", "THB", "PHP"]))
def test_amounts_sent_as_doubles_are_read_exactly(minor: int, currency: str) -> None:
    assert mapped(refund_amount=minor / 100, currency=currency).value == Money(minor, currency)


@given(minor=st.integers(0, 2**63 - 1))
def test_whole_amounts_have_any_size_that_can_be_counted(minor: int) -> None:
    assert mapped(refund_amount=minor, currency="VND").value == Money(minor, "VND")


@pytest.mark.parametrize("amount", [2**63, 49.999, "12,3.4.5", "", None, True, 1e300])
def test_amounts_that_are_none_are_refused(amount: Any) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        mapped(refund_amount=amount)


# --- reading --------------------------------------------------------------------------------------------------


async def test_the_sweep_and_the_changes_find_every_request() -> None:
    async with house(regions=("MY",), orders=1500, returns=220) as at:
        world = {case.id: case for case in at.sandbox.world.returns.every()}
        found = [each async for page in at.returns.waiting(at.store) for each in page.requests]
        assert {each.return_id for each in found} == {no for no, case in world.items() if case.is_open}
        assert len(found) == len({each.return_id for each in found}) > 100
        now = int(at.clock.now())
        changed = [
            each async for page in at.returns.changed(at.store, now - 40 * DAY, now + 60) for each in page.requests
        ]
        assert {each.return_id for each in changed} == set(world) and len(changed) == len(world)
        assert all(world[each.return_id].note == each.buyer_note for each in changed)


def page(*numbers: int, more: bool) -> Any:
    rows = [record(return_sn=f"2609270K4MW3T{number:02d}") for number in numbers]
    return ok({"more": more, "return": rows})


@pytest.mark.parametrize(
    "pages",
    [
        [page(1, 2, more=True), page(1, 2, more=True), page(3, more=False)],
        [page(1, 2, more=True), page(3, more=False)],
    ],
)
async def test_pages_are_read_whether_they_begin_at_0_or_at_1(clock: DrivenClock, pages: list[Any]) -> None:
    empty = ok({"more": False, "return": []})
    shop = ScriptedShop(clock, {"/returns/get_return_list": [*pages, *[empty] * 9]})
    assert shop.shop.returns is not None
    found = [each.return_id async for one in shop.shop.returns.waiting(store()) for each in one.requests]
    assert found == [f"2609270K4MW3T{number:02d}" for number in (1, 2, 3)]
    asked = [request.url.params["page_no"] for request in shop.asked]
    assert asked[: len(pages)] == [str(number) for number in range(len(pages))]


async def test_a_bad_record_is_set_aside_and_an_unknown_status_shown(at: House) -> None:
    good, money, nameless = (at.asks() for _ in range(3))
    at.sandbox.poke("malform_return", return_id=money, how="bad_money")
    at.sandbox.poke("malform_return", return_id=nameless, how="missing_id")
    pages = [one async for one in at.returns.waiting(at.store)]
    assert [each.return_id for one in pages for each in one.requests] == [good]
    assert {aside.order_no for one in pages for aside in one.set_aside} == {money, ""}
    assert [aside.order_no for aside in (await at.returns.by_id(at.store, [money])).set_aside] == [money]
    at.sandbox.poke("unknown_return_status", return_id=good)
    assert (await at.returned(good)).state is S.UNKNOWN


async def test_the_way_back_is_told(at: House) -> None:
    return_id = at.asks("return", stage="on_way", age_s=DAY)
    found = await at.returned(return_id)
    events = await at.returns.history(at.store, found)
    assert [event.who for event in events][:2] == ["buyer", "system"] and found.tracking_number
    assert events[0].note == found.buyer_note and [event.at for event in events] == sorted(e.at for e in events)


# --- answering ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "about", "word", "more", "op", "then"),
    [
        ("refund", {}, A.AGREE, {}, "confirm_return", S.REFUNDED),
        ("refund", {}, A.REFUND_ONLY, {}, "confirm_return", S.REFUNDED),
        ("refund", {}, A.OFFER, {"offer_minor": 100}, "offer_return", S.OFFERED),
        ("return", {}, A.AGREE, {}, "offer_return", S.BUYER_SENDS),
        ("return", {}, A.REFUND_ONLY, {}, "confirm_return", S.REFUNDED),
        ("return", {"stage": "arrived"}, A.GOODS_OK, {}, "confirm_return", S.REFUNDED),
        ("return", {"stage": "arrived"}, A.GOODS_REFUSED, {"reason_id": "46"}, "dispute_return", S.JUDGED),
        ("return", {}, A.REFUSE, {"reason_id": "45", "comment": "Too late."}, "dispute_return", S.JUDGED),
    ],
)
async def test_every_answer_has_its_effect_once(
    at: House, ask: str, about: dict[str, Any], word: ReturnAnswer, more: dict[str, Any], op: str, then: ReturnState
) -> None:
    await has_its_effect_once(at, answer(at.asks(ask, **about), word, **more), word, then)
    assert [(entry["op"], entry["effect"]) for entry in at.sandbox.journal()] == [(op, "applied")]


async def test_a_counter_offer_is_taken_by_agreeing(at: House) -> None:
    return_id = at.asks("refund")
    assert await give(at, answer(return_id, A.OFFER, offer_minor=150)) == (Verdict.DONE, None)
    assert (await at.returned(return_id)).value == Money(150, "MYR")
    at.sandbox.poke("return_step", return_id=return_id, step="counter", amount_minor=199)
    found = await at.returned(return_id)
    assert (found.state, found.value, A.REFUND_ONLY in found.answers) == (S.ASKED, Money(199, "MYR"), False)
    assert await give(at, answer(return_id, A.AGREE)) == (Verdict.DONE, None)
    at.sandbox.advance(7200)
    assert [refund.amount_minor for refund in at.sandbox.world.returns.refunds] == [199]


@pytest.mark.parametrize("minor", [0, 10**9])
async def test_an_offer_is_between_what_shopee_takes(at: House, minor: int) -> None:
    request = answer(at.asks("refund"), A.OFFER, offer_minor=minor)
    assert await give(at, request) == (Verdict.REFUSED, CauseId.AMOUNT)
    assert not at.effects()


async def test_a_dispute_brings_its_evidence_or_is_not_sent(at: House) -> None:
    return_id = at.asks("return", stage="arrived")
    found = await at.returned(return_id)
    needs = await at.returns.needs(at.store, found, A.GOODS_REFUSED)
    assert isinstance(needs, AnswerNeeds)
    assert (needs.pictures, needs.batch) == (2, False)
    assert "The goods came back damaged" in {reason.text for reason in needs.reasons}
    damaged = "47"
    assert await give(at, answer(return_id, A.GOODS_REFUSED, reason_id=damaged)) == (
        Verdict.REFUSED,
        CauseId.EVIDENCE,
    )
    for wrong in ("", "50"):
        refusal = await give(at, answer(return_id, A.GOODS_REFUSED, reason_id=wrong))
        assert refusal == (Verdict.REFUSED, CauseId.REASON)
    assert not at.effects()
    links = [await at.returns.upload(at.store, found, f"{n}.png", PNG) for n in range(3)]
    assert all(isinstance(link, str) for link in links)
    given = answer(return_id, A.GOODS_REFUSED, reason_id=damaged, pictures=tuple(map(str, links)), comment="Broken.")
    assert await give(at, given) == (Verdict.DONE, None)
    case = at.sandbox.world.returns.case_of(at.sandbox.world.stores[at.store.shop_id], return_id)
    assert case is not None and sorted(case.refusal_pictures) == sorted(map(str, links))
    assert isinstance(await at.returns.upload(at.store, found, "a.gif", b"GIF"), Unsupported)


async def test_agreeing_says_the_shops_return_address_or_nothing(at: House) -> None:
    found = await at.returned(at.asks("return"))
    needs = await at.returns.needs(at.store, found, A.AGREE)
    (house,) = (one for one in at.sandbox.world.stores[at.store.shop_id].warehouses if one.is_return)
    assert isinstance(needs, AnswerNeeds)
    assert house.street in needs.ship_to and needs.ship_to.endswith(house.postcode)
    at.sandbox.faults.replace([{"match": {"path": "/logistics/get_address_list"}, "do": {"status": 500}}])
    assert await at.returns.needs(at.store, found, A.AGREE) == AnswerNeeds()
    money = await at.returned(at.asks("refund"))
    assert await at.returns.needs(at.store, money, A.AGREE) == AnswerNeeds()


async def test_without_an_address_there_are_no_disputes(at: House) -> None:
    return_id = at.asks("return")
    nameless = replace(at.store, wire={})
    needs = await at.returns.needs(nameless, await at.returned(return_id), A.REFUSE)
    assert isinstance(needs, Unsupported) and needs.id == "no_email"
    outcomes = await at.desk(Verb.ANSWER_RETURN).send(nameless, [answer(return_id, A.REFUSE, reason_id="45")])
    assert told(outcomes[0]) == (Verdict.REFUSED, CauseId.EVIDENCE)


MODULES = [
    {"module_index": 1, "requirement": "chat", "is_required": False},
    {"module_index": 4, "requirement": "parcel", "is_required": True},
    {"module_index": 2, "requirement": "content", "is_required": True},
]


@given(count=st.integers(0, 12))
def test_pictures_fill_what_is_required_first_and_no_kind_takes_more_than_three(count: int) -> None:
    reason = DisputeReason.model_validate({"dispute_reason": "47", "evidence_module_list": MODULES})
    links = [f"https://x.example/{number}" for number in range(count)]
    found = evidence_list(reason, links)
    if not 2 <= count <= 9:
        assert found is None
        return
    assert found is not None
    pictures: dict[Any, Any] = {one["module_index"]: one["image_url"] for one in found}
    assert pictures[4] and pictures[2]
    assert sorted(link for held in pictures.values() for link in held) == sorted(links)
    assert all(1 <= len(held) <= 3 for held in pictures.values())


@pytest.mark.parametrize(
    ("about", "word", "why", "cause"),
    [
        ({"ask": "refund"}, A.GOODS_OK, "no_goods", CauseId.WRONG_STATE),
        ({"ask": "return", "stage": "on_way"}, A.GOODS_OK, "goods_not_back", CauseId.WRONG_STATE),
        ({"ask": "refund", "stage": "judged"}, A.REFUND_ONLY, "platform_decides", CauseId.PLATFORM_DECIDES),
        ({"ask": "refund", "stage": "withdrawn"}, A.REFUSE, "return_closed", CauseId.REQUEST_CLOSED),
        ({"ask": "return", "platform_checks": True}, A.OFFER, "no_such_answer", CauseId.UNSUPPORTED),
    ],
)
async def test_what_cannot_be_answered_is_known_before_and_never_sent(
    at: House, about: dict[str, Any], word: ReturnAnswer, why: str, cause: CauseId
) -> None:
    await is_known_before(at, about, word, why, (Verdict.REFUSED, cause))


async def test_an_unknown_request_is_not_ours(at: House) -> None:
    for word in A:
        assert await give(at, answer("2601010K4MW3TQX", word)) == (Verdict.REFUSED, CauseId.NOT_OURS)
    assert not at.effects()


@pytest.mark.parametrize("word", [A.REFUND_ONLY, A.AGREE, A.REFUSE])
@pytest.mark.parametrize(("fate", "verdict"), FATES)
async def test_a_lost_answer_is_read_back(at: House, word: ReturnAnswer, fate: str, verdict: Verdict) -> None:
    request = answer(at.asks("return"), word, reason_id="45" if word is A.REFUSE else "")
    await is_read_back(at, request, "/returns/(confirm|offer|dispute)$", fate, verdict)


async def test_an_answer_given_in_seller_centre_is_told_not_repeated(at: House) -> None:
    return_id = at.asks("refund")
    at.sandbox.faults.replace(
        [{"match": {"path": "/returns/confirm$", "times": 1}, "do": {"code": "error_return_status"}}]
    )
    assert await give(at, answer(return_id, A.AGREE)) == (Verdict.REFUSED, CauseId.WRONG_STATE)

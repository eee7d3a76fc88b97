"""Lazada's reverse orders: every status mapped, cents and whole dong, seconds and milliseconds, units one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.adapters.base import Temporary, Verdict
from shoptui.adapters.lazada.return_mapping import OPEN_STATUSES, STATES, amount, to_request
from shoptui.adapters.lazada.return_wire import ReverseRecord
from shoptui.adapters.returns import AnswerNeeds
from shoptui.clock import DrivenClock
from shoptui.domain.clocks import ClockKind
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.money import Money
from shoptui.domain.returns import ENDED, ReturnAnswer, ReturnAsk, ReturnRequest, ReturnState
from tests.adapters.lazada.sandboxed import House, house
from tests.adapters.lazada.support import ScriptedShop, store
from tests.adapters.returning import (
    FATES,
    answer,
    give,
    has_its_effect_once,
    is_known_before,
    is_read_back,
    read_back,
    told,
)
from tests.adapters.sandboxed import START_AT

A, S = ReturnAnswer, ReturnState
REASON = "10000901"
WORDS = "It was washed."
HOUR = 3600


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house(regions=("MY", "VN"), orders=200) as found:
        yield found


def line(number: int = 2, **over: Any) -> dict[str, Any]:
    return {
        "reverse_order_line_id": 703551900128842 + number * 100000,
        "trade_order_line_id": 496880123128842 + number * 100000,
        "reverse_status": "REQUEST_INITIATE",
        "ofc_status": "INITIAL",
        "refund_amount": 55150,
        "reason_code": 10000231,
        "reason_text": "Item does not match description",
        "seller_sku_id": "KETTLE",
        "platform_sku_id": "15220933418",
        "return_order_line_gmt_create": START_AT,
        "return_order_line_gmt_modified": START_AT + 60,
        "sla": (START_AT + 48 * HOUR) * 1000,
        "buyer": {"buyer_id": 300415728842},
        **over,
    }


def record(*lines: dict[str, Any], **over: Any) -> dict[str, Any]:
    return {
        "reverse_order_id": 703551900128842,
        "trade_order_id": 496880123128842,
        "request_type": "RETURN",
        "is_rtm": True,
        "reverse_order_lines": list(lines) or [line()],
        **over,
    }


def mapped(*lines: dict[str, Any], currency: str = "MYR", **over: Any) -> ReturnRequest:
    return to_request(ReverseRecord.model_validate(record(*lines, **over)), "lz-my-1", currency)


# --- mapping --------------------------------------------------------------------------------------------------

#: Every status of the sheet's section 9 with where the request then stands.
STATUS_TABLE = {
    "REQUEST_INITIATE": S.ASKED,
    "REQUEST_REJECT": S.REFUSED,
    "REQUEST_CANCEL": S.WITHDRAWN,
    "CANCEL_SUCCESS": S.CLOSED,
    "REFUND_PENDING": S.REFUNDED,
    "REFUND_AUTHORIZED": S.REFUNDED,
    "REFUND_SUCCESS": S.REFUNDED,
    "REFUND_REJECT": S.REFUSED,
    "REQUEST_COMPLETE": S.CLOSED,
    "SELLER_AGREE_RETURN": S.BUYER_SENDS,
    "SELLER_REJECT_RETURN": S.REFUSED,
    "BUYER_RETURN_ITEM": S.ON_WAY_BACK,
    "SELLER_AGREE_REFUND": S.REFUNDED,
    "SELLER_REJECT_REFUND": S.REFUSED,
    "CS_APPROVING": S.JUDGED,
    "AGREE_CANCEL_ORDER": S.CLOSED,
    "REJECT_CANCEL_ORDER": S.REFUSED,
    "TELEPORTED": S.UNKNOWN,
}


@pytest.mark.parametrize(("status", "state"), STATUS_TABLE.items())
def test_every_status_has_its_place(status: str, state: ReturnState) -> None:
    found = mapped(line(reverse_status=status))
    assert (found.state, found.raw_state) == (state, status)
    assert set(STATUS_TABLE) == {*STATES, "TELEPORTED"}
    assert (status in OPEN_STATUSES) == (state not in ENDED | {S.UNKNOWN})


@pytest.mark.parametrize(
    ("lines", "over", "ask", "state", "answers"),
    [
        ([line()], {}, ReturnAsk.RETURN, S.ASKED, {A.AGREE, A.REFUND_ONLY, A.REFUSE}),
        ([line()], {"request_type": "ONLY_REFUND"}, ReturnAsk.REFUND, S.ASKED, {A.AGREE, A.REFUND_ONLY, A.REFUSE}),
        ([line()], {"is_rtm": False}, ReturnAsk.RETURN, S.JUDGED, set()),
        (
            [line(reverse_status="BUYER_RETURN_ITEM", ofc_status="RETURN_DELIVERED")],
            {},
            ReturnAsk.RETURN,
            S.ARRIVED,
            {A.GOODS_OK, A.GOODS_REFUSED},
        ),
        (
            [line(2, reverse_status="SELLER_REJECT_RETURN"), line(3)],
            {},
            ReturnAsk.RETURN,
            S.ASKED,
            {A.AGREE, A.REFUND_ONLY, A.REFUSE},
        ),
        (
            [line(2, reverse_status="SELLER_REJECT_RETURN"), line(3, reverse_status="REFUND_SUCCESS")],
            {},
            ReturnAsk.RETURN,
            S.REFUNDED,
            set(),
        ),
    ],
)
def test_the_least_settled_unit_says_where_the_request_stands(
    lines: list[dict[str, Any]],
    over: dict[str, Any],
    ask: ReturnAsk,
    state: ReturnState,
    answers: set[ReturnAnswer],
) -> None:
    found = mapped(*lines, **over)
    assert (found.ask, found.state, set(found.answers)) == (ask, state, answers)
    # A refused unit is not paid and not answered again.
    kept = [one for one in lines if one["reverse_status"] != "SELLER_REJECT_RETURN"]
    assert found.value == Money(55150 * len(kept), "MYR")
    assert dict(found.wire)["lines"] == ",".join(str(one["reverse_order_line_id"]) for one in kept)


@pytest.mark.parametrize("scale", [1, 1000])
def test_times_come_in_seconds_or_milliseconds(scale: int) -> None:
    times = {
        "return_order_line_gmt_create": START_AT * scale,
        "return_order_line_gmt_modified": (START_AT + 60) * scale,
        "sla": (START_AT + HOUR) * scale,
    }
    found = mapped(line(**times))
    assert (found.created_at, found.updated_at) == (START_AT, START_AT + 60)
    (clock,) = found.clocks
    assert (clock.kind, clock.due_at, clock.source) == (ClockKind.RETURN, START_AT + HOUR, "lazada:sla")
    arrived = mapped(line(**times, reverse_status="BUYER_RETURN_ITEM", ofc_status="RETURN_DELIVERED"))
    assert [clock.kind for clock in arrived.clocks] == [ClockKind.INSPECT]
    assert mapped(line(**{**times, "sla": 0})).clocks == ()


@given(minor=st.integers(0, 2**62), currency=st.sampled_from(["MYR", "THB", "PHP", "SGD", "VND"]))
def test_cents_and_whole_dong_are_read_as_they_are(minor: int, currency: str) -> None:
    assert mapped(line(refund_amount=minor), currency=currency).value == Money(minor, currency)


@given(rupiah=st.integers(0, 2**55), rest=st.integers(1, 99))
def test_indonesia_counts_hundredths_of_whole_rupiah(rupiah: int, rest: int) -> None:
    assert amount(rupiah * 100, "IDR") == Money(rupiah, "IDR")
    with pytest.raises(ValueError, match="decimals"):
        amount(rupiah * 100 + rest, "IDR")


@pytest.mark.parametrize("value", [2**63, -1, 551.5, "12,3.4.5", None, True])
def test_amounts_that_are_no_whole_number_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="refund_amount"):
        mapped(line(refund_amount=value))


# --- reading --------------------------------------------------------------------------------------------------


async def test_the_sweep_and_the_changes_find_every_request_of_the_seller() -> None:
    async with house(regions=("MY",), orders=1300, returns=190) as at:
        world = {case.id: case for case in at.sandbox.world.returns.every()}
        pages = [page async for page in at.returns.waiting(at.store)]
        found = [each for page in pages for each in page.requests]
        assert {each.return_id for each in found} == {no for no, case in world.items() if case.is_open}
        assert sum(page.total or 0 for page in pages) == len(found) > 100
        now = int(at.clock.now())
        changed = [
            each async for page in at.returns.changed(at.store, now - 60 * 86400, now + 60) for each in page.requests
        ]
        assert {each.return_id for each in changed} == set(world) and len(changed) == len(world)
        late = [each async for page in at.returns.changed(at.store, now + 1, now + 60) for each in page.requests]
        assert late == []
        assert any(each.state is S.JUDGED and not each.answers for each in found)


async def test_a_request_in_full_has_the_buyers_pictures(at: House) -> None:
    return_id = at.asks("return", trouble="wrong_item")
    case = at.sandbox.world.returns.every()[-1]
    found = await at.returned(return_id)
    assert (found.evidence, found.reason, found.order_no) == (case.pictures, "Wrong item was sent", case.order.id)
    assert found.ship_to and [each.order_line_id for each in found.lines] == [unit.line.id for unit in case.units]
    assert [event.who for event in await at.returns.history(at.store, found)] == ["buyer"]


async def test_a_bad_record_is_set_aside_and_an_unknown_status_shown(at: House) -> None:
    good, money, nameless = (at.asks() for _ in range(3))
    at.sandbox.poke("malform_return", return_id=money, how="bad_money")
    at.sandbox.poke("malform_return", return_id=nameless, how="missing_id")
    pages = [page async for page in at.returns.waiting(at.store)]
    assert [each.return_id for page in pages for each in page.requests] == [good]
    assert {aside.order_no for page in pages for aside in page.set_aside} == {money, ""}
    at.sandbox.poke("unknown_return_status", return_id=good)
    assert (await at.returned(good)).state is S.UNKNOWN


# --- answering ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("units", [1, 2])
@pytest.mark.parametrize(
    ("ask", "about", "word", "more", "then"),
    [
        ("refund", {}, A.AGREE, {}, S.REFUNDED),
        ("refund", {}, A.REFUND_ONLY, {}, S.REFUNDED),
        ("refund", {}, A.REFUSE, {"comment": WORDS, "pictures": 1}, S.JUDGED),
        ("return", {}, A.AGREE, {}, S.BUYER_SENDS),
        ("return", {}, A.REFUND_ONLY, {}, S.REFUNDED),
        ("return", {}, A.REFUSE, {"comment": WORDS, "reason_id": REASON}, S.REFUSED),
        ("return", {"stage": "arrived"}, A.GOODS_OK, {}, S.REFUNDED),
        (
            "return",
            {"stage": "arrived"},
            A.GOODS_REFUSED,
            {"comment": WORDS, "reason_id": REASON, "pictures": 1},
            S.REFUSED,
        ),
    ],
)
async def test_every_answer_has_its_effect_once(
    at: House, units: int, ask: str, about: dict[str, Any], word: ReturnAnswer, more: dict[str, Any], then: ReturnState
) -> None:
    world = at.sandbox.world
    order = next(
        order
        for order in world.orders_of(at.store.shop_id)
        if order.delivered_at is not None and len(order.open_lines) >= units and not world.returns.of_order(order)
    )
    poked = at.sandbox.poke("buyer_returns", order_id=order.id, ask=ask, units=units, **about)
    return_id = str(poked["return_id"])
    found = await at.returned(return_id)
    if "pictures" in more:
        link = await at.returns.upload(at.store, found, "box.jpg", b"\xff\xd8\xff" + bytes(40))
        more = {**more, "pictures": (str(link),)}
    assert len(found.lines) == units
    await has_its_effect_once(at, answer(return_id, word, **more), word, then)


async def test_goods_confirmed_in_seller_center_are_answered_all_the_same(at: House) -> None:
    return_id = at.asks("return", stage="arrived")
    case = at.sandbox.world.returns.every()[-1]
    at.sandbox.world.returns.confirm_goods(case, START_AT)
    assert await give(at, answer(return_id, A.GOODS_OK)) == (Verdict.DONE, None)
    assert [effect for _, effect in at.effects()] == ["refused", "applied"]


@pytest.mark.parametrize(
    ("ask", "about", "word", "pictures", "reasons"),
    [
        ("return", {}, A.REFUSE, 0, True),
        ("return", {"stage": "arrived"}, A.GOODS_REFUSED, 1, True),
        ("refund", {}, A.REFUSE, 1, False),
    ],
)
async def test_refusals_are_looked_at_one_by_one_and_never_sent_without_what_they_want(
    at: House, ask: str, about: dict[str, Any], word: ReturnAnswer, pictures: int, reasons: bool
) -> None:
    return_id = at.asks(ask, **about)
    needs = await at.returns.needs(at.store, await at.returned(return_id), word)
    assert isinstance(needs, AnswerNeeds)
    assert (needs.batch, needs.comment_needed, needs.pictures) == (False, True, pictures)
    assert (REASON in {reason.reason_id for reason in needs.reasons}) is reasons
    evidence = (Verdict.REFUSED, CauseId.EVIDENCE)
    assert await give(at, answer(return_id, word, reason_id=REASON)) == evidence
    if pictures:
        assert await give(at, answer(return_id, word, reason_id=REASON, comment=WORDS)) == evidence
    else:
        wrong = answer(return_id, word, reason_id="1", comment=WORDS)
        assert await give(at, wrong) == (Verdict.REFUSED, CauseId.REASON)
    assert not at.effects()


@pytest.mark.parametrize(
    ("about", "word", "why", "cause"),
    [
        ({"ask": "refund"}, A.OFFER, "no_offer", CauseId.UNSUPPORTED),
        ({"ask": "return", "stage": "on_way"}, A.GOODS_OK, "goods_not_back", CauseId.WRONG_STATE),
        ({"ask": "return", "platform_checks": True}, A.REFUND_ONLY, "platform_decides", CauseId.PLATFORM_DECIDES),
        ({"ask": "refund", "stage": "withdrawn"}, A.AGREE, "return_closed", CauseId.REQUEST_CLOSED),
    ],
)
async def test_what_cannot_be_answered_is_known_before_and_never_sent(
    at: House, about: dict[str, Any], word: ReturnAnswer, why: str, cause: CauseId
) -> None:
    await is_known_before(at, about, word, why, (Verdict.REFUSED, cause))


async def test_a_foreign_request_is_not_ours(at: House) -> None:
    foreign = at.asks("refund", store=at.stores[1])
    assert await give(at, answer(foreign, A.AGREE)) == (Verdict.REFUSED, CauseId.NOT_OURS)


@pytest.mark.parametrize("word", [A.AGREE, A.REFUND_ONLY, A.REFUSE])
@pytest.mark.parametrize(("fate", "verdict"), FATES)
async def test_a_lost_answer_is_read_back(at: House, word: ReturnAnswer, fate: str, verdict: Verdict) -> None:
    request = answer(at.asks("return", units=1), word, reason_id=REASON, comment=WORDS)
    await is_read_back(at, request, "/reverse/return/update$", fate, verdict)


async def test_an_answer_lost_between_two_units_is_finished_by_the_next_try(at: House) -> None:
    world = at.sandbox.world
    order = next(one for one in world.orders_of(at.store.shop_id) if one.delivered_at and len(one.open_lines) == 3)
    return_id = str(at.sandbox.poke("buyer_returns", order_id=order.id, ask="refund")["return_id"])
    at.sandbox.faults.replace(
        [{"match": {"path": "/onlyrefund/seller/decide$", "nth": 2}, "do": {"drop_before": True}}]
    )
    request = answer(return_id, A.AGREE)
    with pytest.raises(Temporary):
        await give(at, request)
    found = await at.returned(return_id)
    assert found.state is S.ASKED and len(dict(found.wire)["lines"].split(",")) == 2
    assert await read_back(at, request) is Verdict.NOT_DONE
    assert await give(at, request) == (Verdict.DONE, None)
    assert [effect for _, effect in at.effects()] == ["applied"] * 3
    assert (await at.returned(return_id)).state is S.REFUNDED


@pytest.mark.parametrize(
    ("code", "then", "expected"),
    [
        ("114", "REFUND_SUCCESS", (Verdict.ALREADY, None)),
        ("114", "REQUEST_CANCEL", (Verdict.REFUSED, CauseId.REQUEST_CLOSED)),
        ("114", "REQUEST_INITIATE", (Verdict.WAIT, CauseId.WRONG_STATE)),
        ("127", "REQUEST_INITIATE", (Verdict.REFUSED, CauseId.NOT_OURS)),
    ],
)
async def test_an_answer_overtaken_by_another_is_judged_by_what_it_became(
    clock: DrivenClock, code: str, then: str, expected: tuple[Verdict, CauseId | None]
) -> None:
    def listed(status: str) -> httpx.Response:
        items = [record(line(reverse_status=status), request_type="ONLY_REFUND")]
        content = {"success": True, "page_no": 1, "page_size": 50, "total": 1, "items": items}
        return httpx.Response(200, json={"result": content, "code": "0", "request_id": "r"})

    refusal = httpx.Response(200, json={"type": "ISP", "code": code, "message": "no", "request_id": "r"})
    script = {
        "/rest/reverse/getreverseordersforseller": [listed("REQUEST_INITIATE"), listed(then)],
        "/rest/order/reverse/onlyrefund/seller/decide": refusal,
    }
    shop = ScriptedShop(clock, script)
    (outcome,) = await shop.shop.desks[Verb.ANSWER_RETURN].send(store(), [answer("703551900128842", A.AGREE)])
    assert told(outcome) == expected

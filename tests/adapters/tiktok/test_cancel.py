"""Cancelling as the seller and answering buyers who ask: reasons, refusals, lost answers and what reading back says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shoptui.adapters.base import Effect, Temporary, Unsupported, Verdict
from shoptui.adapters.desks import Choices, Outcome, Request
from shoptui.adapters.tiktok.cancellations import reason_text
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.orders import Flag, Order, Status
from shoptui.domain.verbs import CancelAnswer, CancelChoice
from tests.adapters.tiktok.sandboxed import House, fault, house
from tests.adapters.tiktok.support import DETAIL, ScriptedShop, no, ok, order, page, store, unit

STOCK = "seller_cancel_reason_out_of_stock"
PRICE = "seller_cancel_reason_wrong_price"
PACKED = "seller_reject_apply_product_has_been_packed"
CREATE = "/return_refund/202309/cancellations"
SEARCH = "/return_refund/202309/cancellations/search"
CREATE_RULE = "/cancellations$"


def cancel(order_no: str, reason: str = STOCK, *line_ids: str) -> Request:
    return Request(order_no, order_no, CancelChoice(reason, line_ids=line_ids))


def answer(order_no: str, accept: bool, reason: str = "", *, key: str = "k1", comment: str = "") -> Request:
    return Request(order_no, order_no, CancelAnswer(accept, reason, comment), key)


def told(outcome: Outcome) -> tuple[Verdict, CauseId | None]:
    return outcome.verdict, outcome.cause.id if outcome.cause else None


async def waiting(at: House, count: int = 1) -> list[str]:
    found = list(dict.fromkeys(request.order_no for request in await at.shippable()))
    assert len(found) >= count
    return found[:count]


async def asked(at: House, count: int = 1) -> list[str]:
    """Orders whose buyers have just asked to cancel."""
    numbers = await waiting(at, count)
    for order_no in numbers:
        at.sandbox.poke("buyer_cancel_request", order_id=order_no)
    return numbers


# --- the seller cancels ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["TH", "GB", "US", "JP", "PH"])
async def test_every_offered_reason_cancels_and_a_repetition_changes_nothing(region: str) -> None:
    async with house(regions=(region,), orders=200) as at:
        desk = at.desk(Verb.CANCEL)
        orders = [each for each in await at.orders() if desk.why_not(at.store, each) is None]
        to_ship = [each for each in orders if each.status is Status.TO_SHIP]
        choices = await at.shop.choices(at.store, Verb.CANCEL, to_ship[0])
        assert isinstance(choices, Choices) and len(choices.reasons) >= 2
        assert {"Out of stock", "Pricing error"} <= {reason.text for reason in choices.reasons}
        assert {one.text for one in choices.reasons if one.reason_id in choices.line_reasons} == {"Out of stock"}
        assert bool(choices.whole_only) is (region not in {"GB", "US"}), "single units go in two markets only"
        requests = [
            cancel(each.order_no, reason.reason_id) for each, reason in zip(to_ship, choices.reasons, strict=False)
        ]
        outcomes = await desk.send(at.store, requests)
        assert {told(outcome) for outcome in outcomes} == {(Verdict.DONE, None)}
        assert all(outcome.facts["cancel_id"] for outcome in outcomes)
        assert [entry["op"] for entry in at.sandbox.journal()] == ["cancel"] * len(requests)
        assert {each.verdict for each in await desk.read_back(at.store, requests)} == {Verdict.DONE}
        assert {told(outcome) for outcome in await desk.send(at.store, requests)} == {(Verdict.ALREADY, None)}
        why = desk.why_not(at.store, await at.order(requests[0].order_no))
        assert why is not None and why.id == "closed"


async def test_unpaid_orders_have_their_own_reasons() -> None:
    async with house(orders=300) as at:
        unpaid = next(each for each in await at.orders() if each.status is Status.UNPAID)
        choices = await at.shop.choices(at.store, Verb.CANCEL, unpaid)
        assert isinstance(choices, Choices)
        assert "Buyer did not pay on time" in {reason.text for reason in choices.reasons}
        (outcome,) = await at.desk(Verb.CANCEL).send(at.store, [cancel(unpaid.order_no, PRICE)])
        assert told(outcome) == (Verdict.REFUSED, CauseId.REASON)


async def test_each_refusal_of_a_cancellation_has_its_cause() -> None:
    async with house(regions=("TH", "VN"), orders=400) as at:
        desk = at.desk(Verb.CANCEL)
        partly = await one_line_of_three(at)
        unknown, misfit, asking, arranged = [no for no in await waiting(at, 5) if no != partly.order_no][:4]
        foreign = (await at.orders(at.stores[1]))[0].order_no
        at.sandbox.poke("buyer_cancel_request", order_id=asking)
        await at.ship.send(at.store, [each for each in await at.shippable() if each.order_no == arranged])
        cases = [
            (cancel(unknown, "because"), CauseId.REASON),
            (cancel(misfit, "seller_cancel_paid_reason_address_not_deliver"), CauseId.REASON),
            (cancel(asking), CauseId.CANCEL_REQUESTED),
            (cancel(arranged), CauseId.WRONG_STATE),
            (cancel(foreign), CauseId.NOT_OURS),
            (cancel("577999999999999999"), CauseId.NOT_OURS),
            (cancel(partly.order_no, STOCK, partly.lines[0].line_id), CauseId.WHOLE_ONLY),
        ]
        outcomes = [(await desk.send(at.store, [request]))[0] for request, _ in cases]
        assert [told(each) for each in outcomes] == [(Verdict.REFUSED, cause) for _, cause in cases]
        assert {entry["effect"] for entry in at.sandbox.journal() if entry["op"] == "cancel"} == {"refused"}
        ids = [why.id if (why := desk.why_not(at.store, await at.order(no))) else None for no in (arranged, asking)]
        assert ids == ["arranged", "answer_first"]


@pytest.mark.parametrize(("fate", "verdict"), [("drop_after", Verdict.DONE), ("drop_before", Verdict.NOT_DONE)])
async def test_a_lost_cancellation_is_read_back(fate: str, verdict: Verdict) -> None:
    async with house(orders=200) as at:
        desk = at.desk(Verb.CANCEL)
        (order_no,) = await waiting(at)
        at.sandbox.faults.replace([fault(CREATE_RULE, **{fate: True})])
        with pytest.raises(Temporary) as caught:
            await desk.send(at.store, [cancel(order_no)])
        assert caught.value.effect is Effect.POSSIBLE
        assert len(at.sandbox.journal()) == (1 if fate == "drop_after" else 0)
        (reading,) = await desk.read_back(at.store, [cancel(order_no)])
        assert reading.verdict is verdict
        (again,) = await desk.send(at.store, [cancel(order_no)])
        assert again.verdict is (Verdict.ALREADY if fate == "drop_after" else Verdict.DONE)


async def one_line_of_three(at: House) -> Order:
    """An order with a line of several units and nothing against it."""
    return next(
        each
        for each in await at.orders()
        if at.desk(Verb.CANCEL).why_not(at.store, each) is None
        and each.status is Status.TO_SHIP
        and len(each.lines) > 1
        and any(line.quantity > 1 for line in each.lines)
    )


@pytest.mark.parametrize("whole_line", [True, False])
async def test_single_units_or_whole_lines_are_cancelled_where_the_market_allows(whole_line: bool) -> None:
    async with house(regions=("GB",), orders=400) as at:
        desk = at.desk(Verb.CANCEL)
        found = await one_line_of_three(at)
        line = next(line for line in found.lines if line.quantity > 1)
        wish = line.line_id if whole_line else line.unit_ids[-1]
        request = cancel(found.order_no, f"{STOCK}_uk", wish)
        (outcome,) = await desk.send(at.store, [request])
        assert told(outcome) == (Verdict.DONE, None)
        gone = {each.id for each in at.sandbox.world.orders[found.order_no].lines if each.cancelled_at is not None}
        assert gone == (set(line.unit_ids) if whole_line else {line.unit_ids[-1]})
        (reading,) = await desk.read_back(at.store, [request])
        assert reading.verdict is Verdict.DONE
        other = cancel(found.order_no, f"{STOCK}_uk", *(each.line_id for each in found.lines if each is not line))
        whole = cancel(found.order_no, f"{STOCK}_uk")
        assert [each.verdict for each in await desk.read_back(at.store, [other])] == [Verdict.NOT_DONE]
        assert [each.verdict for each in await desk.read_back(at.store, [whole])] == [Verdict.NOT_DONE]
        assert (await at.order(found.order_no)).status is Status.TO_SHIP


async def test_units_cancelled_in_part_by_somebody_are_a_persons_to_judge() -> None:
    async with house(regions=("GB",), orders=400) as at:
        desk = at.desk(Verb.CANCEL)
        found = await one_line_of_three(at)
        first, *_, last = [unit for line in found.lines for unit in line.unit_ids]
        await desk.send(at.store, [cancel(found.order_no, f"{STOCK}_uk", last)])
        both = cancel(found.order_no, f"{STOCK}_uk", first, last)
        (reading,) = await desk.read_back(at.store, [both])
        assert reading.verdict in {Verdict.UNDECIDED, Verdict.WAIT}
        assert "SELLER" in reading.facts["cancellation"]


def listed(status: str, *units: str, role: str = "SELLER", kind: str = "CANCEL", at: int = 10) -> dict[str, Any]:
    return {
        "cancel_id": f"40353185040866041{at:02d}",
        "order_id": order()["id"],
        "cancel_type": kind,
        "cancel_status": status,
        "role": role,
        "create_time": at,
        "update_time": at,
        "cancel_line_items": [{"order_line_item_id": each} for each in units],
    }


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (listed("CANCELLATION_REQUEST_PENDING", unit()["id"]), Verdict.WAIT),
        (listed("CANCELLATION_REQUEST_SUCCESS", unit()["id"]), Verdict.WAIT),
        (listed("CANCELLATION_REQUEST_CANCEL", unit()["id"]), Verdict.NOT_DONE),
        (listed("CANCELLATION_REQUEST_SUCCESS", "999"), Verdict.NOT_DONE),
        (listed("CANCELLATION_REQUEST_PENDING", unit()["id"], role="BUYER", kind="BUYER_CANCEL"), Verdict.NOT_DONE),
        (None, Verdict.NOT_DONE),
    ],
)
async def test_a_cancellation_listed_but_not_on_the_order_yet_is_in_between(
    clock: DrivenClock, record: dict[str, Any] | None, verdict: Verdict
) -> None:
    script = {SEARCH: ok({"cancellations": [record] if record else []}), DETAIL: page(order())}
    shop = ScriptedShop(clock, script)
    (reading,) = await shop.shop.desks[Verb.CANCEL].read_back(store(), [cancel(order()["id"])])
    assert reading.verdict is verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("CANCELLATION_REQUEST_SUCCESS", Verdict.DONE),
        ("CANCELLATION_REQUEST_COMPLETE", Verdict.DONE),
        ("CANCELLATION_REQUEST_PENDING", Verdict.WAIT),
        ("", Verdict.WAIT),
    ],
)
async def test_only_a_finished_cancellation_counts_as_done(clock: DrivenClock, status: str, verdict: Verdict) -> None:
    shop = ScriptedShop(clock, {CREATE: ok({"cancel_id": "4", "cancel_status": status})})
    (outcome,) = await shop.shop.desks[Verb.CANCEL].send(store(), [cancel(order()["id"])])
    assert outcome.verdict is verdict
    assert shop.bodies() == [{"order_id": order()["id"], "cancel_reason": STOCK}]


@pytest.mark.parametrize("code", [25001010, 25001011, 25001051, 25020009])
@pytest.mark.parametrize(
    ("status", "verdict"), [("CANCELLED", Verdict.ALREADY), ("AWAITING_SHIPMENT", Verdict.REFUSED)]
)
async def test_a_code_with_two_meanings_is_told_apart_by_the_order(
    clock: DrivenClock, code: int, status: str, verdict: Verdict
) -> None:
    shop = ScriptedShop(clock, {CREATE: no(code, "no"), DETAIL: page(order(status=status))})
    (outcome,) = await shop.shop.desks[Verb.CANCEL].send(store(), [cancel(order()["id"])])
    assert outcome.verdict is verdict


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (25001003, CauseId.WRONG_STATE),
        (25001014, CauseId.REASON),
        (25001015, CauseId.REASON),
        (25001020, CauseId.REASON),
        (25001021, CauseId.REASON),
        (25001045, CauseId.ALREADY_SHIPPED),
        (25001046, CauseId.FROZEN),
        (25005010, CauseId.WHOLE_ONLY),
        (25005011, CauseId.WHOLE_ONLY),
        (25007006, CauseId.NOT_OURS),
        (25020005, CauseId.NO_PERMISSION),
    ],
)
async def test_codes_of_cancellations(clock: DrivenClock, code: int, cause: CauseId) -> None:
    shop = ScriptedShop(clock, {CREATE: no(code, "no")})
    (outcome,) = await shop.shop.desks[Verb.CANCEL].send(store(), [cancel(order()["id"])])
    assert told(outcome) == (Verdict.REFUSED, cause)


async def test_a_lock_conflict_may_pass() -> None:
    async with house(orders=200) as at:
        (order_no,) = await waiting(at)
        at.sandbox.faults.replace([fault(CREATE_RULE, code=25001028)])
        with pytest.raises(Temporary):
            await at.desk(Verb.CANCEL).send(at.store, [cancel(order_no)])
        assert told((await at.desk(Verb.CANCEL).send(at.store, [cancel(order_no)]))[0]) == (Verdict.DONE, None)


def test_reasons_read_as_words() -> None:
    assert reason_text("seller_cancel_reason_out_of_stock_uk") == "Out of stock"
    assert reason_text("seller_cancel_reason_lost_in\x1b[31m_warehouse") == "Lost in warehouse"


@pytest.mark.parametrize(
    ("failures", "effect"),
    [
        ([httpx.ConnectError("no"), httpx.ReadTimeout("no")], Effect.POSSIBLE),
        ([httpx.ReadTimeout("no"), httpx.ConnectError("no")], Effect.POSSIBLE),
        ([httpx.ConnectError("no"), httpx.ConnectError("no")], Effect.NONE),
    ],
)
async def test_a_batch_of_which_nothing_was_answered_may_have_happened_if_one_of_it_may(
    clock: DrivenClock, failures: list[Any], effect: Effect
) -> None:
    shop = ScriptedShop(clock, {CREATE: failures})
    requests = [cancel(order(number)["id"]) for number in (1, 2)]
    with pytest.raises(Temporary) as caught:
        await shop.shop.desks[Verb.CANCEL].send(store(), requests)
    assert caught.value.effect is effect
    assert len(shop.asked) == 2


# --- the buyer asks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["TH", "GB"])
async def test_a_buyers_request_is_granted_or_refused_with_a_listed_reason(region: str) -> None:
    async with house(regions=(region,), orders=200) as at:
        desk = at.desk(Verb.ANSWER_CANCEL)
        yes, nay = await asked(at, 2)
        assert desk.why_not(at.store, await at.order(yes)) is None
        choices = await at.shop.choices(at.store, Verb.ANSWER_CANCEL, await at.order(nay))
        assert isinstance(choices, Choices) and PACKED in {reason.reason_id for reason in choices.reasons}
        reason = choices.reasons[-1].reason_id
        requests = [answer(yes, True), answer(nay, False, reason, key="k2", comment="On its way")]
        outcomes = await desk.send(at.store, requests)
        assert [told(outcome) for outcome in outcomes] == [(Verdict.DONE, None)] * 2
        assert {(entry["op"], entry["order_id"]) for entry in at.sandbox.journal()} == {
            ("approve_cancel", yes),
            ("reject_cancel", nay),
        }
        assert (await at.order(yes)).status is Status.CANCELLED
        refused = await at.order(nay)
        assert refused.status is Status.TO_SHIP and not refused.flags & Flag.CANCEL_REQUESTED
        assert {each.verdict for each in await desk.read_back(at.store, requests)} == {Verdict.DONE}
        assert {told(outcome) for outcome in await desk.send(at.store, requests)} == {(Verdict.ALREADY, None)}
        assert len(at.sandbox.journal()) == 2
        why = desk.why_not(at.store, refused)
        assert why is not None and why.id == "no_request"
        assert isinstance(await at.shop.choices(at.store, Verb.ANSWER_CANCEL, refused), Unsupported)


async def test_the_other_answer_comes_too_late() -> None:
    async with house(orders=200) as at:
        desk = at.desk(Verb.ANSWER_CANCEL)
        yes, nay = await asked(at, 2)
        await desk.send(at.store, [answer(yes, True), answer(nay, False, PACKED)])
        turned = [answer(yes, False, PACKED), answer(nay, True)]
        assert [told(each) for each in await desk.send(at.store, turned)] == [
            (Verdict.REFUSED, CauseId.REQUEST_CLOSED)
        ] * 2
        assert [each.verdict for each in await desk.read_back(at.store, turned)] == [Verdict.NOT_DONE] * 2


async def test_a_refusal_needs_one_of_the_reasons() -> None:
    async with house(orders=200) as at:
        desk = at.desk(Verb.ANSWER_CANCEL)
        first, second = await asked(at, 2)
        outcomes = await desk.send(at.store, [answer(first, False), answer(second, False, "because")])
        assert [told(each) for each in outcomes] == [(Verdict.REFUSED, CauseId.REASON)] * 2
        assert all(each.cause is not None and "packed" in each.cause.message for each in outcomes)
        assert at.sandbox.journal() == []


async def test_a_request_that_was_withdrawn_or_never_made_is_not_answered() -> None:
    async with house(orders=200) as at:
        desk = at.desk(Verb.ANSWER_CANCEL)
        withdrawn, never = await waiting(at, 2)
        at.sandbox.poke("buyer_cancel_request", order_id=withdrawn)
        at.sandbox.poke("withdraw_cancel", order_id=withdrawn)
        outcomes = await desk.send(at.store, [answer(withdrawn, True), answer(never, True)])
        assert [told(each) for each in outcomes] == [(Verdict.REFUSED, CauseId.REQUEST_CLOSED)] * 2
        readings = await desk.read_back(at.store, [answer(withdrawn, True), answer(never, True)])
        assert [each.verdict for each in readings] == [Verdict.NOT_DONE, Verdict.UNDECIDED]


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize(("fate", "verdict"), [("drop_after", Verdict.DONE), ("drop_before", Verdict.NOT_DONE)])
async def test_a_lost_answer_is_read_back(accept: bool, fate: str, verdict: Verdict) -> None:
    async with house(orders=200) as at:
        desk = at.desk(Verb.ANSWER_CANCEL)
        (order_no,) = await asked(at)
        request = answer(order_no, accept, "" if accept else PACKED)
        at.sandbox.faults.replace([fault("/(approve|reject)$", **{fate: True})])
        with pytest.raises(Temporary):
            await desk.send(at.store, [request])
        (reading,) = await desk.read_back(at.store, [request])
        assert reading.verdict is verdict
        (again,) = await desk.send(at.store, [request])
        assert again.verdict is (Verdict.ALREADY if fate == "drop_after" else Verdict.DONE)
        assert [entry["effect"] for entry in at.sandbox.journal()] == ["applied"]


async def test_one_lost_answer_among_many_is_that_rows_alone() -> None:
    async with house(orders=300) as at:
        desk = at.desk(Verb.ANSWER_CANCEL)
        numbers = await asked(at, 3)
        requests = [answer(order_no, True, key=f"k-{order_no}") for order_no in numbers]
        at.sandbox.faults.replace([fault("/approve$", drop_after=True)])
        outcomes = await desk.send(at.store, requests)
        assert sorted(outcome.verdict for outcome in outcomes) == [Verdict.DONE, Verdict.DONE, Verdict.WAIT]
        assert {each.verdict for each in await desk.read_back(at.store, requests)} == {Verdict.DONE}


async def test_a_buyer_who_asks_again_after_a_refusal_gets_a_second_answer() -> None:
    async with house(orders=200) as at:
        desk = at.desk(Verb.ANSWER_CANCEL)
        (order_no,) = await asked(at)
        refusal = answer(order_no, False, PACKED)
        await desk.send(at.store, [refusal])
        at.sandbox.advance(5)
        at.sandbox.poke("buyer_cancel_request", order_id=order_no)
        (reading,) = await desk.read_back(at.store, [refusal])
        assert reading.verdict is Verdict.UNDECIDED
        assert told((await desk.send(at.store, [answer(order_no, True, key="k9")]))[0]) == (Verdict.DONE, None)
        assert (await at.order(order_no)).status is Status.CANCELLED


@pytest.mark.parametrize(
    ("accept", "code", "then", "expected"),
    [
        (True, 25020010, "CANCELLATION_REQUEST_SUCCESS", (Verdict.ALREADY, None)),
        (True, 25001010, "CANCELLATION_REQUEST_CANCEL", (Verdict.REFUSED, CauseId.REQUEST_CLOSED)),
        (True, 25011012, "CANCELLATION_REQUEST_COMPLETE", (Verdict.ALREADY, None)),
        (False, 25020010, "CANCELLATION_REQUEST_SUCCESS", (Verdict.REFUSED, CauseId.REQUEST_CLOSED)),
        (False, 25011011, "CANCELLATION_REQUEST_CANCEL", (Verdict.ALREADY, None)),
        (True, 25020010, "CANCELLATION_REQUEST_PENDING", (Verdict.WAIT, None)),
        (True, 25011010, "CANCELLATION_REQUEST_PENDING", (Verdict.REFUSED, CauseId.PLATFORM_DECIDES)),
    ],
)
async def test_an_answer_overtaken_by_another_is_judged_by_what_it_became(
    clock: DrivenClock, accept: bool, code: int, then: str, expected: tuple[Verdict, CauseId | None]
) -> None:
    pending = listed("CANCELLATION_REQUEST_PENDING", role="BUYER", kind="BUYER_CANCEL")
    path = f"{CREATE}/{pending['cancel_id']}/{'approve' if accept else 'reject'}"
    shop = ScriptedShop(
        clock,
        {
            SEARCH: [ok({"cancellations": [pending]}), ok({"cancellations": [{**pending, "cancel_status": then}]})],
            "/return_refund/202309/reject_reasons": ok({"reasons": [{"name": PACKED, "text": "Packed"}]}),
            path: no(code, "no"),
        },
    )
    request = answer(order()["id"], accept, "" if accept else PACKED, key="same-key")
    (outcome,) = await shop.shop.desks[Verb.ANSWER_CANCEL].send(store(), [request])
    assert told(outcome) == expected
    sent = next(each for each in shop.asked if each.url.path == path)
    assert sent.url.params["idempotency_key"] == "same-key"


async def test_a_search_that_never_ends_is_given_up(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {SEARCH: ok({"cancellations": [], "next_page_token": "again"})})
    with pytest.raises(Exception, match="do not end"):
        await shop.shop.desks[Verb.ANSWER_CANCEL].read_back(store(), [answer(order()["id"], True)])

"""Cancelling at Lazada and deciding on buyers' wishes to: asked first, once each, settled by what the items say."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shoptui.adapters.base import Effect, Temporary, Verdict
from shoptui.adapters.desks import Choices
from shoptui.clock import DrivenClock
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.verbs import CancelAnswer, CancelChoice
from tests.adapters.lazada.support import (
    ITEMS,
    LOST,
    ORDER,
    ORDER_NO,
    PENDING,
    STORE,
    UNIT_1,
    UNIT_2,
    UNIT_3,
    ScriptedShop,
    item,
    items_of,
    no,
    ok,
    order,
    packed,
    read_back,
    request,
    send,
)
from tests.adapters.scripted import Reply

VALIDATE, CANCEL = "/rest/order/reverse/cancel/validate", "/rest/order/reverse/cancel/create"
MAY = ok({"tip_type": "warning", "reason_options": [{"reason_id": "10000021", "reason_name": "Out of Stock"}]})
DONE = ok({"tip_type": "success", "tip_content": "cancelled"})


async def test_cancelling_asks_first_then_cancels_all_that_can_be(clock: DrivenClock) -> None:
    units = items_of(item(UNIT_1), packed(UNIT_2, status="shipped"))
    shop = ScriptedShop(clock, {ITEMS: units, VALIDATE: MAY, CANCEL: DONE})
    outcome = await send(shop, request(CancelChoice("10000021")), Verb.CANCEL)
    assert outcome.verdict is Verdict.DONE
    assert shop.sent(CANCEL)[0]["order_item_id_list"] == f"[{UNIT_1}]"
    assert shop.sent(CANCEL)[0]["reason_id"] == "10000021"


@pytest.mark.parametrize(
    ("units", "is_whole"),
    [
        ([item(UNIT_1), item(UNIT_2)], False),
        ([packed(UNIT_1), packed(UNIT_2)], True),
        ([packed(UNIT_1), packed(UNIT_2, "FP2")], False),
        ([packed(UNIT_1), item(UNIT_2)], False),
        ([packed(UNIT_1), packed(UNIT_2, "FP2", status="shipped")], True),
    ],
)
async def test_what_is_packed_together_is_said_before_single_units_are_chosen(
    clock: DrivenClock, units: list[dict[str, Any]], is_whole: bool
) -> None:
    shop = ScriptedShop(clock, {ORDER: ok(order()), ITEMS: items_of(*units), VALIDATE: MAY})
    (found,) = (await shop.shop.orders_by_no(STORE, [ORDER_NO])).orders
    choices = await shop.shop.choices(STORE, Verb.CANCEL, found)
    assert isinstance(choices, Choices) and choices.reasons
    assert bool(choices.whole_only) is is_whole


async def test_units_named_one_by_one_go_whatever_has_become_of_their_line(clock: DrivenClock) -> None:
    gone_first = items_of(item(UNIT_1, status="canceled"), item(UNIT_2), item(UNIT_3, sku_id="9"))
    shop = ScriptedShop(clock, {ITEMS: gone_first, VALIDATE: MAY, CANCEL: DONE})
    both = request(CancelChoice("10000021", line_ids=(UNIT_1, UNIT_2)))
    assert (await send(shop, both, Verb.CANCEL)).verdict is Verdict.DONE
    assert shop.sent(CANCEL)[0]["order_item_id_list"] == f"[{UNIT_2}]"


async def test_a_cancellation_that_got_no_answer_is_not_repeated_although_it_is_a_get(clock: DrivenClock) -> None:
    shop = ScriptedShop(clock, {ITEMS: PENDING, VALIDATE: MAY, CANCEL: LOST})
    with pytest.raises(Temporary) as caught:
        await send(shop, request(CancelChoice("10000021")), Verb.CANCEL)
    assert caught.value.effect is Effect.POSSIBLE
    assert len(shop.sent(CANCEL)) == 1


@pytest.mark.parametrize(
    ("units", "args", "validate", "cause"),
    [
        ([item(UNIT_1)], CancelChoice("1"), MAY, CauseId.REASON),
        ([item(UNIT_1)], CancelChoice("10000021"), ok({"tip_type": "error", "tip_content": "no"}), CauseId.WRONG_STATE),
        ([packed(UNIT_1, status="shipped")], CancelChoice("10000021"), MAY, CauseId.WRONG_STATE),
        (
            [packed(UNIT_1, sku_id="1"), packed(UNIT_2, sku_id="2")],
            CancelChoice("10000021", line_ids=(UNIT_1,)),
            MAY,
            CauseId.WHOLE_ONLY,
        ),
        ([item(UNIT_1)], CancelChoice("10000021", line_ids=("42",)), MAY, CauseId.WRONG_STATE),
    ],
)
async def test_what_cannot_be_cancelled_is_refused(
    units: list[dict[str, Any]], args: CancelChoice, validate: httpx.Response, cause: CauseId, clock: DrivenClock
) -> None:
    shop = ScriptedShop(clock, {ITEMS: items_of(*units), VALIDATE: validate})
    outcome = await send(shop, request(args), Verb.CANCEL)
    assert outcome.verdict is Verdict.REFUSED
    assert outcome.cause is not None
    assert outcome.cause.id is cause


@pytest.mark.parametrize(
    ("units", "line_ids", "verdict"),
    [
        ([item(UNIT_1, status="canceled"), item(UNIT_2, status="canceled")], (), Verdict.DONE),
        ([packed(UNIT_1, status="ready_to_ship", is_cancel_pending=True)], (), Verdict.DONE),
        ([item(UNIT_1), item(UNIT_2)], (), Verdict.NOT_DONE),
        ([item(UNIT_1, status="canceled"), item(UNIT_2)], (UNIT_1,), Verdict.DONE),
        ([item(UNIT_1, sku="A"), item(UNIT_2)], (UNIT_1,), Verdict.NOT_DONE),
        ([item(UNIT_1, status="canceled"), item(UNIT_2)], (UNIT_1, UNIT_2), Verdict.UNDECIDED),
        ([item(UNIT_1, status="canceled"), packed(UNIT_2, status="shipped")], (), Verdict.UNDECIDED),
    ],
)
async def test_what_the_items_say_about_a_cancellation(
    units: list[dict[str, Any]], line_ids: tuple[str, ...], verdict: Verdict, clock: DrivenClock
) -> None:
    asked = request(CancelChoice("10000021", line_ids=line_ids))
    assert await read_back(ScriptedShop(clock, {ITEMS: items_of(*units)}), asked, Verb.CANCEL) is verdict


DECIDE = "/rest/order/reverse/cancel/seller/decide"
WISH: dict[str, Any] = {"need_cancel_confirm": True, "reverse_order_id": 703551900128842}


@pytest.mark.parametrize(("accept", "word"), [(True, "true"), (False, "false")])
async def test_a_buyers_wish_is_decided_once_for_each_request(accept: bool, word: str, clock: DrivenClock) -> None:
    units = items_of(item(UNIT_1, **WISH), item(UNIT_2, **WISH))
    shop = ScriptedShop(clock, {ITEMS: units, DECIDE: ok(None)})
    outcome = await send(shop, request(CancelAnswer(accept)), Verb.ANSWER_CANCEL)
    assert outcome.verdict is Verdict.DONE
    assert [(each["reverse_order_id"], each["agree_cancel"]) for each in shop.sent(DECIDE)] == [
        ("703551900128842", word)
    ]


@pytest.mark.parametrize(
    ("after", "accept", "verdict", "evidence"),
    [
        (item(UNIT_1, status="canceled"), True, Verdict.ALREADY, Verdict.DONE),
        (item(UNIT_1, status="canceled"), False, Verdict.REFUSED, Verdict.NOT_DONE),
        (item(UNIT_1), False, Verdict.ALREADY, Verdict.DONE),
        (item(UNIT_1), True, Verdict.REFUSED, Verdict.NOT_DONE),
        (item(UNIT_1, is_cancel_pending=True), True, Verdict.ALREADY, Verdict.DONE),
        (item(UNIT_1, **WISH), True, Verdict.WAIT, Verdict.NOT_DONE),
    ],
)
async def test_somebody_may_have_answered_before(
    after: dict[str, Any], accept: bool, verdict: Verdict, evidence: Verdict, clock: DrivenClock
) -> None:
    asked = request(CancelAnswer(accept))
    before_and_after: list[Reply] = [items_of(item(UNIT_1, **WISH)), items_of(after)]
    shop = ScriptedShop(clock, {ITEMS: before_and_after, DECIDE: no("131", "nothing to decide")})
    assert (await send(shop, asked, Verb.ANSWER_CANCEL)).verdict is verdict
    assert await read_back(shop, asked, Verb.ANSWER_CANCEL) is evidence

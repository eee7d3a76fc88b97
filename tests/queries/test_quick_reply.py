"""A quick reply over several conversations: what each buyer would read, who is left out and why, what is ordered."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shoptui.domain.intents import IntentState, Verb
from shoptui.domain.orders import Status
from shoptui.domain.reply_values import Empty, HouseSays, Subject
from shoptui.domain.templates import QuickReply
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.queries.ordering import order_requests
from shoptui.queries.quick_reply import Candidate, LeftOutId, ReplyBatch, numbers_for, prepare
from shoptui.words.quick_replies import left_out_words
from tests.domain.builders import an_order, local

BANGKOK = ZoneInfo("Asia/Bangkok")
NOW = local("Asia/Bangkok", "2026-03-04 10:00")
HOUSE = HouseSays(van=time(18, 0))

THANKS = QuickReply(1, "thanks", {"en": "Thank you, {buyer}!", "zh": "谢谢 {buyer}！", "th": "ขอบคุณค่ะ {buyer}"})
TRACKING = QuickReply(2, "tracking", {"en": "{tracking} with {carrier}"})
TODAY = QuickReply(3, "ships today", {"en": "{order} leaves at {van}", "zh": "{order} 今天 {van} 发出"})
OF_SHOPEE = QuickReply(3, "spx today", {"en": "SPX fetches {order} at {van}"}, ("sp-*",))
REPLIES = (THANKS, TRACKING, TODAY, OF_SHOPEE)


def thread(row_id: int = 1, **changes: Any) -> ThreadRow:
    made = ThreadRow(
        row_id=row_id,
        store_id="tt-th-1",
        thread_id=f"T{row_id}",
        marketplace="tiktok",
        region="TH",
        buyer=f"buyer {row_id}",
        buyer_id=f"B{row_id}",
        order_no=f"57640{row_id}",
        language="en",
        state=ThreadState.WAITING,
        unread=1,
        asked_at=NOW - 3600,
        next_at=NOW + 600 * row_id,
        next_kind="rply",
        missed=0,
        last_missed_at=None,
        last_at=NOW - 60,
        last_sender="buyer",
        last_words="?",
        last_message_id=f"M{row_id}",
        can_send=None,
        reply_at=NOW + 600 * row_id,
    )
    return replace(made, **changes)


def candidate(row_id: int = 1, *, tracking: str = "", status: Status = Status.TO_SHIP, **changes: Any) -> Candidate:
    row = thread(row_id, **changes)
    kept = {"buyer": row.buyer, "order": row.order_no, "store": "A store", "tracking": tracking, "carrier": "J&T"}
    order = an_order(status=status) if row.order_no else None
    values = {name: value for name, value in kept.items() if value}
    return Candidate(row, Subject(row.store_id, row.order_no, values, order, BANGKOK))


def batch(number: int, *candidates: Candidate, house: HouseSays = HOUSE) -> ReplyBatch:
    return prepare(number, REPLIES, candidates, house, operator="mei", now=NOW)


def said(found: ReplyBatch) -> list[str]:
    return [left_out_words(group, found.asked) for group in found.groups()]


def test_each_buyer_reads_the_own_values_in_the_own_language() -> None:
    found = batch(3, candidate(1), candidate(2, language="zh"))
    assert [each.text for each in found.ready] == ["576401 leaves at 18:00", "576402 今天 18:00 发出"]
    assert [(each.language, each.fell_back) for each in found.ready] == [("en", False), ("zh", False)]
    assert found.first_due_at(NOW) == NOW + 600
    assert found.first_due_at(NOW + 700) == NOW + 1200


@pytest.mark.parametrize("language", ["vi", ""])
def test_without_a_text_in_the_buyers_language_english_is_taken_and_said(language: str) -> None:
    (prepared,) = batch(3, candidate(language=language)).ready
    assert (prepared.language, prepared.fell_back) == ("en", True)


def test_a_conversation_that_lacks_a_value_is_left_out_by_name_and_reason() -> None:
    found = batch(2, *(candidate(number, tracking="TH01" if number > 2 else "") for number in range(1, 6)))
    assert [each.row.row_id for each in found.ready] == [3, 4, 5]
    assert said(found) == ["{tracking} is empty for 2 of 5: not shipped yet"]
    assert found.groups()[0].empty == (("tracking", Empty.NOT_SHIPPED),)


def test_different_reasons_are_different_groups_the_largest_first() -> None:
    gone = [candidate(number, status=Status.IN_TRANSIT) for number in (1, 2)]
    found = batch(3, *gone, candidate(3, order_no=""), candidate(4))
    assert said(found) == [
        "{van} is empty for 2 of 4: left already, or never will",
        "{order}, {van} are empty for 1 of 4: no order linked",
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"thread_id": ""}, LeftOutId.NOT_GRANTED),
        ({"can_send": False}, LeftOutId.CANNOT_SEND),
        ({"act_state": IntentState.HELD}, LeftOutId.UNDER_WAY),
        ({"act_state": IntentState.NEEDS_PERSON}, LeftOutId.UNDER_WAY),
        ({"act_state": IntentState.FAILED}, None),
        ({"act_state": IntentState.DONE}, None),
        ({"claimed_by": "an"}, LeftOutId.CLAIMED),
        ({"claimed_by": "mei"}, None),
    ],
)
def test_what_stands_against_a_reply(changes: dict[str, Any], reason: LeftOutId | None) -> None:
    found = batch(1, candidate(1, **changes), candidate(2))
    assert [each.reason for each in found.left_out] == ([] if reason is None else [reason])


def test_one_conversation_alone_may_be_a_colleagues() -> None:
    assert batch(1, candidate(claimed_by="an")).ready


def test_a_store_answers_with_its_own_reply_of_that_number() -> None:
    at_shopee = candidate(2, store_id="sp-th-1", marketplace="shopee")
    found = batch(3, candidate(1), at_shopee)
    assert [each.text for each in found.ready] == ["576401 leaves at 18:00", "SPX fetches 576402 at 18:00"]
    assert found.names == ("ships today", "spx today")
    assert numbers_for(REPLIES, ["tt-th-1"])[3] == ("ships today",)
    only_shopee = (OF_SHOPEE,)
    assert numbers_for(only_shopee, ["tt-th-1"]) == {}
    lacking = prepare(3, only_shopee, [candidate(1), at_shopee], HOUSE, operator="mei", now=NOW)
    assert [each.reason for each in lacking.left_out] == [LeftOutId.NO_TEXT]


def test_what_is_ordered_carries_text_template_and_the_message_last_seen() -> None:
    found = batch(1, candidate(1), candidate(2))
    (request,) = order_requests([found.part()], lambda: "b1")
    assert request["verb"] == Verb.REPLY.value
    first, second = request["intents"]
    assert (first["store_id"], first["target_kind"], first["target_id"]) == ("tt-th-1", "thread", "T1")
    assert first["args"] == {"text": "Thank you, buyer 1!", "after_message_id": "M1", "template": "1"}
    assert second["args"]["text"] == "Thank you, buyer 2!"
    assert first["clock_due_at"] == NOW + 600


def test_what_the_engine_refuses_is_left_out_with_its_sentence() -> None:
    found = batch(1, candidate(1), candidate(2)).without({2: "an answered it at 09:58."})
    assert [each.row.row_id for each in found.ready] == [1]
    assert said(found) == ["1 an answered it at 09:58."]
    assert found.asked == 2

"""Writing returns: versions, details lists leave out, clocks, wishes to cancel, and what is found in parcels."""

from __future__ import annotations

import sqlite3
from array import array
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptui.domain.clocks import HOUR_S, Clock, ClockKind, Consequence, StopEvent
from shoptui.domain.codec import CodecError
from shoptui.domain.intents import IntentState, NewIntent, TargetKind, Verb
from shoptui.domain.money import Money
from shoptui.domain.orders import Flag, HistoryEvent, Order, Status
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.return_clock import AtZero
from shoptui.domain.return_codec import decode_clocks, decode_return, encode_clocks, encode_return
from shoptui.domain.returns import ReturnAnswer, ReturnAsk, ReturnEvent, ReturnLine, ReturnRequest, ReturnState
from shoptui.paths import DataDir
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.returns import ReturnRow
from shoptui.queries.sorting import ReturnSort
from shoptui.store.reader import Reader
from shoptui.store.writer import Writer
from tests.store.factories import NOW, clocks_of_any_kind, order, package
from tests.store.return_factories import KEY, STORE, TenToTheDollar, WithinHours, deadline, request, return_line

ORDER_NO = "576461413048483920"


@pytest.fixture
async def reader(house: DataDir, writer: Writer) -> Any:
    async with await Reader.open(house) as opened:
        yield opened


async def put(writer: Writer, *requests: ReturnRequest, now: int = NOW) -> tuple[int, ...]:
    return (await writer.returns.put_requests(requests, now)).changed


async def row(reader: Reader, return_id: str = KEY[1], now: int = NOW) -> ReturnRow:
    row_id = await reader.returns.row_of(STORE, return_id)
    assert row_id is not None
    return (await reader.returns.rows([row_id], now))[0]


async def put_orders(writer: Writer, *orders: Order, now: int = NOW) -> tuple[int, ...]:
    return (await writer.upsert_orders(orders, seen_at=now, now=now)).returns


# Versions


async def test_a_copy_counts_when_it_is_newer_or_says_something_else(writer: Writer, reader: Reader) -> None:
    first = await writer.returns.put_requests([request()], NOW)
    assert (first.new, first.same, first.stale) == (1, 0, 0)
    assert first.turned == ((first.changed[0], None, ReturnState.ASKED),)
    again = await writer.returns.put_requests([request()], NOW + 60)
    assert (again.changed, again.new, again.same) == ((), 0, 1)
    old = await writer.returns.put_requests([request(state=ReturnState.REFUNDED, updated_at=NOW - 99 * HOUR_S)], NOW)
    assert (old.changed, old.stale) == ((), 1)
    newer = request(state=ReturnState.REFUNDED, updated_at=NOW, raw_state="REQUEST_COMPLETE")
    done = await writer.returns.put_requests([newer], NOW)
    assert done.turned == ((first.changed[0], ReturnState.ASKED, ReturnState.REFUNDED),)
    found = await row(reader)
    assert (found.state, found.raw_state, found.ended, found.next_at) == (
        ReturnState.REFUNDED,
        "REQUEST_COMPLETE",
        True,
        None,
    )


async def test_a_list_does_not_undo_what_a_request_told_by_itself(writer: Writer) -> None:
    await put(writer, request(ship_to="SZ-1", evidence=("a", "b"), goods_come_back=True))
    short = request(ship_to="", evidence=(), goods_come_back=None, buyer_note="", lines=(), clocks=())
    assert await put(writer, short) == ()
    # A newer version is taken as it is: what is gone from it is gone.
    assert await put(writer, replace(short, updated_at=NOW)) != ()
    facts = await writer.returns.facts(*KEY)
    assert facts is not None and facts.request.evidence == () and facts.request.ship_to == ""


async def test_whose_it_is_comes_from_the_order_whichever_is_first(writer: Writer, reader: Reader) -> None:
    await put_orders(writer, order(ORDER_NO))
    nameless = {"buyer_id": "", "buyer_name": ""}
    await put(writer, request("R1", **nameless), request("R2", order_no="77", **nameless))
    assert (await row(reader, "R1")).buyer == "somchai99"
    assert (await row(reader, "R2")).buyer == ""
    changed = await put_orders(writer, order("77", buyer_id="b9", buyer_name="mei"))
    found = await row(reader, "R2")
    assert (found.buyer, found.buyer_id, changed) == ("mei", "b9", (found.row_id,))


# Clocks


async def test_the_clock_of_a_request_ticks_and_is_missed(writer: Writer, reader: Reader) -> None:
    await put(writer, request())
    found = await row(reader)
    assert (found.next_at, found.next_kind, found.missed) == (NOW + 12 * HOUR_S, "retn", 0)
    assert await writer.returns.next_clock_at() == NOW + 12 * HOUR_S
    assert await writer.returns.soonest(STORE, NOW, NOW + 13 * HOUR_S) == NOW + 12 * HOUR_S
    assert await writer.returns.soonest("sp-vn-1", NOW, NOW + 13 * HOUR_S) is None
    assert await writer.returns.pass_clocks(NOW) == ()
    later = NOW + 12 * HOUR_S
    assert await writer.returns.pass_clocks(later) == (found.row_id,)
    passed = await row(reader, now=later)
    assert (passed.missed, passed.next_at, passed.last_missed_at, passed.answer_at) == (1, None, later, later)
    assert await writer.returns.pass_clocks(later + 1) == ()
    assert await writer.returns.next_clock_at() is None


async def test_rules_fill_what_the_marketplace_left_out_and_can_change(writer: Writer, reader: Reader) -> None:
    await put(writer, request(clocks=()))
    assert (await row(reader)).next_at is None
    writer.returns.follow(WithinHours(48 * HOUR_S), TenToTheDollar())
    changed = [rows async for rows in writer.returns.recompute_all(NOW)]
    found = await row(reader)
    assert changed == [(found.row_id,)]
    assert (found.next_at, found.usd_minor) == (NOW + 12 * HOUR_S, 890)
    assert [rows async for rows in writer.returns.recompute_all(NOW)] == []
    writer.returns.follow(WithinHours(40 * HOUR_S), TenToTheDollar())
    assert [rows async for rows in writer.returns.recompute_all(NOW)] == [(found.row_id,)]
    detail = await reader.returns.detail(found.row_id, NOW)
    assert detail is not None and [clock.due_at for clock in detail.request.clocks] == [NOW + 4 * HOUR_S]


async def test_goods_have_a_clock_from_when_they_were_first_said_to_be_back(writer: Writer, reader: Reader) -> None:
    writer.returns.follow(WithinHours(48 * HOUR_S), TenToTheDollar())
    plain = request(clocks=(), ask=ReturnAsk.RETURN)
    await put(writer, replace(plain, state=ReturnState.ON_WAY_BACK, updated_at=NOW - 300))
    assert (await row(reader)).next_at is None
    await put(writer, replace(plain, state=ReturnState.ARRIVED, updated_at=NOW - 200))
    await put(writer, replace(plain, state=ReturnState.ARRIVED, updated_at=NOW - 100, reason="other"))
    found = await row(reader)
    assert (found.goods_back_at, found.next_at, found.next_kind) == (NOW - 200, NOW - 200 + 48 * HOUR_S, "insp")


async def test_what_others_have_to_do_is_no_loss_of_ours(writer: Writer, reader: Reader) -> None:
    await put(writer, request(state=ReturnState.OFFERED))
    found = await row(reader)
    assert (found.next_at, found.answer_at, found.ours) == (None, None, False)


async def test_counts_are_of_what_waits_for_the_store(writer: Writer, reader: Reader) -> None:
    await put(
        writer,
        request("R1", clocks=(deadline(NOW + 1),)),
        request("R2", clocks=(deadline(NOW),)),
        request("R3"),
        request("R4", state=ReturnState.JUDGED),
        request("R5", state=ReturnState.CLOSED),
    )
    for counts in (await writer.counts(NOW), await reader.counts(), await reader.counts(NOW)):
        assert (counts.returns_waiting, counts.returns_missed, counts.returns_under_2h) == (3, 1, 1)
    assert await reader.returns.ours_of_stores() == {STORE: 3}
    assert await writer.returns.open_ids(STORE) == {"R1", "R2", "R3", "R4"}
    versions = await writer.returns.versions(STORE, ["R1", "R9"])
    assert versions == {"R1": NOW - 36 * HOUR_S}


# Wishes to cancel


def wishing(updated_at: int = NOW - 60, **changes: Any) -> Order:
    creq = Clock(
        ClockKind.CANCEL_REQUEST,
        NOW + 5 * HOUR_S,
        Consequence.AUTO_APPROVED,
        StopEvent.ANSWERED,
        "rule:tiktok-answer-cancel",
    )
    values: dict[str, Any] = {
        "flags": Flag.CANCEL_REQUESTED,
        "updated_at": updated_at,
        "history": (HistoryEvent(NOW - 120, "cancel_requested", "changed my mind"),),
        "clocks": (creq,),
    }
    return order(ORDER_NO, **(values | changes))


async def test_a_wish_to_cancel_stands_among_the_returns(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put_orders(writer, wishing())
    found = (await reader.returns.rows([row_id], NOW))[0]
    assert found.return_id == f"cancel:{ORDER_NO}"
    assert (found.ask, found.state, found.next_kind, found.next_at) == (
        ReturnAsk.CANCEL,
        ReturnState.ASKED,
        "creq",
        NOW + 5 * HOUR_S,
    )
    assert (found.created_at, found.reason, found.buyer) == (NOW - 120, "changed my mind", "somchai99")
    assert found.answers == {ReturnAnswer.AGREE, ReturnAnswer.REFUSE}
    detail = await reader.returns.detail(row_id, NOW)
    assert detail is not None and detail.zero.what is AtZero.CANCELLED
    assert await writer.returns.open_ids(STORE) == set()


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"flags": Flag.NONE, "status": Status.CANCELLED}, ReturnState.REFUNDED),
        ({"flags": Flag.CANCEL_REQUESTED, "status": Status.CANCELLED}, ReturnState.REFUNDED),
        ({"flags": Flag.NONE}, ReturnState.CLOSED),
    ],
)
async def test_a_wish_ends_with_its_order(
    writer: Writer, reader: Reader, changes: dict[str, Any], state: ReturnState
) -> None:
    (row_id,) = await put_orders(writer, wishing())
    assert await put_orders(writer, wishing(NOW, history=(), **changes)) == (row_id,)
    found = (await reader.returns.rows([row_id], NOW))[0]
    assert (found.state, found.next_at, found.elsewhere) == (state, None, True)
    # What was asked and when stays, though the order no longer says so.
    assert (found.created_at, found.reason) == (NOW - 120, "changed my mind")


async def test_a_second_wish_is_asked_anew(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put_orders(writer, wishing())
    await put_orders(writer, wishing(NOW - 30, flags=Flag.NONE))
    await put_orders(writer, wishing(NOW, history=(HistoryEvent(NOW - 5, "cancel_requested"),)))
    found = (await reader.returns.rows([row_id], NOW))[0]
    assert (found.state, found.created_at, found.elsewhere) == (ReturnState.ASKED, NOW - 5, False)


async def test_a_change_of_rules_moves_the_clock_of_a_wish(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put_orders(writer, wishing())

    def earlier(found: Order) -> tuple[Clock, ...]:
        return tuple(replace(clock, due_at=NOW + HOUR_S) for clock in found.clocks)

    assert [rows async for rows in writer.recompute_all(earlier, NOW)]
    assert (await reader.returns.rows([row_id], NOW))[0].next_at == NOW + HOUR_S


async def test_orders_cached_before_returns_have_their_wishes_found(house: DataDir) -> None:
    async with await Writer.open(house, NOW) as writer:
        await put_orders(writer, wishing(), order("78"))
    with sqlite3.connect(house.cache) as db:
        db.execute("DELETE FROM return_request")
        db.execute("DELETE FROM return_text")
        db.execute("UPDATE meta SET value = 0 WHERE name = 'wishes_known'")
    async with await Writer.open(house, NOW), await Reader.open(house) as reader:
        assert await reader.returns.row_of(STORE, f"cancel:{ORDER_NO}") is not None
        assert await reader.returns.row_of(STORE, "cancel:78") is None


# The desk and the outbox


async def answer(writer: Writer, return_id: str = KEY[1], **changes: Any) -> int:
    made = NewIntent(Verb.ANSWER_RETURN, STORE, ORDER_NO, TargetKind.RETURN, return_id, args={"answer": "refund_only"})
    accepted = await writer.accept_batch(
        f"b-{return_id}", made.verb, "mei", "tty1", [replace(made, **changes)], [NOW + 10], NOW
    )
    return accepted.intent_ids[0]


async def test_the_row_shows_what_was_ordered_on_it(writer: Writer, reader: Reader) -> None:
    await put(writer, request())
    intent_id = await answer(writer)
    found = await row(reader)
    assert (found.act_state, found.act_answer) == (IntentState.HELD, "refund_only")
    detail = await reader.returns.detail(found.row_id, NOW)
    assert detail is not None and [intent.intent_id for intent in detail.intents] == [intent_id]
    (candidate,) = await reader.returns.candidates([found.row_id], NOW, "mei")
    assert candidate.act is IntentState.HELD


async def test_an_answer_of_ours_is_told_from_one_given_elsewhere(writer: Writer, house: DataDir) -> None:
    await put(writer, request("R1"), request("R2"))
    intent_id = await answer(writer, "R1")
    with sqlite3.connect(house.ledger) as db:
        db.execute("UPDATE outbox SET state = 'done' WHERE intent_id = ?", (intent_id,))
    done = {"state": ReturnState.REFUNDED, "updated_at": NOW}
    await put(writer, request("R1", **done), request("R2", **done))
    async with await Reader.open(house) as reader:
        assert (await row(reader, "R1")).elsewhere is False
        assert (await row(reader, "R2")).elsewhere is True


async def test_the_orders_notes_tags_and_claims_are_the_returns(writer: Writer, reader: Reader) -> None:
    await put(writer, request())
    key = (STORE, ORDER_NO)
    await writer.note(key, "an", "gift, be kind", NOW)
    await writer.tag([key], "fragile", "an", True, NOW)
    await writer.claim([key], "an", True, NOW)
    found = await row(reader)
    assert (found.has_note, found.tags, found.claimed_by) == (True, ("fragile",), "an")
    (candidate,) = await reader.returns.candidates([found.row_id], NOW, "an")
    assert candidate.claimed_by == ""


async def test_a_parcel_is_checked_in_and_looked_at_again(writer: Writer, reader: Reader) -> None:
    (row_id,) = await put(writer, request(state=ReturnState.ARRIVED))
    assert await writer.returns.check_in([KEY], ParcelCondition.OPENED, "seal broken", "an", NOW) == (row_id,)
    await writer.returns.check_in([KEY], ParcelCondition.INCOMPLETE, "lid missing", "mei", NOW + 9)
    assert (await row(reader)).condition is ParcelCondition.INCOMPLETE
    detail = await reader.returns.detail(row_id, NOW)
    assert detail is not None
    assert [(one.operator, one.condition.value, one.note) for one in detail.checks] == [
        ("mei", "incomplete", "lid missing"),
        ("an", "opened", "seal broken"),
    ]


async def test_the_detail_tells_who_bought_packed_and_asked_before(
    writer: Writer, reader: Reader, house: DataDir
) -> None:
    parcel = package("P1", weight_g=420)
    await put_orders(writer, order(ORDER_NO, packages=(parcel,)), order("78"), order("79"))
    shipped = NewIntent(Verb.SHIP, STORE, ORDER_NO, TargetKind.PACKAGE, "P1")
    await writer.accept_batch("b-ship", Verb.SHIP, "an", "tty1", [shipped], [NOW], NOW)
    with sqlite3.connect(house.ledger) as db:
        db.execute("UPDATE outbox SET state = 'done'")
    await put(
        writer,
        request("R0", order_no="78", created_at=NOW - 99 * HOUR_S, state=ReturnState.CLOSED),
        request(),
        request("R3", order_no="79", created_at=NOW),
    )
    events = [ReturnEvent(NOW - 5, "buyer", "asked", "broken", ("https://pictures.invalid/1.jpg",))]
    row_id = await writer.returns.put_events(*KEY, events)
    assert row_id is not None and await writer.returns.put_events(*KEY, events) is None
    assert await writer.returns.put_events(STORE, "R9", events) is None
    detail = await reader.returns.detail(row_id, NOW)
    assert detail is not None and detail.order is not None and detail.order.order_no == ORDER_NO
    assert (detail.buyer.orders, detail.buyer.earlier_returns) == (3, 1)
    assert (detail.packed_by, detail.weight_g, list(detail.events)) == ("an", 420, events)
    assert await reader.returns.of_order(STORE, ORDER_NO) == [row_id]


async def test_a_store_that_goes_takes_its_returns_and_one_that_is_renamed_keeps_them(
    writer: Writer, reader: Reader
) -> None:
    await put(writer, request(), request("R2", store_id="sp-vn-1"))
    await writer.rename_store(STORE, "tt-th-9")
    moved = await writer.returns.facts("tt-th-9", KEY[1])
    assert moved is not None and moved.request.store_id == "tt-th-9"
    await writer.remove_store("tt-th-9")
    assert await writer.returns.facts("tt-th-9", KEY[1]) is None
    assert await writer.returns.facts("sp-vn-1", "R2") is not None


async def test_a_forgotten_buyers_words_do_not_come_back(writer: Writer, reader: Reader, house: DataDir) -> None:
    (row_id,) = await put(writer, request())
    events = [ReturnEvent(NOW - 5, "buyer", "asked", "颜色错了", ("https://pictures.invalid/1.jpg",))]
    await writer.returns.put_events(*KEY, events)
    await writer.erase_buyer(STORE, ORDER_NO, NOW)
    for again in (False, True):
        if again:
            # The marketplace still says it, and the house reads it once more.
            await put(writer, request(updated_at=NOW, state=ReturnState.JUDGED))
            await writer.returns.put_events(*KEY, events)
        detail = await reader.returns.detail(row_id, NOW)
        assert detail is not None
        assert (detail.request.buyer_note, detail.request.evidence, detail.row.buyer) == ("", (), "")
        assert (detail.events[0].note, detail.events[0].links, detail.events[0].what) == ("", (), "asked")
        assert detail.row.value_minor == 8900
        assert (await reader.returns.index(parse_returns("颜色"), ReturnSort(), now=NOW, operator="mei")).ids == array(
            "q"
        )
    await put(writer, request("R9", created_at=NOW + 1, updated_at=NOW + 1))
    assert (await row(reader, "R9")).buyer == "Wipha P"


# The form it is kept in

_TEXT = st.text(max_size=8)
_MONEY = st.builds(Money, st.integers(0, 10**12), st.sampled_from(["THB", "VND", "USD"]))
requests_of_any_kind = st.builds(
    ReturnRequest,
    store_id=st.just(STORE),
    return_id=st.just(KEY[1]),
    order_no=_TEXT,
    ask=st.sampled_from(ReturnAsk),
    state=st.sampled_from(ReturnState),
    raw_state=_TEXT,
    value=_MONEY,
    created_at=st.integers(0, NOW),
    updated_at=st.integers(0, NOW),
    reason_id=_TEXT,
    reason=_TEXT,
    buyer_note=_TEXT,
    buyer_id=_TEXT,
    buyer_name=_TEXT,
    lines=st.lists(
        st.builds(ReturnLine, _TEXT, _TEXT, _TEXT, _TEXT, _TEXT, _TEXT, st.integers(1, 9), st.none() | _MONEY),
        max_size=2,
    ).map(tuple),
    evidence=st.lists(_TEXT, max_size=2).map(tuple),
    answers=st.frozensets(st.sampled_from(ReturnAnswer)),
    goods_come_back=st.none() | st.booleans(),
    tracking_number=_TEXT,
    carrier_name=_TEXT,
    ship_to=_TEXT,
    disputed=st.booleans(),
    clocks=st.lists(clocks_of_any_kind, max_size=2).map(tuple),
    wire=st.lists(st.tuples(_TEXT, _TEXT), max_size=2).map(tuple),
)


@given(requests_of_any_kind)
@settings(max_examples=60)
def test_what_is_kept_reads_back_the_same(one: ReturnRequest) -> None:
    assert decode_return(encode_return(one), STORE, KEY[1]) == one
    assert decode_clocks(encode_clocks(one.clocks)) == one.clocks


@pytest.mark.parametrize("text", ["", "[]", "[9]", "{}", "[1,2]", "null"])
def test_what_is_no_return_is_refused(text: str) -> None:
    with pytest.raises(CodecError):
        decode_return(text, STORE, "R1")


def test_a_line_without_an_amount_of_its_own() -> None:
    one = request(lines=(return_line(refund=None),))
    assert decode_return(encode_return(one), STORE, KEY[1]) == one

"""Return clocks: whose time wins, from when a rule counts, which of two rules, and what happens at zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shoptui.domain.clocks import HOUR_S, Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.money import Money
from shoptui.domain.return_clock import AtZero, ReturnBook, Zero, at_zero
from shoptui.domain.returns import ENDED, ReturnAsk, ReturnRequest, ReturnState
from shoptui.domain.rule_format import parse_rule_file
from shoptui.domain.rule_types import RuleError
from shoptui.domain.rules import Basis, RuleBook
from shoptui.domain.stores import Store
from shoptui.rulebook import load_rule_book

TIKTOK = Store("tt-th-1", "tiktok", "TH", "1", "Bags", "Asia/Bangkok", "THB", "tiktok")
SHOPEE = Store("sp-vn-1", "shopee", "VN", "2", "Lamps", "Asia/Ho_Chi_Minh", "VND", "shopee")
LAZADA = Store("lz-sg-1", "lazada", "SG", "3", "Mugs", "Asia/Singapore", "SGD", "lazada")
STORES = (TIKTOK, SHOPEE, LAZADA)
#: A Friday, noon in Singapore.
ASKED_AT = int(datetime(2026, 11, 20, 4, 0, tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rule_book()


def request(**changes: Any) -> ReturnRequest:
    made = ReturnRequest(
        "tt-th-1",
        "R1",
        "5764",
        ReturnAsk.REFUND,
        ReturnState.ASKED,
        "PENDING",
        Money(8900, "THB"),
        ASKED_AT,
        ASKED_AT,
    )
    return replace(made, **changes)


def field(due_at: int, **changes: Any) -> Clock:
    made = Clock(
        ClockKind.RETURN,
        due_at,
        Consequence.BUYER_PAID,
        StopEvent.ANSWERED,
        "tiktok:deadline",
        ClockScope.RETURN,
        "R1",
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("store", "ask", "hours"),
    [
        (TIKTOK, ReturnAsk.REFUND, 48),
        (TIKTOK, ReturnAsk.RETURN, 48),
        (TIKTOK, ReturnAsk.REPLACE, 24),
        (SHOPEE, ReturnAsk.RETURN, 48),
        # Two working days from a Friday end on Tuesday.
        (LAZADA, ReturnAsk.REFUND, 96),
    ],
    ids=["tiktok refund", "tiktok return", "tiktok replacement", "shopee", "lazada"],
)
def test_a_rule_fills_what_the_marketplace_left_out(book: RuleBook, store: Store, ask: ReturnAsk, hours: int) -> None:
    (clock,) = ReturnBook(book, STORES).clocks(request(store_id=store.store_id, ask=ask))
    assert (clock.kind, clock.due_at - ASKED_AT) == (ClockKind.RETURN, hours * HOUR_S)
    assert (clock.scope, clock.scope_id, clock.stopped_by) == (ClockScope.RETURN, "R1", StopEvent.ANSWERED)


def test_the_marketplaces_own_time_wins(book: RuleBook) -> None:
    own = field(ASKED_AT + 7)
    assert ReturnBook(book, STORES).clocks(request(clocks=(own,))) == (own,)


def test_advice_and_stopped_clocks_leave_the_gap_open(book: RuleBook) -> None:
    advice = field(ASKED_AT + 5, consequence=Consequence.ADVICE)
    stopped = field(ASKED_AT + 6, stopped_at=ASKED_AT + 1)
    found = ReturnBook(book, STORES).clocks(request(clocks=(advice, stopped)))
    assert found[:2] == (advice, stopped)
    assert found[2].source == "rule:tiktok-return"


def test_goods_that_came_back_have_a_clock_of_their_own(book: RuleBook) -> None:
    books = ReturnBook(book, STORES)
    back = request(state=ReturnState.ARRIVED, ask=ReturnAsk.RETURN)
    (clock,) = books.clocks(back, ASKED_AT + 1000)
    assert (clock.kind, clock.due_at) == (ClockKind.INSPECT, ASKED_AT + 1000 + 48 * HOUR_S)
    assert books.clocks(back) == ()


@pytest.mark.parametrize("state", sorted(set(ReturnState) - {ReturnState.ASKED, ReturnState.ARRIVED}))
def test_no_rule_runs_while_it_is_not_the_stores_turn(book: RuleBook, state: ReturnState) -> None:
    ruled = field(ASKED_AT, source="rule:tiktok-return")
    assert ReturnBook(book, STORES).clocks(request(state=state, clocks=(ruled,)), ASKED_AT) == ()
    assert at_zero(request(state=state)) == Zero(AtZero.NOTHING)


def test_applying_the_book_twice_changes_nothing(book: RuleBook) -> None:
    books = ReturnBook(book, STORES)
    once = request(clocks=books.clocks(request()))
    assert books.clocks(once) == once.clocks


def test_a_store_that_is_not_known_has_no_rules(book: RuleBook) -> None:
    assert ReturnBook(book).clocks(request()) == ()


def test_a_wish_to_cancel_keeps_its_orders_clocks(book: RuleBook) -> None:
    creq = field(ASKED_AT + 9, kind=ClockKind.CANCEL_REQUEST, source="rule:tiktok-answer-cancel")
    wish = request(ask=ReturnAsk.CANCEL, clocks=(creq,))
    assert ReturnBook(book, STORES).clocks(wish) == (creq,)


@pytest.mark.parametrize(
    ("changes", "zero"),
    [
        ({"ask": ReturnAsk.REFUND}, Zero(AtZero.BUYER_PAID, Money(8900, "THB"))),
        ({"ask": ReturnAsk.RETURN}, Zero(AtZero.RETURN_AGREED)),
        ({"ask": ReturnAsk.RETURN, "goods_come_back": False}, Zero(AtZero.BUYER_PAID, Money(8900, "THB"))),
        ({"ask": ReturnAsk.REPLACE}, Zero(AtZero.REPLACEMENT_AGREED)),
        ({"ask": ReturnAsk.CANCEL}, Zero(AtZero.CANCELLED, Money(8900, "THB"))),
        (
            {"ask": ReturnAsk.RETURN, "state": ReturnState.ARRIVED},
            Zero(AtZero.BUYER_PAID, Money(8900, "THB")),
        ),
        *(({"state": state}, Zero(AtZero.NOTHING)) for state in sorted(ENDED)),
    ],
)
def test_what_happens_at_zero(changes: dict[str, Any], zero: Zero) -> None:
    assert at_zero(request(**changes)) == zero


def test_every_clock_says_why(book: RuleBook) -> None:
    books = ReturnBook(book, STORES)
    (clock,) = books.clocks(request())
    why = books.explain(clock, request(), TIKTOK)
    assert why.base is Basis.RULE and why.rule_id == "tiktok-return" and "9.4" in why.source
    assert [step.text for step in why.steps] == [
        "Counted from Fri 20 Nov 2026 11:00 (Asia/Bangkok), when the buyer asked for it.",
        "Plus 48 hours: Sun 22 Nov 2026 11:00.",
    ]
    assert "申请" in books.explain(clock, request(), TIKTOK, language="zh_CN").steps[0].text
    own = books.explain(field(ASKED_AT), request(), TIKTOK)
    assert own.base is Basis.FIELD and own.source == "tiktok:deadline"
    gone = books.explain(replace(clock, source="rule:old"), request(), TIKTOK)
    assert "return is next read" in gone.steps[0].text
    back = request(state=ReturnState.ARRIVED)
    (second,) = books.clocks(back, ASKED_AT)
    assert "goods were back" in books.explain(second, back, TIKTOK, ASKED_AT).steps[0].text


def test_an_extension_moves_what_a_rule_gives() -> None:
    source = {"who": "us", "title": "test", "seen": datetime(2026, 1, 1, tzinfo=UTC).date()}
    data: dict[str, object] = {
        "format": 1,
        "rule": [rule()],
        "extension": [{"id": "more", "marketplace": "tiktok", "kinds": ["retn"], "hours": 5, "source": source}],
    }
    books = ReturnBook(RuleBook.from_files([parse_rule_file(data, "own.toml")]), STORES)
    (clock,) = books.clocks(request())
    assert clock.due_at == ASKED_AT + 15 * HOUR_S
    assert books.explain(clock, request(), TIKTOK).extension_id == "more"


def rule(**changes: object) -> dict[str, object]:
    made: dict[str, object] = {
        "id": "own",
        "marketplace": "tiktok",
        "kind": "retn",
        "consequence": "buyer_paid",
        "stopped_by": "answered",
        "from": "requested",
        "hours": 10,
        "source": {"who": "us", "title": "test", "seen": datetime(2026, 1, 1, tzinfo=UTC).date()},
    }
    return {key: value for key, value in {**made, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"from": "goods_back"}, "write from = 'requested'"),
        ({"kind": "insp"}, "write from = 'goods_back'"),
        ({"kind": "arr"}, "set kind to one of insp, retn"),
        ({"stopped_by": "closed"}, "set stopped_by to answered"),
        ({"shipping_types": ["platform"]}, "a return has no shipping_types"),
        ({"asks": ["refnd"]}, "refnd"),
        ({"kind": "rply", "from": "asked", "asks": ["refund"]}, "asks goes with returns"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        parse_rule_file({"format": 1, "rule": [rule(**changes)]}, "own.toml")


def test_dates_are_judged_by_when_the_buyer_asked() -> None:
    day = datetime(2026, 11, 21, tzinfo=UTC).date()
    files = [parse_rule_file({"format": 1, "rule": [rule(first_day=day)]}, "own.toml")]
    books = ReturnBook(RuleBook.from_files(files), STORES)
    assert books.clocks(request()) == ()
    assert books.clocks(request(created_at=ASKED_AT + 24 * HOUR_S))

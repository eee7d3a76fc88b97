"""Reply clocks: which question waits, until when by the rule book, and why."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.clocks import Clock, ClockKind, ClockScope, Consequence, StopEvent
from shoptui.domain.messages import PEOPLE_OF_STORE, MessageKind, MessageState, Sender
from shoptui.domain.reply_clock import PEOPLE_AND_ROBOTS, Question, ReplyBook, Said, questions
from shoptui.domain.rule_text import StepId
from shoptui.domain.rule_types import RuleError
from shoptui.domain.rules import Basis, RuleBook
from shoptui.domain.stores import Store
from shoptui.rulebook import load_rule_book
from tests.domain.builders import SOURCE, a_book, a_rule, a_store, an_extension, local, shown

STORE_ID = "tt-th-1"
BUYER, STORE, ROBOT = Sender.BUYER, Sender.STORE, Sender.ROBOT


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rule_book()


def said(key: int, sender: Sender, at: int = 0, **more: object) -> Said:
    values: dict[str, object] = {"kind": MessageKind.TEXT, "state": MessageState.NORMAL, **more}
    return Said(f"{key:06}", sender, sent_at=at or key, **values)  # type: ignore[arg-type]


def a_reply_rule(rule_id: str = "reply", **keys: object) -> dict[str, object]:
    return a_rule(
        rule_id, kind="rply", consequence="reply_rate", stopped_by="answered", from_="asked", **{"hours": 12, **keys}
    )


def a_rate(rule_id: str = "rate", **keys: object) -> dict[str, object]:
    return {"id": rule_id, "marketplace": "tiktok", "least_percent": 80, "days": 30, "source": SOURCE, **keys}


# Which question waits


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], []),
        ([said(1, STORE)], []),
        ([said(1, BUYER)], [(1, None)]),
        ([said(1, BUYER), said(2, BUYER)], [(1, None)]),
        ([said(1, BUYER), said(2, STORE), said(3, STORE)], [(1, 2)]),
        ([said(1, BUYER), said(2, STORE), said(3, BUYER), said(4, BUYER)], [(1, 2), (3, None)]),
        ([said(1, BUYER), said(2, ROBOT)], [(1, None)]),
        ([said(1, BUYER), said(2, Sender.PLATFORM), said(3, Sender.SYSTEM)], [(1, None)]),
        ([said(1, BUYER, kind=MessageKind.NOTICE)], []),
        ([said(1, BUYER, state=MessageState.RECALLED), said(2, BUYER)], [(2, None)]),
        ([said(1, BUYER), said(2, STORE, state=MessageState.BLOCKED)], [(1, None)]),
        ([said(1, BUYER), said(2, STORE, state=MessageState.RECALLED)], [(1, None)]),
        ([said(1, BUYER), said(2, STORE, kind=MessageKind.PICTURE)], [(1, 2)]),
    ],
)
def test_a_question_runs_to_the_answer(messages: list[Said], expected: list[tuple[int, int | None]]) -> None:
    found = questions(messages, PEOPLE_OF_STORE)
    assert [(one.asked_at, one.answered_at) for one in found] == expected


def test_an_automatic_answer_counts_only_where_robots_do() -> None:
    talk = [said(1, BUYER), said(2, ROBOT)]
    assert questions(talk, PEOPLE_AND_ROBOTS) == [Question("000001", 1, 2)]
    assert questions(talk, PEOPLE_OF_STORE) == [Question("000001", 1, None)]


def test_an_answer_is_never_before_its_question() -> None:
    (one,) = questions([said(1, BUYER, at=100), said(2, STORE, at=90)], PEOPLE_OF_STORE)
    assert one.answered_at == 100


TALKS = st.lists(
    st.tuples(st.sampled_from(list(Sender)), st.sampled_from(list(MessageState)), st.integers(1, 50)), max_size=14
).map(
    lambda parts: [
        said(number, sender, at=1000 * number + late, state=state) for number, (sender, state, late) in enumerate(parts)
    ]
)


@given(TALKS, st.randoms())
def test_out_of_order_delivery_gives_the_same_questions(talk: list[Said], dice: object) -> None:
    mixed = list(talk)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert questions(mixed, PEOPLE_OF_STORE) == questions(talk, PEOPLE_OF_STORE)


@given(TALKS, st.integers(0, 14))
def test_going_on_after_an_answer_finds_what_was_found_from_the_start(talk: list[Said], cut: int) -> None:
    answers = [number for number, one in enumerate(talk[:cut]) if one.answers(PEOPLE_OF_STORE)]
    start = answers[-1] + 1 if answers else 0
    found = questions(talk, PEOPLE_OF_STORE)
    later = [one for one in found if not talk[:start] or one.asked_key > talk[start - 1].order_key]
    assert questions(talk[start:], PEOPLE_OF_STORE) == later


@given(TALKS)
def test_asking_again_never_gives_more_time(talk: list[Said]) -> None:
    before = questions(talk, PEOPLE_OF_STORE)
    after = questions([*talk, said(100, BUYER, at=10**6)], PEOPLE_OF_STORE)
    if before and before[-1].answered_at is None:
        assert after == before
    else:
        assert after == [*before, Question("000100", 10**6, None)]


@given(TALKS)
def test_an_answer_leaves_nothing_waiting_and_earlier_questions_alone(talk: list[Said]) -> None:
    before = questions(talk, PEOPLE_OF_STORE)
    after = questions([*talk, said(100, STORE, at=10**6)], PEOPLE_OF_STORE)
    assert [one.asked_at for one in after] == [one.asked_at for one in before]
    assert all(one.answered_at is not None for one in after)
    assert after[:-1] == before[:-1]


# Until when


@pytest.mark.parametrize(
    ("marketplace", "region", "asked", "due"),
    [
        # The twelve-hour rule begins on a day of the store's own time.
        ("tiktok", "TH", "2025-08-14 23:59", "2025-08-15 23:59:00"),
        ("tiktok", "TH", "2025-08-15 00:00", "2025-08-15 12:00:00"),
        ("tiktok", "US", "2026-11-20 22:00", "2026-11-21 22:00:00"),
        ("tiktok", "GB", "2026-11-20 22:00", "2026-11-21 22:00:00"),
        ("shopee", "MY", "2026-11-20 22:00", "2026-11-21 10:00:00"),
        ("lazada", "SG", "2026-11-20 17:59", "2026-11-20 19:00:00"),
        ("lazada", "SG", "2026-11-20 18:00", "2026-11-21 19:00:00"),
        # Saturday and Sunday count; Christmas does not.
        ("lazada", "SG", "2026-11-21 20:00", "2026-11-22 19:00:00"),
        ("lazada", "SG", "2026-12-24 18:30", "2026-12-26 19:00:00"),
        ("lazada", "SG", "2026-12-25 09:00", "2026-12-26 19:00:00"),
    ],
)
def test_the_packaged_rules_say_until_when(book: RuleBook, marketplace: str, region: str, asked: str, due: str) -> None:
    store = a_store(region, marketplace)
    clock = ReplyBook(book, [store]).clock(STORE_ID, "c7", local(store.time_zone, asked))
    assert clock is not None
    assert shown(store.time_zone, clock.due_at) == due
    assert (clock.kind, clock.scope, clock.scope_id) == (ClockKind.REPLY, ClockScope.THREAD, "c7")
    assert (clock.consequence, clock.stopped_by) == (Consequence.REPLY_RATE, StopEvent.ANSWERED)


def test_automatic_answers_count_where_and_when_the_rule_says(book: RuleBook) -> None:
    sea, britain = a_store("TH"), a_store("GB")
    before = local("Asia/Bangkok", "2025-08-01 12:00")
    assert ReplyBook(book, [sea]).answering(STORE_ID) == PEOPLE_OF_STORE
    assert ReplyBook(book, [sea]).answering(STORE_ID, before) == PEOPLE_AND_ROBOTS
    assert ReplyBook(book, [britain]).answering(STORE_ID) == PEOPLE_AND_ROBOTS
    for marketplace in ("shopee", "lazada"):
        assert ReplyBook(book, [a_store("MY", marketplace)]).answering(STORE_ID) == PEOPLE_OF_STORE


def test_what_is_not_known_has_no_clock(book: RuleBook) -> None:
    replies = ReplyBook(book, [a_store("BR", "lazada")])
    assert replies.clock("tt-xx-9", "c7", 1_700_000_000) is None
    assert replies.clock(STORE_ID, "c7", 1_700_000_000) is None
    assert replies.answering("tt-xx-9") == PEOPLE_OF_STORE
    assert replies.rate_rule("tt-xx-9", 1_700_000_000) is None


@pytest.mark.parametrize("marketplace", ["tiktok", "shopee", "lazada"])
@given(asked=st.integers(1_735_689_600, 1_830_297_600), later=st.integers(0, 10 * 86400))
def test_who_asks_later_is_never_due_earlier(marketplace: str, asked: int, later: int) -> None:
    # From the day of the newest rule on: a shorter rule that begins may well be due earlier than the one before.
    first = max(asked, local("Asia/Bangkok", "2025-08-15 00:00"))
    replies = ReplyBook(PACKAGED, [a_store("TH", marketplace)])
    one, other = (replies.clock(STORE_ID, "c7", at) for at in (first, first + later))
    assert one is not None and other is not None
    assert first < one.due_at <= other.due_at


PACKAGED = load_rule_book()


def test_every_market_we_sell_chats_in_has_a_rule(book: RuleBook) -> None:
    sold = {
        "tiktok": ("TH", "VN", "MY", "PH", "SG", "ID", "GB", "US", "DE", "JP"),
        "shopee": ("TH", "VN", "MY", "PH", "SG", "ID", "TW", "BR"),
        "lazada": ("TH", "VN", "MY", "PH", "SG", "ID"),
    }
    for marketplace, regions in sold.items():
        for region in regions:
            replies = ReplyBook(book, [a_store(region, marketplace)])
            assert replies.clock(STORE_ID, "c7", 1_795_000_000) is not None, (marketplace, region)
            assert replies.rate_rule(STORE_ID, 1_795_000_000) is not None, (marketplace, region)


@pytest.mark.parametrize(
    ("marketplace", "region", "at", "percent", "days"),
    [
        ("tiktok", "TH", "2025-08-01 12:00", 80, 30),
        ("tiktok", "TH", "2026-11-22 12:00", 85, 30),
        ("tiktok", "MY", "2026-11-22 12:00", 90, 30),
        ("tiktok", "US", "2026-11-22 12:00", 90, 30),
        ("shopee", "SG", "2026-11-22 12:00", 70, 30),
        ("shopee", "TH", "2026-11-22 12:00", 60, 90),
        ("lazada", "VN", "2026-11-22 12:00", 85, 7),
    ],
)
def test_the_rate_a_store_must_keep(
    book: RuleBook, marketplace: str, region: str, at: str, percent: int, days: int
) -> None:
    store = a_store(region, marketplace)
    rule = ReplyBook(book, [store]).rate_rule(STORE_ID, local(store.time_zone, at))
    assert rule is not None
    assert (rule.least_percent, rule.days) == (percent, days)


# Why


def explained(book: RuleBook, store: Store, asked_at: int, language: str = "en") -> list[str]:
    replies = ReplyBook(book, [store])
    clock = replies.clock(STORE_ID, "c7", asked_at)
    assert clock is not None
    return [step.text for step in replies.explain(clock, asked_at, store, language).steps]


def test_a_reply_clock_says_why(book: RuleBook) -> None:
    store = a_store("SG", "lazada")
    assert explained(book, store, local("Asia/Singapore", "2026-12-24 18:30")) == [
        "Counted from Thu 24 Dec 2026 18:30 (Asia/Singapore), the buyer's oldest message without an answer.",
        "That is not before the cut-off at 18:00, so it counts as Fri 25 Dec 2026.",
        "Due on that day, or the next business day of SG: Sat 26 Dec 2026 19:00.",
        "Only a person's answer stops it; an automatic one does not.",
    ]
    chinese = explained(book, store, local("Asia/Singapore", "2026-12-24 18:30"), "zh_CN")
    assert all(any("\u4e00" <= char <= "\u9fff" for char in text) for text in chinese)


def test_the_explanation_names_rule_source_and_day(book: RuleBook) -> None:
    store, asked_at = a_store("TH"), local("Asia/Bangkok", "2026-11-22 03:00")
    replies = ReplyBook(book, [store])
    clock = replies.clock(STORE_ID, "c7", asked_at)
    assert clock is not None
    why = replies.explain(clock, asked_at, store)
    assert (why.base, why.rule_id, why.on) == (Basis.RULE, "tiktok-sea-reply-12h", date(2026, 11, 22))
    assert why.source and why.source_date == date(2026, 11, 22)


def test_a_clock_of_the_house_says_so() -> None:
    clock = Clock(
        ClockKind.ESCALATION, 1_795_000_000, Consequence.NOTHING, StopEvent.CLOSED, "ours:escalated", ClockScope.THREAD
    )
    why = ReplyBook(a_book()).explain(clock, 1_794_000_000, a_store())
    assert why.base is Basis.HOUSE
    assert "escalated" in why.steps[0].text


def test_a_rule_that_changed_or_went_is_said() -> None:
    store, asked_at = a_store(), local("Asia/Bangkok", "2026-11-22 03:00")
    clock = ReplyBook(a_book(a_reply_rule(hours=24)), [store]).clock(STORE_ID, "c7", asked_at)
    assert clock is not None
    changed = ReplyBook(a_book(a_reply_rule(hours=12)), [store]).explain(clock, asked_at, store)
    assert changed.steps[-1].id is StepId.MOVED
    assert "when the conversation is next read" in changed.steps[-1].text
    gone = ReplyBook(a_book(), [store]).explain(clock, asked_at, store)
    assert [step.id for step in gone.steps] == [StepId.GONE]
    assert "when the conversation is next read" in gone.steps[-1].text


def test_an_extension_moves_reply_clocks_by_the_day_the_buyer_asked() -> None:
    more = an_extension(
        "songkran", kinds=["rply"], hours=48, first_day=date(2026, 4, 13), last_day=date(2026, 4, 15), regions=["TH"]
    )
    book = a_book(a_reply_rule(), extension=[more])
    store = a_store()
    replies = ReplyBook(book, [store])
    for asked, hours in (("2026-04-12 23:00", 12), ("2026-04-13 00:00", 60), ("2026-04-16 00:00", 12)):
        at = local("Asia/Bangkok", asked)
        clock = replies.clock(STORE_ID, "c7", at)
        assert clock is not None and clock.due_at - at == hours * 3600
    text = explained(book, store, local("Asia/Bangkok", "2026-04-13 00:00"))[2]
    assert "for conversations asked 2026-04-13 to 2026-04-15" in text


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"rule": [a_reply_rule(shipping_types=["platform"])]}, "a conversation has no shipping_types"),
        ({"rule": [a_reply_rule(dated_by="paid")]}, "a conversation has no dated_by"),
        ({"rule": [a_rule(robots_answer=True)]}, "robots_answer goes with reply clocks"),
        ({"rule": [a_reply_rule(weekends="open")]}, "weekends goes with business_days"),
        ({"extension": [an_extension(kinds=["rply", "arr"])]}, "write two extensions"),
        ({"rate": [a_rate(least_percent=0)]}, "least_percent = 0 is no share; give 1 to 100"),
        ({"rate": [a_rate(days=0)]}, "days = 0 is not between 1 and 366"),
        ({"rate": [a_rate(), a_rate("other")]}, "both set a response rate for the same tiktok stores"),
        ({"rate": [a_rate(), a_rate()]}, "the id 'rate' is given twice"),
        ({"rule": [a_reply_rule(), a_reply_rule("other")]}, "both set rply for the same tiktok conversations"),
    ],
)
def test_what_cannot_be_meant_is_refused(parts: dict[str, list[dict[str, object]]], sentence: str) -> None:
    rules = parts.pop("rule", [])
    with pytest.raises(RuleError) as caught:
        a_book(*rules, **parts)
    assert sentence in str(caught.value)


def test_a_rate_changes_the_digest() -> None:
    assert a_book(rate=[a_rate()]).digest != a_book(rate=[a_rate(least_percent=81)]).digest

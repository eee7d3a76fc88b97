"""Who gets a conversation, what answers by itself, and what of their rules is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.assign_rules import (
    Asked,
    AutoLimits,
    WorkingHours,
    assign_rule_for,
    automatic_answer,
    has_keyword,
    read_hours,
    whose_turn,
)
from shoptui.domain.inbox_rules import AssignRule, Matching, When, read_assign_rules, read_auto_replies
from shoptui.domain.rule_types import RuleError
from tests.domain.builders import a_calendar, a_file, local

BANGKOK = "Asia/Bangkok"
(THAI_CALENDAR,) = a_file(calendar=[a_calendar("TH", {date(2026, 12, 10): "Constitution Day"})]).calendars


def asked(text: str = "Where is my order?", store_id: str = "tt-th-1", language: str = "en", at: int = 1000) -> Asked:
    return Asked(store_id, language, text, at)


def a_rule(**keys: object) -> dict[str, object]:
    return {"name": "one", "to": ["mei"], **keys}


def an_auto(**keys: object) -> dict[str, object]:
    return {"name": "closed", "when": "outside_hours", "text": {"en": "We are closed."}, **keys}


# Whose it is

RULES = read_assign_rules(
    [
        a_rule(name="refunds", to=["boss"], keywords=["refund", "退款"]),
        a_rule(name="thai", to=["mei", "an"], stores=["tt-th-*"], languages=["th"]),
        a_rule(name="uk", to=["tom"], stores=["uk-*"]),
    ],
    "config.toml",
)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (asked("I want a Refund now"), "refunds"),
        (asked("我要退款"), "refunds"),
        (asked("ส่งเมื่อไหร่", language="th"), "thai"),
        (asked("ส่งเมื่อไหร่", language="th", store_id="sp-th-1"), None),
        (asked("hello"), None),
        (asked("hello", store_id="tt-uk-2"), "uk"),
        (asked("prerefund"), None),
    ],
)
def test_the_first_rule_of_which_everything_holds_decides(message: Asked, name: str | None) -> None:
    rule = assign_rule_for(RULES, message)
    assert (rule.name if rule else None) == name


def test_without_conditions_a_rule_is_for_everything() -> None:
    (rule,) = read_assign_rules([a_rule()], "config.toml")
    assert assign_rule_for([rule], asked("", store_id="x", language="")) is rule


@pytest.mark.parametrize(
    ("text", "keyword", "found"),
    [
        ("REFUNDED today", "refund", True),
        ("ｒｅｆｕｎｄ", "refund", True),
        ("please, refund!", "Refund", True),
        ("dispute", "put", False),
        ("什么时候发货", "发货", True),
        ("สินค้าเสียหาย", "เสีย", True),
        ("huỷ đơn", "đơn", True),
        ("c++ book", "c++", True),
    ],
)
def test_keywords_are_beginnings_of_words(text: str, keyword: str, found: bool) -> None:
    assert has_keyword(text, keyword) is found


@given(st.lists(st.sampled_from("abcde"), min_size=1, unique=True), st.integers(1, 20))
def test_turns_go_round_evenly(operators: list[str], times: int) -> None:
    rule = AssignRule("one", tuple(operators))
    got = []
    last = ""
    for _ in range(times * len(operators)):
        last = whose_turn(rule, last)
        got.append(last)
    assert got == operators * times


def test_who_is_away_is_passed_over() -> None:
    rule = AssignRule("one", ("mei", "an", "tom"))
    assert whose_turn(rule, "mei", away={"an"}) == "tom"
    assert whose_turn(rule, "mei", away={"an", "tom"}) == "mei"
    assert whose_turn(rule, "mei", away={"mei", "an", "tom"}) == ""
    assert whose_turn(rule, "somebody who left") == "mei"


# What answers by itself

AUTO = read_auto_replies(
    [
        an_auto(name="size", when="always", keywords=["size"], text={"en": "See the table.", "th": "ดูตาราง"}),
        an_auto(text={"en": "We are closed.", "zh": "我们已下班。"}),
    ],
    "config.toml",
)


@pytest.mark.parametrize(
    ("message", "is_open", "expected"),
    [
        (asked("what size?"), True, ("size", "en", "See the table.")),
        (asked("size?", language="th"), False, ("size", "th", "ดูตาราง")),
        (asked("你好", language="zh"), False, ("closed", "zh", "我们已下班。")),
        (asked("halo", language=""), False, ("closed", "en", "We are closed.")),
        (asked("hello"), True, None),
    ],
)
def test_the_first_automatic_reply_that_is_meant_answers(
    message: Asked, is_open: bool, expected: tuple[str, str, str] | None
) -> None:
    answer = automatic_answer(AUTO, message, sent_at=(), limits=AutoLimits(), is_open=is_open)
    assert (None if answer is None else (answer.rule, answer.language, answer.text)) == expected


def test_no_rules_no_answer() -> None:
    assert automatic_answer((), asked(), sent_at=(), limits=AutoLimits(), is_open=False) is None


@given(st.lists(st.integers(0, 500), max_size=40), st.integers(1, 4), st.integers(1, 200))
def test_a_conversation_never_gets_more_than_the_limit(moments: list[int], most: int, within_s: int) -> None:
    sent: list[int] = []
    for at in sorted(moments):
        if automatic_answer(AUTO, asked(at=at), sent_at=sent, limits=AutoLimits(most, within_s), is_open=False):
            sent.append(at)
    for at in sent:
        assert sum(at - within_s < other <= at for other in sent) <= most


# Working hours

DAYS = "mon tue wed thu fri"


@pytest.mark.parametrize(
    ("opens", "closes", "at", "is_open"),
    [
        ("09:00", "18:00", "2026-11-23 09:00", True),
        ("09:00", "18:00", "2026-11-23 17:59", True),
        ("09:00", "18:00", "2026-11-23 18:00", False),
        ("09:00", "18:00", "2026-11-23 08:59", False),
        ("09:00", "18:00", "2026-11-22 12:00", False),
        ("09:00", "18:00", "2026-12-10 12:00", False),
        ("22:00", "06:00", "2026-11-27 23:00", True),
        ("22:00", "06:00", "2026-11-28 05:59", True),
        ("22:00", "06:00", "2026-11-28 23:00", False),
        ("22:00", "06:00", "2026-11-23 05:00", False),
        ("22:00", "06:00", "2026-12-11 05:00", False),
        ("00:00", "00:00", "2026-11-23 12:00", True),
    ],
)
def test_hours_are_local_and_may_run_over_midnight(opens: str, closes: str, at: str, is_open: bool) -> None:
    hours = read_hours(opens, closes, DAYS, holidays_closed=True)
    assert hours is not None
    assert hours.is_open(local(BANGKOK, at), BANGKOK, THAI_CALENDAR) is is_open


def test_holidays_close_only_where_they_are_known_and_meant() -> None:
    at = local(BANGKOK, "2026-12-10 12:00")
    strict, loose = (read_hours("9:00", "18:00", DAYS, holidays_closed=closed) for closed in (True, False))
    assert isinstance(strict, WorkingHours) and isinstance(loose, WorkingHours)
    assert strict.is_open(at, BANGKOK, None)
    assert loose.is_open(at, BANGKOK, THAI_CALENDAR)
    assert read_hours("", "", DAYS, holidays_closed=True) is None


@pytest.mark.parametrize(
    ("opens", "closes", "days", "sentence"),
    [
        ("9", "18:00", DAYS, "opens must be a time such as '09:00', not '9'"),
        ("09:00", "", DAYS, "closes must be a time such as '09:00', not ''"),
        ("09:00", "24:00", DAYS, "closes must be a time"),
        ("09:00", "18:00", "monday", "open_days has 'monday', which is no day; use mon tue"),
        ("09:00", "18:00", "", "open_days is empty"),
    ],
)
def test_hours_that_make_no_sense_are_refused(opens: str, closes: str, days: str, sentence: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_hours(opens, closes, days, holidays_closed=True)
    assert sentence in str(caught.value)


# What is refused


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        ({}, "inbox.assign must be a list of tables; head each with [[inbox.assign]]"),
        ([a_rule(to=None) | {"to": []}], "to is an empty list"),
        ([{"name": "one"}], "inbox.assign one: to is missing"),
        ([{"to": ["mei"]}], "inbox.assign in place 1: name is missing"),
        ([a_rule(to=["mei an"])], "'mei an' is no operator"),
        ([a_rule(keyword=["x"])], "the key 'keyword' is not known; did you mean 'keywords'?"),
        ([a_rule(languages=["thai"])], "languages 'thai' is not known; did you mean 'th'?"),
        ([a_rule(), a_rule()], "the name 'one' is given twice"),
    ],
)
def test_assignment_rules_that_cannot_be_used_are_refused(tables: object, sentence: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_assign_rules(tables, "config.toml")
    assert str(caught.value).startswith("config.toml: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (an_auto(when="always"), "would answer every message; give it keywords"),
        (an_auto(when="never"), "when 'never' is not known; use one of always, outside_hours"),
        (an_auto(text={}), "inbox.auto_reply closed: give it a text, as in [inbox.auto_reply.text]"),
        (an_auto(text={"en": "{ordr}"}), "has {ordr}, which is no variable"),
        (an_auto(text="hello"), "give it a text"),
        (an_auto(most=3), "the key 'most' is not known"),
    ],
)
def test_automatic_replies_that_cannot_be_used_are_refused(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_auto_replies([table], "config.toml")
    assert sentence in str(caught.value)


def test_what_is_read_is_what_stands_there() -> None:
    (rule,) = read_auto_replies([an_auto(stores=["sp-*"], languages=["th"], keywords=["x"])], "config.toml")
    assert (rule.name, rule.when, dict(rule.texts)) == ("closed", When.OUTSIDE_HOURS, {"en": "We are closed."})
    assert rule.matching == Matching(("sp-*",), ("th",), ("x",))

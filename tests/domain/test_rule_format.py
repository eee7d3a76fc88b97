"""The rule files' format: what is read, and that every refusal says file, rule and what to do."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from shoptui.domain.clocks import ClockKind, Consequence, StopEvent
from shoptui.domain.orders import ShippingType
from shoptui.domain.rule_format import parse_rule_file
from shoptui.domain.rule_types import END_OF_DAY, Moment, RuleError, Span, Unit
from shoptui.domain.rules import RuleBook
from tests.domain.builders import SOURCE, a_book, a_calendar, a_file, a_rule, an_extension


def test_a_rule_is_read_with_all_its_conditions() -> None:
    table = a_rule(
        "sea-1",
        regions=["TH", "VN"],
        cities=["Dongguan", " Bangkok "],
        shipping_types=["platform"],
        priorities=[200, 300],
        first_day=date(2026, 1, 1),
        last_day=date(2026, 6, 30),
        dated_by="paid",
        business_days=2,
        ends="17:00",
        cut_off="14:00",
        day_zero="business_day",
        calendar="TH",
        time_zone="Asia/Bangkok",
    )
    (rule,) = a_file(table).rules
    assert (rule.kind, rule.consequence, rule.stopped_by) == (
        ClockKind.ARRANGE,
        Consequence.LATE_DISPATCH,
        StopEvent.ARRANGED,
    )
    assert rule.conditions.cities == {"dongguan", "bangkok"}
    assert rule.conditions.shipping_types == {ShippingType.PLATFORM}
    assert rule.conditions.priorities == {200, 300}
    assert (rule.conditions.first_day, rule.conditions.last_day) == (date(2026, 1, 1), date(2026, 6, 30))
    assert rule.conditions.dated_by is Moment.PAID
    assert rule.span == Span(2, Unit.BUSINESS_DAYS)
    assert (rule.ends_at, rule.cut_off, rule.day_zero_open) == (time(17), time(14), True)
    assert (rule.calendar, rule.time_zone) == ("TH", "Asia/Bangkok")
    assert (rule.source.who, rule.source.seen) == ("Seller Center", date(2026, 2, 1))


def test_what_is_left_out_means_any() -> None:
    (rule,) = a_file(a_rule()).rules
    assert rule.conditions.regions is rule.conditions.cities is rule.conditions.priorities is None
    assert rule.conditions.first_day is rule.conditions.last_day is None
    assert rule.time_zone == ""


@pytest.mark.parametrize(("word", "ends_at"), [("end_of_day", END_OF_DAY), ("same_time", None), ("09:30", time(9, 30))])
def test_when_a_count_of_days_ends(word: str, ends_at: time | None) -> None:
    (rule,) = a_file(a_rule(calendar_days=1, ends=word)).rules
    assert rule.ends_at == ends_at


def test_a_reply_rule_can_be_written_although_it_is_for_threads() -> None:
    table = a_rule("reply", kind="rply", consequence="reply_rate", stopped_by="answered", from_="asked", hours=12)
    (rule,) = a_file(table).rules
    assert (rule.kind, rule.counts_from) == (ClockKind.REPLY, Moment.ASKED)


BAD_RULES = [
    (a_rule(durration=3), "the key 'durration' is not known; known are"),
    (a_rule(hour=3), "the key 'hour' is not known; did you mean 'hours'?"),
    (a_rule(first_date=date(2026, 1, 1)), "the key 'first_date' is not known; did you mean 'first_day'?"),
    (a_rule(kind=None), "kind is missing; add it"),
    (a_rule(kind="hnd"), "kind 'hnd' is not known; did you mean 'hand'?"),
    (a_rule(consequence="late"), "consequence 'late' is not known"),
    (a_rule(marketplace="titkok"), "marketplace 'titkok' is not known; did you mean 'tiktok'?"),
    (a_rule(regions=["UK"]), "regions 'UK' is not known; use one of TH, VN"),
    (a_rule(regions=["th"]), "regions 'th' is not known; did you mean 'TH'?"),
    (a_rule(regions="TH"), "regions must be a list in square brackets, not 'TH'"),
    (a_rule(regions=[]), "regions is an empty list, which nothing can match; fill it or remove it"),
    (a_rule(cities=[3]), "cities must be a list of texts in quotes, not 3"),
    (a_rule(priorities=["200"]), "priorities must be a list of whole numbers, not '200'"),
    (a_rule(hours="48"), "hours must be a whole number without quotes, not '48'"),
    (a_rule(hours=True), "hours must be a whole number without quotes, not True"),
    (a_rule(hours=0), "hours = 0 is no length of time; give a count of 1 or more"),
    (a_rule(hours=-4), "hours = -4 is no length of time"),
    (a_rule(hours=100_000), "hours = 100000 is more than a year; check the number and the unit"),
    (a_rule(hours=None), "give exactly one of hours, calendar_days, business_days"),
    (a_rule(hours=4, calendar_days=2), "give exactly one of hours, calendar_days, business_days"),
    (a_rule(ends="end_of_day"), "ends goes with a count of days"),
    (a_rule(cut_off="14:00"), "cut_off goes with a count of days"),
    (a_rule(calendar_days=2), "ends is missing; add it"),
    (a_rule(calendar_days=2, ends="eod"), "ends must be a time such as '14:00' or one of same_time, end_of_day"),
    (a_rule(calendar_days=2, ends="24:00"), "ends must be a time such as '14:00'"),
    (a_rule(calendar_days=2, ends="same_time", cut_off="2pm"), "cut_off must be a time such as '14:00', not '2pm'"),
    (a_rule(calendar_days=2, ends="same_time", day_zero="any_day"), "day_zero goes with business_days"),
    (a_rule(calendar_days=0, ends="same_time"), "calendar_days = 0 ends the moment it starts"),
    (a_rule(calendar_days=0, ends="17:00"), "0 days end on the day they start, so give a cut_off that is not later"),
    (a_rule(calendar_days=0, ends="17:00", cut_off="18:00"), "give a cut_off that is not later than ends"),
    (a_rule(calendar="TH"), "calendar goes with business_days; remove it"),
    (a_rule(time_zone="Asia/Bankok"), "'Asia/Bankok' is no time zone; give an IANA name"),
    (a_rule(first_day="2026-01-01"), "first_day must be a date without quotes and time, such as 2026-03-01"),
    (a_rule(first_day=datetime(2026, 1, 1)), "first_day must be a date without quotes and time"),
    (a_rule(first_day=date(1926, 1, 1)), "first_day 1926-01-01 is not between 2015 and 2100; check the year"),
    (
        a_rule(first_day=date(2026, 2, 1), last_day=date(2026, 1, 1)),
        "last_day 2026-01-01 lies before first_day 2026-02-01",
    ),
    (a_rule(dated_by="arranged"), "dates are judged by when an order was created or paid"),
    (a_rule(stopped_by="answered"), "an order is never answered; set stopped_by to one of arranged, closed"),
    (a_rule(kind="rply", stopped_by="closed"), "a reply clock counts from the buyer's message; write from = 'asked'"),
    (a_rule(source=None), "source is missing; add it"),
    (a_rule(source="Seller Center"), "source must be a table with who, title, seen"),
    (a_rule(source={"who": "x", "title": "y"}), "source: give the day it was read"),
    (a_rule(source={**SOURCE, "url": "x"}), "source: the key 'url' is not known; known are who, title, seen"),
    (a_rule(source={**SOURCE, "who": " "}), "source: who must be a text in quotes"),
]


@pytest.mark.parametrize(("table", "sentence"), BAD_RULES, ids=[sentence[:40] for _, sentence in BAD_RULES])
def test_a_faulty_rule_is_refused_with_its_file_its_id_and_what_to_do(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(RuleError) as refused:
        a_file(table, name="own.toml")
    assert str(refused.value).startswith("own.toml: rule 'base': ")
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (an_extension(kinds=None), "kinds is missing; add it"),
        (an_extension(kinds=["arrange"]), "kinds 'arrange' is not known"),
        (an_extension(on_top_of_field="yes"), "on_top_of_field must be true or false, not 'yes'"),
        (an_extension(calendar_days=0), "calendar_days = 0 extends nothing"),
        (an_extension(ends="end_of_day"), "the key 'ends' is not known"),
    ],
)
def test_a_faulty_extension_is_refused_likewise(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(RuleError) as refused:
        a_file(name="own.toml", extension=[table])
    assert str(refused.value).startswith("own.toml: extension 'more': ")
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (a_calendar(region="Thailand"), "region is two capital letters"),
        (a_calendar(weekend=["sun", "saturday"]), "weekend 'saturday' is not known"),
        (a_calendar(weekend=["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), "all seven days are weekend"),
        (a_calendar(provisional_years=[2026]), "2026 is in years and in provisional_years; keep it in one"),
        (a_calendar(holidays={date(2025, 1, 1): "x"}), "2025 is in neither years nor provisional_years; add it to one"),
        ({**a_calendar(), "holidays": [{"day": date(2026, 1, 1)}]}, "holiday 1: name is missing; add it"),
        ({**a_calendar(), "holidays": [{"name": "x"}]}, "holiday 1: give its day"),
        (
            {**a_calendar(), "holidays": [{"day": date(2026, 1, 1), "name": "x"}] * 2},
            "holiday 2: 2026-01-01 is listed twice; keep one",
        ),
    ],
)
def test_a_faulty_calendar_is_refused_likewise(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(RuleError) as refused:
        a_file(name="own.toml", calendar=[table])
    assert str(refused.value).startswith("own.toml: calendar ")
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "own.toml: format is missing; add it"),
        ({"format": 2}, "own.toml: format 2 is not known to this version of shoptui; write format = 1"),
        ({"format": 1, "rules": []}, "own.toml: the key 'rules' is not known; did you mean 'rule'?"),
        ({"format": 1, "rule": {"id": "x"}}, "own.toml: rule must be a list of tables; head each with [[rule]]"),
        ({"format": 1, "rule": [{}]}, "own.toml: rule number 1: give it an id of lower-case letters"),
        ({"format": 1, "rule": [a_rule("Two words")]}, "own.toml: rule number 1: give it an id of lower-case letters"),
        (
            {"format": 1, "rule": [a_rule("x"), a_rule("x")]},
            "own.toml: the id 'x' is given twice; rename or remove one",
        ),
        (
            {"format": 1, "rule": [a_rule("x")], "extension": [an_extension("x")]},
            "own.toml: the id 'x' is given twice; rename or remove one",
        ),
        ({"format": 1, "calendar": [a_calendar(), a_calendar()]}, "own.toml: the calendar 'TH' is given twice"),
    ],
)
def test_a_faulty_file_is_refused_likewise(data: dict[str, object], sentence: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_rule_file(data, "own.toml")
    assert str(refused.value).startswith(sentence)


def test_a_later_file_replaces_by_id_and_switches_off() -> None:
    packaged = a_file(a_rule("x", hours=48), a_rule("y", kind="hand"), name="packaged.toml")
    own = a_file(a_rule("x", hours=24), name="own.toml", switched_off=["y"])
    book = RuleBook.from_files([packaged, own])
    assert [(rule.rule_id, rule.span.count, rule.file) for rule in book.rules] == [("x", 24, "own.toml")]


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        (
            {"switched_off": ["tiktok-gb-arange"]},
            "own.toml: switched_off names 'tiktok-gb-arange', which no earlier file has; "
            "did you mean 'tiktok-gb-arrange'?",
        ),
        (
            {"extension": [an_extension("tiktok-gb-arrange")]},
            "own.toml: extension 'tiktok-gb-arrange' has the id of rule 'tiktok-gb-arrange' in packaged.toml; "
            "give it another id",
        ),
    ],
)
def test_a_later_file_that_fits_nothing_is_refused(own: dict[str, object], sentence: str) -> None:
    packaged = a_file(a_rule("tiktok-gb-arrange"), name="packaged.toml")
    with pytest.raises(RuleError) as refused:
        RuleBook.from_files([packaged, a_file(name="own.toml", **own)])
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_rule("one"), a_rule("other")),
        (a_rule("one", regions=["TH"]), a_rule("other", regions=["TH", "VN"], priorities=[1])),
        (a_rule("one", cities=["Hanoi"]), a_rule("other", shipping_types=["seller"])),
        (
            a_rule("one", first_day=date(2026, 1, 1), last_day=date(2026, 1, 31)),
            a_rule("other", first_day=date(2026, 1, 1), last_day=date(2026, 1, 31)),
        ),
    ],
)
def test_two_rules_that_leave_a_deadline_undecided_are_refused(
    one: dict[str, object], other: dict[str, object]
) -> None:
    with pytest.raises(RuleError) as refused:
        a_book(one, other)
    sentence = str(refused.value)
    assert "rule 'other' and 'one' of test.toml both set arr for the same tiktok orders" in sentence
    assert "narrow one by region, city, shipping type or priority, or give it a later first_day" in sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_rule("one"), a_rule("other", kind="hand")),
        (a_rule("one"), a_rule("other", marketplace="shopee")),
        (a_rule("one", regions=["TH"]), a_rule("other", regions=["VN"])),
        (a_rule("one"), a_rule("other", regions=["VN"])),
        (a_rule("one"), a_rule("other", first_day=date(2026, 1, 1))),
        (a_rule("one", last_day=date(2025, 12, 31)), a_rule("other", first_day=date(2026, 1, 1))),
        (
            a_rule("one", first_day=date(2026, 1, 1)),
            a_rule("other", first_day=date(2026, 1, 1), last_day=date(2026, 1, 5)),
        ),
        (a_rule("one", cities=["Hanoi"]), a_rule("other", priorities=[1], first_day=date(2026, 1, 1))),
    ],
)
def test_rules_of_which_one_is_narrower_or_later_go_together(one: dict[str, object], other: dict[str, object]) -> None:
    assert len(a_book(one, other).rules) == 2


def test_two_extensions_of_the_same_kind_are_refused_too() -> None:
    with pytest.raises(RuleError, match=r"extension 'b' and 'a' of test\.toml both set hand"):
        a_book(extension=[an_extension("a", kinds=["arr", "hand"]), an_extension("b", kinds=["hand"])])


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            a_rule(regions=["TH", "VN"], business_days=2, ends="end_of_day"),
            "test.toml: rule 'base': there is no calendar for VN (known: TH); add a [[calendar]] for it",
        ),
        (
            a_rule(business_days=2, ends="end_of_day"),
            "test.toml: rule 'base': counts business days in any region; name the one in calendar",
        ),
        (
            a_rule(business_days=2, ends="end_of_day", calendar="CN"),
            "test.toml: rule 'base': there is no calendar for CN (known: TH)",
        ),
    ],
)
def test_business_days_need_a_calendar(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(RuleError) as refused:
        a_book(table, calendar=[a_calendar("TH")])
    assert str(refused.value).startswith(sentence)


def test_the_digest_follows_the_content_and_nothing_else() -> None:
    def digest(*rules: dict[str, object], name: str = "test.toml", **parts: object) -> str:
        return RuleBook.from_files([a_file(*rules, name=name, **parts)]).digest

    one, other = a_rule("one", cities=["Hanoi", "Hue"]), a_rule("other", kind="hand")
    same = digest(one, other)
    assert digest(other, {**one, "cities": ["Hue", "Hanoi"]}, name="renamed.toml") == same
    holiday = a_calendar(holidays={date(2026, 1, 1): "New Year"})
    different = [digest(one), digest({**one, "hours": 47}, other), digest(one, other, calendar=[holiday])]
    assert len({same, *different}) == 4

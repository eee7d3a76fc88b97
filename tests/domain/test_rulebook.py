"""The packaged rule book, and the operator's own file over it."""

from __future__ import annotations

import dataclasses
import sys
from datetime import date
from pathlib import Path

import pytest

from shoptui.domain.calendar import Known
from shoptui.domain.clocks import Clock
from shoptui.domain.orders import Flag, HistoryEvent, Order, ShippingType
from shoptui.domain.rule_types import RuleError
from shoptui.domain.rules import RuleBook
from shoptui.domain.stores import Store
from shoptui.rulebook import load_rule_book
from tests.domain.builders import CREATED_AT, a_clock, a_store, an_order, local, shown

SEA = ["TH", "VN", "MY", "PH", "SG", "ID"]
KINDS = ("arr", "hand", "cxl", "dlv", "pick", "fast")


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rule_book()


def due_by_kind(book: RuleBook, order: Order, store: Store) -> dict[str, str]:
    return {clock.kind.value: shown(store.time_zone, clock.due_at) for clock in book.clocks_for(order, store)}


@pytest.mark.parametrize("region", SEA)
def test_south_east_asia_falls_back_to_hours(book: RuleBook, region: str) -> None:
    clocks = book.clocks_for(an_order(), a_store(region))
    assert {clock.kind.value: clock.due_at - CREATED_AT for clock in clocks} == {"arr": 24 * 3600, "hand": 48 * 3600}


def test_urgent_levels_have_less_time(book: RuleBook) -> None:
    paid = local("Asia/Bangkok", "2026-03-04 10:00")
    store = a_store("TH")
    same_day = {"arr": "2026-03-04 18:00:00", "hand": "2026-03-04 18:00:00"}
    for level in (100, 200, 300):
        assert due_by_kind(book, an_order(paid, priority=level), store) == same_day
    assert due_by_kind(book, an_order(paid, priority=400), store)["hand"] == "2026-03-05 23:59:59"
    assert due_by_kind(book, an_order(paid, priority=600), store)["hand"] == "2026-03-06 10:00:00"


@pytest.mark.parametrize(
    ("region", "zone", "paid", "expected"),
    [
        ("GB", "Europe/London", "2026-03-06 10:00", {"arr": "2026-03-09 23:59:59", "hand": "2026-03-10 23:59:59"}),
        # Good Friday and Easter Monday lie between, and the clocks had gone forward the Sunday before.
        ("GB", "Europe/London", "2026-04-02 10:00", {"arr": "2026-04-07 23:59:59", "hand": "2026-04-08 23:59:59"}),
        ("US", "America/Los_Angeles", "2026-07-02 10:00", {"hand": "2026-07-07 23:59:59"}),
        ("US", "America/Los_Angeles", "2026-11-25 23:30", {"hand": "2026-11-30 23:59:59"}),
    ],
)
def test_britain_and_the_states_count_business_days(
    book: RuleBook, region: str, zone: str, paid: str, expected: dict[str, str]
) -> None:
    assert due_by_kind(book, an_order(local(zone, paid)), a_store(region)) == expected


@pytest.mark.parametrize(
    ("order", "store"),
    [
        (an_order(shipping_type=ShippingType.DIGITAL), a_store("TH")),
        (an_order(), a_store("BR")),
        (an_order(), a_store("GB", marketplace="shopee")),
    ],
)
def test_where_nothing_is_known_nothing_is_made_up(book: RuleBook, order: Order, store: Store) -> None:
    assert book.clocks_for(order, store) == ()


def test_a_buyers_wish_to_cancel_has_a_clock_until_it_is_answered(book: RuleBook) -> None:
    asked_at = local("Asia/Bangkok", "2026-03-05 09:30")
    history = (HistoryEvent(asked_at, "cancel_requested"),)
    fields: tuple[Clock, ...] = tuple(a_clock(kind, source=f"tiktok:{kind}") for kind in KINDS)
    asked = an_order(clocks=fields, history=history, flags=Flag.CANCEL_REQUESTED)
    (clock,) = [clock for clock in book.clocks_for(asked, a_store("TH")) if clock.kind == "creq"]
    assert clock.due_at == asked_at + 48 * 3600
    assert clock.running
    why = book.explain(clock, asked, a_store("TH"), "en")
    assert "when the order was asked to be cancelled" in " ".join(step.text for step in why.steps)
    # Refused or withdrawn: the history keeps the request, the clock is gone.
    answered = dataclasses.replace(asked, clocks=(*fields, clock), flags=Flag.NONE)
    assert book.clocks_for(answered, a_store("TH")) == fields


def test_every_rule_says_who_says_so_and_when(book: RuleBook) -> None:
    for rule in (*book.rules, *book.extensions):
        assert rule.source.who and rule.source.title
        assert date(2020, 1, 1) <= rule.source.seen


@pytest.mark.parametrize("region", ["US", "GB", "TH", "VN", "MY", "PH", "SG", "ID", "JP", "CN"])
def test_the_calendars_know_three_years_and_no_more(book: RuleBook, region: str) -> None:
    calendar = book.calendars[region]
    assert calendar.known(2025) is Known.ALL
    assert all(calendar.known(year) is not Known.NONE for year in (2025, 2026, 2027))
    assert calendar.known(2024) is calendar.known(2028) is Known.NONE


@pytest.mark.parametrize(
    ("region", "day", "is_open"),
    [
        ("US", "2026-11-26", False),
        ("US", "2026-07-03", False),
        ("US", "2026-07-06", True),
        ("GB", "2026-12-28", False),
        ("GB", "2026-12-29", True),
        ("GB", "2026-11-26", True),
        ("TH", "2026-04-13", False),
        ("VN", "2026-09-02", False),
        ("MY", "2025-06-02", False),
        ("PH", "2026-06-12", False),
        ("SG", "2025-08-09", False),
        ("SG", "2026-08-10", False),
        ("ID", "2026-08-17", False),
        ("JP", "2026-09-22", False),
        ("CN", "2025-10-07", False),
        ("CN", "2025-10-11", True),
        ("CN", "2025-10-12", False),
    ],
)
def test_days_everybody_there_knows(book: RuleBook, region: str, day: str, is_open: bool) -> None:
    assert book.calendars[region].is_open(date.fromisoformat(day)) is is_open


OWN = """
format = 1
switched_off = ["tiktok-sea-hand-over"]

[[rule]]
id = "tiktok-sea-arrange"
marketplace = "tiktok"
regions = ["TH", "VN", "MY", "PH", "SG", "ID"]
shipping_types = ["platform", "seller"]
kind = "arr"
consequence = "late_dispatch"
stopped_by = "arranged"
from = "paid"
hours = 6
[rule.source]
who = "our account manager"
title = "mail on dispatch times"
seen = 2026-03-01
"""


def test_the_operators_own_file_replaces_by_id_and_switches_off(tmp_path: Path, book: RuleBook) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    changed = load_rule_book(own)
    (clock,) = changed.clocks_for(an_order(), a_store("TH"))
    assert (clock.kind.value, clock.due_at) == ("arr", CREATED_AT + 6 * 3600)
    assert changed.explain(clock, an_order(), a_store("TH")).source == "our account manager, mail on dispatch times"
    assert changed.digest != book.digest
    assert load_rule_book().digest == book.digest


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"format = ", "is no valid TOML"),
        (b'title = "\xff"', "is not UTF-8 at byte 9; save it as UTF-8"),
        (
            b"format = 1\n[[rule]]\nid = 'x'\nhuors = 3\n",
            "rule 'x': the key 'huors' is not known; did you mean 'hours'?",
        ),
        (OWN.replace("sea-hand-over", "sea-handover").encode(), "did you mean 'tiktok-sea-hand-over'?"),
        (
            OWN.replace('regions = ["TH", "VN", "MY", "PH", "SG", "ID"]', 'regions = ["TH"]').encode(),
            "rule 'tiktok-sea-arrange' and 'tiktok-sea-same-day-arrange' of tiktok.toml both set arr",
        ),
    ],
)
def test_a_faulty_own_file_is_refused_in_a_sentence_that_names_it(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(content)
    with pytest.raises(RuleError) as refused:
        load_rule_book(own)
    assert str(refused.value).startswith(f"{own}: ")
    assert sentence in str(refused.value)


def test_an_own_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"gone\.toml: cannot be read \(No such file or directory\); check the path"):
        load_rule_book(tmp_path / "gone.toml")


def calls_made(book: RuleBook, order: Order, store: Store) -> int:
    """How many Python functions one `clocks_for` enters: a cost that does not depend on the machine."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    book.clocks_for(order, store)
    previous = sys.getprofile()
    sys.setprofile(count)
    try:
        book.clocks_for(order, store)
    finally:
        sys.setprofile(previous)
    return calls


def test_an_order_without_a_gap_costs_next_to_nothing(book: RuleBook) -> None:
    """It is on the path of every synced order; the cost may follow the clocks, never the rules."""
    fields: tuple[Clock, ...] = tuple(a_clock(kind, source=f"tiktok:{kind}") for kind in KINDS)
    order, store = an_order(clocks=fields), a_store("TH")
    assert book.clocks_for(order, store) is fields
    cost = calls_made(book, order, store)
    assert cost <= 2 + 4 * len(fields)
    many = RuleBook(
        [
            *book.rules,
            *(
                dataclasses.replace(
                    rule,
                    rule_id=f"{rule.rule_id}-{number}",
                    conditions=dataclasses.replace(rule.conditions, first_day=date(2026, 1, 1 + number)),
                )
                for rule in book.rules
                for number in range(20)
            ),
        ],
        book.extensions,
        book.calendars.values(),
    )
    assert calls_made(many, order, store) == cost

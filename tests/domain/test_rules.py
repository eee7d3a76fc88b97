"""The rule book: which rule applies, what it leaves alone, and which clocks come out."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.clocks import Clock, Consequence, StopEvent
from shoptui.domain.orders import Flag, Order, ShippingType, Status
from shoptui.domain.rule_types import Moment, RuleError
from shoptui.domain.rules import RuleBook, moment_of
from shoptui.domain.stores import Store
from tests.domain.builders import (
    CREATED_AT,
    a_book,
    a_calendar,
    a_clock,
    a_rule,
    a_store,
    an_extension,
    an_order,
    happened,
    local,
    shown,
)

BEIJING = "Asia/Shanghai"
HOUR_S = 3600

DONGGUAN = an_extension(
    "dongguan-2023",
    kinds=["hand"],
    cities=["Dongguan"],
    first_day=date(2023, 9, 18),
    last_day=date(2023, 9, 19),
    time_zone=BEIJING,
)
CROSS_BORDER = a_rule("cross-border", kind="hand", stopped_by="collected", from_="created", hours=48)


def only(book: RuleBook, order: Order, store: Store) -> Clock:
    (clock,) = book.clocks_for(order, store)
    return clock


@pytest.mark.parametrize(
    ("created", "city", "ship_by"),
    [
        ("2023-09-18 10:00", "Dongguan", "2023-09-23 10:00:00"),
        ("2023-09-18 00:00", "Dongguan", "2023-09-23 00:00:00"),
        ("2023-09-19 23:59", "dongguan ", "2023-09-24 23:59:00"),
        ("2023-09-17 23:59", "Dongguan", "2023-09-19 23:59:00"),
        ("2023-09-20 00:00", "Dongguan", "2023-09-22 00:00:00"),
        ("2023-09-18 10:00", "Shenzhen", "2023-09-20 10:00:00"),
        ("2023-09-18 10:00", "", "2023-09-20 10:00:00"),
    ],
)
@pytest.mark.parametrize("region", ["CN", "US"])
def test_three_days_more_for_two_days_in_one_city(created: str, city: str, ship_by: str, region: str) -> None:
    """The days and the city are those of the pick-up, wherever the store sells."""
    clock = only(
        a_book(CROSS_BORDER, extension=[DONGGUAN]), an_order(local(BEIJING, created)), a_store(region, city=city)
    )
    assert shown(BEIJING, clock.due_at) == ship_by
    assert clock.source == "rule:cross-border"


def test_an_extension_leaves_a_field_alone_unless_it_says_on_top() -> None:
    order = an_order(clocks=(a_clock("hand", CREATED_AT + 9 * HOUR_S, "tiktok:tts_sla_time"),))
    extension = an_extension("flood", kinds=["hand"], hours=24)
    assert a_book(CROSS_BORDER, extension=[extension]).clocks_for(order, a_store()) is order.clocks
    on_top = a_book(CROSS_BORDER, extension=[{**extension, "on_top_of_field": True}])
    moved = only(on_top, order, a_store())
    assert moved.due_at == CREATED_AT + 33 * HOUR_S
    assert moved.source == f"tiktok:tts_sla_time+rule:flood@{CREATED_AT + 9 * HOUR_S}"


def test_an_extension_on_top_keeps_everything_else_of_the_clock_and_leaves_others() -> None:
    field = a_clock("hand", scope_id="P1", stopped_at=CREATED_AT + 5, stopped_by=StopEvent.COLLECTED)
    others = (
        a_clock("hand", source="ours:wave 3"),
        a_clock("hand", consequence=Consequence.ADVICE, source="tiktok:recommended_shipping_time"),
        a_clock("dlv", source="tiktok:delivery_sla_time"),
    )
    book = a_book(extension=[an_extension("flood", kinds=["hand"], hours=1, on_top_of_field=True)])
    moved, *rest = book.clocks_for(an_order(clocks=(field, *others)), a_store())
    assert dataclasses.replace(moved, due_at=field.due_at, source=field.source) == field
    assert tuple(rest) == others


@pytest.mark.parametrize(
    ("clock", "filled"),
    [
        (a_clock("arr", source="tiktok:rts_sla_time"), False),
        (a_clock("arr", source="tiktok:rts_sla_time", stopped_at=CREATED_AT + 1), False),
        (a_clock("arr", source="tiktok:recommended_shipping_time", consequence=Consequence.ADVICE), True),
        (a_clock("arr", source="ours:wave 3"), True),
        (a_clock("hand", source="tiktok:tts_sla_time"), True),
    ],
)
def test_a_rule_fills_a_gap_and_never_doubles_a_field(clock: Clock, filled: bool) -> None:
    clocks = a_book(a_rule("fallback")).clocks_for(an_order(clocks=(clock,)), a_store())
    assert clocks[0] == clock
    assert [one.source for one in clocks[1:]] == (["rule:fallback"] if filled else [])


def test_without_a_gap_or_a_rule_the_very_same_clocks_come_back() -> None:
    order = an_order(clocks=(a_clock("arr"),))
    assert a_book(a_rule()).clocks_for(order, a_store()) is order.clocks
    assert a_book(a_rule(marketplace="lazada")).clocks_for(an_order(), a_store()) == ()
    assert a_book(a_rule(regions=["VN"])).clocks_for(an_order(), a_store("TH")) == ()


@pytest.mark.parametrize(
    ("condition", "order", "city", "applies"),
    [
        ({"shipping_types": ["platform"]}, an_order(), "", True),
        ({"shipping_types": ["platform"]}, an_order(shipping_type=ShippingType.DIGITAL), "", False),
        ({"priorities": [200]}, an_order(priority=200), "", True),
        ({"priorities": [200]}, an_order(), "", False),
        ({"cities": ["BANGKOK"]}, an_order(), "bangkok", True),
        ({"cities": ["Bangkok"]}, an_order(), "Chiang Mai", False),
        ({"first_day": date(2026, 3, 4)}, an_order(), "", True),
        ({"first_day": date(2026, 3, 5)}, an_order(), "", False),
        ({"last_day": date(2026, 3, 4)}, an_order(), "", True),
        ({"last_day": date(2026, 3, 3)}, an_order(), "", False),
        ({"first_day": date(2026, 3, 5), "dated_by": "paid"}, an_order(paid_at=CREATED_AT + 86400), "", True),
        ({"first_day": date(2026, 3, 4), "dated_by": "paid", "from_": "created"}, an_order(paid_at=None), "", False),
    ],
)
def test_each_condition_decides(condition: dict[str, object], order: Order, city: str, applies: bool) -> None:
    assert bool(a_book(a_rule(**condition)).clocks_for(order, a_store(city=city))) is applies


@pytest.mark.parametrize("created", ["2026-03-03 23:59", "2026-03-04 00:00", "2026-03-04 23:59", "2026-03-05 00:00"])
@pytest.mark.parametrize("zone", ["Asia/Bangkok", "America/Los_Angeles", "Pacific/Auckland"])
def test_a_day_is_a_day_of_the_rules_own_zone(created: str, zone: str) -> None:
    rule = a_rule(first_day=date(2026, 3, 4), last_day=date(2026, 3, 4), time_zone=zone)
    clocks = a_book(rule).clocks_for(an_order(local(zone, created)), a_store("TH"))
    assert bool(clocks) is created.startswith("2026-03-04")


def test_the_most_specific_rule_wins_then_the_latest() -> None:
    rules = [
        a_rule("any", hours=100),
        a_rule("any-2026", hours=90, first_day=date(2026, 1, 1)),
        a_rule("thai", hours=80, regions=["TH", "VN"]),
        a_rule("thai-urgent", hours=8, regions=["TH", "VN"], priorities=[200]),
        a_rule("thai-urgent-here", hours=4, regions=["TH"], priorities=[200], cities=["Bangkok"]),
        a_rule("promise", hours=70, regions=["TH", "VN"], first_day=date(2026, 3, 1), last_day=date(2026, 3, 31)),
        a_rule("later", hours=1, first_day=date(2026, 4, 1)),
    ]
    book = a_book(*rules)

    def wins(region: str, created: str = "2026-02-04 10:00", city: str = "", **order: object) -> str:
        at = local("Asia/Bangkok", created)
        return only(book, an_order(at, **order), a_store(region, city=city)).source

    assert wins("GB", created="2025-12-04 10:00") == "rule:any"
    assert wins("GB") == "rule:any-2026"
    assert wins("TH") == "rule:thai"
    assert wins("TH", created="2026-03-04 10:00") == "rule:promise"
    assert wins("VN", priority=200) == "rule:thai-urgent"
    assert wins("TH", city="Bangkok", priority=200) == "rule:thai-urgent-here"
    assert wins("PH", created="2026-05-01 10:00") == "rule:later"


@pytest.mark.parametrize("reverse", [False, True])
def test_of_two_rules_that_start_together_the_shorter_one_wins(reverse: bool) -> None:
    rules = [
        a_rule("year", hours=48, first_day=date(2026, 1, 1)),
        a_rule("january", hours=12, first_day=date(2026, 1, 1), last_day=date(2026, 1, 31)),
    ]
    book = a_book(*(reversed(rules) if reverse else rules))
    january, february = (an_order(local("Asia/Bangkok", f"2026-0{month}-15 10:00")) for month in (1, 2))
    assert only(book, january, a_store()).source == "rule:january"
    assert only(book, february, a_store()).source == "rule:year"


@given(st.permutations(range(4)))
def test_the_order_of_rules_in_a_file_does_not_matter(order_of_rules: list[int]) -> None:
    rules = [
        a_rule("any", hours=100),
        a_rule("thai", hours=80, regions=["TH"]),
        a_rule("here", hours=60, cities=["Bangkok"], first_day=date(2026, 1, 1)),
        a_rule("thai-here", hours=40, regions=["TH"], cities=["Bangkok"]),
    ]
    book = a_book(*(rules[number] for number in order_of_rules))
    assert only(book, an_order(), a_store("TH", city="Bangkok")).source == "rule:thai-here"
    assert only(book, an_order(), a_store("VN", city="Bangkok")).source == "rule:here"


@pytest.mark.parametrize(
    "order",
    [
        an_order(status=Status.UNPAID, paid_at=None),
        an_order(status=Status.ON_HOLD),
        an_order(flags=Flag.FULFILLED_BY_PLATFORM),
        an_order(flags=Flag.PRE_ORDER | Flag.GIFT),
    ],
)
def test_no_clock_starts_where_the_seller_has_nothing_to_do_yet(order: Order) -> None:
    assert a_book(a_rule(from_="created")).clocks_for(order, a_store()) == ()


def test_cash_on_delivery_counts_from_the_order() -> None:
    order = an_order(paid_at=None, flags=Flag.CASH_ON_DELIVERY)
    assert only(a_book(a_rule(hours=24)), order, a_store()).due_at == CREATED_AT + 24 * HOUR_S
    assert a_book(a_rule()).clocks_for(an_order(paid_at=None), a_store()) == ()


def test_a_rule_from_arranging_waits_for_all_parcels() -> None:
    book = a_book(a_rule("hand", kind="hand", stopped_by="collected", from_="arranged", hours=24))
    arranged = (happened("arranged", CREATED_AT + 10), happened("arranged", CREATED_AT + 50))
    assert book.clocks_for(an_order(status=Status.TO_SHIP, history=arranged), a_store()) == ()
    order = an_order(status=Status.TO_HAND_OVER, history=arranged)
    assert only(book, order, a_store()).due_at == CREATED_AT + 50 + 24 * HOUR_S
    assert book.clocks_for(an_order(status=Status.TO_HAND_OVER), a_store()) == ()


@pytest.mark.parametrize(
    ("status", "history", "stopped"),
    [
        (Status.TO_SHIP, [], None),
        (Status.TO_SHIP, [("arranged", 50)], None),
        (Status.TO_HAND_OVER, [("arranged", 50)], 50),
        (Status.TO_HAND_OVER, [("arranged", 50), ("arranged", 70)], 70),
        (Status.TO_HAND_OVER, [], 60),
        (Status.DELIVERED, [("arranged", 50), ("delivered", 90)], 50),
        (Status.CANCELLED, [("cancelled", 40)], 40),
        (Status.CANCELLED, [], 60),
        (Status.UNKNOWN, [], None),
        (Status.UNKNOWN, [("arranged", 50)], 50),
    ],
)
def test_when_a_rules_clock_stops(status: Status, history: list[tuple[str, int]], stopped: int | None) -> None:
    """Times are seconds after the order; the order last changed 60 s after it."""
    events = tuple(happened(what, CREATED_AT + at) for what, at in history)
    clock = only(a_book(a_rule()), an_order(status=status, history=events), a_store())
    assert clock.stopped_at == (None if stopped is None else CREATED_AT + stopped)


def test_applying_the_book_again_changes_nothing() -> None:
    book = a_book(
        a_rule("fallback"), extension=[an_extension("flood", kinds=["arr", "hand"], hours=24, on_top_of_field=True)]
    )
    order = an_order(clocks=(a_clock("hand", source="tiktok:tts_sla_time"),))
    once = book.clocks_for(order, a_store())
    assert {clock.kind for clock in once} == {"hand", "arr"}
    assert book.clocks_for(dataclasses.replace(order, clocks=once), a_store()) == once


def test_a_changed_book_computes_anew_and_an_empty_one_gives_the_fields_back() -> None:
    field = a_clock("hand", CREATED_AT + 9 * HOUR_S, "tiktok:tts_sla_time", scope_id="P1")
    order = an_order(clocks=(field,))
    first = a_book(a_rule("f"), extension=[an_extension("x", kinds=["hand"], hours=24, on_top_of_field=True)])
    kept = dataclasses.replace(order, clocks=first.clocks_for(order, a_store()))
    second = a_book(a_rule("g", hours=1), extension=[an_extension("y", kinds=["hand"], hours=2, on_top_of_field=True)])
    moved, filled = second.clocks_for(kept, a_store())
    assert (moved.due_at, moved.source) == (field.due_at + 2 * HOUR_S, f"tiktok:tts_sla_time+rule:y@{field.due_at}")
    assert (filled.due_at, filled.source) == (CREATED_AT + HOUR_S, "rule:g")
    assert a_book().clocks_for(kept, a_store()) == (field,)


def test_a_field_that_arrives_later_replaces_the_rules_clock() -> None:
    book = a_book(a_rule("fallback"))
    (guess,) = book.clocks_for(an_order(), a_store())
    field = a_clock("arr", CREATED_AT + 5 * HOUR_S)
    assert book.clocks_for(an_order(clocks=(guess, field)), a_store()) == (field,)


def test_a_reply_rule_starts_no_clock_on_an_order() -> None:
    reply = a_rule("reply", kind="rply", consequence="reply_rate", stopped_by="answered", from_="asked", hours=12)
    assert a_book(reply).clocks_for(an_order(), a_store()) == ()


def test_a_store_with_an_impossible_time_zone_is_named_in_a_sentence() -> None:
    rule = a_rule(calendar_days=1, ends="end_of_day")
    with pytest.raises(RuleError, match="'Mars/Olympus' is no time zone; give an IANA name"):
        a_book(rule).clocks_for(an_order(), a_store(time_zone="Mars/Olympus"))


def test_what_lazada_was_seen_to_do_can_be_written_as_a_rule() -> None:
    """Two observed orders of one shop (reference sheet, section 6.5): Wed 22:23 to Fri, Thu 19:25 to Mon."""
    rule = a_rule(marketplace="lazada", regions=["SG"], from_="created", business_days=2, ends="end_of_day")
    calendar = a_calendar("SG", years=[2023])
    store = a_store("SG", marketplace="lazada", time_zone="Asia/Ho_Chi_Minh")
    book = a_book(rule, calendar=[calendar])
    ends = [
        shown(store.time_zone, only(book, an_order(local(store.time_zone, created)), store).due_at)
        for created in ("2023-11-29 22:23", "2023-12-14 19:25")
    ]
    assert ends == ["2023-12-01 23:59:59", "2023-12-18 23:59:59"]


@given(
    status=st.sampled_from(list(Status)),
    paid=st.one_of(st.none(), st.integers(min_value=0, max_value=86400)),
    flags=st.sampled_from([Flag.NONE, Flag.CASH_ON_DELIVERY, Flag.PART_SHIPPED, Flag.PRE_ORDER]),
    kinds=st.frozensets(st.sampled_from(["arr", "hand", "cxl"])),
)
def test_fields_are_never_dropped_and_the_result_is_stable(
    status: Status, paid: int | None, flags: Flag, kinds: frozenset[str]
) -> None:
    book = a_book(a_rule("one"), a_rule("two", kind="hand", stopped_by="collected", from_="created"))
    fields = tuple(a_clock(kind, source=f"tiktok:{kind}") for kind in sorted(kinds))
    order = an_order(status=status, paid_at=None if paid is None else CREATED_AT + paid, flags=flags, clocks=fields)
    clocks = book.clocks_for(order, a_store())
    assert clocks[: len(fields)] == fields
    assert len({clock.kind for clock in clocks}) == len(clocks)
    assert book.clocks_for(dataclasses.replace(order, clocks=clocks), a_store()) == clocks


@pytest.mark.parametrize("moment", [Moment.ASKED, Moment.REQUESTED, Moment.GOODS_BACK])
def test_an_order_has_no_moment_of_threads_and_returns(moment: Moment) -> None:
    assert moment_of(an_order(), moment) is None

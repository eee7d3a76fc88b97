"""Why a clock shows its time: the steps, the source, and what is said when the rule book has changed."""

from __future__ import annotations

import dataclasses
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.clocks import Clock
from shoptui.domain.orders import Flag, Order
from shoptui.domain.rule_text import StepId
from shoptui.domain.rules import Basis, Explanation, RuleBook
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
    local,
)

NEW_YORK = "America/New_York"
BEIJING = "Asia/Shanghai"

DONGGUAN_BOOK = a_book(
    a_rule("cross-border", kind="hand", stopped_by="collected", from_="created", hours=48, time_zone=BEIJING),
    extension=[
        an_extension(
            "dongguan-2023",
            kinds=["hand"],
            cities=["Dongguan"],
            first_day=date(2023, 9, 18),
            last_day=date(2023, 9, 19),
            time_zone=BEIJING,
            source={"who": "TikTok Shop", "title": "Typhoon notice", "seen": date(2023, 9, 20)},
        )
    ],
)
US_BOOK = a_book(
    a_rule(
        "us-hand",
        kind="hand",
        stopped_by="collected",
        regions=["US"],
        business_days=2,
        ends="end_of_day",
        cut_off="14:00",
    ),
    calendar=[a_calendar("US", {date(2026, 7, 3): "Independence Day"}, years=[2026], provisional_years=[2027])],
)


def explained(book: RuleBook, order: Order, store: Store, language: str = "en") -> Explanation:
    (clock,) = book.clocks_for(order, store)
    return book.explain(clock, order, store, language)


def test_an_extended_rule_is_told_step_by_step() -> None:
    order = an_order(local(BEIJING, "2023-09-18 10:00"))
    why = explained(DONGGUAN_BOOK, order, a_store("US", city="Dongguan"))
    assert [step.text for step in why.steps] == [
        "Counted from Mon 18 Sep 2023 10:00 (Asia/Shanghai), when the order was created.",
        "Plus 48 hours: Wed 20 Sep 2023 10:00.",
        "Plus 3 days by dongguan-2023, for orders created 2023-09-18 to 2023-09-19 and picked up in Dongguan: "
        "Sat 23 Sep 2023 10:00 (Asia/Shanghai).",
        "Source of that: TikTok Shop, Typhoon notice, seen 2023-09-20.",
    ]
    assert (why.rule_id, why.extension_id, why.base) == ("cross-border", "dongguan-2023", Basis.RULE)
    assert (why.source, why.source_date) == ("Seller Center, Dispatch times", date(2026, 2, 1))
    assert why.on == date(2023, 9, 18)


def test_steps_carry_ids_and_arguments_for_those_who_translate() -> None:
    order = an_order(local(BEIJING, "2023-09-18 10:00"))
    why = explained(DONGGUAN_BOOK, order, a_store("US", city="Dongguan"))
    assert [step.id for step in why.steps] == [
        StepId.START,
        StepId.HOURS,
        StepId.EXTENDED,
        StepId.EXTENSION_SOURCE,
    ]
    assert why.steps[1].args == {"count": 48, "at": local(BEIJING, "2023-09-20 10:00"), "zone": BEIJING}


def test_business_days_name_what_was_left_out() -> None:
    why = explained(US_BOOK, an_order(local(NEW_YORK, "2026-07-01 15:00")), a_store("US", time_zone=NEW_YORK))
    assert [step.text for step in why.steps] == [
        "Counted from Wed 1 Jul 2026 15:00 (America/New_York), when the order was paid.",
        "That is not before the cut-off at 14:00, so it counts as Thu 2 Jul 2026.",
        "Not counted: Fri 3 Jul 2026 (Independence Day), Sat 4 Jul 2026, Sun 5 Jul 2026.",
        "Plus 2 business days of US: Tue 7 Jul 2026 23:59:59.",
    ]


@pytest.mark.parametrize(
    ("paid", "sentence"),
    [
        ("2031-03-04 10:00", "No holidays known for 2031 in US, so the real time may be later."),
        ("2027-03-04 10:00", "Not all holidays of 2027 are known for US, so the real time may be later."),
        ("2026-12-31 10:00", "Not all holidays of 2027 are known for US, so the real time may be later."),
    ],
)
def test_a_calendar_that_does_not_know_the_year_says_so(paid: str, sentence: str) -> None:
    why = explained(US_BOOK, an_order(local(NEW_YORK, paid)), a_store("US", time_zone=NEW_YORK))
    assert sentence in [step.text for step in why.steps]


def test_counting_that_opens_on_a_later_day_says_when() -> None:
    book = a_book(
        a_rule(regions=["TH"], business_days=1, ends="17:00", day_zero="business_day"), calendar=[a_calendar("TH")]
    )
    why = explained(book, an_order(local("Asia/Bangkok", "2026-03-07 10:00")), a_store("TH"))
    assert [step.text for step in why.steps][1:] == [
        "That day is closed in TH, so counting begins on Mon 9 Mar 2026.",
        "Plus 1 business day of TH: Tue 10 Mar 2026 17:00.",
    ]


def test_a_field_is_named_and_wins() -> None:
    clock = a_clock("arr", CREATED_AT + 3600, "tiktok:rts_sla_time")
    order = an_order(clocks=(clock,))
    why = a_book(a_rule()).explain(clock, order, a_store(), "en")
    assert [step.text for step in why.steps] == [
        "TikTok Shop itself says Wed 4 Mar 2026 11:00 (Asia/Bangkok), in rts_sla_time; "
        "its own field wins over any rule."
    ]
    assert (why.base, why.rule_id, why.source) == (Basis.FIELD, "", "tiktok:rts_sla_time")
    assert why.source_date is why.on is None


def test_an_extension_on_top_of_a_field_tells_both() -> None:
    book = a_book(extension=[an_extension("flood", kinds=["arr"], hours=1, on_top_of_field=True)])
    order = an_order(clocks=(a_clock("arr", CREATED_AT + 3600, "shopee:ship_by_date"),))
    why = explained(book, order, a_store())
    assert [step.text for step in why.steps] == [
        "Shopee itself says Wed 4 Mar 2026 11:00 (Asia/Bangkok), in ship_by_date; its own field wins over any rule.",
        "Plus 1 hour by flood: Wed 4 Mar 2026 12:00 (Asia/Bangkok).",
        "Source of that: Seller Center, Dispatch times, seen 2026-02-01.",
    ]
    assert (why.rule_id, why.extension_id, why.base) == ("flood", "flood", Basis.FIELD)


def test_a_decision_of_the_house_is_called_that() -> None:
    clock = a_clock("pick", CREATED_AT, "ours:wave 3")
    why = a_book().explain(clock, an_order(), a_store(), "en")
    assert why.base is Basis.HOUSE
    assert why.steps[0].text == "Decided in this house (wave 3): Wed 4 Mar 2026 10:00 (Asia/Bangkok)."


def test_cash_on_delivery_is_explained() -> None:
    order = an_order(paid_at=None, flags=Flag.CASH_ON_DELIVERY)
    why = explained(a_book(a_rule()), order, a_store())
    assert why.steps[0].id is StepId.CASH_ON_DELIVERY


@pytest.mark.parametrize(
    ("source", "order", "step"),
    [
        ("rule:gone", an_order(), StepId.GONE),
        (f"tiktok:rts_sla_time+rule:gone@{CREATED_AT}", an_order(), StepId.GONE),
        ("rule:base", an_order(), StepId.MOVED),
        (f"tiktok:rts_sla_time+rule:more@{CREATED_AT}", an_order(), StepId.MOVED),
        ("rule:base", an_order(paid_at=None), StepId.NOT_STARTED),
    ],
)
def test_a_clock_the_rule_book_would_not_give_any_more_is_owned_up_to(source: str, order: Order, step: StepId) -> None:
    book = a_book(a_rule(), extension=[an_extension(on_top_of_field=True)])
    stale = a_clock("arr", CREATED_AT + 77, source)
    why = book.explain(stale, order, a_store(), "en")
    assert why.steps[-1].id is step
    assert "when the order is next read" in why.steps[-1].text


def chinese_of(clock: Clock, book: RuleBook, order: Order, store: Store) -> list[str]:
    return [step.text for step in book.explain(clock, order, store, "zh_CN").steps]


def test_chinese_sentences_say_the_same() -> None:
    order, store = an_order(local(NEW_YORK, "2026-07-01 15:00")), a_store("US", time_zone=NEW_YORK)
    (clock,) = US_BOOK.clocks_for(order, store)
    assert chinese_of(clock, US_BOOK, order, store) == [
        "从订单付款的时间 2026-07-01 周三 15:00（America/New_York）起算。",
        "已到截单时间 14:00，因此算作 2026-07-02 周四。",
        "不计入：2026-07-03 周五 (Independence Day)、2026-07-04 周六、2026-07-05 周日。",
        "加 2 个工作日（US）：2026-07-07 周二 23:59:59。",
    ]


@given(
    paid=st.integers(min_value=local("UTC", "2026-01-01 00:00"), max_value=local("UTC", "2031-12-01 00:00")),
    language=st.sampled_from(["en", "zh_CN", "zh-Hans", "fr"]),
    keys=st.sampled_from(
        [
            {"hours": 1},
            {"calendar_days": 3, "ends": "same_time"},
            {"business_days": 1, "ends": "end_of_day", "cut_off": "09:00"},
            {"business_days": 2, "ends": "17:00", "day_zero": "business_day"},
        ]
    ),
    extend_by=st.sampled_from([None, {"hours": 1}, {"calendar_days": 2}, {"business_days": 1}]),
)
def test_every_explanation_ends_at_the_clocks_own_time_with_nothing_left_to_fill_in(
    paid: int, language: str, keys: dict[str, object], extend_by: dict[str, object] | None
) -> None:
    more = [] if extend_by is None else [an_extension(regions=["TH"], last_day=date(2030, 1, 1), **extend_by)]
    book = a_book(a_rule(regions=["TH"], **keys), calendar=[a_calendar("TH")], extension=more)
    order, store = an_order(paid), a_store("TH")
    (clock,) = book.clocks_for(order, store)
    why = book.explain(clock, order, store, language)
    timed = [step for step in why.steps if "at" in step.args]
    assert timed[-1].args["at"] == clock.due_at
    assert not {StepId.GONE, StepId.MOVED} & {step.id for step in why.steps}
    assert not any(re.search(r"[{}]", step.text) for step in why.steps)
    english = [step.text for step in book.explain(clock, order, store, "en").steps]
    assert ([step.text for step in why.steps] == english) is not language.startswith("zh")


def test_explaining_a_stopped_clock_is_explaining_the_same_time() -> None:
    order = an_order(local(BEIJING, "2023-09-18 10:00"))
    store = a_store("CN", city="Dongguan")
    (clock,) = DONGGUAN_BOOK.clocks_for(order, store)
    stopped = dataclasses.replace(clock, stopped_at=clock.due_at - 5)
    assert DONGGUAN_BOOK.explain(stopped, order, store) == DONGGUAN_BOOK.explain(clock, order, store)

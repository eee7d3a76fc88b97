"""Fee rules: amounts worked out exactly, the rule in force on a day, and files refused in one sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shoptui.domain.fee_rules import FeeBook, FeeRule, FeeRuleError, Percent, parse_fee_file
from shoptui.domain.finance import FeeKind
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.stores import REGIONS
from shoptui.fee_book import load_fee_book
from shoptui.sandbox.sides import SIDES
from shoptui.sandbox.world.fees import share

SOURCE = {"who": "us", "title": "contract", "seen": date(2026, 11, 1)}
DAY = date(2026, 11, 20)


def fee(rule_id: str = "c", **keys: Any) -> dict[str, Any]:
    return {
        "id": rule_id,
        "marketplace": "shopee",
        "kind": "commission",
        "of": "goods",
        "percent": "6.00",
        "source": SOURCE,
        **keys,
    }


def book(*fees: dict[str, Any], **top: Any) -> FeeBook:
    return FeeBook.from_files([parse_fee_file({"format": 1, "fee": list(fees), **top}, "fees.toml")])


def only(found: FeeBook, region: str = "MY", day: date = DAY) -> FeeRule:
    return found.fees("shopee", region, day)[FeeKind.COMMISSION]


@pytest.mark.parametrize(
    ("keys", "currency", "base", "expected"),
    [
        ({}, "MYR", 4783, 287),
        ({"percent": "2.24"}, "MYR", 625, 14),
        ({"percent": "2.5"}, "MYR", 20, 1),
        ({"percent": "2.5"}, "MYR", -20, 0),
        ({"fixed": {"MYR": "0.50", "VND": "3000"}}, "VND", 100_000, 9_000),
        ({"fixed": {"MYR": "0.50"}}, "THB", 1_000, 60),
        ({"minimum": {"MYR": "1.00"}}, "MYR", 100, 100),
        ({"maximum": {"MYR": "1.00"}}, "MYR", 100_000, 100),
    ],
)
def test_a_fee_is_worked_out_in_minor_units(keys: dict[str, Any], currency: str, base: int, expected: int) -> None:
    assert only(book(fee(**keys))).expected(base, currency) == expected


@pytest.mark.parametrize(
    ("keys", "taken", "agrees"),
    [
        ({}, 288, False),
        ({"tolerance_minor": 1}, 288, True),
        ({"tolerance_minor": 1}, 289, False),
        ({"tolerance_percent": "1"}, 290, True),
        ({"tolerance_percent": "1"}, 291, False),
    ],
)
def test_tolerances_say_what_is_no_difference(keys: dict[str, Any], taken: int, agrees: bool) -> None:
    assert only(book(fee(**keys))).agrees(287, taken) is agrees


def test_the_narrowest_rule_of_the_day_is_in_force() -> None:
    found = book(
        fee("any"),
        fee("my", regions=["MY"], percent="7"),
        fee("my-later", regions=["MY"], percent="8", first_day=date(2026, 11, 10)),
        fee("over", regions=["SG"], percent="9", last_day=date(2026, 11, 9)),
    )
    assert only(found).rule_id == "my-later"
    assert only(found, day=date(2026, 11, 9)).rule_id == "my"
    assert only(found, "SG").rule_id == "any"
    assert only(found, "SG", date(2026, 11, 9)).rule_id == "over"
    assert found.fees("lazada", "MY", DAY) == {}


def test_a_later_file_replaces_and_switches_off() -> None:
    first = parse_fee_file({"format": 1, "fee": [fee("a"), fee("b", kind="tax")]}, "fees-shopee.toml")
    own = parse_fee_file({"format": 1, "fee": [fee("a", percent="1")], "switched_off": ["b"]}, "fees.toml")
    found = FeeBook.from_files([first, own])
    assert set(found.fees("shopee", "MY", DAY)) == {FeeKind.COMMISSION}
    assert only(found).percent == Percent(1_000_000, "1")
    assert found.digest != FeeBook.from_files([first]).digest


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"percent": "6.0000001"}, "at most six decimals"),
        ({"percent": 6}, "percent must be a text"),
        ({"percent": "101"}, "more than 100"),
        ({"of": "item"}, "use one of goods, paid, carriage, order"),
        ({"of": "order"}, "percentage of the order means nothing"),
        ({"kind": "comission"}, "did you mean 'commission'"),
        ({"regions": ["XX"]}, "'XX' is not known"),
        ({"fixed": {"THB": "-1"}}, "write it positive"),
        ({"fixed": {"VND": "1.50"}}, "more decimals"),
        ({"fixed": {"thb": "1"}}, "by currency"),
        ({"fixed": "1"}, "must be a table"),
        ({"varies": True}, "has no meaning"),
        ({"first_day": DAY, "last_day": date(2026, 1, 1)}, "is before first_day"),
        ({"tolerance_minor": -1}, "is not between 0"),
        ({"source": {"who": "us", "title": "t"}}, "seen is missing"),
        ({"id": "Not Good"}, "give it an id"),
        ({"rate": "6"}, "'rate' is not known"),
    ],
)
def test_a_faulty_rule_is_refused_in_one_sentence(keys: dict[str, Any], says: str) -> None:
    with pytest.raises(FeeRuleError) as refused:
        book(fee(**keys))
    assert str(refused.value).startswith("fees.toml")
    assert says in str(refused.value)


def test_a_fee_without_any_amount_is_refused() -> None:
    rule = fee()
    del rule["percent"], rule["of"]
    with pytest.raises(FeeRuleError, match="says no amount"):
        book(rule)


def test_rules_that_leave_a_fee_undecided_are_refused() -> None:
    with pytest.raises(FeeRuleError, match="neither is narrower or later"):
        book(fee("a", regions=["MY", "SG"]), fee("b", regions=["SG", "TH"]))
    with pytest.raises(FeeRuleError, match="given twice"):
        book(fee("a"), fee("a"))
    with pytest.raises(FeeRuleError, match="no earlier file has"):
        book(fee("a"), switched_off=["z"])


@pytest.mark.parametrize("marketplace", sorted(MARKETPLACES))
def test_the_packaged_rules_are_the_simulated_marketplaces_figures(marketplace: str) -> None:
    found = load_fee_book()
    for region, (_, currency) in REGIONS.items():
        schedule = SIDES[marketplace].market.fees.schedule(region)
        fees = found.fees(marketplace, region, DAY)
        for kind, rate, fixed in (
            (FeeKind.COMMISSION, schedule.commission, 0),
            (FeeKind.PAYMENT_FEE, schedule.payment, 0),
            (FeeKind.SERVICE_FEE, schedule.service, schedule.order_fee_minor),
            (FeeKind.TAX, schedule.tax, 0),
        ):
            taken = share(123_457, rate) + fixed
            assert (fees[kind].expected(123_457, currency) if kind in fees else 0) == taken, (region, kind)
        settlement = found.settlement(marketplace, region, DAY)
        assert settlement is not None and settlement.settle_after_days == schedule.late_after_days
        balance = found.balance(marketplace, region, DAY)
        assert balance is not None and (balance.negative_days, balance.limit.plain()) == (10, "100.00")


def test_the_operators_file_lies_over_the_packaged_ones(tmp_path: Path) -> None:
    (tmp_path / "fees.toml").write_text(
        'format = 1\n[[fee]]\nid = "shopee-commission-my"\nmarketplace = "shopee"\nregions = ["MY"]\n'
        'kind = "commission"\nof = "goods"\npercent = "4.5"\n'
        '[fee.source]\nwho = "us"\ntitle = "our contract"\nseen = 2026-11-01\n',
        encoding="utf-8",
    )
    assert only(load_fee_book(tmp_path)).percent.text == "4.5"
    assert only(load_fee_book(tmp_path), "SG").percent.text == "7.00"
    (tmp_path / "fees.toml").write_text("format = 2", encoding="utf-8")
    with pytest.raises(FeeRuleError, match=r"fees\.toml: format 2"):
        load_fee_book(tmp_path)

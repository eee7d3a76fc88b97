"""Shares of a pool: nobody is promised what is not there, floors hold or are said, and rules do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.config import ConfigError, StockConfig, parse_config
from shoptui.domain.shares import (
    LeftOut,
    PoolListing,
    PoolStock,
    ShareError,
    ShareRule,
    Simulation,
    WhyOut,
    proposed_buffer,
    rule_of,
    simulate,
    unoffered,
)


def listing(store_id: str, shows: int = 5, **changes: Any) -> PoolListing:
    return PoolListing(store_id, f"{store_id}/1", "", shows, **changes)


def pool(*listings: PoolListing, hand: int | None = 15, reserved: int = 6) -> PoolStock:
    return PoolStock("bag-rd-m", hand, reserved, listings)


def shown(found: Simulation) -> dict[str, int]:
    return {share.listing.store_id: share.shows for share in found.shares}


SCREEN = (
    listing("tt-th-2", 12, sold_24h=41, sold_7d=200),
    listing("sp-my-1", 8, sold_24h=19, sold_7d=90),
    listing("sp-vn-1", 4, sold_24h=9, sold_7d=40),
    listing("lz-ph-2", 2, sold_24h=3, sold_7d=10, silent=True),
    listing("tt-my-1", 0),
)


def test_the_last_units_go_to_the_best_store_and_silent_ones_keep_theirs() -> None:
    found = simulate(pool(*SCREEN), ShareRule(last_units=10), gap_s=6)
    assert (found.free, found.proposed, found.buffer, found.promised, found.last_to) == (9, 1, 1, 2, "tt-th-2")
    assert shown(found) == {"tt-th-2": 6, "sp-my-1": 0, "sp-vn-1": 0, "tt-my-1": 0}
    assert found.left_out == (LeftOut(SCREEN[3], WhyOut.SILENT),)


def test_the_last_units_go_to_the_named_store_where_it_takes_any() -> None:
    named = ShareRule(last_units=10, last_to="sp-vn-1")
    assert simulate(pool(*SCREEN), named, 6).last_to == "sp-vn-1"
    assert simulate(pool(*SCREEN), ShareRule(last_units=10, last_to="lz-ph-2"), 6).last_to == "tt-th-2"
    assert simulate(pool(*SCREEN, hand=100), named, 6).last_to == ""


def test_plenty_is_shared_by_sales() -> None:
    found = simulate(pool(*SCREEN, hand=109), ShareRule(), gap_s=6)
    assert found.total == 103 - found.buffer - 2 == sum(shown(found).values())
    assert shown(found)["tt-th-2"] > shown(found)["sp-my-1"] > shown(found)["sp-vn-1"] > shown(found)["tt-my-1"]


@pytest.mark.parametrize(
    ("rule", "buffer"),
    [
        (ShareRule(), 1),
        (ShareRule(keep_back=0), 0),
        (ShareRule(keep_back=4), 4),
        (ShareRule(keep_back_percent=50), 5),
        (ShareRule(keep_back=2, keep_back_percent=10), 2),
    ],
)
def test_what_is_kept_back(rule: ShareRule, buffer: int) -> None:
    found = simulate(pool(listing("a", sold_24h=3, sold_7d=20)), rule, gap_s=6)
    assert (found.buffer, found.proposed, found.total) == (buffer, 1, 9 - buffer)
    assert found.too_little_kept is (buffer < 1)


def test_no_listing_shows_more_than_the_rule_allows() -> None:
    found = simulate(pool(listing("a", sold_7d=99), listing("b"), hand=40), ShareRule(listing_max=7), 6)
    assert shown(found) == {"a": 7, "b": 7}


@pytest.mark.parametrize(
    ("changes", "why", "promised"),
    [
        ({"silent": True}, WhyOut.SILENT, 5),
        ({"why_locked": "a live auction"}, WhyOut.LOCKED, 5),
        ({"live": False}, WhyOut.NOT_LIVE, 0),
        ({"ours": False}, WhyOut.NOT_OURS, 0),
        ({"floor": 50}, WhyOut.FLOOR, 5),
    ],
)
def test_who_is_left_out_and_what_stays_promised(changes: dict[str, Any], why: WhyOut, promised: int) -> None:
    found = simulate(pool(listing("a", **changes), listing("b")), ShareRule(keep_back=0), 6)
    assert [each.why for each in found.left_out] == [why]
    assert (found.promised, shown(found)) == (promised, {"b": 9 - promised})


def test_a_store_the_rule_leaves_out_is_emptied_once() -> None:
    rule = ShareRule(keep_back=0, without=frozenset({"a"}))
    assert shown(simulate(pool(listing("a"), listing("b")), rule, 6)) == {"a": 0, "b": 9}
    done = simulate(pool(listing("a", 0), listing("b")), rule, 6)
    assert [each.why for each in done.left_out] == [WhyOut.BY_RULE]


def test_a_pool_nobody_counted_is_not_shared() -> None:
    found = simulate(pool(listing("a"), hand=None), ShareRule(), 6)
    assert found.shares == () and [each.why for each in found.left_out] == [WhyOut.NOT_COUNTED]


def test_a_buffer_is_what_sells_in_the_gap_and_at_least_one() -> None:
    assert [proposed_buffer(speed, 6.0) for speed in (0, 1, 504, 604800)] == [0, 1, 1, 6]
    assert proposed_buffer(604800, 6.5) == 7
    assert proposed_buffer(10, 0) == 1


LISTINGS = st.lists(
    st.builds(
        PoolListing,
        store_id=st.sampled_from(["a", "b", "c", "d"]),
        listing_id=st.text("123", min_size=1, max_size=2),
        warehouse_id=st.just(""),
        shows=st.integers(0, 40),
        floor=st.sampled_from([0, 0, 0, 3, 12]),
        sold_24h=st.integers(-2, 30),
        sold_7d=st.integers(-2, 90),
        live=st.sampled_from([True, True, False]),
        ours=st.sampled_from([True, True, True, False]),
        silent=st.sampled_from([False, False, True]),
        why_locked=st.sampled_from(["", "", "bundle"]),
    ),
    max_size=6,
)
RULES = st.builds(
    ShareRule,
    keep_back=st.none() | st.integers(0, 20),
    keep_back_percent=st.none() | st.integers(0, 100),
    listing_max=st.none() | st.integers(0, 30),
    last_units=st.integers(0, 40),
    last_to=st.sampled_from(["", "a"]),
    without=st.sampled_from([frozenset(), frozenset({"b"}), frozenset({"c", "d"})]),
)


@given(LISTINGS, RULES, st.integers(-20, 120), st.integers(0, 40), st.floats(0, 100))
def test_nothing_is_promised_that_is_not_there(
    listings: list[PoolListing], rule: ShareRule, hand: int, reserved: int, gap_s: float
) -> None:
    found = simulate(pool(*listings, hand=hand, reserved=reserved), rule, gap_s)
    assert found.free == hand - reserved
    on_offer = sum(out.listing.shows for out in found.left_out if out.listing.live and out.listing.ours)
    assert found.promised == on_offer
    assert found.total <= max(found.free - found.buffer - found.promised, 0)
    for share in found.shares:
        most = max(share.listing.floor, 10**9 if rule.listing_max is None else rule.listing_max)
        assert share.listing.floor <= share.shows <= most
        assert share.listing.live and share.listing.ours and not share.listing.silent and not share.listing.why_locked
    assert len(found.shares) + len(found.left_out) == len(listings)
    assert simulate(pool(*listings, hand=hand, reserved=reserved), rule, gap_s) == found


@given(LISTINGS, RULES, st.one_of(st.none(), st.integers(-20, 120)), st.integers(0, 40), st.floats(0, 100))
def test_what_nobody_offers_is_what_a_simulation_would_offer_more(
    listings: list[PoolListing], rule: ShareRule, hand: int | None, reserved: int, gap_s: float
) -> None:
    shared = pool(*listings, hand=hand, reserved=reserved)
    found = simulate(shared, rule, gap_s)
    more = found.total - sum(share.listing.shows for share in found.shares)
    assert unoffered(shared, rule, gap_s) == max(more, 0)


@given(LISTINGS, RULES, st.integers(0, 120), st.floats(0, 100))
def test_a_push_that_was_done_changes_nothing_when_worked_out_again(
    listings: list[PoolListing], rule: ShareRule, hand: int, gap_s: float
) -> None:
    first = simulate(pool(*listings, hand=hand, reserved=0), rule, gap_s)
    assert first.total + first.promised <= max(hand - first.buffer, first.promised)


@given(RULES)
def test_a_rule_reads_back_from_its_data(rule: ShareRule) -> None:
    assert rule_of(rule.as_data()) == rule


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"keep_bak": 1}, "'keep_bak' is not known"),
        ({"keep_back": "1"}, "whole number without quotes"),
        ({"keep_back": True}, "whole number"),
        ({"keep_back": -1}, "from 0 to"),
        ({"keep_back_percent": 101}, "from 0 to 100"),
        ({"last_to": 3}, "a store's name"),
        ({"without": "a"}, "a list of stores"),
        ({"last_to": "a", "without": ["a"]}, "choose one"),
    ],
)
def test_a_rule_that_cannot_be_meant_says_so(data: dict[str, object], words: str) -> None:
    with pytest.raises(ShareError, match=words):
        rule_of(data)


def test_the_houses_rule_comes_from_its_settings() -> None:
    usual = StockConfig()
    assert usual.share_rule() == ShareRule(last_units=10)
    own = StockConfig(keep_back=0, keep_back_percent=5, listing_max=99, last_units=0, last_to="tt-th-1")
    assert own.share_rule() == ShareRule(0, 5, 99, 0, "tt-th-1")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"keep_back_percent": 101}, "keep_back_percent = 101 is out of range"),
        ({"keep_back": -2}, "keep_back"),
        ({"keepback": 1}, "keep_back"),
    ],
)
def test_settings_of_stock_that_cannot_be_meant_say_so(table: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse_config({"stock": table}, Path("config.toml"))

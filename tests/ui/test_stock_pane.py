"""The pane of Stock by itself: warehouses, what each store shows and holds, and what a push would move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shoptui.domain.clocks import ClockKind
from shoptui.domain.intents import IntentState
from shoptui.domain.shares import ShareRule
from shoptui.domain.stock import ListingState
from shoptui.queries.stock import ListingRow, PoolDetail, PoolRow, StoreShare, StoreShows
from shoptui.screens.explain_stock import explain_pool
from shoptui.screens.lines import Line
from shoptui.screens.stock_pane import StockFacts, detail_lines, peek_lines
from shoptui.words.stock import problem_words
from tests.ui.app_support import DAY, NOW, ZONE

FACTS = StockFacts(NOW, ZONE)


def pool(**changes: Any) -> PoolRow:
    fields: dict[str, Any] = {
        "row_id": 1, "key": "bag", "sku": "BAG", "name": "bag", "hand": 20, "reserved": 2, "listed": 18, "listings": 3,
        "sold_24h": 1, "sold_7d": 7, "week_units": 7, "cover_s": None, "oversold": 0, "step": 0, "next_at": None,
        "next_kind": "", "then_at": None, "then_kind": "", "missed": 0, "last_missed_at": None,
        "last_missed_kind": "", "counted_at": NOW, "figures_at": NOW, "seen_at": NOW,
    }  # fmt: skip
    return PoolRow(**{**fields, **changes})


def listing(store_id: str, warehouse_id: str = "", **changes: Any) -> ListingRow:
    fields: dict[str, Any] = {
        "store_id": store_id, "marketplace": "shopee", "region": "TH", "listing_id": f"7{store_id}/0",
        "warehouse_id": warehouse_id, "state": ListingState.LIVE, "raw_state": "", "shows": 6, "in_carts": 1,
        "floor": 0, "ours": True, "why_locked": "", "price_minor": None, "currency": "THB", "sold_24h": 41,
        "sold_7d": 99, "seen_at": NOW, "product_name": "bag", "variant_name": "",
    }  # fmt: skip
    return ListingRow(**{**fields, **changes})


def detail(row: PoolRow, *listings: ListingRow, stores: tuple[StoreShare, ...] = ()) -> PoolDetail:
    return PoolDetail(row, listings, stores, ShareRule(), (), (), ())


def said(lines: list[Line]) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines]


TWO_PLACES = (
    listing("sp-th-1", "THZ-BANGNA"),
    listing("sp-th-1", "FBS", ours=False, shows=3, in_carts=None),
    listing("lz-th-1"),
)


@pytest.mark.parametrize("width", [45, 80])
def test_each_warehouse_is_named_and_what_its_store_sold_is_told_once(width: int) -> None:
    row = pool()
    lines = said(detail_lines(row, detail(row, *TWO_PLACES), FACTS, width))
    (first,) = (line for line in lines if "HZ-BANGNA" in line)
    (second,) = (line for line in lines if "FBS" in line)
    assert "sp-th-1" in first and "sp-th-1" not in second
    assert sum(" 41 " in line for line in lines if "sp-th-1" in line or "FBS" in line) == (width > 45)
    if width > 45:
        assert "7sp-th-1" in first, "a listing without variants is named by its product"
    assert all(len(line) <= width for line in lines)


def test_without_several_warehouses_none_is_named() -> None:
    row = pool()
    lines = said(detail_lines(row, detail(row, listing("sp-th-1", "THZ"), listing("lz-th-1")), FACTS, 80))
    assert not any("THZ" in line or "place" in line for line in lines)


def test_the_peek_counts_listings_not_their_warehouses() -> None:
    row = pool()
    found = detail(row, *TWO_PLACES, listing("tt-th-1", "W1", sold_24h=2), listing("tt-th-1", "W2", sold_24h=2))
    whole = said(peek_lines(row, found, FACTS, 80, 7))
    assert len(whole) == 7 and not any("Enter" in line for line in whole)
    short = said(peek_lines(row, found, FACTS, 80, 6))
    assert len(short) <= 6
    assert short[-1].strip() == "and 1 listing more: Enter"
    assert not any("tt-th-1" in line for line in short)
    tiny = said(peek_lines(row, found, FACTS, 80, 3))
    assert tiny[-1].strip().startswith("and") and len(tiny) == 3


def test_when_a_listing_was_written_fits_its_column() -> None:
    row = pool()
    found = detail(row, listing("lz-th-1", pushed_at=NOW - 60), listing("tt-th-1", pushed_at=NOW - 3 * DAY))
    lines = said(detail_lines(row, found, FACTS, 80))
    at = next(line for line in lines if "pushed" in line).index("pushed")
    today, before = (next(line for line in lines if store in line)[at : at + 7] for store in ("lz-th-1", "tt-th-1"))
    assert (today.strip(), before.strip()) == ("17:41", "11Jul")


def test_a_listing_whose_write_failed_comes_first() -> None:
    row = pool()
    found = detail(row, *TWO_PLACES, listing("tt-th-1", sold_24h=0, answer=IntentState.FAILED, cause="stock_moved"))
    assert "tt-th-1" in said(peek_lines(row, found, FACTS, 80, 7))[2]


def test_what_each_store_shows_holds_and_sells_and_when_it_runs_out() -> None:
    row = pool(next_at=NOW + 2 * DAY, next_kind=ClockKind.OUT_OF_STOCK.value)
    shares = (StoreShare("sp-th-1", 9, 4, 41, 99), StoreShare("lz-th-1", 6, 0, 0, 0))
    lines = said(detail_lines(row, detail(row, *TWO_PLACES, stores=shares), FACTS, 80))
    at = next(place for place, line in enumerate(lines) if "By store" in line)
    assert [line.split() for line in lines[at + 2 : at + 4]] == [
        ["sp-th-1", "9", "4", "41", "99"],
        ["lz-th-1", "6", "0", "0", "0"],
    ]
    assert any("at this speed it runs out" in line for line in lines)
    alone = said(detail_lines(pool(), detail(pool(), TWO_PLACES[2], stores=shares[1:]), FACTS, 80))
    assert not any("By store" in line or "runs out" in line for line in alone)


def test_k_says_what_the_signs_of_stores_mean_and_what_would_be_written() -> None:
    stores = (StoreShows("a-1", 12, 8), StoreShows("b-1", 4, 9), StoreShows("c-1", 7))
    told = " ".join(explain_pool(detail(pool()), 6, NOW, ZONE, stores))
    assert "12- shows more than the rule gives it, 4+ less; s would write a-1 12>8, b-1 4>9." in told
    assert "By store" not in " ".join(explain_pool(detail(pool()), 6, NOW, ZONE, stores[2:]))


def test_what_a_push_would_only_move_is_said_where_stores_are_shown() -> None:
    moved = pool(stores=(StoreShows("a-1", 9, 6), StoreShows("b-1", 2, 5), StoreShows("c-1", 4)))
    assert (moved.moves, problem_words(moved)) == (3, "s moves 3")
    # The reserve is missing: one unit fewer on offer.
    assert problem_words(pool(stores=(StoreShows("a-1", 9, 8),))) == "s moves 1"
    assert any("s would move 3 units" in line for line in said(detail_lines(moved, detail(moved), FACTS, 80)))
    assert problem_words(replace(moved, oversold=17)) == "over 17"
    assert problem_words(replace(moved, hand=None)) == "count it"
    assert problem_words(pool()) == problem_words(pool(stores=(StoreShows("a-1", 9),))) == ""

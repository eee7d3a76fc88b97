"""The preview of a push: what is written, what is right already, and the whole of it against the simulation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.intents import Verb
from shoptui.domain.shares import PoolListing, PoolStock, ShareRule
from shoptui.domain.stock import StockChange, listing_target
from shoptui.domain.verbs import read_args, write_args
from shoptui.queries.ordering import OrderPart, order_requests
from shoptui.queries.stock import PoolCandidate
from shoptui.queries.stock_preview import push_preview

MARKETS = {"a": "tiktok", "b": "shopee"}


def candidate(row_id: int, hand: int | None, *listings: PoolListing, rule: ShareRule | None = None) -> PoolCandidate:
    stock = PoolStock(f"sku-{row_id}", hand, 0, listings)
    return PoolCandidate(row_id, f"SKU-{row_id}", stock, rule or ShareRule(keep_back=0), frozenset())


def listing(store_id: str, shows: int, number: int = 1) -> PoolListing:
    return PoolListing(store_id, f"{number}/1", "w", shows, sold_7d=5)


def test_only_what_changes_is_written_and_one_request_says_it() -> None:
    right, wrong = candidate(1, 8, listing("a", 4), listing("b", 4)), candidate(2, 3, listing("a", 9, 2))
    found = push_preview([right, wrong, candidate(3, None, listing("a", 1, 3))], 6.0, MARKETS)
    assert (found.same, found.pools, found.uncounted) == (2, 1, (3,))
    assert [(target.store_id, target.target_id, target.verb) for target in found.ready] == [
        ("a", listing_target("2/1", "w"), Verb.SET_STOCK)
    ]
    (request,) = order_requests(
        [OrderPart(Verb.SET_STOCK, found.ready, lambda target: write_args(found.args(target)))], lambda: "b1"
    )
    (intent,) = request["intents"]
    assert intent["target_kind"] == "listing"
    assert read_args(Verb.SET_STOCK, intent["args"]) == StockChange(3, seen=9, pool="sku-2")


def test_a_buffer_smaller_than_what_sells_in_the_gap_is_said() -> None:
    thin = candidate(1, 8, listing("a", 4))
    assert push_preview([thin], 6.0, MARKETS).thin == (1,)
    assert push_preview([thin], 6.0, MARKETS, ShareRule()).thin == ()


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 30)), min_size=1, max_size=5),
    st.none() | st.integers(0, 60),
)
def test_every_listing_is_written_right_already_or_left_out(parts: list[tuple[str, int]], hand: int | None) -> None:
    listings = [listing(store, shows, number) for number, (store, shows) in enumerate(parts)]
    found = push_preview([candidate(1, hand, *listings)], 6.0, MARKETS)
    left_out = sum(len(group.row_ids) for group in found.left_out)
    uncounted = len(listings) if hand is None else 0
    assert len(found.ready) + found.same + left_out + uncounted == len(listings)
    assert len(found.changes) == len(found.ready)
    told = {target.target_id: found.args(target) for target in found.ready}
    shown = [one.shows if (t := told.get(f"{one.listing_id}@w")) is None else t.shows for one in listings]
    assert hand is None or sum(shown) <= hand

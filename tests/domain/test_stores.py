"""Stores: proposed short names, and regions that really exist."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.domain.stores import REGIONS, propose_store_id, store_id_fault


@pytest.mark.parametrize(
    ("marketplace", "region", "taken", "proposed"),
    [
        ("tiktok", "TH", set(), "tt-th-1"),
        ("tiktok", "TH", {"tt-th-1", "tt-th-2"}, "tt-th-3"),
        ("tiktok", "TH", {"tt-th-2"}, "tt-th-1"),
        ("shopee", "MY", {"tt-my-1"}, "sp-my-1"),
        ("lazada", "PH", set(), "lz-ph-1"),
        ("tiktok", "GB", set(), "tt-uk-1"),
        ("otto", "DE", set(), "ot-de-1"),
    ],
)
def test_the_next_free_short_name(marketplace: str, region: str, taken: set[str], proposed: str) -> None:
    assert propose_store_id(marketplace, region, taken) == proposed


@given(st.integers(min_value=1, max_value=30), st.sampled_from(sorted(REGIONS)))
def test_names_proposed_one_after_another_are_all_different(stores: int, region: str) -> None:
    taken: set[str] = set()
    for _ in range(stores):
        name = propose_store_id("shopee", region, taken)
        assert name not in taken
        taken.add(name)


def test_every_region_of_the_marketplaces_sheets_is_known() -> None:
    shopee = ["SG", "MY", "TH", "TW", "ID", "VN", "PH", "BR", "MX", "CO", "CL", "PL", "ES", "AR"]
    lazada = ["SG", "MY", "TH", "VN", "PH", "ID"]
    assert REGIONS.keys() >= {*shopee, *lazada}


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_every_region_has_a_real_time_zone_and_a_currency(region: str) -> None:
    zone, currency = REGIONS[region]
    assert ZoneInfo(zone).key == zone
    assert len(currency) == 3 and currency.isupper()


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_every_proposed_name_is_a_good_one(region: str) -> None:
    taken = {propose_store_id("tiktok", region, set())}
    assert not store_id_fault(propose_store_id("tiktok", region, taken))


@pytest.mark.parametrize(
    ("store_id", "words"),
    [
        ("", "small letters"),
        ("TT-1", "small letters"),
        ("-tt", "small letters"),
        ("tt-", "small letters"),
        ("tt*", "small letters"),
        ("กระเป๋า", "small letters"),
        ("a-very-long-one", "at most 12"),
    ],
)
def test_what_is_no_short_name_is_said_so(store_id: str, words: str) -> None:
    assert words in store_id_fault(store_id)

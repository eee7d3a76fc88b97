"""The world of `make demo`: which stores it has, and that people there are written as people there write."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from shoptui.demo import DemoSize
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.domain.stores import REGIONS
from shoptui.sandbox.sandbox import Sandbox
from shoptui.sandbox.sides import SIDES
from shoptui.sandbox.world.model import Store

from .caller import START_AT

#: A word that stands in the names of the script's letters; the Latin alphabet's regions are told by their accents.
_SCRIPTS = {"TH": {"THAI"}, "JP": {"CJK", "HIRAGANA", "KATAKANA"}, "SG": {"CJK"}}
_ACCENTS = {"VN": "ễầêạồ"}


@pytest.fixture(scope="module")
def world() -> Sandbox:
    size = DemoSize()
    return Sandbox(seed=size.seed, stores=size.stores, orders=360, start_at=START_AT, frozen=True, markets=tuple(SIDES))


def letters(store: Store) -> set[str]:
    """The scripts of the store's buyers and of where they live."""
    words = "".join(f"{buyer.name}{buyer.street}{''.join(buyer.levels)}" for buyer in store.buyers)
    return {unicodedata.name(letter).split(" ")[0] for letter in words if letter.isalpha()}


def test_it_has_eighteen_stores_over_all_marketplaces_and_eight_regions(world: Sandbox) -> None:
    stores = list(world.world.stores.values())
    assert set(SIDES) == set(MARKETPLACES)
    assert Counter(store.marketplace for store in stores) == dict.fromkeys(MARKETPLACES, 6)
    regions = {store.region for store in stores}
    assert len(regions) == 8 and regions <= set(REGIONS)
    assert len({store.name for store in stores}) == len(stores)
    assert all(any(order.store is store for order in world.world.orders.values()) for store in stores)


def test_names_and_addresses_are_in_their_own_scripts(world: Sandbox) -> None:
    for store in world.world.stores.values():
        written = letters(store)
        if store.region in _SCRIPTS:
            assert written & _SCRIPTS[store.region], (store.name, written)
        else:
            assert written == {"LATIN"}, (store.name, written)
        text = "".join(buyer.name for buyer in store.buyers)
        assert not _ACCENTS.get(store.region) or set(_ACCENTS[store.region]) & set(text), store.name

"""Marketplaces by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shoptui.adapters.registry import addresses_of, build, marketplaces
from shoptui.clock import DrivenClock
from shoptui.domain import marketplaces as table
from shoptui.domain.intents import Verb
from shoptui.domain.marketplaces import MARKETPLACES, MarketplaceLine
from tests.adapters.tiktok.support import APP
from tests.adapters.vault import MemoryVault


async def test_an_app_gets_its_marketplaces_adapter(clock: DrivenClock) -> None:
    for name in marketplaces():
        shop = build(replace(APP, marketplace=name), vault=MemoryVault({}), clock=clock)
        assert shop.name == name
        assert Verb.SHIP in shop.desks
        assert all(desk.verb is verb and desk.batch_max >= 1 for verb, desk in shop.desks.items())
        assert not set(shop.desks) & set(shop.never)
        assert all(never.reason and never.id for never in shop.never.values())
        await shop.close()


def test_an_unknown_marketplace_is_named_beside_those_known(clock: DrivenClock) -> None:
    with pytest.raises(ValueError, match=r"'amazon'.*known: .*tiktok"):
        build(replace(APP, marketplace="amazon"), vault=MemoryVault({}), clock=clock)


def test_every_marketplace_says_where_it_is_and_is_told_from_the_others() -> None:
    for name in marketplaces():
        addresses = addresses_of(name)
        assert addresses is not None
        assert addresses.base_url.startswith("https://") and addresses.auth_url.startswith("https://")
    assert addresses_of("amazon") is None
    shorts = [line.short for line in MARKETPLACES.values()]
    assert all(len(short) == 2 and short.islower() for short in shorts)
    assert len({*shorts, *MARKETPLACES}) == 2 * len(shorts), "filters take either word"


def test_a_line_whose_package_shows_no_adapter_is_named(clock: DrivenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(table._LINES, "empty", MarketplaceLine("em", "Empty", "Empty Market", "shoptui.domain"))
    assert "empty" in marketplaces()
    with pytest.raises(TypeError, match=r"shoptui\.domain shows no ENTRY, .* line of empty"):
        build(replace(APP, marketplace="empty"), vault=MemoryVault({}), clock=clock)

"""Marketplaces by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shoptui.adapters.registry import build, marketplaces
from shoptui.clock import DrivenClock
from shoptui.domain.intents import Verb
from tests.adapters.tiktok.support import APP, MemoryVault


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

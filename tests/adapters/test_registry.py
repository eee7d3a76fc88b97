"""Marketplaces by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import shoptui
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


#: Where the tables are that have a line for each marketplace.
TABLES = frozenset({"domain/marketplaces.py", "sandbox/sides.py"})
#: Who else may name one: nothing there decides for a marketplace that has no line in it.
NAMING = {
    "words/inbox.py": "says what else to do where a marketplace's own steps are not known",
    "tour_house.py": "the tour's stores are of one marketplace",
    "engine/sign_in_requests.py": "an example in a sentence",
    "sandbox/sandbox.py": "what a test gets that asks for no marketplace",
    "sandbox/testing.py": "the same",
}


def named_in(source: str) -> Iterator[str]:
    """The marketplaces that a module's texts or imports name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in MARKETPLACES:
            yield str(node.value)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [each.name for each in node.names]
            if isinstance(node, ast.ImportFrom):
                modules.append(node.module or "")
            yield from (part for module in modules for part in module.split(".") if part in MARKETPLACES)


def test_nothing_but_its_own_packages_and_the_tables_names_a_marketplace() -> None:
    root = Path(shoptui.__file__).parent
    found: set[str] = set()
    for path in root.rglob("*.py"):
        place = path.relative_to(root)
        own = place.parts[1] if place.parts[0] in {"adapters", "sandbox"} else ""
        source = path.read_text(encoding="utf-8")
        if own not in MARKETPLACES and any(name in source for name in MARKETPLACES) and any(named_in(source)):
            found.add(place.as_posix())
    assert found == TABLES | NAMING.keys()


def test_a_marketplaces_own_packages_know_no_other() -> None:
    root = Path(shoptui.__file__).parent
    for layer in ("adapters", "sandbox"):
        for name in MARKETPLACES:
            for path in (root / layer / name).rglob("*.py"):
                assert set(named_in(path.read_text(encoding="utf-8"))) <= {name}, path.relative_to(root)

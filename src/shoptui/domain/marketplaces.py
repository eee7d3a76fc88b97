"""Which marketplaces there are: one line each, from which everything else finds its way."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shoptui.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class MarketplaceLine:
    """What the house calls a marketplace, and which package speaks to it.

    `short` are the two letters its stores' names begin with, `name` is what fits beside other things in a line,
    `title` its name in full. `package` has the adapter's `ENTRY` (adapters/entry.py).
    `has_chat_apps`: conversations need a second app beside the one for orders, or may have one.
    """

    short: str
    name: str
    title: str
    package: str
    has_chat_apps: bool = False


_LINES: dict[str, MarketplaceLine] = {
    "tiktok": MarketplaceLine("tt", "TikTok", "TikTok Shop", "shoptui.adapters.tiktok"),
    "shopee": MarketplaceLine("sp", "Shopee", "Shopee", "shoptui.adapters.shopee", has_chat_apps=True),
    "lazada": MarketplaceLine("lz", "Lazada", "Lazada", "shoptui.adapters.lazada", has_chat_apps=True),
}

#: By the word that stands for the marketplace in settings, rule files, databases and filters. Look it up when it is
#: needed: copies made while modules load would miss a line.
MARKETPLACES: Mapping[str, MarketplaceLine] = MappingProxyType(_LINES)


def short_of(marketplace: str) -> str:
    """The letters its stores' names begin with."""
    line = MARKETPLACES.get(marketplace)
    return line.short if line is not None else marketplace[:2]


def name_of(marketplace: str) -> str:
    """Its name for a line; the word itself for one that is not known here."""
    line = MARKETPLACES.get(marketplace)
    return line.name if line is not None else marketplace


def title_of(marketplace: str) -> str:
    """Its name in full; the word itself for one that is not known here."""
    line = MARKETPLACES.get(marketplace)
    return line.title if line is not None else marketplace

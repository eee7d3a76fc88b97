"""Which marketplaces the sandbox can be: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .journal import Journal
from .lazada.market import LAZADA
from .lazada.side import LazadaSide
from .shopee.market import SHOPEE
from .shopee.side import ShopeeSide
from .side_base import Side
from .tiktok.market import TIKTOK
from .tiktok.side import TikTokSide
from .world.life import Life
from .world.market import Market
from .world.world import World


@dataclass(frozen=True, slots=True)
class SideKind:
    """A marketplace the sandbox can serve: its rules for the world, and its server."""

    market: Market
    open: Callable[[World, Life, Journal], Side[Any]]


SIDES: Mapping[str, SideKind] = MappingProxyType(
    {
        "tiktok": SideKind(TIKTOK, TikTokSide),
        "shopee": SideKind(SHOPEE, ShopeeSide),
        "lazada": SideKind(LAZADA, LazadaSide),
    }
)

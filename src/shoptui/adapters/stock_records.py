"""The numbers in listings and stock: what can be held, what is on offer, and what promotions keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

_LIMIT = 2**63

#: A number of units; what no column of 64 bits holds spoils its record. Oversold figures come below zero.
Units = Annotated[int, Field(ge=-_LIMIT, lt=_LIMIT)]


def on_offer(units: int) -> int:
    """What buyers can order: a marketplace that oversold itself may count below zero."""
    return max(0, units)


def floors(held: int, shows: Sequence[int]) -> list[int]:
    """The least each warehouse may be set to so that all of them together keep what a promotion holds."""
    total = sum(shows)
    return [min(own, max(0, held - (total - own))) for own in shows]

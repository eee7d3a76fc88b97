"""Bazaar itself: its sellers' shops, what was sold in them, and what it was told to ship."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Sale:
    """One thing sold once. Times are epoch seconds; `arranged_at` is None until it was shipped."""

    shop_id: str
    number: str
    sold_at: int
    ship_by_at: int
    arranged_at: int | None = None


@dataclass(slots=True)
class Yard:
    """One Bazaar. `regions` are the countries of its shops by their ids; `now` tells epoch seconds."""

    regions: Mapping[str, str]
    now: Callable[[], int]
    sales: list[Sale] = field(default_factory=list)
    shipped: list[tuple[str, str]] = field(default_factory=list)
    """Shop id and number of every parcel that went, once for each time."""

    def of_shop(self, shop_id: str) -> list[Sale]:
        """A shop's sales, the one that changed first in front."""
        return sorted((sale for sale in self.sales if sale.shop_id == shop_id), key=changed_at)

    def ship(self, shop_id: str, number: str) -> bool:
        """Send a parcel off; False where there is none to be sent."""
        sale = next((sale for sale in self.of_shop(shop_id) if sale.number == number), None)
        if sale is None or sale.arranged_at is not None:
            return False
        sale.arranged_at = self.now()
        self.shipped.append((shop_id, number))
        return True


def changed_at(sale: Sale) -> int:
    """When a sale was last touched."""
    return sale.arranged_at or sale.sold_at


#: By the address an app's settings give; there is no wire between.
YARDS: dict[str, Yard] = {}

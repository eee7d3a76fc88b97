"""One number for many listings: what was typed, what each listing would show, and what would be ordered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from shoptui.domain.intents import Verb
from shoptui.domain.records import dataclass
from shoptui.domain.shares import UNITS_MAX, PoolListing
from shoptui.domain.stock import StockChange, listing_target
from shoptui.domain.verbs import write_args
from shoptui.i18n import _
from shoptui.queries.ordering import OrderPart
from shoptui.queries.preview import Target
from shoptui.queries.stock import PoolCandidate

_NUMBER = re.compile(r"([+-]?)(\d+)", re.ASCII)
#: As much of what was typed as a sentence bears.
_SHOWN = 24

Wanted = tuple[PoolCandidate, PoolListing, int]


class NumberError(ValueError):
    """What was typed means nothing for these listings; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class StockNumber:
    """A number for listings. `sign` is "" to set it, "+" to add, "-" to take off; `stores` are patterns, () for all."""

    sign: str
    units: int
    stores: tuple[str, ...] = ()

    def shows(self, listing: PoolListing) -> int:
        """What a listing would show."""
        if not self.sign:
            return self.units
        return listing.shows + self.units if self.sign == "+" else max(listing.shows - self.units, 0)

    def wanted(self, candidates: Sequence[PoolCandidate]) -> list[Wanted]:
        """What each listing would show that does not show it yet. Raises NumberError when there is none."""
        listings = writable(candidates, self.stores)
        if not listings:
            raise NumberError(_("No listing of these stores can be written."))
        found = []
        for one, listing in listings:
            shows = self.shows(listing)
            if shows < listing.floor:
                raise NumberError(
                    _("{store}: a promotion holds {units}; no less can be written.").format(
                        store=listing.store_id, units=listing.floor
                    )
                )
            if shows != listing.shows:
                found.append((one, listing, shows))
        if not found:
            raise NumberError(_("They show that already."))
        return found

    def part(self, found: Sequence[Wanted], marketplaces: Mapping[str, str]) -> OrderPart:
        """What is ordered; `marketplaces` has each store's marketplace."""
        targets = []
        changes = {}
        for one, listing, shows in found:
            target_id = listing_target(listing.listing_id, listing.warehouse_id)
            market = marketplaces.get(listing.store_id, "")
            targets.append(Target(one.row_id, listing.store_id, market, "", target_id, None, Verb.SET_STOCK))
            changes[(listing.store_id, target_id)] = write_args(StockChange(shows, seen=listing.shows))
        return OrderPart(Verb.SET_STOCK, tuple(targets), lambda target: changes[(target.store_id, target.target_id)])


def parse_number(words: str) -> StockNumber:
    """Read `12`, `+3` or `-2`, stores after it. Raises NumberError."""
    parts = words.split()
    number = _NUMBER.fullmatch(parts[0]) if parts else None
    if number is None:
        said = _("{words} is no number. Type 12, +3 or -2, and after it stores, as in 12 tt-*")
        raise NumberError(said.format(words=parts[0][:_SHOWN] if parts else '""'))
    # Long digits are refused before they are made a number, which takes time that grows with their square.
    if len(number[2].lstrip("0")) > len(str(UNITS_MAX)) or int(number[2]) > UNITS_MAX:
        said = _("{words} is more than {most} units; check the number.")
        raise NumberError(said.format(words=parts[0][:_SHOWN], most=f"{UNITS_MAX:,}"))
    return StockNumber(number[1], int(number[2]), tuple(part.casefold() for part in parts[1:]))


def writable(
    candidates: Sequence[PoolCandidate], stores: Sequence[str] = ()
) -> list[tuple[PoolCandidate, PoolListing]]:
    """The listings that may be written now, at stores of these patterns or at all."""
    return [
        (one, each)
        for one in candidates
        for each in one.stock.listings
        if each.live and each.ours and not each.silent and not each.why_locked
        if (each.store_id, listing_target(each.listing_id, each.warehouse_id)) not in one.acts
        if not stores or any(fnmatchcase(each.store_id, pattern) for pattern in stores)
    ]

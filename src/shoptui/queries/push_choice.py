"""By which rule marked pools are shared out in one push: what the digits of its strip turn from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shoptui.domain.pools import week_units
from shoptui.domain.shares import UNITS_MAX, ShareRule
from shoptui.queries.stock import PoolCandidate

#: Kept back in turn: as the rule says, then these units, then this percentage.
_KEEPS = (0, 1, 2, 5)
_KEEP_PERCENT = 10
#: The most a listing shows, in turn: as the rule says, then no limit, then these units.
_MOSTS = (None, 5, 10, 20, 50)


class PushChoice:
    """What is kept back, the most a listing shows and who gets the last units, turned by hand.

    `last` begins with all units at one store.

    The stores to choose from are those of the moment it was made: what was chosen stays chosen while they sell on.
    """

    def __init__(self, candidates: Sequence[PoolCandidate], *, cursor_row: int | None, last: bool) -> None:
        """`cursor_row` is the pool whose own rule is turned, None for the first of the candidates."""
        self.last = last
        here = [one for one in candidates if one.row_id == cursor_row]
        first = (here or list(candidates))[:1]
        self._base = first[0].rule if first else ShareRule()
        self._stores = _stores(candidates)
        self._keep = 0
        self._most = 0
        self._last = 0

    @property
    def rule(self) -> ShareRule | None:
        """The rule that was chosen; None while each pool is shared out by its own."""
        if not self._keep and not self._most and not self._last and not self.last:
            return None
        rule = self._base
        if self._keep:
            units = _KEEPS[self._keep - 1] if self._keep <= len(_KEEPS) else None
            percent = None if units is not None else _KEEP_PERCENT
            rule = replace(rule, keep_back=units, keep_back_percent=percent)
        if self._most:
            rule = replace(rule, listing_max=_MOSTS[self._most - 1])
        if self.last:
            rule = replace(rule, last_units=UNITS_MAX, last_to=self._stores[self._last - 1] if self._last else "")
        elif self._last == 1:
            rule = replace(rule, last_units=0, last_to="")
        elif self._last:
            rule = replace(rule, last_to=self._stores[self._last - 2], last_units=rule.last_units or UNITS_MAX)
        return replace(rule, without=rule.without - {rule.last_to})

    @property
    def shown(self) -> ShareRule:
        """The rule the strip names: the chosen one, else that of the pool under the cursor."""
        return self.rule or self._base

    def turn_last(self) -> None:
        """The next way to give the last units: the fastest store, each store, and, unless `last`, nobody."""
        self._last = (self._last + 1) % (len(self._stores) + (1 if self.last else 2))

    def turn_most(self) -> None:
        """The next limit of what one listing shows."""
        self._most = (self._most + 1) % (len(_MOSTS) + 1)

    def turn_keep(self) -> None:
        """The next number to keep back."""
        self._keep = (self._keep + 1) % (len(_KEEPS) + 2)


def _stores(candidates: Sequence[PoolCandidate]) -> list[str]:
    """The stores that may get the last units: all that are on sale in one of the pools, the fastest first."""
    speed: dict[str, int] = {}
    for one in candidates:
        for each in one.stock.listings:
            if each.live and each.ours and not each.silent and not each.why_locked:
                sold = week_units(each.sold_24h, each.sold_7d)
                speed[each.store_id] = max(speed.get(each.store_id, 0), sold)
    return sorted(speed, key=lambda store_id: (-speed[store_id], store_id))

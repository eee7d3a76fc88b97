"""The columns of Stock that show each store's units: as many stores as fit, the rest added up, what is out of step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import partial

from shoptui.queries.stock import PoolRow, StoreShows
from shoptui.widgets.columns import AnyColumn, CellContext, CellText, Column
from shoptui.widgets.roles import Role

#: Cells of a store's column: four digits and the sign of what is out of step. More for stores with long names.
_CELLS = 5
_CELLS_MAX = 7


def store_heading(store_id: str) -> str:
    """A store's name in a narrow column: `ttth2`."""
    return store_id.replace("-", "")[:_CELLS_MAX]


def stores_by_need(rows: Sequence[PoolRow]) -> tuple[str, ...]:
    """The stores that list these pools, those that are out of step in most of them first, then those that list most."""
    needs: Counter[str] = Counter()
    lists: Counter[str] = Counter()
    for row in rows:
        for one in row.stores or ():
            lists[one.store_id] += 1
            needs[one.store_id] += one.wanted is not None
    return tuple(sorted(lists, key=lambda store_id: (-needs[store_id], -lists[store_id], store_id)))


def store_pages(stores: Sequence[str], cells: int) -> list[Sequence[str]]:
    """The stores of each set of columns that fits so many cells, in this order; one empty set where none does.

    Where all of them fit they stand by name.
    """
    width = _width(stores)
    if len(stores) * (width + 1) <= cells:
        return [sorted(stores)]
    # The others are added up in a column of their own.
    most = (cells - width - 1) // (width + 1)
    return [stores[first : first + most] for first in range(0, len(stores), most)] if most > 0 else [()]


def store_columns(
    shown: Sequence[str], stores: Sequence[str], silent: Collection[str]
) -> tuple[AnyColumn[PoolRow], ...]:
    """A column for each store of `shown`, and one for what the others of `stores` show together."""
    width = _width(stores)
    columns: list[AnyColumn[PoolRow]] = [
        Column(f"at {store_id}", store_heading(store_id), width, partial(_cell, {store_id}, silent), align="right")
        for store_id in shown
    ]
    others = frozenset(stores) - set(shown)
    if shown and others:
        columns.append(Column("others", f"+{len(others)}", width, partial(_cell, others, silent), align="right"))
    return tuple(columns)


def _width(stores: Sequence[str]) -> int:
    return max((_CELLS, *(len(store_heading(store_id)) for store_id in stores)))


def _cell(stores: Collection[str], silent: Collection[str], row: PoolRow, context: CellContext) -> CellText:
    """What the stores show: `12`, `12-` where the rule gives fewer, `12+` where it gives more, `~12` by old figures.

    Several stores together have the sign of what they gain or lose in all.
    """
    found = [one for one in row.stores or () if one.store_id in stores]
    if not found:
        return CellText("")
    stale = context.glyphs.stale if any(one.store_id in silent for one in found) else ""
    words = f"{stale}{_short(sum(one.shows for one in found))}"
    gain = sum(_gives(one) for one in found)
    if gain < 0:
        return CellText(f"{words}-", Role.SOON)
    if gain > 0:
        return CellText(f"{words}+", Role.NEAR)
    return CellText(f"{words} ", Role.QUIET if stale else Role.TEXT)


def _gives(one: StoreShows) -> int:
    """What a push would change at a store, units."""
    return 0 if one.wanted is None else one.wanted - one.shows


def _short(units: int) -> str:
    return f"{units}" if units < 10_000 else f"{units // 1000}k"

"""A shop's own table of shelves, as text of two columns: SKU and shelf."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from shoptui.domain.shelves import NO_SHELVES, Clash, Shelves, sku_key
from shoptui.queries.tracking_file import cells_of, plain_cell
from shoptui.text import sanitise_cell

#: Words a first line may have over the columns, in small letters.
_SKU_HEADS = frozenset({"sku", "seller sku", "seller_sku", "item", "商品编码", "货号", "商家编码"})
_SHELF_HEADS = frozenset({"location", "shelf", "place", "bin", "货位", "库位", "货架"})

#: What a shelf is called at most, in characters: more would push the goods' names off a narrow screen.
SHELF_MAX = 16


class BadShelves(ValueError):
    """The table's columns cannot be told apart."""


def read_shelves(text: str) -> Shelves:
    """A table of two columns, SKU and shelf; with named columns there may be more, in any order.

    Tabs, commas, semicolons or blanks between them. A line without a SKU or without a shelf says nothing. Raises
    BadShelves where neither names nor the number of columns tell which is which, BadTrackingFile for what is no table.
    """
    rows = [(number, row) for number, row in enumerate(cells_of(text), start=1) if any(cell.strip() for cell in row)]
    if not rows:
        return NO_SHELVES
    names = [cell.strip().casefold() for cell in rows[0][1]]
    sku_at, shelf_at = _column(names, _SKU_HEADS), _column(names, _SHELF_HEADS)
    if sku_at >= 0 and shelf_at >= 0:
        rows = rows[1:]
    elif sku_at < 0 and shelf_at < 0 and len(names) == 2:
        sku_at, shelf_at = 0, 1
    else:
        raise BadShelves
    found: dict[str, str] = {}
    first_lines: dict[str, int] = {}
    clashes: list[Clash] = []
    for number, row in rows:
        sku, shelf = sanitise_cell(_cell(row, sku_at)), sanitise_cell(_cell(row, shelf_at), limit=SHELF_MAX)
        if not sku or not shelf:
            continue
        key = sku_key(sku)
        if found.setdefault(key, shelf) != shelf:
            clashes.append(Clash(number, first_lines[key], sku))
        first_lines.setdefault(key, number)
    return Shelves(MappingProxyType(found), tuple(clashes))


def _column(names: Sequence[str], heads: frozenset[str]) -> int:
    return next((place for place, name in enumerate(names) if name in heads), -1)


def _cell(row: Sequence[str], place: int) -> str:
    return plain_cell(row[place]) if place < len(row) else ""

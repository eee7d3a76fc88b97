"""What to fetch for some orders: by shelf and SKU, with totals, for a screen, a sheet of paper or a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shoptui.domain.orders import BEFORE_CARRIER
from shoptui.domain.records import dataclass
from shoptui.domain.shelves import NO_SHELVES, Shelves, walking_order
from shoptui.queries.order_export import safe_cell
from shoptui.queries.types import OrderLines

FIELDS = ("warehouse", "location", "sku", "name", "quantity", "orders", "parcels", "order_numbers")


@dataclass(frozen=True, slots=True)
class PickLine:
    """One thing to fetch. `warehouse` is the marketplace's id of where it is sent from, "" where it names none.

    `parcels` counts those it may go into: an order's parcels all count where the marketplace does not say which.
    `shelf` is "" where the shop's own table has none.
    """

    warehouse: str
    sku: str
    name: str
    quantity: int
    orders: int
    parcels: int
    order_nos: tuple[str, ...]
    shelf: str = ""


@dataclass(frozen=True, slots=True)
class PickList:
    """What to fetch, by warehouse, shelf and SKU.

    `left_out` counts orders of which nothing is to be fetched any more.
    """

    lines: tuple[PickLine, ...]
    orders: int
    parcels: int
    left_out: int

    @property
    def quantity(self) -> int:
        """Pieces in all."""
        return sum(line.quantity for line in self.lines)

    @property
    def has_shelves(self) -> bool:
        """Whether a shelf is known for anything of it."""
        return any(line.shelf for line in self.lines)


def pick_list(orders: Sequence[OrderLines], shelves: Shelves = NO_SHELVES) -> PickList:
    """The pick list of these orders: what is not with a carrier yet and not cancelled.

    In the order of the shelves, what has none last. A line without a SKU goes by its product's and variant's name.
    """
    quantities: dict[tuple[str, str, str], int] = {}
    names: dict[tuple[str, str, str], str] = {}
    of_orders: dict[tuple[str, str, str], dict[tuple[str, str], int]] = {}
    picked: dict[tuple[str, str], int] = {}
    for order in orders:
        for line in order.lines:
            if line.status not in BEFORE_CARRIER:
                continue
            name = "  ".join(part for part in (line.product_name, line.variant_name) if part)
            key = (order.warehouse_id, line.sku, "" if line.sku else name)
            quantities[key] = quantities.get(key, 0) + line.quantity
            names.setdefault(key, name)
            parcels = 1 if line.package_id else order.parcels
            of_orders.setdefault(key, {})[order.store_id, order.order_no] = parcels
            picked[order.store_id, order.order_no] = order.parcels
    lines = [
        PickLine(
            warehouse=key[0],
            sku=key[1],
            name=names[key],
            quantity=quantity,
            orders=len(of_orders[key]),
            parcels=sum(of_orders[key].values()),
            order_nos=tuple(order_no for _store_id, order_no in of_orders[key]),
            shelf=shelves.of(key[1]) if key[1] else "",
        )
        for key, quantity in quantities.items()
    ]
    lines.sort(key=_fetched)
    return PickList(tuple(lines), len(picked), sum(picked.values()), len(orders) - len(picked))


def _fetched(line: PickLine) -> tuple[str, tuple[bool, tuple[tuple[str, int], ...]], str, str, str]:
    name = line.sku.casefold() or line.name.casefold()
    return line.warehouse, walking_order(line.shelf), name, line.sku, line.name


def pick_rows(picks: PickList) -> Iterable[tuple[object, ...]]:
    """The rows of a CSV file, heads first; text that a spreadsheet would run as a formula is made harmless."""
    yield FIELDS
    for line in picks.lines:
        values = (
            line.warehouse,
            line.shelf,
            line.sku,
            line.name,
            line.quantity,
            line.orders,
            line.parcels,
            " ".join(line.order_nos),
        )
        yield tuple(safe_cell(value) for value in values)

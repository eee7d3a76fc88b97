"""An order as it leaves the program in a file: its fields, their values, and cells a spreadsheet may open safely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.domain.money import Money
from shoptui.queries.types import OrderRow

#: The columns of an export, in order; the keys of its JSON.
FIELDS = (
    "store",
    "order",
    "status",
    "next_loss_at",
    "next_loss",
    "missed",
    "items",
    "carrier",
    "tracking",
    "buyer",
    "value",
    "currency",
    "placed_at",
    "act",
    "held_by",
    "tags",
)

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def shown_status(row: OrderRow) -> str:
    """The canonical status; where no mapping knows it, the marketplace's own word."""
    return row.status if row.status != "unknown" else row.raw_status


def order_record(row: OrderRow) -> Mapping[str, object]:
    """An order by field. Moments are epoch seconds, None where there is none; the value is a decimal number as text."""
    return {
        "store": row.store_id,
        "order": row.order_no,
        "status": shown_status(row),
        "next_loss_at": row.next_at,
        "next_loss": row.next_kind,
        "missed": row.missed,
        "items": row.items,
        "carrier": row.carrier,
        "tracking": row.tracking,
        "buyer": row.buyer,
        "value": Money(row.value_minor, row.currency).plain(),
        "currency": row.currency,
        "placed_at": row.created_at,
        "act": row.act_state.value if row.act_state else "",
        "held_by": row.held_by,
        "tags": list(row.tags),
    }


def safe_cells(record: Mapping[str, object], fields: Sequence[str]) -> list[object]:
    """A line of a CSV file: these fields of a record, in their order."""
    return [safe_cell(record[field]) for field in fields]


def safe_cell(value: object) -> object:
    """A value as a spreadsheet may have it: text that would be read as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if not isinstance(value, str) or not value.startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return "'" + value
    return value

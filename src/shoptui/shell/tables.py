"""Plain text tables for the shell: columns as wide as their content, outside text measured in cells."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TextIO, TypeVar

from shoptui.cellwidth import cell_width
from shoptui.queries.order_export import safe_cell

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """One column: its heading and what it shows of a row. Numbers stand to the right."""

    heading: str
    cell: Callable[[RowT], str]
    right: bool = False


def print_table(columns: Sequence[Column[RowT]], rows: Sequence[RowT], out: TextIO) -> None:
    """Write headings and rows; nothing but the headings when there are no rows."""
    lines = [[column.heading for column in columns]]
    lines += [[column.cell(row) for column in columns] for row in rows]
    widths = [max(cell_width(line[number]) for line in lines) for number in range(len(columns))]
    for line in lines:
        cells = []
        for text, width, column in zip(line, widths, columns, strict=True):
            padding = " " * (width - cell_width(text))
            cells.append(padding + text if column.right else text + padding)
        out.write("  ".join(cells).rstrip() + "\n")


def print_csv(fields: Sequence[str], records: Sequence[Mapping[str, object]], out: TextIO) -> None:
    """Write records as CSV with a line of headings, safe to open in a spreadsheet."""
    writer = csv.writer(out)
    writer.writerow(fields)
    writer.writerows([safe_cell(record[field]) for field in fields] for record in records)

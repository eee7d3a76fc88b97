"""The verbs of stock."""

from __future__ import annotations

from shoptui.command_state import needs_role, needs_row, needs_target
from shoptui.command_table.kinds import STOCK_ROWS, Command, Group, Level, _c

# fmt: off
# One line of facts and one of help each, to be read as a table. Label and help are message ids (`_c:4`, `_c:8`).
STOCK_COMMANDS: tuple[Command, ...] = (
    _c("stock.push", "s", "f6", "Push", STOCK_ROWS, Level.REACH, Group.DO,
       "Share what is free out among all stores: shows who would see what; sends nothing yet",
       needs_role("agent", needs_target), verb=1, cli="shoptui stock push --filter"),
    _c("stock.set", "e", "f7", "Set", STOCK_ROWS, Level.REACH, Group.DO,
       "Set one number for one listing or many, or add to what they show; sends nothing yet",
       needs_role("agent", needs_target), verb=2, cli="shoptui stock set --filter"),
    _c("stock.reserve", "b", "f8", "Last units", STOCK_ROWS, Level.REACH, Group.DO,
       "Give the last units to one store; the others show none", needs_role("agent", needs_target),
       verb=3, cli="shoptui stock push --last"),
    _c("stock.count", "c", "", "Check a count in", STOCK_ROWS, Level.OURS, Group.DO,
       "Take over what was counted in the house: typed, or a CSV or XLSX file with its differences first",
       needs_role("agent", needs_target), verb=4, cli="shoptui stock count"),
    _c("stock.orders", "", "", "Orders of the SKU", STOCK_ROWS, Level.LOOK, Group.DO,
       "The orders that have this SKU; Enter in the pane does the same", needs_row, verb=5),
)
# fmt: on

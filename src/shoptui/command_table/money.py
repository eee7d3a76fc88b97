"""The verbs of balances and statements."""

from __future__ import annotations

from shoptui.command_state import needs_disputable, needs_dispute, needs_role, needs_rows, needs_statement
from shoptui.command_table.kinds import MONEY_ROWS, ORDER_ROWS, RETURN_ROWS, Command, Group, Level, _c

# fmt: off
# One line of facts and one of help each, to be read as a table. Label and help are message ids (`_c:4`, `_c:8`).
MONEY_COMMANDS: tuple[Command, ...] = (
    _c("statement.verify", "a", "f6", "Verified", MONEY_ROWS, Level.OURS, Group.DO,
       "This statement was looked through; on a store all its statements that agree to the cent",
       needs_role("manager", needs_statement), verb=1, cli="shoptui money verify"),
    _c("dispute.pack", "D", "f7", "Dispute pack", MONEY_ROWS, Level.OURS, Group.DO,
       "Write letter, amounts, timeline and evidence for the marketplace's ticket to files", needs_disputable,
       verb=2, also=ORDER_ROWS | RETURN_ROWS, also_verb=21),
    _c("money.export", "o", "f8", "Export", MONEY_ROWS, Level.LOOK, Group.DO,
       "Write balances, statements, their lines or differences to a CSV or Excel file", needs_rows, verb=3,
       cli="shoptui export"),
    _c("statement.lines", "L", "", "Lines", MONEY_ROWS, Level.LOOK, Group.DO,
       "All lines of the statement, and back to what differs", verb=4),
    _c("dispute.status", "", "", "Dispute status", MONEY_ROWS, Level.OURS, Group.DO,
       "Where the dispute about this line stands: sent, answered, won, lost", needs_role("agent", needs_dispute),
       verb=5, also=ORDER_ROWS | RETURN_ROWS, also_verb=22),
    _c("statement.withdraw", "", "", "Take the mark off", MONEY_ROWS, Level.OURS, Group.DO,
       "The statement is not verified after all", needs_role("manager", needs_statement), verb=6),
)
# fmt: on

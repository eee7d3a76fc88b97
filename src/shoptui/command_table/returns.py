"""The verbs of returns."""

from __future__ import annotations

from shoptui.command_state import needs_role, needs_target
from shoptui.command_table.kinds import RETURN_ROWS, Command, Group, Level, _c

# fmt: off
# One line of facts and one of help each, to be read as a table. Label and help are message ids (`_c:4`, `_c:8`).
RETURN_COMMANDS: tuple[Command, ...] = (
    _c("return.agree", "a", "f6", "Agree", RETURN_ROWS, Level.COSTS, Group.DO,
       "Agree to what buyers ask: return, refund, cancellation; goods that came back are paid",
       needs_role("agent", needs_target), verb=1, cli="shoptui returns answer agree --filter"),
    _c("return.refund", "f", "f7", "Refund only", RETURN_ROWS, Level.COSTS, Group.DO,
       "Pay buyers back and let them keep the goods", needs_role("agent", needs_target),
       verb=2, cli="shoptui returns answer refund-only --filter"),
    _c("return.refuse", "x", "f8", "Refuse", RETURN_ROWS, Level.COSTS, Group.DO,
       "Refuse what buyers ask, or goods that came back, with a reason where one is due",
       needs_role("agent", needs_target), verb=3, cli="shoptui returns answer refuse --filter"),
    _c("return.check", "c", "", "Check parcel in", RETURN_ROWS, Level.OURS, Group.DO,
       "Note what was found in a parcel that came back; the buyer is answered after it", needs_target,
       verb=4, cli="shoptui returns check-in"),
    _c("return.offer", "", "", "Offer a part", RETURN_ROWS, Level.COSTS, Group.DO,
       "Offer buyers a part of the money, as an amount or a percentage", needs_role("agent", needs_target),
       verb=5, cli="shoptui returns answer offer --filter"),
)
# fmt: on

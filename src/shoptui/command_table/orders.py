"""The verbs of orders."""

from __future__ import annotations

from shoptui.command_state import (
    needs_desk_target,
    needs_role,
    needs_row,
    needs_row_and_engine,
    needs_target,
    needs_target_row,
)
from shoptui.command_table.kinds import DESK_ROWS, MONEY_ROWS, ORDER_ROWS, RETURN_ROWS, ROWS, Command, Group, Level, _c

# fmt: off
# One line of facts and one of help each, to be read as a table. Label and help are message ids (`_c:4`, `_c:8`).
ORDER_COMMANDS: tuple[Command, ...] = (
    _c("order.ship", "s", "f6", "Ship", ORDER_ROWS, Level.REACH, Group.DO,
       "Arrange shipment of the marked orders, or of the one under the cursor; sends nothing yet", needs_target,
       verb=1, cli="shoptui orders ship --filter"),
    _c("order.print", "p", "f7", "Ship+print", ORDER_ROWS, Level.REACH, Group.DO,
       "Ship what is not shipped yet, fetch the labels and print them; sends nothing yet", needs_target,
       verb=2, cli="shoptui orders print --filter"),
    _c("order.hold", "b", "f8", "Hold", ORDER_ROWS, Level.OURS, Group.DO,
       "Hold orders back, or release them: nobody ships what is held until it is released", needs_target, verb=3),
    _c("order.edit", "e", "", "Change how it ships", ORDER_ROWS, Level.REACH, Group.DO,
       "Hand-over and slot, or own carrier and tracking numbers: typed, scanned, pasted, from a file", needs_target,
       verb=4, cli="shoptui orders ship-own --filter"),
    _c("order.cancel", "C", "", "Cancel", ORDER_ROWS, Level.COSTS, Group.DO,
       "Cancel orders for one of the marketplace's reasons", needs_role("agent", needs_target),
       verb=5, cli="shoptui orders cancel --filter"),
    _c("request.accept", "a", "", "Agree to cancel", ORDER_ROWS, Level.COSTS, Group.DO,
       "Agree to buyers who ask to cancel", needs_role("agent", needs_target),
       verb=6, cli="shoptui orders answer-cancel --filter"),
    _c("request.refuse", "x", "", "Refuse to cancel", ORDER_ROWS, Level.COSTS, Group.DO,
       "Refuse buyers who ask to cancel, with a reason where one is due", needs_role("agent", needs_target),
       verb=7, cli="shoptui orders answer-cancel --filter"),
    _c("order.reprint", "P", "", "Print again", ORDER_ROWS, Level.COSTS, Group.DO,
       "Print labels a second time, with a reason", needs_target,
       verb=8, cli="shoptui orders print --filter"),
    _c("order.pick_list", "L", "", "Pick list", ORDER_ROWS, Level.LOOK, Group.DO,
       "What to fetch for the marked orders, by SKU; o writes it as PDF and CSV", needs_target_row,
       verb=10, cli="shoptui orders pick-list --filter"),
    _c("order.save_labels", "", "", "Save labels", ORDER_ROWS, Level.OURS, Group.DO,
       "Write the labels that are in the house to a file; this is recorded", needs_target,
       verb=9, cli="shoptui orders label --filter"),
    _c("row.claim", "m", "", "Mine", DESK_ROWS, Level.OURS, Group.DO,
       "I am on this, or no longer: colleagues see it", needs_desk_target, verb=11),
    _c("row.tag", "#", "", "Tag", ORDER_ROWS | RETURN_ROWS, Level.OURS, Group.DO,
       "Put one of our tags on, or take it off", needs_target, verb=12, cli="shoptui orders tag --filter"),
    _c("row.note", ";", "", "Note", DESK_ROWS, Level.REACH, Group.DO,
       "Write a note: to the marketplace where it keeps one, else here alone; it says which", needs_desk_target,
       verb=13, cli="shoptui orders note --filter"),
    _c("row.copy", "y", "", "Copy number", ROWS, Level.LOOK, Group.DO,
       "Send the number to the terminal's clipboard", needs_row, verb=14),
    _c("row.runbook", "K", "", "Why this time", DESK_ROWS | MONEY_ROWS, Level.LOOK, Group.DO,
       "Where each clock comes from and what to do about it", needs_row, verb=15),
    _c("row.reveal", "R", "", "Reveal", DESK_ROWS, Level.OURS, Group.DO,
       "Show the buyer's name, phone and address; this is recorded",
       needs_role("agent", needs_row_and_engine), verb=16),
    _c("order.refresh", "c", "", "Check", ORDER_ROWS, Level.LOOK, Group.DO,
       "Read this order from the marketplace now", needs_row_and_engine, verb=17),
    _c("order.split", "", "", "Split", ORDER_ROWS, Level.REACH, Group.DO,
       "Split one order into several parcels", needs_target, verb=18, cli="shoptui orders split"),
    _c("order.combine", "", "", "Combine", ORDER_ROWS, Level.REACH, Group.DO,
       "Put other parcels of the same buyer into this one", needs_target, verb=19, cli="shoptui orders combine"),
)
# fmt: on

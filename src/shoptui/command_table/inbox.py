"""The verbs of conversations."""

from __future__ import annotations

from shoptui.command_state import (
    needs_engine,
    needs_failed_reply,
    needs_one_thread,
    needs_reply_question,
    needs_role,
    needs_row_and_engine,
    needs_thread,
)
from shoptui.command_table.kinds import MONEY_ROWS, ORDER_ROWS, RETURN_ROWS, THREAD_ROWS, Command, Group, Level, _c

# fmt: off
# One line of facts and one of help each, to be read as a table. Label and help are message ids (`_c:4`, `_c:8`).
INBOX_COMMANDS: tuple[Command, ...] = (
    _c("thread.reply", "r", "f6", "Reply", THREAD_ROWS, Level.REACH, Group.DO,
       "Write to this buyer in the store's name; sends nothing yet", needs_role("agent", needs_one_thread), verb=1,
       cli="shoptui inbox reply"),
    _c("thread.template", "t", "f7", "Quick reply", THREAD_ROWS, Level.REACH, Group.DO,
       "Answer with a quick reply, each buyer with the own values and language; sends nothing yet",
       needs_role("agent", needs_thread), verb=2, cli="shoptui inbox reply --template"),
    _c("thread.done", "d", "f8", "Done", THREAD_ROWS, Level.OURS, Group.DO,
       "Needs no answer: it leaves the list until the buyer writes again", needs_role("agent", needs_thread), verb=3),
    _c("thread.escalate", "!", "", "Escalate", THREAD_ROWS, Level.OURS, Group.DO,
       "Put it before somebody who decides, with the reason and a time", needs_role("agent", needs_thread), verb=4,
       cli="shoptui inbox escalate"),
    _c("row.snooze", "w", "", "Snooze", THREAD_ROWS, Level.OURS, Group.DO,
       "Put it aside until a time, or until the buyer writes", needs_role("agent", needs_thread), verb=5,
       cli="shoptui inbox snooze"),
    _c("row.assign", "@", "", "Assign", THREAD_ROWS, Level.OURS, Group.DO,
       "Give it to somebody, or to nobody", needs_role("agent", needs_thread), verb=6, cli="shoptui inbox assign"),
    _c("thread.mend", "e", "", "Mend the reply", THREAD_ROWS, Level.REACH, Group.DO,
       "Open the reply that failed again, to change and send it", needs_role("agent", needs_failed_reply), verb=7),
    _c("thread.settle", "a x", "", "Was sent, was not", THREAD_ROWS, Level.COSTS, Group.DO,
       "You have looked: a the reply was sent, x it was not", needs_role("agent", needs_reply_question), verb=8),
    _c("thread.link", "", "", "Link an order", THREAD_ROWS, Level.OURS, Group.DO,
       "Say which of the buyer's orders this is about", needs_role("agent", needs_one_thread), verb=9),
    _c("thread.read", "U", "", "Mark read", THREAD_ROWS, Level.REACH, Group.DO,
       "Mark as read at the marketplace: one, or all marked ones", needs_role("agent", needs_thread), verb=10,
       cli="shoptui inbox mark-read"),
    _c("template.edit", "", "", "Quick replies", THREAD_ROWS, Level.OURS, Group.DO,
       "Add, change or remove the house's quick replies", needs_role("agent", needs_engine), verb=18),
    _c("row.message", "r", "", "Message buyer", ORDER_ROWS | RETURN_ROWS | MONEY_ROWS, Level.REACH, Group.DO,
       "Open this buyer's conversation and write there", needs_role("agent", needs_row_and_engine), verb=20,
       cli="shoptui inbox reply"),
)
# fmt: on

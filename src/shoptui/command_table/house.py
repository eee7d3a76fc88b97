"""The verbs of Activity, of stores and of the first run, and what works on a strip."""

from __future__ import annotations

from shoptui.command_state import (
    is_no_question,
    needs_engine,
    needs_failed_group,
    needs_question,
    needs_role,
    needs_row_and_engine,
    needs_unseen_failure,
)
from shoptui.command_table.kinds import ACTIVITY, STORES, Command, Group, Level, _c

# fmt: off
# One line of facts and one of help each, to be read as a table. Label and help are message ids (`_c:4`, `_c:8`).
ACTIVITY_COMMANDS: tuple[Command, ...] = (
    _c("intent.fix", "e", "f6", "Fix and retry", ACTIVITY, Level.REACH, Group.DO,
       "Mend what made the group fail and send it again; the fix is proposed", needs_failed_group, verb=1),
    _c("intent.again", "s", "f7", "Retry as it is", ACTIVITY, Level.REACH, Group.DO,
       "Send the group again unchanged", needs_failed_group, verb=2),
    _c("intent.drop", "x", "f8", "Give up", ACTIVITY, Level.OURS, Group.DO,
       "Give up on the group: it stays undone and leaves the list", needs_unseen_failure, applies=is_no_question,
       verb=3),
    _c("intent.settle", "a x", "", "Done, not done", ACTIVITY, Level.COSTS, Group.DO,
       "You have looked: a it was done, x it was not", needs_question, verb=4),
    _c("store.check", "c", "f6", "Check", STORES, Level.LOOK, Group.DO,
       "Read this store now and say how it does", needs_row_and_engine, verb=1, cli="shoptui stores check"),
    _c("store.sign_in", "a", "f7", "Sign in", STORES, Level.OURS, Group.DO,
       "Authorise this store again with its seller's account", needs_role("admin", needs_row_and_engine), verb=2,
       cli="shoptui stores sign-in"),
    _c("store.pause", "b", "f8", "Pause", STORES, Level.OURS, Group.DO,
       "Pause the store, or let it go on: nothing is read or sent while it is paused",
       needs_role("manager", needs_row_and_engine), verb=3, cli="shoptui stores pause"),
    _c("store.add", "A", "", "Add a store", STORES, Level.OURS, Group.DO,
       "Connect further stores: an app, a link for the seller, the code it brings",
       needs_role("admin", needs_engine), verb=4, cli="shoptui stores add"),
    _c("store.rename", "", "", "Rename", STORES, Level.OURS, Group.DO,
       "Give this store another short name; orders, notes and history follow",
       needs_role("admin", needs_row_and_engine), verb=5, cli="shoptui stores rename"),
    _c("store.remove", "", "", "Remove the store", STORES, Level.COSTS, Group.DO,
       "Let this store go with all that is cached of it and known of its buyers",
       needs_role("admin", needs_row_and_engine), verb=6, cli="shoptui stores remove"),
)
# fmt: on

"""The one table of commands: keys, key line, menu, help, key table of the README and keymap checks derive from it."""

from __future__ import annotations

import difflib
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from shoptui.command_state import (
    Applies,
    Context,
    Reason,
    always,
    is_no_question,
    needs_desk_target,
    needs_engine,
    needs_failed_group,
    needs_failed_reply,
    needs_history,
    needs_hot,
    needs_marks,
    needs_notice,
    needs_one_thread,
    needs_question,
    needs_reply_question,
    needs_role,
    needs_row,
    needs_row_and_engine,
    needs_rows,
    needs_target,
    needs_target_row,
    needs_thread,
    needs_undo,
    needs_unseen_failure,
    never_off,
)
from shoptui.i18n import _

Contexts = frozenset[Context]

ORDERS = frozenset({Context.ORDERS})
INBOX = frozenset({Context.INBOX})
ACTIVITY = frozenset({Context.ACTIVITY})
STORES = frozenset({Context.STORES})
DETAIL = frozenset({Context.DETAIL})
THREAD = frozenset({Context.THREAD})
STRIP = frozenset({Context.STRIP})
TEXT = frozenset({Context.TEXT})
LISTS = ORDERS | INBOX | ACTIVITY | STORES
MARKABLE = ORDERS | INBOX | STORES
ORDER_ROWS = ORDERS | DETAIL
THREAD_ROWS = INBOX | THREAD
DESK_ROWS = ORDER_ROWS | THREAD_ROWS
ROWS = LISTS | DETAIL | THREAD
DOCTOR = frozenset({Context.DOCTOR})
ALL = ROWS | DOCTOR | {Context.HELP}
ALL_AND_STRIP = ALL | STRIP
EVERYWHERE = ALL_AND_STRIP | TEXT


class Level(IntEnum):
    """What a command can do (screens, section 4): look, change what is ours, reach a marketplace, cost standing."""

    LOOK = 0
    OURS = 1
    REACH = 2
    COSTS = 3


class Group(StrEnum):
    """The heading under which help lists a command."""

    GO = "go"
    MOVE = "move"
    MARK = "mark"
    VIEW = "view"
    DO = "do"
    STRIP = "strip"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing an operator can do.

    `keys` and `twins` are Textual key names, the first of each is shown. `label` and `help` are English message ids.
    `verb` numbers the place's verbs for the key line and the menu (1 is the first); 0 is no verb. `why_off` answers
    None when the command can be used now, else one sentence. Among commands that share a key in one context the first
    whose `applies` is True gets it. `cli` is the shell command that does the same, "" where there is none.
    """

    id: str
    keys: tuple[str, ...]
    twins: tuple[str, ...]
    label: str
    help: str
    contexts: Contexts
    level: Level
    group: Group
    why_off: Reason = never_off
    applies: Applies = always
    verb: int = 0
    cli: str = ""

    @property
    def all_keys(self) -> tuple[str, ...]:
        """Keys and twins. Handlers are told which of these it was, whatever an operator's keymap made of it."""
        return self.keys + self.twins


def _c(
    command_id: str,
    keys: str,
    twins: str,
    label: str,
    contexts: Contexts,
    level: Level,
    group: Group,
    help_text: str,
    why_off: Reason = never_off,
    *,
    applies: Applies = always,
    verb: int = 0,
    cli: str = "",
) -> Command:
    return Command(
        command_id, tuple(keys.split()), tuple(twins.split()), label, help_text, contexts, level, group, why_off,
        applies, verb, cli,
    )  # fmt: skip


# fmt: off
# One line of facts and one of help each, to be read as a table. Label and help are message ids (`_c:4`, `_c:8`).
COMMANDS: tuple[Command, ...] = (
    # Go
    _c("app.help", "?", "f1", "Help", ALL_AND_STRIP, Level.LOOK, Group.GO,
       "What every key does here, with the reason beside what is off"),
    _c("go.screen", "g", "f2", "Go", ALL, Level.LOOK, Group.GO,
       "Another screen: g and its letter, or F2 and its digit"),
    _c("go.back", "left h", "escape q", "Back", ALL, Level.LOOK, Group.GO,
       "Back to where you came from; never leaves the program"),
    _c("go.history", "ctrl+o", "", "Where you were", ALL, Level.LOOK, Group.GO,
       "Back to the place and row before", needs_history),
    _c("go.notice", "'", "", "Go to the message", ALL_AND_STRIP, Level.LOOK, Group.GO,
       "Go to what the message line is about", needs_notice),
    _c("notice.seen", "delete", "ctrl+k", "Seen", ALL, Level.OURS, Group.GO,
       "The message has been seen; the next one that waits comes up", needs_notice),
    _c("menu.open", ":", "f10", "Menu", ALL, Level.LOOK, Group.GO,
       "Every command of this place by number or by searching"),
    _c("sync.now", "ctrl+r", "f5", "Sync now", ALL, Level.LOOK, Group.GO,
       "Read the marketplaces now", needs_engine),
    _c("app.redraw", "ctrl+l", "", "Redraw", ALL_AND_STRIP, Level.LOOK, Group.GO,
       "Draw the whole terminal again"),
    _c("app.quit", "ctrl+q", "", "Leave", EVERYWHERE, Level.LOOK, Group.GO,
       "Leave; view, row, marks and drafts are kept, the engine goes on"),
    _c("undo.last", "z", "f4", "Take back", ALL, Level.OURS, Group.GO,
       "Take back the last thing, until it has been sent", needs_undo),
    # Move
    _c("row.down", "j", "down", "Row down", ALL, Level.LOOK, Group.MOVE,
       "One row down"),
    _c("row.up", "k", "up", "Row up", ALL, Level.LOOK, Group.MOVE,
       "One row up"),
    _c("page.down", "ctrl+d", "pagedown", "Page down", ALL, Level.LOOK, Group.MOVE,
       "Half a page down; PgDn a whole one"),
    _c("page.up", "ctrl+u", "pageup", "Page up", ALL, Level.LOOK, Group.MOVE,
       "Half a page up; PgUp a whole one"),
    _c("row.first", "home", "", "First row", ALL, Level.LOOK, Group.MOVE,
       "To the first row; g g does the same"),
    _c("row.last", "G", "end", "Last row", ALL, Level.LOOK, Group.MOVE,
       "To the last row"),
    _c("row.open", "l", "enter right", "Open", LISTS | DOCTOR, Level.LOOK, Group.MOVE,
       "Open the row, or unfold the missed ones", needs_rows),
    _c("row.next", "]", "", "Next", DETAIL | THREAD | STRIP, Level.LOOK, Group.MOVE,
       "Next row, from the detail or an open strip"),
    _c("row.prev", "[", "", "Previous", DETAIL | THREAD | STRIP, Level.LOOK, Group.MOVE,
       "Previous row"),
    _c("hot.next", "n", "", "Next hot row", ORDERS | INBOX, Level.LOOK, Group.MOVE,
       "Next row that is due within 2 h, missed or failed", needs_hot),
    _c("hot.prev", "N", "", "Previous hot row", ORDERS | INBOX, Level.LOOK, Group.MOVE,
       "Previous row that is due within 2 h, missed or failed", needs_hot),
    # View
    _c("filter.open", "/", "f3", "Find", LISTS | {Context.HELP}, Level.LOOK, Group.VIEW,
       "Filter the list, or jump to an order by its number", cli="shoptui orders list --filter"),
    _c("view.pick", "1 2 3 4 5 6 7 8 9 0", "", "Saved view", LISTS, Level.LOOK, Group.VIEW,
       "A saved view; 0 is the default"),
    _c("list.sort", "S", "", "Sort by", ORDERS | INBOX, Level.LOOK, Group.VIEW,
       "Sort by any column", needs_rows),
    _c("list.resort", ".", "", "Sort anew", LISTS, Level.LOOK, Group.VIEW,
       "Sort anew and show what has arrived"),
    _c("columns.next", "W", "", "Other columns", ORDERS | INBOX, Level.LOOK, Group.VIEW,
       "Show the other columns"),
    _c("answers.open", "V", "", "How stores answer", THREAD_ROWS, Level.LOOK, Group.VIEW,
       "Each store's waiting buyers, response rates and how many late answers are left"),
    _c("pane.size", "=", "", "Pane", ROWS, Level.LOOK, Group.VIEW,
       "Pane: peek, full, off"),
    _c("pane.focus", "tab", "shift+tab", "Other pane", ROWS, Level.LOOK, Group.VIEW,
       "Go into the pane and back", needs_row),
    _c("look.theme", "", "", "Theme", ALL, Level.OURS, Group.VIEW,
       "Other colours, at once and from now on: dark, light, high contrast, the terminal's, your own",
       cli="shoptui config"),
    _c("look.language", "", "", "Language", ALL, Level.OURS, Group.VIEW,
       "Another language, at once and from now on", cli="shoptui config"),
    _c("list.export", "o", "", "Export", ORDER_ROWS, Level.LOOK, Group.VIEW,
       "Write the list (or the marked rows) to a CSV file; a pick list to PDF and CSV", needs_rows,
       cli="shoptui orders list --format csv"),
    # Mark
    _c("mark.toggle", "space", "", "Mark", MARKABLE, Level.LOOK, Group.MARK,
       "Mark the row or take its mark off, then go one down", needs_row),
    _c("mark.range", "v", "", "Range", MARKABLE, Level.LOOK, Group.MARK,
       "Mark everything from the last mark to the cursor", needs_row),
    _c("mark.all", "*", "", "All", MARKABLE, Level.LOOK, Group.MARK,
       "Mark all that match the filter now", needs_rows),
    _c("mark.invert", "i", "", "Invert", MARKABLE, Level.LOOK, Group.MARK,
       "Swap marked and not marked", needs_rows),
    _c("mark.none", "u", "", "None", MARKABLE, Level.LOOK, Group.MARK,
       "Take all marks off", needs_marks),
    # Verbs of orders, Activity and stores
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
    _c("row.tag", "#", "", "Tag", ORDER_ROWS, Level.OURS, Group.DO,
       "Put one of our tags on, or take it off", needs_target, verb=12, cli="shoptui orders tag --filter"),
    _c("row.note", ";", "", "Note", DESK_ROWS, Level.REACH, Group.DO,
       "Write a note: to the marketplace where it keeps one, else here alone; it says which", needs_desk_target,
       verb=13, cli="shoptui orders note --filter"),
    _c("row.copy", "y", "", "Copy number", ROWS, Level.LOOK, Group.DO,
       "Send the number to the terminal's clipboard", needs_row, verb=14),
    _c("row.runbook", "K", "", "Why this time", DESK_ROWS, Level.LOOK, Group.DO,
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
    # Verbs of conversations
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
    _c("row.message", "r", "", "Message buyer", ORDER_ROWS, Level.REACH, Group.DO,
       "Open this buyer's conversation and write there", needs_role("agent", needs_row_and_engine), verb=20,
       cli="shoptui inbox reply"),
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
    # The first run
    _c("begin.choose", "1 2 3 4 5 6 7 8 9", "", "Begin", DOCTOR, Level.LOOK, Group.DO,
       "Begin in the way with that number"),
    _c("doctor.again", "c", "f6", "Look again", DOCTOR, Level.LOOK, Group.DO,
       "Look at terminal, machine and house once more", verb=1, cli="shoptui doctor"),
    _c("doctor.open", "", "", "Doctor", ALL, Level.LOOK, Group.GO,
       "How terminal, machine and house do, and what to do about it", cli="shoptui doctor"),
    _c("tour.open", "", "", "Tour", ALL, Level.LOOK, Group.GO,
       "Five minutes of the keys on a simulated house of its own, then back here", cli="shoptui tour"),
    # The strip
    _c("strip.do", "f9", "ctrl+y", "Do it", STRIP | TEXT, Level.LOOK, Group.STRIP,
       "Do what the strip says: the only key that sends"),
    _c("strip.leave", "left h", "escape q", "No", STRIP, Level.LOOK, Group.STRIP,
       "Close the strip, nothing is done"),
    _c("strip.rows", "tab", "", "The rows left out", STRIP, Level.LOOK, Group.STRIP,
       "Show the rows that are left out, and why"),
    _c("strip.option", "1 2 3 4 5 6 7 8 9", "", "Change a choice", STRIP, Level.LOOK, Group.STRIP,
       "Change the choice with that number"),
    _c("text.leave", "escape", "ctrl+g", "Leave", TEXT, Level.LOOK, Group.STRIP,
       "Leave the field, what is typed is kept"),
    _c("text.editor", "ctrl+e", "f8", "Own editor", TEXT, Level.LOOK, Group.STRIP,
       "Write on in your own editor, as $VISUAL or $EDITOR names it"),
    _c("text.template", "f7", "", "Other quick reply", TEXT, Level.LOOK, Group.STRIP,
       "The next quick reply that has all its values here, then your own words again"),
    _c("view.save", "ctrl+s", "", "Save as view", TEXT, Level.OURS, Group.STRIP,
       "Save the filter under a digit: Ctrl-S, then the digit"),
)
# fmt: on

BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}

_KEY_LABELS = {
    "left": "◄",
    "right": "►",
    "up": "Up",
    "down": "Down",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "Shift-Tab",
    "delete": "Del",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
}

#: The keys that confirm; nothing else may be bound to them and nothing else may confirm (screens, section 4).
CONFIRM_KEYS = frozenset({"f9", "ctrl+y"})


def key_label(key: str) -> str:
    """A Textual key name as the key line and the help show it: `ctrl+r` → `Ctrl-R`, `left` → `◄`."""
    if key in _KEY_LABELS:
        return _KEY_LABELS[key]
    if key.startswith("ctrl+"):
        return "Ctrl-" + key[5:].upper()
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return key


def in_context(context: Context) -> tuple[Command, ...]:
    """The commands of one context, in the table's order."""
    return tuple(command for command in COMMANDS if context in command.contexts)


def verbs_of(context: Context) -> tuple[Command, ...]:
    """The verbs of a place, first verb first: key line and menu use this order, so their numbers never change."""
    return tuple(sorted((c for c in in_context(context) if c.verb), key=lambda command: command.verb))


def check_keymap(keymap: Mapping[str, str]) -> list[str]:
    """What is wrong with an operator's own keymap (command id → comma-separated keys); empty when it can be used.

    Refused are unknown ids, a key that would mean two things in one place, and any other key that confirms or any
    other meaning for the keys that do.
    """
    problems = [
        _("{id} is no command.{hint}").format(id=command_id, hint=_hint(command_id, BY_ID))
        for command_id in keymap
        if command_id not in BY_ID
    ]
    for command in COMMANDS:
        keys = keys_under(command, keymap)
        if command.id in keymap:
            problems.extend(_no_keys(command, keymap))
        if command.id == "strip.do":
            if letters := [key for key in keys if len(key) == 1 or key in {"enter", "tab", "space"}]:
                problems.append(
                    _(
                        "strip.do cannot be {key}: scanners, pastes and input methods type it. Use a function key."
                    ).format(key=key_label(letters[0]))
                )
        elif taken := CONFIRM_KEYS.intersection(keys):
            problems.append(
                _("{key} confirms and can mean nothing else; take it from {id}.").format(
                    key=key_label(min(taken)), id=command.id
                )
            )
    for context in Context:
        problems.extend(_clashes(context, keymap))
    return list(dict.fromkeys(problems))


_NAMED_KEYS = frozenset({
    "left", "right", "up", "down", "enter", "escape", "space", "tab", "backspace", "delete", "insert", "home", "end",
    "pageup", "pagedown",
})  # fmt: skip
_MODIFIERS = ("ctrl+", "alt+", "shift+", "meta+")


def _is_key(key: str) -> bool:
    """Whether this is the name of a key as Textual calls it."""
    for modifier in _MODIFIERS:
        key = key.removeprefix(modifier)
    if len(key) == 1:
        return key.isprintable()
    if key in _NAMED_KEYS or (key[0] == "f" and key[1:].isdecimal() and 1 <= int(key[1:]) <= 24):
        return True
    try:
        # Signs go by their Unicode names: `full_stop`, `question_mark`.
        unicodedata.lookup(key.replace("_", " "))
    except KeyError:
        return False
    return key.islower()


def _no_keys(command: Command, keymap: Mapping[str, str]) -> Iterable[str]:
    keys = first_keys(command, keymap)
    if not keys:
        yield _("{id} would have no key: name one, or take the line out.").format(id=command.id)
    for key in keys:
        if not _is_key(key):
            words = _("{id} has the key {key}, which no terminal sends. Write it as in f, F, f12, ctrl+s, left.")
            yield words.format(id=command.id, key=key)


def _hint(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return _(" Did you mean {word}?").format(word=near[0]) if near else ""


def first_keys(command: Command, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The command's keys without their twins, under a keymap."""
    if command.id not in keymap:
        return command.keys
    return tuple(key.strip() for key in keymap[command.id].split(",") if key.strip())


def keys_under(command: Command, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The command's keys under a keymap, which replaces the first keys and leaves the twins."""
    return first_keys(command, keymap) + command.twins


def _clashes(context: Context, keymap: Mapping[str, str]) -> Iterable[str]:
    holder: dict[str, Command] = {}
    for command in in_context(context):
        for key in keys_under(command, keymap):
            other = holder.setdefault(key, command)
            # A command that applies only sometimes may share its key with the one that applies otherwise.
            if other is not command and other.applies is always and command.applies is always:
                yield _("{key} would mean both {one} and {two} in {place}.").format(
                    key=key_label(key), one=other.id, two=command.id, place=context.value
                )


def markdown_table() -> str:
    """The key table of the README."""
    lines = ["| key | twin | where | what it does | level | id | shell |", "|---|---|---|---|---|---|---|"]
    for command in COMMANDS:
        where = "all" if command.contexts >= ALL else ", ".join(c.value for c in Context if c in command.contexts)
        keys = " ".join(f"`{_cell(key_label(key))}`" for key in command.keys)
        twins = " ".join(f"`{_cell(key_label(key))}`" for key in command.twins)
        shell = f"`{command.cli}`" if command.cli else ""
        lines.append(
            f"| {keys} | {twins} | {where} | **{_(command.label)}**: {_(command.help)} | {int(command.level)} "
            f"| {command.id} | {shell} |"
        )
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(markdown_table() + "\n")

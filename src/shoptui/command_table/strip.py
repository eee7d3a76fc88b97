"""What works at the first run and on a strip."""

from __future__ import annotations

from shoptui.command_table.kinds import ALL, DOCTOR, STRIP, TEXT, Command, Group, Level, _c

# fmt: off
# One line of facts and one of help each, to be read as a table. Label and help are message ids (`_c:4`, `_c:8`).
STRIP_COMMANDS: tuple[Command, ...] = (
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

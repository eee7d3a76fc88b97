"""The strip's field of several lines, in which replies are written."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from shoptui.clusters import JOINER, backspace_to, next_boundary, previous_boundary
from shoptui.text import sanitise
from shoptui.widgets.roles import Ground, Role, ground_variable, text_variable

#: Longest text a paste brings in, characters: more than any marketplace takes.
_PASTE_MAX = 20_000


def _key(keys: str, action: str) -> Binding:
    return Binding(keys, action, show=False)


class StripEditor(TextArea, inherit_bindings=False):
    """Text that wraps where the line ends. Its keys are those of moving and mending; all others are commands.

    Textual's own bindings would take F6, F7, Ctrl-E and Ctrl-Y from them, and Ctrl-Y confirms.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        _key("up", "cursor_up"),
        _key("down", "cursor_down"),
        _key("left", "cursor_left"),
        _key("right", "cursor_right"),
        _key("ctrl+left", "cursor_word_left"),
        _key("ctrl+right", "cursor_word_right"),
        _key("home,ctrl+a", "cursor_line_start"),
        _key("end", "cursor_line_end"),
        _key("pageup", "cursor_page_up"),
        _key("pagedown", "cursor_page_down"),
        _key("shift+up", "cursor_up(True)"),
        _key("shift+down", "cursor_down(True)"),
        _key("shift+left", "cursor_left(True)"),
        _key("shift+right", "cursor_right(True)"),
        _key("backspace", "delete_left"),
        _key("delete", "delete_right"),
        _key("ctrl+w", "delete_word_left"),
        _key("ctrl+u", "delete_to_start_of_line"),
        _key("ctrl+k", "delete_to_end_of_line"),
        _key("ctrl+z", "undo"),
    ]

    DEFAULT_CSS = f"""
    StripEditor {{
        height: 3;
        width: 1fr;
        border: none;
        padding: 0 1;
        background: ${ground_variable(Ground.BG)};
        color: ${text_variable(Role.TEXT, Ground.BG)};
        scrollbar-size: 0 0;
    }}
    StripEditor:focus {{ border: none; }}
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, soft_wrap=True, compact=True, highlight_cursor_line=False)
        self.cursor_blink = False

    def to_end(self) -> None:
        """Put the cursor behind the last character."""
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: events.Paste) -> None:
        """Take what is pasted as text: with its lines, without anything a terminal would obey."""
        event.prevent_default()
        event.stop()
        words = sanitise(event.text.replace("\r\n", "\n").replace("\r", "\n"), limit=_PASTE_MAX)
        result = self._replace_via_keyboard(words, *self.selection)
        if result is not None:
            self.move_cursor(result.end_location)

    async def _on_key(self, event: events.Key) -> None:
        """Take also what joins the parts of one emoji: Textual drops it as unprintable, and the parts stood alone."""
        if event.character == JOINER and not self.read_only:
            event.stop()
            event.prevent_default()
            self._replace_via_keyboard(JOINER, *self.selection)
            return
        await super()._on_key(event)

    # What a reader takes for one character is one step, and goes as a whole.

    def get_cursor_left_location(self) -> tuple[int, int]:
        row, column = self.cursor_location
        return (row, previous_boundary(self.document[row], column)) if column else super().get_cursor_left_location()

    def get_cursor_right_location(self) -> tuple[int, int]:
        row, column = self.cursor_location
        line = self.document[row]
        return (row, next_boundary(line, column)) if column < len(line) else super().get_cursor_right_location()

    def action_delete_left(self) -> None:
        """Delete what is selected, else what is left of the cursor."""
        row, column = self.cursor_location
        if self.read_only or not self.selection.is_empty or not column:
            super().action_delete_left()
        else:
            self._delete_via_keyboard((row, backspace_to(self.document[row], column)), (row, column))

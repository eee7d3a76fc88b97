"""The strip: the one place where questions, forms, the filter and the menu open, above the message line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.message import Message
from textual.widgets import Input

from shoptui.cellwidth import cell_width
from shoptui.screens.forms import Form
from shoptui.screens.lines import Line, RoleLines, plain, rule, width_of, without_least
from shoptui.widgets.roles import Ground, Role, ground_variable, text_variable
from shoptui.widgets.scan_app import Scanned

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from shoptui.screens.strip_editor import StripEditor

#: The strip never grows beyond this, so that some rows of the list stay in view.
HEIGHT_NARROW = 12
HEIGHT_WIDE = 14

#: An editor has room for so many lines, and takes more up to the second as they are needed.
_EDITOR_LINES = 3
_EDITOR_LINES_MAX = 6


class StripField(Input):
    """The text field of a strip: one line, no border, no blinking."""

    DEFAULT_CSS = f"""
    StripField {{
        height: 1;
        width: 1fr;
        border: none;
        padding: 0;
        background: ${ground_variable(Ground.BG)};
        color: ${text_variable(Role.TEXT, Ground.BG)};
    }}
    StripField:focus {{ border: none; }}
    """

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.accepts_scan = False

    def on_scanned(self, event: Scanned) -> None:
        """A scan fills a field that expects a code, without its Enter."""
        event.stop()
        self.value = event.text
        self.cursor_position = len(event.text)

    def on_paste(self, event: events.Paste) -> None:
        """A form may take what is pasted, such as columns for many orders."""
        strip = self.query_ancestor(Strip)
        if strip.form is not None and strip.form.pasted(event.text):
            event.stop()
            event.prevent_default()

    def on_key(self, event: events.Key) -> None:
        """A form may take keys that would otherwise be typed, such as the digits of the menu."""
        strip = self.query_ancestor(Strip)
        if strip.form is not None and strip.form.key(event.key, event.character):
            event.stop()
            event.prevent_default()
            strip.post_message(Strip.GoneOn())


class Strip(Vertical, can_focus=True):
    """Shows one form, or nothing and takes no room then."""

    DEFAULT_CSS = """
    Strip { height: auto; display: none; }
    Strip RoleLines { height: auto; }
    Strip #strip-line { height: 1; display: none; }
    """

    class Opened(Message):
        """A form was opened."""

    class Closed(Message):
        """The form was closed; `done` is False when it was left without doing anything."""

        def __init__(self, done: bool) -> None:
            super().__init__()
            self.done = done

    class GoneOn(Message):
        """The operator typed or chose something in the form."""

    class Redrawn(Message):
        """What the form says has changed, and with it the keys that work."""

    def __init__(self) -> None:
        super().__init__(id="strip")
        self.form: Form | None = None
        self._now = 0
        self._editor: StripEditor | None = None
        self.height_max = HEIGHT_NARROW

    def compose(self) -> ComposeResult:
        yield RoleLines(id="strip-above")
        with Horizontal(id="strip-line"):
            yield RoleLines(id="strip-label")
            yield StripField()
        yield RoleLines(id="strip-below")

    @property
    def is_open(self) -> bool:
        """Whether a form is shown."""
        return self.form is not None

    @property
    def field(self) -> StripField:
        return self.query_one(StripField)

    def open(self, form: Form, now: int) -> None:
        """Show a form in place of the one before, and give it the keyboard."""
        if self.form is not None:
            self.form.left()
        self.form = form
        self._now = now
        form.changed = self.redraw
        form.close = self._close_done
        form.set_text = self._set_text
        field = form.field
        with self.app.batch_update():
            self.query_one("#strip-line").display = field is not None
            if field is not None:
                label = self.query_one("#strip-label", RoleLines)
                label.styles.width = cell_width(field.label) + 2
                label.show([plain(f" {field.label} ", Role.INFO)])
                with self.field.prevent(Input.Changed):
                    self.field.value = field.value
                self.field.cursor_position = len(field.value)
                self.field.accepts_scan = field.accepts_scan
                self.field.password = field.hidden
            self.display = True
            self.redraw()
            for lines in self.query(RoleLines):
                # Lines that were set while nothing was shown are not drawn by themselves.
                lines.refresh()
        if form.editor is not None:
            self._open_editor(form.editor.value)
        else:
            self._close_editor()
            (self.field if field is not None else self).focus(scroll_visible=False)
        self.post_message(self.Opened())

    # The editor is mounted when one is wanted: it is slow to import, and most strips have none.

    def _open_editor(self, value: str) -> None:
        from shoptui.screens.strip_editor import StripEditor

        self._close_editor()
        self._editor = StripEditor(value)
        self._editor.styles.height = _EDITOR_LINES
        self.mount(self._editor, before="#strip-below")
        # Focus is taken once it is there; until then no key may go to the commands of the list.
        self._editor.focus(scroll_visible=False)
        self.call_after_refresh(self._editor.to_end)

    def _close_editor(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            editor.remove()

    def editor_text(self) -> str:
        """What is in the editor, "" without one."""
        return self._editor.text if self._editor is not None else ""

    def set_editor_text(self, value: str) -> None:
        """Put another text into the editor."""
        if self._editor is not None:
            self._editor.text = value
            self._editor.to_end()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Something was typed into the editor."""
        event.stop()
        if self.form is None or event.text_area is not self._editor:
            return
        value = self._editor.text
        lines = max(_EDITOR_LINES, min(_EDITOR_LINES_MAX, self._editor.wrapped_document.height))
        if self._editor.styles.height is None or self._editor.size.height != lines:
            self._editor.styles.height = lines
        self.form.keep_draft(value)
        self.form.text_changed(value)
        self.post_message(self.GoneOn())

    def redraw(self) -> None:
        """Draw what the form says now."""
        form = self.form
        if form is None:
            return
        width = self.app.size.width
        above: list[Line] = [_head(form, width), *form.lines(width, self._now)]
        below = form.lines_below(width)
        fields = _EDITOR_LINES if form.editor is not None else 1 if form.field is not None else 0
        room = self.height_max - fields - len(below)
        with self.app.batch_update():
            self._show("#strip-above", above[:room], form.ground)
            self._show("#strip-below", below, form.ground)
        self.post_message(self.Redrawn())

    def tick(self, now: int) -> None:
        """Let what the form says follow the time (epoch seconds)."""
        self._now = now
        if self.form is not None:
            width = self.app.size.width
            above = [_head(self.form, width), *self.form.lines(width, now)]
            self.query_one("#strip-above", RoleLines).show(above[: self.height_max])

    def leave(self) -> None:
        """Close the strip without doing anything."""
        form = self.form
        if form is not None:
            form.left()
            self._close(done=False)

    def _set_text(self, value: str) -> None:
        if self._editor is not None:
            self.set_editor_text(value)
            return
        with self.field.prevent(Input.Changed):
            self.field.value = value
        self.field.cursor_position = len(value)

    def _close_done(self) -> None:
        if self.form is not None:
            # What was typed has been handed in.
            self.form.keep_draft("")
        self._close(done=True)

    def _close(self, *, done: bool) -> None:
        if self.form is None:
            return
        self.form = None
        self._close_editor()
        self.display = False
        self.post_message(self.Closed(done))

    def _show(self, selector: str, lines: list[Line], ground: Ground) -> None:
        widget = self.query_one(selector, RoleLines)
        widget.display = bool(lines)
        if lines and widget.line_count != len(lines):
            widget.styles.height = len(lines)
        widget.show(lines, ground=ground)

    def on_key(self, event: events.Key) -> None:
        """A form's own keys come before everything else; what it does not take goes on to the commands."""
        if self.form is not None and self.form.key(event.key, event.character):
            event.stop()
            event.prevent_default()
            self.post_message(self.GoneOn())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.form is not None:
            self.form.keep_draft(event.value)
            self.form.text_changed(event.value)
            self.post_message(self.GoneOn())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.form is not None:
            self.form.text_submitted(event.value)

    def field_value(self) -> str:
        """What is in the text field, "" without one."""
        if self._editor is not None:
            return self._editor.text
        try:
            return self.field.value if self.form is not None and self.form.field is not None else ""
        except NoMatches:
            return ""


#: What a head has besides its two sides: the rule's ends and a blank at each side of them.
_HEAD_EDGES = 8


def _head(form: Form, width: int) -> Line:
    """A form's head: what does not fit of its title is left out piece by piece before a word is cut."""
    right = form.title_right()
    edges = _HEAD_EDGES if right else _HEAD_EDGES - 2
    return rule(width, without_least(form.title(), width - width_of(right) - edges), right)

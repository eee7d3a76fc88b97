"""A text field that expects a code: a tracking number, a SKU, a count."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input

from shoptui.widgets.scan_app import Scanned


class CodeInput(Input):
    """A one-line field that a scan fills without its Enter."""

    accepts_scan = True

    class Filled(Message):
        """A scan was put into the field."""

        def __init__(self, field: CodeInput, text: str) -> None:
            super().__init__()
            self.field = field
            self.text = text

        @property
        def control(self) -> CodeInput:
            return self.field

    def on_scanned(self, event: Scanned) -> None:
        event.stop()
        self.value = event.text
        self.cursor_position = len(event.text)
        self.post_message(self.Filled(self, event.text))

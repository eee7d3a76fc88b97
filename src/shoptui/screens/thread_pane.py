"""The pane of a conversation: its head stays, the rest is read from its end, where the newest words are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shoptui.screens.lines import Line
from shoptui.screens.place import PaneLines
from shoptui.widgets.roles import Ground


class ThreadPane(PaneLines):
    """Lines that are scrolled up from the end; what comes at either end moves nothing that is read."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's own name for it
        super().__init__(id=id)
        self._up = 0

    @property
    def first_line(self) -> int:
        return max(0, self._up_max - self._up)

    @property
    def _up_max(self) -> int:
        return max(0, self.line_count - self.size.height)

    @property
    def is_at_top(self) -> bool:
        """Whether the oldest line is in view."""
        return self.first_line == 0

    def show_thread(self, head: Sequence[Line], lines: Sequence[Line]) -> None:
        """Show a thread below its head; whoever reads further up goes on reading there."""
        if self._up and self._lines and lines and self._lines[-1] != lines[-1]:
            self._up += max(0, len(head) + len(lines) - self.line_count)
        self.pinned = len(head)
        self.show([*head, *lines])

    def show(self, lines: Iterable[Line], *, ground: Ground | None = None) -> None:
        super().show(lines, ground=ground)
        self._up = min(self._up, self._up_max)

    def turn(self, lines: int) -> bool:
        up = max(0, min(self._up - lines, self._up_max))
        if up == self._up:
            return False
        self._up = up
        self.refresh()
        return True

    def to_top(self) -> None:
        """To the newest words: that is where reading begins."""
        self.turn(self._up)

    def to_oldest(self) -> None:
        """To the oldest line."""
        self.turn(self._up - self._up_max)

    def to_end(self) -> None:
        self.turn(self._up)

"""The confirm guard: was a press of the confirming key one deliberate press, on a strip that could be read?"""

from __future__ import annotations

from enum import StrEnum


class Press(StrEnum):
    """What became of a press of the guarded key."""

    PENDING = "pending"
    """It counts if nothing follows before `deadline`."""
    TOO_SOON = "too_soon"
    """The strip had not been on the screen long enough."""
    NOT_ALONE = "not_alone"
    """Another key came right before it, as in a scanner's burst."""
    REPEAT = "repeat"
    """The key is being held down, or was pressed again too quickly to tell; only its first press was judged."""


class ConfirmGuard:
    """Lets a press through only on a strip painted for `painted_s`, alone for `alone_s` before and after it.

    A key held down counts once: presses that follow one another within `repeat_s`, with no other key in between, are
    one press, since the terminal reports no release. Del, which answers the message line and needs no strip, has a
    guard with `painted_s` 0.
    All times are seconds of one monotonic clock and must not go back.
    """

    __slots__ = ("_last_other_s", "_last_press_s", "_painted_at_s", "_pending_s", "alone_s", "painted_s", "repeat_s")

    def __init__(self, *, painted_s: float = 0.3, alone_s: float = 0.08, repeat_s: float = 0.7) -> None:
        self.painted_s = painted_s
        self.alone_s = alone_s
        self.repeat_s = repeat_s
        self._painted_at_s: float | None = None
        self._last_other_s: float | None = None
        self._last_press_s: float | None = None
        self._pending_s: float | None = None

    @property
    def deadline(self) -> float | None:
        """When a pending press counts, None while there is none."""
        return None if self._pending_s is None else self._pending_s + self.alone_s

    @property
    def has_strip(self) -> bool:
        """Whether a complete strip has come on the screen."""
        return self._painted_at_s is not None

    def strip_painted(self, now_s: float) -> bool:
        """A complete strip has come on the screen, or the numbers on it have changed: reading starts anew.

        True if that took back a press that was pending.
        """
        self._painted_at_s = now_s
        return self._take_back()

    def strip_closed(self) -> bool:
        """There is nothing to confirm any more. True if that took back a press that was pending."""
        self._painted_at_s = None
        return self._take_back()

    def _take_back(self) -> bool:
        was_pending = self._pending_s is not None
        self._pending_s = None
        return was_pending

    def other_key(self, now_s: float) -> bool:
        """Any other key, and each character of a scan. True if it took back a press that was pending."""
        took_back = self._pending_s is not None and now_s < self._pending_s + self.alone_s
        if took_back:
            self._pending_s = None
        self._last_other_s = now_s
        return took_back

    def press(self, now_s: float) -> Press:
        """The guarded key was pressed."""
        previous, self._last_press_s = self._last_press_s, now_s
        other = self._last_other_s
        # Whoever pressed another key in between, to open the next strip, does not hold this one down.
        if previous is not None and now_s - previous < self.repeat_s and (other is None or other <= previous):
            return Press.REPEAT
        if self._last_other_s is not None and now_s - self._last_other_s < self.alone_s:
            return Press.NOT_ALONE
        if self.painted_s > 0 and (self._painted_at_s is None or now_s - self._painted_at_s < self.painted_s):
            return Press.TOO_SOON
        self._pending_s = now_s
        return Press.PENDING

    def confirmed(self, now_s: float) -> bool:
        """True once, when a pending press has stayed alone for long enough."""
        deadline = self.deadline
        if deadline is None or now_s < deadline:
            return False
        self._pending_s = None
        return True

"""The cockpit on a pseudo-terminal as its operator sees it: named lines, rows, marks, and keys pressed by a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.live import SHOPTUI
from tests.e2e.terminal import Terminal

#: A person's pause between two keys, and the time somebody needs at least to read a question, seconds.
KEY_GAP_S = 0.06
READING_S = 0.45

_CURSOR = re.compile(r"►.*?\b[a-z]{2}-[a-z]{2}-\d+\s+(\w{6})\s")
_COUNT = re.compile(r"([\d,]+) orders?\b")
_MARKED = re.compile(r"([\d,]+) marked")
_STRIP = re.compile(r"── SHIP (?:[\d,]+ parcels?, )?([\d,]+|none) of ([\d,]+) orders?")


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of the order grid at 80 columns."""

    is_cursor: bool
    is_marked: bool
    store_id: str
    tail: str
    status: str
    act: str


class Cockpit(Terminal):
    """A cockpit under test."""

    def __init__(
        self,
        env: Mapping[str, str],
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        command: Sequence[str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """`arguments` follow `shoptui`; without any it is `attach`. `command` replaces the whole command line."""
        chosen = command if command is not None else [*SHOPTUI, *(arguments or ("attach",))]
        super().__init__(chosen, columns=columns, rows=rows, env=env, cwd=cwd)

    # What is on the screen.

    @property
    def status(self) -> str:
        return self.line(0)

    @property
    def view(self) -> str:
        return self.line(2)

    @property
    def message(self) -> str:
        """The message line and, where it takes two, the line below it."""
        return "\n".join(self.line(number) for number in (-3, -2)).strip()

    @property
    def keys(self) -> str:
        return self.line(-1)

    @property
    def cursor_tail(self) -> str | None:
        """The last six characters of the order under the cursor; None when the cursor is on no order."""
        found = next((match for match in map(_CURSOR.search, self.screen.display) if match), None)
        return found.group(1) if found else None

    @property
    def order_count(self) -> int:
        return _number(_COUNT, self.view)

    @property
    def marked_count(self) -> int:
        return _number(_MARKED, self.view)

    @property
    def strip(self) -> tuple[int, int] | None:
        """How many orders the ship strip would ship, and of how many; None while it is not open."""
        found = _STRIP.search(self.text())
        if found is None:
            return None
        ready, asked = (0 if part == "none" else int(part.replace(",", "")) for part in found.groups())
        return ready, asked

    def shown_rows(self) -> list[ShownRow]:
        """The orders on the screen, folded group and empty lines left out."""
        rows: list[ShownRow] = []
        for line in self.screen.display:
            store = re.match(r"[a-z]{2}-[a-z]{2}-\d+ ", line[16:25])
            if store is not None and line[0] in "► ":
                tail, status, act = line[25:31], line[32:36], line[37:41]
                rows.append(
                    ShownRow(line[0] == "►", line[1] == "*", store.group().strip(), tail, status.strip(), act.strip())
                )
        return rows

    def marked_tails(self) -> set[str]:
        """The order tails that carry a mark on the screen."""
        return {row.tail for row in self.shown_rows() if row.is_marked}

    def cursor_group(self, *words: str) -> bool:
        """Whether the row under the cursor says all of these; one in brackets is looked for in the line of tabs."""
        row = next((line for line in self.screen.display if line.startswith("►")), "")
        return all(word in (self.line(1) if word.startswith("[") else row) for word in words)

    # What its operator does.

    def ready(self, seconds: float = 90.0) -> Cockpit:
        """Wait until the list is there and the engine is linked."""
        self.until(
            lambda: (
                self.cursor_tail is not None
                and "connecting" not in self.status
                and "NO ENGINE" not in self.status
                and "reading" not in self.view
                and _COUNT.search(self.view) is not None
            ),
            "a cockpit with orders and an engine",
            seconds,
        )
        return self

    def key(self, *keys: str) -> None:
        """Press keys one after the other, as a person does."""
        self.press_apart(*keys, gap_s=KEY_GAP_S)

    def show_view(self, digit: str) -> None:
        """Show one of the views of Orders."""
        self.key(digit)
        self.until(lambda: self.view.startswith(f" {digit} ") and "reading" not in self.view, f"view {digit}")

    def show_filter(self, filter_text: str) -> None:
        """Type a filter and apply it."""
        self.key("/")
        self.until(lambda: "Enter show" in self.keys, "the filter field")
        # The field starts with the filter there is.
        self.press("\x01", "\x0b")
        self.type(filter_text)
        self.key("enter")
        self.until(
            lambda: filter_text in self.view and "reading" not in self.view and "Enter show" not in self.keys,
            f"the filter {filter_text}",
        )

    def type(self, text: str) -> None:
        """Type text into the field that has the keyboard, slowly enough for a person, until all of it is there."""
        for character in text:
            self.press_apart(character, gap_s=0.04)
        self.wait_for(text)

    def mark_all(self) -> int:
        """Mark all that match; how many those are."""
        self.key("*")
        self.until(lambda: self.marked_count > 0, "marks")
        return self.marked_count

    def ask_ship(self) -> tuple[int, int]:
        """Open the ship strip; how many orders it would ship, of how many."""
        self.key("s")
        # The line of keys is painted last: without it the strip may not be whole.
        self.until(lambda: self.strip is not None and "F9 " in self.keys, "the ship strip")
        assert self.strip is not None
        return self.strip

    def confirm(self) -> None:
        """Read the strip that is open, then press F9; again where the strip wants to be read again."""
        self.until(lambda: "F9 " in self.keys, "a strip that F9 can confirm")
        for _ in range(5):
            self.read_for(READING_S)
            self.press("f9")
            self.until(lambda: "F9 " not in self.keys or "Not sent" in self.message, "what F9 did", 45.0)
            if "F9 " not in self.keys:
                return
            # A second press right after the first counts as the same one.
            self.read_for(2 * READING_S)
        raise AssertionError(f"F9 never counted:\n{self.text()}")

    def go(self, letter: str, heading: str) -> None:
        """Go to a place with `g` and its letter."""
        self.key("g")
        self.wait_for("GO: a letter")
        self.key(letter)
        self.until(lambda: f"[{heading}" in self.line(1), f"the place {heading}")


def _number(pattern: re.Pattern[str], line: str) -> int:
    found = pattern.search(line)
    return int(found.group(1).replace(",", "")) if found else 0

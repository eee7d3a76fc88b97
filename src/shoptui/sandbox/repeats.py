"""Pages as lists give them that move while they are read: with the row before them in front, or out of order."""

from __future__ import annotations

from typing import Generic, TypeVar

Row = TypeVar("Row")


class PageRepeats(Generic[Row]):
    """Remembers the last row of each list, on how many following pages it is to come again, and what is to be mixed.

    A list is named by its shop; a shop's conversations and messages by `<shop>/chats` and `<shop>/messages`.
    """

    def __init__(self) -> None:
        self._mixed_left: dict[str, int] = {}
        self._pages_left: dict[str, int] = {}
        self._last_rows: dict[str, Row] = {}

    def order(self, shop_id: str, pages: int) -> None:
        """Let the next so many following pages of the shop begin with the row before them; 0 ends it."""
        self._pages_left[shop_id] = pages

    def mix(self, shop_id: str, pages: int) -> None:
        """Let the next so many pages come with their rows out of order; 0 ends it."""
        self._mixed_left[shop_id] = pages

    def page(self, shop_id: str, rows: list[Row], *, follows: bool) -> list[Row]:
        """The rows to send: a page that follows another one has its last row in front, if that was ordered.

        An empty page repeats nothing and is not remembered.
        """
        if not rows:
            return rows
        left = self._pages_left.get(shop_id, 0)
        if follows and left > 0 and shop_id in self._last_rows:
            self._pages_left[shop_id] = left - 1
            rows = [self._last_rows[shop_id], *rows]
        self._last_rows[shop_id] = rows[-1]
        if (mixed := self._mixed_left.get(shop_id, 0)) > 0:
            self._mixed_left[shop_id] = mixed - 1
            # Every other row, then the rest from the end: neither ascending nor descending.
            rows = [*rows[1::2], *reversed(rows[::2])]
        return rows

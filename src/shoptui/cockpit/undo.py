"""What `z` takes back: the last thing ordered or changed, as long as that is possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from shoptui.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class UndoBatch:
    """What one F9 ordered, in one batch or several; each can be taken back until it is sent.

    `marks` are the rows of `place` that were marked for it: taken back, they are marked again.
    """

    batch_ids: tuple[str, ...]
    marks: tuple[int, ...] = ()
    place: str = "orders"


@dataclass(frozen=True, slots=True)
class UndoRequest:
    """A change that is ours alone: the request that reverses it, and what to say when that is done."""

    do: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    say: str = ""


Undo = UndoBatch | UndoRequest

#: More than anybody remembers.
_KEPT = 50


class UndoStack:
    """The last things done, newest last."""

    def __init__(self) -> None:
        self._entries: list[Undo] = []

    @property
    def last(self) -> Undo | None:
        return self._entries[-1] if self._entries else None

    def push(self, entry: Undo) -> None:
        """Remember a thing done."""
        self._entries.append(entry)
        del self._entries[:-_KEPT]

    def pop(self) -> Undo | None:
        """Forget the last thing done and return it."""
        return self._entries.pop() if self._entries else None

    def drop_batch(self, batch_id: str) -> None:
        """Forget a batch that has been sent: it can no longer be taken back."""
        kept: list[Undo] = []
        for entry in self._entries:
            if isinstance(entry, UndoBatch) and batch_id in entry.batch_ids:
                rest = tuple(each for each in entry.batch_ids if each != batch_id)
                kept += [replace(entry, batch_ids=rest)] if rest else []
            else:
                kept.append(entry)
        self._entries = kept

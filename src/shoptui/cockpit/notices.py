"""The message line's content: what waits to be seen, newest first, and the one passing word on top."""

from __future__ import annotations

from enum import StrEnum

from shoptui.domain.records import dataclass
from shoptui.words import Said


class Tone(StrEnum):
    """How a message is meant, which sets its colour."""

    NEWS = "news"
    GOOD = "good"
    BAD = "bad"
    ASK = "ask"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. `key` identifies what it is about: a later notice with the same key replaces it.

    A `sticky` one stays until it is seen. `goes_to` names what `'` opens: `batch:<id>`, `store:<id>`, `order:<row>`,
    `scan:<text>`, "" for nothing. `alert_ids` and `batch_id` are what seeing it is reported for, empty when it is
    ours alone.
    """

    key: str
    said: Said
    tone: Tone
    sticky: bool = False
    goes_to: str = ""
    alert_ids: tuple[str, ...] = ()
    batch_id: str = ""


class NoticeBoard:
    """The sticky notices in order of arrival and at most one passing notice above them."""

    def __init__(self) -> None:
        self._sticky: dict[str, Notice] = {}
        self._passing: Notice | None = None

    @property
    def top(self) -> Notice | None:
        """What the line shows: the passing word if there is one, else the newest sticky notice."""
        if self._passing is not None:
            return self._passing
        return next(reversed(self._sticky.values()), None)

    @property
    def passing(self) -> Notice | None:
        """The passing word, None when there is none."""
        return self._passing

    @property
    def waiting(self) -> int:
        """Sticky notices beside the one on top."""
        return self.waiting_beside(self.top)

    def waiting_beside(self, shown: Notice | None) -> int:
        """Sticky notices beside this one; all of them where the line shows none of the board's."""
        return sum(1 for notice in self._sticky.values() if notice is not shown)

    @property
    def count(self) -> int:
        """Everything that can be seen or gone to."""
        return len(self._sticky) + (self._passing is not None)

    def post(self, notice: Notice) -> None:
        """Show a notice: a sticky one waits, any other is replaced by the next.

        Nothing that waits covers a word that answers the operator's own key with "not done": it comes up after that.
        """
        if notice.sticky:
            if self._sticky.get(notice.key) == notice:
                return
            self._sticky.pop(notice.key, None)
            self._sticky[notice.key] = notice
            if self._passing is not None and self._passing.tone is not Tone.ASK:
                self._passing = None
        else:
            self._passing = notice

    def withdraw(self, key: str) -> None:
        """Take a notice away because its matter is over."""
        self._sticky.pop(key, None)
        if self._passing is not None and self._passing.key == key:
            self._passing = None

    def keep_only(self, prefix: str, keys: set[str]) -> None:
        """Withdraw the sticky notices whose key begins with `prefix`, except these."""
        for key in [key for key in self._sticky if key.startswith(prefix) and key not in keys]:
            del self._sticky[key]

    def pass_by(self) -> None:
        """The operator went on: the passing word has been read."""
        self._passing = None

    def seen(self) -> Notice | None:
        """Take the notice on top away and return it, None when there is none."""
        top = self.top
        if top is not None:
            self.withdraw(top.key)
        return top

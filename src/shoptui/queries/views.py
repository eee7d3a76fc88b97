"""Views of a list, a digit with a name and a filter, and those of the Orders screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from shoptui.domain.records import dataclass
from shoptui.i18n import later
from shoptui.queries.filter import parse
from shoptui.queries.query import Query

#: A view may be saved under each of these.
DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class View:
    """One view. `name` is English (the cockpit translates it), "" for an operator's own, whose filter is its name.

    `unfolded` shows the missed rows one by one from the start. `own` says that the operator saved it. `read` reads the
    filters of the list it belongs to.
    """

    digit: str
    name: str
    filter_text: str
    unfolded: bool = False
    own: bool = False
    read: Callable[[str], Query] = parse

    @property
    def query(self) -> Query:
        """The filter, read. Raises FilterError for an own view whose text this version cannot read."""
        return self.read(self.filter_text)


#: What shoptui ships with (screens, section 2).
ORDER_VIEWS: Mapping[str, View] = MappingProxyType(
    {
        view.digit: view
        for view in (
            View("0", later("all open"), "is:open"),
            View("1", later("missed"), "due:missed", unfolded=True),
            View("2", later("next 4 h"), "due:<4h"),
            View("3", later("next 12 h"), "due:<12h"),
            View("4", later("handed over, never scanned"), "status:to_hand_over"),
            View("5", later("failed"), "act:failed,not_done"),
            View("6", later("new"), "is:open created:<1h"),
            View("7", later("on hold"), "status:on_hold or is:held"),
            View("8", later("buyer wants to cancel"), "flag:cancel is:open"),
            View("9", later("mine"), "is:mine"),
        )
    }
)


def order_views(saved: Mapping[str, str]) -> Mapping[str, View]:
    """All views by digit, with the operator's own (digit → filter text) in place of the shipped ones."""
    return with_own(ORDER_VIEWS, saved, parse)


def with_own(shipped: Mapping[str, View], saved: Mapping[str, str], read: Callable[[str], Query]) -> Mapping[str, View]:
    """The shipped views of a list with the operator's own (digit → filter text); `read` reads that list's filters."""
    views = dict(shipped)
    for digit, filter_text in saved.items():
        if digit in DIGITS:
            views[digit] = View(digit, "", filter_text, own=True, read=read)
    return MappingProxyType(dict(sorted(views.items())))

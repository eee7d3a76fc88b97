"""The views of the Inbox: a digit, a name and a filter; shipped ones and the operator's own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shoptui.i18n import later
from shoptui.queries.thread_filter import parse_threads
from shoptui.queries.views import View, with_own

#: What shoptui ships with (screens, section 2). A conversation that was read but not answered stays urgent.
THREAD_VIEWS: Mapping[str, View] = MappingProxyType(
    {
        view.digit: view
        for view in (
            View("0", later("all open"), "is:open", read=parse_threads),
            View("1", later("urgent"), "reply:<2h or is:escalated due:<2h", read=parse_threads),
            View("2", later("mine"), "is:mine is:open", read=parse_threads),
            View("3", later("nobody's"), "is:nobodys is:open", read=parse_threads),
            View("4", later("unread"), "is:unread", read=parse_threads),
            View("5", later("escalated"), "is:escalated", read=parse_threads),
            View("6", later("snoozed"), "is:snoozed", read=parse_threads),
        )
    }
)


def thread_views(saved: Mapping[str, str]) -> Mapping[str, View]:
    """All views by digit, with the operator's own (digit → filter text) beside and in place of the shipped ones."""
    return with_own(THREAD_VIEWS, saved, parse_threads)

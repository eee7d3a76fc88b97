"""The views of Returns: a digit, a name and a filter; shipped ones and the operator's own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shoptui.i18n import later
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.views import View, with_own

#: What shoptui ships with (screens, section 2).
RETURN_VIEWS: Mapping[str, View] = MappingProxyType(
    {
        view.digit: view
        for view in (
            View("0", later("all open"), "status:open", read=parse_returns),
            View("1", later("next 24 h"), "ret:<24h", read=parse_returns),
            View("2", later("to check in"), "is:back -is:checked", read=parse_returns),
            View("3", later("small and open"), "status:open value:<5usd", read=parse_returns),
            View("4", later("cancel requests"), "ask:cancel status:open", read=parse_returns),
            View("5", later("disputes"), "is:disputed", read=parse_returns),
            View("6", later("mine"), "is:mine status:open", read=parse_returns),
            View("7", later("on their way back"), "status:buyer_sends,on_way_back", read=parse_returns),
        )
    }
)


def return_views(saved: Mapping[str, str]) -> Mapping[str, View]:
    """All views by digit, with the operator's own (digit → filter text) beside and in place of the shipped ones."""
    return with_own(RETURN_VIEWS, saved, parse_returns)

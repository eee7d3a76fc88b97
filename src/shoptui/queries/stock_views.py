"""The views of Stock: a digit, a name and a filter; shipped ones and the operator's own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shoptui.i18n import later
from shoptui.queries.stock_filter import parse_stock
from shoptui.queries.views import View, with_own

#: What shoptui ships with (screens, section 2).
STOCK_VIEWS: Mapping[str, View] = MappingProxyType(
    {
        view.digit: view
        for view in (
            View("0", later("all pools"), "", read=parse_stock),
            View("1", later("oversell or out in 3 d"), "risk:any cover:<3d", read=parse_stock),
            View("2", later("under 3 days"), "cover:<3d", read=parse_stock),
            View("3", later("out of step"), "risk:step", read=parse_stock),
            View("4", later("oversell"), "risk:over", read=parse_stock),
            View("5", later("not counted"), "is:uncounted is:selling", read=parse_stock),
        )
    }
)


def stock_views(saved: Mapping[str, str]) -> Mapping[str, View]:
    """All views by digit, with the operator's own (digit → filter text) beside and in place of the shipped ones."""
    return with_own(STOCK_VIEWS, saved, parse_stock)

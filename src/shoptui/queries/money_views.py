"""The views of Money, how its list of anomalies is ordered, and which balances a filter means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.records import dataclass
from shoptui.domain.stores import Store
from shoptui.i18n import later
from shoptui.queries.money import BalanceRow
from shoptui.queries.money_fields import ABOUT_ANOMALIES, MoneyField, parse_money
from shoptui.queries.query import And, Match, Node, Not, Or, Query, Text, Word
from shoptui.queries.sorting import ColumnSort
from shoptui.queries.store_names import store_matches
from shoptui.queries.views import View, with_own

#: The view that lists the anomalies of all stores; the others list balances.
ANOMALIES_VIEW = "1"

#: What shoptui ships with (screens, section 2).
MONEY_VIEWS: Mapping[str, View] = MappingProxyType(
    {
        view.digit: view
        for view in (
            View("0", later("balances"), "", read=parse_money),
            View(ANOMALIES_VIEW, later("anomalies"), "", read=parse_money),
            View("2", later("unverified"), "status:unverified", read=parse_money),
            View("3", later("negative"), "status:negative", read=parse_money),
            View("4", later("overdue"), "status:overdue", read=parse_money),
        )
    }
)


def money_views(saved: Mapping[str, str]) -> Mapping[str, View]:
    """All views by digit, with the operator's own (digit → filter text) beside and in place of the shipped ones."""
    return with_own(MONEY_VIEWS, saved, parse_money)


class AnomalySortBy(StrEnum):
    """The columns the list of anomalies can be sorted by."""

    SIZE = "size"
    STORE = "store"
    KIND = "kind"
    ORDER = "order"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True)
class AnomalySort(ColumnSort[AnomalySortBy]):
    """A column and a direction. By default the largest difference in dollars first; without a rate, last."""

    by: AnomalySortBy = AnomalySortBy.SIZE
    descending: bool = True


def names_anomalies(query: Query) -> bool:
    """Whether a filter asks for something only anomalies have, so that it is about them and not about balances."""
    return query.root is not None and _names(query.root)


def _names(node: Node) -> bool:
    if isinstance(node, Match):
        return node.field in ABOUT_ANOMALIES
    if isinstance(node, Not):
        return _names(node.part)
    return isinstance(node, And | Or) and any(_names(part) for part in node.parts)


def filtered(rows: Sequence[BalanceRow], query: Query, stores: Sequence[Store]) -> list[BalanceRow]:
    """The balances a filter means, in their order. What only anomalies have matches no balance."""
    if query.root is None:
        return list(rows)
    by_id = {store.store_id: store for store in stores}
    return [row for row in rows if _holds(query.root, row, by_id.get(row.store_id))]


def _holds(node: Node, row: BalanceRow, store: Store | None) -> bool:
    if isinstance(node, And):
        return all(_holds(part, row, store) for part in node.parts)
    if isinstance(node, Or):
        return any(_holds(part, row, store) for part in node.parts)
    if isinstance(node, Not):
        return not _holds(node.part, row, store)
    if isinstance(node, Text):
        return node.text.casefold() in f"{row.store_id} {store.name if store else ''} {row.currency}".casefold()
    return any(_matches(node.field, value.text, row, store) for value in node.values if isinstance(value, Word))


def _matches(field: StrEnum, word: str, row: BalanceRow, store: Store | None) -> bool:
    match field:
        case MoneyField.STORE:
            return store_matches(word, row.store_id)
        case MoneyField.REGION:
            return store is not None and store.region == word
        case MoneyField.MARKET:
            return store is not None and store.marketplace == word
        case MoneyField.STATUS:
            return _has_status(word, row)
        case _:
            return False


def _has_status(word: str, row: BalanceRow) -> bool:
    match word:
        case "unverified":
            return row.unverified > 0
        case "negative":
            return row.debt is not None
        case "overdue":
            return row.payout_overdue
        case "anomalies":
            return row.anomalies > 0
        case "changed":
            return row.came_off > 0
        case _:
            return False

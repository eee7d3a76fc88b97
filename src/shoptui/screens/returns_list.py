"""The list of Returns: its rows, what is said about it, and the way to one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.return_list import ReturnSource
from shoptui.cockpit.session import Session
from shoptui.command_state import CommandState, Context
from shoptui.i18n import _
from shoptui.protocol import Changed
from shoptui.queries.query import Query
from shoptui.queries.return_fields import RETURN_FIELDS
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.return_views import return_views
from shoptui.queries.returns import CANCEL_PREFIX, ReturnRow
from shoptui.queries.sorting import ReturnSort
from shoptui.queries.views import View
from shoptui.screens.desk_place import DeskPlace
from shoptui.screens.returns_columns import ReturnColumns, is_hot_return
from shoptui.screens.rows_list import HOT_WITHIN_S
from shoptui.words.returns import returns_count


class ReturnsList(DeskPlace[ReturnRow]):
    """The list of return requests; `ReturnsPlace` adds verbs and pane."""

    context = Context.RETURNS
    pane_context = Context.RETURN
    usual_sort = ReturnSort()
    fields = RETURN_FIELDS
    timed_fields = ("ret:", "due:", "is:missed", "asked:")

    def __init__(self, session: Session, house: House) -> None:
        columns = ReturnColumns(lambda: session.operator, lambda: session.stale_stores, session.zone)
        super().__init__(session, house, columns)

    def source(self) -> ReturnSource:
        return ReturnSource(self.house.reader)

    def read_filter(self, filter_text: str) -> Query:
        return parse_returns(filter_text)

    def read_sort(self, words: str) -> ReturnSort:
        return ReturnSort.parse(words)

    def views(self, saved: Mapping[str, str]) -> Mapping[str, View]:
        return return_views(saved)

    def changed_rows(self, changed: Changed) -> Sequence[int] | None:
        return changed.returns

    def changed(self, changed: Changed) -> None:
        super().changed(changed)
        order_rows = changed.orders
        if not order_rows or not self.display or not self.house.is_open:
            return

        async def look() -> Callable[[], None]:
            # Claims, tags and notes are the order's: a colleague's show here, too.
            rows = await self.house.reader.returns.of_order_rows(order_rows)
            return lambda: self._fetch_shown(rows)

        self.read(look, "ours")

    def key_of(self, row: ReturnRow) -> RowKey:
        return row.store_id, row.return_id

    def count_words(self, count: int) -> str:
        return returns_count(count)

    def filter_help(self) -> str:
        return "ret:<2h  ask:refund  value:<5usd  store:tt-*  is:back  -is:checked  or  ( )  " + _('"words"')

    def is_hot(self, row: ReturnRow, now: int) -> bool:
        return is_hot_return(row, now, HOT_WITHIN_S)

    def hot_count(self) -> int:
        counts = self.session.house.counts
        return counts.returns_missed + counts.returns_under_2h + counts.failed + counts.needs_person

    def state(self) -> CommandState:
        row = self.grid.cursor_row
        return replace(super().state(), has_order=row is not None and bool(row.order_no))

    # Going to one request.

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        store_id, _slash, number = what.partition("/")
        if kind == "return":
            self.open_row((store_id, number), self.enter_pane)
        elif kind == "of":
            self.open_found(lambda: self.house.reader.returns.of_order(store_id, number))
        elif kind == "filter":
            self.set_filter(what)

    def target_in(self, context: Context) -> str:
        row = self.grid.cursor_row
        if row is None:
            return ""
        if context is Context.ORDERS and row.order_no:
            return f"number:{row.store_id}/{row.order_no}"
        if context in {Context.INBOX, Context.MONEY} and row.order_no:
            return f"of:{row.store_id}/{row.order_no}"
        return f"store:{row.store_id}" if context is Context.STORES else ""

    def say_missing(self) -> None:
        self.session.say(_("This request is not in the cache (any more)."))

    def filter_to(self, row: ReturnRow) -> str:
        # A wish to cancel is named by its order.
        is_cancel = row.return_id.startswith(CANCEL_PREFIX)
        words = f"ask:cancel order:{row.order_no}" if is_cancel else f"return:{row.return_id}"
        return f"store:{row.store_id} {words}"

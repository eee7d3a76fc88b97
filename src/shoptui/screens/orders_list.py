"""The list of Orders: its rows, what is said about it, and the way to one order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.order_list import OrderSource
from shoptui.cockpit.session import Session
from shoptui.command_state import Context
from shoptui.i18n import _
from shoptui.protocol import Changed
from shoptui.queries.fields import ORDER_FIELDS
from shoptui.queries.filter import FilterError, parse
from shoptui.queries.query import Query, looks_like_number
from shoptui.queries.sorting import DEFAULT_SORT, Sort
from shoptui.queries.types import OrderRow
from shoptui.queries.views import View, order_views
from shoptui.screens.desk_place import DeskPlace
from shoptui.screens.lines import Line, text
from shoptui.screens.order_columns import OrderColumns, is_hot
from shoptui.screens.rows_list import HOT_WITHIN_S
from shoptui.widgets.roles import Role
from shoptui.words import Said, orders_count
from shoptui.words.set_aside import set_aside_line


class OrdersList(DeskPlace[OrderRow]):
    """The list of orders; `Orders` adds verbs and pane."""

    context = Context.ORDERS
    pane_context = Context.DETAIL
    usual_sort = DEFAULT_SORT
    fields = ORDER_FIELDS
    timed_fields = ("due:", "created:")

    def __init__(self, session: Session, house: House) -> None:
        columns = OrderColumns(lambda: session.operator, lambda: session.stale_stores, session.zone)
        super().__init__(session, house, columns)

    def source(self) -> OrderSource:
        return OrderSource(self.house.reader)

    def read_filter(self, filter_text: str) -> Query:
        return parse(filter_text)

    def read_sort(self, words: str) -> Sort:
        return Sort.parse(words)

    def views(self, saved: Mapping[str, str]) -> Mapping[str, View]:
        return order_views(saved)

    def changed_rows(self, changed: Changed) -> Sequence[int] | None:
        return changed.orders

    def key_of(self, row: OrderRow) -> RowKey:
        return row.store_id, row.order_no

    def count_words(self, count: int) -> str:
        return orders_count(count)

    def filter_help(self) -> str:
        return "due:<4h  store:tt-*  status:ship  sku:BAG*  is:held  -tag:x  flag:cod  or  ( )  " + _('"words"')

    def is_hot(self, row: OrderRow, now: int) -> bool:
        return is_hot(row, now, HOT_WITHIN_S)

    def attention_line(self) -> Line:
        """Records of orders that could not be read: no rows, as they have neither clock nor status to be sorted by."""
        words = set_aside_line(self.session.house.set_aside)
        return (text(words, Role.SOON),) if words else ()

    def hot_count(self) -> int:
        counts = self.session.house.counts
        return counts.missed + counts.under_2h + counts.failed + counts.needs_person

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        if kind == "order" and what.isdigit():
            self._open_found(int(what))
        elif kind == "number":
            store_id, _slash, order_no = what.partition("/")
            self.open_row((store_id, order_no), self.enter_pane)
        elif kind == "filter":
            self.set_filter(what)

    def target_in(self, context: Context) -> str:
        row = self.grid.cursor_row
        of_order = context in {Context.INBOX, Context.RETURNS, Context.MONEY}
        return f"of:{row.store_id}/{row.order_no}" if of_order and row is not None else ""

    # Going to one order.

    def find(self, words: str, *, scanned: bool = False) -> None:
        """Go to the order a number, a tracking number or its last characters mean."""

        async def look() -> Callable[[], None]:
            row_ids = await self.house.reader.find(words)
            return lambda: self._found(words, row_ids, scanned)

        if self.house.is_open:
            self.read(look, "find", exclusive=True)

    def _found(self, words: str, row_ids: Sequence[int], scanned: bool) -> None:
        if not row_ids:
            what = _("? {words} is no order or parcel of ours.").format(words=words)
            todo = _("Scan again, or / and its last 6 characters.")
            self.session.notices.post(Notice(f"scan:{words}", Said(what, todo), Tone.SCAN, sticky=scanned))
        elif len(row_ids) == 1:
            self._open_found(row_ids[0])
        else:
            # Only a bare word is looked for in numbers, too.
            number = words.strip()
            self.set_filter(number if looks_like_number(number) and not number.startswith("-") else f'"{words}"')
            said = _("{words} fits {orders}.").format(words=words, orders=orders_count(len(row_ids)))
            self.session.say(said)
        self.post_message(self.StateChanged())

    def say_missing(self) -> None:
        self.session.say(_("This order is not in the cache (any more)."))

    def filter_to(self, row: OrderRow) -> str:
        return f"order:{row.order_no}"

    def land_hidden(self, row: OrderRow, then: Callable[[], None] | None) -> None:
        # It stands alone in the list then, its peek below: one step back leads where one came from.
        super().land_hidden(row, None)

    def _open_found(self, row_id: int) -> None:
        async def find() -> Iterable[int]:
            return (row_id,)

        self.open_found(find, self.enter_pane)

    def filter_entered(self, filter_text: str) -> FilterError | None:
        # The strip begins with the filter that is up: a number typed behind it is a number all the same.
        typed = filter_text.removeprefix(self.filter_text)
        if looks_like_number(typed):
            self.find(typed.strip())
            return None
        return self.set_filter(filter_text)

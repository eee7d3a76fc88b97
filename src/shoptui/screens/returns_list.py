"""The list of Returns: its rows, what is said about it, and the way to one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.return_list import ReturnSource
from shoptui.cockpit.session import Session
from shoptui.command_state import CommandState, Context
from shoptui.i18n import _
from shoptui.protocol import Changed
from shoptui.queries.query import Query
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.return_views import return_views
from shoptui.queries.returns import CANCEL_PREFIX, ReturnRow
from shoptui.queries.sorting import ReturnSort
from shoptui.queries.views import View
from shoptui.screens.desk_place import DeskPlace
from shoptui.screens.lines import Line, text
from shoptui.screens.returns_columns import ReturnColumns, is_hot_return
from shoptui.screens.rows_list import HOT_WITHIN_S
from shoptui.widgets.roles import Role
from shoptui.words.returns import returns_count


class ReturnsList(DeskPlace[ReturnRow]):
    """The list of return requests; `ReturnsPlace` adds verbs and pane."""

    context = Context.RETURNS
    pane_context = Context.RETURN
    usual_sort = ReturnSort()
    timed_fields = ("ret:", "due:", "is:missed", "asked:")

    def __init__(self, session: Session, house: House) -> None:
        columns = ReturnColumns(lambda: session.operator, lambda: session.stale_stores, session.zone)
        super().__init__(session, house, columns)
        self._then: Callable[[], None] | None = None

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

    def age_pieces(self) -> Line:
        """How old the list is, by the stores' own feeds: a store that answers is read with its returns."""
        session = self.session
        if not session.link.up:
            ages = [store.feed.last_ok_at for store in session.house.stores if store.feed is not None]
            known = [at for at in ages if at is not None]
            return (text(_("of {time}").format(time=session.time(max(known))), Role.QUIET),) if known else ()
        if old := len(session.stale_stores):
            return (text(_("{count} old").format(count=old), Role.SOON),)
        return (text(_("live"), Role.OK),) if session.house.stores else ()

    def state(self) -> CommandState:
        counts = self.session.house.counts
        row = self.grid.cursor_row
        marked = len(self.grid.marks)
        return CommandState(
            place=self.key_context(),
            row_count=len(self.listed_ids),
            has_row=self.grid.cursor_id is not None,
            marked=marked,
            hot=counts.returns_missed + counts.returns_under_2h + counts.failed + counts.needs_person,
            has_order=row is not None and bool(row.order_no),
        )

    # Going to one request.

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        store_id, _slash, number = what.partition("/")
        if kind == "return":
            self.open_return((store_id, number), self.enter_pane)
        elif kind == "of":
            self._find_of_order(store_id, number)
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

    def _find_of_order(self, store_id: str, order_no: str) -> None:
        """Land on the newest request about an order, where there is one."""

        async def look() -> Callable[[], None]:
            returns = self.house.reader.returns
            rows = await returns.rows((await returns.of_order(store_id, order_no))[:1], self.session.now)
            return lambda: self.open_return(self.key_of(rows[0])) if rows else None

        if self.house.is_open:
            self.read(look, "find", exclusive=True)

    def open_return(self, key: RowKey, then: Callable[[], None] | None = None) -> None:
        """Land on a request, filtered out or not, and go on with `then`."""

        async def look() -> Callable[[], None]:
            row_id = await self.house.reader.returns.row_of(*key)
            return lambda: self._land(key, row_id, then)

        if self.house.is_open:
            self.read(look, "find", exclusive=True)

    def _land(self, key: RowKey, row_id: int | None, then: Callable[[], None] | None) -> None:
        if row_id is None:
            self.session.say(_("This request is not in the cache (any more)."))
        elif self.grid.move_to(row_id):
            self.landed(then)
        else:
            self._cursor_wanted = key
            self._then = lambda: self.landed(then)
            store_id, return_id = key
            # A wish to cancel is named by its order.
            order_no = return_id.removeprefix(CANCEL_PREFIX)
            words = f"return:{return_id}" if order_no == return_id else f"ask:cancel order:{order_no}"
            self.set_filter(f"store:{store_id} {words}")
            self.session.say(_("It was filtered out: 0 shows all again."))

    def found_again(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()

    def landed(self, then: Callable[[], None] | None) -> None:
        """The cursor stands on the request that was wanted."""
        self.cursor_rested()
        if then is not None:
            then()

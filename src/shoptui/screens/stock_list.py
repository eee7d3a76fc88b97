"""The list of Stock: its rows, what is said about it, and the way to one pool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.notices import Notice, Tone
from shoptui.cockpit.session import Session
from shoptui.cockpit.stock_list import OF_ALL_STORES, StockSource
from shoptui.command_state import Context
from shoptui.i18n import _
from shoptui.protocol import Changed
from shoptui.queries.query import Query
from shoptui.queries.sorting import StockSort
from shoptui.queries.stock import PoolRow
from shoptui.queries.stock_fields import STOCK_FIELDS
from shoptui.queries.stock_filter import parse_stock
from shoptui.queries.stock_views import stock_views
from shoptui.queries.views import View
from shoptui.screens.ordering_list import OrderingList
from shoptui.screens.rows_list import HOT_WITHIN_S
from shoptui.screens.stock_columns import StockColumns, is_hot_pool
from shoptui.words.said import Said
from shoptui.words.stock import pools_count


class StockList(OrderingList[PoolRow]):
    """The list of pools; `StockPlace` adds verbs and pane."""

    context = Context.STOCK
    pane_context = Context.POOL
    usual_sort = StockSort()
    fields = STOCK_FIELDS
    timed_fields = ("cover:", "due:", "is:missed", "risk:")

    def __init__(self, session: Session, house: House) -> None:
        self.stock_columns = StockColumns(
            session.zone,
            lambda: sorted((store.store_id for store in session.house.stores), key=self.store_rank),
            lambda: session.stale_stores,
        )
        super().__init__(session, house, self.stock_columns)
        self.first_stores: tuple[str, ...] = ()
        """The stores whose columns come first, as long as this list is shown."""

    def store_rank(self, store_id: str) -> tuple[int, str]:
        """Where a store's column stands among the others."""
        first = self.first_stores
        return first.index(store_id) if store_id in first else len(first), store_id

    def source(self) -> StockSource:
        return StockSource(self.house.reader)

    def read_filter(self, filter_text: str) -> Query:
        return parse_stock(filter_text)

    def read_sort(self, words: str) -> StockSort:
        return StockSort.parse(words)

    def views(self, saved: Mapping[str, str]) -> Mapping[str, View]:
        return stock_views(saved)

    def changed_rows(self, changed: Changed) -> Sequence[int] | None:
        return changed.pools

    def key_of(self, row: PoolRow) -> RowKey:
        return OF_ALL_STORES, row.key

    def count_words(self, count: int) -> str:
        return pools_count(count)

    def filter_help(self) -> str:
        return "risk:any  cover:<3d  low:<5  sold:>10  sku:BAG*  store:tt-*  is:uncounted  or  ( )  " + _('"words"')

    def is_hot(self, row: PoolRow, now: int) -> bool:
        return is_hot_pool(row, now, HOT_WITHIN_S)

    def hot_count(self) -> int:
        counts = self.session.house.counts
        return counts.stock_missed + counts.stock_under_2h + counts.failed + counts.needs_person

    # Going to one pool.

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        if kind == "pool":
            self.open_pool(what, self.enter_pane)
        elif kind == "sku":
            self.open_pool(what)
        elif kind == "filter":
            self.set_filter(what)

    def target_in(self, context: Context) -> str:
        row = self.grid.cursor_row
        return f"filter:{orders_filter(row)}" if context is Context.ORDERS and row is not None else ""

    def take_scan(self, code: str) -> bool:
        """A barcode: land on the pool it names."""
        self.open_pool(code, scanned=True)
        return True

    def open_pool(self, sku: str, then: Callable[[], None] | None = None, *, scanned: bool = False) -> None:
        """Land on a pool by its code, filtered out or not, and go on with `then`."""

        async def find() -> Iterable[int]:
            return (await self.source().row_ids([(OF_ALL_STORES, sku)])).values()

        self.open_found(find, then, partial(self._say_unknown, sku, scanned))

    def _say_unknown(self, sku: str, scanned: bool) -> None:
        what = _("? {words} is no SKU of ours.").format(words=sku)
        todo = _("Scan again, or / finds it by code or name.")
        self.session.notices.post(Notice(f"scan:{sku}", Said(what, todo), Tone.SCAN, sticky=scanned))

    def filter_to(self, row: PoolRow) -> str:
        # No filter names a single pool.
        return ""


def orders_filter(row: PoolRow) -> str:
    """The filter of Orders that finds the orders of a pool."""
    quoted = f'"{row.sku}"' if " " in row.sku else row.sku
    return f"sku:{quoted}"

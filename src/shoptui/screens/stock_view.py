"""The pool under the cursor of Stock: read with its listings, shown in the pane, explained, copied."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from shoptui.command_state import Context
from shoptui.config import config_path, load_config
from shoptui.i18n import _
from shoptui.paths import DataDir
from shoptui.queries.stock import PoolDetail, PoolRow
from shoptui.screens.explain_stock import explain_pool
from shoptui.screens.lines import Line, plain
from shoptui.screens.place import OFF
from shoptui.screens.stock_columns import WIDE
from shoptui.screens.stock_list import StockList
from shoptui.screens.stock_pane import StockFacts, detail_lines, peek_lines
from shoptui.screens.stock_store_columns import stores_by_need
from shoptui.settings import StockConfig
from shoptui.widgets.roles import Role
from shoptui.words.stock import pools_count

#: Figures read longer ago than this may be those of a store that is silent, seconds.
_OLD_S = 900


class StockView(StockList):
    """The list with the pool under its cursor."""

    peek_lines = 7

    detail: PoolDetail | None = None
    settings = StockConfig()
    """How pools are shared out by the house's settings, as far as they can be read here."""
    _settings_read = False
    _stores_drawn: tuple[str, ...] = ()

    # Reading.

    def entered(self) -> None:
        super().entered()
        # They may have been changed since.
        self._settings_read = False
        self.house_changed()

    async def read_settings(self) -> StockConfig:
        """The house's settings of stock; the usual ones where the file cannot be read here."""
        if not self._settings_read:
            self.settings = await asyncio.to_thread(_settings, self.session.data_dir)
            self._settings_read = True
        return self.settings

    def cursor_rested(self) -> None:
        row_id = self.grid.cursor_id
        if row_id is None or not self.house.is_open:
            self.detail = None
            return
        if self.detail is not None and self.detail.row.row_id != row_id:
            self.forget_looks()

        async def read_detail() -> Callable[[], None]:
            rule = (await self.read_settings()).share_rule()
            detail = await self.house.reader.stock.detail(row_id, self.session.now, rule)

            def take() -> None:
                if self.grid.cursor_id == row_id:
                    self.detail = detail
                    self.show_pane()

            return take

        self.read(read_detail, "detail", exclusive=True)

    async def read_shown(self, row_ids: Sequence[int]) -> Sequence[PoolRow]:
        rows = await super().read_shown(row_ids)
        if not self._will_show_stores:
            return rows
        settings, silent = await self.read_settings(), frozenset(self.session.stale_stores)
        shows = await self.house.reader.stock.shows(
            [row.row_id for row in rows], self.session.now, silent, settings.share_rule(), float(settings.gap_s)
        )
        return [replace(row, stores=shows.get(row.row_id, ())) for row in rows]

    @property
    def _will_show_stores(self) -> bool:
        """Whether columns are of single stores, as far as that is known before the list has been drawn."""
        if self.grid.size.width:
            return self.stock_columns.shows_stores
        beside = self.pane_width() + 1 if self.pane_is_side and self.pane_size != OFF else 0
        return self.app.size.width - beside >= WIDE

    def first_rows_came(self, rows: Sequence[PoolRow]) -> None:
        # Not as rows change: what has been looked at stays where it is until another list is asked for.
        first = stores_by_need(rows)
        if first and first != self.first_stores:
            self.first_stores = first
            self.grid.set_columns(self.columns.for_width)

    def house_changed(self) -> None:
        # Columns are of the stores there are; what is shown of silent ones is old.
        self.stock_columns.old_before = self.session.now - _OLD_S if self.session.stale_stores else 0
        stores = (*(store.store_id for store in self.session.house.stores), *sorted(self.session.stale_stores))
        if stores != self._stores_drawn:
            self._stores_drawn = stores
            self.grid.set_columns(self.columns.for_width)
            self.look_at_stores()

    def do_columns_next(self, argument: str) -> None:
        super().do_columns_next(argument)
        self.look_at_stores()

    def arrange_place(self) -> None:
        super().arrange_place()
        self.look_at_stores()

    def look_at_stores(self) -> None:
        """Read rows again that were read when no store had a column: those about the cursor now, others when seen."""
        window, here = self.window, self.grid.cursor_id
        lacking = {row.row_id for row in window.rows() if row.stores is None} if self.stock_columns.shows_stores else ()
        if not lacking:
            return
        position = (window.position_of(here) if here is not None else None) or 0
        page = self.app.size.height
        near = [row_id for row_id in window.index.ids[max(0, position - page) : position + page] if row_id in lacking]
        window.forget(set(lacking).difference(near))
        self._fetch_rows(near)

    # The pane.

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        self._pane_drawn_at = self.session.now
        row = self.grid.cursor_row
        if row is None:
            return self._empty_lines()
        detail = self.detail if self.detail is not None and self.detail.row.row_id == row.row_id else None
        facts = self._facts(row)
        if full:
            return detail_lines(row, detail, facts, width)
        return peek_lines(row, detail, facts, width, self.peek_lines)

    def _facts(self, row: PoolRow) -> StockFacts:
        return StockFacts(
            now=self.session.now,
            zone=self.session.zone,
            silent=self.session.stale_stores,
            place_in_list=self.place_in_list(row),
            explained=self.explained,
        )

    def _empty_lines(self) -> list[Line]:
        if self.grid.cursor_on_group:
            words = _("Sold beyond what there is. Enter shows them; s shares out anew, buyers of the rest are told.")
            return [(), plain(f" {words}", Role.QUIET)]
        if self._reading or not self._listed:
            return []
        if self.filter_text:
            words = _("None at risk here: 0 shows all {pools} there are, / changes the filter.")
            return [(), plain(" " + words.format(pools=_("SKUs")), Role.QUIET)]
        words = _("{pools}. Stores' listings are read first, then they stand here by their codes.")
        return [(), plain(" " + words.format(pools=pools_count(0)), Role.QUIET)]

    # Looking closer.

    def do_row_copy(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is not None:
            self.copy(row.sku)

    def do_row_runbook(self, argument: str) -> None:
        row, detail = self.grid.cursor_row, self.detail
        if row is None or detail is None or detail.row.row_id != row.row_id:
            return

        async def read() -> Sequence[str]:
            gap_s = (await self.read_settings()).gap_s
            return explain_pool(detail, gap_s, self.session.now, self.session.zone, row.stores or ())

        self.explain(read)

    def do_stock_orders(self, argument: str) -> None:
        """Go to the orders of the SKU."""
        target = self.target_in(Context.ORDERS)
        if target:
            self.post_message(self.GoWanted(target))

    def do_row_open(self, argument: str) -> None:
        """Enter goes into the pane, and from there to the orders."""
        if self.in_pane:
            self.do_stock_orders(argument)
        else:
            super().do_row_open(argument)


def _settings(data_dir: DataDir) -> StockConfig:
    path: Path = config_path(data_dir)
    try:
        return load_config(path).stock if path.exists() else StockConfig()
    except (OSError, ValueError):
        # Not this user's to read, or being edited: the engine judges by its own.
        return StockConfig()

"""The columns of the Stock grid, and which set is shown at which width (screens, section 3.5)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, tzinfo

from shoptui.domain.intents import IntentState
from shoptui.i18n import _
from shoptui.queries.stock import PoolRow
from shoptui.screens.row_signs import act_sign
from shoptui.screens.stock_store_columns import store_columns, store_pages
from shoptui.widgets.columns import LEAD_CELLS, AnyColumn, CellContext, CellText, ClockColumn, ClockFace, Column
from shoptui.widgets.roles import Role
from shoptui.words import date_short, kind_word
from shoptui.words.stock import act_words, problem_words

#: From this width on there is room for columns of single stores.
WIDE = 112

_FAILED = frozenset({IntentState.FAILED, IntentState.NOT_DONE, IntentState.NEEDS_PERSON})


def pool_face(row: PoolRow) -> ClockFace:
    """What the first column counts down: to when the pool runs out, or since when it is sold beyond what there is."""
    missed = row.missed > 0
    if missed and row.last_missed_at is not None:
        return ClockFace(row.last_missed_at, missed=True)
    if row.next_at is not None:
        return ClockFace(row.next_at)
    return ClockFace(None, fallback="-")


def short(units: int) -> str:
    """A number in four cells where it can be: `9999`, `12k`."""
    return f"{units}" if abs(units) < 10_000 else f"{units // 1000}k"


def is_hot_pool(row: PoolRow, now: int, soon_s: int) -> bool:
    """Whether `n` stops here: sold beyond what there is, out within `soon_s`, or a write failed."""
    if row.missed or row.act_state in _FAILED:
        return True
    return row.next_at is not None and row.next_at - now < soon_s


class StockColumns:
    """Builds the columns. `stores` are the house's in the order of their columns; `silent` those that do not answer."""

    def __init__(
        self, zone: tzinfo, stores: Callable[[], Sequence[str]], silent: Callable[[], Collection[str]]
    ) -> None:
        self.old_before = 0
        """Figures of pools read before this moment (epoch s) may be those of a silent store."""
        self._zone = zone
        self._stores = stores
        self._silent = silent
        self._variants = 2
        self.variant = 0
        self.shows_stores = False
        """Whether the columns drawn last are of single stores: rows are then read with what each store shows."""

    def next_variant(self) -> None:
        """The other columns of `W`: the next stores where there is room for them, then what is left out for others."""
        self.variant = (self.variant + 1) % self._variants

    def for_width(self, width: int) -> Sequence[AnyColumn[PoolRow]]:
        """The columns for a grid of `width` cells."""
        if width >= WIDE:
            return self._wide(width)
        self._variants, self.shows_stores = 2, False
        if self.variant % 2 == 1:
            return (*self._head(11), *self._units(), self._week(), self._listed(), self._listings(), self._counted(),
                    self._problem())  # fmt: skip
        return (*self._head(9), self._name(14), *self._units(), self._sold(), self._listed(), self._problem())

    def _wide(self, width: int) -> Sequence[AnyColumn[PoolRow]]:
        """Sets of stores in turn, then the columns without stores."""
        stores = tuple(self._stores())
        name = 12 + min(12, (width - WIDE) // 4)
        core = (*self._head(9), self._name(name), *self._units(), self._sold(), self._listed())
        problem = self._problem()
        used = LEAD_CELLS + sum(column.width + column.gap for column in core) + problem.width
        pages = store_pages(stores, width - used) if stores else []
        self._variants = len(pages) + 1
        place = self.variant % self._variants
        self.shows_stores = place < len(pages)
        if self.shows_stores:
            return (*core, *store_columns(pages[place], stores, self._silent()), problem)
        return (*self._head(16), self._name(24), *self._units(), self._sold(), self._listed(), self._listings(),
                self._counted(), problem)  # fmt: skip

    def sortable(self) -> tuple[tuple[str, str], ...]:
        """The sort names the store knows, with their headings, in the order `S` offers them."""
        return (
            ("next", _("runs out")),
            ("sku", _("SKU")),
            ("name", _("name")),
            ("hand", _("on hand")),
            ("reserved", _("reserved")),
            ("free", _("free")),
            ("sold", _("sold a day")),
            ("listed", _("listed")),
            ("cover", _("how long it lasts")),
            ("over", _("oversold")),
            ("step", _("out of step")),
            ("counted", _("when counted")),
        )

    def _head(self, sku: int) -> tuple[AnyColumn[PoolRow], ...]:
        return (
            ClockColumn("left", _("RUNS"), pool_face),
            Column("kind", _("OUT"), 4, self._kind_cell),
            Column("act", "", 1, lambda row, context: act_sign(row.act_state, context.glyphs)),
            Column("sku", _("SKU"), sku, lambda row, context: CellText(row.sku)),
        )

    def _kind_cell(self, row: PoolRow, context: CellContext) -> CellText:
        kind = row.last_missed_kind if row.missed else row.next_kind
        return CellText(kind_word(kind) if kind else "", Role.QUIET)

    def _name(self, width: int) -> AnyColumn[PoolRow]:
        return Column("name", _("NAME"), width, lambda row, context: CellText(row.name), shrink_to=8, drop=2)

    def _units(self) -> tuple[AnyColumn[PoolRow], ...]:
        return (
            _number("hand", _("HAND"), 4, lambda row: row.hand),
            _number("reserved", _("RSVD"), 4, lambda row: row.reserved, Role.QUIET),
            Column("free", _("FREE"), 4, self._free_cell, align="right"),
        )

    def _free_cell(self, row: PoolRow, context: CellContext) -> CellText:
        if row.free is None:
            return CellText("?", Role.QUIET)
        return CellText(short(row.free), Role.MISSED if row.free < 0 else Role.TEXT)

    def _sold(self) -> AnyColumn[PoolRow]:
        return _number("sold", _("SOLD/D"), 6, lambda row: row.sold_per_day, drop=3)

    def _week(self) -> AnyColumn[PoolRow]:
        return _number("week", _("SOLD/W"), 6, lambda row: max(row.sold_7d, 0), drop=3)

    def _listed(self) -> AnyColumn[PoolRow]:
        def cell(row: PoolRow, context: CellContext) -> tuple[CellText, ...]:
            old = context.glyphs.stale if row.seen_at < self.old_before else " "
            number = short(row.listed)
            pad = " " * max(0, context.width - 1 - len(number))
            return CellText(pad), CellText(old, Role.SOON), CellText(number)

        return Column("listed", _("LISTED"), 6, cell)

    def _listings(self) -> AnyColumn[PoolRow]:
        return _number("listings", _("IN"), 3, lambda row: row.listings, Role.QUIET, drop=1)

    def _counted(self) -> AnyColumn[PoolRow]:
        def cell(row: PoolRow, context: CellContext) -> CellText:
            if row.counted_at is None:
                return CellText("-", Role.QUIET)
            return CellText(date_short(datetime.fromtimestamp(row.counted_at, self._zone).date()), Role.QUIET)

        return Column("counted", _("COUNTED"), 7, cell, drop=2)

    def _problem(self) -> AnyColumn[PoolRow]:
        def cell(row: PoolRow, context: CellContext) -> CellText:
            if row.act_state in _FAILED and (words := act_words(row)):
                return CellText(words, Role.MISSED)
            words = problem_words(row)
            if not words:
                return CellText("-", Role.QUIET)
            return CellText(words, Role.MISSED if row.oversold else Role.SOON if row.step else Role.QUIET)

        return Column("problem", _("PROBLEM"), 9, cell, rest=True)


def _number(
    column_id: str,
    heading: str,
    width: int,
    value: Callable[[PoolRow], int | None],
    role: Role = Role.TEXT,
    drop: int | None = None,
) -> AnyColumn[PoolRow]:
    def cell(row: PoolRow, context: CellContext) -> CellText:
        number = value(row)
        return CellText("?" if number is None else short(number), Role.QUIET if number is None else role)

    return Column(column_id, heading, width, cell, align="right", drop=drop)

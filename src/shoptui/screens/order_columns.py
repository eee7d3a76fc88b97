"""The columns of the Orders grid, and which set is shown at which width (screens, section 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from shoptui.cellwidth import cell_width
from shoptui.domain.intents import IntentState
from shoptui.domain.orders import CLOSED, Flag, Status
from shoptui.i18n import _
from shoptui.queries.types import OrderRow
from shoptui.screens.row_signs import act_sign, store_cell
from shoptui.widgets.columns import AnyColumn, CellContext, CellText, ClockColumn, ClockFace, Column
from shoptui.widgets.glyphs import Glyphs
from shoptui.widgets.roles import Role
from shoptui.words import date_short, kind_word, money_words, status_short

_CLOSED_WORDS = frozenset(status.value for status in CLOSED) | {Status.DELIVERED.value}
_BLANK = CellText("")


def order_face(row: OrderRow) -> ClockFace:
    """What the first column counts down: the next loss, else the age of the last missed clock, else why there is none.

    `=` stands for a clock stopped on hold, `?` for an open order of which no time is known.
    """
    missed = row.missed > 0
    if row.next_at is not None:
        return ClockFace(row.next_at, missed=missed)
    if row.last_missed_at is not None:
        return ClockFace(row.last_missed_at, missed=missed)
    if row.status == Status.ON_HOLD:
        return ClockFace(None, fallback="=")
    return ClockFace(None, fallback="" if row.status in _CLOSED_WORDS else "?")


def is_hot(row: OrderRow, now: int, soon_s: int) -> bool:
    """Whether `n` stops here: missed, due within `soon_s`, failed or waiting for a decision."""
    if row.missed or row.act_state in {IntentState.FAILED, IntentState.NOT_DONE, IntentState.NEEDS_PERSON}:
        return True
    return row.next_at is not None and row.next_at - now < soon_s


def act_pieces(row: OrderRow, operator: str, glyphs: Glyphs) -> tuple[CellText, ...]:
    """The four cells of `act`: outbox, label, flag, who."""
    flag = " "
    if row.flags & Flag.CANCEL_REQUESTED:
        flag = "c"
    elif row.flags & Flag.RETURN_OPEN:
        flag = "r"
    elif row.flags & Flag.PART_SHIPPED:
        flag = "/"
    elif row.tags:
        flag = "#"
    elif row.has_note:
        flag = ";"
    who, who_role = " ", Role.TEXT
    if row.claimed_by:
        mine = row.claimed_by == operator
        who, who_role = ("m", Role.INFO) if mine else ("@", Role.OTHER)
    flag_role = Role.SOON if flag == "c" else Role.QUIET
    label = {"fetched": "l", "printed": "p"}.get(row.label, " ")
    return (
        act_sign(row.act_state, glyphs),
        CellText(label, Role.INFO),
        CellText(flag, flag_role),
        CellText(who, who_role),
    )


def _carrier_cell(row: OrderRow, context: CellContext) -> CellText:
    # "J&T Express" says as much in its first word, and a cut one says less.
    name = row.carrier if cell_width(row.carrier) <= context.width else row.carrier.split(" ")[0]
    return CellText(name, Role.QUIET)


class OrderColumns:
    """Builds the columns for an operator; `stale_stores` is asked for each row drawn and must be quick."""

    def __init__(self, operator: Callable[[], str], stale_stores: Callable[[], frozenset[str]], zone: tzinfo) -> None:
        self._operator = operator
        self._stale_stores = stale_stores
        self._zone = zone
        self.variant = 0

    def next_variant(self) -> None:
        """The other columns of `W`: what stands in place of items, carrier and buyer."""
        self.variant = (self.variant + 1) % 3

    def for_width(self, width: int) -> Sequence[AnyColumn[OrderRow]]:
        """The columns for a grid of `width` cells."""
        if width >= 112:
            return (*self._head(16), self._carrier(), self._then(), self._placed(), self._value(), self._tags(),
                    self._who(), self._buyer())  # fmt: skip
        if self.variant == 1:
            return (*self._head(None), self._value(), self._placed(), self._service())
        if self.variant == 2:
            return (*self._head(None), self._tracking(), self._tags(), self._who(rest=True))
        if width < 80:
            return (*self._head(14), self._carrier(), self._then())
        return (*self._head(17), self._carrier(), self._buyer())

    def sortable(self) -> tuple[tuple[str, str], ...]:
        """The sort names the store knows, with their headings, in the order `S` offers them."""
        return (
            ("next", _("next loss")),
            ("then", _("second clock")),
            ("store", _("store")),
            ("order", _("order")),
            ("status", _("status")),
            ("sku", _("SKU")),
            ("carrier", _("carrier")),
            ("buyer", _("buyer")),
            ("placed", _("placed")),
            ("value", _("value")),
            ("updated", _("last change")),
        )

    def _head(self, items: int | None) -> tuple[AnyColumn[OrderRow], ...]:
        columns: list[AnyColumn[OrderRow]] = [
            ClockColumn("left", _("NEXT LOSS"), order_face),
            Column("kind", "", 4, self._kind_cell),
            Column("store", " " + _("STORE"), 9, self._store_cell),
            Column("order", _("ORDER"), 6, lambda row, context: CellText(row.order_no[-6:])),
            Column("status", _("ST"), 4, self._status_cell),
            Column("act", _("ACT"), 4, self._act_cell, drop=10, shrink_to=2),
        ]
        if items is not None:
            columns.append(
                Column("items", _("ITEMS"), items, lambda row, context: CellText(row.items), drop=8, shrink_to=8)
            )
        return tuple(columns)

    def _kind_cell(self, row: OrderRow, context: CellContext) -> CellText:
        return CellText(kind_word(row.next_kind or row.last_missed_kind), Role.QUIET)

    def _store_cell(self, row: OrderRow, context: CellContext) -> tuple[CellText, ...]:
        return store_cell(row.store_id, self._stale_stores(), context.glyphs)

    def _status_cell(self, row: OrderRow, context: CellContext) -> CellText:
        if row.held_by:
            return CellText(_("held"), Role.OTHER)
        role = Role.TEXT if row.status in {Status.TO_SHIP, Status.TO_HAND_OVER} else Role.QUIET
        return CellText(status_short(row.status, row.raw_status), role)

    def _act_cell(self, row: OrderRow, context: CellContext) -> tuple[CellText, ...]:
        pieces = act_pieces(row, self._operator(), context.glyphs)
        if context.width >= 4:
            return pieces
        return pieces[0], pieces[2]

    def _carrier(self) -> AnyColumn[OrderRow]:
        return Column("carrier", _("CARR."), 5, _carrier_cell, drop=2)

    def _buyer(self) -> AnyColumn[OrderRow]:
        return Column("buyer", _("BUYER"), 10, lambda row, context: CellText(row.buyer), drop=1, rest=True)

    def _then(self) -> AnyColumn[OrderRow]:
        def face(row: OrderRow) -> ClockFace:
            return (
                ClockFace(row.then_at, label=kind_word(row.then_kind)) if row.then_at is not None else ClockFace(None)
            )

        # The longest kind and the longest time: `hand 23h59m`.
        return ClockColumn("then", _("THEN"), face, width=11, align="left", urgent=False, drop=3)

    def _placed(self) -> AnyColumn[OrderRow]:
        def cell(row: OrderRow, context: CellContext) -> CellText:
            # The date rather than the time of day: it does not change while the row is on the screen.
            return CellText(date_short(datetime.fromtimestamp(row.created_at, self._zone).date()), Role.QUIET)

        return Column("placed", _("PLACED"), 6, cell, drop=4)

    def _value(self) -> AnyColumn[OrderRow]:
        return Column(
            "value",
            _("VALUE"),
            11,
            lambda row, context: CellText(money_words(row.value_minor, row.currency)),
            align="right",
            drop=7,
        )

    def _tags(self) -> AnyColumn[OrderRow]:
        def cell(row: OrderRow, context: CellContext) -> CellText:
            return CellText(" ".join(row.tags), Role.INFO) if row.tags else _BLANK

        return Column("tags", _("TAGS"), 8, cell, drop=5)

    def _who(self, *, rest: bool = False) -> AnyColumn[OrderRow]:
        def cell(row: OrderRow, context: CellContext) -> CellText:
            who = row.held_by or row.claimed_by
            return CellText(who, Role.INFO if who == self._operator() else Role.OTHER)

        return Column("who", _("WHO"), 4, cell, drop=2, rest=rest)

    def _service(self) -> AnyColumn[OrderRow]:
        return Column(
            "service",
            _("SERVICE"),
            8,
            lambda row, context: CellText(row.delivery_option, Role.QUIET),
            drop=6,
            rest=True,
        )

    def _tracking(self) -> AnyColumn[OrderRow]:
        return Column("tracking", _("TRACKING"), 17, lambda row, context: CellText(row.tracking), drop=3)

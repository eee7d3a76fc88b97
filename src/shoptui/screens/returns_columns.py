"""The columns of the Returns grid, and which set is shown at which width (screens, section 3.7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from shoptui.domain.intents import IntentState
from shoptui.domain.money import Money
from shoptui.domain.returns import ReturnAsk, ReturnState
from shoptui.i18n import _, pgettext
from shoptui.queries.returns import CANCEL_PREFIX, ReturnRow
from shoptui.screens.row_signs import act_sign, store_cell
from shoptui.widgets.columns import AnyColumn, CellContext, CellText, ClockColumn, ClockFace, Column
from shoptui.widgets.roles import Role
from shoptui.words import date_short, kind_word
from shoptui.words.money import amount_in
from shoptui.words.returns import ask_word, condition_sign, state_short

_FAILED = frozenset({IntentState.FAILED, IntentState.NOT_DONE, IntentState.NEEDS_PERSON})


def return_face(row: ReturnRow) -> ClockFace:
    """What the first column counts down: the time to answer, else the age of the last missed clock."""
    missed = row.missed > 0
    if row.next_at is not None:
        return ClockFace(row.next_at, missed=missed)
    if row.last_missed_at is not None and not row.ended:
        return ClockFace(row.last_missed_at, missed=missed)
    # It is ours to answer, and nobody says until when.
    return ClockFace(None, fallback="?" if row.ours else "")


def is_hot_return(row: ReturnRow, now: int, soon_s: int) -> bool:
    """Whether `n` stops here: missed, due within `soon_s`, or its answer failed or waits for a decision."""
    if row.missed or row.act_state in _FAILED:
        return True
    return row.next_at is not None and row.next_at - now < soon_s


def number_tail(row: ReturnRow, cells: int) -> str:
    """The end of the number by which people find it: the request's, of a wish to cancel its order's."""
    return row.return_id.removeprefix(CANCEL_PREFIX)[-cells:]


def usd_words(row: ReturnRow) -> str:
    """The value in dollars without their sign, "" without a rate."""
    if row.usd_minor is None:
        return ""
    # Cents beyond a hundred dollars tell nothing at a glance.
    whole, cents = divmod(row.usd_minor, 100)
    return f"{whole}.{cents:02d}" if whole < 100 else f"{whole}"


def value_words(row: ReturnRow, cells: int) -> str:
    """The value in so many cells: in thousands (`₫1.265k`) where all its digits do not fit."""
    return amount_in(Money(row.value_minor, row.currency), cells, symbol=True)


class ReturnColumns:
    """Builds the columns for an operator; `stale_stores` is asked for each row drawn and must be quick."""

    def __init__(self, operator: Callable[[], str], stale_stores: Callable[[], frozenset[str]], zone: tzinfo) -> None:
        self._operator = operator
        self._stale_stores = stale_stores
        self._zone = zone
        self.variant = 0

    def next_variant(self) -> None:
        """The other columns of `W`: order, goods and who in place of value, reason and buyer."""
        self.variant = (self.variant + 1) % 2

    def for_width(self, width: int) -> Sequence[AnyColumn[ReturnRow]]:
        """The columns for a grid of `width` cells."""
        if width >= 112:
            return (*self._head(10), self._value(11), self._usd(), self._reason(22), self._buyer(14),
                    self._order(8), self._goods(10, rest=True))  # fmt: skip
        if self.variant == 1:
            return (*self._head(7), self._order(10), self._asked(), self._who(), self._goods(10, rest=True))
        return (*self._head(7), self._value(9), self._usd(), self._reason(13), self._buyer(6, rest=True))

    def sortable(self) -> tuple[tuple[str, str], ...]:
        """The sort names the store knows, with their headings, in the order `S` offers them."""
        return (
            ("next", _("time to answer")),
            ("store", _("store")),
            ("return", _("return")),
            ("ask", _("what is asked")),
            ("value", _("value")),
            ("usd", _("value in US$")),
            ("reason", _("reason")),
            ("buyer", _("buyer")),
            ("order", _("order")),
            ("state", _("where it stands")),
            ("asked", _("when asked")),
        )

    def _head(self, number: int) -> tuple[AnyColumn[ReturnRow], ...]:
        return (
            ClockColumn("left", _("ANSWER"), return_face),
            Column("kind", pgettext("time", "IN"), 4, self._kind_cell),
            Column("store", " " + _("STORE"), 9, self._store_cell, gap=0),
            Column("return", _("RETURN"), number, lambda row, context: CellText(number_tail(row, context.width))),
            Column("act", "", 2, self._act_cell),
            Column("asks", _("ASKS"), 7, lambda row, context: CellText(ask_word(row.ask))),
        )

    def _kind_cell(self, row: ReturnRow, context: CellContext) -> CellText:
        if row.ended or (row.next_at is None and not row.ours):
            return CellText(state_short(row.state), Role.QUIET)
        usual = "creq" if row.ask is ReturnAsk.CANCEL else "insp" if row.state is ReturnState.ARRIVED else "retn"
        return CellText(kind_word(row.next_kind or row.last_missed_kind or usual), Role.QUIET)

    def _store_cell(self, row: ReturnRow, context: CellContext) -> tuple[CellText, ...]:
        return store_cell(row.store_id, self._stale_stores(), context.glyphs)

    def _act_cell(self, row: ReturnRow, context: CellContext) -> tuple[CellText, ...]:
        """The outbox's sign; then what was found in the parcel, a dispute, a claim, a tag or a note."""
        sign = CellText(context.glyphs.done, Role.OK) if row.elsewhere else act_sign(row.act_state, context.glyphs)
        flag, role = " ", Role.QUIET
        if row.condition is not None:
            flag = condition_sign(row.condition)
            role = Role.OK if flag == "✓" else Role.SOON
        elif row.disputed:
            flag, role = "d", Role.SOON
        elif row.claimed_by:
            mine = row.claimed_by == self._operator()
            flag, role = ("m", Role.INFO) if mine else ("@", Role.OTHER)
        elif row.tags:
            flag = "#"
        elif row.has_note:
            flag = ";"
        return sign, CellText(flag, role)

    def _value(self, width: int) -> AnyColumn[ReturnRow]:
        return Column(
            "value",
            _("VALUE"),
            width,
            lambda row, context: CellText(value_words(row, context.width)),
            align="right",
            drop=6,
        )

    def _usd(self) -> AnyColumn[ReturnRow]:
        return Column("usd", "US$", 5, lambda row, context: CellText(usd_words(row), Role.QUIET), align="right", drop=5)

    def _reason(self, width: int) -> AnyColumn[ReturnRow]:
        def cell(row: ReturnRow, context: CellContext) -> CellText:
            if row.elsewhere:
                return CellText(_("seller centre"), Role.OK)
            return CellText(row.reason, Role.QUIET if row.ended else Role.TEXT)

        return Column("reason", _("REASON"), width, cell, drop=4, shrink_to=8)

    def _buyer(self, width: int, *, rest: bool = False) -> AnyColumn[ReturnRow]:
        # A buyer's name is outside text: where it can be it is the last column.
        return Column("buyer", _("BUYER"), width, lambda row, context: CellText(row.buyer, Role.QUIET), rest=rest)

    def _order(self, width: int) -> AnyColumn[ReturnRow]:
        return Column(
            "order",
            _("ORDER"),
            width,
            lambda row, context: CellText(row.order_no[-context.width :], Role.QUIET),
            drop=2,
        )

    def _goods(self, width: int, *, rest: bool = False) -> AnyColumn[ReturnRow]:
        return Column("goods", _("GOODS"), width, lambda row, context: CellText(row.items), rest=rest, drop=4)

    def _asked(self) -> AnyColumn[ReturnRow]:
        def cell(row: ReturnRow, context: CellContext) -> CellText:
            return CellText(date_short(datetime.fromtimestamp(row.created_at, self._zone).date()), Role.QUIET)

        return Column("asked", _("ASKED"), 6, cell, drop=1)

    def _who(self) -> AnyColumn[ReturnRow]:
        def cell(row: ReturnRow, context: CellContext) -> CellText:
            return CellText(row.claimed_by, Role.INFO if row.claimed_by == self._operator() else Role.OTHER)

        return Column("who", _("WHO"), 6, cell, drop=1)

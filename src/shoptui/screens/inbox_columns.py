"""The columns of the Inbox grid, and which set is shown at which width (screens, section 3.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoptui.domain.intents import IntentState
from shoptui.domain.messages import MessageKind, Sender
from shoptui.i18n import _
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.screens.row_signs import act_sign, store_cell
from shoptui.widgets.columns import AnyColumn, CellContext, CellText, ClockColumn, ClockFace, Column
from shoptui.widgets.roles import Role
from shoptui.words import kind_word
from shoptui.words.inbox import kind_words, last_words

#: Lists narrower than this stand beside a pane.
_BESIDE_PANE = 76

_FAILED = frozenset({IntentState.FAILED, IntentState.NOT_DONE, IntentState.NEEDS_PERSON})


def thread_face(row: ThreadRow) -> ClockFace:
    """What the first column counts down: the next loss, else the age of the last missed clock."""
    missed = row.missed > 0
    if row.next_at is not None:
        return ClockFace(row.next_at, missed=missed)
    if row.last_missed_at is not None:
        return ClockFace(row.last_missed_at, missed=missed)
    # A question that no rule gives a time to waits all the same.
    return ClockFace(None, fallback="?" if row.state is ThreadState.WAITING else "")


def is_hot_thread(row: ThreadRow, now: int, soon_s: int) -> bool:
    """Whether `n` stops here: missed, due within `soon_s`, or its newest reply failed or waits for a decision."""
    if row.missed or row.act_state in _FAILED:
        return True
    return row.next_at is not None and row.next_at - now < soon_s


class InboxColumns:
    """Builds the columns for an operator; `stale_stores` is asked for each row drawn and must be quick."""

    def __init__(self, operator: Callable[[], str], stale_stores: Callable[[], frozenset[str]]) -> None:
        self._operator = operator
        self._stale_stores = stale_stores
        self.variant = 0

    def next_variant(self) -> None:
        """The other columns of `W`: unread, language and market in place of the order; beside a pane unread and who."""
        self.variant = (self.variant + 1) % 2

    def for_width(self, width: int) -> Sequence[AnyColumn[ThreadRow]]:
        """The columns for a grid of `width` cells."""
        if width >= 100:
            return (*self._head(), self._act(), self._buyer(16), self._unread(), self._language(), self._order(10),
                    self._who(8), self._words())  # fmt: skip
        if self.variant == 1 and width < _BESIDE_PANE:
            # Beside the pane there is no room for who has it: the clock's kind, nearly always the reply, gives way.
            return (*self._clock_and_store(), self._act(), self._buyer(8), self._unread(), self._who(6), self._words())
        if self.variant == 1:
            return (*self._head(), self._act(), self._buyer(13), self._unread(), self._language(), self._market(),
                    self._words())  # fmt: skip
        return (*self._head(), self._act(), self._buyer(13), self._order(6), self._who(4), self._words())

    def sortable(self) -> tuple[tuple[str, str], ...]:
        """The sort names the store knows, with their headings, in the order `S` offers them."""
        return (
            ("next", _("next loss")),
            ("asked", _("waiting since")),
            ("last", _("last words")),
            ("store", _("store")),
            ("buyer", _("buyer")),
            ("order", _("order")),
            ("who", _("who")),
            ("unread", _("unread")),
            ("language", _("language")),
        )

    def _head(self) -> tuple[AnyColumn[ThreadRow], ...]:
        clock, store = self._clock_and_store()
        return clock, Column("kind", "", 4, self._kind_cell), store

    def _clock_and_store(self) -> tuple[AnyColumn[ThreadRow], AnyColumn[ThreadRow]]:
        return (
            ClockColumn("left", _("REPLY IN"), thread_face),
            Column("store", " " + _("STORE"), 9, self._store_cell),
        )

    def _kind_cell(self, row: ThreadRow, context: CellContext) -> CellText:
        kind = row.next_kind if row.next_at is not None else "rply" if row.last_missed_at is not None else ""
        return CellText(kind_word(kind), Role.QUIET)

    def _store_cell(self, row: ThreadRow, context: CellContext) -> tuple[CellText, ...]:
        return store_cell(row.store_id, self._stale_stores(), context.glyphs)

    def _act(self) -> AnyColumn[ThreadRow]:
        def cell(row: ThreadRow, context: CellContext) -> tuple[CellText, ...]:
            flag = "!" if row.escalated_to else ";" if row.has_note else " "
            return act_sign(row.act_state, context.glyphs), CellText(flag, Role.SOON if flag == "!" else Role.QUIET)

        return Column("act", "", 2, cell)

    def _buyer(self, width: int) -> AnyColumn[ThreadRow]:
        def cell(row: ThreadRow, context: CellContext) -> CellText:
            # Unread stands out as in a mail program, and by the colour alone nobody needs to know it: W counts it.
            return CellText(row.buyer, Role.TEXT if row.unread or row.state is ThreadState.WAITING else Role.QUIET)

        return Column("buyer", _("BUYER"), width, cell, drop=4, shrink_to=8)

    def _order(self, width: int) -> AnyColumn[ThreadRow]:
        return Column(
            "order",
            _("ORDER"),
            width,
            lambda row, context: CellText(row.order_no[-context.width :], Role.QUIET),
            drop=2,
        )

    def _who(self, width: int) -> AnyColumn[ThreadRow]:
        def cell(row: ThreadRow, context: CellContext) -> CellText:
            # An escalation is the supervisor's matter, a claim is somebody writing just now, the rest is a plan.
            who = row.escalated_to or row.claimed_by or row.assignee
            return CellText(who, Role.INFO if who == self._operator() else Role.OTHER)

        return Column("who", _("WHO"), width, cell, drop=1)

    def _unread(self) -> AnyColumn[ThreadRow]:
        def cell(row: ThreadRow, context: CellContext) -> CellText:
            return CellText(str(min(row.unread, 999)) if row.unread else "", Role.INFO)

        return Column("unread", _("NEW"), 3, cell, align="right", drop=3)

    def _language(self) -> AnyColumn[ThreadRow]:
        return Column("lang", _("LN"), 2, lambda row, context: CellText(row.language, Role.QUIET), drop=1)

    def _market(self) -> AnyColumn[ThreadRow]:
        return Column("region", _("IN"), 2, lambda row, context: CellText(row.region, Role.QUIET), drop=1)

    def _words(self) -> AnyColumn[ThreadRow]:
        def cell(row: ThreadRow, context: CellContext) -> tuple[CellText, ...] | CellText:
            if row.not_granted:
                return CellText(_("no chat granted: K"), Role.QUIET)
            role = Role.TEXT if row.last_sender == Sender.BUYER else Role.QUIET
            if row.last_words and row.last_kind not in {"", MessageKind.TEXT, MessageKind.NOTICE}:
                return CellText(f"[{kind_words(row.last_kind)}] ", Role.QUIET), CellText(row.last_words, role)
            return CellText(last_words(row), role)

        # Outside text is always the last column.
        return Column("words", _("LAST WORDS"), 12, cell, rest=True)

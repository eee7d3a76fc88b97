"""Orders that arrive with hardly any time left: which of them are told, once, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from shoptui.cockpit.notices import Notice, Tone
from shoptui.domain.clocks import MINUTE_S
from shoptui.domain.intents import IntentState
from shoptui.i18n import _
from shoptui.queries.types import OrderRow
from shoptui.words import Said, kind_loss

#: An order that comes in with less than this left is told at once, whatever the operator looks at, seconds.
URGENT_S = 10 * MINUTE_S

NOTICE_KEY = "urgent"

#: Somebody has done, or is doing, what stops the clock.
_CARED_FOR = frozenset({IntentState.HELD, IntentState.QUEUED, IntentState.SENDING, IntentState.DONE})


class UrgentArrivals:
    """Tells each order once; those not seen yet share one notice."""

    def __init__(self, time: Callable[[int], str]) -> None:
        """`time` writes an epoch second as a clock time."""
        self._time = time
        self._told: set[int] = set()
        self._unseen: dict[int, OrderRow] = {}

    def arrived(self, rows: Iterable[OrderRow], now: int) -> Notice | None:
        """The notice for rows that have just come into the list; None when none of them is urgent or all were told."""
        fresh = [row for row in rows if row.row_id not in self._told and _is_urgent(row, now)]
        if not fresh:
            return None
        self._told.update(row.row_id for row in fresh)
        self._unseen = {row_id: row for row_id, row in self._unseen.items() if _is_urgent(row, now)}
        self._unseen |= {row.row_id: row for row in fresh}
        return self._notice(sorted(self._unseen.values(), key=lambda row: (row.next_at or 0, row.row_id)))

    def seen(self) -> None:
        """The operator has seen the notice, or gone where it leads."""
        self._unseen.clear()

    def _notice(self, rows: list[OrderRow]) -> Notice:
        first = rows[0]
        at = self._time(first.next_at or 0)
        if len(rows) == 1:
            words = _("▴ {store} {order} just came in: {loss} at {time}.").format(
                store=first.store_id, order=first.order_no[-6:], time=at, loss=kind_loss(first.next_kind)
            )
            return Notice(NOTICE_KEY, Said(words), Tone.ASK, sticky=True, goes_to=f"order:{first.row_id}")
        words = _("▴ {count} orders came in with under 10 min left, first till {time}.").format(
            count=len(rows), time=at
        )
        return Notice(NOTICE_KEY, Said(words), Tone.ASK, sticky=True, goes_to="filter:due:<10m")


def _is_urgent(row: OrderRow, now: int) -> bool:
    if row.next_at is None or not now < row.next_at < now + URGENT_S:
        return False
    return not row.held_by and row.act_state not in _CARED_FOR

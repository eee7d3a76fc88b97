"""Clocks: moments after which something is lost, and what their countdown says at a given time."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from shoptui.domain.making import quickly_made
from shoptui.domain.records import dataclass

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86400


class ClockKind(StrEnum):
    """What the clock waits for; the short code the grid shows."""

    ARRANGE = "arr"
    PICKUP = "pick"
    HAND_OVER = "hand"
    FAST = "fast"
    AUTO_CANCEL = "cxl"
    CANCEL_REQUEST = "creq"
    DELIVER = "dlv"
    FIRST_SCAN = "scan"
    REPLY = "rply"
    ESCALATION = "esc"
    RETURN = "retn"
    INSPECT = "insp"
    OUT_OF_STOCK = "out"
    OVERSOLD = "over"
    PAYOUT = "pay"
    VERIFY = "vfy"
    NEGATIVE = "neg"
    LIMIT = "lim"
    POINTS = "pts"
    IDLE = "idle"
    AUTHORISATION = "auth"
    APPROVAL = "appr"
    WAKE = "wake"
    SYNC = "sync"
    PRINT = "prn"


class ClockScope(StrEnum):
    """The smallest thing the clock belongs to."""

    ORDER = "order"
    PACKAGE = "package"
    LINE = "line"
    RETURN = "return"
    THREAD = "thread"
    STORE = "store"
    POOL = "pool"


class Consequence(StrEnum):
    """What is lost at zero; the screens hold the sentence for each."""

    LATE_DISPATCH = "late_dispatch"
    AUTO_CANCEL = "auto_cancel"
    LATE_DELIVERY = "late_delivery"
    AUTO_APPROVED = "auto_approved"
    INCENTIVE_LOST = "incentive_lost"
    ADVICE = "advice"
    REPLY_RATE = "reply_rate"
    BUYER_PAID = "buyer_paid"
    WITHDRAWALS_FROZEN = "withdrawals_frozen"
    ORDERS_STOP = "orders_stop"
    NOTHING = "nothing"


class StopEvent(StrEnum):
    """What makes the clock stop for good."""

    ARRANGED = "arranged"
    COLLECTED = "collected"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    CLOSED = "closed"


@quickly_made
@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline.

    `due_at` is epoch seconds. `stopped_at` is None while the clock runs; a clock that was stopped in time or late
    keeps the moment. `source` says where the time came from: `<marketplace>:<field>` for a marketplace's own field,
    `rule:<rule id>` for the rule book, `ours:<what>` for something the house decided; a field's time that an extension
    moved is `<marketplace>:<field>+rule:<rule id>@<the field's own time>` (`clock_source` takes them apart).
    """

    kind: ClockKind
    due_at: int
    consequence: Consequence
    stopped_by: StopEvent
    source: str
    scope: ClockScope = ClockScope.ORDER
    scope_id: str = ""
    stopped_at: int | None = None

    @property
    def running(self) -> bool:
        return self.stopped_at is None

    @property
    def is_advice(self) -> bool:
        """Nothing is lost when it passes, so it never counts as a loss and is never missed."""
        return self.consequence is Consequence.ADVICE

    def missed(self, now: int) -> bool:
        """True when the clock still runs although its time has come, and something is lost by that."""
        return self.stopped_at is None and self.due_at <= now and not self.is_advice


@quickly_made
@dataclass(frozen=True, slots=True)
class NextLoss:
    """The two columns every list sorts by.

    `at` and `kind` are the earliest running clock still ahead, None and "" where there is none; `then_at`, `then_kind`
    the one after it; `missed` counts running clocks whose time has come, `last_missed_at` is the latest of those.
    """

    at: int | None
    kind: str
    then_at: int | None
    then_kind: str
    missed: int
    last_missed_at: int | None
    last_missed_kind: str


def next_loss(clocks: Iterable[Clock], now: int) -> NextLoss:
    """Fold an object's clocks into what the grid stores and sorts by.

    Advisory clocks (Consequence.ADVICE) never count as a loss: nothing happens when they pass.
    """
    ahead: list[tuple[int, str]] = []
    missed = 0
    last_missed: tuple[int, str] | None = None
    for clock in clocks:
        if clock.stopped_at is not None or clock.consequence is Consequence.ADVICE:
            continue
        if clock.due_at > now:
            ahead.append((clock.due_at, clock.kind.value))
        else:
            missed += 1
            # The kind breaks a tie, so that the answer does not depend on the order in which clocks come.
            passed = (clock.due_at, clock.kind.value)
            last_missed = passed if last_missed is None else max(last_missed, passed)
    ahead.sort()
    first = ahead[0] if ahead else None
    # Two clocks of the same moment are one loss to the operator; "then" is the next later moment.
    then = next((pair for pair in ahead if first is not None and pair[0] > first[0]), None)
    return NextLoss(
        at=first[0] if first else None,
        kind=first[1] if first else "",
        then_at=then[0] if then else None,
        then_kind=then[1] if then else "",
        missed=missed,
        last_missed_at=last_missed[0] if last_missed else None,
        last_missed_kind=last_missed[1] if last_missed else "",
    )


class Urgency(StrEnum):
    """The band a running clock is in: what glyph and colour it gets."""

    MISSED = "missed"
    SOON = "soon"
    NEAR = "near"
    DAY = "day"
    QUIET = "quiet"


def urgency(left_s: int) -> Urgency:
    """The band for a time left (seconds): soon under 2 h, near under 12 h, day under 24 h (screens, section 7)."""
    if left_s <= 0:
        return Urgency.MISSED
    if left_s < 2 * HOUR_S:
        return Urgency.SOON
    if left_s < 12 * HOUR_S:
        return Urgency.NEAR
    if left_s < DAY_S:
        return Urgency.DAY
    return Urgency.QUIET


@dataclass(frozen=True, slots=True)
class Countdown:
    """What a clock says now: `text` at most 6 cells (in English) and the epoch second at which it changes.

    `changes_at` is None when the text never changes.
    """

    text: str
    changes_at: int | None
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class CountdownUnits:
    """The letters of a countdown; Chinese uses its own characters."""

    day: str = "d"
    hour: str = "h"
    minute: str = "m"


ENGLISH_UNITS = CountdownUnits()
CHINESE_UNITS = CountdownUnits("天", "时", "分")


def countdown(due_at: int, now: int, *, seconds: bool, units: CountdownUnits = ENGLISH_UNITS) -> Countdown:
    """The countdown to `due_at`, rounded down so that it never promises time (screens, section 7).

    With `seconds`, the last ten minutes are counted in `m:ss`; without, in whole minutes. A moment that has passed
    reads as a negative age.
    """
    left = due_at - now
    band = urgency(left)
    if left <= 0:
        return _age(due_at, now, units)
    if left >= 10 * DAY_S:
        whole = left // DAY_S
        return Countdown(f"{whole}{units.day}", due_at - whole * DAY_S + 1, band)
    if left >= DAY_S:
        hours = left // HOUR_S
        text = f"{hours // 24}{units.day}{hours % 24:02d}{units.hour}"
        return Countdown(text, due_at - hours * HOUR_S + 1, band)
    if left < 10 * MINUTE_S and seconds:
        return Countdown(f"{left // 60}:{left % 60:02d}", now + 1, band)
    minutes = left // MINUTE_S
    if left >= HOUR_S:
        text = f"{minutes // 60}{units.hour}{minutes % 60:02d}{units.minute}"
    else:
        text = f"{minutes}{units.minute}"
    # The last minute ends at the due moment itself: from then on it is an age.
    return Countdown(text, due_at - max(minutes * MINUTE_S, 1) + 1, band)


def _age(due_at: int, now: int, units: CountdownUnits) -> Countdown:
    late = now - due_at
    if late >= 10 * DAY_S:
        whole = late // DAY_S
        return Countdown(f"-{whole}{units.day}", due_at + (whole + 1) * DAY_S, Urgency.MISSED)
    if late >= DAY_S:
        hours = late // HOUR_S
        text = f"-{hours // 24}{units.day}{hours % 24:02d}{units.hour}"
        return Countdown(text, due_at + (hours + 1) * HOUR_S, Urgency.MISSED)
    if late >= 10 * HOUR_S:
        # With minutes it would be seven cells; the clock column has six.
        hours = late // HOUR_S
        return Countdown(f"-{hours}{units.hour}", due_at + (hours + 1) * HOUR_S, Urgency.MISSED)
    minutes = late // MINUTE_S
    if late >= HOUR_S:
        text = f"-{minutes // 60}{units.hour}{minutes % 60:02d}{units.minute}"
    else:
        text = f"-{minutes}{units.minute}"
    return Countdown(text, due_at + (minutes + 1) * MINUTE_S, Urgency.MISSED)

"""What panes of orders and returns say of a dispute: its number, where it stands since when, and what comes next."""

from __future__ import annotations

from datetime import tzinfo

from shoptui.i18n import _
from shoptui.queries.types import DisputeStand
from shoptui.screens.lines import Line, plain, wrap
from shoptui.widgets.roles import Role
from shoptui.words import moment_words


def dispute_short(stand: DisputeStand) -> Line:
    """`dispute 3: sent`, for the end of another line."""
    return plain(_words(stand) + " ", _role(stand))


def dispute_lines(stand: DisputeStand, now: int, zone: tzinfo, width: int) -> list[Line]:
    """The same with since when and what is to be done."""
    words = f" {_words(stand)}, {moment_words(stand.at, now, zone)}"
    todo = {
        "open": _("hand it in and note that: menu, Dispute status"),
        "sent": _("note their answer: menu, Dispute status"),
        "answered": _("note how it ended: menu, Dispute status"),
    }.get(stand.state)
    return wrap(f"{words}; {todo}" if todo else words, width, _role(stand), indent=3)


def _words(stand: DisputeStand) -> str:
    # Few rows have a dispute, and its words bring all of Money's along.
    from shoptui.domain.disputes import DisputeState
    from shoptui.words.money import dispute_words

    return _("dispute {number}: {state}").format(
        number=stand.dispute_id, state=dispute_words(DisputeState(stand.state))
    )


def _role(stand: DisputeStand) -> Role:
    return Role.QUIET if stand.state in {"won", "lost"} else Role.INFO

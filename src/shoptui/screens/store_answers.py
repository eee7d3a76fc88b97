"""How stores answer, line by line: waiting now, rates, room that is left by the rules, the marketplaces' figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from shoptui.cellwidth import cell_width, fit
from shoptui.i18n import _, ngettext
from shoptui.queries.inbox import StoreAnswers
from shoptui.screens.lines import Line, text
from shoptui.widgets.columns import CellText
from shoptui.widgets.roles import Role
from shoptui.words import date_short

_STORE = 10
_COUNT = 5
_RATE = 5
_ROOM = 11
_ROOM_IN_WORDS = 24
_OWN = 10
_OWN_WITH_DAYS = 17

#: With so few misses left a store's line stands out.
_FEW = 3


def worst_first(answers: Iterable[StoreAnswers]) -> list[StoreAnswers]:
    """Stores with somebody waiting first, of these the one with the least room; then the others alike."""

    def order(one: StoreAnswers) -> tuple[bool, float, int, int, str]:
        room = float("inf") if one.misses_left is None else one.misses_left
        return not one.waiting, room, -one.due_soon, -one.waiting, one.store_id

    return sorted(answers, key=order)


def head_line(width: int) -> Line:
    """The heads of the columns at a width in cells."""
    line = _left(_("STORE"), _STORE, Role.QUIET)
    cells = [*line, _right(_("WAIT"), _COUNT), _right("<2h", _COUNT), _right("24h", _RATE)]
    cells += [_right("7d", _RATE), _right("30d", _RATE)]
    cells += _left("  " + _("ROOM"), _room_width(width), Role.QUIET)
    if _own_width(width):
        cells += _left(" " + _("THEIR OWN"), _own_width(width), Role.QUIET)
    return tuple(cells)


def answers_line(one: StoreAnswers, width: int, zone: tzinfo) -> Line:
    """One store at a width in cells."""
    cells = _left(one.store_id, _STORE, Role.TEXT)
    if one.not_granted:
        return (*cells, text(_("chat is not granted: not counted"), Role.QUIET))
    cells += [
        _right(str(one.waiting) if one.waiting else "-", _COUNT, Role.TEXT if one.waiting else Role.QUIET),
        _right(str(one.due_soon) if one.due_soon else "-", _COUNT, Role.SOON if one.due_soon else Role.QUIET),
    ]
    for rate in (one.rate_24h, one.rate_7d, one.rate_30d):
        low = rate is not None and one.threshold is not None and rate < one.threshold
        cells.append(
            _right(percent(rate), _RATE, Role.MISSED if low else Role.TEXT if rate is not None else Role.QUIET)
        )
    words, role = _room(one, in_words=_room_width(width) > _ROOM)
    cells += _left("  " + words, _room_width(width), role)
    if own_width := _own_width(width):
        cells += _left(" " + _own(one, zone, with_days=own_width > _OWN), own_width, Role.QUIET)
    return tuple(cells)


def percent(rate: float | None) -> str:
    """A rate from 0 to 1 rounded down, so that it never looks better than it is; `-` where nobody asked."""
    return "-" if rate is None else f"{int(rate * 100 + 1e-9)}%"


def _room(one: StoreAnswers, *, in_words: bool) -> tuple[str, Role]:
    """How many answers more may be late before the store is below what it must keep."""
    if one.threshold is None:
        return (_("no rule") if in_words else "-"), Role.QUIET
    least = percent(one.threshold)
    if one.misses_left is None:
        return (_("nobody asked yet") if in_words else "-"), Role.QUIET
    role = Role.MISSED if not one.misses_left else Role.SOON if one.misses_left <= _FEW else Role.TEXT
    if not in_words:
        return _("{count} to {percent}").format(count=one.misses_left, percent=least), role
    if not one.misses_left:
        return _("no miss left to {percent}").format(percent=least), role
    words = ngettext("{count} more miss to {percent}", "{count} more misses to {percent}", one.misses_left)
    return words.format(count=f"{one.misses_left:,}", percent=least), role


def _own(one: StoreAnswers, zone: tzinfo, *, with_days: bool) -> str:
    """The marketplace's own figure with the day it was read on."""
    if one.official is None or one.official_at is None:
        return "-"
    day = date_short(datetime.fromtimestamp(one.official_at, zone).date()).strip()
    if with_days and one.official_days:
        return f"{percent(one.official)} {one.official_days}d, {day}"
    return f"{percent(one.official)} {day}"


def _room_width(width: int) -> int:
    fixed = _STORE + 2 * _COUNT + 3 * _RATE
    return _ROOM_IN_WORDS if width >= fixed + _ROOM_IN_WORDS + _OWN_WITH_DAYS else _ROOM


def _own_width(width: int) -> int:
    left = width - (_STORE + 2 * _COUNT + 3 * _RATE) - _room_width(width)
    return _OWN_WITH_DAYS if left >= _OWN_WITH_DAYS else _OWN if left >= _OWN else 0


def _left(words: str, width: int, role: Role) -> list[CellText]:
    return [text(fit(words, width), role)]


def _right(words: str, width: int, role: Role = Role.QUIET) -> CellText:
    return text(" " * (width - cell_width(words)) + fit(words, min(width, cell_width(words))), role)


def answers_lines(answers: Sequence[StoreAnswers], width: int, zone: tzinfo, most: int) -> list[Line]:
    """The heads and the worst stores, in at most so many lines."""
    if most < 2 or not answers:
        return []
    return [head_line(width), *(answers_line(one, width, zone) for one in worst_first(answers)[: most - 1])]

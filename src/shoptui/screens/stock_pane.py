"""The pane of Stock: the peek of a pool, and all of it in sections (screens, section 3.5)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import field
from datetime import datetime, tzinfo

from shoptui.cellwidth import fit
from shoptui.domain.clocks import ClockKind
from shoptui.domain.intents import IntentState
from shoptui.domain.records import dataclass
from shoptui.i18n import _
from shoptui.queries.stock import ListingRow, PoolDetail, PoolRow
from shoptui.screens.lines import Line, fit_line, plain, rule, text, wrap
from shoptui.screens.row_signs import intent_sign
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.roles import Role
from shoptui.words import cause_short, date_short, moment_words, money_words, state_words
from shoptui.words.stock import keep_words, last_words, listings_count, state_note, units_count

_FAILED = frozenset({IntentState.FAILED, IntentState.NOT_DONE, IntentState.NEEDS_PERSON})
#: A pane narrower than this leaves out the number of a listing.
_SIDE = 70
#: Cells of the column that names a listing's warehouse.
_PLACE = 10


@dataclass(frozen=True, slots=True)
class StockFacts:
    """What the pane needs besides the pool. `silent` are stores that do not answer; `explained` the lines of `K`."""

    now: int
    zone: tzinfo
    silent: Collection[str] = ()
    place_in_list: str = ""
    explained: Sequence[str] | None = None
    glyphs: Glyphs = field(default=UNICODE_GLYPHS)


def peek_lines(row: PoolRow, detail: PoolDetail | None, facts: StockFacts, width: int, room: int) -> list[Line]:
    """The head, and what each listing shows, as many as there is room for."""
    lines = [_head(row, facts, width)]
    if detail is None:
        return lines
    shown = sorted(
        _by_listing(detail.listings),
        key=lambda places: (not any(one.answer in _FAILED for one in places), -places[0].sold_24h, places[0].store_id),
    )
    space = max(1, room - 1)
    if len(shown) and space > 2:
        lines.append(_listing_head(detail, width))
        space -= 1
    drawn = _listing_lines(shown, detail, facts, width)
    if len(drawn) <= space:
        return [*lines, *drawn]
    # Whole listings, as many as there is room for; of the first as many warehouses.
    most, whole = 0, 0
    while whole < len(shown) and most + len(shown[whole]) < space:
        most, whole = most + len(shown[whole]), whole + 1
    lines += drawn[: most or space - 1]
    words = _("and {listings} more: Enter").format(listings=listings_count(len(shown) - whole))
    return [*lines, plain(f" {words if most else _('and more warehouses: Enter')}", Role.QUIET)]


def detail_lines(row: PoolRow, detail: PoolDetail | None, facts: StockFacts, width: int) -> list[Line]:
    """The whole pool in sections; what is empty is left out."""
    lines = [_head(row, facts, width)]
    if detail is None:
        return [*lines, plain(" " + _("reading ..."), Role.QUIET)]
    lines += wrap(f" {row.name}", width, indent=1) if row.name else []
    lines += _figures(row, facts, width)
    if facts.explained is not None:
        lines.append(_section(_("Why this time (K closes)"), width, facts))
        for words in facts.explained:
            lines += wrap(f" {words}", width, indent=3)
    lines.append(_section(_("Listings"), width, facts))
    lines.append(_listing_head(detail, width))
    lines += _listing_lines(_by_listing(detail.listings), detail, facts, width)
    first = {(one.store_id, one.listing_id): one for one in reversed(detail.listings)}
    for one in detail.listings:
        lines += _listing_notes(one, width, named=first[(one.store_id, one.listing_id)] is one)
    lines += _stores(detail, facts, width)
    lines.append(_section(_("Rule (s changes it for one push)"), width, facts))
    kept = _("keeps back: {keep}; last units: {last}").format(
        keep=keep_words(detail.rule), last=last_words(detail.rule)
    )
    whose = _("its own") if row.own_rule else _("the house's")
    lines += wrap(f" {kept} ({whose})", width, indent=3)
    lines += _counts(detail, facts, width)
    lines += _writes(detail, facts, width)
    return lines


def _head(row: PoolRow, facts: StockFacts, width: int) -> Line:
    title: Line = (text(row.sku),)
    if row.counted_at is not None:
        counted = _("counted {time}").format(time=moment_words(row.counted_at, facts.now, facts.zone))
    else:
        counted = _("never counted: c takes a count")
    if width >= _SIDE:
        title = (*title, text(f"  {counted}", Role.QUIET if row.counted_at is not None else Role.SOON))
    if facts.place_in_list:
        title = (text(f"{facts.place_in_list}  ", Role.QUIET), *title)
    return rule(width, title, plain(listings_count(row.listings), Role.QUIET), facts.glyphs)


def _section(title: str, width: int, facts: StockFacts) -> Line:
    return rule(width, plain(title, Role.QUIET), (), facts.glyphs)


def _figures(row: PoolRow, facts: StockFacts, width: int) -> list[Line]:
    hand = "?" if row.hand is None else f"{row.hand:,}"
    free = "?" if row.free is None else f"{row.free:,}"
    words = _("in the house {hand}, in open orders {reserved}, free {free}; on offer {listed}").format(
        hand=hand, reserved=f"{row.reserved:,}", free=free, listed=f"{row.listed:,}"
    )
    sold = _("sold {day} in 24 h, {week} in 7 days").format(day=max(row.sold_24h, 0), week=max(row.sold_7d, 0))
    if row.next_at is not None and row.next_kind == ClockKind.OUT_OF_STOCK:
        when = moment_words(row.next_at, facts.now, facts.zone)
        sold = _("{sold}; at this speed it runs out {time}").format(sold=sold, time=when)
    lines = [*wrap(f" {words}", width, indent=1), *wrap(f" {sold}", width, Role.QUIET, 1)]
    if row.oversold:
        over = _("{units} more are on offer or sold than there are: s shares out anew").format(
            units=units_count(row.oversold)
        )
        lines += wrap(f" {over}", width, Role.MISSED, 1)
    elif row.step:
        step = _("{units} more could be on offer: s shares out anew").format(units=units_count(row.step))
        lines += wrap(f" {step}", width, Role.SOON, 1)
    elif row.moves:
        moves = _("nothing is at risk; s would move {units} between stores or back").format(
            units=units_count(row.moves)
        )
        lines += wrap(f" {moves}", width, Role.QUIET, 1)
    return lines


def _by_listing(rows: Sequence[ListingRow]) -> list[list[ListingRow]]:
    """The rows of each listing, one for each of its warehouses."""
    found: dict[tuple[str, str], list[ListingRow]] = {}
    for one in rows:
        found.setdefault((one.store_id, one.listing_id), []).append(one)
    return list(found.values())


def _names_places(detail: PoolDetail) -> bool:
    """Whether a column says which warehouse: nobody asks where every listing has one alone."""
    return any(len(places) > 1 for places in _by_listing(detail.listings))


def _listing_head(detail: PoolDetail, width: int) -> Line:
    number = f"{fit(_('listing'), 12)}" if width >= _SIDE else ""
    place = f"{fit(_('place'), _PLACE)}" if _names_places(detail) else ""
    sold = "" if place and width < _SIDE else _right(_("24 h"), 6)
    pushed = "" if place and width < _SIDE else fit(_("pushed"), 7)
    numbers = f"{_right(_('shows'), 6)}{sold}{_right(_('carts'), 6)}"
    words = f" {fit(_('store'), 10)}{number}{place}{numbers}  {pushed}{_('answer')}"
    return fit_line(plain(words, Role.QUIET), width)


def _pushed(at: int, facts: StockFacts) -> str:
    """When it was written, in the cells of its column: the time today, before that the day."""
    then, today = (datetime.fromtimestamp(moment, facts.zone) for moment in (at, facts.now))
    return f"{then:%H:%M}" if then.date() == today.date() else date_short(then.date())


def _right(words: str, cells: int) -> str:
    return fit(words, cells, "right")


def _listing_lines(
    listings: Sequence[Sequence[ListingRow]], detail: PoolDetail, facts: StockFacts, width: int
) -> list[Line]:
    """A line for each warehouse of each listing: the listing is named once, and what its store sold."""
    places, told = _names_places(detail), set[str]()
    lines = []
    for rows in listings:
        for place, one in enumerate(rows):
            sold = "" if one.store_id in told else str(max(one.sold_24h, 0))
            lines.append(_listing_line(one, facts, width, named=place == 0, places=places, sold=sold))
            told.add(one.store_id)
    return lines


def _listing_line(one: ListingRow, facts: StockFacts, width: int, *, named: bool, places: bool, sold: str) -> Line:
    silent = one.store_id in facts.silent
    stale = facts.glyphs.stale if silent else " "
    short = places and width < _SIDE
    number = fit(_number(one) if named else "", 12) if width >= _SIDE else ""
    # The end of a warehouse's number tells it from others.
    place = fit(one.warehouse_id[1 - _PLACE :], _PLACE) if places else ""
    carts = "-" if one.in_carts is None else str(one.in_carts)
    pushed = "" if one.pushed_at is None else _pushed(one.pushed_at, facts)
    live = not state_note(one.state, one.raw_state)
    pieces: Line = (
        text(stale, Role.SOON),
        text(f"{one.store_id if named else '':<10}"),
        text(f"{number}{place}", Role.QUIET),
        text(f"{one.shows:>6}", Role.TEXT if live and one.ours else Role.QUIET),
        text(f"{'' if short else f'{sold:>6}'}{carts:>6}  ", Role.QUIET),
        text("" if short else fit(pushed, 7), Role.QUIET),
        *_answer(one, facts, silent=silent),
    )
    return fit_line(pieces, width)


def _stores(detail: PoolDetail, facts: StockFacts, width: int) -> list[Line]:
    """What each store shows, holds for open orders and sells; nothing where there is one store."""
    if len(detail.stores) < 2:
        return []
    names = ((_("shows"), 6), (_("in orders"), 11), (_("24 h"), 7), (_("7 days"), 8))
    head = f" {fit(_('store'), 10)}{''.join(_right(name, cells) for name, cells in names)}"
    lines = [_section(_("By store"), width, facts), fit_line(plain(head, Role.QUIET), width)]
    for one in detail.stores:
        sold = f"{max(one.sold_24h, 0):>7}{max(one.sold_7d, 0):>8}"
        words = text(f" {one.store_id:<10}{one.shows:>6}{one.reserved:>11}")
        lines.append(fit_line((words, text(sold, Role.QUIET)), width))
    return lines


def _number(one: ListingRow) -> str:
    """The end of the number a listing is known by: its variant's, or its product's where that has none."""
    product, _slash, variant = one.listing_id.rpartition("/")
    return (product if variant in {"", "0"} and product else variant)[-10:]


def _answer(one: ListingRow, facts: StockFacts, *, silent: bool) -> Line:
    note = state_note(one.state, one.raw_state)
    if one.answer is None or one.answer is IntentState.TAKEN_BACK:
        sign: Line = ()
    else:
        answer = intent_sign(one.answer, facts.glyphs)
        words = cause_short(one.cause) if one.cause and one.answer in _FAILED else state_words(one.answer)
        shown = f" {one.pushed}" if one.pushed is not None and one.answer not in _FAILED else ""
        sign = (text(f"{answer.text} ", answer.role), text(f"{words}{shown}", answer.role))
    if note:
        return (*sign, text(f"  {note}" if sign else note, Role.SOON))
    if not one.ours:
        return (*sign, text(_("in the marketplace's own warehouse"), Role.QUIET))
    if one.why_locked:
        return (*sign, text(_("locked"), Role.SOON))
    if silent:
        return (*sign, text(_(" not answering") if sign else _("not answering"), Role.SOON))
    if one.floor:
        return (*sign, text(_(" promotion holds {units}").format(units=one.floor), Role.QUIET))
    return sign


def _listing_notes(one: ListingRow, width: int, *, named: bool) -> list[Line]:
    """What of a listing has no room in its line; its name once for all its warehouses."""
    lines: list[Line] = []
    if one.why_locked and named:
        lines += wrap(f" {one.store_id}: {one.why_locked}", width, Role.SOON, 3)
    if one.price_minor is not None and named:
        name = f"{one.product_name} {one.variant_name}".strip()
        words = f" {one.store_id}  {money_words(one.price_minor, one.currency)}  {name}"
        lines.append(fit_line(plain(words, Role.QUIET), width))
    if one.window_ms is not None and one.before is not None and one.after is not None:
        wrote = _("{store} wrote {before}>{after}, {ms} ms after reading it").format(
            store=one.store_id, before=one.before, after=one.after, ms=one.window_ms
        )
        lines += wrap(f" {wrote}", width, Role.QUIET, 3)
    return lines


def _counts(detail: PoolDetail, facts: StockFacts, width: int) -> list[Line]:
    if not detail.counts:
        return []
    lines = [_section(_("Counts"), width, facts)]
    for count in detail.counts:
        when = moment_words(count.counted_at, facts.now, facts.zone)
        lines += wrap(f" {when} {count.operator}  {units_count(count.counted)}, {count.source}", width, indent=3)
    return lines


def _writes(detail: PoolDetail, facts: StockFacts, width: int) -> list[Line]:
    if not detail.intents:
        return []
    lines = [_section(_("Numbers ordered"), width, facts)]
    for intent in detail.intents:
        sign = intent_sign(intent.state, facts.glyphs)
        words = f"{intent.args.get('seen', '?')}>{intent.args.get('shows', '?')} {state_words(intent.state)}"
        if intent.cause is not None:
            words += f", {cause_short(intent.cause)}"
        when = moment_words(intent.created_at, facts.now, facts.zone)
        pieces: Line = (
            text(f" {sign.text} ", sign.role),
            text(f"{when} {intent.operator}  {intent.store_id}  {words}"),
        )
        lines.append(fit_line(pieces, width))
    return lines

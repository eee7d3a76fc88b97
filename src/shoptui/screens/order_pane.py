"""The pane of Orders: the peek of a grid row, and the whole order in sections (screens, sections 3.2 and 3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import tzinfo

from shoptui.cellwidth import cell_width, fit
from shoptui.domain.clocks import Clock, Urgency, countdown, urgency
from shoptui.domain.intents import OPEN_STATES, Intent
from shoptui.domain.orders import Line as OrderLine
from shoptui.domain.orders import Order, Package
from shoptui.domain.records import dataclass
from shoptui.domain.shelves import NO_SHELVES, Shelves
from shoptui.i18n import _, countdown_units
from shoptui.queries.types import OrderDetail, OrderRow
from shoptui.screens.dispute_lines import dispute_lines, dispute_short
from shoptui.screens.lines import Line, fit_line, plain, rule, text, two_sided, wrap
from shoptui.screens.row_signs import intent_sign
from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.roles import URGENCY_ROLES, Role
from shoptui.words import (
    block_words,
    cause_in_full,
    cause_short,
    clock_time,
    consequence_words,
    flag_words,
    history_words,
    kind_word,
    moment_words,
    money_words,
    source_words,
    state_words,
    status_words,
    verb_word,
)


@dataclass(frozen=True, slots=True)
class PaneFacts:
    """What a pane needs besides the order. `revealed` is what a reveal answered, None while it is hidden.

    `explained` are the lines of `K`, None while they are not asked for; `place_in_list` reads `1 of 38`. `seconds` lets
    clocks under ten minutes show them: not beside a list, whose row shows them for fewer bytes.
    """

    now: int
    zone: tzinfo
    operator: str
    market_name: str = ""
    place_in_list: str = ""
    age: str = ""
    revealed: Mapping[str, str] | None = None
    explained: Sequence[str] | None = None
    seconds: bool = False
    glyphs: Glyphs = field(default=UNICODE_GLYPHS)
    shelves: Shelves = NO_SHELVES


def peek_lines(row: OrderRow, detail: OrderDetail | None, facts: PaneFacts, width: int) -> list[Line]:
    """Four lines: head, clocks, lines, buyer."""
    who = _who(row, facts)
    title: Line = (
        text(row.order_no),
        text(f"  {status_words(row.status)}", Role.QUIET),
        *(text(f"  {words}", role) for words, role in who),
    )
    lines = [rule(width, title, plain(facts.market_name, Role.QUIET) if facts.market_name else (), facts.glyphs)]
    if detail is None:
        lines.append((text(" "), text(row.items)))
        lines.append((text(" "), text(row.buyer)))
        return lines
    order = detail.order
    clocks = [clock for clock in sorted_clocks(order.clocks, facts.now) if clock.running][:3]
    if clocks:
        line: Line = (text(f" {_('clocks')}  ", Role.QUIET),)
        for clock in clocks:
            line = (*line, *_short_clock(clock, facts), text("  "))
    else:
        line = (text(f" {_('clocks')}  ", Role.QUIET), text(_("none runs"), Role.QUIET))
    lines.append(two_sided(line, dispute_short(detail.dispute), width) if detail.dispute is not None else line)
    goods = "  ".join(
        f"{line.quantity}x {line.sku or line.product_name} {line.variant_name}".strip() for line in order.lines
    )
    total = money_words(order.total.minor, order.total.currency)
    lines.append(fit_line((text(f" {_('lines')}   ", Role.QUIET), text(f"{total}  "), text(goods)), width))
    lines.append(
        (
            text(f" {_('buyer')}   ", Role.QUIET),
            text(_buyer_words(order, facts)),
            text(f"  ({_('R shows it')})", Role.QUIET),
        )
    )
    return lines


def detail_lines(row: OrderRow, detail: OrderDetail | None, facts: PaneFacts, width: int) -> list[Line]:
    """The whole order in sections; what is empty is left out."""
    lines = _head(row, detail, facts, width)
    if detail is None:
        lines.append(plain(" " + _("reading ..."), Role.QUIET))
        return lines
    order = detail.order
    if detail.dispute is not None:
        lines += dispute_lines(detail.dispute, facts.now, facts.zone, width)
    if facts.revealed is not None:
        lines += _buyer_section(order, facts, width)
    if facts.explained is not None:
        lines += _section(_("Why these times (K closes)"), width, facts)
        for words in facts.explained:
            lines += wrap(f" {words}", width, indent=3)
    lines += _clock_section(order, facts, width)
    lines += _line_section(order, facts, width)
    lines += _package_section(order, facts, width)
    if facts.revealed is None:
        lines += _buyer_section(order, facts, width)
    lines += _desk_section(detail, facts, width)
    lines += _history_section(order, facts, width)
    return lines


def _who(row: OrderRow, facts: PaneFacts) -> list[tuple[str, Role]]:
    who: list[tuple[str, Role]] = []
    if row.held_by:
        who.append((_("on hold: {who}").format(who=row.held_by), Role.OTHER))
    if row.claimed_by:
        role = Role.INFO if row.claimed_by == facts.operator else Role.OTHER
        who.append((_("claimed by {who}").format(who=row.claimed_by), role))
    return who


def _head(row: OrderRow, detail: OrderDetail | None, facts: PaneFacts, width: int) -> list[Line]:
    narrow = width < 80
    who = tuple(text(f"  {words}", role) for words, role in _who(row, facts))
    if narrow:
        lines = [
            rule(
                width,
                (text(row.order_no), text(f"  {row.store_id}", Role.QUIET)),
                plain(facts.age, Role.QUIET) if facts.age else (),
                facts.glyphs,
            ),
        ]
        if who:
            lines.append(fit_line((text(" "), *who[0:1], *who[1:]), width))
    else:
        left: Line = (
            text(f" {facts.glyphs.back} ", Role.INFO),
            text(f"{facts.place_in_list}  " if facts.place_in_list else "", Role.QUIET),
            text(row.order_no),
            text(f"  {row.store_id}"),
            text(f"  {facts.market_name}", Role.QUIET),
            *who,
        )
        lines = [two_sided(left, plain(facts.age + " ", Role.QUIET) if facts.age else (), width)]
    order = detail.order if detail is not None else None
    parts = [
        status_words(row.status),
        f"({row.raw_status})" if row.raw_status and row.raw_status.lower() != row.status else "",
    ]
    if order is not None and order.paid_at is not None:
        parts.append(_("paid {time}").format(time=moment_words(order.paid_at, facts.now, facts.zone)))
    parts.append(_shipping(row))
    parts.append(money_words(row.value_minor, row.currency))
    lines += wrap(" " + "  ".join(part for part in parts if part), width, indent=1)
    flags = flag_words(row.flags)
    if flags:
        lines += wrap(" " + ", ".join(flags), width, Role.SOON, indent=1)
    if row.ship_block:
        lines += wrap(
            " " + _("cannot be shipped from here: {why}").format(why=block_words(row.ship_block)), width, Role.QUIET, 1
        )
    if row.tags:
        lines.append((text(" # ", Role.INFO), text(" ".join(row.tags), Role.INFO)))
    return lines


def _shipping(row: OrderRow) -> str:
    how = {
        "platform": _("by platform"),
        "seller": _("own carrier"),
        "digital": _("digital"),
        "store_pickup": _("fetched by buyer"),
    }
    words = [how.get(row.shipping_type, ""), row.carrier or row.delivery_option]
    return ", ".join(word for word in words if word)


def _section(title: str, width: int, facts: PaneFacts, right: str = "") -> list[Line]:
    return [rule(width, plain(title), plain(right, Role.QUIET) if right else (), facts.glyphs)]


def sorted_clocks(clocks: Sequence[Clock], now: int) -> list[Clock]:
    """Running ones by time, then stopped, then missed, then advice whose time is past."""

    def rank(clock: Clock) -> tuple[int, int]:
        if not clock.running:
            return 1, clock.due_at
        if clock.missed(now):
            return 2, clock.due_at
        return (3 if clock.due_at <= now else 0), clock.due_at

    return sorted(clocks, key=rank)


def _short_clock(clock: Clock, facts: PaneFacts) -> Line:
    reading = countdown(clock.due_at, facts.now, seconds=False, units=countdown_units())
    role = URGENCY_ROLES[Urgency.QUIET if clock.is_advice else reading.urgency]
    return text(f"{kind_word(clock.kind.value)} ", Role.QUIET), text(reading.text, role)


def _clock_section(order: Order, facts: PaneFacts, width: int) -> list[Line]:
    clocks = sorted_clocks(order.clocks, facts.now)
    if not clocks:
        return []
    lines = _section(_("Clocks (your time; K says why)"), width, facts)
    moment_cells = 1 + max(12, *(cell_width(moment_words(clock.due_at, facts.now, facts.zone)) for clock in clocks))
    for clock in clocks:
        lines.append(fit_line(_clock_line(clock, facts, moment_cells, width), width))
    return lines


def _clock_line(clock: Clock, facts: PaneFacts, moment_cells: int, width: int) -> Line:
    kind = fit(kind_word(clock.kind.value), 4)
    # `14时20分` takes a cell more than `14h20m` has with its blank.
    left_cells = 7 if countdown_units().day.isascii() else 8
    moment = fit(moment_words(clock.due_at, facts.now, facts.zone), moment_cells)
    words = consequence_words(clock.consequence)
    source = source_words(clock.source)
    if not clock.running:
        sign: Line = (text(f" {facts.glyphs.done}{' ' * (left_cells + 1)}", Role.OK), text(f"{kind}  ", Role.QUIET))
        words = _("stopped {time}").format(time=moment_words(clock.stopped_at or clock.due_at, facts.now, facts.zone))
    else:
        left_s = clock.due_at - facts.now
        reading = countdown(clock.due_at, facts.now, seconds=facts.seconds, units=countdown_units())
        # Advice is never urgent: nothing is lost when it passes.
        band = Urgency.QUIET if clock.is_advice else urgency(left_s)
        role = URGENCY_ROLES[band]
        glyph = facts.glyphs.urgency(band)
        sign = (text(f" {glyph}{fit(reading.text, left_cells, 'right')} ", role), text(f"{kind}  ", Role.QUIET))
    if width < 60:
        return (*sign, text(moment), text(words, Role.TEXT if clock.running else Role.QUIET))
    return (
        *sign,
        text(moment),
        text(fit(words, 24), Role.TEXT if clock.running else Role.QUIET),
        text(source, Role.QUIET),
    )


def _line_section(order: Order, facts: PaneFacts, width: int) -> list[Line]:
    if not order.lines:
        return []
    lines = _section(_("Lines"), width, facts)
    for line in order.lines:
        lines += _goods(line, facts.shelves.of(line.sku), width)
    return lines


def _goods(line: OrderLine, shelf: str, width: int) -> list[Line]:
    price = money_words(line.unit_price.minor, line.unit_price.currency)
    head = f" {line.quantity}x {line.sku or line.sku_id}" + (f" [{shelf}]" if shelf else "")
    name = "  ".join(part for part in (line.product_name, line.variant_name) if part)
    if width < 60:
        lines = [two_sided(plain(head), plain(price + " "), width)]
        if name:
            lines.append(fit_line(plain(f"    {name}", Role.QUIET), width))
        return lines
    left = f"{head}  {name}"
    return [
        two_sided(plain(left), (text(f"{price}  "), text(f"{status_words(line.status.value)} ", Role.QUIET)), width)
    ]


def _package_section(order: Order, facts: PaneFacts, width: int) -> list[Line]:
    if not order.packages:
        return []
    lines = _section(_("Packages"), width, facts)
    for number, package in enumerate(order.packages, start=1):
        lines += wrap(f" P{number}  {_package_words(package, facts)}", width, indent=5)
    return lines


def _package_words(package: Package, facts: PaneFacts) -> str:
    words = [package.package_id, status_words(package.status.value)]
    raw = package.raw_sub_status or package.raw_status
    if raw and raw.lower() != package.status.value:
        words[-1] += f" ({raw})"
    if package.carrier_name:
        words.append(package.carrier_name)
    words.append(
        _("tracking {number}").format(number=package.tracking_number)
        if package.tracking_number
        else _("no tracking number yet")
    )
    if package.slot is not None:
        words.append(
            _("pick-up {start}-{end}").format(
                start=moment_words(package.slot.start_at, facts.now, facts.zone),
                end=clock_time(package.slot.end_at, facts.zone),
            )
        )
    if package.weight_g is not None:
        words.append(f"{package.weight_g / 1000:g} kg")
    return "  ".join(words)


def _buyer_words(order: Order, facts: PaneFacts) -> str:
    recipient = order.recipient
    place = " ".join(part for part in (recipient.city, recipient.postal_code) if part)
    return "  ".join(part for part in (recipient.name or order.buyer_name, place) if part)


def _buyer_section(order: Order, facts: PaneFacts, width: int) -> list[Line]:
    shown = facts.revealed
    if shown is None:
        title = _("Buyer, hidden (R shows and records it)") if width >= 60 else _("Buyer, hidden (R shows)")
        recipient = order.recipient
        parts = [
            recipient.name or order.buyer_name,
            recipient.phone,
            recipient.street,
            recipient.city,
            recipient.postal_code,
        ]
        lines = _section(title, width, facts)
        lines += wrap(" " + "  ".join(part for part in parts if part), width, indent=1)
    else:
        lines = _section(_("Buyer, shown and recorded; hidden when you leave"), width, facts)
        keys = ("name", "phone", "street", "city", "postal_code", "region")
        lines += wrap(" " + "  ".join(shown[key] for key in keys if shown.get(key)), width, Role.INFO, indent=1)
        if shown.get("note"):
            lines += wrap(f" {shown['note']}", width, Role.QUIET, indent=1)
    if order.buyer_note:
        lines += wrap(" " + _("buyer wrote: {note}").format(note=order.buyer_note), width, indent=1)
    return lines


def _desk_section(detail: OrderDetail, facts: PaneFacts, width: int) -> list[Line]:
    entries: list[tuple[int, list[Line]]] = []
    for note in detail.notes:
        words = f" ; {clock_time(note.at, facts.zone)} {fit(note.operator, 5)}  {note.text}"
        entries.append((note.at, wrap(words, width, indent=3)))
    for intent in detail.intents:
        entries.append((intent.created_at, _intent_lines(intent, facts, width)))
    for reveal in detail.reveals:
        words = f" R {clock_time(reveal.at, facts.zone)} {fit(reveal.operator, 5)}  {_('saw the buyer’s data')}"
        entries.append((reveal.at, [plain(words, Role.QUIET)]))
    if not entries:
        return []
    entries.sort(key=lambda entry: entry[0], reverse=True)
    lines = _section(_("Notes and what was ordered on it"), width, facts)
    for _at, entry_lines in entries:
        lines += entry_lines
    return lines


def _intent_lines(intent: Intent, facts: PaneFacts, width: int) -> list[Line]:
    sign = intent_sign(intent.state, facts.glyphs)
    words = f"{verb_word(intent.verb.value)}: {state_words(intent.state, intent.cause)}"
    if intent.cause is not None and not words.endswith(why := cause_short(intent.cause)):
        words += f", {why}"
    lead = f" {sign.text} {clock_time(intent.created_at, facts.zone)} {fit(intent.operator, 5)}  "
    lines = wrap(
        lead + words,
        width,
        sign.role if intent.state in OPEN_STATES or intent.cause else Role.TEXT,
        indent=cell_width(lead),
    )
    if intent.cause is not None:
        said = cause_in_full(intent.cause, intent.verb.value)
        code = f" ({intent.cause.code})" if intent.cause.code else ""
        lines += wrap(f"     {said.what}{code} {said.todo}", width, Role.QUIET, indent=5)
    return lines


def _history_section(order: Order, facts: PaneFacts, width: int) -> list[Line]:
    if not order.history:
        return []
    lines = _section(_("History"), width, facts)
    events = sorted(order.history, key=lambda event: event.at, reverse=True)
    words = [
        f"{moment_words(event.at, facts.now, facts.zone)} {history_words(event.what)} {event.detail}".strip()
        for event in events
    ]
    lines += wrap(" " + "   ".join(words), width, Role.QUIET, indent=1)
    return lines


def pieces_text(line: Sequence[CellText]) -> str:
    """A line's plain text."""
    return "".join(piece.text for piece in line)

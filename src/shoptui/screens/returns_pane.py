"""The pane of Returns: the peek of a row, and the whole request in sections (screens, section 3.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import tzinfo

from shoptui.cellwidth import fit
from shoptui.domain.clocks import countdown
from shoptui.domain.records import dataclass
from shoptui.domain.returns import ReturnEvent
from shoptui.i18n import _, countdown_units, ngettext
from shoptui.queries.returns import CANCEL_PREFIX, ReturnDetail, ReturnRow
from shoptui.screens.dispute_lines import dispute_lines, dispute_short
from shoptui.screens.lines import Line, fit_line, plain, rule, text, two_sided, wrap
from shoptui.screens.row_signs import intent_sign
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.roles import URGENCY_ROLES, Role
from shoptui.words import cause_short, kind_word, moment_words, money_words, source_words, state_words, status_words
from shoptui.words.returns import (
    answer_word,
    ask_words,
    condition_sign,
    condition_words,
    event_what,
    event_who,
    state_in_words,
    zero_words,
)


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """What the pane needs besides the request.

    `explained` are the lines of `K` and `revealed` what `R` answered, None while they are not asked for.
    `place_in_list` reads `1 of 38`; `next_picture` is the place of the link that `y` copies next.
    """

    now: int
    zone: tzinfo
    operator: str
    market_name: str = ""
    place_in_list: str = ""
    explained: Sequence[str] | None = None
    revealed: Mapping[str, str] | None = None
    next_picture: int = 0
    glyphs: Glyphs = field(default=UNICODE_GLYPHS)


def peek_lines(row: ReturnRow, detail: ReturnDetail | None, facts: ReturnFacts, width: int) -> list[Line]:
    """Four lines: what happens at zero; the buyer's words; the order; the parcel and the newest event."""
    lines = [_rule_line(row, detail, facts, width, zero=True)]
    if detail is None:
        lines.append((text(" "), text(row.reason)))
        lines.append((text(" "), text(row.items)))
        return lines
    history = plain(f"{_buyer_short(detail)} ", Role.QUIET)
    asked = f" {moment_words(row.created_at, facts.now, facts.zone)} "
    words = detail.request.buyer_note.replace("\n", " ") or row.reason or ask_words(row.ask)
    lines.append(two_sided((text(asked, Role.QUIET), text(f"{row.buyer}: "), text(words)), history, width))
    dispute = dispute_short(detail.dispute) if detail.dispute is not None else ()
    lines.append(two_sided(_order_line(detail, facts), dispute, width))
    lines.append(fit_line(_parcel_line(detail, facts), width))
    return lines


def detail_lines(row: ReturnRow, detail: ReturnDetail | None, facts: ReturnFacts, width: int) -> list[Line]:
    """The whole request in sections; what is empty is left out."""
    lines = [_rule_line(row, detail, facts, width, zero=False)]
    if detail is None:
        lines.append(plain(" " + _("reading ..."), Role.QUIET))
        return lines
    if zero := zero_words(detail.zero):
        lines += wrap(f" {zero}", width, Role.SOON, 1)
    lines += _asked_section(detail, facts, width)
    if detail.dispute is not None:
        lines += dispute_lines(detail.dispute, facts.now, facts.zone, width)
    if facts.revealed is not None:
        lines.append(_section(_("The buyer (R hides it)"), width, facts))
        for words in facts.revealed.values():
            lines += wrap(f" {words}", width, indent=1) if words else []
    if facts.explained is not None:
        lines.append(_section(_("Why this time (K closes)"), width, facts))
        for words in facts.explained:
            lines += wrap(f" {words}", width, indent=3)
    lines += _clock_section(detail, facts, width)
    lines += _picture_section(detail, facts, width)
    lines += _goods_section(detail, facts, width)
    lines += _order_section(detail, facts, width)
    lines += _check_section(detail, facts, width)
    lines += _event_section(detail, facts, width)
    lines += _desk_section(detail, facts, width)
    return lines


#: As much of a number as the list shows stands over the peek; the whole of it over the detail, where there is room.
_TAIL = 7
_NUMBER = 20


def _rule_line(row: ReturnRow, detail: ReturnDetail | None, facts: ReturnFacts, width: int, *, zero: bool) -> Line:
    """The head. With `zero` it says what happens when nobody answers, else where the request stands."""
    number = row.return_id.removeprefix(CANCEL_PREFIX)
    title: Line = (text(number[-_TAIL:] if zero else number[-_NUMBER:]), text(f"  {facts.market_name}", Role.QUIET))
    words = zero_words(detail.zero) if detail is not None else ""
    if words and zero:
        title = (*title, text(f"  {words}", Role.SOON))
    elif not words:
        title = (*title, text(f"  {state_in_words(row.state)}", Role.QUIET))
    if row.claimed_by:
        role = Role.INFO if row.claimed_by == facts.operator else Role.OTHER
        title = (*title, text("  " + _("claimed by {who}").format(who=row.claimed_by), role))
    if facts.place_in_list:
        title = (text(f"{facts.place_in_list}  ", Role.QUIET), *title)
    pictures = ngettext("{count} picture", "{count} pictures", row.pictures).format(count=row.pictures)
    return rule(width, title, plain(pictures, Role.QUIET) if row.pictures else (), facts.glyphs)


def _buyer_short(detail: ReturnDetail) -> str:
    orders = ngettext("{count} order", "{count} orders", detail.buyer.orders).format(count=detail.buyer.orders)
    earlier = detail.buyer.earlier_returns
    returns = ngettext("{count} earlier return", "{count} earlier returns", earlier).format(count=earlier)
    return f"{orders}, {returns}"


def _order_line(detail: ReturnDetail, facts: ReturnFacts) -> Line:
    row = detail.row
    line: Line = (text(" " + _("order") + " ", Role.QUIET), text(row.order_no[-8:]), text(f"  {row.items}"))
    parts = _order_facts(detail, facts)
    return (*line, text("  " + ", ".join(parts), Role.QUIET)) if parts else line


def _order_facts(detail: ReturnDetail, facts: ReturnFacts) -> list[str]:
    """When it was delivered, who packed it and what it weighed, as far as anybody knows."""
    order = detail.order
    parts: list[str] = []
    if order is not None:
        delivered = next((event.at for event in reversed(order.history) if event.what == "delivered"), None)
        if delivered is not None:
            parts.append(_("delivered {time}").format(time=moment_words(delivered, facts.now, facts.zone)))
        else:
            parts.append(status_words(order.status))
    if detail.packed_by:
        parts.append(_("packed by {who}").format(who=detail.packed_by))
    if detail.weight_g is not None:
        parts.append(_("weight {kilos} kg").format(kilos=f"{detail.weight_g / 1000:.2f}"))
    return parts


def _parcel_line(detail: ReturnDetail, facts: ReturnFacts) -> Line:
    request = detail.request
    if detail.checks:
        check = detail.checks[-1]
        role = Role.OK if condition_sign(check.condition) == "✓" else Role.SOON
        words = _("checked in by {who}: {what}").format(who=check.operator, what=condition_words(check.condition))
        return text(f" {words}", role), text(f"  {check.note}" if check.note else "")
    if request.tracking_number:
        words = _("comes back by {carrier} {number}")
        said = words.format(carrier=request.carrier_name or _("carrier"), number=request.tracking_number)
        return text(f" {said}", Role.QUIET), text(f"  {state_in_words(request.state)}", Role.QUIET)
    if detail.events and event_what(detail.events[-1].what):
        return (text(" "), *_event_pieces(detail.events[-1], facts))
    return (text(f" {ask_words(request.ask)}", Role.QUIET),)


def _section(title: str, width: int, facts: ReturnFacts) -> Line:
    return rule(width, plain(title, Role.QUIET), (), facts.glyphs)


def _asked_section(detail: ReturnDetail, facts: ReturnFacts, width: int) -> list[Line]:
    row, request = detail.row, detail.request
    value = money_words(row.value_minor, row.currency)
    if row.usd_minor is not None and row.currency != "USD":
        value += f"  ({money_words(row.usd_minor, 'USD')})"
    lines: list[Line] = [
        fit_line((text(f" {value}  "), text(ask_words(request.ask))), width),
        *wrap(f" {state_in_words(request.state)}  {request.raw_state}", width, Role.QUIET, 1),
        fit_line(
            (
                text(f" {moment_words(row.created_at, facts.now, facts.zone)}  ", Role.QUIET),
                text(row.buyer),
                text(f"  {_buyer_short(detail)}", Role.QUIET),
            ),
            width,
        ),
    ]
    if request.reason:
        lines += wrap(" " + _("reason: {reason}").format(reason=request.reason), width, indent=3)
    if request.buyer_note:
        lines += wrap(f" “{request.buyer_note}”", width, indent=2)
    if row.disputed:
        lines.append(plain(" " + _("It is before the marketplace."), Role.SOON))
    if row.elsewhere:
        lines.append(plain(" " + _("✓ settled by seller centre, or by time"), Role.OK))
    if row.answers and not row.ended:
        answers = ", ".join(answer_word(answer) for answer in sorted(row.answers))
        lines += wrap(" " + _("can be answered: {answers}").format(answers=answers), width, Role.QUIET, 3)
    return lines


def _clock_section(detail: ReturnDetail, facts: ReturnFacts, width: int) -> list[Line]:
    running = [clock for clock in sorted(detail.request.clocks, key=lambda clock: clock.due_at) if clock.running]
    if not running:
        return []
    lines = [_section(_("Clocks"), width, facts)]
    for clock in running:
        reading = countdown(clock.due_at, facts.now, seconds=False, units=countdown_units())
        role = URGENCY_ROLES[reading.urgency]
        pieces: Line = (
            text(f" {facts.glyphs.urgency(reading.urgency)}{reading.text:>7} {kind_word(clock.kind.value):<5}", role),
            text(moment_words(clock.due_at, facts.now, facts.zone)),
            text(f"  {source_words(clock.source)}", Role.QUIET),
        )
        lines.append(fit_line(pieces, width))
    return lines


def _picture_section(detail: ReturnDetail, facts: ReturnFacts, width: int) -> list[Line]:
    if not detail.request.evidence:
        return []
    lines = [_section(_("Pictures (y copies a link, again: the next one)"), width, facts)]
    for place, link in enumerate(detail.request.evidence):
        sign = facts.glyphs.cursor if place == facts.next_picture else " "
        lines.append(fit_line((text(f"{sign}[{place + 1}] ", Role.INFO), text(link, Role.QUIET)), width))
    return lines


def _goods_section(detail: ReturnDetail, facts: ReturnFacts, width: int) -> list[Line]:
    request = detail.request
    lines = [_section(_("Goods"), width, facts)]
    for line in request.lines:
        refund = "" if line.refund is None else money_words(line.refund.minor, line.refund.currency)
        name = f"{line.product_name} {line.variant_name}".strip()
        pieces: Line = (
            text(f" {line.quantity}x {line.sku or name}"),
            text(f"  {name if line.sku else ''}", Role.QUIET),
        )
        lines.append(two_sided(pieces, plain(f"{refund} "), width) if refund else fit_line(pieces, width))
    if not request.lines:
        lines.append(plain(f" {detail.row.items or _('the whole order')}"))
    if request.tracking_number:
        words = f" {request.carrier_name} {request.tracking_number}"
        lines.append(fit_line((text(" " + _("comes back by") + " ", Role.QUIET), text(words.strip())), width))
    if request.ship_to:
        lines += wrap(" " + _("comes back to {place}").format(place=request.ship_to), width, Role.QUIET, 3)
    return lines


def _order_section(detail: ReturnDetail, facts: ReturnFacts, width: int) -> list[Line]:
    lines = [_section(_("Order {number} (g o)").format(number=detail.row.order_no), width, facts)]
    order = detail.order
    if order is None:
        lines.append(plain(" " + _("It is not in the cache."), Role.QUIET))
        return lines
    total = money_words(order.total.minor, order.total.currency)
    lines += wrap(f" {total}  " + ", ".join(_order_facts(detail, facts)), width, indent=3)
    for line in order.lines:
        name = f"{line.product_name} {line.variant_name}".strip()
        pieces: Line = (
            text(f" {line.quantity}x {line.sku or name}"),
            text(f"  {name if line.sku else ''}", Role.QUIET),
        )
        lines.append(fit_line(pieces, width))
    return lines


def _check_section(detail: ReturnDetail, facts: ReturnFacts, width: int) -> list[Line]:
    if not detail.checks:
        return []
    lines = [_section(_("Checked in"), width, facts)]
    for check in detail.checks:
        sign = condition_sign(check.condition)
        when = moment_words(check.at, facts.now, facts.zone)
        words = f" {sign} {when} {check.operator}: {condition_words(check.condition)}"
        role = Role.OK if sign == "✓" else Role.SOON
        lines += wrap(words + (f", {check.note}" if check.note else ""), width, role, 3)
    return lines


def _event_section(detail: ReturnDetail, facts: ReturnFacts, width: int) -> list[Line]:
    if not detail.events:
        return []
    lines = [_section(_("What happened"), width, facts)]
    for event in reversed(detail.events):
        lines.append(fit_line((text(" "), *_event_pieces(event, facts)), width))
        for link in event.links:
            lines.append(fit_line((text("   [+] ", Role.INFO), text(link, Role.QUIET)), width))
    return lines


def _event_pieces(event: ReturnEvent, facts: ReturnFacts) -> Line:
    note = event.note.replace("\n", " ")
    return (
        text(f"{moment_words(event.at, facts.now, facts.zone)} {fit(event_who(event.who), 6)} ", Role.QUIET),
        text(event_what(event.what) or "-"),
        text(f"  {note}" if note else "", Role.QUIET),
    )


def _desk_section(detail: ReturnDetail, facts: ReturnFacts, width: int) -> list[Line]:
    if not detail.notes and not detail.intents and not detail.row.tags:
        return []
    lines = [_section(_("Notes and answers"), width, facts)]
    if detail.row.tags:
        lines.append(plain(" " + " ".join(f"#{tag}" for tag in detail.row.tags), Role.INFO))
    for note in detail.notes:
        when = moment_words(note.at, facts.now, facts.zone)
        lines += wrap(f" ; {when} {note.operator}  {note.text}", width, indent=3)
    for intent in detail.intents:
        sign = intent_sign(intent.state, facts.glyphs)
        words = f"{answer_word(str(intent.args.get('answer', '')))}: {state_words(intent.state)}"
        if intent.cause is not None:
            words += f", {cause_short(intent.cause)}"
        when = moment_words(intent.created_at, facts.now, facts.zone)
        lines += [
            (text(f" {sign.text} ", sign.role), *line) if place == 0 else line
            for place, line in enumerate(wrap(f"{when} {intent.operator}  {words}", width - 3, indent=3))
        ]
    return lines

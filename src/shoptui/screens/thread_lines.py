"""The lines of a conversation: its head with the order, messages, our notes and what was ordered, oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, tzinfo

from shoptui.cellwidth import cell_width, fit
from shoptui.domain.clocks import countdown
from shoptui.domain.intents import Intent, IntentState, Verb
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender
from shoptui.domain.orders import Flag, Order
from shoptui.domain.records import dataclass
from shoptui.i18n import _, countdown_units
from shoptui.queries.inbox import ThreadDetail, ThreadRow
from shoptui.queries.returns import ReturnRow
from shoptui.screens.inbox_columns import thread_face
from shoptui.screens.lines import Line, fit_line, plain, rule, text, two_sided, width_of, wrap
from shoptui.screens.order_pane import sorted_clocks
from shoptui.screens.row_signs import act_sign
from shoptui.text import sanitise_cell
from shoptui.widgets.columns import CellText
from shoptui.widgets.glyphs import UNICODE_GLYPHS, Glyphs
from shoptui.widgets.roles import URGENCY_ROLES, Role
from shoptui.words import (
    cause_in_full,
    cause_short,
    clock_time,
    consequence_words,
    date_words,
    flag_words,
    kind_word,
    moment_words,
    money_words,
    state_words,
    status_words,
)
from shoptui.words.inbox import card_words, gone_words, language_name, sender_word, state_of_thread
from shoptui.words.returns import ask_word, state_in_words

#: A message of more lines than this is cut where there is little room; Enter shows all of it.
_LINES_SHORT = 6

#: Longest line of a message that is looked at, characters; longer ones go on in the next line.
_LINE_MAX = 8000

#: Returns of an order that are named; more of them are for Returns.
_RETURNS_SHOWN = 2
_WHO_CELLS = 6
_ROLES: Mapping[Sender, Role] = {
    Sender.BUYER: Role.TEXT,
    Sender.STORE: Role.OK,
    Sender.ROBOT: Role.QUIET,
    Sender.PLATFORM: Role.OTHER,
    Sender.SYSTEM: Role.QUIET,
}


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """What the lines need besides the thread. `older` are messages read before the newest ones, oldest first.

    `order` is the linked order, None without one, and `returns` what was asked of it, the newest first; `robots_count`
    whether automatic answers stop the store's clock, None where that is not known yet. `revealed` and `explained` are
    what `R` and `K` answered, None while not asked for.
    """

    now: int
    zone: tzinfo
    operator: str
    market_name: str = ""
    order: Order | None = None
    returns: Sequence[ReturnRow] = ()
    older: Sequence[Message] = ()
    more_before: bool = False
    robots_count: bool | None = None
    revealed: Mapping[str, str] | None = None
    explained: Sequence[str] | None = None
    glyphs: Glyphs = field(default=UNICODE_GLYPHS)


# The head.


def head_lines(row: ThreadRow, facts: ThreadFacts, width: int, *, full: bool) -> list[Line]:
    """Who writes to which store about what: one line, or with the order below it."""
    left: Line = (
        text(row.buyer),
        text(f"  {row.store_id}", Role.INFO),
        text(f"  {language_name(row.language)}", Role.QUIET),
    )
    who = _who(row, facts)
    if not full:
        about = _about(row, facts)
        return [rule(width, (*left, *about), (who,) if who.text else (), facts.glyphs)]
    lines = [rule(width, left, (who,) if who.text else (), facts.glyphs)]
    lines += _order_lines(row, facts, width)
    state = [state_of_thread(row)]
    if row.escalated_to:
        words = _("escalated to {who}: {reason}").format(who=row.escalated_to, reason=row.escalation_reason)
        state.append(words.rstrip(": "))
    if row.snoozed_for_buyer:
        state.append(_("asleep until the buyer writes"))
    if row.snoozed_until is not None:
        words = _("asleep until {time}")
        state.append(words.format(time=moment_words(row.snoozed_until, facts.now, facts.zone)))
    if row.agent:
        state.append(_("also in it: {name}").format(name=row.agent))
    if row.can_send is False:
        state.append(_("takes no message now"))
    lines.append(fit_line((*_clock(row, facts), text("  ".join(state), Role.QUIET)), width))
    return lines


def _who(row: ThreadRow, facts: ThreadFacts) -> CellText:
    if row.claimed_by:
        role = Role.INFO if row.claimed_by == facts.operator else Role.OTHER
        return text(_("{who} answers").format(who=row.claimed_by), role)
    if row.assignee:
        role = Role.INFO if row.assignee == facts.operator else Role.OTHER
        return text(_("for {who}").format(who=row.assignee), role)
    return text("")


def _about(row: ThreadRow, facts: ThreadFacts) -> Line:
    order = facts.order
    if order is None:
        return (text(f"  {row.order_no[-6:]}", Role.QUIET),) if row.order_no else ()
    clocks = [clock for clock in sorted_clocks(order.clocks, facts.now) if clock.running and not clock.is_advice]
    words = f"  {order.order_no[-6:]} {status_words(order.status.value)}"
    if clocks:
        left = countdown(clocks[0].due_at, facts.now, seconds=False, units=countdown_units()).text
        words += f", {kind_word(clocks[0].kind.value)} {left}"
    return (text(words), text(f", {_items(order)}", Role.QUIET))


def _items(order: Order) -> str:
    names = [f"{line.quantity}x {line.sku or line.product_name or line.sku_id}" for line in order.lines]
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return names[0] + more if names else ""


def _clock(row: ThreadRow, facts: ThreadFacts) -> Line:
    face = thread_face(row)
    if face.due_at is None:
        return (text(" "),)
    reading = countdown(face.due_at, facts.now, seconds=False, units=countdown_units())
    kind = kind_word(row.next_kind if row.next_at is not None else "rply")
    sign = facts.glyphs.missed if face.missed else facts.glyphs.urgency(reading.urgency)
    role = Role.MISSED if face.missed else URGENCY_ROLES[reading.urgency]
    return (text(f" {sign} {kind} {reading.text}", role), text("  "))


def _order_lines(row: ThreadRow, facts: ThreadFacts, width: int) -> list[Line]:
    order = facts.order
    if order is None:
        words = _("order {order}: not in the cache") if row.order_no else _("about no order yet (F10, Link an order)")
        return [plain(" " + words.format(order=row.order_no), Role.QUIET)]
    goods = "  ".join(
        f"{line.quantity}x {line.sku or line.sku_id} {line.product_name} {line.variant_name}".strip()
        for line in order.lines
    )
    lines = [
        two_sided(
            (text(f" {order.order_no}"), text(f"  {status_words(order.status.value)}  ", Role.INFO), text(goods)),
            plain(money_words(order.total.minor, order.total.currency) + " "),
            width,
        )
    ]
    pieces: Line = (text(" "),)
    for clock in [clock for clock in sorted_clocks(order.clocks, facts.now) if clock.running][:2]:
        reading = countdown(clock.due_at, facts.now, seconds=False, units=countdown_units())
        role = Role.QUIET if clock.is_advice else URGENCY_ROLES[reading.urgency]
        pieces = (*pieces, text(f"{kind_word(clock.kind.value)} {reading.text} ", role))
        pieces = (*pieces, text(consequence_words(clock.consequence) + "  ", Role.QUIET))
    tracking = " ".join(part for part in (order.carrier_name, order.tracking_number) if part)
    flags = [words for words in flag_words(order.flags) if words]
    back = "" if facts.returns or order.flags & Flag.RETURN_OPEN else _("returns: none")
    said = "  ".join(part for part in (tracking or _("no tracking number yet"), *flags, back) if part)
    if width_of(pieces) + cell_width(said) <= width:
        lines.append((*pieces, text(said, Role.QUIET)))
    else:
        lines += [fit_line(pieces, width), fit_line(plain(f" {said}", Role.QUIET), width)]
    lines += [fit_line(_return_line(one, facts), width) for one in facts.returns[:_RETURNS_SHOWN]]
    if facts.revealed is not None:
        keys = ("name", "phone", "street", "city", "postal_code", "region", "note")
        words = "  ".join(facts.revealed[key] for key in keys if facts.revealed.get(key))
        lines += wrap(f" R {words}", width, Role.INFO, indent=3)
    return lines


def _return_line(asked: ReturnRow, facts: ThreadFacts) -> Line:
    """What was asked to be returned or cancelled, where that stands, and what is lost next."""
    line: Line = (text(f" {ask_word(asked.ask)} ", Role.SOON), text(asked.items))
    line = (*line, text(f"  {state_in_words(asked.state)}", Role.QUIET))
    if asked.next_at is not None:
        reading = countdown(asked.next_at, facts.now, seconds=False, units=countdown_units())
        words = f"  {kind_word(asked.next_kind)} {reading.text.strip()}"
        line = (*line, text(words, URGENCY_ROLES[reading.urgency]))
    return (*line, text("  " + money_words(asked.value_minor, asked.currency), Role.QUIET))


# Messages, notes, replies.


def thread_lines(detail: ThreadDetail, facts: ThreadFacts, width: int, *, full: bool) -> list[Line]:
    """Everything said, noted and ordered in a thread, oldest first. Where not `full`, long messages are cut short."""
    lines: list[Line] = []
    if facts.explained is not None:
        lines.append(rule(width, plain(_("Why this time (K closes)")), (), facts.glyphs))
        for words in facts.explained:
            lines += wrap(f" {words}", width, indent=3)
    if facts.more_before:
        lines.append(plain(" " + _("PgUp reads older messages"), Role.QUIET))
    messages = [*facts.older, *detail.messages]
    entries: list[tuple[int, int, list[Line]]] = []
    names = _names_by_message(detail.intents)
    for message in messages:
        entries.append((message.sent_at, 0, _message_lines(message, names, facts, width, full=full)))
    oldest = messages[0].sent_at if facts.more_before and messages else 0
    for note in detail.notes:
        if note.at >= oldest:
            entries.append((note.at, 1, _note_lines(note.at, note.operator, note.text, facts, width)))
    for intent in detail.intents:
        if intent.verb is Verb.REPLY and intent.created_at >= oldest and not _is_seen(intent, messages):
            entries.append((intent.created_at, 2, _reply_lines(intent, facts, width)))
    entries.sort(key=lambda entry: entry[:2])
    day, today = "", _day(facts.now, facts)
    for at, _rank, entry_lines in entries:
        that_day = _day(at, facts)
        if that_day != day:
            if day or that_day != today:
                lines.append(plain(f" {that_day}", Role.QUIET))
            day = that_day
        lines += entry_lines
    return lines


def _day(at: int, facts: ThreadFacts) -> str:
    today = datetime.fromtimestamp(facts.now, facts.zone).date()
    return date_words(datetime.fromtimestamp(at, facts.zone).date(), today)


def _names_by_message(intents: Sequence[Intent]) -> dict[str, str]:
    """Which of us wrote a message, as far as replies from here tell."""
    return {
        str(intent.evidence["message_id"]): intent.operator
        for intent in intents
        if intent.evidence is not None and intent.evidence.get("message_id")
    }


def _is_seen(intent: Intent, messages: Sequence[Message]) -> bool:
    """Whether a reply that was sent stands among the messages already."""
    if intent.state is not IntentState.DONE:
        return False
    message_id = str((intent.evidence or {}).get("message_id", ""))
    if message_id:
        return any(message.message_id == message_id for message in messages)
    words = str(intent.args.get("text", "")).strip()
    since = (intent.sent_at or intent.created_at) - 60
    return any(
        message.sender in {Sender.STORE, Sender.ROBOT} and message.sent_at >= since and message.text.strip() == words
        for message in messages
    )


def _message_lines(
    message: Message, names: Mapping[str, str], facts: ThreadFacts, width: int, *, full: bool
) -> list[Line]:
    role = _ROLES[message.sender]
    who = names.get(message.message_id) or (message.name if message.sender is Sender.STORE else "")
    lead = _lead(message.sent_at, "", who or sender_word(message.sender), facts)
    words: list[tuple[str, Role]] = []
    if message.state is MessageState.RECALLED:
        words.append((gone_words(message), Role.QUIET))
    else:
        words += [(line, role) for line in safe_lines(message.text)]
        if card := sanitise_cell(card_words(message)):
            words.append((card, Role.INFO if message.link else Role.QUIET))
        if gone := gone_words(message):
            words.append((gone, Role.SOON))
        if not words:
            # Such as after its buyer was forgotten.
            words.append((_("(no words are kept)"), Role.QUIET))
    if message.sender is Sender.ROBOT and facts.robots_count is False:
        words.append((_("(automatic: does not stop the clock)"), Role.QUIET))
    lines = _under(lead, words or [("", role)], role, width)
    if not full and len(lines) > _LINES_SHORT:
        more = _("... {count} more lines: Enter").format(count=len(lines) - _LINES_SHORT + 1)
        lines = [*lines[: _LINES_SHORT - 1], plain(" " * width_of(lead) + more, Role.QUIET)]
    return lines


def safe_lines(words: str) -> list[str]:
    """The lines of outside text, each safe to draw and of the same width in every terminal."""
    return [sanitise_cell(line, limit=_LINE_MAX) for line in words.splitlines()]


def _note_lines(at: int, operator: str, words: str, facts: ThreadFacts, width: int) -> list[Line]:
    lead = _lead(at, ";", operator, facts)
    said = [(line, Role.INFO) for line in safe_lines(words)]
    said[-1:] = [(f"{said[-1][0]}   {_('(never leaves us)')}" if said else _("(never leaves us)"), Role.INFO)]
    return _under(lead, said, Role.INFO, width)


def _reply_lines(intent: Intent, facts: ThreadFacts, width: int) -> list[Line]:
    sign = act_sign(intent.state, facts.glyphs)
    automatic = _("auto") if intent.args.get("automatic") else intent.operator
    lead = _lead(intent.created_at, sign.text, automatic, facts)
    role = sign.role if intent.state is not IntentState.TAKEN_BACK else Role.QUIET
    said = [(line, role) for line in safe_lines(str(intent.args.get("text", "")))]
    state = state_words(intent.state)
    if intent.cause is not None:
        state += f": {cause_short(intent.cause)}"
    said.append((f"({state})", role))
    if intent.state in {IntentState.FAILED, IntentState.NOT_DONE}:
        if intent.cause is not None:
            told = cause_in_full(intent.cause, intent.verb.value)
            said.append((f"{told.what} {told.todo}", Role.QUIET))
        said.append((_("e mends it and sends it again"), Role.QUIET))
    elif intent.state is IntentState.NEEDS_PERSON:
        since = intent.sent_at or intent.created_at
        words = _("Unsure if it was sent at {time}; the thread cannot prove it. Look, then a: it was, x: it was not.")
        said.append((words.format(time=clock_time(since, facts.zone)), Role.SOON))
    return _under(lead, said, role, width)


def _lead(at: int, sign: str, who: str, facts: ThreadFacts) -> Line:
    shown = f"{sign} {who}" if sign.strip() else who
    return (text(f" {clock_time(at, facts.zone)} ", Role.QUIET), text(fit(shown, _WHO_CELLS) + " "))


def _under(lead: Line, words: Sequence[tuple[str, Role]], role: Role, width: int) -> list[Line]:
    """Words behind a lead, later lines under the first."""
    indent = width_of(lead)
    room = max(8, width - indent - 1)
    lines: list[Line] = []
    for said, said_role in words:
        for wrapped in wrap(said, room, said_role):
            before: Line = lead if not lines else (text(" " * indent),)
            if not lines:
                before = (*lead[:-1], CellText(lead[-1].text, role))
            lines.append((*before, *wrapped))
    return lines


def newest_link(messages: Sequence[Message]) -> Message | None:
    """The newest message with a link to copy, None without one."""
    return next((message for message in reversed(messages) if message.link), None)


def is_from_store(message: Message) -> bool:
    """Whether a message answers the buyer in the store's name."""
    return message.sender is Sender.STORE and message.kind is not MessageKind.NOTICE

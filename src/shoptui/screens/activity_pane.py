"""The pane of Activity: a group with its orders, an alert with its advice, an audit entry in full."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.cockpit.session import Session
from shoptui.domain.clocks import countdown
from shoptui.domain.intents import OPEN_STATES, CauseId, Intent, IntentState
from shoptui.i18n import _, countdown_units
from shoptui.queries.types import Alert, AuditRow, BatchRow, SetAsideRow
from shoptui.screens.lines import Line, fit_line, plain, rule, text, wrap
from shoptui.widgets.roles import Role
from shoptui.words import alert_said, cause_said, cause_short, clock_time_s, may_be_words, state_words, verb_head
from shoptui.words.evidence import evidence_words
from shoptui.words.theirs import detail_words

#: Orders listed in the pane; the list of a large group is in Orders.
_INTENTS_SHOWN = 200


def group_lines(group: BatchRow, intents: Sequence[Intent], session: Session, width: int, *, full: bool) -> list[Line]:
    """The group: what happened, what to do, then its orders."""
    what = cause_short(group.cause) if group.cause is not None else state_words(group.state)
    title: Line = (text(f"{verb_head(group.verb)} {group.count}: "), text(what, Role.TEXT))
    code = group.cause.code if group.cause is not None else ""
    lines = [rule(width, title, plain(code, Role.QUIET) if code else ())]
    for words, role in _advice(group, intents, session):
        lines += wrap(f" {words}", width, role, indent=1)
    ordered = clock_time_s(group.created_at, session.zone)
    if full:
        who = _("ordered {time} by {who}, batch {batch}").format(
            time=ordered, who=group.operator, batch=group.batch_id[:8]
        )
        lines += wrap(f" {who}", width, Role.QUIET, indent=1)
        lines.append(rule(width, plain(_("Orders"))))
    for intent in intents[:_INTENTS_SHOWN]:
        lines += _intent_lines(intent, session, width, full=full)
    if len(intents) > _INTENTS_SHOWN:
        lines.append(plain(" " + _("and {count} more").format(count=len(intents) - _INTENTS_SHOWN), Role.QUIET))
    return lines


def _advice(group: BatchRow, intents: Sequence[Intent], session: Session) -> list[tuple[str, Role]]:
    if group.state is IntentState.HELD:
        left = max(0, group.release_at - session.now)
        if not left:
            return [(_("Goes out now; z takes back what has not left yet."), Role.INFO)]
        return [(_("Goes out in {seconds} s; z takes it back.").format(seconds=left), Role.INFO)]
    if group.state is IntentState.UNKNOWN:
        looks = sorted(intent.look_at for intent in intents if intent.look_at is not None)
        when = session.time(looks[0]) if looks else _("soon")
        done = may_be_words(group.verb)
        words = _("No answer came: it may be {done}. It is read back at {time}.").format(done=done, time=when)
        return [(words, Role.SOON), (_("Do not do it by hand; this line settles itself."), Role.QUIET)]
    if group.state is IntentState.NEEDS_PERSON and group.cause is not None and group.cause.id is CauseId.RESTORED:
        said = cause_said(group.cause, group.verb)
        return [(said.what, Role.SOON), (said.todo, Role.QUIET)]
    if group.state is IntentState.NEEDS_PERSON:
        words = _("It cannot be proved whether this was {done}. Look at what was read back, and in Seller Center.")
        words = words.format(done=may_be_words(group.verb))
        return [(words, Role.SOON), (_("Then a: it was done, x: it was not. Nothing is sent before that."), Role.QUIET)]
    if group.again:
        what = cause_short(group.cause) if group.cause is not None else state_words(group.state)
        words = _("It was ordered again since ({what}): a later line says what became of it.").format(what=what)
        return [(words, Role.QUIET)]
    if group.cause is not None:
        said = cause_said(group.cause, group.verb)
        detail = detail_words(group.cause, said.what)
        theirs = [(detail, Role.TEXT)] if detail else []
        role = Role.SOON if group.state in OPEN_STATES else Role.MISSED
        return [(said.what, role), *theirs, (said.todo, Role.QUIET)]
    return [(state_words(group.state), Role.TEXT)] if group.state is not IntentState.DONE else []


def _intent_lines(intent: Intent, session: Session, width: int, *, full: bool) -> list[Line]:
    head = f" {intent.store_id:<9} {intent.order_no}"
    tail = ""
    if intent.look_at is not None and intent.state is IntentState.UNKNOWN:
        left = countdown(intent.look_at, session.now, seconds=False, units=countdown_units()).text
        tail = _("looked at in {left}, try {number}").format(left=left, number=intent.attempts)
    elif intent.settled_at is not None:
        tail = clock_time_s(intent.settled_at, session.zone)
    lines = [fit_line((text(head), text(f"  {tail}" if tail else "", Role.QUIET)), width)]
    if full and (facts := evidence_words(intent.evidence, session.now, session.zone)):
        lines += wrap(f"   {facts}", width, Role.INFO, indent=3)
    return lines


def alert_lines(alert: Alert, set_aside: Sequence[SetAsideRow], session: Session, width: int) -> list[Line]:
    """The alert: what it means and what to do; for records set aside, which ones."""
    said = alert_said(alert, session.time)
    lines = [rule(width, plain(alert.kind.replace("_", " ")), plain(session.time(alert.raised_at), Role.QUIET))]
    lines += wrap(f" {said.what}", width, Role.SOON, indent=1)
    if said.todo:
        lines += wrap(f" {said.todo}", width, Role.QUIET, indent=1)
    if alert.kind == "set_aside":
        for row in set_aside[:50]:
            lines += wrap(f" {row.store_id} {row.order_no}: {row.reason}", width, indent=3)
    return lines


def set_aside_lines(row: SetAsideRow, session: Session, width: int) -> list[Line]:
    """A record that could not be read: which order it is of, why, and what becomes of it."""
    title = _("{store}: a record that could not be read").format(store=row.store_id)
    lines = [rule(width, plain(title), plain(session.time(row.at), Role.QUIET))]
    lines += wrap(" " + _("order {number}: {why}").format(number=row.order_no, why=row.reason), width, Role.SOON, 1)
    words = _("What came is kept as it is. It takes its place in Orders once it can be read: every sync tries again.")
    return lines + wrap(f" {words}", width, Role.QUIET, indent=1)


def audit_lines(row: AuditRow, session: Session, width: int) -> list[Line]:
    """One entry of the audit log in full."""
    title = _("entry {seq}").format(seq=row.seq)
    moment = f"{session.local(row.at):%Y-%m-%d %H:%M:%S}"
    lines = [rule(width, plain(title), plain(moment, Role.QUIET))]
    lines += wrap(f" {row.operator}  {row.what}  {row.target}", width, indent=1)
    lines += wrap(" " + "  ".join(part for part in (row.detail, row.origin) if part), width, Role.QUIET, indent=1)
    return lines

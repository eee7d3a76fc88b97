"""The rows of Activity and their columns: groups of intents, alerts, or entries of the audit log."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from shoptui.cockpit.session import Session
from shoptui.domain.intents import IntentState
from shoptui.i18n import _, countdown_units
from shoptui.queries.types import Alert, AuditRow, BatchRow, SetAsideRow
from shoptui.widgets.columns import AnyColumn, CellContext, CellText, Column
from shoptui.widgets.glyphs import Glyphs
from shoptui.widgets.roles import Role
from shoptui.words import alert_said, cause_short, date_short, state_words, verb_word

ActivityRow = BatchRow | Alert | SetAsideRow | AuditRow


def row_key(row: ActivityRow) -> Hashable:
    """What a row is called. A group that changes its state, or is ordered again, is another group."""
    if isinstance(row, BatchRow):
        return (row.batch_id, row.verb, row.state, row.cause.id if row.cause else "", row.again)
    if isinstance(row, Alert):
        return ("alert", row.alert_id)
    if isinstance(row, SetAsideRow):
        return ("aside", row.store_id, row.order_no)
    return ("audit", row.seq)


def row_words(row: ActivityRow) -> str:
    """The text a filter's words are looked for in."""
    if isinstance(row, BatchRow):
        cause = f"{row.cause.id} {cause_short(row.cause)}" if row.cause else ""
        again = _("ordered again") if row.again else ""
        return f"{row.operator} {row.verb} {' '.join(row.stores)} {row.state} {state_words(row.state)} {cause} {again}"
    if isinstance(row, Alert):
        return f"{row.kind} {' '.join(map(str, row.args.values()))}"
    if isinstance(row, SetAsideRow):
        return f"{row.store_id} {row.order_no} {row.reason}"
    return f"{row.seq} {row.operator} {row.origin} {row.what} {row.target} {row.detail}"


def state_sign(state: IntentState, glyphs: Glyphs) -> CellText:
    """The sign of a state, in its colour."""
    signs = {
        IntentState.HELD: (glyphs.held, Role.INFO),
        IntentState.QUEUED: (glyphs.going, Role.INFO),
        IntentState.SENDING: (glyphs.going, Role.INFO),
        IntentState.DONE: (glyphs.done, Role.OK),
        IntentState.FAILED: (glyphs.failed, Role.MISSED),
        IntentState.NOT_DONE: (glyphs.failed, Role.MISSED),
        IntentState.UNKNOWN: (glyphs.unknown, Role.SOON),
        IntentState.NEEDS_PERSON: (glyphs.decide, Role.SOON),
        IntentState.TAKEN_BACK: ("-", Role.QUIET),
    }
    return CellText(*signs[state])


def _day_extra() -> int:
    """Cells a short day takes beyond five: `22Nov`, but `11月22`."""
    return 0 if countdown_units().day.isascii() else 1


def activity_columns(session: Session, width: int) -> Sequence[AnyColumn[ActivityRow]]:
    """The columns of Activity; alerts and audit entries use the same ones."""

    def when(row: ActivityRow, context: CellContext) -> CellText:
        at = row.created_at if isinstance(row, BatchRow) else row.raised_at if isinstance(row, Alert) else row.at
        now_local, local = session.local(session.now), session.local(at)
        words = f"{local:%H:%M}" if now_local.date() == local.date() else date_short(local.date())
        return CellText(words, Role.QUIET if isinstance(row, BatchRow) and row.acked else Role.TEXT)

    def sign(row: ActivityRow, context: CellContext) -> CellText:
        if isinstance(row, BatchRow):
            piece = state_sign(row.state, context.glyphs)
            return CellText(piece.text, Role.QUIET) if row.acked else piece
        if isinstance(row, SetAsideRow):
            return CellText(context.glyphs.unknown, Role.SOON)
        return CellText(context.glyphs.missed if isinstance(row, Alert) else " ", Role.SOON)

    def who(row: ActivityRow, context: CellContext) -> CellText:
        if isinstance(row, Alert | SetAsideRow):
            return CellText("")
        return CellText(row.operator, Role.INFO if row.operator == session.operator else Role.OTHER)

    def what(row: ActivityRow, context: CellContext) -> CellText:
        if isinstance(row, BatchRow):
            return CellText(verb_word(row.verb))
        if isinstance(row, SetAsideRow):
            return CellText(_("record"))
        return CellText(row.kind.replace("_", " ") if isinstance(row, Alert) else row.what)

    def count(row: ActivityRow, context: CellContext) -> CellText:
        return CellText(f"{row.count:,}" if isinstance(row, BatchRow) else "")

    def stores(row: ActivityRow, context: CellContext) -> CellText:
        if isinstance(row, BatchRow):
            names = ", ".join(row.stores)
            return CellText(names if len(names) <= context.width else _("{count} stores").format(count=len(row.stores)))
        if isinstance(row, Alert):
            return CellText(str(row.args.get("store", "")))
        if isinstance(row, SetAsideRow):
            return CellText(row.store_id)
        return CellText(row.target)

    def state(row: ActivityRow, context: CellContext) -> CellText:
        if isinstance(row, BatchRow):
            words = cause_short(row.cause) if row.cause is not None else state_words(row.state)
            if row.again:
                words = _("ordered again; was: {what}").format(what=words)
            if row.count < row.total and context.width >= 40:
                words += "  " + _("({count} of {total})").format(count=row.count, total=row.total)
            return CellText(words, Role.QUIET if row.acked else Role.TEXT)
        if isinstance(row, Alert):
            return CellText(alert_said(row, session.time).what)
        if isinstance(row, SetAsideRow):
            return CellText(f"{row.order_no}: {row.reason}")
        return CellText("  ".join(part for part in (row.detail, row.origin) if part), Role.QUIET)

    return (
        Column("sign", "", 1, sign),
        Column("when", _("WHEN"), 5 + _day_extra(), when),
        Column("who", _("BY"), 5 if width < 100 else 8, who, drop=2),
        Column("what", _("WHAT"), 8 if width < 100 else 14, what),
        Column("count", _("N"), 5, count, align="right"),
        Column("stores", _("STORES"), 17 if width < 100 else 24, stores, drop=3, shrink_to=8),
        Column("state", _("STATE AND CAUSE"), 20, state, rest=True),
    )


def audit_columns(session: Session, width: int) -> Sequence[AnyColumn[ActivityRow]]:
    """The columns of the audit log."""

    def entry(
        cell: Callable[[AuditRow], str], role: Role = Role.TEXT
    ) -> Callable[[ActivityRow, CellContext], CellText]:
        def draw(row: ActivityRow, context: CellContext) -> CellText:
            return CellText(cell(row) if isinstance(row, AuditRow) else "", role)

        return draw

    def when(row: AuditRow) -> str:
        local = session.local(row.at)
        today = session.local(session.now).date()
        return f"{local:%H:%M:%S}" if local.date() == today else f"{date_short(local.date())} {local:%H:%M}"

    return (
        Column("seq", _("ENTRY"), 7, entry(lambda row: str(row.seq), Role.QUIET), align="right", drop=1),
        Column("when", _("WHEN"), 11 + _day_extra(), entry(when)),
        Column("who", _("BY"), 6 if width < 100 else 10, entry(lambda row: row.operator, Role.OTHER)),
        Column("what", _("WHAT"), 13 if width < 100 else 18, entry(lambda row: row.what)),
        Column("target", _("TARGET"), 20 if width < 100 else 36, entry(lambda row: row.target), drop=3, shrink_to=10),
        Column("detail", _("DETAIL"), 10, entry(lambda row: row.detail, Role.QUIET), rest=True),
    )

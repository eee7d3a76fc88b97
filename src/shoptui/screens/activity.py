"""The Activity place: what was ordered by batch, state and cause; fix, retry, settle; alerts and the audit log."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Sequence
from functools import partial

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoBatch
from shoptui.command_state import CommandState, Context
from shoptui.commands import Level
from shoptui.domain.intents import Intent, IntentState
from shoptui.domain.records import dataclass
from shoptui.i18n import _, later, ngettext
from shoptui.protocol import Changed
from shoptui.queries.types import Alert, AuditRow, BatchRow, SetAsideRow
from shoptui.screens.activity_pane import alert_lines, audit_lines, group_lines, set_aside_lines
from shoptui.screens.activity_rows import ActivityRow, activity_columns, audit_columns, row_key, row_words
from shoptui.screens.forms import ConfirmForm
from shoptui.screens.lines import Line, plain, text
from shoptui.screens.place import ViewLine
from shoptui.screens.retry_form import RetryForm
from shoptui.screens.small_list import SmallList
from shoptui.widgets.columns import AnyColumn
from shoptui.widgets.roles import Role
from shoptui.words import may_be_words, orders_count, state_words, verb_head
from shoptui.words.evidence import evidence_words

_ATTENTION = frozenset({IntentState.FAILED, IntentState.NOT_DONE, IntentState.UNKNOWN, IntentState.NEEDS_PERSON})
_RUNNING = frozenset({IntentState.HELD, IntentState.QUEUED, IntentState.SENDING, IntentState.UNKNOWN})
_RETRYABLE = frozenset({IntentState.FAILED, IntentState.NOT_DONE})
_UNDECIDED = frozenset({IntentState.NEEDS_PERSON})

VIEW_NAMES = {
    "0": later("all"),
    "1": later("failed, unknown, yours"),
    "2": later("running"),
    "3": later("mine"),
    "5": later("alerts, unread records"),
    "7": later("audit"),
}

_BATCHES = 300
_AUDIT_ROWS = 500


@dataclass(frozen=True, slots=True)
class AuditChain:
    """What checking the audit log's chain answered; `broken_at` is the first entry that does not fit, None if none."""

    broken_at: int | None
    checked_at: int


class ActivityPlace(SmallList[ActivityRow]):
    """Groups of intents, alerts or audit entries, by view."""

    context = Context.ACTIVITY
    pane_context = Context.ACTIVITY
    # What to do stands below what has happened, and is what somebody looks for here.
    peek_lines = 6

    _intents: tuple[Intent, ...] = ()
    _intents_of: Hashable = None
    _set_aside: tuple[SetAsideRow, ...] = ()
    chain: AuditChain | None = None

    def key_of(self, row: ActivityRow) -> Hashable:
        return row_key(row)

    def words_of(self, row: ActivityRow) -> str:
        return row_words(row)

    def columns_for(self, width: int) -> Sequence[AnyColumn[ActivityRow]]:
        return audit_columns(self.session, width) if self.view == "7" else activity_columns(self.session, width)

    async def read_rows(self, view: str) -> Sequence[ActivityRow]:
        reader = self.house.reader
        if view == "7":
            return await reader.audit(_AUDIT_ROWS)
        if view == "5":
            self._set_aside = tuple(await reader.set_aside_rows())
            return [*await reader.alerts(), *self._set_aside]
        groups = await reader.batches(None, _BATCHES)
        return [group for group in groups if self._in_view(group, view)]

    def _in_view(self, group: BatchRow, view: str) -> bool:
        if view == "1":
            return _waits(group)
        if view == "2":
            return group.state in _RUNNING
        if view == "3":
            return group.operator == self.session.operator
        return True

    def view_turned(self, before: str) -> None:
        """The audit log has columns of its own; without its rows the old ones would be drawn in them."""
        if (before == "7") != (self.view == "7"):
            self.show_rows((), "first")
            self.grid.set_columns(self.columns_for)

    # What the frame asks.

    def view_line(self, width: int) -> ViewLine:
        left: Line = (text(f"{self.view} {_(VIEW_NAMES.get(self.view, ''))}", Role.INFO),)
        if self.filter_text:
            left = (*left, text(f"  {self.filter_text}"))
        if self.view == "7":
            return ViewLine(left, self._chain_pieces())
        rows = self.all_rows
        if self.view == "5":
            groups = ngettext("{count} alert", "{count} alerts", len(rows)).format(count=len(rows))
        else:
            groups = ngettext("{count} group", "{count} groups", len(rows)).format(count=len(rows))
        right: Line = (text(groups),)
        if self.grid.arrivals:
            right = (*right, text("  " + _("+{count} new").format(count=self.grid.arrivals), Role.SOON))
        return ViewLine(left, right)

    def _chain_pieces(self) -> Line:
        if self.chain is None:
            return (text(_("chain not checked"), Role.QUIET),)
        checked = self.session.time(self.chain.checked_at)
        if self.chain.broken_at is None:
            return (text(_("chain good, checked {time}").format(time=checked), Role.OK),)
        return (text(_("CHAIN BROKEN at {seq}").format(seq=self.chain.broken_at), Role.MISSED),)

    def state(self) -> CommandState:
        row = self.grid.cursor_row
        group = row if isinstance(row, BatchRow) else None
        return CommandState(
            place=self.key_context(),
            row_count=self.window.row_count,
            has_row=row is not None,
            marked=0,
            group_state=group.state if group is not None else None,
            group_verb=group.verb if group is not None else "",
            group_again=group is not None and group.again,
            group_seen=group is not None and group.acked,
            view_is_audit=self.view == "7",
        )

    def changed(self, changed: Changed) -> None:
        if changed.batches or changed.alerts or changed.counts or changed.orders is None:
            self.read_list()
            self._intents_of = None
            self.cursor_rested()

    def entered(self) -> None:
        super().entered()
        if self.view == "7":
            self._check_chain()

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        if kind == "batch":
            self.turn_to("0", partial(_biggest_group, what))
        elif kind == "alert":
            self.turn_to("5", lambda rows: ("alert", what))

    def do_view_pick(self, argument: str) -> None:
        if argument not in VIEW_NAMES:
            self.session.say(_("Activity has views 0 to 3, 5 alerts and 7 audit."))
            return
        self.turn_to(argument)
        if argument == "7":
            self._check_chain()

    def _check_chain(self) -> None:
        def answered(answer: Answer) -> None:
            if answer.ok:
                self.chain = AuditChain(answer.body.get("broken_at"), int(answer.body.get("checked_at", 0)))
                self.post_message(self.StateChanged())

        self.ask("verify_audit", answered)

    # The pane.

    def cursor_rested(self) -> None:
        row = self.grid.cursor_row
        if not isinstance(row, BatchRow) or not self.house.is_open:
            return
        key = row_key(row)

        async def read_intents() -> Callable[[], None]:
            intents = await self.house.reader.intents_of(intent_ids=row.intent_ids)

            def take() -> None:
                self._intents, self._intents_of = tuple(intents), key
                self.show_pane()

            return take

        self.read(read_intents, "intents", exclusive=True)

    def pane_lines(self, width: int, *, full: bool) -> list[Line]:
        row = self.grid.cursor_row
        if row is None:
            return [(), plain(" " + self._empty_words(), Role.QUIET)]
        if isinstance(row, AuditRow):
            return audit_lines(row, self.session, width)
        if isinstance(row, Alert):
            return alert_lines(row, self._set_aside, self.session, width)
        if isinstance(row, SetAsideRow):
            return set_aside_lines(row, self.session, width)
        intents = self._intents if self._intents_of == row_key(row) else ()
        return group_lines(row, intents, self.session, width, full=full)

    def _empty_words(self) -> str:
        if self.view == "1":
            return _("Nothing failed that was not seen, nothing waits for you. 0 shows all.")
        if self.view == "5":
            return _("No alerts. 0 shows what was ordered.")
        return _("Nothing was ordered yet.")

    def do_row_open(self, argument: str) -> None:
        self.grid.open()

    def do_row_copy(self, argument: str) -> None:
        row = self.grid.cursor_row
        if isinstance(row, BatchRow):
            words = " ".join(intent.order_no for intent in self._intents)
            self.app.copy_to_clipboard(words)
            said = _("{orders} sent to the terminal's clipboard.").format(orders=orders_count(len(self._intents)))
            self.session.say(said)
        elif isinstance(row, SetAsideRow):
            self.copy(row.order_no)

    # Retry, give up, settle.

    def _with_intents(
        self, wanted: frozenset[IntentState], go_on: Callable[[BatchRow, tuple[Intent, ...]], None]
    ) -> None:
        """Read the intents of the group under the cursor and go on with those that are still as its verb wants them.

        What is shown may be a moment old: a colleague may have ordered the group again or decided on it.
        """
        group = self.grid.cursor_row
        if not isinstance(group, BatchRow):
            return
        if self.turning:
            self.session.say(_("Another view is being read: press the key again when it is there."))
            return

        async def read_intents() -> Callable[[], None]:
            reader = self.house.reader
            intents = await reader.intents_of(intent_ids=group.intent_ids)
            again = await reader.ordered_again(group.intent_ids)
            still = tuple(one for one in intents if one.state in wanted and one.intent_id not in again)
            return lambda: go_on(group, still) if still else self._say_finished(group, intents, len(again))

        self.read(read_intents, "verb", exclusive=True)

    def _say_finished(self, group: BatchRow, intents: Sequence[Intent], again: int) -> None:
        if again:
            what = _("ordered again")
        else:
            what = ", ".join(dict.fromkeys(state_words(intent.state) for intent in intents))
        words = _("Nothing to do: {verb} {count} is finished meanwhile ({what}).")
        self.session.say(words.format(verb=verb_head(group.verb), count=group.count, what=what))
        self.read_list()

    def do_intent_again(self, argument: str) -> None:
        self._open_retry(fixing=False)

    def do_intent_fix(self, argument: str) -> None:
        self._open_retry(fixing=True)

    def _open_retry(self, *, fixing: bool) -> None:
        self._with_intents(_RETRYABLE, partial(self._ask_retry, fixing))

    def _ask_retry(self, fixing: bool, group: BatchRow, intents: tuple[Intent, ...]) -> None:
        form = RetryForm(group, intents, now=self.session.now, zone=self.session.zone, fixing=fixing, retry=self._retry)
        self.post_message(self.FormWanted(form))
        if form.wants_slots:
            targets = [[intent.store_id, intent.target_id] for intent in form.one_per_store]
            self.ask("handover", form.take_handover, targets=targets)

    def _retry(self, parts: Sequence[tuple[tuple[int, ...], dict[str, object] | None]]) -> None:
        """Order again: each part is some intents with their new arguments, None for the old ones."""
        for intent_ids, arguments in parts:
            batch_id = str(uuid.uuid4())
            fields: dict[str, object] = {"batch_id": batch_id, "intent_ids": list(intent_ids)}
            if arguments is not None:
                fields["args"] = arguments
            self.session.undo.push(UndoBatch((batch_id,)))
            self.ask("retry", partial(self._retried, batch_id), **fields)

    def _retried(self, batch_id: str, answer: Answer) -> None:
        if not answer.ok:
            self.session.undo.drop_batch(batch_id)
            self.session.say(_("Not sent again: {why}").format(why=answer.say), tone=Tone.BAD)
        elif refused := answer.body.get("refused", []):
            words = ngettext("{count} was refused: {why}", "{count} were refused, the first: {why}", len(refused))
            self.session.say(words.format(count=len(refused), why=refused[0].get("say", "")), tone=Tone.BAD)
        self.read_list()

    def do_intent_drop(self, argument: str) -> None:
        self._with_intents(_RETRYABLE, self._drop)

    def _drop(self, group: BatchRow, intents: tuple[Intent, ...]) -> None:
        def answered(answer: Answer) -> None:
            if answer.ok:
                words = ngettext(
                    "Given up: {count} stays as it is, nothing more is tried.",
                    "Given up: {count} stay as they are, nothing more is tried.",
                    len(intents),
                )
                self.session.say(words.format(count=len(intents)), tone=Tone.GOOD)
            else:
                self.session.say(answer.say, tone=Tone.BAD)
            self.read_list()

        self.ask("drop", answered, intent_ids=[intent.intent_id for intent in intents])

    def do_intent_settle(self, argument: str) -> None:
        self._with_intents(_UNDECIDED, partial(self._ask_settle, argument == "a"))

    def _ask_settle(self, done: bool, group: BatchRow, intents: tuple[Intent, ...]) -> None:
        count = len(intents)
        if done:
            title = ngettext("IT WAS DONE: {count} counts as {done}", "IT WAS DONE: {count} count as {done}", count)
        else:
            title = _("IT WAS NOT DONE: {count} can be sent again")
        body: list[Line] = []
        for intent in intents[:6]:
            facts = evidence_words(intent.evidence, self.session.now, self.session.zone)
            body.append(
                (
                    text(f" {intent.store_id:<9} {intent.order_no}  "),
                    text(facts or _("nothing could be read back"), Role.QUIET),
                )
            )
        if count > 6:
            body.append(plain(" " + _("and {count} more").format(count=count - 6), Role.QUIET))
        does = _("it was done") if done else _("it was not done")

        def settle() -> None:
            for intent in intents:
                self.ask("settle", self._settled, intent_id=intent.intent_id, done=done)

        form = ConfirmForm(
            Level.COSTS,
            title.format(count=count, done=may_be_words(group.verb)),
            body,
            does,
            settle,
            count=count,
            title_right=_("level 3: your word decides"),
        )
        self.post_message(self.FormWanted(form))

    def _settled(self, answer: Answer) -> None:
        if not answer.ok:
            self.session.say(answer.say, tone=Tone.BAD)
        self.read_list()


def _waits(group: BatchRow) -> bool:
    """Whether the group waits for somebody."""
    return group.state in _ATTENTION and not group.acked and not group.again


def _biggest_group(batch_id: str, rows: Sequence[ActivityRow]) -> Hashable | None:
    """The biggest group of the batch that needs something, else its biggest; None where the batch is not listed."""
    groups = [row for row in rows if isinstance(row, BatchRow) and row.batch_id == batch_id]
    groups.sort(key=lambda group: (not _waits(group), group.state not in _ATTENTION, -group.count))
    return row_key(groups[0]) if groups else None

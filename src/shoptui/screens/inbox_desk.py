"""What is decided about conversations inside the house: done, escalate, snooze, claim, assign, note, link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta, tzinfo
from functools import partial
from typing import Any

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoRequest
from shoptui.commands import Command
from shoptui.domain.clocks import HOUR_S
from shoptui.i18n import _
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.queries.types import OrderRow
from shoptui.screens.forms import Choice, ChoiceForm, TextForm
from shoptui.screens.inbox_thread import InboxThread
from shoptui.words import moment_words, orders_count, status_words
from shoptui.words.inbox import threads_count

#: Threads in one request to the engine; more go in parts.
_TARGETS_MAX = 2000
#: Threads that get a note at once: each is a request.
_NOTES_MAX = 200
#: Orders offered to be linked.
_ORDERS_OFFERED = 9

_EVENING = time(20, 0)
_MORNING = time(9, 0)
_KEYS = "123456789abcdefghijklmnop"

ThreadKey = list[str]


class InboxDesk(InboxThread):
    """The Inbox's part that stays in the house."""

    def label_of(self, command: Command) -> str:
        row = self.grid.cursor_row
        if row is None or len(self.grid.marks):
            return ""
        if command.id == "thread.done" and row.state is ThreadState.DONE:
            return _("Not done")
        if command.id == "row.claim" and row.claimed_by == self.session.operator:
            return _("Not mine")
        return super().label_of(command)

    def with_threads(self, take: Callable[[list[ThreadRow]], None]) -> None:
        """Read the threads a verb acts on, leaving out stores without chat, then go on with them."""

        def go_on(rows: list[ThreadRow]) -> None:
            threads = [row for row in rows if not row.not_granted]
            if threads:
                take(threads)

        self.with_rows(go_on)

    def change_threads(
        self,
        do: str,
        rows: Sequence[ThreadRow],
        done: str,
        undo: Callable[[ThreadRow], dict[str, Any]],
        *,
        refused: Callable[[], None] | None = None,
        **fields: Any,
    ) -> None:
        """Ask for a change of threads, say `done` when all of it is made, and keep how to undo it.

        `undo` gives the fields of the request that puts one thread back as it was; `refused` is called when it is not
        made.
        """
        parts = [rows[first : first + _TARGETS_MAX] for first in range(0, len(rows), _TARGETS_MAX)]

        def ask_part(place: int) -> None:
            each = {name: value(parts[place]) if callable(value) else value for name, value in fields.items()}
            self.ask(do, partial(answered, place), threads=[_key(row) for row in parts[place]], **each)

        def answered(place: int, answer: Answer) -> None:
            if not answer.ok:
                self.session.say(answer.say, tone=Tone.BAD)
                if refused is not None:
                    refused()
                return
            before = [undo(row) for row in parts[place]]
            again = ""
            if all(one == before[0] for one in before):
                # What was different in each of them cannot be put back by one request.
                targets = [_key(row) for row in parts[place]]
                self.session.undo.push(UndoRequest(do, {"threads": targets, **before[0]}, _("As it was before.")))
                again = " " + _("z takes it back.")
            if place + 1 < len(parts):
                ask_part(place + 1)
            else:
                self.session.say(
                    done.format(threads=threads_count(len(rows)), **self._said(answer)) + again, tone=Tone.GOOD
                )

        ask_part(0)

    def _said(self, answer: Answer) -> dict[str, str]:
        """What of an answer a sentence may name: before whom, and until when."""
        due_at = answer.body.get("due_at")
        due = moment_words(int(due_at), self.session.now, self.session.zone) if due_at is not None else ""
        return {"to": str(answer.body.get("to", "")), "due": due}

    # Done.

    def do_thread_done(self, argument: str) -> None:
        def go_on(rows: list[ThreadRow]) -> None:
            on = not all(row.state is ThreadState.DONE for row in rows)
            changing = [row for row in rows if (row.state is ThreadState.DONE) != on]
            said = _("{threads} done: back when the buyer writes again.") if on else _("{threads} open again.")

            def newest(part: Sequence[ThreadRow]) -> list[str]:
                # What came in just now has not been seen: it is not done with the rest.
                return [row.last_message_id for row in part]

            up_to: dict[str, Any] = {"up_to": newest} if on else {}
            self.change_threads("thread_done", changing, said, lambda row: {"on": not on}, on=on, **up_to)

        self.with_threads(go_on)

    # Escalate.

    def do_thread_escalate(self, argument: str) -> None:
        self.with_threads(self._ask_escalation)

    def _ask_escalation(self, rows: list[ThreadRow]) -> None:
        escalated = all(row.escalated_to for row in rows)
        draft = f"escalate:{rows[0].store_id}/{rows[0].thread_id}" if len(rows) == 1 else "escalate:marked"

        def enter(words: str) -> str | None:
            to, reason = "", words.strip()
            if reason.startswith("@"):
                to, _blank, reason = reason[1:].partition(" ")
            if not reason.strip():
                if escalated and not to:
                    self.change_threads(
                        "escalate", rows, _("No longer escalated: {threads}."), _not_escalated, on=False
                    )
                    return None
                return _("Write what shall be decided, as in: refund or replace? he is angry")
            said = _("{threads} before {to}, due {due}.")
            undo: Callable[[ThreadRow], dict[str, Any]] = lambda row: {"on": False}  # noqa: E731

            def refused() -> None:
                # Such as for want of a supervisor: the reason need not be typed again.
                self.session.keep_draft(draft, words)

            self.change_threads("escalate", rows, said, undo, refused=refused, reason=reason.strip(), to=to)
            return None

        help_lines = [_("The reason; with @name in front for another than the settings' supervisor.")]
        if escalated:
            help_lines.append(_("It is escalated already: Enter without words ends that."))
        title = _("ESCALATE {threads}").format(threads=threads_count(len(rows)))
        self.post_message(self.FormWanted(TextForm(title, "!", enter, help_lines=help_lines, draft=draft)))

    # Snooze.

    def do_row_snooze(self, argument: str) -> None:
        self.with_threads(self._ask_snooze)

    def _ask_snooze(self, rows: list[ThreadRow]) -> None:
        now, zone = self.session.now, self.session.zone
        asleep = any(row.snoozed_until is not None or row.snoozed_for_buyer for row in rows)
        times = snooze_times(now, zone)
        choices = [
            Choice((str(number),), str(number), label, moment_words(at, now, zone))
            for number, (label, at) in enumerate(times, start=1)
        ]
        last = str(len(times) + 1)
        choices.append(Choice((last,), last, _("until the buyer writes")))
        if asleep:
            choices.append(Choice(("0",), "0", _("wake it now")))

        def choose(place: int) -> None:
            fields: dict[str, Any] = {"for_buyer": place == len(times)}
            if place < len(times):
                fields["until"] = times[place][1]
                said = _("{threads} asleep until {time}.")
                said = said.replace("{time}", moment_words(times[place][1], now, zone))
            elif place == len(times):
                said = _("{threads} asleep until the buyer writes.")
            else:
                said = _("{threads} awake.")
            self.change_threads("snooze", rows, said, _sleep_of, **fields)

        title = _("SNOOZE {threads}: it leaves the list and comes back by itself")
        form = ChoiceForm(title.format(threads=threads_count(len(rows))), choices, choose)
        self.post_message(self.FormWanted(form))

    # Claim and assign.

    def do_row_claim(self, argument: str) -> None:
        def go_on(rows: list[ThreadRow]) -> None:
            me = self.session.operator
            on = not all(row.claimed_by == me for row in rows)
            changing = [row for row in rows if (row.claimed_by == me) != on]
            said = _("Claimed {threads}: colleagues see it.") if on else _("Gave back {threads}.")
            if taken := sorted({row.claimed_by for row in changing if row.claimed_by and row.claimed_by != me}):
                said += " " + _("Taken over from {who}.").format(who=", ".join(taken))
            self.change_threads("claim_thread", changing, said, lambda row: {"on": not on}, on=on, take_over=on)

        self.with_threads(go_on)

    def do_row_assign(self, argument: str) -> None:
        def go_on(rows: list[ThreadRow]) -> None:
            async def read_names() -> Callable[[], None]:
                names = await self.house.reader.operators()
                return lambda: self._ask_assignee(rows, names)

            self.read(read_names, "operators", exclusive=True)

        self.with_threads(go_on)

    def _ask_assignee(self, rows: list[ThreadRow], names: Sequence[str]) -> None:
        me = self.session.operator
        others = [name for name in names if name != me][: len(_KEYS) - 2]
        people = [me, *others]
        choices = [
            Choice((_KEYS[place],), _KEYS[place], name, _("(you)") if name == me else "")
            for place, name in enumerate(people)
        ]
        choices.append(Choice(("0",), "0", _("nobody")))
        choices.append(Choice(("@",), "@", _("somebody else")))

        def choose(place: int) -> None:
            if place < len(people):
                self._assign(rows, people[place])
            elif place == len(people):
                self._assign(rows, "")
            else:
                self._ask_name(rows)

        title = _("ASSIGN {threads} to").format(threads=threads_count(len(rows)))
        self.post_message(self.FormWanted(ChoiceForm(title, choices, choose)))

    def _ask_name(self, rows: list[ThreadRow]) -> None:
        def enter(words: str) -> str | None:
            name = words.strip().lstrip("@")
            if not name or " " in name:
                return _("A colleague's user name is one word.")
            self._assign(rows, name)
            return None

        title = _("ASSIGN {threads} to").format(threads=threads_count(len(rows)))
        self.post_message(self.FormWanted(TextForm(title, "@", enter)))

    def _assign(self, rows: Sequence[ThreadRow], to: str) -> None:
        said = _("{threads} for {who}.").replace("{who}", to) if to else _("{threads} for nobody.")
        self.change_threads("assign", rows, said, lambda row: {"to": row.assignee}, to=to)

    # Notes.

    def do_row_note(self, argument: str) -> None:
        self.with_threads(self._ask_note)

    def _ask_note(self, rows: list[ThreadRow]) -> None:
        def enter(words: str) -> str | None:
            if not words.strip():
                return _("Write something, or leave with Esc.")
            if len(rows) > _NOTES_MAX:
                return _("At most {count} conversations at once: mark fewer.").format(count=_NOTES_MAX)
            for row in rows:
                self.ask("thread_note", self._noted, thread=_key(row), text=words.strip())
            return None

        title = _("NOTE on {threads}").format(threads=threads_count(len(rows)))
        help_lines = [_("Ours alone: the buyer never sees it, and it never leaves the house.")]
        draft = f"note:{rows[0].store_id}/{rows[0].thread_id}" if len(rows) == 1 else "note:threads"
        self.post_message(self.FormWanted(TextForm(title, ";", enter, help_lines=help_lines, draft=draft)))

    def _noted(self, answer: Answer) -> None:
        if answer.ok:
            self.session.say(_("Noted, ours only."), tone=Tone.GOOD)
        else:
            self.session.say(answer.say, tone=Tone.BAD)
        self.cursor_rested()

    # The order it is about.

    def do_thread_link(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is None:
            return

        async def read_orders() -> Callable[[], None]:
            ids = await self.house.reader.threads.orders_of_buyer(row.row_id, _ORDERS_OFFERED)
            orders = await self.house.reader.rows(ids, self.session.now)
            return lambda: self._ask_order(row, orders)

        self.read(read_orders, "orders", exclusive=True)

    def _ask_order(self, row: ThreadRow, orders: Sequence[OrderRow]) -> None:
        if not orders:
            self._ask_number(row)
            return
        choices = [
            Choice(
                (str(number),),
                str(number),
                order.order_no[-10:],
                f"{status_words(order.status)} {order.items}"
                + (" " + _("(now)") if order.order_no == row.order_no else ""),
            )
            for number, order in enumerate(orders, start=1)
        ]
        choices.append(Choice(("0",), "0", _("as the marketplace says")))
        choices.append(Choice(("o",), "o", _("another number")))

        def choose(place: int) -> None:
            if place < len(orders):
                self._link(row, orders[place].order_no)
            elif place == len(orders):
                self._link(row, "")
            else:
                self._ask_number(row)

        words = _("WHICH ORDER is it about? {buyer} has {orders} in {store}")
        title = words.format(buyer=row.buyer, orders=orders_count(len(orders)), store=row.store_id)
        self.post_message(self.FormWanted(ChoiceForm(title, choices, choose)))

    def _ask_number(self, row: ThreadRow) -> None:
        def enter(words: str) -> str | None:
            if not words.strip():
                return _("Type or scan the whole order number.")
            self._link(row, words.strip())
            return None

        title = _("WHICH ORDER of {store} is it about?").format(store=row.store_id)
        self.post_message(self.FormWanted(TextForm(title, "#", enter, accepts_scan=True)))

    def _link(self, row: ThreadRow, order_no: str) -> None:
        def answered(answer: Answer) -> None:
            if answer.ok:
                words = _("It is about order {order}.") if order_no else _("It is about what the marketplace says.")
                self.session.say(words.format(order=order_no), tone=Tone.GOOD)
                # Not the order it was about: where nobody had linked one, the marketplace decides again.
                undo = {"thread": _key(row), "order_no": str(answer.body.get("was", row.order_no))}
                self.session.undo.push(UndoRequest("link_order", undo, _("As it was before.")))
            else:
                self.session.say(answer.say, tone=Tone.BAD)
            self.cursor_rested()

        self.ask("link_order", answered, thread=_key(row), order_no=order_no)


def snooze_times(now: int, zone: tzinfo) -> list[tuple[str, int]]:
    """The times a thread can sleep until (epoch s), with what each is called; those that have passed are left out."""
    today = datetime.fromtimestamp(now, zone)
    evening = datetime.combine(today.date(), _EVENING, zone)
    morning = datetime.combine(today.date() + timedelta(days=1), _MORNING, zone)
    monday = datetime.combine(today.date() + timedelta(days=7 - today.weekday()), _MORNING, zone)
    times = [(_("1 h"), now + HOUR_S), (_("3 h"), now + 3 * HOUR_S)]
    times += [(_("tonight"), int(evening.timestamp()))] if evening > today + timedelta(minutes=30) else []
    times.append((_("tomorrow"), int(morning.timestamp())))
    times += [(_("Monday"), int(monday.timestamp()))] if monday > morning else []
    return times


def _key(row: ThreadRow) -> ThreadKey:
    return [row.store_id, row.thread_id]


def _sleep_of(row: ThreadRow) -> dict[str, Any]:
    """What puts a thread back to sleep, or awake, as it was."""
    fields: dict[str, Any] = {"for_buyer": row.snoozed_for_buyer}
    return fields if row.snoozed_until is None else {**fields, "until": row.snoozed_until}


def _not_escalated(row: ThreadRow) -> dict[str, Any]:
    return {"to": row.escalated_to, "reason": row.escalation_reason}

"""Marking conversations as read at the marketplace, one or all marked ones, from one strip."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from functools import partial

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.commands import Level
from shoptui.domain.intents import Verb
from shoptui.domain.verbs import ReadMark, write_args
from shoptui.i18n import _, ngettext
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.ordering import Arguments, OrderPart, order_requests
from shoptui.queries.preview import Target
from shoptui.queries.quick_reply import thread_target
from shoptui.screens.forms import ConfirmForm
from shoptui.screens.inbox_thread import InboxThread
from shoptui.screens.lines import Line, plain, wrap
from shoptui.widgets.roles import Role
from shoptui.words.inbox import threads_count

#: Stores named in the strip.
_STORES_NAMED = 6


class InboxBatch(InboxThread):
    """The Inbox's part that marks as read."""

    def do_thread_read(self, argument: str) -> None:
        """Ask before buyers see that they were read."""
        self.with_rows(self._ask_read)

    def _ask_read(self, rows: list[ThreadRow]) -> None:
        unread = [row for row in rows if row.unread and not row.not_granted]
        if not unread:
            self.session.say(_("Nothing is unread here."))
            return
        stores = Counter(row.store_id for row in unread).most_common()
        named = ", ".join(f"{store_id} {count}" for store_id, count in stores[:_STORES_NAMED])
        if len(stores) > _STORES_NAMED:
            named += " " + _("+{count} stores").format(count=len(stores) - _STORES_NAMED)
        body: list[Line] = wrap(f" {named}", self.app.size.width, indent=1)
        if waiting := sum(1 for row in unread if row.asked_at is not None):
            words = ngettext(
                "{count} of them waits for an answer: its clock goes on, it stays in the list",
                "{count} of them wait for an answer: their clocks go on, they stay in the list",
                waiting,
            )
            body.append(plain(" " + words.format(count=waiting), Role.SOON))
        body.append(plain(" " + _("The marketplace shows it as read, to buyers and in Seller Center."), Role.QUIET))
        words = _("MARK READ {threads}").format(threads=threads_count(len(unread)))
        if already := len(rows) - len(unread):
            words += ", " + _("{count} had nothing unread").format(count=already)
        does = _("mark {count} read").format(count=f"{len(unread):,}")
        self.post_message(
            self.FormWanted(ConfirmForm(Level.REACH, words, body, does, partial(self._mark_read, unread)))
        )

    def _mark_read(self, rows: Sequence[ThreadRow]) -> None:
        newest = {row.row_id: row.last_message_id for row in rows}

        def args(target: Target) -> Arguments:
            return write_args(ReadMark(newest[target.row_id]))

        part = OrderPart(Verb.MARK_READ, tuple(thread_target(row, Verb.MARK_READ) for row in rows), args)
        for request in order_requests([part], lambda: str(uuid.uuid4())):
            batch_id = str(request["batch_id"])
            self.session.add_pending(batch_id, request)
            self.ask("order", partial(self._read_ordered, batch_id), **request)
        self.grid.clear_marks()

    def _read_ordered(self, batch_id: str, answer: Answer) -> None:
        if answer.reason != "no_engine":
            self.session.answered(batch_id)
        if not answer.ok:
            self.session.say(_("Not marked as read: {why}").format(why=answer.say), tone=Tone.BAD)
            return
        refused = answer.body.get("refused", [])
        if refused:
            words = ngettext("{count} was refused: {why}", "{count} were refused, the first: {why}", len(refused))
            self.session.say(words.format(count=len(refused), why=refused[0].get("say", "")), tone=Tone.BAD)
        self.post_message(self.StateChanged())

"""Writing to buyers: opens the composer, hands replies in, mends what failed and settles what is unsure."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoBatch
from shoptui.commands import Level
from shoptui.domain.intents import Intent, IntentState, TargetKind, Verb
from shoptui.domain.verbs import ReplyText, write_args
from shoptui.i18n import _
from shoptui.queries.inbox import ThreadDetail
from shoptui.screens.forms import ConfirmForm
from shoptui.screens.inbox_thread import InboxThread
from shoptui.screens.lines import Line, text, wrap
from shoptui.widgets.roles import Role
from shoptui.words import span_words
from shoptui.words.evidence import evidence_words

if TYPE_CHECKING:
    from shoptui.screens.composer import ComposerForm, Written

_FAILED = frozenset({IntentState.FAILED, IntentState.NOT_DONE})
_OVER = frozenset({IntentState.DONE, IntentState.FAILED, IntentState.NOT_DONE, IntentState.TAKEN_BACK})


class InboxWriting(InboxThread):
    """The Inbox's part that reaches buyers."""

    composer: ComposerForm | None = None
    """The reply being written, None while none is."""
    _batch: tuple[Written, str] | None = None
    """What was handed in last with its batch id: handed in again after a lost answer, it counts once."""

    def with_detail(self, go_on: Callable[[ThreadDetail], None]) -> None:
        """Read the thread a verb acts on as it is now, then go on with it."""
        ids = self.target_ids()
        if len(ids) != 1:
            return

        async def read_thread() -> Callable[[], None]:
            detail = await self.house.reader.threads.thread(ids[0], self.session.now)
            return lambda: go_on(detail) if detail is not None else None

        self.read(read_thread, "write", exclusive=True)

    # The composer.

    def do_thread_reply(self, argument: str) -> None:
        self.with_detail(self._reply)

    def write_here(self) -> None:
        self.grid.clear_marks()
        self.do_thread_reply("")

    def _reply(self, detail: ThreadDetail) -> None:
        under_way = next((one for one in _replies(detail) if one.state not in _OVER), None)
        if under_way is not None and under_way.state is not IntentState.NEEDS_PERSON:
            self.session.say(_("A reply is on its way here: z takes it back while it is held."))
            return
        if under_way is not None:
            self.session.say(_("Look first if the reply before was sent: a it was, x it was not."))
            return
        self.open_composer(detail, _taken_back(detail))

    def open_composer(
        self,
        detail: ThreadDetail,
        words: str = "",
        *,
        template: str = "",
        template_name: str = "",
        mends: Intent | None = None,
    ) -> None:
        """Open the strip for a reply, with the draft, else with `words`; `mends` is the failed one it replaces."""
        from shoptui.screens.composer import ComposerForm

        row = detail.row
        hello = self.session.hello
        form = ComposerForm(
            row,
            detail.messages,
            lambda written: self._send(form, written, mends),
            operator=self.session.operator,
            limits=hello.replies.get(row.marketplace) if hello is not None else None,
            text_now=words,
            template=template,
            template_name=template_name,
            begins_with_it=bool(template) or mends is not None,
            left=lambda: self._left_composer(form),
        )
        self.composer = form
        self._batch = None
        self.grid.move_to(row.row_id)
        self.post_message(self.FormWanted(form))
        self._claim(form)

    def _claim(self, form: ComposerForm) -> None:
        """Say to colleagues that this is being answered, and to the operator if one of them was first."""
        row = form.row

        def answered(answer: Answer) -> None:
            others = [who for _store, _thread, who in answer.body.get("claimed", ())] if answer.ok else []
            if others:
                form.claimed(str(others[0]))
            elif answer.ok and row.claimed_by != self.session.operator:
                form.unclaims = True

        self.ask("claim_thread", answered, threads=[[row.store_id, row.thread_id]], on=True)

    def _left_composer(self, form: ComposerForm) -> None:
        self._release(form)
        self.session.say(_("The draft is kept: r goes on with it."))

    def _release(self, form: ComposerForm) -> None:
        if self.composer is form:
            self.composer = None
        if form.unclaims:
            key = [[form.row.store_id, form.row.thread_id]]
            self.ask("claim_thread", lambda answer: None, threads=key, on=False)

    def thread_read(self) -> None:
        form, detail = self.composer, self.detail
        if form is not None and detail is not None and detail.row.row_id == form.row.row_id:
            form.thread_now(detail.row, detail.messages)

    def _send(self, form: ComposerForm, written: Written, mends: Intent | None) -> None:
        before = self._batch
        batch_id = before[1] if before is not None and before[0] == written else str(uuid.uuid4())
        self._batch = (written, batch_id)
        row = form.row
        args = write_args(ReplyText(written.text, written.after_message_id, written.template))
        if mends is not None:
            fields: dict[str, Any] = {"batch_id": batch_id, "intent_ids": [mends.intent_id], "args": dict(args)}
            self.ask("retry", partial(self._sent, form, batch_id), take_over=written.take_over, **fields)
            return
        intent = {
            "store_id": row.store_id,
            "order_no": row.order_no,
            "target_kind": TargetKind.THREAD.value,
            "target_id": row.thread_id,
            "args": dict(args),
            "clock_due_at": row.reply_at,
        }
        fields = {"batch_id": batch_id, "origin": "cockpit", "verb": Verb.REPLY.value, "intents": [intent]}
        self.ask("order", partial(self._sent, form, batch_id), take_over=written.take_over, **fields)

    def _sent(self, form: ComposerForm, batch_id: str, answer: Answer) -> None:
        """The engine has answered a reply that was handed in."""
        was_open = self.composer is form
        if not form.answered(answer):
            if not was_open:
                self.session.say(_("Not sent, the draft is kept: {why}").format(why=form.problem), tone=Tone.BAD)
            return
        self.session.keep_draft(form.draft, "")
        self.session.undo.push(UndoBatch((batch_id,), place=self.context.value))
        self._release(form)
        row, now = form.row, self.session.now
        words = _("Reply to {buyer} ({store}) is ordered").format(buyer=row.buyer, store=row.store_id)
        if row.reply_at is not None and row.reply_at > now:
            words += ", " + _("{time} before its clock runs out").format(time=span_words(row.reply_at - now))
        self.session.say(words + ".", tone=Tone.GOOD)
        if was_open:
            self.go_next(row.row_id)

    def go_next(self, row_id: int) -> None:
        """The cursor goes on to the next thread of the view."""
        if self.grid.cursor_id == row_id:
            self.grid.move_by(1)
        if self.grid.cursor_id == row_id:
            self.session.say(_("That was the last one of this view."))
        self.cursor_rested()
        self.show_pane()

    # Replies that did not go as ordered.

    def do_thread_mend(self, argument: str) -> None:
        def go_on(detail: ThreadDetail) -> None:
            failed = next((one for one in _replies(detail) if one.state in _FAILED), None)
            if failed is not None:
                words = str(failed.args.get("text", ""))
                self.open_composer(detail, words, template=str(failed.args.get("template", "")), mends=failed)

        self.with_detail(go_on)

    def do_thread_settle(self, argument: str) -> None:
        self.with_detail(partial(self._ask_settle, argument == "a"))

    def _ask_settle(self, done: bool, detail: ThreadDetail) -> None:
        intent = next((one for one in _replies(detail) if one.state is IntentState.NEEDS_PERSON), None)
        if intent is None:
            self.session.say(_("Nothing here waits for your decision any more."))
            return
        facts = evidence_words(intent.evidence, self.session.now, self.session.zone)
        body: list[Line] = wrap(" " + str(intent.args.get("text", "")), self.app.size.width - 2, Role.TEXT, 1)[:3]
        body.append((text(" " + (facts or _("nothing could be read back")), Role.QUIET),))
        if done:
            title = _("IT WAS SENT: the reply to {buyer} counts as sent")
            does = _("it was sent")
        else:
            title = _("IT WAS NOT SENT: the reply to {buyer} can be sent again")
            does = _("it was not sent")

        def settle() -> None:
            self.ask("settle", self._settled, intent_id=intent.intent_id, done=done)

        form = ConfirmForm(
            Level.COSTS,
            title.format(buyer=detail.row.buyer),
            body,
            does,
            settle,
            count=1,
            title_right=_("level 3: your word decides"),
        )
        self.post_message(self.FormWanted(form))

    def _settled(self, answer: Answer) -> None:
        if not answer.ok:
            self.session.say(answer.say, tone=Tone.BAD)
        self.cursor_rested()


def _replies(detail: ThreadDetail) -> list[Intent]:
    """The replies ordered in a thread, newest first."""
    return sorted(
        (intent for intent in detail.intents if intent.verb is Verb.REPLY), key=lambda one: one.intent_id, reverse=True
    )


def _taken_back(detail: ThreadDetail) -> str:
    """The words of the newest reply if that was taken back: one goes on with them."""
    newest = next(iter(_replies(detail)), None)
    return str(newest.args.get("text", "")) if newest is not None and newest.state is IntentState.TAKEN_BACK else ""

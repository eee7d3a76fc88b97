"""Quick replies in the Inbox: `t` on a row or on marks, F7 while writing, and the way to where they are changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.i18n import _
from shoptui.queries.inbox import ThreadDetail
from shoptui.queries.ordering import judge_requests
from shoptui.queries.preview import Target
from shoptui.queries.quick_reply import Candidate, Prepared, ReplyBatch, numbers_for, prepare
from shoptui.screens.inbox_writing import InboxWriting

if TYPE_CHECKING:
    from shoptui.cockpit.quick_reply_book import QuickReplyBook
    from shoptui.screens.composer import ComposerForm


class InboxQuickReplies(InboxWriting):
    """The Inbox's part about quick replies. Strips are imported when they first open: the first paint needs none."""

    _own_words = ""
    """What the operator had written before F7 put a quick reply in its place."""
    _filled_in = ""
    """The quick reply F7 put into the composer last, as it was before anybody changed it."""

    def do_thread_template(self, argument: str) -> None:
        """`t`: a quick reply for the row under the cursor or for all marked ones."""
        from shoptui.cockpit.quick_reply_book import read_book, read_candidates
        from shoptui.screens.quick_reply import QuickReplyForm, ReplyDoes, ReplyFacts

        ids = self.target_ids()
        out_of_sight = self.out_of_sight
        does = ReplyDoes(self.order_replies, self._judge_replies, self._change_first, lambda: self.do_template_edit(""))

        async def read_all() -> Callable[[], None]:
            now = self.session.now
            book = await asyncio.to_thread(read_book, self.session.data_dir)
            candidates = await read_candidates(self.house.reader, ids, self._zones(), now)
            facts = ReplyFacts(now, self.session.operator, out_of_sight)
            return lambda: show(QuickReplyForm(book.replies, candidates, book.says, facts, does), book.fault)

        def show(form: QuickReplyForm, fault: str) -> None:
            if fault:
                self.session.say(fault, tone=Tone.BAD)
            else:
                self.post_message(self.FormWanted(form))

        self.read(read_all, "template", exclusive=True)

    def _zones(self) -> dict[str, str]:
        return {store.store_id: store.time_zone for store in self.session.house.stores}

    def do_template_edit(self, argument: str) -> None:
        """The house's quick replies, to add, change or remove one."""
        from shoptui.screens.quick_reply_edit import QuickReplyEditor

        QuickReplyEditor(self).open()

    # What the strip has confirmed.

    def _judge_replies(self, batch: ReplyBatch, take: Callable[[Sequence[Target], Answer], None]) -> None:
        for targets, question in judge_requests([batch.part()]):
            self.ask("judge", partial(take, targets), **question)

    def order_replies(self, batch: ReplyBatch, take_over: bool) -> None:
        """Order the replies of a strip, then go on to the next conversation that gets none."""
        self.order_parts([batch.part()], take_over=take_over)
        self._go_past({prepared.row.row_id for prepared in batch.ready})

    def _go_past(self, answered: set[int]) -> None:
        """The cursor goes to the next conversation below that was not answered just now; stays where there is none."""
        position = self.grid.model.position_of(self.grid.cursor_id) if self.grid.cursor_id is not None else None
        if position is None or self.grid.cursor_id not in answered:
            return
        following = (row_id for row_id in self.window.index.ids[position + 1 :] if row_id not in answered)
        if (row_id := next(following, None)) is not None:
            self.grid.move_to(row_id)

    # In the composer.

    def _change_first(self, prepared: Prepared, batch: ReplyBatch) -> None:
        """Open a filled-in text where it can be changed; what was being written there comes back with F7."""

        async def read_thread() -> Callable[[], None]:
            detail = await self.house.reader.threads.thread(prepared.row.row_id, self.session.now)
            return lambda: show(detail)

        def show(detail: ThreadDetail | None) -> None:
            if detail is None:
                return
            draft = f"reply:{prepared.row.store_id}/{prepared.row.thread_id}"
            self._own_words = self.session.memory.drafts.get(draft, "")
            self._filled_in = prepared.text
            self.session.keep_draft(draft, "")
            name = " / ".join(batch.names)
            self.open_composer(detail, prepared.text, template=str(batch.number), template_name=name)

        self.read(read_thread, "write", exclusive=True)

    def do_text_template(self, argument: str) -> None:
        """F7: the next quick reply that has all its values here, after the last one again the operator's own words."""
        from shoptui.cockpit.quick_reply_book import read_book, read_candidates

        form = self.composer
        if form is None:
            self.session.say(_("Quick replies are for what is written to buyers."))
            return

        async def read_all() -> Callable[[], None]:
            book = await asyncio.to_thread(read_book, self.session.data_dir)
            found = await read_candidates(self.house.reader, [form.row.row_id], self._zones(), self.session.now)
            return lambda: show(book, found)

        def show(book: QuickReplyBook, found: Sequence[Candidate]) -> None:
            if book.fault:
                self.session.say(book.fault, tone=Tone.BAD)
            elif self.composer is form and found:
                self._swap(form, book, found[0])

        self.read(read_all, "template", exclusive=True)

    def _swap(self, form: ComposerForm, book: QuickReplyBook, candidate: Candidate) -> None:
        row = candidate.row
        choices: list[tuple[int, str, str]] = []
        for number in numbers_for(book.replies, [row.store_id]):
            batch = prepare(
                number, book.replies, [candidate], book.says, operator=self.session.operator, now=self.session.now
            )
            choices += [(number, " / ".join(batch.names), prepared.text) for prepared in batch.ready]
        if not choices:
            self.session.say(_("No quick reply has all its values here: leave this, then t says what is missing."))
            return
        if form.words != self._filled_in:
            self._own_words = form.words
        before = int(form.template) if form.template else 0
        following = [choice for choice in choices if choice[0] > before]
        if not following and self._own_words.strip():
            self._filled_in = ""
            form.use_template(self._own_words, "", "")
            return
        number, name, words = (following or choices)[0]
        self._filled_in = words
        form.use_template(words, str(number), name)

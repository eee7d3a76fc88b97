"""The conversation under the Inbox's cursor: read with its order, shown in the pane, older messages on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoptui.domain.messages import Message
from shoptui.domain.orders import Order
from shoptui.i18n import _
from shoptui.queries.inbox import ThreadDetail, ThreadRow
from shoptui.queries.returns import ReturnRow
from shoptui.screens.explain import explain_reply, robots_answer
from shoptui.screens.inbox_list import InboxList
from shoptui.screens.lines import Line, plain, wrap
from shoptui.screens.place import PaneLines
from shoptui.screens.thread_lines import ThreadFacts, head_lines, newest_link, thread_lines
from shoptui.screens.thread_pane import ThreadPane
from shoptui.widgets.roles import Role
from shoptui.words.inbox import how_to_grant, not_granted_words

#: Messages read with a thread, and further ones each time one reads on upwards.
_NEWEST = 20
_OLDER = 40


class InboxThread(InboxList):
    """The list with the conversation under its cursor."""

    peek_lines = 6
    side_columns = 63
    keeps_peek = True

    detail: ThreadDetail | None = None
    order: Order | None = None
    returns: Sequence[ReturnRow] = ()
    """What was asked to be returned or cancelled of the order, the newest first."""
    older: tuple[Message, ...] = ()
    """Messages read before those of the detail, oldest first."""
    more_before = False
    robots_count: bool | None = None
    _told_open: int | None = None

    def make_pane(self) -> PaneLines:
        return ThreadPane(id=f"{self.context.value}-pane")

    # Reading.

    def cursor_rested(self) -> None:
        row_id = self.grid.cursor_id
        if row_id is None or not self.house.is_open:
            self.detail = None
            return
        if self.detail is not None and self.detail.row.row_id != row_id:
            self.forget_thread()
        # As much as is shown: what came since must not tear a gap into what was read before.
        newest = max(_NEWEST, len(self.messages))

        async def read_thread() -> Callable[[], None]:
            threads, now = self.house.reader.threads, self.session.now
            detail = await threads.thread(row_id, now, newest)
            order = await threads.linked_order(row_id) if detail is not None else None
            store = self.session.store(detail.row.store_id) if detail is not None else None
            robots = await robots_answer(self.house.rules, store, now)
            asked: Sequence[ReturnRow] = ()
            if order is not None:
                returns = self.house.reader.returns
                asked = await returns.rows(await returns.of_order(order.store_id, order.order_no), now)
            return lambda: self._take_thread(row_id, detail, order, robots, asked)

        self.read(read_thread, "thread", exclusive=True)

    def _take_thread(
        self,
        row_id: int,
        detail: ThreadDetail | None,
        order: Order | None,
        robots: bool | None,
        returns: Sequence[ReturnRow],
    ) -> None:
        if self.grid.cursor_id != row_id:
            return
        self.older, self.more_before = (), detail is not None and detail.older
        self.detail, self.order, self.robots_count, self.returns = detail, order, robots, returns
        self.show_pane()
        self._tell_open()
        self.thread_read()

    def _tell_open(self) -> None:
        """Tell the engine which conversation is read here, once: its recalls are looked for where nobody tells them."""
        row = self.grid.cursor_row
        if not self.in_pane or row is None or not row.thread_id or self._told_open == row.row_id:
            return
        self._told_open = row.row_id
        # Whether it could be told makes no difference to who reads.
        self.ask("thread_refresh", lambda answer: None, thread=[row.store_id, row.thread_id], now=False)

    def thread_read(self) -> None:
        """The thread under the cursor has been read (again)."""

    def forget_thread(self) -> None:
        """Another thread comes into the pane: what was asked for of the one before is gone."""
        self.detail = self.order = None
        self.returns = ()
        self.older, self.more_before = (), False
        self.forget_looks()

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages of the thread in the pane that are read, oldest first."""
        return (*self.older, *(self.detail.messages if self.detail is not None else ()))

    def do_page_up(self, argument: str) -> None:
        pane = self.pane
        if self.in_pane and isinstance(pane, ThreadPane) and pane.is_at_top and self.more_before:
            self._read_older()
            return
        super().do_page_up(argument)

    def do_row_up(self, argument: str) -> None:
        pane = self.pane
        if self.in_pane and isinstance(pane, ThreadPane) and pane.is_at_top and self.more_before:
            self._read_older()
            return
        super().do_row_up(argument)

    def do_row_first(self, argument: str) -> None:
        if self.in_pane and isinstance(self.pane, ThreadPane):
            self.pane.to_oldest()
        else:
            super().do_row_first(argument)

    def _read_older(self) -> None:
        messages, row_id = self.messages, self.grid.cursor_id
        if not messages or row_id is None:
            return

        async def read_older() -> Callable[[], None]:
            found = await self.house.reader.threads.older_messages(row_id, messages[0].order_key, _OLDER)

            def take() -> None:
                if self.grid.cursor_id == row_id and self.messages[:1] == messages[:1]:
                    self.older = (*found, *self.older)
                    self.more_before = len(found) == _OLDER
                    if not found:
                        self.session.say(_("This is the oldest message that is here."))
                    self.show_pane()
                    self.pane.turn(-max(1, self.pane.size.height // 2))

            return take

        self.read(read_older, "older", exclusive=True)

    # The pane.

    def show_pane(self) -> None:
        pane = self.pane
        if not pane.display or not isinstance(pane, ThreadPane):
            return
        self._pane_drawn_at = self.session.now
        full = self.pane_is_full or self.pane_is_side
        width = self.pane_width()
        row = self.grid.cursor_row
        if row is None or row.not_granted:
            pane.show_thread((), self._other_lines(row, width))
            return
        facts = self._facts(row)
        detail = self.detail if self.detail is not None and self.detail.row.row_id == row.row_id else None
        head = head_lines(row, facts, width, full=full)
        if detail is None:
            pane.show_thread(head, [plain(f" {row.last_words}", Role.QUIET)])
        else:
            pane.show_thread(head, thread_lines(detail, facts, width, full=full))

    def _facts(self, row: ThreadRow) -> ThreadFacts:
        mine = self.detail is not None and self.detail.row.row_id == row.row_id
        return ThreadFacts(
            now=self.session.now,
            zone=self.session.zone,
            operator=self.session.operator,
            market_name=self.market_name(row.store_id),
            order=self.order if mine else None,
            returns=self.returns if mine else (),
            older=self.older if mine else (),
            more_before=self.more_before if mine else False,
            robots_count=self.robots_count,
            revealed=self.revealed if mine else None,
            explained=self.explained if mine else None,
        )

    def _other_lines(self, row: ThreadRow | None, width: int) -> list[Line]:
        """What the pane says where there is no conversation under the cursor."""
        if row is not None:
            lines = wrap(" " + not_granted_words(row.store_id), width, Role.SOON, 1)
            for words in how_to_grant(row.marketplace):
                lines += wrap(f" {words}", width, Role.QUIET, 1)
            return lines
        if self.grid.cursor_on_group:
            words = _("These waited too long. Enter shows them; what can still be saved is below.")
            return [plain(f" {words}", Role.QUIET)]
        if self._reading or not self._listed:
            return []
        return [plain(f" {self._empty_words()}", Role.QUIET)]

    def _empty_words(self) -> str:
        counts = self.session.house.counts
        if self.view == "0" and self.filter_text == "is:open" and not counts.waiting:
            return _("No buyer waits. New messages come in here by themselves.")
        if counts.waiting:
            words = _("Nothing here. {count} wait in all: 0 shows them, / changes the filter.")
            return words.format(count=counts.waiting)
        return _("No buyer waits. 0 shows all that is open, / changes the filter.")

    # Looking closer.

    def do_row_copy(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is None or row.not_granted:
            return
        message = newest_link(self.messages)
        if message is not None and message.link:
            self.app.copy_to_clipboard(message.link)
            self.session.say(_("The link of the newest picture or card was sent to the terminal's clipboard."))
        elif number := row.order_no or row.thread_id:
            self.copy(number)

    def do_row_runbook(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is None:
            return
        if row.not_granted:
            self.enter_pane()
            return
        store = self.session.store(row.store_id)
        self.explain(lambda: explain_reply(self.house.rules, row, store))

    def look_closer(self) -> None:
        self.enter_pane()
        if self.explained is not None and isinstance(self.pane, ThreadPane):
            self.pane.to_oldest()

    def do_row_reveal(self, argument: str) -> None:
        row = self.grid.cursor_row
        if row is None or not row.order_no:
            self.session.say(_("This conversation is about no order that is known here."))
        else:
            self.reveal(row.store_id, row.order_no)

"""The list of the Inbox: its rows, what is said about it, and the way to one conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.session import STALE_MESSAGES_AFTER_S, Session, is_stale
from shoptui.cockpit.thread_list import ThreadSource
from shoptui.command_state import CommandState, Context
from shoptui.i18n import _, ngettext
from shoptui.protocol import Changed
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.query import Query
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_filter import parse_threads
from shoptui.queries.thread_views import thread_views
from shoptui.queries.views import View
from shoptui.screens.inbox_columns import InboxColumns, is_hot_thread
from shoptui.screens.lines import Line, text
from shoptui.screens.rows_list import HOT_WITHIN_S, RowsList
from shoptui.widgets.roles import Role
from shoptui.words.inbox import threads_count


class InboxList(RowsList[ThreadRow]):
    """The list of conversations; `InboxPlace` adds verbs and pane."""

    context = Context.INBOX
    pane_context = Context.THREAD
    usual_sort = ThreadSort()
    timed_fields = ("reply:", "due:", "is:open", "is:snoozed")

    def __init__(self, session: Session, house: House) -> None:
        super().__init__(session, house, InboxColumns(lambda: session.operator, lambda: session.stale_chats))
        self._then: Callable[[], None] | None = None

    def source(self) -> ThreadSource:
        return ThreadSource(self.house.reader)

    def read_filter(self, filter_text: str) -> Query:
        return parse_threads(filter_text)

    def read_sort(self, words: str) -> ThreadSort:
        return ThreadSort.parse(words)

    def views(self, saved: Mapping[str, str]) -> Mapping[str, View]:
        return thread_views(saved)

    def changed_rows(self, changed: Changed) -> Sequence[int] | None:
        return changed.threads

    def key_of(self, row: ThreadRow) -> RowKey:
        return row.store_id, row.thread_id

    def count_words(self, count: int) -> str:
        return threads_count(count)

    def filter_help(self) -> str:
        return "reply:<2h  is:waiting  assigned:me  store:tt-*  lang:th  -is:done  or  ( )  " + _('"words"')

    def is_hot(self, row: ThreadRow, now: int) -> bool:
        return is_hot_thread(row, now, HOT_WITHIN_S)

    def age_pieces(self) -> Line:
        """How old what is shown of the chats is: the oldest of those that are read at all."""
        feeds = [
            store.messages for store in self.session.house.stores if store.messages is not None and not store.paused
        ]
        ages = [feed.last_ok_at for feed in feeds if feed.last_ok_at is not None and not feed.not_granted]
        if not ages:
            return ()
        if not self.session.link.up:
            return (text(_("of {time}").format(time=self.session.time(max(ages))), Role.QUIET),)
        now = self.session.now
        old = sum(
            1 for feed in feeds if not feed.not_granted and is_stale(feed, False, now, after_s=STALE_MESSAGES_AFTER_S)
        )
        if old:
            return (text(_("{count} old").format(count=old), Role.SOON),)
        return (text(_("live"), Role.OK),)

    def attention_line(self) -> Line:
        """Stores whose conversations are not seen: one row each stands among the others, and may be filtered out."""
        silent = [
            store.store_id
            for store in self.session.house.stores
            if store.messages is not None and store.messages.not_granted
        ]
        if not silent or self.listed_ids:
            return ()
        words = ngettext(
            "{count} store has not granted chat: {stores}. K on its row shows what to do.",
            "{count} stores have not granted chat: {stores}. K on their rows shows what to do.",
            len(silent),
        )
        return (text(" " + words.format(count=len(silent), stores=", ".join(silent)), Role.QUIET),)

    def state(self) -> CommandState:
        counts = self.session.house.counts
        row = self.grid.cursor_row
        marked = len(self.grid.marks)
        return CommandState(
            place=self.key_context(),
            row_count=len(self.listed_ids),
            has_row=self.grid.cursor_id is not None,
            marked=marked,
            hot=counts.replies_missed + counts.replies_under_2h + counts.escalated + counts.failed,
            threads=marked or int(row is not None and not row.not_granted),
            has_order=row is not None and bool(row.order_no),
            group_state=row.act_state if row is not None and not marked else None,
        )

    # Going to one conversation.

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        store_id, _slash, number = what.partition("/")
        if kind == "thread":
            self.open_thread((store_id, number), self.enter_pane)
        elif kind == "write":
            self.open_thread((store_id, number), self.write_here)
        elif kind == "of":
            self._find_of_order(store_id, number)
        elif kind == "filter":
            self.set_filter(what)

    def target_in(self, context: Context) -> str:
        row = self.grid.cursor_row
        if context is Context.ORDERS and row is not None and row.order_no:
            return f"number:{row.store_id}/{row.order_no}"
        return f"store:{row.store_id}" if context is Context.STORES and row is not None else ""

    def write_here(self) -> None:
        """Write to the buyer of the thread under the cursor."""

    def _find_of_order(self, store_id: str, order_no: str) -> None:
        """Land on the conversation about an order, or with its buyer, where there is one."""

        async def look() -> Callable[[], None]:
            threads = self.house.reader.threads
            rows = await threads.rows((await threads.of_order(store_id, order_no))[:1], self.session.now)
            return lambda: self.open_thread(self.key_of(rows[0])) if rows else None

        if self.house.is_open:
            self.read(look, "find", exclusive=True)

    def open_thread(self, key: RowKey, then: Callable[[], None] | None = None) -> None:
        """Land on a thread, filtered out or not, and go on with `then`."""

        async def look() -> Callable[[], None]:
            row_id = await self.house.reader.threads.row_of(*key)
            return lambda: self._land(key, row_id, then)

        if self.house.is_open:
            self.read(look, "find", exclusive=True)

    def _land(self, key: RowKey, row_id: int | None, then: Callable[[], None] | None) -> None:
        if row_id is None:
            self.session.say(_("This conversation is not in the cache (yet)."))
            return
        if self.grid.move_to(row_id):
            self.landed(then)
            return

        async def read_row() -> Callable[[], None]:
            rows = await self.house.reader.threads.rows([row_id], self.session.now)

            def show() -> None:
                if rows:
                    row = rows[0]
                    self._cursor_wanted = key
                    self._then = lambda: self.landed(then)
                    # A quote within a name would end it; `?` stands for any character.
                    buyer = row.buyer.replace('"', "?")
                    words = f"order:{row.order_no}" if row.order_no else f'buyer:"{buyer}"'
                    self.set_filter(f"store:{row.store_id} {words}")
                    self.session.say(_("It was filtered out: 0 shows all again."))

            return show

        self.read(read_row, "find", exclusive=True)

    def found_again(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()

    def landed(self, then: Callable[[], None] | None) -> None:
        """The cursor stands on the thread that was wanted."""
        self.cursor_rested()
        if then is not None:
            then()

"""The list of the Inbox: its rows, what is said about it, and the way to one conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shoptui.cockpit.house import House
from shoptui.cockpit.memory import RowKey
from shoptui.cockpit.session import STALE_MESSAGES_AFTER_S, Session
from shoptui.cockpit.thread_list import ThreadSource
from shoptui.command_state import CommandState, Context
from shoptui.i18n import _, ngettext
from shoptui.protocol import Changed
from shoptui.queries.inbox import ThreadRow
from shoptui.queries.query import Query
from shoptui.queries.sorting import ThreadSort
from shoptui.queries.thread_fields import THREAD_FIELDS
from shoptui.queries.thread_filter import parse_threads
from shoptui.queries.thread_views import thread_views
from shoptui.queries.types import FeedRow
from shoptui.queries.views import View
from shoptui.screens.inbox_columns import InboxColumns, is_hot_thread
from shoptui.screens.lines import Line, text
from shoptui.screens.ordering_list import OrderingList
from shoptui.screens.rows_list import HOT_WITHIN_S
from shoptui.widgets.roles import Role
from shoptui.words.inbox import threads_count


class InboxList(OrderingList[ThreadRow]):
    """The list of conversations; `InboxPlace` adds verbs and pane."""

    context = Context.INBOX
    pane_context = Context.THREAD
    usual_sort = ThreadSort()
    fields = THREAD_FIELDS
    timed_fields = ("reply:", "due:", "is:open", "is:snoozed")
    stale_after_s = STALE_MESSAGES_AFTER_S

    def __init__(self, session: Session, house: House) -> None:
        super().__init__(session, house, InboxColumns(lambda: session.operator, lambda: session.stale_chats))

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

    def feeds(self) -> Sequence[FeedRow]:
        stores = self.session.house.stores
        chats = [store.messages for store in stores if store.messages is not None and not store.paused]
        return [feed for feed in chats if not feed.not_granted]

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

    def hot_count(self) -> int:
        counts = self.session.house.counts
        return counts.replies_missed + counts.replies_under_2h + counts.escalated + counts.failed

    def state(self) -> CommandState:
        row = self.grid.cursor_row
        marked = len(self.grid.marks)
        return replace(
            super().state(),
            threads=marked or int(row is not None and not row.not_granted),
            has_order=row is not None and bool(row.order_no),
            group_state=row.act_state if row is not None and not marked else None,
        )

    # Going to one conversation.

    def go_to(self, target: str) -> None:
        kind, _colon, what = target.partition(":")
        store_id, _slash, number = what.partition("/")
        if kind == "thread":
            self.open_row((store_id, number), self.enter_pane)
        elif kind == "write":
            self.open_row((store_id, number), self.write_here)
        elif kind == "of":
            self.open_found(lambda: self.house.reader.threads.of_order(store_id, number))
        elif kind == "filter":
            self.set_filter(what)

    def target_in(self, context: Context) -> str:
        row = self.grid.cursor_row
        if context is Context.ORDERS and row is not None and row.order_no:
            return f"number:{row.store_id}/{row.order_no}"
        return f"store:{row.store_id}" if context is Context.STORES and row is not None else ""

    def write_here(self) -> None:
        """Write to the buyer of the thread under the cursor."""

    def say_missing(self) -> None:
        self.session.say(_("This conversation is not in the cache (yet)."))

    def filter_to(self, row: ThreadRow) -> str:
        # A quote within a name would end it; `?` stands for any character.
        buyer = row.buyer.replace('"', "?")
        words = f"order:{row.order_no}" if row.order_no else f'buyer:"{buyer}"'
        return f"store:{row.store_id} {words}"

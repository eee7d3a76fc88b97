"""The list of conversations: what its columns sort by."""

from __future__ import annotations

from shoptui.queries.sorting import ThreadSortBy
from shoptui.store.codes import NEVER
from shoptui.store.plain_list import Part, Shape
from shoptui.store.thread_filter_sql import condition

THREADS = Shape(
    table="thread",
    by_loss="thread_by_loss",
    first={
        ThreadSortBy.NEXT: Part("o.next_at", empty=str(NEVER)),
        ThreadSortBy.STORE: Part("o.store_id"),
        ThreadSortBy.BUYER: Part("o.buyer", empty="''"),
        ThreadSortBy.ORDER: Part("o.order_no", empty="''"),
        ThreadSortBy.WHO: Part("o.assignee", empty="''"),
        ThreadSortBy.ASKED: Part(f"coalesce(o.asked_at, {NEVER})", empty=str(NEVER)),
        ThreadSortBy.LAST: Part("o.last_at"),
        ThreadSortBy.UNREAD: Part("o.unread"),
        ThreadSortBy.LANGUAGE: Part("o.language", empty="''"),
    },
    # As `thread_by_loss` has it: next loss, escalated, unread, newest.
    then=(
        Part("o.next_at"),
        Part("o.escalated", descending=True),
        Part("o.unread", descending=True),
        Part("o.last_at", descending=True),
        Part("o.store_id"),
        Part("o.row_id"),
    ),
    condition=condition,
)

"""A conversation as it leaves the program in a file: its fields and their values."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.domain.messages import Message
from shoptui.queries.inbox import ThreadDetail, ThreadRow

#: The columns of an export, in order; the keys of its JSON.
FIELDS = (
    "store",
    "thread",
    "buyer",
    "state",
    "unread",
    "language",
    "reply_at",
    "asked_at",
    "next_loss_at",
    "next_loss",
    "missed",
    "order",
    "assignee",
    "claimed_by",
    "escalated_to",
    "snoozed_until",
    "last_at",
    "last_from",
    "last_words",
    "act",
    "granted",
)


def thread_record(row: ThreadRow) -> Mapping[str, object]:
    """A conversation by field. Moments are epoch seconds, None where there is none.

    `granted` is False in a store's only line when its app may not chat: the other fields say nothing there.
    """
    return {
        "store": row.store_id,
        "thread": row.thread_id,
        "buyer": row.buyer,
        "state": row.state.value,
        "unread": row.unread,
        "language": row.language,
        "reply_at": row.reply_at,
        "asked_at": row.asked_at,
        "next_loss_at": row.next_at,
        "next_loss": row.next_kind,
        "missed": row.missed,
        "order": row.order_no,
        "assignee": row.assignee,
        "claimed_by": row.claimed_by,
        "escalated_to": row.escalated_to,
        "snoozed_until": row.snoozed_until,
        "last_at": row.last_at,
        "last_from": row.last_sender,
        "last_words": row.last_words,
        "act": row.act_state.value if row.act_state else "",
        "granted": not row.not_granted,
    }


def detail_record(detail: ThreadDetail) -> Mapping[str, object]:
    """A conversation with its newest messages, oldest first, and the notes of the house."""
    return {
        **thread_record(detail.row),
        "messages": [_message_record(each) for each in detail.messages],
        "older": detail.older,
        "notes": [{"at": note.at, "by": note.operator, "text": note.text} for note in detail.notes],
    }


def _message_record(message: Message) -> Mapping[str, object]:
    return {
        "id": message.message_id,
        "at": message.sent_at,
        "from": message.sender.value,
        "name": message.name,
        "kind": message.kind.value,
        "state": message.state.value,
        "text": message.text,
        "link": message.link,
        "reference": message.reference,
    }

"""Shopee's JSON of seller chat: conversations, messages, the shop's response rate (sheet, sections 9 and 11)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from shoptui.adapters.records import YEAR_3000, Id, Moment, NoneOnError, Number, OptionalId, Text, Wire, Yes
from shoptui.adapters.shopee.wire import Amount

_FINER = 1000


def _in_seconds(value: Any) -> Any:
    """A moment in seconds, whether it came in seconds, nanoseconds or anything between (sheet, trap 29)."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    if isinstance(value, int):
        while value >= YEAR_3000:
            value //= _FINER
    return value


Nanos = Annotated[Moment, BeforeValidator(_in_seconds)]
#: An object whose shape follows from the kind of message; whatever else comes is looked at when it is read.
Content = Annotated[dict[str, Any] | str | None, NoneOnError()]


class ConversationRecord(Wire):
    """`to_id` is the buyer's user id, which orders know too. Pinned ones are listed out of order."""

    conversation_id: Id
    to_id: OptionalId = None
    to_name: Text = None
    unread_count: Number = None
    pinned: Yes = None
    last_read_message_id: Annotated[Id | None, NoneOnError()] = None
    latest_message_id: Annotated[Id | None, NoneOnError()] = None
    latest_message_type: Text = None
    latest_message_content: Content = None
    last_message_timestamp: Nanos = None


class NextCursor(Wire):
    next_message_time_nano: Text = None


class ListResult(Wire):
    next_cursor: Annotated[NextCursor | None, NoneOnError()] = None
    more: Yes = None


class ConversationList(Wire):
    """Records are read one by one: a bad one must not cost the page."""

    page_result: Annotated[ListResult | None, NoneOnError()] = None
    conversations: list[Any] | None = None


class SourceContent(Wire):
    """The page a buyer came from."""

    order_sn: Text = None


class MessageRecord(Wire):
    """`from_shop_id` is the own shop's on the shop's messages, and 0 or the buyer's own shop's on the buyer's."""

    message_id: Id
    message_type: Annotated[str, Field(min_length=1)]
    content: Content = None
    from_id: OptionalId = None
    from_shop_id: OptionalId = None
    created_timestamp: Annotated[int, Field(ge=0, lt=YEAR_3000)]
    status: Text = None
    source: Text = None
    source_content: Annotated[SourceContent | None, NoneOnError()] = None


class MessageResult(Wire):
    next_offset: Text = None


class MessageList(Wire):
    page_result: Annotated[MessageResult | None, NoneOnError()] = None
    messages: list[Any] | None = None


class SentMessage(Wire):
    message_id: OptionalId = None
    conversation_id: OptionalId = None


class Metric(Wire):
    """A figure of account health; `current_period` is in the metric's unit, null where there is nothing to count."""

    metric_id: Number = None
    current_period: Amount = None


class Performance(Wire):
    metric_list: list[Metric] | None = None

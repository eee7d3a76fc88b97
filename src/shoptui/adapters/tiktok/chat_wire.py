"""TikTok Shop's JSON of customer service: conversations, messages, the shop's figures (sheet, section 12)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shoptui.adapters.records import Id, Moment, NoneOnError, Number, OptionalId, Seconds, Text, Wire, Yes
from shoptui.adapters.tiktok.wire import Envelope


class Participant(Wire):
    """`user_id` is what orders know a buyer by; `im_user_id` is of no use outside chats."""

    role: Text = None
    user_id: OptionalId = None
    nickname: Text = None


class MessageSender(Wire):
    role: Text = None
    nickname: Text = None


class MessageRecord(Wire):
    """`content` is JSON inside a string; `index` is a number as text that grows with time."""

    id: Id
    type: Annotated[str, Field(min_length=1)]
    create_time: Seconds
    index: Text = None
    content: Text = None
    is_visible: Yes = None
    sender: Annotated[MessageSender | None, NoneOnError()] = None


class ConversationRecord(Wire):
    id: Id
    can_send_message: Yes = None
    unread_count: Number = None
    create_time: Moment = None
    participants: Annotated[list[Participant] | None, NoneOnError()] = None
    latest_message: Annotated[MessageRecord | None, NoneOnError()] = None


class ConversationsPage(Wire):
    """Records are read one by one: a bad one must not cost the page."""

    conversations: list[Any] | None = None
    next_page_token: Text = None


class OneConversation(Wire):
    conversation: ConversationRecord | None = None


class MessagesPage(Wire):
    messages: list[Any] | None = None
    next_page_token: Text = None


class SentMessage(Wire):
    message_id: OptionalId = None


class OpenedConversation(Wire):
    conversation_id: OptionalId = None


class Figures(Wire):
    """Shares come in per cent, as text."""

    response_percentage: Text = None


class Performance(Wire):
    performance: Figures | None = None


ConversationsAnswer = Envelope[ConversationsPage]
OneConversationAnswer = Envelope[OneConversation]
MessagesAnswer = Envelope[MessagesPage]
SentAnswer = Envelope[SentMessage]
OpenedAnswer = Envelope[OpenedConversation]
PerformanceAnswer = Envelope[Performance]
NothingAnswer = Envelope[Any]

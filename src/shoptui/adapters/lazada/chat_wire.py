"""Lazada's JSON of instant messaging: sessions, messages, and its own refusals inside a success (sheet, section 11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AliasChoices, Field

from shoptui.adapters.base import Rejected
from shoptui.adapters.http import Answer
from shoptui.adapters.lazada.wire import ModelT, read_raw, validated
from shoptui.adapters.records import Id, Number, OptionalId, Text, Wire, Yes
from shoptui.domain.intents import Cause, CauseId
from shoptui.text import sanitise_cell

_OK = frozenset({"", "0"})
_SAID_MAX = 200

Millis = Annotated[int, Field(gt=0, lt=32_503_680_000_000)]


class SessionRecord(Wire):
    """`last_message_time` is of the newest message, in milliseconds; `buyer_id` is the one that orders have."""

    session_id: Id
    last_message_time: Millis
    buyer_id: OptionalId = None
    title: Text = None
    unread_count: Number = None
    last_message_id: OptionalId = None


class MessageRecord(Wire):
    """`content` is JSON inside a string. `process_msg` says why moderation kept the message from the buyer."""

    message_id: Id
    template_id: Annotated[str, Field(min_length=1, max_length=20)]
    send_time: Millis
    content: Text = None
    type: Number = None
    from_account_type: Number = None
    status: Number = None
    auto_reply: Yes = None
    process_msg: Text = None


class SessionPage(Wire):
    """Records are read one by one: a bad one must not cost the page. `next_start_time` is milliseconds."""

    has_more: Yes = None
    next_start_time: Number = None
    last_id: Annotated[Text, Field(validation_alias="last_session_id")] = None
    rows: Annotated[list[Any] | None, Field(validation_alias="session_list")] = None


class MessagesPage(Wire):
    has_more: Yes = None
    next_start_time: Number = None
    last_id: Annotated[Text, Field(validation_alias="last_message_id")] = None
    rows: Annotated[list[Any] | None, Field(validation_alias="message_list")] = None


class Sent(Wire):
    message_id: OptionalId = None


class Nothing(Wire):
    """Calls that bring no data."""


class Opened(Wire):
    session_id: OptionalId = None


class Metrics(Wire):
    """`response_rate` is a share as text, `1.0000` for all (sheet, section 13)."""

    response_rate: Text = None


class _Service(Wire):
    """The messaging service's own flags, in either spelling."""

    success: Yes = None
    err_code: Annotated[Text, Field(validation_alias=AliasChoices("err_code", "error_code"))] = None
    err_message: Annotated[Text, Field(validation_alias=AliasChoices("err_message", "error_msg"))] = None


class ChatRefused(Rejected):
    """The messaging service said no although the gateway let the call through."""


def read_chat(answer: Answer, model: type[ModelT]) -> ModelT:
    """What stands under `data`. Raises ChatRefused for the service's own refusal.

    Which codes it has is not documented, so its words say what is wrong.
    """
    return validated(answer, model, _data(answer))


def read_session(answer: Answer) -> SessionRecord:
    """One session, which stands under `data`; also under another `session` in there."""
    data = _data(answer)
    inner = data.get("session")
    return validated(answer, SessionRecord, inner if isinstance(inner, Mapping) else data)


def _data(answer: Answer) -> Mapping[str, Any]:
    raw = read_raw(answer)
    service = validated(answer, _Service, raw)
    if service.success is False or (service.err_code or "") not in _OK:
        said = sanitise_cell(service.err_message or "", limit=_SAID_MAX) or "no reason"
        sentence = f"Lazada does not take this in the conversation. Lazada says: {said}"
        raise ChatRefused(Cause(CauseId.OTHER, sanitise_cell(service.err_code or "", limit=40), sentence))
    data = raw.get("data")
    return data if isinstance(data, Mapping) else {}

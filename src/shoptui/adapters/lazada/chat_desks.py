"""Lazada's desks for conversations: sending a reply, and marking a session as read."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import AdapterError, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.http import Answer
from shoptui.adapters.lazada.chat import LazadaChat
from shoptui.adapters.lazada.chat_wire import Nothing, Sent, read_chat
from shoptui.adapters.lazada.desk_calls import send_each
from shoptui.adapters.reply_evidence import READ_RULE, REPLY_RULE, reply_evidence
from shoptui.adapters.singles import SINGLES_MAX, look_each
from shoptui.domain.intents import Cause, CauseId, Verb
from shoptui.domain.messages import MessageState
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ReadMark, ReplyText

_TEXT_TEMPLATE = "1"
_KEPT_BACK = Cause(
    CauseId.SENSITIVE, "process_msg", "Lazada keeps the message from the buyer; leave out links and contacts."
)


class ReplyDesk:
    """Sends texts (`/im/message/send`): one call each. No id of ours goes along, nor who speaks.

    The answer does not say what moderation keeps from the buyer: the session is looked at once, and such a reply is a
    refused one.
    """

    verb = Verb.REPLY
    rule = REPLY_RULE
    batch_max = SINGLES_MAX

    def __init__(self, chat: LazadaChat) -> None:
        self._chat = chat

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        async def one(request: Request) -> Outcome:
            text = arguments_of(request, ReplyText).text
            fields = {"session_id": request.target_id, "template_id": _TEXT_TEMPLATE, "txt": text}
            sent = await self._chat.post(store, "/im/message/send", _read_sent, fields, feed="reply")
            # A success that names no message has to be seen in the session.
            if not sent.message_id:
                return Outcome(Verdict.WAIT)
            facts = {"message_id": sent.message_id}
            if await self._kept_back(store, request.target_id, sent.message_id):
                return Outcome(Verdict.REFUSED, _KEPT_BACK, facts=facts)
            return Outcome(Verdict.DONE, facts=facts)

        return await send_each(requests, one)

    async def _kept_back(self, store: Store, session_id: str, message_id: str) -> bool:
        """Whether moderation keeps a message from the buyer, as far as one look tells."""
        try:
            async for page in self._chat.messages(store, session_id):
                found = next((each for each in page.messages if each.message_id == message_id), None)
                return found is not None and found.state is MessageState.BLOCKED
        except AdapterError:
            # It was taken, which is certain; the next reading of the session shows its state.
            return False
        return False

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """The session's newest messages; see `reply_evidence`."""

        async def one(request: Request) -> Evidence:
            pages = self._chat.messages(store, request.target_id)
            return await reply_evidence(pages, arguments_of(request, ReplyText))

        return await look_each(requests, one)


class ReadDesk:
    """Marks sessions as read up to a message (`/im/session/read`): one call each."""

    verb = Verb.MARK_READ
    rule = READ_RULE
    batch_max = SINGLES_MAX

    def __init__(self, chat: LazadaChat) -> None:
        self._chat = chat

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        async def one(request: Request) -> Outcome:
            last = arguments_of(request, ReadMark).last_message_id
            fields = {"session_id": request.target_id, "last_read_message_id": last}
            await self._chat.post(store, "/im/session/read", _read_nothing, fields, feed="mark_read")
            return Outcome(Verdict.DONE)

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """Messages that came since are unread as well; then it is marked once more, which does no harm."""

        async def one(request: Request) -> Evidence:
            thread = await self._chat.thread(store, request.target_id)
            if thread is None:
                return Evidence(Verdict.UNDECIDED)
            return Evidence(Verdict.NOT_DONE if thread.unread else Verdict.DONE)

        return await look_each(requests, one)


def _read_sent(answer: Answer) -> Sent:
    return read_chat(answer, Sent)


def _read_nothing(answer: Answer) -> Nothing:
    return read_chat(answer, Nothing)

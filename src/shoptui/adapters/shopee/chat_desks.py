"""Shopee's desks for conversations: sending a reply, and marking a conversation as read."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.reply_evidence import READ_RULE, REPLY_RULE, reply_evidence
from shoptui.adapters.shopee.chat import READ_ONLY, ShopeeChat
from shoptui.adapters.shopee.chat_mapping import NO_SENDING
from shoptui.adapters.shopee.chat_wire import SentMessage
from shoptui.adapters.shopee.errors import last_segment, refusal_outcome
from shoptui.adapters.shopee.wire import Nothing, as_number
from shoptui.adapters.singles import SINGLES_MAX, after_failure, look_each, refused, send_each
from shoptui.domain.intents import CauseId, Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ReadMark, ReplyText

_CARD_FIRST = "first_chat_without_order_info"
_NO_THREAD = "Shopee knows no such conversation of this shop."


class ReplyDesk:
    """Sends texts (sellerchat, send_message): to the conversation's buyer, one call each. No id of ours goes along."""

    verb = Verb.REPLY
    rule = REPLY_RULE
    batch_max = SINGLES_MAX

    def __init__(self, chat: ShopeeChat) -> None:
        self._chat = chat

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return READ_ONLY if store.region in NO_SENDING else None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        if store.region in NO_SENDING:
            return [refused(CauseId.CANNOT_SEND, READ_ONLY.reason) for _ in requests]

        async def one(request: Request) -> Outcome:
            return await self._send(store, request)

        return await send_each(requests, one, refusal_outcome, after_failure)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """The conversation's newest messages; see `reply_evidence`."""

        async def one(request: Request) -> Evidence:
            pages = self._chat.messages(store, request.target_id)
            return await reply_evidence(pages, arguments_of(request, ReplyText))

        return await look_each(requests, one)

    async def _send(self, store: Store, request: Request) -> Outcome:
        args = arguments_of(request, ReplyText)
        buyer_id = await self._chat.buyer_in(store, request.target_id)
        if not buyer_id:
            return refused(CauseId.NO_THREAD, _NO_THREAD)
        try:
            sent = await self._say(store, buyer_id, args)
        except Rejected as refusal:
            if last_segment(refusal.code) != _CARD_FIRST or not request.order_no or args.automatic:
                raise
            # What was refused was not sent: the card goes first, and then the words, once.
            await self._chat.send_card(store, buyer_id, request.order_no, feed="reply")
            sent = await self._say(store, buyer_id, args)
        # A success that names no message has to be seen in the conversation.
        if not sent.message_id:
            return Outcome(Verdict.WAIT)
        return Outcome(Verdict.DONE, facts={"message_id": sent.message_id})

    async def _say(self, store: Store, buyer_id: str, args: ReplyText) -> SentMessage:
        body: dict[str, object] = {"to_id": as_number(buyer_id), "content": {"text": args.text}}
        if args.automatic:
            return await self._chat.post(store, "send_autoreply_message", SentMessage, body, feed="reply")
        body["message_type"] = "text"
        return await self._chat.post(store, "send_message", SentMessage, body, feed="reply")


class ReadDesk:
    """Marks conversations as read (sellerchat, read_conversation): up to a message, one call each."""

    verb = Verb.MARK_READ
    rule = READ_RULE
    batch_max = SINGLES_MAX

    def __init__(self, chat: ShopeeChat) -> None:
        self._chat = chat

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        async def one(request: Request) -> Outcome:
            body = {
                "conversation_id": request.target_id,
                "last_read_message_id": arguments_of(request, ReadMark).last_message_id,
            }
            try:
                await self._chat.post(store, "read_conversation", Nothing, body, feed="mark_read")
            except Rejected as refusal:
                if refusal.cause.id is CauseId.NOT_OURS:
                    return refused(CauseId.NO_THREAD, _NO_THREAD)
                raise
            return Outcome(Verdict.DONE)

        return await send_each(requests, one, refusal_outcome, after_failure)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        async def one(request: Request) -> Evidence:
            record = await self._chat.conversation(store, request.target_id)
            if record is None:
                return Evidence(Verdict.UNDECIDED)
            wished = arguments_of(request, ReadMark).last_message_id
            is_read = not record.unread_count or _at_least(record.last_read_message_id or "", wished)
            return Evidence(Verdict.DONE if is_read else Verdict.NOT_DONE)

        return await look_each(requests, one)


def _at_least(read_id: str, wished_id: str) -> bool:
    """Whether a message is the wished one or later: ids grow with time."""
    both = read_id + wished_id
    if not (read_id and wished_id and both.isascii() and both.isdigit()):
        return False
    return int(read_id) >= int(wished_id)

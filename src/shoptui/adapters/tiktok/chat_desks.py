"""TikTok Shop's desks for conversations: sending a reply, and marking a conversation as read."""

from __future__ import annotations

import json
from collections.abc import Sequence

from shoptui.adapters.base import Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.reply_evidence import READ_RULE, REPLY_RULE, reply_evidence
from shoptui.adapters.singles import SINGLES_MAX, look_each
from shoptui.adapters.tiktok.chat import CONVERSATIONS, TikTokChat
from shoptui.adapters.tiktok.chat_wire import NothingAnswer, SentAnswer
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_calls import send_each
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.intents import Verb
from shoptui.domain.orders import Order
from shoptui.domain.stores import Store
from shoptui.domain.verbs import ReadMark, ReplyText

# Only the newest version takes who speaks; people go by the one that several sources know (sheet, section 12.1).
_BY_ROBOT = "/customer_service/202606/conversations"


class ReplyDesk:
    """Sends texts (customer service, Send Message): one call each. No id of ours goes along."""

    verb = Verb.REPLY
    rule = REPLY_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, chat: TikTokChat) -> None:
        self._client = client
        self._chat = chat

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        async def one(request: Request) -> Outcome:
            return await self._send(store, request)

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        """The conversation's newest messages; see `reply_evidence`."""

        async def one(request: Request) -> Evidence:
            pages = self._chat.messages(store, request.target_id)
            return await reply_evidence(pages, arguments_of(request, ReplyText))

        return await look_each(requests, one)

    async def _send(self, store: Store, request: Request) -> Outcome:
        args = arguments_of(request, ReplyText)
        content = json.dumps({"content": args.text}, ensure_ascii=False, separators=(",", ":"))
        body: dict[str, object] = {"type": "TEXT", "content": content}
        if args.automatic:
            body["sender_role"] = "ROBOT"
        envelope = await self._client.call(
            store,
            "chat.send",
            "POST",
            f"{_BY_ROBOT if args.automatic else CONVERSATIONS}/{segment(request.target_id)}/messages",
            lambda answer: read_envelope(answer, SentAnswer),
            feed="reply",
            body=body,
            write=True,
        )
        message_id = (envelope.data.message_id if envelope.data else None) or ""
        # A success that names no message has to be seen in the conversation.
        return Outcome(Verdict.DONE, facts={"message_id": message_id}) if message_id else Outcome(Verdict.WAIT)


class ReadDesk:
    """Marks conversations as read (customer service, Read Message): the whole conversation, one call each."""

    verb = Verb.MARK_READ
    rule = READ_RULE
    batch_max = SINGLES_MAX

    def __init__(self, client: ShopClient, chat: TikTokChat) -> None:
        self._client = client
        self._chat = chat

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return None

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        async def one(request: Request) -> Outcome:
            arguments_of(request, ReadMark)
            await self._client.call(
                store,
                "chat.read",
                "POST",
                f"{CONVERSATIONS}/{segment(request.target_id)}/messages/read",
                lambda answer: read_envelope(answer, NothingAnswer),
                feed="mark_read",
                write=True,
            )
            return Outcome(Verdict.DONE)

        return await send_each(requests, one)

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        async def one(request: Request) -> Evidence:
            thread = await self._chat.thread(store, request.target_id)
            if thread is None:
                return Evidence(Verdict.UNDECIDED)
            return Evidence(Verdict.NOT_DONE if thread.unread else Verdict.DONE)

        return await look_each(requests, one)

"""Whether a reply whose answer was lost arrived: its words in a store's message newer than all its writer had seen."""

from __future__ import annotations

from collections.abc import AsyncIterator

from shoptui.adapters.base import Verdict
from shoptui.adapters.chat import MessagePage
from shoptui.adapters.chat_text import same_words
from shoptui.adapters.desks import Evidence
from shoptui.domain.intents import SettleRule, Settling
from shoptui.domain.messages import Message, MessageKind, MessageState, Sender
from shoptui.domain.verbs import ReplyText
from shoptui.text import sanitise_cell

#: No marketplace takes an id of ours with a message: only its words tell, and two equal ones would count twice.
REPLY_RULE = SettleRule(Settling.PERSON, first_look_s=5, give_up_s=120, resends=0)
#: Telling twice that a conversation was read does no harm.
READ_RULE = SettleRule(Settling.REPEAT, first_look_s=3, give_up_s=120, resends=3)

#: How many messages are looked through; more of them since means that much else happened, which a person must see.
_LOOK_THROUGH = 60
_WORDS_SHOWN = 80


async def reply_evidence(pages: AsyncIterator[MessagePage], args: ReplyText) -> Evidence:
    """DONE with the message when the words are there, else UNDECIDED with the store's last words since, for a person.

    `pages` are the conversation's messages, newest first. A message that was recalled since counts as sent, one that
    the marketplace keeps from the buyer does not. Where the message the reply was written after is not there (any
    more), equal words may be older ones and prove nothing.
    """
    newer: list[Message] = []
    reached = False
    async for page in pages:
        for message in page.messages:
            if message.message_id == args.after_message_id:
                reached = True
                break
            newer.append(message)
        if reached or len(newer) >= _LOOK_THROUGH:
            break
    else:
        # Everything there is was read: without a message to begin after, all of it is newer.
        reached = not args.after_message_id
    own = [message for message in newer if message.sender in (Sender.STORE, Sender.ROBOT)]
    kept_back = False
    for message in own:
        if reached and message.kind is MessageKind.TEXT and same_words(message.text, args.text):
            if message.state is MessageState.BLOCKED:
                kept_back = True
                continue
            return Evidence(Verdict.DONE, {"message_id": message.message_id, "sent_at": str(message.sent_at)})
    facts = {"messages_since": str(len(newer))}
    if kept_back:
        facts["kept_back"] = "yes"
    if own:
        facts["store_said"] = sanitise_cell(own[0].text, limit=_WORDS_SHOWN) or own[0].kind.value
        facts["store_said_at"] = str(own[0].sent_at)
    elif reached:
        facts["store_said"] = "nothing"
    else:
        facts["unreadable"] = "The message the reply was written after was not found."
    return Evidence(Verdict.UNDECIDED, facts)

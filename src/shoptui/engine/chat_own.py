"""Owns telling the house's automatic replies from people's among a store's messages, where the marketplace does not."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from shoptui.adapters.chat_text import same_words
from shoptui.domain.intents import Intent
from shoptui.domain.messages import Message, Sender
from shoptui.store.writer import Writer

#: What batch ids of automatic replies are derived under, so that one message can never make two.
_BATCHES = uuid.UUID("0c7d9c56-7d60-4f2e-9df4-7f1b7b2a54d1")
#: So many of a thread's newest automatic replies are looked for.
_LOOKED_FOR = 20
#: How much the clocks of marketplace and house may differ, seconds.
_CLOCKS_APART_S = 60


def auto_batch_id(key: tuple[str, str], message_id: str) -> str:
    """The batch of the automatic reply to a buyer's message in a thread, the same whoever asks."""
    store_id, thread_id = key
    return str(uuid.uuid5(_BATCHES, f"{store_id}/{thread_id}/{message_id}"))


async def with_own_robots(writer: Writer, key: tuple[str, str], messages: Sequence[Message]) -> list[Message]:
    """The messages, those that a rule of the house has sent as a robot's: they must not pass for a person's answer."""
    if not any(message.sender is Sender.STORE for message in messages):
        return list(messages)
    answered = await writer.threads.auto_replies(key)
    sent = [
        intent
        for message_id, _, _ in answered[-_LOOKED_FOR:]
        for intent in await writer.batch(auto_batch_id(key, message_id))
        if intent.sent_at is not None
    ]
    if not sent:
        return list(messages)
    return [
        replace(message, sender=Sender.ROBOT) if any(_is_of(message, intent) for intent in sent) else message
        for message in messages
    ]


def _is_of(message: Message, intent: Intent) -> bool:
    if message.sender is not Sender.STORE:
        return False
    told = (intent.evidence or {}).get("message_id")
    if told:
        return message.message_id == told
    # Its answer is still on the way, or was lost: the words have to tell.
    sent_at = intent.sent_at or 0
    return message.sent_at >= sent_at - _CLOCKS_APART_S and same_words(message.text, str(intent.args.get("text", "")))

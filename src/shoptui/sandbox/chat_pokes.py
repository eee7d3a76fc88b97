"""What a test may do to conversations from outside: buyers who write, take back, change; staff in Seller Center."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .poking import Poke, PokeError, store_in
from .world.chat_model import ChatMessage, ChatThread, Speaker, TalkKind
from .world.life import Life
from .world.world import World


class ChatPokes:
    """The pokes on conversations by name, in the form `Pokes` has; what does not exist is a PokeError."""

    def __init__(self, world: World, life: Life) -> None:
        self._world = world
        self._life = life
        self.by_name: Mapping[str, Poke] = {
            "buyer_writes": self._buyer_writes,
            "seller_writes": self._seller_writes,
            "recall_message": self._recall_message,
            "edit_message": self._edit_message,
            "platform_joins": self._platform_joins,
            "chat_access": self._chat_access,
        }

    def _buyer_writes(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """Into a conversation, or about an order; without a text the buyer thinks of something."""
        text = arguments.get("text")
        order = self._world.orders.get(str(arguments.get("order_id")))
        if order is None:
            thread = self._thread(arguments)
        elif text is None:
            return _named(self._life.chats.ask(order, now))
        else:
            thread = self._world.chats.open_thread(order.store, order, now)
        kind = TalkKind(arguments.get("kind", TalkKind.TEXT))
        return _named(self._world.chats.say(thread, Speaker.BUYER, str(text or "?"), now, kind=kind))

    def _seller_writes(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """Somebody of the store answers in Seller Center."""
        thread = self._thread(arguments)
        return _named(self._world.chats.say_as_store(thread, str(arguments.get("text") or "Ok"), now))

    def _recall_message(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        message = self._message(arguments)
        self._world.chats.recall(message, now)
        return _named(message)

    def _edit_message(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        message = self._message(arguments)
        self._world.chats.edit(message, str(arguments.get("text") or ""), now)
        return _named(message)

    def _platform_joins(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        thread = self._thread(arguments)
        self._world.chats.join(thread, str(arguments.get("agent", "Mika (support)")), now)
        return {"thread_id": thread.id, "agent": thread.agent}

    def _chat_access(self, arguments: Mapping[str, Any], now: int) -> dict[str, Any]:
        """The store's seller is given or loses chat for programs."""
        store = store_in(self._world, arguments)
        granted = arguments.get("granted", True) is True
        self._world.chats.grant(store, granted=granted)
        return {"shop_id": store.id, "granted": granted}

    def _thread(self, arguments: Mapping[str, Any]) -> ChatThread:
        thread_id = str(arguments.get("thread_id"))
        thread = self._world.chats.thread_of(store_in(self._world, arguments), thread_id)
        if thread is None:
            raise PokeError(f"The shop has no conversation {thread_id!r}: give shop_id and thread_id.")
        return thread

    def _message(self, arguments: Mapping[str, Any]) -> ChatMessage:
        message_id = str(arguments.get("message_id"))
        message = self._world.chats.message_of(store_in(self._world, arguments), message_id)
        if message is None:
            raise PokeError(f"The shop has no message {message_id!r}: give shop_id and message_id.")
        return message


def _named(message: ChatMessage) -> dict[str, Any]:
    return {"shop_id": message.thread.store.id, "thread_id": message.thread.id, "message_id": message.id}

"""The conversations of the world: finding them, speaking in them, and what a marketplace lets a store do."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from .chat_model import ChatMessage, ChatThread, Speaker, TalkKind
from .model import Buyer, Order, Store
from .refusal import Reason, Refused

if TYPE_CHECKING:
    from .world import World

Listener: TypeAlias = Callable[[ChatMessage], None]
Place: TypeAlias = tuple[int, int, str]
"""When a conversation's last message was sent, that message's number, and the conversation's id."""


class Chats:
    """All conversations. Every change ends in `_changed`, which keeps the lists of stores in order of activity."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._threads: dict[tuple[str, str], ChatThread] = {}
        self._with_buyer: dict[tuple[str, str], ChatThread] = {}
        self._by_activity: dict[str, list[Place]] = {}
        self._places: dict[tuple[str, str], Place] = {}
        self._messages: dict[tuple[str, str], ChatMessage] = {}
        self._numbered: list[ChatMessage] = []
        self._refused_stores: set[str] = set()
        self.away: set[str] = set()
        """Ids of stores whose staff takes no chats just now."""
        self.heard: list[Listener] = []
        """Called with every message, once it is in its thread."""

    # --- permission ---------------------------------------------------------------------------------------

    def is_granted(self, store: Store) -> bool:
        """Whether the store's seller has chat for programs at all (a permission of its own everywhere)."""
        return store.id not in self._refused_stores

    def grant(self, store: Store, *, granted: bool) -> None:
        if granted:
            self._refused_stores.discard(store.id)
        else:
            self._refused_stores.add(store.id)

    # --- finding ------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._threads)

    def threads_of(self, store: Store) -> list[ChatThread]:
        """A store's conversations, the one with the newest message first."""
        return [self._threads[store.id, place[2]] for place in reversed(self._by_activity.get(store.id, []))]

    def thread_of(self, store: Store, thread_id: str) -> ChatThread | None:
        """The store's conversation, None when it does not exist or belongs to another store."""
        return self._threads.get((store.id, thread_id))

    def with_buyer(self, store: Store, buyer_id: str) -> ChatThread | None:
        """The conversation with this buyer, None when there was never one."""
        return self._with_buyer.get((store.id, buyer_id))

    def message_of(self, store: Store, message_id: str) -> ChatMessage | None:
        """A message of one of the store's conversations."""
        return self._messages.get((store.id, message_id))

    def numbered(self, number: int) -> ChatMessage | None:
        """The world's n-th message."""
        return self._numbered[number] if number < len(self._numbered) else None

    def orders_with(self, store: Store, buyer: Buyer) -> list[Order]:
        """The buyer's orders at the store, oldest first."""
        return [order for order in self._world.orders_of(store.id) if order.buyer is buyer]

    # --- opening ------------------------------------------------------------------------------------------

    def open_thread(self, store: Store, order: Order, at: int) -> ChatThread:
        """The conversation with an order's buyer, begun where there was none; it is about this order from now on."""
        thread = self.open_with(store, order.buyer, at)
        thread.order = order
        return thread

    def open_with(self, store: Store, buyer: Buyer, at: int) -> ChatThread:
        """The conversation with a buyer, begun where there was none."""
        thread = self.with_buyer(store, buyer.id)
        if thread is not None:
            return thread
        number = self._world.next_number("thread")
        thread = ChatThread(
            id=self._world.market_of(store).thread_id(store, buyer, number),
            number=number,
            store=store,
            buyer=buyer,
            created_at=at,
            updated_at=at,
            language=self._world.region_of(store).language,
        )
        self._threads[store.id, thread.id] = thread
        self._with_buyer[store.id, buyer.id] = thread
        self._changed(thread, at)
        return thread

    # --- speaking -----------------------------------------------------------------------------------------

    def say(
        self,
        thread: ChatThread,
        by: Speaker,
        text: str,
        at: int,
        *,
        kind: TalkKind = TalkKind.TEXT,
        reference: str = "",
        link: str = "",
        size: tuple[int, int] = (0, 0),
        is_blocked: bool = False,
    ) -> ChatMessage:
        """A message nobody refuses: of a buyer, the platform, the system. `at` is world time, never before the last."""
        last = thread.last
        number = len(self._numbered)
        sent_at = at if last is None else max(at, last.sent_at)
        message = ChatMessage(
            id=self._world.market_of(thread.store).message_id(thread.store, number, sent_at),
            number=number,
            thread=thread,
            by=by,
            kind=kind,
            text=text,
            sent_at=sent_at,
            reference=reference,
            link=link,
            width=size[0],
            height=size[1],
            is_blocked=is_blocked,
        )
        thread.messages.append(message)
        self._messages[thread.store.id, message.id] = message
        self._numbered.append(message)
        if by is Speaker.STORE:
            # Who writes has the conversation in front of them.
            thread.read_number = number
        elif by is Speaker.BUYER:
            thread.buyer_read_number = number
        self._changed(thread, sent_at)
        for listener in self.heard:
            listener(message)
        return message

    def say_as_store(
        self,
        thread: ChatThread,
        text: str,
        at: int,
        *,
        kind: TalkKind = TalkKind.TEXT,
        by: Speaker = Speaker.STORE,
        reference: str = "",
        link: str = "",
        size: tuple[int, int] = (0, 0),
    ) -> ChatMessage:
        """A message in the store's name. Raises Refused with a CHAT_… reason when the market does not take it."""
        self.check_send(thread, text if kind is TalkKind.TEXT else "-", at)
        lowered = text.lower()
        hidden = any(word in lowered for word in self._world.market_of(thread.store).chat.hides)
        return self.say(thread, by, text, at, kind=kind, reference=reference, link=link, size=size, is_blocked=hidden)

    def check_send(self, thread: ChatThread, text: str, at: int) -> None:
        """Raise Refused when a text cannot go out now; nothing else happens."""
        rules = self._world.market_of(thread.store).chat
        if not text.strip():
            raise Refused(Reason.CHAT_EMPTY, "the message has no text")
        if len(text) > rules.text_max:
            raise Refused(Reason.CHAT_TOO_LONG, f"the message has {len(text)} characters, {rules.text_max} are allowed")
        lowered = text.lower()
        if any(word in lowered for word in rules.blocks):
            raise Refused(Reason.CHAT_SENSITIVE, "the message contains words that are not allowed")
        if not self.can_send(thread, at):
            raise Refused(Reason.CHAT_CLOSED, "the conversation is closed for messages of the shop")
        if rules.unanswered_max is not None and thread.unanswered >= rules.unanswered_max:
            raise Refused(
                Reason.CHAT_UNANSWERED, f"{rules.unanswered_max} messages are unanswered, wait until the buyer writes"
            )

    def can_send(self, thread: ChatThread, at: int) -> bool:
        """Whether the store may write at all: soon enough after the buyer wrote, or after an order of theirs."""
        rules = self._world.market_of(thread.store).chat
        if rules.open_s is None or rules.order_s is None:
            return True
        asked = thread.last_question
        if asked is not None and at - asked.sent_at < rules.open_s:
            return True
        if thread.order is not None and at - thread.order.created_at < rules.order_s:
            return True
        return any(at - order.created_at < rules.order_s for order in self.orders_with(thread.store, thread.buyer))

    # --- what becomes of messages -------------------------------------------------------------------------

    def mark_read(self, thread: ChatThread, at: int, up_to: ChatMessage | None = None) -> int:
        """The store has seen everything up to a message (None: the last one); returns how many were unread before."""
        before = thread.unread
        target = up_to or thread.last
        if target is not None and target.number > thread.read_number:
            thread.read_number = target.number
            thread.updated_at = max(thread.updated_at, at)
        return before

    def mark_unread(self, thread: ChatThread, at: int) -> None:
        """The store wants to see the buyer's last words again."""
        asked = thread.last_question
        if asked is not None:
            thread.read_number = min(thread.read_number, asked.number - 1)
            thread.updated_at = max(thread.updated_at, at)

    def recall(self, message: ChatMessage, at: int) -> None:
        """Its sender takes a message back. Raises Refused for a store's message that is too old for that."""
        rules = self._world.market_of(message.thread.store).chat
        if message.by is Speaker.STORE and at - message.sent_at > rules.recall_s:
            raise Refused(Reason.CHAT_RECALL, "the message can no longer be taken back")
        if message.recalled_at is not None:
            return
        message.recalled_at = at
        message.thread.updated_at = max(message.thread.updated_at, at)
        if rules.recall_notice:
            notice = TalkKind.NOTICE
            self.say(message.thread, Speaker.SYSTEM, rules.recall_notice, at, kind=notice, reference=message.id)

    def edit(self, message: ChatMessage, text: str, at: int) -> None:
        """Its sender changes a message after sending it."""
        message.text, message.edited_at = text, at
        message.thread.updated_at = max(message.thread.updated_at, at)

    def join(self, thread: ChatThread, agent: str, at: int) -> None:
        """A support person of the marketplace joins; "" lets them leave."""
        thread.agent = agent
        thread.updated_at = max(thread.updated_at, at)

    # --- figures ------------------------------------------------------------------------------------------

    def answered_in_time(
        self, store: Store, since: int, until: int, within_s: int = 86_400, *, robots: bool = True
    ) -> tuple[int, int]:
        """How many questions began in `[since, until)`, and how many got a first answer within the time.

        A question is a run of the buyer's messages; `robots` says whether automatic answers count, which marketplaces
        see differently.
        """
        counted = (Speaker.STORE, Speaker.ROBOT) if robots else (Speaker.STORE,)
        asked = answered = 0
        for thread in self.threads_of(store):
            open_since: int | None = None
            for message in thread.messages:
                if message.is_question:
                    open_since = message.sent_at if open_since is None else open_since
                elif open_since is not None and message.by in counted and not message.is_blocked:
                    if since <= open_since < until:
                        asked += 1
                        answered += message.sent_at - open_since <= within_s
                    open_since = None
            if open_since is not None and since <= open_since < until - within_s:
                asked += 1
        return asked, answered

    def _changed(self, thread: ChatThread, at: int) -> None:
        thread.updated_at = max(thread.updated_at, at)
        places = self._by_activity.setdefault(thread.store.id, [])
        old = self._places.get((thread.store.id, thread.id))
        if old is not None:
            del places[bisect_left(places, old)]
        last = thread.last
        place = (last.sent_at if last else thread.created_at, last.number if last else -1, thread.id)
        self._places[thread.store.id, thread.id] = place
        insort(places, place)

"""What buyers do in chats by themselves: they begin conversations, ask again, react to answers, or say nothing more."""

from __future__ import annotations

from math import log
from random import Random

from .chat_history import pick_topic, sentence
from .chat_model import ChatMessage, ChatThread, Speaker, TalkKind
from .languages import TALKS, language_of
from .model import Order, OrderStatus, Store
from .talk import Topic
from .world import World, pick_store

_ADDS = 0.35
_THANKS = 0.45
_ASKS_BACK = 0.2
_LONGEST = 40
"""Messages after which a buyer has nothing more to ask."""
_ROBOT_STORES = 0.25
_FLOOD_S = 3600

_TALKED_ABOUT = (
    OrderStatus.TO_SHIP,
    OrderStatus.IN_TRANSIT,
    OrderStatus.TO_SHIP,
    OrderStatus.DELIVERED,
    OrderStatus.ARRANGED,
    OrderStatus.CANCELLED,
)


class ChatLife:
    """Installs the handlers of chat events. New questions come at `rate` per world minute, reactions always."""

    def __init__(self, world: World, rate: float) -> None:
        self._world = world
        self._rate = rate
        self._next_at = 0.0
        world.on("chat_arrival", self._arrival)
        world.on("chat_adds", self._adds)
        world.on("chat_nudge", self._nudge)
        world.on("chat_react", self._react)
        world.on("chat_robot", self._robot)

    def start(self, at: int) -> None:
        """Listen to what is said from now on, and let the first new question come; without a rate none ever does."""
        self._world.chats.heard.append(self._heard)
        if self._rate > 0:
            self._next_at = at + self._gap_s(0)
            self._world.schedule(int(self._next_at), "chat_arrival", "1")

    def ask(self, order: Order, at: int) -> ChatMessage:
        """An order's buyer asks something about it now; returns the question."""
        rng = self._rng("asks", order.id, at)
        thread = self._world.chats.open_thread(order.store, order, at)
        if not thread.messages:
            thread.language = language_of(order.store.region, rng.random())
        topic = pick_topic(order, rng)
        thread.topic = topic
        if rng.random() < 0.5:
            self._world.chats.say(thread, Speaker.BUYER, "", at, kind=TalkKind.FROM_ORDER, reference=order.id)
        subject = TALKS[thread.language].subjects[topic]
        question = self._world.chats.say(thread, Speaker.BUYER, sentence(rng, subject.asks, order), at)
        if rng.random() < _ADDS:
            self._world.schedule(at + rng.randint(15, 180), "chat_adds", str(question.number))
        self._world.schedule(at + rng.randint(3 * 3600, 8 * 3600), "chat_nudge", str(question.number))
        return question

    # --- by themselves ------------------------------------------------------------------------------------

    def _arrival(self, number_text: str, at: int) -> None:
        number = int(number_text)
        stores = [store for store in self._world.stores.values() if self._world.chats.is_granted(store)]
        if stores:
            order = self._order_for(pick_store(stores, self._world.chance("chat store", number)), number)
            if order is not None:
                self.ask(order, at)
        # After a jump of the clock only the last hour's questions come, not days of them.
        earliest = self._world.clocks.world_now() - _FLOOD_S
        self._next_at = max(self._next_at + self._gap_s(number), earliest)
        self._world.schedule(int(self._next_at), "chat_arrival", str(number + 1))

    def _order_for(self, store: Store, number: int) -> Order | None:
        """One of the store's orders in a state people write about."""
        for turn in range(len(_TALKED_ABOUT)):
            found = self._world.orders_of(store.id, _TALKED_ABOUT[(number + turn) % len(_TALKED_ABOUT)])
            if found:
                return found[self._world.between(0, len(found) - 1, "chat order", number)]
        return None

    def _adds(self, number_text: str, at: int) -> None:
        """The buyer adds something while nobody has answered."""
        question, thread = self._of(number_text)
        if thread is None or thread.order is None or thread.last is not question:
            return
        rng = self._rng("adds", number_text, at)
        talk = TALKS[thread.language]
        topic = Topic(thread.topic)
        self._world.chats.say(thread, Speaker.BUYER, sentence(rng, talk.subjects[topic].adds, thread.order), at)
        if topic is Topic.DAMAGED:
            link = f"https://pictures.example/{thread.number}/{number_text}.jpg"
            self._world.chats.say(thread, Speaker.BUYER, "", at, kind=TalkKind.PICTURE, link=link, size=(1080, 1440))

    def _nudge(self, number_text: str, at: int) -> None:
        """The buyer asks again when hours have passed without an answer."""
        question, thread = self._of(number_text)
        if thread is None or question is None or not thread.is_waiting:
            return
        answers = (Speaker.STORE, Speaker.PLATFORM)
        if any(one.number > question.number and one.by in answers for one in thread.messages):
            return
        rng = self._rng("nudges", number_text, at)
        self._world.chats.say(thread, Speaker.BUYER, rng.choice(TALKS[thread.language].nudges), at)

    # --- reactions ----------------------------------------------------------------------------------------

    def _heard(self, message: ChatMessage) -> None:
        """Somebody said something: a buyer may react to it, a robot may greet."""
        number = str(message.number)
        if message.by is Speaker.STORE and not message.is_blocked:
            wait_s = self._world.between(60, 600, "reacts in", number)
            self._world.schedule(message.sent_at + wait_s, "chat_react", number)
        elif message.is_question and self._has_robot(message.thread) and self._is_first_today(message):
            self._world.schedule(message.sent_at + 5, "chat_robot", number)

    def _react(self, number_text: str, at: int) -> None:
        """The buyer has read an answer: thanks, asks back, or leaves it at that."""
        answer, thread = self._of(number_text)
        if thread is None or answer is None or answer.recalled_at is not None or thread.order is None:
            return
        if thread.last is not answer or len(thread.messages) >= _LONGEST or not thread.topic:
            return
        rng = self._rng("reacts", number_text, at)
        talk = TALKS[thread.language]
        asked = thread.last_question
        roll = rng.random()
        if roll < _THANKS and (asked is None or asked.text not in talk.thanks):
            self._world.chats.say(thread, Speaker.BUYER, rng.choice(talk.thanks), at)
        elif _THANKS <= roll < _THANKS + _ASKS_BACK:
            back = talk.subjects[Topic(thread.topic)].back
            self._world.chats.say(thread, Speaker.BUYER, sentence(rng, back, thread.order), at)

    def _robot(self, number_text: str, at: int) -> None:
        _question, thread = self._of(number_text)
        if thread is not None and thread.is_waiting and self._world.chats.can_send(thread, at):
            self._world.chats.say(thread, Speaker.ROBOT, TALKS[thread.language].robot, at)

    def _has_robot(self, thread: ChatThread) -> bool:
        return self._rate > 0 and self._world.chance("robot", thread.store.id) < _ROBOT_STORES

    def _is_first_today(self, question: ChatMessage) -> bool:
        """Whether nobody of the store, and no robot, wrote in the day before."""
        own = (Speaker.STORE, Speaker.ROBOT)
        return all(one.by not in own or question.sent_at - one.sent_at > 86_400 for one in question.thread.messages)

    def _of(self, number_text: str) -> tuple[ChatMessage, ChatThread] | tuple[None, None]:
        message = self._world.chats.numbered(int(number_text))
        return (message, message.thread) if message is not None else (None, None)

    def _rng(self, *parts: object) -> Random:
        return Random("/".join(str(part) for part in (self._world.seed, "chat", *parts)))

    def _gap_s(self, number: int) -> float:
        return -log(1 - self._world.chance("chat gap", number)) * 60 / self._rate

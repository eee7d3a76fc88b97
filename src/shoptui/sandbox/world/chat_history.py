"""The conversations there are at the world's first moment: about real orders, most answered, some waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from .chat_model import ChatThread, Speaker, TalkKind
from .languages import TALKS, language_of
from .model import Order, OrderStatus, Store
from .talk import Topic
from .world import World

_HOUR = 3600
_DAY = 86_400

WAITING = 0.12
"""The share of conversations in which the buyer waits for an answer."""
_WAITS: tuple[tuple[float, int, int], ...] = (
    (0.40, 240, 4 * _HOUR),
    (0.35, 4 * _HOUR, 11 * _HOUR),
    (0.20, 20 * _HOUR, 23 * _HOUR + 2700),
    (0.05, 25 * _HOUR, 40 * _HOUR),
)
"""For how long they have waited: share, from, to (seconds)."""
_NOT_GRANTED_FROM = 5
"""In a marketplace with so many stores the last one has no chat for programs."""

_TOPICS: dict[OrderStatus, tuple[Topic, ...]] = {
    OrderStatus.UNPAID: (Topic.STOCK, Topic.ORIGINAL, Topic.SIZE),
    OrderStatus.ON_HOLD: (Topic.WHEN, Topic.ADDRESS, Topic.CANCEL, Topic.SIZE),
    OrderStatus.TO_SHIP: (Topic.WHEN, Topic.WHEN, Topic.ADDRESS, Topic.SIZE, Topic.CANCEL),
    OrderStatus.PARTLY_ARRANGED: (Topic.WHEN, Topic.WHERE),
    OrderStatus.ARRANGED: (Topic.WHEN, Topic.WHERE, Topic.ADDRESS),
    OrderStatus.IN_TRANSIT: (Topic.WHERE, Topic.WHERE, Topic.WHERE, Topic.ADDRESS),
    OrderStatus.DELIVERED: (Topic.DAMAGED, Topic.DAMAGED, Topic.ORIGINAL, Topic.SIZE),
    OrderStatus.COMPLETED: (Topic.DAMAGED, Topic.STOCK, Topic.ORIGINAL),
    OrderStatus.CANCELLED: (Topic.REFUND, Topic.REFUND, Topic.STOCK),
}


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing said in a past conversation, so many seconds after the one before."""

    by: Speaker
    text: str
    gap_s: int
    kind: TalkKind = TalkKind.TEXT


def pick_topic(order: Order, rng: Random) -> Topic:
    """What somebody with such an order writes about."""
    return rng.choice(_TOPICS[order.status])


def sentence(rng: Random, choices: Sequence[str], order: Order) -> str:
    """One of the sentences, about this order."""
    item = order.lines[0].sku.product_name if order.lines else order.id
    return rng.choice(choices).format(order=order.id, item=item, store=order.store.name)


def fill_chats(world: World, total: int, now: int) -> None:
    """Begin with so many conversations, or fewer when there are not so many buyers with orders."""
    if total <= 0:
        return
    _refuse_some(world)
    rng = Random(f"{world.seed}/chats")
    orders = [order for order in world.orders.values() if now - order.updated_at < 45 * _DAY]
    rng.shuffle(orders)
    made = 0
    for order in orders:
        if made == total:
            return
        if world.chats.with_buyer(order.store, order.buyer.id) is None:
            # Steps of the golden ratio give every state its share in small worlds too.
            _converse(world, rng, order, now, share=(made * 0.618034) % 1.0)
            made += 1


def _refuse_some(world: World) -> None:
    for name in world.markets:
        stores: list[Store] = world.stores_of(name)
        if len(stores) >= _NOT_GRANTED_FROM:
            world.chats.grant(stores[-1], granted=False)


def _converse(world: World, rng: Random, order: Order, now: int, share: float) -> None:
    topic = pick_topic(order, rng)
    language = language_of(order.store.region, rng.random())
    waits = share < WAITING
    lines = _answered(rng, order, language, topic)
    # Nobody writes about an order before it is there.
    oldest_s = max(len(lines) + 30, int((now - order.created_at) * 0.8))
    if waits:
        age_s = min(oldest_s, _waiting_for(rng, share / WAITING))
        lines = ([] if rng.random() < 0.6 else lines) + _asked(rng, order, language, topic)
        # What counts is how long the first unanswered message is ago.
        asked_s = sum(line.gap_s for line in lines[_first_unanswered(lines) + 1 :])
        end_at = now - max(30, age_s - asked_s)
    else:
        end_at = now - min(oldest_s, int(600 + rng.random() ** 2 * 15 * _DAY))
    begun_at = end_at - sum(line.gap_s for line in lines[1:])
    earliest = min(order.created_at + 20, end_at - len(lines))
    if begun_at < earliest:
        lines = _squeezed(lines, end_at - earliest)
        begun_at = earliest
    thread = world.chats.open_thread(order.store, order, begun_at)
    thread.language, thread.topic = language, topic
    _tell(world, rng, thread, order, lines, begun_at)
    if not waits or rng.random() < 0.25:
        world.chats.mark_read(thread, thread.updated_at)


def _waiting_for(rng: Random, roll: float) -> int:
    for share, low, high in _WAITS:
        roll -= share
        if roll < 0:
            return rng.randint(low, high)
    return rng.randint(*_WAITS[0][1:])


def _asked(rng: Random, order: Order, language: str, topic: Topic) -> list[_Line]:
    """A question nobody has answered yet."""
    subject = TALKS[language].subjects[topic]
    lines = []
    if rng.random() < 0.5:
        lines.append(_Line(Speaker.BUYER, "", rng.randint(60, 3 * _DAY), TalkKind.FROM_ORDER))
    lines.append(_Line(Speaker.BUYER, sentence(rng, subject.asks, order), rng.randint(5, 60)))
    if rng.random() < 0.4:
        lines.append(_Line(Speaker.BUYER, sentence(rng, subject.adds, order), rng.randint(15, 180)))
        if topic is Topic.DAMAGED:
            lines.append(_Line(Speaker.BUYER, "", rng.randint(5, 40), TalkKind.PICTURE))
    return lines


def _answered(rng: Random, order: Order, language: str, topic: Topic) -> list[_Line]:
    """A whole conversation, its last word the store's."""
    talk = TALKS[language]
    subject = talk.subjects[topic]
    lines = _asked(rng, order, language, topic)
    if rng.random() < 0.15:
        lines.append(_Line(Speaker.ROBOT, talk.robot, 5))
    slow_s = 30 * _HOUR if rng.random() < 0.06 else 6 * _HOUR
    lines.append(_Line(Speaker.STORE, sentence(rng, subject.answers, order), rng.randint(120, slow_s)))
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        lines.append(_Line(Speaker.BUYER, sentence(rng, subject.back, order), rng.randint(60, 2 * _HOUR)))
        lines.append(_Line(Speaker.STORE, sentence(rng, subject.answers, order), rng.randint(90, 3 * _HOUR)))
    if rng.random() < 0.04:
        lines.append(_Line(Speaker.SYSTEM, "", rng.randint(600, _DAY), TalkKind.NOTICE))
        lines.append(_Line(Speaker.PLATFORM, "", rng.randint(60, 900)))
    if rng.random() < 0.5:
        lines.append(_Line(Speaker.BUYER, rng.choice(talk.thanks), rng.randint(60, _HOUR)))
        if rng.random() < 0.2:
            lines.append(_Line(Speaker.BUYER, "", 20, TalkKind.STICKER))
        lines.append(_Line(Speaker.STORE, sentence(rng, talk.closings, order), rng.randint(30, 2 * _HOUR)))
    return lines


def _first_unanswered(lines: Sequence[_Line]) -> int:
    at = len(lines)
    while at and lines[at - 1].by is Speaker.BUYER and lines[at - 1].kind is not TalkKind.FROM_ORDER:
        at -= 1
    return at


def _squeezed(lines: Sequence[_Line], room_s: int) -> list[_Line]:
    """The same said within a shorter time."""
    total = max(1, sum(line.gap_s for line in lines[1:]))
    return [_Line(line.by, line.text, max(1, line.gap_s * room_s // total), line.kind) for line in lines]


def _tell(world: World, rng: Random, thread: ChatThread, order: Order, lines: Sequence[_Line], begun_at: int) -> None:
    """Let the lines be said, one after another."""
    at = begun_at
    for number, line in enumerate(lines):
        at += line.gap_s if number else 0
        text, link, size, reference = line.text, "", (0, 0), ""
        if line.kind is TalkKind.PICTURE:
            link, size = f"https://pictures.example/{thread.number}/{number}.jpg", (1080, 1440)
        elif line.kind is TalkKind.FROM_ORDER:
            reference = order.id
        elif line.kind is TalkKind.NOTICE:
            text, thread.agent = "A support specialist of the platform has joined.", "Mika (support)"
        elif line.by is Speaker.PLATFORM:
            text = "Hello, I look into this with the seller and come back to you within a day."
        message = world.chats.say(thread, line.by, text, at, kind=line.kind, reference=reference, link=link, size=size)
        if line.by is Speaker.BUYER and line.kind is TalkKind.TEXT and rng.random() < 0.01:
            message.recalled_at = at + 20

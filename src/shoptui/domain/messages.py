"""Messages and threads: what a buyer and a store wrote to each other, in one vocabulary for all marketplaces."""

from __future__ import annotations

from enum import StrEnum

from shoptui.domain.records import dataclass


class Sender(StrEnum):
    """Who speaks in a message.

    `store` is a person answering for the store, from shoptui or from anywhere else; `robot` an automatic answer in the
    store's name; `platform` the marketplace's own support staff; `system` the marketplace's notices.
    """

    BUYER = "buyer"
    STORE = "store"
    ROBOT = "robot"
    PLATFORM = "platform"
    SYSTEM = "system"


class MessageKind(StrEnum):
    """What a message is. Everything but text is shown as a labelled line."""

    TEXT = "text"
    PICTURE = "picture"
    VIDEO = "video"
    PRODUCT = "product"
    ORDER = "order"
    RETURN = "return"
    PARCEL = "parcel"
    VOUCHER = "voucher"
    STICKER = "sticker"
    NOTICE = "notice"
    OTHER = "other"


class MessageState(StrEnum):
    """What became of a message: `blocked` was kept from the buyer by the marketplace's moderation."""

    NORMAL = "normal"
    RECALLED = "recalled"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a thread.

    `order_key` sorts the messages of a thread (a marketplace's own index where it has one, else time and id); equal
    keys do not occur within a thread. `sent_at` is epoch seconds. `text` is sanitised and may be "" (a picture); it may
    have several lines. `link` is the address of a picture or video, `width` and `height` its size in pixels, 0 when
    unknown. `reference` is what a card is about: an order number, product, return or voucher id; of a text, the order
    whose page it was written from; "" for others. `raw_kind` is the marketplace's own word. `name` is the sender's name
    where the marketplace tells one staff member from another.
    """

    store_id: str
    thread_id: str
    message_id: str
    order_key: str
    kind: MessageKind
    sender: Sender
    sent_at: int
    text: str
    state: MessageState = MessageState.NORMAL
    link: str = ""
    width: int = 0
    height: int = 0
    reference: str = ""
    raw_kind: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation between one buyer and one store.

    `buyer_id` joins it to orders where the marketplace gives both (TikTok Shop's `user_id`, Shopee's `to_id`, Lazada's
    buyer id), "" where it does not; `buyer` is the handle as chat shows it. `unread` counts messages the store has not
    read. `last_key` and `last_at` are of the newest message (epoch s). `can_send` is None where only trying tells.
    `order_no` is the order the conversation is about as the marketplace says, "" where it says none. `agent` is the
    marketplace's support person in it, "" without one.
    """

    store_id: str
    thread_id: str
    buyer_id: str
    buyer: str
    unread: int
    last_message_id: str
    last_at: int
    can_send: bool | None = None
    order_no: str = ""
    agent: str = ""


#: Senders whose message is an answer to the buyer by a person.
PEOPLE_OF_STORE = frozenset({Sender.STORE})
#: Kinds that a buyer sends without wanting an answer: notices that somebody came from a product or an order page.
NO_QUESTION = frozenset({MessageKind.NOTICE})

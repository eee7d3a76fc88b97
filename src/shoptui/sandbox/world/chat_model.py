"""What conversations between buyers and stores are made of, in words no marketplace owns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .model import Buyer, Order, Store


class Speaker(StrEnum):
    """Who says something. `store` is a person of the store, `robot` an automatic answer in its name."""

    BUYER = "buyer"
    STORE = "store"
    ROBOT = "robot"
    PLATFORM = "platform"
    """The marketplace's own support staff."""
    SYSTEM = "system"


class TalkKind(StrEnum):
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
    FROM_ORDER = "from_order"
    """The buyer came from an order's page: nothing was said yet."""
    FROM_PRODUCT = "from_product"
    OTHER = "other"


#: Kinds in which nobody said anything that wants an answer.
SILENT = frozenset({TalkKind.NOTICE, TalkKind.FROM_ORDER, TalkKind.FROM_PRODUCT})


@dataclass(slots=True, eq=False)
class ChatMessage:
    """One message. `number` grows through the whole world in the order in which messages came to be.

    `sent_at` is world time; `reference` is the id a card is about ("" for others); `link`, `width` and `height` belong
    to pictures and videos. `recalled_at` and `edited_at` are None until that happens; a recalled message keeps its text
    here, readers decide what they show. `is_blocked`: kept from the buyer by moderation.
    """

    id: str
    number: int
    thread: ChatThread
    by: Speaker
    kind: TalkKind
    text: str
    sent_at: int
    reference: str = ""
    link: str = ""
    width: int = 0
    height: int = 0
    recalled_at: int | None = None
    edited_at: int | None = None
    is_blocked: bool = False

    @property
    def is_question(self) -> bool:
        """Whether the buyer said something."""
        return self.by is Speaker.BUYER and self.kind not in SILENT and self.recalled_at is None


@dataclass(slots=True, eq=False)
class ChatThread:
    """All that one buyer and one store said to each other, oldest first.

    `order` is the order last talked about, None without one. `read_number` and `buyer_read_number` are the numbers of
    the last messages the store and the buyer have seen. `language` is what the buyer writes. `agent` is the name of the
    marketplace's support person who joined, "" without one. `updated_at` is world time of the last change of anything.
    """

    id: str
    number: int
    store: Store
    buyer: Buyer
    created_at: int
    updated_at: int
    language: str
    order: Order | None = None
    messages: list[ChatMessage] = field(default_factory=list)
    read_number: int = -1
    buyer_read_number: int = -1
    agent: str = ""
    topic: str = ""
    """What the buyer writes about, for what they say next; "" when nobody decided it."""
    is_pinned: bool = False
    is_muted: bool = False

    @property
    def last(self) -> ChatMessage | None:
        return self.messages[-1] if self.messages else None

    @property
    def last_question(self) -> ChatMessage | None:
        """The newest message in which the buyer said something."""
        return next((one for one in reversed(self.messages) if one.is_question), None)

    @property
    def unread(self) -> int:
        """Messages of the buyer the store has not seen."""
        count = 0
        for one in reversed(self.messages):
            if one.number <= self.read_number:
                break
            count += one.is_question
        return count

    @property
    def unanswered(self) -> int:
        """Messages of the store since the buyer last wrote; automatic ones count too."""
        count = 0
        for one in reversed(self.messages):
            if one.is_question:
                break
            count += one.by in (Speaker.STORE, Speaker.ROBOT) and one.recalled_at is None
        return count

    @property
    def is_waiting(self) -> bool:
        """Whether the buyer spoke after the last person of the store did."""
        for one in reversed(self.messages):
            if one.is_question:
                return True
            if one.by in (Speaker.STORE, Speaker.PLATFORM) and one.recalled_at is None and not one.is_blocked:
                return False
        return False


@dataclass(frozen=True, slots=True)
class ChatRules:
    """When and what a marketplace lets a store write.

    A store may write within `open_s` after the buyer last wrote, or within `order_s` after the buyer's newest order
    (seconds; None: no such limit). `unanswered_max` is how many messages it may send until the buyer writes again, None
    without such a rule. `recall_s` is how long a message may be taken back, 0 where none may.
    """

    open_s: int | None = 30 * 86_400
    order_s: int | None = 60 * 86_400
    unanswered_max: int | None = None
    text_max: int = 2000
    recall_s: int = 0
    blocks: tuple[str, ...] = ()
    """Words that moderation refuses, in lower case."""
    hides: tuple[str, ...] = ()
    """Words, in lower case, with which a store's message is taken but never shown to the buyer."""
    recall_notice: str = ""
    """What the system says when a message was taken back, "" where it says nothing."""

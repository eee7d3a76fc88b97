"""What a buyer's request for money or a return is made of, in words no marketplace owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from .model import Carrier, Line, Order, Role, Store, Warehouse


class Ask(StrEnum):
    REFUND = "refund"
    """Money back; the goods stay with the buyer or never came."""
    RETURN = "return"
    REPLACE = "replace"


class Stage(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    OFFERED = "offered"
    BUYER_SENDS = "buyer_sends"
    ON_WAY = "on_way"
    ARRIVED = "arrived"
    JUDGED = "judged"
    ACCEPTED = "accepted"
    """The buyer is paid, the money is on its way."""
    REFUNDED = "refunded"
    REFUSED = "refused"
    GOODS_REFUSED = "goods_refused"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


OPEN = frozenset({Stage.ASKED, Stage.OFFERED, Stage.BUYER_SENDS, Stage.ON_WAY, Stage.ARRIVED, Stage.JUDGED})
"""Somebody still has to do something."""


class Trouble(StrEnum):
    """Why a buyer is not content."""

    BROKEN = "broken"
    WRONG_ITEM = "wrong_item"
    NOT_AS_SHOWN = "not_as_shown"
    MISSING = "missing"
    DAMAGED_BOX = "damaged_box"
    WRONG_SIZE = "wrong_size"
    NO_LONGER_WANTED = "no_longer_wanted"
    NOT_RECEIVED = "not_received"


#: Troubles that nothing is sent back for.
MONEY_ONLY = frozenset({Trouble.MISSING, Trouble.NOT_RECEIVED})


@dataclass(frozen=True, slots=True)
class ReasonWord:
    """A marketplace's word for a trouble, and its text."""

    id: str
    text: str


class ReturnIds(Protocol):
    """How a market names its requests: no two of them alike."""

    def nth(self, number: int, at: int = 0) -> str:
        """The id of the n-th request; `at` is when it comes to be, for ids that tell the day (epoch seconds)."""


class _PlainIds:
    def nth(self, number: int, at: int = 0) -> str:
        return str(4_035_227_000_000_000_123 + number * 10_485_767)


_PLAIN_WORDS = {trouble: ReasonWord(trouble.value, trouble.value.replace("_", " ").capitalize()) for trouble in Trouble}


@dataclass(frozen=True, slots=True)
class ReturnRules:
    """What a marketplace does with requests. Lengths are seconds."""

    words: Mapping[Trouble, ReasonWord] = field(default_factory=lambda: _PLAIN_WORDS)
    ids: ReturnIds = field(default_factory=_PlainIds)
    answer_s: int = 48 * 3600
    inspect_s: int = 48 * 3600
    replace_answer_s: int = 24 * 3600
    send_s: int = 5 * 86_400
    """How long the buyer has to hand the goods to a carrier."""
    offer_s: int = 48 * 3600
    """How long the buyer has to answer an offer."""
    refusal_is_judged: bool = False
    """Refusing means that the platform decides; elsewhere it does so only when the buyer complains."""
    replaces: bool = True
    """Whether buyers may ask for another piece."""
    offers: bool = True
    counters: bool = False
    """Whether a buyer may name another amount than the one offered."""
    unit_step: int = 0
    """Distance between the ids of a request and its units; 0 where the market gives units no ids of their own."""
    pays_shipping: bool = True
    """Whether the buyer may get back what was paid for shipping too."""
    platform_checks_share: float = 0.0
    """How many requests the platform checks in its own warehouse, where the store has no say about the goods."""


@dataclass(slots=True, eq=False)
class ReturnUnit:
    """One unit that comes back or is paid back. `id` is its own id, "" where the market gives units none."""

    id: str
    line: Line
    refund_minor: int


@dataclass(frozen=True, slots=True)
class ReturnMoment:
    """Something that happened; `what` is a word of this world such as `asked`, `agreed`, `arrived`."""

    at: int
    who: Role
    what: str
    note: str = ""
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that went back to a buyer because of a request. `goods_back` says whether the goods came back before."""

    return_id: str
    order: Order
    units: tuple[ReturnUnit, ...]
    at: int
    amount_minor: int
    goods_back: bool


@dataclass(slots=True, eq=False)
class ReturnCase:
    """One request of one buyer. Amounts are in the order's currency; `shipping_minor` is the part for shipping."""

    id: str
    number: int
    store: Store
    order: Order
    ask: Ask
    trouble: Trouble
    reason: ReasonWord
    note: str
    pictures: tuple[str, ...]
    units: list[ReturnUnit]
    shipping_minor: int
    created_at: int
    updated_at: int
    stage: Stage
    warehouse: Warehouse
    carrier: Carrier
    due_at: int | None = None
    """World time after which the present stage ends by itself; None when nothing is waited for."""
    keeps_goods: bool = False
    """The buyer is paid without sending anything."""
    platform_checks: bool = False
    goods_confirmed: bool = False
    """The store said that the parcel has come, before it answers for the goods."""
    offer_minor: int | None = None
    offer_of_return: bool = False
    """The offer is money for goods sent back, not for goods kept."""
    offer_by: Role = Role.SELLER
    offer_declined: bool = False
    offers: int = 0
    tracking: str = ""
    sent_at: int | None = None
    arrived_at: int | None = None
    refusal_reason: str = ""
    refusal_comment: str = ""
    refusal_pictures: tuple[str, ...] = ()
    disputed: bool = False
    verdict: str = ""
    """`buyer` or `seller` once the platform has decided, "" before."""
    paid_minor: int = 0
    ended_at: int | None = None
    unit_answers: dict[str, bool] = field(default_factory=dict)
    """Units answered by themselves, by id, while others still wait."""
    dropped: list[ReturnUnit] = field(default_factory=list)
    """Units refused by themselves, about which the request is no more."""
    keys: dict[str, str] = field(default_factory=dict)
    """Idempotency keys of answers already taken, and what each did."""
    moments: list[ReturnMoment] = field(default_factory=list)
    malformed: str = ""
    """Set only by a test: which part of the record is rendered broken."""
    strange_status: str = ""
    """Set only by a test: a status word the marketplace never documented."""

    @property
    def asked_minor(self) -> int:
        """What the buyer would be paid in full."""
        return sum(unit.refund_minor for unit in self.units) + self.shipping_minor

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN

    @property
    def goods_move(self) -> bool:
        """Whether goods are to come back, as things stand."""
        return self.ask is not Ask.REFUND and not self.keeps_goods

"""Return, refund and cancel requests of buyers, in one vocabulary for all marketplaces."""

from __future__ import annotations

from enum import StrEnum

from shoptui.domain.clocks import Clock
from shoptui.domain.money import Money
from shoptui.domain.records import dataclass


class ReturnAsk(StrEnum):
    """What the buyer wants. `cancel` is a wish to cancel before the parcel arrived; the order itself is its target."""

    REFUND = "refund"
    RETURN = "return"
    REPLACE = "replace"
    CANCEL = "cancel"


class ReturnState(StrEnum):
    """Where a request stands, by whose turn it is.

    `asked`: the store answers the request. `offered`: the buyer answers the store's offer. `buyer_sends`: agreed, the
    goods are still with the buyer. `on_way_back`: with the carrier. `arrived`: the store looks at the goods and answers
    once more. `judged`: the marketplace decides. `refunded`, `refused`, `withdrawn` and `closed` are ends.
    `unknown` is a word no mapping has; it is shown as it is.
    """

    ASKED = "asked"
    OFFERED = "offered"
    BUYER_SENDS = "buyer_sends"
    ON_WAY_BACK = "on_way_back"
    ARRIVED = "arrived"
    JUDGED = "judged"
    REFUNDED = "refunded"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    UNKNOWN = "unknown"


#: The store has to answer.
OUR_TURN = frozenset({ReturnState.ASKED, ReturnState.ARRIVED})
#: Nothing more will happen.
ENDED = frozenset({ReturnState.REFUNDED, ReturnState.REFUSED, ReturnState.WITHDRAWN, ReturnState.CLOSED})


class ReturnAnswer(StrEnum):
    """What the store may answer.

    `agree`: as asked (the goods come back, or the refund for a request without goods, or the cancellation).
    `refund_only`: the buyer keeps the goods and is paid. `refuse`: no, with a reason. `offer`: a part of the money.
    `goods_ok` and `goods_refused` answer for goods that have come back.
    """

    AGREE = "agree"
    REFUND_ONLY = "refund_only"
    REFUSE = "refuse"
    OFFER = "offer"
    GOODS_OK = "goods_ok"
    GOODS_REFUSED = "goods_refused"


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Some units of one SKU that come back or are paid back. `refund` is None where only the sum is told."""

    line_id: str
    order_line_id: str
    sku: str
    sku_id: str
    product_name: str
    variant_name: str
    quantity: int
    refund: Money | None = None


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """One request of one buyer.

    `return_id` is the marketplace's own; a wish to cancel has the order's number with `cancel:` before it. `updated_at`
    is the marketplace's version: a copy with an older one never replaces a newer one. `value` is what the buyer would
    be paid. `reason_id` is the marketplace's word, `reason` its text or ours, `buyer_note` the buyer's own words.
    `evidence` are addresses of pictures and videos. `answers` are those the marketplace takes now, empty when it is not
    the store's turn. `goods_come_back` is None where it is not decided yet. `ship_to` is where the goods go. `clocks`
    carry the marketplace's own deadlines; the rule book adds what it leaves out.
    """

    store_id: str
    return_id: str
    order_no: str
    ask: ReturnAsk
    state: ReturnState
    raw_state: str
    value: Money
    created_at: int
    updated_at: int
    reason_id: str = ""
    reason: str = ""
    buyer_note: str = ""
    buyer_id: str = ""
    buyer_name: str = ""
    lines: tuple[ReturnLine, ...] = ()
    evidence: tuple[str, ...] = ()
    answers: frozenset[ReturnAnswer] = frozenset()
    goods_come_back: bool | None = None
    tracking_number: str = ""
    carrier_name: str = ""
    ship_to: str = ""
    disputed: bool = False
    clocks: tuple[Clock, ...] = ()
    #: What the marketplace's calls need beside the id, such as Lazada's line ids; never shown.
    wire: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnEvent:
    """Something that happened to a request: `who` is `buyer`, `store`, `platform` or `system`."""

    at: int
    who: str
    what: str
    note: str = ""
    links: tuple[str, ...] = ()

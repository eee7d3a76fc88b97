"""Frozen rows of returns that cross from the store to screens and commands."""

from __future__ import annotations

from shoptui.domain.intents import Intent, IntentState
from shoptui.domain.orders import Order
from shoptui.domain.parcel_check import ParcelCondition
from shoptui.domain.records import dataclass
from shoptui.domain.return_clock import Zero
from shoptui.domain.returns import ENDED, OUR_TURN, ReturnAnswer, ReturnAsk, ReturnEvent, ReturnRequest, ReturnState
from shoptui.queries.types import DisputeStand, NoteRow

#: The id of a wish to cancel is its order's number with this before it.
CANCEL_PREFIX = "cancel:"


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """What one line of Returns needs.

    Times are epoch seconds, None where there is none. `next_at`, `next_kind` are the request's next loss: the store's
    time to answer (`retn`), to look at goods that came back (`insp`) or to answer a wish to cancel (`creq`). `value` is
    in minor units of `currency`; `usd_minor` the same in US cents by the engine's rates, None without a rate. `items`
    is ready text (`2x BAG-RD-M +1`). `answers` are those the marketplace takes now. `act_*` are of the newest answer
    ordered and not yet acknowledged. `claimed_by`, `tags` and `has_note` are the order's. `condition` is what was found
    in the parcel, None before it was checked in. `elsewhere` says that the store's turn ended without an answer of
    ours: somebody answered in the seller centre, or the time ran out. `pictures` counts the buyer's evidence.
    """

    row_id: int
    store_id: str
    marketplace: str
    region: str
    return_id: str
    order_no: str
    ask: ReturnAsk
    state: ReturnState
    raw_state: str
    value_minor: int
    currency: str
    usd_minor: int | None
    reason_id: str
    reason: str
    buyer: str
    buyer_id: str
    items: str
    tracking: str
    next_at: int | None
    next_kind: str
    missed: int
    last_missed_at: int | None
    last_missed_kind: str
    answer_at: int | None
    created_at: int
    updated_at: int
    goods_back_at: int | None
    goods_come_back: bool | None
    disputed: bool
    pictures: int
    answers: frozenset[ReturnAnswer]
    act_state: IntentState | None = None
    act_cause: str = ""
    act_answer: str = ""
    claimed_by: str = ""
    tags: tuple[str, ...] = ()
    has_note: bool = False
    condition: ParcelCondition | None = None
    elsewhere: bool = False
    seen_at: int = 0

    @property
    def ours(self) -> bool:
        """It is the store's turn."""
        return self.state in OUR_TURN

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def order_target(self) -> tuple[str, str]:
        """What notes, tags and claims of it are kept under: store and order number."""
        return self.store_id, self.order_no


@dataclass(frozen=True, slots=True)
class CheckRow:
    """What somebody found in a parcel that came back."""

    at: int
    operator: str
    condition: ParcelCondition
    note: str


@dataclass(frozen=True, slots=True)
class BuyerHistory:
    """What the store knows of a buyer: orders in the cache, this one included, and returns asked for before it."""

    orders: int
    earlier_returns: int


@dataclass(frozen=True, slots=True)
class ReturnDetail:
    """Everything the pane shows of one request.

    `request` has the clocks that count. `order` is None when it is not in the cache. `packed_by` is who printed its
    label last, "" when that was not done here; `weight_g` what its parcels weigh together, None where nobody said.
    `events` are oldest first, as far as they were read; `intents` newest first. `dispute` is the newest about the
    return, else about its order, None where none ever was.
    """

    row: ReturnRow
    request: ReturnRequest
    zero: Zero
    events: tuple[ReturnEvent, ...]
    order: Order | None
    order_row: int | None
    buyer: BuyerHistory
    packed_by: str
    weight_g: int | None
    checks: tuple[CheckRow, ...]
    notes: tuple[NoteRow, ...]
    intents: tuple[Intent, ...]
    dispute: DisputeStand | None = None


@dataclass(frozen=True, slots=True)
class ReturnCandidate:
    """What the preview of an answer needs of one marked request. `claimed_by` is a colleague, never whoever asks.

    `act` is the state of an answer that is ordered and not settled, None
    without one.
    """

    row_id: int
    store_id: str
    marketplace: str
    return_id: str
    order_no: str
    ask: ReturnAsk
    state: ReturnState
    value_minor: int
    currency: str
    usd_minor: int | None
    next_at: int | None
    goods_come_back: bool | None
    answers: frozenset[ReturnAnswer]
    act: IntentState | None
    claimed_by: str
    condition: ParcelCondition | None

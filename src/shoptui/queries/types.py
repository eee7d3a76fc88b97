"""Frozen rows and answers that cross from the store to screens and commands."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.domain.intents import Cause, Intent, IntentState, Verb
from shoptui.domain.orders import Line, Order
from shoptui.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class OrderRow:
    """What one line of the order grid needs.

    Times are epoch seconds, None where there is none. `items` is ready text (`2x BAG-RD-M +1`), `ship_block` is ""
    when the order's parcels can be shipped now, otherwise the id of the reason. `act_state` is of the newest batch with
    anything on the order that is not yet acknowledged: its first intent that is not done, else done; None without one.
    `label` is `fetched` when a label of it is in the house, `printed` when one went to a printer. `held_by` and
    `claimed_by` are operators. `seen_at` is when the engine last had the order from the marketplace.
    """

    row_id: int
    store_id: str
    order_no: str
    status: str
    raw_status: str
    flags: int
    next_at: int | None
    next_kind: str
    then_at: int | None
    then_kind: str
    missed: int
    last_missed_at: int | None
    last_missed_kind: str
    items: str
    sku: str
    carrier: str
    tracking: str
    buyer: str
    shipping_type: str
    delivery_option: str
    created_at: int
    updated_at: int
    value_minor: int
    currency: str
    ship_block: str
    seen_at: int
    act_state: IntentState | None = None
    act_verb: str = ""
    act_cause: str = ""
    held_by: str = ""
    claimed_by: str = ""
    tags: tuple[str, ...] = ()
    has_note: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note of ours on an order."""

    at: int
    operator: str
    text: str


@dataclass(frozen=True, slots=True)
class DisputeStand:
    """Where a dispute stands: `state` is a `domain.disputes.DisputeState` by its name, `at` since when (epoch s)."""

    dispute_id: int
    state: str
    at: int


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """Everything the detail pane shows of one order. `dispute` is the newest about it, None where none ever was."""

    row: OrderRow
    order: Order
    notes: tuple[NoteRow, ...]
    intents: tuple[Intent, ...]
    reveals: tuple[AuditRow, ...]
    dispute: DisputeStand | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """The newest intent of one verb on one target of an order, unless it was taken back.

    `cause` is its cause's id, "" without one. `at` is when it was settled, or else ordered (epoch s). `printer` is ""
    for anything but a print.
    """

    verb: Verb
    target_id: str
    state: IntentState
    cause: str
    at: int
    operator: str
    printer: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One package of a marked order. `tracking` is "" before it has a number.

    `label_outdated`: the label in the house carries another number, which was changed after it was fetched.
    """

    package_id: str
    status: str
    tracking: str = ""
    label_outdated: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the preview of a verb needs of one marked order.

    `package_ids` are the packages still to be arranged. `acts` are the newest intents by verb and target, oldest first.
    `claimed_by` is a colleague, never the operator who asks. `parcels` has all packages, where they were asked for.
    `request_due_at` is when a buyer's wish to cancel is granted unasked (epoch s), None without such a clock.
    """

    row_id: int
    store_id: str
    marketplace: str
    region: str
    order_no: str
    status: str
    shipping_type: str
    flags: int
    next_at: int | None
    ship_block: str
    package_ids: tuple[str, ...]
    acts: tuple[Act, ...]
    held_by: str
    claimed_by: str
    parcels: tuple[Parcel, ...] = ()
    request_due_at: int | None = None


@dataclass(frozen=True, slots=True)
class OrderLines:
    """What was bought in one order, for lists of what to fetch. `warehouse_id` is "" where the market names none."""

    row_id: int
    store_id: str
    order_no: str
    warehouse_id: str
    parcels: int
    lines: tuple[Line, ...]


#: The error code of a feed that the store's app was not granted: a state that a person mends, no fault.
NOT_GRANTED = "not_granted"


@dataclass(frozen=True, slots=True)
class FeedRow:
    """The state of one feed (`orders`, `messages`) of one store.

    `cursor_at` is the update time read up to. `error` is a plain sentence, "" when the last call went well; `failures`
    counts failed tries in a row. `here` and `there` are open orders counted by us and by the marketplace at
    `counted_at`; a difference is a gap. None before the first count.
    """

    store_id: str
    feed: str
    cursor_at: int | None
    last_ok_at: int | None
    last_try_at: int | None
    next_try_at: int | None
    failures: int
    error: str
    error_code: str
    signed_out: bool
    first_done: bool
    fetched: int
    expected: int | None
    here: int | None
    there: int | None
    counted_at: int | None

    @property
    def not_granted(self) -> bool:
        """Whether the store's app may not read this feed until somebody grants it."""
        return self.error_code == NOT_GRANTED


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One line of the Stores screen. `feed` is that of its orders, `messages` that of its conversations.

    `app` is the app it was authorised through, `chat_app` the one its conversations are read through, mostly the same.
    """

    store_id: str
    marketplace: str
    region: str
    name: str
    shop_id: str
    time_zone: str
    currency: str
    paused: bool
    feed: FeedRow | None
    open_orders: int
    waiting_intents: int
    token_expires_at: int | None
    authorisation_ends_at: int | None
    messages: FeedRow | None = None
    app: str = ""
    chat_app: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The header's numbers: open orders by next loss (each band includes the nearer), outbox, inbox, returns, stock.

    `waiting` threads wait for an answer; of those `replies_missed` have a reply clock that ran out and
    `replies_under_2h` one that does within two hours. `escalated` threads are before a supervisor. `returns_waiting`
    requests wait for the store's answer, `returns_missed` and `returns_under_2h` are among them. `stock_missed` pools
    are sold beyond what there is, `stock_under_2h` run out within two hours. `money_missed` stores have a clock of
    money that ran out, `money_under_2h` one that does within two hours.
    """

    missed: int
    under_2h: int
    under_12h: int
    under_24h: int
    going: int
    failed: int
    unknown: int
    needs_person: int
    waiting: int = 0
    replies_missed: int = 0
    replies_under_2h: int = 0
    escalated: int = 0
    returns_waiting: int = 0
    returns_missed: int = 0
    returns_under_2h: int = 0
    stock_missed: int = 0
    stock_under_2h: int = 0
    money_missed: int = 0
    money_under_2h: int = 0


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of Activity: the part of a batch that shares a verb, a state and a cause.

    `state` is the group's intent state; `count` intents are in it, `total` of its verb in the whole batch. `stores` are
    the store names, sorted; `printer` is where it prints, "" for anything but a print. `acked` says the operator has
    seen the result; `again` that all of it failed and was ordered again since, so that a later group tells what became
    of it.
    """

    batch_id: str
    verb: str
    operator: str
    created_at: int
    release_at: int
    state: IntentState
    cause: Cause | None
    count: int
    total: int
    stores: tuple[str, ...]
    intent_ids: tuple[int, ...]
    acked: bool
    settled_at: int | None
    again: bool = False
    printer: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry of the append-only, hash-chained audit log. `target` is a reference, never a buyer's data."""

    seq: int
    at: int
    operator: str
    origin: str
    what: str
    target: str
    detail: str


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that stays until it is seen or over: an id and arguments; the cockpit writes the sentence."""

    alert_id: str
    kind: str
    raised_at: int
    args: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SetAsideRow:
    """A record of an order that could not be read. Its raw text is the engine's to show: it may hold buyers' data."""

    store_id: str
    order_no: str
    reason: str
    at: int

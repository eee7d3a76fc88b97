"""Intents: what operators ordered, the states each passes through, and how each verb is settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.making import quickly_made
from shoptui.domain.records import dataclass

#: How long an intent waits before it is sent and can be taken back (design, section 5).
HOLD_S = 10
#: The hold when the target's clock has less than a minute left.
SHORT_HOLD_S = 2
SHORT_HOLD_BELOW_S = 60


class Verb(StrEnum):
    """What can be ordered on a target.

    `ship` is by the marketplace's logistics, `ship_own` by the seller's own carrier; `label` fetches a document into
    the house, `print` sends a stored one to a printer. `reply` sends a message to a buyer, `mark_read` tells the
    marketplace that the store has read a conversation. `answer_return` answers a buyer's return or refund request,
    `set_stock` writes how many of a listing buyers may order.
    """

    SHIP = "ship"
    SHIP_OWN = "ship_own"
    CHANGE_TRACKING = "change_tracking"
    CANCEL = "cancel"
    ANSWER_CANCEL = "answer_cancel"
    NOTE = "note"
    SPLIT = "split"
    COMBINE = "combine"
    LABEL = "label"
    PRINT = "print"
    REPLY = "reply"
    MARK_READ = "mark_read"
    ANSWER_RETURN = "answer_return"
    SET_STOCK = "set_stock"


class TargetKind(StrEnum):
    """The smallest thing a verb acts on."""

    PACKAGE = "package"
    ORDER = "order"
    THREAD = "thread"
    RETURN = "return"
    LISTING = "listing"


class IntentState(StrEnum):
    """Where an intent is. See `TRANSITIONS` for the ways between them."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_DONE = "not_done"
    NEEDS_PERSON = "needs_person"
    TAKEN_BACK = "taken_back"


#: Still open: at most one such intent per target and verb.
OPEN_STATES = frozenset(
    {
        IntentState.HELD,
        IntentState.QUEUED,
        IntentState.SENDING,
        IntentState.UNKNOWN,
        IntentState.NEEDS_PERSON,
    }
)

#: The only moves there are. `sending → queued` is a refusal known to have had no effect (rate limit, connection refused
#: before a byte was sent); `unknown → queued` is the one resend a verb's row may allow.
TRANSITIONS: Mapping[IntentState, frozenset[IntentState]] = MappingProxyType(
    {
        IntentState.HELD: frozenset({IntentState.QUEUED, IntentState.TAKEN_BACK, IntentState.FAILED}),
        IntentState.QUEUED: frozenset({IntentState.SENDING, IntentState.TAKEN_BACK, IntentState.FAILED}),
        IntentState.SENDING: frozenset({IntentState.DONE, IntentState.FAILED, IntentState.UNKNOWN, IntentState.QUEUED}),
        IntentState.UNKNOWN: frozenset(
            {IntentState.DONE, IntentState.NOT_DONE, IntentState.NEEDS_PERSON, IntentState.QUEUED}
        ),
        IntentState.NEEDS_PERSON: frozenset({IntentState.DONE, IntentState.NOT_DONE}),
        IntentState.DONE: frozenset(),
        IntentState.FAILED: frozenset(),
        IntentState.NOT_DONE: frozenset(),
        IntentState.TAKEN_BACK: frozenset(),
    }
)


class IllegalMove(ValueError):
    """A change of state that `TRANSITIONS` does not know."""


def check_move(old: IntentState, new: IntentState) -> None:
    """Raise IllegalMove unless `old → new` is allowed."""
    if new not in TRANSITIONS[old]:
        raise IllegalMove(f"an intent cannot go from {old} to {new}")


class CauseId(StrEnum):
    """Why an intent failed, in the house's words; each marketplace maps its codes to these."""

    TOO_HEAVY = "too_heavy"
    TOO_LARGE = "too_large"
    SLOT_GONE = "slot_gone"
    NO_SLOT = "no_slot"
    ADDRESS = "address"
    NO_SERVICE = "no_service"
    HELD = "held"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    WRONG_STATE = "wrong_state"
    FROZEN = "frozen"
    NOT_READY = "not_ready"
    FULFILLED_BY_PLATFORM = "fulfilled_by_platform"
    NOT_OURS = "not_ours"
    INVOICE = "invoice"
    MUST_SPLIT = "must_split"
    TRACKING_WRONG = "tracking_wrong"
    TRACKING_USED = "tracking_used"
    LABEL_EARLY = "label_early"
    LABEL_LATE = "label_late"
    NOT_IN_REGION = "not_in_region"
    UNSUPPORTED = "unsupported"
    SIGNED_OUT = "signed_out"
    NO_PERMISSION = "no_permission"
    UNREACHABLE = "unreachable"
    STORE_REMOVED = "store_removed"
    RESTORED = "restored"
    EARLIER = "earlier"
    ALREADY_SHIPPED = "already_shipped"
    REASON = "reason"
    WHOLE_ONLY = "whole_only"
    REQUEST_CLOSED = "request_closed"
    TOO_LATE = "too_late"
    ONLY_ONCE = "only_once"
    NO_SPLIT = "no_split"
    NO_COMBINE = "no_combine"
    LABEL_MISSING = "label_missing"
    LABEL_DAMAGED = "label_damaged"
    LABEL_OUTDATED = "label_outdated"
    NOT_PRINTABLE = "not_printable"
    PRINTED_BEFORE = "printed_before"
    PRINTER_GONE = "printer_gone"
    PRINT_REFUSED = "print_refused"
    PRINT_CANCELLED = "print_cancelled"
    PRINT_BROKEN = "print_broken"
    PRINTER_WAITS = "printer_waits"
    CANNOT_SEND = "cannot_send"
    TOO_LONG = "too_long"
    SENSITIVE = "sensitive"
    UNANSWERED = "unanswered_max"
    NO_THREAD = "no_thread"
    THREAD_MOVED = "thread_moved"
    QUOTA = "quota"
    EVIDENCE = "evidence"
    AMOUNT = "amount"
    PLATFORM_DECIDES = "platform_decides"
    STOCK_LOCKED = "stock_locked"
    BELOW_FLOOR = "below_floor"
    QUANTITY = "quantity"
    WAREHOUSE = "warehouse"
    LISTING_GONE = "listing_gone"
    STOCK_MOVED = "stock_moved"
    ANSWER_LOST = "answer_lost"
    OTHER = "other"


#: Why a write of stock is decided anew: sales came before it, or nobody knows whether it was done.
OVERTAKEN = frozenset({CauseId.STOCK_MOVED, CauseId.ANSWER_LOST})


@quickly_made
@dataclass(frozen=True, slots=True)
class Cause:
    """Why something failed.

    `code` is the marketplace's own. `message` is what is known besides: our adapter's sentence, the marketplace's own
    words behind `TikTok Shop says:`, or both; a name or number where the cause is about one. "" where there is none.
    """

    id: CauseId
    code: str = ""
    message: str = ""


class Settling(StrEnum):
    """How an answer that was lost is settled, per operation (the verb table of design, section 5)."""

    READ_BACK = "read_back"
    READ_BACK_LATE = "read_back_late"
    PERSON = "person"
    RECOMPUTE = "recompute"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class SettleRule:
    """One row of the verb table for one marketplace and market.

    `first_look_s`: no verdict earlier than this after sending. `give_up_s`: with no verdict by then, a person decides.
    `resends`: how often the same intent may be sent again after a verdict of "not done"; 0 means never.
    With REPEAT nothing is read back: it is asked again after `first_look_s`, then less and less often, and fails
    `give_up_s` after it was first asked or after so many `resends`.
    """

    settling: Settling
    first_look_s: int
    give_up_s: int
    resends: int


@dataclass(frozen=True, slots=True)
class ShipChoice:
    """How parcels are handed over. None means: as the store's warehouse setting says."""

    method: str | None = None
    slot_start_at: int | None = None
    slot_end_at: int | None = None


@dataclass(frozen=True, slots=True)
class NewIntent:
    """One thing an operator orders, before the engine has accepted it.

    `args` is the verb's own input (for ship: `method`, `slot_start_at`, `slot_end_at`), JSON values only. For verbs on
    a thread `order_no` is the order it is about, "" without one.
    `clock_due_at` is the target's next loss when ordered (shortens the hold), None without one. What has to come before
    it is named by its intent id, or by its place in the same list of new intents (`after_index`, a smaller one).
    """

    verb: Verb
    store_id: str
    order_no: str
    target_kind: TargetKind
    target_id: str
    args: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    clock_due_at: int | None = None
    after_intent_id: int | None = None
    after_index: int | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Intent:
    """One accepted intent as the ledger has it.

    `release_at`: when the hold ends (epoch s). `sent_at`: last time a request left, None before. `look_at`: when the
    engine next looks for evidence or retries, None when nothing is due. `evidence` is what was read back, JSON values.
    """

    intent_id: int
    batch_id: str
    verb: Verb
    store_id: str
    order_no: str
    target_kind: TargetKind
    target_id: str
    args: Mapping[str, object]
    state: IntentState
    operator: str
    created_at: int
    release_at: int
    attempts: int = 0
    sent_at: int | None = None
    look_at: int | None = None
    settled_at: int | None = None
    cause: Cause | None = None
    evidence: Mapping[str, object] | None = None
    after_intent_id: int | None = None
    retry_of: int | None = None


def hold_s(clock_due_at: int | None, now: int, configured_s: int = HOLD_S) -> int:
    """How long an intent is held (seconds); under a minute left on its clock the hold shrinks to two.

    A hold never outlives a clock that still runs. None, or a clock that has passed, leaves the hold as configured.
    """
    if clock_due_at is None or clock_due_at < now:
        return configured_s
    left = clock_due_at - now
    return min(configured_s, left, SHORT_HOLD_S if left < SHORT_HOLD_BELOW_S else configured_s)

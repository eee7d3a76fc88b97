"""Why the world refuses something; each marketplace turns the reason into its own code."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    NOT_FOUND = "not_found"
    ALREADY_ARRANGED = "already_arranged"
    ALREADY_COLLECTED = "already_collected"
    ALREADY_MARKED = "already_marked"
    ALREADY_BOUGHT = "already_bought"
    ALREADY_DELIVERED = "already_delivered"
    CANCELLED = "cancelled"
    AFTER_SALE_OPEN = "after_sale_open"
    PLATFORM_FULFILLED = "platform_fulfilled"
    WRONG_STATE = "wrong_state"
    WRONG_FLOW = "wrong_flow"
    WRONG_REGION = "wrong_region"
    NOT_READY = "not_ready"
    FROZEN = "frozen"
    OUTSIDE_SLOT = "outside_slot"
    NO_SLOT = "no_slot"
    NO_SERVICE = "no_service"
    BAD_POSTCODE = "bad_postcode"
    ADDRESS_TOO_LONG = "address_too_long"
    BAD_TRACKING = "bad_tracking"
    BAD_CARRIER = "bad_carrier"
    TRACKING_REUSED = "tracking_reused"
    TRACKING_OVERUSED = "tracking_overused"
    NOT_SELLER_SHIPPED = "not_seller_shipped"
    NOT_SHIPPED = "not_shipped"
    TOO_LATE = "too_late"
    ONLY_ONCE = "only_once"
    SPLIT_NOT_ALLOWED = "split_not_allowed"
    SAME_SKU = "same_sku"
    ALREADY_COMBINED = "already_combined"
    NOT_COMBINABLE = "not_combinable"
    BAD_LINES = "bad_lines"
    REASON_UNKNOWN = "reason_unknown"
    REASON_MISFIT = "reason_misfit"
    REQUEST_RUNNING = "request_running"
    REQUEST_FINISHED = "request_finished"
    ALREADY_APPROVED = "already_approved"
    CANNOT_REJECT = "cannot_reject"
    ORDER_FINISHED = "order_finished"
    NO_PARTIAL_CANCEL = "no_partial_cancel"
    LABEL_TOO_EARLY = "label_too_early"
    LABEL_TOO_LATE = "label_too_late"
    LABEL_PENDING = "label_pending"
    CHAT_EMPTY = "chat_empty"
    CHAT_TOO_LONG = "chat_too_long"
    CHAT_SENSITIVE = "chat_sensitive"
    CHAT_CLOSED = "chat_closed"
    CHAT_UNANSWERED = "chat_unanswered"
    CHAT_RECALL = "chat_recall"
    SOLD_OUT = "sold_out"
    NO_WAREHOUSE = "no_warehouse"
    BELOW_FLOOR = "below_floor"
    STOCK_OF_BUNDLE = "stock_of_bundle"
    STOCK_IN_AUCTION = "stock_in_auction"
    OFF_SALE = "off_sale"
    ALREADY_REFUSED = "already_refused"
    PLATFORM_DECIDES = "platform_decides"
    AMOUNT = "amount"
    NO_OFFER = "no_offer"
    EVIDENCE = "evidence"


ALREADY_DONE = frozenset(
    {
        Reason.ALREADY_ARRANGED,
        Reason.ALREADY_COLLECTED,
        Reason.ALREADY_MARKED,
        Reason.ALREADY_BOUGHT,
        Reason.ALREADY_DELIVERED,
        Reason.ALREADY_APPROVED,
        Reason.ALREADY_REFUSED,
    }
)
"""Refusals that mean the wished state holds already."""


class Refused(Exception):
    """The world's state does not allow the action; nothing was changed."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

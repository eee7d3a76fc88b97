"""Reading TikTok Shop's cancellations: which requests an order has, and which reasons may be given for an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.base import Malformed, Unsupported
from shoptui.adapters.desks import Reason
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_wire import (
    CancelList,
    CancelListAnswer,
    CancelRecord,
    EligibilityAnswer,
    LineEligibility,
    RejectReasonsAnswer,
)
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell

#: Words of TikTok Shop (sheet, section 8.2).
BUYER_CANCEL = "BUYER_CANCEL"
PENDING = "CANCELLATION_REQUEST_PENDING"
CLOSED = "CANCELLATION_REQUEST_CANCEL"
GRANTED = frozenset({"CANCELLATION_REQUEST_SUCCESS", "CANCELLATION_REQUEST_COMPLETE"})

#: Orders asked for in one search, and cancellations on one page (documented).
SEARCH_MAX = 50
_PAGES_MAX = 20

# Names come without texts; UK names end in `_uk`.
_REASON_TEXT: Mapping[str, str] = MappingProxyType(
    {
        "seller_cancel_reason_out_of_stock": "Out of stock",
        "seller_cancel_reason_wrong_price": "Pricing error",
        "seller_cancel_paid_reason_address_not_deliver": "Unable to deliver to the buyer's address",
        "seller_cancel_unable_to_deliver_to_buyer_address": "Unable to deliver to the buyer's address",
        "seller_cancel_paid_reason_buyer_requested_cancellation": "Buyer requested cancellation",
        "seller_cancel_order_reason_potential_fraud": "Potential fraud",
        "seller_cancel_unpaid_reason_out_of_stock": "Out of stock",
        "seller_cancel_unpaid_reason_wrong_price": "Pricing error",
        "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed": "Buyer did not pay on time",
        "seller_cancel_unpaid_reason_buyer_requested_cancellation": "Buyer requested cancellation",
    }
)


class Cancellations:
    """The reading side of the cancellation endpoints."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def of_orders(
        self, store: Store, order_nos: Sequence[str], *, feed: str
    ) -> Mapping[str, tuple[CancelRecord, ...]]:
        """All cancellations of the orders, oldest first; an order without any has an empty entry.

        Raises ValueError for more orders than one search takes.
        """
        wanted = list(dict.fromkeys(map(segment, order_nos)))
        if len(wanted) > SEARCH_MAX:
            raise ValueError(f"one search takes at most {SEARCH_MAX} orders, not {len(wanted)}")
        found: dict[str, dict[str, CancelRecord]] = {order_no: {} for order_no in wanted}
        token = ""
        for _ in range(_PAGES_MAX):
            page = await self._page(store, wanted, token, feed)
            for record in page.cancellations or ():
                if record.order_id in found:
                    found[record.order_id][record.cancel_id] = record
            token = page.next_page_token or ""
            if not token:
                return {
                    order_no: tuple(sorted(records.values(), key=lambda record: record.create_time or 0))
                    for order_no, records in found.items()
                }
        raise Malformed("TikTok Shop's pages of cancellations do not end")

    async def seller_reasons(self, store: Store, order_no: str) -> tuple[Reason, ...] | Unsupported:
        """The reasons a seller may give now for cancelling the whole order."""
        envelope = await self._client.call(
            store,
            "order.eligibility",
            "GET",
            # 202309 tells whether, but not with which reasons.
            f"/return_refund/202512/orders/{segment(order_no)}/aftersale_eligibility",
            lambda answer: read_envelope(answer, EligibilityAnswer),
            feed="choices",
            params={"initiate_aftersale_user": "SELLER"},
        )
        skus = (envelope.data.sku_eligibility if envelope.data else None) or ()
        rows = [row for sku in skus for row in sku.line_item_eligibility or () if (row.request_type or "") == "CANCEL"]
        eligible = [row for row in rows if row.eligible]
        if not eligible:
            why = next((row.ineligible_reason for row in rows if row.ineligible_reason), "")
            return Unsupported(_not_eligible(why or ""), "not_eligible")
        names = _common(eligible)
        if not names:
            return Unsupported("TikTok Shop names no reason that fits all items; cancel it in Seller Center.", "reason")
        return tuple(Reason(name, reason_text(name)) for name in names)

    async def reject_reasons(self, store: Store, cancel_id: str, *, feed: str) -> tuple[Reason, ...]:
        """The reasons that may be given now for turning a buyer's request down; none once it is answered."""
        envelope = await self._client.call(
            store,
            "cancellation.reject_reasons",
            "GET",
            "/return_refund/202309/reject_reasons",
            lambda answer: read_envelope(answer, RejectReasonsAnswer),
            feed=feed,
            params={"return_or_cancel_id": cancel_id, "locale": "en-US"},
        )
        records = (envelope.data.reasons if envelope.data else None) or ()
        return tuple(
            Reason(record.name, sanitise_cell(record.text or "") or reason_text(record.name)) for record in records
        )

    async def _page(self, store: Store, order_nos: Sequence[str], token: str, feed: str) -> CancelList:
        params = {"page_size": str(SEARCH_MAX), "sort_field": "create_time", "sort_order": "ASC"}
        if token:
            params["page_token"] = token
        envelope = await self._client.call(
            store,
            "cancellation.search",
            "POST",
            "/return_refund/202309/cancellations/search",
            lambda answer: read_envelope(answer, CancelListAnswer),
            feed=feed,
            params=params,
            body={"order_ids": list(order_nos)},
        )
        return envelope.data or CancelList()


def buyers_request(records: Sequence[CancelRecord]) -> CancelRecord | None:
    """The buyer's request that counts: the open one, else the newest; None where the buyer never asked."""
    asked = [record for record in records if record.cancel_type == BUYER_CANCEL]
    pending = [record for record in asked if record.cancel_status == PENDING]
    found = pending or asked
    return found[-1] if found else None


def reason_text(name: str) -> str:
    """A reason's name in words."""
    base = name.removesuffix("_uk")
    if base in _REASON_TEXT:
        return _REASON_TEXT[base]
    words = sanitise_cell(base.rsplit("reason_", 1)[-1].replace("_", " "))
    return words[:1].upper() + words[1:]


def _common(rows: Sequence[LineEligibility]) -> list[str]:
    """The reasons that every row has, in the first row's order."""
    first, *others = [row.available_reason_names or [] for row in rows]
    return [name for name in dict.fromkeys(first) if all(name in other for other in others)]


def _not_eligible(why: str) -> str:
    sentence = "TikTok Shop does not let the seller cancel this order now."
    return f"{sentence} TikTok Shop says: {sanitise_cell(why, limit=200)}" if why else sentence

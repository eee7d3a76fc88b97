"""The carrier's events of Lazada's parcels (sheet, section 7.7)."""

from __future__ import annotations

from collections.abc import Sequence

from shoptui.adapters.base import Rejected
from shoptui.adapters.http import Answer
from shoptui.adapters.lazada.client import ShopClient
from shoptui.adapters.lazada.times import from_number
from shoptui.adapters.lazada.wire import Trace, TraceEvent, read_result
from shoptui.domain.orders import HistoryEvent
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell

#: What Lazada says of orders that no carrier has seen yet.
_NOTHING_YET = frozenset({"Dropshipping invalid"})


async def carrier_events(client: ShopClient, store: Store, order_no: str) -> Sequence[HistoryEvent]:
    """The events of all parcels of an order, oldest first; none before it is handed over."""
    try:
        trace = await client.get(
            store, "/logistic/order/trace", _read_trace, feed="tracking", params={"order_id": order_no}
        )
    except Rejected as refusal:
        if refusal.code in _NOTHING_YET:
            return ()
        raise
    rows = [
        row
        for order in trace.module or ()
        for package in order.package_detail_info_list or ()
        for row in package.logistic_detail_info_list or ()
    ]
    events = [HistoryEvent(at, "carrier", _words(row)) for row in rows if (at := from_number(row.event_time))]
    return sorted(events, key=lambda event: event.at)


def _words(row: TraceEvent) -> str:
    return sanitise_cell(": ".join(word for word in (row.title, row.description) if word))


def _read_trace(answer: Answer) -> Trace:
    return read_result(answer, Trace, under="")

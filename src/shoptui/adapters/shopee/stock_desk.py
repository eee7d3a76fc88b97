"""Shopee's desk for stock: the models of an item in one call, told apart by success and failure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shoptui.adapters.base import Rejected, Verdict
from shoptui.adapters.desks import Outcome
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.stock_errors import PARTLY, row_cause, stock_cause
from shoptui.adapters.shopee.stock_mapping import NO_MODEL
from shoptui.adapters.shopee.stock_wire import StockUpdated
from shoptui.adapters.shopee.wire import as_number, read_partly
from shoptui.adapters.stock import Stock
from shoptui.adapters.stock_desk import Due, StockDesk
from shoptui.domain.intents import Cause, CauseId
from shoptui.domain.stores import Store

#: Models in one call (sheet, section 8.5).
MODELS_MAX = 50


class ShopeeStockDesk(StockDesk):
    """Sets stock (product, update_stock): one call an item."""

    skus_max = MODELS_MAX
    of_one_product = True
    # An item's reading is a call as well, and all of an app wait in one line.
    calls_max = 8
    room_for = 4

    def __init__(self, client: ShopClient, stock: Stock) -> None:
        super().__init__(stock, client.clock)
        self._client = client

    def _calls_of(self, listing_ids: Iterable[str]) -> list[list[str]]:
        """As everywhere; items without models stand first, for one call reads those of a whole batch."""
        calls = super()._calls_of(listing_ids)
        return sorted(calls, key=lambda call: not call[0].endswith(f"/{NO_MODEL}"))

    async def write(self, store: Store, dues: Sequence[Due]) -> Sequence[Outcome]:
        done = await self._client.post(
            store,
            "/product/update_stock",
            lambda answer: read_partly(answer, StockUpdated, {PARTLY}, stock_cause),
            feed="set_stock",
            body={"item_id": as_number(dues[0].product_id), "stock_list": _rows(dues)},
            write=True,
        )
        failed = {row.model_id: row_cause(row.failed_reason or "") for row in done.failure_list or ()}
        written = {(row.model_id, row.location_id or "") for row in done.success_list or ()}
        models = {model_id for model_id, _ in written}
        return [_outcome(due, failed, written, models) for due in dues]

    def refusal(self, rejected: Rejected) -> Outcome:
        return Outcome(Verdict.REFUSED, rejected.cause)


def _rows(dues: Sequence[Due]) -> list[dict[str, object]]:
    """One row a model. Only the places that are meant are named, and none in shops with a single one."""
    rows: dict[str, list[dict[str, object]]] = {}
    for due in dues:
        place: dict[str, object] = {"stock": due.change.shows}
        if due.at.warehouse_id:
            place["location_id"] = due.at.warehouse_id
        rows.setdefault(due.sku_id, []).append(place)
    return [
        {**({"model_id": as_number(model_id)} if model_id != NO_MODEL else {}), "seller_stock": places}
        for model_id, places in rows.items()
    ]


def _outcome(due: Due, failed: dict[str, Cause], written: set[tuple[str, str]], models: set[str]) -> Outcome:
    """A write is done when its model stands in the success list, at this place where places are named."""
    cause = failed.get(due.sku_id)
    if cause is not None:
        return Outcome(Verdict.REFUSED, cause)
    at = due.at.warehouse_id
    if (due.sku_id in models and not at) or (due.sku_id, at) in written:
        return Outcome(Verdict.DONE)
    return Outcome(Verdict.WAIT, Cause(CauseId.ANSWER_LOST, "", "Shopee's answer does not name this variation."))

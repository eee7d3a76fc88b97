"""TikTok Shop's desk for stock: all SKUs of a product in one call, with all their warehouses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoptui.adapters.base import Rejected, Verdict
from shoptui.adapters.desks import Outcome
from shoptui.adapters.stock import Stock
from shoptui.adapters.stock_desk import Due, StockDesk
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.errors import cause_of
from shoptui.adapters.tiktok.stock_wire import StockError, StockUpdatedAnswer
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.clock import Clock
from shoptui.domain.stores import Store

#: SKUs in one call. No limit is known (sheet, section 10.5); what a product has more goes in a second call.
SKUS_MAX = 300


class TikTokStockDesk(StockDesk):
    """Sets stock (products, Update Inventory): one call a product."""

    skus_max = SKUS_MAX
    of_one_product = True

    def __init__(self, client: ShopClient, stock: Stock, clock: Clock) -> None:
        super().__init__(stock, clock)
        self._client = client

    async def write(self, store: Store, dues: Sequence[Due]) -> Sequence[Outcome]:
        envelope = await self._client.call(
            store,
            "stock.update",
            "POST",
            f"/product/202309/products/{segment(dues[0].product_id)}/inventory/update",
            lambda answer: read_envelope(answer, StockUpdatedAnswer),
            feed="set_stock",
            body={"skus": _rows(dues)},
            write=True,
        )
        errors = (envelope.data.errors if envelope.data else None) or ()
        by_sku = {error.detail.sku_id: error for error in errors if error.detail is not None and error.detail.sku_id}
        ours = {due.sku_id for due in dues}
        stray = next((error for error in errors if error.detail is None or error.detail.sku_id not in ours), None)
        return [_outcome(due, by_sku.get(due.sku_id), stray) for due in dues]

    def refusal(self, rejected: Rejected) -> Outcome:
        return Outcome(Verdict.REFUSED, rejected.cause)


def _rows(dues: Sequence[Due]) -> list[Mapping[str, object]]:
    """Every SKU with all its warehouses: those not meant keep what was read just now."""
    wanted = {(due.listing_id, due.at.warehouse_id): due.change.shows for due in dues}
    rows: list[Mapping[str, object]] = []
    for listing_id, due in {due.listing_id: due for due in dues}.items():
        places: list[dict[str, object]] = []
        for at in due.now.stock:
            place: dict[str, object] = {"quantity": wanted.get((listing_id, at.warehouse_id), at.shows)}
            if at.warehouse_id:
                place["warehouse_id"] = at.warehouse_id
            places.append(place)
        rows.append({"id": due.sku_id, "inventory": places})
    return rows


def _outcome(due: Due, error: StockError | None, stray: StockError | None) -> Outcome:
    """A SKU without an error is done, provided that every error names one of ours."""
    if error is not None:
        code, message = error.code, error.message or ""
        for extra in (error.detail.extra_errors if error.detail is not None else None) or ():
            if extra.warehouse_id in (due.at.warehouse_id, "", None):
                code, message = extra.code, extra.message or ""
        return Outcome(Verdict.REFUSED, cause_of(code, message))
    if stray is not None:
        # An error of nobody may be anybody's.
        return Outcome(Verdict.WAIT, cause_of(stray.code, stray.message or ""))
    return Outcome(Verdict.DONE)

"""Lazada's desk for stock: what shall be sellable, twenty SKUs a call, the refused ones named by the seller's code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shoptui.adapters.base import AdapterError, Rejected, Verdict
from shoptui.adapters.desks import Outcome
from shoptui.adapters.lazada.client import ShopClient
from shoptui.adapters.lazada.errors import with_their_words
from shoptui.adapters.lazada.stock import LazadaStock
from shoptui.adapters.lazada.stock_wire import FailedSku, payload, read_failed
from shoptui.adapters.stock_desk import Due, StockDesk
from shoptui.domain.intents import Cause, CauseId
from shoptui.domain.stores import Store

#: SKUs in one call: fifty are allowed, twenty advised (sheet, section 5.5).
SKUS_MAX = 20

_WORDS: tuple[tuple[re.Pattern[str], CauseId, str], ...] = (
    (
        re.compile(r"channel|campaign|4170"),
        CauseId.BELOW_FLOOR,
        "A campaign holds this stock; no less can be written until it ends.",
    ),
    (re.compile(r"not.?found|not.?belong"), CauseId.LISTING_GONE, "Lazada does not know this SKU; read it again."),
    (re.compile(r"warehouse"), CauseId.WAREHOUSE, "Lazada does not take stock for this warehouse; read it again."),
    (re.compile(r"bundle|auction|cannot be edited"), CauseId.STOCK_LOCKED, "Lazada lets nobody write this stock now."),
    (re.compile(r"negative|quantity"), CauseId.QUANTITY, "Lazada does not take this quantity."),
)


class LazadaStockDesk(StockDesk):
    """Sets stock (product, UpdateSellableQuantity): absolute, never by how much."""

    skus_max = SKUS_MAX
    of_one_product = False
    # Twenty SKUs each, all of which are read before.
    calls_max = 8

    def __init__(self, client: ShopClient, stock: LazadaStock) -> None:
        super().__init__(stock, client.clock)
        self._client = client
        self._listings = stock

    async def write(self, store: Store, dues: Sequence[Due]) -> Sequence[Outcome]:
        failed = await self._client.post(
            store,
            "/product/stock/sellable/update",
            read_failed,
            feed="set_stock",
            fields={"payload": payload(_skus(dues))},
            write=True,
        )
        if not failed:
            return [Outcome(Verdict.DONE) for _ in dues]
        codes = {due.listing_id: self._listings.code_of(store, due.listing_id) for due in dues}
        named = {row.seller_sku: row for row in failed if row.seller_sku}
        if len(codes) == 1:
            return [Outcome(Verdict.REFUSED, _cause(failed[0])) for _ in dues]
        # A code names one listing only where no other in the call has it too.
        counts = [*codes.values()]
        sure = {
            listing_id: named[code] for listing_id, code in codes.items() if code in named and counts.count(code) == 1
        }
        return await self._told(store, dues, sure)

    def refusal(self, rejected: Rejected) -> Outcome:
        return Outcome(Verdict.REFUSED, rejected.cause)

    async def _told(self, store: Store, dues: Sequence[Due], sure: dict[str, FailedSku]) -> list[Outcome]:
        """Each outcome of a call that failed for some: who is not named may be written or not, so it is looked at."""
        rest = [due for due in dues if due.listing_id not in sure]
        shown: dict[tuple[str, str], int] = {}
        if rest:
            try:
                reading = await self._stock.by_id(store, list(dict.fromkeys(due.listing_id for due in rest)))
            except AdapterError as error:
                lost = Outcome(Verdict.WAIT, Cause(CauseId.ANSWER_LOST, error.code, error.message))
                return [_named(sure[due.listing_id]) if due.listing_id in sure else lost for due in dues]
            shown = {(one.listing_id, at.warehouse_id): at.shows for one in reading.stocks for at in one.stock}
        outcomes: list[Outcome] = []
        for due in dues:
            if due.listing_id in sure:
                outcomes.append(_named(sure[due.listing_id]))
            elif shown.get((due.listing_id, due.at.warehouse_id)) == due.change.shows:
                outcomes.append(Outcome(Verdict.DONE))
            else:
                cause = Cause(CauseId.OTHER, "501", "Lazada refused some of the call and does not say which.")
                outcomes.append(Outcome(Verdict.REFUSED, cause, whole_call=True))
        return outcomes


def _skus(dues: Sequence[Due]) -> list[tuple[str, str, dict[str, int]]]:
    found: dict[str, tuple[str, str, dict[str, int]]] = {}
    for due in dues:
        sku = found.setdefault(due.listing_id, (due.product_id, due.sku_id, {}))
        sku[2][due.at.warehouse_id] = due.change.shows
    return list(found.values())


def _named(row: FailedSku) -> Outcome:
    return Outcome(Verdict.REFUSED, _cause(row))


def _cause(row: FailedSku) -> Cause:
    words = (row.message or "").lower()
    for pattern, cause, sentence in _WORDS:
        if pattern.search(words):
            return Cause(cause, "501", with_their_words(sentence, row.message or ""))
    return Cause(CauseId.OTHER, "501", with_their_words("Lazada refused.", row.message or ""))

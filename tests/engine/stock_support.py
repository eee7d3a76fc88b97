"""What tests of stock share: an engine that has read listings, a house that was counted, pushes as they are ordered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shoptui.domain.intents import Intent
from shoptui.domain.shares import ShareRule
from shoptui.domain.stock import StockChange
from shoptui.domain.verbs import write_args
from shoptui.engine.requests import Session
from shoptui.engine.stock_admission import silent_stores
from shoptui.queries.sorting import StockSort
from shoptui.queries.stock import PoolRow
from shoptui.queries.stock_filter import parse_stock
from shoptui.queries.stock_preview import PushPreview, push_preview
from shoptui.sandbox.settings import TIGHT
from shoptui.sandbox.stock_report import stock_report
from shoptui.store.reader import Reader
from tests.engine.desk_support import MEI, EngineDesk
from tests.engine.support import bench


class Stocked(EngineDesk):
    """A bench whose engine has read all orders and listings."""

    async def rows(self, text: str = "") -> list[PoolRow]:
        """The list's rows for a filter, in its order, as a cockpit reads them."""
        now = self.now()
        async with await Reader.open(self.made.data_dir) as reader:
            found = await reader.stock.index(parse_stock(text), StockSort.parse("next"), now=now, operator="mei")
            return await reader.stock.rows(found.ids)

    async def row(self, sku: str) -> PoolRow:
        (found,) = [row for row in await self.rows() if row.sku == sku]
        return found

    async def count_all(self) -> None:
        """Count the whole house as it truly is."""
        counts = [{"sku": pool["sku"], "counted": max(pool["hand"], 0)} for pool in self.report()["pools"]]
        await self.ask("stock_count", counts=counts, source="file count.csv")

    def report(self) -> Mapping[str, Any]:
        return stock_report(self.live.world)

    def truth(self, sku: str) -> Mapping[str, Any]:
        """What the house and the marketplaces really have of a code."""
        found: Mapping[str, Any] = next(pool for pool in self.report()["pools"] if pool["sku"] == sku)
        return found

    async def preview(self, skus: Sequence[str] = (), rule: ShareRule | None = None) -> PushPreview:
        """What the strip shows for these codes, all without any."""
        wanted = [row.row_id for row in await self.rows() if not skus or row.sku in skus]
        now, config = self.now(), self.engine.house.config.stock
        async with await Reader.open(self.made.data_dir) as reader:
            found = await reader.stock.candidates(wanted, now, silent_stores(self.engine), config.share_rule())
        markets = {store.store_id: store.marketplace for store in self.made.stores}
        return push_preview(found, float(config.gap_s), markets, rule)

    async def push(self, preview: PushPreview, batch_id: str = "p1", **fields: Any) -> dict[str, Any]:
        """Order what a preview shows, as F9 does."""
        items = [
            {
                "store_id": target.store_id,
                "order_no": "",
                "target_kind": "listing",
                "target_id": target.target_id,
                "args": write_args(preview.args(target)),
            }
            for target in preview.ready
        ]
        return await self.ask("order", verb="set_stock", batch_id=batch_id, intents=items, **fields)

    async def set(
        self, target: tuple[str, str], change: StockChange, batch_id: str = "s1", session: Session = MEI
    ) -> dict[str, Any]:
        """Order one listing to show a number."""
        item = {
            "store_id": target[0],
            "target_kind": "listing",
            "target_id": target[1],
            "args": write_args(change),
        }
        return await self.ask("order", session, verb="set_stock", batch_id=batch_id, intents=[item])

    async def batch(self, batch_id: str = "p1") -> list[Intent]:
        return await super().batch(batch_id)

    async def over(self, seconds: int = 11) -> None:
        """Let the hold pass and everything that follows from it happen."""
        for _ in range(seconds + 6):
            self.made.advance(1)
            await self.settle()

    def writes(self) -> list[Mapping[str, Any]]:
        """Every number that the sandbox took and that was another before, by its journal."""
        return [entry for entry in self.live.journal() if entry["effect"] == "applied" and _changes(entry)]


def _changes(entry: Mapping[str, Any]) -> bool:
    if entry["op"] != "set_stock":
        return False
    before, _, after = str(entry["text"]).partition(">")
    # Where all warehouses of a SKU go in one call, the others are sent as they are.
    return before != after


def went_up(entry: Mapping[str, Any]) -> bool:
    """Whether a write of the journal raised a number."""
    before, after = map(int, str(entry["text"]).split(">"))
    return after > before


def own_offer(pool: Mapping[str, Any]) -> int:
    """What buyers can order of a pool from the house's own warehouses."""
    live = [one for one in pool["listings"] if one["state"] == "live"]
    return sum(units for one in live for units in one["warehouses"].values())


@asynccontextmanager
async def stocked(root: Path, *, skus: int = 8, stores: int = 3, **how: Any) -> AsyncIterator[Stocked]:
    """A bench with little stock, read once and counted."""
    async with bench(root, orders=60, skus=skus, stores=stores, stock=TIGHT, **how) as made:
        engine = await made.engine()
        found = Stocked(made, engine)
        await made.synced(engine)
        await found.settle()
        await found.count_all()
        yield found

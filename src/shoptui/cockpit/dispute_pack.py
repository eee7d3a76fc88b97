"""Making dispute packs in the cockpit: what the house knows of the orders is gathered, then written, one per store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shoptui.cockpit.label_files import LabelFile
from shoptui.cockpit.money_list import domain_store
from shoptui.dispute_files import EVIDENCE_FOLDER, PackError, folder_name, free_folder, safe_name, write_pack
from shoptui.domain.disputes import ARGUED, DisputePack, Evidence, Language
from shoptui.domain.negative import day_of
from shoptui.domain.orders import Order
from shoptui.queries.dispute_pack import packed
from shoptui.queries.money import AnomalyRow, LineRow
from shoptui.queries.return_filter import parse_returns
from shoptui.queries.sorting import ReturnSort
from shoptui.queries.types import StoreRow
from shoptui.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Gathered:
    """What goes into the pack of one store. `rows` are those that can be claimed; `parcels` (store, package) may have
    labels here."""

    store: StoreRow
    rows: tuple[AnomalyRow, ...]
    orders: Mapping[str, Order]
    settled: Mapping[str, Sequence[LineRow]]
    returns: Mapping[str, Sequence[Evidence]]

    @property
    def parcels(self) -> list[tuple[str, str]]:
        return [
            (self.store.store_id, package.package_id) for order in self.orders.values() for package in order.packages
        ]


@dataclass(frozen=True, slots=True)
class Written:
    """A pack that lies in `folder`: of which rows, and what it claims (minor units of the store's currency)."""

    store_id: str
    folder: Path
    rows: tuple[AnomalyRow, ...]
    pack: DisputePack


def claimable(row: AnomalyRow) -> bool:
    """Whether money is missing by it and nobody disputes it already."""
    return row.anomaly.difference.minor < 0 and row.dispute_state not in ARGUED


async def gather(reader: Reader, store: StoreRow, rows: Sequence[AnomalyRow], now: int, operator: str) -> Gathered:
    """Read what the house has of the orders of one store's differences."""
    order_rows = [row.order_row for row in rows if row.order_row is not None]
    orders: dict[str, Order] = {}
    for row_id in dict.fromkeys(order_rows):
        detail = await reader.order(row_id, now)
        if detail is not None:
            orders[detail.order.order_no] = detail.order
    settled: dict[str, Sequence[LineRow]] = {}
    returns: dict[str, Sequence[Evidence]] = {}
    for order_no in dict.fromkeys(row.anomaly.order_no for row in rows if row.anomaly.order_no):
        settled[order_no] = await reader.money.lines_of_order(store.store_id, order_no)
        query = parse_returns(f"store:{store.store_id} order:{order_no}")
        found = await reader.returns.index(query, ReturnSort.parse("next"), now=now, operator=operator)
        asked = await reader.returns.rows(found.ids, now)
        returns[order_no] = [
            Evidence("return", f"{one.return_id}: {one.ask.value}, {one.state.value}") for one in asked
        ]
    return Gathered(store, tuple(rows), orders, settled, returns)


async def write(gathered: Gathered, labels: Sequence[LabelFile], parent: Path, language: Language, now: int) -> Written:
    """Write a store's pack into a folder of its own. Raises PackError with a sentence when that cannot be done."""
    store = gathered.store
    copies: dict[str, bytes] = {}
    evidence: dict[str, list[Evidence]] = {number: list(found) for number, found in gathered.returns.items()}
    for label in labels:
        if label.store_id != store.store_id:
            continue
        name = safe_name(f"label-{label.order_no}-{label.package_id}.{label.format}")
        copies[name] = label.content
        evidence.setdefault(label.order_no, []).append(Evidence("label", name, f"{EVIDENCE_FOLDER}/{name}"))
    domain = domain_store(store)
    pack = packed(domain, gathered.rows, gathered.orders, gathered.settled, evidence, now)

    def put() -> Path:
        folder = free_folder(parent, folder_name(store.store_id, day_of(domain, now).isoformat()))
        write_pack(pack, folder, language, store.time_zone, copies)
        return folder

    try:
        folder = await asyncio.to_thread(put)
    except OSError as error:
        raise PackError(f"{parent} cannot be written: {error.strerror or error}.") from error
    return Written(store.store_id, folder, tuple(row for row in gathered.rows if claimable(row)), pack)

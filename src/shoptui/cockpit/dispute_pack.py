"""Making dispute packs in the cockpit: what the house knows of the orders is gathered, then written, one per store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from shoptui.cockpit.label_files import LabelFile
from shoptui.cockpit.money_list import domain_store
from shoptui.dispute_files import EVIDENCE_FOLDER, PackError, folder_name, free_folder, safe_name, write_pack
from shoptui.domain.anomalies import CLAIMED, AnomalyKind
from shoptui.domain.disputes import ARGUED, DisputePack, Evidence, Language
from shoptui.domain.negative import day_of
from shoptui.domain.orders import HistoryEvent, Order
from shoptui.domain.records import dataclass
from shoptui.queries.dispute_pack import packed
from shoptui.queries.money import AnomalyRow, LineRow
from shoptui.queries.returns import ReturnDetail
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
    events: Mapping[str, Sequence[HistoryEvent]]

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

    @property
    def claims(self) -> list[dict[str, str]]:
        """What of it the house claims by itself, as the engine is told."""
        return [
            {
                "order_no": row.anomaly.order_no,
                "return_id": row.about if row.anomaly.kind is AnomalyKind.RETURN_LOSS else "",
            }
            for row in self.rows
            if row.anomaly.kind in CLAIMED
        ]


def claimable(row: AnomalyRow) -> bool:
    """Whether money is missing by it and nobody disputes it already."""
    return row.anomaly.difference.minor < 0 and row.dispute_state not in ARGUED


async def gather(reader: Reader, store: StoreRow, rows: Sequence[AnomalyRow], now: int) -> Gathered:
    """Read what the house has of the orders of one store's differences."""
    order_rows = [row.order_row for row in rows if row.order_row is not None]
    orders: dict[str, Order] = {}
    for row_id in dict.fromkeys(order_rows):
        if (sold := await reader.order(row_id, now)) is not None:
            orders[sold.order.order_no] = sold.order
    settled: dict[str, Sequence[LineRow]] = {}
    returns: dict[str, Sequence[Evidence]] = {}
    events: dict[str, Sequence[HistoryEvent]] = {}
    for order_no in dict.fromkeys(row.anomaly.order_no for row in rows if row.anomaly.order_no):
        settled[order_no] = await reader.money.lines_of_order(store.store_id, order_no)
        asked = [
            detail
            for row_id in await reader.returns.of_order(store.store_id, order_no)
            if (detail := await reader.returns.detail(row_id, now)) is not None
        ]
        returns[order_no] = [evidence for detail in asked for evidence in _of_return(detail)]
        events[order_no] = [
            HistoryEvent(event.at, "return", f"{event.who}: {event.what}")
            for detail in asked
            for event in detail.events
        ]
    return Gathered(store, tuple(rows), orders, settled, returns, events)


def _of_return(detail: ReturnDetail) -> list[Evidence]:
    """What supports a claim about a return. The buyer's own words stay out: they may name people."""
    request = detail.request
    said = ", ".join(filter(None, (request.ask.value, request.state.value, request.reason)))
    found = [Evidence("return", f"{request.return_id}: {said}")]
    found += [Evidence("picture", link, link) for link in request.evidence]
    if request.tracking_number:
        carrier = f" ({request.carrier_name})" if request.carrier_name else ""
        found.append(Evidence("back", f"{request.tracking_number}{carrier}"))
    for check in detail.checks:
        note = f" ({check.note})" if check.note else ""
        found.append(Evidence("check", f"{check.condition.value.replace('_', ' ')}{note}"))
    return found


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
    pack = packed(domain, gathered.rows, gathered.orders, gathered.settled, evidence, now, gathered.events)

    def put() -> Path:
        folder = free_folder(parent, folder_name(store.store_id, day_of(domain, now).isoformat()))
        write_pack(pack, folder, language, store.time_zone, copies)
        return folder

    try:
        folder = await asyncio.to_thread(put)
    except OSError as error:
        raise PackError(f"{parent} cannot be written: {error.strerror or error}.") from error
    return Written(store.store_id, folder, tuple(row for row in gathered.rows if claimable(row)), pack)

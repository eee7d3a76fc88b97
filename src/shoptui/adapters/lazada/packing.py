"""Lazada's package calls: packing units, declaring packages ready, both many at once (sheet, sections 7.1 and 7.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoptui.adapters.base import AdapterError, Rejected, Verdict
from shoptui.adapters.calls import packed_json
from shoptui.adapters.desks import Outcome
from shoptui.adapters.http import Answer
from shoptui.adapters.lazada.client import ShopClient, numbers
from shoptui.adapters.lazada.desk_calls import Goal, call_refused, row_outcome
from shoptui.adapters.lazada.errors import row_cause
from shoptui.adapters.lazada.ventures import ALLOCATION
from shoptui.adapters.lazada.wire import Carriers, PackageRow, PackageRows, Packed, PackedItem, read_result
from shoptui.adapters.singles import may_have_happened
from shoptui.domain.intents import Cause, CauseId
from shoptui.domain.stores import Store

#: Orders or packages in one call (documented).
BATCH_MAX = 20

_LOCAL = "TFS"


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The state did not allow the step; `cause` is why, should nothing better be found by reading."""

    cause: Cause


#: What packing one parcel came to: Lazada's package numbers, an end, or the need to look again.
PackResult = tuple[str, ...] | Outcome | LookAgain


class Packer:
    """The package calls of one app's stores. Nothing is repeated here."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def pack(self, store: Store, goals: Sequence[Goal]) -> list[PackResult]:
        """Pack each goal's units into parcels of their own, in the order of the goals.

        Raises AdapterError when a call got no answer; what was packed before it stays packed.
        """
        results: dict[int, PackResult] = {}
        for wave in _waves(goals):
            results.update(await self._pack_wave(store, wave))
        return [results[place] for place in range(len(goals))]

    async def ready(self, store: Store, package_nos: Sequence[str]) -> dict[str, Outcome | LookAgain]:
        """Declare packages ready to ship.

        Raises AdapterError when no call was answered; where only some were, the others' packages WAIT.
        """
        wanted = list(dict.fromkeys(package_nos))
        results: dict[str, Outcome | LookAgain] = {}
        failures: dict[str, AdapterError] = {}
        for start in range(0, len(wanted), BATCH_MAX):
            chunk = wanted[start : start + BATCH_MAX]
            try:
                results.update(await self._ready_some(store, chunk))
            except Rejected as refusal:
                results.update(dict.fromkeys(chunk, call_refused(refusal, several=len(chunk) > 1)))
            except AdapterError as error:
                failures.update(dict.fromkeys(chunk, error))
        if failures and not results:
            raise next(filter(may_have_happened, failures.values()), next(iter(failures.values())))
        for package_no, failure in failures.items():
            results[package_no] = Outcome(Verdict.WAIT, Cause(CauseId.UNREACHABLE, failure.code, failure.message))
        return results

    async def _pack_wave(self, store: Store, wave: Mapping[int, Goal]) -> Mapping[int, PackResult]:
        request: dict[str, object] = {
            "pack_order_list": [
                {
                    "order_id": numbers([goal.order_no])[0],
                    "order_item_list": numbers([unit.order_item_id for unit in goal.kept]),
                }
                for goal in wave.values()
            ],
            "delivery_type": "dropship",
            "shipping_allocate_type": store.wire.get(ALLOCATION, _LOCAL),
        }
        try:
            if store.wire.get(ALLOCATION, _LOCAL) != _LOCAL:
                # Only cross-border parcels name their carrier; for local ones Lazada refuses one (sheet, section 7.1).
                request["shipment_provider_code"] = await self._carrier_code(store, list(wave.values()))
            packed = await self._client.post(
                store,
                "/order/fulfill/pack",
                _read_packed,
                feed="ship",
                fields={"packReq": packed_json(request)},
                write=True,
            )
        except Rejected as refusal:
            return dict.fromkeys(wave, call_refused(refusal, several=len(wave) > 1))
        rows = {row.order_item_id: row for order in packed.pack_order_list or () for row in order.order_item_list or ()}
        return {place: _packed_as(goal, rows) for place, goal in wave.items()}

    async def _ready_some(self, store: Store, package_nos: Sequence[str]) -> Mapping[str, Outcome | LookAgain]:
        request = {"packages": [{"package_id": package_no} for package_no in package_nos]}
        answered = await self._client.post(
            store,
            "/order/package/rts",
            _read_packages,
            feed="ship",
            fields={"readyToShipReq": packed_json(request)},
            write=True,
        )
        rows = {row.package_id: row for row in answered.packages or ()}
        return {package_no: _ready_as(rows.get(package_no)) for package_no in package_nos}

    async def _carrier_code(self, store: Store, goals: Sequence[Goal]) -> str:
        request = {
            "orders": [
                {
                    "order_id": numbers([goal.order_no])[0],
                    "order_item_ids": numbers([unit.order_item_id for unit in goal.kept]),
                }
                for goal in goals
            ]
        }
        found = await self._client.get(
            store,
            "/order/shipment/providers/get",
            _read_carriers,
            feed="ship",
            params={"getShipmentProvidersReq": packed_json(request)},
        )
        code = next((carrier.provider_code for carrier in found.shipment_providers or () if carrier.provider_code), "")
        if not code:
            words = "Lazada names no cross-border carrier for these parcels; ship them in Seller Center."
            raise Rejected(Cause(CauseId.NO_SERVICE, "", words))
        return code


def _waves(goals: Sequence[Goal]) -> list[dict[int, Goal]]:
    """Goals by place, cut into calls: no order twice in a call, so that its parcels stay apart."""
    waves: list[dict[int, Goal]] = []
    for place, goal in enumerate(goals):
        for wave in waves:
            if len(wave) < BATCH_MAX and all(other.order_no != goal.order_no for other in wave.values()):
                wave[place] = goal
                break
        else:
            waves.append({place: goal})
    return waves


def _packed_as(goal: Goal, rows: Mapping[str, PackedItem]) -> PackResult:
    """One goal's rows together. A parcel of which a part could not be packed does not go: a person looks at it."""
    packages: list[str] = []
    refusal: Outcome | None = None
    look: LookAgain | None = None
    for unit in goal.kept:
        row = rows.get(unit.order_item_id)
        if row is None:
            return Outcome(Verdict.WAIT, Cause(CauseId.UNREACHABLE, "", "Lazada did not answer for every item."))
        outcome = row_outcome(row.item_err_code, row.msg, row.retry)
        if outcome is None:
            look = LookAgain(row_cause(row.item_err_code or "", row.msg or ""))
        elif outcome.verdict is Verdict.DONE and row.package_id:
            packages.append(row.package_id)
        elif outcome.verdict is Verdict.DONE:
            return Outcome(Verdict.WAIT, Cause(CauseId.NOT_READY, "", "Lazada packed an item but named no package."))
        elif refusal is None or refusal.verdict is Verdict.WAIT:
            refusal = outcome
    if refusal is not None:
        return refusal
    return look or tuple(dict.fromkeys(packages))


def _ready_as(row: PackageRow | None) -> Outcome | LookAgain:
    if row is None:
        return Outcome(Verdict.WAIT, Cause(CauseId.UNREACHABLE, "", "Lazada did not answer for this package."))
    outcome = row_outcome(row.item_err_code, row.msg, row.retry)
    return LookAgain(row_cause(row.item_err_code or "", row.msg or "")) if outcome is None else outcome


def _read_packed(answer: Answer) -> Packed:
    return read_result(answer, Packed)


def _read_packages(answer: Answer) -> PackageRows:
    return read_result(answer, PackageRows)


def _read_carriers(answer: Answer) -> Carriers:
    return read_result(answer, Carriers)

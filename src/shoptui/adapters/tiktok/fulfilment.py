"""Reading TikTok Shop's packages: their details, pick-up slots and carrier events."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shoptui.adapters.base import AdapterError, HandoverOptions, Rejected, Unsupported
from shoptui.adapters.http import Answer
from shoptui.adapters.tiktok import markets
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.mapping import to_event, with_package
from shoptui.adapters.tiktok.wire import PackageAnswer, PackageDetail, SlotsAnswer, TrackingAnswer, read_envelope
from shoptui.domain.intents import Cause, CauseId
from shoptui.domain.orders import HistoryEvent, Order, Slot
from shoptui.domain.stores import Store

# Package details asked for at once; the rate limit holds all the same.
_AT_ONCE = 8


class Fulfilment:
    """What the fulfilment endpoints show of one app's stores."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def with_packages(self, store: Store, order: Order) -> Order:
        """The order with every package's detail."""
        package_ids = [package.package_id for package in order.packages]
        for detail in await self.details(store, package_ids, feed="packages"):
            if isinstance(detail, Rejected):
                raise detail
            order = with_package(order, detail)
        return order

    async def handover_options(self, store: Store, package_id: str) -> HandoverOptions | Unsupported:
        if not package_id:
            return Unsupported("This order has no package yet, so there are no pick-up times to choose from.")
        data = (
            await self._client.call(
                store,
                "package.slots",
                "GET",
                f"/fulfillment/202309/packages/{segment(package_id)}/handover_time_slots",
                lambda answer: read_envelope(answer, SlotsAnswer),
                feed="slots",
            )
        ).data
        if data is None:
            return Unsupported("TikTok Shop names no way to hand this package over.")
        slots = tuple(
            Slot(slot.start_time, slot.end_time, available=slot.avaliable is not False)
            for slot in data.pickup_slots or ()
        )
        return HandoverOptions(
            can_pickup=bool(data.can_pickup),
            can_drop_off=bool(data.can_drop_off),
            slots=tuple(sorted(slots, key=lambda slot: slot.start_at)),
            honoured=store.region not in markets.SEA,
        )

    async def tracking(self, store: Store, order_no: str) -> Sequence[HistoryEvent]:
        data = (
            await self._client.call(
                store,
                "order.tracking",
                "GET",
                f"/fulfillment/202309/orders/{segment(order_no)}/tracking",
                lambda answer: read_envelope(answer, TrackingAnswer),
                feed="tracking",
            )
        ).data
        events = [to_event(event) for event in (data.tracking if data else None) or ()]
        return sorted(events, key=lambda event: event.at)

    async def details(
        self, store: Store, package_ids: Sequence[str], *, feed: str
    ) -> Sequence[PackageDetail | Rejected]:
        """The packages' details, in order; what TikTok Shop refuses to show stands as its refusal."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(package_id: str) -> PackageDetail | Rejected:
            async with gate:
                try:
                    return await self._client.call(
                        store,
                        "package.detail",
                        "GET",
                        f"/fulfillment/202309/packages/{segment(package_id)}",
                        _package_detail,
                        feed=feed,
                    )
                except Rejected as refusal:
                    return refusal

        failure: AdapterError | None = None
        tasks: list[asyncio.Task[PackageDetail | Rejected]] = []
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(package_id)) for package_id in package_ids]
        except* AdapterError as failures:
            failure = _first(failures)
        if failure is not None:
            raise failure
        return [task.result() for task in tasks]


def _first(failures: BaseExceptionGroup[AdapterError]) -> AdapterError:
    """One error for the caller: the group's members all come from the same store and moment."""
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _package_detail(answer: Answer) -> PackageDetail:
    data = read_envelope(answer, PackageAnswer).data
    if data is None:
        raise Rejected(Cause(CauseId.NOT_OURS, "", "TikTok Shop shows nothing of this package."))
    return data

"""Reading Shopee's packages: details, tracking numbers, events, and the channels they go by."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ValidationError

from shoptui.adapters.base import AdapterError, AuthError, Malformed, RateLimited, Rejected, Temporary
from shoptui.adapters.http import Answer
from shoptui.adapters.records import Id, NoneOnError, Seconds, Text, Wire, Yes
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.wire import PackageDetail, WholeAnswer, read_either, read_response, read_whole
from shoptui.domain.intents import CauseId
from shoptui.domain.orders import HistoryEvent
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell

#: Documented limit of every call that takes several packages (sheet, sections 5.1 and 6.2).
PACKAGES_MAX = 50

#: How long the state of a package may lag behind its arrangement, at most (sheet, section 5.8).
STATE_LAG_S = 20 * 60

#: How long the list of channels is kept; sellers open and close channels rarely.
_CHANNELS_KEPT_S = 3600
#: After a reading that failed, or met a channel the list does not have, this long before the next.
_CHANNELS_AGAIN_S = 300


class _Details(Wire):
    package_list: list[PackageDetail] | None = None


_WholeDetails = WholeAnswer[_Details]


class LooseDetails(Wire):
    package_list: list[Any] | None = None


class TrackedPackage(Wire):
    package_number: Id
    tracking_number: Text = None


class TrackedPackages(Wire):
    success_list: list[TrackedPackage] | None = None


class TrackingEvent(Wire):
    update_time: Seconds
    description: Text = None
    logistics_status: Text = None


class TrackingInfo(Wire):
    tracking_info: list[TrackingEvent] | None = None


class Capability(Wire):
    seller_logistics: Yes = None


class Channel(Wire):
    logistics_channel_id: Id
    logistics_channel_name: Text = None
    enabled: Yes = None
    logistics_capability: Annotated[Capability | None, NoneOnError()] = None


class ChannelList(Wire):
    logistics_channel_list: list[Channel] | None = None


@dataclass(slots=True)
class _Channels:
    own: frozenset[str]
    known: frozenset[str]
    read_at: float


class Parcels:
    """What the package endpoints show of one app's stores."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client
        self._channels: dict[str, _Channels] = {}
        self._channels_failed_at: dict[str, float] = {}
        self._reading: dict[str, asyncio.Lock] = {}
        self._arranged: dict[tuple[str, str], float] = {}

    async def details(self, store: Store, numbers: Sequence[str], *, feed: str) -> dict[str, PackageDetail]:
        """The packages by number; those Shopee does not show are missing."""
        found: dict[str, PackageDetail] = {}
        wanted = list(dict.fromkeys(number for number in numbers if number))
        for start in range(0, len(wanted), PACKAGES_MAX):
            found.update(await self._some(store, wanted[start : start + PACKAGES_MAX], feed))
        return found

    def note_arranged(self, store: Store, number: str) -> None:
        """Shopee has said that it arranged the package, which it shows up to 20 minutes later."""
        now = self._client.clock.now()
        self._arranged = {key: until for key, until in self._arranged.items() if until > now}
        self._arranged[store.store_id, number] = now + STATE_LAG_S

    def arranged(self, store: Store) -> frozenset[str]:
        """The packages whose arrangement may not show yet."""
        now = self._client.clock.now()
        return frozenset(
            number for (store_id, number), until in self._arranged.items() if store_id == store.store_id and until > now
        )

    async def tracking_numbers(self, store: Store, numbers: Sequence[str], *, feed: str) -> dict[str, str]:
        """The tracking numbers there are; a package whose carrier has not answered yet is missing."""
        body = {"package_list": [{"package_number": number} for number in numbers]}

        def read(answer: Answer) -> TrackedPackages:
            return read_response(answer, TrackedPackages)

        try:
            found = await self._client.post(store, "/logistics/get_mass_tracking_number", read, feed=feed, body=body)
        except Rejected:
            # Refused as a whole, for the sake of one of them perhaps; the packages' own records have numbers too.
            details = await self.details(store, numbers, feed=feed)
            return {number: detail.tracking_number for number, detail in details.items() if detail.tracking_number}
        return {row.package_number: row.tracking_number for row in found.success_list or () if row.tracking_number}

    async def events(self, store: Store, order_no: str, package_number: str) -> list[HistoryEvent]:
        """The carrier's events of one package; `package_number` "" for the only one of an order."""
        params = {"order_sn": order_no, "package_number": package_number}

        def read(answer: Answer) -> TrackingInfo:
            return read_response(answer, TrackingInfo)

        info = await self._client.get(store, "/logistics/get_tracking_info", read, feed="tracking", params=params)
        return [
            HistoryEvent(event.update_time, "carrier", sanitise_cell(event.description or event.logistics_status or ""))
            for event in info.tracking_info or ()
        ]

    async def own_channels(self, store: Store, seen: frozenset[str] = frozenset()) -> frozenset[str] | None:
        """The channels by which sellers ship with a carrier of their own; None while Shopee does not tell.

        `seen` are channels of orders at hand: one the list does not have makes it be read anew.
        """
        async with self._reading.setdefault(store.store_id, asyncio.Lock()):
            now = self._client.clock.wire_now()
            held = self._channels.get(store.store_id)
            age_s = now - held.read_at if held is not None else float("inf")
            fresh_s = _CHANNELS_AGAIN_S if held is not None and not seen <= held.known else _CHANNELS_KEPT_S
            failed_s = now - self._channels_failed_at.get(store.store_id, float("-inf"))
            if age_s > fresh_s and failed_s > _CHANNELS_AGAIN_S:
                try:
                    held = self._channels[store.store_id] = await self._read_channels(store, now)
                except (AuthError, RateLimited, Temporary):
                    raise
                except AdapterError:
                    # Orders are worth reading without it: which of them go by an own carrier is then not known.
                    self._channels_failed_at[store.store_id] = now
        return held.own if held is not None else None

    async def _read_channels(self, store: Store, now: float) -> _Channels:
        def read(answer: Answer) -> ChannelList:
            return read_either(answer, ChannelList)

        found = await self._client.get(store, "/logistics/get_channel_list", read, feed="channels")
        channels = found.logistics_channel_list or ()
        own = frozenset(
            each.logistics_channel_id
            for each in channels
            if each.logistics_capability is not None and each.logistics_capability.seller_logistics
        )
        return _Channels(own, frozenset(each.logistics_channel_id for each in channels), now)

    async def _some(self, store: Store, numbers: Sequence[str], feed: str) -> Mapping[str, PackageDetail]:
        """One call's packages. A number Shopee does not know spoils the whole call, so it is halved until found."""
        try:
            return await self._client.get(
                store,
                "/order/get_package_detail",
                _read_details,
                feed=feed,
                params={"package_number_list": ",".join(numbers)},
            )
        except Rejected as refusal:
            if len(numbers) == 1 or refusal.cause.id not in {CauseId.NOT_OURS, CauseId.OTHER}:
                if refusal.cause.id is CauseId.NOT_OURS:
                    return {}
                raise
        half = len(numbers) // 2
        return {**await self._some(store, numbers[:half], feed), **await self._some(store, numbers[half:], feed)}


def _read_details(answer: Answer) -> Mapping[str, PackageDetail]:
    """The packages of an answer; one that cannot be read is missing, so that its order is shown without it."""
    if (whole := read_whole(answer, _WholeDetails)) is not None:
        return {detail.package_number: detail for detail in whole.package_list or ()}
    found: dict[str, PackageDetail] = {}
    rows = read_response(answer, LooseDetails).package_list
    if rows is None:
        return found
    unreadable = 0
    for row in rows:
        try:
            detail = PackageDetail.model_validate(row)
        except ValidationError:
            unreadable += 1
            continue
        found[detail.package_number] = detail
    if rows and unreadable == len(rows):
        raise Malformed("Shopee's package details cannot be read", effect=answer.call.lost)
    return found

"""The calls by which Shopee arranges shipment: asking how a parcel may go, and sending it off, one or many at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from shoptui.adapters.base import Rejected
from shoptui.adapters.http import Answer
from shoptui.adapters.shopee.client import ShopClient
from shoptui.adapters.shopee.errors import last_segment
from shoptui.adapters.shopee.handover import Handover, Parameters
from shoptui.adapters.shopee.wire import MassResult, Nothing, read_lists, read_response
from shoptui.domain.stores import Store

T = TypeVar("T")

#: Parcels in one mass call, all of one channel and one warehouse (sheet, section 6.2).
MASS_MAX = 50

_WANTS_NUMBER = "ship_order_need_pacakge_number"
_WANTS_NO_NUMBER = "ship_order_not_need_pacakge_number"


class MassParameters(Parameters, MassResult):
    """What the parcels of a group have in common, and which of them can go."""


class ShippingCalls:
    """The logistics endpoints of arranging."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def parameters(
        self, store: Store, order_no: str, package_id: str, *, is_split: bool, feed: str
    ) -> Parameters:
        """How one parcel may go. Raises Rejected, also for a parcel that is arranged already."""

        def read(answer: Answer) -> Parameters:
            return read_response(answer, Parameters)

        async def ask(number: str) -> Parameters:
            params = {"order_sn": order_no, "package_number": number}
            return await self._client.get(store, "/logistics/get_shipping_parameter", read, feed=feed, params=params)

        return await _with_number(package_id, is_split, ask)

    async def mass_parameters(
        self, store: Store, package_ids: Sequence[str], place: Mapping[str, object]
    ) -> MassParameters:
        """How parcels of one channel and warehouse may go, and which of them may not."""

        def read(answer: Answer) -> MassParameters:
            return read_lists(answer, MassParameters)

        body = {"package_list": [{"package_number": each} for each in package_ids], **place}
        return await self._client.post(store, "/logistics/get_mass_shipping_parameter", read, feed="ship", body=body)

    async def ship(
        self, store: Store, order_no: str, package_id: str, handover: Handover, *, is_split: bool, again: bool = False
    ) -> None:
        """Arrange one parcel; `again` after a failed pick-up. Raises AdapterError."""
        path = "/logistics/update_shipping_order" if again else "/logistics/ship_order"

        def read(answer: Answer) -> Nothing:
            return read_response(answer, Nothing)

        async def ask(number: str) -> Nothing:
            # A package number is left out where it is not wanted: an empty one is refused (sheet, trap 15).
            named = {"package_number": number} if number else {}
            body = {"order_sn": order_no, **named, **handover.body()}
            return await self._client.post(store, path, read, feed="ship", body=body, write=True)

        await _with_number(package_id, is_split, ask)

    async def mass_ship(
        self, store: Store, package_ids: Sequence[str], place: Mapping[str, object], handover: Handover
    ) -> MassResult:
        """Arrange parcels of one channel and warehouse alike. Raises AdapterError when the call as a whole failed."""

        def read(answer: Answer) -> MassResult:
            return read_lists(answer, MassResult)

        body = {"package_list": [{"package_number": each} for each in package_ids], **place, **handover.body()}
        return await self._client.post(store, "/logistics/mass_ship_order", read, feed="ship", body=body, write=True)


async def _with_number(package_id: str, is_split: bool, ask: Callable[[str], Awaitable[T]]) -> T:
    """Ask with the package number where the order is split, without it elsewhere; the other way when that is refused.

    Whether an order counts as split is Shopee's to say, and a call refused for it has had no effect.
    """
    number = package_id if is_split else ""
    try:
        return await ask(number)
    except Rejected as refusal:
        code = last_segment(refusal.code)
        if code not in {_WANTS_NUMBER, _WANTS_NO_NUMBER} or (code == _WANTS_NUMBER) == bool(number):
            raise
    return await ask("" if number else package_id)

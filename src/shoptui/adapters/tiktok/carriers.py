"""The carriers TikTok Shop knows for seller shipping, which depend on an order's delivery option."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shoptui.adapters.base import AdapterError, Rejected
from shoptui.adapters.desks import Provider, Request, arguments_of
from shoptui.adapters.singles import each
from shoptui.adapters.tiktok.client import ShopClient, segment
from shoptui.adapters.tiktok.desk_wire import CarriersAnswer, DeliveryOptionsAnswer
from shoptui.adapters.tiktok.wire import read_envelope
from shoptui.domain.intents import Cause, CauseId
from shoptui.domain.stores import Store
from shoptui.domain.verbs import OwnShipping
from shoptui.text import sanitise_cell

#: What TikTok Shop takes as a tracking number (sheet, section 6.8).
_TRACKING = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{3,49}")
#: Carriers named in a refusal, so that the sentence stays readable.
_NAMED_MAX = 8


class Carriers:
    """Reads carriers by order, and finds the one an operator names."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def of_orders(self, store: Store, order_nos: Sequence[str]) -> Mapping[str, tuple[Provider, ...] | Rejected]:
        """The carriers by order number; a refusal where the order's delivery option offers none of them.

        At most as many orders as one order detail call takes.
        """
        options = await self._options(store, list(dict.fromkeys(order_nos)))
        wanted = sorted(set(options.values()) - {""})

        async def one(option_id: str) -> tuple[Provider, ...]:
            return await self._of_option(store, option_id)

        by_option: dict[str, tuple[Provider, ...] | Rejected] = {}
        for option_id, found in zip(wanted, await each(wanted, one), strict=True):
            if isinstance(found, AdapterError) and not isinstance(found, Rejected):
                raise found
            by_option[option_id] = found
        unknown = Rejected(Cause(CauseId.NOT_OURS, "", "TikTok Shop names no delivery option for this order."))
        return {order_no: by_option.get(options.get(order_no, ""), unknown) for order_no in order_nos}

    async def resolve(self, store: Store, requests: Sequence[Request]) -> list[OwnShipping | Cause]:
        """Each request's arguments with a carrier's id, or what is wrong with them.

        A carrier given by name alone is looked for among those of the order's delivery option.
        """
        chosen = [arguments_of(request, OwnShipping) for request in requests]
        unnamed = [
            request.order_no
            for request, args in zip(requests, chosen, strict=True)
            if not args.provider_id and args.provider_name
        ]
        carriers = await self.of_orders(store, unnamed) if unnamed else {}
        return [_settled(args, carriers.get(request.order_no)) for request, args in zip(requests, chosen, strict=True)]

    async def _options(self, store: Store, order_nos: Sequence[str]) -> Mapping[str, str]:
        envelope = await self._client.call(
            store,
            "order.detail",
            "GET",
            "/order/202309/orders",
            lambda answer: read_envelope(answer, DeliveryOptionsAnswer),
            feed="choices",
            params={"ids": ",".join(map(segment, order_nos))},
        )
        orders = (envelope.data.orders if envelope.data else None) or ()
        return {order.id: order.delivery_option_id or "" for order in orders}

    async def _of_option(self, store: Store, option_id: str) -> tuple[Provider, ...]:
        envelope = await self._client.call(
            store,
            "logistics.carriers",
            "GET",
            f"/logistics/202309/delivery_options/{segment(option_id)}/shipping_providers",
            lambda answer: read_envelope(answer, CarriersAnswer),
            feed="choices",
        )
        records = (envelope.data.shipping_providers if envelope.data else None) or ()
        return tuple(Provider(record.id, sanitise_cell(record.name or record.id)) for record in records)


def _settled(args: OwnShipping, carriers: tuple[Provider, ...] | Rejected | None) -> OwnShipping | Cause:
    if not _TRACKING.fullmatch(args.tracking_number):
        words = (
            "TikTok Shop takes tracking numbers of 4 to 50 letters, digits, - _ or . that begin with a letter or digit."
        )
        return Cause(CauseId.TRACKING_WRONG, "", words)
    if args.provider_id:
        return args
    if not args.provider_name:
        return Cause(CauseId.TRACKING_WRONG, "", "TikTok Shop needs the carrier; choose one of those it names.")
    if isinstance(carriers, Rejected):
        return carriers.cause
    wanted = args.provider_name.casefold().strip()
    for provider in carriers or ():
        if provider.name.casefold() == wanted:
            return OwnShipping(args.tracking_number, provider.provider_id, provider.name)
    known = ", ".join(provider.name for provider in (carriers or ())[:_NAMED_MAX])
    words = f"TikTok Shop knows no carrier {args.provider_name!r} for this order; it knows {known or 'none'}."
    return Cause(CauseId.TRACKING_WRONG, "", words)

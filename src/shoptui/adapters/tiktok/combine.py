"""TikTok Shop's desk for putting several orders of one buyer into one package."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from shoptui.adapters.base import Malformed, Rejected, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Request, arguments_of
from shoptui.adapters.singles import refused
from shoptui.adapters.tiktok import why_not
from shoptui.adapters.tiktok.client import ShopClient
from shoptui.adapters.tiktok.desk_calls import orders_of
from shoptui.adapters.tiktok.desk_wire import CombinableAnswer, CombinableGroup, CombinableGroups, CombineAnswer
from shoptui.adapters.tiktok.errors import verdict_of
from shoptui.adapters.tiktok.fulfilment import Fulfilment
from shoptui.adapters.tiktok.orders import OrderReader
from shoptui.adapters.tiktok.wire import PackageDetail, read_envelope
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order, Status
from shoptui.domain.stores import Store
from shoptui.domain.verbs import CombineChoice

#: The orders show their new common package; the old packages are gone, so a repetition is refused.
COMBINE_RULE = SettleRule(Settling.READ_BACK, first_look_s=5, give_up_s=600, resends=1)

_PAGE_MAX = 50
_PAGES_MAX = 40


class Combinable:
    """Reads which orders' packages may become one."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    async def group_of(self, store: Store, order_no: str, *, feed: str) -> CombinableGroup | None:
        """The group an order belongs to, None where it may not be combined with any other."""
        async for group in self._groups(store, feed):
            if order_no in (group.order_ids or ()):
                return group
        return None

    async def _groups(self, store: Store, feed: str) -> AsyncIterator[CombinableGroup]:
        token = ""
        for _ in range(_PAGES_MAX):
            envelope = await self._client.call(
                store,
                "package.combinable",
                "GET",
                "/fulfillment/202309/combinable_packages/search",
                lambda answer: read_envelope(answer, CombinableAnswer),
                feed=feed,
                params={"page_size": str(_PAGE_MAX), **({"page_token": token} if token else {})},
            )
            page = envelope.data or CombinableGroups()
            for group in page.combinable_packages or ():
                yield group
            token = page.next_page_token or ""
            if not token:
                return
        raise Malformed("TikTok Shop's pages of combinable packages do not end")


class CombineDesk:
    """Combines packages (fulfilment, Combine Package). One at a time: each changes what may be combined next."""

    verb = Verb.COMBINE
    rule = COMBINE_RULE
    batch_max = 1

    def __init__(self, client: ShopClient, fulfilment: Fulfilment, orders: OrderReader, combinable: Combinable) -> None:
        self._client = client
        self._fulfilment = fulfilment
        self._orders = orders
        self._combinable = combinable

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.combine(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        return [await self._combine(store, request) for request in requests]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        orders = await orders_of(self._orders, store, requests, feed="settle")
        return [await self._evidence(store, request, orders.get(request.order_no)) for request in requests]

    async def _combine(self, store: Store, request: Request) -> Outcome:
        others = list(arguments_of(request, CombineChoice).package_ids)
        details = await self._fulfilment.details(store, others, feed="combine")
        wanted = {request.order_no}
        for detail in details:
            if isinstance(detail, Rejected):
                return Outcome(Verdict.REFUSED, detail.cause)
            wanted.update(_orders(detail))
        if len(wanted) < 2:
            return refused(CauseId.NO_COMBINE, "The packages belong to one order only; choose another buyer's order.")
        group = await self._combinable.group_of(store, request.order_no, feed="combine")
        if group is None or not wanted <= set(group.order_ids or ()):
            words = "TikTok Shop does not offer to combine these orders (any more); read them again."
            return refused(CauseId.NO_COMBINE, words)
        try:
            envelope = await self._client.call(
                store,
                "package.combine",
                "POST",
                "/fulfillment/202309/packages/combine",
                lambda answer: read_envelope(answer, CombineAnswer),
                feed="combine",
                body={"combinable_packages": [{"id": group.id, "order_ids": sorted(wanted)}]},
                write=True,
            )
        except Rejected as refusal:
            return Outcome(Verdict.REFUSED, _combining(refusal.cause))
        data = envelope.data
        for error in (data.errors if data else None) or ():
            verdict, cause = verdict_of(error.code, error.message or "")
            # Nothing else was asked for in this call, so an error is ours whatever it names.
            return Outcome(Verdict.WAIT if verdict is Verdict.WAIT else Verdict.REFUSED, _combining(cause))
        made = (data.packages if data else None) or ()
        if not made:
            return Outcome(Verdict.WAIT)
        return Outcome(Verdict.DONE, facts={"package_id": made[0].id})

    async def _evidence(self, store: Store, request: Request, order: Order | None) -> Evidence:
        if order is None:
            return Evidence(Verdict.UNDECIDED)
        waiting = [package.package_id for package in order.packages if package.status is not Status.CANCELLED]
        facts = {"order_status": order.raw_status, "packages": ", ".join(waiting)}
        if request.target_id in waiting or order.status is Status.CANCELLED:
            return Evidence(Verdict.NOT_DONE, facts)
        others = list(arguments_of(request, CombineChoice).package_ids)
        read = await self._fulfilment.details(store, [*waiting, *others], feed="settle")
        new, old = read[: len(waiting)], read[len(waiting) :]
        wanted = {request.order_no}
        for detail in old:
            if isinstance(detail, PackageDetail):
                wanted.update(_orders(detail))
        for detail in new:
            if isinstance(detail, PackageDetail) and wanted <= _orders(detail) and len(_orders(detail)) > len(others):
                return Evidence(Verdict.DONE, {**facts, "package_id": detail.package_id})
        # The package is gone but not into this one: split, or combined otherwise.
        return Evidence(Verdict.UNDECIDED, facts)


def _orders(detail: PackageDetail) -> set[str]:
    return {order.id for order in detail.orders or ()}


def _combining(cause: Cause | None) -> Cause | None:
    """Splitting and combining share codes; here they speak of combining."""
    if cause is not None and cause.id is CauseId.NO_SPLIT:
        return replace(cause, id=CauseId.NO_COMBINE)
    return cause

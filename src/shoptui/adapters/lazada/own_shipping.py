"""Lazada's desk for parcels of the seller's own fleet: packed, then declared ready with carrier and number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from shoptui.adapters.base import AdapterError, Unsupported, Verdict
from shoptui.adapters.desks import Evidence, Outcome, Provider, Request, arguments_of
from shoptui.adapters.http import Answer
from shoptui.adapters.lazada import why_not
from shoptui.adapters.lazada.client import ShopClient, id_list
from shoptui.adapters.lazada.desk_calls import Goal, goal_of, not_to_go, send_each
from shoptui.adapters.lazada.orders import OrderReader
from shoptui.adapters.lazada.packing import BATCH_MAX, LookAgain, Packer
from shoptui.adapters.lazada.parcels import shipping_type
from shoptui.adapters.lazada.wire import Carriers, ItemRecord, read_data, read_raw
from shoptui.adapters.singles import refused
from shoptui.domain.intents import Cause, CauseId, SettleRule, Settling, Verb
from shoptui.domain.orders import Order, ShippingType
from shoptui.domain.stores import Store
from shoptui.domain.verbs import OwnShipping
from shoptui.text import sanitise_cell

#: Our number on the items proves it, another one disproves it; every try begins by looking.
OWN_SHIPPING_RULE = SettleRule(Settling.READ_BACK, first_look_s=3, give_up_s=600, resends=3)

#: Carriers named in a refusal, so that the sentence stays readable.
_NAMED_MAX = 8


class OwnCarriers:
    """The carriers a store may name for parcels it brings itself."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client
        self._named: dict[str, Mapping[str, Provider]] = {}

    async def of_store(self, store: Store, *, feed: str) -> tuple[Provider, ...]:
        """By name: the call that takes a number of the seller's knows carriers by nothing else."""
        found = await self._client.get(store, "/shipment/providers/get", _read_carriers, feed=feed)
        names = dict.fromkeys(carrier.name for carrier in found.shipment_providers or () if carrier.name)
        self._named[store.store_id] = {name.casefold(): Provider(name, sanitise_cell(name)) for name in names}
        return tuple(self._named[store.store_id].values())

    async def by_word(self, store: Store, words: Set[str], *, feed: str) -> Mapping[str, Provider]:
        """The same by their names in small letters; read anew only for a word that none had when they were last read.

        Lazada takes this call but rarely, and refuses a carrier that has gone when its name is used.
        """
        if not words <= self._named.get(store.store_id, {}).keys():
            await self.of_store(store, feed=feed)
        return self._named[store.store_id]


class OwnShippingDesk:
    """Ships by the seller's own fleet (sheet, sections 7.3 and 7.5).

    The package calls have no place for a number of the seller's, so the hand-over is declared by the older call, which
    has: parcels are packed by the one and declared by the other.
    """

    verb = Verb.SHIP_OWN
    rule = OWN_SHIPPING_RULE
    batch_max = BATCH_MAX

    def __init__(self, client: ShopClient, orders: OrderReader, packer: Packer, carriers: OwnCarriers) -> None:
        self._client = client
        self._orders = orders
        self._packer = packer
        self._carriers = carriers

    def why_not(self, store: Store, order: Order) -> Unsupported | None:
        return why_not.ship_own(order)

    async def send(self, store: Store, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Look, pack what is not packed, declare ready: what has gone with another number is refused."""
        units = await self._orders.units(store, [request.order_no for request in requests], feed="ship")
        names = await self._names(store, requests)
        outcomes: dict[int, Outcome] = {}
        goals: dict[int, Goal] = {}
        for place, request in enumerate(requests):
            found = _standing(request, units.get(request.order_no))
            if isinstance(found, Goal) and isinstance(cause := names[place], Cause):
                found = Outcome(Verdict.REFUSED, cause)
            if isinstance(found, Outcome):
                outcomes[place] = found
            else:
                goals[place] = found
        to_pack = {place: goal for place, goal in goals.items() if not goal.is_packed}
        for place, result in zip(to_pack, await self._packer.pack(store, list(to_pack.values())), strict=True):
            if isinstance(result, Outcome):
                outcomes[place] = result
            elif isinstance(result, LookAgain):
                outcomes[place] = Outcome(Verdict.REFUSED, result.cause, facts=to_pack[place].facts())
        going = [place for place in goals if place not in outcomes]

        async def one(place: int) -> Outcome:
            return await self._declare(store, requests[place], goals[place], str(names[place]))

        if going:
            by_request = {id(requests[place]): place for place in going}
            sent = [requests[place] for place in going]
            answers = await send_each(sent, lambda request: one(by_request[id(request)]))
            outcomes.update(zip(going, await self._look_again(store, sent, answers), strict=True))
        return [outcomes[place] for place in range(len(requests))]

    async def read_back(self, store: Store, requests: Sequence[Request]) -> Sequence[Evidence]:
        units = await self._orders.units(store, [request.order_no for request in requests], feed="settle")
        return [_evidence(request, units.get(request.order_no)) for request in requests]

    async def _declare(self, store: Store, request: Request, goal: Goal, carrier: str) -> Outcome:
        args = arguments_of(request, OwnShipping)
        await self._client.post(
            store,
            "/order/rts",
            read_raw,
            feed="ship",
            fields={
                "delivery_type": "dropship",
                "order_item_ids": id_list([unit.order_item_id for unit in goal.kept]),
                "shipment_provider": carrier,
                "tracking_number": args.tracking_number,
            },
            write=True,
        )
        return Outcome(Verdict.DONE, facts={"tracking_number": args.tracking_number, "carrier": sanitise_cell(carrier)})

    async def _names(self, store: Store, requests: Sequence[Request]) -> list[str | Cause]:
        """Each request's carrier by Lazada's spelling, or what is wrong with it; "" for the fleet's own."""
        chosen = [arguments_of(request, OwnShipping) for request in requests]
        wanted = [args.provider_id or args.provider_name for args in chosen]
        words = {word.strip().casefold() for word in wanted if word}
        known = await self._carriers.by_word(store, words, feed="ship") if words else {}
        named = ", ".join(provider.name for provider in list(known.values())[:_NAMED_MAX]) or "none"

        def name_of(word: str) -> str | Cause:
            if not word:
                return ""
            provider = known.get(word.strip().casefold())
            sentence = f"Lazada knows no carrier {word!r} for this shop; it knows {named}."
            return provider.provider_id if provider is not None else Cause(CauseId.TRACKING_WRONG, "", sentence)

        return [name_of(word) for word in wanted]

    async def _look_again(
        self, store: Store, requests: Sequence[Request], answers: Sequence[Outcome]
    ) -> Sequence[Outcome]:
        """A refusal because of the items' state may mean that somebody was faster, with our number or another."""
        told = [
            request
            for request, answer in zip(requests, answers, strict=True)
            if answer.cause is not None and answer.cause.id in {CauseId.WRONG_STATE, CauseId.UNSUPPORTED}
        ]
        if not told:
            return answers
        try:
            units = await self._orders.units(store, [request.order_no for request in told], feed="ship")
        except AdapterError:
            # The others' answers stand, whatever this reading met; these are read back later.
            return answers
        return [
            found
            if request in told and isinstance(found := _standing(request, units.get(request.order_no)), Outcome)
            else answer
            for request, answer in zip(requests, answers, strict=True)
        ]


def _standing(request: Request, units: Sequence[ItemRecord] | None) -> Goal | Outcome:
    """The parcel if it is still to go, else what has become of it."""
    goal = goal_of(request, units)
    if isinstance(goal, Outcome):
        return goal
    if goal.is_handed_over:
        if _has_number(request, goal):
            return Outcome(Verdict.ALREADY, facts=goal.facts())
        words = f"It is shipped already, with number {sanitise_cell(goal.parcel.tracking_number) or 'none'}."
        return Outcome(Verdict.REFUSED, Cause(CauseId.ALREADY_SHIPPED, "", words), facts=goal.facts())
    if (refusal := not_to_go(goal)) is not None:
        return refusal
    if any(shipping_type(unit) is not ShippingType.SELLER for unit in goal.kept):
        return refused(CauseId.UNSUPPORTED, "Lazada's carrier ships this parcel; it takes no number of yours.")
    return goal


def _evidence(request: Request, units: Sequence[ItemRecord] | None) -> Evidence:
    if units is None:
        return Evidence(Verdict.UNDECIDED)
    goal = goal_of(request, units)
    if isinstance(goal, Outcome):
        cancelled = goal.cause is not None and goal.cause.id is CauseId.CANCELLED
        return Evidence(Verdict.NOT_DONE if cancelled else Verdict.UNDECIDED, goal.facts)
    if goal.is_handed_over:
        if _has_number(request, goal):
            return Evidence(Verdict.DONE, goal.facts())
        # With another number somebody else shipped it, and a repetition is refused with just that.
        return Evidence(Verdict.NOT_DONE if goal.parcel.tracking_number else Verdict.WAIT, goal.facts())
    return Evidence(Verdict.NOT_DONE if goal.is_packed or goal.is_packable else Verdict.UNDECIDED, goal.facts())


def _has_number(request: Request, goal: Goal) -> bool:
    wanted = arguments_of(request, OwnShipping).tracking_number.casefold()
    return all((unit.tracking_code or "").casefold() == wanted for unit in goal.kept)


def _read_carriers(answer: Answer) -> Carriers:
    return read_data(answer, Carriers)

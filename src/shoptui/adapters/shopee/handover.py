"""How a Shopee parcel may be handed over: what its channel offers, and one choice of it as the wire wants it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import Annotated
from zoneinfo import ZoneInfo

from shoptui.adapters.base import HandoverOptions, Unsupported
from shoptui.adapters.records import Id, NoneOnError, Seconds, Text, Wire
from shoptui.adapters.shopee.wire import as_number
from shoptui.domain.intents import Cause, CauseId, ShipChoice
from shoptui.domain.orders import Slot
from shoptui.domain.stores import Store

PICKUP, DROP_OFF = "PICKUP", "DROP_OFF"

_NAME_MAX = 64
_TIMES = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–~]\s*(\d{1,2})[:.](\d{2})")
_NO_FIELDS: Mapping[str, object] = MappingProxyType({})


class InfoNeeded(Wire):
    """The methods that are possible, each with the inputs it needs; an empty list needs none (sheet, trap 19)."""

    pickup: list[str] | None = None
    dropoff: list[str] | None = None
    non_integrated: list[str] | None = None


class TimeSlot(Wire):
    date: Annotated[Seconds | None, NoneOnError()] = None
    time_text: Text = None
    pickup_time_id: Annotated[str, NoneOnError()]
    flags: Annotated[list[str] | None, NoneOnError()] = None


class PickupAddress(Wire):
    address_id: Id
    address_flag: Annotated[list[str] | None, NoneOnError()] = None
    time_slot_list: list[TimeSlot] | None = None


class Pickup(Wire):
    address_list: list[PickupAddress] | None = None


class Branch(Wire):
    branch_id: Id


class Slug(Wire):
    slug: Text = None


class Dropoff(Wire):
    branch_list: list[Branch] | None = None
    slug_list: list[Slug] | None = None


class Parameters(Wire):
    """What `get_shipping_parameter` and its mass variant answer."""

    info_needed: InfoNeeded = InfoNeeded()
    pickup: Pickup | None = None
    dropoff: Dropoff | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """One way of handing over, as the ship calls take it: `method` is the object's name, `fields` what is in it."""

    method: str
    fields: Mapping[str, object] = field(default_factory=lambda: _NO_FIELDS)

    def body(self) -> dict[str, object]:
        return {self.method: dict(self.fields)}


@dataclass(frozen=True, slots=True)
class OfferedSlot:
    slot: Slot
    address_id: str
    time_id: str
    recommended: bool


def choose(parameters: Parameters, choice: ShipChoice, store: Store) -> Handover | Cause:
    """How a parcel goes by this choice, or why it cannot.

    Without a choice it is picked up where that is possible, in the slot Shopee recommends or the first one: a parcel
    that nobody fetches is worse than a courier who comes for nothing.
    """
    needed = parameters.info_needed
    if needed.pickup is None and needed.dropoff is None:
        if needed.non_integrated is not None:
            return Cause(
                CauseId.UNSUPPORTED, "", "Your own carrier ships this order; give its tracking number instead."
            )
        return Cause(CauseId.NOT_READY, "", "Shopee names no way to hand this parcel over yet; it may do so later.")
    wants_pickup = choice.method == PICKUP or choice.slot_start_at is not None
    if wants_pickup and needed.pickup is None:
        return Cause(CauseId.UNSUPPORTED, "", "The carrier does not pick this parcel up; choose drop-off.")
    if choice.method == DROP_OFF and needed.dropoff is None:
        return Cause(CauseId.UNSUPPORTED, "", "The carrier wants to pick this parcel up; choose pick-up.")
    if choice.method == DROP_OFF or needed.pickup is None:
        return _drop_off(parameters, store)
    picked = _pick_up(parameters, choice, store)
    if isinstance(picked, Cause) and not wants_pickup and needed.dropoff is not None:
        return _drop_off(parameters, store)
    return picked


def own_carrier(parameters: Parameters, tracking_number: str) -> Handover | Cause:
    """How a parcel goes with the seller's own carrier and number, or why it cannot."""
    needed = parameters.info_needed
    fields = {"tracking_number": tracking_number}
    if needed.non_integrated is not None:
        return Handover("non_integrated", fields)
    if needed.dropoff is not None and {"tracking_no", "tracking_number"} & set(needed.dropoff):
        # Some channels of Indonesia take the number of a parcel handed in at the counter.
        return Handover("dropoff", fields)
    return Cause(CauseId.UNSUPPORTED, "", "Shopee's carrier ships this order; it takes no number of yours.")


def options(parameters: Parameters, store: Store) -> HandoverOptions | Unsupported:
    """The ways and windows of one parcel for the screen."""
    needed = parameters.info_needed
    if needed.pickup is None and needed.dropoff is None:
        return Unsupported("Your own carrier ships this order; there is nothing to choose.", "seller_shipping")
    slots = {offered.slot.start_at: offered.slot for offered in offered_slots(parameters, store)}
    return HandoverOptions(
        can_pickup=needed.pickup is not None,
        can_drop_off=needed.dropoff is not None,
        slots=tuple(slots[start_at] for start_at in sorted(slots)),
    )


def offered_slots(parameters: Parameters, store: Store) -> list[OfferedSlot]:
    """The pick-up windows, those at the shop's pick-up address first."""
    addresses = (parameters.pickup.address_list if parameters.pickup is not None else None) or ()
    found = []
    for address in sorted(addresses, key=_address_rank):
        for each in address.time_slot_list or ():
            slot = _slot(each, store)
            if slot is not None:
                recommended = "recommended" in (each.flags or ())
                found.append(OfferedSlot(slot, address.address_id, each.pickup_time_id, recommended))
    return found


def _pick_up(parameters: Parameters, choice: ShipChoice, store: Store) -> Handover | Cause:
    inputs = parameters.info_needed.pickup or []
    addresses = (parameters.pickup.address_list if parameters.pickup is not None else None) or []
    if "address_id" in inputs and not addresses:
        return Cause(CauseId.ADDRESS, "", "The shop has no pick-up address; set one up in Seller Centre.")
    ranked = sorted(addresses, key=_address_rank)
    if "pickup_time_id" not in inputs and choice.slot_start_at is None:
        return Handover("pickup", {"address_id": as_number(ranked[0].address_id)} if ranked else {})
    slots = offered_slots(parameters, store)
    if not slots:
        return Cause(CauseId.NO_SLOT, "", "No pick-up slot is free; choose drop-off or try later.")
    if choice.slot_start_at is None:
        chosen = next((each for each in slots if each.recommended), slots[0])
    else:
        wished = choice.slot_start_at
        found = next((each for each in slots if each.slot.start_at == wished), None)
        if found is None:
            return Cause(CauseId.SLOT_GONE, "", "The pick-up slot is not offered (any more); choose another.")
        chosen = found
    return Handover("pickup", {"address_id": as_number(chosen.address_id), "pickup_time_id": chosen.time_id})


def _drop_off(parameters: Parameters, store: Store) -> Handover | Cause:
    inputs = parameters.info_needed.dropoff or []
    dropoff = parameters.dropoff
    fields: dict[str, object] = {}
    if "branch_id" in inputs:
        branches = (dropoff.branch_list if dropoff is not None else None) or ()
        if not branches:
            return Cause(CauseId.NO_SERVICE, "", "No drop-off branch takes this parcel; choose pick-up.")
        fields["branch_id"] = as_number(branches[0].branch_id)
    if "slug" in inputs:
        slugs = [each.slug for each in (dropoff.slug_list if dropoff is not None else None) or () if each.slug]
        if slugs:
            fields["slug"] = slugs[0]
    if "sender_real_name" in inputs:
        fields["sender_real_name"] = store.name[:_NAME_MAX]
    elif {"tracking_no", "tracking_number"} & set(inputs):
        return Cause(CauseId.UNSUPPORTED, "", "This channel wants a number of your own; ship it in Seller Centre.")
    return Handover("dropoff", fields)


def _address_rank(address: PickupAddress) -> int:
    """The usual address has both marks; one that only returns go to has neither."""
    flags = set(address.address_flag or ())
    return 2 * ("pickup_address" not in flags) + ("default_address" not in flags)


def _slot(wire: TimeSlot, store: Store) -> Slot | None:
    """A slot as moments: the times of its text in the shop's own zone, else from its moment to the day's end."""
    start_at = wire.date
    if start_at is None and wire.pickup_time_id.isascii() and wire.pickup_time_id.isdigit():
        start_at = int(wire.pickup_time_id[:11])
    if not start_at or start_at <= 0 or not wire.pickup_time_id:
        return None
    zone = ZoneInfo(store.time_zone)
    day = datetime.fromtimestamp(start_at, UTC).astimezone(zone).date()
    found = _TIMES.search(wire.time_text or "")
    if found is not None:
        hours = [int(part) for part in found.groups()]
        if hours[0] < 24 and hours[1] < 60 and hours[2] < 24 and hours[3] < 60:
            start = datetime.combine(day, time(hours[0], hours[1]), zone)
            end = datetime.combine(day, time(hours[2], hours[3]), zone)
            if end <= start:
                end += timedelta(days=1)
            return Slot(int(start.timestamp()), int(end.timestamp()))
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return Slot(start_at, int(midnight.timestamp()))

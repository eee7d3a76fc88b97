"""Lazada's units as parcels: what gets one label, under a name that lasts from the order to the door.

Lazada gives a package its number only when it is packed, may make several packages of one packing, and gives a new
number when a package is packed again. The house needs one target before, during and after all that, so a parcel is
called by the id of its first unit: units keep their ids for ever, and whichever package holds that unit is the parcel.
Lazada's own package number is looked up when a call needs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from shoptui.adapters.lazada.wire import ItemRecord
from shoptui.domain.making import quickly_made
from shoptui.domain.orders import BEFORE_CARRIER, ShippingType, Status, least_advanced

#: Sheet, section 6.2, with the spellings and filter words that are seen there.
ITEM_STATUS: Mapping[str, Status] = MappingProxyType(
    {
        "unpaid": Status.UNPAID,
        "pending": Status.TO_SHIP,
        "topack": Status.TO_SHIP,
        "repacked": Status.TO_SHIP,
        "packed": Status.TO_SHIP,
        "toship": Status.TO_SHIP,
        "ready_to_ship_pending": Status.TO_HAND_OVER,
        "ready_to_ship": Status.TO_HAND_OVER,
        "transit_to_ship": Status.TO_HAND_OVER,
        "shipped": Status.IN_TRANSIT,
        "shipping": Status.IN_TRANSIT,
        "failed_delivery": Status.DELIVERY_FAILED,
        "failed_delivered": Status.DELIVERY_FAILED,
        "failed": Status.DELIVERY_FAILED,
        "shipped_back": Status.RETURNING,
        "delivered": Status.DELIVERED,
        "confirmed": Status.COMPLETED,
        # The return is over, the goods are back: nothing more is done or lost.
        "returned": Status.COMPLETED,
        "lost": Status.LOST,
        "lost_by_3pl": Status.LOST,
        "damaged": Status.LOST,
        "damaged_by_3pl": Status.LOST,
        "package_scrapped": Status.LOST,
        "shipped_back_failed": Status.LOST,
        # Never delivered and back at the seller's: the sale did not take place.
        "shipped_back_success": Status.CANCELLED,
        "canceled": Status.CANCELLED,
        "cancelled": Status.CANCELLED,
    }
)

#: Not in a package (any more), whatever number a record may still carry.
UNPACKED = frozenset({"unpaid", "pending", "topack", "repacked"})
PACKABLE = UNPACKED - {"unpaid"}
PACKED = "packed"
#: `biz_group` of what Lazada's warehouse ships without `is_fbl` (sheet, section 6.4).
_WAREHOUSE_SHIPS = 70020
#: The hand-over has been declared and is still being worked on.
RTS_PENDING = "ready_to_ship_pending"

_PROVIDER_TYPE: Mapping[str, ShippingType] = MappingProxyType(
    {
        "SELLER_OWN_FLEET": ShippingType.SELLER,
        "PICKUP_IN_STORE": ShippingType.STORE_PICKUP,
        "DIGITAL": ShippingType.DIGITAL,
    }
)


@quickly_made
@dataclass(frozen=True, slots=True)
class Parcel:
    """Units that go together. `package_no` is Lazada's number, "" until they are packed."""

    parcel_id: str
    package_no: str
    units: tuple[ItemRecord, ...]

    @property
    def unit_ids(self) -> tuple[str, ...]:
        return tuple([unit.order_item_id for unit in self.units])

    @property
    def status(self) -> Status:
        return least_advanced([unit_status(unit) for unit in self.units])

    @property
    def words(self) -> str:
        """Lazada's own words for its units, each once."""
        return ", ".join(dict.fromkeys([unit.status for unit in self.units]))

    @property
    def tracking_number(self) -> str:
        return _first([unit.tracking_code for unit in self.units])

    @property
    def carrier(self) -> str:
        return _first([unit.shipment_provider for unit in self.units])


def _first(texts: Sequence[str | None]) -> str:
    for text in texts:
        if text:
            return text
    return ""


def unit_status(unit: ItemRecord) -> Status:
    """A unit's canonical status. One whose cancellation waits for the carrier's word goes nowhere meanwhile."""
    status = ITEM_STATUS.get(unit.status, Status.UNKNOWN)
    if unit.is_cancel_pending and status in BEFORE_CARRIER:
        return Status.ON_HOLD
    return status


def by_lazada(unit: ItemRecord) -> bool:
    """Whether Lazada itself packs and sends a unit."""
    return bool(unit.is_fbl) or unit.biz_group == _WAREHOUSE_SHIPS


def shipping_type(unit: ItemRecord) -> ShippingType:
    """Who brings a unit: Lazada's logistics unless the record says otherwise."""
    if unit.is_digital:
        return ShippingType.DIGITAL
    if unit.delivery_option_sof:
        return ShippingType.SELLER
    return _PROVIDER_TYPE.get((unit.shipping_provider_type or "").upper(), ShippingType.PLATFORM)


def parcels_of(units: Sequence[ItemRecord]) -> tuple[Parcel, ...]:
    """The parcels of one order, those with the oldest unit first.

    Units not yet packed are put together as Lazada would pack them: it takes a package for each warehouse and way of
    shipping (sheet, section 7.1). What nobody packs (digital goods, goods in Lazada's warehouses, goods fetched in the
    store) and what was cancelled before it was packed is in no parcel.
    """
    groups: dict[tuple[str, ...], list[ItemRecord]] = {}
    for unit in by_age(units):
        unpacked = unit.status in UNPACKED
        if not unpacked and (package_id := unit.package_id):
            groups.setdefault((package_id,), []).append(unit)
        elif unpacked and _is_packed_by_seller(unit):
            way = (
                unit.warehouse_code,
                unit.shipping_type,
                unit.shipping_provider_type,
                str(bool(unit.delivery_option_sof)),
            )
            groups.setdefault(("", *((word or "").upper() for word in way)), []).append(unit)
    return tuple([Parcel(_name(group), key[0], tuple(group)) for key, group in groups.items()])


def parcel_with(parcels: Sequence[Parcel], unit_id: str) -> Parcel | None:
    """The parcel a unit is in now, None when it is in none."""
    return next((parcel for parcel in parcels if unit_id in parcel.unit_ids), None)


def by_age(units: Sequence[ItemRecord]) -> Sequence[ItemRecord]:
    """The units of an order, the oldest first."""
    return units if len(units) == 1 else sorted(units, key=lambda unit: id_order(unit.order_item_id))


def id_order(wire_id: str) -> tuple[int, str]:
    """Sorts ids as the numbers they are."""
    return (len(wire_id), wire_id)


def _name(group: Sequence[ItemRecord]) -> str:
    if len(group) == 1:
        return group[0].order_item_id
    kept = [unit for unit in group if unit_status(unit) is not Status.CANCELLED]
    return (kept or group)[0].order_item_id


def _is_packed_by_seller(unit: ItemRecord) -> bool:
    return not by_lazada(unit) and shipping_type(unit) in {ShippingType.PLATFORM, ShippingType.SELLER}

"""Lazada's products as listings."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.lazada.stock_wire import ProductRecord, SkuRecord
from shoptui.adapters.lazada.times import from_number, moment
from shoptui.adapters.lazada.ventures import offset_s
from shoptui.adapters.stock import StockNow
from shoptui.adapters.stock_records import floors, on_offer
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.stock import Listing, ListingState, StockAt
from shoptui.domain.stores import Store
from shoptui.text import sanitise_cell

#: Only `Active` is confirmed (sheet, section 10); words are compared without case and blanks.
_STATES: Mapping[str, ListingState] = MappingProxyType(
    {
        "active": ListingState.LIVE,
        "live": ListingState.LIVE,
        "inactive": ListingState.OFF,
        "pendingqc": ListingState.BLOCKED,
        "pending": ListingState.BLOCKED,
        "rejected": ListingState.BLOCKED,
        "suspended": ListingState.BLOCKED,
        "deleted": ListingState.DELETED,
    }
)
_LOCKED: Mapping[str, str] = MappingProxyType(
    {"suspended": "Lazada has taken the product down; its stock cannot be changed until that is settled."}
)
#: Under which name stock in Lazada's own warehouses stands; nobody writes it.
LAZADAS_OWN = "FBL"


def state_of(status: str) -> ListingState:
    """What a product's status means."""
    return _STATES.get(_plain(status), ListingState.UNKNOWN)


def to_listings(record: ProductRecord, store: Store, codes: Sequence[str], now: int) -> tuple[Listing, ...]:
    """A product's SKUs. `codes` are the store's warehouses; `now` (epoch s) decides which price holds."""
    return tuple(_listing(record, sku, store, codes, now) for sku in record.skus or ())


def to_stocks(record: ProductRecord, codes: Sequence[str], asked: Container[str]) -> tuple[StockNow, ...]:
    """The stock of those of a product's SKUs that are `asked` for as listings, and how the product is."""
    why_locked = _LOCKED.get(_plain(record.status), "")
    return tuple(
        StockNow(listing_id, stock_at(sku, codes), _state(record, sku)[0], why_locked)
        for sku in record.skus or ()
        if (listing_id := f"{record.item_id}/{sku.sku_id}") in asked
    )


def stock_at(sku: SkuRecord, codes: Sequence[str]) -> tuple[StockAt, ...]:
    """Stock place by place; sellers of one place do not name it.

    Warehouses with nothing in them are left out by Lazada and stand here with 0. What campaigns hold is a floor.
    """
    held = sum(on_offer(one.sellable) for one in sku.channels or ())
    houses = {house.code: house for house in sku.houses or ()}
    if len(codes) > 1:
        names = [*codes, *(code for code in houses if code not in codes)]
        shows = [on_offer(houses[code].sellable) if code in houses else 0 for code in names]
        reserved = [houses[code].occupied + houses[code].withheld if code in houses else 0 for code in names]
        places = zip(names, shows, reserved, floors(held, shows), strict=True)
        found = [StockAt(code, here, on_offer(hold), floor) for code, here, hold, floor in places]
    else:
        only = next(iter(houses.values()), None)
        here = on_offer(only.sellable if only is not None else _available(sku))
        hold = on_offer(only.occupied + only.withheld) if only is not None else None
        found = [StockAt("", here, hold, min(held, here))]
    platform = sum(on_offer(one.sellable) for one in sku.platform or ())
    return (*found, StockAt(LAZADAS_OWN, platform, ours=False)) if platform else tuple(found)


def _available(sku: SkuRecord) -> int:
    """What can be sold where no warehouse is told; without that number all there is."""
    if sku.available is not None:
        return sku.available
    if sku.quantity is None:
        raise ValueError(f"SKU {sku.sku_id} comes without its stock")
    return sku.quantity


def _state(record: ProductRecord, sku: SkuRecord) -> tuple[ListingState, str]:
    state = state_of(record.status)
    if state is ListingState.LIVE and _plain(sku.status or "active") == "inactive":
        return ListingState.OFF, sku.status or ""
    return state, record.status


def _listing(record: ProductRecord, sku: SkuRecord, store: Store, codes: Sequence[str], now: int) -> Listing:
    state, raw_state = _state(record, sku)
    return Listing(
        store_id=store.store_id,
        listing_id=f"{record.item_id}/{sku.sku_id}",
        product_id=record.item_id,
        sku_id=sku.sku_id,
        sku=sanitise_cell(sku.seller_sku or ""),
        product_name=sanitise_cell((record.attributes.name if record.attributes else None) or ""),
        variant_name=_variant(sku),
        state=state,
        raw_state=sanitise_cell(raw_state, limit=64),
        stock=stock_at(sku, codes),
        price=_price(sku, store, now),
        updated_at=from_number(record.updated_time),
        why_locked=_LOCKED.get(_plain(record.status), ""),
    )


def _variant(sku: SkuRecord) -> str:
    words = [str(value) for value in (sku.sale_prop or {}).values() if isinstance(value, str | int)]
    return sanitise_cell(", ".join(words or [word for word in (sku.color_family, sku.size) if word]))


def _price(sku: SkuRecord, store: Store, now: int) -> Money | None:
    """What a buyer pays now; a price that cannot be read is left out, it is not what listings are read for."""
    try:
        special = Money.parse(sku.special_price, store.currency) if sku.special_price else None
        if special is not None and special.minor > 0 and _holds(sku, store, now):
            return special
        return Money.parse(sku.price, store.currency) if sku.price else None
    except MoneyError:
        return None


def _holds(sku: SkuRecord, store: Store, now: int) -> bool:
    """Whether the special price is in its time; without a time it always is."""
    offset = offset_s(store.region)
    try:
        begun = not sku.special_from_time or moment(sku.special_from_time, offset) <= now
        return begun and (not sku.special_to_time or now <= moment(sku.special_to_time, offset))
    except ValueError:
        return False


def _plain(status: str) -> str:
    return status.casefold().replace(" ", "")

"""Shopee's items and models as listings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from shoptui.adapters.shopee.mapping import amount
from shoptui.adapters.shopee.stock_wire import ItemRecord, ModelList, ModelRecord, PriceRecord, StockInfo
from shoptui.adapters.stock import StockNow
from shoptui.adapters.stock_records import floors, on_offer
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.stock import Listing, ListingState, StockAt
from shoptui.text import sanitise_cell

_STATES: Mapping[str, ListingState] = MappingProxyType(
    {
        "NORMAL": ListingState.LIVE,
        "UNLIST": ListingState.OFF,
        "REVIEWING": ListingState.BLOCKED,
        "BANNED": ListingState.BLOCKED,
        "SELLER_DELETE": ListingState.DELETED,
        "SHOPEE_DELETE": ListingState.DELETED,
        "DELETED": ListingState.DELETED,
    }
)
_LOCKED: Mapping[str, str] = MappingProxyType(
    {"BANNED": "Shopee has banned the item; its stock cannot be changed until that is settled."}
)
_UNAVAILABLE = "MODEL_UNAVAILABLE"
#: Under which name stock in Shopee's own warehouses stands; nobody writes it.
SHOPEES_OWN = "FBS"
NO_MODEL = "0"


def state_of(status: str) -> ListingState:
    """What an item's status means."""
    return _STATES.get(status, ListingState.UNKNOWN)


def listing_of_item(item: ItemRecord, store_id: str, *, has_places: bool) -> Listing:
    """An item without variations."""
    stock = stock_at(item.stock_info_v2, has_places=has_places)
    return _listing(item, NO_MODEL, item.item_sku, "", stock, item.price_info, store_id, unavailable=False)


def listing_of_model(
    item: ItemRecord, model: ModelRecord, variations: ModelList, store_id: str, *, has_places: bool
) -> Listing:
    """One variation of an item."""
    return _listing(
        item,
        model.model_id,
        model.model_sku,
        _name(model, variations),
        stock_at(model.stock_info_v2, has_places=has_places),
        model.price_info,
        store_id,
        unavailable=model.model_status == _UNAVAILABLE,
    )


def now_of_item(item: ItemRecord, *, has_places: bool) -> StockNow:
    """The stock of an item without variations, and how the item is."""
    return StockNow(
        f"{item.item_id}/{NO_MODEL}",
        stock_at(item.stock_info_v2, has_places=has_places),
        state_of(item.item_status),
        _LOCKED.get(item.item_status, ""),
    )


def now_of_model(item_id: str, model: ModelRecord, *, has_places: bool) -> StockNow:
    """The stock of a variation; how its item is the list of models does not tell."""
    return StockNow(f"{item_id}/{model.model_id}", stock_at(model.stock_info_v2, has_places=has_places))


def stock_at(info: StockInfo | None, *, has_places: bool) -> tuple[StockAt, ...]:
    """Stock place by place. A shop with one place must not name it, however its answers do.

    What promotions have reserved is a floor. What orders hold Shopee does not count.
    """
    if info is None:
        return ()
    own = info.seller_stock or ()
    shows = [on_offer(one.stock) if one.if_saleable is not False else 0 for one in own]
    held = on_offer(info.summary_info.total_reserved_stock) if info.summary_info is not None else 0
    found = [
        StockAt((one.location_id or "") if has_places else "", here, None, floor)
        for one, here, floor in zip(own, shows, floors(held, shows), strict=True)
    ]
    shopees = sum(on_offer(one.stock) for one in info.shopee_stock or ())
    if shopees:
        found.append(StockAt(SHOPEES_OWN, shopees, ours=False))
    return tuple(found)


def _listing(
    item: ItemRecord,
    model_id: str,
    sku: str | None,
    variant: str,
    stock: tuple[StockAt, ...],
    prices: Sequence[PriceRecord] | None,
    store_id: str,
    *,
    unavailable: bool,
) -> Listing:
    state, raw_state = state_of(item.item_status), item.item_status
    if unavailable and state is ListingState.LIVE:
        state, raw_state = ListingState.BLOCKED, _UNAVAILABLE
    return Listing(
        store_id=store_id,
        listing_id=f"{item.item_id}/{model_id}",
        product_id=item.item_id,
        sku_id=model_id,
        sku=sanitise_cell(sku or ""),
        product_name=sanitise_cell(item.item_name or ""),
        variant_name=variant,
        state=state,
        raw_state=sanitise_cell(raw_state, limit=64),
        stock=stock,
        price=_price(prices),
        updated_at=item.update_time,
        why_locked=_LOCKED.get(item.item_status, ""),
    )


def _name(model: ModelRecord, variations: ModelList) -> str:
    """A variation's name is made of its options, one of each tier."""
    options: list[str] = []
    for tier, at in zip(variations.tier_variation or (), model.tier_index or (), strict=False):
        choices = tier.option_list or []
        if 0 <= at < len(choices):
            options.append(choices[at].option or "")
    return sanitise_cell(", ".join(option for option in options if option) or model.model_name or "")


def _price(prices: Sequence[PriceRecord] | None) -> Money | None:
    """What a buyer pays; a price that cannot be read is left out, it is not what listings are read for."""
    for price in prices or ():
        if price.currency:
            try:
                return amount(price.current_price or price.original_price, price.currency)
            except MoneyError:
                return None
    return None

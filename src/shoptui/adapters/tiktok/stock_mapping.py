"""TikTok Shop's products and stock as listings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shoptui.adapters.stock import StockNow
from shoptui.adapters.stock_records import floors, on_offer
from shoptui.adapters.tiktok.stock_wire import PriceRecord, ProductRecord, ProductStock, SkuRecord, SkuStock
from shoptui.domain.money import Money, MoneyError
from shoptui.domain.stock import Listing, ListingState, StockAt
from shoptui.text import sanitise_cell

_STATES: Mapping[str, ListingState] = MappingProxyType(
    {
        "ACTIVATE": ListingState.LIVE,
        "DRAFT": ListingState.OFF,
        "PENDING": ListingState.OFF,
        "SELLER_DEACTIVATED": ListingState.OFF,
        "FAILED": ListingState.BLOCKED,
        "PLATFORM_DEACTIVATED": ListingState.BLOCKED,
        "FREEZE": ListingState.BLOCKED,
        "DELETED": ListingState.DELETED,
    }
)
#: The stock of a product in one of these can be written (sheet, section 10.5).
_WRITABLE = frozenset({"DRAFT", "PENDING", "FAILED", "ACTIVATE", "SELLER_DEACTIVATED"})
_LOCKED = "TikTok Shop has taken the product off sale; its stock cannot be changed."
_SKU_OFF = "DEACTIVATED"
_BY_SELLER = "SELLER"


def state_of(status: str) -> ListingState:
    """What a product's status means."""
    return _STATES.get(status, ListingState.UNKNOWN)


def to_listings(record: ProductRecord, store_id: str) -> tuple[Listing, ...]:
    """A product's SKUs, without their stock. The search tells no names of variants."""
    return tuple(_listing(record, sku, store_id) for sku in record.skus or ())


def _listing(record: ProductRecord, sku: SkuRecord, store_id: str) -> Listing:
    state, raw_state = state_of(record.status), record.status
    if state is ListingState.LIVE and sku.status_info is not None and sku.status_info.status == _SKU_OFF:
        source = sku.status_info.deactivation_source or ""
        state = ListingState.OFF if source in ("", _BY_SELLER) else ListingState.BLOCKED
        raw_state = f"{_SKU_OFF} {source}".strip()
    locked = record.status not in _WRITABLE and state is ListingState.BLOCKED
    return Listing(
        store_id=store_id,
        listing_id=f"{record.id}/{sku.id}",
        product_id=record.id,
        sku_id=sku.id,
        sku=sanitise_cell(sku.seller_sku or ""),
        product_name=sanitise_cell(record.title or ""),
        variant_name="",
        state=state,
        raw_state=sanitise_cell(raw_state, limit=64),
        stock=(),
        price=_price(sku.price),
        updated_at=record.update_time,
        why_locked=_LOCKED if locked else "",
    )


def _price(price: PriceRecord | None) -> Money | None:
    """What a buyer pays; a price that cannot be read is left out, it is not what listings are read for."""
    text = (price.sale_price or price.tax_exclusive_price) if price is not None else None
    if price is None or not text or not price.currency:
        return None
    try:
        return Money.parse(text, price.currency)
    except MoneyError:
        return None


def to_stocks(record: ProductStock) -> tuple[StockNow, ...]:
    """The stock of a product's SKUs."""
    return tuple(StockNow(f"{record.product_id}/{sku.id}", _stock(sku)) for sku in record.skus or ())


def _stock(sku: SkuStock) -> tuple[StockAt, ...]:
    shows = [on_offer(house.available_quantity) for house in sku.warehouse_inventory]
    shares = sku.total_available_inventory_distribution
    held = 0
    if shares is not None:
        held = sum(on_offer(one.quantity) for one in (shares.campaign_inventory or ()))
        held += sum(on_offer(one.quantity) for one in (shares.creator_inventory or ()))
    return tuple(
        StockAt(house.warehouse_id or "", own, on_offer(house.committed_quantity), floor)
        for house, own, floor in zip(sku.warehouse_inventory, shows, floors(held, shows), strict=True)
    )

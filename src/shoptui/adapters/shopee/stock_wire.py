"""Shopee's JSON of items, their models and their stock (sheet, section 8)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shoptui.adapters.records import Id, Moment, NoneOnError, Number, Text, Wire, Yes
from shoptui.adapters.shopee.wire import Amount, Place
from shoptui.adapters.stock_records import Units


class ListedItem(Wire):
    item_id: Id


class ItemList(Wire):
    item: list[ListedItem] | None = None
    total_count: Number = None
    has_next_page: Yes = None
    next_offset: Number = None


class PriceRecord(Wire):
    currency: Text = None
    current_price: Amount = None
    original_price: Amount = None


class SellerStock(Wire):
    """`location_id` may be missing or empty where the shop has one place (sheet, trap 33)."""

    location_id: Place = None
    stock: Units
    if_saleable: Yes = None


class ShopeeStock(Wire):
    """Stock in Shopee's own warehouses; comes as text in models (sheet, trap 34)."""

    location_id: Place = None
    stock: Units


class StockSummary(Wire):
    total_reserved_stock: Units = 0


class StockInfo(Wire):
    summary_info: Annotated[StockSummary | None, NoneOnError()] = None
    seller_stock: list[SellerStock] | None = None
    shopee_stock: list[ShopeeStock] | None = None


class ItemRecord(Wire):
    """An item. With models its own stock is a sum that cannot be written."""

    item_id: Id
    item_name: Text = None
    item_sku: Text = None
    item_status: Annotated[str, Field(min_length=1)]
    has_model: Yes = None
    update_time: Moment = None
    price_info: Annotated[list[PriceRecord] | None, NoneOnError()] = None
    stock_info_v2: StockInfo | None = None


class ModelRecord(Wire):
    model_id: Id
    model_sku: Text = None
    model_status: Text = None
    model_name: Text = None
    tier_index: Annotated[list[int] | None, NoneOnError()] = None
    price_info: Annotated[list[PriceRecord] | None, NoneOnError()] = None
    stock_info_v2: StockInfo


class TierOption(Wire):
    option: Text = None


class Tier(Wire):
    option_list: Annotated[list[TierOption] | None, NoneOnError()] = None


class ItemInfos(Wire):
    item_list: list[Any] | None = None


class ModelList(Wire):
    tier_variation: Annotated[list[Tier] | None, NoneOnError()] = None
    model: list[Any] | None = None


class UpdatedRow(Wire):
    model_id: Id = "0"
    location_id: Place = None


class FailedRow(Wire):
    model_id: Id = "0"
    failed_reason: Text = None


class StockUpdated(Wire):
    success_list: list[UpdatedRow] | None = None
    failure_list: list[FailedRow] | None = None

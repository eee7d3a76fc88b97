"""TikTok Shop's JSON of products and their stock (sheet, section 10)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shoptui.adapters.records import Id, Moment, NoneOnError, Number, OptionalId, Text, Wire
from shoptui.adapters.stock_records import Units
from shoptui.adapters.tiktok.wire import Envelope


class PriceRecord(Wire):
    currency: Text = None
    tax_exclusive_price: Text = None
    sale_price: Text = None


class SkuStatus(Wire):
    """`NORMAL` or `DEACTIVATED`, and by whom."""

    status: Text = None
    deactivation_source: Text = None


class SkuRecord(Wire):
    id: Id
    seller_sku: Text = None
    price: Annotated[PriceRecord | None, NoneOnError()] = None
    status_info: Annotated[SkuStatus | None, NoneOnError()] = None


class ProductRecord(Wire):
    """A product of a search. Its `inventory` is not read: the stock search also says what orders hold."""

    id: Id
    title: Text = None
    status: Annotated[str, Field(min_length=1)]
    update_time: Moment = None
    skus: list[SkuRecord] | None = None


class ProductPage(Wire):
    products: list[Any] | None = None
    next_page_token: str | None = None
    total_count: Number = None


class WarehouseStock(Wire):
    warehouse_id: OptionalId = None
    available_quantity: Units
    committed_quantity: Units = 0


class Share(Wire):
    quantity: Units = 0


class Distribution(Wire):
    """How the sellable stock is shared out; what campaigns and creators have cannot be taken from them."""

    campaign_inventory: Annotated[list[Share] | None, NoneOnError()] = None
    creator_inventory: Annotated[list[Share] | None, NoneOnError()] = None


class SkuStock(Wire):
    id: Id
    warehouse_inventory: Annotated[list[WarehouseStock], Field(min_length=1)]
    total_available_inventory_distribution: Annotated[Distribution | None, NoneOnError()] = None


class ProductStock(Wire):
    product_id: Id
    skus: list[SkuStock] | None = None


class StockList(Wire):
    inventory: list[Any] | None = None


class WarehouseError(Wire):
    warehouse_id: OptionalId = None
    code: str
    message: Text = None


class StockErrorDetail(Wire):
    sku_id: OptionalId = None
    extra_errors: Annotated[list[WarehouseError] | None, NoneOnError()] = None


class StockError(Wire):
    """One refused SKU of a stock update, with what speaks against single warehouses."""

    code: str
    message: Text = None
    detail: Annotated[StockErrorDetail | None, NoneOnError()] = None


class StockUpdated(Wire):
    errors: list[StockError] | None = None


ProductsAnswer = Envelope[ProductPage]
StockAnswer = Envelope[StockList]
StockUpdatedAnswer = Envelope[StockUpdated]

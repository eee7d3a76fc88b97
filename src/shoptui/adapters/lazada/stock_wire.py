"""Lazada's JSON of products and their stock, and the XML of what is written (sheet, section 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from xml.sax.saxutils import escape

from pydantic import AliasChoices, Field

from shoptui.adapters.http import Answer
from shoptui.adapters.lazada.wire import read_raw, validated
from shoptui.adapters.records import AmountText, Id, NoneOnError, Number, Text, Wire, read_json
from shoptui.adapters.stock_records import Units

#: A summary that some SKUs were refused; which ones and why stands in its details (sheet, section 10).
PARTLY = frozenset({"500", "501"})


class WarehouseStock(Wire):
    """One of the seller's warehouses; those with nothing in them are left out of the list."""

    code: Annotated[str, Field(validation_alias=AliasChoices("warehouseCode", "WarehouseCode"))]
    sellable: Annotated[Units, Field(validation_alias=AliasChoices("sellableQuantity", "SellableQuantity"))]
    occupied: Annotated[Units, Field(validation_alias="occupyQuantity")] = 0
    withheld: Annotated[Units, Field(validation_alias="withholdQuantity")] = 0


class PlatformStock(Wire):
    sellable: Annotated[Units, Field(validation_alias=AliasChoices("sellableQuantity", "quantity"))] = 0


class ChannelStock(Wire):
    """What a campaign holds inside of what is sellable."""

    sellable: Annotated[Units, Field(validation_alias="sellableQuantity")] = 0


class SkuRecord(Wire):
    """A SKU; its keys are of mixed case on the wire (sheet, trap 44)."""

    sku_id: Annotated[Id, Field(validation_alias=AliasChoices("SkuId", "skuId"))]
    seller_sku: Annotated[Text, Field(validation_alias=AliasChoices("SellerSku", "sellerSku"))] = None
    status: Annotated[Text, Field(validation_alias=AliasChoices("Status", "status"))] = None
    available: Annotated[Units | None, Field(validation_alias=AliasChoices("Available", "available"))] = None
    quantity: Units | None = None
    price: Annotated[AmountText | None, NoneOnError()] = None
    special_price: Annotated[AmountText | None, NoneOnError()] = None
    special_from_time: Text = None
    special_to_time: Text = None
    sale_prop: Annotated[dict[str, Any] | None, NoneOnError(), Field(validation_alias="saleProp")] = None
    color_family: Text = None
    size: Text = None
    houses: Annotated[list[WarehouseStock] | None, Field(validation_alias="multiWarehouseInventories")] = None
    platform: Annotated[list[PlatformStock] | None, Field(validation_alias="fblWarehouseInventories")] = None
    channels: Annotated[list[ChannelStock] | None, Field(validation_alias="channelInventories")] = None


class Attributes(Wire):
    name: Text = None


class ProductRecord(Wire):
    """A product. One documented sample has its names in camel case (sheet, section 10)."""

    item_id: Annotated[Id, Field(validation_alias=AliasChoices("item_id", "itemId"))]
    status: Annotated[str, Field(min_length=1)]
    updated_time: Annotated[Number, Field(validation_alias=AliasChoices("updated_time", "updatedTime"))] = None
    attributes: Annotated[Attributes | None, NoneOnError()] = None
    skus: list[SkuRecord] | None = None


class ProductList(Wire):
    total_products: Number = None
    products: list[Any] | None = None


class WarehouseRecord(Wire):
    code: Annotated[str, Field(min_length=1)]


class Warehouses(Wire):
    module: list[WarehouseRecord] | None = None


class FailedSku(Wire):
    """One refused SKU of an update, named by the seller's own code alone."""

    field: Text = None
    seller_sku: Text = None
    message: Text = None


class _Failure(Wire):
    code: Text = None
    detail: Annotated[list[FailedSku] | None, NoneOnError()] = None


def read_failed(answer: Answer) -> Sequence[FailedSku]:
    """The refused SKUs of a stock update, none when all went well.

    Raises AdapterError for what is no such summary, and for a summary that names no SKU.
    """
    try:
        raw = read_json(answer.body)
    except ValueError:
        raw = None
    if isinstance(raw, dict) and str(raw.get("code")) in PARTLY:
        failure = validated(answer, _Failure, raw)
        if failure.detail:
            return failure.detail
    read_raw(answer)
    return ()


def payload(skus: Sequence[tuple[str, str, Mapping[str, int]]]) -> str:
    """Item, SKU and what shall be sellable by warehouse code ("" for the only place), as the XML all apps may send."""
    return f"<Request><Product><Skus>{''.join(_sku(*one) for one in skus)}</Skus></Product></Request>"


def _sku(item_id: str, sku_id: str, sellable: Mapping[str, int]) -> str:
    head = f"<ItemId>{escape(item_id)}</ItemId><SkuId>{escape(sku_id)}</SkuId>"
    if "" in sellable:
        return f"<Sku>{head}<SellableQuantity>{sellable['']}</SellableQuantity></Sku>"
    houses = "".join(
        f"<MultiWarehouseInventory><WarehouseCode>{escape(code)}</WarehouseCode>"
        f"<SellableQuantity>{units}</SellableQuantity></MultiWarehouseInventory>"
        for code, units in sellable.items()
    )
    return f"<Sku>{head}<MultiWarehouseInventories>{houses}</MultiWarehouseInventories></Sku>"

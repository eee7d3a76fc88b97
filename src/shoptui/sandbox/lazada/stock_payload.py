"""The `payload` of stock calls: XML or JSON text around a list of SKUs, read into one form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from .codes import ApiError

SKUS_MAX = 50

_BAD_FORMAT, _BAD_LIST, _EMPTY_SKU, _TOO_MANY, _BY_CODE = "5", "70", "200", "4171", "4193"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of one SKU. `amounts` by warehouse code, "" where no warehouse is named."""

    item_id: str
    sku_id: str
    seller_sku: str
    amounts: Mapping[str, int]


def read_payload(text: str, field: str) -> list[Wanted]:
    """The SKUs with their values of `field`. Raises ApiError for what Lazada does not take."""
    rows = _rows(_xml(text) if text.lstrip().startswith("<") else _json(text))
    if not rows:
        raise ApiError(_BAD_LIST, "E070: You have corrupt data in your sku seller list")
    if len(rows) > SKUS_MAX:
        raise ApiError(_TOO_MANY, f"E4171: at most {SKUS_MAX} SKUs")
    return [_wanted(row, field) for row in rows]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ApiError(_BAD_FORMAT, "E005: Invalid Request Format") from error


def _xml(text: str) -> Any:
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ApiError(_BAD_FORMAT, "E005: Invalid Request Format") from error
    return {root.tag: _tree(root)}


def _tree(node: ElementTree.Element) -> Any:
    """An element's text, or its children by name; of several with one name a list."""
    if len(node) == 0:
        return (node.text or "").strip()
    found: dict[str, Any] = {}
    for child in node:
        value = _tree(child)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found


def _rows(tree: Any) -> list[Mapping[str, Any]]:
    for name in ("Request", "Product", "Skus", "Sku"):
        tree = tree.get(name) if isinstance(tree, dict) else None
    rows = tree if isinstance(tree, list) else [tree]
    return [row for row in rows if isinstance(row, dict)]


def _wanted(row: Mapping[str, Any], field: str) -> Wanted:
    item_id, sku_id = _text(row, "ItemId"), _text(row, "SkuId")
    if not item_id or not sku_id:
        if _text(row, "SellerSku"):
            raise ApiError(_BY_CODE, "E4193: SellerSku is no key any more, please use ItemId and SkuId")
        raise ApiError(_EMPTY_SKU, "E200: Seller Sku is empty")
    several = row.get("MultiWarehouseInventories")
    if several is None:
        return Wanted(item_id, sku_id, _text(row, "SellerSku"), {"": _number(row, field)})
    inner = several.get("MultiWarehouseInventory") if isinstance(several, dict) else None
    entries = inner if isinstance(inner, list) else [inner]
    amounts = {_text(entry, "WarehouseCode"): _number(entry, field) for entry in entries if isinstance(entry, dict)}
    if not amounts or "" in amounts:
        raise ApiError(_BAD_FORMAT, "E005: WarehouseCode is missing")
    return Wanted(item_id, sku_id, _text(row, "SellerSku"), amounts)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _number(row: Mapping[str, Any], name: str) -> int:
    text = _text(row, name)
    if not text.lstrip("-").isdigit():
        raise ApiError(_BAD_FORMAT, f"E005: {name} must be a whole number")
    return int(text)

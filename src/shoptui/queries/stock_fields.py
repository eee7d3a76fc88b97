"""What can be asked of a stock pool, and what may stand after each field's colon."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shoptui.queries.field_reading import (
    DIGITS_MAX,
    NUMBER,
    BadValue,
    FieldTable,
    Reader,
    choice,
    glob,
    market,
    region,
    times,
)
from shoptui.queries.fields import ACT_WORDS
from shoptui.queries.query import Limit, Value


class StockField(StrEnum):
    """What can be asked of a pool, as typed before the colon."""

    RISK = "risk"
    COVER = "cover"
    DUE = "due"
    LOW = "low"
    SOLD = "sold"
    SKU = "sku"
    STORE = "store"
    REGION = "region"
    MARKET = "market"
    IS = "is"
    ACT = "act"


#: The words of `risk:`. `out` runs out within a week at its speed, `over` is promised beyond what there is, `step` is
#: not offered as the rule says; `any` is one of the three.
RISK_WORDS = ("any", "out", "over", "step", "none")

#: The words of `is:`. `missed` is sold beyond what there is already. `selling` sold something within a week, `shared`
#: is listed more than once, `ruled` has a rule of its own.
STOCK_IS_WORDS = ("counted", "uncounted", "missed", "listed", "unlisted", "shared", "selling", "ruled")


def _units(field: StrEnum, text: str, example: str) -> Value:
    match = NUMBER.fullmatch(text)
    number = match["number"] if match else ""
    plain = number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX
    if match is None or not match["sign"] or match["unit"] or not plain:
        raise BadValue(
            "no_units",
            f"{text} is no number of units. Use < or > and a whole number, as in {example}",
            0,
            len(text),
            word=text,
            example=example,
        )
    return Limit(match["sign"] == "<", int(number), "", str(int(number)))


_READERS: Mapping[StrEnum, Reader] = MappingProxyType(
    {
        StockField.RISK: choice({word: word for word in RISK_WORDS}),
        StockField.COVER: times("none"),
        StockField.DUE: times("missed", "none"),
        StockField.LOW: _units,
        StockField.SOLD: _units,
        StockField.SKU: glob,
        StockField.STORE: glob,
        StockField.REGION: region,
        StockField.MARKET: market,
        StockField.IS: choice({word: word for word in STOCK_IS_WORDS}),
        StockField.ACT: choice({word: word for word in ACT_WORDS}),
    }
)

#: One example of each field, for help and for sentences.
STOCK_EXAMPLE: Mapping[StrEnum, str] = MappingProxyType(
    {
        StockField.RISK: "risk:any",
        StockField.COVER: "cover:<3d",
        StockField.DUE: "due:<4h",
        StockField.LOW: "low:<5",
        StockField.SOLD: "sold:>10",
        StockField.SKU: "sku:BAG-*",
        StockField.STORE: "store:tt-th-*",
        StockField.REGION: "region:th",
        StockField.MARKET: "market:shopee",
        StockField.IS: "is:uncounted",
        StockField.ACT: "act:failed",
    }
)

#: The language of stock. `cover:` is how long what is left lasts, `low:` how many are left, `sold:` how many a day.
#: `store:`, `region:` and `market:` hold for pools with a listing there. Bare words are looked for in codes and names.
STOCK_FIELDS = FieldTable(readers=_READERS, examples=STOCK_EXAMPLE)

"""What Lazada's fee types are in the house's words: by group, and the important ones by id (sheet, appendix A)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shoptui.adapters.finance_records import by_name
from shoptui.domain.finance import FeeKind

_K = FeeKind

#: New ids appear without notice; they are taken for what most of their group is.
_BY_GROUP: Mapping[str, FeeKind] = MappingProxyType(
    {
        "orders-sales": _K.ITEM,
        "refunds-sales": _K.REFUND,
        "orders-lazada fees": _K.SERVICE_FEE,
        "refunds-lazada fees": _K.SERVICE_FEE,
        "other services-lazada fees": _K.SERVICE_FEE,
        "3p services-lazada fees": _K.SERVICE_FEE,
        "orders-logistics": _K.SHIPPING,
        "refunds-logistics": _K.SHIPPING,
        "3p services-logistics": _K.SHIPPING,
        "orders-marketing fees": _K.MARKETING,
        "refunds-marketing fees": _K.MARKETING,
        "other services-marketing fees": _K.MARKETING,
        "3p services-marketing fees": _K.MARKETING,
        "other services-services": _K.MARKETING,
        "orders-claims": _K.COMPENSATION,
        "refunds-claims": _K.COMPENSATION,
        "3p services-claims": _K.COMPENSATION,
        "other services-sales": _K.ADJUSTMENT,
    }
)
_BY_ID = by_name(
    (_K.ITEM, "13 36 212 501"),
    (_K.REFUND, "14 213 505"),
    (_K.PLATFORM_DISCOUNT, "59 502 504"),
    # What the seller pays of a promotion is a discount of his own, not advertising.
    (_K.SELLER_DISCOUNT, "117 118 119 120 121 122 202 203 209 210 289 306 307"),
    # Commission, its corrections, and commissions of programmes.
    (_K.COMMISSION, "15 16 65 66 123 218 219 274 275 277 278 341 371 372 1040 1041"),
    (_K.PAYMENT_FEE, "3 4 67 84 221 222 227 267 268"),
    (_K.SERVICE_FEE, "20 29 135 298 299 304 305 343"),
    (_K.AFFILIATE, "239 240"),
    (_K.MARKETING, "112 214"),
    (_K.SHIPPING_BUYER, "8 42 43 142 519 518"),
    (_K.SHIPPING, "7 21 28 46 124 141 159 160 161 308 309 1027 1029 1032"),
    (_K.SHIPPING_SUBSIDY, "157 158 211 230 500 503 512 520"),
    (_K.SHIPPING_BACK, "25 26 128 143 200 315 335"),
    (_K.TAX, "201 251 292 293 294"),
    (
        _K.PENALTY,
        "23 54 55 60 68 69 70 71 72 73 74 75 76 77 78 79 80 81 87 88 89 90 91 92 93 94 95 96 97 98 99 100 101 "
        "102 103 365 366",
    ),
    (_K.ADJUSTMENT, "62 63 64 82 83 104 111 115 116 144 145 235 236 280 326"),
)


def kind_of(fee_type: str, group: str) -> FeeKind:
    """What a row is; `other` for an unknown id of an unknown group."""
    return _BY_ID.get(fee_type) or _BY_GROUP.get(group.strip().casefold(), FeeKind.OTHER)

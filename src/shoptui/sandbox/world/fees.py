"""What the simulated marketplaces charge: one schedule per marketplace and region, the demo's own round figures.

They are no marketplace's published rates. Who checks settlements against rules writes the same figures into rules.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """Rates of one marketplace in one region, in hundredths of a percent (`600` is 6.00 %) or minor units per order.

    `commission` and `service` are taken of the goods: list price less the seller's own discounts, whatever the
    marketplace paid on top. `payment` is taken of what the buyer paid: the goods less all discounts, and the carriage.
    `tax` is withheld of the goods. `order_fee_minor` is taken once per order. Each fee is worked out once per order,
    rounded half up to one minor unit. Carriage: the carrier takes the quote shown at checkout, the buyer paid the quote
    less its discount, the marketplace gives the discount; so carriage leaves nothing over. Parcels that the seller
    carries himself cost nothing here. A parcel that comes back costs `back` of the quote. When a buyer is paid back,
    what was taken of the goods is given back where `gives_back`; the payment fee and the fee per order never are.
    `settles_after_h` is from an order's completion to its settlement, `late_after_days` when it counts as forgotten.
    """

    commission: int
    payment: int
    service: int
    order_fee_minor: int
    tax: int
    back: int
    gives_back: bool
    settles_after_h: int
    late_after_days: int


#: Withheld of the goods, by region; elsewhere nothing.
_TAX = {"VN": 150, "PH": 50, "ID": 50}

#: commission, payment, service, order fee
_TIKTOK = {
    "VN": (600, 224, 0, 3_000),
    "TH": (550, 224, 0, 100),
    "MY": (600, 224, 0, 50),
    "PH": (550, 224, 0, 500),
    "SG": (500, 224, 0, 0),
    "ID": (600, 200, 0, 1_250),
    "GB": (900, 0, 0, 0),
    "US": (600, 0, 0, 0),
    "JP": (700, 0, 0, 0),
}
_SHOPEE = {
    "MY": (800, 212, 300, 50),
    "SG": (700, 218, 200, 0),
    "TH": (700, 321, 300, 100),
    "VN": (900, 500, 300, 3_000),
    "ID": (750, 180, 300, 1_250),
    "PH": (650, 224, 350, 500),
}
_LAZADA = {
    "MY": (600, 200, 250, 0),
    "TH": (650, 300, 300, 0),
    "VN": (700, 250, 350, 0),
    "PH": (550, 225, 300, 0),
    "ID": (650, 180, 300, 0),
    "SG": (600, 200, 200, 0),
}
_USUAL = (600, 200, 0, 0)

#: Rates, what a returned parcel costs, whether fees follow refunds, hours to the settlement, days until it is late.
_MARKETS = {
    "tiktok": (_TIKTOK, 10_000, True, 24, 4),
    "shopee": (_SHOPEE, 0, False, 2, 3),
    "lazada": (_LAZADA, 5_000, True, 24, 10),
}


def schedule_of(marketplace: str, region: str) -> FeeSchedule:
    """What a marketplace charges in a region. Raises KeyError for a marketplace without a schedule."""
    rates, back, gives_back, hours, days = _MARKETS[marketplace]
    commission, payment, service, order_fee = rates.get(region, _USUAL)
    return FeeSchedule(commission, payment, service, order_fee, _TAX.get(region, 0), back, gives_back, hours, days)


def share(minor: int, rate: int) -> int:
    """`rate` hundredths of a percent of an amount, rounded half up by its size; the sign stays."""
    sign = -1 if minor < 0 else 1
    return sign * ((abs(minor) * rate + 5_000) // 10_000)

"""What simulated marketplaces charge and when they pay; each has figures of its own beside its rules for the world.

They are the demo's own round figures and no marketplace's published rates. Who checks settlements against rules writes
the same figures into rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class FeePlan:
    """A marketplace's schedules. `rates` are, by region, commission, payment, service and the fee per order.

    The other fields are as in `FeeSchedule`.
    """

    rates: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    back: int = 0
    gives_back: bool = True
    settles_after_h: int = 24
    late_after_days: int = 7

    def schedule(self, region: str) -> FeeSchedule:
        """What the marketplace charges in a region; where it has no rates of its own, the usual ones."""
        commission, payment, service, order_fee = self.rates.get(region, _USUAL)
        return FeeSchedule(
            commission,
            payment,
            service,
            order_fee,
            _TAX.get(region, 0),
            self.back,
            self.gives_back,
            self.settles_after_h,
            self.late_after_days,
        )


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a marketplace cuts time into statements. A period is so long and begins so far from UTC midnight.

    `paid_after_s` is from a period's end to its payment. None as `period_s`: it knows no statements, every entry is
    in the wallet at once.
    """

    period_s: int | None
    is_local: bool
    paid_after_s: int


#: Withheld of the goods, by region; elsewhere nothing.
_TAX = {"VN": 150, "PH": 50, "ID": 50}
_USUAL = (600, 200, 0, 0)


def share(minor: int, rate: int) -> int:
    """`rate` hundredths of a percent of an amount, rounded half up by its size; the sign stays."""
    sign = -1 if minor < 0 else 1
    return sign * ((abs(minor) * rate + 5_000) // 10_000)

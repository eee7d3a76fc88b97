"""Numbers that stand for words in the cache's columns and indexes: shorter keys, and an order that means something."""

from __future__ import annotations

from shoptui.domain.orders import BEFORE_CARRIER, CLOSED, ShippingType, Status

#: Stands for "no clock": later than any moment, so that rows without a clock sort last without a second key
#: (the first second of the year 10000).
NEVER = 253_402_300_800

#: The two groups every list has: rows that missed a clock come first.
GROUP_MISSED = 0
GROUP_AHEAD = 1

#: Sorting by status follows an order's way from unpaid to its end. Written out: the numbers are on disk.
STATUS_CODE: dict[Status, int] = {
    Status.UNPAID: 0,
    Status.ON_HOLD: 1,
    Status.TO_SHIP: 2,
    Status.TO_HAND_OVER: 3,
    Status.IN_TRANSIT: 4,
    Status.DELIVERY_FAILED: 5,
    Status.RETURNING: 6,
    Status.DELIVERED: 7,
    Status.COMPLETED: 8,
    Status.LOST: 9,
    Status.CANCELLED: 10,
    Status.UNKNOWN: 11,
}
STATUS_OF_CODE: dict[int, Status] = {code: status for status, code in STATUS_CODE.items()}

SHIPPING_CODE: dict[ShippingType, int] = {
    ShippingType.UNKNOWN: 0,
    ShippingType.PLATFORM: 1,
    ShippingType.SELLER: 2,
    ShippingType.DIGITAL: 3,
    ShippingType.STORE_PICKUP: 4,
}
SHIPPING_OF_CODE: dict[int, ShippingType] = {code: kind for kind, code in SHIPPING_CODE.items()}

CLOSED_CODES = tuple(sorted(STATUS_CODE[status] for status in CLOSED))
BEFORE_CARRIER_CODES = tuple(sorted(STATUS_CODE[status] for status in BEFORE_CARRIER))

#: What a code in the look-up table is.
CODE_ORDER = 0
CODE_TRACKING = 1
CODE_PACKAGE = 2
#: Whose the order is: the buyer's id as it is, for it is never typed from its end.
CODE_BUYER = 3

#: Between several values in one text column (SKUs, packages); no marketplace allows it in an id.
SEPARATOR = "\n"


def moment(at: int) -> int | None:
    """A moment (epoch s) or a duration (s) as it is kept, None where there is none."""
    return None if at == NEVER else at


def code_key(code: str) -> str:
    """How a number is looked up: upper case and backwards, so that its last characters are an index's prefix."""
    return code.strip().upper()[::-1]

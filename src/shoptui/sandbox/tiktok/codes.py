"""TikTok Shop's result codes as far as the sandbox uses them, and the code of each refusal of the world."""

from __future__ import annotations

from dataclasses import dataclass

from ..world.refusal import Reason

OK = 0
RATE_LIMITED = 36009002
INTERNAL = 36009003
BAD_INPUT = 36009004
NO_SUCH_PATH = 36009009
WRONG_METHOD = 36009010
BAD_VERSION = 36009014
BAD_BODY_FORMAT = 36009022
BAD_AUTH_CODE = 36004004
WRONG_SHOP = 101000
TOKEN_INVALID = 105001
TOKEN_EXPIRED = 105002
NO_SCOPE = 105005
BAD_SIGN = 106001
NO_CIPHER = 106013
NOT_THIS_SHOPS_ORDER = 21008111
NOT_THIS_SHOPS_PACKAGE = 21011028
WRONG_REGION = 21008106
PLATFORM_OPTION = 21008117
LABEL_TOO_EARLY = 21023035
LABEL_TOO_LATE = 21042102
LABEL_CANCELLED = 21023059
LABEL_PENDING = 11034037
LABEL_NOT_PLATFORM = 21008017
LABEL_PLATFORM_FULFILLED = 21008043
LABEL_AFTER_SALE = 21021010
NO_SUCH_CANCELLATION = 25007006

HTTP_STATUS = {
    RATE_LIMITED: 429,
    BAD_INPUT: 400,
    NO_SUCH_PATH: 404,
    WRONG_METHOD: 405,
    BAD_VERSION: 400,
    BAD_BODY_FORMAT: 400,
    WRONG_SHOP: 400,
    TOKEN_INVALID: 401,
    TOKEN_EXPIRED: 401,
    NO_SCOPE: 401,
    BAD_SIGN: 401,
    NO_CIPHER: 400,
}
"""HTTP status by code; every other code travels with 200. For token and scope codes no source states one."""

_SHIPPING: dict[Reason, int] = {
    Reason.NOT_FOUND: NOT_THIS_SHOPS_PACKAGE,
    Reason.ALREADY_ARRANGED: 21011020,
    Reason.ALREADY_COLLECTED: 21011040,
    Reason.ALREADY_MARKED: 21008099,
    Reason.ALREADY_BOUGHT: 21011006,
    Reason.ALREADY_DELIVERED: 21011027,
    Reason.CANCELLED: 21011041,
    Reason.AFTER_SALE_OPEN: 21008044,
    Reason.PLATFORM_FULFILLED: 21008025,
    Reason.WRONG_STATE: 21011003,
    Reason.WRONG_FLOW: 21011003,
    Reason.WRONG_REGION: WRONG_REGION,
    Reason.NOT_READY: 21011008,
    Reason.FROZEN: 10007014,
    Reason.OUTSIDE_SLOT: 21011053,
    Reason.NO_SLOT: 21011054,
    Reason.NO_SERVICE: 11021009,
    Reason.BAD_POSTCODE: 11021010,
    Reason.ADDRESS_TOO_LONG: 11021013,
    Reason.BAD_TRACKING: 21011022,
    Reason.BAD_CARRIER: 11028006,
    Reason.TRACKING_REUSED: 21011025,
    Reason.TRACKING_OVERUSED: 21034012,
    Reason.SPLIT_NOT_ALLOWED: 21011035,
    Reason.SAME_SKU: 21011036,
    Reason.ALREADY_COMBINED: 21011046,
    Reason.NOT_COMBINABLE: 21011033,
    Reason.BAD_LINES: 21001001,
    Reason.LABEL_TOO_EARLY: LABEL_TOO_EARLY,
    Reason.LABEL_TOO_LATE: LABEL_TOO_LATE,
    Reason.LABEL_PENDING: LABEL_PENDING,
}

_UPDATING: dict[Reason, int] = {
    **_SHIPPING,
    Reason.NOT_SELLER_SHIPPED: 21011004,
    Reason.CANCELLED: 21011042,
    Reason.NOT_SHIPPED: 21011043,
    Reason.TOO_LATE: 21011050,
    Reason.ONLY_ONCE: 21011051,
    Reason.WRONG_STATE: 10007002,
}

_CANCELLING: dict[Reason, int] = {
    Reason.NOT_FOUND: NO_SUCH_CANCELLATION,
    Reason.WRONG_STATE: 25001003,
    Reason.REASON_UNKNOWN: 25001014,
    Reason.REASON_MISFIT: 25001021,
    Reason.REQUEST_RUNNING: 25001011,
    Reason.REQUEST_FINISHED: 25001010,
    Reason.ALREADY_APPROVED: 25020010,
    Reason.CANNOT_REJECT: 25011011,
    Reason.ORDER_FINISHED: 25001051,
    Reason.NO_PARTIAL_CANCEL: 25005010,
    Reason.BAD_LINES: 25001001,
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """The codes one family of endpoints gives for the world's refusals."""

    codes: dict[Reason, int]

    def code(self, reason: Reason) -> int:
        return self.codes.get(reason, INTERNAL)


SHIPPING = Dialect(_SHIPPING)
UPDATING = Dialect(_UPDATING)
CANCELLING = Dialect(_CANCELLING)


class ApiError(Exception):
    """A call ends with a code instead of data."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def bad(field: str, why: str = "is invalid") -> ApiError:
    """The catch-all 36009004, whose message names the offending item."""
    return ApiError(BAD_INPUT, f"{field} {why}")

"""Lazada's error codes as far as the sandbox uses them, and the row code of each refusal of the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..failing import CallError, Dialect
from ..world.refusal import Reason

SIGN = "IncompleteSignature"
MISSING = "MissingParameter"
BAD_PARAMETER = "InvalidParameter"
BAD_APP = "InvalidAppKey"
NO_SUCH_API = "InvalidApi"
TOKEN = "IllegalAccessToken"
REFRESH = "IllegalRefreshToken"
BAD_CODE = "InvalidCode"
PERMISSION = "InsufficientPermission"
API_LIMIT = "ApiCallLimit"
SELLER_LIMIT = "SellerCallLimit"
APP_LIMIT = "AppCallLimit"
TIMEOUT = "ServiceTimeout"
BUSY = "SystemBusy"

TOKEN_TEXT = "The specified access token is invalid or expired"
REFRESH_TEXT = "The specified refresh token is invalid or expired"
SIGN_TEXT = "The request signature does not conform to lazop standards"
LIMIT_TEXT = "Api access frequency exceeds the limit. this ban will last 1 seconds"

_OF_PLATFORM = frozenset({TIMEOUT, BUSY, "1000", "1002", "506", "998", "UnknownRuntimeException"})

ROW_BUSY = "6"
NO_CARRIER = "1003"
NO_PACKAGE = "600001"
PACKAGE_CANCELLED = "600002"
PACKAGE_STATE = "700000"
UNKNOWN_DBS = "700001"
ILLEGAL = "700004"
ONLY_DBS = "700009"
NO_NTFS_CARRIER = "700016"
NULL_PARAMETER = "700017"
NOT_DIGITAL = "700020"
NO_ORDER = "700021"
TOO_MANY = "700022"
LOCKED = "700024"
NO_ITEM = "700025"
NOT_PACKABLE = "700026"
FBL = "700027"
NOT_FULFILLABLE = "700031"
NOT_PRINTABLE = "700040"

_OF_ROWS: dict[Reason, str] = {
    Reason.NOT_FOUND: NO_PACKAGE,
    Reason.CANCELLED: PACKAGE_CANCELLED,
    Reason.PLATFORM_FULFILLED: FBL,
    Reason.NO_SERVICE: NO_CARRIER,
    Reason.FROZEN: LOCKED,
    Reason.NOT_READY: NOT_FULFILLABLE,
    Reason.NOT_SELLER_SHIPPED: ONLY_DBS,
    Reason.BAD_LINES: NO_ITEM,
    Reason.BAD_TRACKING: ILLEGAL,
    Reason.BAD_CARRIER: ILLEGAL,
    Reason.TRACKING_REUSED: ILLEGAL,
    Reason.TRACKING_OVERUSED: ILLEGAL,
}
_RETRY = frozenset({LOCKED, ROW_BUSY})


ROWS = Dialect(_OF_ROWS, PACKAGE_STATE)
"""`item_err_code` of a refusal inside a batch; states that forbid the step share one."""


def may_retry(code: str) -> bool:
    """Whether Lazada says that the very same row may work later."""
    return code in _RETRY


class ApiError(CallError[str]):
    """A call ends with the error envelope instead of data; the HTTP status is 200 all the same (section 5.2).

    `detail` are the rows behind a summary code: which SKU, which field, why.
    """

    def __init__(self, code: str, message: str, detail: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(code, message)
        self.detail = detail

    @property
    def type(self) -> str:
        """Whose fault it is: the caller's (ISV), a service behind the gateway (ISP) or the platform (SYSTEM)."""
        return fault_type(self.code)


def fault_type(code: str) -> str:
    """ISV, ISP or SYSTEM for a code."""
    if code in _OF_PLATFORM:
        return "SYSTEM"
    return "ISP" if code.isdigit() else "ISV"


class ResultError(Exception):
    """A fulfilment call fails as a whole inside its `result`, while its envelope says all went well (section 7.1)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def missing(name: str) -> ApiError:
    return ApiError(
        MISSING, f"The input parameter {name} that is mandatory for processing this request is not supplied"
    )


def invalid(name: str, why: str) -> ApiError:
    return ApiError(BAD_PARAMETER, f"The specified parameter {name} is not valid: {why}")

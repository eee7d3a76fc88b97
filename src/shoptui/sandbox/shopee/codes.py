"""Shopee's error codes as far as the sandbox uses them, and the code of each refusal of the world."""

from __future__ import annotations

from ..failing import CallError, Dialect
from ..world.refusal import Reason

PARAM = "error_param"
SIGN = "error_sign"
AUTH = "error_auth"
NOT_FOUND = "error_not_found"
SERVER = "error_server"
RATE_LIMIT = "error_rate_limit"
API_PERMISSION = "error_api_permission"
# Misspelt on the wire (sheet, trap 2), as are the other odd ones here (trap 39).
TOKEN = "invalid_acceess_token"
PARTNER = "invalid_partner_id"
NOT_LINKED = "shop_no_linked"
MERCHANT_NOT_LINKED = "merchant_no_linked"
GRANT_OVER = "shop_access_expired"
BAD_CODE = "invalid_code"
BAD_SHOP = "invalid_shop_id"
BAD_MAIN_ACCOUNT = "invalid_main_acount_id"
REFRESH_EXPIRED = "refresh_token_expired"
REFRESH_OF_ANOTHER = "error_shop_refresh_token"
ALL_FAILED = "common.batch_api_all_failed"
BAD_WINDOW = "order.order_list_invalid_time"
ARCHIVED = "error_archived_order_update"

NOT_READY = "logistics.ship_order_not_ready_to_ship"
# Documented with the leading blank.
ALREADY_SHIPPED = " logistics.package_already_shipped"
NEED_PACKAGE = "logistics.ship_order_need_pacakge_number"
NEED_NO_PACKAGE = "logistics.ship_order_not_need_pacakge_number"
NO_SUCH_PACKAGE = "logistics.package_number_not_exist"
ONE_METHOD_ONLY = "logistics.ship_order_only_support_one_type"
NEED_PICKUP = "logistics.ship_order_need_address_pickup_time"
NEED_BRANCH = "logistics.ship_order_need_branch_id"
NEED_SENDER = "logistics.ship_order_need_sender_real_name"
NEED_TRACKING = "logistics.ship_order_need_tracking_number"
BAD_PICKUP_TIME = "logistics.ship_order_pickup_time_invalid"
NO_PICKUP_ADDRESS = "logistics.no_supported_pickup_address"
NO_BRANCH = "logistics.no_supported_dropoff_branch"
LOGISTICS_PARAM = "logistics.error_param"
NO_SUCH_TRACE = "logistics.invalid_error"

CAN_NOT_PRINT = "logistics.package_can_not_print"
PRINT_FIRST = "logistics.shipping_document_should_print_first"
BAD_TRACKING = "logistics.tracking_number_invalid"
BAD_DOCUMENT = "logistics.shipping_document_type_invalid"
DOWNLOAD_LATER = "logistics.download_later"
PRINT_FAILED = "logistics.package_print_failed"
NO_SUCH_PRINT_ORDER = "logistics.order_not_exist"
NO_SUCH_PRINT_PACKAGE = "logistics.package_number_not_found"
NOT_TOGETHER = "logistics.packages_can_not_download_together"
BAD_PRINT_STATUS = "logistics.order_status_error"

NO_SUCH_ITEM = "product.error_item_not_found"
UNEDITABLE = "product.error_item_uneditable"
HAS_MODELS = "product.error_edit_item_stock_for_item_has_model"
UPDATE_FAILED = "product.error_busi_update_stock_failed"
PRODUCT_PARAM = "product.error_param"
BUSI = "error_busi"

CAN_NOT_CANCEL = "order.error_limit"
NO_CANCEL_REQUEST = "order.cancel_order_invalid_status"

CAN_NOT_SPLIT = "order.order_cannot_split"
SPLIT_ALREADY = "order.order_has_been_split"
SPLIT_TWICE = "order.order_split_duplicate_item"
SPLIT_NO_SUCH_ITEM = "order.order_split_item_not_exist"
SPLIT_ITEM_MISSING = "order.order_split_package_missing_item"
SPLIT_QUANTITY = "order.order_split_wrong_item_quantity"
SPLIT_FAILED = "order.order_split_failed"
CAN_NOT_UNSPLIT = "order.order_cannot_undo_split"

_SHIPPING: dict[Reason, str] = {
    Reason.NOT_FOUND: NOT_FOUND,
    Reason.ALREADY_ARRANGED: ALREADY_SHIPPED,
    Reason.ALREADY_COLLECTED: ALREADY_SHIPPED,
    Reason.ALREADY_DELIVERED: ALREADY_SHIPPED,
    Reason.CANCELLED: NOT_READY,
    Reason.AFTER_SALE_OPEN: NOT_READY,
    Reason.PLATFORM_FULFILLED: NOT_READY,
    Reason.WRONG_STATE: NOT_READY,
    Reason.WRONG_FLOW: NOT_READY,
    Reason.NOT_READY: NOT_READY,
    Reason.FROZEN: LOGISTICS_PARAM,
    Reason.OUTSIDE_SLOT: BAD_PICKUP_TIME,
    Reason.NO_SLOT: "logistics.no_available_time_slot",
    Reason.NO_SERVICE: LOGISTICS_PARAM,
    Reason.BAD_POSTCODE: LOGISTICS_PARAM,
    Reason.ADDRESS_TOO_LONG: LOGISTICS_PARAM,
    Reason.BAD_TRACKING: BAD_TRACKING,
    Reason.BAD_CARRIER: BAD_TRACKING,
    Reason.TRACKING_REUSED: BAD_TRACKING,
    Reason.TRACKING_OVERUSED: BAD_TRACKING,
}

_CANCELLING: dict[Reason, str] = {
    Reason.NOT_FOUND: NOT_FOUND,
    Reason.WRONG_STATE: CAN_NOT_CANCEL,
    Reason.ORDER_FINISHED: CAN_NOT_CANCEL,
    Reason.REQUEST_RUNNING: CAN_NOT_CANCEL,
    Reason.NO_PARTIAL_CANCEL: CAN_NOT_CANCEL,
    Reason.REASON_MISFIT: PARAM,
    Reason.BAD_LINES: PARAM,
    Reason.REQUEST_FINISHED: NO_CANCEL_REQUEST,
    Reason.ALREADY_APPROVED: NO_CANCEL_REQUEST,
    Reason.CANNOT_REJECT: NO_CANCEL_REQUEST,
}

_SPLITTING: dict[Reason, str] = {
    Reason.NOT_FOUND: NOT_FOUND,
    Reason.SPLIT_NOT_ALLOWED: CAN_NOT_SPLIT,
    Reason.ALREADY_COMBINED: CAN_NOT_SPLIT,
    Reason.SAME_SKU: SPLIT_FAILED,
    Reason.BAD_LINES: SPLIT_FAILED,
    Reason.WRONG_STATE: CAN_NOT_UNSPLIT,
}


SHIPPING = Dialect(_SHIPPING, SERVER)
CANCELLING = Dialect(_CANCELLING, SERVER)
SPLITTING = Dialect(_SPLITTING, SERVER)


class ApiError(CallError[str]):
    """A call ends with an error instead of data. `status` is the HTTP status, which is nearly always 200."""

    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(code, message)
        self.status = status


def bad(field: str, why: str) -> ApiError:
    """The catch-all of validation, naming the field."""
    return ApiError(PARAM, f"Wrong parameters, detail: {field} {why}.")

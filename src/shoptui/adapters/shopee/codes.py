"""Shopee's error codes: for each what it means for us, the house's cause, and a plain English sentence."""

from __future__ import annotations

import re

from shoptui.adapters.codes import Means, Row, by_code
from shoptui.domain.intents import CauseId

_R, _A, _W, _T = Means.REFUSED, Means.ALREADY, Means.WAIT, Means.TEMPORARY
_S = Means.SIGNED_OUT
_C = CauseId

# Codes by their last segment, meaning, cause, sentence. Misspelt ones are Shopee's own. Sources: the gateway's codes
# and the error lists of the order and logistics documents (sheet, sections 2.2, 3.2, 4.2, 5.10, 6.4, 6.6).
_TABLE: tuple[Row, ...] = (
    # Gateway
    ("error_sign", _R, _C.OTHER, "Shopee does not accept the signature; check the app's partner key and host."),
    (
        "invalid_partner_id",
        _R,
        _C.OTHER,
        "Shopee does not know the partner id here; partner id and host must belong to the same environment.",
    ),
    (
        "invalid_acceess_token invalid_access_token",
        Means.STALE_TOKEN,
        _C.SIGNED_OUT,
        "The access token has expired; authorise the store again.",
    ),
    (
        "partner_shop_no_link shop_no_linked merchant_no_linked user_no_linked",
        _S,
        _C.SIGNED_OUT,
        "The seller has not authorised this app, or has taken it back; authorise the store again.",
    ),
    (
        "shop_access_expired merchant_access_expired",
        _S,
        _C.SIGNED_OUT,
        "The seller's consent has ended; authorise the store again.",
    ),
    (
        "refresh_token_expired error_shop_refresh_token error_merchant_refresh_token",
        _S,
        _C.SIGNED_OUT,
        "The refresh token is used or has expired; authorise the store again.",
    ),
    (
        "invalid_code invalid_shop_id invalid_main_acount_id",
        _S,
        _C.SIGNED_OUT,
        "The authorisation code is used, old or for another shop; start the consent again.",
    ),
    (
        "error_api_permission error_ashop_api_permission",
        Means.SCOPE,
        _C.NO_PERMISSION,
        "The app may not make this call for this shop; check the app's type and permissions.",
    ),
    ("error_permission", Means.SCOPE, _C.NO_PERMISSION, "The app may not touch this; check its permissions."),
    ("error_api_call_restricted", Means.SCOPE, _C.NO_PERMISSION, "Shopee has restricted the app; see its console."),
    ("shop_banned user_banned", _R, _C.NO_PERMISSION, "Shopee has blocked this shop; see Seller Centre."),
    ("partner_frozen", _R, _C.NO_PERMISSION, "Shopee has frozen the app's partner; see the app's console."),
    ("error_kyc_auth", _R, _C.NO_PERMISSION, "The seller has to finish registration at Shopee first."),
    ("api_suspended", _R, _C.OTHER, "Shopee has switched this call off; shoptui needs an update."),
    ("error_partner_key_expired", _R, _C.NO_PERMISSION, "The app's partner key has run out; renew it in the console."),
    (
        "source_ip_undeclared",
        _R,
        _C.NO_PERMISSION,
        "This machine's address is not on the app's allow list; add it in the console.",
    ),
    ("error_rate_limit", Means.RATE, _C.OTHER, "Shopee asks for fewer calls a second."),
    (
        "error_server error_inner error_network error_system_busy error_busi error_data SERVER_ERROR",
        _T,
        _C.UNREACHABLE,
        "Shopee had an internal error; try again.",
    ),
    ("error_not_found", _R, _C.NOT_OURS, "Shopee does not find it in this shop; read the order again."),
    ("invalid_shop", _R, _C.NOT_OURS, "Shopee does not know the shop."),
    ("batch_api_all_failed", _R, _C.OTHER, "Shopee refused everything in the call."),
    ("error_param PARAMS_ERROR", _R, _C.OTHER, "Shopee does not accept a value of the request."),
    ("order_list_invalid_time", _R, _C.OTHER, "Shopee does not accept the time window of the search."),
    # Returns; codes with points of their own stand here in full
    ("return_not_found", _R, _C.NOT_OURS, "Shopee does not find this request; read the returns again."),
    (
        "error_return_status error_negotiation_status error_no_buyer_offer err_data return.status.illegal",
        _R,
        _C.WRONG_STATE,
        "The request's state does not allow this; read it again.",
    ),
    ("dispute.rr.not.allow", _R, _C.WRONG_STATE, "Shopee takes no dispute about this request (any more)."),
    ("dispute.cancel.ineligible", _R, _C.WRONG_STATE, "Shopee does not let this dispute be taken back."),
    ("error_ongoing_dispute", _R, _C.PLATFORM_DECIDES, "There is a dispute already; Shopee decides it."),
    ("error_validation", _R, _C.PLATFORM_DECIDES, "Shopee's own warehouse checks this return and decides."),
    (
        "error_return_request_type rraoc_refund_not_allowed",
        _R,
        _C.UNSUPPORTED,
        "Shopee does not take this answer to such a request.",
    ),
    (
        "dispute.request.param.error",
        _R,
        _C.EVIDENCE,
        "Shopee does not accept the dispute's reason, address or pictures; correct them.",
    ),
    ("returnsn.illegal number.error", _R, _C.OTHER, "Shopee does not accept a value of the request."),
    ("proof.overdue", _R, _C.TOO_LATE, "The time for handing in proof is over."),
    ("no.proof", _R, _C.EVIDENCE, "There is no proof of this request."),
    ("format.unsupport", _R, _C.EVIDENCE, "Shopee takes pictures as PNG or JPEG; hand in another."),
    ("image.upload.fail", _T, _C.UNREACHABLE, "Shopee could not take the picture; try again."),
    # Shipping
    (
        "package_already_shipped package_has_been_shipped",
        _A,
        _C.ALREADY_SHIPPED,
        "The package is arranged or shipped already.",
    ),
    ("ship_order_not_ready_to_ship", _R, _C.WRONG_STATE, "The order is not ready to be shipped; read it again."),
    (
        "ship_order_need_pacakge_number ship_order_not_need_pacakge_number package_number_not_exist "
        "package_number_not_found",
        _R,
        _C.NOT_OURS,
        "The order was split or put together meanwhile; read it again.",
    ),
    ("ship_order_only_support_one_type", _R, _C.OTHER, "Shopee takes one way of handing over only."),
    (
        "ship_order_need_address_pickup_time ship_order_pickup_time_invalid",
        _R,
        _C.SLOT_GONE,
        "The pick-up time is not offered (any more); choose another slot.",
    ),
    ("no_available_time_slot", _R, _C.NO_SLOT, "No pick-up slot is free; choose drop-off or try later."),
    (
        "no_supported_pickup_address invalid_address_version",
        _R,
        _C.ADDRESS,
        "Shopee does not pick up at the shop's address; check the addresses in Seller Centre.",
    ),
    (
        "no_supported_dropoff_branch ship_order_need_branch_id",
        _R,
        _C.NO_SERVICE,
        "No drop-off branch takes this parcel; choose pick-up.",
    ),
    (
        "ship_order_need_sender_real_name",
        _R,
        _C.OTHER,
        "The carrier wants the sender's real name; ship in Seller Centre.",
    ),
    (
        "ship_order_need_tracking_number",
        _R,
        _C.UNSUPPORTED,
        "This channel wants a number of your own; ship it in Seller Centre.",
    ),
    (
        "ship_order_unsupport_pickup ship_order_unsupport_dropoff",
        _R,
        _C.UNSUPPORTED,
        "The carrier does not take this parcel that way; choose the other way.",
    ),
    (
        "ship_order_unsupport_non_integrated",
        _R,
        _C.UNSUPPORTED,
        "Shopee's carrier ships this order; it takes no number of yours.",
    ),
    ("lack_of_invoice_data", _R, _C.INVOICE, "The invoice is missing; upload it in Seller Centre first."),
    (
        "error_booking_order",
        _R,
        _C.FULFILLED_BY_PLATFORM,
        "The order is matched with a parcel sent in advance; nothing is to be arranged.",
    ),
    ("order_prescription_unchecked", _R, _C.NOT_READY, "The prescription is not checked yet; see Seller Centre."),
    ("error_status order_status_error", _R, _C.WRONG_STATE, "The package's state does not allow this; read it again."),
    ("tracking_number_invalid", _R, _C.TRACKING_WRONG, "Shopee does not accept the tracking number; correct it."),
    ("invalid_error order_not_exist", _R, _C.NOT_OURS, "Shopee does not find the order; read it again."),
    # Labels
    ("package_can_not_print", _W, _C.NOT_READY, "The label cannot be made yet; it is tried again later."),
    ("shipping_document_should_print_first", _W, _C.NOT_READY, "The label is not made yet; it is asked for again."),
    ("download_later", _W, _C.NOT_READY, "The label is still being made; it is tried again later."),
    ("document_already_created", _A, _C.OTHER, "The label is being made already."),
    ("package_print_failed", _W, _C.NOT_READY, "Shopee failed to make the label; it is asked for again."),
    ("shipping_document_type_invalid", _R, _C.UNSUPPORTED, "This carrier has no such label; choose another size."),
    (
        "packages_can_not_download_together",
        _W,
        _C.NOT_READY,
        "These labels cannot be fetched together; they are fetched one by one.",
    ),
    (
        "can_not_print_combine_order can_not_print_jit_order",
        _R,
        _C.UNSUPPORTED,
        "This label can be printed in Seller Centre only.",
    ),
    # Notes, cancelling, answering buyers who ask to cancel
    ("error_archived_order_update", _R, _C.TOO_LATE, "The order is archived; its note cannot be changed any more."),
    (
        "cancel_order_invalid_status order_status_invalid",
        _R,
        _C.REQUEST_CLOSED,
        "The buyer's request is answered or withdrawn already.",
    ),
    # Splitting
    (
        "order_cannot_split order_cannot_split_pff",
        _R,
        _C.NO_SPLIT,
        "Shopee does not allow to split this order.",
    ),
    ("order_has_been_split", _R, _C.NO_SPLIT, "The order is split already; read it again."),
    (
        "order_split_duplicate_item order_split_item_not_exist order_split_package_missing_item "
        "order_split_wrong_item_position",
        _R,
        _C.NO_SPLIT,
        "Shopee wants every item of the order in exactly one parcel; read the order again.",
    ),
    (
        "order_split_wrong_item_quantity order_split_failed",
        _R,
        _C.NO_SPLIT,
        "Shopee does not split the order so; units of one item, and bundles, must stay together.",
    ),
    ("order_split_get_package_info_failed", _W, _C.NOT_READY, "The order is split; its parcels are not shown yet."),
    ("order_cannot_undo_split order_unsplit_failed", _R, _C.NO_SPLIT, "The split cannot be undone any more."),
    # Seller chat
    ("param_error", _R, _C.OTHER, "Shopee does not accept a value of the request."),
    (
        "first_chat_without_order_info",
        _R,
        _C.CANNOT_SEND,
        "Shopee wants an order's card before the first words to a buyer; link the conversation to an order.",
    ),
    (
        "user_is_forbidden",
        _R,
        _C.CANNOT_SEND,
        "Shopee takes no message here: the buyer wrote more than 7 days ago and no order is younger than 30 days.",
    ),
    (
        "reach_5_message_limit",
        _R,
        _C.UNANSWERED,
        "Five messages in a row have no answer; Shopee takes the next one when the buyer has written.",
    ),
    ("message_too_long", _R, _C.TOO_LONG, "Shopee takes 600 characters at most; shorten the message."),
    ("message_is_censored", _R, _C.SENSITIVE, "Shopee refuses words in the message; leave out contacts and links."),
    (
        "error_business",
        _R,
        _C.SENSITIVE,
        "Shopee refuses the same text to a buyer twice within 24 hours; say it in other words.",
    ),
    (
        "exceed_send_limitaion exceed_send_limitation",
        _R,
        _C.QUOTA,
        "The shop's messages for today are used up; answer in Seller Centre.",
    ),
    (
        "block_by_internal_safety_strategies error_blocked error_sender_block_receiver",
        _R,
        _C.CANNOT_SEND,
        "Shopee does not let messages through between this shop and this buyer; see Seller Centre.",
    ),
    (
        "assigned_to_subaccount shop_bound_subaccount",
        _R,
        _C.CANNOT_SEND,
        "The conversation belongs to a subaccount of the shop; answer there, or free it in Seller Centre.",
    ),
)

MEANINGS = by_code(_TABLE)

#: What carriers object to, by the words in which Shopee passes it on.
PARCEL_WORDS = (
    (re.compile(r"weight|heavy|\d ?k?g\b"), CauseId.TOO_HEAVY, "The parcel is too heavy for its shipping service."),
    (
        re.compile(r"dimension|too large|oversize"),
        CauseId.TOO_LARGE,
        "The parcel is too large for its shipping service.",
    ),
    (
        re.compile(r"postcode|postal|zip ?code|recipient|buyer.s address"),
        CauseId.ADDRESS,
        "The carrier does not accept the address; have it corrected.",
    ),
    (
        re.compile(r"no (shipping )?service|not serviceable"),
        CauseId.NO_SERVICE,
        "No shipping service takes this parcel.",
    ),
    (re.compile(r"tracking"), CauseId.TRACKING_WRONG, "Shopee does not accept the tracking number; correct it."),
    (
        re.compile(r"does not exist|not exist"),
        CauseId.NOT_OURS,
        "Shopee does not find the package; read its order again.",
    ),
)

#: How refusals say that a parcel is arranged or gone; the last two come from asking how it may be handed over.
SAYS_SHIPPED = (
    "already been shipped",
    "already shipped",
    "not eligible for rescheduling",
    "when package is ready to be shipped",
)

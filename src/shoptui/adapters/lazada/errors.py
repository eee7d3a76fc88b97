"""Lazada's error codes: for each what it means for us, the house's cause, and a plain English sentence."""

from __future__ import annotations

from collections.abc import Mapping

from shoptui.adapters import codes
from shoptui.adapters.base import AdapterError, Rejected, Temporary, Verdict
from shoptui.adapters.codes import CodeMeaning, Means, Row, by_code, clock_sentence
from shoptui.adapters.http import Answer
from shoptui.domain.intents import Cause, CauseId

TITLE = "Lazada"

#: How far a request's timestamp may be from Lazada's clock (sheet, section 3).
CLOCK_OFF_MAX_S = 7200

_R, _T, _W, _L = Means.REFUSED, Means.TEMPORARY, Means.WAIT, Means.LOOK
_C = CauseId
_SLOWER = "Lazada asks for fewer calls a second."
_BUSY = "Lazada had an internal error; try again."
_UPDATE = "Lazada does not accept a value of the request; shoptui needs an update."
_AGAIN = "Lazada does not know the order or item (any more); read the order again."

# Codes of the envelope. Sources: sheet, sections 5.3, 5.4, 7.3, 7.6, 7.7, 8.
_CALLS: tuple[Row, ...] = (
    (
        "IllegalAccessToken InvalidAccessToken",
        Means.STALE_TOKEN,
        _C.SIGNED_OUT,
        "The access token has expired; authorise the store again.",
    ),
    (
        "IllegalRefreshToken",
        Means.SIGNED_OUT,
        _C.SIGNED_OUT,
        "The seller's consent has ended; authorise the store again.",
    ),
    (
        "AUTH_TYPE_UNSUPPORTED",
        Means.SIGNED_OUT,
        _C.SIGNED_OUT,
        "This app's tokens end with its subscription; renew that first.",
    ),
    ("InvalidCode", Means.SIGNED_OUT, _C.SIGNED_OUT, "The authorisation code is used or wrong; open the link again."),
    (
        "IncompleteSignature",
        _R,
        _C.OTHER,
        "Lazada does not accept the signature; check the app secret and the base address.",
    ),
    ("MissingParameter MISSING_PARAMETER InvalidParameter MissingPartner", _R, _C.OTHER, _UPDATE),
    (
        "InvalidAppKey",
        _R,
        _C.NO_PERMISSION,
        "Lazada does not know the app key or has disabled the app; check its settings.",
    ),
    ("InvalidApi", _R, _C.UNSUPPORTED, "Lazada has retired this call; do it in Seller Center."),
    (
        "InsufficientPermission",
        Means.SCOPE,
        _C.NO_PERMISSION,
        "The app's category lacks this call; add it, then authorise again.",
    ),
    ("AppWhiteIpLimit", _R, _C.NO_PERMISSION, "This machine's address is not on the app's allow list; add it there."),
    ("AppNotSubscribed", _R, _C.NO_PERMISSION, "The seller's subscription to the app has ended; renew it."),
    (
        "SellerNotVerified SellerNotActive",
        _R,
        _C.NO_PERMISSION,
        "Lazada has closed this shop or not opened it yet; see Seller Center.",
    ),
    ("Mp3SellerApiLimit", _R, _C.NO_PERMISSION, "Lazada runs this shop itself and allows no such call."),
    ("ApiCallLimit 901", Means.RATE, _C.OTHER, _SLOWER),
    ("AppCallLimit", Means.RATE, _C.OTHER, "Lazada asks the whole app for fewer calls."),
    ("SellerCallLimit", Means.RATE, _C.OTHER, "Lazada asks this shop for fewer calls."),
    (
        "ServiceTimeout SystemBusy UnknownRuntimeException 6 15 506 1000 1002 21 106 "
        "LD_INVOKE_DOWNSTREAM_RESPONSE_BLANK",
        _T,
        _C.UNREACHABLE,
        _BUSY,
    ),
    ("998", _T, _C.UNREACHABLE, "Lazada has switched this call off for a campaign; try later."),
    ("14 17 19 36 37 38 56 74 75 102 105 115", _R, _C.OTHER, _UPDATE),
    ("16 39 122 124 30012", _R, _C.NOT_OURS, _AGAIN),
    # Documents
    ("20 23 35", _R, _C.NOT_OURS, _AGAIN),
    ("32", _R, _C.UNSUPPORTED, "Lazada does not offer this document."),
    ("34", _R, _C.LABEL_EARLY, "There is no document before the order is packed; ship it first."),
    ("700040", _R, _C.UNSUPPORTED, "Lazada has nothing to print for this package."),
    ("50008", _R, _C.UNSUPPORTED, "Lazada does not do this for parcels of the seller's own fleet."),
    # Products and stock
    (
        "207 208 EDIT_ITEM_NOT_BELONG_SELLER",
        _R,
        _C.LISTING_GONE,
        "Lazada does not know this product or SKU of the shop; read the store's listings again.",
    ),
    ("4170", _R, _C.BELOW_FLOOR, "A campaign holds this stock; no less can be written until it ends."),
    ("212", _R, _C.QUANTITY, "Lazada does not take this quantity."),
    ("4225", _R, _C.STOCK_LOCKED, "This is a Global Plus item; its stock is kept elsewhere."),
    ("5 30 70 200 204 4171 4193", _R, _C.OTHER, _UPDATE),
    # Shipping with a number of the seller's own
    ("24", _R, _C.OTHER, _UPDATE),
    ("25", _R, _C.TRACKING_WRONG, "Lazada does not know this carrier; choose one of those it names."),
    ("26 31", _R, _C.TRACKING_WRONG, "Lazada does not accept this tracking number; correct it."),
    ("63", _R, _C.TRACKING_USED, "The tracking number is used already; enter another."),
    ("29", _R, _C.OTHER, _UPDATE),
    ("73 82", _L, _C.WRONG_STATE, "The items' state does not allow this; read the order again."),
    ("91", _R, _C.UNSUPPORTED, "These items go to Lazada's warehouse first; see Seller Center."),
    ("94 95 96", _R, _C.OTHER, "Lazada wants serial numbers for these items; ship them in Seller Center."),
    # Cancelling, and answering buyers who ask to cancel
    ("104", _R, _C.REASON, "Lazada does not accept this reason; choose one of its own."),
    ("116 117 118", _R, _C.NO_PERMISSION, "Lazada does not accept the seller's account for this call."),
    ("123", _R, _C.WRONG_STATE, "Lazada does not let these items be cancelled now; read the order again."),
    # Returns and refunds
    ("100 103 107 113 120 121 125 126", _R, _C.OTHER, _UPDATE),
    ("108 119", _R, _C.REASON, "Lazada wants one of its own reasons for this; choose one."),
    ("109", _R, _C.EVIDENCE, "Lazada wants a comment with a refusal; write why."),
    ("110", _R, _C.EVIDENCE, "Lazada wants a picture with this refusal; hand one in first."),
    ("111 133", _R, _C.UNSUPPORTED, "Lazada takes this for one item at a time only."),
    ("112 127", _R, _C.NOT_OURS, "Lazada does not find these items in the shop; read the return again."),
    ("114", _L, _C.WRONG_STATE, "The return's state does not allow this; read it again."),
    ("131", _L, _C.REQUEST_CLOSED, "There is nothing to decide (any more); read the order again."),
)

# Codes of rows in the answers of the package calls. Source: sheet, section 7.2.
_ROWS: tuple[Row, ...] = (
    ("6 40011", _W, _C.UNREACHABLE, _BUSY),
    ("700024", _W, _C.NOT_READY, "Lazada is working on the order just now; it is looked at again."),
    ("700031", _R, _C.NOT_READY, "Lazada has not released the order for shipping yet; try later."),
    ("700000 700026", _L, _C.WRONG_STATE, "The items' state does not allow this; read the order again."),
    ("600001", _L, _C.NOT_OURS, "Lazada does not know the package (any more); read the order again."),
    ("600002", _R, _C.CANCELLED, "The package is cancelled; do not ship it."),
    ("1003", _R, _C.NO_SERVICE, "Lazada found no carrier for this parcel; check its size and address."),
    ("700016", _R, _C.NO_SERVICE, "Lazada has no cross-border carrier for this parcel; see Seller Center."),
    ("700001", _R, _C.TRACKING_WRONG, "Lazada does not know this carrier; choose one of those it names."),
    ("700004 700017 700018 700019 700022", _R, _C.OTHER, _UPDATE),
    ("700009", _R, _C.UNSUPPORTED, "Lazada does this only for parcels of the seller's own fleet."),
    ("700013", _R, _C.UNSUPPORTED, "Lazada does not do this for these items; see Seller Center."),
    ("700020 700030", _R, _C.UNSUPPORTED, "Digital goods and services are not packed."),
    ("700021 700025 700100", _R, _C.NOT_OURS, _AGAIN),
    ("700023 700028", _R, _C.UNSUPPORTED, "The buyer fetches these items in the store."),
    ("700027", _R, _C.FULFILLED_BY_PLATFORM, "Lazada fulfils these items itself; nothing is to be done."),
    ("700029", _R, _C.MUST_SPLIT, "The items lie in different warehouses; split the order first."),
    ("700032 700033", _R, _C.ADDRESS, "Lazada misses a warehouse of this shop; set it in Seller Center."),
    ("70011", _R, _C.NO_PERMISSION, "Lazada does not find the seller; authorise the store again."),
    ("700040", _R, _C.UNSUPPORTED, "Lazada has nothing to print for this package."),
    ("50008", _R, _C.UNSUPPORTED, "Lazada does not do this for parcels of the seller's own fleet."),
)


#: How long a rate limit lasts where the answer does not say.
_PAUSES_S: Mapping[str, float] = {"ApiCallLimit": 1.0, "901": 1.0, "AppCallLimit": 5.0, "SellerCallLimit": 3.0}

CALLS = by_code(_CALLS)
ROWS = by_code(_ROWS)
UNKNOWN = CodeMeaning(Means.REFUSED, CauseId.OTHER, "Lazada refused.")
_PLATFORM_TROUBLE = CodeMeaning(Means.TEMPORARY, CauseId.UNREACHABLE, _BUSY)


def row_meaning(code: str) -> CodeMeaning:
    """What a row's code means; unknown ones are refusals."""
    return ROWS.get(code) or CALLS.get(code) or UNKNOWN


def row_cause(code: str, message: str) -> Cause:
    """Why a row failed: our sentence, followed by Lazada's own words where it has any."""
    meaning = row_meaning(code)
    return Cause(meaning.cause, code, with_their_words(meaning.sentence, message))


def row_error(code: str, message: str, request_id: str, answer: Answer) -> AdapterError:
    """The error of an answer whose inner result failed as a whole; its codes are those of rows."""
    meaning = ROWS.get(code)
    if meaning is None:
        return error_for(code, message, "", request_id, answer)
    words = with_their_words(meaning.sentence, message)
    if meaning.means is Means.WAIT:
        return Temporary(words, effect=answer.call.lost, code=code, request_id=request_id)
    return Rejected(Cause(meaning.cause, code, words), request_id=request_id)


def error_for(code: str, message: str, kind: str, request_id: str, answer: Answer) -> AdapterError:
    """The error of an envelope whose code is not "0". `kind` is its `type`: ISV, ISP, SYSTEM or ""."""
    meaning = CALLS.get(code)
    if meaning is None:
        # SYSTEM is the platform's own trouble, whatever its code.
        meaning = _PLATFORM_TROUBLE if kind.upper() == "SYSTEM" else UNKNOWN
    words = with_their_words(meaning.sentence, message)
    if code == "IncompleteSignature" and (off := _clock_sentence(answer)):
        words = with_their_words(off, message)
    pause_s = _PAUSES_S.get(code)
    return codes.error_of(meaning, words, code=code, request_id=request_id, answer=answer, pause_s=pause_s)


def verdict_of_refusal(refusal: Rejected) -> Verdict:
    """What a refusal says about one write; see `codes.verdict_of`."""
    return codes.verdict_of(CALLS.get(refusal.code) or ROWS.get(refusal.code) or UNKNOWN)


def _clock_sentence(answer: Answer) -> str:
    """Lazada may call a stale timestamp a wrong signature; the answer's own date tells them apart."""
    if answer.server_at is None or abs(round(answer.received_at - answer.server_at)) < CLOCK_OFF_MAX_S:
        return ""
    return clock_sentence(answer, TITLE, f"at most {CLOCK_OFF_MAX_S} s pass")


def with_their_words(ours: str, theirs: str) -> str:
    """Our sentence, and what Lazada itself says behind it."""
    return codes.with_their_words(ours, TITLE, theirs)

"""Lazada's error codes: for each what it means for us, the house's cause, and a plain English sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from shoptui.adapters.base import AdapterError, AuthError, RateLimited, Rejected, ScopeError, Temporary, Verdict
from shoptui.adapters.http import Answer
from shoptui.domain.intents import Cause, CauseId
from shoptui.text import sanitise_cell

_MESSAGE_MAX = 200

#: How far a request's timestamp may be from Lazada's clock (sheet, section 3).
CLOCK_OFF_MAX_S = 7200


class StaleToken(AuthError):
    """The access token has expired or is not known any more; a renewed one may work."""


class Outcome(StrEnum):
    """What a code means for the call, or the row, that met it."""

    REFUSED = "refused"
    ALREADY = "already"
    LOOK = "look"
    """The state does not allow it: perhaps because it is done. Only reading tells."""
    WAIT = "wait"
    TEMPORARY = "temporary"
    RATE = "rate"
    STALE_TOKEN = "stale_token"
    SIGNED_OUT = "signed_out"
    SCOPE = "scope"


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """One code. `sentence` says what is wrong and what to do; `pause_s` is how long a rate limit lasts."""

    outcome: Outcome
    cause: CauseId
    sentence: str
    pause_s: float = 0.0


_R, _T, _W, _L = Outcome.REFUSED, Outcome.TEMPORARY, Outcome.WAIT, Outcome.LOOK
_C = CauseId
_SLOWER = "Lazada asks for fewer calls a second."
_BUSY = "Lazada had an internal error; try again."
_UPDATE = "Lazada does not accept a value of the request; shoptui needs an update."
_AGAIN = "Lazada does not know the order or item (any more); read the order again."

# Codes of the envelope. Sources: sheet, sections 5.3, 5.4, 7.3, 7.6, 7.7, 8.
_CALLS: tuple[tuple[str, CodeMeaning], ...] = (
    (
        "IllegalAccessToken InvalidAccessToken",
        CodeMeaning(Outcome.STALE_TOKEN, _C.SIGNED_OUT, "The access token has expired; authorise the store again."),
    ),
    (
        "IllegalRefreshToken",
        CodeMeaning(Outcome.SIGNED_OUT, _C.SIGNED_OUT, "The seller's consent has ended; authorise the store again."),
    ),
    (
        "AUTH_TYPE_UNSUPPORTED",
        CodeMeaning(
            Outcome.SIGNED_OUT, _C.SIGNED_OUT, "This app's tokens end with its subscription; renew that first."
        ),
    ),
    (
        "InvalidCode",
        CodeMeaning(Outcome.SIGNED_OUT, _C.SIGNED_OUT, "The authorisation code is used or wrong; open the link again."),
    ),
    (
        "IncompleteSignature",
        CodeMeaning(_R, _C.OTHER, "Lazada does not accept the signature; check the app secret and the base address."),
    ),
    ("MissingParameter MISSING_PARAMETER InvalidParameter MissingPartner", CodeMeaning(_R, _C.OTHER, _UPDATE)),
    (
        "InvalidAppKey",
        CodeMeaning(
            _R, _C.NO_PERMISSION, "Lazada does not know the app key or has disabled the app; check its settings."
        ),
    ),
    ("InvalidApi", CodeMeaning(_R, _C.UNSUPPORTED, "Lazada has retired this call; do it in Seller Center.")),
    (
        "InsufficientPermission",
        CodeMeaning(
            Outcome.SCOPE, _C.NO_PERMISSION, "The app's category lacks this call; add it, then authorise again."
        ),
    ),
    (
        "AppWhiteIpLimit",
        CodeMeaning(_R, _C.NO_PERMISSION, "This machine's address is not on the app's allow list; add it there."),
    ),
    (
        "AppNotSubscribed",
        CodeMeaning(_R, _C.NO_PERMISSION, "The seller's subscription to the app has ended; renew it."),
    ),
    (
        "SellerNotVerified SellerNotActive",
        CodeMeaning(_R, _C.NO_PERMISSION, "Lazada has closed this shop or not opened it yet; see Seller Center."),
    ),
    ("Mp3SellerApiLimit", CodeMeaning(_R, _C.NO_PERMISSION, "Lazada runs this shop itself and allows no such call.")),
    ("ApiCallLimit 901", CodeMeaning(Outcome.RATE, _C.OTHER, _SLOWER, 1.0)),
    ("AppCallLimit", CodeMeaning(Outcome.RATE, _C.OTHER, "Lazada asks the whole app for fewer calls.", 5.0)),
    ("SellerCallLimit", CodeMeaning(Outcome.RATE, _C.OTHER, "Lazada asks this shop for fewer calls.", 3.0)),
    (
        "ServiceTimeout SystemBusy UnknownRuntimeException 6 15 506 1000 1002 21 106 "
        "LD_INVOKE_DOWNSTREAM_RESPONSE_BLANK",
        CodeMeaning(_T, _C.UNREACHABLE, _BUSY),
    ),
    ("998", CodeMeaning(_T, _C.UNREACHABLE, "Lazada has switched this call off for a campaign; try later.")),
    ("14 17 19 36 37 38 56 74 75 102 105 115", CodeMeaning(_R, _C.OTHER, _UPDATE)),
    ("16 39 122 124 30012", CodeMeaning(_R, _C.NOT_OURS, _AGAIN)),
    # Documents
    ("20 23 35", CodeMeaning(_R, _C.NOT_OURS, _AGAIN)),
    ("32", CodeMeaning(_R, _C.UNSUPPORTED, "Lazada does not offer this document.")),
    ("34", CodeMeaning(_R, _C.LABEL_EARLY, "There is no document before the order is packed; ship it first.")),
    ("700040", CodeMeaning(_R, _C.UNSUPPORTED, "Lazada has nothing to print for this package.")),
    ("50008", CodeMeaning(_R, _C.UNSUPPORTED, "Lazada does not do this for parcels of the seller's own fleet.")),
    # Shipping with a number of the seller's own
    ("24", CodeMeaning(_R, _C.OTHER, _UPDATE)),
    ("25", CodeMeaning(_R, _C.TRACKING_WRONG, "Lazada does not know this carrier; choose one of those it names.")),
    ("26 31", CodeMeaning(_R, _C.TRACKING_WRONG, "Lazada does not accept this tracking number; correct it.")),
    ("63", CodeMeaning(_R, _C.TRACKING_USED, "The tracking number is used already; enter another.")),
    ("29", CodeMeaning(_R, _C.OTHER, _UPDATE)),
    ("73 82", CodeMeaning(_L, _C.WRONG_STATE, "The items' state does not allow this; read the order again.")),
    ("91", CodeMeaning(_R, _C.UNSUPPORTED, "These items go to Lazada's warehouse first; see Seller Center.")),
    ("94 95 96", CodeMeaning(_R, _C.OTHER, "Lazada wants serial numbers for these items; ship them in Seller Center.")),
    # Cancelling, and answering buyers who ask to cancel
    ("104", CodeMeaning(_R, _C.REASON, "Lazada does not accept this reason; choose one of its own.")),
    ("116 117 118", CodeMeaning(_R, _C.NO_PERMISSION, "Lazada does not accept the seller's account for this call.")),
    ("123", CodeMeaning(_R, _C.WRONG_STATE, "Lazada does not let these items be cancelled now; read the order again.")),
    ("131", CodeMeaning(_L, _C.REQUEST_CLOSED, "There is nothing to decide (any more); read the order again.")),
)

# Codes of rows in the answers of the package calls. Source: sheet, section 7.2.
_ROWS: tuple[tuple[str, CodeMeaning], ...] = (
    ("6 40011", CodeMeaning(_W, _C.UNREACHABLE, _BUSY)),
    ("700024", CodeMeaning(_W, _C.NOT_READY, "Lazada is working on the order just now; it is looked at again.")),
    ("700031", CodeMeaning(_R, _C.NOT_READY, "Lazada has not released the order for shipping yet; try later.")),
    ("700000 700026", CodeMeaning(_L, _C.WRONG_STATE, "The items' state does not allow this; read the order again.")),
    ("600001", CodeMeaning(_L, _C.NOT_OURS, "Lazada does not know the package (any more); read the order again.")),
    ("600002", CodeMeaning(_R, _C.CANCELLED, "The package is cancelled; do not ship it.")),
    ("1003", CodeMeaning(_R, _C.NO_SERVICE, "Lazada found no carrier for this parcel; check its size and address.")),
    (
        "700016",
        CodeMeaning(_R, _C.NO_SERVICE, "Lazada has no cross-border carrier for this parcel; see Seller Center."),
    ),
    ("700001", CodeMeaning(_R, _C.TRACKING_WRONG, "Lazada does not know this carrier; choose one of those it names.")),
    ("700004 700017 700018 700019 700022", CodeMeaning(_R, _C.OTHER, _UPDATE)),
    ("700009", CodeMeaning(_R, _C.UNSUPPORTED, "Lazada does this only for parcels of the seller's own fleet.")),
    ("700013", CodeMeaning(_R, _C.UNSUPPORTED, "Lazada does not do this for these items; see Seller Center.")),
    ("700020 700030", CodeMeaning(_R, _C.UNSUPPORTED, "Digital goods and services are not packed.")),
    ("700021 700025 700100", CodeMeaning(_R, _C.NOT_OURS, _AGAIN)),
    ("700023 700028", CodeMeaning(_R, _C.UNSUPPORTED, "The buyer fetches these items in the store.")),
    ("700027", CodeMeaning(_R, _C.FULFILLED_BY_PLATFORM, "Lazada fulfils these items itself; nothing is to be done.")),
    ("700029", CodeMeaning(_R, _C.MUST_SPLIT, "The items lie in different warehouses; split the order first.")),
    ("700032 700033", CodeMeaning(_R, _C.ADDRESS, "Lazada misses a warehouse of this shop; set it in Seller Center.")),
    ("70011", CodeMeaning(_R, _C.NO_PERMISSION, "Lazada does not find the seller; authorise the store again.")),
    ("700040", CodeMeaning(_R, _C.UNSUPPORTED, "Lazada has nothing to print for this package.")),
    ("50008", CodeMeaning(_R, _C.UNSUPPORTED, "Lazada does not do this for parcels of the seller's own fleet.")),
)


def _by_code(table: tuple[tuple[str, CodeMeaning], ...]) -> Mapping[str, CodeMeaning]:
    return MappingProxyType({code: meaning for codes, meaning in table for code in codes.split()})


CALLS: Mapping[str, CodeMeaning] = _by_code(_CALLS)
ROWS: Mapping[str, CodeMeaning] = _by_code(_ROWS)
UNKNOWN = CodeMeaning(Outcome.REFUSED, CauseId.OTHER, "Lazada refused.")
_PLATFORM_TROUBLE = CodeMeaning(Outcome.TEMPORARY, CauseId.UNREACHABLE, _BUSY)


def row_meaning(code: str) -> CodeMeaning:
    """What a row's code means; unknown ones are refusals."""
    return ROWS.get(code) or CALLS.get(code) or UNKNOWN


def row_cause(code: str, message: str) -> Cause:
    """Why a row failed: our sentence, followed by Lazada's own words where it has any."""
    meaning = row_meaning(code)
    return Cause(meaning.cause, code, _sentence(meaning.sentence, message))


def row_error(code: str, message: str, request_id: str, answer: Answer) -> AdapterError:
    """The error of an answer whose inner result failed as a whole; its codes are those of rows."""
    meaning = ROWS.get(code)
    if meaning is None:
        return error_for(code, message, "", request_id, answer)
    words = _sentence(meaning.sentence, message)
    if meaning.outcome is Outcome.WAIT:
        return Temporary(words, effect=answer.call.lost, code=code, request_id=request_id)
    return Rejected(Cause(meaning.cause, code, words), request_id=request_id)


def error_for(code: str, message: str, kind: str, request_id: str, answer: Answer) -> AdapterError:
    """The error of an envelope whose code is not "0". `kind` is its `type`: ISV, ISP, SYSTEM or ""."""
    meaning = CALLS.get(code)
    if meaning is None:
        # SYSTEM is the platform's own trouble, whatever its code.
        meaning = _PLATFORM_TROUBLE if kind.upper() == "SYSTEM" else UNKNOWN
    words = _sentence(meaning.sentence, message)
    match meaning.outcome:
        case Outcome.RATE:
            pause_s = answer.retry_after_s if answer.retry_after_s is not None else meaning.pause_s
            return RateLimited(words, retry_after_s=pause_s, code=code, request_id=request_id)
        case Outcome.TEMPORARY:
            return Temporary(words, effect=answer.call.lost, code=code, request_id=request_id)
        case Outcome.STALE_TOKEN:
            return StaleToken(words, code=code, request_id=request_id)
        case Outcome.SIGNED_OUT:
            return AuthError(words, code=code, request_id=request_id)
        case Outcome.SCOPE:
            return ScopeError(words, code=code, request_id=request_id)
        case _:
            if code == "IncompleteSignature" and (off := _clock_sentence(answer)):
                words = _sentence(off, message)
            return Rejected(Cause(meaning.cause, code, words), request_id=request_id)


def verdict_of_refusal(refusal: Rejected) -> Verdict:
    """What a refusal says about one write: refused, or to be read back because it may be done."""
    meaning = CALLS.get(refusal.code) or ROWS.get(refusal.code)
    return Verdict.WAIT if meaning is not None and meaning.outcome in {Outcome.LOOK, Outcome.WAIT} else Verdict.REFUSED


def _clock_sentence(answer: Answer) -> str:
    """Lazada may call a stale timestamp a wrong signature; the answer's own date tells them apart."""
    if answer.server_at is None:
        return ""
    off_s = round(answer.received_at - answer.server_at)
    if abs(off_s) < CLOCK_OFF_MAX_S:
        return ""
    side = "ahead of" if off_s > 0 else "behind"
    return f"This machine's clock is {abs(off_s)} s {side} Lazada's; set it by NTP (at most {CLOCK_OFF_MAX_S} s pass)."


def _sentence(ours: str, theirs: str) -> str:
    theirs = sanitise_cell(theirs, limit=_MESSAGE_MAX)
    return f"{ours} Lazada says: {theirs}" if theirs else ours

"""TikTok Shop's error codes: for each what it means for us, the house's cause, and a plain English sentence."""

from __future__ import annotations

from shoptui.adapters import codes
from shoptui.adapters.base import AdapterError, Rejected, Verdict
from shoptui.adapters.codes import CodeMeaning, Means, Row, StaleToken, by_code, clock_sentence
from shoptui.adapters.http import Answer
from shoptui.domain.intents import Cause, CauseId

#: How far a request's timestamp may be from TikTok Shop's own clock (sheet, section 2.4).
CLOCK_BEHIND_MAX_S = 300
CLOCK_AHEAD_MAX_S = 30

SIGNED_OUT_AT_TOKEN_HOST = "TikTok Shop gave no tokens; authorise the store again."

_CATCH_ALL = "36009004"
TITLE = "TikTok Shop"

_R, _A, _W, _T = Means.REFUSED, Means.ALREADY, Means.WAIT, Means.TEMPORARY
_C = CauseId

# Codes, meaning, cause, sentence. Sources: common errors, and the error lists of the order, fulfilment and logistics
# documents (sheet, sections 4.3, 5.10, 6.11, 11).
_TABLE: tuple[Row, ...] = (
    # Common
    ("36009002", Means.RATE, _C.OTHER, "TikTok Shop asks for fewer calls a second."),
    ("36009003", _T, _C.UNREACHABLE, "TikTok Shop had an internal error; try again."),
    ("36009007", _T, _C.UNREACHABLE, "TikTok Shop ran out of time inside; try again."),
    ("36009009 36009010", _R, _C.OTHER, "TikTok Shop does not know this call; shoptui needs an update."),
    ("36009014", _R, _C.OTHER, "TikTok Shop has retired this version of the call; shoptui needs an update."),
    ("36009021", _R, _C.OTHER, "The uploaded file is too large."),
    ("36009022 36009023", _R, _C.OTHER, "TikTok Shop cannot read the form of the request; shoptui needs an update."),
    ("36009033", _R, _C.NO_PERMISSION, "This machine's address is not on the app's allow list; add it there."),
    ("36009043", _R, _C.NO_PERMISSION, "TikTok Shop has disabled this shop; see Seller Center."),
    ("36009044", _R, _C.NO_PERMISSION, "TikTok Shop has disabled this seller; see Seller Center."),
    ("101000", Means.SIGNED_OUT, _C.SIGNED_OUT, "The token is for another shop; authorise the store again."),
    ("105001 105002", Means.STALE_TOKEN, _C.SIGNED_OUT, "The access token has expired; authorise the store again."),
    (
        "105005",
        Means.SCOPE,
        _C.NO_PERMISSION,
        "The app lacks this permission; add it, then authorise the store again.",
    ),
    ("106001", _R, _C.OTHER, "TikTok Shop does not accept the signature; check the app secret."),
    ("106013", Means.SIGNED_OUT, _C.SIGNED_OUT, "The shop's cipher is missing; authorise the store again."),
    (
        "36004004",
        Means.SIGNED_OUT,
        _C.SIGNED_OUT,
        "The authorisation code is used or wrong; start the consent again.",
    ),
    ("98001004 11050001 11001002 21001001", _R, _C.OTHER, "TikTok Shop does not accept a value of the request."),
    # Orders
    ("10002014 10002015 10037002 10037003 10037004", _T, _C.UNREACHABLE, "TikTok Shop could not load the orders."),
    ("10006402", Means.SCOPE, _C.NO_PERMISSION, "The app may not see this order; check its permissions."),
    ("21008111", _R, _C.NOT_OURS, "The order or package belongs to another shop."),
    # Shipping
    ("21011020 21011040 21008099 11006021 21011006", _A, _C.OTHER, "The package is shipped already."),
    ("21011027", _A, _C.OTHER, "The package is delivered already."),
    ("21011041", _R, _C.CANCELLED, "The order is cancelled; do not ship it."),
    ("21008044 21011007 21021010", _R, _C.CANCEL_REQUESTED, "A cancellation or return is open; settle it first."),
    ("21008025 21008043", _R, _C.FULFILLED_BY_PLATFORM, "TikTok fulfils this order itself; nothing is to be done."),
    ("21011003", _R, _C.WRONG_STATE, "The package's state does not allow this; read it again."),
    ("21011008", _W, _C.NOT_READY, "TikTok Shop is still making the package ready; it is tried again later."),
    ("10007014", _R, _C.FROZEN, "TikTok Shop has frozen the package; see Seller Center."),
    (
        "21011022 11028006 21004012 21004015 21004016 21022032",
        _R,
        _C.TRACKING_WRONG,
        "Tracking number and carrier do not fit each other; correct them.",
    ),
    ("21011025 21034012 21011026", _R, _C.TRACKING_USED, "The tracking number is used already; enter another."),
    ("21011028", _R, _C.NOT_OURS, "The package belongs to another shop or exists no more; read the order again."),
    ("21011053", _R, _C.SLOT_GONE, "The time is outside the pick-up slots; choose another slot."),
    ("21011054", _R, _C.NO_SLOT, "No pick-up slot is free; choose drop-off or try later."),
    ("21004017", _R, _C.SLOT_GONE, "The on-demand order is outside its pick-up time; choose a time within."),
    ("21004006 21004019 21004020", _R, _C.INVOICE, "The invoice is missing or not accepted; upload it first."),
    ("11021009", _R, _C.NO_SERVICE, "No shipping service takes this weight to this address."),
    (
        " ".join(str(code) for code in range(11021010, 11021026)),
        _R,
        _C.ADDRESS,
        "The carrier does not accept the address or the parcel as entered; correct it in Seller Center.",
    ),
    ("21014009", _R, _C.ADDRESS, "The carrier cannot deliver to this address; cancelling is free of penalty."),
    ("11006013 11006014", _R, _C.MUST_SPLIT, "Phones and tablets must ship on their own; split the package."),
    ("21008106", _R, _C.NOT_IN_REGION, "TikTok Shop does not offer this call in the shop's region."),
    # Correcting a shipment
    ("21011004", _R, _C.UNSUPPORTED, "Only seller-shipped packages can be corrected."),
    ("21011042", _R, _C.CANCELLED, "The order is cancelled; its shipment cannot be corrected."),
    ("21011043", _R, _C.WRONG_STATE, "The package is not shipped yet; there is nothing to correct."),
    ("21011049", _R, _C.WRONG_STATE, "TikTok Shop's rules do not allow this correction."),
    ("21011050", _R, _C.TOO_LATE, "It is too late to correct this shipment."),
    ("21011051", _R, _C.ONLY_ONCE, "This shipment was corrected once; it cannot be corrected again."),
    ("21011052", _R, _C.ONLY_ONCE, "The limit of corrections is reached."),
    ("10007002", _R, _C.WRONG_STATE, "The package's status does not allow a correction."),
    # Splitting and combining
    ("21011035", _R, _C.NO_SPLIT, "TikTok Shop does not allow to split this order."),
    ("21011036", _R, _C.NO_SPLIT, "All units of one SKU must stay in one package here; keep them in one group."),
    ("21011046", _R, _C.NO_SPLIT, "The package is combined with other orders; take it apart first."),
    ("21011033", _R, _C.NO_SPLIT, "TikTok Shop does not allow to split or combine this order."),
    # Labels
    ("21023035 21042104", _R, _C.LABEL_EARLY, "There is no label before shipment is arranged; ship first."),
    ("21042102", _R, _C.LABEL_LATE, "There is no label after pick-up."),
    ("21023059", _R, _C.CANCELLED, "The package is cancelled; it gets no label."),
    ("11034037 11034023", _W, _C.NOT_READY, "The label is still being made; it is tried again later."),
    ("21008017 11034002", _R, _C.UNSUPPORTED, "TikTok does not ship this package, so it has no label for it."),
    # Cancelling, and answering buyers who ask to cancel
    ("25001001", _R, _C.OTHER, "TikTok Shop does not accept a value of the cancellation."),
    ("25001003", _R, _C.WRONG_STATE, "The order's status does not allow this; read it again."),
    ("25001010", _R, _C.REQUEST_CLOSED, "The request is settled or withdrawn already."),
    (
        "25001011",
        _R,
        _C.CANCEL_REQUESTED,
        "Another request is open, or the order is cancelled; answer the request first.",
    ),
    ("25001014", _R, _C.REASON, "TikTok Shop does not know this reason; choose one of its own."),
    ("25001015", _R, _C.REASON, "Sellers may not give this reason; choose another."),
    ("25001020", _R, _C.REASON, "This reason is switched off; choose another."),
    ("25001021", _R, _C.REASON, "This reason does not fit the order's status; choose another."),
    ("25001016 25001057", _R, _C.REASON, "This reason does not fit what is asked; choose another."),
    ("25001028", _T, _C.UNREACHABLE, "TikTok Shop is working on the order just now; try again."),
    ("25001044", _R, _C.WRONG_STATE, "The request cannot be approved; see Seller Center."),
    ("25001045", _R, _C.ALREADY_SHIPPED, "The parcel is shipped and the carrier cannot stop it."),
    ("25001046", _R, _C.FROZEN, "TikTok Shop's risk control stops this; see Seller Center."),
    ("25001051", _R, _C.REQUEST_CLOSED, "The order is completed or cancelled already."),
    ("25001042 25001058 25007002", _T, _C.UNREACHABLE, "TikTok Shop had an internal error; try again."),
    ("25005005", _R, _C.AMOUNT, "The refund is higher than what can be refunded."),
    ("25005010", _R, _C.WHOLE_ONLY, "Single items cannot be cancelled here; cancel the whole order."),
    ("25005011", _R, _C.WHOLE_ONLY, "More items are named than can be cancelled; read the order again."),
    ("25007006", _R, _C.NOT_OURS, "TikTok Shop does not find the order or the request; read the order again."),
    (
        "25011010",
        _R,
        _C.PLATFORM_DECIDES,
        "TikTok Shop's own staff has taken this request over; see Seller Center.",
    ),
    ("25011011 25011012", _R, _C.REQUEST_CLOSED, "The request is answered or withdrawn already."),
    (
        "25011013 25011014 25011035 25020011 25020012",
        _R,
        _C.WRONG_STATE,
        "The returned parcel's state does not allow this; read the return again.",
    ),
    ("25011023 25011025 25011026", _R, _C.UNSUPPORTED, "TikTok Shop decides this request itself; see Seller Center."),
    ("25020003 25020004", _R, _C.WRONG_STATE, "This answer does not fit the request as it is now; read it again."),
    ("25020005", _R, _C.NO_PERMISSION, "TikTok Shop does not let this shop decide on the order; see Seller Center."),
    ("25020009", _A, _C.OTHER, "The order is cancelled already."),
    ("25020010", _A, _C.OTHER, "The request is approved already."),
    # Carriers
    ("21008116 21008117", _R, _C.UNSUPPORTED, "There are no carriers to choose for this delivery option."),
    # Customer service; 45101001 is both a wrong value and trouble inside, so a reply that met it is looked for
    ("45101001", _T, _C.OTHER, "TikTok Shop does not accept the message, or had an internal error."),
    ("45101003 45102007", _R, _C.NO_THREAD, "TikTok Shop knows no such conversation of this shop."),
    ("45101004", _R, _C.QUOTA, "The day's 10,000 calls of customer service are used up; answer in Seller Center."),
    ("45101006", _R, _C.SENSITIVE, "TikTok Shop refuses words in the message; leave out links and contacts."),
    ("45109001", _R, _C.CANNOT_SEND, "TikTok Shop takes no message in this conversation until the buyer writes."),
    ("45109003", _R, _C.CANNOT_SEND, "TikTok Shop lets the shop open no conversation with this buyer."),
    ("45111001", _R, _C.UNSUPPORTED, "TikTok Shop does not support this in the shop's region."),
    # Stock
    (
        "12052032 12052260 12019150 12052556 12052557 12052048",
        _R,
        _C.LISTING_GONE,
        "TikTok Shop does not know this product or SKU of the shop; read the store's listings again.",
    ),
    (
        "12019022 12019028 12052094 12052097 12052115 12052530 12052531 12052532 12052533 12052403 12052364",
        _R,
        _C.WAREHOUSE,
        "TikTok Shop does not take stock for this warehouse; read the listing again.",
    ),
    ("12019024 12052055", _R, _C.QUANTITY, "TikTok Shop does not take this quantity."),
    ("12052393", _R, _C.BELOW_FLOOR, "A promotion holds this stock; no less can be written until it ends."),
    ("12052371", _R, _C.STOCK_LOCKED, "The SKU is in a live auction; write its stock when that has ended."),
    ("12052850", _R, _C.STOCK_LOCKED, "This is a bundle; its stock follows its parts, change those."),
    ("12052308", _R, _C.STOCK_LOCKED, "An appeal about the product is running; see Seller Center."),
    ("12052141 12052921", _R, _C.STOCK_LOCKED, "Another shop or the global product holds this stock; change it there."),
    ("12052037", _R, _C.STOCK_LOCKED, "TikTok Shop refused the update; it may share out this stock by itself."),
    ("12052901", _R, _C.WRONG_STATE, "The product's status does not allow to change its stock; see Seller Center."),
    ("12052700 12052704", _R, _C.NO_PERMISSION, "TikTok Shop says that the seller is not active; see Seller Center."),
    (
        "12019008 12052031 12019015 12019120 12019027 12019087 12052036 12052553 12052902 12052910 12052990 12052180",
        _R,
        _C.OTHER,
        "TikTok Shop does not accept a value of the stock update.",
    ),
    # The platform's own trouble
    (
        "21001003 21001008 21001011 11001031 21042001 21042076 21022029",
        _T,
        _C.UNREACHABLE,
        "TikTok Shop had an internal error; try again.",
    ),
)

MEANINGS = by_code(_TABLE)
_UNKNOWN = CodeMeaning(Means.REFUSED, CauseId.OTHER, "TikTok Shop refused.")

# One code family of the carrier checks covers addresses, weights and sizes; only the message tells which.
_PARCEL_CHECKS = frozenset(str(code) for code in range(11021010, 11021026))
_ADDRESS_WORDS = ("address", "postcode", "postal", "zip", "name", "phone", "city", "province")
_WEIGHT_WORDS = ("weight", "heavy")
_SIZE_WORDS = ("size", "dimension", "length", "width", "height", "volume", "large", "count", "quantity")


def meaning_of(code: str, message: str) -> CodeMeaning:
    """What a code means; where one code has several meanings, the message decides."""
    meaning = MEANINGS.get(code, _UNKNOWN)
    words = message.lower()
    if code in _PARCEL_CHECKS:
        if any(word in words for word in _WEIGHT_WORDS):
            return CodeMeaning(meaning.means, CauseId.TOO_HEAVY, "The parcel is too heavy for its shipping service.")
        if any(word in words for word in _ADDRESS_WORDS):
            return CodeMeaning(
                meaning.means, CauseId.ADDRESS, "The carrier does not accept the address; have it corrected."
            )
        if any(word in words for word in _SIZE_WORDS):
            return CodeMeaning(meaning.means, CauseId.TOO_LARGE, "The parcel is too large for its shipping service.")
    if code == "21021010" and any(word in words for word in _ADDRESS_WORDS):
        return MEANINGS["21014009"]
    return meaning


def cause_of(code: str, message: str) -> Cause:
    """Why something failed: our sentence, followed by TikTok Shop's own words where it has any."""
    meaning = meaning_of(code, message)
    return Cause(meaning.cause, code, _sentence(meaning.sentence, message))


def verdict_of(code: str, message: str) -> tuple[Verdict, Cause | None]:
    """What a refusal code says about one write, and why unless it is settled; see `codes.verdict_of`."""
    verdict = codes.verdict_of(meaning_of(code, message))
    return verdict, None if verdict is Verdict.ALREADY else cause_of(code, message)


def error_for(code: str, message: str, request_id: str, answer: Answer) -> AdapterError:
    """The error of an envelope whose code is not 0."""
    if code == _CATCH_ALL:
        return _catch_all(message, request_id, answer)
    meaning = meaning_of(code, message)
    words = _sentence(meaning.sentence, message)
    return codes.error_of(meaning, words, code=code, request_id=request_id, answer=answer)


def _catch_all(message: str, request_id: str, answer: Answer) -> AdapterError:
    """36009004 stands for a dozen errors; the message names the offending item."""
    words = message.lower()
    if "access-token" in words or "access_token" in words or "access token" in words:
        sentence = _sentence("TikTok Shop does not know the access token; authorise the store again.", message)
        return StaleToken(sentence, code=_CATCH_ALL, request_id=request_id)
    if "timestamp" in words:
        allowed = f"at most {CLOCK_BEHIND_MAX_S} s behind or {CLOCK_AHEAD_MAX_S} s ahead is accepted"
        sentence = clock_sentence(answer, TITLE, allowed)
    elif "app_key" in words or "app key" in words:
        sentence = "TikTok Shop does not know the app key or has disabled the app; check the app's settings."
    elif "shop_cipher" in words or "shop_id" in words:
        sentence = "TikTok Shop does not accept the shop's cipher; authorise the store again."
    else:
        sentence = "TikTok Shop does not accept a value of the request."
    return Rejected(Cause(CauseId.OTHER, _CATCH_ALL, _sentence(sentence, message)), request_id=request_id)


def _sentence(ours: str, theirs: str) -> str:
    return codes.with_their_words(ours, TITLE, theirs)

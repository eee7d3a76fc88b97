"""What Shopee's refusals mean: by their code, and by their words where one code stands for many causes."""

from __future__ import annotations

import re

from shoptui.adapters import codes
from shoptui.adapters.base import AdapterError, Effect, RateLimited, Rejected, ScopeError, Temporary, Verdict
from shoptui.adapters.codes import CodeMeaning, Means, clock_sentence
from shoptui.adapters.desks import Outcome
from shoptui.adapters.http import Answer
from shoptui.adapters.shopee.codes import MEANINGS, PARCEL_WORDS, SAYS_SHIPPED
from shoptui.domain.intents import Cause, CauseId

#: How far a request's timestamp may be from Shopee's own clock, either way (sheet, section 3).
CLOCK_OFF_MAX_S = 300

#: What Shopee answers for a batch of which every row failed; the reasons stand in the rows (sheet, trap 21).
ALL_FAILED = "batch_api_all_failed"

#: The HTTP status with which Shopee keeps apps without chat from chats (sheet, section 4.3).
NO_PERMISSION = 491

TITLE = "Shopee"
_DAY_S = 86400
#: The daily quota of an app is new at 00:00 UTC+8.
_QUOTA_ZONE_S = 8 * 3600

_UNKNOWN = CodeMeaning(Means.REFUSED, CauseId.OTHER, "Shopee refused.")
_QUOTA = CodeMeaning(
    Means.QUOTA, CauseId.OTHER, "The app's calls for today are used up; they begin anew at 00:00 UTC+8."
)
_TURNED_AWAY = CodeMeaning(
    Means.TEMPORARY, CauseId.UNREACHABLE, "Shopee turned the call away at its gateway; try again."
)
_NOT_NOW = CodeMeaning(Means.REFUSED, CauseId.WRONG_STATE, "Shopee does not allow this now; read the order again.")


def last_segment(code: str) -> str:
    """A code without its module and without stray blanks: what codes are compared by (sheet, section 4.2)."""
    return code.strip().rpartition(".")[2].strip()


def meaning_of(code: str, message: str) -> CodeMeaning:
    """What a code means; where one code has several meanings, its module and the message decide."""
    name, words = last_segment(code), message.lower()
    # Some codes of returns are made of points themselves, and their last part says nothing.
    whole = code.strip().removeprefix("returns.")
    if "." in whole and whole in MEANINGS:
        return MEANINGS[whole]
    if name == "error_auth":
        return _of_auth(words)
    if name == "error_limit":
        # Modules use the quota's name for "not allowed now" (sheet, section 4.2).
        bare = "." not in code
        return _QUOTA if bare and any(word in words for word in ("quota", "daily", "call", "per day")) else _NOT_NOW
    if name in {"error_param", "error_other"}:
        return _of_param(words, of_parcel=code.strip().startswith("logistics."))
    if name == "package_can_not_print" and words and not any(word in words for word in ("later", "not yet", "ready")):
        # The code also stands for "not yet", and then says so.
        return CodeMeaning(Means.REFUSED, CauseId.WRONG_STATE, "Shopee prints no label for this package (any more).")
    return MEANINGS.get(name) or (_of_words(words) if name else _of_parcel(words))


def cause_of(code: str, message: str) -> Cause:
    """Why something failed: our sentence, followed by Shopee's own words where it has any."""
    meaning = meaning_of(code, message)
    return Cause(meaning.cause, code.strip(), with_their_words(meaning.sentence, message))


def verdict_of(code: str, message: str) -> Verdict:
    """What a refusal says about one write; see `codes.verdict_of`."""
    return codes.verdict_of(meaning_of(code, message))


def refusal_outcome(refusal: Rejected) -> Outcome:
    """A refusal of one request by its code: settled already, to be looked at again, or refused."""
    verdict = verdict_of(refusal.code, refusal.message)
    return Outcome(verdict, None if verdict is Verdict.ALREADY else refusal.cause)


def row_outcome(code: str, message: str) -> Outcome:
    """The outcome of a row of a batch call that carries an error."""
    verdict = verdict_of(code, message)
    return Outcome(verdict, None if verdict is Verdict.ALREADY else cause_of(code, message))


def error_for(code: str, message: str, request_id: str, answer: Answer) -> AdapterError:
    """The error of an envelope whose `error` is not empty."""
    code = code.strip()
    if answer.status == 404 and last_segment(code) == "error_not_found":
        sentence = "Shopee does not know this call; shoptui needs an update."
        return Rejected(Cause(CauseId.OTHER, code, sentence), request_id=request_id)
    if answer.status in {429, NO_PERMISSION}:
        return _of_status(answer, code, message, request_id)
    meaning = meaning_of(code, message)
    sentence = meaning.sentence
    if last_segment(code) == "error_param" and "timestamp" in message.lower():
        sentence = clock_sentence(answer, TITLE, f"at most {CLOCK_OFF_MAX_S} s off is accepted")
    words = with_their_words(sentence, message)
    if meaning is _TURNED_AWAY:
        # A gateway that turns a call away at the door has not let it through.
        return Temporary(words, effect=Effect.NONE, code=code, request_id=request_id)
    pause_s = _till_new_quota_s(answer) if meaning.means is Means.QUOTA else None
    return codes.error_of(meaning, words, code=code, request_id=request_id, answer=answer, pause_s=pause_s)


def with_their_words(ours: str, theirs: str) -> str:
    """Our sentence, and what Shopee itself says behind it."""
    return codes.with_their_words(ours, TITLE, theirs)


def _of_auth(words: str) -> CodeMeaning:
    """`error_auth` stands for unrelated causes; refreshing on each of them would burn refresh tokens (trap 3)."""
    if "refresh_token" in words or "refresh token" in words:
        return MEANINGS["refresh_token_expired"]
    if "access_token" in words or "access token" in words:
        return MEANINGS["invalid_acceess_token"]
    if "code" in words:
        return MEANINGS["invalid_code"]
    if re.search(r"\bright\b|permission", words):
        return MEANINGS["error_api_permission"]
    if "shop" in words or "merchant" in words:
        return MEANINGS["partner_shop_no_link"]
    if "partner" in words or "app " in words or words.endswith("app"):
        return CodeMeaning(
            Means.REFUSED, CauseId.OTHER, "Shopee does not accept the app; check its partner id and state."
        )
    return _TURNED_AWAY


def _of_param(words: str, *, of_parcel: bool) -> CodeMeaning:
    """`error_param` and `error_other` carry most refusals of substance; only their words tell them apart."""
    if "being allocated" in words or "allocat" in words:
        return CodeMeaning(
            Means.WAIT, CauseId.NOT_READY, "Shopee is still choosing the warehouse; it is tried again later."
        )
    return (_of_parcel if of_parcel else _of_words)(words, MEANINGS["error_param"])


def _of_words(words: str, otherwise: CodeMeaning = _UNKNOWN) -> CodeMeaning:
    """A refusal told in words alone, as the rows of mass calls have it."""
    if any(said in words for said in SAYS_SHIPPED):
        return MEANINGS["package_already_shipped"]
    if "not ready to ship" in words or "not ready for ship" in words:
        return MEANINGS["ship_order_not_ready_to_ship"]
    if "try again later" in words:
        return MEANINGS["download_later"]
    return otherwise


def _of_parcel(words: str, otherwise: CodeMeaning = _UNKNOWN) -> CodeMeaning:
    """The same for refusals about one parcel, whose address, weight and size are the carrier's reasons."""
    found = _of_words(words)
    if found is not _UNKNOWN:
        return found
    for pattern, cause, sentence in PARCEL_WORDS:
        if pattern.search(words):
            return CodeMeaning(Means.REFUSED, cause, sentence)
    return otherwise


def _of_status(answer: Answer, code: str, message: str, request_id: str) -> AdapterError:
    if answer.status == 429:
        words = with_their_words("Shopee asks for fewer calls a second.", message)
        return RateLimited(words, retry_after_s=answer.retry_after_s, code=code, request_id=request_id)
    words = with_their_words("The app may not make this call; check its permissions.", message)
    return ScopeError(words, code=code, request_id=request_id)


def _till_new_quota_s(answer: Answer) -> float:
    at = answer.server_at if answer.server_at is not None else answer.received_at
    return _DAY_S - (at + _QUOTA_ZONE_S) % _DAY_S

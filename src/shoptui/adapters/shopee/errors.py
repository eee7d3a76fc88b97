"""What Shopee's refusals mean: by their code, and by their words where one code stands for many causes."""

from __future__ import annotations

import re

from shoptui.adapters.base import (
    AdapterError,
    AuthError,
    Effect,
    RateLimited,
    Rejected,
    ScopeError,
    Temporary,
    Verdict,
)
from shoptui.adapters.desks import Outcome as RowOutcome
from shoptui.adapters.http import Answer
from shoptui.adapters.shopee.codes import MEANINGS, PARCEL_WORDS, SAYS_SHIPPED, CodeMeaning, Outcome
from shoptui.domain.intents import Cause, CauseId
from shoptui.text import sanitise_cell

#: How far a request's timestamp may be from Shopee's own clock, either way (sheet, section 3).
CLOCK_OFF_MAX_S = 300

#: What Shopee answers for a batch of which every row failed; the reasons stand in the rows (sheet, trap 21).
ALL_FAILED = "batch_api_all_failed"

_MESSAGE_MAX = 200
_DAY_S = 86400
#: The daily quota of an app is new at 00:00 UTC+8.
_QUOTA_ZONE_S = 8 * 3600


class StaleToken(AuthError):
    """The access token has expired or is not known any more; a renewed one may work."""


_UNKNOWN = CodeMeaning(Outcome.REFUSED, CauseId.OTHER, "Shopee refused.")
_QUOTA = CodeMeaning(
    Outcome.QUOTA, CauseId.OTHER, "The app's calls for today are used up; they begin anew at 00:00 UTC+8."
)
_NOT_NOW = CodeMeaning(Outcome.REFUSED, CauseId.WRONG_STATE, "Shopee does not allow this now; read the order again.")


def last_segment(code: str) -> str:
    """A code without its module and without stray blanks: what codes are compared by (sheet, section 4.2)."""
    return code.strip().rpartition(".")[2].strip()


def meaning_of(code: str, message: str) -> CodeMeaning:
    """What a code means; where one code has several meanings, its module and the message decide."""
    name, words = last_segment(code), message.lower()
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
        return CodeMeaning(Outcome.REFUSED, CauseId.WRONG_STATE, "Shopee prints no label for this package (any more).")
    return MEANINGS.get(name) or (_of_words(words) if name else _of_parcel(words))


def cause_of(code: str, message: str) -> Cause:
    """Why something failed: our sentence, followed by Shopee's own words where it has any."""
    meaning = meaning_of(code, message)
    return Cause(meaning.cause, code.strip(), with_their_words(meaning.sentence, message))


def verdict_of(code: str, message: str) -> Verdict:
    """What a refusal says about one write: settled, refused, or to be looked at again.

    Trouble inside the platform reads WAIT: whether the write happened is then read back, not guessed.
    """
    outcome = meaning_of(code, message).outcome
    if outcome is Outcome.ALREADY:
        return Verdict.ALREADY
    if outcome in {Outcome.WAIT, Outcome.TEMPORARY, Outcome.RATE}:
        return Verdict.WAIT
    return Verdict.REFUSED


def refusal_outcome(refusal: Rejected) -> RowOutcome:
    """A refusal of one request by its code: settled already, to be looked at again, or refused."""
    verdict = verdict_of(refusal.code, refusal.message)
    return RowOutcome(verdict, None if verdict is Verdict.ALREADY else refusal.cause)


def row_outcome(code: str, message: str) -> RowOutcome:
    """The outcome of a row of a batch call that carries an error."""
    verdict = verdict_of(code, message)
    return RowOutcome(verdict, None if verdict is Verdict.ALREADY else cause_of(code, message))


def error_for(code: str, message: str, request_id: str, answer: Answer) -> AdapterError:
    """The error of an envelope whose `error` is not empty."""
    code = code.strip()
    if answer.status == 404 and last_segment(code) == "error_not_found":
        sentence = "Shopee does not know this call; shoptui needs an update."
        return Rejected(Cause(CauseId.OTHER, code, sentence), request_id=request_id)
    if answer.status in {429, 491}:
        return _of_status(answer, code, message, request_id)
    meaning = meaning_of(code, message)
    sentence = meaning.sentence
    if last_segment(code) == "error_param" and "timestamp" in message.lower():
        sentence = _clock_sentence(answer)
    words = with_their_words(sentence, message)
    match meaning.outcome:
        case Outcome.RATE:
            return RateLimited(words, retry_after_s=answer.retry_after_s, code=code, request_id=request_id)
        case Outcome.QUOTA:
            return RateLimited(words, retry_after_s=_till_new_quota_s(answer), code=code, request_id=request_id)
        case Outcome.TEMPORARY:
            # A gateway that turns a call away at the door has not let it through.
            effect = Effect.NONE if last_segment(code) == "error_auth" else answer.call.lost
            return Temporary(words, effect=effect, code=code, request_id=request_id)
        case Outcome.STALE_TOKEN:
            return StaleToken(words, code=code, request_id=request_id)
        case Outcome.SIGNED_OUT:
            return AuthError(words, code=code, request_id=request_id)
        case Outcome.SCOPE:
            return ScopeError(words, code=code, request_id=request_id)
        case _:
            return Rejected(Cause(meaning.cause, code, words), request_id=request_id)


def with_their_words(ours: str, theirs: str) -> str:
    """Our sentence, and what Shopee itself says behind it."""
    theirs = sanitise_cell(theirs, limit=_MESSAGE_MAX)
    return f"{ours} Shopee says: {theirs}" if theirs else ours


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
            Outcome.REFUSED, CauseId.OTHER, "Shopee does not accept the app; check its partner id and state."
        )
    return CodeMeaning(Outcome.TEMPORARY, CauseId.UNREACHABLE, "Shopee turned the call away at its gateway; try again.")


def _of_param(words: str, *, of_parcel: bool) -> CodeMeaning:
    """`error_param` and `error_other` carry most refusals of substance; only their words tell them apart."""
    if "being allocated" in words or "allocat" in words:
        return CodeMeaning(
            Outcome.WAIT, CauseId.NOT_READY, "Shopee is still choosing the warehouse; it is tried again later."
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
            return CodeMeaning(Outcome.REFUSED, cause, sentence)
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


def _clock_sentence(answer: Answer) -> str:
    allowed = f"at most {CLOCK_OFF_MAX_S} s off is accepted"
    if answer.server_at is None:
        return f"This machine's clock is wrong, by how much Shopee did not say; set it by NTP ({allowed})."
    off_s = round(answer.received_at - answer.server_at)
    side = "ahead of" if off_s > 0 else "behind"
    return f"This machine's clock is {abs(off_s)} s {side} Shopee's; set it by NTP ({allowed})."

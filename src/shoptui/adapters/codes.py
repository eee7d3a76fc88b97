"""What marketplaces' error codes mean for us, and the errors, verdicts and sentences that follow from a meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from shoptui.adapters.base import AdapterError, AuthError, RateLimited, Rejected, ScopeError, Temporary, Verdict
from shoptui.adapters.http import Answer
from shoptui.domain.intents import Cause, CauseId
from shoptui.text import sanitise_cell

_MESSAGE_MAX = 200


class StaleToken(AuthError):
    """The access token has expired or is not known any more; a renewed one may work."""


class Means(StrEnum):
    """What a code means for the call, or the row of a batch, that met it."""

    REFUSED = "refused"
    ALREADY = "already"
    LOOK = "look"
    """The state does not allow it: perhaps because it is done. Only reading tells."""
    WAIT = "wait"
    TEMPORARY = "temporary"
    RATE = "rate"
    QUOTA = "quota"
    """The calls of a longer span are used up: nothing works before the next span begins."""
    STALE_TOKEN = "stale_token"
    SIGNED_OUT = "signed_out"
    SCOPE = "scope"


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """One code. `sentence` says what is wrong and what to do."""

    means: Means
    cause: CauseId
    sentence: str


#: Some codes, with blanks between them, and what each of them means.
Row = tuple[str, Means, CauseId, str]


def by_code(table: Iterable[Row]) -> Mapping[str, CodeMeaning]:
    """The table as it is looked up."""
    return MappingProxyType(
        {code: CodeMeaning(means, cause, sentence) for codes, means, cause, sentence in table for code in codes.split()}
    )


def verdict_of(meaning: CodeMeaning) -> Verdict:
    """What a refusal says about one write: settled, refused, or to be looked at again.

    Trouble inside the platform reads WAIT: whether the write happened is then read back, not guessed.
    """
    match meaning.means:
        case Means.ALREADY:
            return Verdict.ALREADY
        case Means.WAIT | Means.LOOK | Means.TEMPORARY | Means.RATE:
            return Verdict.WAIT
        case _:
            return Verdict.REFUSED


def error_of(
    meaning: CodeMeaning,
    words: str,
    *,
    code: str,
    request_id: str,
    answer: Answer,
    pause_s: float | None = None,
) -> AdapterError:
    """The error of a call that was answered with a code of this meaning.

    `pause_s` is how long a quota lasts, and a rate limit where the answer does not say; None: not known.
    """
    match meaning.means:
        case Means.RATE:
            rest_s = pause_s if answer.retry_after_s is None else answer.retry_after_s
            return RateLimited(words, retry_after_s=rest_s, code=code, request_id=request_id)
        case Means.QUOTA:
            return RateLimited(words, retry_after_s=pause_s, code=code, request_id=request_id)
        case Means.TEMPORARY:
            return Temporary(words, effect=answer.call.lost, code=code, request_id=request_id)
        case Means.STALE_TOKEN:
            return StaleToken(words, code=code, request_id=request_id)
        case Means.SIGNED_OUT:
            return AuthError(words, code=code, request_id=request_id)
        case Means.SCOPE:
            return ScopeError(words, code=code, request_id=request_id)
        case _:
            return Rejected(Cause(meaning.cause, code, words), request_id=request_id)


def with_their_words(ours: str, title: str, theirs: str) -> str:
    """Our sentence, and what the marketplace (`title` names it) itself says behind it."""
    theirs = sanitise_cell(theirs, limit=_MESSAGE_MAX)
    return f"{ours} {title} says: {theirs}" if theirs else ours


def clock_sentence(answer: Answer, title: str, allowed: str) -> str:
    """How wrong this machine's clock is, by the answer's own date; `allowed` is what the marketplace accepts."""
    if answer.server_at is None:
        return f"This machine's clock is wrong, by how much {title} did not say; set it by NTP ({allowed})."
    off_s = round(answer.received_at - answer.server_at)
    side = "ahead of" if off_s > 0 else "behind"
    return f"This machine's clock is {abs(off_s)} s {side} {title}'s; set it by NTP ({allowed})."

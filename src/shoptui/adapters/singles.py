"""What desks have in common whose marketplace takes one thing a call: many single calls as one batch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from shoptui.adapters.base import AdapterError, Effect, Malformed, Rejected, Temporary, Verdict
from shoptui.adapters.desks import Outcome
from shoptui.domain.intents import Cause, CauseId

T = TypeVar("T")
R = TypeVar("R")

#: Calls of one batch under way at once; the rate limit holds all the same.
AT_ONCE = 16
#: Requests per batch where each is a call of its own: few enough that a crash leaves little to read back.
SINGLES_MAX = 32


async def each(items: Sequence[T], one: Callable[[T], Awaitable[R]]) -> list[R | AdapterError]:
    """`one` for every item, a few at a time; an item's AdapterError stands in its place."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def guarded(item: T) -> R | AdapterError:
        async with gate:
            try:
                return await one(item)
            except AdapterError as error:
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(guarded(item)) for item in items]
    return [task.result() for task in tasks]


async def send_each(
    requests: Sequence[T],
    one: Callable[[T], Awaitable[Outcome]],
    refusal_outcome: Callable[[Rejected], Outcome],
    failure_outcome: Callable[[AdapterError], Outcome] | None = None,
) -> list[Outcome]:
    """One write per request. A refusal is that request's, and so is a failure: as WAIT, to be read back, if not given.

    Raises AdapterError only when no request was answered at all: the one that may have had an effect, if there is one.
    """
    found = await each(requests, one)
    failures = [error for error in found if isinstance(error, AdapterError) and not isinstance(error, Rejected)]
    if failures and len(failures) == len(found):
        raise gravest(failures)
    outcomes = []
    for result in found:
        if isinstance(result, Rejected):
            outcomes.append(refusal_outcome(result))
        elif isinstance(result, AdapterError):
            outcomes.append((failure_outcome or look_again)(result))
        else:
            outcomes.append(result)
    return outcomes


async def look_each(items: Sequence[T], one: Callable[[T], Awaitable[R]]) -> list[R]:
    """One reading per item, as `each`. Raises the first AdapterError."""
    found = []
    for result in await each(items, one):
        if isinstance(result, AdapterError):
            raise result
        found.append(result)
    return found


def refused(cause: CauseId, sentence: str) -> Outcome:
    """Our own refusal, before anything was sent."""
    return Outcome(Verdict.REFUSED, Cause(cause, "", sentence))


def after_failure(error: AdapterError) -> Outcome:
    """One call of several failed: read back what may have happened, and ask again by itself for what cannot have."""
    cause = Cause(CauseId.UNREACHABLE, error.code, error.message)
    if may_have_happened(error):
        return Outcome(Verdict.WAIT, cause)
    return Outcome(Verdict.REFUSED, cause, whole_call=True)


def may_have_happened(error: AdapterError) -> bool:
    """Whether a write that ended so may have had its effect."""
    return isinstance(error, Temporary | Malformed) and error.effect is Effect.POSSIBLE


def gravest(failures: Sequence[AdapterError]) -> AdapterError:
    """The failure to tell for all of them: the first that may have had an effect, else the first."""
    return next(filter(may_have_happened, failures), failures[0])


def look_again(error: AdapterError) -> Outcome:
    """One call of several failed: read back what became of it, whether or not anything can have."""
    return Outcome(Verdict.WAIT, Cause(CauseId.UNREACHABLE, error.code, error.message))

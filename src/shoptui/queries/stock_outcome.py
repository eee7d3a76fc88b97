"""What became of a push, listing by listing: the last of all writes that were ordered for it or worked out anew."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from shoptui.domain.intents import OVERTAKEN, Intent, IntentState
from shoptui.domain.records import dataclass
from shoptui.queries.stock import Pushed


class PushEnd(StrEnum):
    """How a push ended for one listing."""

    DONE = "done"
    SAME = "same"
    """It showed its number already when the push was worked out anew."""
    LEFT = "left"
    """More was sold meanwhile than was kept back, or nobody knows what was written: a person looks."""
    FAILED = "failed"
    TAKEN_BACK = "taken_back"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """One listing's end. `first` is what was ordered first, `last` what counts, after `again` times anew."""

    end: PushEnd
    first: Intent
    last: Intent
    again: int

    @property
    def window_ms(self) -> int | None:
        """The time from the reading to the answer of the write (ms), None where nothing was written."""
        window = (self.last.evidence or {}).get("window_ms")
        return None if self.end is not PushEnd.DONE or window is None else int(str(window))


def is_undecided(write: Pushed) -> bool:
    """Whether sales overtook a write, or its answer was lost, and nobody has seen to it yet."""
    return _was_overtaken(write.intent) and not write.seen_to


def push_outcomes(writes: Iterable[Pushed]) -> list[PushOutcome]:
    """One for each listing, in the order of the writes, which are those of one push, oldest first."""
    by_listing: dict[tuple[str, str], list[Pushed]] = {}
    for write in writes:
        by_listing.setdefault((write.intent.store_id, write.intent.target_id), []).append(write)
    return [
        PushOutcome(_end(found[-1]), found[0].intent, found[-1].intent, len(found) - 1) for found in by_listing.values()
    ]


def _end(write: Pushed) -> PushEnd:
    intent = write.intent
    if intent.state is IntentState.DONE:
        return PushEnd.DONE
    if intent.state is IntentState.TAKEN_BACK:
        return PushEnd.TAKEN_BACK
    if _was_overtaken(intent):
        return PushEnd.SAME if write.seen_to else PushEnd.LEFT
    return PushEnd.FAILED if intent.state in {IntentState.FAILED, IntentState.NOT_DONE} else PushEnd.OPEN


def _was_overtaken(intent: Intent) -> bool:
    return intent.state is IntentState.FAILED and intent.cause is not None and intent.cause.id in OVERTAKEN

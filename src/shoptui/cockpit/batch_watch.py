"""How batches stand: the groups of a batch added up by verb, and which message each deserves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from shoptui.domain.intents import IntentState
from shoptui.domain.records import dataclass
from shoptui.queries.types import BatchRow
from shoptui.words import BatchSum

_MOVING = frozenset({IntentState.HELD, IntentState.QUEUED, IntentState.SENDING})


@dataclass(frozen=True, slots=True)
class BatchView:
    """One batch. `release_at` is when its hold ends, `held` and `takeable` count targets that can be taken back.

    `sum` is about the verb that was ordered; what follows it in the batch is in `sum.then`.
    """

    batch_id: str
    operator: str
    created_at: int
    release_at: int
    held: int
    takeable: int
    acked: bool
    settled_at: int | None
    sum: BatchSum

    @property
    def moving(self) -> bool:
        """Whether something of it is still to be sent or answered."""
        return self.sum.moving > 0 or any(each.moving for each in self.sum.then)


def batch_views(groups: Iterable[BatchRow]) -> list[BatchView]:
    """The batches behind groups (one per verb, state and cause), newest first."""
    by_batch: dict[str, list[BatchRow]] = {}
    for group in groups:
        by_batch.setdefault(group.batch_id, []).append(group)
    views = [_view(parts) for parts in by_batch.values()]
    return sorted(views, key=lambda view: (-view.created_at, view.batch_id))


def _view(parts: list[BatchRow]) -> BatchView:
    by_verb: dict[str, list[BatchRow]] = {}
    # What follows another intent was written down after it.
    for part in sorted(parts, key=lambda part: min(part.intent_ids, default=0)):
        by_verb.setdefault(part.verb, []).append(part)
    sums = [_sum(verb, of_verb) for verb, of_verb in by_verb.items()]
    of_first = next(iter(by_verb.values()))
    counts = _counts(of_first)
    settled = [part.settled_at for part in parts if part.settled_at is not None]
    first = of_first[0]
    return BatchView(
        batch_id=first.batch_id,
        operator=first.operator,
        created_at=first.created_at,
        release_at=max(part.release_at for part in parts),
        held=counts.get(IntentState.HELD, 0),
        takeable=max(_takeable(_counts(of_verb)) for of_verb in by_verb.values()),
        acked=all(part.acked for part in parts),
        settled_at=max(settled) if settled else None,
        sum=replace(sums[0], then=tuple(sums[1:])),
    )


def _takeable(counts: Mapping[IntentState, int]) -> int:
    return counts.get(IntentState.HELD, 0) + counts.get(IntentState.QUEUED, 0)


def _counts(parts: Iterable[BatchRow]) -> dict[IntentState, int]:
    counts: dict[IntentState, int] = {}
    for part in parts:
        counts[part.state] = counts.get(part.state, 0) + part.count
    return counts


def _sum(verb: str, parts: list[BatchRow]) -> BatchSum:
    counts = _counts(parts)
    failed = counts.get(IntentState.FAILED, 0) + counts.get(IntentState.NOT_DONE, 0)
    # Each is a line of Activity: what was read back as not done, without a cause, is one as well.
    causes = {
        (part.state, None if part.cause is None else part.cause.id)
        for part in parts
        if part.state in {IntentState.FAILED, IntentState.NOT_DONE} and part.count
    }
    return BatchSum(
        verb=verb,
        total=max(parts[0].total, sum(counts.values())),
        done=counts.get(IntentState.DONE, 0),
        failed=failed,
        unknown=counts.get(IntentState.UNKNOWN, 0),
        needs_person=counts.get(IntentState.NEEDS_PERSON, 0),
        taken_back=counts.get(IntentState.TAKEN_BACK, 0),
        moving=sum(counts.get(state, 0) for state in _MOVING),
        causes=len(causes),
        printer=max(part.printer for part in parts),
    )

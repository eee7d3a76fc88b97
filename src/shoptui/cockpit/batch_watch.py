"""How batches stand: the groups of a batch added up, and which message each deserves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shoptui.domain.intents import IntentState
from shoptui.queries.types import BatchRow
from shoptui.words import BatchSum

_MOVING = frozenset({IntentState.HELD, IntentState.QUEUED, IntentState.SENDING})


@dataclass(frozen=True, slots=True)
class BatchView:
    """One batch. `release_at` is when its hold ends, `held` and `takeable` count intents that can be taken back."""

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
        return self.sum.moving > 0


def batch_views(groups: Iterable[BatchRow]) -> list[BatchView]:
    """The batches behind groups (one per state and cause), newest first."""
    by_batch: dict[str, list[BatchRow]] = {}
    for group in groups:
        by_batch.setdefault(group.batch_id, []).append(group)
    views = [_view(parts) for parts in by_batch.values()]
    return sorted(views, key=lambda view: (-view.created_at, view.batch_id))


def _view(parts: list[BatchRow]) -> BatchView:
    counts: dict[IntentState, int] = {}
    causes: set[str] = set()
    for part in parts:
        counts[part.state] = counts.get(part.state, 0) + part.count
        if part.cause is not None and part.state is IntentState.FAILED:
            causes.add(part.cause.id.value)
    failed = counts.get(IntentState.FAILED, 0) + counts.get(IntentState.NOT_DONE, 0)
    settled = [part.settled_at for part in parts if part.settled_at is not None]
    first = parts[0]
    return BatchView(
        batch_id=first.batch_id,
        operator=first.operator,
        created_at=first.created_at,
        release_at=max(part.release_at for part in parts),
        held=counts.get(IntentState.HELD, 0),
        takeable=counts.get(IntentState.HELD, 0) + counts.get(IntentState.QUEUED, 0),
        acked=all(part.acked for part in parts),
        settled_at=max(settled) if settled else None,
        sum=BatchSum(
            verb=first.verb,
            total=max(first.total, sum(counts.values())),
            done=counts.get(IntentState.DONE, 0),
            failed=failed,
            unknown=counts.get(IntentState.UNKNOWN, 0),
            needs_person=counts.get(IntentState.NEEDS_PERSON, 0),
            taken_back=counts.get(IntentState.TAKEN_BACK, 0),
            moving=sum(counts.get(state, 0) for state in _MOVING),
            causes=len(causes) or (1 if failed else 0),
        ),
    )

"""Owns writing down what follows from answers: changes of state, grouped, kept when a full disk refuses them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shoptui.domain.intents import Cause, Intent, IntentState, TargetKind
from shoptui.domain.making import quickly_made
from shoptui.domain.stock import StockChange
from shoptui.domain.verbs import read_args
from shoptui.engine.failpoints import around
from shoptui.engine.house import House
from shoptui.engine.touched import touched
from shoptui.store.errors import StoreError

log = logging.getLogger(__name__)


@quickly_made
@dataclass(frozen=True, slots=True)
class Move:
    """One change of state that follows from an answer, not yet written down."""

    intent: Intent
    state: IntentState
    cause: Cause | None = None
    evidence: Mapping[str, object] | None = None
    look_at: int | None = None
    attempts_plus: int = 0


class Recorder:
    """Writes one store's moves. `reread` is told of intents that are settled: their targets are different now."""

    def __init__(self, house: House, reread: Callable[[Sequence[Intent]], None]) -> None:
        self._house = house
        self._reread = reread
        self._unrecorded: list[Move] = []

    @property
    def behind(self) -> bool:
        """Whether there are answers that a full disk kept out of the ledger."""
        return bool(self._unrecorded)

    async def catch_up(self) -> None:
        """Write what could not be written before. Raises StoreError while it still cannot."""
        if self._unrecorded:
            waiting, self._unrecorded = self._unrecorded, []
            await self.record(waiting)

    async def record(self, moves: Sequence[Move]) -> None:
        """Write down what follows from answers. What a full disk refuses is kept and written first at the next step."""
        waiting = alike(moves)
        while waiting:
            group = waiting[0]
            first = group[0]
            try:
                moved = await self.move(
                    f"drain.record.{first.state.value}",
                    [move.intent for move in group],
                    first.state,
                    cause=first.cause,
                    evidence=None if _has_own(first) else first.evidence,
                    look_at=first.look_at,
                    attempts_plus=first.attempts_plus,
                    facts={move.intent.intent_id: move.evidence for move in group if move.evidence}
                    if _has_own(first)
                    else None,
                )
            except StoreError:
                self._unrecorded = [move for kept in waiting for move in kept]
                raise
            waiting.pop(0)
            if first.state not in (IntentState.QUEUED, IntentState.UNKNOWN):
                self._reread(moved)

    async def move(
        self,
        point: str,
        intents: Sequence[Intent],
        state: IntentState,
        *,
        cause: Cause | None = None,
        evidence: Mapping[str, object] | None = None,
        sent_at: int | None = None,
        look_at: int | None = None,
        attempts_plus: int = 0,
        facts: Mapping[int, Mapping[str, object]] | None = None,
    ) -> list[Intent]:
        """Move intents on and tell everybody; returns those that really moved, as they are now."""
        house = self._house
        moved = await around(
            house.points,
            point,
            house.writer.move(
                [intent.intent_id for intent in intents],
                state,
                now=house.now(),
                cause=cause,
                evidence=evidence,
                sent_at=sent_at,
                look_at=look_at,
                attempts_plus=attempts_plus,
                facts=facts,
            ),
        )
        if moved:
            first = moved[0]
            why = f" ({cause.id.value})" if cause is not None else ""
            log.info("%s: %d %s %s%s, batch %s", first.store_id, len(moved), first.verb, state, why, first.batch_id)
            if state is IntentState.DONE:
                await self._show_written(moved)
            house.hub.publish(await touched(house.writer, moved))
        return list(moved)

    async def _show_written(self, done: Sequence[Intent]) -> None:
        """What stock writes have done shows before it is read again."""
        numbers = [(intent.target_id, read_args(intent.verb, intent.args)) for intent in done]
        written = [(target_id, args.shows) for target_id, args in numbers if isinstance(args, StockChange)]
        if written:
            await self._house.writer.stock.wrote(done[0].store_id, written, self._house.now())


def _has_own(move: Move) -> bool:
    """Whether each has its own evidence: what a listing showed. They are written together all the same."""
    return move.intent.target_kind is TargetKind.LISTING


def alike(moves: Sequence[Move]) -> list[list[Move]]:
    """Moves that can be written in one transaction, in their first one's order."""
    groups: dict[tuple[object, ...], list[Move]] = {}
    for move in moves:
        said = {} if _has_own(move) else move.evidence or {}
        facts = tuple(sorted((key, str(value)) for key, value in said.items()))
        groups.setdefault((move.state, move.cause, facts, move.look_at, move.attempts_plus), []).append(move)
    return list(groups.values())

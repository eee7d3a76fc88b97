"""Whatever operators and engine do, in any order and with crashes: nothing lost, nothing twice, no illegal move."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from shoptui.domain.intents import OPEN_STATES, TRANSITIONS, Intent, IntentState, Verb
from shoptui.paths import DataDir
from shoptui.store.results import Accepted
from shoptui.store.writer import Writer
from tests.store.factories import NOW, intent

T = TypeVar("T")

TARGETS = ["P1", "P2", "P3"]


class Outbox(RuleBasedStateMachine):
    """The ledger beside a dictionary that says what must be in it."""

    batches = Bundle("batches")

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.new_event_loop()
        self._directory = tempfile.TemporaryDirectory()
        self._house = DataDir(Path(self._directory.name) / "house")
        self._writer = self._run(Writer.open(self._house, NOW))
        self.states: dict[int, IntentState] = {}
        self.targets: dict[int, str] = {}
        self.answers: dict[str, Accepted] = {}
        self.now = NOW

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def teardown(self) -> None:
        self._run(self._writer.close())
        self._loop.close()
        self._directory.cleanup()

    @initialize()
    def start_empty(self) -> None:
        assert self._run(self._writer.open_intents()) == []

    @rule(target=batches, wanted=st.lists(st.sampled_from(TARGETS), min_size=1, max_size=4))
    def order(self, wanted: list[str]) -> str:
        batch_id = f"b{len(self.answers)}"
        intents = [intent("1", target) for target in wanted]
        releases = [self.now + 10] * len(intents)
        answer = self._run(self._writer.accept_batch(batch_id, Verb.SHIP, "mei", "tty", intents, releases, self.now))
        free = {target for target in TARGETS if target not in self._open_targets()}
        accepted = iter(answer.intent_ids)
        refused = []
        for index, target in enumerate(wanted):
            if target in free:
                free.discard(target)
                intent_id = next(accepted)
                self.states[intent_id] = IntentState.HELD
                self.targets[intent_id] = target
            else:
                refused.append((index, "open_intent"))
        assert list(accepted) == []
        assert list(answer.refused) == refused
        assert not answer.already
        self.answers[batch_id] = answer
        return batch_id

    @rule(batch_id=batches, wanted=st.lists(st.sampled_from(TARGETS), max_size=3))
    def order_again(self, batch_id: str, wanted: list[str]) -> None:
        intents = [intent("1", target) for target in wanted]
        again = self._run(
            self._writer.accept_batch(batch_id, Verb.SHIP, "an", "tty", intents, [self.now] * len(intents), self.now)
        )
        first = self.answers[batch_id]
        assert (again.already, again.intent_ids, again.refused) == (True, first.intent_ids, first.refused)

    @rule(batch_id=batches)
    def take_back(self, batch_id: str) -> None:
        answer = self._run(self._writer.take_back(batch_id, None, self.now))
        members = self.answers[batch_id].intent_ids
        stoppable = {
            intent_id for intent_id in members if IntentState.TAKEN_BACK in TRANSITIONS[self.states[intent_id]]
        }
        assert set(answer.taken) == stoppable
        assert set(answer.gone) == set(members) - stoppable
        for intent_id in answer.taken:
            self.states[intent_id] = IntentState.TAKEN_BACK

    @rule(data=st.data(), state=st.sampled_from(IntentState))
    def move(self, data: st.DataObject, state: IntentState) -> None:
        if not self.states:
            return
        ids = data.draw(st.lists(st.sampled_from(sorted(self.states)), max_size=4))
        moved = self._run(self._writer.move(ids, state, now=self.now))
        may = {intent_id for intent_id in ids if state in TRANSITIONS[self.states[intent_id]]}
        assert {each.intent_id for each in moved} == may
        for intent_id in may:
            self.states[intent_id] = state

    @rule(seconds=st.integers(1, 20))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        due = self._run(self._writer.due_intents(self.now))
        assert all(each.state is IntentState.HELD and each.release_at <= self.now for each in due)

    @rule()
    def crash(self) -> None:
        # The old writer is not closed before the new one reads: what was acknowledged is on the disk by itself.
        crashed, self._writer = self._writer, self._run(Writer.open(self._house, self.now))
        self._run(crashed.close())

    @rule(batch_id=batches)
    def acknowledge(self, batch_id: str) -> None:
        before = self._run(self._writer.batch(batch_id))
        self._run(self._writer.ack(batch_id, "mei", self.now))
        assert self._run(self._writer.batch(batch_id)) == before

    @invariant()
    def nothing_lost_and_nothing_moved_by_itself(self) -> None:
        found = self._run(self._writer.intents(list(self.states)))
        assert {each.intent_id: each.state for each in found} == self.states

    @invariant()
    def one_open_intent_per_target(self) -> None:
        found: list[Intent] = self._run(self._writer.open_intents())
        targets = [each.target_id for each in found]
        assert len(targets) == len(set(targets))
        assert set(targets) == self._open_targets()

    def _open_targets(self) -> set[str]:
        return {self.targets[intent_id] for intent_id, state in self.states.items() if state in OPEN_STATES}


Outbox.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestOutbox = Outbox.TestCase

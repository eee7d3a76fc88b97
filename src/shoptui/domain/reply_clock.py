"""Reply clocks: which message of a buyer waits for an answer, until when, and why until then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shoptui.domain.clock_source import read_source, rule_source
from shoptui.domain.clocks import Clock, ClockKind, ClockScope
from shoptui.domain.messages import NO_QUESTION, PEOPLE_OF_STORE, MessageKind, MessageState, Sender
from shoptui.domain.records import dataclass
from shoptui.domain.rule_text import StepId
from shoptui.domain.rule_time import Trace, in_force, is_for, local_day, zone_for
from shoptui.domain.rule_types import (
    BaseRule,
    Extension,
    RateRule,
    RuleT,
    winner,
)
from shoptui.domain.rules import Basis, Explanation, RuleBook, by_rule, steps_of
from shoptui.domain.stores import Store

PEOPLE_AND_ROBOTS = PEOPLE_OF_STORE | {Sender.ROBOT}


@dataclass(frozen=True, slots=True)
class Said:
    """What of a message decides about questions and answers; `order_key` sorts the messages of a thread."""

    order_key: str
    sender: Sender
    kind: MessageKind
    state: MessageState
    sent_at: int

    @property
    def asks(self) -> bool:
        """Wants an answer: written by the buyer and not taken back."""
        return self.sender is Sender.BUYER and self.kind not in NO_QUESTION and self.state is not MessageState.RECALLED

    def answers(self, answering: frozenset[Sender]) -> bool:
        """Answers what the buyer asked before. What never reached the buyer, or was taken back, does not."""
        return self.sender in answering and self.kind not in NO_QUESTION and self.state is MessageState.NORMAL


@dataclass(frozen=True, slots=True)
class Question:
    """A run of a buyer's messages up to the store's answer; `answered_at` None while there is none (epoch s).

    Its clock counts from the first message of the run: asking again does not give the store more time.
    """

    asked_key: str
    asked_at: int
    answered_at: int | None


def questions(said: Iterable[Said], answering: frozenset[Sender]) -> list[Question]:
    """The questions in messages, oldest first; only the last may be without an answer.

    Messages may come in any order. To go on where a thread was left, give the messages after its last answer by a
    person: no question reaches across one.
    """
    found: list[Question] = []
    asked: Said | None = None
    for one in sorted(said, key=lambda each: each.order_key):
        if one.asks:
            asked = asked or one
        elif asked is not None and one.answers(answering):
            # Some marketplaces give seconds to messages whose order is known better by their index.
            found.append(Question(asked.order_key, asked.sent_at, max(one.sent_at, asked.sent_at)))
            asked = None
    if asked is not None:
        found.append(Question(asked.order_key, asked.sent_at, None))
    return found


@dataclass(frozen=True, slots=True)
class _Desk:
    """What may apply to one store's conversations, whatever the day."""

    store: Store
    rules: tuple[BaseRule, ...]
    extensions: tuple[Extension, ...]
    rates: tuple[RateRule, ...]


class ReplyBook:
    """The rule book's part about conversations, looked up by store. Immutable.

    Dates of its rules are judged by the moment the buyer asked.
    """

    __slots__ = ("_book", "_desks")

    def __init__(self, book: RuleBook, stores: Iterable[Store] = ()) -> None:
        self._book = book
        self._desks: Mapping[str, _Desk] = {store.store_id: _desk(book, store) for store in stores}

    def answering(self, store_id: str, asked_at: int | None = None) -> frozenset[Sender]:
        """Whose messages answer a question of that time (epoch s), by default one of the newest rule's time.

        People always do; automatic answers where the marketplace counts them. A store that is not known here, and one
        without a rule, is answered by people.
        """
        desk = self._desks.get(store_id)
        rule = None if desk is None else _in_force(desk.rules, desk.store, asked_at)
        return PEOPLE_AND_ROBOTS if rule is not None and rule.robots_answer else PEOPLE_OF_STORE

    def clock(self, store_id: str, thread_id: str, asked_at: int) -> Clock | None:
        """The reply clock of a question asked then (epoch s), None where no rule gives one or the store is unknown."""
        desk = self._desks.get(store_id)
        rule = None if desk is None else _in_force(desk.rules, desk.store, asked_at)
        if desk is None or rule is None:
            return None
        due_at, _ = self._compute(rule, desk, asked_at)
        return Clock(
            kind=ClockKind.REPLY,
            due_at=due_at,
            consequence=rule.consequence,
            stopped_by=rule.stopped_by,
            source=rule_source(rule.rule_id),
            scope=ClockScope.THREAD,
            scope_id=thread_id,
        )

    def rate_rule(self, store_id: str, at: int) -> RateRule | None:
        """What share of questions the store must answer in time at a moment (epoch s), None where no rule says."""
        desk = self._desks.get(store_id)
        return None if desk is None else _in_force(desk.rates, desk.store, at)

    def explain(self, clock: Clock, asked_at: int, store: Store, language: str = "en") -> Explanation:
        """Why a thread's `clock` shows its time, for the oldest message without an answer (epoch s).

        `language` beginning with `zh` gives Chinese sentences, anything else English.
        """
        origin = read_source(clock.source)
        trace: Trace = []
        if origin.ours:
            trace.append((StepId.HOUSE, {"what": origin.ours, "at": clock.due_at, "zone": store.time_zone}))
            return Explanation("", Basis.HOUSE, steps_of(trace, language), origin.ours)
        rule = self._book.rule(origin.rule_id)
        if not isinstance(rule, BaseRule):
            trace.append((StepId.GONE, {"rule_id": origin.rule_id, "thing": "thread"}))
            return Explanation(origin.rule_id, Basis.RULE, steps_of(trace, language), "")
        zone = zone_for(rule, store)
        trace.append((StepId.ASKED, {"at": asked_at, "zone": zone}))
        due_at, extension = self._compute(rule, _desk(self._book, store), asked_at, trace)
        trace.append((StepId.ROBOTS_ANSWER if rule.robots_answer else StepId.PEOPLE_ANSWER, {}))
        if due_at != clock.due_at:
            trace.append((StepId.MOVED, {"at": due_at, "zone": zone, "thing": "thread"}))
        return by_rule(rule, extension, trace, language, local_day(asked_at, zone))

    def _compute(
        self, rule: BaseRule, desk: _Desk, asked_at: int, trace: Trace | None = None
    ) -> tuple[int, Extension | None]:
        extension = _in_force(desk.extensions, desk.store, asked_at)
        return self._book.due_at(rule, asked_at, extension, desk.store, trace), extension


def _desk(book: RuleBook, store: Store) -> _Desk:
    return _Desk(
        store,
        rules=tuple(one for one in book.rules if one.kind is ClockKind.REPLY and is_for(one.conditions, store)),
        extensions=tuple(
            one for one in book.extensions if ClockKind.REPLY in one.kinds and is_for(one.conditions, store)
        ),
        rates=tuple(one for one in book.rates if is_for(one.conditions, store)),
    )


def _in_force(rules: Iterable[RuleT], store: Store, at: int | None) -> RuleT | None:
    """The rule that applies at a moment; with None, the one that does as long as no end is in sight."""
    if at is None:
        return winner([rule for rule in rules if rule.conditions.last_day is None])
    return winner([rule for rule in rules if in_force(rule, at, store)])

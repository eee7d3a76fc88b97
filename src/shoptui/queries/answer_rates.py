"""Lays the rule book's threshold over how stores answer: what a store must keep, and how many misses are left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from shoptui.domain.answers import Answers
from shoptui.domain.clocks import DAY_S
from shoptui.domain.rule_types import RateRule
from shoptui.queries.inbox import StoreAnswers

#: In time and late, per store, of the questions asked since a moment (epoch s).
AnsweredSince = Callable[[int], Mapping[str, tuple[int, int]]]


def with_thresholds(
    rows: Iterable[StoreAnswers],
    rule_of: Callable[[str], RateRule | None],
    answered_since: AnsweredSince,
    now: int,
) -> list[StoreAnswers]:
    """The rows with threshold and misses left, where the rule book has a rate for the store.

    `answered_since` is asked once for each length of time the rules measure.
    """
    asked: dict[int, Mapping[str, tuple[int, int]]] = {}
    found = []
    for row in rows:
        rule = rule_of(row.store_id)
        if rule is None:
            found.append(row)
            continue
        if rule.days not in asked:
            asked[rule.days] = answered_since(now - rule.days * DAY_S)
        in_time, late = asked[rule.days].get(row.store_id, (0, 0))
        misses_left = Answers(in_time, late).misses_left(rule.least_percent)
        found.append(replace(row, threshold=rule.least_percent / 100, misses_left=misses_left))
    return found

"""The threshold of a store's response rate, laid over what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shoptui.domain.calendar import Source
from shoptui.domain.rule_types import Conditions, RateRule
from shoptui.queries.answer_rates import with_thresholds
from shoptui.queries.inbox import StoreAnswers

NOW = 1_795_000_000


def a_rate(percent: int, days: int) -> RateRule:
    return RateRule("rate", "test.toml", Conditions("tiktok"), percent, days, Source("x", "y", date(2026, 1, 1)))


def a_row(store_id: str) -> StoreAnswers:
    return StoreAnswers(store_id, waiting=1, due_soon=0, rate_24h=None, rate_7d=None, rate_30d=None)


def test_each_store_is_measured_over_the_days_of_its_rule() -> None:
    rules = {"tt-th-1": a_rate(85, 30), "lz-vn-1": a_rate(85, 7), "sp-sg-1": a_rate(70, 30)}
    asked: list[int] = []

    def answered_since(since: int) -> Mapping[str, tuple[int, int]]:
        asked.append((NOW - since) // 86400)
        return {"tt-th-1": (100, 2), "lz-vn-1": (16, 4)}

    names = ("tt-th-1", "lz-vn-1", "sp-sg-1", "xx-1")
    rows = with_thresholds([a_row(name) for name in names], rules.get, answered_since, NOW)
    assert asked == [30, 7]
    assert [(row.store_id, row.threshold, row.misses_left) for row in rows] == [
        ("tt-th-1", 0.85, 15),
        ("lz-vn-1", 0.85, 0),
        ("sp-sg-1", 0.7, None),
        ("xx-1", None, None),
    ]
    assert all(row.waiting == 1 for row in rows)

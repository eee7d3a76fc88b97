"""The lines about how stores answer: nothing looks better than it is, nothing is wider than its room."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shoptui.cellwidth import cell_width
from shoptui.queries.inbox import StoreAnswers
from shoptui.screens.order_pane import pieces_text
from shoptui.screens.store_answers import answers_line, answers_lines, head_line, percent, worst_first
from shoptui.widgets.roles import Role
from tests.ui.app_support import DAY, NOW, ZONE


def store(store_id: str = "sp-my-1", **changes: Any) -> StoreAnswers:
    made = StoreAnswers(
        store_id,
        waiting=1,
        due_soon=1,
        rate_24h=0.919,
        rate_7d=0.94,
        rate_30d=0.95,
        official=0.938,
        official_days=30,
        official_at=NOW - DAY,
        threshold=0.9,
        misses_left=2,
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("rate", "said"), [(None, "-"), (1.0, "100%"), (0.999, "99%"), (0.29, "29%"), (0.0, "0%"), (0.57, "57%")]
)
def test_a_rate_is_rounded_down(rate: float | None, said: str) -> None:
    assert percent(rate) == said


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (46, "sp-my-1       1    1  91%  94%  95%  2 to 90%"),
        (56, "sp-my-1       1    1  91%  94%  95%  2 to 90%  93% 13Jul"),
        (80, "sp-my-1       1    1  91%  94%  95%  2 more misses to 90%   93% 30d, 13Jul"),
    ],
)
def test_a_store_says_more_where_there_is_room(width: int, said: str) -> None:
    assert pieces_text(answers_line(store(), width, ZONE)).rstrip() == said


@pytest.mark.parametrize(
    ("changes", "said", "role"),
    [
        ({"misses_left": 9}, "9 more misses to 90%", Role.TEXT),
        ({"misses_left": 1}, "1 more miss to 90%", Role.SOON),
        ({"misses_left": 0}, "no miss left to 90%", Role.MISSED),
        ({"misses_left": None}, "nobody asked yet", Role.QUIET),
        ({"misses_left": None, "threshold": None}, "no rule", Role.QUIET),
    ],
)
def test_the_room_that_is_left_is_said_and_coloured(changes: dict[str, Any], said: str, role: Role) -> None:
    line = answers_line(store(**changes), 80, ZONE)
    (piece,) = [piece for piece in line if said[:20] in piece.text]
    assert piece.role is role


def test_a_rate_below_the_threshold_stands_out() -> None:
    line = answers_line(store(rate_24h=0.5), 80, ZONE)
    assert [piece.text.strip() for piece in line if piece.role is Role.MISSED] == ["50%"]


def test_a_store_without_chat_is_not_counted() -> None:
    assert "chat is not granted" in pieces_text(answers_line(store(not_granted=True), 80, ZONE))


def test_the_store_that_can_lose_most_comes_first() -> None:
    rows = [
        store("d", waiting=0, due_soon=0, misses_left=0),
        store("c", misses_left=None, threshold=None),
        store("b", misses_left=5),
        store("a", misses_left=1),
        store("a2", misses_left=1, due_soon=3),
    ]
    assert [one.store_id for one in worst_first(rows)] == ["a2", "a", "b", "c", "d"]
    lines = answers_lines(rows, 56, ZONE, 3)
    assert [pieces_text(line).split()[0] for line in lines] == ["STORE", "a2", "a"]
    assert answers_lines([], 56, ZONE, 9) == []


@pytest.mark.parametrize("width", [46, 56, 77, 120])
def test_no_line_is_wider_than_its_room(width: int) -> None:
    rows = [store(waiting=4321, due_soon=999, rate_7d=1.0, official=1.0), store(not_granted=True), store(official=None)]
    for line in [head_line(width), *(answers_line(one, width, ZONE) for one in rows)]:
        assert cell_width(pieces_text(line)) <= width

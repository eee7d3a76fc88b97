"""What Activity says of orders that a restored backup brought back."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from shoptui.clock import DrivenClock
from shoptui.cockpit.session import Session
from shoptui.domain.intents import Cause, CauseId, IntentState
from shoptui.paths import DataDir
from shoptui.queries.types import BatchRow
from shoptui.screens.activity_pane import group_lines


@pytest.mark.parametrize(
    ("cause", "words"),
    [(Cause(CauseId.RESTORED), "Older than the restored backup"), (None, "It cannot be proved")],
)
def test_a_group_says_why_it_has_to_be_decided(tmp_path: Path, cause: Cause | None, words: str) -> None:
    session = Session(DataDir(tmp_path), DrivenClock(1_800_000_000), UTC)
    group = BatchRow(
        batch_id="b1",
        verb="ship",
        operator="mei",
        created_at=1_799_990_000,
        release_at=1_799_990_010,
        state=IntentState.NEEDS_PERSON,
        cause=cause,
        count=2,
        total=2,
        stores=("tt-th-1",),
        intent_ids=(),
        acked=False,
        settled_at=None,
    )
    lines = ["".join(piece.text for piece in line).strip() for line in group_lines(group, [], session, 76, full=False)]
    said = " ".join(lines)
    assert words in said
    # How it is answered, whatever the reason.
    assert "a: it was done, x: it was not" in said or "a it was done, x it was not" in said

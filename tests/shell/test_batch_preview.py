"""What a script reads about a batch before it is ordered."""

from __future__ import annotations

import pytest

from shoptui.domain.orders import Status
from shoptui.queries.preview import ship_preview
from shoptui.shell.order_batch import _print_preview
from tests.queries.test_preview import NOW, candidate


def test_reasons_that_read_the_same_are_one_line_the_largest_first(capsys: pytest.CaptureFixture[str]) -> None:
    statuses = [Status.UNPAID, *[Status.DELIVERED] * 2, *[Status.IN_TRANSIT] * 3, Status.TO_SHIP]
    found = ship_preview([candidate(number, status=each.value) for number, each in enumerate(statuses)], NOW)
    _print_preview(found, len(statuses))
    lines = [line.strip() for line in capsys.readouterr().err.splitlines() if "left out" in line]
    sentences = [line.partition(": ")[2] for line in lines]
    assert len(set(sentences)) == len(sentences)
    counts = [int(line.split()[2].rstrip(":")) for line in lines]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == len(statuses) - 1

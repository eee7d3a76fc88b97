"""The strip of a dispute pack by itself: its rows page by page, and what is left out of it."""

from __future__ import annotations

from pathlib import Path

from shoptui.domain.anomalies import Anomaly, AnomalyKind
from shoptui.domain.disputes import DisputeState
from shoptui.domain.money import Money
from shoptui.queries.money import AnomalyRow
from shoptui.screens.dispute_form import DisputeForm
from tests.ui.app_support import DAY, NOW


def difference(number: int, minor: int = -100, state: DisputeState | None = None) -> AnomalyRow:
    kind = AnomalyKind.NEVER_SETTLED
    nothing = Money(0, "VND")
    order = f"5764{number:04d}"
    args = (("status", "completed"),)
    found = Anomaly(kind, "tt-vn-1", "", order, Money(-minor, "VND"), nothing, "not_settled", args, NOW - 9 * DAY)
    return AnomalyRow(number, found, order, None, None, number if state else None, state, False)


def said(form: DisputeForm) -> list[str]:
    return ["".join(piece.text for piece in line) for line in form.lines(80, NOW)]


def test_the_rows_come_page_by_page_what_is_left_out_first() -> None:
    rows = [difference(number, -10_000_000 - number) for number in range(18)]
    rows += [difference(18, 500), difference(19, state=DisputeState.SENT)]
    form = DisputeForm(rows, Path("packs"), lambda form: None, lambda form: None, chinese=False, tracks=True)
    question = said(form)
    assert any("left out 2" in line for line in question)
    pages = []
    while form.show_rows() and said(form) != question:
        pages.append(said(form))
    assert [len(page) for page in pages] == [9, 9, 4]
    assert "left out: no money is missing" in pages[0][0]
    assert "left out: in dispute already" in pages[0][1]
    assert "tt-vn-1" in pages[0][2] and "-₫10.000.000" in pages[0][2] and "9d late, completed" in pages[0][2]
    assert pages[0][8].strip() == "and 12 lines more: Tab"
    assert all(len(line) <= 80 for page in pages for line in page)
    orders = [line for page in pages for line in page if "tt-vn-1" in line]
    assert len({line.split("tt-vn-1")[1].split()[0] for line in orders}) == 20

"""The Returns list on an invented house: rows, pane, links, notes of what is wrong; no engine runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.command_state import Context
from shoptui.domain.intents import IntentState
from shoptui.paths import DataDir
from shoptui.protocol import Changed
from shoptui.queries.returns import ReturnRow
from shoptui.screens.returns import ReturnsPlace
from shoptui.screens.returns_columns import ReturnColumns, return_face, usd_words, value_words
from shoptui.store.writer import Writer
from shoptui.widgets.columns import CellContext, CellText
from tests.ui.app_support import NOW, ZONE, Cockpit, cockpit
from tests.ui.return_support import make_returns, some_returns

pytestmark = pytest.mark.usefixtures("always_mei")


@pytest.fixture
def house(tmp_path: Path) -> DataDir:
    return asyncio.run(make_returns(tmp_path))


@asynccontextmanager
async def returns(house: DataDir, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Cockpit, ReturnsPlace]]:
    async with cockpit(house, size) as under_test:
        await under_test.press("g", "r")
        place = under_test.app.frame.place
        assert isinstance(place, ReturnsPlace)
        yield under_test, place


async def test_the_letter_and_the_digit_lead_here_and_the_tab_counts_what_is_urgent(house: DataDir) -> None:
    async with cockpit(house) as under_test:
        await under_test.press("f2", "6")
        assert under_test.app.frame.place.context is Context.RETURNS
        counts = under_test.app.session.house.counts
        assert (counts.returns_missed, counts.returns_under_2h, counts.returns_waiting) == (1, 2, 9)
        assert "[Ret 3]" in under_test.line("tabs")
        assert "11 returns" in under_test.line("view")


async def test_rows_say_what_is_asked_for_how_much_and_until_when(house: DataDir) -> None:
    async with returns(house) as (under_test, place):
        screen = under_test.screen_text()
        assert "ANSWER IN" in screen
        row = next(line for line in screen.splitlines() if "not as shown" in line)
        for words in ("1h12m", "retn", "tt-uk-1", "refund", "£149.00", "204"):
            assert words in row
        assert "1 missed (Enter)" in screen
        assert place.grid.cursor_row is not None
        assert place.grid.cursor_row.reason == "not as shown", "the missed ones are folded above"


async def test_the_peek_says_what_happens_at_zero_and_what_is_known(house: DataDir) -> None:
    async with returns(house) as (under_test, _place):
        said = under_test.pane_text()
        assert "if nobody answers: buyer is paid £149.00" in said
        assert "2 pictures" in said
        assert "สีไม่ตรงกับรูป" in said
        assert "1 order, 0 earlier returns" in said


async def test_the_detail_has_goods_pictures_checks_and_history(house: DataDir) -> None:
    async with returns(house) as (under_test, _place):
        await under_test.do("row.open")
        said = under_test.pane_text()
        for words in ("[1] https://media.invalid/r/1.jpg", "waiting for the seller", "BAG-RD-M", "can be answered"):
            assert words in said
        await under_test.do("row.next")
        await under_test.press("]", "]", "]", "]")
        said = under_test.pane_text()
        assert "used, worn, a stain on the strap" in said
        assert "comes back by J&T Express TH0441029937" in said


async def test_links_are_copied_one_after_the_other(house: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    async with returns(house) as (under_test, _place):
        monkeypatch.setattr(under_test.app, "copy_to_clipboard", copied.append)
        await under_test.do("row.copy")
        await under_test.do("row.open")
        for _time in range(3):
            await under_test.do("row.copy")
    first, second = some_returns()[1].evidence
    assert copied == [some_returns()[1].return_id, first, second, first]


async def test_k_says_where_the_time_is_from(house: DataDir) -> None:
    async with returns(house) as (under_test, _place):
        await under_test.do("row.runbook")
        said = " ".join(under_test.pane_text().split())
        assert "seller_next_action_response.deadline" in said
        assert "a agrees, f refunds alone, x refuses" in said
        await under_test.do("row.runbook")
        assert "Why this time" not in under_test.pane_text()


async def test_views_filters_and_sorts(house: DataDir) -> None:
    async with returns(house) as (under_test, place):
        for digit, count in (("3", 7), ("4", 1), ("5", 1), ("7", 1)):
            await under_test.press(digit)
            assert len(place.listed_ids) == count, digit
        await under_test.press("0", "/", "ctrl+u")
        await under_test.type("value:<5us")
        await under_test.press("enter")
        assert "is no" in under_test.screen_text(), "a wrong filter says so and stays"
        await under_test.press("escape")
        await under_test.do("list.sort")
        await under_test.press("6")
        assert str(place.sort) == "usd"


async def test_an_empty_list_says_what_else_there_is(house: DataDir) -> None:
    async with returns(house) as (under_test, place):
        place.set_filter("buyer:nobody")
        await under_test.settled()
        assert "9 wait for our answer: 0 shows them" in under_test.pane_text()


async def test_answered_elsewhere_turns_in_place(house: DataDir) -> None:
    async with returns(house) as (under_test, place):
        row = place.grid.cursor_row
        assert row is not None
        await under_test.do("mark.toggle")
        writer = await Writer.open(house, NOW)
        try:
            asked = next(each for each in some_returns() if each.return_id == row.return_id)
            from shoptui.domain.returns import ReturnState

            closed = replace(asked, state=ReturnState.REFUNDED, updated_at=NOW, answers=frozenset(), clocks=())
            await writer.returns.put_requests([closed], NOW)
        finally:
            await writer.close()
        place.changed(Changed(returns=(row.row_id,)))
        await under_test.settled()
        line = next(each for each in under_test.screen_text().splitlines() if row.return_id[-7:] in each)
        assert "✓" in line
        assert "seller centre" in line


async def test_without_an_engine_the_keys_say_so(house: DataDir) -> None:
    async with returns(house) as (under_test, _place):
        for key in ("a", "f", "x", "c"):
            await under_test.press(key)
            assert not under_test.app.frame.strip.is_open


def row(**changes: object) -> ReturnRow:
    from shoptui.domain.returns import ReturnAsk, ReturnState

    fields: dict[str, object] = {
        "row_id": 1, "store_id": "tt-vn-1", "marketplace": "tiktok", "region": "VN", "return_id": "4035402118",
        "order_no": "5764", "ask": ReturnAsk.REFUND, "state": ReturnState.ASKED, "raw_state": "", "value_minor": 65_000,
        "currency": "VND", "usd_minor": 249, "reason_id": "", "reason": "broken", "buyer": "Lê", "buyer_id": "b",
        "items": "1x MUG", "tracking": "", "next_at": NOW + 60, "next_kind": "retn", "missed": 0,
        "last_missed_at": None, "last_missed_kind": "", "answer_at": NOW + 60, "created_at": NOW, "updated_at": NOW,
        "goods_back_at": None, "goods_come_back": False, "disputed": False, "pictures": 0, "answers": frozenset(),
    }  # fmt: skip
    return ReturnRow(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (65_000, "VND", "₫65.000"),
        (1_265_000, "VND", "₫1.265k"),
        (390, "SGD", "S$ 3.90"),
        (1_234_567, "MYR", "RM 12,345"),
        (12_345_678, "MYR", "RM 123k"),
        (17_080, "MYR", "RM 170.80"),
        (-117_080, "MYR", "-RM 1,170"),
        (14_900, "GBP", "£149.00"),
    ],
)
def test_a_value_is_never_cut_within_its_digits(minor: int, currency: str, said: str) -> None:
    assert value_words(row(value_minor=minor, currency=currency), 9) == said


@pytest.mark.parametrize(("usd", "said"), [(None, ""), (249, "2.49"), (9_999, "99.99"), (20_411, "204"), (5, "0.05")])
def test_dollars_fit_their_column(usd: int | None, said: str) -> None:
    assert usd_words(row(usd_minor=usd)) == said


def test_an_answer_that_failed_is_hot_and_a_request_without_a_time_says_so() -> None:
    columns = ReturnColumns(lambda: "mei", lambda: frozenset(), ZONE)
    act = next(column for column in columns.for_width(80) if column.id == "act")
    failed = act.cell(row(act_state=IntentState.FAILED), CellContext())  # type: ignore[union-attr]
    assert isinstance(failed, tuple)
    assert failed[0].text == "✗"
    assert isinstance(failed[1], CellText)
    assert return_face(row(next_at=None)).fallback == "?"


async def test_tab_completes_the_filter(house: DataDir) -> None:
    async with returns(house) as (under_test, place):
        await under_test.do("filter.open")
        await under_test.press("ctrl+u")
        await under_test.type("ask:rep")
        await under_test.press("tab")
        await under_test.press("enter")
        assert place.filter_text.strip() == "ask:replace"
        rows = [place.window.row(row_id) for row_id in place.window.index.ids]
        assert rows and all(row is not None and row.ask.value == "replace" for row in rows)

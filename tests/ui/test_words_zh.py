"""Words in Chinese: dates, spans and money read as they are written there, and every word fits its narrow column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from shoptui.cellwidth import cell_width
from shoptui.domain.clocks import ClockKind, Consequence, countdown
from shoptui.domain.intents import Cause, CauseId, IntentState, Verb
from shoptui.domain.orders import Status
from shoptui.i18n import countdown_units, set_language
from shoptui.words import (
    BatchSum,
    age_words,
    cause_in_full,
    cause_said,
    cause_short,
    consequence_words,
    date_short,
    date_words,
    hold_line,
    kind_word,
    moment_words,
    money_words,
    result_line,
    span_words,
    state_words,
    status_short,
    verb_word,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: 14 July 2026, 17:42 in Shanghai, a Tuesday.
NOW = 1_784_022_120
DAY = 86400


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("en")


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (3600, "今天 18:42"),
        (DAY, "周三 17:42"),
        (-DAY, "周一 17:42"),
        (8 * DAY, "7月22日 17:42"),
        (131 * DAY, "11月22日 17:42"),
        (300 * DAY, "2027年5月10日"),
    ],
)
def test_a_moment(offset: int, words: str) -> None:
    assert moment_words(NOW + offset, NOW, SHANGHAI) == words


def test_days() -> None:
    today = date(2026, 7, 14)
    assert date_words(date(2026, 11, 22), today) == "11月22日 周日"
    assert date_words(date(2027, 11, 22), today) == "2027年11月22日"
    assert date_short(date(2026, 11, 22)) == "11月22"
    assert cell_width(date_short(date(2026, 11, 22))) == 6
    set_language("en")
    assert date_words(date(2026, 11, 22), today) == "Sun 22 Nov"
    assert date_words(date(2027, 11, 22), today) == "22 Nov 2027"
    assert (date_short(date(2026, 11, 22)), date_short(date(2026, 7, 4))) == ("22Nov", " 4Jul")


@pytest.mark.parametrize(("seconds", "words"), [(40, "40秒"), (660, "11分"), (7200, "2时"), (9 * DAY, "9天")])
def test_spans(seconds: int, words: str) -> None:
    assert span_words(seconds) == words


def test_ages() -> None:
    assert (age_words(None, NOW), age_words(NOW, NOW), age_words(NOW - 660, NOW)) == ("从未", "实时", "11分")


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (88450000, "VND", "₫88.450.000"),
        (41220000, "IDR", "Rp41.220.000"),
        (111800, "THB", "฿1,118.00"),
        (980, "JPY", "¥980"),
    ],
)
def test_money_has_its_symbol_and_its_minor_units(minor: int, currency: str, words: str) -> None:
    assert money_words(minor, currency) == words


@pytest.mark.parametrize(
    ("left_s", "words"),
    [
        (2 * DAY + 4 * 3600, "2天04时"),
        (14 * 3600 + 20 * 60, "14时20分"),
        (18 * 60, "18分"),
        (598, "9:58"),
        (-11400, "-3时10分"),
    ],
)
def test_countdowns_fit_the_wider_column(left_s: int, words: str) -> None:
    reading = countdown(NOW + left_s, NOW, seconds=True, units=countdown_units()).text
    assert reading == words
    assert cell_width(reading) <= 8


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.UNKNOWN])
def test_every_status_is_two_characters(status: Status) -> None:
    assert cell_width(status_short(status.value)) == 4


@pytest.mark.parametrize("kind", ClockKind)
def test_every_kind_fits_its_column(kind: ClockKind) -> None:
    assert 0 < cell_width(kind_word(kind.value)) <= 4


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_fits_its_column(verb: Verb) -> None:
    assert cell_width(verb_word(verb.value)) <= 12


@pytest.mark.parametrize("cause", CauseId)
def test_every_cause_fits_and_says_what_to_do(cause: CauseId) -> None:
    assert cell_width(cause_short(cause.value)) <= 34
    said = cause_said(Cause(cause))
    assert said.what.endswith("。") and said.todo.endswith("。")
    assert cell_width(said.what) <= 78 and cell_width(said.todo) <= 90


def test_the_marketplaces_words_stand_in_quotes_behind_ours() -> None:
    heavy = Cause(CauseId.TOO_HEAVY, "11021012", "Too heavy. TikTok Shop says: over 5 kg")
    assert cause_in_full(heavy).what == cause_said(heavy).what + "“over 5 kg”"
    other = Cause(CauseId.OTHER, "7", "Shopee refused. Shopee says: Nope!")
    assert cause_said(other).what == "平台拒绝：“Nope!”。未发货。"
    assert cause_short(other) == "被拒：“Nope!”"


def test_every_state_and_consequence_is_said_in_chinese() -> None:
    for words in (*map(state_words, IntentState), *map(consequence_words, Consequence)):
        assert not re.search("[A-Za-z]{2}", words), words


def test_results_read_as_on_the_screens() -> None:
    assert result_line(BatchSum("ship", 32, done=32)) == "✓ 32 单已发货。"
    mixed = result_line(BatchSum("ship", 32, done=28, failed=4, causes=2))
    assert mixed == "✗ 28 单已发货；4 个因 2 种原因失败，未发货。"
    assert hold_line(8, [(BatchSum("ship", 32), 32)]) == "8 秒 后发出：发货 32   z 撤回"

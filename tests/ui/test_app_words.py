"""Words: every id has a sentence, every sentence fits its place, numbers and times read as people say them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from shoptui.cellwidth import cell_width
from shoptui.domain.clocks import ClockKind, Consequence
from shoptui.domain.intents import Cause, CauseId, IntentState, Verb
from shoptui.domain.orders import Status
from shoptui.queries.admission import NEEDS_CHANGE
from shoptui.queries.filter import FilterError, parse
from shoptui.queries.types import Alert
from shoptui.words import (
    BatchSum,
    age_words,
    alert_said,
    away_line,
    cause_in_full,
    cause_said,
    cause_short,
    consequence_words,
    done_words,
    filters,
    hold_line,
    hold_words,
    kind_word,
    left_out_sentence,
    may_be_words,
    moment_words,
    money_words,
    not_done_words,
    result_line,
    source_words,
    span_words,
    state_words,
    status_short,
    taken_back_line,
    verb_head,
    verb_word,
)
from shoptui.words.filters import filter_said

BANGKOK = ZoneInfo("Asia/Bangkok")
NOON = 1_784_005_200  # 14 July 2026, 12:00 in Bangkok


@pytest.mark.parametrize("cause", CauseId)
def test_every_cause_has_words_and_says_what_to_do(cause: CauseId) -> None:
    assert 0 < cell_width(cause_short(cause.value)) <= 34
    said = cause_said(Cause(cause))
    assert said.what.endswith(".")
    assert said.todo.endswith(".")
    assert cell_width(said.what) <= 78
    assert cell_width(said.todo) <= 90


@pytest.mark.parametrize(
    ("hold_s", "shortest_s", "words"),
    [
        (10, None, "held 10 s, then sent"),
        (25, 25, "held 25 s, then sent"),
        (10, 2, "held 2 to 10 s, then sent"),
        (0, None, "sent at once"),
        (0, 0, "sent at once"),
    ],
)
def test_a_strip_says_how_long_it_waits(hold_s: int, shortest_s: int | None, words: str) -> None:
    assert hold_words(hold_s, shortest_s) == words


@pytest.mark.parametrize("verb", Verb)
def test_what_failed_is_said_of_its_verb(verb: Verb) -> None:
    said = cause_said(Cause(CauseId.SIGNED_OUT), verb.value)
    assert said.what.startswith("The store is signed out: nothing goes out. ")
    assert ("Not shipped." in said.what) == (verb is Verb.SHIP)
    assert cell_width(verb_word(verb.value)) <= 9
    words = (verb_head(verb.value), done_words(verb.value, 2), not_done_words(verb.value), may_be_words(verb.value))
    assert all("_" not in each for each in words)


@pytest.mark.parametrize(
    ("message", "what", "advice"),
    [
        ("Seller is on holiday.", "The marketplace refused: “Seller is on holiday.” Not shipped.", ""),
        ("Shopee refused. Shopee says: Nope!", "The marketplace refused: “Nope!” Not shipped.", ""),
        (
            "Shopee does not accept the app; check its state. Shopee says: bad app",
            "The marketplace refused: “bad app” Not shipped.",
            "Shopee does not accept the app; check its state. ",
        ),
        # Our own sentences are not put into the marketplace's mouth.
        ("Lazada refused.", "Lazada refused.", ""),
        ("api.host refused with status 404 without saying why", "api.host refused with status 404 without saying", ""),
        ("", "The marketplace refused it. Not shipped.", ""),
    ],
)
def test_an_unmapped_refusal_shows_the_marketplaces_own_words(message: str, what: str, advice: str) -> None:
    said = cause_said(Cause(CauseId.OTHER, "21009999", message))
    assert said.what.startswith(what)
    assert said.todo.startswith(f"{advice}Mend it in Seller Center")


def test_the_marketplaces_words_stand_in_quotes_behind_the_houses() -> None:
    cause = Cause(CauseId.TOO_HEAVY, "11021012", "The parcel is too heavy. TikTok Shop says: over 5 kg")
    house = "Heavier than the service takes. Not shipped."
    assert cause_said(cause).what == house
    assert cause_in_full(cause).what == f"{house} “over 5 kg”"
    # A colleague's name is no word of the marketplace's, and what a sentence has in it is not said twice.
    assert cause_in_full(Cause(CauseId.HELD, message="an")).what.endswith("Not shipped. (an)")
    gone = Cause(CauseId.PRINTER_GONE, message="dock9")
    assert cause_in_full(gone).what == cause_said(gone).what
    assert cause_short(Cause(CauseId.OTHER, "7", "Shopee refused. Shopee says: Nope!")) == "refused: “Nope!”"
    assert cause_short(Cause(CauseId.OTHER, message="The answer could not be understood.")).startswith("The answer")


FAULTS = [
    "due:<4x",
    "due:<4",
    "due:soon",
    "due:<1.5h",
    "due:",
    "status:shiped",
    "status:zzzzzz",
    "stor:x",
    "qqq:x",
    "region:xx",
    "order:12",
    "value:10",
    "value:>10dollars",
    "value:>٣",
    "(a or b",
    "a) b",
    "()",
    "a - b",
    'a "b',
    "***",
    "a" * 2001,
    "(" * 41 + "a",
    "a " * 101,
]


@pytest.mark.parametrize("typed", FAULTS)
def test_a_filters_fault_is_said_as_the_parser_says_it(typed: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(typed)
    assert filter_said(caught.value) == caught.value.sentence


def test_every_fault_of_a_filter_has_words_in_the_operators_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "_", lambda words: f"«{words}»")
    told: set[str] = set()
    for typed in FAULTS:
        with pytest.raises(FilterError) as caught:
            parse(typed)
        told.add(caught.value.reason_id)
        assert filter_said(caught.value).startswith("«"), caught.value.reason_id
    assert told == set(filters._WORDS)


def test_a_fault_without_words_says_what_the_parser_says() -> None:
    assert filter_said(FilterError(0, 1, "from_the_future", {}, "Plain words.")) == "Plain words."


@pytest.mark.parametrize("state", IntentState)
def test_every_state_has_words(state: IntentState) -> None:
    assert state_words(state)


def test_what_waits_for_a_printer_names_it() -> None:
    waits = Cause(CauseId.PRINTER_WAITS, message="zebra-1")
    assert state_words(IntentState.QUEUED, waits) == cause_short(waits) == "waits for printer zebra-1"
    assert state_words(IntentState.QUEUED) == "next to go"


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.UNKNOWN])
def test_every_status_fits_its_column(status: Status) -> None:
    assert cell_width(status_short(status.value)) == 4


def test_a_status_nobody_knows_is_shown_as_it_is() -> None:
    assert status_short("unknown", "AWAITING_MAGIC") == "AWAITING_MAGIC"
    assert status_short("teleported") == "teleported"


@pytest.mark.parametrize("kind", ClockKind)
def test_every_kind_fits_its_column(kind: ClockKind) -> None:
    assert 0 < cell_width(kind_word(kind.value)) <= 4


@pytest.mark.parametrize("consequence", Consequence)
def test_every_consequence_has_words(consequence: Consequence) -> None:
    assert consequence_words(consequence)


@pytest.mark.parametrize(
    "kind",
    [
        "signed_out",
        "no_permission",
        "store_silent",
        "gap",
        "set_aside",
        "authorisation_ends",
        "disk_full",
        "cache_rebuilt",
    ],
)
def test_every_alert_the_engine_raises_has_a_sentence(kind: str) -> None:
    said = alert_said(Alert(kind, kind, NOON, {"store": "tt-th-1", "here": "3", "there": "4"}), lambda at: "17:31")
    assert said.what.endswith(".")
    assert said.todo
    assert "{" not in said.what + said.todo


def test_an_alert_of_a_newer_engine_is_still_readable() -> None:
    said = alert_said(Alert("x", "solar_flare", NOON, {"store": "tt-th-1"}), lambda at: "17:31")
    assert said.what == "solar flare: store tt-th-1"


REASONS = [
    ("held", {"operator": "an"}, "on hold: an"),
    ("failed_before", {"cause": "too_heavy"}, "failed before: too heavy for the service (g a, then e)"),
    ("to_hand_over", {}, "shipped already"),
    ("seller_shipping", {}, "by own carrier: e takes the tracking number"),
    ("something_new", {}, "something new"),
    ("something_new", {"say": "The moon is full."}, "The moon is full."),
    ("address", {}, "the address is refused"),
    # After a number, whether it is of one order or of many.
    ("fulfilled_by_platform", {}, "sent by the platform itself"),
    ("store_pickup", {}, "fetched by buyer"),
    ("platform_shipping", {}, "brought by the marketplace's carrier"),
]


@pytest.mark.parametrize(("reason", "args", "sentence"), REASONS)
def test_why_an_order_is_left_out(reason: str, args: dict[str, str], sentence: str) -> None:
    assert left_out_sentence(reason, args) == sentence


@pytest.mark.parametrize("cause", sorted(NEEDS_CHANGE))
def test_each_cause_that_needs_a_change_is_said_in_the_preview(cause: CauseId) -> None:
    assert cause_short(cause.value) in left_out_sentence("failed_before", {"cause": cause.value})


LABELS = BatchSum("label", 32, done=32)
PRINTS = BatchSum("print", 32, done=32, printer="dock2")
LOST = {"failed": 4, "causes": 2}
SUMS = [
    (BatchSum("ship", 32, done=32, then=(LABELS, PRINTS)), "✓ 32 shipped, 32 labels sent to dock2."),
    (BatchSum("ship", 32, done=32, then=(LABELS,)), "✓ 32 shipped, 32 labels kept."),
    (BatchSum("label", 32, done=32, then=(PRINTS,)), "✓ 32 labels sent to dock2."),
    (
        BatchSum("ship", 8, done=4, **LOST, then=(BatchSum("label", 8, done=4, **LOST),)),
        "✗ 4 shipped, 4 labels kept; 4 failed for 2 reasons and are not shipped.",
    ),
    (
        BatchSum("ship", 2, done=2, then=(BatchSum("label", 2, done=1, failed=1, causes=1),)),
        "✗ 2 shipped, 1 label kept; 1 failed for 1 reason and is without a label.",
    ),
    (BatchSum("cancel", 3, done=2, failed=1, causes=1), "✗ 2 cancelled; 1 failed for 1 reason and is not cancelled."),
    (BatchSum("answer_cancel", 1, unknown=1), "? no answer for 1: it may be answered; this settles itself."),
    (BatchSum("change_tracking", 1, done=1), "✓ 1 tracking number changed."),
    (BatchSum("ship", 32, done=32), "✓ 32 shipped."),
    (BatchSum("ship", 32, taken_back=32), "Taken back: nothing was sent, all 32 are as they were."),
    (BatchSum("ship", 32, done=30, taken_back=2), "✓ 30 shipped; 2 taken back before they went."),
    (BatchSum("ship", 32, done=28, failed=4, causes=2), "✗ 28 shipped; 4 failed for 2 reasons and are not shipped."),
    (BatchSum("ship", 1, failed=1, causes=1), "✗ 1 failed for 1 reason and is not shipped."),
    (BatchSum("ship", 3, done=1, unknown=2), "? 1 shipped; no answer for 2: they may be shipped; this settles itself."),
    (BatchSum("ship", 3, done=2, needs_person=1), "Y 2 shipped; 1 needs your decision."),
    (BatchSum("ship", 6, done=3, failed=2, needs_person=1), "✗ 3 shipped; 2 not shipped; 1 needs your decision."),
]


@pytest.mark.parametrize(("batch", "line"), SUMS)
def test_a_result_is_one_line_numbers_first(batch: BatchSum, line: str) -> None:
    assert result_line(batch) == line
    assert cell_width(line) <= 78


def test_lines_around_a_batch() -> None:
    assert hold_line(8, [(BatchSum("ship", 32), 32)]) == "8 s  then SHIP 32 goes out   z takes it back"
    printing = BatchSum("label", 2, then=(BatchSum("print", 2),))
    both = [(BatchSum("ship", 30, then=(BatchSum("label", 30), BatchSum("print", 30))), 30), (printing, 2)]
    assert hold_line(8, both) == "8 s  then SHIP AND PRINT 30, PRINT 2 goes out   z takes it back"
    assert hold_line(-1, both).startswith("0 s")
    away = away_line(360, BatchSum("ship", 32, done=28, failed=4, causes=2))
    assert away == "Away 6m. SHIP 32 went on: 28 shipped, 4 failed."


@pytest.mark.parametrize(
    ("taken", "gone", "start"),
    [(32, 0, "Taken back: nothing was sent"), (21, 11, "Taken back 21. The other 11 went"), (0, 3, "Too late: all 3")],
)
def test_the_answer_to_a_take_back(taken: int, gone: int, start: str) -> None:
    assert taken_back_line(taken, gone, "17:42:31").startswith(start)


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (111800, "THB", "฿1,118.00"),
        (-120450, "PHP", "-₱1,204.50"),
        (41220000, "IDR", "Rp41.220.000"),
        (88450000, "VND", "₫88.450.000"),
        (5, "USD", "US$ 0.05"),
        (1999, "CHF", "CHF 19.99"),
        (980, "JPY", "¥980"),
    ],
)
def test_money_reads_as_at_home(minor: int, currency: str, words: str) -> None:
    assert money_words(minor, currency) == words


@pytest.mark.parametrize(
    ("offset", "words"),
    [(3600, "today 13:00"), (86400, "Wed 12:00"), (-86400, "Mon 12:00"), (8 * 86400, "22 Jul 12:00")],
)
def test_a_moment_reads_as_people_say_it(offset: int, words: str) -> None:
    assert moment_words(NOON + offset, NOON, BANGKOK) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (7200, "2h"), (9 * 86400, "9d")]
)
def test_spans_round_down(seconds: int, words: str) -> None:
    assert span_words(seconds) == words


def test_ages() -> None:
    assert age_words(None, NOON) == "never"
    assert age_words(NOON - 119, NOON) == "live"
    assert age_words(NOON - 660, NOON) == "11m"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("tiktok:rts_sla_time", "TikTok rts_sla_time"),
        ("rule:th-arrange", "rule th-arrange"),
        ("ours:wave 3", "ours: wave 3"),
    ],
)
def test_where_a_clock_comes_from(source: str, words: str) -> None:
    assert source_words(source) == words

"""The scan gate: every key goes into one scan or out again, once and in order."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoptui.widgets.scan_gate import SUFFIX_KEYS, PassKey, Place, Scan, ScanGate, ScanSettings

NAMED_KEYS = ("enter", "tab", "down", "f9", "escape", "ctrl+r", "delete", "帆")


@dataclass(frozen=True, slots=True)
class Stroke:
    """One key with the pause before it (seconds)."""

    key: str
    pause_s: float = 0.2

    @property
    def character(self) -> str | None:
        return self.key if len(self.key) == 1 else None


def run(
    strokes: list[Stroke], settings: ScanSettings | None = None, place: Place = Place.LIST
) -> list[PassKey[int] | Scan]:
    """Feed strokes as events 0, 1, 2... with the timer firing when it should, and wait for the last."""
    gate: ScanGate[int] = ScanGate(settings)
    now_s = 100.0
    outputs: list[PassKey[int] | Scan] = []
    for number, stroke in enumerate(strokes):
        now_s += stroke.pause_s
        outputs += gate.expire(now_s)
        outputs += gate.feed(number, stroke.key, stroke.character, now_s, place)
    outputs += gate.expire(now_s + 10)
    assert gate.deadline is None
    return outputs


def typed(text: str, pause_s: float = 0.2) -> list[Stroke]:
    return [Stroke(character, pause_s) for character in text]


def burst(text: str, *, first_pause_s: float = 0.5) -> list[Stroke]:
    """A code as a scanner writes it: 2 ms between characters."""
    return [Stroke(character, 0.002 if number else first_pause_s) for number, character in enumerate(text)]


def passed(outputs: list[PassKey[int] | Scan]) -> list[int]:
    return [output.event for output in outputs if isinstance(output, PassKey)]


def scans(outputs: list[PassKey[int] | Scan]) -> list[str]:
    return [output.text for output in outputs if isinstance(output, Scan)]


@pytest.mark.parametrize("suffix", ["", "enter", "tab", "ctrl+j"])
def test_a_burst_is_a_scan_and_takes_its_suffix_with_it(suffix: str) -> None:
    strokes = burst("8850123004412") + ([Stroke(suffix, 0.002)] if suffix else [])

    assert run(strokes) == [Scan("8850123004412", False)]


def test_cr_lf_after_a_scan_belong_to_it() -> None:
    assert run([*burst("BAG-RD-M"), Stroke("enter", 0.002), Stroke("ctrl+j", 0.002)]) == [Scan("BAG-RD-M", False)]


def test_a_late_enter_still_belongs_to_the_scan() -> None:
    outputs = run([*burst("8850123004412"), Stroke("enter", 0.1)])

    assert outputs == [Scan("8850123004412", False)]


def test_an_enter_pressed_by_hand_after_a_scan_passes() -> None:
    outputs = run([*burst("8850123004412"), Stroke("enter", 0.4)])

    assert passed(outputs) == [13]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("jjjjjjjj", "a key held down"),
        ("jkjkjkjk", "two keys, no digit"),
        ("j j j j j", "blanks between"),
        ("12345", "too short"),
        ("00000000", "a digit held down"),
    ],
)
def test_what_no_scanner_writes_is_typing(text: str, why: str) -> None:
    outputs = run(burst(text))

    assert passed(outputs) == list(range(len(text))), why
    assert scans(outputs) == []


def test_typing_passes_key_by_key() -> None:
    outputs = run([*typed("due:<4h"), Stroke("enter", 0.2)])

    assert passed(outputs) == list(range(8))


def test_a_typed_key_waits_no_longer_than_the_hold() -> None:
    gate: ScanGate[str] = ScanGate()

    assert gate.feed("s", "s", "s", 10.0) == []
    assert gate.deadline == pytest.approx(10.03)
    assert gate.expire(10.029) == []
    assert gate.expire(10.03) == [PassKey("s")]


def test_an_arrow_passes_at_once_after_what_is_held() -> None:
    gate: ScanGate[str] = ScanGate()
    gate.feed("s", "s", "s", 10.0)

    assert gate.feed("down", "down", None, 10.001) == [PassKey("s"), PassKey("down")]
    assert gate.feed("up", "up", None, 10.002) == [PassKey("up")]


def test_f9_inside_a_scan_comes_out_after_it() -> None:
    """Some scanners send function keys for control characters: the confirm guard judges those."""
    outputs = run([*burst("8850123"), Stroke("f9", 0.002), *burst("004412", first_pause_s=0.002)])

    assert outputs == [Scan("8850123", False), PassKey(7), Scan("004412", False)]


@pytest.mark.parametrize(
    ("strokes", "expected"),
    [
        (burst("~123;"), [Scan("123", True)]),
        (burst("~A;") + typed("j"), [Scan("A", True), PassKey(3)]),
        ([*burst("~12"), Stroke("3", 0.1), Stroke(";", 0.1)], [Scan("123", True)]),
        (burst("~12"), [PassKey(0), PassKey(1), PassKey(2)]),
        (typed("~", 0.5) + typed("j", 0.5), [PassKey(0), PassKey(1)]),
        (burst("~8850123"), [Scan("8850123", False)]),
        (burst("~;"), [PassKey(0), PassKey(1)]),
    ],
)
def test_prefix_and_suffix_make_certain(strokes: list[Stroke], expected: list[PassKey[int] | Scan]) -> None:
    assert run(strokes, ScanSettings(prefix="~", suffix=";")) == expected


def test_a_prefix_alone_makes_certain_whatever_ends_the_code() -> None:
    settings = ScanSettings(prefix="~")

    assert run([*burst("~SEEN"), Stroke("enter", 0.002)], settings) == [Scan("SEEN", True)]
    assert run(burst("~SEEN"), settings) == [Scan("SEEN", True)]


def test_a_text_field_keeps_what_a_stalled_line_delivers_at_once() -> None:
    sentence = [*burst("shipstoday"), Stroke("enter", 0.001)]

    assert passed(run(sentence, place=Place.TEXT_FIELD)) == list(range(11))


def test_a_text_field_is_spared_a_scan_with_its_enter() -> None:
    outputs = run([*burst("1152780044102"), Stroke("enter", 0.002)], place=Place.TEXT_FIELD)

    assert outputs == [Scan("1152780044102", False, Place.TEXT_FIELD)]


def test_a_moved_focus_decides_on_what_was_typed_before() -> None:
    gate: ScanGate[str] = ScanGate()
    gate.feed("/", "/", "/", 1.0)

    assert gate.feed("d", "d", "d", 1.001, Place.TEXT_FIELD) == [PassKey("/")]
    assert gate.flush() == [PassKey("d")]


def test_without_a_hold_everything_passes_at_once() -> None:
    assert passed(run(burst("8850123004412"), ScanSettings(hold_s=0))) == list(range(13))


def test_an_endless_burst_is_cut_into_scans() -> None:
    outputs = run(burst("0123456789" * 3), ScanSettings(longest=12))

    assert scans(outputs) == ["012345678901", "234567890123", "456789"]


KEYS = st.one_of(st.sampled_from("jks;5 ~"), st.sampled_from(NAMED_KEYS))
PAUSES = st.sampled_from([0.0, 0.002, 0.029, 0.031, 0.1, 0.2, 0.5])
STROKES = st.lists(st.builds(Stroke, KEYS, PAUSES), max_size=40)
ALL_SETTINGS = st.sampled_from([ScanSettings(), ScanSettings(prefix="~"), ScanSettings(prefix="~", suffix=";")])


@given(STROKES, ALL_SETTINGS, st.sampled_from(Place))
def test_no_key_is_lost_doubled_or_out_of_order(strokes: list[Stroke], settings: ScanSettings, place: Place) -> None:
    outputs = run(strokes, settings, place)

    events = passed(outputs)
    assert events == sorted(set(events))
    # What did not pass is in a scan, or is the suffix of one.
    missing = [stroke for number, stroke in enumerate(strokes) if number not in set(events)]
    if not scans(outputs):
        assert missing == []
    else:
        signs = "".join(stroke.key for stroke in missing if stroke.key not in SUFFIX_KEYS)
        for text in scans(outputs):
            assert text in signs
        around = len(settings.prefix) + len(settings.suffix)
        assert len(signs) <= sum(len(text) + around for text in scans(outputs))


@given(st.lists(st.builds(Stroke, KEYS, st.floats(0.031, 2)), max_size=40), st.sampled_from(Place))
def test_keys_apart_all_pass_in_order(strokes: list[Stroke], place: Place) -> None:
    outputs = run(strokes, place=place)

    assert outputs == [PassKey(number) for number in range(len(strokes))]


CODES = st.text("ABCDEFGH0123456789-", min_size=6, max_size=40).filter(
    lambda code: len(set(code)) >= 3 and any(character.isdigit() for character in code)
)


@given(
    st.lists(st.tuples(CODES, st.sampled_from(["", *sorted(SUFFIX_KEYS)])), min_size=1, max_size=4),
    st.floats(0, 0.0299),
)
def test_no_key_of_a_scan_reaches_a_binding(codes: list[tuple[str, str]], pause_s: float) -> None:
    strokes: list[Stroke] = []
    for code, suffix in codes:
        strokes += [Stroke(character, pause_s if number else 0.6) for number, character in enumerate(code)]
        strokes += [Stroke(suffix, pause_s)] if suffix else []

    outputs = run(strokes)

    assert passed(outputs) == []
    assert scans(outputs) == [code for code, _ in codes]


@given(STROKES, CODES, st.sampled_from(["enter", "tab"]))
def test_a_scan_between_typing_is_read_whole(before: list[Stroke], code: str, suffix: str) -> None:
    strokes = [*before, *burst(code, first_pause_s=0.6), Stroke(suffix, 0.002)]

    outputs = run(strokes)

    assert outputs[-1] == Scan(code, False)
    assert all(event < len(before) for event in passed(outputs))

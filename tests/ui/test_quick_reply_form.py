"""The strip of `t`: digits pick, every text can be read before F9, those left out are named with their reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from shoptui.cellwidth import cell_width
from shoptui.client import Answer
from shoptui.domain.templates import QuickReply
from shoptui.queries.inbox import ThreadState
from shoptui.queries.preview import Target
from shoptui.queries.quick_reply import Candidate, Prepared, ReplyBatch
from shoptui.screens.order_pane import pieces_text
from shoptui.screens.quick_reply import QuickReplyForm, ReplyDoes, ReplyFacts
from tests.queries.test_quick_reply import HOUSE, NOW, REPLIES, candidate

Judged = Callable[[Sequence[Target], Answer], None]


class Made:
    """A form and what it did."""

    def __init__(self, *candidates: Candidate, replies: Sequence[QuickReply] = REPLIES, out_of_sight: int = 0) -> None:
        self.ordered: list[tuple[ReplyBatch, bool]] = []
        self.asked: list[tuple[ReplyBatch, Judged]] = []
        self.mended: list[Prepared] = []
        self.edited = 0
        does = ReplyDoes(
            order=lambda batch, take_over: self.ordered.append((batch, take_over)),
            judge=lambda batch, take: self.asked.append((batch, take)),
            mend=lambda prepared, batch: self.mended.append(prepared),
            edit=self._edit,
        )
        self.form = QuickReplyForm(replies, candidates, HOUSE, ReplyFacts(NOW, "mei", out_of_sight), does)

    def _edit(self) -> None:
        self.edited += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            character = key if len(key) == 1 else None
            assert self.form.key(key, character), key

    def text(self, width: int = 80) -> str:
        return "\n".join(pieces_text(line) for line in [self.form.title(), *self.form.lines(width, NOW)])

    def hints(self) -> str:
        return " ".join(f"{hint.keys} {hint.label}" for hint in self.form.hints())


def five() -> list[Candidate]:
    return [candidate(number, tracking="TH01" if number > 2 else "") for number in range(1, 6)]


def test_the_choice_names_each_reply_and_how_many_it_suits() -> None:
    made = Made(*five())
    assert made.text().splitlines()[0] == "QUICK REPLY to 5 threads: choose by number"
    assert " 2 tracking  3 of 5" in made.text()
    assert " 1 thanks" in made.text()
    assert made.form.does() == "", "nothing is chosen: F9 does nothing"


def test_a_digit_picks_and_f9_sends_what_is_ready() -> None:
    made = Made(*five())
    made.press("2")
    text = made.text()
    assert text.startswith('REPLY 2 "tracking" to 3 of 5 buyers, 1 store')
    assert "{tracking} is empty for 2 of 5: not shipped yet" in text
    assert made.form.does() == "send 3"
    made.form.do()
    ((batch, take_over),) = made.ordered
    assert [each.text for each in batch.ready] == ["TH01 with J&T"] * 3
    assert not take_over


def test_each_text_is_shown_with_whose_it_is_and_in_which_language() -> None:
    made = Made(candidate(1, language="zh"), candidate(2, language="vi"))
    made.press("3")
    assert "1 of 2" in made.text()
    assert "tt-th-1  buyer 1  in Chinese" in made.text()
    assert "576401 今天 18:00 发出" in made.text()
    made.press("]")
    assert "tt-th-1  buyer 2  in English: no text in Vietnamese" in made.text()
    assert "576402 leaves at 18:00" in made.text()
    assert "1 not in the buyer's language: no text in Vietnamese" in made.text()
    made.press("]")
    assert "1 of 2" in made.text()
    made.press("[")
    assert "2 of 2" in made.text()


def test_tab_names_everybody_left_out_and_why() -> None:
    made = Made(*(candidate(number, order_no="" if number == 1 else str(number)) for number in range(1, 13)))
    made.press("2")
    seen: set[str] = set()
    for _page in range(2):
        assert made.form.show_rows()
        seen |= {line.strip() for line in made.text().splitlines() if "is empty" in line}
    assert len(seen) == 12
    assert any(line.startswith("tt-th-1   buyer 1 ") and "no order linked" in line for line in seen)
    made.form.show_rows()
    assert "left out" in made.text()
    assert not made.ordered


def test_what_the_engine_would_refuse_is_left_out_before_f9() -> None:
    made = Made(candidate(1), candidate(2))
    made.press("1")
    ((batch, take),) = made.asked
    targets = batch.part().targets
    refused = {"index": 0, "verb": "reply", "reason": "thread_moved", "say": "an has answered since."}
    take(targets, Answer(True, {"refused": [refused]}))
    assert made.form.does() == "send 1"
    assert "1 an has answered since." in made.text()


def test_an_answer_about_another_reply_changes_nothing() -> None:
    made = Made(candidate(1), candidate(2))
    made.press("1")
    ((batch, take),) = made.asked
    made.press("3")
    refused = {"index": 0, "verb": "reply", "reason": "too_long", "say": "too long"}
    take(batch.part().targets, Answer(True, {"refused": [refused]}))
    assert made.form.does() == "send 2"


def test_a_role_that_may_not_is_told_before_f9() -> None:
    made = Made(candidate(1))
    made.press("1")
    ((batch, take),) = made.asked
    take(batch.part().targets, Answer(False, {}, "not_allowed", "bo is a packer; to reply needs an agent."))
    assert made.form.does() == ""
    assert "bo is a packer" in made.text()


def test_one_that_is_a_colleagues_is_taken_over_by_f9_and_said() -> None:
    made = Made(candidate(1, claimed_by="an"))
    made.press("1")
    ((batch, take),) = made.asked
    refused = {"index": 0, "verb": "reply", "reason": "claimed", "say": "an is on this conversation."}
    take(batch.part().targets, Answer(True, {"refused": [refused]}))
    assert "an is on this conversation: F9 takes it over" in made.text()
    assert made.form.title()[0].text == 'REPLY 1 "thanks" to buyer 1 as tt-th-1'
    assert made.form.does() == "send as tt-th-1"
    made.form.do()
    assert [take_over for _batch, take_over in made.ordered] == [True]


def test_enter_opens_a_single_text_to_change_it_and_orders_nothing() -> None:
    made = Made(candidate(1))
    made.press("1", "enter")
    assert [each.text for each in made.mended] == ["Thank you, buyer 1!"]
    assert not made.ordered
    several = Made(candidate(1), candidate(2))
    several.press("1")
    assert not several.form.key("enter", None), "Enter is nothing where several are meant"


def test_numbers_of_two_digits_are_typed() -> None:
    replies = (*REPLIES, QuickReply(12, "refund", {"en": "refunded"}), QuickReply(40, "gone", {"en": "gone"}))
    made = Made(candidate(1), replies=replies)
    made.press("1")
    assert '"thanks"' in made.text()
    made.press("2")
    assert '"refund"' in made.text()
    made.press("2")
    assert '"tracking"' in made.text()
    made.press("4", "0")
    assert '"gone"' in made.text()


def test_a_number_that_is_none_changes_nothing() -> None:
    made = Made(candidate(1))
    made.press("3", "9")
    assert '"ships today"' in made.text()


@pytest.mark.parametrize("width", [80, 120])
def test_a_long_text_is_read_line_by_line_and_leaves_room_for_what_is_left_out(width: int) -> None:
    long = QuickReply(1, "long", {"en": " ".join(f"word{number:04d}" for number in range(200))})
    made = Made(*five(), replies=(long,))
    made.press("1")
    shown: set[str] = set()
    height = 14 if width == 120 else 12
    for _step in range(200):
        lines = made.text(width).splitlines()
        assert len(lines) <= height
        assert all(cell_width(line) <= width for line in lines)
        shown |= {word for line in lines for word in line.split() if word.startswith("word")}
        if not made.form.key("down", None):
            break
    assert len(shown) == 200


def test_marked_rows_out_of_sight_are_said() -> None:
    made = Made(*five(), out_of_sight=2)
    made.press("1")
    assert "2 of the marked are out of sight" in made.text()


def test_without_any_quick_reply_the_strip_says_how_to_make_one() -> None:
    made = Made(candidate(1), replies=())
    assert "There is no quick reply for these stores. E makes one." in made.text()
    made.press("E")
    assert made.edited == 1


def test_the_keys_that_work_are_named() -> None:
    made = Made(*five())
    assert made.hints() == "◄ no 1-3 choose E edit them"
    made.press("2")
    assert made.hints() == "F9 send 3 ◄ no ] [ each text Tab the 2 left out 1-3 other reply"


def test_buyers_who_wait_for_nothing_are_counted_before_they_are_written_to() -> None:
    made = Made(candidate(1), candidate(2, state=ThreadState.ANSWERED), candidate(3, state=ThreadState.DONE))
    made.press("1")
    assert "2 of them wait for no answer: they get it all the same" in made.text()
    made = Made(candidate(1), candidate(2))
    made.press("1")
    assert "wait for no answer" not in made.text()


def test_a_language_nobody_knows_is_not_named_as_one() -> None:
    made = Made(candidate(1, language=""), candidate(2))
    made.press("1")
    assert "the buyer's is not known" in made.text()
    assert "no text in language" not in made.text()

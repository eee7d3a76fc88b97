"""The composer by itself: what it refuses, what it counts, what it tells of what came meanwhile, and its own editor."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from shoptui.client import Answer, ReplyBounds
from shoptui.cockpit.own_editor import EditorFailed, edit_text
from shoptui.domain.messages import Message, Sender
from shoptui.queries.inbox import ThreadRow, ThreadState
from shoptui.screens.composer import ComposerForm, Written
from shoptui.screens.lines import width_of
from tests.ui.app_support import NOW
from tests.ui.inbox_support import said

STRICT = ReplyBounds(text_max=40, links=False, contacts=False, unanswered_max=3)


def row(**changes: Any) -> ThreadRow:
    fields: dict[str, Any] = {
        "row_id": 1,
        "store_id": "sp-my-1",
        "thread_id": "T1",
        "marketplace": "shopee",
        "region": "MY",
        "buyer": "陈*华",
        "buyer_id": "b1",
        "order_no": "",
        "language": "zh",
        "state": ThreadState.WAITING,
        "unread": 1,
        "asked_at": NOW - 60,
        "next_at": None,
        "next_kind": "",
        "missed": 0,
        "last_missed_at": None,
        "last_at": NOW - 60,
        "last_sender": "buyer",
        "last_words": "?",
        "last_message_id": "m1-1",
        "can_send": True,
    }
    return ThreadRow(**{**fields, **changes})


def asked() -> list[Message]:
    return [said(1, "sp-my-1", 1, "几时发货？", 60)]


class Open:
    """A composer with what it has handed in."""

    def __init__(self, messages: list[Message] | None = None, **changes: Any) -> None:
        self.sent: list[Written] = []
        self.closed = False
        self.kept = "?"
        self.form = ComposerForm(
            row(**changes),
            asked() if messages is None else messages,
            self.sent.append,
            operator="mei",
            limits=STRICT,
        )
        self.form.close = self.close
        self.form.keep_draft = self.keep

    def close(self) -> None:
        self.closed = True

    def keep(self, words: str) -> None:
        self.kept = words

    def below(self) -> str:
        lines = self.form.lines_below(80)
        assert all(width_of(line) <= 80 for line in lines)
        return "\n".join("".join(piece.text for piece in line) for line in lines)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "Nothing is written yet."),
        ("x" * 41, "1 characters too many: at most 40"),
        ("see https://shop.invalid/x", "Links are not taken here"),
        ("call +60 12 345 6789", "Contacts outside the marketplace"),
        ("hi {buyer}", "{buyer} is still to be filled in"),
    ],
)
def test_what_would_be_refused_is_said_before_anything_is_sent(words: str, why: str) -> None:
    opened = Open()
    opened.form.text_changed(words)
    assert opened.form.does() == ""
    assert why in opened.form.why_not()
    assert (why in opened.below()) is bool(words), "an empty field is no mistake"
    opened.form.do()
    assert opened.sent == []


def test_so_many_without_an_answer_and_closed_threads_take_none() -> None:
    ours = [said(1, "sp-my-1", place, "hello?", 60 - place, Sender.STORE) for place in range(2, 5)]
    opened = Open([*asked(), *ours])
    opened.form.text_changed("and?")
    assert "3 messages wait for the buyer's answer" in opened.form.why_not()
    closed = Open(can_send=False)
    closed.form.text_changed("and?")
    assert "takes no message" in closed.form.why_not()


def test_the_head_names_who_speaks_to_whom_and_counts() -> None:
    opened = Open()
    opened.form.text_changed("您好 🙂")
    title = "".join(piece.text for piece in opened.form.title())
    assert title == "Reply as sp-my-1 to 陈*华 in Chinese"
    assert opened.form.title_right()[-1].text == "4/40"


def test_what_the_buyer_writes_meanwhile_has_been_seen_and_what_the_store_writes_must_be() -> None:
    opened = Open()
    opened.form.text_changed("today")
    more = [*asked(), said(1, "sp-my-1", 2, "hello?", 10)]
    opened.form.thread_now(row(), more)
    assert "1 more from the buyer" in opened.below()
    assert opened.form.does() == "send as sp-my-1, then next thread"
    opened.form.thread_now(row(), [*more, said(1, "sp-my-1", 3, "here", 5, Sender.STORE, name="an")])
    assert "Answered meanwhile by an" in opened.below()
    assert opened.form.does() == "send all the same as sp-my-1"
    opened.form.do()
    assert [each.after_message_id for each in opened.sent] == ["m1-3"]


def test_it_closes_only_when_the_reply_is_taken() -> None:
    opened = Open()
    opened.form.text_changed("today\n")
    opened.form.do()
    assert opened.form.does() == "", "one at a time"
    opened.form.do()
    assert opened.sent == [Written("today", "m1-1", "", False)]
    assert not opened.form.answered(Answer(False, {}, "no_engine", "gone"))
    assert "nothing goes out twice" in opened.below() and not opened.closed
    moved = {"reason": "thread_moved", "say": "…", "args": {"newest": "m1-9", "who": "an"}}
    opened.form.do()
    assert not opened.form.answered(Answer(True, {"accepted": 0, "refused": [moved]}))
    assert "Answered meanwhile by an" in opened.below()
    claimed = {"reason": "claimed", "say": "…", "args": {"who": "an"}}
    opened.form.do()
    assert not opened.form.answered(Answer(True, {"accepted": 0, "refused": [claimed]}))
    opened.form.do()
    assert opened.sent[-1] == Written("today", "m1-9", "", True)
    assert opened.form.answered(Answer(True, {"accepted": 1, "refused": []}))
    assert opened.closed and opened.kept == ""


def editor(tmp_path: Path, code: str) -> str:
    script = tmp_path / "editor.py"
    script.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[1])\n{code}\n", encoding="utf-8")
    return f"{sys.executable} '{script}'"


def test_an_own_editor_gets_a_private_file_that_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "assert path.stat().st_mode & 0o077 == 0; path.write_text(path.read_text() + '\\r\\n更多\\x1b[2J\\n')"
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, code))
    place = tmp_path / "state"
    assert edit_text("您好", place) == "您好\n更多"
    assert list(place.iterdir()) == []
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("command", "why"), [("", "No editor is set"), ("'", "cannot be read"), ("/nowhere/vi", "cannot be started")]
)
def test_an_editor_that_cannot_be_used_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, why: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", command)
    with pytest.raises(EditorFailed, match=why):
        edit_text("x", tmp_path)


def test_an_editor_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", editor(tmp_path, "sys.exit(3)"))
    with pytest.raises(EditorFailed, match="ended with 3"):
        edit_text("x", tmp_path / "state")
    assert list((tmp_path / "state").iterdir()) == []

"""Changing quick replies in the strip: what is refused and how, what the engine is asked, what z takes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from textual.message import Message

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.cockpit.undo import UndoRequest, UndoStack
from shoptui.domain.templates import QuickReply, with_reply
from shoptui.paths import DataDir
from shoptui.quick_replies import keep_quick_replies, load_quick_replies, quick_replies_path
from shoptui.screens.forms import ConfirmForm, Form, TextForm
from shoptui.screens.lines import plain
from shoptui.screens.list_form import Entry, ListForm
from shoptui.screens.order_pane import pieces_text
from shoptui.screens.place import Place
from shoptui.screens.quick_reply_edit import QuickReplyEditor, TextsForm, stores_words

THANKS = QuickReply(1, "thanks", {"en": "Thank you, {buyer}!\nSee you.", "zh": "谢谢 {buyer}！"})
OF_SHOPEE = QuickReply(1, "spx", {"en": "Thank you from Shopee"}, ("sp-*",))
TODAY = QuickReply(3, "ships today", {"en": "{order} leaves at {van}"})


class Desk:
    """A place with an engine that writes the file, as far as the editor needs them."""

    def __init__(self, root: Path, *replies: QuickReply) -> None:
        self.data_dir = DataDir(root)
        self.path = quick_replies_path(self.data_dir)
        keep_quick_replies(self.path, replies)
        self.form: Form = Form()
        self.said: list[str] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refusal = ""
        self.undo = UndoStack()
        self.app = SimpleNamespace(size=SimpleNamespace(width=80))
        self.session = self

    def say(self, what: str, todo: str = "", tone: Tone = Tone.NEWS) -> None:
        self.said.append(what)

    def read(self, work: Callable[[], Awaitable[Callable[[], None]]], group: str, *, exclusive: bool = False) -> None:
        async def once() -> Callable[[], None]:
            return await work()

        asyncio.run(once())()

    def post_message(self, message: Message) -> None:
        assert isinstance(message, Place.FormWanted)
        self.form = message.form

    def call_after_refresh(self, callback: Callable[..., None], *args: Any) -> None:
        callback(*args)

    def ask(self, do: str, answered: Callable[[Answer], None], /, **fields: Any) -> None:
        self.asked.append((do, fields))
        if self.refusal:
            answered(Answer(False, {}, "not_allowed", self.refusal))
            return
        texts = fields.get("texts", {})
        reply = QuickReply(fields["number"], fields.get("name", ""), texts, tuple(fields["stores"]))
        keep_quick_replies(self.path, with_reply(load_quick_replies(self.path), reply))
        answered(Answer(True, {"count": 1}))

    # What a test does.

    def editor(self) -> QuickReplyEditor:
        editor = QuickReplyEditor(cast("Place", self))
        editor.open()
        return editor

    def press(self, *keys: str) -> None:
        for key in keys:
            assert self.form.key(key, key if len(key) == 1 else None), key

    def enter(self, words: str) -> str | None:
        """Type into the field and press Enter; what is said is wrong."""
        form = self.form
        if isinstance(form, TextsForm):
            form.text_changed(words)
            if fault := form.why_not():
                assert not form.does()
                return fault
            form.do()
            return None
        assert isinstance(form, TextForm)
        form.text_changed(words)
        form.text_submitted(words)
        below = "\n".join(pieces_text(line) for line in form.lines_below(80))
        return below if self.form is form else None

    def text(self) -> str:
        return "\n".join(pieces_text(line) for line in [self.form.title(), *self.form.lines(80, 0)])

    def kept(self) -> dict[tuple[int, tuple[str, ...]], QuickReply]:
        return {(reply.number, reply.stores): reply for reply in load_quick_replies(self.path)}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, THANKS, OF_SHOPEE, TODAY)


def test_the_list_names_number_languages_and_stores(desk: Desk) -> None:
    desk.editor()
    lines = desk.text().splitlines()
    assert lines[0] == "3 QUICK REPLIES"
    assert lines[1].split() == ["►1", "thanks", "en", "zh"]
    assert lines[2].split() == ["1", "spx", "en", "sp-*"], "its number, which the first of them has as key"
    assert lines[3].split()[:2] == ["3", "ships"]
    desk.press("3")
    assert 'QUICK REPLY 3 "ships today"' in desk.text(), "a digit is the reply's number, as where it is picked"


def test_a_text_is_changed_line_by_line_and_written_by_the_engine_at_once(desk: Desk) -> None:
    desk.editor()
    desk.press("1")
    assert 'QUICK REPLY 1 "thanks"' in desk.text()
    assert "Thank you, {buyer}! / See you." in desk.text()
    desk.press("3")
    assert desk.form.beginning == THANKS.texts["en"]
    assert desk.enter("Thanks!\n{store}\n") is None
    assert desk.kept()[(1, ())].texts == {"en": "Thanks!\n{store}", "zh": "谢谢 {buyer}！"}
    assert "is kept, for everybody" in desk.said[-1]
    assert "Thanks! / {store}" in desk.text(), "the reply is shown as it is now"
    undo = desk.undo.pop()
    assert isinstance(undo, UndoRequest) and undo.arguments["texts"] == dict(THANKS.texts)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Your {trackin} is here", "{trackin} is no variable: did you mean {tracking}?"),
        ("{zzz}", "{zzz} is no variable. There are {buyer} {order}"),
        ("x" * 2001, "2,001 characters; at most 2,000 fit."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(desk: Desk, words: str, said: str) -> None:
    desk.editor()
    desk.press("1", "3")
    assert said in (desk.enter(words) or "")
    assert desk.asked == []


def test_an_empty_text_removes_its_language_but_not_the_last(desk: Desk) -> None:
    desk.editor()
    desk.press("1", "4")
    assert desk.enter("") is None
    assert dict(desk.kept()[(1, ())].texts) == {"en": THANKS.texts["en"]}
    desk.press("3")
    assert "D in the list removes it" in (desk.enter(" ") or "")


def test_a_language_is_added(desk: Desk) -> None:
    desk.editor()
    desk.press("3")
    shown = desk.text().splitlines()
    thai = next(place for place, line in enumerate(shown) if "Thai" in line)
    desk.press(str(thai))
    assert desk.enter("ส่งวันนี้ค่ะ {order}") is None
    assert desk.kept()[(3, ())].texts["th"] == "ส่งวันนี้ค่ะ {order}"


def test_other_stores_make_it_another_reply_and_the_old_one_goes(desk: Desk) -> None:
    desk.editor()
    desk.press("1", "2")
    assert "for these stores already" in (desk.enter("sp-*") or "")
    assert desk.enter("tt-th-1, tt-th-2") is None
    assert (1, ("tt-th-1", "tt-th-2")) in desk.kept()
    assert (1, ()) not in desk.kept()


def test_one_is_added_with_number_name_and_text(desk: Desk) -> None:
    desk.editor()
    desk.press("A")
    assert desk.form.field is not None and desk.form.field.value == "2 "
    for wrong, said in (("sold out", "Begin with a number"), ("3 sold out", "3 is taken; 2 is free"), ("2", "a name")):
        assert said in (desk.enter(wrong) or "")
    assert desk.enter("2 sold out") is None
    assert desk.enter("Sorry {buyer}, it is sold out.") is None
    assert desk.kept()[(2, ())].name == "sold out"
    undo = desk.undo.pop()
    assert isinstance(undo, UndoRequest) and (undo.do, undo.arguments["number"]) == ("delete_quick_reply", 2)


def test_one_is_removed_by_f9_alone_and_z_brings_it_back(desk: Desk) -> None:
    desk.editor()
    desk.press("down", "enter", "D")
    assert isinstance(desk.form, ConfirmForm)
    assert desk.form.does() == "remove quick reply 1"
    assert len(desk.kept()) == 3
    desk.form.do()
    assert set(desk.kept()) == {(1, ()), (3, ())}
    undo = desk.undo.pop()
    assert isinstance(undo, UndoRequest) and undo.arguments["stores"] == ["sp-*"]


def test_what_the_engine_refuses_is_said(desk: Desk) -> None:
    desk.editor()
    desk.press("1", "1")
    desk.refusal = "bo is a packer; this needs an agent."
    assert "A name has 1 to 40 characters." in (desk.enter("") or "")
    desk.enter("thank you")
    assert desk.said == ["bo is a packer; this needs an agent."]


def test_a_file_that_cannot_be_read_is_said_instead(desk: Desk) -> None:
    desk.path.write_text("[[reply]]\nnumber = 0\n")
    desk.editor()
    assert "number must be a whole number from 1 to 99" in desk.said[-1]


def test_without_any_the_list_says_how_to_begin(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.editor()
    assert "There is none yet. A adds one." in desk.text()
    assert "►" not in desk.text()


def test_a_long_list_follows_its_cursor() -> None:
    chosen: list[int] = []
    form = ListForm("MANY", [Entry(plain(f"row {n}"), lambda n=n: chosen.append(n)) for n in range(30)])  # type: ignore[misc]
    for _step in range(25):
        form.key("down", None)
    lines = [pieces_text(line) for line in form.lines(80, 0)]
    assert len(lines) <= 11
    assert any(line.startswith("►") and "row 25" in line for line in lines)
    form.key("enter", None)
    assert chosen == [25]


def test_the_strip_says_what_the_variables_in_use_are_filled_with() -> None:
    form = TextsForm("T", "leaves at {van}", fault=lambda words: "", keep=lambda words: None, draft="")
    below = "\n".join(pieces_text(line) for line in form.lines_below(100))
    assert "{van} when the parcel leaves today" in below
    assert "{tracking}" in below
    form.text_changed("no variable")
    assert "{van} when" not in "".join(pieces_text(line) for line in form.lines_below(100))


def test_a_reply_for_some_stores_says_which() -> None:
    assert stores_words(OF_SHOPEE) == "sp-*"
    assert stores_words(THANKS) == "all stores"

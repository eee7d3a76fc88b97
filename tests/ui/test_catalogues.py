"""The message catalogues: every text translated, nothing left over, every field in its place, every line fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from scripts import messages

from shoptui.cellwidth import cell_width

LINE = 78

PO = """\
msgid ""
msgstr ""
"Language: zh_CN\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
GOOD = """\
msgid "{store} goes on."
msgstr "{store} 继续。"

msgid "{count} order"
msgid_plural "{count} orders"
msgstr[0] "{count} 单"

msgctxt "stock"
msgid "Set"
msgstr "改库存"
"""


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program with three texts."""
    program = Catalog()
    program.add("{store} goes on.")
    program.add(("{count} order", "{count} orders"))
    program.add("Set", context="stock")
    monkeypatch.setattr(messages, "gathered", lambda: program)


def catalogue(root: Path, entries: str) -> Path:
    path = root / "zh_CN" / "LC_MESSAGES" / "shoptui.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PO + entries, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", messages.catalogues(), ids=lambda path: path.parent.parent.name)
def test_nothing_is_untranslated_and_nothing_is_left_over(path: Path) -> None:
    assert list(messages.problems(path)) == []


@pytest.mark.parametrize("path", messages.catalogues(), ids=lambda path: path.parent.parent.name)
def test_no_translation_is_longer_than_its_line_or_its_original(path: Path) -> None:
    too_long = {
        text: cell_width(text)
        for source, text in messages.pairs(path)
        if cell_width(text) > max(LINE, cell_width(source))
    }
    assert too_long == {}


@pytest.mark.usefixtures("texts")
def test_a_catalogue_that_says_everything_has_no_problems(tmp_path: Path) -> None:
    assert list(messages.problems(catalogue(tmp_path, GOOD))) == []


WRONG = [
    ("{store} 继续。", "", "is not translated"),
    ("{store} 继续。", "{shop} 继续。", "has {shop}, which the text has not"),
    ("{store} 继续。", "继续。", "lacks {store}"),
    ("{count} 单", "单", "lacks {count}"),
    ('msgctxt "stock"\n', "", "'Set' is missing"),
    ('msgid "Set"', 'msgid "Put"', "'Put' is no text of the program any more"),
    ('msgid "{store} goes on."', '#, fuzzy\nmsgid "{store} goes on."', "is not translated"),
]


@pytest.mark.usefixtures("texts")
@pytest.mark.parametrize(("right", "wrong", "words"), WRONG)
def test_each_fault_of_a_catalogue_is_said(tmp_path: Path, right: str, wrong: str, words: str) -> None:
    found = list(messages.problems(catalogue(tmp_path, GOOD.replace(right, wrong))))
    assert any(words in problem for problem in found), found


@pytest.mark.usefixtures("texts")
def test_an_update_adds_what_is_new_and_drops_what_went(tmp_path: Path) -> None:
    path = catalogue(tmp_path, GOOD.replace('msgid "Set"', 'msgid "Put"'))
    messages.update(path)
    kept = path.read_text(encoding="utf-8")
    assert "Put" not in kept
    assert "{store} 继续。" in kept
    assert [problem for problem in messages.problems(path) if "not translated" not in problem] == []


def test_the_program_is_searched_for_texts_in_all_their_forms() -> None:
    found = {message.id for message in messages.gathered() if message.id}
    assert "Ship" in found, "the label of a command"
    assert "Go to what the message line is about" in found, "the help of a command"
    assert ("{count} order", "{count} orders") in found, "a plural"
    assert "{strip_do} sends it again. What was done already is never done twice." in found, "a text for later"

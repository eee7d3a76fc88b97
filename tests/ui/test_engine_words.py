"""What the engine says is said in the operator's language, with all its particulars; what is not known stays."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import shoptui
from shoptui.i18n import set_language
from shoptui.queries.tracking_file import BadTrackingFile, decode_tracking, read_tracking
from shoptui.words import left_out_sentence, line_words, own_words
from shoptui.words.engine import _SENTENCES, _recognised

SOURCE = Path(shoptui.__file__).parent
SPEAKERS = (
    "engine",
    "adapters",
    "client.py",
    "engine_start.py",
    "cockpit/link.py",
    "queries/tracking_file.py",
    "domain/verbs.py",
)


@pytest.fixture
def in_chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("en")


def spoken() -> set[str]:
    """Every text in the sources of those who speak, with `X1`, `X2` … where something is filled in."""
    found: set[str] = set()
    for name in SPEAKERS:
        path = SOURCE / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
                elif isinstance(node, ast.JoinedStr):
                    found.add(
                        "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
                    )
    return found


def test_each_known_sentence_is_one_that_somebody_says() -> None:
    recognised = {known[0] for text in spoken() if (known := _recognised(text)) is not None}
    assert set(_SENTENCES) - recognised == set()


SAID = [
    "The engine is not running.",
    "mei is a viewer; this needs a packer. Nothing was done.",
    "mei is a viewer; to ship needs a packer. Nothing was done.",
    "tt-th-1 has no order 5764 in the cache; check the store first.",
    "tt-th-1 has no order 5764 in the cache.",
    "The app tiktok cannot be used: its secret cannot be read. See [apps.tiktok].",
    "A sentence of a newer engine.",
]


@pytest.mark.parametrize("said", SAID)
def test_in_english_nothing_is_said_otherwise(said: str) -> None:
    assert own_words(said) == said
    assert own_words(said, "not_allowed") == said


@pytest.mark.usefixtures("in_chinese")
@pytest.mark.parametrize(
    ("said", "reason", "words"),
    [
        ("The engine is not running.", "no_engine", "引擎没有运行。"),
        (
            "mei is a viewer; this needs a packer. Nothing was done.",
            "not_allowed",
            "mei 的角色是 viewer；此操作需要 packer。没有做任何事。",
        ),
        (
            "tt-th-1 has no order 57 in the cache; check the store first.",
            "",
            "tt-th-1 的缓存中没有订单 57；请先检查该店。",
        ),
        ("Only packers ship.", "not_allowed", "您的角色无权这样做。没有做任何事。"),
        ("A sentence of a newer engine.", "brand_new", "A sentence of a newer engine."),
        ("Shopee asks for fewer calls a second.", "", "Shopee 要求降低请求频率。"),
    ],
)
def test_in_chinese_with_all_particulars(said: str, reason: str, words: str) -> None:
    assert own_words(said, reason) == words


@pytest.mark.usefixtures("in_chinese")
def test_why_an_order_is_left_out_is_said_too() -> None:
    assert left_out_sentence("not_allowed", {"say": "The engine is not running."}) == "引擎没有运行。"


def test_what_is_wrong_with_a_file_of_numbers_is_said_in_chinese(in_chinese: None) -> None:
    read = read_tracking("576,AB\n577,=X(1)\n578,TH0001\n578,TH0002\n579,TH0001\n")
    said = [line_words(problem) for problem in read.problems]
    assert len(said) == 4
    for words, line in zip(said, (1, 2, 4, 5), strict=True):
        assert words.startswith(f"第 {line} 行：") and words.endswith("。"), words
    with pytest.raises(BadTrackingFile) as empty:
        read_tracking("")
    with pytest.raises(BadTrackingFile) as wild:
        decode_tracking(b"\x00\x01")
    for error in (empty.value, wild.value):
        assert own_words(str(error)) != str(error)

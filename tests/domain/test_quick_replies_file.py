"""The file of quick replies: what a house begins with, keeps, and what is said of a file that cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from pathlib import Path

import pytest

from shoptui.domain.language import LANGUAGES, guess_language
from shoptui.domain.reply_check import refusals
from shoptui.domain.reply_values import HouseSays
from shoptui.domain.templates import VARIABLES, QuickReply, TemplateError, render, variables_of, with_reply
from shoptui.quick_replies import house_says, keep_quick_replies, load_quick_replies, shipped_quick_replies
from shoptui.settings import Config, InboxConfig, StoreConfig

VALUES = {
    "buyer": "Dewi",
    "order": "576461413048483920",
    "tracking": "JNT0441029384",
    "eta": "2026-11-24",
    "carrier": "J&T",
    "items": "BAG-RD-M",
    "store": "Bags",
    "return_address": "12 Example Road, 10110 Bangkok",
    "van": "18:00",
}


@dataclass(frozen=True, slots=True)
class Strictest:
    text_max: int = 500
    links: bool = False
    contacts: bool = False
    unanswered_max: int | None = None


def test_the_shipped_replies_speak_every_language_and_pass_everywhere() -> None:
    spoken = set(LANGUAGES) - {"ja", "ko"}
    assert VALUES.keys() == VARIABLES.keys()
    for reply in shipped_quick_replies():
        assert set(reply.texts) == spoken, reply.name
        wanted = [sorted(variables_of(text)) for text in reply.texts.values()]
        for code, text in reply.texts.items():
            done = render(text, VALUES)
            assert refusals(done.text, Strictest()) == (), (reply.name, code)
            region = {"id": "ID", "ms": "MY"}.get(code, "")
            assert guess_language(done.text, region) in (code, ""), (reply.name, code)
        assert all(len(names) >= len(wanted[0]) - 1 for names in wanted), reply.name


def test_a_house_begins_with_the_shipped_ones_and_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "house" / "quick_replies.toml"
    begun = load_quick_replies(path)
    assert begun == shipped_quick_replies()
    own = with_reply(begun, QuickReply(3, "ships tomorrow", {"en": 'Order {order} leaves "tomorrow".\nSorry!'}))
    keep_quick_replies(path, own)
    assert load_quick_replies(path) == own
    assert [entry.name for entry in path.parent.iterdir()] == ["quick_replies.toml"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff", "is not UTF-8 at byte 0"),
        (b"[[reply", "is no valid TOML"),
        (b'[[reply]]\nnumber = "1"', "number must be a whole number"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "quick_replies.toml"
    path.write_bytes(content)
    with pytest.raises(TemplateError) as caught:
        load_quick_replies(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert sentence in str(caught.value)


def test_a_disk_that_refuses_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "quick_replies.toml"
    path.mkdir()
    with pytest.raises(TemplateError, match="nothing was changed"):
        keep_quick_replies(path, shipped_quick_replies())
    with pytest.raises(TemplateError, match="cannot be read"):
        load_quick_replies(path)


def test_the_settings_say_when_the_van_leaves_and_where_returns_go() -> None:
    assert house_says(Config()) == HouseSays()
    stores = {"tt-th-1": StoreConfig(return_address="9 Silom Rd"), "tt-th-2": StoreConfig(proxy="http://127.0.0.1:1")}
    said = house_says(Config(inbox=InboxConfig(van="18:00", return_address="12 Main St"), stores=stores))
    assert (said.van, said.return_address) == (time(18, 0), "12 Main St")
    assert said.return_addresses == {"tt-th-1": "9 Silom Rd"}

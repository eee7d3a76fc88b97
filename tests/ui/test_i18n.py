"""The operator's language: chosen by the best fit, English where there is none."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui import i18n
from shoptui.domain.clocks import CHINESE_UNITS, ENGLISH_UNITS

MESSAGES = {
    "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n",
    "Ship": "发货",
    "%d order\x00%d orders": "%d 单",
    "stock\x04Set": "改库存",
}


def write_catalogue(directory: Path, code: str, messages: dict[str, str]) -> None:
    """A compiled catalogue, as msgfmt would write it."""
    path = directory / code / "LC_MESSAGES" / f"{i18n.DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    entries = [(key.encode(), value.encode()) for key, value in sorted(messages.items())]
    start = 28 + 16 * len(entries)
    tables, texts = ([], []), b""
    for side in (0, 1):
        for entry in entries:
            tables[side].append(struct.pack("<II", len(entry[side]), start + len(texts)))
            texts += entry[side] + b"\x00"
    head = struct.pack("<7I", 0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, 0)
    path.write_bytes(head + b"".join(tables[0]) + b"".join(tables[1]) + texts)


@pytest.fixture
def catalogues(tmp_path: Path) -> Iterator[Path]:
    write_catalogue(tmp_path, "zh_CN", MESSAGES)
    yield tmp_path
    i18n.set_language("en")


@pytest.mark.parametrize("code", ["zh", "zh_CN", "zh-CN", "zh_CN.UTF-8", "zh_TW@stroke", "ZH_cn"])
def test_chinese_is_found_under_all_its_names(catalogues: Path, code: str) -> None:
    assert i18n.set_language(code, catalogues) == "zh_CN"
    assert i18n.language() == "zh_CN"
    assert i18n._("Ship") == "发货"
    assert i18n.ngettext("%d order", "%d orders", 3) % 3 == "3 单"
    assert i18n.pgettext("stock", "Set") == "改库存"
    assert i18n._("Hold") == "Hold"
    assert i18n.countdown_units() == CHINESE_UNITS


@pytest.mark.parametrize("code", ["en", "en_GB.UTF-8", "vi", "C", "POSIX", ""])
def test_english_is_what_remains(catalogues: Path, code: str) -> None:
    i18n.set_language("zh", catalogues)

    assert i18n.set_language(code, catalogues) == "en"
    assert i18n._("Ship") == "Ship"
    assert i18n.ngettext("%d order", "%d orders", 1) % 1 == "1 order"
    assert i18n.ngettext("%d order", "%d orders", 2) % 2 == "2 orders"
    assert i18n.countdown_units() == ENGLISH_UNITS


def test_the_languages_there_are(catalogues: Path) -> None:
    assert i18n.available_languages(catalogues) == ("en", "zh_CN")
    assert i18n.available_languages(catalogues / "none") == ("en",)


def test_a_text_marked_for_later_stays_as_it_is() -> None:
    assert i18n.later("Ship") == "Ship"

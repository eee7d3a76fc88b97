"""Every text of the cockpit can be translated: in a made-up language no English word is left on any screen."""

from __future__ import annotations

import gettext
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from scripts.messages import gathered

from shoptui import i18n
from shoptui.cockpit.link import LinkState
from shoptui.commands import COMMANDS, key_label
from shoptui.queries.query import Field
from tests.ui.app_support import STORES, Cockpit, cockpit, some_orders, store
from tests.ui.test_app_snapshots import busy_house

#: Each ASCII letter with another one of one cell: what was translated keeps its width and has no ASCII letter.
_MARKED = str.maketrans(string.ascii_letters, "àḃċďēḟġĥīĵķĺṁñōṗɋřšťūṽẃẋýžÀḂĊĎĒḞĠĤĪĴĶĹṀÑŌṖɊŘŠŤŪṼẂẊÝŽ")
_WORD = re.compile(r"[A-Za-z]{2,}")


def marked(text: str) -> str:
    """The text in the made-up language; fields stay."""
    return re.sub(r"\{[^}]*\}|[^{]+", lambda part: part[0] if part[0][0] == "{" else part[0].translate(_MARKED), text)


class MadeUp(gettext.NullTranslations):
    """A catalogue that has every text there is; `asked` are those that were wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str | tuple[str, str]] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return marked(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.asked.add((msgid1, msgid2))
        return marked(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        self.asked.add(message)
        return marked(message)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeUp]:
    monkeypatch.setattr("shoptui.cockpit.session.os_user", lambda: "mei")
    before = i18n.language()
    catalogue = MadeUp()
    i18n._catalogue = catalogue
    yield catalogue
    i18n.set_language(before)


def words_of(*things: object) -> set[str]:
    return {word for thing in things for word in _WORD.findall(str(thing))}


def data_words() -> set[str]:
    """The words of the invented house: what people, shops and marketplaces wrote."""
    words: set[str] = set()
    for order in some_orders():
        words |= words_of(
            order.lines, order.packages, order.buyer_name, order.carrier_name, order.delivery_option, order.raw_status
        )
        words |= words_of(order.recipient, *(clock.source for clock in order.clocks))
    for store_id in STORES:
        one = store(store_id)
        words |= words_of(one.name, store_id, one.time_zone, one.region, one.app)
    # Who works there, the tag, the batch, the marketplace's answers, symbols of money.
    words |= words_of("mei an fragile b-mixed Over 5 kg. TikTok Shop RM")
    return words | words_of("The marketplace answers 503, unavailable.")


def language_of_keys() -> set[str]:
    """Words that are the same in every language: on keys, in commands, in the filter language."""
    keys = {word for command in COMMANDS for key in command.all_keys for word in words_of(key_label(key))}
    return keys | words_of(*Field) | {"Backspace", "PgDn", "PgUp", "Home", "End", "Up", "Down"}


NOTE = "gift: no invoice in the box"

#: Where to go and what to open, by keys; all of it without leaving the cockpit.
WALKS: Sequence[Sequence[str]] = (
    ("enter",),
    ("slash",),
    ("3", "*", "s"),
    ("3", "*", "p", "tab"),
    ("e",),
    ("C",),
    ("P",),
    ("b",),
    ("#",),
    (";",),
    ("L",),
    ("S",),
    ("f10",),
    ("f10", "0"),
    ("question_mark",),
    ("g",),
    ("g", "a"),
    ("g", "a", "1", "a"),
    ("g", "a", "5"),
    ("g", "a", "7"),
    ("g", "a", "down", "down", "e"),
    ("g", "e"),
    ("g", "e", "enter"),
    ("g", "e", "A"),
)

#: A term of a filter, as it is typed.
_TERM = re.compile(r"\b[a-z]+:[<>]?[\w,*-]+|\bor\b")


async def untranslated(under_test: Cockpit, known: set[str]) -> dict[str, str]:
    """The words on the screen that nobody translated, each with its line."""
    return {
        word: line.strip()
        for line in under_test.screen_text().splitlines()
        for word in _WORD.findall(_TERM.sub("", line.replace(NOTE, "")))
        if word not in known
    }


async def test_no_english_is_left_on_any_screen(tmp_path: Path, made_up: MadeUp) -> None:
    house = await busy_house(tmp_path)
    known = data_words() | language_of_keys()
    left: dict[str, str] = {}
    async with cockpit(house, (120, 40)) as under_test:
        under_test.app.session.link = replace(under_test.app.session.link, state=LinkState.UP)
        for walk in WALKS:
            await under_test.press(*walk)
            for word, line in (await untranslated(under_test, known)).items():
                left.setdefault(word, f"{' '.join(walk)}: {line}")
            await back_to_orders(under_test)
    assert left == {}
    # What is asked for by a name that only stands in some table must be in the catalogues all the same.
    assert made_up.asked - {message.id for message in gathered()} == set()


async def back_to_orders(under_test: Cockpit) -> None:
    frame = under_test.app.frame
    while frame.strip.is_open:
        await under_test.press("escape")
    if frame.place.in_pane or frame.place is not frame.orders:
        await under_test.press("escape")
    await under_test.press("g", "o", "0", "u")
    while frame.session.notices.top is not None:
        await under_test.do("notice.seen")


def test_the_made_up_language_keeps_fields_and_widths() -> None:
    assert marked("{count} orders go to {store}: F9") == "{count} ōřďēřš ġō ťō {store}: Ḟ9"
    assert not _WORD.findall(marked(string.ascii_letters))

"""What people say in chats, made safe at the edge: nothing a terminal obeys, no endless text, no invisible floods."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from shoptui.text import sanitise, sanitise_cell

#: The longest message kept, in characters; longer ones are cut and end with `…`.
MESSAGE_MAX = 8_000
_LINK_MAX = 2_000

# What is invisible by itself joins letters and emoji in ones and twos; more in a row only fill the screen.
_FLOOD = re.compile(r"[\u00ad\u034f\u115f\u1160\u180b-\u180e\u200b-\u200f\u2060-\u2064\u3164\ufe00-\ufe0f\ufeff]{3,}")
_MARKS = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACK = re.compile(f"({_MARKS}{{4}}){_MARKS}+")
_BLANK_LINES = re.compile(r"\n{4,}")


def message_text(raw: str) -> str:
    """A message as it is kept and shown: its lines stay; escapes, controls, bidi overrides and invisible floods go.

    At most `MESSAGE_MAX` characters; marks stacked on one letter are cut to four, empty lines in a row to two.
    """
    # Cut first: what is looked at must not be as long as somebody wants it to be.
    roomy = raw[: MESSAGE_MAX * 4]
    # Controls go before the rest: between two line ends, or behind the last one, they would hide what is to be cut.
    safe = sanitise(roomy, limit=len(roomy))
    text = _BLANK_LINES.sub("\n\n\n", _STACK.sub(r"\1", _FLOOD.sub("", safe))).strip()
    return text if len(roomy) == len(raw) and len(text) <= MESSAGE_MAX else f"{text[: MESSAGE_MAX - 1]}…"


def web_link(raw: str) -> str:
    """The address of a picture or video, "" for what is no address of the web."""
    link = sanitise_cell(raw, limit=_LINK_MAX + 1)
    if len(link) > _LINK_MAX or " " in link:
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in {"http", "https"} and parts.hostname else ""


def same_words(one: str, other: str) -> bool:
    """Whether two texts read the same: platforms change blanks, line ends and what cannot be seen."""
    return message_text(one).split() == message_text(other).split()

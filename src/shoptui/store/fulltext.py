"""How text is cut for the full-text index: words as they are, scripts without blanks as pairs of characters.

FTS5's `unicode61` takes a run of Chinese or Thai as one word and its `trigram` misses words of two characters. Here
such a run is written as its overlapping pairs and its last character (`退款单` → `退款 款单 单`), so that any part of
it is found as a phrase of pairs, and a single character as the beginning of a pair.
"""

from __future__ import annotations

import re
import unicodedata

from shoptui.domain.records import dataclass

# Scripts written without blanks between words: Thai, Lao, Myanmar, Hangul, Khmer, Kana, Han with its extensions.
_RUN = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+"
)


def normalise(text: str) -> str:
    """One form for what looks the same: composed characters, full-width letters and digits as plain ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def indexed(text: str) -> str:
    """The text as it goes into the index."""
    if text.isascii():
        return text
    return _RUN.sub(_pairs_of, normalise(text))


def _pairs_of(match: re.Match[str]) -> str:
    run = match.group()
    pairs = [run[at : at + 2] for at in range(len(run))]
    return f" {' '.join(pairs)} "


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that must follow each other; with `prefix`, the last one may be the beginning of a longer one."""

    tokens: tuple[str, ...]
    prefix: bool


def phrases(text: str, *, exact: bool) -> list[Phrase]:
    """What must all be found for `text`. Without `exact` the last word may be the beginning of a longer one.

    Empty when the text holds neither letter nor digit: there is nothing to look for.
    """
    found: list[Phrase] = []
    at = 0
    text = normalise(text)
    for match in _RUN.finditer(text):
        found.extend(_words(text[at : match.start()], prefix=False))
        run = match.group()
        if len(run) == 1:
            found.append(Phrase((run,), prefix=True))
        else:
            found.append(Phrase(tuple(run[i : i + 2] for i in range(len(run) - 1)), prefix=False))
        at = match.end()
    found.extend(_words(text[at:], prefix=not exact))
    return found


def _words(text: str, *, prefix: bool) -> list[Phrase]:
    words = tuple("".join(char if _in_token(char) else " " for char in text).split())
    return [Phrase(words, prefix)] if words else []


def _in_token(char: str) -> bool:
    """The same categories as the index's tokenizer."""
    category = unicodedata.category(char)
    return category[0] in "LN" or category in ("Co", "Mn", "Mc")


def match_expression(text: str, *, exact: bool, column: str = "") -> str:
    """The FTS5 expression for `text` ("" when there is nothing to look for), limited to one column if named."""
    parts = [quoted(phrase) for phrase in phrases(text, exact=exact)]
    if not parts:
        return ""
    joined = " AND ".join(parts)
    return f"{column} : ({joined})" if column else joined


def quoted(phrase: Phrase) -> str:
    """A phrase as FTS5 reads it."""
    # Tokens hold letters, digits and marks only, so that quoting them is enough.
    return '"' + " ".join(phrase.tokens) + '"' + (" *" if phrase.prefix else "")

"""The filter language: `due:<4h store:tt-* -tag:hold (status:ship or status:hand) "free text"`.

```
query  = or
or     = and { ("or" | "|") and }
and    = not { ["and"] not }
not    = "-" not | "(" or ")" | term
term   = field ":" value { "," value } | "quoted text" | word
```
Several terms must all hold; values with commas are alternatives. What an input method makes of the punctuation
(`：（），＜`) counts as its plain form.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.alike import meant
from shoptui.queries.field_reading import BadValue, FieldTable
from shoptui.queries.fields import ORDER_FIELDS
from shoptui.queries.query import FULL_WIDTH, And, Match, Node, Not, Or, Query, Text, Value

__all__ = ["FilterError", "Query", "parse"]

#: Longer or deeper filters are slips of a paste, and more than SQLite should be asked at once.
LENGTH_MAX = 2000
DEPTH_MAX = 40
TERMS_MAX = 100

_ENDS_WORD = frozenset('()|"')
_ENDS_VALUE = frozenset('()|",')


class FilterError(ValueError):
    """A filter that cannot be read.

    `position` and `length` mark the fault in the text, in characters (length 0: at that place something is missing).
    `reason_id` and `args` are for translation; `sentence` says in English what is wrong and what to type.
    """

    def __init__(self, position: int, length: int, reason_id: str, args: Mapping[str, str], sentence: str) -> None:
        super().__init__(sentence)
        self.position = position
        self.length = length
        self.reason_id = reason_id
        self.arguments: Mapping[str, str] = MappingProxyType(dict(args))
        self.sentence = sentence


def parse(text: str, fields: FieldTable = ORDER_FIELDS) -> Query:
    """Read a filter over rows that have these fields. Raises FilterError, which says where and why it cannot."""
    if len(text) > LENGTH_MAX:
        raise FilterError(
            LENGTH_MAX,
            len(text) - LENGTH_MAX,
            "too_long",
            {"limit": str(LENGTH_MAX)},
            f"A filter has at most {LENGTH_MAX} characters. Leave something out.",
        )
    return Query(_Parser(text, fields).whole(), text)


class _Parser:
    """Recursive descent over the plain form; text in quotes is taken from what was really typed."""

    def __init__(self, text: str, fields: FieldTable) -> None:
        self._typed = text
        self._fields = fields
        # One character for one, so that positions in the plain form are positions in the text.
        self._plain = text.translate(FULL_WIDTH)
        self._at = 0
        self._depth = 0
        self._terms = 0

    def whole(self) -> Node | None:
        self._blanks()
        if self._at == len(self._plain):
            return None
        node = self._or()
        if self._at < len(self._plain):
            raise self._error("unopened", "This ) closes nothing. Remove it, or put a ( before.", length=1)
        return node

    def _or(self) -> Node:
        parts = [self._and()]
        while self._take_or():
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Node:
        parts = [self._not()]
        while True:
            self._blanks()
            if self._at == len(self._plain) or self._plain[self._at] in ")|" or self._word_ahead() == "or":
                break
            if self._word_ahead() == "and":
                self._at += len("and")
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _take_or(self) -> bool:
        self._blanks()
        if self._plain[self._at : self._at + 1] == "|":
            self._at += 1
            return True
        if self._word_ahead() == "or":
            self._at += len("or")
            return True
        return False

    def _not(self) -> Node:
        self._blanks()
        if self._depth >= DEPTH_MAX:
            raise self._error(
                "too_deep", f"Brackets and minus signs go at most {DEPTH_MAX} deep.", length=1, limit=str(DEPTH_MAX)
            )
        char = self._plain[self._at : self._at + 1]
        if char == "-":
            self._at += 1
            if self._plain[self._at : self._at + 1].strip() == "":
                raise self._error(
                    "nothing_negated", "Nothing follows the minus. Type it right before what to leave out."
                )
            return Not(self._deeper_not())
        if char == "(":
            return self._bracket()
        return self._term()

    def _deeper_not(self) -> Node:
        self._depth += 1
        node = self._not()
        self._depth -= 1
        return node

    def _bracket(self) -> Node:
        opened_at = self._at
        self._at += 1
        self._depth += 1
        node = self._or()
        self._depth -= 1
        self._blanks()
        if self._plain[self._at : self._at + 1] != ")":
            raise FilterError(opened_at, 1, "unclosed", {}, "This ( is never closed. Put a ) where it ends.")
        self._at += 1
        return node

    def _term(self) -> Node:
        if self._at == len(self._plain) or self._plain[self._at] in ")|" or self._word_ahead() in ("or", "and"):
            raise self._error("nothing_here", "Something to look for is missing here.")
        self._terms += 1
        if self._terms > TERMS_MAX:
            raise self._error(
                "too_many",
                f"A filter has at most {TERMS_MAX} conditions. Leave some out.",
                length=1,
                limit=str(TERMS_MAX),
            )
        started = self._at
        if self._plain[self._at] == '"':
            words = self._quoted()
            return self._text(words, started, exact=True)
        end = self._end_of(_ENDS_WORD)
        word = self._plain[self._at : end]
        name, colon, _ = word.partition(":")
        if colon and name.isalpha():
            return self._match(name)
        self._at = end
        if (meant := self._fields.short.get(word.casefold())) is not None:
            return meant
        return self._text(word, started, exact=False)

    def _match(self, name: str) -> Match:
        field = self._fields.named(name)
        if field is None:
            names = self._fields.names
            near = meant(name, names)
            hint = f"Did you mean {near}:?" if near else f"Fields are {', '.join(names)}."
            raise self._error(
                "no_such_field",
                f"{name}: is no field. {hint} To look for it as text, put it in quotes.",
                length=len(name),
                word=name,
                near=f"{near}:" if near else "",
                known=", ".join(names),
            )
        self._at += len(name) + 1
        values = [self._value(field)]
        while self._plain[self._at : self._at + 1] == ",":
            self._at += 1
            values.append(self._value(field))
        return Match(field, tuple(dict.fromkeys(values)))

    def _value(self, field: StrEnum) -> Value:
        started = self._at
        if self._plain[self._at : self._at + 1] == '"':
            text, shift = self._quoted(), 1
        else:
            end = self._end_of(_ENDS_VALUE)
            text, shift = self._plain[self._at : end], 0
            self._at = end
        try:
            value = self._fields.read(field, text)
        except BadValue as bad:
            position = min(started + shift + bad.offset, self._at)
            length = min(bad.length, self._at - position)
            raise FilterError(position, length, bad.reason_id, bad.args_by_name, bad.sentence) from None
        if field in self._fields.searched and not _searchable(text):
            raise self._nothing_to_find(text, started)
        return value

    def _quoted(self) -> str:
        opened_at = self._at
        self._at += 1
        found: list[str] = []
        while self._at < len(self._plain):
            char = self._plain[self._at]
            if char == '"':
                self._at += 1
                return "".join(found)
            if char == "\\" and self._at + 1 < len(self._plain):
                self._at += 1
            found.append(self._typed[self._at])
            self._at += 1
        raise FilterError(
            opened_at, 1, "unclosed_quote", {}, 'This " is never closed. Put another " where the text ends.'
        )

    def _text(self, words: str, started: int, *, exact: bool) -> Text:
        if not _searchable(words):
            raise self._nothing_to_find(words, started)
        return Text(words, exact)

    def _nothing_to_find(self, words: str, started: int) -> FilterError:
        return FilterError(
            started,
            self._at - started,
            "no_letters",
            {"word": words},
            "There is no letter or digit to look for. Type a word, or field:value.",
        )

    def _end_of(self, ends: frozenset[str]) -> int:
        end = self._at
        while end < len(self._plain) and self._plain[end] not in ends and not self._plain[end].isspace():
            end += 1
        return end

    def _word_ahead(self) -> str:
        return self._plain[self._at : self._end_of(_ENDS_WORD)].casefold()

    def _blanks(self) -> None:
        while self._at < len(self._plain) and self._plain[self._at].isspace():
            self._at += 1

    def _error(self, reason_id: str, sentence: str, *, length: int = 0, **args: str) -> FilterError:
        return FilterError(self._at, length, reason_id, args, sentence)


def _searchable(text: str) -> bool:
    """True when full text can find anything by it: a letter or a digit of any script."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)

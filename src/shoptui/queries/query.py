"""What a filter means once read: a small tree, frozen, that prints as text which reads back to the same tree."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from shoptui.domain.records import dataclass


class Field(StrEnum):
    """What can be asked of an order, as typed before the colon."""

    DUE = "due"
    CLOCK = "clock"
    STORE = "store"
    REGION = "region"
    MARKET = "market"
    STATUS = "status"
    SKU = "sku"
    BUYER = "buyer"
    ORDER = "order"
    TRACK = "track"
    SHIP = "ship"
    CARRIER = "carrier"
    TAG = "tag"
    IS = "is"
    ACT = "act"
    FLAG = "flag"
    CREATED = "created"
    VALUE = "value"


class ThreadField(StrEnum):
    """What can be asked of a conversation, as typed before the colon."""

    REPLY = "reply"
    DUE = "due"
    STORE = "store"
    REGION = "region"
    MARKET = "market"
    BUYER = "buyer"
    ORDER = "order"
    LANG = "lang"
    LAST = "last"
    ASSIGNED = "assigned"
    IS = "is"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is a word, in the form in which it is compared."""

    text: str

    def __str__(self) -> str:
        return self.text if is_plain(self.text) else quoted(self.text)


@dataclass(frozen=True, slots=True)
class Limit:
    """A value with `<` or `>`.

    `amount` is in seconds for times; for money in thousandths of the currency's main unit. `unit` is `m`, `h` or `d`,
    or an ISO currency, or "" for any currency. `typed` is the number as it was written.
    """

    below: bool
    amount: int
    unit: str
    typed: str

    def __str__(self) -> str:
        return f"{'<' if self.below else '>'}{self.typed}{self.unit.lower()}"


Value = Word | Limit


@dataclass(frozen=True, slots=True)
class Match:
    """A field has one of the values. `field` is of the list asked: `Field` for orders, `ThreadField` for the inbox."""

    field: StrEnum
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.field}:{','.join(map(str, self.values))}"


@dataclass(frozen=True, slots=True)
class Text:
    """Full text over goods, SKUs, buyers and notes, or over messages; a word that may be a number finds it, too.

    Unless `exact`, the last word may be cut short.
    """

    text: str
    exact: bool

    def __str__(self) -> str:
        return quoted(self.text) if self.exact else self.text


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node

    def __str__(self) -> str:
        return f"-{_inside(self.part)}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; at least two."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(_inside(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts holds; at least two."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(str(part) if isinstance(part, And) else _inside(part) for part in self.parts)


Node = Match | Text | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """A filter. `root` is None for the empty one, which every row matches; `text` is what was typed."""

    root: Node | None = None
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return "" if self.root is None else str(self.root)


EVERYTHING = Query()


def _inside(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)


#: Full-width characters an input method types, and typographic quotes, as the characters the language is made of.
FULL_WIDTH: dict[int, str] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord("“"): '"',
    ord("”"): '"',
    ord("„"): '"',
    ord("、"): ",",
}

_SPECIAL = frozenset('()|",:<>\\')


def is_plain(word: str) -> bool:
    """True when a value needs no quotes to read back as itself."""
    return bool(word) and not any(char in _SPECIAL or char.isspace() or ord(char) in FULL_WIDTH for char in word)


def quoted(text: str) -> str:
    """The text in quotes, with a backslash before what would end them."""
    return '"' + "".join(f"\\{char}" if char.translate(FULL_WIDTH) in '"\\' else char for char in text) + '"'


def looks_like_number(text: str) -> bool:
    """Whether a word may be an order or tracking number, or its end: ASCII, at least four characters, with a digit."""
    word = text.strip()
    return len(word) >= 4 and word.isascii() and word.replace("-", "").isalnum() and any(c.isdigit() for c in word)

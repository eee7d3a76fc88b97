"""The shape of a sentence: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from shoptui.domain.records import dataclass
from shoptui.i18n import _


@dataclass(frozen=True, slots=True)
class Said:
    """What happened and what it means, and (second line, "" where there is nothing to do) what to do."""

    what: str
    todo: str = ""


def as_sentence(words: str) -> str:
    """Words with the stop that ends a sentence."""
    return _("{words}.").format(words=words)


def joined(first: str, second: str) -> str:
    """Two sentences, one after the other; Chinese puts no blank between them."""
    return _("{first} {second}").format(first=first, second=second)


def listed(parts: Iterable[str]) -> str:
    """Several things in a row: `28 shipped, 28 labels kept`."""
    return _(", ").join(parts)


def clauses(parts: Iterable[str]) -> str:
    """Several statements in one sentence: `28 shipped; 4 failed`."""
    return _("; ").join(parts)

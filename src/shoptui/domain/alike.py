"""Which known word was probably meant by one that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: Words less alike than this (0 to 1, as difflib measures) are other words, not slips: naming them would mislead.
ALIKE = 0.6


def meant(word: str, known: Iterable[str], *, at_least: float = ALIKE) -> str:
    """The known word most like `word`, whatever their cases; "" when none is alike."""
    by_fold = {each.casefold(): each for each in known}
    near = get_close_matches(word.casefold(), list(by_fold), n=1, cutoff=at_least)
    return by_fold[near[0]] if near else ""

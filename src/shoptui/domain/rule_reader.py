"""Reads one table of a rule file, strictly: unknown keys and wrong values are refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import NoReturn, TypeVar

from shoptui.domain.alike import meant
from shoptui.domain.rule_types import RuleError

_WordT = TypeVar("_WordT", bound=StrEnum)

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_FIRST_YEAR, _LAST_YEAR = 2015, 2100


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the known word closest to `word`, "" when none is close."""
    near = meant(word, known)
    return f"; did you mean {near!r}?" if near else ""


class TableReader:
    """A table of a rule file with the words for its errors: `where` names the file and the rule."""

    def __init__(self, table: Mapping[str, object], where: str, known: Sequence[str]) -> None:
        self._table = table
        self.where = where
        for key in table:
            if key not in known:
                hint = nearest(key, known) or f"; known are {', '.join(known)}"
                raise self.error(f"the key {key!r} is not known{hint}")

    def error(self, sentence: str) -> RuleError:
        """A RuleError with the place put before the sentence; raise it."""
        return RuleError(f"{self.where}: {sentence}")

    def has(self, key: str) -> bool:
        return key in self._table

    def must(self, key: str) -> NoReturn:
        raise self.error(f"{key} is missing; add it" + (" as format = 1" if key == "format" else ""))

    def text(self, key: str) -> str:
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{key} must be a text in quotes, not {value!r}")
        return value

    def integer(self, key: str) -> int:
        value = self._value(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(f"{key} must be a whole number without quotes, not {value!r}")
        return value

    def flag(self, key: str) -> bool:
        """A boolean, False when the key is absent."""
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            raise self.error(f"{key} must be true or false, not {value!r}")
        return value

    def day(self, key: str) -> date | None:
        """A date, None when the key is absent."""
        return self._as_day(key, self._table[key]) if key in self._table else None

    def days(self, key: str) -> tuple[date, ...]:
        return tuple(self._as_day(key, value) for value in self._list(key) or ())

    def time_of_day(self, key: str) -> time:
        value = self._value(key)
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            words = " or one of same_time, end_of_day" if key == "ends" else ""
            raise self.error(f"{key} must be a time such as '14:00'{words}, not {value!r}")
        return time(int(match[1]), int(match[2]))

    def one_of(self, key: str, known: Sequence[str]) -> str:
        value = self.text(key)
        if value not in known:
            raise self._not_among(key, value, known)
        return value

    def choice(self, key: str, words: type[_WordT]) -> _WordT:
        return words(self.one_of(key, [word.value for word in words]))

    def choices(self, key: str, words: type[_WordT]) -> tuple[_WordT, ...] | None:
        found = self.texts_of(key, [word.value for word in words])
        return None if found is None else tuple(words(word) for word in found)

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of texts, None when the key is absent."""
        values = self._list(key)
        if values is None:
            return None
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise self.error(f"{key} must be a list of texts in quotes, not {value!r}")
        return tuple(str(value) for value in values)

    def texts_of(self, key: str, known: Sequence[str]) -> tuple[str, ...] | None:
        """A list of texts that must all be known words, None when the key is absent."""
        values = self.texts(key)
        for value in values or ():
            if value not in known:
                raise self._not_among(key, value, known)
        return values

    def integers(self, key: str) -> tuple[int, ...] | None:
        """A list of whole numbers, None when the key is absent."""
        values = self._list(key)
        if values is None:
            return None
        numbers: list[int] = []
        for value in values:
            if not isinstance(value, int) or isinstance(value, bool):
                raise self.error(f"{key} must be a list of whole numbers, not {value!r}")
            numbers.append(value)
        return tuple(numbers)

    def tables(self, key: str) -> tuple[Mapping[str, object], ...]:
        """A list of tables, empty when the key is absent."""
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.error(f"{key} must be a list of tables; head each with [[{key}]]")
        return tuple(value)

    def table(self, key: str, known: Sequence[str]) -> TableReader:
        value = self._value(key)
        if not isinstance(value, dict):
            raise self.error(f"{key} must be a table with {', '.join(known)}, not {value!r}")
        return TableReader(value, f"{self.where}: {key}", known)

    def mapping(self, key: str) -> Mapping[str, object]:
        """A table whose keys are data, such as amounts by currency."""
        value = self._value(key)
        if not isinstance(value, dict):
            raise self.error(f"{key} must be a table in braces, not {value!r}")
        return value

    def _value(self, key: str) -> object:
        if key not in self._table:
            self.must(key)
        return self._table[key]

    def _list(self, key: str) -> list[object] | None:
        if key not in self._table:
            return None
        value = self._table[key]
        if not isinstance(value, list):
            raise self.error(f"{key} must be a list in square brackets, not {value!r}")
        if not value and key != "switched_off":
            raise self.error(f"{key} is an empty list, which nothing can match; fill it or remove it")
        return value

    def _as_day(self, key: str, value: object) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error(f"{key} must be a date without quotes and time, such as 2026-03-01, not {value!r}")
        if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            raise self.error(f"{key} {value} is not between {_FIRST_YEAR} and {_LAST_YEAR}; check the year")
        return value

    def _not_among(self, key: str, value: str, known: Sequence[str]) -> RuleError:
        hint = nearest(value, known) or f"; use one of {', '.join(known)}"
        return self.error(f"{key} {value!r} is not known{hint}")

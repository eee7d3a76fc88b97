"""Owns reading the fields of a request: each the right kind and size, or a refusal that names the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

_Word = TypeVar("_Word", bound=StrEnum)

#: Marketplace ids and short names are far shorter; longer ones are a mistake or an attack.
ID_MAX = 128
#: A note an operator types.
NOTE_MAX = 2000
#: Things in one request.
LIST_MAX = 5000


class Refusal(Exception):
    """The request is refused: a reason id for programs, a sentence for people, and further details for the client."""

    def __init__(self, reason: str, say: str, **details: object) -> None:
        super().__init__(say)
        self.reason = reason
        self.say = say
        self.details = details


def text(message: Mapping[str, Any], key: str, *, longest: int = ID_MAX) -> str:
    """A required, non-empty text."""
    value = message.get(key)
    if not isinstance(value, str) or not value.strip():
        raise Refusal("bad_request", f"The request needs {key} as text.")
    if len(value) > longest:
        raise Refusal("bad_request", f"{key} is longer than {longest} characters.")
    return value


def optional_text(message: Mapping[str, Any], key: str, *, longest: int = ID_MAX) -> str:
    """A text that may be missing, "" then."""
    return text(message, key, longest=longest) if message.get(key) not in (None, "") else ""


def choice(message: Mapping[str, Any], key: str, words: type[_Word]) -> _Word:
    """A required text that is one of a set."""
    word = text(message, key)
    if word not in set(words):
        raise Refusal("bad_request", f"{key} must be one of {', '.join(words)}; it is {word!r}.")
    return words(word)


def flag(message: Mapping[str, Any], key: str, *, default: bool | None = None) -> bool:
    """A yes or no; required unless a default is given."""
    value = message.get(key, default)
    if not isinstance(value, bool):
        raise Refusal("bad_request", f"The request needs {key} as true or false.")
    return value


def whole(message: Mapping[str, Any], key: str) -> int:
    """A required whole number."""
    value = optional_whole(message, key)
    if value is None:
        raise Refusal("bad_request", f"The request needs {key} as a whole number.")
    return value


def optional_whole(message: Mapping[str, Any], key: str) -> int | None:
    """A whole number that may be missing."""
    value = message.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63:
        raise Refusal("bad_request", f"{key} must be a whole number.")
    return value


def sequence(message: Mapping[str, Any], key: str) -> Sequence[Any]:
    """A required, non-empty list of at most LIST_MAX things."""
    value = message.get(key)
    if not isinstance(value, list) or not value:
        raise Refusal("bad_request", f"The request needs {key} as a list.")
    if len(value) > LIST_MAX:
        raise Refusal("bad_request", f"{key} has more than {LIST_MAX} entries; ask in parts.")
    return value


def numbers(message: Mapping[str, Any], key: str) -> list[int]:
    """A required list of whole numbers."""
    found = sequence(message, key)
    if not all(isinstance(item, int) and not isinstance(item, bool) for item in found):
        raise Refusal("bad_request", f"{key} must be a list of whole numbers.")
    return list(found)


def texts(message: Mapping[str, Any], key: str) -> list[str]:
    """A required list of texts."""
    return [_id(item, key) for item in sequence(message, key)]


def pairs(message: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    """A required list of two-element lists, such as `[[store, order number], …]`, without repeats."""
    return list(dict.fromkeys(_pair(item, key) for item in sequence(message, key)))


def pair(message: Mapping[str, Any], key: str) -> tuple[str, str]:
    """A required two-element list."""
    return _pair(message.get(key), key)


def mapping(message: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object that may be missing, empty then."""
    value = message.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refusal("bad_request", f"{key} must be an object.")
    return value


def _pair(item: object, key: str) -> tuple[str, str]:
    if not isinstance(item, list) or len(item) != 2:
        raise Refusal("bad_request", f"{key} must hold lists of two texts.")
    return _id(item[0], key), _id(item[1], key)


def _id(item: object, key: str) -> str:
    if not isinstance(item, str) or not item or len(item) > ID_MAX:
        raise Refusal("bad_request", f"{key} must hold texts of at most {ID_MAX} characters.")
    return item

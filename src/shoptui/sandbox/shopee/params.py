"""Reading parameters strictly: every wrong or missing field ends in `error_param` naming it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..reading import is_digits
from .codes import PARAM, ApiError, bad

UINT32 = 2**32
INT64 = 2**63


class Query:
    """Decoded query parameters; lists come joined by commas or with their name repeated."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, choices: tuple[str, ...] = ()) -> str:
        """The value, empty when there is none."""
        value = self._values.get(name, [""])[0]
        if value and choices and value not in choices:
            raise bad(name, f"must be one of {', '.join(choices)}")
        return value

    def needed(self, name: str, choices: tuple[str, ...] = ()) -> str:
        if not self.text(name):
            raise bad(name, "is required")
        return self.text(name, choices)

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within bounds; None as default makes it required."""
        text = self.text(name)
        if not text and default is not None:
            return default
        if not is_digits(text) or not low <= int(text) <= high:
            raise bad(name, f"must be a number from {low} to {high}" if text else "is required")
        return int(text)

    def flag(self, name: str) -> bool:
        return self.text(name, ("true", "false", "True", "False", "1", "0")).lower() in ("true", "1")

    def texts(self, name: str) -> list[str]:
        """The parts of a list parameter in their order, each once."""
        parts = [part.strip() for value in self._values.get(name, []) for part in value.split(",")]
        return list(dict.fromkeys(part for part in parts if part))

    def listed(self, name: str, limit: int) -> list[str]:
        """A required list of at most `limit` entries."""
        found = self.texts(name)
        if not 1 <= len(found) <= limit:
            raise bad(name, f"must have 1 to {limit} entries")
        return found

    def optional_number(self, name: str) -> str:
        """An optional id that must not be sent empty, such as `package_number`; empty when it was not sent."""
        if name in self._values and not self.text(name):
            raise bad(name, "must not be empty")
        return self.text(name)


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object of the body; `path` is its place, for messages."""

    values: Mapping[str, Any]
    path: str = ""

    def name(self, field: str) -> str:
        return f"{self.path}.{field}" if self.path else field

    def wrong(self, field: str, expected: str) -> ApiError:
        given = type(self.values.get(field)).__name__
        return ApiError(PARAM, f"{self.name(field)}: Invalid type. Expected: {expected}, given: {given}")

    def has(self, field: str) -> bool:
        return self.values.get(field) is not None

    def text(self, field: str, choices: tuple[str, ...] = ()) -> str:
        """The value, empty when there is none."""
        value = self.values.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong(field, "string")
        if value and choices and value not in choices:
            raise bad(self.name(field), f"must be one of {', '.join(choices)}")
        return value

    def needed(self, field: str, choices: tuple[str, ...] = ()) -> str:
        if not self.text(field):
            raise bad(self.name(field), "is required")
        return self.text(field, choices)

    def optional_number(self, field: str) -> str:
        """An optional id that must not be sent empty, such as `package_number`; empty when it was not sent."""
        value = self.text(field)
        if self.has(field) and not value:
            raise bad(self.name(field), "must not be empty")
        return value

    def integer(self, field: str, low: int = 0, high: int = INT64) -> int | None:
        value = self.values.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(field, "integer")
        if not low <= value <= high:
            raise bad(self.name(field), f"must be a number from {low} to {high}")
        return value

    def needed_integer(self, field: str, low: int = 0, high: int = INT64) -> int:
        value = self.integer(field, low, high)
        if value is None:
            raise bad(self.name(field), "is required")
        return value

    def flag(self, field: str, default: bool) -> bool:
        value = self.values.get(field)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(field, "boolean")
        return value

    def integers(self, field: str) -> list[int]:
        value = self.values.get(field)
        if value is None:
            return []
        if not isinstance(value, list) or any(isinstance(one, bool) or not isinstance(one, int) for one in value):
            raise self.wrong(field, "array of integer")
        return list(value)

    def texts(self, field: str) -> list[str]:
        value = self.values.get(field)
        if value is None:
            return []
        if not isinstance(value, list) or any(not isinstance(one, str) for one in value):
            raise self.wrong(field, "array of string")
        return list(value)

    def object(self, field: str) -> Fields | None:
        value = self.values.get(field)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(field, "object")
        return Fields(value, self.name(field))

    def objects(self, field: str, limit: int = 0) -> list[Fields]:
        """The objects of a list; a limit makes the list required and bounds it."""
        value = self.values.get(field)
        if value is None:
            value = []
        if not isinstance(value, list) or any(not isinstance(one, dict) for one in value):
            raise self.wrong(field, "array of object")
        if limit and not 1 <= len(value) <= limit:
            raise bad(self.name(field), f"must have 1 to {limit} entries")
        return [Fields(one, f"{self.name(field)}[{at}]") for at, one in enumerate(value)]


def read_body(raw: bytes) -> Fields:
    """The JSON body as an object; none is an empty one. Raises ApiError when it is not one."""
    if not raw.strip():
        return Fields({})
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise ApiError(PARAM, "Wrong parameters, detail: the body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise ApiError(PARAM, "Wrong parameters, detail: the body must be a JSON object.")
    return Fields(value)

"""Reading parameters strictly: every wrong or missing field ends in 36009004 naming it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..reading import Window, is_digits
from .codes import BAD_BODY_FORMAT, ApiError, bad

_MAX_INT = 2**63
_KEY_MAX = 255


class Query:
    """Decoded query parameters; a name may occur several times."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, default: str = "", choices: tuple[str, ...] = ()) -> str:
        value = self._values.get(name, [default])[0]
        if choices and value not in choices:
            raise bad(name, f"must be one of {', '.join(choices)}")
        return value

    def needed(self, name: str, choices: tuple[str, ...] = ()) -> str:
        if not self.text(name):
            raise bad(name, "is required")
        return self.text(name, choices=choices)

    def size(self, low: int, high: int, default: int | None) -> int:
        """`page_size`; None as default makes it required."""
        text = self.text("page_size")
        if not text:
            if default is None:
                raise bad("page_size", "is required")
            return default
        if not is_digits(text) or not low <= int(text) <= high:
            raise bad("page_size", f"must be between {low} and {high}")
        return int(text)

    def key(self) -> str:
        """`idempotency_key`, "" for none."""
        key = self.text("idempotency_key")
        if len(key) > _KEY_MAX:
            raise bad("idempotency_key", f"may have {_KEY_MAX} characters at most")
        return key

    def ids(self, name: str, limit: int) -> list[str]:
        """A list parameter in either spelling: joined by commas or repeated."""
        found = [part.strip() for value in self._values.get(name, []) for part in value.split(",")]
        found = [part for part in found if part]
        if not found:
            raise bad(name, "is required")
        if len(found) > limit:
            raise bad(name, f"may hold {limit} ids at most")
        if any(not is_digits(part) for part in found):
            raise bad(name)
        return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object of the body; `path` is its place, for messages."""

    values: Mapping[str, Any]
    path: str = ""

    def name(self, field: str) -> str:
        return f"{self.path}.{field}" if self.path else field

    def has(self, field: str) -> bool:
        return self.values.get(field) is not None

    def text(self, field: str, choices: tuple[str, ...] = ()) -> str | None:
        value = self.values.get(field)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise bad(self.name(field), "must be a string")
        if choices and value not in choices:
            raise bad(self.name(field), f"must be one of {', '.join(choices)}")
        return value

    def needed(self, field: str, choices: tuple[str, ...] = ()) -> str:
        value = self.text(field, choices)
        if value is None:
            raise bad(self.name(field), "is required")
        return value

    def integer(self, field: str) -> int | None:
        value = self.values.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MAX_INT:
            raise bad(self.name(field), "must be a whole number of seconds")
        return value

    def flag(self, field: str) -> bool | None:
        value = self.values.get(field)
        if value is not None and not isinstance(value, bool):
            raise bad(self.name(field), "must be true or false")
        return value

    def texts(self, field: str, limit: int, choices: tuple[str, ...] = ()) -> list[str]:
        value = self.values.get(field)
        if value is None:
            return []
        if not isinstance(value, list) or any(not isinstance(one, str) for one in value):
            raise bad(self.name(field), "must be a list of strings")
        if len(value) > limit:
            raise bad(self.name(field), f"may hold {limit} entries at most")
        if choices and any(one not in choices for one in value):
            raise bad(self.name(field), f"may hold {', '.join(choices)} only")
        return list(value)

    def object(self, field: str) -> Fields | None:
        value = self.values.get(field)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise bad(self.name(field), "must be an object")
        return Fields(value, self.name(field))

    def objects(self, field: str, limit: int) -> list[Fields]:
        value = self.values.get(field)
        if value is None:
            return []
        if not isinstance(value, list) or any(not isinstance(one, dict) for one in value):
            raise bad(self.name(field), "must be a list of objects")
        if len(value) > limit:
            raise bad(self.name(field), f"may hold {limit} entries at most")
        return [Fields(one, f"{self.name(field)}[{at}]") for at, one in enumerate(value)]

    def window(self, field: str) -> Window:
        """The half-open time window `<field>_ge` … `<field>_lt`."""
        ge, lt = self.integer(f"{field}_ge"), self.integer(f"{field}_lt")
        if ge is not None and lt is not None and ge >= lt:
            raise bad(self.name(f"{field}_ge"), f"must be smaller than {field}_lt")
        return ge, lt


def read_body(raw: bytes, content_type: str) -> Fields:
    """The body as an object; no body is an empty one. Raises 36009022 when it is not JSON."""
    if not raw.strip():
        return Fields({})
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type != "application/json":
        raise ApiError(BAD_BODY_FORMAT, "body format must be application/json or multipart/form-data")
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise ApiError(BAD_BODY_FORMAT, "body is not valid JSON") from error
    if value == []:
        return Fields({})
    if not isinstance(value, dict):
        raise bad("body", "must be a JSON object")
    return Fields(value)

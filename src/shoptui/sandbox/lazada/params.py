"""Reading parameters from all five places clients put them in (section 1), and their values strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from typing import Any

from ..reading import decoded, is_digits
from .codes import ILLEGAL, NULL_PARAMETER, ResultError, invalid, missing

_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


def gather(query: str, content_type: str, body: bytes) -> dict[str, str]:
    """Every text parameter of a request, decoded; the query wins over the body. Raises ApiError for a broken body."""
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        pairs: list[tuple[str, str]] = []
    elif kind == "multipart/form-data":
        pairs = _multipart(content_type, body)
    elif kind == "application/json":
        pairs = _flat_json(body)
    else:
        pairs = decoded(body.decode("utf-8", "replace"))
    return dict(pairs) | dict(decoded(query))


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """The text parts; files do not count as parameters and are not signed."""
    message = message_from_bytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body, policy=HTTP)
    if not message.is_multipart():
        raise invalid("body", "the multipart body has no parts")
    found: list[tuple[str, str]] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str) or part.get_filename() is not None:
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            found.append((name, content.decode("utf-8", "replace")))
    return found


def _flat_json(body: bytes) -> list[tuple[str, str]]:
    """The fields of a JSON object; scalars that are no strings count as their JSON text."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise invalid("body", "it is not valid JSON") from error
    if not isinstance(value, dict):
        raise invalid("body", "it must be a JSON object")
    return [(name, one if isinstance(one, str) else _compact(one)) for name, one in value.items()]


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Params:
    """The text parameters of a call."""

    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """The value, empty when there is none."""
        return self.values.get(name, "")

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def number(self, name: str) -> str:
        """A required id, as text. Raises ApiError."""
        value = self.needed(name)
        if not is_digits(value):
            raise invalid(name, "it must be a whole number")
        return value

    def flag(self, name: str) -> bool:
        """A required boolean; numbers and text are both understood."""
        value = self.needed(name).lower()
        if value not in _TRUE | _FALSE:
            raise invalid(name, "it must be true or false")
        return value in _TRUE

    def ids(self, name: str) -> list[str] | None:
        """The ids of an array parameter such as `[1,2]`; None when it is not in that form."""
        try:
            value = json.loads(self.needed(name))
        except ValueError:
            return None
        if not isinstance(value, list) or not value:
            return None
        found = [_id(one) for one in value]
        return None if any(one is None for one in found) else [one for one in found if one is not None]

    def request(self, name: str) -> Fields:
        """The one JSON object of a fulfilment call. Raises ApiError when absent, ResultError when it is none."""
        try:
            value = json.loads(self.needed(name))
        except ValueError as error:
            raise ResultError(ILLEGAL, f"illegal param: {name} is not valid JSON") from error
        if not isinstance(value, dict):
            raise ResultError(ILLEGAL, f"illegal param: {name} must be a JSON object")
        return Fields(value)


@dataclass(frozen=True, slots=True)
class Fields:
    """An object inside a fulfilment parameter; what is wrong with it is told in the call's `result`."""

    values: Mapping[str, Any]

    def text(self, name: str, choices: tuple[str, ...] = ()) -> str:
        """The value, empty when there is none. Raises ResultError."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or (value and choices and value not in choices):
            expected = f"one of {', '.join(choices)}" if choices else "text"
            raise ResultError(ILLEGAL, f"illegal param: {name} must be {expected}")
        return value

    def needed(self, name: str, choices: tuple[str, ...] = ()) -> str:
        if self.values.get(name) in (None, ""):
            raise ResultError(NULL_PARAMETER, f"null param: {name}")
        return self.text(name, choices)

    def flag(self, name: str) -> bool:
        value = self.values.get(name, False)
        if str(value).lower() not in _TRUE | _FALSE:
            raise ResultError(ILLEGAL, f"illegal param: {name} must be a boolean")
        return str(value).lower() in _TRUE

    def id(self, name: str) -> str:
        """A required id; numbers and digits in text are both understood. Raises ResultError."""
        if self.values.get(name) is None:
            raise ResultError(NULL_PARAMETER, f"null param: {name}")
        found = _id(self.values[name])
        if found is None:
            raise ResultError(ILLEGAL, f"illegal param: {name} must be a number")
        return found

    def ids(self, name: str) -> list[str]:
        """A required, filled list of ids, each once. Raises ResultError."""
        value = self.values.get(name)
        if not isinstance(value, list) or not value:
            raise ResultError(NULL_PARAMETER, f"null param: {name}")
        found = [_id(one) for one in value]
        if any(one is None for one in found):
            raise ResultError(ILLEGAL, f"illegal param: {name} must hold numbers")
        return list(dict.fromkeys(one for one in found if one is not None))

    def objects(self, name: str, limit: int, too_many: str) -> list[Fields]:
        """A required, filled list of objects. Raises ResultError, for more than `limit` with the code `too_many`."""
        value = self.values.get(name)
        if not isinstance(value, list) or not value:
            raise ResultError(NULL_PARAMETER, f"null param: {name}")
        if len(value) > limit:
            raise ResultError(too_many, f"{name} may have {limit} entries at most")
        if any(not isinstance(one, dict) for one in value):
            raise ResultError(ILLEGAL, f"illegal param: {name} must hold objects")
        return [Fields(one) for one in value]


def _id(value: Any) -> str | None:
    """An id as text, from a JSON number or digits; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    return value if isinstance(value, str) and is_digits(value) else None

"""Reads usual answers several times as fast as their models do, by readers made from the models."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, TypeVar, cast

import msgspec
from pydantic import BaseModel

from shoptui.adapters.records import OFTEN

ModelT = TypeVar("ModelT", bound=BaseModel)
_Schema = Mapping[str, Any]

_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
#: What may stand in a schema without changing what is read.
_ASIDE = frozenset({"type", "metadata", "ref"})


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a value is read: `accepts` is what msgspec takes.

    Of what it took, values of the type `usual` and None are right. All others go through `take`, which raises
    ValueError for what only the model can judge; without `take` everything is right.
    """

    accepts: Any
    usual: type | None = None
    take: Callable[[Any], Any] | None = None


def read_record(model: type[ModelT], body: bytes) -> ModelT:
    """What a body of JSON holds, as its model reads it. Raises pydantic's ValidationError.

    Where every value is of a type that is expected there, the body is read in one go into an object that has the
    model's attributes, though it is none of its instances. Otherwise the model itself reads all of it.
    """
    found = read_usual(model, body)
    return model.model_validate_json(body) if found is None else found


def read_usual(model: type[ModelT], body: bytes) -> ModelT | None:
    """The same without the model's help: None for a body with anything unusual."""
    try:
        return cast(ModelT, _decoder(model).decode(body))
    except (ValueError, RecursionError):
        return None


def as_read(value: Any) -> Any:
    """A record's fields by name, in plain lists and dictionaries, whichever way it was read."""
    match value:
        case BaseModel():
            return value.model_dump()
        case msgspec.Struct():
            return {name: as_read(getattr(value, name)) for name in value.__struct_fields__}
        case list():
            return [as_read(each) for each in value]
        case _:
            return value


@lru_cache(None)
def _decoder(model: type[BaseModel]) -> msgspec.json.Decoder[Any]:
    """Raises TypeError for a model with something that only pydantic knows how to read."""
    model.model_rebuild()
    return msgspec.json.Decoder(_Maker().kind(model.__pydantic_core_schema__).accepts)


class _Maker:
    """Makes the kinds of one schema; a model that it names several times is made once."""

    def __init__(self) -> None:
        self._named: dict[str, _Schema] = {}
        self._made: dict[type, type] = {}

    def kind(self, schema: _Schema) -> _Kind:
        """What the schema says, for the types that come as a rule. Raises TypeError."""
        match schema["type"]:
            case "definitions":
                self._named.update((each["ref"], each) for each in schema["definitions"])
                return self.kind(schema["schema"])
            case "definition-ref":
                return self.kind(self._named[schema["schema_ref"]])
            case "default":
                _only(schema, "schema", "default", "on_error")
                return self.kind(schema["schema"])
            case "nullable":
                _only(schema, "schema")
                inner = self.kind(schema["schema"])
                return _Kind(inner.accepts | None, inner.usual, inner.take)
            case "model":
                return _Kind(self._model(schema))
            case "list":
                _only(schema, "items_schema", "min_length")
                item = self.kind(schema["items_schema"])
                if item.take is None:
                    listed: Any = list[item.accepts]  # type: ignore[name-defined]
                    return _Kind(Annotated[listed, msgspec.Meta(min_length=schema.get("min_length"))])
            case "any":
                _only(schema)
                return _Kind(Any)
            case "bool":
                _only(schema)
                digit = Annotated[int, msgspec.Meta(ge=0, le=1)]
                return _Kind(bool | digit, bool, bool) if _often(schema) is int else _Kind(bool)
            case "int":
                _only(schema, "ge", "lt")
                return _Kind(Annotated[int, msgspec.Meta(ge=schema.get("ge", _INT_MIN), lt=schema.get("lt", _INT_MAX))])
            case "str":
                return _text(schema, _often(schema))
            case "union":
                return _name(schema)
            case "function-before":
                return _mended(schema)
        raise TypeError(f"a schema of type {schema['type']} cannot be read quickly")

    def _model(self, schema: _Schema) -> type:
        model = schema["cls"]
        if model not in self._made:
            self._made[model] = self._struct(model.__name__, schema["schema"]["fields"])
        return self._made[model]

    def _struct(self, name: str, fields: Mapping[str, _Schema]) -> type:
        told: list[Any] = []
        on_the_wire: dict[str, str] = {}
        unfinished: list[tuple[str, _Kind]] = []
        for field, each in fields.items():
            schema = each["schema"]
            kind = self.kind(schema)
            alias = each.get("validation_alias", field)
            if not isinstance(alias, str):
                raise TypeError(f"{field} has several names and cannot be read quickly")
            on_the_wire[field] = alias
            default = (schema["default"],) if schema["type"] == "default" else ()
            told.append((field, kind.accepts, *default))
            if kind.take is not None:
                unfinished.append((field, kind))
        finish = {"__post_init__": _finisher(unfinished)} if unfinished else None
        # Trees of records have no circles that a collector would have to look for.
        return msgspec.defstruct(name, told, kw_only=True, gc=False, rename=on_the_wire, namespace=finish)


def _finisher(fields: list[tuple[str, _Kind]]) -> Callable[[Any], None]:
    steps = [(name, kind.usual, kind.take) for name, kind in fields if kind.take is not None]

    def finish(record: Any) -> None:
        for name, usual, take in steps:
            value = getattr(record, name)
            if type(value) is not usual and value is not None:
                setattr(record, name, take(value))

    return finish


def _text(schema: _Schema, often: object) -> _Kind:
    """A text; where whole numbers often come instead, also these, as texts."""
    _only(schema, "pattern", "min_length", "max_length", "strict")
    meta = msgspec.Meta(
        pattern=_anchored(schema), min_length=schema.get("min_length"), max_length=schema.get("max_length")
    )
    text = Annotated[str, meta]
    if often is not int:
        return _Kind(text, str)
    fits = _fits(schema)
    if not all(fits(str(number)) for number in (_INT_MIN, -1, 0, 1, _INT_MAX)):
        raise TypeError("numbers that may not be texts cannot be read quickly")
    return _Kind(text | Annotated[int, msgspec.Meta(ge=_INT_MIN, le=_INT_MAX)], str, str)


def _name(schema: _Schema) -> _Kind:
    """An id: a text of a pattern, or a whole number whose digits are one."""
    match schema["choices"]:
        case [{"type": "str", "strict": True, "pattern": pattern} as text, {"type": "chain", "steps": steps}]:
            if [step["type"] for step in steps] == ["int", "str"] and steps[1]["pattern"] == pattern:
                return _text(text, _often(schema))
    raise TypeError("these choices cannot be read quickly")


def _mended(schema: _Schema) -> _Kind:
    """What a function sees before it counts as a text. It is not shown None, which has to stay None."""
    _only(schema, "function", "schema")
    function, inner = schema["function"]["function"], schema["schema"]
    accepts: Any = str | int | float | list[Any]
    if inner["type"] == "nullable":
        accepts, inner = accepts | None, inner["schema"]
    if schema["function"]["type"] != "no-info" or inner["type"] != "str":
        raise TypeError(f"what {function} mends cannot be read quickly")
    _only(inner, "min_length", "max_length", "pattern")
    fits = _fits(inner) if inner.keys() - _ASIDE else None

    def take(value: object) -> str:
        mended = function(value)
        text = mended if type(mended) is str else _number_text(mended)
        if fits is not None and not fits(text):
            raise ValueError("left to the model")
        return text

    return _Kind(accepts, None, take)


def _number_text(value: object) -> str:
    if type(value) not in (int, float):
        raise ValueError("left to the model")
    return str(value)


def _fits(schema: _Schema) -> Callable[[str], bool]:
    """Whether the schema allows a text."""
    least, most = schema.get("min_length", 0), schema.get("max_length", sys.maxsize)
    anchored = _anchored(schema)
    matches = (lambda text: True) if anchored is None else re.compile(anchored).match
    return lambda text: least <= len(text) <= most and bool(matches(text))


def _anchored(schema: _Schema) -> str | None:
    """The pattern of the whole text: here `$` would pass over the end of a last line."""
    pattern = schema.get("pattern")
    if pattern is None:
        return None
    if not (pattern.startswith("^") and pattern.endswith("$")):
        raise TypeError(f"the pattern {pattern} cannot be read quickly")
    return rf"\A{pattern[1:-1]}\Z"


def _often(schema: _Schema) -> object:
    return schema.get("metadata", {}).get(OFTEN)


def _only(schema: _Schema, *known: str) -> None:
    """Raises TypeError where a schema asks for more than is known here."""
    if more := schema.keys() - _ASIDE - set(known):
        raise TypeError(f"a schema with {', '.join(sorted(more))} cannot be read quickly")

"""What marketplaces' JSON records are read with: lenient about what we do not need, strict about what we do."""

from __future__ import annotations

import json
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema, from_json

from shoptui.adapters.amounts import exact_json
from shoptui.text import sanitise_cell


class NoneOnError:
    """A field we can do without: what cannot be read counts as absent instead of spoiling the record."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")


#: Where a schema's metadata say what type often comes instead of the one that is wanted.
OFTEN = "often"


class Often:
    """A value that often comes as another type, so that quick readers are made for it too."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        return cast(CoreSchema, {**schema, "metadata": {**schema.get("metadata", {}), OFTEN: self._kind}})


#: From here on the text of a double need not have all digits of the number it was read from.
_INEXACT_FROM = 10**13


def _exact(value: Any) -> Any:
    if isinstance(value, float) and not -_INEXACT_FROM < value < _INEXACT_FROM:
        raise ValueError("a fraction too large to be read exactly")
    return value


# Later than this is no second any more but a millisecond by mistake.
YEAR_3000 = 32_503_680_000

#: Ids are decimal digits by the documents; anything else that cannot disturb a path or a terminal is let through.
ID_PATTERN = r"^[0-9A-Za-z_-]{1,64}$"


class _Named:
    """A text of this pattern, or a whole number as one. A fraction is none: readers differ in what they make of 5.0."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(pattern=self._pattern, strict=True)
        number = core_schema.str_schema(pattern=self._pattern, coerce_numbers_to_str=True)
        whole = core_schema.chain_schema([core_schema.int_schema(strict=True), number])
        return core_schema.union_schema(
            [text, whole],
            mode="left_to_right",
            custom_error_type="id",
            custom_error_message="Id should be a whole number or match pattern '{pattern}'",
            custom_error_context={"pattern": self._pattern},
        )


Id = Annotated[str, _Named(ID_PATTERN)]
#: The same where it nearly always comes as a number.
NumberedId = Annotated[Id, Often(int)]
OptionalId = Annotated[str, _Named(r"^[0-9A-Za-z_-]{0,64}$")] | None
Seconds = Annotated[int, Field(ge=-1, lt=YEAR_3000)]
Deadline = Seconds | None
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Text = Annotated[str | None, NoneOnError()]
#: A text that nearly always comes as a number, such as a buyer's.
NumberedText = Annotated[Annotated[str, Often(int)] | None, NoneOnError()]
Yes = Annotated[bool | None, NoneOnError()]
#: The same where it comes as 0 or 1.
DigitYes = Annotated[Annotated[bool, Often(int)] | None, NoneOnError()]
Number = Annotated[int | None, NoneOnError()]
Moment = Annotated[Seconds | None, NoneOnError()]
#: An amount that may come as text or as a number. A fraction that was read quickly is a double; its shortest text is
#: the number that was sent while that has no more than 15 digits, so larger ones are refused instead of rounded.
EXACT = BeforeValidator(_exact)
AmountText = Annotated[str, EXACT]


class Wire(BaseModel):
    """Unknown fields are ignored; ids that come as numbers are read as strings.

    A validator is built when its model first meets a record: an engine starts without those of calls it never makes.
    """

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, defer_build=True)


def read_json(body: bytes, *, exact: bool = False) -> Any:
    """What an answer holds. Raises ValueError for what is no JSON.

    Stray bytes and halves of surrogate pairs, from emoji that were cut off in buyers' notes, become U+FFFD instead of
    costing the answer. `exact`: numbers with a fraction come as decimals with every digit, which takes longer.
    """
    if not exact:
        try:
            return from_json(body)
        except ValueError:
            # The quick reader takes neither; nearly no answer has any.
            pass
    text = body.decode("utf-8", "replace")
    try:
        raw = exact_json(text) if exact else json.loads(text)
        return _mended(raw) if "\\ud" in text or "\\uD" in text else raw
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _mended(raw: Any) -> Any:
    """The same with whole characters alone."""
    match raw:
        case str():
            return raw.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case list():
            return [_mended(each) for each in raw]
        case dict():
            return {_mended(name): _mended(value) for name, value in raw.items()}
        case _:
            return raw


def what_is_wrong(error: ValidationError) -> str:
    """The first fault in words, by field, without the value (it may be a buyer's)."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(step) for step in fault["loc"]) or "the whole"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return sanitise_cell(f"{where}: {fault['msg']}{more}", limit=200)

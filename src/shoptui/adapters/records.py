"""What marketplaces' JSON records are read with: lenient about what we do not need, strict about what we do."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

from shoptui.text import sanitise_cell


class NoneOnError:
    """A field we can do without: what cannot be read counts as absent instead of spoiling the record."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")


# Later than this is no second any more but a millisecond by mistake.
YEAR_3000 = 32_503_680_000

#: Ids are decimal digits by the documents; anything else that cannot disturb a path or a terminal is let through.
ID_PATTERN = r"^[0-9A-Za-z_-]{1,64}$"

Id = Annotated[str, Field(pattern=ID_PATTERN)]
OptionalId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{0,64}$")] | None
Seconds = Annotated[int, Field(ge=-1, lt=YEAR_3000)]
Deadline = Seconds | None
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Text = Annotated[str | None, NoneOnError()]
Yes = Annotated[bool | None, NoneOnError()]
Number = Annotated[int | None, NoneOnError()]
Moment = Annotated[Seconds | None, NoneOnError()]


class Wire(BaseModel):
    """Unknown fields are ignored; ids that come as numbers are read as strings.

    A validator is built when its model first meets a record: an engine starts without those of calls it never makes.
    """

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, defer_build=True)


def what_is_wrong(error: ValidationError) -> str:
    """The first fault in words, by field, without the value (it may be a buyer's)."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(step) for step in fault["loc"]) or "the whole"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return sanitise_cell(f"{where}: {fault['msg']}{more}", limit=200)

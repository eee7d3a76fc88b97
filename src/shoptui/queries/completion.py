"""What may follow what is typed in a filter: names of fields, the words of a field, the names of stores."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoptui.domain.records import dataclass
from shoptui.queries.field_reading import FieldTable

_STORE = "store"


@dataclass(frozen=True, slots=True)
class Completion:
    """What was typed with as much behind it as is sure, and the words it may go on with where there are several."""

    text: str
    choices: tuple[str, ...] = ()


#: Completes what is typed in a filter.
Complete = Callable[[str], Completion]


def completed(typed: str, fields: FieldTable, stores: Sequence[str]) -> Completion:
    """Complete the last condition of a filter; within quotes and where nothing is known it stays as it is."""
    if typed.count('"') % 2:
        return Completion(typed)
    begins = 1 + max(typed.rfind(sign) for sign in " (|")
    condition = typed[begins:].removeprefix("-")
    name, colon, values = condition.partition(":")
    if not colon:
        part, words = name, [f"{known}:" for known in fields.names]
    else:
        field = fields.named(name)
        part = values.rpartition(",")[2]
        words = [] if field is None else list(stores) if field.value == _STORE else list(fields.words(field))
    found = tuple(word for word in words if word.casefold().startswith(part.casefold()))
    if not found:
        return Completion(typed)
    sure = min(found, key=len)
    while not all(word.startswith(sure) for word in found):
        sure = sure[:-1]
    text = typed[: len(typed) - len(part)] + (sure if len(sure) > len(part) else part)
    if len(found) > 1:
        return Completion(text, found)
    return Completion(text if not colon else f"{text} ")
